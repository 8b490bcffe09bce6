use std::fmt;

use std::ops::ControlFlow;
use std::path::Path;

use crate::{DefaultBackend, Lend, Mapping, MemMap, Mode, Result};

/// Why nobody can change bytes.
///
/// # Source
/// Sealed, fcntl(2) `F_ADD_SEALS`; verity, the kernel's `fsverity.rst`; lease, fcntl(2)
/// `F_SETLEASE`; clone, `ioctl_ficlone(2)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Proof {
    /// Shared memory that its maker sealed: the kernel refuses every change, for good.
    Sealed,
    /// A file that the file system made unchangeable and verifies as it reads (fs-verity).
    Verity,
    /// The kernel tells us before anyone opens the file to change it, and makes them wait until we
    /// have a copy.
    Lease,
    /// A clone of the file that shares its blocks and has no name: nobody else can open it.
    Clone,
    /// A copy in memory of this process.
    Snapshot,
}

impl Proof {
    /// Every proof, in the order in which they are tried: the ones that cost nothing first.
    pub const ALL: [Self; 5] =
        [Self::Sealed, Self::Verity, Self::Lease, Self::Clone, Self::Snapshot];
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sealed => "sealed",
            Self::Verity => "verity",
            Self::Lease => "lease",
            Self::Clone => "clone",
            Self::Snapshot => "snapshot",
        })
    }
}

/// Which proofs may be tried: what they cost differs.
///
/// | proof | costs | holds while |
/// |---|---|---|
/// | [`sealed`](Self::sealed), [`verity`](Self::verity) | nothing | for good |
/// | [`lease`](Self::lease) | a thread for the whole process; memory as long as the map if somebody opens the file to change it, and their waiting for the copy; the process ends if that cannot be made in time | this map lives, and the process is not stopped for long |
/// | [`reflink`](Self::reflink) | writing what is dirty of the file | for good |
/// | [`snapshot_up_to`](Self::snapshot_up_to) | memory, and reading all of it, at once | for good |
///
/// # Examples
/// ```
/// use memmap_core::{Proof, Proofs};
///
/// let proofs = Proofs::none().lease().snapshot_up_to(1 << 20);
/// assert!(proofs.allows(Proof::Lease) && !proofs.allows(Proof::Clone));
/// assert!(Proofs::any().allows(Proof::Sealed) && !Proofs::any().allows(Proof::Lease));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use = "it says what `prove` may try"]
#[expect(clippy::struct_excessive_bools, reason = "each proof is allowed by itself")]
pub struct Proofs {
    sealed: bool,
    verity: bool,
    lease: bool,
    reflink: bool,
    snapshot_up_to: u64,
}

impl Proofs {
    /// Nothing: the start of a list of one's own.
    pub const fn none() -> Self {
        Self { sealed: false, verity: false, lease: false, reflink: false, snapshot_up_to: 0 }
    }

    /// All that hold whatever happens and take no memory. Add [`lease`](Self::lease), which most local
    /// files of this user can have, if its limits are acceptable, and
    /// [`snapshot_up_to`](Self::snapshot_up_to) for the rest.
    pub const fn any() -> Self {
        Self::none().sealed().verity().reflink()
    }

    /// [`Proof::Sealed`] may be found.
    pub const fn sealed(self) -> Self {
        Self { sealed: true, ..self }
    }

    /// [`Proof::Verity`] may be found.
    pub const fn verity(self) -> Self {
        Self { verity: true, ..self }
    }

    /// [`Proof::Lease`] may be taken.
    ///
    /// It depends on this process being able to run: if it is stopped (`SIGSTOP`, a debugger, a frozen
    /// container) for longer than the system waits for a lease, 45 s unless the administrator says
    /// otherwise, while somebody wants to change the file, then it ends when it goes on, and in between
    /// may have seen changed bytes for a moment. It ends as well if there is no memory for the copy.
    /// And a file in the upper directory of an overlay can be cut short through the overlay unasked.
    pub const fn lease(self) -> Self {
        Self { lease: true, ..self }
    }

    /// [`Proof::Clone`] may be made.
    pub const fn reflink(self) -> Self {
        Self { reflink: true, ..self }
    }

    /// [`Proof::Snapshot`] may be made of at most this many bytes.
    pub const fn snapshot_up_to(self, bytes: u64) -> Self {
        Self { snapshot_up_to: bytes, ..self }
    }

    /// The longest map of which a snapshot may be made. 0 if none.
    pub const fn snapshot_max(self) -> u64 {
        self.snapshot_up_to
    }

    /// Whether a proof may be tried.
    pub const fn allows(self, proof: Proof) -> bool {
        match proof {
            Proof::Sealed => self.sealed,
            Proof::Verity => self.verity,
            Proof::Lease => self.lease,
            Proof::Clone => self.reflink,
            Proof::Snapshot => self.snapshot_up_to > 0,
        }
    }
}

/// A proof that does not hold, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// Which.
    pub proof: Proof,
    /// Why not, and what could be done about it.
    pub why: String,
}

impl Refusal {
    /// A refusal in these words.
    pub fn new(proof: Proof, why: impl Into<String>) -> Self {
        Self { proof, why: why.into() }
    }
}

/// Whether a proof would hold for a file: for [`Explanation`](crate::Explanation).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Prospect {
    /// Which.
    pub proof: Proof,
    /// Why it would not hold; `None` if it would.
    pub why_not: Option<String>,
}

impl Prospect {
    /// That it would hold, or why not.
    #[must_use]
    pub const fn new(proof: Proof, why_not: Option<String>) -> Self {
        Self { proof, why_not }
    }
}

/// That nothing proves the bytes unchanging: each proof with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotProven {
    refusals: Vec<Refusal>,
}

impl NotProven {
    /// What was tried, or was not allowed to be, and why it does not hold.
    #[must_use]
    pub const fn new(refusals: Vec<Refusal>) -> Self {
        Self { refusals }
    }

    /// Each proof and why it does not hold, in the order in which they were tried.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }
}

impl fmt::Display for NotProven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nothing proves that these bytes cannot change")?;
        for (index, Refusal { proof, why }) in self.refusals.iter().enumerate() {
            write!(f, "{} {proof}: {why}", if index == 0 { ";" } else { "," })?;
        }
        Ok(())
    }
}

impl std::error::Error for NotProven {}

/// A mapping that can become one of bytes that nobody can change.
pub trait Prove: Mapping + Sized {
    /// What it becomes.
    type Frozen: Proven;

    /// Tries the proofs that are allowed, in the order of [`Proof::ALL`].
    ///
    /// # Errors
    /// The mapping, unchanged, and why each proof does not hold.
    fn prove(
        self,
        path: Option<&std::path::Path>,
        proofs: Proofs,
    ) -> Result<Self::Frozen, (Self, NotProven)>;
}

/// A mapping of bytes that nobody can change.
pub trait Proven: Lend + Clone {
    /// Why nobody can.
    fn proof(&self) -> Proof;
}

impl<M: Prove> MemMap<M> {
    /// Proves that nobody can change these bytes, so that they can be borrowed: `&map[..]`, without
    /// `unsafe`, without a copy. What was written to the map is synced before. Bytes that were read into
    /// memory instead of mapped, or that are none, need no proof.
    ///
    /// # Errors
    /// The map, unchanged, and why each proof does not hold: `map_err(|(_, why)| why)` where the map
    /// is not needed any more.
    ///
    /// # Platform
    /// Linux offers all proofs; elsewhere there are snapshots. (Windows has
    /// [`deny_write`](crate::MapOptions::deny_write), which is a promise and no proof.)
    ///
    /// # Cost
    /// See [`Proofs`].
    pub fn prove(self, proofs: Proofs) -> Result<MemMap<M::Frozen>, (Self, NotProven)> {
        let (mapping, offset, path) = self.into_parts();
        match mapping.prove(path.as_deref(), proofs) {
            Ok(frozen) => Ok(MemMap::opened(frozen, offset, path)),
            Err((mapping, why)) => Err((Self::opened(mapping, offset, path), why)),
        }
    }
}

impl<M: Proven> MemMap<M> {
    /// Why nobody can change these bytes.
    pub fn proof(&self) -> Proof {
        self.mapping().proof()
    }
}

impl<M: Proven> Clone for MemMap<M> {
    /// The same bytes, once more: they are mapped as long as one of them lives.
    fn clone(&self) -> Self {
        Self::opened(self.mapping().clone(), self.offset(), self.shared_path())
    }
}

impl<F: Freeze> MemMap<F> {
    /// Copies a file into memory that nobody can change. `progress` is told how many bytes are
    /// copied, every MiB, and may break off.
    ///
    /// # Errors
    /// Those of [`MapOptions::open`](crate::MapOptions::open) and [`snapshot`](MemMap::snapshot).
    ///
    /// # Cost
    /// Memory as long as the file, which is read.
    pub fn snapshot_of(
        path: impl AsRef<Path>,
        progress: impl FnMut(u64) -> ControlFlow<()>,
    ) -> Result<Self> {
        MemMap::<F::Source>::open(path, Mode::Read)?.snapshot(progress)
    }
}

impl<F: Freeze> MemMap<F> {
    /// A name by which other processes of this user can map the same bytes, as long as this map
    /// lives: pass it on as text, and give it to [`open_shared`](Self::open_shared).
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) if the bytes are not [`Proof::Sealed`];
    /// [`seal`](MemMap::seal) makes such.
    pub fn share(&self) -> Result<String> {
        self.mapping().share()
    }

    /// Maps what another process [`share`](Self::share)d. That it is sealed is checked here, so
    /// nothing depends on the other process being honest.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is nothing of that name, or no longer;
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) if it belongs to another user;
    /// [`Contradiction`](crate::ErrorKind::Contradiction) if it is not sealed.
    pub fn open_shared(name: &str) -> Result<Self> {
        Ok(Self::from_mapping(F::open_shared(name)?))
    }
}

/// Memory that is filled once and then cannot change.
pub trait Freeze: Proven + Sized {
    /// What files are mapped as before they are copied.
    type Source: DefaultBackend;

    /// Copies `len` bytes, which `fill` is asked for piece by piece: the offset, and where they go.
    ///
    /// # Errors
    /// [`OutOfMemory`](crate::ErrorKind::OutOfMemory), and what `fill` answers.
    fn copied(len: u64, fill: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<Self>;

    /// The same into memory that is sealed, so that other processes can have it too.
    ///
    /// # Errors
    /// As [`copied`](Self::copied), and [`Unsupported`](crate::ErrorKind::Unsupported).
    fn sealed(len: u64, fill: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<Self>;

    /// A name by which other processes can have the same bytes.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) if the bytes are not [`Proof::Sealed`].
    fn share(&self) -> Result<String>;

    /// What has such a name, if it is sealed.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound), and what the system refuses.
    fn open_shared(name: &str) -> Result<Self>;
}
