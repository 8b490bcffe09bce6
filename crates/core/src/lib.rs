//! The contract of memmap.
//!
//! A mapping is bytes plus a promise about who may change them, and its type says which promise. This
//! crate states that idea without any operating system: what can be requested ([`MapOptions`]), what opens
//! a source and what is opened ([`Opener`], [`Mapping`]), how files are opened ([`Files`]), what an operating
//! system does for that ([`Backend`]), the owner that users hold ([`Map`]) and everything that can go wrong
//! ([`Error`]). It contains no `unsafe` code.
//!
//! Programs depend on the facade, package `memmap-rs`, which names the operating system's mapping.
//! Depend on this crate to write a backend or a plug-in mapping. The feature `testing` adds the fake
//! backend and the laws that every backend keeps.
//!
//! [`touch`] is what the systems' backends share about bytes that are read when they are first touched.
//!
//! The modules follow the data: options → request → opener → range → backend → mapping → map, then the operations
//! of a map.

#![forbid(unsafe_code)]
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod mode;
mod fallback;
mod absolute;
mod origin;
mod identity;
mod request;
mod opener;
mod options;
mod files;
mod map_request;
mod atomic_file;
pub mod system;
mod range;
mod backend;
mod contract;
#[doc(hidden)]
pub mod disk;
mod empty;
mod advice;
mod extent;
mod region;
mod remote;
mod cancel;
mod progress;
mod mapping;
mod lend;
#[doc(hidden)]
pub mod expose;
mod share;
mod map;
mod read;
mod reader;
mod outcome;
mod fold;
mod write;
mod writer;
mod durable;
mod size;
mod residency;
mod paging;
mod live;
pub mod touch;
mod frozen;
#[cfg(feature = "bytes")]
mod to_bytes;
mod ram;
mod snapshot;
mod refused;
mod cells;
mod lock;
mod proof;
mod explain;
mod error;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use advice::Advice;
pub use atomic_file::Directory;
pub use backend::{Backend, FileIdentity, FileInfo, FileKind};
pub use cancel::{Cancel, CancelOnDrop};
pub use cells::SharedCells;
pub use contract::{Edits, FileHandle, Fixed, Lazy, Pages, Part, Place, System, View};
pub use error::{Error, ErrorKind, LimitKind, Obstacle, Op, Protection, Result};
pub use explain::{
    Access, Device, Explanation, FileSystem, FileSystemKind, Limit, Limits, Mappability, Partition,
    Residency, Stored, Warning, explain,
};
pub use extent::Extent;
pub use fallback::Fallback;
pub use files::Files;
#[doc(hidden)]
pub use files::OpenedFile;
pub use fold::Folded;
pub use frozen::Frozen;
pub use identity::Identity;
pub use lend::{Lend, LendMut, copy_into_lent, copy_lent, lent_in_place};
pub use live::{Live, require_resizable};
pub use lock::{LockKind, Locked};
pub use map::Map;
pub use map_request::{MapRequest, addressable};
pub use mapping::{Mapping, Partial};
pub use memmap_guard::simd::{Lane, SHAPE_LEN, Seen, Shape};
pub use memmap_guard::{
    AssumeFrozen, AtomicOp, BLOCK_LEN, Faulted, InPlace, Integer, Kernel, OnLostPage, PairKernel,
    ROUND_LEN, feed_blocks,
};
pub use mode::Mode;
pub use opener::Opener;
pub use options::MapOptions;
pub use origin::Origin;
pub use outcome::Outcome;
pub use progress::Progress;
pub use proof::{NotProven, Proof, ProofAvailability, ProofFailure, Proofs};
pub use ram::{Private, Ram};
#[doc(hidden)]
pub use range::bounded;
pub use range::{check, checked, place, widen, window};
pub use read::Unreadable;
pub use reader::Reader;
pub use refused::Refused;
pub use region::Region;
pub use remote::{Pinned, PinnedBy, Remote};
pub use request::Request;
pub use share::Share;
pub use writer::Writer;
