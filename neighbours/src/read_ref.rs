//! Any map as what the crate `object` reads.

use std::ops::Range;
use std::sync::OnceLock;

use memmap::plugin::Mapping;
use memmap::{Error, Map};
use object::ReadRef;

/// The bytes that are copied at once, at least.
const PAGE: u64 = 16 << 10;

/// Copies of those parts of a map that were asked for, made under the guard and kept, so that they can be
/// lent while others are added.
#[derive(Debug)]
pub struct Copies<'m, M: Mapping> {
    map: &'m Map<M>,
    pages: Box<[Page]>,
    error: OnceLock<Error>,
}

#[derive(Debug, Default)]
struct Page {
    whole: OnceLock<Box<[u8]>>,
    /// Parts that begin in this page and end in another.
    longer: OnceLock<Box<Longer>>,
}

#[derive(Debug)]
struct Longer {
    offset: u64,
    bytes: Box<[u8]>,
    next: OnceLock<Box<Self>>,
}

impl<'m, M: Mapping> Copies<'m, M> {
    /// Nothing is copied yet.
    pub fn new(map: &'m Map<M>) -> Self {
        let pages = (0..map.len().div_ceil(PAGE)).map(|_| Page::default()).collect();
        Self { map, pages, error: OnceLock::new() }
    }

    /// The first error of the map. `object` says only that something could not be read.
    pub fn error(&self) -> Option<&Error> {
        self.error.get()
    }

    fn copy(&self, offset: u64, len: u64) -> Result<Box<[u8]>, ()> {
        let len = usize::try_from(len).map_err(drop)?;
        let copied = self.map.read_at(offset, len);
        copied.map(Vec::into_boxed_slice).map_err(|error| drop(self.error.set(error)))
    }

    /// The part of a page from an offset on.
    fn page(&self, offset: u64) -> Result<&[u8], ()> {
        let page = self.pages.get(usize::try_from(offset / PAGE).map_err(drop)?).ok_or(())?;
        let whole = if let Some(whole) = page.whole.get() {
            whole
        } else {
            let start = offset - offset % PAGE;
            let whole = self.copy(start, PAGE.min(self.map.len() - start))?;
            page.whole.get_or_init(|| whole)
        };
        whole.get(usize::try_from(offset % PAGE).map_err(drop)?..).ok_or(())
    }

    fn longer(&self, offset: u64, len: usize) -> Result<&[u8], ()> {
        let page = self.pages.get(usize::try_from(offset / PAGE).map_err(drop)?).ok_or(())?;
        let mut at = &page.longer;
        while let Some(it) = at.get() {
            if let Some(bytes) = it.bytes.get(..len).filter(|_| it.offset == offset) {
                return Ok(bytes);
            }
            at = &it.next;
        }
        let bytes = self.copy(offset, u64::try_from(len).map_err(drop)?)?;
        let mut new = Box::new(Longer { offset, bytes, next: OnceLock::new() });
        // Another thread may have added one meanwhile: then the next cell is tried.
        loop {
            match at.set(new) {
                Ok(()) => return at.get().map(|it| &*it.bytes).ok_or(()),
                Err(refused) => {
                    new = refused;
                    at = &at.get().ok_or(())?.next;
                }
            }
        }
    }
}

impl<'a, M: Mapping> ReadRef<'a> for &'a Copies<'_, M> {
    fn len(self) -> Result<u64, ()> {
        Ok(self.map.len())
    }

    fn read_bytes_at(self, offset: u64, size: u64) -> Result<&'a [u8], ()> {
        if size == 0 {
            return Ok(&[]);
        }
        let end = offset.checked_add(size).filter(|&end| end <= self.map.len()).ok_or(())?;
        let size = usize::try_from(size).map_err(drop)?;
        if offset / PAGE == (end - 1) / PAGE {
            self.page(offset)?.get(..size).ok_or(())
        } else {
            self.longer(offset, size)
        }
    }

    fn read_bytes_at_until(self, range: Range<u64>, delimiter: u8) -> Result<&'a [u8], ()> {
        let most = range.end.min(self.map.len()).checked_sub(range.start).ok_or(())?;
        let mut len = most.min(PAGE - range.start % PAGE);
        loop {
            let bytes = self.read_bytes_at(range.start, len)?;
            match bytes.iter().position(|&byte| byte == delimiter) {
                Some(end) => return bytes.get(..end).ok_or(()),
                None if len == most => return Err(()),
                None => len = most.min(len.saturating_mul(2).max(PAGE)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use memmap::RamMap;

    use super::*;

    const LEN: usize = 100_003;

    #[test]
    fn any_range_is_what_a_slice_has_on_many_threads() {
        let mut ram = RamMap::new(LEN as u64).unwrap();
        for (at, byte) in ram.iter_mut().enumerate() {
            *byte = if at % 40_009 == 7 { 0 } else { (at % 255 + 1) as u8 };
        }
        let (copies, slice) = (Copies::new(&ram), &ram[..]);
        let check = &|seed: u64| {
            let mut state = seed;
            let mut random = |below: usize| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 33) % below as u64
            };
            for _ in 0..2000 {
                let (offset, most) = (random(LEN + 10), [10, 5000, 60_000][random(3) as usize]);
                let size = random(most);
                assert_eq!(copies.read_bytes_at(offset, size), slice.read_bytes_at(offset, size));
                let range = offset..offset + size;
                let expected = slice.read_bytes_at_until(range.clone(), 0);
                // A slice refuses a range that reaches beyond its end; this looks as far as there are bytes.
                if expected.is_ok() || range.end <= LEN as u64 {
                    assert_eq!(copies.read_bytes_at_until(range, 0), expected);
                }
            }
        };
        std::thread::scope(|scope| {
            for seed in 1..5 {
                scope.spawn(move || check(seed));
            }
        });
        assert_eq!(ReadRef::len(&copies), Ok(LEN as u64));
        assert!(copies.error().is_none());
    }

    #[test]
    fn an_empty_map_has_no_bytes() {
        let ram = RamMap::new(0).unwrap();
        let copies = Copies::new(&ram);
        assert_eq!(copies.read_bytes_at(0, 0), Ok(&[][..]));
        assert!(
            copies.read_bytes_at(0, 1).is_err() && copies.read_bytes_at_until(0..1, 0).is_err()
        );
        assert!(copies.read_bytes_at(u64::MAX, 2).is_err());
    }
}
