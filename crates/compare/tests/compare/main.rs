//! What a comparison finds, whatever the blocks, the threads, the holes and what cannot be read.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

mod aligned;
mod same_offsets;
mod source;
