use std::fmt;

use memmap_core::{
    Allocate, Error, ErrorKind, Lend, LendMut, Mapping, Op, Result, copy_lent, widen,
};
use memmap2::MmapMut;

/// Zeroed memory of this process alone.
///
/// # Platform
/// POSIX: `mmap` with `MAP_PRIVATE | MAP_ANONYMOUS`; a child made by `fork` gets its own copy.
/// Windows: a section of the paging file.
///
/// # Cost
/// Address space at once; memory a page at a time, when first written.
///
/// # Source
/// mmap(2), `CreateFileMapping`.
pub struct Ram {
    /// Nothing for a length of 0.
    pages: Option<MmapMut>,
    /// At most what is mapped.
    len: usize,
}

impl Allocate for Ram {
    fn zeroed(len: usize) -> Result<Self> {
        if len == 0 {
            return Ok(Self { pages: None, len });
        }
        let pages = MmapMut::map_anon(len).map_err(|error| {
            let kind = match error.kind() {
                std::io::ErrorKind::OutOfMemory => ErrorKind::OutOfMemory { len: widen(len) },
                _ => ErrorKind::Os(error),
            };
            Error::new(Op::Allocate, kind)
        })?;
        Ok(Self { pages: Some(pages), len })
    }

    fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
        if self.len == 0 {
            self.pages = None;
        }
    }
}

impl Mapping for Ram {
    #[inline]
    fn len(&self) -> u64 {
        widen(self.len)
    }

    #[inline]
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        copy_lent(self.as_bytes(), offset, out)
    }
}

impl Lend for Ram {
    #[inline]
    fn as_bytes(&self) -> &[u8] {
        self.pages.as_ref().and_then(|pages| pages.get(..self.len)).unwrap_or_default()
    }
}

impl LendMut for Ram {
    #[inline]
    fn as_bytes_mut(&mut self) -> &mut [u8] {
        self.pages.as_mut().and_then(|pages| pages.get_mut(..self.len)).unwrap_or_default()
    }
}

impl fmt::Debug for Ram {
    /// The length, not the bytes: there may be billions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ram").field("len", &self.len).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use memmap_core::MemMap;

    fn ram_of(bytes: &[u8]) -> MemMap<Ram> {
        let mut ram = MemMap::<Ram>::new(widen(bytes.len())).unwrap();
        ram.copy_from_slice(bytes);
        ram
    }

    memmap_core::mapping_laws!(ram, ram_of);
    memmap_core::mapping_laws!(erased_ram, |bytes| ram_of(bytes).erase());
    memmap_core::mapping_laws!(ram_from_reader, |bytes: &[u8]| {
        MemMap::<Ram>::from_reader(bytes).unwrap()
    });
    memmap_core::lending_laws!(lending_ram, |len| MemMap::<Ram>::new(len));

    #[test]
    fn more_than_the_system_has_is_out_of_memory() {
        let len = 1 << 62;
        let error = MemMap::<Ram>::new(len).unwrap_err();
        assert_eq!(error.op(), Op::Allocate);
        assert!(matches!(error.kind(), ErrorKind::OutOfMemory { len: l } if *l == len));
    }

    #[test]
    fn truncated_memory_ends_where_it_was_cut() {
        let mut ram = Ram::zeroed(10_000).unwrap();
        ram.as_bytes_mut()[4_999] = 7;
        ram.truncate(5_000);
        assert_eq!((ram.len(), ram.as_bytes().len(), ram.as_bytes()[4_999]), (5_000, 5_000, 7));
        ram.truncate(6_000);
        assert_eq!(ram.len(), 5_000);
    }
}
