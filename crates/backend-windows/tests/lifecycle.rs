//! Operations on files while they are mapped and afterwards, and the forms of paths.
#![cfg(windows)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::windows::ffi::OsStringExt;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use memmap_core::{
    AssumeFrozen, ErrorKind, FileKind, Files, Map, MapOptions, Mode, OnLostPage, Op, Progress,
    Proof, Proofs, explain,
};
use memmap_windows::{FaultGuard, Live, Windows};

/// `ERROR_SHARING_VIOLATION` and `ERROR_USER_MAPPED_FILE`.
const SHARING_VIOLATION: i32 = 32;
const USER_MAPPED_FILE: i32 = 1224;

struct Scratch {
    dir: tempfile::TempDir,
}

impl Scratch {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn file(&self, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join("file");
        fs::write(&path, bytes).unwrap();
        path
    }
}

fn options(mode: Mode) -> MapOptions<Files<Windows>> {
    MapOptions::new(Files::new(Windows)).mode(mode)
}

fn open(path: &Path, mode: Mode) -> Map<Live> {
    options(mode).open(path).unwrap()
}

fn writable(path: &Path) -> File {
    OpenOptions::new().read(true).write(true).open(path).unwrap()
}

/// The error must contain the error code and the text of the system.
fn require_in_use(error: &memmap_core::Error, code: i32) {
    let ErrorKind::InUse { source } = error.kind() else { panic!("{error:?}") };
    assert_eq!(source.raw_os_error(), Some(code), "{error:?}");
    let text = io::Error::from_raw_os_error(code).to_string();
    assert!(text.len() > 20 && error.to_string().contains(&text), "{error}");
}

#[test]
fn the_guard_is_active() {
    assert_eq!(memmap_windows::FaultGuard::status(), FaultGuard::Active);
    assert_eq!(memmap_windows::FaultGuard::ensure(), FaultGuard::Active);
}

#[test]
fn a_file_is_made_in_the_root_of_a_drive() {
    let temporary = std::env::temp_dir();
    let root = temporary.ancestors().last().unwrap();
    let path = root.join(format!("memmap-root-{}", std::process::id()));
    match options(Mode::Create).len(10).open(&path) {
        Ok(map) => {
            map.close().unwrap();
            fs::remove_file(&path).unwrap();
        }
        // This user may not write there.
        Err(error) => {
            let ErrorKind::CannotCreate { source, .. } = error.kind() else { panic!("{error:?}") };
            assert_eq!(source.kind(), io::ErrorKind::PermissionDenied, "{error:?}");
        }
    }
}

#[test]
fn nothing_is_left_open_when_a_map_is_closed_or_dropped() {
    for mode in [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite, Mode::Create] {
        for drops in [false, true] {
            let scratch = Scratch::new();
            let path = scratch.file(vec![7; 100_000]);
            let mut mm = options(mode).len(100_000).open(&path).unwrap();
            if mode.writes() {
                mm.set(70_000, 8_u8).unwrap();
                mm.sync(..).unwrap();
            }
            let clone = mm.read_at(0, 10).unwrap();
            if drops {
                drop(mm);
            } else {
                mm.close().unwrap();
            }
            // This open succeeds only if nobody else has the file open.
            let alone = OpenOptions::new().read(true).write(true).share_mode(0).open(&path);
            drop(alone.unwrap_or_else(|error| panic!("{mode} {drops}: {error}")));
            writable(&path).set_len(1).unwrap();
            let renamed = path.with_extension("renamed");
            fs::rename(&path, &renamed).unwrap();
            fs::write(&path, clone).unwrap();
            fs::rename(&renamed, &path).unwrap();
            fs::remove_file(&path).unwrap();
            fs::remove_dir(scratch.dir.path()).unwrap();
        }
    }
}

#[test]
fn a_file_that_is_mapped_is_not_cut_short_by_anybody() {
    let scratch = Scratch::new();
    for mode in [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite] {
        let path = scratch.file(vec![7; 100_000]);
        let mm = open(&path, mode);
        let other = writable(&path);
        for len in [0, 1, 65_536, 99_999 - 4096] {
            let error = other.set_len(len).unwrap_err();
            assert_eq!(error.raw_os_error(), Some(USER_MAPPED_FILE), "{mode} {len}");
        }
        // Creating it again truncates it, and is refused too.
        assert_eq!(File::create(&path).unwrap_err().raw_os_error(), Some(USER_MAPPED_FILE));
        assert_eq!(mm.read_at(0, 100_000).unwrap(), vec![7; 100_000]);
        // It may be extended.
        other.set_len(200_000).unwrap();
        mm.close().unwrap();
        other.set_len(5).unwrap();
    }
}

#[test]
fn shrinking_what_somebody_else_has_mapped_too_says_so_and_changes_nothing() {
    let scratch = Scratch::new();
    let path = scratch.file(vec![7; 100_000]);
    let mut mm = open(&path, Mode::ReadWrite);
    let other = open(&path, Mode::Read);
    let error = mm.resize(10).unwrap_err();
    require_in_use(&error, USER_MAPPED_FILE);
    assert_eq!((error.op(), error.path(), mm.len()), (Op::Resize, Some(&*path), 100_000));
    // Both maps are unchanged, and guarded.
    mm.set(99_999, 8_u8).unwrap();
    mm.cells().fetch_add(99_992, 0_u64).unwrap();
    assert_eq!(other.get::<u8>(99_999).unwrap(), 8);
    other.close().unwrap();
    mm.resize(10).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), 10);
    // Other maps do not prevent growing.
    let other = open(&path, Mode::Read);
    mm.resize(100_000).unwrap();
    assert_eq!((other.len(), mm.get::<u64>(99_992).unwrap()), (10, 0));
}

#[test]
fn an_empty_map_is_in_nobodys_way() {
    let scratch = Scratch::new();
    let path = scratch.file([7; 100]);
    let mm = options(Mode::ReadWrite).offset(100).open(&path).unwrap();
    assert!(mm.is_empty());
    writable(&path).set_len(0).unwrap();
    let mut mm = open(&path, Mode::ReadWrite);
    mm.resize(70_000).unwrap();
    mm.set(69_999, 7_u8).unwrap();
    mm.resize(0).unwrap();
    File::create(&path).unwrap();
}

#[test]
fn views_begin_at_any_offset_of_files_of_any_length() {
    const GIB: u64 = 1 << 30;
    let scratch = Scratch::new();
    let path = scratch.file([]);
    let mut file = writable(&path);
    for at in [4 * GIB - 3, 4 * GIB + 65_537] {
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(b"beyond").unwrap();
        for offset in [at, at - 1, at - 65_536, at - 65_537] {
            let before = usize::try_from(at - offset).unwrap();
            let mm = options(Mode::Read).offset(offset).open(&path).unwrap();
            assert_eq!(mm.read_at(at - offset, 6).unwrap(), b"beyond");
            assert!(mm.read_at(0, before).unwrap().ends_with(&vec![0; before.min(100)]));
        }
    }
    let mm = open(&path, Mode::Read);
    assert_eq!(mm.len(), 4 * GIB + 65_543);
    assert_eq!(mm.read_at(4 * GIB + 65_537, 6).unwrap(), b"beyond");
}

#[test]
fn files_that_are_made_or_grown_and_refused_are_as_they_were() {
    let scratch = Scratch::new();
    let path = scratch.file([7; 100]);
    let most: u64 = 1 << 44;
    let error = options(Mode::ReadWrite).extend(true).len(most).open(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::StorageFull { .. }), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), [7; 100]);
    let error = options(Mode::Create).len(most).open(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::StorageFull { .. }), "{error:?}");
    assert_eq!(error.op(), Op::Create);
    assert_eq!(fs::read(&path).unwrap(), [7; 100]);
    let mut mm = open(&path, Mode::ReadWrite);
    let error = mm.resize(most).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::StorageFull { .. }), "{error:?}");
    assert_eq!((mm.len(), mm.read_at(0, 100).unwrap()), (100, vec![7; 100]));
    let names = fs::read_dir(scratch.dir.path()).unwrap().count();
    assert_eq!(names, 1);
}

// ---- access by other processes ---------------------------------------------------------------

#[test]
fn others_may_read_and_write_and_rename_by_default() {
    let scratch = Scratch::new();
    let path = scratch.file([7; 10_000]);
    let mm = open(&path, Mode::Read);
    writable(&path).write_all(b"theirs").unwrap();
    assert_eq!(mm.read_at(0, 6).unwrap(), b"theirs");
    let renamed = path.with_extension("renamed");
    fs::rename(&path, &renamed).unwrap();
    assert_eq!(mm.read_at(0, 6).unwrap(), b"theirs");
    assert_eq!(open(&renamed, Mode::Read).read_at(0, 6).unwrap(), b"theirs");
}

#[test]
fn with_deny_write_nobody_else_opens_the_file_to_write() {
    let scratch = Scratch::new();
    for mode in [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite] {
        let path = scratch.file([7; 10_000]);
        let mm = options(mode).deny_write(true).open(&path).unwrap();
        let error = OpenOptions::new().write(true).open(&path).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(SHARING_VIOLATION), "{mode}");
        require_in_use(&options(Mode::ReadWrite).open(&path).unwrap_err(), SHARING_VIOLATION);
        // Others may read it, unless this map writes to it and they open it with `deny_write`.
        assert_eq!(fs::read(&path).unwrap(), [7; 10_000]);
        assert_eq!(open(&path, Mode::Read).len(), 10_000);
        let again = options(Mode::Read).deny_write(true).open(&path);
        assert_eq!(again.is_ok(), !mode.reaches_file(), "{mode}");
        drop(again);
        mm.close().unwrap();
        open(&path, Mode::ReadWrite).set(0, 8_u8).unwrap();
    }
}

#[test]
fn deny_write_is_refused_while_somebody_writes_and_where_it_makes_no_sense() {
    let scratch = Scratch::new();
    let path = scratch.file([7; 100]);
    let writer = writable(&path);
    require_in_use(
        &options(Mode::Read).deny_write(true).open(&path).unwrap_err(),
        SHARING_VIOLATION,
    );
    for error in [
        options(Mode::Create).len(1).deny_write(true).open(&path).unwrap_err(),
        options(Mode::Read).deny_write(true).open_file(&writer).unwrap_err(),
    ] {
        assert!(matches!(error.kind(), ErrorKind::InvalidOptions { .. }), "{error:?}");
    }
    assert_eq!(fs::read(&path).unwrap(), [7; 100]);
}

#[test]
fn a_lock_excludes_those_who_ask_for_one_and_nobody_else() {
    let scratch = Scratch::new();
    let path = scratch.file([7; 10_000]);
    let (mut one, mut two) = (open(&path, Mode::ReadWrite), open(&path, Mode::Read));
    let file = writable(&path);
    let locked = one.lock().unwrap();
    assert!(two.try_lock_shared().unwrap().is_none());
    assert!(matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)));
    // Windows would refuse reads and writes of locked bytes. The lock must not affect bytes of the file.
    (&file).write_all(b"theirs").unwrap();
    assert!(fs::read(&path).unwrap().starts_with(b"theirs"));
    locked.unlock().unwrap();
    let shared = one.lock_shared().unwrap();
    assert!(two.try_lock_shared().unwrap().is_some());
    assert!(two.try_lock().unwrap().is_none());
    drop(shared);
    assert!(two.try_lock().unwrap().is_some());
    // Closing a map releases its lock.
    std::mem::drop(two.lock().unwrap());
    two.close().unwrap();
    assert!(one.try_lock().unwrap().is_some());
}

#[test]
fn an_open_file_that_is_shared_with_nobody_is_mapped_and_keeps_its_position() {
    let scratch = Scratch::new();
    let path = scratch.file([7; 10_000]);
    let mut alone = OpenOptions::new().read(true).write(true).share_mode(0).open(&path).unwrap();
    alone.seek(SeekFrom::Start(17)).unwrap();
    let mut mm = options(Mode::ReadWrite).open_file(&alone).unwrap();
    mm.write_at(0, b"mapped").unwrap();
    mm.resize(20_000).unwrap();
    mm.sync(..).unwrap();
    mm.extents(..).unwrap();
    assert_eq!(alone.stream_position().unwrap(), 17);
    alone.rewind().unwrap();
    let mut read = [0; 6];
    alone.read_exact(&mut read).unwrap();
    assert_eq!(&read, b"mapped");
}

// ---- names -----------------------------------------------------------------------------------

#[test]
fn paths_of_every_form_lead_to_the_file() {
    let scratch = Scratch::new();
    let path = scratch.file(b"by any name");
    let text = path.to_str().unwrap();
    let verbatim = format!(r"\\?\{text}");
    let device = format!(r"\\.\{text}");
    let slashes = text.replace('\\', "/");
    let dots = path.parent().unwrap().join(r".\nowhere\..\file");
    // `c:\…`, as paths without a root are relative to the current directory of a drive.
    let of_drive =
        text.strip_prefix("C:").map_or_else(|| text.to_owned(), |rest| format!("c:{rest}"));
    for form in [&*path, verbatim.as_ref(), device.as_ref(), slashes.as_ref(), of_drive.as_ref()] {
        let mm = open(form, Mode::Read);
        assert_eq!(mm.read_at(0, 11).unwrap(), b"by any name", "{form:?}");
        assert!(mm.path().unwrap().is_absolute());
    }
    assert_eq!(open(&dots, Mode::Read).path(), Some(&*path));
    // A verbatim path is not normalized.
    assert_eq!(open(verbatim.as_ref(), Mode::Read).path(), Some(Path::new(&verbatim)));
    let made = options(Mode::Create).len(3).open(format!(r"\\?\{text}2")).unwrap();
    made.close().unwrap();
    assert_eq!(fs::read(format!("{text}2")).unwrap(), [0; 3]);
    let error = options(Mode::Create).len(3).create_new(true).open(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::AlreadyExists), "{error:?}");
}

#[test]
fn names_of_a_drive_without_a_root_are_relative_to_its_directory() {
    let error = options(Mode::Read).open(r"C:memmap-nowhere\file").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotFound), "{error:?}");
    let path = error.path().unwrap().to_str().unwrap().to_owned();
    assert!(path.starts_with(r"C:\") && path.ends_with(r"memmap-nowhere\file"), "{path}");
}

#[test]
fn names_that_are_no_unicode_are_names() {
    let scratch = Scratch::new();
    // An unpaired surrogate, which is invalid in UTF-16 and allowed by NTFS.
    let name = OsString::from_wide(&[0x66, 0xD800, 0x67]);
    assert!(name.to_str().is_none());
    let path = scratch.dir.path().join(&name);
    let options = |mode| options(mode).len(5);
    match options(Mode::Create).create_new(true).open(&path) {
        Ok(mut mm) => {
            mm.write_at(0, b"found").unwrap();
            mm.close().unwrap();
            assert_eq!(options(Mode::Read).open(&path).unwrap().read_at(0, 5).unwrap(), b"found");
        }
        // A file system may not support such names. The error then contains the path.
        Err(error) => assert_eq!(error.path(), Some(&*path)),
    }
    let missing = options(Mode::Read).open(path.with_extension("missing")).unwrap_err();
    assert!(missing.to_string().contains(r"\u{d800}"), "{missing}");
}

#[test]
fn long_paths_are_made_and_mapped() {
    let scratch = Scratch::new();
    let mut dir = scratch.dir.path().to_owned();
    while dir.as_os_str().len() < 300 {
        dir.push("a-name-of-thirty-three-characters");
    }
    fs::create_dir_all(&dir).unwrap();
    for create_new in [true, false] {
        let path = dir.join("file");
        let made = options(Mode::Create).len(7).create_new(create_new).open(&path).unwrap();
        made.close().unwrap();
        assert_eq!(open(&path, Mode::ReadWrite).len(), 7);
    }
}

#[test]
fn what_is_no_file_is_named() {
    // std has no metadata for a device, so the error may be that of the system.
    let error = options(Mode::Read).open("NUL").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotMappable { .. } | ErrorKind::Os(_)), "{error:?}");
    let dir = Scratch::new();
    let error = options(Mode::Read).open(dir.dir.path()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotMappable { kind: FileKind::Directory }));
}

// ---- hints, proofs, explanations -------------------------------------------------------------

#[test]
fn bytes_that_were_brought_into_memory_are_there() {
    let scratch = Scratch::new();
    let path = scratch.file(vec![7; 300_000]);
    let mm = options(Mode::Read).offset(5_000).open(&path).unwrap();
    mm.prefault(10_000..200_000, &Progress::new()).unwrap();
    let there = mm.resident(10_000..200_000).unwrap();
    assert_eq!(there, vec![10_000..200_000; 1]);
}

#[test]
fn of_one_moment_is_a_snapshot_alone_and_the_others_say_why_not() {
    let scratch = Scratch::new();
    let path = scratch.file(b"bytes that hold still");
    let memmap_core::Refused { value: mm, error: why } =
        open(&path, Mode::Read).prove(Proofs::one_moment()).unwrap_err();
    for proof in [Proof::Sealed, Proof::Verity, Proof::Lease, Proof::Reflink] {
        let refusal = why.reasons().iter().find(|refusal| refusal.proof == proof).unwrap();
        assert!(refusal.why.contains("Windows"), "{refusal:?}");
    }
    let frozen = mm.prove(Proofs::none().snapshot_up_to(100)).unwrap();
    assert_eq!((&*frozen, frozen.proof()), (&b"bytes that hold still"[..], Proof::Snapshot));
    writable(&path).write_all(b"other").unwrap();
    assert_eq!(&*frozen, b"bytes that hold still");
    assert!(
        memmap_core::Map::<memmap_windows::Frozen>::sealed_of(
            &open(&path, Mode::Read),
            &Progress::new()
        )
        .is_err()
    );
}

#[test]
fn what_is_known_of_a_file_is_explained() {
    let scratch = Scratch::new();
    let path = scratch.file([7; 10_000]);
    let explanation = explain(&Files::new(Windows), &path).unwrap();
    assert_eq!((explanation.kind, explanation.len), (FileKind::Regular, Some(10_000)));
    assert!(Mode::ALL.iter().all(|&mode| explanation.verdict(mode).unwrap().is_possible()));
    assert_eq!(explanation.stored.unwrap().data, 10_000);
    let on = explanation.file_system.as_ref().unwrap();
    assert!(!on.name.is_empty() && on.total >= on.free && on.free > 0, "{on:?}");
    let denying = options(Mode::Read).deny_write(true).open(&path).unwrap();
    let explanation = explain(&Files::new(Windows), &path).unwrap();
    let possible = Mode::ALL.map(|mode| explanation.verdict(mode).unwrap().is_possible());
    assert_eq!(possible, [true, false, false, true]);
    drop(denying);
    let explanation = explain(&Files::new(Windows), scratch.dir.path()).unwrap();
    assert_eq!(explanation.kind, FileKind::Directory);
    assert!(Mode::ALL.iter().all(|&mode| !explanation.verdict(mode).unwrap().is_possible()));
}

#[test]
fn bytes_are_lent_by_who_answers_for_them() {
    let scratch = Scratch::new();
    let path = scratch.file(vec![7; 100_000]);
    let mm = options(Mode::Read).offset(3).open(&path).unwrap();
    // SAFETY: no other process knows the file, and this test does not change it.
    let bytes = unsafe { mm.assume_frozen(OnLostPage::Abort) }.unwrap();
    assert!(bytes.len() == 99_997 && bytes.iter().all(|&byte| byte == 7));
    assert_eq!(mm.lost_page(), None);
    // SAFETY: as above.
    let error = unsafe { mm.assume_frozen(OnLostPage::Zeros) }.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }));
    assert_eq!(error.path(), Some(path.as_path()));
}
