//! An overlay against a vector of bytes, and savings on a disk whose power is cut.
#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::single_range_in_vec_init,
    clippy::too_many_lines,
    reason = "numbers of tests are small, and what belongs together is long"
)]

mod attacks;
mod beside;
mod crash;
mod extents;
mod faults;
mod model;
mod overlay;
mod promises;
mod saving;
mod sessions;
mod spool;
