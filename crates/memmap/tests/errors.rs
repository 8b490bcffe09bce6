//! Every error that a user can provoke, provoked: its kind by `match`, its text by one snapshot.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::ffi::OsStr;
use std::fs;
use std::ops::RangeInclusive;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use memmap::{
    Advice, Error, ErrorKind, MemMap, Mode, Progress, RamMap, explain::FileKind,
    explain::LimitKind, explain::Obstacle, explain::Protection, io::Fallback, plugin::Op,
};

fn open(path: impl AsRef<Path>) -> Error {
    MemMap::open(path, Mode::Read).unwrap_err()
}

fn not_mappable(error: &Error) -> FileKind {
    match error.kind() {
        ErrorKind::NotMappable { kind } => *kind,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_mapped_is_named_and_never_opened() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    // Opening a pipe without a writer would wait for ever.
    assert_eq!(not_mappable(&open(&fifo)), FileKind::Fifo);

    let socket = dir.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    assert_eq!(not_mappable(&open(&socket)), FileKind::Socket);

    assert_eq!(not_mappable(&open(dir.path())), FileKind::Directory);
    assert_eq!(not_mappable(&open("/dev/null")), FileKind::CharDevice);
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_the_kernel_makes_up_are_told_from_empty_and_real_ones() {
    assert_eq!(not_mappable(&open("/proc/self/maps")), FileKind::Proc);
    assert_eq!(not_mappable(&open("/proc/cpuinfo")), FileKind::Proc);
    assert_eq!(not_mappable(&open("/sys/devices/system/cpu/online")), FileKind::Sys);
    // A link of /proc leads where it leads: this one to a real file.
    assert!(!MemMap::open("/proc/self/exe", Mode::Read).unwrap().is_empty());

    // And the advice works.
    let ram = RamMap::from_reader(fs::File::open("/proc/self/maps").unwrap()).unwrap();
    assert!(!ram.is_empty());
}

#[test]
fn a_path_through_a_file_is_not_found_and_one_with_nul_the_systems_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(matches!(open(file.path().join("inside")).kind(), ErrorKind::NotFound));
    assert!(matches!(open(OsStr::from_bytes(b"a\0b")).kind(), ErrorKind::Os(_)));
    assert!(matches!(open("").kind(), ErrorKind::NotFound));
}

#[test]
fn a_dangling_link_is_not_found() {
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("link");
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    assert!(matches!(open(&link).kind(), ErrorKind::NotFound));
}

#[test]
fn a_file_of_a_tebibyte_maps_at_once_and_reads_at_its_end() {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(1 << 40).unwrap();
    let mm = MemMap::open(file.path(), Mode::Read).unwrap();
    assert_eq!(mm.len(), 1 << 40);
    assert_eq!(mm.get::<u64>((1 << 40) - 8).unwrap(), 0);
    assert!(mm.get::<u64>((1 << 40) - 7).is_err());
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_for_which_no_addresses_are_left_is_read_and_not_written() {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(15 << 40).unwrap();
    file.as_file().write_all_at(b"here", (15 << 40) - 4).unwrap();
    let open = |mode| MemMap::open(file.path(), mode);
    // 47 bits of addresses are 128 TiB: the ninth mapping of 15 TiB has no room.
    let mut held = Vec::new();
    let error = loop {
        match open(Mode::ReadWrite) {
            Ok(mm) => held.push(mm),
            Err(error) => break error,
        }
        assert!(held.len() < 20, "this machine has more addresses than expected");
    };
    assert_eq!(error.op(), Op::Map);
    assert!(matches!(error.kind(), ErrorKind::OutOfMemory { len } if *len == 15 << 40));

    let mut mm = open(Mode::Read).unwrap();
    assert_eq!(mm.read_at((15 << 40) - 5, 5).unwrap(), b"\0here");
    assert_eq!(mm.get::<u32>((15 << 40) - 4).unwrap().to_le_bytes(), *b"here");
    assert!(matches!(
        mm.get::<u32>((15 << 40) - 3).unwrap_err().kind(),
        ErrorKind::OutOfBounds { .. }
    ));
    assert!(mm.extents(..).unwrap().iter().any(|extent| matches!(extent, memmap::Extent::Hole(_))));
    mm.advise(.., Advice::WillNeed).unwrap();
    mm.reserve(16 << 40).unwrap();
    file.as_file().set_len(4).unwrap();
    let error = mm.read_at(2, 4).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Truncated { offset: 4, now: 4, .. }), "{error}");
    mm.resize(4).unwrap();
    assert_eq!(mm.read_at(0, 4).unwrap(), [0; 4]);
}

#[test]
fn an_open_file_must_be_open_for_what_the_mode_needs() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.bin");
    fs::write(&path, [1; 100]).unwrap();
    let for_reading = fs::File::open(&path).unwrap();
    let longer = || MemMap::options().mode(Mode::ReadWrite).extend(true).len(200);
    for options in [MemMap::options().mode(Mode::ReadWrite), longer(), longer().sparse(true)] {
        let error = options.open_file(&for_reading).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::OpenedForLess { mode: Mode::ReadWrite }));
    }
    assert_eq!(fs::metadata(&path).unwrap().len(), 100);
    MemMap::from_file(&for_reading, Mode::CopyOnWrite).unwrap().close().unwrap();

    let for_writing = fs::File::options().write(true).open(&path).unwrap();
    let error = MemMap::from_file(&for_writing, Mode::Read).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::OpenedForLess { mode: Mode::Read }));
}

#[test]
fn the_text_of_every_error_of_writing_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.bin");
    fs::write(&path, [1; 100]).unwrap();
    let options = MemMap::options;
    let writing = || options().mode(Mode::ReadWrite);
    let making = || options().mode(Mode::Create);
    let mut read = MemMap::open(&path, Mode::Read).unwrap();
    let mut part = writing().len(50).open(&path).unwrap();
    let mut private = MemMap::open(&path, Mode::CopyOnWrite).unwrap();
    let mut odd = writing().offset(3).open(&path).unwrap();
    let file = fs::File::open(&path).unwrap();
    let mut held = options().small_file(100).open(&path).unwrap();

    let errors = [
        making().open(&path).unwrap_err(),
        making().len(9).create_new(true).open(&path).unwrap_err(),
        making().len(9).open(dir.path()).unwrap_err(),
        making().len(9).open(dir.path().join("missing/new")).unwrap_err(),
        making().len(9).open_file(&file).unwrap_err(),
        writing().open_file(&file).unwrap_err(),
        writing().len(101).open(&path).unwrap_err(),
        writing().extend(true).open(&path).unwrap_err(),
        options().extend(true).len(9).open(&path).unwrap_err(),
        options().sparse(true).open(&path).unwrap_err(),
        writing().create_new(true).open(&path).unwrap_err(),
        writing().permissions(0o600).open(&path).unwrap_err(),
        writing().in_place(true).open(&path).unwrap_err(),
        making().len(9).create_new(true).in_place(true).open(&path).unwrap_err(),
        writing().fallback(Fallback::ReadIntoMemory).open(&path).unwrap_err(),
        writing().small_file(1).open(&path).unwrap_err(),
        writing().extend(true).len(u64::MAX).open(&path).unwrap_err(),
        read.write_at(0, b"x").unwrap_err(),
        read.resize(101).unwrap_err(),
        part.write_at(48, b"abc").unwrap_err(),
        part.resize(49).unwrap_err(),
        part.sync(RangeInclusive::new(7, 3)).unwrap_err(),
        part.fill_range(40..51, 0).unwrap_err(),
        private.resize(9).unwrap_err(),
        held.resize(9).unwrap_err(),
        held.lock_shared().unwrap_err(),
        RamMap::new(9).unwrap().lock_shared().unwrap_err(),
        RamMap::new(9).unwrap().into_read_only().unwrap_err().error,
        odd.cells().load::<u32>(0).unwrap_err(),
        part.replace_file(dir.path(), &Progress::new()).unwrap_err(),
    ];
    assert_eq!(fs::read(&path).unwrap(), [1; 100]);
    let text: String = errors
        .iter()
        .map(|error| format!("{error}\n").replace(dir.path().to_str().unwrap(), "DIR"))
        .collect();
    insta::assert_snapshot!(text);
}

#[test]
fn the_text_of_every_error_says_what_was_asked_what_was_found_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.bin");
    fs::write(&path, [1; 100]).unwrap();
    let options = MemMap::options;
    let mm = MemMap::open(&path, Mode::Read).unwrap();
    let evil = OsStr::from_bytes(b"\x1b[31m\n\xff");

    let errors = [
        open(dir.path().join("missing")),
        open(dir.path().join(evil)),
        open(dir.path()),
        open("/dev/null"),
        open(path.join("inside")),
        options().offset(101).open(&path).unwrap_err(),
        options().offset(50).len(51).open(&path).unwrap_err(),
        options().offset(u64::MAX).len(u64::MAX).open(&path).unwrap_err(),
        mm.read_at(98, 4).unwrap_err(),
        mm.read_at(101, 0).unwrap_err(),
        mm.get::<u32>(u64::MAX).unwrap_err(),
        RamMap::new(u64::MAX).unwrap_err(),
        RamMap::new(1 << 62).unwrap_err(),
        "rw".parse::<Mode>().unwrap_err(),
    ];
    let text: String = errors
        .iter()
        .map(|error| format!("{error}\n").replace(dir.path().to_str().unwrap(), "DIR"))
        .collect();
    insta::assert_snapshot!(text);
}

#[test]
fn the_text_of_errors_that_depend_on_the_machine_says_what_to_do() {
    let io = || std::io::Error::from_raw_os_error(5);
    let busy = || std::io::Error::from_raw_os_error(26);
    let cannot_create = |reason| (Op::Create, ErrorKind::CannotCreate { reason, source: io() });
    let protected = |by| (Op::Open, ErrorKind::WriteProtected { by });
    let reached = |which, max| (Op::Open, ErrorKind::LimitReached { which, now: None, max });
    let lines = [
        (Op::Refill, ErrorKind::StorageFull { offset: None, needed: 4096, free: 100 }),
        cannot_create(Obstacle::NoDirectory),
        cannot_create(Obstacle::NoPermission),
        cannot_create(Obstacle::ReadOnlyFileSystem),
        cannot_create(Obstacle::MountPoint),
        cannot_create(Obstacle::AppendOnlyDirectory),
        cannot_create(Obstacle::ImmutableDirectory),
        cannot_create(Obstacle::StickyDirectory),
        cannot_create(Obstacle::Other),
        protected(Protection::ReadOnlyFileSystem),
        protected(Protection::ReadOnlyDevice),
        protected(Protection::Immutable),
        protected(Protection::AppendOnly),
        reached(LimitKind::OpenFiles, Some(256)),
        reached(LimitKind::OpenFilesOfSystem, Some(100_000)),
        reached(LimitKind::OpenFilesOfSystem, None),
        reached(LimitKind::Mappings, Some(65_530)),
        (Op::Open, ErrorKind::InUse { source: busy() }),
        (Op::Open, ErrorKind::InUse { source: io() }),
        (Op::Create, ErrorKind::StorageFull { offset: None, needed: 4096, free: 100 }),
        (Op::Resize, ErrorKind::FileTooLarge { len: 8192, limit: Some(4096) }),
        (Op::Resize, ErrorKind::FileTooLarge { len: 1 << 60, limit: None }),
        (Op::Resize, ErrorKind::QuotaExceeded { offset: 4096 }),
        (Op::Write, ErrorKind::StorageFull { offset: Some(4096), needed: 100, free: 7 }),
        (Op::Sync, ErrorKind::NotDurable { source: io() }),
        (Op::Read, ErrorKind::Io { offset: 7, source: io() }),
        (Op::Read, ErrorKind::Lost { offset: 7, source: io() }),
        (Op::Read, ErrorKind::HardwareMemoryError { offset: 7 }),
        (
            Op::Prefault,
            ErrorKind::LimitReached {
                which: LimitKind::LockedMemory,
                now: Some(4096),
                max: Some(100),
            },
        ),
        (Op::Detach, ErrorKind::Cancelled { done: 4096 }),
        (Op::Map, ErrorKind::OutOfMemory { len: 4096 }),
    ]
    .map(|(op, kind)| Error::new(op, kind).to_string());
    insta::assert_snapshot!(Vec::from(lines).join("\n"));
}
