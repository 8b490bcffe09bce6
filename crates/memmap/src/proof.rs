//! Why nobody can change bytes, what was in the way, and what happens when a page is lost all the same.

pub use memmap_core::{Proof, ProofFailure};

pub use crate::native::{AssumeFrozen, OnLostPage};
