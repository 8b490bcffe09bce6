//! Test support: a fake backend with faults on demand. The laws that every mapping keeps are the crate
//! `memmap-conformance`.

mod fake;
mod memory;

pub use fake::{Fake, FakeBackend, Fault};
pub use memory::{FakeMemory, FakeRam};
