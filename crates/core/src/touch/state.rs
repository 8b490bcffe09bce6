//! What is known of each page: whether it is present, or lost. Shared by whoever fills pages, and by
//! readers.

use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::bits::{Bits, WORD, Words};
use super::locks::Locks;
use crate::{ErrorKind, Lazy, OnLostPage, widen};

/// The fewest bytes that are brought at a time.
pub const LEAST: usize = 16 << 10;
/// The most bytes that are brought at a time.
pub const MOST: usize = 1 << 20;

/// Which of the two numbers.
const ERRNO: usize = 0;
const ENDED: usize = 1;

/// The pages of a part of a file.
pub struct State<W> {
    /// Bytes, at least one.
    pub len: usize,
    /// Where they begin in the file.
    pub offset: u64,
    /// Bytes of a page.
    pub page_len: usize,
    /// What happens when a page that is lost is touched.
    pub on_lost: OnLostPage,
    /// Pages that have their bytes, for good.
    present: Bits<W>,
    /// Pages that were asked for and could not be read whole.
    lost: Bits<W>,
    /// Those of the lost ones that the system failed to read, with `errno`; the others were cut off.
    failed: Bits<W>,
    /// Two numbers: `errno`, and where the file ended when a page was cut off. Like what was lost, a child shares
    /// them: its parent is told.
    numbers: Bits<W>,
    touched: AtomicUsize,
}

/// How a page was lost.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_enums, reason = "a page ends, or cannot be read")]
pub enum Why {
    /// The file ended at this byte, which may be before what was read.
    End(u64),
    /// The system's number of an error.
    Errno(i32),
}

impl<W> fmt::Debug for State<W> {
    /// Leaves out the pages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { len, offset, on_lost, .. } = self;
        let mut text = f.debug_struct("State");
        text.field("len", len).field("offset", offset).field("on_lost", on_lost);
        text.finish_non_exhaustive()
    }
}

/// How pages are brought. Each is called for pages that are missing, so that nobody has read them.
pub trait Bring {
    /// Reads pages of the file to where nobody sees them.
    ///
    /// # Errors
    /// How many pages were read whole, and why the next one was not. The part of it that was read is there.
    fn read(&self, pages: &Range<usize>) -> Result<(), (usize, Why)>;

    /// Makes all bytes of a page zeros, except for the first `keep`.
    fn clear(&self, page: usize, keep: usize);

    /// Shows pages as they are now, for good.
    fn show(&self, pages: &Range<usize>);
}

impl<W: Words> State<W> {
    /// Nothing is known of any page. `None` if there is no memory.
    pub fn new(offset: u64, len: usize, page_len: usize, on_lost: OnLostPage) -> Option<Self> {
        let pages = len.div_ceil(page_len);
        let [present] = Bits::new(pages, W::zeroed)?;
        let [lost, failed, numbers] = Bits::new(pages.max(2 * WORD), W::shared)?;
        Some(Self {
            len,
            offset,
            page_len,
            on_lost,
            present,
            lost,
            failed,
            numbers,
            touched: AtomicUsize::new(0),
        })
    }

    /// The number of pages.
    pub fn pages(&self) -> usize {
        self.len.div_ceil(self.page_len)
    }

    /// The length of the memory that holds them: whole pages.
    pub fn memory_len(&self) -> usize {
        self.pages().saturating_mul(self.page_len)
    }

    /// The bytes of these pages, without what is after the last byte of the map.
    pub fn bytes(&self, pages: &Range<usize>) -> Range<usize> {
        let at = |page: usize| page.saturating_mul(self.page_len).min(self.len);
        at(pages.start)..at(pages.end)
    }

    /// The page that holds a byte. Of a length, the number of whole pages.
    pub fn page_at(&self, byte: usize) -> usize {
        byte.checked_div(self.page_len).unwrap_or(0)
    }

    /// The pages that a range of bytes overlaps.
    fn pages_of(&self, bytes: &Range<usize>) -> Range<usize> {
        self.page_at(bytes.start)..bytes.end.div_ceil(self.page_len)
    }

    /// Whether a page has its bytes.
    pub fn is_present(&self, page: usize) -> bool {
        self.present.has(page)
    }

    /// The first run of missing pages in a range.
    pub fn missing(&self, pages: Range<usize>) -> Option<Range<usize>> {
        self.present.run(pages, false)
    }

    /// Says that these pages have their bytes, after they have.
    pub fn add(&self, pages: Range<usize>) {
        self.touched.fetch_add(pages.len(), Ordering::Relaxed);
        self.present.set(pages);
    }

    /// Records that a page is lost, before anybody can see what is in its place.
    pub fn lose(&self, page: usize, why: Why) {
        match why {
            Why::End(end) => self.note(ENDED, usize::try_from(end).unwrap_or(usize::MAX)),
            Why::Errno(errno) => {
                self.note(ERRNO, usize::try_from(errno).unwrap_or(0));
                self.failed.set(page..page.saturating_add(1));
            }
        }
        self.lost.set(page..page.saturating_add(1));
    }

    fn note(&self, which: usize, number: usize) {
        if let Some(place) = self.numbers.number(which) {
            place.store(number, Ordering::Relaxed);
        }
    }

    fn noted(&self, which: usize) -> usize {
        self.numbers.number(which).map_or(0, |place| place.load(Ordering::Relaxed))
    }

    /// How many bytes of a lost page were read.
    pub fn read_part(&self, page: usize, why: Why) -> usize {
        let begin = self.bytes(&(page..page.saturating_add(1))).start;
        let begin = self.offset.saturating_add(widen(begin));
        match why {
            Why::End(end) => {
                usize::try_from(end.saturating_sub(begin)).unwrap_or(0).min(self.page_len)
            }
            Why::Errno(_) => 0,
        }
    }

    /// Says that a lost page stays so: nobody fills it any more.
    pub fn seal(&self, page: usize) {
        self.present.set(page..page.saturating_add(1));
    }

    /// Pages that were lost could be read after all.
    fn find_again(&self, pages: Range<usize>) {
        for page in self.lost.runs(pages).flatten() {
            self.lost.clear(page);
            self.failed.clear(page);
        }
    }

    /// The pages to bring when this one is touched: as many as are present right before it, so that the
    /// granules of a sequence double; at least so many bytes. Also whether it is a sequence.
    pub fn granule(&self, page: usize, least: usize) -> (Range<usize>, bool) {
        let (least, most) = (self.in_pages(least), self.in_pages(MOST.max(least)));
        let run = self.present.run_before(page, most);
        let start =
            if run == 0 { page.saturating_sub(page.checked_rem(least).unwrap_or(0)) } else { page };
        let end = start.saturating_add(run.clamp(least, most)).min(self.pages());
        (start..end, run >= least)
    }

    /// The same, none of them beyond the lock of this page.
    pub fn granule_of_lock(&self, page: usize, least: usize, locks: &Locks) -> Range<usize> {
        let (granule, _) = self.granule(page, least);
        let per_lock = self.page_at(locks.step());
        let first = page.saturating_sub(page.checked_rem(per_lock).unwrap_or(0));
        granule.start.max(first)..granule.end.min(first.saturating_add(per_lock))
    }

    /// Reads the bytes of pages by calls of `some(position, at, len)`, which reads at most `len` bytes from
    /// `position` in the file to offset `at` of the pages. It returns the number of bytes, or 0 at the end of
    /// the file.
    ///
    /// Returns the number of pages that were read whole, and why the next one was not. The first bytes of that
    /// page may have been read.
    ///
    /// Signal handlers may call it if they may call `some`.
    pub fn read(
        &self,
        pages: &Range<usize>,
        mut some: impl FnMut(u64, usize, usize) -> Result<usize, Why>,
    ) -> (usize, Option<Why>) {
        let bytes = self.bytes(pages);
        let begin = self.offset.saturating_add(widen(bytes.start));
        let mut done = 0_usize;
        while done < bytes.len() {
            let position = begin.saturating_add(widen(done));
            let why = match some(position, done, bytes.len().saturating_sub(done)) {
                Ok(0) => Why::End(position),
                Ok(more) => {
                    done = done.saturating_add(more);
                    continue;
                }
                Err(why) => why,
            };
            return (self.page_at(done), Some(why));
        }
        (pages.len(), None)
    }

    /// Brings the missing pages of a granule that has `page`, as whoever touched it. Returns whether the page is
    /// there then: its bytes, or zeros in the place of those that were lost.
    ///
    /// Nobody else may bring pages of this granule meanwhile: `by` has a lock of them. For handlers: what it does
    /// beyond atomic accesses is up to `by`.
    pub fn bring(&self, page: usize, granule: Range<usize>, by: &impl Bring) -> bool {
        let mut rest = granule;
        while let Some(run) = self.missing(rest.clone()) {
            rest.start = run.end;
            let whole = match by.read(&run) {
                Ok(()) => run.clone(),
                Err((whole, _)) => run.start..run.start.saturating_add(whole),
            };
            if !whole.is_empty() {
                by.show(&whole);
                self.add(whole.clone());
                self.find_again(whole);
            }
        }
        if self.is_present(page) {
            return true;
        }
        // An earlier page of the granule could not be read, or this one.
        let only = page..page.saturating_add(1);
        match by.read(&only) {
            Ok(()) => self.find_again(only.clone()),
            Err((_, why)) => {
                self.lose(page, why);
                if self.on_lost == OnLostPage::Abort {
                    return false;
                }
                // An earlier try may have left bytes there.
                by.clear(page, self.read_part(page, why));
            }
        }
        by.show(&only);
        self.add(only);
        true
    }

    fn in_pages(&self, bytes: usize) -> usize {
        self.page_at(bytes).max(1)
    }

    /// The first byte of a range that is lost.
    fn first_lost(&self, bytes: &Range<usize>) -> Option<usize> {
        let run = self.lost.run(self.pages_of(bytes), true)?;
        Some(self.bytes(&run).start.max(bytes.start))
    }

    fn reason(&self, lost: Range<usize>, has_failed: bool) -> ErrorKind {
        let offset = widen(lost.start);
        if has_failed {
            let errno = i32::try_from(self.noted(ERRNO)).unwrap_or(0);
            let source = io::Error::from_raw_os_error(errno);
            return ErrorKind::Io { offset, source };
        }
        let needed = self.offset.saturating_add(widen(lost.end));
        let now = widen(self.noted(ENDED)).min(needed);
        ErrorKind::Truncated { offset, needed, now }
    }
}

impl<W: Words> Lazy for State<W> {
    fn touched(&self) -> u64 {
        widen(self.touched.load(Ordering::Relaxed)).saturating_mul(widen(self.page_len))
    }

    fn present(&self, bytes: &Range<usize>) -> Vec<Range<u64>> {
        let runs = self.present.runs(self.pages_of(bytes));
        runs.map(|pages| {
            let present = self.bytes(&pages);
            widen(present.start.max(bytes.start))..widen(present.end.min(bytes.end))
        })
        .collect()
    }

    fn lost(&self, bytes: &Range<usize>) -> Vec<(Range<usize>, ErrorKind)> {
        let mut all = Vec::new();
        for run in self.lost.runs(self.pages_of(bytes)) {
            let Range { mut start, end } = run;
            while start < end {
                let has_failed = self.failed.has(start);
                let part = self.failed.run(start..end, has_failed).unwrap_or(start..end);
                let lost = self.bytes(&part);
                let lost = lost.start.max(bytes.start)..lost.end.min(bytes.end);
                all.push((lost.clone(), self.reason(lost, has_failed)));
                start = part.end;
            }
        }
        all
    }

    fn lends_zeros(&self) -> bool {
        self.on_lost == OnLostPage::Zeros
    }

    fn first_zeroed(&self, bytes: &Range<usize>) -> Option<usize> {
        self.lends_zeros().then(|| self.first_lost(bytes)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Boxed = State<Box<[AtomicUsize]>>;

    fn state(pages: usize) -> (Boxed, usize) {
        let page = 4096;
        let len = pages.checked_mul(page).unwrap().checked_sub(10).unwrap();
        (State::new(100, len, page, OnLostPage::Abort).unwrap(), page)
    }

    #[test]
    fn granules_of_a_sequence_double_up_to_the_most_and_others_are_aligned() {
        let (state, page) = state(4096);
        let (least, most) = (LEAST / page, MOST / page);
        assert_eq!(state.granule(least + 1, LEAST), (least..2 * least, false));
        let mut at = 0;
        let mut lens = Vec::new();
        while at < 1024 {
            let (granule, _) = state.granule(at, LEAST);
            assert_eq!(granule.start, at);
            lens.push(granule.len());
            at = granule.end;
            state.add(granule);
        }
        assert!(lens.is_sorted() && lens.contains(&most), "{lens:?}");
        assert_eq!(state.granule(4095, LEAST).0, 4096 - least..4096, "the end");
        assert_eq!(state.touched(), widen(at * page));
    }

    #[test]
    fn a_lost_page_has_a_reason_until_it_is_found_again() {
        let (state, page) = state(8);
        state.lose(2, Why::End(200));
        state.lose(3, Why::Errno(5));
        state.lose(7, Why::End(300));
        let all = 0..state.len;
        let lost: Vec<String> = state
            .lost(&all)
            .into_iter()
            .map(|(range, kind)| format!("{range:?} {kind:?}"))
            .collect();
        assert_eq!(lost.len(), 3);
        assert!(lost[0].contains("Truncated") && lost[1].contains("Io"), "{lost:?}");
        assert!(lost[2].starts_with(&format!("{:?}", 7 * page..8 * page - 10)), "{lost:?}");
        assert_eq!(state.first_lost(&(0..page)), None);
        assert_eq!(state.first_lost(&(2 * page + 5..state.len)), Some(2 * page + 5));
        state.find_again(2..7);
        assert_eq!(state.first_lost(&all), Some(7 * page));
    }
}
