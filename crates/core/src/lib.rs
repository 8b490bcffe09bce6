//! The contract of memmap.
//!
//! A mapping is bytes plus a promise about who may change them, and the type says which promise.
//! This crate holds that idea without knowing any operating system: what may be asked
//! ([`MapOptions`]), what was granted ([`Request`]), what a backend and a mapping are ([`Backend`],
//! [`Mapping`]), the owner that users hold ([`MemMap`]) and everything that can go wrong
//! ([`Error`]). It contains no `unsafe` code.
//!
//! Programs depend on the facade, package `memmap-rs`, which names the operating system's mapping.
//! Depend on this crate to write a backend or a plug-in mapping; turn on the feature `testing` for
//! the fake backend and the laws every backend keeps.
//!
//! The modules follow the data: options → request → range → backend → mapping → map.

#![forbid(unsafe_code)]
#![warn(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod mode;
mod options;
mod request;
mod range;
mod backend;
mod mapping;
mod map;
mod error;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use backend::{Allocate, Backend, DefaultBackend, FileKind, Found};
pub use error::{Error, ErrorKind, Op, Result};
pub use map::{MemMap, Unreadable};
pub use mapping::{Lend, LendMut, Mapping, Partial, copy_lent};
pub use mode::Mode;
pub use options::MapOptions;
pub use range::{checked, place, widen};
pub use request::Request;
