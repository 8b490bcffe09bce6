use std::fs::File;
use std::sync::Arc;
use std::thread;

use memmap::array::{MemArray, Slice};
use memmap::{self as mm, Mode};

use crate::place::{Place, bytes_of_160, of_map, refused};

pub(crate) fn rule_48_an_array_for_reading_cannot_be_written() {
    let place = Place::of_160();
    let mut array = MemArray::<u8>::options().open(&place.path).unwrap();
    for refused in [
        array.set(0, 9).unwrap_err(),
        array.fill(9).unwrap_err(),
        array.assign(&[9; 160]).unwrap_err(),
        array.slice_mut("3:").unwrap().fill(9).unwrap_err(),
    ] {
        assert!(matches!(of_map(&refused), mm::ErrorKind::ReadOnly), "{refused}");
    }
    assert_eq!(place.bytes(), bytes_of_160());
}

pub(crate) fn rule_49_a_part_has_the_path_offset_and_mode_of_the_whole() {
    let place = Place::of_160();
    let options = MemArray::<u8>::options().mode(Mode::ReadWrite).offset(40).shape([5, 6]);
    let mut array = options.open(&place.path).unwrap();
    for part in [
        array.slice((1.., Slice::ALL.by(-2))).unwrap(),
        array.transpose(),
        array.reshape([30]).unwrap(),
        array.row(2).unwrap(),
        array.view(),
    ] {
        assert_eq!((part.path(), part.offset(), part.mode()), (array.path(), 40, Mode::ReadWrite));
    }
    array.slice_mut("1, 2").unwrap().set((), 200).unwrap();
    assert_eq!((array.get([1, 2]).unwrap(), place.bytes()[48]), (200, 200));
    // What was copied out is a vector: it has no file.
    let copy: Vec<u8> = array.to_vec().unwrap();
    assert_eq!(copy[8], 200);
}

pub(crate) fn rule_50_who_shares_an_array_keeps_its_map_and_who_borrows_it_cannot_outlive_it() {
    let place = Place::of_160();
    let array = Arc::new(MemArray::<u8>::options().open(&place.path).unwrap());
    let shared = Arc::clone(&array);
    drop(array);
    let third = thread::spawn(move || shared.slice("2::3").unwrap().get(0));
    assert_eq!(third.join().unwrap().unwrap(), 3);
}

pub(crate) fn rule_51_flushing_a_part_flushes_its_pages_and_of_a_reader_nothing() {
    let place = Place::with(&[1; 3 * 4096]);
    let opened = |mode| MemArray::<u8>::options().mode(mode).open(&place.path).unwrap();
    let mut array = opened(Mode::ReadWrite);
    array.fill(2).unwrap();
    for part in ["4096:4100", "::-1", "5:5", "7", "::4096"] {
        array.slice(part).unwrap().flush().unwrap();
    }
    array.flush().unwrap();
    for mode in [Mode::Read, Mode::CopyOnWrite] {
        opened(mode).flush().unwrap();
        opened(mode).slice("9:").unwrap().flush().unwrap();
    }
    assert_eq!(place.bytes(), [2; 3 * 4096]);
}

pub(crate) fn rule_52_what_was_written_is_in_the_file_without_a_flush() {
    let place = Place::of_160();
    let mut array = MemArray::<u8>::options().mode(Mode::ReadWrite).open(&place.path).unwrap();
    array.fill(9).unwrap();
    assert_eq!(place.bytes(), [9; 160]);
    drop(array);
    assert_eq!(place.bytes(), [9; 160]);
}

pub(crate) fn rule_53_closing_is_a_call_that_can_fail() {
    let place = Place::of_160();
    let mut array = MemArray::<u8>::options().mode(Mode::ReadWrite).open(&place.path).unwrap();
    array.fill(9).unwrap();
    let closed: Result<(), memmap::array::Error> = array.close();
    closed.unwrap();
    assert_eq!(place.bytes(), [9; 160]);
    // What it has to say, it says as an error.
    File::options().write(true).open(&place.path).unwrap().set_len(0).unwrap();
    refused(MemArray::<u8>::options().mode(Mode::ReadWrite).shape(160).open(&place.path));
}
