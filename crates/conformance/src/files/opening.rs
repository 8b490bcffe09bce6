use std::fs::{self, OpenOptions};
use std::path::Path;

use memmap_core::{Backend, ErrorKind, Fallback, FileKind, Mode, Op, widen};

use super::{EXISTING, Options, file, file_len, open_to_write};
use crate::support::{all_of, names_in, sample};

pub fn any_offset_maps_from_there<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
    let bytes = sample(200_000);
    let path = file(dir, "any_offset", &bytes);
    for offset in [0, 1, 4095, 4096, 4097, 65_535, 65_536, 65_537, 131_073, 199_999, 200_000] {
        let mm = options().offset(widen(offset)).open(&path).unwrap();
        assert_eq!(mm.len(), widen(bytes.len() - offset));
        assert!(mm.read_at(0, bytes.len() - offset).unwrap() == bytes[offset..]);
    }
}

pub fn a_length_maps_that_much<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
    let bytes = sample(20_000);
    let path = file(dir, "a_length", &bytes);
    for (offset, len) in [(0, 0), (0, 1), (5, 4096), (4096, 4096), (19_999, 1), (20_000, 0)] {
        let mm = options().offset(widen(offset)).len(widen(len)).open(&path).unwrap();
        assert_eq!(mm.len(), widen(len));
        assert_eq!(mm.read_at(0, len).unwrap(), bytes[offset..offset + len]);
        assert!(mm.read_at(0, len + 1).is_err());
    }
}

pub fn an_empty_file_maps_to_nothing<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
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
    options: &impl Fn() -> Options<B>,
) {
    for len in [1, 4096, 65_536] {
        let path = file(dir, &format!("the_end_{len}"), &sample(len));
        assert!(options().offset(widen(len)).open(&path).unwrap().is_empty());
    }
}

pub fn offset_beyond_end_is_refused<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
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

pub fn length_beyond_end_is_refused<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
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
    options: &impl Fn() -> Options<B>,
) {
    let path = file(dir, "as_asked", &sample(100));
    let mm = options().offset(33).open(&path).unwrap();
    assert_eq!((mm.path(), mm.mode(), mm.offset()), (Some(&*path), Mode::Read, 33));
    assert!(mm.path().unwrap().is_absolute());
}

pub fn a_missing_file_is_not_found<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
    let path = dir.join("never_written");
    let error = options().open(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotFound));
    assert_eq!(error.path(), Some(&*path));
    assert!(!path.exists());
}

pub fn a_directory_is_not_mappable<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
    let error = options().open(dir).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotMappable { kind: FileKind::Directory }));
}

pub fn contradictory_options_are_refused<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> Options<B>,
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

pub fn a_refused_open_changes_nothing<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
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

pub fn a_file_that_may_only_be_read_opens_to_be_read<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> Options<B>,
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

// ---- and the rest --------------------------------------------------------------------------

pub fn small_files_are_read<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
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
    options: &impl Fn() -> Options<B>,
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
                    matches!(error.kind(), ErrorKind::Unsupported { by, .. } if by == B::NAME),
                    "{error:?}"
                );
                assert_eq!((error.op(), error.path()), (Op::Open, Some(&*path)));
            }
        }
        let error = options().deny_write(true).open_file(&open_to_write(&path)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidOptions { .. }), "{error:?}");
    }
}
