//! Arrays in mapped files: what `numpy.memmap` does, without losing data.

#![forbid(unsafe_code)]

mod order;
mod shape;
mod slice;
mod layout;
mod error;

pub use error::{Error, ErrorKind, Result};
pub use order::Order;
pub use shape::{IntoShape, Position};
pub use slice::{IntoSlices, Slice};
