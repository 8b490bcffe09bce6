use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use memmap_guard::{InPlace, Memory};

use crate::contract::{Fixed, Proved, System};
use crate::range::window;
use crate::{
    Advice, Error, ErrorKind, Freeze, Lend, Live, Mapping, NotProven, Op, Proof, Proofs, Prove,
    Proven, Refusal, Result, addressable, checked, empty, paging, place, widen,
};

/// Bytes that nobody can change, which is why they are lent.
///
/// Made by [`MemMap::prove`](crate::MemMap::prove), `snapshot` and `seal`. Cloning it gives the same bytes
/// once more, at no cost.
///
/// # Losing a page
/// What nobody can change a device can still fail to give. A page that is lost under a borrowed slice ends
/// the process, with a line on standard error that says which byte it was; what is copied out with
/// `read_at` and the like is an error instead. [`MemMap::prefault`] finds such pages before, and
/// [`MemMap::lock_in_ram`] keeps the others.
///
/// [`MemMap::prefault`]: crate::MemMap::prefault
/// [`MemMap::lock_in_ram`]: crate::MemMap::lock_in_ram
///
/// # Platform
/// Linux: after `fork` without `exec`, a child has no mapping that a lease proves: touching its bytes ends
/// the child.
///
/// Windows has nothing that proves a file unchanging where it is, so these bytes are always a copy in memory
/// of this process. A file that is opened with `deny_write` is opened for writing by nobody else, but
/// somebody who had it open before may have a view of it that is for writing still: a promise, and no proof.
///
/// # Leases
/// What is mapped leaves the page cache when it is proved, and is read from the device again:
/// [`Proofs::lease`] says why, and what is in the way.
///
/// Whoever opens the file for writing waits until the bytes are copied, in the background; they need memory
/// then. If there is none, or the copy does not come within `lease-break-time` (45 s, unless the
/// administrator says otherwise), this process ends, with a line that says so: borrowed bytes cannot change.
/// A process that is stopped (`SIGSTOP`, a debugger, a frozen container) cannot copy; one that was stopped
/// for so long while somebody wanted to write ends as soon as it goes on, and before that may have seen
/// changed bytes for a moment. The kernel does not hold up whoever opens the file for reading and truncates
/// it at once (`O_RDONLY | O_TRUNC`): then the bytes are lost, as above. [`Proofs`] without `lease` does
/// without.
pub struct Frozen<S: System> {
    fixed: Arc<S::Fixed>,
}

impl<S: System> Clone for Frozen<S> {
    fn clone(&self) -> Self {
        Self { fixed: Arc::clone(&self.fixed) }
    }
}

impl<S: System> Frozen<S> {
    fn new(fixed: S::Fixed) -> Self {
        Self { fixed: Arc::new(fixed) }
    }

    /// What keeps the promise.
    pub fn fixed(&self) -> &S::Fixed {
        &self.fixed
    }

    fn bytes(&self) -> &[u8] {
        (*self.fixed).as_ref()
    }

    /// The pages of a range, checked, if there are any.
    fn paged(&self, op: Op, offset: u64, len: u64) -> Result<paging::Paged<'_, S::Pages>> {
        let window = window(op, offset, len, self.bytes().len())?;
        Ok(self.fixed.pages().filter(|_| !window.is_empty()).map(|pages| (pages, window)))
    }
}

impl<S: System> Lend for Frozen<S> {
    #[inline]
    fn as_bytes(&self) -> &[u8] {
        match self.bytes() {
            [] => empty::slice(),
            bytes => bytes,
        }
    }
}

impl<S: System> Proven for Frozen<S> {
    fn proof(&self) -> Proof {
        self.fixed.proof()
    }
}

impl<S: System> Mapping for Frozen<S> {
    fn len(&self) -> u64 {
        widen(self.bytes().len())
    }

    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        place(offset, len, self.bytes().len())?;
        self.fixed.in_place(offset, len)
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let start = checked(offset, out.len(), self.bytes().len())?;
        self.fixed.copy_out(start, out).map_err(|fault| {
            let offset = offset.saturating_add(widen(fault.moved));
            Error::new(Op::Read, ErrorKind::Io { offset, source: S::reason(Some(fault)) })
        })
    }

    fn next_readable(&self, offset: u64) -> u64 {
        // Mappings begin at pages of the file, so that an address tells where in its page a byte is.
        let page = S::page_size();
        let first = self.fixed.pages().map_or(0, |pages| pages.first().addr());
        paging::next_page::<S>(widen(first.checked_rem(page).unwrap_or(0)), offset)
    }

    fn name(&self) -> &'static str {
        "frozen"
    }

    fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<()> {
        use crate::contract::Pages;
        match self.paged(Op::Advise, offset, len)? {
            Some((pages, window)) => pages.advise(&window, advice, self.fixed.may_drop()),
            None => Ok(()),
        }
    }

    fn prefault(&self, offset: u64, len: u64) -> Result<()> {
        paging::prefault(self, self.paged(Op::Prefault, offset, len)?.as_ref())
    }

    fn lock_in_ram(&self, offset: u64, len: u64) -> Result<()> {
        paging::lock_in_ram::<S>(self, self.paged(Op::Prefault, offset, len)?, len)
    }

    fn unlock_from_ram(&self, offset: u64, len: u64) -> Result<()> {
        paging::unlock_from_ram(self.paged(Op::Prefault, offset, len)?)
    }

    fn resident(&self, offset: u64, len: u64) -> Result<Vec<Range<u64>>> {
        let all = offset..offset.saturating_add(len);
        paging::resident(self.paged(Op::Query, offset, len)?, all)
    }
}

impl<S: System> fmt::Debug for Frozen<S> {
    /// No address, and not the bytes: there may be billions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frozen")
            .field("len", &self.bytes().len())
            .field("proof", &self.proof())
            .finish_non_exhaustive()
    }
}

impl<S: System> Prove for Live<S> {
    type Frozen = Frozen<S>;

    fn prove(
        mut self,
        path: Option<&Path>,
        proofs: Proofs,
    ) -> Result<Frozen<S>, (Self, NotProven)> {
        if let Some(bytes) = self.take_bytes() {
            // Nobody else ever knew of these.
            return Ok(Frozen::new(bytes.into()));
        }
        if self.is_empty() {
            return Ok(Frozen::new(Vec::new().into()));
        }
        // What was written is on the device before the map that would say so is gone.
        if let Err(error) = self.sync(0, self.len()) {
            let why = error.kind().to_string();
            let refusals = Proof::ALL.iter().map(|&proof| Refusal::new(proof, why.clone()));
            return Err((self, NotProven::new(refusals.collect())));
        }
        let len = usize::try_from(self.len()).unwrap_or(usize::MAX);
        let mut refusals = Vec::new();
        for proof in Proof::ALL {
            let found = match proof {
                _ if !proofs.allows(proof) => Err("it was not asked for".to_owned()),
                Proof::Snapshot => self.copied_whole(proofs).map(Proved::There),
                proof => match self.view() {
                    Some(view) => S::prove(&view, proof, path),
                    None => Err("it is in memory".to_owned()),
                },
            };
            match found {
                Ok(Proved::There(fixed)) => return Ok(Frozen::new(fixed)),
                Ok(Proved::Here(keeper)) => {
                    let Some(pages) = self.take_pages() else {
                        return Ok(Frozen::new(Vec::new().into()));
                    };
                    return Ok(Frozen::new(S::keep(keeper, pages, len)));
                }
                Err(why) => refusals.push(Refusal::new(proof, why)),
            }
        }
        Err((self, NotProven::new(refusals)))
    }
}

impl<S: System> Live<S> {
    /// A copy, for which the file need not be found again.
    fn copied_whole(&self, proofs: Proofs) -> Result<S::Fixed, String> {
        let (len, most) = (self.len(), proofs.snapshot_max());
        if len > most {
            return Err(format!(
                "{len} bytes are more than the {most} that were allowed; allow more with \
                 `snapshot_up_to`"
            ));
        }
        let copied = copied(len, &mut |at, out| self.read_into(at, out));
        copied.map(Into::into).map_err(|error| error.to_string())
    }
}

/// `len` bytes of memory, which `fill` is asked for.
fn copied(len: u64, fill: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<Vec<u8>> {
    let refuse = |kind| Error::new(Op::Detach, kind);
    let fits = addressable(len).map_err(refuse)?;
    let mut bytes = Vec::new();
    if bytes.try_reserve_exact(fits).is_err() {
        return Err(refuse(ErrorKind::OutOfMemory { len }));
    }
    bytes.resize(fits, 0);
    fill(0, &mut bytes)?;
    Ok(bytes)
}

impl<S: System> Freeze for Frozen<S> {
    type Source = Live<S>;

    fn copied(len: u64, fill: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<Self> {
        copied(len, fill).map(|bytes| Self::new(bytes.into()))
    }

    fn sealed(len: u64, fill: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<Self> {
        S::seal(len, fill).map(Self::new)
    }

    fn share(&self) -> Result<String> {
        self.fixed.share()
    }

    fn open_shared(name: &str) -> Result<Self> {
        S::open_shared(name).map(Self::new)
    }
}
