//! Arrays in `.npz` files.

use std::path::Path;

use memmap_core::{Backend, Map, Mapping};

use crate::array::Untyped;
use crate::npy_file::{placed, read_header};
use crate::npz::Directory;
use crate::open::Source;
use crate::open_as::{ExpectedDType, OpenAs};
use crate::{Array, ArrayOptions, ErrorKind, Result};

impl Directory {
    /// Reads the directory of a mapped archive.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn of<M: Mapping>(map: &Map<M>) -> Result<Self> {
        Self::read(&|offset, out| Ok(map.read_into(offset, out)?), map.len())
    }
}

impl<T: OpenAs, B: Backend> ArrayOptions<T, B> {
    /// Maps one array of a `.npz` file in place, if it is stored uncompressed, as `numpy.savez` writes
    /// it. (numpy reads it into memory, whatever `mmap_mode` is.)
    ///
    /// # Errors
    /// - those of [`open_npy`](Self::open_npy)
    /// - [`ErrorKind::NoMember`], with the names that exist
    /// - [`ErrorKind::MemberCompressed`], [`ErrorKind::MemberEncrypted`], [`ErrorKind::MemberDamaged`]
    /// - [`ErrorKind::NotZip`], [`ErrorKind::ZipDamaged`]
    /// - [`ErrorKind::InvalidOptions`] for modes that write to the file, since the checksums in the
    ///   archive would become wrong
    ///
    /// # Cost
    /// That of mapping the archive and reading its directory.
    pub fn open_npz(self, path: impl AsRef<Path>, name: &str) -> Result<Array<T, Map<B::Mapping>>> {
        let source = Source::Path(path.as_ref());
        source.at_path(self.open_npz_untyped(&source, name)).map(T::from_untyped)
    }

    fn open_npz_untyped(
        self,
        source: &Source<'_>,
        name: &str,
    ) -> Result<Array<Untyped, Map<B::Mapping>>> {
        if self.mode.reaches_file() {
            let what = "writing to an archive would break the checksums of its members; use mode \"r\" \
                        or \"c\"";
            return Err(ErrorKind::InvalidOptions { what }.into());
        }
        if self.offset > 0 {
            let what = "the archive says where its members are; leave the offset out";
            return Err(ErrorKind::InvalidOptions { what }.into());
        }
        let map = Self::map_at(self.map, (self.mode, 0), source)?;
        let range = Directory::of(&map)?.member(name)?.range()?;
        let header = read_header(&map, range.start, self.header_limit)?;
        let expected = ExpectedDType::of::<T>(self.dtype);
        expected.require(&header, self.shape.as_deref(), self.order)?;
        let array = placed(map, &header, range.start, Some(range.end))?;
        let end = array.offset.saturating_add(array.byte_len());
        if self.is_strict && end < range.end {
            return Err(ErrorKind::BytesBehindData { len: range.end.saturating_sub(end) }.into());
        }
        Ok(array)
    }
}
