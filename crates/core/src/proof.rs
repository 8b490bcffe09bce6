use std::fmt;

use crate::{Error, ErrorKind, OnLostPage, Op};

/// The reason why nobody can change bytes.
///
/// # Source
/// Sealed, fcntl(2) `F_ADD_SEALS`; verity, the kernel's `fsverity.rst`; lease, fcntl(2) `F_SETLEASE`;
/// reflink, `ioctl_ficlone(2)`; first touch, userfaultfd(2), madvise(2) `MADV_GUARD_INSTALL`, and on Windows
/// `AddVectoredExceptionHandler`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Proof {
    /// Sealed shared memory: the kernel refuses every change, permanently.
    Sealed,
    /// A file that the file system made unchangeable and verifies when it is read (fs-verity).
    Verity,
    /// A lease: the kernel notifies this process before anyone opens the file to change it, and makes
    /// them wait until the bytes are copied.
    Lease,
    /// A clone of the file that shares its blocks and has no name, so that nobody else can open it.
    Reflink,
    /// Memory of this process, whose pages are read from the file when they are first touched. From then on
    /// a page is a copy, which nobody else can change. Each page is as the file was at one moment; the map
    /// as a whole is not.
    FirstTouch,
    /// A copy in memory of this process.
    Snapshot,
}

impl Proof {
    /// Every proof, in the order in which they are tried: those without cost first.
    pub const ALL: [Self; 6] =
        [Self::Sealed, Self::Verity, Self::Lease, Self::Reflink, Self::FirstTouch, Self::Snapshot];

    /// Whether all bytes are as the file was at one moment. A parser that follows offsets from one part of a
    /// file to another may want that, if others write to the file meanwhile.
    pub const fn is_one_moment(self) -> bool {
        matches!(self, Self::Sealed | Self::Verity | Self::Lease | Self::Reflink)
    }

    /// Whether a byte that was read can be lost later: its page is one of the file's, which the system may
    /// drop, and then fail to read again.
    pub(crate) const fn lends_pages_of_the_file(self) -> bool {
        matches!(self, Self::Verity | Self::Lease | Self::Reflink)
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sealed => "sealed",
            Self::Verity => "verity",
            Self::Lease => "lease",
            Self::Reflink => "reflink",
            Self::FirstTouch => "first-touch",
            Self::Snapshot => "snapshot",
        })
    }
}

/// The proofs that may be tried. They differ in cost.
///
/// | proof | costs | holds while |
/// |---|---|---|
/// | [`sealed`](Self::sealed), [`verity`](Self::verity) | nothing | permanently |
/// | [`lease`](Self::lease) | the file leaves the page cache, so the next reads come from the device; one thread for the whole process; if somebody opens the file to change it, memory as long as the map, and they wait for the copy; the process ends if the copy cannot be made in time | this map lives, and the process is not stopped for long |
/// | [`reflink`](Self::reflink) | writing the dirty pages of the file; the same thread | permanently |
/// | [`first_touch`](Self::first_touch) | the memory of the pages that are touched, and a copy of each | permanently |
/// | [`snapshot_up_to`](Self::snapshot_up_to) | memory, and reading everything at once | permanently |
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
    etag: bool,
    first_touch_up_to: u64,
    snapshot_up_to: u64,
    on_lost: OnLostPage,
}

impl Proofs {
    /// No proof: the start of a custom list.
    pub const fn none() -> Self {
        Self {
            sealed: false,
            verity: false,
            lease: false,
            reflink: false,
            etag: false,
            first_touch_up_to: 0,
            snapshot_up_to: 0,
            on_lost: OnLostPage::Abort,
        }
    }

    /// All proofs that affect nobody else and take no memory in advance. On Linux and Windows one of them,
    /// [`first_touch`](Self::first_touch), holds for every regular file, unless no addresses are left, or Windows
    /// does not promise so much memory.
    ///
    /// Add [`lease`](Self::lease) if a map of one moment is wanted of most local files of this user, and its
    /// limits are acceptable; and [`snapshot_up_to`](Self::snapshot_up_to) for other systems.
    pub const fn any() -> Self {
        Self::none().sealed().verity().reflink().first_touch()
    }

    /// The proofs of bytes that are all as the file was at one moment
    /// ([`is_one_moment`](Proof::is_one_moment)), the lease among them.
    pub const fn one_moment() -> Self {
        Self::none().sealed().verity().lease().reflink()
    }

    /// Allows [`Proof::Sealed`].
    pub const fn sealed(self) -> Self {
        Self { sealed: true, ..self }
    }

    /// Allows [`Proof::Verity`].
    ///
    /// It holds for writes to the file from then on. One exception: a direct read into a mapping of the
    /// file that was already running when fs-verity was turned on, and still is, changes one of its
    /// pages once.
    pub const fn verity(self) -> Self {
        Self { verity: true, ..self }
    }

    /// Allows [`Proof::Lease`].
    ///
    /// The mapped range, or the whole file if necessary, is first evicted from the page cache. In this
    /// way the system shows that no earlier write to one of its pages is still in progress. Dirty pages
    /// are written to the device for that. The next read of each page comes from the device.
    ///
    /// The lease is refused if a page stays in the cache because it is in use: somebody is reading it at
    /// that moment, or has it mapped and has touched it there. That may be another map of this process,
    /// unless a lease proves that one too. If two processes want to lease the same file, the second one
    /// is refused once the first has touched it.
    ///
    /// A lease requires that this process can run. Suppose it is stopped (`SIGSTOP`, a debugger, a
    /// frozen container) for longer than the system waits for a lease, 45 s by default, while somebody
    /// wants to change the file. Then it ends as soon as it resumes, and may have seen changed bytes for
    /// a moment before. It also ends if there is no memory for the copy. A file in the upper directory
    /// of an overlay can be truncated through the overlay without notice.
    pub const fn lease(self) -> Self {
        Self { lease: true, ..self }
    }

    /// Allows [`Proof::Reflink`].
    ///
    /// The clone has no name and no descriptor. It can still be reached through `/proc/PID/map_files`,
    /// with the capability for that (root). A process that may look into `/proc/PID/fd` of this one
    /// could also have kept it (`O_PATH`) at the moment when it was made. If somebody opened it then,
    /// the proof is refused.
    pub const fn reflink(self) -> Self {
        Self { reflink: true, ..self }
    }

    /// Allows [`Proof::FirstTouch`] for maps of any length.
    ///
    /// Nothing is read in advance. The first touch of a page reads it, and some after it: 16 KiB, and up to
    /// 1 MiB in a sequence. Those bytes then take memory while the map lives. A map of at most 64 KiB is read
    /// at once.
    ///
    /// **A system call does not touch.** Passed to `write(2)`, `send(2)` and the like, a page that nobody
    /// has touched is an error (`EFAULT`, or on Windows `ERROR_NOACCESS` or `ERROR_INVALID_USER_BUFFER`), not its
    /// bytes. Touch it before, by `Map::prefault`, or use
    /// `Map::write_to`, `Map::to_bytes` or a reader, which do.
    ///
    /// A page that cannot be read when it is touched, because the file was cut short or the device failed, is
    /// lost: [`on_lost`](Self::on_lost).
    ///
    /// # Platform
    /// Linux on x86-64 and aarch64. Where the process may use userfaultfd(2) (Linux 6.6, and no sandbox that
    /// forbids it; containers usually do), a thread of each map reads the pages, and it does not matter which
    /// signals and handlers a program has. Elsewhere a handler of `SIGSEGV` reads them: a thread that blocks
    /// that signal, or a handler that was installed later and passes nothing on, ends the process at the
    /// first touch of a page. After `fork`, a child has the pages that were touched before. The others it reads by
    /// itself, in a handler of `SIGSEGV`, when it touches them: it may see another version of them than its parent.
    ///
    /// Windows on x86-64. A handler of exceptions reads the pages, whatever signals or threads a program has; one
    /// that was added later as the first and passes no access violation on ends the process at the first touch of
    /// a page. A debugger is told of each of these exceptions, and has to pass them on. The system promises memory
    /// for the whole map when it is made (commit charge), and takes it for the pages that are touched. While the map
    /// lives the file is open and not mapped: others may write to it, cut it short, rename and delete it, unless it
    /// was opened with `deny_write`. Then nobody opens it to change it while the map lives. A part of the file that
    /// another process has locked (`LockFileEx`) cannot be read, so its pages are lost while it is.
    pub const fn first_touch(self) -> Self {
        self.first_touch_up_to(u64::MAX)
    }

    /// Allows [`Proof::FirstTouch`] for maps of at most this many bytes: so much memory it can come to take.
    pub const fn first_touch_up_to(self, bytes: u64) -> Self {
        Self { first_touch_up_to: bytes, ..self }
    }

    /// Allows [`Proof::Snapshot`] for maps of at most this many bytes.
    pub const fn snapshot_up_to(self, bytes: u64) -> Self {
        Self { snapshot_up_to: bytes, ..self }
    }

    /// Allows a copy of a remote object whose parts have nothing in common but an `ETag`
    /// ([`PinnedBy::ETag`](crate::PinnedBy)): some servers make it of the time in seconds and the length, so that a
    /// copy may be a mixture of two versions, and nothing says so. [`snapshot_up_to`](Self::snapshot_up_to) says how
    /// long the copy may be. Of no meaning for files.
    pub const fn etag(self) -> Self {
        Self { etag: true, ..self }
    }

    /// Whether an `ETag` is enough.
    pub const fn allows_etag(self) -> bool {
        self.etag
    }

    /// The longest map that may be copied into a snapshot, in bytes. 0 if none.
    pub const fn snapshot_max(self) -> u64 {
        self.snapshot_up_to
    }

    /// The longest map whose bytes may freeze when they are touched, in bytes. 0 if none.
    pub const fn first_touch_max(self) -> u64 {
        self.first_touch_up_to
    }

    /// What happens when a slice is read and a page of it is lost. The default is
    /// [`Abort`](OnLostPage::Abort).
    ///
    /// With [`Zeros`](OnLostPage::Zeros), bytes that cannot be read when they are first touched are zeros in
    /// the slice; [`Map::lost`](crate::Map::lost) lists them, and everything that copies reports them. Proofs
    /// whose bytes can be lost after they were read are then not tried: verity, lease, reflink.
    pub const fn on_lost(self, on_lost: OnLostPage) -> Self {
        Self { on_lost, ..self }
    }

    /// What happens when a page of a slice is lost.
    pub const fn when_lost(self) -> OnLostPage {
        self.on_lost
    }

    /// Why a proof is not tried for a map of `len` bytes; `None` if it is.
    pub(crate) fn why_not(self, proof: Proof, len: u64) -> Option<String> {
        let most = match proof {
            Proof::FirstTouch => self.first_touch_up_to,
            Proof::Snapshot => self.snapshot_up_to,
            _ => u64::MAX,
        };
        if !self.allows(proof) {
            Some("it was not asked for".to_owned())
        } else if len > most {
            Some(format!("{len} bytes are more than the {most} that were allowed; allow more"))
        } else if self.on_lost == OnLostPage::Zeros && proof.lends_pages_of_the_file() {
            let why = "its bytes can be lost after they were read, and then cannot become zeros; let a \
                       lost page end the process";
            Some(why.to_owned())
        } else {
            None
        }
    }

    /// Returns `true` if this proof may be tried.
    pub const fn allows(self, proof: Proof) -> bool {
        match proof {
            Proof::Sealed => self.sealed,
            Proof::Verity => self.verity,
            Proof::Lease => self.lease,
            Proof::Reflink => self.reflink,
            Proof::FirstTouch => self.first_touch_up_to > 0,
            Proof::Snapshot => self.snapshot_up_to > 0,
        }
    }
}

/// A proof that does not hold, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProofFailure {
    /// The proof.
    pub proof: Proof,
    /// Why it does not hold, and what can be done about it.
    pub why: String,
}

impl ProofFailure {
    /// A failure with this text.
    pub fn new(proof: Proof, why: impl Into<String>) -> Self {
        Self { proof, why: why.into() }
    }
}

/// Whether a proof would hold for a file; part of [`Explanation`](crate::Explanation).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProofAvailability {
    /// The proof.
    pub proof: Proof,
    /// Why it would not hold; `None` if it would.
    pub why_not: Option<String>,
}

impl ProofAvailability {
    /// A proof that would hold, or the reason why it would not.
    #[must_use]
    pub const fn new(proof: Proof, why_not: Option<String>) -> Self {
        Self { proof, why_not }
    }
}

/// No proof holds for the bytes: each proof with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotProven {
    failures: Vec<ProofFailure>,
}

impl NotProven {
    /// From the proofs that were tried or not allowed, and why each does not hold.
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
    /// One line that says so, and one line for each proof.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nothing proves that these bytes cannot change")?;
        for ProofFailure { proof, why } in &self.failures {
            write!(f, "\n  {proof}: {why}")?;
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
