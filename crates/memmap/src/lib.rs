//! Memory mapping that is safe.
//!
//! A mapping shows a file, or anonymous memory, *as memory*: lazily, without reading it whole. Here
//! it is **bytes plus a promise about who may change them, and the type says which promise**:
//!
//! | type | the bytes are | who may change them | reading | borrowing `&[u8]` |
//! |---|---|---|---|---|
//! | [`MemMap`] | a file, shared with the world | anyone, any time | copied out and in | does not compile |
//! | [`FrozenMap`] | a file, or memory, *proved* unchanging | nobody | borrowed, or copied out | yes |
//! | [`RamMap`] | anonymous memory | only its owner | borrowed, or copied out | yes, and `&mut [u8]` |
//! | [`AnyMap`] | any of these, or a plug-in | unknown | copied out | does not compile |
//!
//! Start with [`MemMap::open`], and numpy's modes:
//!
//! | [`Mode`] | the file | writes |
//! |---|---|---|
//! | `Read`, `r` | exists | are errors |
//! | `ReadWrite`, `r+` | exists; grows if asked to | reach the file |
//! | `Create`, `w+` | is made, or replaced; or emptied `in_place` | reach the file |
//! | `CopyOnWrite`, `c` | exists | stay in this map |
//!
//! Positions and lengths in mapped data are `u64`, buffers are
//! `usize`; no pointer, file descriptor or constant of an operating system is ever shown.
//!
//! # Examples
//! ```
//! use memmap::{MemMap, Mode, RamMap};
//!
//! # let path = std::env::temp_dir().join(format!("memmap-lib-{}", std::process::id()));
//! # std::fs::write(&path, vec![7; 8192])?;
//! let mm = MemMap::open(&path, Mode::Read)?;
//! let value: Vec<u8> = mm.read_at(128, 4)?; // copies 4 bytes; nothing else of the file is read
//! let magic: u32 = mm.get(1)?; // typed; unaligned is fine
//! # assert_eq!(magic, 0x07070707);
//! mm.close()?; // explicit: an error is returned, not lost
//!
//! let mut ram = RamMap::new(1 << 20)?; // no file: zeroed memory
//! ram[..4].copy_from_slice(&value);
//!
//! let part = MemMap::options().offset(1023).len(4096).open(&path)?; // any offset
//! assert_eq!(part.len(), 4096);
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Writing, and being sure of it:
//!
//! ```
//! use memmap::{MemMap, Mode};
//!
//! # let path = std::env::temp_dir().join(format!("memmap-write-{}", std::process::id()));
//! let mut counts = MemMap::options().mode(Mode::Create).len(800).open(&path)?;
//! counts.set(16, 7_u64)?;
//! let cells = counts.cells(); // `Copy + Send + Sync`: for many threads and processes
//! std::thread::scope(|scope| {
//!     for _ in 0..4 {
//!         scope.spawn(move || cells.fetch_add(16, 1_u64));
//!     }
//! });
//! assert_eq!(counts.get::<u64>(16)?, 11);
//! counts.sync(..)?; // on the device now
//! counts.resize(1600)?; // the file grows, with room on the disk reserved
//! counts.close()?; // syncs, and says if it could not
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Borrowing, with a proof:
//!
//! ```
//! use memmap::{MemMap, Mode, Proofs};
//!
//! # let path = std::env::temp_dir().join(format!("memmap-prove-{}", std::process::id()));
//! # std::fs::write(&path, "a line\nanother\n")?;
//! let mm = MemMap::open(&path, Mode::Read)?;
//! let frozen = mm.prove(Proofs::any().lease().snapshot_up_to(1 << 20))?;
//! let text: &str = std::str::from_utf8(&frozen)?; // no copy, unless a snapshot was the only proof
//! assert_eq!(text.lines().count(), 2);
//! # drop(frozen);
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What the compiler refuses, and why, is in `docs/what-does-not-compile.md`.

#![forbid(unsafe_code)]

mod native;

#[cfg(feature = "array")]
pub mod array;
pub mod explain;
pub mod io;
pub mod kernel;
pub mod plugin;
pub mod proof;

use std::path::Path;

#[doc(hidden)]
pub use memmap_core::widen;
pub use memmap_core::{
    Advice, Cancel, CancelOnDrop, Error, ErrorKind, Extent, Mode, NotProven, Partial, Progress,
    Proofs, Refused, Result, Unreadable,
};

/// Plain data: which types [`MemMap::get`](Map::get) takes, and byte orders.
///
/// Deriving for a type of one's own needs to know where this is:
///
/// ```
/// use memmap::{RamMap, zerocopy::{self, FromBytes}};
///
/// #[derive(FromBytes)]
/// #[zerocopy(crate = "memmap::zerocopy")]
/// #[repr(C)]
/// struct Point {
///     x: f32,
///     y: f32,
/// }
/// let point: Point = RamMap::new(64)?.get(3)?;
/// assert_eq!((point.x, point.y), (0.0, 0.0));
/// # Ok::<(), memmap::Error>(())
/// ```
pub use zerocopy;

/// Searching and summing up anything mapped, on all cores: patterns, and what scans answer.
///
/// ```
/// use memmap::{RamMap, scan::{Pattern, Scan}};
///
/// let mut ram = RamMap::new(1 << 16)?;
/// ram[40_000..40_004].copy_from_slice(b"PK\x03\x04");
/// let archive = Pattern::hex("50 4B 03 04")?;
/// let found = Scan::new(&ram).find_first(&archive)?;
/// assert_eq!(found.value.map(|found| found.offset), Some(40_000));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "scan")]
pub use memmap_scan as scan;

/// The owner of a mapping, whatever its promise: the name for code that takes any of them, as
/// `fn sum<M: Mapping>(map: &Map<M>)`.
pub use memmap_core::Map;

/// A file mapped as memory. Its bytes are copied out and in: anyone may change them at any time.
pub type MemMap = Map<plugin::Live>;

/// What is asked of a file, or of what a plug-in opens.
pub type MapOptions<B = native::System> = memmap_core::MapOptions<B>;

/// The bytes of a mapped file, for many threads at once.
pub type SharedCells<'a> = memmap_core::SharedCells<'a, plugin::Live>;

/// Bytes that nobody can change: borrowed as `&[u8]`, cheap to clone and to slice.
pub type FrozenMap = Map<plugin::Frozen>;

/// Anonymous memory with one owner: borrowed as `&[u8]` and `&mut [u8]`.
pub type RamMap = Map<plugin::Ram>;

/// A map whose promise was forgotten with [`erase`](Map::erase): any of these, or
/// a plug-in, as one type.
pub type AnyMap = Map<Box<dyn plugin::Mapping>>;

/// Looks at what is at `path`, and says how it could be mapped and what would be in the way: its
/// file system, its holes, how much of it is in memory, the limits that matter, and warnings.
///
/// It neither makes nor changes anything. What cannot be mapped is explained too: a directory, a
/// pipe, a file of `/proc`. Pipes, sockets and character devices are not opened, so nothing waits.
/// What it prints is what `lazyhex info` prints.
///
/// # Errors
/// [`ErrorKind::NotFound`], [`ErrorKind::PermissionDenied`] if this user may not even look, and
/// [`ErrorKind::Os`] for what else the system says; each names the path. A file that this user may
/// not read is no error: it is explained that no mode maps it.
///
/// # Platform
/// On Linux the file system is known by name, and the limits with what there is now; elsewhere only
/// with what there may be. The file is mapped to see whether it can be, and let go. Where opening it
/// for writing has effects of its own (layers, FUSE, devices), mode `r+` goes by permissions
/// instead. As by any use of a file, locks of fcntl(2) that this process holds on it are lost.
///
/// # Cost
/// Opening the file a few times; two system calls for each run of data, and one for 256 MiB of them,
/// broken off after about a second each, which [`Stored`](explain::Stored) and [`Residency`](explain::Residency) then say.
///
/// # Examples
/// ```
/// use memmap::{Mode, explain::FileKind};
///
/// # let path = std::env::temp_dir().join(format!("memmap-explain-{}", std::process::id()));
/// # std::fs::write(&path, [7; 100])?;
/// let explanation = memmap::explain(&path)?;
/// assert_eq!((explanation.kind, explanation.len), (FileKind::Regular, Some(100)));
/// assert!(explanation.verdict(Mode::Read).is_some_and(|verdict| verdict.is_possible()));
/// assert!(explanation.warnings().iter().any(|warning| warning.name() == "small-file"));
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn explain(path: impl AsRef<Path>) -> Result<explain::Explanation> {
    memmap_core::explain(&native::System, path)
}

/// The examples of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// What does not compile, tried.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/what-does-not-compile.md")]
struct WhatDoesNotCompile;
