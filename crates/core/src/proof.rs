use std::fmt;

use crate::{Error, ErrorKind, Op};

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
    Reflink,
    /// A copy in memory of this process.
    Snapshot,
}

impl Proof {
    /// Every proof, in the order in which they are tried: the ones that cost nothing first.
    pub const ALL: [Self; 5] =
        [Self::Sealed, Self::Verity, Self::Lease, Self::Reflink, Self::Snapshot];
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sealed => "sealed",
            Self::Verity => "verity",
            Self::Lease => "lease",
            Self::Reflink => "clone",
            Self::Snapshot => "snapshot",
        })
    }
}

/// Which proofs may be tried: what they cost differs.
///
/// | proof | costs | holds while |
/// |---|---|---|
/// | [`sealed`](Self::sealed), [`verity`](Self::verity) | nothing | for good |
/// | [`lease`](Self::lease) | the file leaves the page cache, so that what is read next comes from the device; a thread for the whole process; memory as long as the map if somebody opens the file to change it, and their waiting for the copy; the process ends if that cannot be made in time | this map lives, and the process is not stopped for long |
/// | [`reflink`](Self::reflink) | writing what is dirty of the file; the same thread | for good |
/// | [`snapshot_up_to`](Self::snapshot_up_to) | memory, and reading all of it, at once | for good |
///
/// # Examples
/// ```
/// use memmap_core::{Proof, Proofs};
///
/// let proofs = Proofs::none().lease().snapshot_up_to(1 << 20);
/// assert!(proofs.allows(Proof::Lease) && !proofs.allows(Proof::Reflink));
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
    ///
    /// It holds for what is written to the file from then on. A direct read into a mapping of the file
    /// that was under way when fs-verity was turned on, and still is, changes one of its pages once.
    pub const fn verity(self) -> Self {
        Self { verity: true, ..self }
    }

    /// [`Proof::Lease`] may be taken.
    ///
    /// What is mapped, or all of the file if need be, is thrown out of the page cache first: that is how
    /// the system shows that no write which was begun before is still under way to one of its pages.
    /// What is dirty is written to the device for that. What is read afterwards comes from the device,
    /// once.
    ///
    /// If a page stays in the cache, as it is in use, the lease is refused: somebody reads it at that
    /// moment, or has it mapped and has touched it there. That may be another map of this process,
    /// unless a lease proves that one; and of two processes that want to lease the same file, the second
    /// one is refused once the first has touched it.
    ///
    /// It depends on this process being able to run: if it is stopped (`SIGSTOP`, a debugger, a frozen
    /// container) for longer than the system waits for a lease, 45 s unless the administrator says
    /// otherwise, while somebody wants to change the file, then it ends when it goes on, and in between
    /// may have seen changed bytes for a moment. It ends as well if there is no memory for the copy.
    /// And a file in the upper directory of an overlay can be cut short through the overlay unasked.
    pub const fn lease(self) -> Self {
        Self { lease: true, ..self }
    }

    /// [`Proof::Reflink`] may be made.
    ///
    /// It has no name and no descriptor. What is left to reach it is `/proc/PID/map_files`, for whoever
    /// has the capability (root); and a process that may look into `/proc/PID/fd` of this one may have
    /// noted it there (`O_PATH`) in the moment in which it was made. If somebody opened it then, the
    /// proof is refused.
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
            Proof::Reflink => self.reflink,
            Proof::Snapshot => self.snapshot_up_to > 0,
        }
    }
}

/// A proof that does not hold, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProofFailure {
    /// Which.
    pub proof: Proof,
    /// Why not, and what could be done about it.
    pub why: String,
}

impl ProofFailure {
    /// A refusal in these words.
    pub fn new(proof: Proof, why: impl Into<String>) -> Self {
        Self { proof, why: why.into() }
    }
}

/// Whether a proof would hold for a file: for [`Explanation`](crate::Explanation).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProofAvailability {
    /// Which.
    pub proof: Proof,
    /// Why it would not hold; `None` if it would.
    pub why_not: Option<String>,
}

impl ProofAvailability {
    /// That it would hold, or why not.
    #[must_use]
    pub const fn new(proof: Proof, why_not: Option<String>) -> Self {
        Self { proof, why_not }
    }
}

/// That nothing proves the bytes unchanging: each proof with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotProven {
    failures: Vec<ProofFailure>,
}

impl NotProven {
    /// What was tried, or was not allowed to be, and why it does not hold.
    #[must_use]
    pub const fn new(failures: Vec<ProofFailure>) -> Self {
        Self { failures }
    }

    /// Each proof and why it does not hold, in the order in which they were tried.
    pub fn reasons(&self) -> &[ProofFailure] {
        &self.failures
    }
}

impl fmt::Display for NotProven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nothing proves that these bytes cannot change")?;
        for (index, ProofFailure { proof, why }) in self.failures.iter().enumerate() {
            write!(f, "{} {proof}: {why}", if index == 0 { ";" } else { "," })?;
        }
        Ok(())
    }
}

impl std::error::Error for NotProven {}

impl From<NotProven> for Error {
    fn from(why: NotProven) -> Self {
        Self::new(Op::Prove, ErrorKind::NotProven(why))
    }
}
