//! A measurement.

use std::time::Duration;

/// One run of one engine.
pub(crate) struct Sample {
    pub(crate) time: Duration,
    /// Other measurements: the heading of the column, with the unit, and the number.
    pub(crate) notes: Vec<(&'static str, f64)>,
}
