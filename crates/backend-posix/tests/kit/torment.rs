//! Touches pages at random in several threads while another process mistreats the file, and looks whether a page
//! that was seen ever changes.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use memmap_core::{Map, OnLostPage, Proofs};
use memmap_posix::Frozen;

const PAGE: usize = 4096;
const THREADS: usize = 8;

/// What was seen.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) touches: usize,
    pub(crate) pages: usize,
    pub(crate) changed: usize,
    pub(crate) rounds: usize,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { touches, pages, changed, rounds } = self;
        write!(f, "touches {touches} pages {pages} changed {changed} rounds {rounds}")
    }
}

/// The hashes of the pages of a map that were seen; 0 of those that were not.
pub(crate) struct Seen<'a> {
    pub(crate) map: &'a Map<Frozen>,
    hashes: Vec<AtomicU64>,
}

impl Seen<'_> {
    /// Touches a page. Returns whether it is as it was seen before.
    fn touch(&self, page: usize) -> bool {
        let hash = self.hash(page);
        let seen = self
            .hashes
            .get(page)
            .map(|seen| seen.compare_exchange(0, hash, Ordering::SeqCst, Ordering::SeqCst).err());
        seen.flatten().is_none_or(|before| before == hash)
    }

    fn hash(&self, page: usize) -> u64 {
        let start = page * PAGE;
        let bytes: &[u8] = self.map;
        let end = bytes.len().min(start + PAGE);
        let words = bytes.get(start..end).unwrap_or_default().chunks(8);
        let mut hash = 0xCBF2_9CE4_8422_2325_u64;
        for word in words {
            let mut bytes = [0; 8];
            bytes.iter_mut().zip(word).for_each(|(to, &from)| *to = from);
            hash = (hash ^ u64::from_le_bytes(bytes)).wrapping_mul(0x0100_0000_01B3);
        }
        hash | 1
    }

    /// Compares the pages that were seen once more: every `step`-th of them. How many differ, of how many.
    pub(crate) fn compare(&self, step: usize) -> (usize, usize) {
        let seen = self.hashes.iter().enumerate().step_by(step);
        let seen = seen.filter_map(|(page, hash)| {
            let hash = hash.load(Ordering::SeqCst);
            (hash != 0).then(|| self.hash(page) != hash)
        });
        seen.fold((0, 0), |(changed, all), is| (changed + usize::from(is), all + 1))
    }
}

/// Touches so many pages, of a new map each tenth of them. `meanwhile` is called again and again in this thread.
/// `before` is called in each of the others.
pub(crate) fn torment(
    path: &Path,
    touches: usize,
    before: impl Fn() + Sync,
    mut meanwhile: impl FnMut(&Seen<'_>),
) -> Tally {
    let mut tally = Tally::default();
    let proofs = Proofs::none().first_touch().on_lost(OnLostPage::Zeros);
    while tally.touches < touches {
        let Ok(map) = Map::<Frozen>::open_with(path, proofs) else {
            // The file is too short just now, or another one takes its place.
            thread::yield_now();
            continue;
        };
        // Few pages would all be read at once.
        let len = map[..].len();
        if len < 32 * PAGE {
            continue;
        }
        let hashes = (0..len.div_ceil(PAGE)).map(|_| AtomicU64::new(0)).collect();
        let seen = Seen { map: &map, hashes };
        let (changed, running) = (AtomicUsize::new(0), AtomicUsize::new(THREADS));
        let each = touches / 10 / THREADS + 1;
        thread::scope(|scope| {
            for worker in 1..=THREADS {
                let (seen, changed, running, before) = (&seen, &changed, &running, &before);
                scope.spawn(move || {
                    before();
                    let mut random = u32::try_from(worker * 7919).unwrap_or(1);
                    for _ in 0..each {
                        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        let page = usize::try_from(random >> 8).unwrap_or(0) % seen.hashes.len();
                        if !seen.touch(page) {
                            changed.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    running.fetch_sub(1, Ordering::Release);
                });
            }
            while running.load(Ordering::Acquire) > 0 {
                meanwhile(&seen);
                thread::yield_now();
            }
        });
        let (at_end, pages) = seen.compare(1);
        tally.touches += each * THREADS;
        tally.pages += pages;
        tally.changed += at_end + changed.into_inner();
        tally.rounds += 1;
    }
    tally
}
