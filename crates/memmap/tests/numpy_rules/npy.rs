#![expect(clippy::float_cmp, reason = "nothing is rounded")]

use std::fs::{self, File};

use memmap::array::npy::{DEFAULT_LIMIT, Header, Version};
use memmap::array::{DType, ErrorKind, MemArray, MemArrayDyn, Order};
use memmap::{self as mm, Mode};

use crate::place::{Place, of_map, refused};

/// A `.npy` file of three times four floats.
fn twelve() -> Place {
    let place = Place::empty();
    let mut array = MemArray::<f32>::options().shape([3, 4]).create_npy(&place.path).unwrap();
    array.assign(&(0..12_u8).map(f32::from).collect::<Vec<_>>()).unwrap();
    place
}

pub(crate) fn rule_71_a_path_or_an_open_file() {
    let place = twelve();
    let file = File::open(&place.path).unwrap();
    let by_file = MemArray::<f32>::options().open_npy_file(&file).unwrap();
    let by_path = MemArray::<f32>::options().open_npy(&place.path).unwrap();
    assert_eq!(by_file.to_vec().unwrap(), by_path.to_vec().unwrap());
}

pub(crate) fn rule_72_what_is_asked_for_has_to_be_what_the_header_says() {
    let place = twelve();
    for mode in [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite] {
        let options = || MemArrayDyn::options().mode(mode);
        let error = refused(options().dtype(DType::F8).open_npy(&place.path));
        assert!(matches!(error.kind(), ErrorKind::DTypeDiffers { .. }), "{error}");
        let error = refused(options().shape([4, 3]).open_npy(&place.path));
        assert!(matches!(error.kind(), ErrorKind::ShapeDiffers { .. }), "{error}");
        let error = refused(options().order(Order::Fortran).open_npy(&place.path));
        assert!(matches!(error.kind(), ErrorKind::OrderDiffers { .. }), "{error}");
        let right = options().dtype(DType::F4).shape([3, 4]).order(Order::C);
        assert_eq!(right.open_npy(&place.path).unwrap().mode(), mode);
        let error = refused(MemArray::<f64>::options().mode(mode).open_npy(&place.path));
        assert!(matches!(error.kind(), ErrorKind::DTypeDiffers { .. }), "{error}");
    }
}

pub(crate) fn rule_73_elements_that_are_made_are_f8_and_need_a_shape() {
    let place = Place::empty();
    let error = refused(MemArrayDyn::options().create_npy(&place.path));
    assert!(matches!(error.kind(), ErrorKind::ShapeRequired), "{error}");
    assert_eq!(place.count(), 0);
    let array = MemArrayDyn::options().shape(3).create_npy(&place.path).unwrap();
    assert_eq!((array.dtype(), array.shape()), (&DType::F8, &[3][..]));
}

pub(crate) fn rule_74_data_and_offset_are_right_behind_the_header() {
    let place = twelve();
    assert_eq!(place.len(), 128 + 48);
    for mode in [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite] {
        let array = MemArray::<f32>::options().mode(mode).open_npy(&place.path).unwrap();
        assert_eq!((array.offset(), array.get([0, 1]).unwrap()), (128, 1.0));
    }
    let made = MemArray::<f32>::options().shape(1).create_npy(&place.path).unwrap();
    assert_eq!(made.offset(), 128);
}

pub(crate) fn rule_75_what_was_made_is_from_then_on_for_reading_and_writing() {
    let place = Place::empty();
    let array = MemArray::<u8>::options().shape(3).create_npy(&place.path).unwrap();
    assert_eq!(array.mode(), Mode::ReadWrite);
    // Its parts, too.
    assert_eq!(array.slice("1:").unwrap().mode(), Mode::ReadWrite);
    assert_eq!(array.untyped().mode(), Mode::ReadWrite);
}

pub(crate) fn rule_76_the_version_and_the_order_are_chosen() {
    let place = Place::empty();
    for version in [Version::V1, Version::V2, Version::V3] {
        for order in [Order::C, Order::Fortran] {
            let options = MemArray::<u8>::options().shape([2, 3]).version(version).order(order);
            options.create_npy(&place.path).unwrap();
            let header = Header::parse(&place.bytes(), DEFAULT_LIMIT).unwrap();
            assert_eq!((header.version(), header.order()), (version, order));
        }
    }
}

pub(crate) fn rule_77_an_empty_array_is_its_header_and_a_single_element_one_more() {
    let place = Place::empty();
    for options in [MemArray::<f64>::options(), MemArray::<f64>::options().like_numpy()] {
        options.shape([0, 3]).create_npy(&place.path).unwrap();
        assert_eq!(place.len(), 128);
        for mode in [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite] {
            let array = MemArray::<f64>::options().mode(mode).open_npy(&place.path).unwrap();
            assert_eq!(array.shape(), [0, 3]);
        }
        assert_eq!(place.len(), 128);
    }
    MemArray::<f64>::options().shape(()).create_npy(&place.path).unwrap();
    assert_eq!(place.len(), 136);
}

pub(crate) fn rule_78_data_that_was_cut_short_is_an_error_in_every_mode() {
    let place = twelve();
    for len in [175, 129, 128] {
        File::options().write(true).open(&place.path).unwrap().set_len(len).unwrap();
        for mode in [Mode::Read, Mode::ReadWrite, Mode::CopyOnWrite] {
            for options in
                [MemArrayDyn::options().mode(mode), MemArrayDyn::options().like_numpy().mode(mode)]
            {
                let error = refused(options.open_npy(&place.path));
                let ErrorKind::DataCutShort { needed: 176, found } = *error.kind() else {
                    panic!("{error}")
                };
                assert_eq!(found, len);
            }
        }
        assert_eq!(place.len(), len);
    }
}

pub(crate) fn rule_79_bytes_behind_the_data_are_passed_over_or_refused() {
    let place = twelve();
    let bytes = [&place.bytes()[..], b"more"].concat();
    fs::write(&place.path, &bytes).unwrap();
    let options = MemArray::<f32>::options;
    assert_eq!(options().open_npy(&place.path).unwrap().get([2, 3]).unwrap(), 11.0);
    let error = refused(options().strict(true).open_npy(&place.path));
    assert!(matches!(error.kind(), ErrorKind::BytesBehindData { len: 4 }), "{error}");
    // And what would write over them does not.
    let mut array = options().mode(Mode::ReadWrite).open_npy(&place.path).unwrap();
    let error = array.append_rows(&[0.0; 4]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::BytesBehindData { len: 4 }), "{error}");
    assert_eq!(place.bytes(), bytes);
}

/// What `numpy.savez(path, a=numpy.arange(3, dtype="<f4"))` writes, and `savez_compressed`.
const ARCHIVES: [&[u8]; 2] = [include_bytes!("savez.npz"), include_bytes!("savez_compressed.npz")];

pub(crate) fn rule_80_arrays_in_an_archive_are_mapped_where_they_are() {
    let [stored, compressed] = ARCHIVES.map(Place::with);
    let array = MemArray::<f32>::options().open_npz(&stored.path, "a").unwrap();
    assert_eq!(array.to_vec().unwrap(), [0.0, 1.0, 2.0]);
    let at = usize::try_from(array.offset()).unwrap();
    assert_eq!(stored.bytes()[at + 4..][..4], 1_f32.to_le_bytes());
    let mode = Mode::CopyOnWrite;
    let mut edited = MemArray::<f32>::options().mode(mode).open_npz(&stored.path, "a").unwrap();
    edited.set(1, 7.0).unwrap();
    assert_eq!(array.get(1).unwrap(), 1.0);
    let error =
        refused(MemArray::<f32>::options().mode(Mode::ReadWrite).open_npz(&stored.path, "a"));
    assert!(matches!(error.kind(), ErrorKind::InvalidOptions { .. }), "{error}");
    let error = refused(MemArray::<f32>::options().open_npz(&compressed.path, "a"));
    assert!(matches!(error.kind(), ErrorKind::MemberCompressed { .. }), "{error}");
    let error = refused(MemArray::<f32>::options().open_npz(&stored.path, "b"));
    assert!(matches!(error.kind(), ErrorKind::NoMember { .. }), "{error}");
    let nowhere = stored.directory.path().join("nothing");
    let error = refused(MemArray::<f32>::options().open_npz(nowhere, "a"));
    assert!(matches!(of_map(&error), mm::ErrorKind::NotFound), "{error}");
}
