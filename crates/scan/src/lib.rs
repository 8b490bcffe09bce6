//! Search and statistics of anything mapped: on all cores, at the speed of memory, without a slice of
//! live memory.
//!
//! Make a [`Pattern`] and a [`Scan`] of a map, and call [`count`](Scan::count),
//! [`find_first`](Scan::find_first), [`find_iter`](Scan::find_iter), [`histogram`](Scan::histogram) and
//! others. Each returns an [`Outcome`], which also lists what could not be read.
//!
//! What comes once and in order, as from a pipe, is scanned by [`StreamScan`].
//!
//! Programs depend on the facade, package `memmap-rs`, which has this as `memmap::scan`.
//!
//! The modules follow the data: a pattern is compiled into a matcher; a range is divided into blocks; a
//! searcher finds the matches of a block, in place or in a copy; threads search blocks in parallel, and
//! their results are taken in order; the merger turns them into the matches of one sequential search.

#![forbid(unsafe_code)]

mod error;
mod number;
mod matcher;
mod pattern;
mod matched;
mod unreadable_ranges;
mod job;
mod blocks;
mod searcher;
mod hole_matches;
mod merge;
#[doc(hidden)]
pub mod ordered;
mod search;
mod byte_class;
mod runs;
mod scan;
mod stream;

pub use byte_class::ByteClass;
pub use error::PatternError;
pub use matched::Match;
pub use memmap_core::Outcome;
pub use number::Number;
pub use pattern::{Encoding, Pattern};
pub use runs::{Run, RunTotal};
pub use scan::{Histogram, Matches, Scan, Summary};
pub use stream::StreamScan;
