//! Private edits: edited pages are kept in anonymous memory, in front of the file's pages.
//!
//! A private mapping of the system would do nearly the same. But if the file is truncated, private mappings
//! lose their pages too (mmap(2): the effect is unspecified), including edits. Anonymous memory does not
//! depend on the file.

use std::fmt;
use std::hint;
use std::io;
use std::ops::Range;
#[cfg(not(test))]
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering;
use std::thread;

use memmap_core::{Edits, Error, ErrorKind, Op, Result, widen};
use memmap_guard::Guarded;
use zerocopy::FromZeros;

use crate::pages::{Pages, page_size};
use crate::shown::Shown;
#[cfg(test)]
use clocks::AtomicU8;

#[cfg(test)]
mod clocks;

/// Anonymous memory as long as the mapping. Only edited pages are used and take memory.
pub struct PrivatePages {
    pages: Guarded<Shown>,
    /// The state of each page. States that were never changed take no memory.
    states: Box<[AtomicU8]>,
}

/// The page is read from the file. It must be zero.
const OF_FILE: u8 = 0;
/// A thread is copying the page from the file.
const LOADING: u8 = 1;
/// The page has a private copy. This state is final.
const OWN: u8 = 2;

impl fmt::Debug for PrivatePages {
    /// Prints no address and no bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivatePages").field("pages", &self.pages).finish_non_exhaustive()
    }
}

impl PrivatePages {
    /// Private pages for a mapping of `len` bytes, at least 1, that begins `lead` bytes into its first page.
    pub(crate) fn new(lead: usize, len: usize) -> Result<Self> {
        let out_of_memory = || Error::new(Op::Map, ErrorKind::OutOfMemory { len: widen(len) });
        let pages = Pages::anonymous(lead, len).map_err(|error| match error.kind() {
            io::ErrorKind::OutOfMemory => out_of_memory(),
            _ => Error::new(Op::Map, ErrorKind::Os(error)),
        })?;
        let count = lead.saturating_add(len).div_ceil(page_size());
        match <[AtomicU8]>::new_box_zeroed_with_elems(count) {
            Ok(states) => {
                let mut pages = Guarded::new(Shown { may_drop: false, ..Shown::new(pages) });
                pages.allow(len, false, false, true);
                Ok(Self { pages, states })
            }
            Err(_) => Err(out_of_memory()),
        }
    }

    fn pages(&self) -> &Pages {
        &self.pages.memory().pages
    }

    fn page_of(&self, at: usize) -> usize {
        self.pages().lead().saturating_add(at).checked_div(page_size()).unwrap_or(0)
    }

    /// The bytes of the mapping that lie in a page.
    fn bytes_of(&self, page: usize) -> Range<usize> {
        let start = page.saturating_mul(page_size());
        let end = start.saturating_add(page_size()).saturating_sub(self.pages().lead());
        start.saturating_sub(self.pages().lead())..end.min(self.pages().len())
    }

    fn is_own(&self, page: usize) -> bool {
        self.states.get(page).is_some_and(|state| state.load(Ordering::Acquire) == OWN)
    }

    fn load_page(
        &self,
        page: usize,
        load: &mut impl FnMut(usize, &mut [u8]) -> Result<()>,
    ) -> Result<()> {
        let Some(state) = self.states.get(page) else { return Ok(()) };
        let mut turns = 0_u32;
        loop {
            match state.compare_exchange(OF_FILE, LOADING, Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => break,
                Err(OWN) => return Ok(()),
                // Another thread copies it, which may take a while on a slow disk.
                Err(_) if turns < 100 => hint::spin_loop(),
                Err(_) => thread::yield_now(),
            }
            turns = turns.saturating_add(1);
        }
        // Released also if `load` panics, as other threads wait for the page.
        let mut loading = Loading { state, becomes: OF_FILE };
        let bytes = self.bytes_of(page);
        // The thread that changed the state to `LOADING` has the page alone until it changes the state again:
        // all other threads read the file's page, or wait.
        let mut buffer = vec![0; bytes.len()];
        let loaded = load(bytes.start, &mut buffer).and_then(|()| {
            self.pages.copy_in(bytes.start, &buffer).map_err(|_no_page| {
                let kind = ErrorKind::OutOfMemory { len: widen(buffer.len()) };
                Error::new(Op::Write, kind)
            })
        });
        if loaded.is_ok() {
            loading.becomes = OWN;
        }
        loaded
    }
}

/// A page that is being loaded, and the state that it has afterwards.
struct Loading<'a> {
    state: &'a AtomicU8,
    becomes: u8,
}

impl Drop for Loading<'_> {
    fn drop(&mut self) {
        self.state.store(self.becomes, Ordering::Release);
    }
}

impl Edits<Shown> for PrivatePages {
    fn apart(&self) -> Option<&Guarded<Shown>> {
        Some(&self.pages)
    }

    fn bring(
        &self,
        range: &Range<usize>,
        mut load: impl FnMut(usize, &mut [u8]) -> Result<()>,
    ) -> Result<(), (usize, Error)> {
        let Some(last) = range.end.checked_sub(1) else { return Ok(()) };
        for page in self.page_of(range.start)..=self.page_of(last) {
            self.load_page(page, &mut load)
                .map_err(|error| (self.bytes_of(page).start.max(range.start), error))?;
        }
        Ok(())
    }

    fn run(&self, range: &Range<usize>) -> (Range<usize>, bool) {
        let first = self.page_of(range.start);
        let is_own = self.is_own(first);
        let mut page = first;
        let mut end = self.bytes_of(page).end;
        while end < range.end && self.is_own(page.saturating_add(1)) == is_own {
            page = page.saturating_add(1);
            end = self.bytes_of(page).end;
        }
        (range.start..end.min(range.end), is_own)
    }

    fn runs(&self, range: &Range<usize>) -> Vec<Range<usize>> {
        let mut runs = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let (run, is_own) = self.run(&(at..range.end));
            at = run.end;
            if is_own {
                runs.push(run);
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize};

    use super::clocks::{Plain, as_thread};
    use super::*;

    fn brought(overlay: &PrivatePages, range: Range<usize>) {
        overlay
            .bring(&range, |from, to| {
                to.iter_mut().zip(from..).for_each(|(byte, at)| {
                    *byte = u8::try_from(at % 251).unwrap();
                });
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn pages_of_a_range_and_no_others_are_here() {
        let page = page_size();
        for lead in [0, 3, page - 1] {
            let len = 20 * page + 5;
            for range in [0..1, page..page + 1, page - 1..page + 1, 5..len, len - 1..len] {
                let overlay = PrivatePages::new(lead, len).unwrap();
                assert!(overlay.runs(&(0..len)).is_empty());
                brought(&overlay, range.clone());
                let runs = overlay.runs(&(0..len));
                let [run] = &runs[..] else { panic!("{runs:?}") };
                assert!(run.start <= range.start && range.end <= run.end, "{run:?} of {range:?}");
                assert!(range.start - run.start < page && run.end - range.end < page);
                assert_eq!(overlay.run(&(run.start..len)), (run.clone(), true));
            }
        }
    }

    #[test]
    fn a_page_that_cannot_be_loaded_stays_the_files() {
        let overlay = PrivatePages::new(0, 3 * page_size()).unwrap();
        let range = 10..3 * page_size();
        let (at, _) = overlay
            .bring(&range, |from, _| match from {
                0 => Ok(()),
                _ => {
                    Err(Error::new(Op::Read, ErrorKind::Truncated { offset: 0, needed: 0, now: 0 }))
                }
            })
            .unwrap_err();
        assert_eq!(at, page_size());
        assert_eq!(overlay.runs(&(0..3 * page_size())), vec![0..page_size(); 1]);
    }

    #[test]
    fn a_page_whose_loading_panics_stays_the_files() {
        let overlay = PrivatePages::new(0, page_size()).unwrap();
        let panics =
            std::panic::AssertUnwindSafe(|| overlay.bring(&(0..1), |_, _| panic!("a test")));
        std::panic::catch_unwind(panics).unwrap_err();
        brought(&overlay, 0..1);
        assert_eq!(overlay.runs(&(0..1)), vec![0..1; 1]);
    }

    #[test]
    fn a_page_is_loaded_once_however_many_threads_want_it() {
        let overlay = PrivatePages::new(0, 64 * page_size()).unwrap();
        let loads = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for page in 0..64 {
                        let at = page * page_size();
                        overlay
                            .bring(&(at..at + 1), |_, to| {
                                loads.fetch_add(1, Ordering::Relaxed);
                                to.fill(7);
                                Ok(())
                            })
                            .unwrap();
                    }
                });
            }
        });
        assert_eq!(loads.into_inner(), 64);
    }

    #[test]
    fn bytes_of_a_page_that_another_thread_brings_are_waited_for() {
        let overlay = PrivatePages::new(0, page_size()).unwrap();
        let (is_wanted, is_there) = (AtomicBool::new(false), AtomicBool::new(false));
        thread::scope(|scope| {
            let brought = overlay.bring(&(0..1), |_, to| {
                scope.spawn(|| {
                    is_wanted.store(true, Ordering::Relaxed);
                    overlay.bring(&(0..1), |_, _| panic!("it is brought already")).unwrap();
                    assert!(is_there.load(Ordering::Relaxed), "its bytes are still to come");
                });
                while !is_wanted.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
                // Gives a thread that wrongly does not wait enough time to fail the assertion.
                (0..10_000).for_each(|_| thread::yield_now());
                to.fill(7);
                is_there.store(true, Ordering::Relaxed);
                Ok(())
            });
            brought.unwrap();
        });
    }

    #[test]
    fn bytes_of_a_page_are_accessed_after_they_were_brought() {
        let overlay = PrivatePages::new(0, page_size()).unwrap();
        let (range, bytes) = (0..1, Plain::default());
        let brings = |thread, succeeds| {
            as_thread(thread, || {
                let brought = overlay.bring(&range, |_, _| {
                    bytes.access();
                    let truncated = ErrorKind::Truncated { offset: 0, needed: 0, now: 0 };
                    if succeeds { Ok(()) } else { Err(Error::new(Op::Read, truncated)) }
                });
                assert_eq!(brought.is_ok(), succeeds);
            });
        };
        // One thread fails to load the page, another succeeds. Each has exclusive access to it.
        brings(0, false);
        brings(1, true);
        // A thread that finds the page loaded, by `run` or by `bring`, accesses it after the load.
        as_thread(2, || {
            assert!(overlay.run(&range).1);
            bytes.access();
        });
        let (overlay, bytes) = (PrivatePages::new(0, page_size()).unwrap(), Plain::default());
        let bring = || {
            let access = |_: usize, _: &mut [u8]| {
                bytes.access();
                Ok(())
            };
            overlay.bring(&range, access).unwrap();
        };
        as_thread(0, bring);
        as_thread(1, || {
            bring();
            bytes.access();
        });
    }

    #[test]
    fn edits_of_a_huge_file_cost_nothing_before_they_are_made() {
        let overlay = PrivatePages::new(0, 1 << 44).unwrap();
        brought(&overlay, (1 << 44) - 1..1 << 44);
        let run = overlay.runs(&((1 << 44) - 100_000..1 << 44));
        assert_eq!(run, vec![(1 << 44) - page_size()..1 << 44; 1]);
    }
}
