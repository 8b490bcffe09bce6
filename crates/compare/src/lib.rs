//! Differences between anything mapped: on all cores, at the speed of memory, without a slice of live
//! memory.
//!
//! Make a [`Compare`] of two maps, and call [`first`](Compare::first), [`count`](Compare::count),
//! [`differences`](Compare::differences) or [`aligned`](Compare::aligned). Each says also what could not be
//! read.
//!
//! Programs depend on the facade, package `memmap-rs`, which has this as `memmap::compare`.
//!
//! The modules follow the data: a pair of ranges is divided into segments, where both are data or holes; a
//! kernel finds the bytes of a block that differ; threads compare blocks in parallel, and their results are
//! taken in order.

#![forbid(unsafe_code)]

mod difference;
mod pair;
mod extents;
mod segments;
mod kernel;
mod block;
mod job;
mod differences;
mod compare;
mod aligned;

pub use compare::Compare;
pub use difference::{Compared, Difference, DifferenceKind, NotCompared, Side};
pub use differences::Differences;
