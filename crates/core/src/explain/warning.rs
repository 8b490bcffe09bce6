use std::fmt;

use super::print::Bytes;
use super::{Access, Explanation, FileSystemKind, Limit, Limits};
use crate::FileKind;

/// Something that a user should know before mapping a file, and can act on.
///
/// It prints as a sentence that states the problem and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The file is on layered file systems, and may move between layers.
    Layered {
        /// The system's name for the file system.
        file_system: String,
    },
    /// The file is on another machine.
    Network {
        /// The system's name for the file system.
        file_system: String,
    },
    /// A program serves the file.
    Program {
        /// The system's name for the file system.
        file_system: String,
    },
    /// The bytes of the file do not exist before it is read.
    Pseudo {
        /// What kind of file it is.
        kind: FileKind,
    },
    /// The file system is read-only.
    ReadOnlyFileSystem,
    /// The file system supports only private mappings.
    MappedPrivately,
    /// Each access is a system call ([`Access::Read`]).
    NotMapped,
    /// The process does not have enough address space left for the whole file.
    NoAddresses {
        /// Length of the file in bytes.
        len: u64,
        /// Bytes of address space that are left.
        left: u64,
    },
    /// The process has nearly reached its limit on mappings.
    FewMappingsLeft {
        /// Mappings that it has.
        now: u64,
        /// Mappings that it may have.
        max: u64,
    },
    /// The stored bytes of the file do not fit into memory at once.
    MoreThanMemory {
        /// Stored bytes of the file.
        data: u64,
        /// Bytes of memory.
        memory: u64,
    },
    /// The holes of the file for which no space is reserved do not fit on the disk.
    HolesWithoutRoom {
        /// Bytes of such holes.
        holes: u64,
        /// Free bytes on the disk.
        free: u64,
    },
    /// The file is so small that reading it costs less than mapping it.
    SmallFile {
        /// Length of the file in bytes.
        len: u64,
    },
}

impl Warning {
    /// A short, stable name, for programs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Layered { .. } => "layered",
            Self::Network { .. } => "network",
            Self::Program { .. } => "program",
            Self::Pseudo { .. } => "made-up",
            Self::ReadOnlyFileSystem => "read-only-file-system",
            Self::MappedPrivately => "mapped-privately",
            Self::NotMapped => "not-mapped",
            Self::NoAddresses { .. } => "no-addresses",
            Self::FewMappingsLeft { .. } => "few-mappings-left",
            Self::MoreThanMemory { .. } => "more-than-memory",
            Self::HolesWithoutRoom { .. } => "holes-without-room",
            Self::SmallFile { .. } => "small-file",
        }
    }
}

impl fmt::Display for Warning {
    #[expect(clippy::too_many_lines, reason = "a sentence for each, one below the other")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Layered { ref file_system } => write!(
                f,
                "it is on {}, which copies a file when it is first opened for writing, and a map \
                 made before that goes on showing the old one; map it anew after that, or put it on \
                 a file system of its own",
                file_system.escape_debug()
            ),
            Self::Network { ref file_system } => write!(
                f,
                "it is on {}: other machines may change it or cut it short, what they write may be \
                 seen late, and without a connection reads wait or fail; copy it to a local disk \
                 where that matters",
                file_system.escape_debug()
            ),
            Self::Program { ref file_system } => write!(
                f,
                "it is on {}, whose bytes come from a program: each read of what is not in memory \
                 waits for that program, and fails when it ends; copy the file to a local disk where \
                 that matters",
                file_system.escape_debug()
            ),
            Self::Pseudo { kind } => write!(
                f,
                "it is {kind}: it has no bytes before it is read, whatever its length says, and may \
                 read differently each time; read it as a whole, once"
            ),
            Self::ReadOnlyFileSystem => write!(
                f,
                "its file system is mounted for reading alone; use mode \"r\", or \"c\" to keep the \
                 changes to this process, or have it mounted for writing"
            ),
            Self::MappedPrivately => write!(
                f,
                "its file system maps it for this process alone, as FUSE with direct I/O does: it \
                 cannot be written through a map, and what others write may be seen late; map it \
                 again to see it, or copy the file to a local disk"
            ),
            Self::NotMapped => write!(
                f,
                "each read of it is a system call, which is far slower for a few bytes: the system \
                 maps nothing of it, or a fault in one of its pages could not be caught; copy it to a \
                 local disk, map a part of it, or read it in large pieces"
            ),
            Self::NoAddresses { len, left } => write!(
                f,
                "the whole file takes {} of address space, and this process may take {left} more; \
                 map a part of it with an offset and a length, or raise the limit on address space",
                Bytes(len)
            ),
            Self::FewMappingsLeft { now, max } => write!(
                f,
                "this process has {now} mappings and may have {max}; close some, or raise the \
                 system's limit on the number of mappings"
            ),
            Self::MoreThanMemory { data, memory } => write!(
                f,
                "{} of it are stored, and this machine has {memory} bytes of memory: pages will leave \
                 it again; use the file in order, and say so with `advise`, or give back what is done \
                 with",
                Bytes(data)
            ),
            Self::HolesWithoutRoom { holes, free } => write!(
                f,
                "its holes have {} for which no room is reserved, and {free} are free on the disk: \
                 writing into all of them fills it; make room, or write into fewer",
                Bytes(holes)
            ),
            Self::SmallFile { len } => write!(
                f,
                "it has {}, less than a page; where there are many such files, let `small_file` \
                 read them instead of mapping each",
                Bytes(len)
            ),
        }
    }
}

impl Explanation {
    /// Warnings that a user can act on, the most important first. They are computed from the fields.
    ///
    /// # Cost
    /// No system call.
    pub fn warnings(&self) -> Vec<Warning> {
        let on = self.file_system.as_ref().filter(|_| self.kind.is_mappable());
        let of_place = on.and_then(|on| {
            let file_system = on.name.clone();
            match on.kind {
                FileSystemKind::Layered => Some(Warning::Layered { file_system }),
                FileSystemKind::Network => Some(Warning::Network { file_system }),
                FileSystemKind::Program => Some(Warning::Program { file_system }),
                _ => None,
            }
        });
        let made_up = matches!(self.kind, FileKind::Proc | FileKind::Sys | FileKind::Pseudo)
            .then_some(Warning::Pseudo { kind: self.kind });
        let read_only = on.filter(|on| on.is_read_only).map(|_| Warning::ReadOnlyFileSystem);
        let of_access = match self.access {
            Some(Access::MappedPrivately) => Some(Warning::MappedPrivately),
            Some(Access::Read) => Some(Warning::NotMapped),
            Some(Access::Mapped) | None => None,
        };
        let of_size = self.warnings_of_size();
        [of_place, made_up, read_only, of_access].into_iter().chain(of_size).flatten().collect()
    }

    fn warnings_of_size(&self) -> [Option<Warning>; 5] {
        let Limits { mappings, address_space, memory, .. } = self.limits;
        let few_mappings = mappings.and_then(|Limit { now, max }| {
            let (now, max) = (now?, max?);
            let is_few = max.saturating_sub(now) <= max / 10;
            is_few.then_some(Warning::FewMappingsLeft { now, max })
        });
        let Some(len) = self.len.filter(|_| self.kind.is_mappable()) else {
            return [few_mappings, None, None, None, None];
        };
        // If the inspection stopped early, the numbers are correct for the part that was seen.
        let (data, bare) = self.stored.map_or((len, 0), |stored| {
            (stored.data, stored.holes.min(len.saturating_sub(stored.on_disk)))
        });
        let on = self.file_system.as_ref();
        let is_memory = on.is_some_and(|on| on.kind == FileSystemKind::Memory);
        let no_addresses = address_space.and_then(|limit| {
            let left = limit.max?.saturating_sub(limit.now.unwrap_or(0));
            (len > left).then_some(Warning::NoAddresses { len, left })
        });
        let more_than_memory = memory
            .filter(|&memory| data > memory && !is_memory)
            .map(|memory| Warning::MoreThanMemory { data, memory });
        let no_room = on
            .filter(|on| bare > on.free && !on.is_read_only)
            .map(|on| Warning::HolesWithoutRoom { holes: bare, free: on.free });
        let is_small = len > 0 && self.page_size.is_some_and(|page| len < page);
        let small = is_small.then_some(Warning::SmallFile { len });
        [no_addresses, few_mappings, more_than_memory, no_room, small]
    }
}
