use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use memmap::array::MemArray;
use memmap::{self as mm, Mode, explain::FileKind};

use crate::place::{Place, of_map, refused};

pub(crate) fn rule_12_a_path_in_any_form_or_an_open_file() {
    let place = Place::of_160();
    let options = MemArray::<u8>::options;
    let text = place.path.to_str().unwrap();
    let opened = [
        options().open(text),
        options().open(String::from(text)),
        options().open(place.path.as_os_str()),
        options().open(&place.path),
        options().open(place.path.clone()),
        options().open_file(&File::open(&place.path).unwrap()),
    ];
    for array in opened {
        assert_eq!(array.unwrap().len(), 160);
    }
}

pub(crate) fn rule_13_the_position_of_an_open_file_neither_matters_nor_moves() {
    let place = Place::of_160();
    let mut file = File::open(&place.path).unwrap();
    file.read_exact(&mut [0; 7]).unwrap();
    let array = MemArray::<u8>::options().offset(2).open_file(&file).unwrap();
    assert_eq!(array.get(0).unwrap(), 3);
    assert_eq!(file.stream_position().unwrap(), 7);
}

pub(crate) fn rule_14_a_file_that_was_opened_for_less_is_told_so() {
    let place = Place::of_160();
    let file = File::open(&place.path).unwrap();
    for shape in [24, 200] {
        let options = MemArray::<u8>::options().mode(Mode::ReadWrite).shape(shape).extend(true);
        let error = refused(options.open_file(&file));
        let mode = Mode::ReadWrite;
        assert!(
            matches!(of_map(&error), mm::ErrorKind::OpenedForLess { mode: it } if *it == mode),
            "{error}"
        );
    }
    assert_eq!(place.len(), 160);
}

pub(crate) fn rule_15_an_open_file_stays_open() {
    let place = Place::of_160();
    let mut file = File::open(&place.path).unwrap();
    MemArray::<u8>::options().open_file(&file).unwrap().close().unwrap();
    let mut first = [0];
    file.read_exact(&mut first).unwrap();
    assert_eq!(first, [1]);
}

pub(crate) fn rule_16_a_directory_is_told_from_a_file() {
    let place = Place::empty();
    for mode in [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite, Mode::Create] {
        let options = MemArray::<u8>::options().mode(mode).shape(1);
        let error = refused(options.open(place.directory.path()));
        let kind = FileKind::Directory;
        assert!(
            matches!(of_map(&error), mm::ErrorKind::NotMappable { kind: it } if *it == kind),
            "{mode}: {error}"
        );
    }
}

pub(crate) fn rule_17_the_path_is_absolute_and_an_open_file_has_none() {
    let place = Place::of_160();
    let array = MemArray::<u8>::options().open(relative(&place.path)).unwrap();
    let path = array.path().unwrap();
    assert!(path.is_absolute());
    assert_eq!(path.canonicalize().unwrap(), place.path.canonicalize().unwrap());
    let file = File::open(&place.path).unwrap();
    assert_eq!(MemArray::<u8>::options().open_file(&file).unwrap().path(), None);
}

/// The way to a path from the directory that this process is in.
fn relative(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap().canonicalize().unwrap();
    let up: PathBuf = here.ancestors().skip(1).map(|_| "..").collect();
    up.join(path.strip_prefix("/").unwrap())
}
