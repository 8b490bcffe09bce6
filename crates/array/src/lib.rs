//! Arrays in mapped files: what `numpy.memmap` does, without losing data.

#![forbid(unsafe_code)]

mod error;

pub use error::{Error, ErrorKind, Result};
