//! Searching and summing up anything mapped: on all cores, at the speed of memory, without a slice of
//! live memory.
//!
//! Make a [`Pattern`], make a [`Scan`] of a map, and ask: [`count`](Scan::count),
//! [`find_first`](Scan::find_first), [`find_iter`](Scan::find_iter), [`histogram`](Scan::histogram) and
//! others. Each answers with an [`Outcome`], which says what could not be read.
//!
//! Programs depend on the facade, package `memmap-rs`, which has this as `memmap::scan`.
//!
//! The modules follow the data: a pattern becomes an engine; a range becomes blocks; a cursor finds a
//! block's matches, in place or in a copy; blocks are searched by several threads and taken in order;
//! the stitcher makes of them what one search would have found.

#![forbid(unsafe_code)]

mod pattern;
mod engine;
mod matched;
mod gaps;
mod job;
mod blocks;
mod cursor;
mod zeros;
mod stitch;
mod ordered;
mod search;
mod scan;

pub use matched::Match;
pub use memmap_core::Outcome;
pub use pattern::{Encoding, Number, Pattern, PatternError};
pub use scan::{Histogram, Matches, Scan};
