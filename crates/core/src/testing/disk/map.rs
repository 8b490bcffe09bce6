use std::io;
use std::path::Path;

use super::files::to_usize;
use super::node::{Node, sectors_of};
use super::{TestDisk, TestFile};
use crate::disk::{Disk, Facts, Stored};
use crate::{Error, ErrorKind, Extent, FileKind, Identity, Map, Mapping, Mode, Op, Result, widen};

/// A mapping of a file on a [`TestDisk`]. As a shared mapping, it shows what is written to the file later,
/// misses what is cut off, and keeps the bytes of a file that was removed.
#[derive(Debug)]
pub struct TestMap {
    file: TestFile,
    len: u64,
}

impl TestMap {
    fn with_node<T>(&self, act: impl FnOnce(&Node, usize) -> T) -> Result<T> {
        let state = self.file.disk.lock();
        let node = state.node(self.file.node);
        let node = node.map_err(|error| Error::new(Op::Read, ErrorKind::Os(error)))?;
        Ok(act(node, state.sector))
    }
}

impl Mapping for TestMap {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        crate::check(offset, out.len(), self.len)?;
        self.with_node(|node, sector| {
            let start =
                to_usize(offset).map_err(|error| Error::new(Op::Read, ErrorKind::Os(error)))?;
            let end = start + out.len();
            let bad = sectors_of(start, end, sector).find(|index| node.unreadable.contains(index));
            if let Some(index) = bad {
                let at = widen((index * sector).max(start));
                return Err(Error::io(Op::Read, at, io::Error::other("medium error")));
            }
            let now = node.bytes.len();
            if end > now && start < end {
                let kind = ErrorKind::Truncated {
                    offset: widen(now.max(start)),
                    needed: widen(end),
                    now: widen(now),
                };
                return Err(Error::new(Op::Read, kind));
            }
            out.copy_from_slice(node.bytes.get(start..end).unwrap_or_default());
            Ok(())
        })?
    }

    fn next_readable(&self, offset: u64) -> u64 {
        let sector = self.file.disk.lock().sector;
        (offset / widen(sector) + 1) * widen(sector)
    }

    fn identity(&self) -> Option<Identity> {
        let facts = Stored::facts(self).ok()??;
        let Facts { device, inode, len, changed, .. } = facts;
        Some(Identity::from(format!("{device}:{inode}:{len}:{changed:?}")))
    }

    fn name(&self) -> &'static str {
        "test disk"
    }

    fn mode(&self) -> Mode {
        Mode::Read
    }

    fn extents(&self, offset: u64, len: u64) -> Result<Vec<Extent>> {
        crate::mapping::require_within(Op::Query, offset, len, self.len)?;
        self.with_node(|node, sector| {
            let mut extents: Vec<Extent> = Vec::new();
            let mut at = offset;
            while at < offset + len {
                let index = usize::try_from(at / widen(sector)).unwrap_or(usize::MAX);
                let end = ((at / widen(sector) + 1) * widen(sector)).min(offset + len);
                let is_data = node.allocated.contains(&index);
                match extents.last_mut() {
                    Some(Extent::Data(range)) if is_data => range.end = end,
                    Some(Extent::Hole(range)) if !is_data => range.end = end,
                    _ if is_data => extents.push(Extent::Data(at..end)),
                    _ => extents.push(Extent::Hole(at..end)),
                }
                at = end;
            }
            extents
        })
    }
}

impl Stored for TestMap {
    type Disk = TestDisk;

    fn disk(&self) -> TestDisk {
        self.file.disk.clone()
    }

    fn open_on(disk: &TestDisk, path: &Path) -> Result<Map<Self>> {
        let failed = |error: io::Error| {
            let kind = match error.kind() {
                io::ErrorKind::NotFound => ErrorKind::NotFound,
                io::ErrorKind::IsADirectory => ErrorKind::NotMappable { kind: FileKind::Directory },
                _ => ErrorKind::Os(error),
            };
            Error::new(Op::Open, kind).with_origin(path)
        };
        let file = disk.open(path, false).map_err(failed)?;
        let len = Disk::facts(disk, &file).map_err(failed)?.len;
        Ok(Map::opened(Self { file, len }, 0, Some(path.into())))
    }

    fn facts(&self) -> io::Result<Option<Facts>> {
        Disk::facts(&self.file.disk, &self.file).map(Some)
    }
}
