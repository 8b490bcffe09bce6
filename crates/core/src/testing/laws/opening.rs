use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{all_of, names_in, private_permissions, sample};
use crate::{
    Backend, ErrorKind, Fallback, FileKind, Map, MapOptions, Mapping, Mode, Op, Result, widen,
};

/// A file of a law's own. Laws run side by side, so each names its own.
fn file(dir: &Path, law: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(law);
    fs::write(&path, bytes).unwrap();
    path
}

fn file_len(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len()
}

/// The modes of files that exist.
const EXISTING: [Mode; 3] = [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite];

pub fn any_offset_maps_from_there<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let bytes = sample(200_000);
    let path = file(dir, "any_offset", &bytes);
    for offset in [0, 1, 4095, 4096, 4097, 65_535, 65_536, 65_537, 131_073, 199_999, 200_000] {
        let mm = options().offset(widen(offset)).open(&path).unwrap();
        assert_eq!(mm.len(), widen(bytes.len() - offset));
        assert!(mm.read_at(0, bytes.len() - offset).unwrap() == bytes[offset..]);
    }
}

pub fn a_length_maps_that_much<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let bytes = sample(20_000);
    let path = file(dir, "a_length", &bytes);
    for (offset, len) in [(0, 0), (0, 1), (5, 4096), (4096, 4096), (19_999, 1), (20_000, 0)] {
        let mm = options().offset(widen(offset)).len(widen(len)).open(&path).unwrap();
        assert_eq!(mm.len(), widen(len));
        assert_eq!(mm.read_at(0, len).unwrap(), bytes[offset..offset + len]);
        assert!(mm.read_at(0, len + 1).is_err());
    }
}

pub fn an_empty_file_maps_to_nothing<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let path = file(dir, "an_empty_file", &[]);
    let mm = options().open(&path).unwrap();
    assert!(mm.is_empty());
    assert!(options().len(0).open(&path).unwrap().is_empty());
    assert!(matches!(
        options().len(1).open(&path).unwrap_err().kind(),
        ErrorKind::BeyondEnd { offset: 0, len: 1, source_len: 0 }
    ));
}

pub fn the_end_of_the_file_is_a_valid_offset<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    for len in [1, 4096, 65_536] {
        let path = file(dir, &format!("the_end_{len}"), &sample(len));
        assert!(options().offset(widen(len)).open(&path).unwrap().is_empty());
    }
}

pub fn offset_beyond_end_is_refused<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let path = file(dir, "offset_beyond", &sample(100));
    for asked in [101, 4096, 1 << 40, u64::MAX] {
        for options in [options().offset(asked), options().offset(asked).len(0)] {
            let error = options.open(&path).unwrap_err();
            let &ErrorKind::BeyondEnd { offset, source_len: file_len, .. } = error.kind() else {
                panic!("{error:?}")
            };
            assert_eq!((offset, file_len, error.path()), (asked, 100, Some(&*path)));
        }
    }
}

pub fn length_beyond_end_is_refused<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let path = file(dir, "length_beyond", &sample(100));
    for (from, asked) in [(0, 101), (50, 51), (100, 1), (1, u64::MAX), (0, u64::MAX)] {
        let error = options().offset(from).len(asked).open(&path).unwrap_err();
        let &ErrorKind::BeyondEnd { offset, len, source_len: file_len } = error.kind() else {
            panic!("{error:?}")
        };
        assert_eq!((offset, len, file_len), (from, asked, 100));
    }
}

pub fn path_mode_and_offset_are_as_asked<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let path = file(dir, "as_asked", &sample(100));
    let mm = options().offset(33).open(&path).unwrap();
    assert_eq!((mm.path(), mm.mode(), mm.offset()), (Some(&*path), Mode::Read, 33));
    assert!(mm.path().unwrap().is_absolute());
}

pub fn a_missing_file_is_not_found<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let path = dir.join("never_written");
    let error = options().open(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotFound));
    assert_eq!(error.path(), Some(&*path));
    assert!(!path.exists());
}

pub fn a_directory_is_not_mappable<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let error = options().open(dir).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotMappable { kind: FileKind::Directory }));
}

pub fn contradictory_options_are_refused<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let missing = dir.join("contradictions");
    let of = |mode| options().mode(mode).len(1);
    let mut contradictions = vec![options().mode(Mode::ReadWrite).extend(true)];
    for mode in Mode::ALL {
        if mode != Mode::ReadWrite {
            contradictions.push(of(mode).extend(true));
        }
        if mode == Mode::Create {
            contradictions.push(of(mode).deny_write(true));
        } else {
            contradictions.push(of(mode).create_new(true));
            contradictions.push(of(mode).permissions(0o600));
        }
        if mode.reaches_file() {
            contradictions.push(of(mode).fallback(Fallback::ReadIntoMemory));
            contradictions.push(of(mode).small_file(1));
        } else {
            contradictions.push(of(mode).sparse(true));
        }
    }
    for options in contradictions {
        let asked = format!("{options:?}");
        let error = options.open(&missing).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidOptions { .. }), "{asked}: {error:?}");
        assert_eq!((error.op(), error.path()), (Op::Open, Some(&*missing)));
        assert!(!missing.exists());
    }
}

pub fn a_refused_open_changes_nothing<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let own = tempfile::tempdir_in(dir).unwrap();
    let bytes = sample(100);
    let path = file(own.path(), "refused", &bytes);
    let missing = own.path().join("missing");
    for mode in Mode::ALL {
        let options = || options().mode(mode);
        for path in [&path, &missing] {
            options().offset(101).open(path).unwrap_err();
            options().offset(u64::MAX).len(u64::MAX).open(path).unwrap_err();
            options().len(u64::MAX).open(path).unwrap_err();
            options().offset(1).len(1 << 62).open(path).unwrap_err();
            options().len(1).extend(true).create_new(true).open(path).unwrap_err();
        }
        if mode == Mode::Create {
            options().len(50).create_new(true).open(&path).unwrap_err();
            options().len(50).open(path.join("below")).unwrap_err();
        } else {
            options().len(101).open(&path).unwrap_err();
            options().len(1).open(&missing).unwrap_err();
        }
    }
    let extending = || options().mode(Mode::ReadWrite).extend(true);
    for len in [u64::MAX, 1 << 63, 1 << 62] {
        extending().len(len).open(&path).unwrap_err();
        extending().sparse(true).offset(1).len(len).open(&path).unwrap_err();
        assert_eq!(file_len(&path), 100);
    }
    extending().len(1).open(&missing).unwrap_err();
    assert_eq!(names_in(own.path()), ["refused"]);
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

pub fn an_unlinked_file_stays_mapped<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let bytes = sample(10_000);
    let path = file(dir, "unlinked", &bytes);
    let mm = options().open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(mm.read_at(0, 10_000).unwrap(), bytes);
    mm.close().unwrap();
}

pub fn the_same_file_maps_twice<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let bytes = sample(10_000);
    let path = file(dir, "twice", &bytes);
    let first = options().open(&path).unwrap();
    let second = options().offset(1).open(&path).unwrap();
    first.close().unwrap();
    assert_eq!(second.read_at(0, 9_999).unwrap(), bytes[1..]);
}

// ---- writing to files ----------------------------------------------------------------------

pub fn read_write_reaches_the_file<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    for (offset, len) in [(0, 70_000), (1, 20_000), (4096, 4096), (4_099, 60_000), (69_999, 1)] {
        let mut twin = sample(70_000);
        let path = file(dir, "read_write", &twin);
        let at = usize::try_from(offset).unwrap();
        let options = options().mode(Mode::ReadWrite).offset(offset).len(len);
        let mut mm = options.open(&path).unwrap();
        assert_eq!((mm.mode(), mm.offset(), mm.len()), (Mode::ReadWrite, offset, len));
        mm.write_at(len / 2, b"!").unwrap();
        twin[at + usize::try_from(len / 2).unwrap()] = b'!';
        mm.fill_range(..len / 3, 7).unwrap();
        twin[at..][..usize::try_from(len / 3).unwrap()].fill(7);
        mm.sync(..).unwrap();
        mm.close().unwrap();
        assert!(fs::read(&path).unwrap() == twin);
    }
}

pub fn copy_on_write_stays_private<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let bytes = sample(70_000);
    let path = file(dir, "private", &bytes);
    let mut mm = options().mode(Mode::CopyOnWrite).offset(5).open(&path).unwrap();
    assert_eq!((mm.mode(), mm.offset(), mm.len()), (Mode::CopyOnWrite, 5, 69_995));
    let other = options().open(&path).unwrap();
    let another = options().mode(Mode::CopyOnWrite).open(&path).unwrap();
    mm.write_at(4_090, b"only here").unwrap();
    mm.fill_range(30_000.., 7).unwrap();
    mm.sync(..).unwrap();
    assert_eq!(mm.read_at(4_090, 9).unwrap(), b"only here");
    assert_eq!(mm.get::<u8>(69_994).unwrap(), 7);
    assert!(all_of(&other) == bytes && all_of(&another) == bytes);
    mm.close().unwrap();
    assert!(fs::read(&path).unwrap() == bytes);
}

pub fn a_file_that_may_only_be_read_opens_to_be_read<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let bytes = sample(10_000);
    let path = file(dir, "may_only_be_read", &bytes);
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    assert!(all_of(&options().open(&path).unwrap()) == bytes);
    let mut edited = options().mode(Mode::CopyOnWrite).open(&path).unwrap();
    edited.set(0, !bytes[0]).unwrap();
    assert_eq!(edited.get::<u8>(0).unwrap(), !bytes[0]);
    // This user may be one who may do everything.
    if OpenOptions::new().write(true).open(&path).is_err() {
        for mode in [Mode::ReadWrite, Mode::Create] {
            let error = options().mode(mode).len(10).open(&path).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::PermissionDenied { mode: m } if *m == mode));
        }
    }
    assert!(fs::read(&path).unwrap() == bytes);
}

pub fn errors_of_writing_name_the_file<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let path = file(dir, "named", &sample(100));
    for mode in EXISTING {
        let mut mm = options().mode(mode).open(&path).unwrap();
        for error in [
            mm.write_at(99, &[7; 2]).unwrap_err(),
            mm.set(100, 7_u8).unwrap_err(),
            mm.fill_range(..101, 7).unwrap_err(),
            mm.copy_within(..2, 99).unwrap_err(),
            mm.resize(u64::MAX).unwrap_err(),
            mm.sync(..101).unwrap_err(),
            mm.write_back(..101).unwrap_err(),
            mm.advise(..101, crate::Advice::Normal).unwrap_err(),
            mm.extents(..101).unwrap_err(),
        ] {
            assert_eq!(error.path(), Some(&*path), "{error:?}");
        }
    }
    let error = options().open(&path).unwrap().write_at(0, &[7]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ReadOnly));
    assert_eq!(error.path(), Some(&*path));
}

// ---- making files --------------------------------------------------------------------------

pub fn create_makes_a_zeroed_file_of_offset_plus_len<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let own = tempfile::tempdir_in(dir).unwrap();
    let path = own.path().join("made");
    for (offset, len) in [(0, 0), (0, 1), (33, 0), (33, 100), (4_099, 70_000)] {
        for options in [options(), options().sparse(true), options().create_new(true)] {
            let options = options.mode(Mode::Create).offset(offset).len(len);
            let mut mm = options.open(&path).unwrap();
            assert_eq!((mm.mode(), mm.offset(), mm.len()), (Mode::Create, offset, len));
            assert_eq!(mm.path(), Some(&*path));
            assert!(all_of(&mm).iter().all(|&byte| byte == 0));
            assert_eq!(file_len(&path), offset + len);
            mm.fill_range(.., 7).unwrap();
            mm.sync(..).unwrap();
            mm.close().unwrap();
            let mut twin = vec![0; usize::try_from(offset).unwrap()];
            twin.resize(usize::try_from(offset + len).unwrap(), 7);
            assert!(fs::read(&path).unwrap() == twin);
            assert_eq!(names_in(own.path()), ["made"]);
            fs::remove_file(&path).unwrap();
        }
    }
}

pub fn create_replaces_an_existing_file_whole<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let own = tempfile::tempdir_in(dir).unwrap();
    let old = sample(70_000);
    for (offset, len) in [(0, 0), (3, 5_000), (0, 200_000)] {
        let path = file(own.path(), "replaced", &old);
        let permissions = private_permissions();
        fs::set_permissions(&path, permissions.clone()).unwrap();
        let holder = options().open(&path).unwrap();
        let create = || options().mode(Mode::Create).offset(offset).len(len);
        let (holder, opened) = match create().open(&path) {
            Ok(mm) => (Some(holder), Ok(mm)),
            Err(error) => {
                require_held_name(own.path(), &path, &error);
                assert!(all_of(&holder) == old && fs::read(&path).unwrap() == old);
                drop(holder);
                (None, create().open(&path))
            }
        };
        let mut mm = opened.unwrap();
        assert!(all_of(&mm).iter().all(|&byte| byte == 0));
        mm.fill_range(.., 7).unwrap();
        assert_eq!(file_len(&path), offset + len);
        assert_eq!(fs::metadata(&path).unwrap().permissions(), permissions);
        assert!(holder.is_none_or(|holder| all_of(&holder) == old));
        mm.close().unwrap();
        let bytes = fs::read(&path).unwrap();
        assert_eq!(widen(bytes.len()), offset + len);
        assert!(bytes[usize::try_from(offset).unwrap()..].iter().all(|&byte| byte == 7));
        assert_eq!(names_in(own.path()), ["replaced"]);
    }
}

/// Whether a file that is open, or mapped, cannot lose its name on this system, whoever wants it.
fn require_held_name(dir: &Path, path: &Path, error: &crate::Error) {
    assert!(matches!(error.kind(), ErrorKind::CannotCreate { .. }), "{error:?}");
    assert_eq!(names_in(dir), ["replaced"]);
    let other = file(dir, "other", b"other");
    fs::rename(&other, path).unwrap_err();
    fs::remove_file(&other).unwrap();
}

pub fn in_place_the_file_itself_is_emptied_and_filled<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let own = tempfile::tempdir_in(dir).unwrap();
    for (offset, len) in [(0, 0), (3, 5_000), (0, 200_000)] {
        let path = file(own.path(), "filled", &sample(100_000));
        let permissions = private_permissions();
        fs::set_permissions(&path, permissions.clone()).unwrap();
        // The same file by another name, as long as it is the same.
        let link = own.path().join("link");
        fs::hard_link(&path, &link).unwrap();
        let in_place = || options().mode(Mode::Create).offset(offset).len(len).in_place(true);
        let wrong = in_place().head(vec![7; 200_001]).open(&path).unwrap_err();
        assert!(matches!(wrong.kind(), ErrorKind::InvalidOptions { .. }), "{wrong:?}");
        assert!(fs::read(&path).unwrap() == sample(100_000));
        let mut mm = in_place().open(&path).unwrap();
        assert!(all_of(&mm).iter().all(|&byte| byte == 0));
        assert_eq!(mm.len(), len);
        mm.fill_range(.., 7).unwrap();
        mm.close().unwrap();
        let bytes = fs::read(&link).unwrap();
        let (before, filled) = bytes.split_at(usize::try_from(offset).unwrap());
        assert!(before.iter().all(|&byte| byte == 0) && filled.iter().all(|&byte| byte == 7));
        assert_eq!(widen(bytes.len()), offset + len);
        assert_eq!(fs::metadata(&path).unwrap().permissions(), permissions);
        assert_eq!(names_in(own.path()), ["filled", "link"]);
        fs::remove_file(&link).unwrap();
    }
}

pub fn create_new_refuses_an_existing_file_and_leaves_it<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let own = tempfile::tempdir_in(dir).unwrap();
    let bytes = sample(100);
    let path = file(own.path(), "existing", &bytes);
    for taken in [&*path, own.path()] {
        let error = options().mode(Mode::Create).create_new(true).len(10).open(taken).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::AlreadyExists), "{error:?}");
        assert_eq!((error.op(), error.path()), (Op::Create, Some(taken)));
    }
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert_eq!(names_in(own.path()), ["existing"]);
}

pub fn create_needs_a_length<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let bytes = sample(100);
    let path = file(dir, "needs_a_length", &bytes);
    for (path, offset) in [(&path, 0), (&path, 101), (&dir.join("needs_it_too"), 0)] {
        let error = options().mode(Mode::Create).offset(offset).open(path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidOptions { .. }));
        assert_eq!((error.op(), error.path()), (Op::Create, Some(&**path)));
    }
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert!(!dir.join("needs_it_too").exists());
}

pub fn create_needs_a_directory<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let no_directory = file(dir, "no_directory", &[]);
    for path in [dir.join("no").join("such"), no_directory.join("below")] {
        let error = options().mode(Mode::Create).len(1).open(&path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::CannotCreate { .. }), "{error:?}");
        assert_eq!((error.op(), error.path()), (Op::Create, Some(&*path)));
    }
    let error = options().mode(Mode::Create).len(1).open(dir).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotMappable { kind: FileKind::Directory }));
}

// ---- longer and shorter files --------------------------------------------------------------

pub fn extend_grows_only_if_asked<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    for sparse in [false, true] {
        for (offset, len) in [(0, 101), (50, 70_000), (100, 1), (4_099, 0), (4_099, 5_000)] {
            let bytes = sample(100);
            let path = file(dir, "extended", &bytes);
            let options = || options().mode(Mode::ReadWrite).sparse(sparse).offset(offset).len(len);
            let error = options().open(&path).unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::BeyondEnd { source_len: 100, .. }),
                "{error:?}"
            );
            assert_eq!(fs::read(&path).unwrap(), bytes);
            let mm = options().extend(true).open(&path).unwrap();
            let mut longer = bytes;
            longer.resize(usize::try_from(offset + len).unwrap(), 0);
            assert!(all_of(&mm) == longer[usize::try_from(offset).unwrap()..]);
            mm.close().unwrap();
            assert!(fs::read(&path).unwrap() == longer);
        }
    }
}

pub fn extend_never_shrinks<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let bytes = sample(10_000);
    let path = file(dir, "not_shrunk", &bytes);
    for (offset, len) in [(0, 0), (0, 10), (100, 9_900), (9_999, 1), (10_000, 0)] {
        let options = options().mode(Mode::ReadWrite).extend(true).offset(offset).len(len);
        let mm = options.open(&path).unwrap();
        assert_eq!(mm.len(), len);
        mm.close().unwrap();
        assert!(fs::read(&path).unwrap() == bytes);
    }
}

pub fn resize_grows_and_cuts_the_file<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let mut twin = sample(5_000);
    let path = file(dir, "resized", &twin);
    let opened = options().mode(Mode::ReadWrite).offset(100).open(&path).unwrap();
    let (made_path, made) =
        (dir.join("made_and_resized"), options().mode(Mode::Create).offset(100));
    let mut made_twin = vec![0; 5_000];
    let made = made.len(4_900).open(&made_path).unwrap();
    for (mut mm, path, twin) in [(opened, &path, &mut twin), (made, &made_path, &mut made_twin)] {
        for len in [4_900, 10_000, 70_000, 4_096, 1, 0, 33, 5_000] {
            mm.resize(widen(len)).unwrap();
            twin.resize(100 + len, 0);
            assert_eq!((mm.len(), file_len(path)), (widen(len), 100 + widen(len)));
            assert!(all_of(&mm) == twin[100..]);
            mm.fill_range(widen(len / 2).., 7).unwrap();
            twin[100 + len / 2..].fill(7);
        }
        mm.close().unwrap();
        assert!(fs::read(path).unwrap() == *twin);
    }
}

pub fn resize_cuts_off_nothing_that_is_not_mapped<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let bytes = sample(5_000);
    let path = file(dir, "cut_off", &bytes);
    let mut mm = options().mode(Mode::ReadWrite).offset(10).len(1_000).open(&path).unwrap();
    for shorter in [999, 1, 0] {
        let error = mm.resize(shorter).unwrap_err();
        let &ErrorKind::CutsOff { new_end, mapped_end, file_len } = error.kind() else {
            panic!("{error:?}")
        };
        assert_eq!((new_end, mapped_end, file_len), (10 + shorter, 1_010, 5_000));
        assert_eq!((error.op(), error.path(), mm.len()), (Op::Resize, Some(&*path), 1_000));
        assert_eq!(all_of(&mm), bytes[10..1_010]);
    }
    for longer in [2_000, 4_990] {
        mm.resize(longer).unwrap();
        assert!(all_of(&mm) == bytes[10..][..usize::try_from(longer).unwrap()]);
        assert!(fs::read(&path).unwrap() == bytes);
    }
    mm.resize(5).unwrap();
    mm.close().unwrap();
    assert_eq!(fs::read(&path).unwrap(), bytes[..15]);
}

pub fn a_reader_follows_a_file_that_grows<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let mut bytes = sample(1_000);
    let path = file(dir, "followed", &bytes);
    let mut mm = options().offset(7).open(&path).unwrap();
    let error = mm.resize(994).unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::BeyondEnd { offset: 7, len: 994, source_len: 1_000 }
    ));
    assert_eq!((mm.len(), error.path()), (993, Some(&*path)));
    for more in [1, 3_096, 70_000] {
        OpenOptions::new().append(true).open(&path).unwrap().write_all(&sample(more)).unwrap();
        bytes.extend(sample(more));
        mm.resize(widen(bytes.len() - 7)).unwrap();
        assert!(all_of(&mm) == bytes[7..]);
    }
    for len in [10, 0, 5_000] {
        mm.resize(len).unwrap();
        assert!(all_of(&mm) == bytes[7..][..usize::try_from(len).unwrap()]);
    }
    mm.resize(u64::MAX).unwrap_err();
    assert!(fs::read(&path).unwrap() == bytes);
}

pub fn a_reader_follows_a_file_that_was_empty<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let bytes = sample(5_000);
    for old in [0, 100] {
        let path = file(dir, "followed_from_nothing", &bytes[..old]);
        let mut mm = options().offset(widen(old)).open(&path).unwrap();
        let error = mm.resize(1).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::BeyondEnd { len: 1, .. }), "{error:?}");
        assert!(mm.is_empty());
        OpenOptions::new().append(true).open(&path).unwrap().write_all(&bytes[old..]).unwrap();
        mm.resize(widen(bytes.len() - old)).unwrap();
        assert!(all_of(&mm) == bytes[old..]);
    }
}

pub fn private_edits_are_not_resized<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let mut bytes = sample(10_000);
    let path = file(dir, "not_resized", &bytes);
    let mut mm = options().mode(Mode::CopyOnWrite).open(&path).unwrap();
    mm.write_at(5_000, b"an edit").unwrap();
    for len in [0, 9_999, 10_001, 1 << 20] {
        let error = mm.resize(len).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Unsupported { backend, .. } if *backend == B::NAME)
        );
    }
    assert!(fs::read(&path).unwrap() == bytes);
    bytes[5_000..][..7].copy_from_slice(b"an edit");
    assert!(all_of(&mm) == bytes);
}

// ---- open files ----------------------------------------------------------------------------

fn open_to_write(path: &Path) -> File {
    OpenOptions::new().read(true).write(true).open(path).unwrap()
}

pub fn an_open_file_stays_open_and_keeps_its_position<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    for (mode, small_file) in
        EXISTING.map(|mode| (mode, 0)).into_iter().chain([(Mode::Read, 1 << 20)])
    {
        let bytes = sample(10_000);
        let path = file(dir, &format!("stays_open_{}", mode.long_name()), &bytes);
        let mut open = open_to_write(&path);
        open.seek(SeekFrom::Start(17)).unwrap();
        let mut mm =
            options().mode(mode).small_file(small_file).offset(5).open_file(&open).unwrap();
        assert_eq!((mm.path(), mm.offset(), mm.mode()), (None, 5, mode));
        assert!(all_of(&mm) == bytes[5..]);
        if mode.writes() {
            mm.write_at(0, b"before 17").unwrap();
        }
        if mode == Mode::ReadWrite {
            mm.resize(10_000).unwrap();
            mm.resize(9_995).unwrap();
        }
        mm.extents(..).unwrap();
        mm.write_back(..).unwrap();
        mm.sync(..).unwrap();
        mm.prefault(.., &crate::Progress::new()).unwrap();
        assert_eq!(open.stream_position().unwrap(), 17, "{mode}");
        mm.close().unwrap();
        assert_eq!(open.stream_position().unwrap(), 17, "{mode}");
        let mut rest = Vec::new();
        open.read_to_end(&mut rest).unwrap();
        assert!(rest == bytes[17..]);
        let edited = fs::read(&path).unwrap()[5..14] == *b"before 17";
        assert_eq!(edited, mode == Mode::ReadWrite);
    }
}

pub fn an_open_file_is_not_made<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    let bytes = sample(100);
    let path = file(dir, "not_made", &bytes);
    let open = open_to_write(&path);
    let error = options().mode(Mode::Create).len(10).open_file(&open).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidOptions { .. }));
    assert_eq!((error.op(), error.path()), (Op::Open, None));
    let error = options().len(101).open_file(&open).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::BeyondEnd { source_len: 100, .. }));
    let longer = options().mode(Mode::ReadWrite).extend(true).len(150).open_file(&open).unwrap();
    assert_eq!((longer.len(), file_len(&path)), (150, 150));
    assert_eq!(fs::read(&path).unwrap()[..100], bytes);
}

fn require_opened_for_less<M: Mapping>(mode: Mode, answer: Result<Map<M>>) {
    let error = answer.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::OpenedForLess { mode: m } if *m == mode),
        "{error:?}"
    );
    assert_eq!(error.path(), None);
}

pub fn an_open_file_must_be_open_for_the_mode<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    for len in [100, 0] {
        let bytes = sample(len);
        let path = file(dir, "open_for_the_mode", &bytes);
        let readable = File::open(&path).unwrap();
        for mode in [Mode::Read, Mode::CopyOnWrite] {
            assert!(all_of(&options().mode(mode).open_file(&readable).unwrap()) == bytes);
        }
        let (rw, writing) = (Mode::ReadWrite, || options().mode(Mode::ReadWrite));
        require_opened_for_less(rw, writing().open_file(&readable));
        require_opened_for_less(rw, writing().extend(true).len(200).open_file(&readable));
        let writable = OpenOptions::new().write(true).open(&path).unwrap();
        for mode in EXISTING {
            require_opened_for_less(mode, options().mode(mode).open_file(&writable));
        }
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}

pub fn the_file_can_be_closed_before_the_map<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    for mode in EXISTING {
        let mut bytes = sample(10_000);
        let path = file(dir, &format!("closed_{}", mode.long_name()), &bytes);
        let open = open_to_write(&path);
        let mut mm = options().mode(mode).open_file(&open).unwrap();
        drop(open);
        assert!(all_of(&mm) == bytes);
        if mode.writes() {
            mm.write_at(4_090, b"written later").unwrap();
            assert_eq!(mm.read_at(4_090, 13).unwrap(), b"written later");
        }
        mm.sync(..).unwrap();
        mm.close().unwrap();
        if mode.reaches_file() {
            bytes[4_090..][..13].copy_from_slice(b"written later");
        }
        assert!(fs::read(&path).unwrap() == bytes);
    }
}

// ---- and the rest --------------------------------------------------------------------------

pub fn small_files_are_read<B: Backend>(dir: &Path, options: &impl Fn() -> MapOptions<B>) {
    for mode in [Mode::Read, Mode::CopyOnWrite] {
        let bytes = sample(4_096);
        let path = file(dir, &format!("small_{}", mode.long_name()), &bytes);
        let open = || options().mode(mode).small_file(4_096);
        let mut all = open().open(&path).unwrap();
        let part = open().offset(7).len(100).open(&path).unwrap();
        let none = open().offset(4_096).open(&path).unwrap();
        fs::write(&path, [7; 4_096]).unwrap();
        assert!(all_of(&all) == bytes && all_of(&part) == bytes[7..107] && none.is_empty());
        assert_eq!((part.offset(), part.mode(), part.path()), (7, mode, Some(&*path)));
        if mode.writes() {
            all.set(1_000, !bytes[1_000]).unwrap();
            assert_eq!(all.get::<u8>(1_000).unwrap(), !bytes[1_000]);
        } else {
            assert!(matches!(all.set(0, 7_u8).unwrap_err().kind(), ErrorKind::ReadOnly));
        }
        all.sync(..).unwrap();
        assert!(
            open().offset(4_097).open(&path).is_err() && open().len(4_097).open(&path).is_err()
        );
        all.close().unwrap();
        assert_eq!(fs::read(&path).unwrap(), [7; 4_096]);
        fs::write(&path, sample(4_097)).unwrap();
        assert!(all_of(&open().open(&path).unwrap()) == sample(4_097));
    }
}

pub fn deny_write_keeps_others_from_writing_or_is_unsupported<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let bytes = sample(10_000);
    for mode in EXISTING {
        let path = file(dir, &format!("denied_{}", mode.long_name()), &bytes);
        match options().mode(mode).deny_write(true).open(&path) {
            Ok(mm) => {
                OpenOptions::new().write(true).open(&path).unwrap_err();
                options().mode(Mode::ReadWrite).open(&path).unwrap_err();
                assert!(fs::read(&path).unwrap() == bytes && all_of(&mm) == bytes);
                mm.close().unwrap();
            }
            Err(error) => {
                assert!(
                    matches!(error.kind(), ErrorKind::Unsupported { backend, .. } if *backend == B::NAME),
                    "{error:?}"
                );
                assert_eq!((error.op(), error.path()), (Op::Open, Some(&*path)));
            }
        }
        let error = options().deny_write(true).open_file(&open_to_write(&path)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidOptions { .. }), "{error:?}");
    }
}

pub fn what_was_read_into_memory_does_not_grow<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    let bytes = sample(100);
    let path = file(dir, "does_not_grow", &bytes);
    for mode in [Mode::Read, Mode::CopyOnWrite] {
        let mut mm = options().mode(mode).small_file(4_096).open(&path).unwrap();
        let error = mm.resize(101).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Unsupported { .. } | ErrorKind::BeyondEnd { .. }),
            "{error:?}"
        );
        assert_eq!(error.path(), Some(&*path));
        assert_eq!(all_of(&mm), bytes);
    }
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

pub fn holes_read_as_zeros_also_where_they_were_edited<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    fn require_zeros<M: Mapping>(mm: &Map<M>) {
        for extent in mm.extents(..).unwrap().iter().filter(|extent| !extent.is_data()) {
            let len = usize::try_from(extent.range().end - extent.range().start).unwrap();
            let read = mm.read_at(extent.range().start, len).unwrap();
            assert!(read.iter().all(|&byte| byte == 0), "{extent:?} of mode {}", mm.mode());
        }
    }
    for mode in EXISTING {
        let path = file(dir, &format!("holes_{}", mode.long_name()), &sample(5_000));
        open_to_write(&path).set_len(1 << 20).unwrap();
        let mut mm = options().mode(mode).offset(3).open(&path).unwrap();
        require_zeros(&mm);
        if mode.writes() {
            mm.write_at(500_000, b"in a hole").unwrap();
            require_zeros(&mm);
        }
    }
}

pub fn deleting_and_renaming_right_after_close_works<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> MapOptions<B>,
) {
    for mode in Mode::ALL {
        let path = file(dir, &format!("gone_{}", mode.long_name()), &sample(10_000));
        let renamed = path.with_extension("renamed");
        let open = |path: &Path| options().mode(mode).len(10_000).open(path).unwrap();
        open(&path).close().unwrap();
        fs::rename(&path, &renamed).unwrap();
        open(&renamed).close().unwrap();
        fs::remove_file(&renamed).unwrap();
        assert!(!path.exists() && !renamed.exists());
    }
}
