use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use memmap_core::{Backend, ErrorKind, Map, Mapping, Mode, Op, Progress, Result};

use super::{EXISTING, Options, file, file_len, open_to_write};
use crate::support::{all_of, sample};

// ---- open files ----------------------------------------------------------------------------

pub fn an_open_file_stays_open_and_keeps_its_position<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> Options<B>,
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
        mm.prefault(.., &Progress::new()).unwrap();
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

pub fn an_open_file_is_not_made<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
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
    options: &impl Fn() -> Options<B>,
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
    options: &impl Fn() -> Options<B>,
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
