use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;

use memmap::array::{ErrorKind, MemArray, MemArrayDyn};
use memmap::{self as mm, Mode};

use crate::place::{Place, bytes_of_160, of_map, refused};

const SPELLINGS: [&str; 8] =
    ["r", "c", "r+", "w+", "readonly", "copyonwrite", "readwrite", "write"];

pub(crate) fn rule_01_every_mode_has_two_spellings() {
    use Mode::{CopyOnWrite, Create, Read, ReadWrite};
    let modes = SPELLINGS.map(|spelling| spelling.parse::<Mode>().unwrap());
    let order = [Read, CopyOnWrite, ReadWrite, Create];
    assert_eq!(modes[..4], order);
    assert_eq!(modes[4..], order);
}

pub(crate) fn rule_02_another_mode_is_refused_with_all_spellings() {
    let error = "rw".parse::<Mode>().unwrap_err();
    assert!(matches!(error.kind(), mm::ErrorKind::UnknownMode { given } if given == "rw"));
    let text = error.to_string();
    for spelling in SPELLINGS.into_iter().chain(["rw"]) {
        assert!(
            text.split(|c: char| " ()\",;".contains(c)).any(|word| word == spelling),
            "{spelling}: {text}"
        );
    }
}

pub(crate) fn rule_03_the_default_mode_reads_and_numpys_writes() {
    let place = Place::of_160();
    let ours = MemArray::<u8>::options().open(&place.path).unwrap();
    assert_eq!(ours.mode(), Mode::Read);
    let numpys = MemArray::<u8>::options().like_numpy().open(&place.path).unwrap();
    assert_eq!(numpys.mode(), Mode::ReadWrite);
}

pub(crate) fn rule_04_a_mode_is_reported_in_its_short_form() {
    let place = Place::of_160();
    for (long, short) in
        [("readonly", "r"), ("copyonwrite", "c"), ("readwrite", "r+"), ("write", "w+")]
    {
        let mode = long.parse().unwrap();
        let array = MemArray::<u8>::options().mode(mode).shape(4).open(&place.path).unwrap();
        assert_eq!(array.mode().to_string(), short);
    }
}

pub(crate) fn rule_05_to_make_a_file_needs_a_shape_before_anything_is_made() {
    let place = Place::empty();
    let making = || MemArrayDyn::options().mode(Mode::Create).open(&place.path);
    assert!(matches!(refused(making()).kind(), ErrorKind::ShapeRequired));
    assert_eq!(place.count(), 0);
    fs::write(&place.path, bytes_of_160()).unwrap();
    assert!(matches!(refused(making()).kind(), ErrorKind::ShapeRequired));
    assert_eq!(place.bytes(), bytes_of_160());
}

pub(crate) fn rule_06_private_edits_need_no_right_to_write() {
    let place = Place::of_160();
    fs::set_permissions(&place.path, Permissions::from_mode(0o444)).unwrap();
    let options = || MemArray::<u8>::options().mode(Mode::CopyOnWrite);
    let mut by_path = options().open(&place.path).unwrap();
    // Root may write to any file, but not through this.
    let mut by_file = options().open_file(&File::open(&place.path).unwrap()).unwrap();
    for array in [&mut by_path, &mut by_file] {
        array.set(0, 77).unwrap();
        assert_eq!(array.get(0).unwrap(), 77);
    }
    assert_eq!(place.bytes(), bytes_of_160());
}

pub(crate) fn rule_07_a_missing_file_is_made_by_one_mode_only() {
    let place = Place::empty();
    for mode in [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite] {
        let error = refused(MemArray::<u8>::options().mode(mode).shape(3).open(&place.path));
        assert!(matches!(of_map(&error), mm::ErrorKind::NotFound), "{mode}: {error}");
        assert_eq!(place.count(), 0);
    }
    MemArray::<u8>::options().shape(3).create(&place.path).unwrap();
    assert_eq!(place.bytes(), [0; 3]);
}

pub(crate) fn rule_08_making_a_file_replaces_the_one_that_is_there_once_all_is_valid() {
    let place = Place::of_160();
    let making = |shape: [usize; 2]| MemArray::<u8>::options().shape(shape).create(&place.path);
    refused(making([1 << 40, 1 << 40]));
    assert_eq!(place.bytes(), bytes_of_160());
    making([4, 6]).unwrap();
    assert_eq!(place.bytes(), [0; 24]);

    // As numpy does it, if that is wanted: the same file, under all its names.
    let link = place.path.with_extension("link");
    fs::hard_link(&place.path, &link).unwrap();
    let in_place = || MemArray::<u8>::options().file(|file| file.in_place(true));
    refused(in_place().shape([1 << 40, 1 << 40]).create(&place.path));
    assert_eq!(fs::read(&link).unwrap(), [0; 24]);
    in_place().shape(7).create(&place.path).unwrap().set(0, 77).unwrap();
    assert_eq!(fs::read(&link).unwrap(), [77, 0, 0, 0, 0, 0, 0]);
}

pub(crate) fn rule_09_an_open_file_is_not_made_anew() {
    let place = Place::of_160();
    let file = File::options().read(true).write(true).open(&place.path).unwrap();
    let error = refused(MemArray::<u8>::options().mode(Mode::Create).shape(24).open_file(&file));
    assert!(matches!(of_map(&error), mm::ErrorKind::InvalidOptions { .. }), "{error}");
    assert_eq!(place.bytes(), bytes_of_160());
}

pub(crate) fn rule_10_writing_to_a_file_never_makes_it_shorter() {
    let place = Place::of_160();
    let options = || MemArray::<u8>::options().mode(Mode::ReadWrite).shape(24);
    for options in [options(), options().extend(true), options().like_numpy()] {
        options.open(&place.path).unwrap().close().unwrap();
        assert_eq!(place.bytes(), bytes_of_160());
    }
}

pub(crate) fn rule_11_private_edits_stay_private_and_outlive_a_truncation() {
    let place = Place::with(&[1; 8192]);
    let mut array = MemArray::<u8>::options().mode(Mode::CopyOnWrite).open(&place.path).unwrap();
    array.set(5000, 77).unwrap();
    array.flush().unwrap();
    assert_eq!(place.bytes(), [1; 8192]);
    File::options().write(true).open(&place.path).unwrap().set_len(4096).unwrap();
    // numpy's process ends here, by a signal.
    assert_eq!(array.get(5000).unwrap(), 77);
}
