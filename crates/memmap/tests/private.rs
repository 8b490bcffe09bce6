//! Private edits, mode `c`: they stay in the map, and outlive whatever others do to the file.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

#[path = "kit/child.rs"]
mod child;

use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use memmap::{Advice, Error, ErrorKind, MemMap, Mode, Progress, RamMap, plugin::Op, widen};
use tempfile::NamedTempFile;

use child::{Child, say};

fn page() -> u64 {
    widen(rustix::param::page_size())
}

fn size(len: u64) -> usize {
    usize::try_from(len).unwrap()
}

/// A file of so many pages, all of one byte, and the map of it.
fn edited(pages: u64, byte: u8) -> (NamedTempFile, MemMap) {
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), vec![byte; size(pages * page())]).unwrap();
    let map = MemMap::open(file.path(), Mode::CopyOnWrite).unwrap();
    (file, map)
}

/// Where bytes are gone that were the file's.
fn truncated(error: &Error) -> u64 {
    match *error.kind() {
        ErrorKind::Truncated { offset, .. } => offset,
        ref other => panic!("not truncated: {other:?}"),
    }
}

#[test]
fn edits_stay_in_the_map_and_the_file_never_changes() {
    let page = page();
    let (file, mut map) = edited(4, 7);
    let before = fs::read(file.path()).unwrap();

    map.write_at(page - 2, b"edit").unwrap();
    map.set(5, 0xABCD_u16).unwrap();
    map.fill_range(2 * page..2 * page + 9, 1).unwrap();
    map.copy_within(page - 2..page + 2, 3 * page).unwrap();
    map.cells().fetch_add(2 * page + 16, 1_u64).unwrap();
    map.sync(..).unwrap();
    map.write_back(..).unwrap();

    assert_eq!(map.read_at(page - 3, 6).unwrap(), b"\x07edit\x07");
    assert_eq!(map.get::<u16>(5).unwrap(), 0xABCD);
    assert_eq!(map.read_at(2 * page, 10).unwrap(), [1, 1, 1, 1, 1, 1, 1, 1, 1, 7]);
    assert_eq!(map.read_at(3 * page, 5).unwrap(), b"edit\x07");
    assert_eq!(map.get::<u64>(2 * page + 16).unwrap(), 0x0707_0707_0707_0707 + 1);

    // Another map of the same file has none of it.
    let other = MemMap::open(file.path(), Mode::CopyOnWrite).unwrap();
    assert_eq!(other.read_at(0, other.len().try_into().unwrap()).unwrap(), before);
    map.close().unwrap();
    assert_eq!(fs::read(file.path()).unwrap(), before);
}

#[test]
fn what_others_write_is_seen_until_its_page_is_edited() {
    let page = page();
    let (file, mut map) = edited(2, 7);
    let others = file.as_file();

    others.write_all_at(b"one", 10).unwrap();
    assert_eq!(map.read_at(10, 3).unwrap(), b"one");
    others.write_all_at(b"two", 10).unwrap();
    assert_eq!(map.read_at(10, 3).unwrap(), b"two");

    map.write_at(100, b"edit").unwrap();
    others.write_all_at(b"three", 98).unwrap();
    others.write_all_at(b"four", 10).unwrap();
    assert_eq!(map.read_at(98, 7).unwrap(), b"\x07\x07edit\x07");
    assert_eq!(map.read_at(10, 4).unwrap(), b"two\x07");
    others.write_all_at(b"five", page).unwrap();
    assert_eq!(map.read_at(page, 4).unwrap(), b"five");

    // What they wrote is in their file, and the edit is not.
    assert_eq!(fs::read(file.path()).unwrap()[98..104], *b"three\x07");
}

#[test]
fn edits_stay_where_the_file_is_cut_short_and_all_else_is_an_error_each_time() {
    let page = page();
    let (file, mut map) = edited(5, 7);
    map.write_at(10, b"first").unwrap();
    map.write_at(2 * page + 20, b"third").unwrap();
    map.write_at(4 * page, b"fifth").unwrap();
    file.as_file().set_len(page + 1).unwrap();

    // Of a page with an edit all is kept: the edit, and around it what the file had.
    assert_eq!(map.read_at(2 * page, 26).unwrap(), [&[7; 20][..], b"third", &[7]].concat());
    assert_eq!(map.read_at(3 * page - 1, 1).unwrap(), [7]);
    assert_eq!(map.read_at(4 * page, 6).unwrap(), b"fifth\x07");
    assert_eq!(map.cells().load::<u8>(4 * page).unwrap(), b'f');
    // And it is edited on.
    map.write_at(2 * page, b"x").unwrap();
    map.fill_range(3 * page - 2..3 * page, 1).unwrap();
    map.copy_within(2 * page + 20..2 * page + 25, 5 * page - 5).unwrap();
    assert_eq!(map.cells().fetch_add(4 * page, 1_u8).unwrap(), b'f');
    assert_eq!(map.read_at(2 * page, 2).unwrap(), b"x\x07");
    assert_eq!(map.read_at(3 * page - 3, 3).unwrap(), [7, 1, 1]);
    assert_eq!(map.read_at(4 * page, 5).unwrap(), b"gifth");
    assert_eq!(map.read_at(5 * page - 6, 6).unwrap(), b"\x07third");

    // Of the others the file's bytes are gone, and neither read nor written to.
    for (offset, len) in [(3 * page, 1), (3 * page + 7, 2), (4 * page - 1, 1), (4 * page - 1, 2)] {
        let error = map.read_at(offset, size(len)).unwrap_err();
        assert_eq!((truncated(&error), error.op()), (offset, Op::Read));
        assert_eq!(error.path(), Some(file.path()));
        let error = map.write_at(offset, &vec![1; size(len)]).unwrap_err();
        assert_eq!((truncated(&error), error.op()), (offset, Op::Write));
        assert_eq!(error.path(), Some(file.path()));
        let error = map.fill_range(offset..offset + len, 1).unwrap_err();
        assert_eq!((truncated(&error), error.op()), (offset, Op::Write));
        let error = map.cells().load::<u8>(offset).unwrap_err();
        assert_eq!((truncated(&error), error.op()), (offset, Op::Read));
        for error in [
            map.cells().store(offset, 1_u8).unwrap_err(),
            map.cells().fetch_add(offset, 1_u8).unwrap_err(),
            map.cells().compare_exchange(offset, 7, 1_u8).unwrap_err(),
        ] {
            assert_eq!((truncated(&error), error.op()), (offset, Op::Write));
        }
    }
    // None of these tries has left anything where the page after it is an edited one.
    assert_eq!(map.read_at(4 * page, 5).unwrap(), b"gifth");

    let error = RamMap::copy_of(&map, &Progress::new()).unwrap_err();
    assert_eq!((truncated(&error), error.op()), (3 * page, Op::Detach));
    let saved = file.path().with_extension("saved");
    assert_eq!(truncated(&map.replace_file(&saved, &Progress::new()).unwrap_err()), 3 * page);
    assert!(!saved.exists());
}

#[test]
fn edits_outlive_whatever_becomes_of_the_file() {
    type Fate = fn(&NamedTempFile, u64);
    let fates: [(&str, Fate); 6] = [
        ("cut to nothing", |file, _| file.as_file().set_len(0).unwrap()),
        ("cut and long again", |file, len| {
            file.as_file().set_len(0).unwrap();
            file.as_file().set_len(len).unwrap();
        }),
        ("written anew", |file, len| fs::write(file.path(), vec![9; size(len)]).unwrap()),
        ("unlinked", |file, _| fs::remove_file(file.path()).unwrap()),
        ("unlinked and cut", |file, _| {
            fs::remove_file(file.path()).unwrap();
            file.as_file().set_len(1).unwrap();
        }),
        ("replaced", |file, _| {
            let other = file.path().with_extension("other");
            fs::write(&other, b"other").unwrap();
            fs::rename(&other, file.path()).unwrap();
        }),
    ];
    let page = page();
    for (name, fate) in fates {
        let (file, mut map) = edited(4, 7);
        map.write_at(page - 2, b"edit").unwrap();
        map.cells().fetch_add(3 * page, 1_u32).unwrap();
        for _ in 0..2 {
            fate(&file, 4 * page);
            assert_eq!(map.read_at(page - 3, 6).unwrap(), b"\x07edit\x07", "{name}");
            assert_eq!(map.read_at(0, 1).unwrap(), [7], "{name}");
            assert_eq!(map.read_at(2 * page - 1, 1).unwrap(), [7], "{name}");
            assert_eq!(map.cells().load::<u32>(3 * page).unwrap(), 0x0707_0708, "{name}");
            if !file.path().exists() {
                break;
            }
        }
        // Where every page is edited, the file is no longer needed at all.
        match map.write_at(2 * page, b"more") {
            Ok(()) => drop(RamMap::copy_of(&map, &Progress::new()).unwrap()),
            Err(error) => assert_eq!(truncated(&error), 2 * page, "{name}"),
        }
    }
}

#[test]
fn a_map_that_is_edited_all_over_needs_its_file_no_more() {
    let page = page();
    let (file, mut map) = edited(3, 7);
    map.fill_range(.., 1).unwrap();
    map.write_at(2 * page - 2, b"edit").unwrap();
    file.as_file().set_len(0).unwrap();
    let ram = RamMap::copy_of(&map, &Progress::new()).unwrap();
    let mut expected = vec![1; size(3 * page)];
    expected[size(2 * page) - 2..][..4].copy_from_slice(b"edit");
    assert!(ram[..] == expected);
    let path = file.path().to_owned();
    map.replace_file(&path, &Progress::new()).unwrap();
    assert!(fs::read(&path).unwrap() == expected);
    map.write_at(0, b"on").unwrap();
    assert_eq!(map.read_at(0, 3).unwrap(), b"on\x01");
    map.close().unwrap();
}

#[test]
fn a_file_that_is_long_again_is_seen_where_no_edit_is() {
    let page = page();
    let (file, mut map) = edited(3, 7);
    map.write_at(page, b"edit").unwrap();
    file.as_file().set_len(0).unwrap();
    assert_eq!(truncated(&map.read_at(0, 1).unwrap_err()), 0);
    assert_eq!(truncated(&map.write_at(2 * page, b"x").unwrap_err()), 2 * page);

    file.as_file().set_len(3 * page).unwrap();
    file.as_file().write_all_at(b"new", 2 * page + 5).unwrap();
    file.as_file().write_all_at(b"new", page).unwrap();
    assert_eq!(map.read_at(0, 2).unwrap(), [0; 2]);
    assert_eq!(map.read_at(page, 5).unwrap(), b"edit\x07");
    assert_eq!(map.read_at(2 * page + 4, 5).unwrap(), b"\0new\0");
    // What could not be edited before can be now, and it is today's bytes that are edited.
    map.write_at(2 * page + 4, b"N").unwrap();
    file.as_file().set_len(0).unwrap();
    assert_eq!(map.read_at(2 * page + 4, 5).unwrap(), b"Nnew\0");
}

#[test]
fn a_cut_within_a_page_is_edited_with_zeros_behind_it() {
    let page = page();
    let (file, mut map) = edited(2, 7);
    file.as_file().set_len(page + 3).unwrap();
    map.write_at(page + 50, b"edit").unwrap();
    file.as_file().set_len(0).unwrap();
    assert_eq!(map.read_at(page, 5).unwrap(), b"\x07\x07\x07\0\0");
    assert_eq!(map.read_at(page + 49, 6).unwrap(), b"\0edit\0");
}

#[test]
fn a_write_across_the_border_edits_up_to_it() {
    let page = page();
    let (file, mut map) = edited(4, 7);
    map.write_at(3 * page, b"x").unwrap();
    file.as_file().set_len(page).unwrap();
    let error = map.write_at(page - 3, b"abcdef").unwrap_err();
    assert_eq!((truncated(&error), error.op()), (page, Op::Write));
    let ErrorKind::Truncated { now, .. } = *error.kind() else { panic!("{error}") };
    assert_eq!(now, page);
    assert_eq!(map.read_at(page - 4, 4).unwrap(), b"\x07abc");
    assert_eq!(truncated(&map.fill_range(page - 5..page + 5, 1).unwrap_err()), page);
    assert_eq!(map.read_at(page - 6, 6).unwrap(), [7, 1, 1, 1, 1, 1]);
    // Through a page that is edited, to the next one that is gone.
    let error = map.copy_within(page - 5..page, page - 2).unwrap_err();
    assert_eq!((truncated(&error), error.op()), (page, Op::Write));
    let error = map.write_at(2 * page + 9, &vec![2; size(page)]).unwrap_err();
    assert_eq!(truncated(&error), 2 * page + 9);
    assert_eq!(map.read_at(3 * page, 2).unwrap(), b"x\x07");

    // The part that was written is an edit as any other.
    file.as_file().set_len(0).unwrap();
    assert_eq!(map.read_at(page - 6, 3).unwrap(), [7, 1, 1]);
}

#[test]
fn reads_go_from_edited_pages_to_the_files_and_back() {
    let page = page();
    let (file, mut map) = edited(9, 7);
    let mut expected = vec![7; size(9 * page)];
    for at in [page + 3, 2 * page - 1, 4 * page, 7 * page + 9] {
        map.write_at(at, b"edit").unwrap();
        expected[size(at)..][..4].copy_from_slice(b"edit");
    }
    let ranges = [(0, 9 * page), (page - 1, 2), (page + 4, page), (3 * page - 1, page + 2)];
    for (offset, len) in ranges.into_iter().chain([(5 * page, 3 * page), (page, 4 * page)]) {
        let found = map.read_at(offset, size(len)).unwrap();
        assert!(found == expected[size(offset)..size(offset + len)], "{len} from {offset}");
    }
    // What the others write is between the edits.
    file.as_file().write_all_at(&vec![8; size(9 * page)], 0).unwrap();
    for at in [0, 3, 5, 6, 8] {
        expected[size(at * page)..][..size(page)].fill(8);
    }
    assert!(map.read_at(0, size(9 * page)).unwrap() == expected);

    // A read that comes from an edited page stops where the file does, and says so.
    file.as_file().set_len(5 * page + 1).unwrap();
    expected[size(5 * page) + 1..size(6 * page)].fill(0);
    let mut out = vec![1; size(9 * page)];
    let partial = map.read_some(0, &mut out).unwrap();
    assert_eq!(partial.len, size(6 * page));
    assert_eq!(truncated(&partial.stopped.unwrap()), 6 * page);
    assert!(out[..size(6 * page)] == expected[..size(6 * page)]);
    assert_eq!(truncated(&map.read_at(4 * page, size(4 * page)).unwrap_err()), 6 * page);
    let rest = map.read_at(7 * page, size(page)).unwrap();
    assert!(rest == expected[size(7 * page)..size(8 * page)]);
    assert_eq!(truncated(&map.read_at(7 * page, size(page) + 1).unwrap_err()), 8 * page);
}

#[test]
fn offsets_count_from_the_start_of_the_mapping_wherever_that_begins() {
    let page = page();
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), vec![7; size(5 * page)]).unwrap();
    let options = MemMap::options().mode(Mode::CopyOnWrite).offset(page + 100);
    let mut map = options.open(file.path()).unwrap();
    let (third, fourth) = (page - 100, 2 * page - 100);
    map.write_at(third - 1, b"ab").unwrap();
    file.as_file().set_len(3 * page).unwrap();
    assert_eq!(truncated(&map.read_at(third, size(page) + 1).unwrap_err()), fourth);
    assert_eq!(truncated(&map.write_at(fourth - 1, b"cd").unwrap_err()), fourth);
    assert_eq!(truncated(&map.write_at(fourth + 7, b"d").unwrap_err()), fourth + 7);
    file.as_file().set_len(0).unwrap();
    assert_eq!(map.read_at(third - 1, 2).unwrap(), b"ab");
    assert_eq!(map.read_at(fourth - 2, 2).unwrap(), b"\x07c");
    // The first page is whole from where the mapping begins.
    assert_eq!(map.read_at(0, 1).unwrap(), [7]);
}

#[test]
fn cells_of_private_pages_count_while_another_process_cuts_the_file() {
    const NAME: &str = "cells_of_private_pages_count_while_another_process_cuts_the_file";
    const PAGES: u64 = 1500;
    let page = page();
    if let Some((_, path)) = child::part() {
        let file = fs::File::options().write(true).open(path).unwrap();
        say("begun");
        for turn in 0_u64.. {
            file.set_len(turn % 7 * PAGES / 7 * page + turn % 2).unwrap();
            file.set_len(PAGES * page).unwrap();
        }
    }
    let (file, map) = edited(PAGES, 0);
    drop(map);
    let mut child = Child::start(NAME, "cut", file.path());
    assert_eq!(child.line(), "begun");
    let deadline = Instant::now() + Duration::from_secs(30);
    let (mut rounds, mut stopped) = (0, 0);
    while rounds < 5 || stopped == 0 {
        assert!(Instant::now() < deadline, "the file was never too short");
        let options = MemMap::options().mode(Mode::CopyOnWrite).len(PAGES * page);
        // It is too short to be mapped at most times.
        if let Ok(mut map) = options.open(file.path()) {
            stopped += count_everywhere(&mut map, deadline);
            rounds += 1;
        }
    }
    child.kill();
}

/// Adds to an integer of each page in three threads until each page has some; what was added is there,
/// and nothing else. Returns how often the file was too short.
fn count_everywhere(map: &mut MemMap, deadline: Instant) -> u64 {
    let page = page();
    let pages = map.len() / page;
    let cells = map.cells();
    let stopped = AtomicU64::new(0);
    let counted: Vec<AtomicU64> = (0..pages).map(|_| AtomicU64::new(0)).collect();
    let count = |index: u64| match cells.fetch_add(index * page + 16, 1_u64) {
        Ok(_) => drop(counted[size(index)].fetch_add(1, Ordering::Relaxed)),
        Err(error) => {
            assert_eq!((truncated(&error), error.op()), (index * page + 16, Op::Write));
            stopped.fetch_add(1, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        // Each begins with pages of its own, and then they meet in those of the others.
        for begin in [0, pages / 3, pages / 2] {
            let (count, counted) = (&count, &counted);
            scope.spawn(move || {
                while counted.iter().any(|it| it.load(Ordering::Relaxed) == 0) {
                    assert!(Instant::now() < deadline, "a page is never there");
                    for index in (begin..pages).chain(0..begin) {
                        count(index);
                        // A page that was edited stays edited, and whole.
                        if counted[size(index)].load(Ordering::Relaxed) > 0 {
                            assert!(cells.load::<u64>(index * page + 16).unwrap() > 0);
                            assert_eq!(cells.get::<u64>((index + 1) * page - 8).unwrap(), 0);
                        }
                    }
                }
            });
        }
    });
    for (index, counted) in (0..pages).zip(&counted) {
        let found = map.get::<u64>(index * page + 16).unwrap();
        assert_eq!(found, counted.load(Ordering::Relaxed), "in page {index}");
    }
    stopped.into_inner()
}

#[test]
fn a_page_is_copied_once_however_many_threads_edit_it_first() {
    let page = page();
    let (file, mut map) = edited(64, 7);
    let cells = map.cells();
    thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for index in 0..64 {
                    let at = index * page + thread * 8;
                    cells.set(at, !thread).unwrap();
                    assert_eq!(cells.get::<u64>(at).unwrap(), !thread);
                }
            });
        }
    });
    file.as_file().set_len(0).unwrap();
    for index in 0..64 {
        for thread in 0..4 {
            assert_eq!(map.get::<u64>(index * page + thread * 8).unwrap(), !thread);
        }
        assert_eq!(map.read_at(index * page + 32, 2).unwrap(), [7; 2]);
    }
}

#[test]
fn integers_in_private_pages_are_edits() {
    let page = page();
    let (file, mut map) = edited(2, 0);
    let cells = map.cells();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(move || {
                for _ in 0..10_000 {
                    cells.fetch_add(page - 8, 1_u64).unwrap();
                    cells.fetch_add(page, 1_u32).unwrap();
                }
            });
        }
    });
    assert_eq!(cells.load::<u64>(page - 8).unwrap(), 40_000);
    assert_eq!(cells.load::<u32>(page).unwrap(), 40_000);
    assert_eq!(cells.compare_exchange(page, 40_000_u32, 1).unwrap(), Ok(40_000));
    assert!(fs::read(file.path()).unwrap().iter().all(|&byte| byte == 0));

    let ram = RamMap::copy_of(&map, &Progress::new()).unwrap();
    assert_eq!(ram.get::<u64>(page - 8).unwrap(), 40_000);
    assert_eq!(ram.get::<u32>(page).unwrap(), 1);
    file.as_file().set_len(0).unwrap();
    assert_eq!(map.cells().load::<u32>(page).unwrap(), 1);
    assert_eq!(map.cells().fetch_add(page - 8, 1_u64).unwrap(), 40_000);
}

#[test]
fn an_integer_that_is_only_looked_at_is_no_edit() {
    let page = page();
    let (file, mut map) = edited(2, 7);
    assert_eq!(map.cells().load::<u8>(page).unwrap(), 7);
    file.as_file().set_len(page).unwrap();
    assert_eq!(truncated(&map.cells().load::<u8>(page).unwrap_err()), page);
}

#[test]
fn detached_edits_are_nobody_elses() {
    let page = page();
    let (file, mut map) = edited(600, 0);
    let far = 599 * page + 3;
    map.write_at(far, b"edit").unwrap();
    map.write_at(0, b"first").unwrap();
    let mut ram = RamMap::copy_of(&map, &Progress::new()).unwrap();
    file.as_file().set_len(0).unwrap();
    assert_eq!((ram.len(), &ram[..6]), (600 * page, &b"first\0"[..]));
    assert_eq!(ram.read_at(far, 4).unwrap(), b"edit");
    ram[0] = b'F';
    ram.resize(700 * page).unwrap();
    let saved = file.path().with_extension("saved");
    ram.replace_file(&saved, &Progress::new()).unwrap();
    let bytes = fs::read(&saved).unwrap();
    fs::remove_file(&saved).unwrap();
    assert_eq!((bytes.len(), &bytes[..5]), (size(700 * page), &b"First"[..]));
}

#[test]
fn a_file_that_is_only_for_reading_is_edited_in_private() {
    let (file, map) = edited(1, 7);
    drop(map);
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o444)).unwrap();
    let mut map = MemMap::open(file.path(), Mode::CopyOnWrite).unwrap();
    map.write_at(0, b"edit").unwrap();
    assert_eq!(map.read_at(0, 5).unwrap(), b"edit\x07");

    // So it is, of any user, where the file was opened for reading.
    let opened = fs::File::open(file.path()).unwrap();
    let mut map = MemMap::from_file(&opened, Mode::CopyOnWrite).unwrap();
    map.write_at(0, b"edit").unwrap();
    let error = MemMap::from_file(&opened, Mode::ReadWrite).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::OpenedForLess { mode: Mode::ReadWrite }), "{error}");
    assert_eq!(fs::read(file.path()).unwrap()[..5], [7; 5]);
}

#[test]
fn a_map_that_was_made_read_only_keeps_its_edits_and_takes_no_more() {
    let page = page();
    let (file, mut map) = edited(2, 7);
    map.write_at(page, b"edit").unwrap();
    let mut map = map.into_read_only().unwrap();
    assert!(matches!(map.write_at(0, b"x").unwrap_err().kind(), ErrorKind::ReadOnly));
    assert!(matches!(map.cells().store(0, 1_u8).unwrap_err().kind(), ErrorKind::ReadOnly));
    assert_eq!(map.read_at(page, 5).unwrap(), b"edit\x07");
    file.as_file().set_len(0).unwrap();
    assert_eq!(map.read_at(page, 5).unwrap(), b"edit\x07");
    assert_eq!(truncated(&map.read_at(0, 1).unwrap_err()), 0);
    assert!(matches!(map.write_at(page, b"x").unwrap_err().kind(), ErrorKind::ReadOnly));
}

#[test]
fn advice_and_bringing_into_memory_keep_edits() {
    let page = page();
    let (_file, mut map) = edited(8, 7);
    map.write_at(3 * page, b"edit").unwrap();
    for advice in [Advice::DontNeed, Advice::Random, Advice::WillNeed, Advice::Normal] {
        map.advise(.., advice).unwrap();
        assert_eq!(map.read_at(3 * page, 5).unwrap(), b"edit\x07", "{advice}");
    }
    map.prefault(.., &Progress::new()).unwrap();
    assert_eq!(map.read_at(3 * page, 5).unwrap(), b"edit\x07");
}

#[test]
fn what_was_read_into_memory_is_edited_there() {
    let page = page();
    let (file, map) = edited(2, 7);
    drop(map);
    let options = MemMap::options().mode(Mode::CopyOnWrite).small_file(1 << 20);
    let mut map = options.open(file.path()).unwrap();
    map.write_at(page, b"edit").unwrap();
    file.as_file().set_len(0).unwrap();
    assert_eq!(map.read_at(page - 1, 6).unwrap(), b"\x07edit\x07");
    assert_eq!(map.cells().fetch_add(0, 1_u8).unwrap(), 7);
    let ram = RamMap::copy_of(&map, &Progress::new()).unwrap();
    assert_eq!(ram[size(page)..][..4], *b"edit");
}

#[test]
fn a_private_map_is_not_resized() {
    let (file, mut map) = edited(1, 7);
    for len in [0, page() / 2, 2 * page()] {
        let error = map.resize(len).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error}");
    }
    assert_eq!((map.len(), fs::metadata(file.path()).unwrap().len()), (page(), page()));
}
