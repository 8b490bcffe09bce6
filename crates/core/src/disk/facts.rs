use std::ffi::OsString;
use std::time::SystemTime;

/// What a name leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "saving decides each")]
pub enum NodeKind {
    /// A regular file.
    File,
    /// A block device.
    Device,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// Anything else: a pipe, a socket.
    Other,
}

/// What a system says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the systems make it, and saving compares it")]
pub struct Facts {
    /// What it is.
    pub kind: NodeKind,
    /// The file system that it is on, by number; of a device, the device itself.
    pub device: u64,
    /// Its number in the file system; 0 for a device, which is the same by any name.
    pub inode: u128,
    /// How often the number was given to another file, where that is known.
    pub generation: Option<u32>,
    /// When it was made, where that is known and stays. On an overlay it does not stay: a file of a lower
    /// layer is copied when it is first opened for writing. Devices have no times.
    pub born: Option<SystemTime>,
    /// Length in bytes; of a device, its size.
    pub len: u64,
    /// When its bytes changed.
    pub modified: Option<SystemTime>,
    /// When anything of it changed, where that is known and stays; not on an overlay.
    pub changed: Option<SystemTime>,
    /// The names that it has.
    pub links: u64,
    /// What a device is made of; `None` for anything else.
    pub sectors: Option<Sectors>,
    /// Whether it refuses writes whoever asks: a read-only device or file system, an attribute.
    pub is_read_only: bool,
    /// A name that stays with a device: a serial number, the name by id, or the file of a loop device; empty
    /// for anything else, and for a device that has none.
    pub serial: String,
}

impl Facts {
    /// Whether both are of one file, while one of them is held open. A number that was given again to
    /// another file is told from the generation and the birth time where they are known.
    pub fn is_same_file(&self, other: &Self) -> bool {
        let agree = |a: Option<u64>, b: Option<u64>| a.is_none() || b.is_none() || a == b;
        self.kind == other.kind
            && self.device == other.device
            && self.inode == other.inode
            && agree(self.generation.map(u64::from), other.generation.map(u64::from))
            && (self.born.is_none() || other.born.is_none() || self.born == other.born)
            && self.serial == other.serial
    }

    /// Whether both are of one file, where it was not held open between the two and the system may have been
    /// started again. The number of its file system is another one then, as btrfs and device mapper give them
    /// when they start. A file is known by its generation or its time of birth, a device by its serial.
    pub fn is_same_file_later(&self, other: &Self) -> bool {
        let is_known = match self.kind {
            NodeKind::Device => !self.serial.is_empty() && self.len == other.len,
            _ => {
                (self.generation.is_some() && other.generation.is_some())
                    || (self.born.is_some() && other.born.is_some())
            }
        };
        let device = if is_known { self.device } else { other.device };
        self.is_same_file(&Self { device, ..other.clone() })
    }

    /// Whether it is the same file and nothing says that it changed meanwhile.
    pub fn is_same_version(&self, other: &Self) -> bool {
        self.is_same_file(other)
            && self.len == other.len
            && self.modified == other.modified
            && self.changed == other.changed
    }
}

/// The sectors of a device, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "devices have these two")]
pub struct Sectors {
    /// The smallest part that can be addressed.
    pub logical: u32,
    /// The smallest part that is written at once.
    pub physical: u32,
}

/// What is known of the room that overwriting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "the systems make it")]
pub struct Room {
    /// Bytes in holes, which get blocks.
    pub holes: u64,
    /// Bytes in blocks that other files share, or that the file system copies whenever they are written.
    pub copied: u64,
    /// Whether [`Disk::make_room`](super::Disk::make_room) makes sure of it; otherwise the free bytes must do.
    pub can_be_made_sure: bool,
    /// Free bytes of the file system for this user.
    pub free: Option<u64>,
}

/// What came of asking for a lease.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "saving decides each")]
pub enum LeaseOf<L> {
    /// Nobody has the file open for writing, and the lease tells who comes.
    Held(L),
    /// Somebody has it open for writing.
    Refused,
    /// This system, this file system or this user has no leases.
    Unknown,
}

/// A lease that is held.
pub trait Leased: std::fmt::Debug + Send + Sync + 'static {
    /// Whether somebody waits to open the file for writing.
    fn is_breaking(&self) -> bool;
}

/// Who else has a file open for writing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "saving says each")]
pub enum Writers {
    /// Nobody.
    None,
    /// Somebody: process numbers and names of those that could be found out.
    Some(Vec<(u32, String)>),
    /// The system does not say.
    Unknown,
}

/// What uses a file or a device as a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the systems make it")]
pub struct InUse {
    /// Such as `mounted at /mnt` or `loop device /dev/loop0`.
    pub by: String,
}

/// What a file has beside its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the systems make it")]
pub struct Attributes {
    /// User and group.
    pub owner: Option<(u32, u32)>,
    /// Permission bits, with set-user-id, set-group-id and sticky.
    pub mode: Option<u32>,
    /// Extended attributes, access lists, labels and capabilities among them.
    pub extended: Vec<(OsString, Vec<u8>)>,
    /// Flags of the file system, such as no copy-on-write.
    pub flags: Option<u64>,
    /// The project that its blocks are counted for.
    pub project: Option<u32>,
}

/// Set-user-id and set-group-id.
const SET_ID: u32 = 0o6000;

impl Attributes {
    /// Whether writing to the file may take something away that is put back afterwards.
    pub fn takes_sync(&self) -> bool {
        self.mode.is_some_and(|mode| mode & SET_ID != 0) || !self.extended.is_empty()
    }

    /// These, with what writing may have taken away of those `before`. A file of another owner gets nothing
    /// back: it would let programs run as that owner.
    #[must_use]
    pub fn with_taken(mut self, before: &Self) -> Self {
        if self.owner != before.owner {
            return self;
        }
        let ids = before.mode.map_or(0, |mode| mode & SET_ID);
        self.mode = self.mode.map(|mode| mode | ids);
        for (name, value) in &before.extended {
            if self.extended.iter().all(|(other, _)| other != name) {
                self.extended.push((name.clone(), value.clone()));
            }
        }
        self
    }
}

/// Something that a new file cannot have of the old one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotKept {
    /// The owner.
    Owner {
        /// User and group of the old file.
        was: (u32, u32),
    },
    /// The permission bits.
    Mode {
        /// Those of the old file.
        was: u32,
    },
    /// An extended attribute.
    Extended {
        /// Its name.
        name: OsString,
    },
    /// Flags of the file system.
    Flags,
    /// The project that its blocks are counted for.
    Project {
        /// That of the old file.
        was: u32,
    },
    /// Access lists and extended attributes, which nothing here looks at on this system.
    Unseen,
}

/// A process of some host.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the journal stores it")]
pub struct Process {
    /// The name of the host.
    pub host: String,
    /// What tells one start of the host from another, and one space of process numbers on it from another.
    pub boot: String,
    /// The process number.
    pub id: u32,
    /// When it started, in the units of the system.
    pub started: u64,
    /// The user that it acts for.
    pub user: u32,
}
