use memmap::array::{ErrorKind, MemArray};
use memmap::{self as mm, Mode};

use crate::place::{Place, bytes_of_160, of_map, refused};

pub(crate) fn rule_32_without_a_shape_it_is_all_that_there_is_if_that_is_whole_elements() {
    let place = Place::of_160();
    let array = MemArray::<u64>::options().offset(8).open(&place.path).unwrap();
    assert_eq!(array.shape(), [19]);
    let error = refused(MemArray::<u64>::options().offset(3).open(&place.path));
    assert!(
        matches!(error.kind(), ErrorKind::NotWholeElements { available: 157, itemsize: 8, .. }),
        "{error}"
    );
}

pub(crate) fn rule_33_a_shape_is_said_as_a_number_a_tuple_or_a_list() {
    let place = Place::of_160();
    let options = MemArray::<u8>::options;
    let list: &[usize] = &[3, 4];
    for options in [
        options().shape((3, 4)),
        options().shape([3, 4]),
        options().shape(list),
        options().shape(vec![3, 4]),
    ] {
        assert_eq!(options.open(&place.path).unwrap().shape(), [3, 4]);
    }
    assert_eq!(options().shape(5).open(&place.path).unwrap().shape(), [5]);
}

pub(crate) fn rule_35_the_empty_shape_is_one_element() {
    let place = Place::of_160();
    let array = MemArray::<u8>::options().shape(()).offset(4).open(&place.path).unwrap();
    assert_eq!((array.ndim(), array.len(), array.get(()).unwrap()), (0, 1, 5));
}

pub(crate) fn rule_36_a_length_of_0_anywhere_leaves_no_element() {
    let place = Place::of_160();
    for shape in [[0, 3, 4], [3, 0, 4], [3, 4, 0], [0, 0, 1_000_000]] {
        let array = MemArray::<f64>::options().shape(shape).open(&place.path).unwrap();
        assert!(array.is_empty() && array.shape() == shape);
        assert_eq!(array.to_vec().unwrap(), [0.0; 0]);
    }
}

pub(crate) fn rule_38_a_shape_that_no_memory_has_is_refused_before_the_file_is_opened() {
    let place = Place::of_160();
    for mode in [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite, Mode::Create] {
        for shape in [[1 << 32, 1 << 32], [1 << 62, 2], [usize::MAX, 0]] {
            let options = MemArray::<u16>::options().mode(mode).shape(shape);
            let error = refused(options.open(&place.path));
            assert!(
                matches!(error.kind(), ErrorKind::ArrayTooLarge { itemsize: 2, .. }),
                "{error}"
            );
        }
    }
    assert_eq!(place.bytes(), bytes_of_160());
    let nowhere = place.directory.path().join("nothing");
    let error = refused(MemArray::<u16>::options().shape([1 << 40, 1 << 40]).open(nowhere));
    assert!(matches!(error.kind(), ErrorKind::ArrayTooLarge { .. }), "{error}");
}

pub(crate) fn rule_39_a_file_shorter_than_the_shape_is_refused_with_both_lengths() {
    let place = Place::of_160();
    for mode in [Mode::Read, Mode::CopyOnWrite] {
        let options = MemArray::<u32>::options().mode(mode).offset(8).shape([3, 13]);
        let error = refused(options.open(&place.path));
        let kind = of_map(&error);
        assert!(
            matches!(kind, mm::ErrorKind::BeyondEnd { offset: 8, len: 156, source_len: 160 }),
            "{error}"
        );
    }
}

pub(crate) fn rule_40_a_file_is_made_longer_only_where_that_is_asked_for() {
    let place = Place::of_160();
    let options = || MemArray::<u8>::options().mode(Mode::ReadWrite).shape([20, 10]);
    let error = refused(options().open(&place.path));
    assert!(matches!(of_map(&error), mm::ErrorKind::BeyondEnd { .. }), "{error}");
    assert_eq!(place.bytes(), bytes_of_160());
    let array = options().extend(true).open(&place.path).unwrap();
    assert_eq!(array.get([19, 9]).unwrap(), 0);
    assert_eq!(place.len(), 200);
    let place = Place::of_160();
    options().like_numpy().open(&place.path).unwrap();
    assert_eq!(place.len(), 200);
}
