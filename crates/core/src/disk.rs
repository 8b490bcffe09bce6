//! What saving a file without losing a byte asks of a system: [`Disk`].
//!
//! It is an internal contract without any stability promise, as [`System`](crate::System) is. A saving
//! is an order of these calls. So a disk of tests can stop between any two of them, fail any of them, and
//! lose what was not synced, and the same order runs on it as on a real file system.

use std::ffi::{OsStr, OsString};
use std::fmt::Debug;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::{Map, Mapping, Result};

mod facts;

pub use facts::{
    Attributes, Facts, InUse, LeaseOf, Leased, NodeKind, NotKept, Process, Room, Sectors, Writers,
};

/// A mapping of a file on a disk, which a changed version can be saved to.
pub trait Stored: Mapping + Sized {
    /// The disk of its file.
    type Disk: Disk;

    /// The disk of its file.
    fn disk(&self) -> Self::Disk;

    /// Maps the file at `path` to be read.
    ///
    /// # Errors
    /// As of [`Map::open`](crate::Map::open).
    fn open_on(disk: &Self::Disk, path: &Path) -> Result<Map<Self>>;

    /// The facts of the mapped file, through the descriptor that the mapping holds. `None` if it holds
    /// no file.
    ///
    /// # Errors
    /// Errors of the system.
    fn facts(&self) -> io::Result<Option<Facts>>;
}

/// File systems, as saving uses them.
///
/// Positions and lengths are bytes. A function that does not say more fails with the errors of the system.
/// [`Unsupported`](io::ErrorKind::Unsupported) means that the system, or this file system, has no such
/// operation; nothing was done then.
pub trait Disk: Clone + Debug + Send + Sync + 'static {
    /// An open file.
    type File: Debug + Send + Sync + 'static;
    /// An open folder. Names are relative to it, and contain no separator.
    type Folder: Debug + Send + Sync + 'static;
    /// A lease; it ends when it is dropped.
    type Lease: Leased;

    // Names that lead to files.

    /// The absolute path without symbolic links, so that what is done later is done to the same file.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf>;

    /// Opens an existing file, to be read, or to be read and written. It makes, cuts and changes nothing.
    fn open(&self, path: &Path, writes: bool) -> io::Result<Self::File>;

    /// Opens a device for reading and writing so that nobody else can mount it, or open it in this way,
    /// meanwhile. What is read and written is the device itself, past the system's cache: that may be older
    /// than what a file system wrote. Any position and length will do; what shares a sector with written
    /// bytes is read and written with them.
    ///
    /// # Errors
    /// [`ResourceBusy`](io::ErrorKind::ResourceBusy): it, or a part of it, is mounted or in use.
    /// [`InvalidInput`](io::ErrorKind::InvalidInput): it is not a block device.
    fn open_device(&self, path: &Path) -> io::Result<Self::File>;

    /// The facts of what is at a path now; links are followed.
    fn look(&self, path: &Path) -> io::Result<Facts>;

    // Open files.

    /// The facts of an open file.
    fn facts(&self, file: &Self::File) -> io::Result<Facts>;

    /// Reads at a position, and may read less.
    fn read_at(&self, file: &Self::File, out: &mut [u8], at: u64) -> io::Result<usize>;

    /// Writes at a position, and may write less, as it does at the end of a device.
    ///
    /// # Errors
    /// [`StorageFull`](io::ErrorKind::StorageFull), also after the end of a device.
    fn write_at(&self, file: &Self::File, bytes: &[u8], at: u64) -> io::Result<usize>;

    /// Cuts or extends; new bytes are a hole.
    fn set_len(&self, file: &Self::File, len: u64) -> io::Result<()>;

    /// Brings the bytes to the device, and if `is_all` the length and the attributes too. After an
    /// error nothing is known of bytes that were written since the last success.
    fn sync(&self, file: &Self::File, is_all: bool) -> io::Result<()>;

    /// Takes an exclusive advisory lock on the file, without waiting. `false` if somebody has it.
    fn try_lock(&self, file: &Self::File) -> io::Result<bool>;

    /// Gives the lock back. Closing alone would not do: a process that this one starts has the open file too,
    /// until it runs its own program.
    fn unlock(&self, file: &Self::File);

    // Room and sharing.

    /// The data of a file in a range, as sorted ranges; what is between are holes. Nothing is after its end.
    fn data(&self, file: &Self::File, range: Range<u64>) -> io::Result<Vec<Range<u64>>>;

    /// What is known of the room that overwriting these sorted ranges takes. They may go beyond the end of the
    /// file, where all is a hole. Whole blocks are counted, each once. Changes nothing.
    fn room(&self, file: &Self::File, ranges: &[Range<u64>]) -> io::Result<Room>;

    /// Makes what can be made sure of: gives holes their blocks, and shared blocks their own. The bytes
    /// and the length stay. A file in memory does not say afterwards that these are no holes any more.
    /// After an error some have got blocks.
    ///
    /// # Errors
    /// [`StorageFull`](io::ErrorKind::StorageFull), [`QuotaExceeded`](io::ErrorKind::QuotaExceeded).
    fn make_room(&self, file: &Self::File, ranges: &[Range<u64>]) -> io::Result<()>;

    /// Reserves blocks for a file that will have `len` bytes; its length stays. Where a part of it will be
    /// shared, [`make_room`](Self::make_room) of the rest takes less.
    fn reserve(&self, file: &Self::File, len: u64) -> io::Result<()>;

    /// Shares a range of one file with another instead of copying it. Returns the bytes that are shared
    /// from its start: only whole blocks can be, and the end of `from` where it becomes the end of `to`. 0
    /// says that none can: another file system, or positions that are not multiples of a block.
    fn share(
        &self,
        from: &Self::File,
        range: Range<u64>,
        to: &Self::File,
        at: u64,
    ) -> io::Result<u64>;

    /// Copies within the system, and may copy less. Returns 0 only at the end of `from`.
    ///
    /// # Errors
    /// [`Unsupported`](io::ErrorKind::Unsupported): read and write instead.
    fn copy(
        &self,
        from: &Self::File,
        range: Range<u64>,
        to: &Self::File,
        at: u64,
    ) -> io::Result<u64>;

    // Who else.

    /// Takes a lease, which says that nobody has the file open for writing or mapped for writing, and which
    /// is broken when somebody wants to.
    ///
    /// This process counts as anybody: the caller closes its own descriptors for writing first, and `file` is
    /// one that was opened for reading. While the lease is held the caller must not open the file for
    /// writing, which would wait for itself; it gives the lease back first, and looks whether it was broken
    /// before that. Whoever waits goes on when the lease is dropped, or when the system's patience is over.
    fn lease(&self, file: &Self::File) -> LeaseOf<Self::Lease>;

    /// Who else has the file open for writing. To be asked before this process opens it for writing:
    /// otherwise the answer is [`Unknown`](Writers::Unknown), unless a writer is found by name.
    fn writers(&self, file: &Self::File) -> Writers;

    /// What uses this file, or this device, as a disk: a mount, a loop device, swap. `None` if nothing that
    /// is known does.
    fn in_use(&self, file: &Self::File) -> io::Result<Option<InUse>>;

    /// Where a file is on something that ends with the machine, such as a file system in memory.
    fn is_in_memory(&self, file: &Self::File) -> bool;

    // Attributes.

    /// What a file has beside its bytes: owner, mode, access list, extended attributes, flags.
    fn attributes(&self, file: &Self::File) -> io::Result<Attributes>;

    /// Gives a new, empty file these attributes, in an order in which none takes another away. Returns
    /// what cannot be kept.
    fn give(&self, file: &Self::File, attributes: &Attributes) -> io::Result<Vec<NotKept>>;

    /// Puts back what writing took away of these: capabilities, set-user-id, set-group-id. What others
    /// changed meanwhile stays.
    fn give_back(&self, file: &Self::File, attributes: &Attributes) -> io::Result<Vec<NotKept>>;

    // Folders.

    /// Opens an existing folder.
    fn folder(&self, path: &Path) -> io::Result<Self::Folder>;

    /// Opens a folder that only this user can write to. It is made, and its parents, where it does not exist,
    /// for this user alone, and the new names are synced.
    ///
    /// # Errors
    /// [`PermissionDenied`](io::ErrorKind::PermissionDenied), with a text that says why: it belongs to
    /// another user, others may write to it, or it is a symbolic link.
    fn private_folder(&self, path: &Path) -> io::Result<Self::Folder>;

    /// The names in a folder, in any order.
    fn names(&self, folder: &Self::Folder) -> io::Result<Vec<OsString>>;

    /// Makes a file that only this user can read and write, and opens it for both.
    ///
    /// # Errors
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists).
    fn create(&self, folder: &Self::Folder, name: &OsStr) -> io::Result<Self::File>;

    /// Opens a file of a folder; a link is not followed.
    fn open_in(&self, folder: &Self::Folder, name: &OsStr, writes: bool) -> io::Result<Self::File>;

    /// The facts of a name; a link is not followed. `None` if nothing has it.
    fn look_in(&self, folder: &Self::Folder, name: &OsStr) -> io::Result<Option<Facts>>;

    /// Swaps two names in one step.
    ///
    /// # Errors
    /// [`Unsupported`](io::ErrorKind::Unsupported) where the file system cannot.
    fn exchange(&self, folder: &Self::Folder, one: &OsStr, other: &OsStr) -> io::Result<()>;

    /// Gives a file another name, in one step. What has that name is replaced.
    fn rename(&self, folder: &Self::Folder, from: &OsStr, to: &OsStr) -> io::Result<()>;

    /// Gives a file a name that nothing has, in one step.
    ///
    /// # Errors
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists).
    fn rename_new(&self, folder: &Self::Folder, from: &OsStr, to: &OsStr) -> io::Result<()>;

    /// Removes a name.
    fn remove(&self, folder: &Self::Folder, name: &OsStr) -> io::Result<()>;

    /// Brings the names of a folder to the device.
    fn sync_folder(&self, folder: &Self::Folder) -> io::Result<()>;

    // The process.

    /// This process, so that another one, or a later one, can tell whether it still runs.
    fn this_process(&self) -> Process;

    /// Whether a process still runs; `None` if that cannot be told from here, as of another host.
    fn runs(&self, process: &Process) -> Option<bool>;
}
