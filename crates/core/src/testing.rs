//! Test support for backends and plug-ins: a fake with faults on demand, and the laws.
//!
//! A law is a function of this module, written once. The macros [`mapping_laws!`](crate::mapping_laws),
//! [`lending_laws!`](crate::lending_laws) and [`backend_laws!`](crate::backend_laws) run the laws on
//! every type of mapping.

mod fake;
mod memory;
pub mod laws;

pub use fake::{Fake, FakeBackend, Fault};
pub use memory::{FakeMemory, FakeRam};
