//! What the tests of backends and plug-ins share: a fake with faults on demand, and the laws.
//!
//! A law is written once, as a function of this module, and run on every kind of mapping by
//! [`mapping_laws!`](crate::mapping_laws), [`lending_laws!`](crate::lending_laws) and
//! [`backend_laws!`](crate::backend_laws).

mod fake;
mod memory;
pub mod laws;

pub use fake::{Fake, FakeBackend, Fault};
pub use memory::{FakeMemory, FakeRam};
