//! Memory mapping that is safe.
//!
//! A mapping shows a file, or anonymous memory, *as memory*: lazily, without reading it whole. Here
//! it is **bytes plus a promise about who may change them, and the type says which promise**:
//!
//! | type | the bytes are | who may change them | reading | borrowing `&[u8]` |
//! |---|---|---|---|---|
//! | [`MemMap`] | a file, shared with the world | anyone, any time | copied out | does not compile |
//! | [`RamMap`] | anonymous memory | only its owner | borrowed, or copied out | yes, and `&mut [u8]` |
//! | [`AnyMap`] | any of these, or a plug-in | unknown | copied out | does not compile |
//!
//! Start with [`MemMap::open`]. Positions and lengths in mapped data are `u64`, buffers are
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
//! # What does not compile
//! The bytes of a live file cannot be borrowed, because anyone could change them behind the
//! reference:
//!
//! ```compile_fail,E0277
//! # use memmap::{MemMap, Mode};
//! let mm = MemMap::open("data.bin", Mode::Read).unwrap();
//! let bytes: &[u8] = mm.as_bytes();
//! ```
//!
//! Nor does it coerce into a slice, or index like one:
//!
//! ```compile_fail,E0308
//! # use memmap::{MemMap, Mode};
//! fn checksum(bytes: &[u8]) -> u64 {
//!     bytes.iter().map(|&byte| u64::from(byte)).sum()
//! }
//! let mm = MemMap::open("data.bin", Mode::Read).unwrap();
//! checksum(&mm); // copy it out with `read_at`, or hold it in a `RamMap`
//! ```
//!
//! Nothing borrowed outlives its map:
//!
//! ```compile_fail,E0505
//! # use memmap::RamMap;
//! let ram = RamMap::new(16).unwrap();
//! let bytes = ram.as_bytes();
//! ram.close().unwrap();
//! println!("{bytes:?}");
//! ```

#![forbid(unsafe_code)]

mod native;

pub use memmap_core::{
    Allocate, Backend, DefaultBackend, Error, ErrorKind, FileKind, Found, Lend, LendMut,
    MapOptions, Mapping, Mode, Op, Partial, Request, Result, Unreadable, checked, copy_lent, place,
    widen,
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

pub use memmap_anon::Ram;
pub use native::{FaultGuardStatus, Live, ensure_fault_guard, fault_guard_status};

/// The owner of a mapping, whatever its promise: the name for code that takes any of them, as
/// `fn sum<M: Mapping>(map: &Map<M>)`.
pub use memmap_core::MemMap as Map;

/// A mapped file. See [`Map`] for what it can do.
pub type MemMap = memmap_core::MemMap<Live>;

/// Anonymous memory. See [`Map`] for what it can do.
pub type RamMap = memmap_core::MemMap<Ram>;

/// A map whose promise was forgotten with [`erase`](Map::erase): any of these, or
/// a plug-in, as one type.
pub type AnyMap = memmap_core::MemMap<Box<dyn Mapping>>;

/// The examples of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
