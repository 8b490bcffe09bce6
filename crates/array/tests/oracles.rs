//! What we write, read by others that are not numpy.

#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::io::Cursor;

use memmap_array::npy::{DEFAULT_LIMIT, Header};
use memmap_array::{ByteOrder, DType, Order};
use ndarray::{ArrayD, IxDyn, ShapeBuilder};
use ndarray_npy::{ReadNpyExt, ReadableElement, WriteNpyExt};

const SHAPES: [&[usize]; 6] = [&[], &[0], &[7], &[3, 4], &[2, 0, 5], &[2, 3, 4]];

/// The bytes 0, 1, 2, … behind a header.
fn file(dtype: &DType, order: Order, shape: &[usize]) -> Vec<u8> {
    let header = Header::new(dtype.clone(), order, shape).unwrap();
    let mut bytes = header.to_bytes().unwrap();
    bytes.extend((0..=255).cycle().take(header.data_len().try_into().unwrap()));
    bytes
}

#[test]
fn npyz_reads_every_simple_type_with_its_shape_and_order() {
    let simple = [
        "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16", "S5", "V7",
        "M8[ns]", "m8[s]", "U3", "?",
    ];
    for name in simple {
        for byte_order in [ByteOrder::Little, ByteOrder::Big] {
            let dtype = name.parse::<DType>().unwrap().with_byte_order(byte_order);
            for order in [Order::C, Order::Fortran] {
                for shape in SHAPES {
                    let bytes = file(&dtype, order, shape);
                    let read = npyz::NpyFile::new(Cursor::new(&bytes))
                        .unwrap_or_else(|error| panic!("{dtype}: {error}"));
                    assert_eq!(read.dtype().descr(), dtype.descr().unwrap());
                    let lens: Vec<_> =
                        shape.iter().map(|&len| u64::try_from(len).unwrap()).collect();
                    assert_eq!(read.shape(), lens);
                    let is_fortran = read.order() == npyz::Order::Fortran;
                    assert_eq!(is_fortran, order == Order::Fortran);
                }
            }
        }
    }
}

/// ndarray-npy reads elements too, and writes what we read.
fn exchanged<T>(dtype: &DType)
where
    T: ReadableElement
        + ndarray_npy::WritableElement
        + Copy
        + PartialEq
        + std::fmt::Debug
        + Default,
{
    for order in [Order::C, Order::Fortran] {
        for shape in SHAPES {
            let read = ArrayD::<T>::read_npy(Cursor::new(file(dtype, order, shape))).unwrap();
            assert_eq!(read.shape(), shape);
            let is_fortran = order == Order::Fortran;
            let made = ArrayD::from_elem(IxDyn(shape).set_f(is_fortran), T::default());
            let mut bytes = Vec::new();
            made.write_npy(&mut bytes).unwrap();
            let header = Header::parse(&bytes, DEFAULT_LIMIT).unwrap();
            assert_eq!((header.dtype(), header.shape()), (dtype, shape));
            assert_eq!(
                header.data_start() + usize::try_from(header.data_len()).unwrap(),
                bytes.len()
            );
            // Where both orders are the same, it says the one that it likes.
            if shape.iter().filter(|&&len| len != 1).count() > 1 && !shape.contains(&0) {
                assert_eq!(header.order(), order);
            }
        }
    }
}

#[test]
fn ndarray_npy_reads_what_we_write_and_we_read_what_it_writes() {
    exchanged::<i8>(&DType::I1);
    exchanged::<i16>(&DType::I2);
    exchanged::<i32>(&DType::I4);
    exchanged::<i64>(&DType::I8);
    exchanged::<u8>(&DType::U1);
    exchanged::<u16>(&DType::U2);
    exchanged::<u32>(&DType::U4);
    exchanged::<u64>(&DType::U8);
    exchanged::<f32>(&DType::F4);
    exchanged::<f64>(&DType::F8);
}
