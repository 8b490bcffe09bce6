use std::fmt;
use std::io;
use std::ops::Range;

use crate::system::{self, Pages};
use memmap_core::{
    Advice, Allocate, Error, ErrorKind, InPlace, Lend, LendMut, Mapping, Mode, Op, Result,
    addressable, copy_into_lent, copy_lent, lent_in_place, widen, window,
};

/// Zeroed memory of this process alone.
///
/// # Platform
/// POSIX: `mmap` with `MAP_PRIVATE | MAP_ANONYMOUS`; a child made by `fork` gets its own copy.
/// Windows: `VirtualAlloc`; the system sets room in memory or the paging file aside for all of it, but
/// not for what is only reserved.
///
/// # Cost
/// Address space at once; memory a page at a time, when first written.
///
/// # Source
/// mmap(2), `VirtualAlloc`.
pub struct Ram {
    /// Nothing if there never was a byte. What is behind `len` is zeros, always.
    pages: Option<Pages>,
    /// At most what is mapped.
    len: usize,
}

fn refuse(op: Op, kind: ErrorKind) -> Error {
    Error::new(op, kind)
}

/// Says in our words what the system answered to who asked for `len` bytes.
fn refusal(op: Op, error: io::Error, len: usize) -> Error {
    if system::is_out_of_memory(&error) {
        refuse(op, ErrorKind::OutOfMemory { len: widen(len) })
    } else {
        refuse(op, ErrorKind::Os(error))
    }
}

impl Allocate for Ram {
    fn zeroed(len: usize) -> Result<Self> {
        let pages = match len {
            0 => None,
            _ => Some(system::zeroed(len).map_err(|error| refusal(Op::Allocate, error, len))?),
        };
        Ok(Self { pages, len })
    }
}

impl Ram {
    fn capacity(&self) -> usize {
        self.pages.as_ref().map_or(0, |pages| pages.len())
    }

    /// A range, checked, and the pages it is in; nothing for no bytes.
    fn ranged(&self, op: Op, offset: u64, len: u64) -> Result<Option<(&Pages, Range<usize>)>> {
        let range = window(op, offset, len, self.len)?;
        Ok(self.pages.as_ref().filter(|_| len > 0).map(|pages| (pages, range)))
    }

    /// Moves to memory for `most` bytes, of which `len` are to be used at once.
    fn relocate(&mut self, most: usize, len: usize, op: Op) -> Result<()> {
        /// What is zeros all over takes no memory.
        const PIECE_LEN: usize = 4096;
        let mut pages = system::reserve(most, len).map_err(|error| refusal(op, error, most))?;
        for (to, from) in pages.chunks_mut(PIECE_LEN).zip(self.as_bytes().chunks(PIECE_LEN)) {
            if from.iter().any(|&byte| byte != 0)
                && let Some(to) = to.get_mut(..from.len())
            {
                to.copy_from_slice(from);
            }
        }
        self.pages = Some(pages);
        Ok(())
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

    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        lent_in_place(self.as_bytes(), offset, len)
    }

    fn name(&self) -> &'static str {
        "anonymous memory"
    }

    fn mode(&self) -> Mode {
        Mode::ReadWrite
    }

    #[inline]
    fn write_from(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        copy_into_lent(self.as_bytes_mut(), offset, bytes)
    }

    fn fill(&mut self, offset: u64, len: u64, byte: u8) -> Result<()> {
        if let Some((_, range)) = self.ranged(Op::Write, offset, len)?
            && let Some(bytes) = self.as_bytes_mut().get_mut(range)
        {
            bytes.fill(byte);
        }
        Ok(())
    }

    fn copy_within(&mut self, from: u64, len: u64, to: u64) -> Result<()> {
        let target = self.ranged(Op::Write, to, len)?.map(|(_, range)| range);
        let source = self.ranged(Op::Write, from, len)?.map(|(_, range)| range);
        if let (Some(source), Some(target)) = (source, target) {
            self.as_bytes_mut().copy_within(source, target.start);
        }
        Ok(())
    }

    fn resize(&mut self, len: u64) -> Result<()> {
        let new = addressable(len).map_err(|kind| refuse(Op::Resize, kind))?;
        if let Some(pages) = &mut self.pages
            && new < self.len
        {
            system::zero(pages, new..self.len);
        } else if new > self.capacity() {
            let grown = self.pages.as_mut().is_some_and(|pages| system::grow(pages, new));
            if !grown {
                self.relocate(new, new, Op::Resize)?;
            }
        }
        self.len = new;
        Ok(())
    }

    fn reserve(&mut self, len: u64) -> Result<()> {
        let most = addressable(len).map_err(|kind| refuse(Op::Reserve, kind))?;
        if most > self.pages.as_ref().map_or(0, system::room) {
            self.relocate(most, self.len, Op::Reserve)
        } else {
            Ok(())
        }
    }

    fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<()> {
        match self.ranged(Op::Advise, offset, len)? {
            Some((pages, range)) => system::advise(pages, range, advice)
                .map_err(|error| refuse(Op::Advise, ErrorKind::Os(error))),
            None => Ok(()),
        }
    }

    fn lock_in_ram(&self, offset: u64, len: u64) -> Result<()> {
        match self.ranged(Op::Prefault, offset, len)? {
            Some((pages, range)) => system::lock_in_ram(pages, range),
            None => Ok(()),
        }
    }

    fn unlock_from_ram(&self, offset: u64, len: u64) -> Result<()> {
        match self.ranged(Op::Prefault, offset, len)? {
            Some((pages, range)) => system::unlock_from_ram(pages, range)
                .map_err(|error| refuse(Op::Prefault, ErrorKind::Os(error))),
            None => Ok(()),
        }
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
    memmap_core::writing_laws!(written_ram, ram_of);
    memmap_core::sizing_laws!(resized_ram, ram_of);
    memmap_core::lending_laws!(lending_ram, |len| MemMap::<Ram>::new(len));

    #[test]
    fn more_than_the_system_has_is_out_of_memory() {
        let len = 1 << 62;
        let error = MemMap::<Ram>::new(len).unwrap_err();
        assert_eq!(error.op(), Op::Allocate);
        assert!(matches!(error.kind(), ErrorKind::OutOfMemory { len: l } if *l == len));
    }

    #[test]
    fn reserved_memory_grows_where_it_is_and_costs_nothing_before() {
        // Windows sets room aside for all that is used.
        const USED: u64 = if cfg!(windows) { 1 << 30 } else { 1 << 39 };
        let mut ram = ram_of(b"here");
        ram.reserve(1 << 40).unwrap();
        let before = ram.as_bytes().as_ptr();
        ram.resize(USED).unwrap();
        ram.set(USED / 2, 7_u8).unwrap();
        assert_eq!(ram.as_bytes().as_ptr(), before);
        let middle = usize::try_from(USED / 2).unwrap();
        assert_eq!((&ram[..4], ram[middle]), (&b"here"[..], 7));
        ram.resize(2).unwrap();
        ram.resize(USED).unwrap();
        assert_eq!((&ram[..4], ram[middle]), (&b"he\0\0"[..], 0));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn memory_that_may_come_in_large_pages_is_marked_so() {
        // Of a length that no other mapping of this process has.
        let ram = MemMap::<Ram>::new(50 << 20).unwrap();
        let flags_of = |ram: &MemMap<Ram>| {
            let start = format!("{:x}-", ram.as_bytes().as_ptr().addr());
            let smaps = std::fs::read_to_string("/proc/self/smaps").unwrap();
            let mapping = smaps.split_once(&start).unwrap().1;
            mapping.lines().find(|line| line.starts_with("VmFlags:")).unwrap().to_owned()
        };
        let marks = |ram: &MemMap<Ram>, flag: &str| flags_of(ram).split(' ').any(|it| it == flag);
        // The system joins neighbours that are alike; marked, it is one of its own.
        if ram.advise(.., Advice::HugePages).is_ok() {
            assert!(marks(&ram, "hg"));
            ram.advise(.., Advice::SmallPages).unwrap();
            assert!(marks(&ram, "nh"));
        }
    }
}
