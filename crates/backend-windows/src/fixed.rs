//! Bytes that nobody can change: on this system a copy in memory of this process.

use std::fmt;

use memmap_anon::Anonymous;
use memmap_core::{Error, Op, Proof, ProofAvailability, Result};

use crate::pages::Pages;
use crate::system::unsupported;

/// A copy of bytes, or memory that nobody else can reach.
pub struct Fixed(Bytes);

enum Bytes {
    Heap(Vec<u8>),
    /// The first bytes of anonymous memory.
    Private(Anonymous, usize),
}

impl Fixed {
    /// Memory that nobody else can reach.
    pub(crate) const fn private(memory: Anonymous, len: usize) -> Self {
        Self(Bytes::Private(memory, len))
    }
}

/// What would keep the pages of a file as they are: nothing does.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "there is none")]
pub enum NoKeeper {}

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
    /// Not the bytes: there may be billions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fixed").field("len", &self.as_ref().len()).finish_non_exhaustive()
    }
}

impl memmap_core::Fixed<Pages> for Fixed {
    fn proof(&self) -> Proof {
        Proof::Snapshot
    }

    fn share(&self) -> Result<String> {
        let what = "sharing memory that is not sealed, which no memory of this system is";
        Err(Error::new(Op::Open, unsupported(what)))
    }
}

/// Why a proof does not hold here, whatever the file.
pub(crate) const fn why_not(proof: Proof) -> &'static str {
    match proof {
        Proof::Sealed => "Windows has no memory that can be sealed",
        Proof::Verity => "Windows does not keep files by their hashes",
        Proof::Lease => {
            "Windows grants no lease that waits for us; `deny_write` keeps others from opening the \
             file to write, which is a promise and no proof"
        }
        Proof::Reflink => "Windows makes no clone of a file that nobody else can open",
        _ => "it is not known here",
    }
}

/// What could prove a file unchanging, and what could not and why.
pub(crate) fn prospects() -> Vec<ProofAvailability> {
    Proof::ALL
        .into_iter()
        .map(|proof| match proof {
            Proof::Snapshot => ProofAvailability::new(proof, None),
            proof => ProofAvailability::new(proof, Some(why_not(proof).to_owned())),
        })
        .collect()
}
