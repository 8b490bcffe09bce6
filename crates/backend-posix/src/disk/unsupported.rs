//! POSIX systems other than Linux: what std and POSIX give. The rest is unknown or unsupported there.

pub(super) mod device {
    use std::fs::{File, Metadata};
    use std::io;
    use std::path::Path;

    use memmap_core::Partition;
    use memmap_core::disk::Sectors;

    use crate::file_info;

    pub(in crate::disk) fn len(file: &File) -> io::Result<u64> {
        file_info::end_of(file)
    }

    pub(in crate::disk) const fn sectors(_: &File) -> Option<Sectors> {
        None
    }

    pub(in crate::disk) const fn described_len(_: u64) -> u64 {
        0
    }

    pub(in crate::disk) const fn described_sectors(_: u64) -> Option<Sectors> {
        None
    }

    pub(in crate::disk) fn is_read_only(_: &File, found: &Metadata) -> bool {
        crate::device::refuses_writes(found) == Some(true)
    }

    /// Nothing says that a device is mounted, so none is written to.
    pub(in crate::disk) fn open(_: &Path) -> io::Result<File> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) const fn serial(_: u64) -> String {
        String::new()
    }

    pub(crate) const fn partition(_: u64) -> Option<Partition> {
        None
    }

    pub(crate) const fn partitions(_: u64) -> Vec<Partition> {
        Vec::new()
    }
}

pub(super) mod direct {
    use std::fs::File;
    use std::io;
    use std::os::unix::fs::FileExt;

    pub(in crate::disk) fn read_at(file: &File, out: &mut [u8], at: u64) -> io::Result<usize> {
        file.read_at(out, at)
    }

    pub(in crate::disk) fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<usize> {
        file.write_at(bytes, at)
    }
}

pub(super) mod flags {
    use std::fs::File;

    use memmap_core::disk::{Attributes, NotKept};

    pub(in crate::disk) const ARE_ALL_SEEN: bool = false;

    pub(in crate::disk) const fn of(_: &File) -> Option<u64> {
        None
    }

    pub(in crate::disk) const fn project(_: &File) -> Option<u32> {
        None
    }

    pub(in crate::disk) const fn give(_: &File, _: &Attributes) -> Vec<NotKept> {
        Vec::new()
    }
}

pub(super) mod in_use {
    use std::fs::File;
    use std::io;

    use memmap_core::disk::InUse;

    #[expect(clippy::unnecessary_wraps, reason = "Linux may refuse")]
    pub(in crate::disk) const fn of(_: &File) -> io::Result<Option<InUse>> {
        Ok(None)
    }

    pub(in crate::disk) const fn is_in_memory(_: &File) -> bool {
        false
    }
}

pub(super) mod lease {
    use std::convert::Infallible;
    use std::fs::File;

    use memmap_core::disk::{LeaseOf, Leased};

    /// A lease, which no file has here.
    #[derive(Debug)]
    pub struct Lease(Infallible);

    impl Leased for Lease {
        fn is_breaking(&self) -> bool {
            match self.0 {}
        }
    }

    pub(in crate::disk) const fn take(_: &File) -> LeaseOf<Lease> {
        LeaseOf::Unknown
    }
}

pub(super) mod pinned {
    use std::ffi::OsStr;
    use std::fs::{self, File, OpenOptions};
    use std::io;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;

    use rustix::fs::OFlags;

    use crate::disk::folder::{self, Folder};

    /// Calls `act` with what is at a path, which is opened: only files, folders and devices can be.
    pub(in crate::disk) fn at<T>(
        path: &Path,
        act: impl FnOnce(&File) -> io::Result<T>,
    ) -> io::Result<T> {
        let kind = fs::metadata(path)?.file_type();
        act(&open_as(path, kind, OFlags::NONBLOCK)?)
    }

    pub(in crate::disk) fn in_folder<T>(
        folder: &Folder,
        name: &OsStr,
        act: impl FnOnce(&File) -> io::Result<T>,
    ) -> io::Result<T> {
        let path = folder.path().join(folder::checked(name)?);
        let kind = fs::symlink_metadata(&path)?.file_type();
        act(&open_as(&path, kind, OFlags::NONBLOCK.union(OFlags::NOFOLLOW))?)
    }

    fn open_as(path: &Path, kind: fs::FileType, flags: OFlags) -> io::Result<File> {
        use std::os::unix::fs::FileTypeExt;

        if !kind.is_file() && !kind.is_dir() && !kind.is_block_device() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let flags = i32::try_from(flags.bits()).unwrap_or(0);
        OpenOptions::new().read(true).custom_flags(flags).open(path)
    }

    pub(in crate::disk) fn open(pinned: &File) -> io::Result<File> {
        pinned.try_clone()
    }

    pub(in crate::disk) const fn is_layered(_: &File) -> bool {
        false
    }

    pub(in crate::disk) const fn generation(_: &File) -> Option<u32> {
        None
    }
}

pub(super) mod room {
    use std::fs::File;
    use std::io;
    use std::ops::Range;

    use memmap_core::disk::Room;

    use crate::disk::extents;
    use crate::fallocate;

    /// Holes are counted; whether other blocks are copied is not known.
    pub(in crate::disk) fn room(file: &File, ranges: &[Range<u64>]) -> io::Result<Room> {
        let free = Some(fallocate::free_bytes(file)).filter(|&free| free != u64::MAX);
        let mut room = Room { free, ..Room::default() };
        for range in ranges {
            let data = extents::data(file, range.clone())?;
            let stored = data
                .iter()
                .fold(0_u64, |sum, it| sum.saturating_add(it.end.saturating_sub(it.start)));
            let len = range.end.saturating_sub(range.start);
            room.holes = room.holes.saturating_add(len.saturating_sub(stored));
            room.copied = room.copied.saturating_add(stored);
        }
        Ok(room)
    }

    pub(in crate::disk) fn make_room(_: &File, _: &[Range<u64>]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(in crate::disk) fn reserve(_: &File, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

pub(super) mod writers {
    use std::fs::File;

    use memmap_core::disk::Writers;

    pub(in crate::disk) const fn of(_: &File) -> Writers {
        Writers::Unknown
    }
}
