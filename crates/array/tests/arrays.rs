//! Arrays over live files and over memory, held against naive models of them.

#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

#[path = "arrays/model.rs"]
mod model;

#[path = "arrays/views.rs"]
mod views;

#[path = "arrays/reductions.rs"]
mod reductions;

#[path = "arrays/axes.rs"]
mod axes;

#[path = "arrays/rows.rs"]
mod rows;

#[path = "arrays/untyped.rs"]
mod untyped;

#[path = "arrays/streams.rs"]
mod streams;

#[path = "arrays/failures.rs"]
mod failures;

#[path = "arrays/append.rs"]
mod append;

use memmap_anon::Ram;
use memmap_array::Array;
use memmap_core::Map;
#[cfg(unix)]
use memmap_posix::Live;
#[cfg(windows)]
use memmap_windows::Live;

type MemArray<T> = Array<T, Map<Live>>;
type RamArray<T> = Array<T, Map<Ram>>;
