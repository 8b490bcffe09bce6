use memmap::Mode;
use memmap::array::{MemArray, Order};

use crate::place::{Place, bytes_of_160};

pub(crate) fn rule_41_a_file_that_is_made_or_grown_ends_with_its_last_element_and_zeros() {
    let place = Place::empty();
    let options = || MemArray::<u32>::options().offset(6).shape([2, 3]);
    options().create(&place.path).unwrap();
    assert_eq!(place.bytes(), [0; 30]);
    for sparse in [false, true] {
        let place = Place::with(&[7; 9]);
        let options = options().mode(Mode::ReadWrite).extend(true);
        let options = options.file(|file| file.sparse(sparse));
        options.open(&place.path).unwrap();
        let expected = [&[7; 9][..], &[0; 21]].concat();
        assert_eq!(place.bytes(), expected);
    }
}

pub(crate) fn rule_42_an_empty_array_leaves_a_file_of_no_byte_or_as_numpy_of_one() {
    let place = Place::empty();
    let options = || MemArray::<u8>::options().shape([0, 4]);
    options().create(&place.path).unwrap();
    assert_eq!(place.len(), 0);
    options().mode(Mode::ReadWrite).open(&place.path).unwrap();
    assert_eq!(place.len(), 0);
    options().like_numpy().open(&place.path).unwrap();
    assert_eq!(place.len(), 1);
    let array = options().like_numpy().create(&place.path).unwrap();
    assert_eq!((place.len(), array.len()), (1, 0));
    let behind = || MemArray::<u8>::options().offset(4096).shape(0);
    for options in [behind(), behind().like_numpy()] {
        options.create(&place.path).unwrap();
        assert_eq!(place.len(), 4096);
    }
}

pub(crate) fn rule_43_of_an_empty_file_there_is_an_empty_array() {
    let place = Place::with(&[]);
    for mode in [Mode::Read, Mode::CopyOnWrite, Mode::ReadWrite] {
        let array = MemArray::<f32>::options().mode(mode).open(&place.path).unwrap();
        assert_eq!(array.shape(), [0]);
        let array = MemArray::<f32>::options().mode(mode).shape([0, 4]).open(&place.path).unwrap();
        assert_eq!(array.shape(), [0, 4]);
    }
    assert_eq!(place.len(), 0);
}

pub(crate) fn rule_44_numpy_gives_an_empty_file_a_byte_and_so_do_we_where_asked() {
    let place = Place::with(&[]);
    let array = MemArray::<f32>::options().like_numpy().open(&place.path).unwrap();
    assert_eq!(array.shape(), [0]);
    assert_eq!(place.bytes(), [0]);
    // Of four bytes that one byte is none, and numpy says so the next time.
    assert!(MemArray::<f32>::options().like_numpy().open(&place.path).is_err());
    let place = Place::of_160();
    MemArray::<f32>::options().like_numpy().offset(160).open(&place.path).unwrap();
    assert_eq!(place.bytes(), bytes_of_160());
}

pub(crate) fn rule_45_a_file_with_bytes_has_an_empty_array_anywhere() {
    let place = Place::with(&[7; 4096]);
    for offset in [0, 1, 4095, 4096] {
        for mode in [Mode::Read, Mode::CopyOnWrite, Mode::ReadWrite] {
            let options = MemArray::<u64>::options().mode(mode).offset(offset);
            let array = options.shape([0, 4]).open(&place.path).unwrap();
            assert_eq!((array.shape(), array.offset()), (&[0, 4][..], offset));
            assert_eq!(array.to_vec().unwrap(), [0; 0]);
        }
    }
    assert_eq!(place.bytes(), [7; 4096]);
}

pub(crate) fn rule_46_elements_lie_in_the_order_of_c_or_of_fortran() {
    let place = Place::of_160();
    let array = MemArray::<u8>::options().shape([2, 3]).open(&place.path).unwrap();
    assert_eq!(array.to_vec().unwrap(), [1, 2, 3, 4, 5, 6]);
    let options = MemArray::<u8>::options().shape([2, 3]).order(Order::Fortran);
    let array = options.open(&place.path).unwrap();
    assert_eq!(array.to_vec().unwrap(), [1, 3, 5, 2, 4, 6]);
    assert_eq!([Order::C, Order::Fortran].map(|order| order.to_string()), ["C", "F"]);
}

pub(crate) fn rule_47_the_strides_are_those_of_the_order() {
    let place = Place::of_160();
    let strides = |shape: &[usize], order| {
        let options = MemArray::<u16>::options().shape(shape).order(order);
        options.open(&place.path).unwrap().strides().to_vec()
    };
    assert_eq!(strides(&[2, 3, 4], Order::C), [24, 8, 2]);
    assert_eq!(strides(&[2, 3, 4], Order::Fortran), [2, 4, 12]);
    assert_eq!(strides(&[5], Order::C), strides(&[5], Order::Fortran));
}
