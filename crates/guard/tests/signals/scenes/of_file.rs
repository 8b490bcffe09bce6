//! Ranges of a file whose lost pages become zeros.

use std::fs::{self, File};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::FileExt;

use memmap_guard::{HowLost, Lost, RegisteredRange};
use memmap2::{MmapOptions, MmapRaw};

use super::{PAGE, Scene, SeqCst, well};

pub(super) fn all() -> Vec<Scene> {
    let silent = |name, play| Scene { complains: Some(""), ..well(name, play) };
    vec![
        silent("all behind the end is one mapping", one_mapping),
        silent("what grows back stays lost", grows_back),
        silent("stores to zeros stay, and reach no file", stores),
        silent("a range of a file within pages", within_pages),
        silent("what a child loses, its parent is told", of_a_child),
        silent("another file by the number of the descriptor", another_file),
        silent("no mapping is left for zeros", no_mappings),
        silent("eight threads, and a file that is cut and grows", storm),
    ]
}

/// A file whose bytes are all 7, mapped from `offset` on.
struct Mapped {
    file: File,
    pages: MmapRaw,
}

impl Mapped {
    fn new(pages: usize) -> Self {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(&vec![7; pages * PAGE], 0).unwrap();
        Self::of(file, 0, pages)
    }

    fn of(file: File, offset: usize, pages: usize) -> Self {
        let mut options = MmapOptions::new();
        let pages = options.offset(offset as u64).len(pages * PAGE).map_raw(&file).unwrap();
        Self { file, pages }
    }

    fn register(&self, is_writable: bool) -> RegisteredRange {
        let (first, len) = (self.pages.as_ptr(), self.pages.len());
        let file = self.file.as_fd();
        unsafe { RegisteredRange::of_file(first, len, file, 0, is_writable) }.unwrap()
    }

    fn cut(&self, len: usize) {
        self.file.set_len(len as u64).unwrap();
    }

    fn load(&self, offset: usize) -> u8 {
        unsafe { self.pages.as_ptr().wrapping_add(offset).read_volatile() }
    }

    fn store(&self, offset: usize, byte: u8) {
        unsafe { self.pages.as_mut_ptr().wrapping_add(offset).write_volatile(byte) };
    }
}

fn all_of(range: &RegisteredRange) -> Vec<Lost> {
    range.losses(0..usize::MAX)
}

fn cut(start: usize, end: usize) -> Lost {
    Lost { start: start * PAGE, end: end * PAGE, how: HowLost::Cut }
}

fn mappings() -> usize {
    fs::read_to_string("/proc/self/maps").unwrap().lines().count()
}

fn one_mapping() {
    const PAGES: usize = 1 << 16;
    let file = tempfile::tempfile().unwrap();
    file.set_len((PAGES * PAGE) as u64).unwrap();
    let mapped = Mapped::of(file, 0, PAGES);
    let range = mapped.register(false);
    assert_eq!((range.lost(), all_of(&range)), (None, vec![]));
    mapped.cut(3 * PAGE + 1);
    let before = mappings();
    // Every second page: if each were a mapping of its own, there would be more than the system allows.
    for page in (0..PAGES).rev().step_by(2) {
        assert_eq!(mapped.load(page * PAGE), 0);
    }
    assert!(mappings() <= before + 1, "{} after {before}", mappings());
    // The page in which the file ends is still there.
    assert_eq!(all_of(&range), [cut(4, PAGES)]);
    assert_eq!(range.lost(), Some(4 * PAGE));
    mapped.cut(0);
    assert_eq!(mapped.load(PAGE), 0);
    assert_eq!(all_of(&range), [cut(0, PAGES)]);
    assert!(mappings() <= before + 1, "{} after {before}", mappings());
}

fn grows_back() {
    let mapped = Mapped::new(8);
    let range = mapped.register(false);
    mapped.cut(2 * PAGE);
    assert_eq!(mapped.load(5 * PAGE), 0);
    mapped.file.write_all_at(&vec![9; 8 * PAGE], 0).unwrap();
    for page in 0..8 {
        assert_eq!(mapped.load(page * PAGE), if page < 2 { 9 } else { 0 }, "page {page}");
    }
    assert_eq!(all_of(&range), [cut(2, 8)]);
    assert_eq!(range.losses(0..2 * PAGE), []);
    assert_eq!(
        range.losses(7 * PAGE + 5..7 * PAGE + 6),
        [Lost { start: 7 * PAGE + 5, end: 7 * PAGE + 6, how: HowLost::Cut }]
    );
    assert_eq!(range.losses(8 * PAGE..9 * PAGE), []);
}

fn stores() {
    let mapped = Mapped::new(6);
    let range = mapped.register(true);
    mapped.store(0, 1);
    mapped.cut(4 * PAGE);
    mapped.store(5 * PAGE, 2);
    assert_eq!((mapped.load(5 * PAGE), mapped.load(4 * PAGE)), (2, 0));
    mapped.store(3 * PAGE, 3);
    // What is lost later does not undo what was stored before.
    mapped.cut(PAGE);
    assert_eq!((mapped.load(2 * PAGE), mapped.load(5 * PAGE)), (0, 2));
    mapped.cut(6 * PAGE);
    let mut bytes = vec![8; 6 * PAGE];
    mapped.file.read_exact_at(&mut bytes, 0).unwrap();
    assert_eq!((bytes[0], bytes[3 * PAGE], bytes[5 * PAGE]), (1, 0, 0));
    assert_eq!(all_of(&range), [cut(1, 6)]);
}

fn within_pages() {
    let mapped = Mapped::new(5);
    let first = mapped.pages.as_ptr().wrapping_add(PAGE + 100);
    let (position, len) = ((PAGE + 100) as u64, 2 * PAGE);
    let range =
        unsafe { RegisteredRange::of_file(first, len, mapped.file.as_fd(), position, false) };
    let range = range.unwrap();
    mapped.cut(2 * PAGE);
    assert_eq!((mapped.load(PAGE), mapped.load(3 * PAGE)), (7, 0));
    let (start, end) = (PAGE - 100, 2 * PAGE);
    assert_eq!(all_of(&range), [Lost { start, end, how: HowLost::Cut }]);
    assert_eq!(range.losses(0..start), []);
    assert_eq!(range.losses(0..start + 1).len(), 1);
}

fn of_a_child() {
    let mapped = Mapped::new(8);
    let range = mapped.register(true);
    mapped.cut(5 * PAGE);
    let child = unsafe { libc::fork() };
    if child == 0 {
        mapped.store(6 * PAGE, 1);
        unsafe { libc::_exit(i32::from(mapped.load(6 * PAGE) != 1 || all_of(&range).len() != 1)) }
    }
    let mut status = 1;
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0);
    assert_eq!(all_of(&range), [cut(5, 8)], "what the child lost");
    // Of this process nothing was replaced yet, and it can lose the same pages.
    assert_eq!(mapped.load(7 * PAGE), 0);
    assert_eq!(all_of(&range), [cut(5, 8)]);
}

fn another_file() {
    let mapped = Mapped::new(4);
    let range = mapped.register(false);
    let file = mapped.file.try_clone().unwrap();
    let other = tempfile::tempfile().unwrap();
    assert!(unsafe { libc::dup2(other.as_raw_fd(), mapped.file.as_raw_fd()) } >= 0);
    // The other one is empty, and says nothing of this one.
    file.set_len(3 * PAGE as u64).unwrap();
    assert_eq!((mapped.load(3 * PAGE), mapped.load(2 * PAGE)), (0, 7));
    let lost = Lost { start: 3 * PAGE, end: 4 * PAGE, how: HowLost::Load };
    assert_eq!(all_of(&range), [lost]);
}

fn no_mappings() {
    const PAGES: usize = 1 << 17;
    let file = tempfile::tempfile().unwrap();
    file.set_len((PAGES * PAGE) as u64).unwrap();
    let mapped = Mapped::of(file, 0, PAGES);
    let range = mapped.register(false);
    let file = mapped.file.try_clone().unwrap();
    let other = tempfile::tempfile().unwrap();
    // The length of the file cannot be asked for, so that each page is replaced by itself.
    assert!(unsafe { libc::dup2(other.as_raw_fd(), mapped.file.as_raw_fd()) } >= 0);
    file.set_len(PAGE as u64).unwrap();
    for page in (1..PAGES).step_by(2) {
        assert_eq!(mapped.load(page * PAGE), 0);
    }
    let lost = all_of(&range);
    assert_eq!(lost[0], Lost { start: PAGE, end: 2 * PAGE, how: HowLost::Load });
    assert!(lost.len() > 1000 && mappings() < 25_000, "{} and {}", lost.len(), mappings());
    assert_eq!(lost.last().unwrap().end, PAGES * PAGE);
    assert!(lost.last().unwrap().start < (PAGES / 2) * PAGE * 2 - 2 * PAGE, "the rest at once");
}

fn storm() {
    const PAGES: usize = 300;
    let mapped = Mapped::new(PAGES);
    let range = mapped.register(false);
    let ended = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (mapped, range, ended) = (&mapped, &range, &ended);
            scope.spawn(move || {
                let mut at = thread;
                while !ended.load(SeqCst) {
                    at = (at * 31 + 7) % PAGES;
                    let byte = mapped.load(at * PAGE);
                    if byte != 7 {
                        let lost = range.losses(at * PAGE..at * PAGE + 1);
                        // A file that grew has zeros of its own.
                        assert!(byte == 0 || !lost.is_empty(), "page {at}: {byte}");
                    }
                }
            });
        }
        // On a busy machine it takes more turns until a thread runs while the file is short.
        for turn in 0..2_000_000 {
            if turn >= 2000 && !all_of(&range).is_empty() {
                break;
            }
            mapped.cut((turn * 37 % PAGES) * PAGE);
            if turn >= 2000 {
                std::thread::yield_now();
            }
            mapped.cut(PAGES * PAGE);
        }
        ended.store(true, SeqCst);
    });
    assert!(!all_of(&range).is_empty());
}
