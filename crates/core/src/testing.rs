//! Test support: a fake backend with faults on demand, and a disk whose power can be cut. The laws that every
//! mapping keeps are the crate `memmap-conformance`.

mod disk;
mod fake;
mod memory;

pub use disk::{
    At, Call, CallKind, Crashes, DiskFault, TestDisk, TestFile, TestFolder, TestLease, TestMap,
    Times, Unsynced,
};
pub use fake::{Fake, FakeBackend, Fault};
pub use memory::{FakeMemory, FakeRam};
