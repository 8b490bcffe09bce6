//! Files packed with gzip or zstd, as read-only mappings of the bytes in them.
//!
//! [`Unpacked::open`] goes through the packed file once, as a job with progress that can be cancelled, and keeps
//! places from which unpacking can begin. A read then unpacks from the nearest such place, and no more than
//! [`Cost::distance`] bytes. How a file is gone through depends on it:
//!
//! | the packed file | opening | places to begin at | memory of the index |
//! |---|---|---|---|
//! | gzip, of one member or several | unpacks all of it, and checks every CRC-32 and length | a copy of the decompressor every 1 MiB, at greater distances in long files | 42 KiB for each place, at most 64 MiB |
//! | zstd with a seek table | reads the table | its frames | 24 bytes for each MiB |
//! | zstd without one | reads the headers of frames and blocks; unpacks frames that do not say their length | its frames | the same |
//!
//! A zstd frame can only be unpacked from its start, so one of more than [`FRAME_MAX`] unpacked bytes is refused, and
//! the error says what to do.
//!
//! # What is checked
//! No byte is returned before everything that says whether it is right has agreed, but for what follows. For gzip that is done
//! while opening; for zstd the frames of a block are unpacked to their ends when it is first read, and
//! their lengths and XXH64 checksums compared, those of the seek table, too. From then on each block has a CRC-32 of
//! ours, so that a packed file that changes meanwhile is an error, and never other bytes.
//!
//! A file that is damaged, or ends too early, has the bytes that could be unpacked while it was opened, and then one
//! more, which stands for what is missing: reading it is [`Damaged`](memmap_core::ErrorKind::Damaged), with the place and
//! the reason. Nothing vouches for the bytes of the member, or frame, that ends there. A frame of zstd that turns out to
//! be damaged when it is read is lost as a whole, with the blocks of 1 MiB that it reaches into.
//!
//! # Why these decompressors
//! Both are Rust without a C compiler. `miniz_oxide` has a decompressor that is plain data: a copy of it, with the last
//! 32 KiB, goes on from where the original was, also within a block of a bomb. zlib's own interface has places to begin at
//! only between blocks, and needs `unsafe` code here. `ruzstd` decodes about half as fast as the C library, verifies
//! checksums, and depends on one crate.
//!
//! # Examples
//! ```
//! use memmap_core::{Map, Progress, testing::Fake};
//! use memmap_unpack::Unpacked;
//!
//! // `printf hello | gzip -n`
//! let packed = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\x48\xcd\xc9\xc9\x07\0\x86\xa6\x10\x36\x05\0\0\0";
//! let map = Unpacked::open(Map::from_mapping(Fake::new(packed)), &Progress::new())?;
//! assert_eq!(map.read_at(1, 3)?, b"ell");
//! assert!(map.mapping().stopped().is_none());
//! # Ok::<(), memmap_core::Error>(())
//! ```

#![forbid(unsafe_code)]

mod packing;
mod source;
mod gzip;
mod zstd;
mod index;
mod cache;
mod unpacked;
#[cfg(feature = "testing")]
pub mod testing;

pub use index::INDEX_MAX;
pub use packing::{Needs, Offer, Packing};
pub use source::Damage;
pub use unpacked::{Cost, Unpacked};
pub use zstd::FRAME_MAX;

/// Bytes that are unpacked, verified and kept together.
const BLOCK_LEN: usize = 1 << 20;
