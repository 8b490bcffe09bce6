//! Writing to arrays whose element type is only known at run time.

use std::fs;

use memmap_array::{Array, DType, ErrorKind, Float, TimeUnit, Unit, Untyped, Value};
use memmap_core::{Map, Mode};
use tempfile::NamedTempFile;

use super::Live;

type MemArrayDyn = Array<Untyped, Map<Live>>;

fn opened(file: &NamedTempFile, dtype: &str, shape: usize) -> MemArrayDyn {
    let dtype: DType = dtype.parse().unwrap();
    fs::write(file.path(), vec![0x5A; dtype.itemsize() * shape]).unwrap();
    let options = MemArrayDyn::options().mode(Mode::ReadWrite).dtype(dtype).shape(shape);
    options.open(file.path()).unwrap()
}

/// A value that is written reads back as itself, in both byte orders.
#[test]
fn values_of_every_type_are_written_and_read_back() {
    let unit = Unit::new(TimeUnit::Seconds).times(25).unwrap();
    let float = |value: f64| Value::Float(Float::from(value));
    let table = [
        ("?", vec![Value::Bool(true), Value::Bool(false)]),
        ("i1", vec![Value::Int(-128), Value::Int(127)]),
        ("i4", vec![Value::Int(-5), Value::Int(2_147_483_647)]),
        ("i8", vec![Value::Int(i64::MIN), Value::Int(i64::MAX)]),
        ("u2", vec![Value::UInt(0), Value::UInt(65_535)]),
        ("u8", vec![Value::UInt(u64::MAX)]),
        ("f2", vec![float(1.5), float(-0.25), float(f64::INFINITY)]),
        ("f4", vec![float(1.5), float(f64::from(-1e30_f32))]),
        ("f8", vec![float(0.1), float(-1e300)]),
        ("f16", vec![float(0.1), float(-1e300)]),
        ("c8", vec![Value::Complex(Float::from(1.5_f32), Float::from(-2.0_f32))]),
        ("c16", vec![Value::Complex(Float::from(0.1), Float::from(-2.0))]),
        ("S3", vec![Value::Bytes(b"abc".to_vec()), Value::Bytes(Vec::new())]),
        ("U3", vec![Value::Text("aäb".to_owned()), Value::Text("\u{1f600}".to_owned())]),
        ("V2", vec![Value::Void(vec![1, 0])]),
        ("M8[25s]", vec![Value::DateTime(Some(-3), unit), Value::DateTime(None, unit)]),
        ("m8[25s]", vec![Value::TimeDelta(Some(9), unit), Value::TimeDelta(None, unit)]),
    ];
    let file = NamedTempFile::new().unwrap();
    for (name, values) in table {
        for sign in ["<", ">"] {
            let mut array = opened(&file, &format!("{sign}{name}"), values.len());
            array.assign_values(&values).unwrap();
            let read: Vec<_> = array.values().map(|value| value.unwrap()).collect();
            assert_eq!(read, values, "{sign}{name}");
            array.set_value(0, values.last().unwrap()).unwrap();
            assert_eq!(array.value(0).unwrap(), *values.last().unwrap());
        }
    }
}

#[test]
fn integers_are_stored_as_floats_and_floats_are_rounded() {
    let file = NamedTempFile::new().unwrap();
    let stored = |dtype: &str, value: Value| {
        let mut array = opened(&file, dtype, 1);
        array.set_value(0, &value).unwrap();
        array.value(0).unwrap().to_string()
    };
    assert_eq!(stored("<f4", Value::Int(-3)), "-3.0");
    assert_eq!(stored(">f8", Value::UInt(7)), "7.0");
    assert_eq!(stored("<f2", Value::Float(Float::from(0.1))), "0.1");
    assert_eq!(stored("<f2", Value::Float(Float::from(1e9))), "inf");
    assert_eq!(stored("<c8", Value::Int(2)), "(2+0j)");
    assert_eq!(stored("<i4", Value::Void(vec![1, 0, 0, 0])), "1");
    assert_eq!(stored("<i2", Value::UInt(32_767)), "32767");
}

#[test]
fn values_that_do_not_fit_are_errors_and_nothing_is_written() {
    let unit = Unit::new(TimeUnit::Days);
    let file = NamedTempFile::new().unwrap();
    for (dtype, value) in [
        ("i1", Value::Int(128)),
        ("u1", Value::Int(-1)),
        ("u8", Value::Int(-1)),
        ("i8", Value::UInt(1 << 63)),
        ("i4", Value::Float(Float::from(1.0))),
        ("i4", Value::Bool(true)),
        ("?", Value::Int(1)),
        ("f8", Value::Complex(Float::from(1.0), Float::from(0.0))),
        ("S2", Value::Bytes(b"abc".to_vec())),
        ("U1", Value::Text("ab".to_owned())),
        ("U1", Value::Bytes(b"a".to_vec())),
        ("V3", Value::Void(vec![1])),
        ("M8[s]", Value::DateTime(Some(1), unit)),
        ("M8[D]", Value::TimeDelta(Some(1), unit)),
        ("M8[D]", Value::DateTime(Some(i64::MIN), unit)),
        ("u1, u1", Value::Int(1)),
        ("(2,)u1", Value::Text(String::new())),
    ] {
        let mut array = opened(&file, dtype, 3);
        let before = fs::read(file.path()).unwrap();
        let (values, at) = (vec![value.clone(); array.len()], vec![0; array.ndim()]);
        for error in
            [array.set_value(at, &value).unwrap_err(), array.assign_values(&values).unwrap_err()]
        {
            assert!(matches!(error.kind(), ErrorKind::ValueDiffers { .. }), "{dtype}: {error}");
            assert_eq!(error.path(), Some(file.path()));
        }
        assert_eq!(fs::read(file.path()).unwrap(), before);
    }
    let mut array = opened(&file, "u1", 3);
    let error = array.assign_values(&[Value::UInt(1)]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ShapeDiffers { .. }), "{error}");
    let error = array.set_value(3, &Value::UInt(1)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::IndexOutOfBounds { .. }), "{error}");
    let mut array = MemArrayDyn::options().open(file.path()).unwrap();
    let error = array.set_value(0, &Value::UInt(1)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Map(_)), "{error}");
}

#[test]
fn fields_are_written_and_padding_stays() {
    let file = NamedTempFile::new().unwrap();
    let dtype = DType::aligned([("a", DType::U1), ("b", "(2,)<u2".parse().unwrap())]).unwrap();
    fs::write(file.path(), [0x5A; 18]).unwrap();
    let options = MemArrayDyn::options().mode(Mode::ReadWrite).dtype(dtype);
    let mut array = options.open(file.path()).unwrap();
    let row = array.value(1).unwrap();
    let Value::Struct(fields, _) = row else { panic!("{row}") };
    let small = Value::Array(vec![Value::UInt(1), Value::UInt(2)], [2].into());
    array.set_value(1, &Value::Struct(fields, vec![Value::UInt(9), small])).unwrap();
    let expected = [&[0x5A; 6][..], &[9, 0x5A, 1, 0, 2, 0], &[0x5A; 6]].concat();
    assert_eq!(fs::read(file.path()).unwrap(), expected);

    let mut field = array.field_mut("b").unwrap();
    assert_eq!(field.shape(), [3, 2]);
    field.set_value([2, 1], &Value::UInt(0x0102)).unwrap();
    let mut field = field.typed::<u16>().unwrap();
    field.set([0, 0], 7).unwrap();
    field.slice_mut((1, ..)).unwrap().fill(0).unwrap();
    let expected =
        [[0x5A, 0x5A, 7, 0, 0x5A, 0x5A], [9, 0x5A, 0, 0, 0, 0], [0x5A, 0x5A, 0x5A, 0x5A, 2, 1]];
    assert_eq!(fs::read(file.path()).unwrap(), expected.as_flattened());
    let error = array.field_mut("c").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NoField { .. }), "{error}");
}

#[test]
fn dates_are_integers_in_either_byte_order() {
    let file = NamedTempFile::new().unwrap();
    for (dtype, bytes) in [
        ("<M8[D]", 1_i64.to_le_bytes()),
        (">M8[D]", 1_i64.to_be_bytes()),
        (">m8", 1_i64.to_be_bytes()),
    ] {
        fs::write(file.path(), [bytes, bytes].concat()).unwrap();
        let options = || MemArrayDyn::options().mode(Mode::ReadWrite).dtype(dtype.parse().unwrap());
        let dates = options().open(file.path()).unwrap();
        let mut numbers = dates.as_integers().unwrap();
        assert_eq!(numbers.to_vec().unwrap(), [1, 1]);
        assert_eq!(numbers.sum().unwrap(), 2);
        numbers.set(0, i64::MIN).unwrap();
        assert_eq!(numbers.untyped().value(0).unwrap(), Value::Int(i64::MIN));
        assert_eq!(options().open(file.path()).unwrap().value(0).unwrap().to_string(), "NaT");
        // Bytes as they are.
        let dates = options().open(file.path()).unwrap();
        let viewed = dates.view_as::<i64>().unwrap();
        assert_eq!(viewed.get(1).unwrap(), i64::from_ne_bytes(bytes));
    }
    let numbers = MemArrayDyn::options().dtype(DType::I8).open(file.path()).unwrap();
    let memmap_core::Refused { error, .. } = numbers.as_integers().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::DTypeDiffers { .. }), "{error}");
}
