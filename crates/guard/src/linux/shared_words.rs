//! Words in memory that children share: many short records in one mapping, as a mapping costs more than a record.
//!
//! A slab is a mapping of `SLOTS` places. A place is used again only within its process, and only if no process was
//! forked since its slab was mapped: until then a child uses the same words for what it inherited. A slab that is older
//! is mapped anew once none of its places is in use here; a child keeps the old one. What is made past the C library,
//! by `clone(2)` itself, is not noticed.
//!
//! No thread waits for another, so that a fork at any moment leaves nothing locked in the child.
//!
//! # Source
//! `pthread_atfork(3)`: the handlers of the parent are called also if the fork fails.

use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU64, AtomicUsize, Ordering};

/// The most words of a place in a slab. A longer record has a mapping of its own.
const PLACE: usize = 64;
/// Places in a slab: one for each bit of half a state.
const SLOTS: u32 = 32;
const ALL: u64 = (1 << SLOTS) - 1;
/// Beyond these, each record has a mapping of its own.
const SLABS: usize = 256;
/// Bytes of a slab.
const LEN: usize = 32 * PLACE * WORD_LEN;
const WORD_LEN: usize = size_of::<usize>();

/// A mapping of places.
struct Slab {
    first: AtomicPtr<AtomicUsize>,
    /// The low half has a bit for each place that is in use. The high half is the age in which the slab was mapped.
    state: AtomicU64,
}

static SLAB: [Slab; SLABS] =
    [const { Slab { first: AtomicPtr::new(ptr::null_mut()), state: AtomicU64::new(0) } }; SLABS];

/// Forks: how many are about to happen, in the low 16 bits, and how many have ended, plus 1.
static FORKS: AtomicU64 = AtomicU64::new(1 << ENDED);
const ENDED: u32 = 16;
const ABOUT: u64 = (1 << ENDED) - 1;

/// Whether the handlers of forks are installed: `NOT`, `YES`, or being installed, or refused.
static INSTALLED: AtomicU8 = AtomicU8::new(NOT);
const NOT: u8 = 0;
const BEGUN: u8 = 1;
const YES: u8 = 2;

/// Zeroed words that belong to whoever has this value, and to the children that inherit it.
pub(super) struct SharedWords {
    first: *mut AtomicUsize,
    count: usize,
    /// `None` if they have a mapping of their own.
    slot: Option<Slot>,
}

struct Slot {
    slab: &'static Slab,
    bit: u64,
}

// SAFETY: it owns the words, which belong to no thread, and accesses them as atomics.
unsafe impl Send for SharedWords {}

// SAFETY: as above.
unsafe impl Sync for SharedWords {}

impl SharedWords {
    /// `count` words, all of them 0. `None` if the system has no memory for them.
    pub(super) fn new(count: usize) -> Option<Self> {
        if count <= PLACE
            && let Some((first, slot)) = place()
        {
            return Some(Self { first, count, slot: Some(slot) });
        }
        Some(Self { first: map(count.checked_mul(WORD_LEN)?)?, count, slot: None })
    }

    pub(super) fn get(&self) -> &[AtomicUsize] {
        #[expect(clippy::disallowed_methods, reason = "memory of our own, and not of a file")]
        // SAFETY: the mapping has so many words from here on, aligned and zeroed at first, and exists as long as
        // `self`: a slab is not unmapped while a bit of it is set. They are only accessed as atomics.
        unsafe {
            slice::from_raw_parts(self.first, self.count)
        }
    }
}

impl Drop for SharedWords {
    fn drop(&mut self) {
        let Some(slot) = &self.slot else {
            // SAFETY: the mapping of `new`.
            unsafe { libc::munmap(self.first.cast(), self.count.saturating_mul(WORD_LEN)) };
            return;
        };
        // A slab that a child shares is not used again, and what the child records there stays.
        if age_now().is_some_and(|now| age(slot.slab.state.load(Ordering::Relaxed)) == now) {
            for word in self.get() {
                if word.load(Ordering::Relaxed) != 0 {
                    word.store(0, Ordering::Relaxed);
                }
            }
        }
        slot.slab.state.fetch_and(!slot.bit, Ordering::SeqCst);
    }
}

const fn age(state: u64) -> u64 {
    state >> SLOTS
}

/// The number of forks that have ended; `None` while one is about to happen.
fn age_now() -> Option<u64> {
    let forks = FORKS.load(Ordering::SeqCst);
    (forks & ABOUT == 0).then_some((forks >> ENDED) & ALL)
}

/// A place of a slab that no child has. `None` if there is none, or a fork interferes.
fn place() -> Option<(*mut AtomicUsize, Slot)> {
    if !knows_of_forks() {
        return None;
    }
    let now = age_now()?;
    for slab in &SLAB {
        let state = slab.state.load(Ordering::SeqCst);
        let used = state & ALL;
        let slot = if age(state) == now {
            let Some(bit) = (used != ALL).then(|| 1 << used.trailing_ones()) else { continue };
            let taken = slab.state.compare_exchange(
                state,
                state | bit,
                Ordering::SeqCst,
                Ordering::Relaxed,
            );
            if taken.is_err() {
                // Another thread was faster, and will be in few of the others.
                continue;
            }
            Slot { slab, bit }
        } else if used == 0 {
            slab.renewed(state, now)?
        } else {
            continue;
        };
        // A fork that began before the bit was set may have a child with the same words.
        if age_now() != Some(now) {
            slab.state.fetch_and(!slot.bit, Ordering::SeqCst);
            return None;
        }
        let at = usize::try_from(slot.bit.trailing_zeros()).ok()?.checked_mul(PLACE)?;
        return Some((slab.first.load(Ordering::Relaxed).wrapping_add(at), slot));
    }
    None
}

impl Slab {
    /// Maps the slab anew, and takes its first place. `state` is the one that was found, without a bit.
    fn renewed(&'static self, state: u64, now: u64) -> Option<Slot> {
        // Nobody else takes a place while all are taken.
        let claimed = state | ALL;
        self.state.compare_exchange(state, claimed, Ordering::SeqCst, Ordering::Relaxed).ok()?;
        let Some(first) = map(LEN) else {
            self.state.store(state, Ordering::SeqCst);
            return None;
        };
        let before = self.first.swap(first, Ordering::Relaxed);
        if !before.is_null() {
            // SAFETY: the mapping of an earlier call. No place of it is in use, and its bits are ours.
            unsafe { libc::munmap(before.cast(), LEN) };
        }
        self.state.store(now << SLOTS | 1, Ordering::SeqCst);
        Some(Slot { slab: self, bit: 1 })
    }
}

fn map(len: usize) -> Option<*mut AtomicUsize> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new mapping, at an address that the system chooses.
    let first = unsafe { libc::mmap(ptr::null_mut(), len, protection, flags, -1, 0) };
    (first != libc::MAP_FAILED).then_some(first.cast())
}

/// Whether the handlers of forks are installed, by this call if they were not.
fn knows_of_forks() -> bool {
    match INSTALLED.load(Ordering::Acquire) {
        YES => true,
        NOT if INSTALLED
            .compare_exchange(NOT, BEGUN, Ordering::SeqCst, Ordering::Relaxed)
            .is_ok() =>
        {
            crate::pin::keep_loaded();
            // SAFETY: functions without arguments, which stay loaded (`pin`).
            let failed =
                unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
            if failed == 0 {
                INSTALLED.store(YES, Ordering::Release);
            }
            failed == 0
        }
        _ => false,
    }
}

extern "C" fn before() {
    FORKS.fetch_add(1, Ordering::SeqCst);
}

extern "C" fn in_parent() {
    FORKS.fetch_add((1 << ENDED) - 1, Ordering::SeqCst);
}

extern "C" fn in_child() {
    // The other threads, which may have been about to fork, are not here.
    let ended = (FORKS.load(Ordering::SeqCst) >> ENDED).wrapping_add(1);
    FORKS.store(ended << ENDED, Ordering::SeqCst);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forks, runs `child` in the child, and waits for it.
    fn forked(child: impl FnOnce()) {
        // SAFETY: the child calls only what is allowed in handlers, and ends.
        let process = unsafe { libc::fork() };
        assert!(process >= 0);
        if process == 0 {
            child();
            // SAFETY: ends the child, without anything of the parent's.
            unsafe { libc::_exit(0) };
        }
        // SAFETY: waits for our own child.
        let ended = unsafe { libc::waitpid(process, ptr::null_mut(), 0) };
        assert_eq!(ended, process);
    }

    #[test]
    fn a_place_is_zeroed_before_it_is_used_again() {
        for count in [1, PLACE, PLACE + 1, 5000] {
            for _ in 0..100 {
                let words = SharedWords::new(count).unwrap();
                assert_eq!(words.get().len(), count);
                for word in words.get() {
                    assert_eq!(word.swap(usize::MAX, Ordering::Relaxed), 0);
                }
            }
        }
    }

    #[test]
    fn records_of_the_same_time_have_no_word_in_common() {
        let all: Vec<_> = (0..10_000).map(|_| SharedWords::new(3).unwrap()).collect();
        for (number, words) in (1..).zip(&all) {
            words.get().iter().for_each(|word| word.store(number, Ordering::Relaxed));
        }
        for (number, words) in (1..).zip(&all) {
            assert!(words.get().iter().all(|word| word.load(Ordering::Relaxed) == number));
        }
    }

    #[test]
    fn what_a_child_records_is_seen_by_its_parent() {
        let words = SharedWords::new(3).unwrap();
        forked(|| words.get().iter().for_each(|word| word.store(7, Ordering::Relaxed)));
        assert!(words.get().iter().all(|word| word.load(Ordering::Relaxed) == 7));
    }

    #[test]
    fn words_that_a_child_has_are_not_used_again_by_its_parent() {
        let (old, pipe) = (SharedWords::new(3).unwrap(), std::io::pipe().unwrap());
        let (mut reader, writer) = pipe;
        let words: *const [AtomicUsize] = old.get();
        // SAFETY: the child calls only what is allowed in handlers, and ends.
        let process = unsafe { libc::fork() };
        if process == 0 {
            drop(writer);
            // Until the parent has closed its end.
            let _end = std::io::Read::read(&mut reader, &mut [0]);
            // SAFETY: the child has the value itself.
            unsafe { &*words }.iter().for_each(|word| word.store(7, Ordering::Relaxed));
            // SAFETY: ends the child, without anything of the parent's.
            unsafe { libc::_exit(0) };
        }
        drop(old);
        let new: Vec<_> = (0..1000).map(|_| SharedWords::new(3).unwrap()).collect();
        drop(writer);
        // SAFETY: waits for our own child.
        assert_eq!(unsafe { libc::waitpid(process, ptr::null_mut(), 0) }, process);
        let is_zero = |word: &AtomicUsize| word.load(Ordering::Relaxed) == 0;
        assert!(new.iter().all(|words| words.get().iter().all(is_zero)));
    }

    #[test]
    fn a_child_and_its_parent_take_different_words() {
        let before = SharedWords::new(3).unwrap();
        forked(|| {
            for _ in 0..1000 {
                let Some(words) = SharedWords::new(3) else { continue };
                words.get().iter().for_each(|word| word.store(7, Ordering::Relaxed));
                // It stays in use in the child.
                let _kept = std::mem::ManuallyDrop::new(words);
            }
        });
        let after: Vec<_> = (0..1000).map(|_| SharedWords::new(3).unwrap()).collect();
        let is_zero = |word: &AtomicUsize| word.load(Ordering::Relaxed) == 0;
        assert!(before.get().iter().all(is_zero));
        assert!(after.iter().all(|words| words.get().iter().all(is_zero)));
    }
}
