//! Reading and locking: adapters between a map and code that works with files.

pub use memmap_core::{Fallback, Locked};
