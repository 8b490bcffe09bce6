use memmap::array::{ByteOrder, DType, Element, ErrorKind, MemArray, MemArrayDyn};
use memmap::zerocopy::{FromBytes, Immutable, IntoBytes, big_endian, little_endian};

use crate::place::{Place, refused};

pub(crate) fn rule_18_elements_are_bytes_unless_said_otherwise() {
    let place = Place::of_160();
    let array = MemArrayDyn::options().open(&place.path).unwrap();
    assert_eq!((array.dtype(), array.shape()), (&DType::U1, &[160][..]));
}

pub(crate) fn rule_19_every_dtype_opens_but_that_of_python_objects() {
    let place = Place::of_160();
    let mut count = 0;
    for order in ["<", ">", "=", "|"] {
        for name in [
            "?", "b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "f16",
            "c8", "c16", "S5", "U3", "V7", "M8[ns]", "m8[25s]",
        ] {
            let name = format!("{order}{name}");
            let dtype: DType = name.parse().unwrap_or_else(|error| panic!("{name}: {error}"));
            let itemsize = dtype.itemsize();
            let array = MemArrayDyn::options().dtype(dtype.clone()).shape(3).open(&place.path);
            let array = array.unwrap();
            assert_eq!(
                (array.dtype(), array.strides()),
                (&dtype, &[i64::try_from(itemsize).unwrap()][..])
            );
            count += 1;
        }
    }
    assert_eq!(count, 84);
    let nested = DType::structure([("a", "i4, (2,2)f4".parse().unwrap()), ("b", DType::U1)]);
    let aligned = DType::aligned([("a", DType::U1), ("b", DType::F8)]).unwrap();
    for (dtype, itemsize) in [(nested.unwrap(), 21), (aligned, 16)] {
        let array = MemArrayDyn::options().dtype(dtype).shape(2).open(&place.path).unwrap();
        assert_eq!(array.byte_len(), 2 * itemsize);
    }
    for objects in ["O", "|O8", "object", "i4, O"] {
        let error = objects.parse::<DType>().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::PythonObjects { .. }), "{objects}: {error}");
    }
}

pub(crate) fn rule_20_the_dimensions_of_a_sub_array_come_last() {
    let place = Place::with(&[7; 16]);
    let dtype: DType = "(2,2)u1".parse().unwrap();
    let options = || MemArrayDyn::options().dtype(dtype.clone());
    let array = options().open(&place.path).unwrap();
    assert_eq!((array.shape(), array.dtype()), (&[4, 2, 2][..], &DType::U1));
    let array = options().shape(3).open(&place.path).unwrap();
    assert_eq!(array.shape(), [3, 2, 2]);
}

pub(crate) fn rule_21_elements_of_no_bytes_need_a_shape() {
    let place = Place::of_160();
    for name in ["S0", "V0", "U0"] {
        let dtype: DType = name.parse().unwrap();
        let error = refused(MemArrayDyn::options().dtype(dtype.clone()).open(&place.path));
        assert!(matches!(error.kind(), ErrorKind::NoItemSize { dtype: it } if *it == dtype));
        let array = MemArrayDyn::options().dtype(dtype).shape(3).open(&place.path).unwrap();
        assert_eq!((array.len(), array.byte_len()), (3, 0));
    }
}

pub(crate) fn rule_22_numbers_of_either_byte_order_are_read() {
    let place = Place::with(&[0, 1, 2, 3, 4, 5, 6, 7]);
    let big = MemArray::<u32>::options().byte_order(ByteOrder::Big).open(&place.path).unwrap();
    assert_eq!(big.to_vec().unwrap(), [66_051, 67_438_087]);
    let untyped = MemArrayDyn::options().dtype(">u4".parse().unwrap()).open(&place.path).unwrap();
    assert_eq!(untyped.typed::<u32>().unwrap().to_vec().unwrap(), [66_051, 67_438_087]);
}

#[derive(Debug, Clone, Copy, PartialEq, FromBytes, IntoBytes, Immutable)]
#[zerocopy(crate = "memmap::zerocopy")]
#[repr(C)]
struct Packed {
    a: u8,
    b: little_endian::U16,
    c: big_endian::U32,
}

impl Element for Packed {
    fn dtype() -> DType {
        "u1, <u2, >u4".parse().unwrap_or(DType::U1)
    }
}

pub(crate) fn rule_23_fields_of_a_packed_structure_are_read_wherever_they_are() {
    let place = Place::with(&[1, 2, 0, 0, 0, 0, 3, 4, 5, 0, 0, 0, 0, 6]);
    assert_eq!(Packed::dtype().itemsize(), 7);
    let array = MemArray::<Packed>::options().open(&place.path).unwrap();
    let second = array.get(1).unwrap();
    assert_eq!((second.a, second.b.get(), second.c.get()), (4, 5, 6));
    assert_eq!(array.to_vec().unwrap()[0].c.get(), 3);
}

pub(crate) fn rule_24_what_is_not_aligned_is_read_and_said_not_to_be() {
    let place = Place::of_160();
    for offset in 0..9 {
        let array = MemArray::<u32>::options().offset(offset).shape(5).open(&place.path).unwrap();
        assert_eq!(array.is_aligned(), offset % 4 == 0, "{offset}");
        let first = u8::try_from(offset + 1).unwrap();
        let expected = [0, 1, 2, 3].map(|at| first + at);
        assert_eq!(array.get(0).unwrap(), u32::from_le_bytes(expected));
    }
}
