//! How many descriptors maps hold, and how a map that holds none finds its file again.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

#[path = "kit/child.rs"]
mod child;

use std::fs::{self, File};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use memmap::{
    ErrorKind, Extent, FrozenMap, MemMap, Mode, Progress, Proofs, explain::Access, io::Fallback,
    widen,
};
use rustix::fs::inotify;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tempfile::{TempDir, tempdir};

use child::{Child, say};

fn page() -> u64 {
    widen(rustix::param::page_size())
}

/// A file of four pages of one byte.
fn file(byte: u8) -> (TempDir, PathBuf) {
    let directory = tempdir().unwrap();
    let path = directory.path().join("file");
    fs::write(&path, vec![byte; usize::try_from(4 * page()).unwrap()]).unwrap();
    (directory, path)
}

fn read_write(path: &Path) -> File {
    File::options().read(true).write(true).open(path).unwrap()
}

fn limit(resource: Resource, most: u64) {
    let maximum = getrlimit(resource).maximum;
    setrlimit(resource, Rlimit { current: Some(most), maximum }).unwrap();
}

/// Plays a part in a process of its own, whose last line is `done`.
fn play(test: &str, part: &str, file: &Path) {
    let mut child = Child::start(test, part, file);
    let mut lines = vec![child.line()];
    while lines.last().is_some_and(|line| line != "done") {
        match child.line() {
            line if line.is_empty() => break,
            line => lines.push(line),
        }
    }
    assert_eq!(lines.pop().unwrap(), "done", "{lines:#?}");
}

#[test]
fn maps_for_reading_hold_no_descriptor_and_maps_of_one_file_share_one() {
    const TEST: &str = "maps_for_reading_hold_no_descriptor_and_maps_of_one_file_share_one";
    let Some((_, path)) = child::part() else {
        let (_directory, path) = file(7);
        return play(TEST, "few descriptors", &path);
    };
    limit(Resource::Nofile, 40);
    let mut maps = Vec::new();
    for _ in 0..500 {
        for mode in [Mode::Read, Mode::CopyOnWrite] {
            maps.push(MemMap::open(&path, mode).unwrap());
        }
    }
    let open = read_write(&path);
    for _ in 0..500 {
        for mode in [Mode::Read, Mode::CopyOnWrite, Mode::ReadWrite] {
            maps.push(MemMap::from_file(&open, mode).unwrap());
        }
    }
    drop(open);
    let all = maps.iter().all(|map| map.read_at(page(), 3).unwrap() == [7; 3]);
    assert!(all && maps.len() == 2500);
    // Each of them can still say why a byte is gone, with a descriptor for that moment.
    read_write(&path).set_len(page()).unwrap();
    for map in &maps {
        let error = map.read_at(page() - 1, 2).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Truncated { now, .. } if *now == page()),
            "{error}"
        );
    }
    say("done");
}

#[test]
fn without_a_descriptor_to_ask_with_a_lost_byte_is_an_error_all_the_same() {
    const TEST: &str = "without_a_descriptor_to_ask_with_a_lost_byte_is_an_error_all_the_same";
    let Some((_, path)) = child::part() else {
        let (_directory, path) = file(7);
        return play(TEST, "no descriptor", &path);
    };
    let map = MemMap::open(&path, Mode::Read).unwrap();
    let cut = read_write(&path);
    let mut held = Vec::new();
    limit(Resource::Nofile, 20);
    while let Ok(file) = File::open(&path) {
        held.push(file);
    }
    cut.set_len(page()).unwrap();
    assert_eq!(map.read_at(0, 2).unwrap(), [7; 2]);
    let error = map.read_at(page(), 1).unwrap_err();
    let ErrorKind::Lost { offset, source } = error.kind() else { panic!("{error}") };
    assert_eq!((*offset, source.raw_os_error()), (page(), Some(24)), "EMFILE");
    assert!(MemMap::open(&path, Mode::Read).is_err());
    held.clear();
    let error = map.read_at(page(), 1).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Truncated { .. }), "{error}");
    say("done");
}

/// What is asked of a map whose file is cut short to a page.
fn cut_to_a_page(map: &MemMap, other: u8) -> ErrorKindSeen {
    assert_eq!(map.read_at(0, 2).unwrap(), [7; 2]);
    let mut out = [other; 2];
    let error = map.read_into(page(), &mut out).unwrap_err();
    assert_eq!(out, [other; 2]);
    match *error.kind() {
        ErrorKind::Truncated { offset, now, .. } => {
            assert_eq!((offset, now), (page(), page()));
            ErrorKindSeen::Truncated
        }
        ErrorKind::Lost { offset, .. } => {
            assert_eq!(offset, page());
            ErrorKindSeen::Lost
        }
        ref other => panic!("{other:?}"),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum ErrorKindSeen {
    Truncated,
    /// For users who may not open a file by its mapping.
    Lost,
}

#[test]
fn a_file_that_was_renamed_is_found_by_the_name_that_it_has_now() {
    let (directory, path) = file(7);
    let map = MemMap::open(&path, Mode::Read).unwrap();
    let renamed = directory.path().join("with a \n in it");
    fs::rename(&path, &renamed).unwrap();
    // What has the old name now is no business of the map's.
    fs::write(&path, vec![9; usize::try_from(4 * page()).unwrap()]).unwrap();
    read_write(&renamed).set_len(page()).unwrap();
    assert_eq!(cut_to_a_page(&map, 1), ErrorKindSeen::Truncated);
}

#[test]
fn a_file_that_was_replaced_is_never_taken_for_the_one_that_is_there() {
    let (directory, path) = file(7);
    let held = read_write(&path);
    let map = MemMap::open(&path, Mode::Read).unwrap();
    let mut private = MemMap::open(&path, Mode::CopyOnWrite).unwrap();
    let other = directory.path().join("other");
    fs::write(&other, vec![9; usize::try_from(4 * page()).unwrap()]).unwrap();
    fs::rename(&other, &path).unwrap();
    held.set_len(page()).unwrap();
    cut_to_a_page(&map, 1);
    cut_to_a_page(&private, 1);
    private.write_at(2 * page(), b"x").unwrap_err();
    assert!(private.read_at(2 * page(), 1).is_err());
    // Of what is mapped no hole is known, or the right ones are.
    let extents = map.extents(..).unwrap();
    assert_eq!(extents, vec![Extent::Data(0..4 * page()); 1]);
}

/// Removes the file at `path`, and has another one there, with the same number where the file system gives
/// that again.
fn replace_with_the_same_number(path: &Path) {
    let number = fs::metadata(path).unwrap().ino();
    fs::remove_file(path).unwrap();
    let mut others = Vec::new();
    for at in 0..64 {
        let other = path.with_extension(format!("{at}"));
        fs::write(&other, [9; 16]).unwrap();
        if fs::metadata(&other).unwrap().ino() == number {
            return fs::rename(other, path).unwrap();
        }
        others.push(other);
    }
    fs::rename(&others[0], path).unwrap();
}

#[test]
fn a_map_of_no_bytes_never_becomes_one_of_another_file() {
    let (_directory, path) = file(7);
    for is_shortened in [false, true] {
        fs::write(&path, [7; 16]).unwrap();
        let mut map = MemMap::options().len(if is_shortened { 16 } else { 0 }).open(&path).unwrap();
        map.resize(0).unwrap();
        replace_with_the_same_number(&path);
        // The file lives on as long as the map does.
        map.resize(16).unwrap();
        assert_eq!(map.read_at(0, 16).unwrap(), [7; 16], "{is_shortened}");
        assert_eq!(map.extents(..).unwrap(), vec![Extent::Data(0..16); 1]);
    }
}

#[test]
fn what_needs_no_file_is_done_without_a_descriptor() {
    const TEST: &str = "what_needs_no_file_is_done_without_a_descriptor";
    let Some((_, path)) = child::part() else {
        let (_directory, path) = file(7);
        return play(TEST, "no descriptor", &path);
    };
    let mut map = MemMap::open(&path, Mode::Read).unwrap();
    let mut held = Vec::new();
    limit(Resource::Nofile, 20);
    while let Ok(file) = File::open(&path) {
        held.push(file);
    }
    map.resize(2 * page()).unwrap();
    assert_eq!(map.read_at(2 * page() - 2, 2).unwrap(), [7; 2]);
    assert!(map.read_at(2 * page(), 1).is_err());
    let error = FrozenMap::sealed_of(&map, &Progress::new()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::LimitReached { .. }), "{error}");
    let frozen =
        map.prove(Proofs::none().snapshot_up_to(2 * page())).map_err(|refused| refused.error);
    assert!(frozen.unwrap().iter().all(|&byte| byte == 7));
    say("done");
}

/// Whether somebody has opened what is watched.
fn was_opened(watch: &OwnedFd) -> bool {
    let mut room = [MaybeUninit::uninit(); 4096];
    inotify::Reader::new(watch, &mut room).next().is_ok()
}

#[test]
fn what_took_the_path_is_not_opened() {
    let (directory, path) = file(7);
    let held = read_write(&path);
    let map = MemMap::open(&path, Mode::Read).unwrap();
    let other = directory.path().join("other");
    fs::write(&other, b"another file").unwrap();
    fs::rename(&other, &path).unwrap();
    held.set_len(page()).unwrap();
    // A device, perhaps, which does something when it is opened.
    let watch = inotify::init(inotify::CreateFlags::NONBLOCK).unwrap();
    inotify::add_watch(&watch, &path, inotify::WatchFlags::OPEN).unwrap();
    cut_to_a_page(&map, 1);
    assert!(!was_opened(&watch));
    File::open(&path).unwrap();
    assert!(was_opened(&watch));
}

#[test]
fn a_path_that_became_a_pipe_is_not_waited_for() {
    let (_directory, path) = file(7);
    let held = read_write(&path);
    let map = MemMap::open(&path, Mode::Read).unwrap();
    fs::remove_file(&path).unwrap();
    let mode = rustix::fs::Mode::from(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    held.set_len(page()).unwrap();
    cut_to_a_page(&map, 1);
}

#[test]
fn a_file_without_a_name_can_be_given_open_and_is_asked_as_any_other() {
    let file = tempfile::tempfile().unwrap();
    file.write_all_at(&vec![7; usize::try_from(4 * page()).unwrap()], 0).unwrap();
    let maps = [Mode::Read, Mode::CopyOnWrite].map(|mode| MemMap::from_file(&file, mode).unwrap());
    file.set_len(page()).unwrap();
    for map in maps {
        assert_eq!(cut_to_a_page(&map, 1), ErrorKindSeen::Truncated);
    }
}

#[test]
fn maps_of_one_file_lock_it_against_each_other() {
    let (_directory, path) = file(7);
    let open = read_write(&path);
    for mode in [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite] {
        let map = || MemMap::from_file(&open, mode).unwrap();
        let (mut one, mut two) = (map(), map());
        let locked = one.lock().unwrap();
        assert!(two.try_lock_shared().unwrap().is_none(), "{mode}");
        locked.unlock().unwrap();
        let locked = two.try_lock().unwrap().unwrap();
        assert!(one.try_lock_shared().unwrap().is_none(), "{mode}");
        drop(locked);
        let mut named = MemMap::open(&path, mode).unwrap();
        let locked = named.lock().unwrap();
        assert!(one.try_lock_shared().unwrap().is_none(), "{mode}");
        drop(locked);
        assert!(one.try_lock_shared().unwrap().is_some(), "{mode}");
    }
}

#[test]
fn maps_of_one_file_grow_and_sync_each_by_itself() {
    let (_directory, path) = file(7);
    let open = read_write(&path);
    let map = || MemMap::from_file(&open, Mode::ReadWrite).unwrap();
    let (mut one, mut two) = (map(), map());
    one.reserve(64 * page()).unwrap();
    one.resize(8 * page()).unwrap();
    one.write_at(7 * page(), b"one").unwrap();
    two.resize(8 * page()).unwrap();
    assert_eq!(two.read_at(7 * page(), 3).unwrap(), b"one");
    two.write_at(0, b"two").unwrap();
    one.sync(..).unwrap();
    two.close().unwrap();
    one.close().unwrap();
    assert!(fs::read(&path).unwrap().starts_with(b"two"));
}

#[test]
fn where_addresses_run_out_a_file_is_read_all_the_same() {
    const TEST: &str = "where_addresses_run_out_a_file_is_read_all_the_same";
    const LEN: u64 = 4 << 30;
    let Some((_, path)) = child::part() else {
        let (_directory, path) = file(7);
        read_write(&path).set_len(LEN).unwrap();
        read_write(&path).write_all_at(b"end", LEN - 3).unwrap();
        return play(TEST, "few addresses", &path);
    };
    limit(Resource::As, 2_000_000 << 10);
    let map = MemMap::open(&path, Mode::Read).unwrap();
    assert_eq!(map.read_at(LEN - 4, 4).unwrap(), b"\0end");
    assert_eq!(map.read_at(page(), 2).unwrap(), [7; 2]);
    // It has no pages, and nothing is said of them.
    for error in [map.resident(..).unwrap_err(), map.lock_in_ram(..).unwrap_err()] {
        assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error}");
        assert!(error.to_string().contains("does not map"), "{error}");
    }
    let explanation = memmap::explain(&path).unwrap();
    assert_eq!(explanation.access, Some(Access::Read));
    assert_eq!(explanation.resident, None);
    let verdict = |mode| explanation.verdict(mode).unwrap();
    assert!(verdict(Mode::Read).is_possible());
    assert!(!verdict(Mode::ReadWrite).is_possible());
    for mode in [Mode::ReadWrite, Mode::CopyOnWrite] {
        let error = MemMap::open(&path, mode).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::OutOfMemory { len: LEN }), "{error}");
    }
    // Too long for memory, too: then it is read where it is.
    let fallback = MemMap::options().fallback(Fallback::ReadIntoMemory);
    let map = fallback.open(&path).unwrap();
    assert_eq!(map.read_at(LEN - 4, 4).unwrap(), b"\0end");
    say("done");
}

#[test]
fn where_mappings_run_out_a_file_is_read_all_the_same() {
    const TEST: &str = "where_mappings_run_out_a_file_is_read_all_the_same";
    let Some((_, path)) = child::part() else {
        let (_directory, path) = file(7);
        return play(TEST, "few mappings", &path);
    };
    let most = fs::read_to_string("/proc/sys/vm/max_map_count").unwrap();
    let most: usize = most.trim().parse().unwrap();
    if most > 200_000 {
        say(&format!("skipped: {most} mappings are too many to use up"));
        return say("done");
    }
    let mut maps = Vec::new();
    while maps.len() < most + 20 {
        let map = MemMap::open(&path, Mode::Read).unwrap();
        assert_eq!(map.get::<u16>(page()).unwrap(), 0x0707);
        maps.push(map);
        if maps.len() >= most && format!("{:?}", maps[maps.len() - 1]).contains("Read,") {
            break;
        }
    }
    let last = format!("{:?}", maps[maps.len() - 1]);
    assert!(last.contains("access: Read"), "{last}");
    // A copy in memory is what it asks for, and gets.
    let held = MemMap::options().fallback(Fallback::ReadIntoMemory).open(&path).unwrap();
    read_write(&path).write_all_at(b"new", 0).unwrap();
    assert_eq!(held.read_at(0, 3).unwrap(), [7; 3]);
    assert_eq!(maps[maps.len() - 1].read_at(0, 3).unwrap(), b"new");
    say("done");
}
