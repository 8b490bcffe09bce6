use super::*;
use crate::{DType, ErrorKind, Order};

fn header(order: Order, shape: &[usize]) -> Header {
    Header::new("<f4".parse().unwrap(), order, shape).unwrap()
}

#[test]
fn a_typical_header_is_128_bytes_long() {
    let bytes = header(Order::C, &[3, 4]).to_bytes().unwrap();
    let text =
        b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } ";
    assert!(bytes.starts_with(text) && bytes.ends_with(b" \n"));
    assert_eq!(bytes.len(), 128);
}

#[test]
fn the_dimensions_of_a_sub_array_become_those_of_the_array() {
    for order in [Order::C, Order::Fortran] {
        let pairs = DType::array_of("3<f4".parse().unwrap(), &[2]).unwrap();
        let made = Header::new(pairs, order, &[5]).unwrap();
        assert_eq!(made, header(order, &[5, 2, 3]));
    }
}

#[test]
fn data_has_the_length_of_its_elements() {
    assert_eq!(header(Order::C, &[]).data_len(), 4);
    assert_eq!(header(Order::C, &[3, 5]).data_len(), 60);
    assert_eq!(header(Order::C, &[3, 0, 5]).data_len(), 0);
    assert_eq!(Header::new(DType::bytes(0).unwrap(), Order::C, &[7]).unwrap().data_len(), 0);
}

#[test]
fn data_that_cannot_be_addressed_is_refused_even_if_there_is_none() {
    for shape in [&[usize::MAX][..], &[1 << 31, 1 << 31, 8], &[0, usize::MAX, 2], &[usize::MAX; 9]]
    {
        let error = Header::new(DType::F8, Order::C, shape).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::ArrayTooLarge { .. }), "{shape:?}");
    }
    let most = isize::MAX.cast_unsigned();
    assert_eq!(
        Header::new(DType::U1, Order::C, &[most]).unwrap().data_len(),
        memmap_core::widen(most)
    );
    assert!(Header::new(DType::U1, Order::C, &[most + 1]).is_err());
}

#[test]
fn rows_are_counted_along_the_dimension_that_grows() {
    assert_eq!(header(Order::C, &[3, 4]).with_rows(9).unwrap().shape(), [9, 4]);
    assert_eq!(header(Order::Fortran, &[3, 4]).with_rows(9).unwrap().shape(), [3, 9]);
    assert!(header(Order::C, &[3, 4]).with_rows(usize::MAX).is_err());
}

/// A header as others write it: short, aligned to 16 bytes or not at all.
fn foreign(text: &str) -> Header {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
    bytes.extend(text.as_bytes());
    let header = Header::parse(&bytes, DEFAULT_LIMIT).unwrap();
    assert_eq!(header.data_start(), bytes.len());
    header
}

#[test]
fn rows_are_added_in_place_as_long_as_the_header_has_room() {
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
    let tight = foreign(&format!("{text}\n"));
    assert_eq!(
        tight.to_bytes().unwrap(),
        [b"\x93NUMPY\x01\x00\x3a\x00", text.as_bytes(), b"\n"].concat()
    );
    assert_eq!(tight.with_rows(9).unwrap().to_bytes().unwrap().len(), 68);
    let error = tight.with_rows(10).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::HeaderHasNoRoom { needed: 58, room: 57 }), "{error}");
    assert_eq!(foreign(&format!("{text} \n")).with_rows(10).unwrap().shape(), [10]);
    // Without the spaces that numpy puts in, its own form is too long.
    assert!(foreign("{'descr':'<f4','fortran_order':False,'shape':(1,)}").to_bytes().is_err());
}

#[test]
fn a_version_can_be_forced_where_it_can_hold_the_header() {
    let plain = header(Order::C, &[3]);
    assert_eq!(plain.version(), Version::V1);
    for version in [Version::V2, Version::V3] {
        let forced = plain.clone().with_version(version).unwrap();
        assert_eq!(Header::parse(&forced.to_bytes().unwrap(), DEFAULT_LIMIT).unwrap(), forced);
        assert_eq!(forced.version(), version);
    }
    let named = |name: &str| {
        let dtype = DType::structure([(name, DType::F4)]).unwrap();
        Header::new(dtype, Order::C, &[3]).unwrap()
    };
    assert_eq!(named("\u{e9}").version(), Version::V1);
    assert_eq!(named("\u{9577}").version(), Version::V3);
    for version in [Version::V1, Version::V2] {
        let error = named("\u{9577}").with_version(version).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::HeaderNotInVersion { .. }), "{error}");
    }
    assert_eq!(named(&"n".repeat(70_000)).version(), Version::V2);
    assert!(named(&"n".repeat(70_000)).with_version(Version::V1).is_err());
}

#[test]
fn the_limit_is_on_the_text_of_the_header() {
    let bytes = header(Order::C, &[3]).to_bytes().unwrap();
    assert!(Header::parse(&bytes, 118).is_ok());
    let error = Header::parse(&bytes, 117).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::HeaderTooLong { len: 118, limit: 117 }), "{error}");
    let prefix = Preamble::parse(&bytes[..Preamble::LEN], 118).unwrap();
    assert_eq!((prefix.header_start(), prefix.header_len(), prefix.data_start()), (10, 118, 128));
}
