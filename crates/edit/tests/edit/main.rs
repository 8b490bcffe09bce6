//! The overlay against a vector of bytes.

mod crash;
mod model;
mod overlay;
mod saving;
