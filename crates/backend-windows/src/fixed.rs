//! Bytes that nobody can change. On Windows they are a copy in memory of this process, made at once or when they are
//! touched.

use std::fmt;
use std::slice;

use memmap_anon::Anonymous;
use memmap_core::touch::AT_ONCE;
use memmap_core::{
    Error, Lazy, OnLostPage, Op, Proof, ProofAvailability, Proofs, Result, System, View, widen,
};
use memmap_guard::Fault;

use crate::Windows;
use crate::pages::Pages;
use crate::refusal::unsupported;
use crate::touch::{self, Touch};

/// A copy, and how it came to be.
pub struct Fixed(Bytes, Proof);

enum Bytes {
    /// Pages that are read when they are first touched.
    Touch(Touch),
    Heap(Vec<u8>),
    /// The first bytes of anonymous memory.
    Private(Anonymous, usize),
}

impl Fixed {
    /// A snapshot in anonymous memory.
    pub(crate) const fn private(memory: Anonymous, len: usize) -> Self {
        Self(Bytes::Private(memory, len), Proof::Snapshot)
    }

    /// Bytes that freeze when they are touched. A few are read at once.
    fn touched(view: &View<'_, Windows>, on_lost: OnLostPage) -> Result<Self, String> {
        let View { handle: file, offset, len, .. } = *view;
        if len > AT_ONCE {
            let touch = Touch::new(file, offset..offset.saturating_add(widen(len)), on_lost)?;
            return Ok(Self(Bytes::Touch(touch), Proof::FirstTouch));
        }
        let mut bytes = vec![0; len];
        let mut done = 0;
        while done < len {
            let rest = bytes.get_mut(done..).unwrap_or_default();
            let position = offset.saturating_add(widen(done));
            match Windows::read_at(file, rest, position).map_err(|error| error.to_string())? {
                0 => return Err("the file was cut short".to_owned()),
                more => done = done.saturating_add(more),
            }
        }
        Ok(Self(Bytes::Heap(bytes), Proof::FirstTouch))
    }
}

impl From<Vec<u8>> for Fixed {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Bytes::Heap(bytes), Proof::Snapshot)
    }
}

impl AsRef<[u8]> for Fixed {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        match &self.0 {
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the backend, and it has a proof"
            )]
            // SAFETY: the view is mapped, and stays so while `self` is borrowed. Its pages are readable or have no
            // access; the first access to one of those waits until it has its bytes, or ends the process. They are
            // initialised, and nobody changes them afterwards: the section has no name, and whoever fills pages
            // fills each of them once, while it has no access (`touch`).
            Bytes::Touch(touch) => unsafe { slice::from_raw_parts(touch.first(), touch.len()) },
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
    fn copy_out(&self, start: usize, out: &mut [u8]) -> Result<(), Fault> {
        let Some(from) = self.as_ref().get(start..).and_then(|rest| rest.get(..out.len())) else {
            return Ok(());
        };
        // SAFETY: the range is within the memory, which stays mapped while `self` is borrowed. References to it
        // exist, all of them shared.
        unsafe { memmap_guard::copy_out(from.as_ptr(), out) }
    }

    fn lazy(&self) -> Option<&dyn Lazy> {
        match &self.0 {
            Bytes::Touch(touch) => Some(touch.known()),
            Bytes::Heap(_) | Bytes::Private(..) => None,
        }
    }

    fn proof(&self) -> Proof {
        self.1
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
        _ => "the windows backend does not support this proof",
    }
}

/// Tries a proof other than a snapshot.
pub(crate) fn prove(
    view: &View<'_, Windows>,
    proof: Proof,
    proofs: Proofs,
) -> Result<Fixed, String> {
    if proof != Proof::FirstTouch {
        return Err(unsupported_reason(proof).to_owned());
    }
    if view.has_edits {
        return Err("the file does not have the private edits; allow a snapshot".to_owned());
    }
    Fixed::touched(view, proofs.when_lost())
}

/// Which proofs would hold for `len` mapped bytes of a file, and why others would not.
pub(crate) fn prospects(len: usize) -> Vec<ProofAvailability> {
    Proof::ALL
        .into_iter()
        .map(|proof| match proof {
            Proof::Snapshot => ProofAvailability::new(proof, None),
            Proof::FirstTouch => ProofAvailability::new(proof, touch::could(len).err()),
            proof => ProofAvailability::new(proof, Some(unsupported_reason(proof).to_owned())),
        })
        .collect()
}
