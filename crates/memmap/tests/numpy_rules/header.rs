use memmap::array::npy::{DEFAULT_LIMIT, Header, Preamble, Version};
use memmap::array::{DType, DTypeKind, Error, ErrorKind, MemArrayDyn, Order};

use crate::place::{Place, refused};

/// A header of this text, in a file of this version.
fn file(major: u8, text: &str) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([major, 0]);
    match major {
        1 => bytes.extend(u16::try_from(text.len()).unwrap().to_le_bytes()),
        _ => bytes.extend(u32::try_from(text.len()).unwrap().to_le_bytes()),
    }
    bytes.extend(text.as_bytes());
    bytes
}

fn parse(text: &str) -> Result<Header, Error> {
    Header::parse(&file(1, text), DEFAULT_LIMIT)
}

fn with_descr(descr: &str) -> Result<Header, Error> {
    parse(&format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (2,), }}"))
}

fn with_shape(shape: &str) -> Result<Header, Error> {
    parse(&format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"))
}

const SOUND: &str = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";

pub(crate) fn rule_55_another_magic_is_shown() {
    let error = refused(Header::parse(b"\x93NUMPX\x01\0\0\0", DEFAULT_LIMIT));
    assert!(matches!(error.kind(), ErrorKind::NotNpy { found } if found == b"\x93NUMPX"));
    let text = error.to_string();
    assert!(text.contains(r"\x93NUMPX") && text.contains(r"\x93NUMPY"), "{text}");
}

pub(crate) fn rule_56_the_length_has_two_bytes_or_four_and_the_text_its_encoding() {
    for major in [1, 2, 3] {
        let header = Header::parse(&file(major, SOUND), DEFAULT_LIMIT).unwrap();
        assert_eq!(header.data_start(), if major == 1 { 10 } else { 12 } + SOUND.len());
        assert_eq!(header.version().numbers(), (major, 0));
    }
    let named = |major: u8, name: &[u8]| {
        let before = b"{'descr': [('";
        let behind = b"', '<f4')], 'fortran_order': False, 'shape': ()}";
        let text = [&before[..], name, behind].concat();
        let mut whole = file(major, "");
        let len_at = whole.len() - if major == 1 { 2 } else { 4 };
        whole[len_at] = u8::try_from(text.len()).unwrap();
        whole.extend(text);
        let header = Header::parse(&whole, DEFAULT_LIMIT).unwrap();
        header.dtype().fields().unwrap().iter().next().unwrap().name().to_owned()
    };
    assert_eq!(named(1, b"\xe9"), "\u{e9}");
    assert_eq!(named(2, b"\xc3\xa9"), "\u{c3}\u{a9}");
    assert_eq!(named(3, "\u{e9}\u{9577}".as_bytes()), "\u{e9}\u{9577}");
}

pub(crate) fn rule_57_another_version_is_named_with_those_that_are_known() {
    for version in [[0, 0], [1, 1], [4, 0]] {
        let bytes = [b"\x93NUMPY", &version[..], &[0; 8]].concat();
        let error = refused(Header::parse(&bytes, DEFAULT_LIMIT));
        let [major, minor] = version;
        assert!(matches!(error.kind(), ErrorKind::NpyVersion { .. }), "{error}");
        assert!(error.to_string().contains(&format!("{major}.{minor}")), "{error}");
        assert!(error.to_string().contains("1.0, 2.0 and 3.0"), "{error}");
    }
}

pub(crate) fn rule_58_a_file_that_ends_in_its_header_says_what_is_missing() {
    let whole = file(1, SOUND);
    for (len, needed) in [(0, 8), (5, 8), (8, 10), (9, 10), (10, 67), (66, 67)] {
        let place = Place::with(&whole[..len]);
        let error = refused(MemArrayDyn::options().open_npy(&place.path));
        let ErrorKind::HeaderCutShort { needed: n, found } = *error.kind() else {
            panic!("{len}: {error}")
        };
        assert_eq!((n, found), (needed, len));
        assert!(error.to_string().contains(&*place.path.to_string_lossy()), "{error}");
    }
}

pub(crate) fn rule_59_the_three_keys_in_any_order_and_no_other() {
    for text in [SOUND, "{'shape': (2,), 'fortran_order': False, 'descr': '<f4'}"] {
        let header = parse(text).unwrap();
        let found = (header.dtype(), header.order(), header.shape());
        assert_eq!(found, (&DType::F4, Order::C, &[2][..]));
    }
    for text in [
        "{'shape': (2,), 'fortran_order': False}",
        "{'shape': (2,), 'fortran_order': False, 'descr': '<f4', 'more': 0}",
    ] {
        let error = refused(parse(text));
        assert!(matches!(error.kind(), ErrorKind::HeaderKeys { .. }), "{error}");
        assert!(error.to_string().contains(if text.contains("more") { "more" } else { "descr" }));
    }
}

pub(crate) fn rule_60_a_shape_is_a_tuple_of_lengths() {
    assert_eq!(with_shape("(3, 4)").unwrap().shape(), [3, 4]);
    for shape in ["[3, 4]", "3", "(3.0,)", "(-1,)", "(True,)", "('3',)", "None"] {
        let error = refused(with_shape(shape));
        let is_named = matches!(error.kind(), ErrorKind::HeaderShape { .. });
        // No part of a header is a float.
        let is_syntax = matches!(error.kind(), ErrorKind::HeaderSyntax { .. });
        assert!(is_named || is_syntax && shape == "(3.0,)", "{shape}: {error}");
    }
}

pub(crate) fn rule_61_fortran_order_is_true_or_false() {
    for (order, expected) in [("True", Order::Fortran), ("False", Order::C)] {
        let text = format!("{{'descr': '<f4', 'fortran_order': {order}, 'shape': (2, 2)}}");
        assert_eq!(parse(&text).unwrap().order(), expected);
    }
    for order in ["0", "1", "None", "'F'"] {
        let text = format!("{{'descr': '<f4', 'fortran_order': {order}, 'shape': (2, 2)}}");
        let error = refused(parse(&text));
        assert!(matches!(error.kind(), ErrorKind::HeaderOrder { .. }), "{order}: {error}");
    }
}

pub(crate) fn rule_62_a_descr_is_a_name_a_list_of_fields_or_a_sub_array() {
    let dtype = |descr: &str| with_descr(descr).unwrap().dtype().clone();
    assert_eq!(dtype("'<i4'"), DType::I4);
    let fields =
        dtype("[('a', '<i4'), ('', '|V3'), (('title', 'b'), '>f8', (2,)), ('c', [('d', '|u1')])]");
    let found: Vec<_> = fields
        .fields()
        .unwrap()
        .iter()
        .map(|it| (it.name(), it.title(), it.offset(), it.dtype().itemsize()))
        .collect();
    // The field without a name is padding: it is gone, and where the others are is not.
    let expected = [("a", None, 0, 4), ("b", Some("title"), 7, 16), ("c", None, 23, 1)];
    assert_eq!(found, expected);
    let header = with_descr("('<i4', (2, 3))").unwrap();
    assert_eq!((header.dtype(), header.shape()), (&DType::I4, &[2, 2, 3][..]));
    assert_eq!(dtype("[]").itemsize(), 0);
    assert!(matches!(dtype("[]").kind(), DTypeKind::Struct(_)));
}

pub(crate) fn rule_63_what_is_no_descr_or_no_header_is_an_error_and_never_a_panic() {
    for text in
        ["[]", "{", "", "\0", "{'descr'", "((((", "'", "1e999", "{0: 0}", "\u{3000}", "{{}: 0}"]
    {
        refused(parse(text));
    }
    for descr in ["'<f9'", "5", "[5]", "[('a',)]", "None", "('<f4',)", "('<f4', -1)", "{}", "''"] {
        refused(with_descr(descr));
    }
}

pub(crate) fn rule_64_numbers_as_python_2_wrote_them_are_read_in_files_of_its_time() {
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3L, 40L)}";
    for major in [1, 2] {
        let header = Header::parse(&file(major, text), DEFAULT_LIMIT).unwrap();
        assert_eq!(header.shape(), [3, 40]);
    }
    refused(Header::parse(&file(3, text), DEFAULT_LIMIT));
}

pub(crate) fn rule_65_a_header_has_a_longest_length_and_it_is_looked_at_before_the_text() {
    assert_eq!(DEFAULT_LIMIT, 10_000);
    let long = format!("{SOUND:<10001}");
    let error = refused(Header::parse(&file(1, &long), DEFAULT_LIMIT));
    let limit = DEFAULT_LIMIT;
    assert!(
        matches!(error.kind(), ErrorKind::HeaderTooLong { len: 10_001, limit: it } if *it == limit)
    );
    Header::parse(&file(1, &long[..10_000]), DEFAULT_LIMIT).unwrap();
    let place = Place::with(&[&file(1, &long)[..], &[0; 8]].concat());
    refused(MemArrayDyn::options().open_npy(&place.path));
    MemArrayDyn::options().header_limit(10_001).open_npy(&place.path).unwrap();
    // Four gigabytes are refused of twelve bytes.
    refused(Preamble::parse(b"\x93NUMPY\x02\0\xff\xff\xff\xff", DEFAULT_LIMIT));
}

pub(crate) fn rule_66_data_starts_at_a_multiple_of_64_and_elsewhere_in_old_files() {
    for count in 0..40 {
        let fields = (0..count).map(|it| (format!("f{it}"), DType::F4));
        let header = Header::new(DType::structure(fields).unwrap(), Order::C, &[5]).unwrap();
        let bytes = header.to_bytes().unwrap();
        assert_eq!((bytes.len() % 64, bytes.last()), (0, Some(&b'\n')));
    }
    // 16 as numpy once did it, and at no multiple of anything.
    for len in [64 - 10 + 16, 71] {
        let text = format!("{SOUND:<0$}\n", len - 1);
        let place = Place::with(&[&file(1, &text)[..], &[0, 0, 128, 63, 0, 0, 0, 64]].concat());
        let array = MemArrayDyn::options().open_npy(&place.path).unwrap();
        assert_eq!(array.is_aligned(), len != 71);
        assert_eq!(array.typed::<f32>().unwrap().to_vec().unwrap(), [1.0, 2.0]);
    }
}

pub(crate) fn rule_67_what_is_written_is_numpys_to_the_byte() {
    let text = |order, shape: &[usize]| {
        let bytes = Header::new(DType::F4, order, shape).unwrap().to_bytes().unwrap();
        assert_eq!((bytes.len(), &bytes[..10]), (128, &b"\x93NUMPY\x01\0v\0"[..]));
        String::from_utf8(bytes[10..].to_vec()).unwrap()
    };
    let start = "{'descr': '<f4', 'fortran_order': False, 'shape': ";
    for (shape, shown, room) in [
        (&[3, 40][..], "(3, 40)", 20),
        (&[300, 4][..], "(300, 4)", 18),
        (&[5][..], "(5,)", 20),
        (&[][..], "()", 0),
    ] {
        let expected = format!("{start}{shown}, }}{:room$}", "");
        assert_eq!(text(Order::C, shape), format!("{expected:<117}\n"));
    }
    let fortran = format!("{}(3, 40), }}{:19}", start.replace("False", "True"), "");
    assert_eq!(text(Order::Fortran, &[3, 40]), format!("{fortran:<117}\n"));
}

pub(crate) fn rule_68_the_lowest_version_that_can_hold_it_is_written() {
    let version = |name: &str, count: usize| {
        let fields = (0..count).map(|it| (format!("{name}{it:05}"), DType::F4));
        Header::new(DType::structure(fields).unwrap(), Order::C, &[]).unwrap().version()
    };
    assert_eq!(version("f", 10), Version::V1);
    assert_eq!(version("f", 4000), Version::V2);
    assert_eq!(version("\u{9577}", 10), Version::V3);
    let header = Header::new(DType::F4, Order::C, &[]).unwrap();
    assert_eq!(header.clone().with_version(Version::V3).unwrap().version(), Version::V3);
    let fields = DType::structure([("\u{9577}", DType::F4)]).unwrap();
    let error = refused(Header::new(fields, Order::C, &[]).unwrap().with_version(Version::V1));
    assert!(matches!(error.kind(), ErrorKind::HeaderNotInVersion { version: Version::V1 }));
}

pub(crate) fn rule_69_every_type_string_is_read_and_printed_and_objects_are_not_mapped() {
    for name in [
        "|b1", "|i1", "|u1", "<i2", "<i4", "<i8", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<f16",
        "<c8", "<c16", "<c32", "|S5", "<U3", "|V7", "<M8[ns]", "<m8[s]", ">i2", ">f8", ">U3",
        ">M8[D]",
    ] {
        let header = with_descr(&format!("'{name}'")).unwrap();
        assert_eq!(header.dtype().descr().unwrap(), format!("'{name}'"));
    }
    assert_eq!("<U3".parse::<DType>().unwrap().itemsize(), 12);
    let error = refused(with_descr("'|O'"));
    assert!(matches!(error.kind(), ErrorKind::PythonObjects { .. }), "{error}");
}
