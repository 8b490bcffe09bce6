use std::fmt;
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::slice;
use std::sync::Arc;

use memmap_core::{
    Advice, Error, ErrorKind, Freeze, Lend, Mapping, NotProven, Op, Proof, Proofs, Prospect, Prove,
    Proven, Refusal, Result, addressable, checked, place, widen, window,
};

use memmap_guard::{InPlace, OnLostPage, RegisteredRange};

use crate::held::Held;
use crate::hints;
use crate::live::{Live, Source};
use crate::mapped::Mapped;
use crate::origin::Opened;
use crate::pages::{self, Access, Pages};
use crate::refusal::unsupported;

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
mod elsewhere;
#[cfg(not(target_os = "linux"))]
use elsewhere::{clone, lease, seal, verity};

/// Bytes that nobody can change, which is why they are lent.
///
/// Made by [`MemMap::prove`](memmap_core::MemMap::prove), `snapshot` and `seal`. Cloning it gives
/// the same bytes once more, at no cost.
///
/// # Losing a page
/// What nobody can change a device can still fail to give. A page that is lost under a borrowed slice
/// ends the process, with a line on standard error that says which byte it was; what is copied out
/// with `read_at` and the like is an error instead. [`MemMap::prefault`] finds such pages before, and
/// [`MemMap::lock_in_ram`] keeps the others.
///
/// [`MemMap::prefault`]: memmap_core::MemMap::prefault
/// [`MemMap::lock_in_ram`]: memmap_core::MemMap::lock_in_ram
///
/// # Platform
/// After `fork` without `exec`, a child has no mapping that a lease proves: touching its bytes ends
/// the child.
///
/// # Leases
/// What is mapped leaves the page cache when it is proved, and is read from the device again:
/// [`Proofs::lease`] says why, and what is in the way.
///
/// Whoever opens the file for writing waits until the bytes are copied, in the background; they need
/// memory then. If there is none, or the copy does not come within `lease-break-time` (45 s, unless
/// the administrator says otherwise), this process ends, with a line that says so: borrowed bytes
/// cannot change. A process that is stopped (`SIGSTOP`, a debugger, a frozen container) cannot copy;
/// one that was stopped for so long while somebody wanted to write ends as soon as it goes on, and
/// before that may have seen changed bytes for a moment. Who opens the file for reading and truncates it
/// at once (`O_RDONLY | O_TRUNC`) is not held up by the kernel: then the bytes are lost, as above.
/// [`Proofs`] without `lease` does without.
#[derive(Clone)]
pub struct Frozen {
    kept: Arc<Kept>,
}

/// What keeps the promise, in the order in which it is given up.
struct Kept {
    keeper: Keeper,
    /// What is done if a page is lost all the same; nothing for memory of our own.
    _lent: Option<RegisteredRange>,
    memory: Memory,
    len: usize,
}

enum Keeper {
    /// The kernel, for good.
    Nature(Proof),
    /// Sealed memory, which can be given to other processes.
    Sealed(Arc<File>),
    Lease(lease::Lease),
}

enum Memory {
    Pages(Pages),
    Held(Held),
}

impl Memory {
    fn first(&self) -> *mut u8 {
        match self {
            Self::Pages(pages) => pages.first(),
            Self::Held(held) => held.first(),
        }
    }
}

impl Frozen {
    fn new(keeper: Keeper, memory: Memory, len: usize) -> Self {
        let lent = match &memory {
            Memory::Pages(pages) => {
                // SAFETY: 1. the pages are mapped until `memory` is dropped, after this; all of them
                // are the mapping's. 2. References are made by `as_bytes` alone, of what is kept here.
                // 3. It is not `Zeros`.
                let lent = unsafe { RegisteredRange::new(pages.first(), len, OnLostPage::Abort) };
                Some(lent)
            }
            Memory::Held(_) => None,
        };
        Self { kept: Arc::new(Kept { keeper, _lent: lent, memory, len }) }
    }

    /// Bytes that were read, of which nobody else knows.
    pub(crate) fn held(held: Held) -> Self {
        let len = held.len();
        Self::new(Keeper::Nature(Proof::Snapshot), Memory::Held(held), len)
    }

    /// Sealed memory, mapped.
    fn sealed_file(file: File, op: Op) -> Result<Self> {
        let refuse = |kind| Error::new(op, kind);
        let len = file.metadata().map_err(|error| refuse(ErrorKind::Os(error)))?.len();
        let len = addressable(len).map_err(refuse)?;
        if len == 0 {
            return Ok(Self::held(Held::new(Vec::new())));
        }
        let pages = Pages::map(&file, 0, len, Access::Read).map_err(|error| {
            refuse(crate::refusal::refusal(error, len, memmap_core::Mode::Read))
        })?;
        Ok(Self::new(Keeper::Sealed(Arc::new(file)), Memory::Pages(pages), len))
    }
}

impl Frozen {
    /// The pages of a range, checked, if there are any.
    fn paged(&self, op: Op, offset: u64, len: u64) -> Result<hints::Paged<'_>> {
        let window = window(op, offset, len, self.kept.len)?;
        Ok(match &self.kept.memory {
            Memory::Pages(pages) if !window.is_empty() => Some((pages, window)),
            _ => None,
        })
    }
}

impl Lend for Frozen {
    #[inline]
    fn as_bytes(&self) -> &[u8] {
        let Kept { memory, len, .. } = &*self.kept;
        if *len == 0 {
            return &[];
        }
        #[expect(clippy::disallowed_methods, reason = "this is the backend, and it has a proof")]
        // SAFETY: the range is mapped, readable and initialised, as bytes of files are, and stays so
        // while `kept` lives, which outlives the borrow. Nobody changes a byte of it meanwhile: that
        // is what the proof says that `keeper` holds; nothing in this process writes to it, as its
        // address is given to nobody, and only `lease` puts other pages there, with the same bytes.
        unsafe {
            slice::from_raw_parts(memory.first(), *len)
        }
    }
}

impl Proven for Frozen {
    fn proof(&self) -> Proof {
        match &self.kept.keeper {
            Keeper::Nature(proof) => *proof,
            Keeper::Sealed(_) => Proof::Sealed,
            Keeper::Lease(lease) if lease.is_broken() => Proof::Snapshot,
            Keeper::Lease(_) => Proof::Lease,
        }
    }
}

impl Mapping for Frozen {
    fn len(&self) -> u64 {
        widen(self.kept.len)
    }

    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        let Kept { memory, len: bound, .. } = &*self.kept;
        let start = place(offset, len, *bound)?;
        // SAFETY: as in `read_into`; the answer borrows `self`.
        Some(unsafe { memmap_guard::in_place(memory.first().wrapping_add(start), len) })
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let Kept { memory, len, .. } = &*self.kept;
        let start = checked(offset, out.len(), *len)?;
        // SAFETY: `checked` put the range within the memory, which stays mapped while `kept` lives.
        // References to it exist, and all of them only read.
        let copied = unsafe { memmap_guard::copy_out(memory.first().wrapping_add(start), out) };
        copied.map_err(|fault| {
            let offset = offset.saturating_add(widen(fault.moved));
            let source = rustix::io::Errno::IO.into();
            Error::new(Op::Read, ErrorKind::Io { offset, source })
        })
    }

    fn next_readable(&self, offset: u64) -> u64 {
        let lead = match &self.kept.memory {
            Memory::Pages(pages) => widen(pages.lead()),
            Memory::Held(_) => 0,
        };
        let position = lead.saturating_add(offset).saturating_add(1);
        let page = widen(pages::page_size());
        position.checked_next_multiple_of(page).unwrap_or(u64::MAX).saturating_sub(lead)
    }

    fn name(&self) -> &'static str {
        "frozen"
    }

    fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<()> {
        match self.paged(Op::Advise, offset, len)? {
            // A leased file may be replaced by private memory at any moment.
            Some((pages, window)) => {
                let may_drop = !matches!(self.kept.keeper, Keeper::Lease(_));
                hints::advise(pages, &window, advice, may_drop)
            }
            None => Ok(()),
        }
    }

    fn prefault(&self, offset: u64, len: u64) -> Result<()> {
        hints::prefault(self, self.paged(Op::Prefault, offset, len)?)
    }

    fn lock_in_ram(&self, offset: u64, len: u64) -> Result<()> {
        hints::lock_in_ram(self, self.paged(Op::Prefault, offset, len)?, len)
    }

    fn unlock_from_ram(&self, offset: u64, len: u64) -> Result<()> {
        hints::unlock_from_ram(self.paged(Op::Prefault, offset, len)?)
    }

    fn resident(&self, offset: u64, len: u64) -> Result<Vec<Range<u64>>> {
        hints::resident(self.paged(Op::Query, offset, len)?, offset..offset.saturating_add(len))
    }
}

impl fmt::Debug for Frozen {
    /// No address, and not the bytes: there may be billions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frozen")
            .field("len", &self.kept.len)
            .field("proof", &self.proof())
            .finish_non_exhaustive()
    }
}

/// What could prove a file unchanging, and what could not and why. A lease is taken and given back
/// for that; nothing is cloned or copied, and nothing leaves memory.
pub(crate) fn prospects(live: &Live) -> Vec<Prospect> {
    Proof::ALL
        .into_iter()
        .map(|proof| {
            let found = match proof {
                Proof::Clone => live.could_clone(),
                Proof::Lease => live.could_lease(),
                Proof::Snapshot => Ok(()),
                proof => live.try_proof(proof, None, Proofs::none()).map(drop),
            };
            Prospect::new(proof, found.err())
        })
        .collect()
}

const IN_MEMORY: &str = "it is in memory";

/// What a proof that holds comes to.
enum Found {
    /// The bytes stay where they are.
    Here(Keeper),
    /// They are elsewhere now.
    There(Frozen),
}

impl Prove for Live {
    type Frozen = Frozen;

    fn prove(mut self, path: Option<&Path>, proofs: Proofs) -> Result<Frozen, (Self, NotProven)> {
        if let Source::Held(held) = &mut self.source {
            // Nobody else ever knew of these.
            return Ok(Frozen::held(held.take()));
        }
        if self.is_empty() {
            return Ok(Frozen::held(Held::new(Vec::new())));
        }
        if let Err(why) = self.require_no_debts() {
            let refusals = Proof::ALL.iter().map(|&proof| Refusal::new(proof, why.clone()));
            return Err((self, NotProven::new(refusals.collect())));
        }
        let mut refusals = Vec::new();
        for proof in Proof::ALL {
            let found = if proofs.allows(proof) {
                self.try_proof(proof, path, proofs)
            } else {
                Err("it was not asked for".to_owned())
            };
            match (found, &mut self.source) {
                (Ok(Found::There(frozen)), _) => return Ok(frozen),
                (Ok(Found::Here(keeper)), Source::File(Mapped { pages, .. })) => {
                    let memory = match pages.take() {
                        Some(pages) => Memory::Pages(pages),
                        None => Memory::Held(Held::new(Vec::new())),
                    };
                    return Ok(Frozen::new(keeper, memory, self.len));
                }
                (Ok(Found::Here(_)), Source::Held(_)) => {}
                (Err(why), _) => refusals.push(Refusal::new(proof, why)),
            }
        }
        Err((self, NotProven::new(refusals)))
    }
}

impl Live {
    /// What was written is on the device before the map that would say so is gone.
    fn require_no_debts(&self) -> Result<(), String> {
        self.sync(0, widen(self.len)).map_err(|error| error.kind().to_string())
    }

    fn could_clone(&self) -> Result<(), String> {
        match &self.source {
            Source::File(mapped) => clone::could(&*mapped.opened()?),
            Source::Held(_) => Ok(()),
        }
    }

    fn could_lease(&self) -> Result<(), String> {
        match &self.source {
            Source::File(mapped) => {
                mapped.require_the_files_own()?;
                lease::could(&*mapped.opened()?, self.len)
            }
            Source::Held(_) => Err(IN_MEMORY.to_owned()),
        }
    }

    fn try_proof(
        &self,
        proof: Proof,
        path: Option<&Path>,
        proofs: Proofs,
    ) -> Result<Found, String> {
        let Source::File(mapped) = &self.source else {
            return Err(IN_MEMORY.to_owned());
        };
        if proof == Proof::Snapshot {
            return self.copied_whole(proofs).map(Found::There);
        }
        let file = &*mapped.opened()?;
        match proof {
            Proof::Sealed => {
                mapped.require_the_files_own()?;
                seal::holds(file)?;
                mapped.require_len(file, self.len)?;
                let whole = mapped.offset == 0
                    && file.metadata().is_ok_and(|file| file.len() == widen(self.len));
                Ok(Found::Here(if whole {
                    Keeper::Sealed(Arc::clone(file))
                } else {
                    Keeper::Nature(Proof::Sealed)
                }))
            }
            Proof::Verity => {
                mapped.require_the_files_own()?;
                verity::holds(file)?;
                mapped.require_len(file, self.len)?;
                Ok(Found::Here(Keeper::Nature(Proof::Verity)))
            }
            Proof::Lease => {
                mapped.require_the_files_own()?;
                let pages = mapped.pages.as_ref().ok_or("nothing is mapped")?;
                let start = mapped.offset.saturating_sub(widen(pages.lead()));
                let check = || mapped.require_len(file, self.len);
                lease::take(file, pages, start, check).map(|it| Found::Here(Keeper::Lease(it)))
            }
            Proof::Clone => {
                if mapped.overlay.is_some() {
                    return Err("a clone has no private edits; allow a snapshot".to_owned());
                }
                let pages = clone::make(file, mapped.offset, path, self.len)?;
                let keeper = Keeper::Nature(Proof::Clone);
                Ok(Found::There(Frozen::new(keeper, Memory::Pages(pages), self.len)))
            }
            _ => Err("nothing is known of this proof".to_owned()),
        }
    }

    /// A copy, for which the file need not be found again.
    fn copied_whole(&self, proofs: Proofs) -> Result<Frozen, String> {
        let most = proofs.snapshot_max();
        if widen(self.len) > most {
            return Err(format!(
                "{} bytes are more than the {most} that were allowed; allow more with \
                 `snapshot_up_to`",
                self.len
            ));
        }
        let frozen = Frozen::copied(widen(self.len), &mut |at, out| self.read_into(at, out));
        frozen.map_err(|error| error.to_string())
    }
}

impl Mapped {
    /// The file, for a proof.
    fn opened(&self) -> Result<Opened<'_>, String> {
        let opened = self.origin.open(self.pages.as_ref());
        opened.map_err(|error| format!("the file cannot be opened again: {error}"))
    }

    /// Whether what is shown is the file's, and not for writing.
    fn require_the_files_own(&self) -> Result<(), String> {
        if self.overlay.is_some() {
            return Err("it is mapped for private edits; map it with mode \"r\"".to_owned());
        }
        if self.reaches_file {
            return Err("it is mapped for writing; map it with mode \"r\"".to_owned());
        }
        Ok(())
    }

    /// Whether the file, which can change no more, has all bytes that are mapped, and all are shown.
    fn require_len(&self, file: &File, len: usize) -> Result<(), String> {
        if self.pages.as_ref().is_none_or(|pages| pages.len() < len) {
            return Err("not all of it is shown; map the file again".to_owned());
        }
        let needed = self.offset.saturating_add(widen(len));
        match crate::found::inspect(file) {
            Ok(found) if found.len >= needed => Ok(()),
            Ok(found) => Err(format!(
                "the file was cut short: {needed} bytes are needed and it has {}; map it again",
                found.len
            )),
            Err(error) => Err(format!("the file cannot be looked at: {error}")),
        }
    }
}

impl Freeze for Frozen {
    type Source = Live;

    fn copied(len: u64, fill: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<Self> {
        let refuse = |kind| Error::new(Op::Detach, kind);
        let fits = addressable(len).map_err(refuse)?;
        let mut bytes = Vec::new();
        if bytes.try_reserve_exact(fits).is_err() {
            return Err(refuse(ErrorKind::OutOfMemory { len }));
        }
        bytes.resize(fits, 0);
        fill(0, &mut bytes)?;
        Ok(Self::held(Held::new(bytes)))
    }

    fn sealed(len: u64, fill: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<Self> {
        Self::sealed_file(seal::make(len, fill)?, Op::Detach)
    }

    fn share(&self) -> Result<String> {
        if let Keeper::Sealed(file) = &self.kept.keeper {
            return Ok(seal::name(file));
        }
        let what = "sharing memory that is not sealed; `seal` it first";
        Err(Error::new(Op::Open, unsupported(what)))
    }

    fn open_shared(name: &str) -> Result<Self> {
        Self::sealed_file(seal::open(name)?, Op::Open)
    }
}
