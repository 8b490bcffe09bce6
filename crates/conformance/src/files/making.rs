use std::fs;
use std::path::Path;

use memmap_core::{Backend, Error, ErrorKind, FileKind, Mode, Op, widen};

use super::{Options, file, file_len};
use crate::support::{all_of, names_in, private_permissions, sample};

// ---- making files --------------------------------------------------------------------------

pub fn create_makes_a_zeroed_file_of_offset_plus_len<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> Options<B>,
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
    options: &impl Fn() -> Options<B>,
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
fn require_held_name(dir: &Path, path: &Path, error: &Error) {
    assert!(matches!(error.kind(), ErrorKind::CannotCreate { .. }), "{error:?}");
    assert_eq!(names_in(dir), ["replaced"]);
    let other = file(dir, "other", b"other");
    fs::rename(&other, path).unwrap_err();
    fs::remove_file(&other).unwrap();
}

pub fn in_place_the_file_itself_is_emptied_and_filled<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> Options<B>,
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
    options: &impl Fn() -> Options<B>,
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

pub fn create_needs_a_length<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
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

pub fn create_needs_a_directory<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
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

pub fn more_than_the_disk_has_is_no_room_and_changes_nothing<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> Options<B>,
) {
    // The fake reserves no room.
    if B::NAME == "fake" {
        return;
    }
    let path = file(dir, "more_than_the_disk", &[7; 10]);
    let error = options()
        .mode(Mode::ReadWrite)
        .offset((1 << 43) - 1)
        .len(1)
        .extend(true)
        .open(&path)
        .unwrap_err();
    let &ErrorKind::StorageFull { needed, free, .. } = error.kind() else { panic!("{error:?}") };
    assert!(needed == (1 << 43) - 10 && free < needed, "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), [7; 10]);
}

pub fn extend_grows_only_if_asked<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
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

pub fn extend_never_shrinks<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
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
