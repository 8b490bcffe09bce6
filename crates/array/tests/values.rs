//! Elements as values: printed as numpy prints them, read one by one and all, and by their fields.
//!
//! The table is made anew with `cd crates/array/tests/golden && python3 values.py`.

#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]
#![expect(clippy::float_cmp, reason = "exactly the same number is what is asked for")]

#[path = "golden/literal.rs"]
mod literal;

use std::fs;
use std::path::Path;

use literal::unescaped;
use memmap_array::{
    Array, ArrayOptions, DType, ErrorKind, Float, FloatWidth, Order, Slice, Untyped, Value,
};
use memmap_core::Map;
#[cfg(unix)]
use memmap_posix::{Live, Posix as System};
#[cfg(windows)]
use memmap_windows::{Live, Windows as System};
use proptest::prelude::*;

type MemArrayDyn = Array<Untyped, Map<Live>>;

const ELEMENTS: &[u8] = include_bytes!("golden/values.bin");
const TABLE: &str = include_str!("golden/values.txt");

fn options() -> ArrayOptions<Untyped, System> {
    MemArrayDyn::options()
}

#[test]
fn elements_print_as_numpy_prints_them() {
    let mut rest = ELEMENTS;
    let (all_halves, rows) =
        TABLE.lines().collect::<Vec<_>>().split_last().map(|(a, b)| (*a, b.to_vec())).unwrap();
    for row in rows {
        let mut columns = row.split('\t').map(unescaped);
        let descr = columns.next().unwrap();
        let dtype = DType::from_descr(&descr).unwrap();
        for expected in columns {
            let (element, behind) = rest.split_at(dtype.itemsize());
            assert_eq!(Value::decode(&dtype, element).to_string(), expected, "{descr} {element:?}");
            rest = behind;
        }
    }
    assert!(rest.is_empty());

    let half = "<f2".parse().unwrap();
    let mut checksum = 0xcbf2_9ce4_8422_2325_u64;
    for bits in 0..=u16::MAX {
        for byte in format!("{}\n", Value::decode(&half, &bits.to_le_bytes())).bytes() {
            checksum = (checksum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    assert_eq!(all_halves, format!("all f2\t{checksum:016x}"));
}

#[test]
fn a_long_double_is_the_nearest_double_or_its_bytes() {
    let element = |sign_and_exponent: u16, fraction: u64| {
        let mut bytes = [0xee; 16]; // the last six mean nothing
        bytes[..8].copy_from_slice(&fraction.to_le_bytes());
        bytes[8..10].copy_from_slice(&sign_and_exponent.to_le_bytes());
        bytes
    };
    let decoded = |exponent, fraction| {
        let bytes = element(exponent, fraction);
        Value::decode(&"<f16".parse().unwrap(), &bytes)
    };
    let nearest = |exponent, fraction| match decoded(exponent, fraction) {
        Value::Float(float) => {
            assert_eq!(float.width(), FloatWidth::Extended);
            float.value()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(nearest(16383, 1 << 63), 1.0);
    assert_eq!(nearest(0x8000 | 16384, 0xc90f_daa2_2168_c235), -std::f64::consts::PI);
    assert_eq!(nearest(16383 + 1023, u64::MAX << 11), f64::MAX);
    assert_eq!(nearest(16383 - 1022, 1 << 63), f64::MIN_POSITIVE);
    assert_eq!(nearest(0x7fff, 1 << 63), f64::INFINITY);
    assert!(nearest(0x7fff, 3 << 62).is_nan() && nearest(16383, 1).is_nan());
    assert!(nearest(0x8000, 0).is_sign_negative());
    // Too large, rounded to what is too large, too small.
    for (exponent, fraction) in
        [(16383 + 1024, 1 << 63), (16383 + 1023, u64::MAX), (16383 - 1023, 1 << 63), (0, 1)]
    {
        assert_eq!(decoded(exponent, fraction), Value::Void(element(exponent, fraction).to_vec()));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_value_that_prints(
        dtype in prop::sample::select(vec![
            "?", "<i2", ">u8", "<f2", ">f4", "<f8", "<f16", ">f16", "<c8", ">c32", "S7", "<U3", ">U2", "V5",
            "<M8[as]", ">M8[7Y]", "<m8[W]", "M8", "i4, (2,3)>f2, S3, (0,)u1, M8[3M]",
        ]),
        bytes in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let value = Value::decode(&dtype.parse().unwrap(), &bytes);
        let (text, quoted) = (value.to_string(), format!("{value:#}"));
        prop_assert!(!quoted.contains(char::is_control), "{quoted:?}");
        prop_assert!(matches!(value, Value::Text(_)) || !text.contains(char::is_control), "{text:?}");
    }

    #[test]
    fn a_float_is_read_back_from_what_it_prints(bits in any::<u64>(), narrow in any::<u32>()) {
        let (wide, narrow) = (f64::from_bits(bits), f32::from_bits(narrow));
        let again = Float::from(wide).to_string().parse::<f64>().unwrap();
        prop_assert!(again == wide || again.is_nan() && wide.is_nan());
        let again = Float::from(narrow).to_string().parse::<f32>().unwrap();
        prop_assert!(again == narrow || again.is_nan() && narrow.is_nan());
    }
}

/// A file of these bytes, for as long as the directory is there.
fn file(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("array");
    fs::write(&path, bytes).unwrap();
    (dir, path)
}

fn shown(values: impl Iterator<Item = memmap_array::Result<Value>>) -> Vec<String> {
    values.map(|value| value.unwrap().to_string()).collect()
}

#[test]
fn values_come_in_the_order_of_their_indices_whatever_the_layout() {
    let numbers: Vec<u8> = (0..24_u16).flat_map(u16::to_be_bytes).collect();
    let (_dir, path) = file(&numbers);
    let open = |order| options().dtype(">u2".parse().unwrap()).shape([2, 3, 4]).order(order);
    for order in [Order::C, Order::Fortran] {
        let array = open(order).open(&path).unwrap();
        let one_by_one = |view: &memmap_array::View<'_, Untyped, Live>| {
            let mut all = Vec::new();
            for i in 0..view.shape()[0] {
                for j in 0..view.shape()[1] {
                    for k in 0..view.shape()[2] {
                        all.push(view.value([i, j, k]).unwrap().to_string());
                    }
                }
            }
            all
        };
        for view in [array.view(), array.transpose(), array.slice((.., Slice::ALL.by(-2))).unwrap()]
        {
            assert_eq!(shown(view.values()), one_by_one(&view));
            assert_eq!(view.values().size_hint().1, Some(view.len()));
        }
    }
    let array = open(Order::Fortran).open(&path).unwrap();
    assert_eq!(array.value([1, 2, 3]).unwrap(), Value::UInt(23));
    assert_eq!(array.value([0, 1, 0]).unwrap(), Value::UInt(2));
    let outside = array.value([0, 3, 0]).unwrap_err();
    assert!(matches!(outside.kind(), ErrorKind::IndexOutOfBounds { axis: 1, .. }));
    assert_eq!(outside.path(), Some(Path::new(&path)));
}

#[test]
fn more_values_than_are_read_at_a_time_all_come() {
    let numbers: Vec<u8> = (0..20_000_u32).flat_map(u32::to_le_bytes).collect();
    let (_dir, path) = file(&numbers);
    let array = options().dtype("<u4".parse().unwrap()).open(&path).unwrap();
    let values: Vec<Value> = array.values().map(Result::unwrap).collect();
    assert!(values.iter().zip(0..).all(|(value, number)| *value == Value::UInt(number)));
    assert_eq!(values.len(), 20_000);

    let nothing = options().dtype("V0".parse().unwrap()).shape(40_000).open(&path).unwrap();
    assert_eq!(
        nothing.values().filter(|it| *it.as_ref().unwrap() == Value::Void(vec![])).count(),
        40_000
    );
}

// Windows cuts nothing short that is mapped.
#[cfg(unix)]
#[test]
fn values_of_a_file_cut_short_are_errors_that_end() {
    let (_dir, path) = file(&vec![7; 100_000]);
    let array = options().open(&path).unwrap();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(40_960).unwrap();
    let (there, lost): (Vec<_>, Vec<_>) = array.values().partition(Result::is_ok);
    assert_eq!((there.len(), lost.len()), (32_768, 3));
    assert!(array.value(40_959).is_ok() && array.value(99_999).is_err());
}

#[test]
fn a_field_is_a_view_of_its_part_of_every_element() {
    let bytes: Vec<u8> = (0..40).collect();
    let (_dir, path) = file(&bytes);
    let dtype = DType::structure([
        ("id", ">u2".parse().unwrap()),
        ("at", "(2,2)u1".parse().unwrap()),
        ("in", "u1, u1".parse::<DType>().unwrap().renamed(["a", "b"]).unwrap()),
        ("tail", "V2".parse().unwrap()),
    ]);
    let array = options().dtype(dtype.unwrap()).shape([2, 2]).open(&path).unwrap();
    let id = array.field("id").unwrap();
    assert_eq!((id.shape(), id.dtype().to_string()), (&[2, 2][..], ">u2".to_owned()));
    assert_eq!(shown(id.values()), ["1", "2571", "5141", "7711"]);
    let at = array.field("at").unwrap();
    assert_eq!(at.shape(), [2, 2, 2, 2]);
    assert_eq!(at.value([1, 0, 1, 0]).unwrap(), Value::UInt(24));
    assert_eq!(shown(at.row(0).unwrap().values()), ["2", "3", "4", "5", "12", "13", "14", "15"]);
    let inner = array.field("in").unwrap();
    let b = inner.field("b").unwrap().typed::<u8>().unwrap();
    assert_eq!(b.to_vec().unwrap(), [7, 17, 27, 37]);
    assert_eq!(array.transpose().field("id").unwrap().value([0, 1]).unwrap(), Value::UInt(5141));
    assert_eq!(array.value([0, 1]).unwrap().field("in").unwrap().to_string(), "(16, 17)");
}

#[test]
fn a_field_that_is_not_there_is_refused_with_those_that_are() {
    let (_dir, path) = file(&[0; 12]);
    let array = options().dtype("f4,i2".parse().unwrap()).open(&path).unwrap();
    let error = array.field("f2").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NoField { names, .. } if names == &["f0", "f1"]));
    assert_eq!(error.path(), Some(Path::new(&path)));
    let inner = array.field("f0").unwrap().field("re").unwrap_err();
    let texts = format!("{}\n{}", error.kind(), inner.kind());
    insta::assert_snapshot!(texts, @r#"
    the elements have no field "f2"; the fields are "f0", "f1"
    the elements have no field "re", and no other fields
    "#);
}

#[test]
fn a_field_with_more_dimensions_than_there_can_be_is_refused() {
    let (_dir, path) = file(&[0; 16]);
    let many = DType::array_of(DType::U1, &[1; 40]).unwrap();
    let dtype = DType::structure([("many", many)]).unwrap();
    let array = options().dtype(dtype).shape(vec![1; 30]).open(&path).unwrap();
    let error = array.field("many").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TooManyDims { found: 70, max: 64 }));
}
