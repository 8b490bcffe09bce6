//! Arrays in mapped files: what `numpy.memmap` does, without losing data.

#![forbid(unsafe_code)]

mod error;
mod order;
mod dtype;
mod literal;

pub use dtype::{ByteOrder, DType, Field, Fields, Kind, TimeUnit, Unit};
pub use error::{Error, ErrorKind, Result};
pub use order::Order;
