//! Safe memory mapping.
//!
//! A mapping shows a file, or anonymous memory, *as memory*: lazily, without reading it whole. In this
//! crate a mapping is **bytes plus a promise about who may change them, and its type says which
//! promise**:
//!
//! | type | the bytes are | who may change them | reading | borrowing `&[u8]` |
//! |---|---|---|---|---|
//! | [`MemMap`] | a file that others may change | anyone, at any time | copied out and in | does not compile |
//! | [`FrozenMap`] | a file, or memory, *proved* unchanging | nobody | borrowed, or copied out | yes |
//! | [`RamMap`] | anonymous memory | only its owner | borrowed, or copied out | yes, and `&mut [u8]` |
//! | [`AnyMap`] | any of these, or a plug-in | unknown | copied out | does not compile |
//!
//! There are three ways to the bytes of a file:
//!
//! | way | needs | costs | when the file is cut short |
//! |---|---|---|---|
//! | **copy**: [`read_at`](Map::read_at), [`get`](Map::get), [`read_into`](Map::read_into) | nothing | a copy of what is asked | an error, which says which byte is gone |
//! | **read**: [`reader`](Map::reader), which is `Read`, `BufRead` and `Seek` | nothing | a copy; `BufRead` goes through 64 KiB | an `io::Error` with ours inside |
//! | **borrow**: [`FrozenMap::open`], which is a `&[u8]` | a proof; first touch holds for any regular file (Linux, Windows) | the memory of what is touched | bytes that were seen stay; others are lost: [`OnLostPage`](proof::OnLostPage) |
//!
//! A fourth is [`assume_frozen`](proof::AssumeFrozen): what memmap2 does, `unsafe`, and held by nothing but the
//! caller's promise.
//!
//! **A system call does not touch.** [First touch](Proofs::first_touch) reads a page when code first reads it; a system
//! call that is passed a page which nobody has touched fails (`EFAULT`, "Bad address"). So
//! `File::write_all(&frozen)` and `fs::write(path, &frozen)` fail, and may have written a part by then. What touches
//! first: [`write_to`](Map::write_to), `to_bytes` (feature `bytes`, for sockets),
//! `io::copy(&mut frozen.reader(), …)`, and [`prefault`](Map::prefault).
//!
//! Start with [`MemMap::open`] and one of numpy's modes:
//!
//! | [`Mode`] | the file | writes |
//! |---|---|---|
//! | `Read`, `r` | must exist | are errors |
//! | `ReadWrite`, `r+` | must exist; extended on request | reach the file |
//! | `Create`, `w+` | is made or replaced, or emptied with `in_place` | reach the file |
//! | `CopyOnWrite`, `c` | must exist | stay in this map |
//!
//! Positions and lengths in mapped data are `u64`; buffers are `usize`. The API has no pointers, file
//! descriptors or constants of an operating system.
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
//! Writing, and making it durable:
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
//! use memmap::{FrozenMap, Proofs};
//!
//! # let path = std::env::temp_dir().join(format!("memmap-prove-{}", std::process::id()));
//! # std::fs::write(&path, "a line\nanother\n")?;
//! // On Linux and Windows `FrozenMap::open(&path)` does. Elsewhere a copy is the proof that holds for every file.
//! let frozen = FrozenMap::open_with(&path, Proofs::any().snapshot_up_to(1 << 20))?;
//! let text: &str = std::str::from_utf8(&frozen)?;
//! assert_eq!(text.lines().count(), 2);
//! # drop(frozen);
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `docs/what-does-not-compile.md` lists what the compiler refuses, and why.

#![forbid(unsafe_code)]

mod native;
mod schemes;

#[cfg(feature = "array")]
pub mod array;
pub mod explain;
#[cfg(feature = "expose")]
#[doc(hidden)]
pub mod expose;
pub mod io;
pub mod kernel;
pub mod plugin;
pub mod proof;

use std::path::Path;

#[doc(hidden)]
pub use memmap_core::widen;
pub use memmap_core::{
    Advice, Cancel, CancelOnDrop, Error, ErrorKind, Extent, Mode, NotProven, Partial, Progress,
    Proofs, Refused, Region, Result, Unreadable,
};

/// Plain data: the types that [`MemMap::get`](Map::get) accepts, and byte orders.
///
/// A derive in another crate needs the path of this one:
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

/// Search and statistics of anything mapped, on all cores: patterns, scans and their results.
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

/// Differences between anything mapped, on all cores: at the same offsets, or aligned where bytes were
/// inserted or deleted.
///
/// ```
/// use memmap::{RamMap, compare::Compare};
///
/// let old = RamMap::new(1 << 16)?;
/// let mut new = RamMap::new(1 << 16)?;
/// new[40_000..40_004].copy_from_slice(b"PK\x03\x04");
/// let differences: Vec<_> = Compare::new(&old, &new).differences()?.map(|it| it.a).collect();
/// assert_eq!(differences, [40_000..40_004]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "compare")]
pub use memmap_compare as compare;
#[cfg(feature = "edit")]
pub mod edit;

#[cfg(feature = "remote")]
pub mod object;
#[cfg(feature = "process")]
pub mod process;

#[cfg(feature = "unpack")]
pub mod unpack;

/// The owner of a mapping with any promise. Use this name in code that accepts all of them, as `fn
/// sum<M: Mapping>(map: &Map<M>)`.
pub use memmap_core::Map;

/// A file mapped as memory. Anyone may change its bytes at any time, so they are copied out and in.
pub type MemMap = Map<plugin::Live>;

/// Options for mapping a file, or for opening what a plug-in provides.
pub type MapOptions<O = plugin::Files> = memmap_core::MapOptions<O>;

/// The bytes of a mapped file, shared by many threads.
pub type SharedCells<'a> = memmap_core::SharedCells<'a, plugin::Live>;

/// Bytes that nobody can change. They can be borrowed as `&[u8]`, and are cheap to clone and to slice.
pub type FrozenMap = Map<plugin::Frozen>;

/// Anonymous memory with one owner. It can be borrowed as `&[u8]` and `&mut [u8]`.
pub type RamMap = Map<plugin::Ram>;

/// A map with any promise, or a plug-in, as one type. [`erase`](Map::erase) makes it.
pub type AnyMap = Map<Box<dyn plugin::Mapping>>;

/// Explains how the file at `path` can be mapped and what prevents it: its file system, its holes, how
/// much of it is in memory, the limits that matter, and warnings.
///
/// It makes and changes nothing. Sources that cannot be mapped are explained too: a directory, a pipe, a
/// file of `/proc`. Pipes, sockets and character devices are not opened, so nothing blocks. `lazyhex
/// info` prints the same text as the result's `Display`.
///
/// # Errors
/// [`ErrorKind::NotFound`], [`ErrorKind::PermissionDenied`] if this user may not even look at the path,
/// and [`ErrorKind::Os`] for any other error of the system. Each names the path. A file that this user
/// may not read is not an error: the explanation says that no mode maps it.
///
/// # Platform
/// On Linux the file system has its name, and limits come with their current use; elsewhere only with
/// their maximum. The file is mapped briefly to test whether it can be. Where opening it for writing has
/// side effects (layers, FUSE, devices), the result for mode `r+` comes from permissions instead. As
/// with any use of a file, locks of fcntl(2) that this process holds on it are lost.
///
/// # Cost
/// The file is opened a few times. There are two system calls for each run of data, and one for each 256
/// MiB of them. Each of the two queries stops after about a second, and [`Stored`](explain::Stored) and
/// [`Residency`](explain::Residency) then say so.
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
    memmap_core::explain(&plugin::Files::default(), path)
}

/// The examples of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// The examples of the guide to plug-ins, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/plugins.md")]
struct Plugins;

/// The examples of the guide to objects of servers, compiled.
#[cfg(all(doctest, feature = "remote"))]
#[doc = include_str!("../../../docs/remote.md")]
struct RemotePage;

/// Examples that must not compile.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/what-does-not-compile.md")]
struct WhatDoesNotCompile;
