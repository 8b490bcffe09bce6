//! The overlay against a vector of bytes.

mod model;
mod overlay;
mod saving;
