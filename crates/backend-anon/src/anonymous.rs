use std::io;
use std::ops::Range;

use memmap_core::{Advice, Private, Result};

use crate::system::{self, Pages};

/// Zeroed memory, private to this process: the memory of a [`Ram`](crate::Ram).
pub struct Anonymous {
    pages: Pages,
}

impl AsRef<[u8]> for Anonymous {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        &self.pages
    }
}

impl AsMut<[u8]> for Anonymous {
    #[inline]
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.pages
    }
}

impl std::fmt::Debug for Anonymous {
    /// Prints the length only: there may be billions of bytes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Anonymous").field("len", &self.pages.len()).finish_non_exhaustive()
    }
}

impl Private for Anonymous {
    fn zeroed(len: usize) -> io::Result<Self> {
        Ok(Self { pages: system::zeroed(len)? })
    }

    fn reserve(most: usize, len: usize) -> io::Result<Self> {
        Ok(Self { pages: system::reserve(most, len)? })
    }

    fn room(&self) -> usize {
        system::room(&self.pages)
    }

    fn grow(&mut self, len: usize) -> bool {
        system::grow(&mut self.pages, len)
    }

    fn zero(&mut self, range: Range<usize>) {
        system::zero(&mut self.pages, range);
    }

    fn advise(&self, range: Range<usize>, advice: Advice) -> io::Result<()> {
        system::advise(&self.pages, range, advice)
    }

    fn lock(&self, range: Range<usize>) -> Result<()> {
        system::lock_in_ram(&self.pages, range)
    }

    fn unlock(&self, range: Range<usize>) -> io::Result<()> {
        system::unlock_from_ram(&self.pages, range)
    }

    fn is_out_of_memory(error: &io::Error) -> bool {
        system::is_out_of_memory(error)
    }
}

#[cfg(test)]
mod tests {
    use memmap_core::{ErrorKind, Map, Op, widen};

    use crate::Ram;

    fn ram_of(bytes: &[u8]) -> Map<Ram> {
        let mut ram = Map::<Ram>::new(widen(bytes.len())).unwrap();
        ram.copy_from_slice(bytes);
        ram
    }

    memmap_conformance::conformance!(mod ram, ram_of, [read, ours]);
    memmap_conformance::conformance!(mod erased_ram, |bytes| ram_of(bytes).erase(), [read, ours]);
    memmap_conformance::conformance!(mod ram_from_reader, |bytes: &[u8]| {
        Map::<Ram>::from_reader(bytes).unwrap()
    }, [read, ours]);
    memmap_conformance::conformance!(mod written_ram, ram_of, [write, lend]);
    memmap_conformance::conformance!(mod resized_ram, ram_of, [resize]);
    memmap_conformance::memory_laws!(mod lending_ram, |len| Map::<Ram>::new(len));

    #[test]
    fn no_bytes_are_aligned_as_memory_is() {
        let mut ram = Map::<Ram>::new(0).unwrap();
        assert_eq!(ram.as_bytes().as_ptr().addr() % 4096, 0);
        assert_eq!(ram.as_bytes_mut().as_ptr().addr() % 4096, 0);
        ram.resize(1).unwrap();
        ram.resize(0).unwrap();
        assert_eq!(ram.as_bytes().as_ptr().addr() % 4096, 0);
    }

    #[test]
    fn more_than_the_system_has_is_out_of_memory() {
        let len = 1 << 62;
        let error = Map::<Ram>::new(len).unwrap_err();
        assert_eq!(error.op(), Op::Allocate);
        assert!(matches!(error.kind(), ErrorKind::OutOfMemory { len: l } if *l == len));
    }

    #[test]
    fn reserved_memory_grows_where_it_is_and_costs_nothing_before() {
        // Windows commits memory for everything that is used.
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
        use memmap_core::Advice;

        // A length that no other mapping of this process has.
        let ram = Map::<Ram>::new(50 << 20).unwrap();
        let flags_of = |ram: &Map<Ram>| {
            let start = format!("{:x}-", ram.as_bytes().as_ptr().addr());
            let smaps = std::fs::read_to_string("/proc/self/smaps").unwrap();
            let mapping = smaps.split_once(&start).unwrap().1;
            mapping.lines().find(|line| line.starts_with("VmFlags:")).unwrap().to_owned()
        };
        let marks = |ram: &Map<Ram>, flag: &str| flags_of(ram).split(' ').any(|it| it == flag);
        // The system merges adjacent mappings that have the same flags; the mark keeps this one separate.
        if ram.advise(.., Advice::HugePages).is_ok() {
            assert!(marks(&ram, "hg"));
            ram.advise(.., Advice::SmallPages).unwrap();
            assert!(marks(&ram, "nh"));
        }
    }
}
