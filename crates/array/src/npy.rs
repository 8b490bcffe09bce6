//! The header of a `.npy` file: what stands before the data, as bytes. Nothing here reads a file.
//!
//! | to | use |
//! |---|---|
//! | know how many bytes to read | [`Preamble::parse`], of the first [`Preamble::LEN`] |
//! | understand a header | [`Header::parse`] |
//! | make one | [`Header::new`], then [`Header::to_bytes`] |
//! | let the array grow in its file | [`Header::with_rows`] |
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

/// How long a header may be where nothing else is said, in bytes. It is numpy's limit.
pub const DEFAULT_LIMIT: usize = 10_000;

#[cfg(test)]
mod tests;
