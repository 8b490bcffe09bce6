//! Registered ranges that lose pages.

use super::later::each_other;
use super::{
    ADDRESS, ASKED, Cause, Fault, File, LINE, MmapOptions, MmapRaw, OTHERS, OnLostPage, PAGE,
    RegisteredRange, SIGBUS, Scene, SeqCst, Status, asked, block, c_int, copy_in, copy_out, dies,
    end, handle, handle_with_info, load, others, repair, say_the_point, siginfo_t, status, well,
    zeroed,
};

pub(super) fn all() -> Vec<Scene> {
    let complains = |text, scene| Scene { complains: Some(text), ..scene };
    let aborts = |name, play| complains(LINE, dies(name, play, SIGBUS));
    vec![
        complains("", well("a lost page becomes zeros, permanently", for_zeros)),
        well("a range that begins and ends within pages", within_pages),
        complains("", well("eight threads and a truncated file", to_threads)),
        well("guarded copies of a registered range", and_guarded),
        aborts("a lost page ends the process", for_abort),
        aborts("a page in ranges of both kinds", in_both_ways),
        aborts("no room for a page of zeros", no_room),
        complains("", dies("a fault outside of registered ranges", elsewhere, SIGBUS)),
        complains("", dies("a range that is no longer registered", no_more, SIGBUS)),
        complains(LINE, others("an earlier handler is called for a lost page", and_earlier)),
        complains(LINE, well("an earlier handler repairs a lost page", and_repaired)),
        complains(
            LINE,
            dies("handlers that call each other for a lost page", and_each_other, SIGBUS),
        ),
        well("a lost page preserves errno", keeps_errno),
        well("a misaligned access in a registered page", and_unsuitable),
        well("more ranges than a chunk has slots", often),
        well("a fork with a registered range", and_fork),
        complains("", dies("a slice in a thread with the signal blocked", to_blocked, SIGBUS)),
        well("a slice in a thread that called status", to_unblocked),
    ]
}

/// Pages of a file. Each byte is the number of its page, from 1 on.
struct Pages {
    pages: MmapRaw,
    file: File,
}

impl Pages {
    fn new(pages: usize) -> Self {
        let file = tempfile::tempfile().unwrap();
        file.set_len((pages * PAGE) as u64).unwrap();
        let pages = MmapOptions::new().len(pages * PAGE).map_raw(&file).unwrap();
        let pages = Self { pages, file };
        for (page, number) in (0..pages.pages.len() / PAGE).zip(1..) {
            unsafe { copy_in(pages.at(page * PAGE), &[number; PAGE]) }.unwrap();
        }
        pages
    }

    fn at(&self, offset: usize) -> *mut u8 {
        self.pages.as_mut_ptr().wrapping_add(offset)
    }

    fn register(&self, on_lost: OnLostPage) -> RegisteredRange {
        unsafe { RegisteredRange::new(self.at(0), self.pages.len(), on_lost) }
    }

    fn cut(&self, len: usize) {
        self.file.set_len(len as u64).unwrap();
    }

    fn slice(&self, offset: usize, len: usize) -> &[u8] {
        assert!(offset + len <= self.pages.len());
        unsafe { std::slice::from_raw_parts(self.at(offset), len) }
    }

    /// Whether all bytes of this page are equal to this one, as the reader of a slice sees them.
    fn is_all(&self, page: usize, byte: u8) -> bool {
        std::hint::black_box(self.slice(page * PAGE, PAGE)).iter().all(|&it| it == byte)
    }

    /// A byte as the reader of a slice sees it, by a read that is not optimized away.
    fn touch(&self, offset: usize) -> u8 {
        unsafe { self.at(offset).read_volatile() }
    }
}

fn for_zeros() {
    let pages = Pages::new(5);
    let range = pages.register(OnLostPage::Zeros);
    assert_eq!(status(), Status::Active);
    assert!(pages.is_all(3, 4) && pages.is_all(1, 2));
    assert_eq!(range.lost(), None);
    pages.cut(3 * PAGE);
    assert_eq!(range.lost(), None, "no page was touched");
    assert!(pages.is_all(4, 0));
    assert_eq!(range.lost(), Some(4 * PAGE));
    // The page in between is not lost yet: each page is replaced by itself.
    assert!(pages.is_all(2, 3));
    assert_eq!(range.lost(), Some(4 * PAGE));
    assert!(pages.is_all(3, 0));
    assert_eq!(range.lost(), Some(3 * PAGE));
    // Bytes that come back are visible where no page was replaced.
    pages.cut(PAGE);
    pages.cut(5 * PAGE);
    std::os::unix::fs::FileExt::write_all_at(&pages.file, &vec![9; 5 * PAGE], 0).unwrap();
    let expected = [9, 9, 9, 0, 0];
    for (page, byte) in expected.into_iter().enumerate() {
        assert!(pages.is_all(page, byte), "page {page}");
    }
    assert_eq!(range.lost(), Some(3 * PAGE));
    drop(range);
    assert!(pages.is_all(3, 0), "permanently");
    assert_eq!(pages.register(OnLostPage::Abort).lost(), None);
}

fn within_pages() {
    let pages = Pages::new(4);
    let range = unsafe { RegisteredRange::new(pages.at(PAGE + 100), 2 * PAGE, OnLostPage::Zeros) };
    pages.cut(0);
    assert_eq!(pages.touch(3 * PAGE + 99), 0);
    assert_eq!(range.lost(), Some(2 * PAGE - 100));
    assert_eq!(pages.touch(PAGE + 100), 0);
    assert_eq!(range.lost(), Some(0));
    // The rest of the range's pages is replaced as well.
    assert_eq!((pages.touch(PAGE), pages.touch(3 * PAGE + 4000)), (0, 0));
}

fn to_threads() {
    const PAGES: usize = 250;
    let pages = Pages::new(PAGES);
    let range = pages.register(OnLostPage::Zeros);
    let (pages, range) = (&pages, &range);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                for turn in 0..40 {
                    for page in 0..PAGES {
                        let page = if thread % 2 == 0 { page } else { PAGES - 1 - page };
                        let slice = std::hint::black_box(pages.slice(page * PAGE, PAGE));
                        let sum: usize = slice.iter().map(|&byte| usize::from(byte)).sum();
                        // A page may be lost while it is added up, and the loss is then reported.
                        assert!(sum <= (page + 1) * PAGE, "turn {turn}, page {page}");
                        if sum < (page + 1) * PAGE {
                            assert!(range.lost().is_some_and(|lost| lost <= page * PAGE));
                        }
                    }
                }
            });
        }
        scope.spawn(|| {
            for left in (0..PAGES).rev() {
                pages.cut(left * PAGE);
                std::thread::yield_now();
            }
        });
    });
    for page in 0..PAGES {
        assert!(pages.is_all(page, 0));
    }
    assert_eq!(range.lost(), Some(0));
}

fn and_guarded() {
    let pages = Pages::new(3);
    let range = pages.register(OnLostPage::Zeros);
    pages.cut(PAGE);
    let address = pages.at(PAGE).addr();
    let mut out = [0; 2 * PAGE];
    for _ in 0..3 {
        let fault = unsafe { copy_out(pages.at(0), &mut out) }.unwrap_err();
        assert_eq!(fault, Fault { moved: PAGE, address, cause: Cause::Missing });
        unsafe { load::<u64>(pages.at(PAGE)) }.unwrap_err();
        assert_eq!(range.lost(), None);
    }
    assert_eq!(pages.touch(PAGE + 1), 0);
    assert_eq!(range.lost(), Some(PAGE));
    assert_eq!(unsafe { load::<u64>(pages.at(PAGE)) }, Ok(0));
    let fault = unsafe { copy_out(pages.at(PAGE), &mut out) }.unwrap_err();
    assert_eq!((fault.moved, fault.address), (PAGE, address + PAGE));
}

/// A range that has lost byte 12288, but not its first page.
fn register_and_cut(on_lost: OnLostPage) -> (Pages, RegisteredRange) {
    let pages = Pages::new(5);
    let range = pages.register(on_lost);
    assert_eq!(pages.touch(12_288), 4);
    pages.cut(12_288);
    (pages, range)
}

fn for_abort() {
    let (pages, _range) = register_and_cut(OnLostPage::Abort);
    assert_eq!(pages.touch(12_287), 3);
    say_the_point();
    pages.touch(12_288 + 500);
}

fn in_both_ways() {
    let (pages, _range) = register_and_cut(OnLostPage::Zeros);
    let range = pages.register(OnLostPage::Zeros);
    let _strict = pages.register(OnLostPage::Abort);
    let _zeros = pages.register(OnLostPage::Zeros);
    drop(range);
    say_the_point();
    pages.touch(12_288);
}

fn no_room() {
    let (pages, _range) = register_and_cut(OnLostPage::Zeros);
    say_the_point();
    super::shortage::forbid(libc::SYS_mmap, libc::ENOMEM);
    pages.touch(12_288);
}

fn elsewhere() {
    let pages = Pages::new(5);
    let _range = unsafe { RegisteredRange::new(pages.at(PAGE), 2 * PAGE, OnLostPage::Zeros) };
    let _none = unsafe { RegisteredRange::new(pages.at(3 * PAGE), 0, OnLostPage::Zeros) };
    let _other = register_and_cut(OnLostPage::Abort);
    pages.cut(0);
    assert_eq!(pages.touch(PAGE), 0);
    assert_eq!(pages.touch(3 * PAGE - 1), 0);
    say_the_point();
    pages.touch(3 * PAGE);
}

fn no_more() {
    let (pages, range) = register_and_cut(OnLostPage::Zeros);
    assert_eq!(pages.touch(4 * PAGE), 0);
    drop(range);
    assert_eq!(pages.touch(4 * PAGE), 0);
    say_the_point();
    pages.touch(3 * PAGE);
}

fn and_earlier() {
    handle_with_info(end);
    let (pages, _range) = register_and_cut(OnLostPage::Abort);
    ADDRESS.store(pages.at(12_300).addr(), SeqCst);
    say_the_point();
    pages.touch(12_300);
}

fn and_repaired() {
    handle_with_info(repair);
    let (pages, range) = register_and_cut(OnLostPage::Abort);
    assert_eq!(pages.touch(12_288), 0);
    assert_eq!((asked(), range.lost()), (1, Some(12_288)));
    assert_eq!(pages.touch(4 * PAGE), 0);
    assert_eq!((asked(), range.lost()), (2, Some(12_288)));
    drop(range);
    let _range = pages.register(OnLostPage::Zeros);
    pages.cut(0);
    assert_eq!((pages.touch(0), asked()), (0, 2));
}

fn and_each_other() {
    each_other();
    let (pages, _range) = register_and_cut(OnLostPage::Abort);
    say_the_point();
    pages.touch(12_288);
}

fn keeps_errno() {
    handle_with_info(repair);
    let (pages, range) = register_and_cut(OnLostPage::Abort);
    let (zeros, zeros_range) = register_and_cut(OnLostPage::Zeros);
    unsafe {
        // Writing the line is now an error.
        assert_eq!(libc::close(2), 0);
        let errno = libc::__errno_location();
        *errno = 77;
        pages.touch(12_288);
        assert_eq!(*errno, 77);
        zeros.touch(12_288);
        assert_eq!(*errno, 77);
    }
    assert_eq!((range.lost(), zeros_range.lost()), (Some(12_288), Some(12_288)));
    assert_eq!(asked(), 1);
}

/// The page of a misaligned access is there, and must stay.
fn and_unsuitable() {
    extern "C" fn count(_: c_int) {
        ASKED.fetch_add(1, SeqCst);
    }
    handle(SIGBUS, count as *const () as usize, 0);
    let pages = Pages::new(2);
    let range = pages.register(OnLostPage::Zeros);
    unsafe {
        let mut info: siginfo_t = zeroed();
        info.si_signo = SIGBUS;
        info.si_code = libc::BUS_ADRALN;
        // The address follows three numbers, the last of which aligns it.
        (&raw mut info).cast::<*mut u8>().add(2).write(pages.at(PAGE));
        assert_eq!(info.si_addr(), pages.at(PAGE).cast());
        let process = libc::getpid();
        let sent = libc::syscall(libc::SYS_rt_sigqueueinfo, process, SIGBUS, &raw mut info);
        assert_eq!(sent, 0);
    }
    assert_eq!((asked(), range.lost()), (1, None));
    assert!(pages.is_all(1, 2));
}

fn often() {
    let pages = Pages::new(200);
    let one =
        |page| unsafe { RegisteredRange::new(pages.at(page * PAGE), PAGE, OnLostPage::Zeros) };
    for _ in 0..50 {
        let ranges: Vec<RegisteredRange> = (0..200).map(one).collect();
        assert!(ranges.iter().all(|range| range.lost().is_none()));
    }
    let ranges: Vec<RegisteredRange> = (0..200).map(one).collect();
    pages.cut(0);
    for page in (0..200).rev() {
        assert_eq!(ranges[page].lost(), None);
        assert_eq!(pages.touch(page * PAGE + 77), 0);
        assert_eq!(ranges[page].lost(), Some(0));
    }
}

fn and_fork() {
    let (pages, range) = register_and_cut(OnLostPage::Zeros);
    let mut ended = 0;
    unsafe {
        let child = libc::fork();
        assert!(child >= 0);
        if child == 0 {
            let well = pages.touch(12_288) == 0 && range.lost() == Some(12_288);
            libc::_exit(if well { OTHERS } else { 1 });
        }
        assert_eq!(libc::waitpid(child, &raw mut ended, 0), child);
    }
    assert!(libc::WIFEXITED(ended), "the child ended by {ended:#x}");
    assert_eq!(libc::WEXITSTATUS(ended), OTHERS);
    assert_eq!(range.lost(), None, "what a child loses is its own");
}

fn to_blocked() {
    let (pages, _range) = register_and_cut(OnLostPage::Zeros);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            block();
            say_the_point();
            pages.touch(12_288);
        });
    });
}

fn to_unblocked() {
    let (pages, range) = register_and_cut(OnLostPage::Zeros);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            block();
            assert_eq!(status(), Status::Active);
            assert_eq!(pages.touch(12_288), 0);
        });
    });
    assert_eq!(range.lost(), Some(12_288));
}
