//! Bytes that nobody can change, and the proofs of that.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::slice;
use std::sync::Arc;

use memmap_anon::Anonymous;
use memmap_core::touch::AT_ONCE;
use memmap_core::{
    Backend, Error, ErrorKind, Lazy, Live, Mode, Op, Part, Proof, ProofAvailability, Proofs,
    Result, View, addressable, widen,
};
use memmap_guard::{Fault, Memory, OnLostPage, RegisteredRange};

use crate::Posix;
use crate::file_handle::Opened;
use crate::pages::{Access, Pages};
use crate::refusal::{refusal, unsupported};
use crate::shown::Shown;
use crate::touch::{self, Touch};

#[cfg(target_os = "linux")]
mod cache;
#[cfg(target_os = "linux")]
mod clone;
#[cfg(target_os = "linux")]
mod lease;
#[cfg(target_os = "linux")]
mod seal;
#[cfg(target_os = "linux")]
mod verity;

#[cfg(not(target_os = "linux"))]
mod unsupported;
#[cfg(not(target_os = "linux"))]
use self::unsupported::{clone, lease, seal, verity};

/// Bytes that nobody can change, and what guarantees that. The order of the fields is the order of their
/// drop.
pub struct Fixed {
    promise: Promise,
    /// Ends the process if a page is lost nevertheless. Heap and anonymous memory need none.
    _lent: Option<RegisteredRange>,
    memory: Bytes,
}

/// Guarantees that bytes do not change as long as it lives.
enum Promise {
    /// The bytes can never change again.
    Permanent(Proof),
    /// Sealed memory, which can be shared with other processes.
    Sealed(Arc<File>),
    /// The kernel makes writers wait until the bytes are copied.
    Lease(lease::Lease),
}

enum Bytes {
    /// Mapped pages, and the number of bytes.
    Pages(Shown, usize),
    Heap(Vec<u8>),
    /// The first bytes of anonymous memory.
    Private(Anonymous, usize),
    /// Pages that are read when they are first touched.
    Touch(Touch),
}

impl fmt::Debug for Fixed {
    /// Prints no address and no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fixed").field("len", &self.as_ref().len()).finish_non_exhaustive()
    }
}

impl Fixed {
    /// Pages whose bytes do not change as long as `promise` lives. All of the `len` bytes must be mapped.
    fn new(promise: Promise, shown: Shown, len: usize) -> Self {
        assert!(len <= shown.pages.len(), "{len} bytes of {}", shown.pages.len());
        // A lease may replace its pages by private memory at any moment.
        let may_drop = !matches!(promise, Promise::Lease(_));
        let shown = Shown { may_drop, ..shown };
        // SAFETY: 1. all of the pages belong to the mapping, and stay mapped until `memory` is dropped, which
        // is after this registration. 2. Only `as_ref` makes references, which borrow this value. 3. It is
        // not `Zeros`.
        let lent = unsafe { RegisteredRange::new(shown.pages.first(), len, OnLostPage::Abort) };
        Self { promise, _lent: Some(lent), memory: Bytes::Pages(shown, len) }
    }
}

impl From<Vec<u8>> for Fixed {
    /// A snapshot on the heap.
    fn from(bytes: Vec<u8>) -> Self {
        let promise = Promise::Permanent(Proof::Snapshot);
        Self { promise, _lent: None, memory: Bytes::Heap(bytes) }
    }
}

impl Fixed {
    /// Bytes that freeze when they are touched. A few are read at once.
    fn touched(
        file: &Arc<File>,
        offset: u64,
        len: usize,
        on_lost: OnLostPage,
    ) -> Result<Self, String> {
        let promise = Promise::Permanent(Proof::FirstTouch);
        if len > AT_ONCE {
            let memory = Bytes::Touch(Touch::new(file, offset, len, on_lost)?);
            return Ok(Self { promise, _lent: None, memory });
        }
        let mut bytes = vec![0; len];
        file.read_exact_at(&mut bytes, offset).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => "the file was cut short; map it again".to_owned(),
            _ => format!("the file cannot be read: {error}"),
        })?;
        Ok(Self { promise, _lent: None, memory: Bytes::Heap(bytes) })
    }

    /// A snapshot in anonymous memory.
    pub(crate) const fn private(memory: Anonymous, len: usize) -> Self {
        let promise = Promise::Permanent(Proof::Snapshot);
        Self { promise, _lent: None, memory: Bytes::Private(memory, len) }
    }
}

impl AsRef<[u8]> for Fixed {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        match &self.memory {
            Bytes::Heap(bytes) => bytes,
            Bytes::Private(memory, len) => memory.as_ref().get(..*len).unwrap_or_default(),
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the backend, and it has a proof"
            )]
            // SAFETY: the range is mapped, readable and initialised, as bytes of files are, and stays so
            // while `self` is borrowed. Nobody changes a byte of it meanwhile: `promise` holds a proof of
            // that for the file. Nothing in this process writes to the range either, as its address is passed
            // to nobody. Only `lease` replaces the pages, by pages with the same bytes.
            Bytes::Pages(shown, len) => unsafe { slice::from_raw_parts(shown.first(), *len) },
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the backend, and it has a proof"
            )]
            // SAFETY: the range is mapped, and stays so while `self` is borrowed. Its pages are readable or
            // missing; the first access to a missing one waits until it has its bytes, or ends the process.
            // They are initialised, and nobody changes them afterwards: the memory is private, or has no
            // other name, and whoever fills pages fills each of them once, while it is missing (`touch`).
            Bytes::Touch(touch) => unsafe { slice::from_raw_parts(touch.first(), touch.len()) },
        }
    }
}

impl memmap_core::Fixed<Shown> for Fixed {
    fn copy_out(&self, start: usize, out: &mut [u8]) -> Result<(), Fault> {
        let from = self.as_ref().as_ptr().wrapping_add(start);
        let fits = self.as_ref().len().checked_sub(out.len()).is_some_and(|last| start <= last);
        assert!(fits, "a range out of bounds");
        // SAFETY: the range is within the memory, which stays mapped while `self` is borrowed. References to
        // it exist, all of them shared.
        unsafe { memmap_guard::copy_out(from, out) }
    }

    fn pages(&self) -> Option<&Shown> {
        match &self.memory {
            Bytes::Pages(shown, _) => Some(shown),
            Bytes::Heap(_) | Bytes::Private(..) | Bytes::Touch(_) => None,
        }
    }

    fn lazy(&self) -> Option<&dyn Lazy> {
        match &self.memory {
            Bytes::Touch(touch) => Some(touch.known()),
            _ => None,
        }
    }

    fn proof(&self) -> Proof {
        match &self.promise {
            Promise::Permanent(proof) => *proof,
            Promise::Sealed(_) => Proof::Sealed,
            Promise::Lease(lease) if lease.is_broken() => Proof::Snapshot,
            Promise::Lease(_) => Proof::Lease,
        }
    }

    fn share(&self) -> Result<String> {
        if let Promise::Sealed(file) = &self.promise {
            return Ok(seal::name(file));
        }
        let what = "sharing memory that is not sealed; copy it into sealed memory first";
        Err(Error::new(Op::Open, unsupported(what)))
    }
}

/// Fills sealed memory.
pub(crate) fn sealed(
    len: u64,
    fill: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>,
) -> Result<Fixed> {
    sealed_file(seal::make(len, fill)?, Op::Detach)
}

/// Maps sealed memory that another process shared.
pub(crate) fn open_shared(name: &str) -> Result<Fixed> {
    sealed_file(seal::open(name)?, Op::Open)
}

fn sealed_file(file: File, op: Op) -> Result<Fixed> {
    let refuse = |kind| Error::new(op, kind);
    let len = file.metadata().map_err(|error| refuse(ErrorKind::Os(error)))?.len();
    let len = addressable(len).map_err(refuse)?;
    if len == 0 {
        return Ok(Vec::new().into());
    }
    let pages = Pages::map(&file, 0, len, Access::Read)
        .map_err(|error| refuse(refusal(error, len, Mode::Read)))?;
    Ok(Fixed::new(Promise::Sealed(Arc::new(file)), Shown::new(pages), len))
}

/// Which proofs would hold for a file, and why others would not. To find out, a lease is taken and given back.
/// Nothing is cloned or copied, and no page is dropped from the page cache.
pub(crate) fn prospects(live: &Live<Posix>) -> Vec<ProofAvailability> {
    let view = live.view();
    Proof::ALL
        .into_iter()
        .map(|proof| {
            let found = match (&view, proof) {
                (_, Proof::Snapshot) | (None, Proof::Reflink) => Ok(()),
                (Some(view), Proof::FirstTouch) => {
                    require_no_edits(view).and_then(|()| touch::could(view.len))
                }
                (None, _) => Err("the bytes are in memory; only a snapshot applies".to_owned()),
                (Some(view), Proof::Reflink) => opened(view).and_then(|file| clone::could(&file)),
                (Some(view), Proof::Lease) => require_mapped_for_reading(view)
                    .and_then(|()| lease::could(&*opened(view)?, view.len)),
                (Some(view), proof) => holds(view, proof, None).map(drop),
            };
            ProofAvailability::new(proof, found.err())
        })
        .collect()
}

/// Tries a proof other than a snapshot. If it holds for the pages where they are, takes them.
pub(crate) fn prove(
    part: Part<'_, Posix>,
    proof: Proof,
    proofs: Proofs,
    path: Option<&Path>,
) -> Result<Fixed, String> {
    if proof == Proof::FirstTouch {
        let view = part.view();
        require_no_edits(&view)?;
        return Fixed::touched(&*opened(&view)?, view.offset, view.len, proofs.when_lost());
    }
    let held = holds(&part.view(), proof, path)?;
    let Part { pages, len, .. } = part;
    let (promise, pages) = match held {
        Held::Here(promise) => (promise, pages.take()),
        Held::Clone(pages) => (Promise::Permanent(Proof::Reflink), Some(pages)),
    };
    Ok(Fixed::new(promise, pages.ok_or(NO_PAGES)?, len))
}

/// A proof that holds.
enum Held {
    /// For the pages of the map.
    Here(Promise),
    /// For the pages of a clone.
    Clone(Shown),
}

const NO_PAGES: &str = "no page of the file is mapped";

fn holds(view: &View<'_, Posix>, proof: Proof, path: Option<&Path>) -> Result<Held, String> {
    let file = &*opened(view)?;
    match proof {
        Proof::Sealed => {
            require_mapped_for_reading(view)?;
            seal::holds(file)?;
            require_len(view, file)?;
            let whole =
                view.offset == 0 && file.metadata().is_ok_and(|file| file.len() == widen(view.len));
            Ok(Held::Here(if whole {
                Promise::Sealed(Arc::clone(file))
            } else {
                Promise::Permanent(Proof::Sealed)
            }))
        }
        Proof::Verity => {
            require_mapped_for_reading(view)?;
            verity::holds(file)?;
            require_len(view, file)?;
            Ok(Held::Here(Promise::Permanent(Proof::Verity)))
        }
        Proof::Lease => {
            require_mapped_for_reading(view)?;
            let pages = &view.pages.ok_or(NO_PAGES)?.pages;
            let start = view.offset.saturating_sub(widen(pages.lead()));
            let check = || require_len(view, file);
            lease::take(file, pages, start, check).map(|it| Held::Here(Promise::Lease(it)))
        }
        Proof::Reflink => {
            require_no_edits(view)?;
            let pages = clone::make(file, view.offset, path, view.len)?;
            Ok(Held::Clone(Shown::new(pages)))
        }
        _ => Err("the posix backend does not support this proof".to_owned()),
    }
}

/// The file of a mapping, opened for a proof.
fn opened<'a>(view: &View<'a, Posix>) -> Result<Opened<'a>, String> {
    let opened = view.handle.open(view.pages.map(|shown| &shown.pages));
    opened.map_err(|error| format!("the file cannot be opened again: {error}"))
}

/// Checks that the bytes of the map are those of the file.
fn require_no_edits(view: &View<'_, Posix>) -> Result<(), String> {
    if view.has_edits {
        return Err("the file does not have the private edits; allow a snapshot".to_owned());
    }
    Ok(())
}

/// Checks that the mapping shows the file's own pages and is not for writing.
fn require_mapped_for_reading(view: &View<'_, Posix>) -> Result<(), String> {
    if view.has_edits {
        return Err("it is mapped for private edits; map it with mode \"r\"".to_owned());
    }
    if view.reaches_file {
        return Err("it is mapped for writing; map it with mode \"r\"".to_owned());
    }
    Ok(())
}

/// Checks that all bytes are mapped, and that the file, which can no longer change, has all of them.
fn require_len(view: &View<'_, Posix>, file: &File) -> Result<(), String> {
    if view.pages.is_none_or(|shown| shown.pages.len() < view.len) {
        return Err("not all bytes are mapped; map the file again".to_owned());
    }
    let needed = view.offset.saturating_add(widen(view.len));
    match Posix.inspect(file) {
        Ok(found) if found.len >= needed => Ok(()),
        Ok(found) => Err(format!(
            "the file was cut short: it has {} bytes, and {needed} are needed; map it again",
            found.len
        )),
        Err(error) => Err(format!("the length of the file cannot be read: {error}")),
    }
}
