//! Arrays in `.npz` files: those that are stored as they are.

use std::path::Path;

use memmap_core::{Backend, Mapping, MemMap};

use crate::array::Untyped;
use crate::npy_file::{ExpectedDType, placed, read_header};
use crate::npz::Directory;
use crate::open::typed;
use crate::{Array, ArrayOptions, Element, ErrorKind, Result};

impl Directory {
    /// The directory of an archive that is mapped, whole.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn of<M: Mapping>(map: &MemMap<M>) -> Result<Self> {
        Self::read(&|offset, out| Ok(map.read_into(offset, out)?), map.len())
    }
}

impl<T, B: Backend> ArrayOptions<T, B> {
    fn open_npz_as(
        self,
        asked: &ExpectedDType,
        path: &Path,
        name: &str,
    ) -> Result<Array<Untyped, MemMap<B::Mapping>>> {
        if self.mode.reaches_file() {
            let what = "an archive has checksums of its members, which writing to one would make wrong; \
                        open it with mode \"r\", or \"c\"";
            return Err(ErrorKind::Contradiction { what }.into());
        }
        if self.offset > 0 {
            let what = "the archive says where its members are; leave `offset` out";
            return Err(ErrorKind::Contradiction { what }.into());
        }
        let map = self.map.open(path)?;
        let range = Directory::of(&map)?.member(name)?.range()?;
        let header = read_header(&map, range.start, self.header_limit)?;
        asked.require(&header, self.shape, self.order)?;
        let array = placed(map, &header, range.start, Some(range.end))?;
        let end = array.offset.saturating_add(array.byte_len());
        if self.is_strict && end < range.end {
            return Err(ErrorKind::BytesBehindData { len: range.end.saturating_sub(end) }.into());
        }
        Ok(array)
    }
}

impl<T: Element, B: Backend> ArrayOptions<T, B> {
    /// Maps an array in a `.npz` file, as `numpy.savez` writes them, where it lies: numpy reads it into
    /// memory, whatever `mmap_mode` is.
    ///
    /// # Errors
    /// - those of [`open_npy`](Self::open_npy)
    /// - [`ErrorKind::NoMember`], with the names that there are
    /// - [`ErrorKind::MemberCompressed`], [`ErrorKind::MemberEncrypted`], [`ErrorKind::MemberDamaged`]
    /// - [`ErrorKind::NotZip`], [`ErrorKind::ZipDamaged`]
    /// - [`ErrorKind::Contradiction`] of a mode that writes to the file, whose checksums would be wrong
    ///
    /// # Cost
    /// That of mapping the archive, and of reading its directory.
    pub fn open_npz(
        self,
        path: impl AsRef<Path>,
        name: &str,
    ) -> Result<Array<T, MemMap<B::Mapping>>> {
        let path = path.as_ref();
        crate::npy_file::at(path, self.open_npz_as(&ExpectedDType::by::<T>(), path, name))
            .map(typed)
    }
}

impl<B: Backend> ArrayOptions<Untyped, B> {
    /// Maps an array in a `.npz` file, where it lies.
    ///
    /// # Errors
    /// As for a type of Rust's.
    pub fn open_npz(
        self,
        path: impl AsRef<Path>,
        name: &str,
    ) -> Result<Array<Untyped, MemMap<B::Mapping>>> {
        let path = path.as_ref();
        let asked = self.asked();
        crate::npy_file::at(path, self.open_npz_as(&asked, path, name))
    }
}
