//! Why nobody can change bytes, why a proof failed, and what happens if a page is lost in spite of a
//! proof.

pub use memmap_core::{AssumeFrozen, OnLostPage, Proof, ProofFailure};
