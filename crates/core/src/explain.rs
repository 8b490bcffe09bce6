use std::fmt;
use std::sync::Arc;

use crate::{Error, FileKind, Mode, Opener, Origin, Proof, ProofAvailability, Proofs, Result};

mod print;
mod warning;

pub use warning::Warning;

/// Explains how a source can be mapped and what prevents it.
///
/// It makes and changes nothing, and on POSIX opens nothing for writing. Sources that cannot be mapped
/// are explained too: a directory, a pipe, a file of `/proc`. Pipes, sockets and character devices are
/// not opened, so nothing blocks.
///
/// # Errors
/// Each names the absolute path: [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is
/// nothing, [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied) if this user may not
/// even look at it, [`ErrorKind::Os`](crate::ErrorKind::Os) for any other error of the system. A file
/// that this user may not read is not an error: the explanation says that no mode maps it.
///
/// # Platform
/// The explanation contains as much as the opener finds out; see [`Opener::explain`]. On Linux a lease
/// is taken for a moment, to test whether one would hold, and the thread that watches leases is started.
/// No page is evicted for that, so the explanation does not say whether a page is in use, which would
/// prevent a lease.
///
/// # Cost
/// That of opening the file a few times, and of inspecting it for at most about two seconds, however
/// long it is.
///
/// # Examples
/// ```
/// use memmap_core::{FileKind, Files, testing::FakeBackend};
///
/// let files = Files::new(FakeBackend::default());
/// let directory = memmap_core::explain(&files, std::env::temp_dir())?;
/// assert_eq!((directory.kind, directory.len), (FileKind::Directory, None));
/// # Ok::<(), memmap_core::Error>(())
/// ```
pub fn explain<O: Opener>(opener: &O, source: impl AsRef<O::Source>) -> Result<Explanation> {
    let source = source.as_ref();
    opener.explain(source).map_err(|error| error.with_origin(opener.origin(source)))
}

/// What a source is, how it can be mapped, and what prevents that.
///
/// It prints as aligned lines of at most 80 columns (except for a long name), the escaped name first.
/// Sizes are exact, followed by a value that is rounded down in binary units. Limits are left out if
/// nothing can be mapped. Programs use the fields.
///
/// `None` means unknown, or that this source has no such property: a pipe has no length.
///
/// # Cost
/// Making one costs what [`explain`](fn@crate::explain) costs. A clone copies a few strings.
///
/// # Examples
/// ```
/// use memmap_core::{Explanation, FileKind};
///
/// let mut explanation = Explanation::new("/tmp/data", FileKind::Regular);
/// explanation.len = Some(1 << 40);
/// assert_eq!(
///     explanation.to_string(),
///     "\"/tmp/data\"\n  \
///        is             a regular file\n  \
///        length         1099511627776 bytes (1 TiB)",
/// );
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Explanation {
    /// The source: the absolute path of a file. Symbolic links are not resolved.
    pub origin: Origin,
    /// What it is.
    pub kind: FileKind,
    /// Length in bytes.
    pub len: Option<u64>,
    /// How many bytes are stored, and how many are holes.
    pub stored: Option<Stored>,
    /// How many of the stored bytes are in memory.
    pub resident: Option<Residency>,
    /// Properties of the device, if it is a block device.
    pub device: Option<Device>,
    /// The file system of the file. For a pipe or a character device, that of its name.
    pub file_system: Option<FileSystem>,
    /// Size in bytes of a page of memory in a mapping of this file. On hugetlbfs it is that of a large
    /// page.
    pub page_size: Option<u64>,
    /// For each mode, whether the whole file could be mapped in it, in the order of [`Mode::ALL`].
    pub verdicts: Vec<Mappability>,
    /// For each proof, whether it would hold, in the order of [`Proof::ALL`](crate::Proof::ALL). Empty
    /// if the file cannot be mapped.
    pub proofs: Vec<ProofAvailability>,
    /// How a map of the whole file in mode `r` gets its bytes, if the file can be mapped.
    pub access: Option<Access>,
    /// Use and limits of this process and of the machine.
    pub limits: Limits,
}

/// How a map gets the bytes of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access {
    /// From the system's pages of the file, which are in the process's address space.
    Mapped,
    /// The same, through a private mapping, because the file system supports no other. Writes of others
    /// may be seen late, or only after the file is mapped again.
    MappedPrivately,
    /// By a system call for each access: the system does not map the file, or a fault in one of its
    /// pages could not be handled.
    Read,
}

impl Explanation {
    /// The proof that [`Map::prove`](crate::Map::prove) would find for a map of the whole file in mode `r`: the
    /// first that holds and may be tried. For what `FrozenMap::open` would use, pass [`Proofs::any`].
    pub fn proof(&self, proofs: Proofs) -> Option<Proof> {
        let len = self.len.unwrap_or(0);
        let mut held = self.proofs.iter().filter(|it| it.why_not.is_none());
        held.find(|it| proofs.why_not(it.proof, len).is_none()).map(|it| it.proof)
    }

    /// An explanation with nothing but an origin and a kind, for an opener to complete.
    pub fn new(origin: impl Into<Origin>, kind: FileKind) -> Self {
        Self {
            origin: origin.into(),
            kind,
            len: None,
            stored: None,
            resident: None,
            device: None,
            file_system: None,
            page_size: None,
            verdicts: Vec::new(),
            proofs: Vec::new(),
            access: None,
            limits: Limits::default(),
        }
    }

    /// Whether the whole file could be mapped in this mode; `None` if that was not found out.
    pub fn verdict(&self, mode: Mode) -> Option<&Mappability> {
        self.verdicts.iter().find(|verdict| verdict.mode() == mode)
    }
}

/// How many bytes of a file are stored, and how many are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "backends outside this crate construct it")]
pub struct Stored {
    /// Stored bytes.
    pub data: u64,
    /// Bytes in holes, which read as zeros.
    pub holes: u64,
    /// Number of runs of stored bytes.
    pub runs: u64,
    /// Bytes of disk space that the whole file takes. It includes space that is reserved for holes, and
    /// is less than `data` on a file system that compresses.
    pub on_disk: u64,
    /// The number of bytes, from the start of the file, that were inspected. It is less than the length
    /// if there were too many runs.
    pub looked_at: u64,
}

/// How many of a file's stored bytes are in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "backends outside this crate construct it")]
pub struct Residency {
    /// Bytes that are in memory, as reported by the system.
    pub bytes: u64,
    /// The number of stored bytes, from the first one on, that were inspected. It is less than
    /// [`Stored::data`] if the inspection took too long.
    pub looked_at: u64,
    /// Whether the system reports the truth.
    ///
    /// # Platform
    /// Linux reports every byte as present to a user who does not own the file and may not write to it,
    /// so that nobody can spy on what others read.
    pub is_certain: bool,
}

/// Properties that a block device reports; `None` if it does not report one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "backends outside this crate construct it")]
pub struct Device {
    /// Size of a logical sector in bytes: the smallest unit that it reads or writes.
    pub sector_size: Option<u64>,
    /// Size of a physical sector in bytes: smaller writes take longer.
    pub physical_sector_size: Option<u64>,
    /// Whether it is read-only.
    pub is_read_only: Option<bool>,
    /// A name that stays with it: a serial number, or the file that a loop device shows; not escaped.
    pub serial: Option<String>,
    /// The disk that it is a part of, and which part.
    pub partition: Option<Partition>,
    /// Its parts, in the order of their places.
    pub partitions: Vec<Partition>,
    /// What uses it as a disk, such as `mounted at /`; not escaped. Needs the right to open it.
    pub used_by: Option<String>,
}

/// A part of a disk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "backends outside this crate construct it")]
pub struct Partition {
    /// The name of the disk that it is a part of, such as `sda`.
    pub disk: String,
    /// Its number there.
    pub number: u32,
    /// Where it starts on the disk, in bytes.
    pub start: u64,
    /// Length in bytes.
    pub len: u64,
}

/// A file system, as far as it matters to a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileSystem {
    /// The system's name for it, such as `ext4` or `fuse.sshfs`; not escaped.
    pub name: String,
    /// Where its bytes are.
    pub kind: FileSystemKind,
    /// Whether it is mounted read-only.
    pub is_read_only: bool,
    /// Bytes that this user could still store on it.
    pub free: u64,
    /// Its size in bytes.
    pub total: u64,
    /// Size of a block in bytes: the unit in which it stores data.
    pub block_size: u64,
}

impl FileSystem {
    /// A file system of this name without any space, for a backend to complete.
    pub fn new(name: impl Into<String>, kind: FileSystemKind) -> Self {
        let (is_read_only, free, total, block_size) = (false, 0, 0, 0);
        Self { name: name.into(), kind, is_read_only, free, total, block_size }
    }
}

/// Where the bytes of a file system are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileSystemKind {
    /// On a device of this machine.
    Local,
    /// In the memory of this machine.
    Memory,
    /// On another machine. Others may change them there.
    Network,
    /// In several other file systems, in layers.
    Layered,
    /// In a place that only the program knows that serves the file system.
    Program,
    /// Nowhere: the kernel generates them when they are read.
    Pseudo,
    /// Unknown.
    Unknown,
}

impl fmt::Display for FileSystemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Local => "on this machine",
            Self::Memory => "in memory",
            Self::Network => "on another machine",
            Self::Layered => "layers of other file systems",
            Self::Program => "served by a program",
            Self::Pseudo => "made up by the kernel",
            Self::Unknown => "of a sort that is not known here",
        })
    }
}

/// Whether a whole file could be mapped in a mode.
#[derive(Debug, Clone)]
pub struct Mappability {
    mode: Mode,
    is_tried: bool,
    refusal: Option<Arc<Error>>,
}

impl Mappability {
    /// From the result of mapping the file.
    pub fn tried<T>(mode: Mode, result: Result<T>) -> Self {
        Self { mode, is_tried: true, refusal: result.err().map(Arc::new) }
    }

    /// From a result that follows from what is known, without mapping the file.
    pub fn concluded<T>(mode: Mode, result: Result<T>) -> Self {
        Self { is_tried: false, ..Self::tried(mode, result) }
    }

    /// The mode.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether the file was mapped to find out.
    ///
    /// # Platform
    /// POSIX: modes `r+` and `w+` are concluded from what the system reports. The file is never opened
    /// for writing, because that would break leases of others and report a write to processes that watch
    /// it. Only opening would show that the file is a running program. Windows: only mode `w+` is
    /// concluded, and the file is opened for writing, because there is no other way to find out.
    pub const fn is_tried(&self) -> bool {
        self.is_tried
    }

    /// Returns `true` if the file could be mapped.
    pub const fn is_possible(&self) -> bool {
        self.refusal.is_none()
    }

    /// The error that [`MapOptions::open`](crate::MapOptions::open) would return; `None` if it would
    /// succeed.
    pub fn refusal(&self) -> Option<&Error> {
        self.refusal.as_deref()
    }
}

/// Use and limits of this process and of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Limits {
    /// Mappings, of files and of memory. Each map of a file is at least one.
    pub mappings: Option<Limit>,
    /// Bytes of address space that all mappings take, used or not.
    pub address_space: Option<Limit>,
    /// Bytes that are locked in memory, as by [`lock_in_ram`](crate::Map::lock_in_ram).
    pub locked_memory: Option<Limit>,
    /// Open files. A map for writing holds one, and so does one that reads its file by system calls.
    pub open_files: Option<Limit>,
    /// Bytes of memory of the machine.
    pub memory: Option<u64>,
}

/// The current use and the maximum of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "backends outside this crate construct it")]
pub struct Limit {
    /// The current use; `None` if the system does not report it.
    pub now: Option<u64>,
    /// The maximum; `None` if there is no limit.
    pub max: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::FakeBackend;
    use crate::{ErrorKind, Files, Op};

    #[test]
    fn a_backend_that_knows_no_more_than_the_default_tells_what_there_is() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(123).unwrap();
        let files = Files::new(FakeBackend::default());
        let explanation = explain(&files, file.path()).unwrap();
        assert_eq!((explanation.kind, explanation.len), (FileKind::Regular, Some(123)));
        assert_eq!(explanation.origin.as_path(), Some(file.path()));
        assert!(explanation.verdicts.is_empty() && explanation.warnings().is_empty());

        let missing = file.path().join("inside");
        let error = explain(&files, &missing).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NotFound));
        assert_eq!((error.op(), error.path()), (Op::Query, Some(&*missing)));
    }

    fn regular(len: u64) -> Explanation {
        let mut explanation = Explanation::new("/a", FileKind::Regular);
        explanation.len = Some(len);
        explanation
    }

    #[test]
    fn each_place_that_matters_is_warned_of_by_its_name_but_not_for_a_pipe() {
        for (kind, name) in [
            (FileSystemKind::Layered, Some("layered")),
            (FileSystemKind::Network, Some("network")),
            (FileSystemKind::Program, Some("program")),
            (FileSystemKind::Local, None),
            (FileSystemKind::Memory, None),
            (FileSystemKind::Unknown, None),
        ] {
            let mut explanation = regular(10);
            explanation.file_system = Some(FileSystem::new("x\x1b", kind));
            let warnings = explanation.warnings();
            assert_eq!(warnings.first().map(Warning::name), name);
            assert!(!explanation.to_string().contains('\x1b'));
            explanation.kind = FileKind::Fifo;
            assert!(explanation.warnings().is_empty());
        }
    }

    #[test]
    fn sizes_are_warned_of_from_the_first_byte_that_is_too_much() {
        let names = |explanation: &Explanation| {
            explanation.warnings().iter().map(Warning::name).collect::<Vec<_>>()
        };
        let mut explanation = regular(4096);
        explanation.page_size = Some(4096);
        explanation.limits.memory = Some(4096);
        let (now, max) = (Some(10), Some(4106));
        explanation.limits.address_space = Some(Limit { now, max });
        assert_eq!(names(&explanation), [""; 0]);
        explanation.len = Some(4097);
        assert_eq!(names(&explanation), ["no-addresses", "more-than-memory"]);
        explanation.len = Some(4095);
        assert_eq!(names(&explanation), ["small-file"]);
        explanation.len = Some(0);
        assert_eq!(names(&explanation), [""; 0]);

        let mut explanation = regular(1 << 40);
        explanation.limits.memory = Some(1 << 30);
        let looked_at = 1 << 40;
        explanation.stored =
            Some(Stored { data: 1, holes: (1 << 40) - 1, runs: 1, on_disk: 1, looked_at });
        let mut on = FileSystem::new("ext4", FileSystemKind::Local);
        on.free = (1 << 40) - 1;
        explanation.file_system = Some(on.clone());
        assert_eq!(names(&explanation), [""; 0]);
        on.free -= 1;
        explanation.file_system = Some(on.clone());
        assert_eq!(names(&explanation), ["holes-without-room"]);
        if let Some(stored) = &mut explanation.stored {
            stored.on_disk = 2; // room is reserved for one more
        }
        assert_eq!(names(&explanation), [""; 0]);
        on.free = 0;
        on.is_read_only = true;
        explanation.file_system = Some(on);
        assert_eq!(names(&explanation), ["read-only-file-system"]);

        for (now, is_few) in [(89, false), (90, true), (u64::MAX, true)] {
            explanation.limits.mappings = Some(Limit { now: Some(now), max: Some(100) });
            assert_eq!(names(&explanation).contains(&"few-mappings-left"), is_few);
        }
    }

    #[test]
    fn what_is_in_memory_is_only_told_where_it_is_true() {
        let mut explanation = regular(8192);
        let mut residency = Residency { bytes: 8192, looked_at: 8192, is_certain: true };
        explanation.resident = Some(residency);
        assert!(explanation.to_string().contains("in memory      8192 bytes (8 KiB)"));
        residency.is_certain = false;
        explanation.resident = Some(residency);
        assert!(explanation.to_string().contains("in memory      not known: the system tells"));
    }

    #[test]
    fn modes_that_are_refused_for_the_same_reason_share_a_line() {
        let mut explanation = regular(0);
        explanation.verdicts = Mode::ALL
            .into_iter()
            .map(|mode| match mode {
                Mode::Read => Mappability::tried(mode, Ok(())),
                Mode::CopyOnWrite => {
                    let kind = ErrorKind::OutOfMemory { len: 5 };
                    Mappability::tried(mode, Err::<(), _>(Error::new(Op::Map, kind)))
                }
                mode => {
                    let error = Error::new(Op::Open, ErrorKind::PermissionDenied { mode });
                    Mappability::concluded(mode, Err::<(), _>(error))
                }
            })
            .collect();
        let text = explanation.to_string();
        assert!(text.contains("maps in mode   r\n"), "{text}");
        assert!(text.contains("not in mode    r+, w+: permission denied"), "{text}");
        assert!(text.contains("not in mode    c: there is no memory for 5 more bytes"), "{text}");
        let verdict = explanation.verdict(Mode::CopyOnWrite).unwrap();
        assert!(verdict.is_tried() && !verdict.is_possible());
        assert_eq!(verdict.refusal().unwrap().op(), Op::Map);
    }
}
