//! What is done with bytes that attack: for fuzzing, and for a run of it without a fuzzer.

pub use crate::journal::attack::journal;
