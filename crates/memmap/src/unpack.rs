//! Files packed with gzip or zstd: a mapping of the bytes in them, read-only, unpacked where they are read.
//! [`Unpacked`] says what that costs.
//!
//! # Examples
//! ```no_run
//! use memmap::unpack::Unpacked;
//! use memmap::{MemMap, Mode, Progress};
//!
//! let packed = MemMap::open("server.log.gz", Mode::Read)?;
//! let log = Unpacked::open(packed, &Progress::new())?;
//! let last = log.read_at(log.len().saturating_sub(100), 100)?;
//! # Ok::<(), memmap::Error>(())
//! ```

pub use memmap_unpack::*;
