//! Bytes that nobody can change. On Windows they are a copy in private memory.

use std::fmt;

use memmap_anon::Anonymous;
use memmap_core::{Error, Op, Proof, ProofAvailability, Result};

use crate::pages::Pages;
use crate::refusal::unsupported;

/// A snapshot, on the heap or in anonymous memory.
pub struct Fixed(Bytes);

enum Bytes {
    Heap(Vec<u8>),
    /// The first bytes of anonymous memory.
    Private(Anonymous, usize),
}

impl Fixed {
    /// A snapshot in anonymous memory.
    pub(crate) const fn private(memory: Anonymous, len: usize) -> Self {
        Self(Bytes::Private(memory, len))
    }
}

impl From<Vec<u8>> for Fixed {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Bytes::Heap(bytes))
    }
}

impl AsRef<[u8]> for Fixed {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Heap(bytes) => bytes,
            Bytes::Private(memory, len) => memory.as_ref().get(..*len).unwrap_or_default(),
        }
    }
}

impl fmt::Debug for Fixed {
    /// Prints the length only: there may be billions of bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fixed").field("len", &self.as_ref().len()).finish_non_exhaustive()
    }
}

impl memmap_core::Fixed<Pages> for Fixed {
    fn proof(&self) -> Proof {
        Proof::Snapshot
    }

    fn share(&self) -> Result<String> {
        let what =
            "sharing memory with other processes, as Windows has no sealed memory; share a file";
        Err(Error::new(Op::Open, unsupported(what)))
    }
}

/// The reason why a proof does not hold for any file on Windows.
pub(crate) const fn unsupported_reason(proof: Proof) -> &'static str {
    match proof {
        Proof::Sealed => "Windows has no sealed memory",
        Proof::Verity => "Windows has no fs-verity",
        Proof::Lease => "Windows has no leases that make a writer wait for this process",
        Proof::Reflink => "Windows cannot clone a file so that nobody else can open the clone",
        Proof::FirstTouch => "on Windows no memory is filled when it is touched",
        _ => "the windows backend does not support this proof",
    }
}

/// Which proofs would hold for a file, and why others would not.
pub(crate) fn prospects() -> Vec<ProofAvailability> {
    Proof::ALL
        .into_iter()
        .map(|proof| match proof {
            Proof::Snapshot => ProofAvailability::new(proof, None),
            proof => ProofAvailability::new(proof, Some(unsupported_reason(proof).to_owned())),
        })
        .collect()
}
