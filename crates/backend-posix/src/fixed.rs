//! Bytes that nobody can change, and what proves it.

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::slice;
use std::sync::Arc;

use memmap_anon::Anonymous;
use memmap_core::{
    Backend, Error, ErrorKind, Live, Mode, Op, Proof, ProofAvailability, Proved, Result, View,
    addressable, widen,
};
use memmap_guard::{Fault, InPlace, Memory, OnLostPage, RegisteredRange};

use crate::Posix;
use crate::file_handle::Opened;
use crate::pages::{Access, Pages};
use crate::refusal::{refusal, unsupported};
use crate::shown::Shown;

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

/// Bytes that nobody can change, with what keeps the promise, in the order in which it is given up.
pub struct Fixed {
    keeper: Keeper,
    /// What is done if a page is lost all the same; nothing for memory of our own.
    _lent: Option<RegisteredRange>,
    memory: Bytes,
}

/// What keeps bytes as they are.
pub struct Keeper(Promise);

enum Promise {
    /// The kernel, for good.
    Nature(Proof),
    /// Sealed memory, which can be given to other processes.
    Sealed(Arc<File>),
    /// The kernel, until somebody wants to change the file; the bytes are copied then.
    Lease(lease::Lease),
}

enum Bytes {
    /// Pages, and how many bytes of them are shown.
    Pages(Shown, usize),
    /// Memory of our own.
    Heap(Vec<u8>),
    /// The first bytes of anonymous memory.
    Private(Anonymous, usize),
}

impl fmt::Debug for Fixed {
    /// No address, and no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fixed").field("len", &self.as_ref().len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Keeper {
    /// No address, and no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").finish_non_exhaustive()
    }
}

impl Fixed {
    /// Pages that stay what they are as long as `keeper` lives, all of whose `len` bytes are shown.
    pub(crate) fn new(keeper: Keeper, shown: Shown, len: usize) -> Self {
        // SAFETY: 1. the pages are mapped until `memory` is dropped, after this; all of them are the
        // mapping's. 2. References are made by `as_ref` alone, of what is kept here. 3. It is not `Zeros`.
        let lent = unsafe { RegisteredRange::new(shown.pages.first(), len, OnLostPage::Abort) };
        Self { keeper, _lent: Some(lent), memory: Bytes::Pages(shown, len) }
    }
}

impl From<Vec<u8>> for Fixed {
    /// Bytes of which nobody else knows.
    fn from(bytes: Vec<u8>) -> Self {
        let keeper = Keeper(Promise::Nature(Proof::Snapshot));
        Self { keeper, _lent: None, memory: Bytes::Heap(bytes) }
    }
}

impl Fixed {
    /// Memory that nobody else can reach.
    pub(crate) const fn private(memory: Anonymous, len: usize) -> Self {
        let keeper = Keeper(Promise::Nature(Proof::Snapshot));
        Self { keeper, _lent: None, memory: Bytes::Private(memory, len) }
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
            // while `self` is borrowed. Nobody changes a byte of it meanwhile: that is what the proof says
            // that `keeper` holds; nothing in this process writes to it, as its address is given to nobody,
            // and only `lease` puts other pages there, with the same bytes.
            Bytes::Pages(shown, len) => unsafe { slice::from_raw_parts(shown.first(), *len) },
        }
    }
}

impl memmap_core::Fixed<Shown> for Fixed {
    fn copy_out(&self, start: usize, out: &mut [u8]) -> Result<(), Fault> {
        let from = self.as_ref().as_ptr().wrapping_add(start);
        let fits = self.as_ref().len().checked_sub(out.len()).is_some_and(|last| start <= last);
        assert!(fits, "a range out of bounds");
        // SAFETY: the range is within the memory, which stays mapped while `self` is borrowed. References to
        // it exist, and all of them only read.
        unsafe { memmap_guard::copy_out(from, out) }
    }

    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        InPlace::from(self.as_ref()).part(usize::try_from(offset).ok()?, len)
    }

    fn pages(&self) -> Option<&Shown> {
        match &self.memory {
            Bytes::Pages(shown, _) => Some(shown),
            Bytes::Heap(_) | Bytes::Private(..) => None,
        }
    }

    fn may_drop(&self) -> bool {
        // A leased file may be replaced by private memory at any moment.
        !matches!(self.keeper.0, Promise::Lease(_))
    }

    fn proof(&self) -> Proof {
        match &self.keeper.0 {
            Promise::Nature(proof) => *proof,
            Promise::Sealed(_) => Proof::Sealed,
            Promise::Lease(lease) if lease.is_broken() => Proof::Snapshot,
            Promise::Lease(_) => Proof::Lease,
        }
    }

    fn share(&self) -> Result<String> {
        if let Promise::Sealed(file) = &self.keeper.0 {
            return Ok(seal::name(file));
        }
        let what = "sharing memory that is not sealed; `seal` it first";
        Err(Error::new(Op::Open, unsupported(what)))
    }
}

/// Copies bytes into sealed memory.
pub(crate) fn sealed(
    len: u64,
    fill: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>,
) -> Result<Fixed> {
    sealed_file(seal::make(len, fill)?, Op::Detach)
}

/// Maps what another process sealed and shared.
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
    Ok(Fixed::new(Keeper(Promise::Sealed(Arc::new(file))), Shown::new(pages), len))
}

/// What could prove a file unchanging, and what could not and why. A lease is taken and given back for that;
/// nothing is cloned or copied, and nothing leaves memory.
pub(crate) fn prospects(live: &Live<Posix>) -> Vec<ProofAvailability> {
    let view = live.view();
    Proof::ALL
        .into_iter()
        .map(|proof| {
            let found = match (&view, proof) {
                (_, Proof::Snapshot) | (None, Proof::Reflink) => Ok(()),
                (None, _) => Err("it is in memory".to_owned()),
                (Some(view), Proof::Reflink) => opened(view).and_then(|file| clone::could(&file)),
                (Some(view), Proof::Lease) => require_the_files_own(view)
                    .and_then(|()| lease::could(&*opened(view)?, view.len)),
                (Some(view), proof) => prove(view, proof, None).map(drop),
            };
            ProofAvailability::new(proof, found.err())
        })
        .collect()
}

/// Tries a proof other than a snapshot.
pub(crate) fn prove(
    view: &View<'_, Posix>,
    proof: Proof,
    path: Option<&Path>,
) -> Result<Proved<Posix>, String> {
    let file = &*opened(view)?;
    match proof {
        Proof::Sealed => {
            require_the_files_own(view)?;
            seal::holds(file)?;
            require_len(view, file)?;
            let whole =
                view.offset == 0 && file.metadata().is_ok_and(|file| file.len() == widen(view.len));
            Ok(Proved::Here(Keeper(if whole {
                Promise::Sealed(Arc::clone(file))
            } else {
                Promise::Nature(Proof::Sealed)
            })))
        }
        Proof::Verity => {
            require_the_files_own(view)?;
            verity::holds(file)?;
            require_len(view, file)?;
            Ok(Proved::Here(Keeper(Promise::Nature(Proof::Verity))))
        }
        Proof::Lease => {
            require_the_files_own(view)?;
            let pages = &view.pages.ok_or("nothing is mapped")?.pages;
            let start = view.offset.saturating_sub(widen(pages.lead()));
            let check = || require_len(view, file);
            lease::take(file, pages, start, check)
                .map(|it| Proved::Here(Keeper(Promise::Lease(it))))
        }
        Proof::Reflink => {
            if view.has_edits {
                return Err("a clone has no private edits; allow a snapshot".to_owned());
            }
            let pages = clone::make(file, view.offset, path, view.len)?;
            let keeper = Keeper(Promise::Nature(Proof::Reflink));
            Ok(Proved::There(Fixed::new(keeper, Shown::new(pages), view.len)))
        }
        _ => Err("nothing is known of this proof".to_owned()),
    }
}

/// The file, for a proof.
fn opened<'a>(view: &View<'a, Posix>) -> Result<Opened<'a>, String> {
    let opened = view.handle.open(view.pages.map(|shown| &shown.pages));
    opened.map_err(|error| format!("the file cannot be opened again: {error}"))
}

/// Whether what is shown is the file's, and not for writing.
fn require_the_files_own(view: &View<'_, Posix>) -> Result<(), String> {
    if view.has_edits {
        return Err("it is mapped for private edits; map it with mode \"r\"".to_owned());
    }
    if view.reaches_file {
        return Err("it is mapped for writing; map it with mode \"r\"".to_owned());
    }
    Ok(())
}

/// Whether the file, which can change no more, has all bytes that are mapped, and all are shown.
fn require_len(view: &View<'_, Posix>, file: &File) -> Result<(), String> {
    if view.pages.is_none_or(|shown| shown.pages.len() < view.len) {
        return Err("not all of it is shown; map the file again".to_owned());
    }
    let needed = view.offset.saturating_add(widen(view.len));
    match Posix.inspect(file) {
        Ok(found) if found.len >= needed => Ok(()),
        Ok(found) => Err(format!(
            "the file was cut short: {needed} bytes are needed and it has {}; map it again",
            found.len
        )),
        Err(error) => Err(format!("the file cannot be looked at: {error}")),
    }
}
