use std::fmt;
use std::io;
use std::ops::{Range, RangeBounds};
use std::path::Path;
use std::sync::Arc;

use memmap_guard::{InPlace, Memory};

use crate::contract::{Fixed, Lazy, System};
use crate::range::window;
use crate::{
    Advice, Error, ErrorKind, Lend, Live, Map, Mapping, Mode, NotProven, Op, Progress, Proof,
    ProofFailure, Proofs, Ram, Refused, Result, Unreadable, addressable, checked, empty,
    lent_in_place, paging, range, snapshot, widen,
};

/// Bytes that nobody can change, so that they can be borrowed.
///
/// Made by `FrozenMap::open`, [`Map::prove`](crate::Map::prove), `snapshot_of` and `sealed_of`. A clone
/// shares the same bytes and costs nothing.
///
/// # Losing a page
/// Bytes that nobody can change can still be lost when a device fails, and with first touch when the file is
/// cut short before they were touched. A lost page under a borrowed slice ends the process, with a line on
/// standard error that says which byte it was; or it is zeros, where [`Proofs::on_lost`] says so. `read_at`
/// and the other functions that copy return an error instead. [`Map::prefault`] finds such pages in advance,
/// and [`Map::lock_in_ram`] keeps the others in memory.
///
/// [`Map::prefault`]: crate::Map::prefault
/// [`Map::lock_in_ram`]: crate::Map::lock_in_ram
///
/// # Platform
/// Linux: after `fork` without `exec`, a child does not have the mappings that a lease proves: accessing
/// their bytes ends the child.
///
/// Windows has no proof for a file in place, so these bytes are always a copy in memory of this process: of the
/// whole at once, or of each page when it is first touched.
/// A file that is opened with `deny_write` cannot be opened for writing by others, but a process that
/// had it open before may still have a writable view of it. `deny_write` is therefore not a proof.
///
/// # Leases
/// The mapped range leaves the page cache when it is proved, and is read from the device again.
/// [`Proofs::lease`] says why, and what can prevent it.
///
/// A process that opens the file for writing waits until the bytes are copied in the background, which
/// needs memory. If there is no memory, or the copy is not done within `lease-break-time` (45 s by
/// default), this process ends with a line that says so: borrowed bytes cannot change. A stopped process
/// (`SIGSTOP`, a debugger, a frozen container) cannot copy. If it was stopped for so long while somebody
/// wanted to write, it ends as soon as it resumes, and may have seen changed bytes for a moment before.
/// The kernel does not make a process wait that opens the file for reading and truncates it at once
/// (`O_RDONLY | O_TRUNC`): then the bytes are lost, as above. [`Proofs`] without `lease` avoids all of
/// this.
pub struct Frozen<S: System> {
    fixed: Arc<S::Fixed>,
    /// The range of these bytes in `bytes`.
    window: Range<usize>,
}

impl<S: System> Clone for Frozen<S> {
    fn clone(&self) -> Self {
        Self { fixed: Arc::clone(&self.fixed), window: self.window.clone() }
    }
}

impl<S: System> Frozen<S> {
    fn new(fixed: S::Fixed) -> Self {
        let window = 0..fixed.as_ref().len();
        Self { fixed: Arc::new(fixed), window }
    }

    fn bytes(&self) -> &[u8] {
        (*self.fixed).as_ref().get(self.window.clone()).unwrap_or_default()
    }

    /// A range of these bytes as one of all the bytes that are fixed.
    fn absolute(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.window.start;
        start.saturating_add(range.start)..start.saturating_add(range.end)
    }

    /// Ranges of all the bytes as ranges of these.
    fn relative(&self, mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
        let before = widen(self.window.start);
        for range in &mut ranges {
            *range = range.start.saturating_sub(before)..range.end.saturating_sub(before);
        }
        ranges
    }

    /// The bytes that were lost when they were first touched, and why.
    fn losses(&self) -> Vec<(Range<u64>, ErrorKind)> {
        let before = self.window.start;
        let lost = self.fixed.lazy().map(|lazy| lazy.lost(&self.window)).unwrap_or_default();
        lost.into_iter()
            .map(|(range, kind)| {
                let start = widen(range.start.saturating_sub(before));
                (start..widen(range.end.saturating_sub(before)), starting_at(start, kind))
            })
            .collect()
    }

    /// Why a byte, counted from the first one that is fixed, was lost when it was first touched.
    fn loss(&self, at: usize) -> Option<Error> {
        let next = at.saturating_add(1);
        let (_, kind) = self.fixed.lazy()?.lost(&(at..next)).into_iter().next()?;
        let offset = widen(at.saturating_sub(self.window.start));
        Some(Error::new(Op::Read, starting_at(offset, kind)))
    }

    /// The pages of a range, checked, if there are any.
    fn paged(&self, op: Op, offset: u64, len: u64) -> Result<paging::Paged<'_, S::Pages>> {
        let range = window(op, offset, len, self.window.len())?;
        let range = self.absolute(&range);
        Ok(self.fixed.pages().filter(|_| !range.is_empty()).map(|pages| (pages, range)))
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

impl<S: System> Mapping for Frozen<S> {
    fn len(&self) -> u64 {
        widen(self.window.len())
    }

    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        if self.fixed.lazy().is_some_and(Lazy::lends_zeros) {
            // Whoever looks at bytes in place could not tell zeros from lost bytes.
            return None;
        }
        lent_in_place(self.bytes(), offset, len)
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let start = checked(offset, out.len(), self.window.len())?;
        let start = self.window.start.saturating_add(start);
        self.fixed.copy_out(start, out).map_err(|fault| {
            let at = start.saturating_add(fault.moved);
            self.loss(at).unwrap_or_else(|| {
                let offset = offset.saturating_add(widen(fault.moved));
                Error::new(Op::Read, ErrorKind::Io { offset, source: S::reason(Some(fault)) })
            })
        })?;
        let end = start.saturating_add(out.len());
        let zeroed = self.fixed.lazy().and_then(|lazy| lazy.first_zeroed(&(start..end)));
        zeroed.and_then(|at| self.loss(at)).map_or(Ok(()), Err)
    }

    fn next_readable(&self, offset: u64) -> u64 {
        // Mappings begin at a page of the file, so an address tells the offset of a byte in its page.
        let page = S::page_size();
        let first = self.fixed.pages().map_or(0, |pages| pages.first().addr());
        let first = first.wrapping_add(self.window.start);
        paging::next_page::<S>(widen(first.checked_rem(page).unwrap_or(0)), offset)
    }

    fn name(&self) -> &'static str {
        "frozen"
    }

    fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<()> {
        use crate::contract::Pages;
        match self.paged(Op::Advise, offset, len)? {
            Some((pages, window)) => pages.advise(&window, advice),
            None => Ok(()),
        }
    }

    fn prefault(&self, offset: u64, len: u64) -> Result<()> {
        if self.fixed.lazy().is_some() {
            window(Op::Prefault, offset, len, self.window.len())?;
            return paging::touch(self, offset, len);
        }
        paging::prefault(self, offset, self.paged(Op::Prefault, offset, len)?.as_ref())
    }

    fn lock_in_ram(&self, offset: u64, len: u64) -> Result<()> {
        paging::lock_in_ram::<S>(self, offset, self.paged(Op::Prefault, offset, len)?, len)
    }

    fn unlock_from_ram(&self, offset: u64, len: u64) -> Result<()> {
        paging::unlock_from_ram(self.paged(Op::Prefault, offset, len)?)
    }

    fn resident(&self, offset: u64, len: u64) -> Result<Vec<Range<u64>>> {
        let all = offset..offset.saturating_add(len);
        if let Some(lazy) = self.fixed.lazy() {
            let part = window(Op::Query, offset, len, self.window.len())?;
            return Ok(self.relative(lazy.present(&self.absolute(&part))));
        }
        let ranges = match self.paged(Op::Query, offset, len)? {
            Some(paged) => paging::resident(Some(paged), all)?,
            None => return paging::resident::<S::Pages>(None, all),
        };
        Ok(self.relative(ranges))
    }

    fn close(&mut self) -> Result<()> {
        match self.losses().into_iter().next() {
            Some((_, kind)) => Err(Error::new(Op::Read, kind)),
            None => Ok(()),
        }
    }
}

impl<S: System> fmt::Debug for Frozen<S> {
    /// Prints neither an address nor the bytes: there may be billions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frozen")
            .field("len", &self.window.len())
            .field("proof", &self.fixed.proof())
            .finish_non_exhaustive()
    }
}

impl<S: System> Frozen<S> {
    /// Tries the allowed proofs in the order of [`Proof::ALL`].
    pub(crate) fn prove(
        mut live: Live<S>,
        path: Option<&Path>,
        proofs: Proofs,
    ) -> Result<Self, Refused<Live<S>, NotProven>> {
        if let Some(bytes) = live.take_bytes() {
            // Nobody else has ever had access to these bytes.
            return Ok(Self::new(bytes.into()));
        }
        if live.len() == 0 {
            return Ok(Self::new(Vec::new().into()));
        }
        // Sync before the map ends: afterwards nothing could report a failure.
        if let Err(error) = live.sync(0, live.len()) {
            let why = error.kind().to_string();
            let refusals = Proof::ALL.iter().map(|&proof| ProofFailure::new(proof, why.clone()));
            let error = NotProven::new(refusals.collect());
            return Err(Refused { value: live, error });
        }
        let mut refusals = Vec::new();
        for proof in Proof::ALL {
            let found = match (proofs.why_not(proof, live.len()), proof) {
                (Some(why), _) => Err(why),
                (None, Proof::Snapshot) => live.copied_whole(),
                (None, proof) => live
                    .change(|part| S::prove(part, proof, proofs, path))
                    .unwrap_or_else(|| Err("it is in memory".to_owned())),
            };
            match found {
                Ok(fixed) => return Ok(Self::new(fixed)),
                Err(why) => refusals.push(ProofFailure::new(proof, why)),
            }
        }
        Err(Refused { value: live, error: NotProven::new(refusals) })
    }
}

/// The kind of an error of a lost range that starts at `offset`.
fn starting_at(offset: u64, kind: ErrorKind) -> ErrorKind {
    match kind {
        ErrorKind::Truncated { needed, now, .. } => ErrorKind::Truncated { offset, needed, now },
        ErrorKind::Io { source, .. } => ErrorKind::Io { offset, source },
        kind => kind,
    }
}

impl<S: System> Live<S> {
    /// A copy. It works even if the file cannot be found again.
    fn copied_whole(&self) -> Result<S::Fixed, String> {
        let copied = copied(self.len(), &mut |at, out| self.read_into(at, out));
        copied.map(Into::into).map_err(|error| error.to_string())
    }
}

/// The bytes that are copied into new memory at a time.
const COPIED_LEN: usize = 1 << 20;

/// `len` bytes of memory, filled by `fill`, which is passed parts of them in order.
fn copied(len: u64, fill: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<Vec<u8>> {
    let refuse = |kind| Error::new(Op::Detach, kind);
    let fits = addressable(len).map_err(refuse)?;
    let mut bytes = Vec::new();
    if bytes.try_reserve_exact(fits).is_err() {
        return Err(refuse(ErrorKind::OutOfMemory { len }));
    }
    // In pieces, each of which is still in the cache when it is filled; and `fill` may stop before all is touched.
    while bytes.len() < fits {
        let at = bytes.len();
        bytes.resize(at.saturating_add(COPIED_LEN).min(fits), 0);
        fill(widen(at), bytes.get_mut(at..).unwrap_or_default())?;
    }
    Ok(bytes)
}

/// Frozen bytes.
impl<S: System> Map<Frozen<S>> {
    /// Maps a whole file whose bytes nobody can change, by the cheapest proof that holds and has no
    /// effect on others: [`Proofs::any`]. On Linux that is first touch at the latest: nothing is read in advance,
    /// and what is touched takes memory.
    ///
    /// A system call does not touch: see [`Proofs::first_touch`].
    ///
    /// # Errors
    /// Those of [`MapOptions::open`](crate::MapOptions::open), and [`ErrorKind::NotProven`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, Proofs::any())
    }

    /// Maps a whole file whose bytes nobody can change, by one of these proofs.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(path: impl AsRef<Path>, proofs: Proofs) -> Result<Self> {
        let map = Map::<Live<S>>::open(path, Mode::Read)?;
        map.prove(proofs).map_err(|refused| {
            let Refused { value: map, error } = refused;
            map.placed(error.into())
        })
    }

    /// Copies a map into memory that nobody can change.
    ///
    /// # Errors
    /// - those of [`read_into`](Self::read_into)
    /// - [`ErrorKind::TooLarge`], [`ErrorKind::OutOfMemory`]; [`ErrorKind::Cancelled`]
    ///
    /// # Cost
    /// Memory as long as the map, and a copy.
    pub fn snapshot_of(map: &Map<impl Mapping>, progress: &Progress) -> Result<Self> {
        progress.add_total(map.len());
        let bytes = copied(map.len(), &mut |at, out| snapshot::copy(map, at, out, progress));
        let bytes = bytes.map_err(|error| map.placed(error.during(Op::Detach)))?;
        Ok(Self::from_mapping(Frozen::new(bytes.into())))
    }

    /// Copies a map into sealed memory, which no process can change any more, and which other processes
    /// can map too, through [`share`](Self::share).
    ///
    /// # Errors
    /// Those of [`snapshot_of`](Self::snapshot_of); [`ErrorKind::Unsupported`] if the system cannot seal
    /// memory; [`ErrorKind::FileTooLarge`] beyond this process's limit on the length of files, which
    /// applies to sealed memory too.
    ///
    /// # Platform
    /// Linux: `memfd_create(2)`.
    pub fn sealed_of(map: &Map<impl Mapping>, progress: &Progress) -> Result<Self> {
        progress.add_total(map.len());
        let fixed = S::seal(map.len(), &mut |at, out| snapshot::copy(map, at, out, progress));
        let fixed = fixed.map_err(|error| map.placed(error.during(Op::Detach)))?;
        Ok(Self::from_mapping(Frozen::new(fixed)))
    }

    /// A name by which other processes of this user can map the same bytes while this map lives. Pass it
    /// to them as text, for [`open_shared`](Self::open_shared).
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] unless the bytes are [`Proof::Sealed`], or a [`slice`](Self::slice) of
    /// such bytes; [`sealed_of`](Self::sealed_of) makes them.
    pub fn share(&self) -> Result<String> {
        let frozen = self.mapping();
        if frozen.window.len() < (*frozen.fixed).as_ref().len() {
            let what = "sharing a part of sealed memory; share the whole map";
            let kind = ErrorKind::unsupported(S::NAME, what);
            return Err(self.error(Op::Open, kind));
        }
        frozen.fixed.share()
    }

    /// Maps bytes that another process [`share`](Self::share)s. The seal is checked here, so the other
    /// process need not be trusted.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if the name does not exist, or no longer; [`ErrorKind::PermissionDenied`]
    /// if the bytes belong to another user; [`ErrorKind::InvalidOptions`] if they are not sealed.
    pub fn open_shared(name: &str) -> Result<Self> {
        S::open_shared(name).map(|fixed| Self::from_mapping(Frozen::new(fixed)))
    }

    /// The proof that holds for these bytes.
    pub fn proof(&self) -> Proof {
        self.mapping().fixed.proof()
    }

    /// The memory that first touch has taken for this map and all that share its bytes, in bytes. 0 with
    /// other proofs.
    pub fn touched(&self) -> u64 {
        self.mapping().fixed.lazy().map_or(0, Lazy::touched)
    }

    /// The ranges that could not be read when they were first touched, by whole pages, and why. A slice shows
    /// zeros there ([`OnLostPage::Zeros`](crate::OnLostPage::Zeros)); everything that copies returns these errors, and
    /// [`close`](Self::close) the first of them.
    pub fn lost(&self) -> Vec<Unreadable> {
        let losses = self.mapping().losses().into_iter();
        losses
            .map(|(range, kind)| Unreadable::new(range, self.placed(Error::new(Op::Read, kind))))
            .collect()
    }

    /// Writes a range to a file, a socket or anything else, and touches it first: a system call that is
    /// passed bytes that nobody has touched is an error ([`Proofs::first_touch`]).
    ///
    /// # Errors
    /// Those of the writer; and those of [`read_into`](Self::read_into), in an [`io::Error`].
    ///
    /// # Cost
    /// The range is touched and written 1 MiB at a time.
    pub fn write_to(
        &self,
        mut writer: impl io::Write,
        range: impl RangeBounds<u64>,
    ) -> io::Result<()> {
        const PIECE: u64 = 1 << 20;
        let placed = |error: Error| self.placed(error);
        let (mut at, mut left) = range::within(range, self.len(), Op::Read).map_err(placed)?;
        while left > 0 {
            let len = left.min(PIECE);
            self.mapping().prefault(at, len).map_err(|error| placed(error.during(Op::Read)))?;
            let part = window(Op::Read, at, len, self.mapping().window.len()).map_err(placed)?;
            let bytes = self.as_bytes().get(part).unwrap_or_default();
            writer.write_all(bytes)?;
            (at, left) = (at.saturating_add(len), left.saturating_sub(len));
        }
        Ok(())
    }

    /// A part of the same memory. The memory stays mapped while any part of it lives.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`], [`ErrorKind::BackwardRange`].
    ///
    /// # Cost
    /// None; the bytes are shared.
    pub fn slice(&self, range: impl RangeBounds<u64>) -> Result<Self> {
        let (offset, len) =
            range::within(range, self.len(), Op::Read).map_err(|error| self.placed(error))?;
        let frozen = self.mapping();
        let part = window(Op::Read, offset, len, frozen.window.len())?;
        let start = frozen.window.start;
        let part = start.saturating_add(part.start)..start.saturating_add(part.end);
        let slice = Frozen { fixed: Arc::clone(&frozen.fixed), window: part };
        Ok(Self::opened(slice, self.offset().saturating_add(offset), self.origin().cloned()))
    }
}

impl<S: System> Clone for Map<Frozen<S>> {
    /// Shares the same bytes. They stay mapped while any clone lives.
    fn clone(&self) -> Self {
        Self::opened(self.mapping().clone(), self.offset(), self.origin().cloned())
    }
}

impl<S: System> From<Vec<u8>> for Map<Frozen<S>> {
    /// Freezes bytes without a copy.
    fn from(bytes: Vec<u8>) -> Self {
        Self::from_mapping(Frozen::new(bytes.into()))
    }
}

impl<S: System> From<Map<Ram<S::Private>>> for Map<Frozen<S>> {
    /// Freezes memory without a copy: nobody else has access to it.
    fn from(ram: Map<Ram<S::Private>>) -> Self {
        let (ram, ..) = ram.into_parts();
        let fixed = match ram.into_memory() {
            Some((memory, len)) => S::fix(memory, len),
            None => Vec::new().into(),
        };
        Self::from_mapping(Frozen::new(fixed))
    }
}
