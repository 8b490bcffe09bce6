use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use memmap_core::{Backend, ErrorKind, Mode, Op, widen};

use super::{Options, file, file_len};
use crate::support::{all_of, sample};

pub fn a_map_grows_into_what_was_reserved_when_it_was_opened<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> Options<B>,
) {
    let bytes = sample(5_000);
    let path = file(dir, "reserved", &bytes);
    let mut mm = options().mode(Mode::ReadWrite).reserve(1 << 20).open(&path).unwrap();
    assert_eq!((mm.len(), file_len(&path)), (5_000, 5_000));
    mm.resize(1 << 20).unwrap();
    assert!(mm.read_at(0, 5_000).unwrap() == bytes);
    assert_eq!((mm.get::<u8>(1 << 19).unwrap(), file_len(&path)), (0, 1 << 20));
    mm.close().unwrap();
    // A reservation beyond the address space is refused, and no file is made.
    let missing = dir.join("reserved_too_much");
    let refused = options().mode(Mode::Create).len(10).reserve(u64::MAX).open(&missing);
    let error = refused.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TooLarge { .. }) && !missing.exists(), "{error:?}");
    // Nor is a file emptied or extended.
    let bytes = fs::read(&path).unwrap();
    for wrong in [
        options().mode(Mode::Create).len(10).in_place(true),
        options().mode(Mode::ReadWrite).len(2 << 20).extend(true),
    ] {
        let error = wrong.reserve(u64::MAX).open(&path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::TooLarge { .. }), "{error:?}");
        assert!(fs::read(&path).unwrap() == bytes);
    }
}

pub fn resize_grows_and_cuts_the_file<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
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
    options: &impl Fn() -> Options<B>,
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
    options: &impl Fn() -> Options<B>,
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
    options: &impl Fn() -> Options<B>,
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

pub fn private_edits_are_not_resized<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
    let mut bytes = sample(10_000);
    let path = file(dir, "not_resized", &bytes);
    let mut mm = options().mode(Mode::CopyOnWrite).open(&path).unwrap();
    mm.write_at(5_000, b"an edit").unwrap();
    for len in [0, 9_999, 10_001, 1 << 20] {
        let error = mm.resize(len).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unsupported { by, .. } if by == B::NAME));
    }
    assert!(fs::read(&path).unwrap() == bytes);
    bytes[5_000..][..7].copy_from_slice(b"an edit");
    assert!(all_of(&mm) == bytes);
}

pub fn what_was_read_into_memory_does_not_grow<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> Options<B>,
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
