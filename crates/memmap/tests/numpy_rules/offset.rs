use memmap::array::MemArray;
use memmap::{self as mm, Mode};

use crate::place::{Place, bytes_of_160, of_map, refused};

pub(crate) fn rule_25_an_offset_is_a_multiple_of_nothing() {
    let bytes: Vec<u8> = (0..251).cycle().take(9000).collect();
    let place = Place::with(&bytes);
    for offset in [0, 1, 3, 4095, 4096, 4097, 8191] {
        let array = MemArray::<u16>::options().offset(offset).shape(4).open(&place.path).unwrap();
        let expected: Vec<u16> = bytes[usize::try_from(offset).unwrap()..][..8]
            .chunks(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        assert_eq!(array.to_vec().unwrap(), expected, "{offset}");
    }
}

pub(crate) fn rule_26_the_offset_is_that_which_was_asked_for() {
    let place = Place::of_160();
    for offset in [0, 1, 100, 160] {
        let array = MemArray::<u8>::options().offset(offset).open(&place.path).unwrap();
        assert_eq!(array.offset(), offset);
    }
}

pub(crate) fn rule_27_an_offset_cannot_be_negative_and_the_largest_is_refused() {
    let place = Place::of_160();
    let options = MemArray::<u8>::options().offset(u64::MAX);
    let error = refused(options.shape(2).open(&place.path));
    assert!(matches!(of_map(&error), mm::ErrorKind::BeyondEnd { .. }), "{error}");
}

pub(crate) fn rule_29_an_offset_behind_the_end_is_named_with_the_length() {
    let place = Place::of_160();
    for mode in [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite] {
        let error = refused(MemArray::<u8>::options().mode(mode).offset(161).open(&place.path));
        assert!(
            matches!(of_map(&error), mm::ErrorKind::BeyondEnd { offset: 161, source_len: 160, .. }),
            "{error}"
        );
    }
}

pub(crate) fn rule_30_at_the_end_there_are_no_elements() {
    let place = Place::of_160();
    for mode in [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite] {
        let array = MemArray::<f64>::options().mode(mode).offset(160).open(&place.path).unwrap();
        assert_eq!(array.shape(), [0]);
    }
    assert_eq!(place.bytes(), bytes_of_160());
}

pub(crate) fn rule_31_behind_the_end_a_file_grows_where_that_is_asked_for() {
    let place = Place::of_160();
    let options = |mode| MemArray::<u8>::options().mode(mode).offset(200).shape(8);
    for mode in [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite] {
        let error = refused(options(mode).open(&place.path));
        assert!(matches!(of_map(&error), mm::ErrorKind::BeyondEnd { .. }), "{error}");
        assert_eq!(place.len(), 160);
    }
    options(Mode::ReadWrite).extend(true).open(&place.path).unwrap();
    assert_eq!(place.len(), 208);
    options(Mode::Create).open(&place.path).unwrap();
    assert_eq!(place.bytes(), [0; 208]);
    let like_numpy = MemArray::<u8>::options().like_numpy().offset(300).shape(8);
    like_numpy.open(&place.path).unwrap();
    assert_eq!(place.len(), 308);
}
