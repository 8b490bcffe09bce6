//! The directory of a `.npz` file, which is a zip archive of `.npy` files.
//!
//! A member that `numpy.savez` stored is a range of the file, and can be mapped like a `.npy` file. A
//! compressed one is read into memory, with the feature `npz`, which also brings `Writer`.
//!
//! # Source
//! [`numpy.savez`](https://numpy.org/doc/stable/reference/generated/numpy.savez.html) ·
//! [APPNOTE](https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT), the zip format

mod cp437;
mod directory;
mod eocd;
mod central_header;
mod member;
mod source;
#[cfg(feature = "npz")]
mod writer;

pub use directory::Directory;
pub use member::{Member, Method};
#[cfg(feature = "npz")]
pub use writer::Writer;

pub(crate) use source::Source;

#[cfg(test)]
mod tests;
