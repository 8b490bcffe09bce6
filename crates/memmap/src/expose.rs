//! The door for bindings to other languages. It is internal, and has no stability promise.

pub use memmap_core::expose::{Expose, Exposed, LostBytes, address};

pub use crate::native::Edited;
