//! Arrays in mapped files: what `numpy.memmap` does, without losing data.

#![forbid(unsafe_code)]

mod order;
mod dtype;
mod py_literal;
pub mod npy;
pub mod npz;
mod shape;
mod slice;
mod layout;
mod complex;
mod element;
mod array;
mod value;
mod gather;
mod read;
mod take;
mod chunks;
mod untyped;
mod write;
mod untyped_write;
#[cfg(feature = "rayon")]
mod par_chunks;
#[cfg(feature = "ndarray")]
mod nd;
mod open_as;
mod open;
mod npy_file;
mod append;
mod npy_stream;
mod npz_file;
#[cfg(feature = "npz")]
mod npz_stream;
mod reduce;
mod error;

pub use array::{Array, Storage, StorageMut, Untyped, View, ViewMut};
pub use chunks::{Chunks, Iter};
pub use complex::Complex;
pub use dtype::{ByteOrder, DType, DTypeKind, Field, Fields, TimeUnit, Unit};
pub use element::Element;
pub use error::{Error, ErrorKind, Result};
pub use open::ArrayOptions;
pub use open_as::OpenAs;
pub use order::Order;
#[cfg(feature = "rayon")]
pub use par_chunks::ParChunks;
#[cfg(feature = "rayon")]
pub use reduce::par::Par;
pub use reduce::{Number, Ordered};
pub use shape::{IntoIndex, IntoShape};
pub use slice::{IntoSlices, Slice};
pub use untyped::Values;
pub use value::{Float, FloatWidth, Value};
