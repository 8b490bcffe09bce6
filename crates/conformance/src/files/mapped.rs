use std::fs;
use std::path::Path;

use memmap_core::{Advice, Backend, ErrorKind, Map, Mapping, Mode};

use super::{EXISTING, Options, file, open_to_write};
use crate::support::{all_of, sample};

pub fn an_unlinked_file_stays_mapped<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
    let bytes = sample(10_000);
    let path = file(dir, "unlinked", &bytes);
    let mm = options().open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(mm.read_at(0, 10_000).unwrap(), bytes);
    mm.close().unwrap();
}

pub fn the_same_file_maps_twice<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
    let bytes = sample(10_000);
    let path = file(dir, "twice", &bytes);
    let first = options().open(&path).unwrap();
    let second = options().offset(1).open(&path).unwrap();
    first.close().unwrap();
    assert_eq!(second.read_at(0, 9_999).unwrap(), bytes[1..]);
}

// ---- writing to files ----------------------------------------------------------------------

pub fn read_write_reaches_the_file<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
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

pub fn copy_on_write_stays_private<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
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

pub fn errors_of_writing_name_the_file<B: Backend>(dir: &Path, options: &impl Fn() -> Options<B>) {
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
            mm.advise(..101, Advice::Normal).unwrap_err(),
            mm.extents(..101).unwrap_err(),
        ] {
            assert_eq!(error.path(), Some(&*path), "{error:?}");
        }
    }
    let error = options().open(&path).unwrap().write_at(0, &[7]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ReadOnly));
    assert_eq!(error.path(), Some(&*path));
}

pub fn holes_read_as_zeros_also_where_they_were_edited<B: Backend>(
    dir: &Path,
    options: &impl Fn() -> Options<B>,
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
    options: &impl Fn() -> Options<B>,
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
