use std::fmt;
use std::io;
use std::path::{MAIN_SEPARATOR_STR, Path};

/// Which function of [`Disk`](crate::disk::Disk) is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "tests go through all of them")]
#[expect(missing_docs, reason = "each is named as its function")]
pub enum CallKind {
    Resolve,
    Open,
    OpenDevice,
    Look,
    Facts,
    Read,
    Write,
    SetLen,
    Sync,
    Lock,
    Data,
    Room,
    MakeRoom,
    Reserve,
    Share,
    Copy,
    InUse,
    Attributes,
    Give,
    GiveBack,
    Folder,
    PrivateFolder,
    MakeFolder,
    Names,
    Create,
    OpenIn,
    LookIn,
    Exchange,
    Rename,
    RenameNew,
    Remove,
    SyncFolder,
}

impl CallKind {
    /// Whether it changes what the disk has, or what of it is durable. Such calls have numbers.
    pub const fn changes(self) -> bool {
        matches!(
            self,
            Self::Write
                | Self::SetLen
                | Self::Sync
                | Self::MakeRoom
                | Self::Reserve
                | Self::Share
                | Self::Copy
                | Self::Give
                | Self::GiveBack
                | Self::MakeFolder
                | Self::Create
                | Self::Exchange
                | Self::Rename
                | Self::RenameNew
                | Self::Remove
                | Self::SyncFolder
        )
    }
}

/// A call that changed something, or tried to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// Its number; the first is 0.
    pub number: usize,
    /// The process that called.
    pub process: u32,
    /// The function.
    pub kind: CallKind,
    /// The path of the file or the folder, as it was when it was made.
    pub on: String,
    /// The arguments.
    pub with: String,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, process, kind, on, with } = self;
        write!(f, "{number} [{process}] {kind:?} {on} {with}")
    }
}

/// Selects calls.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum At {
    /// The call that changes something and has this number.
    Call(usize),
    /// Calls of a function.
    Kind(CallKind),
    /// Calls of a function on a path that ends so.
    On(CallKind, String),
}

impl At {
    /// Calls of a function on a path that ends so.
    pub fn on(kind: CallKind, path_end: &str) -> Self {
        Self::On(kind, path_end.to_owned())
    }

    pub(super) fn selects(&self, kind: CallKind, on: &str, number: Option<usize>) -> bool {
        match self {
            Self::Call(wanted) => number == Some(*wanted),
            Self::Kind(wanted) => *wanted == kind,
            Self::On(wanted, end) => *wanted == kind && on.ends_with(&shown(Path::new(end))),
        }
    }
}

/// What happens to a selected call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiskFault {
    /// It fails.
    Error(io::ErrorKind),
    /// It fails with a number of the system.
    Errno(i32),
    /// It reads, writes or copies at most this many bytes.
    Short(usize),
}

impl DiskFault {
    pub(super) fn error(self) -> Option<io::Error> {
        match self {
            Self::Error(kind) => Some(kind.into()),
            Self::Errno(number) => Some(io::Error::from_raw_os_error(number)),
            Self::Short(_) => None,
        }
    }
}

/// How often a fault happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there are only these")]
pub enum Times {
    /// At the first selected call.
    Once,
    /// At each selected call.
    Always,
}

/// A path as calls show it, which is the same on all systems.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string().replace(MAIN_SEPARATOR_STR, "/")
}
