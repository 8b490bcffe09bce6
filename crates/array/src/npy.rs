//! The header of a `.npy` file, as bytes. Nothing in this module reads a file.
//!
//! | to | use |
//! |---|---|
//! | find out how many bytes to read | [`Preamble::parse`] of the first [`Preamble::LEN`] bytes |
//! | parse a header | [`Header::parse`] |
//! | create one | [`Header::new`], then [`Header::to_bytes`] |
//! | append rows to the file | [`Header::with_rows`] |
//!
//! # Source
//! [`numpy.lib.format`](https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html)

mod version;
mod preamble;
mod header;
mod read;
mod write;

pub use header::Header;
pub use preamble::Preamble;
pub use version::Version;

/// The default limit on the length of a header, in bytes. It is numpy's limit.
pub const DEFAULT_LIMIT: usize = 10_000;

#[cfg(test)]
mod tests;
