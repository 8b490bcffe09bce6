//! Rows that are added to `.npy` files; and those that cannot be.

use std::fmt::Debug;
use std::fs;
use std::io;
use std::path::Path;

use memmap_array::npy::{DEFAULT_LIMIT, Header, Version};
use memmap_array::{ArrayOptions, ByteOrder, DType, Element, Error, ErrorKind, Order};
use memmap_core::testing::{FakeBackend, Fault};
use memmap_core::{Mode, widen};
use tempfile::TempDir;

use super::MemArray;

fn place() -> (TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("rows.npy");
    (directory, path)
}

/// Rows lie one after the other in the file, in either order: it is as if it had been made with them.
#[test]
fn rows_are_added_until_the_number_of_rows_has_another_digit_and_another() {
    for order in [Order::C, Order::Fortran] {
        for byte_order in [ByteOrder::Little, ByteOrder::Big] {
            let (_directory, path) = place();
            let shape = |rows| if order == Order::C { [rows, 2, 3] } else { [2, 3, rows] };
            let options = MemArray::<u16>::options().shape(shape(0)).order(order);
            let mut array = options.byte_order(byte_order).create_npy(&path).unwrap();
            let mut all: Vec<u16> = Vec::new();
            for more in [1, 3, 0, 5, 1, 80, 15, 900] {
                let new: Vec<u16> =
                    (0..).skip(all.len()).take(6 * more).map(|it: u16| it ^ 0x5A01).collect();
                array.append_rows(&new).unwrap();
                all.extend(&new);
                let rows = all.len() / 6;
                assert_eq!(array.shape(), shape(rows));
                let made = Header::new(array.dtype().clone(), order, &shape(rows)).unwrap();
                let file = fs::read(&path).unwrap();
                let (header, data) = file.split_at(made.data_start());
                assert_eq!(header, made.to_bytes().unwrap());
                let swap = |it: &u16| match byte_order {
                    ByteOrder::Big => it.to_be_bytes(),
                    _ => it.to_le_bytes(),
                };
                assert_eq!(data, all.iter().flat_map(swap).collect::<Vec<u8>>());
                let in_file = if order == Order::C {
                    array.to_vec().unwrap()
                } else {
                    array.transpose().to_vec().unwrap()
                };
                assert_eq!(in_file, all);
                let again = MemArray::<u16>::options().open_npy(&path).unwrap();
                assert_eq!(again.to_vec().unwrap(), array.to_vec().unwrap());
            }
            assert_eq!(all.len(), 6 * 1005);
        }
    }
}

/// After an error file and array are as they were, and the array is still of use.
#[track_caller]
fn fails<T: Element + PartialEq + Debug>(mut array: MemArray<T>, path: &Path, rows: &[T]) -> Error {
    let (bytes, shape) = (fs::read(path).unwrap(), array.shape().to_vec());
    let elements = array.to_vec().unwrap();
    let error = array.append_rows(rows).unwrap_err();
    assert_eq!(array.shape(), shape);
    assert_eq!(array.to_vec().unwrap(), elements);
    array.close().unwrap();
    assert_eq!(fs::read(path).unwrap(), bytes);
    error
}

#[test]
fn what_cannot_be_added_changes_nothing() {
    let (_directory, path) = place();
    let made = |shape: &[usize]| {
        let mut array = MemArray::<f64>::options().shape(shape).create_npy(&path).unwrap();
        array.fill(1.5).unwrap();
        array
    };
    let opened = |mode| MemArray::<f64>::options().mode(mode).open_npy(&path).unwrap();
    let error = fails(made(&[2, 3]), &path, &[1.0; 4]);
    assert!(matches!(error.kind(), ErrorKind::NotRows { .. }), "{error}");
    assert_eq!(error.path(), Some(path.as_path()));
    let error = fails(made(&[2, 0]), &path, &[1.0; 4]);
    assert!(matches!(error.kind(), ErrorKind::NotRows { .. }), "{error}");
    let error = fails(made(&[]), &path, &[1.0]);
    assert!(matches!(error.kind(), ErrorKind::TooFewDims), "{error}");
    drop(made(&[2, 3]));
    let error = fails(opened(Mode::Read), &path, &[1.0; 3]);
    assert!(matches!(error.kind(), ErrorKind::Map(_)), "{error}");
    let error = fails(opened(Mode::CopyOnWrite), &path, &[1.0; 3]);
    assert!(matches!(error.kind(), ErrorKind::Map(_)), "{error}");
    let raw = MemArray::<f64>::options().mode(Mode::ReadWrite).shape([2, 3]);
    let error = fails(raw.open(&path).unwrap(), &path, &[1.0; 3]);
    assert!(matches!(error.kind(), ErrorKind::NotRows { .. }), "{error}");
    // Something behind the data.
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, [&bytes[..], b"behind"].concat()).unwrap();
    let error = fails(opened(Mode::ReadWrite), &path, &[1.0; 3]);
    assert!(matches!(error.kind(), ErrorKind::BytesBehindData { len: 6 }), "{error}");
}

#[test]
fn a_header_without_room_is_not_written_over() {
    let (_directory, path) = place();
    let text = b"{'descr':'<f8','fortran_order':False,'shape':(9,)}";
    let head = [&b"\x93NUMPY\x01\0"[..], &[u8::try_from(text.len()).unwrap(), 0], text].concat();
    fs::write(&path, [&head[..], &[0; 72]].concat()).unwrap();
    let array = MemArray::<f64>::options().mode(Mode::ReadWrite).open_npy(&path).unwrap();
    let error = fails(array, &path, &[1.0]);
    assert!(matches!(error.kind(), ErrorKind::HeaderHasNoRoom { .. }), "{error}");
}

#[test]
fn a_disk_that_fails_while_rows_or_the_header_are_written_leaves_what_was_there() {
    let (_directory, path) = place();
    let head = Header::new(DType::F8, Order::C, &[9, 2]).unwrap().to_bytes().unwrap();
    let digit = head.windows(3).position(|it| it == b"(9,").unwrap() + 1;
    let bytes = [&head[..], &[7; 144]].concat();
    for (at, count) in
        [(128 + 144, 1), (128 + 144 + 40, 3), (digit, 1), (digit + 1, 1), (digit, 100)]
    {
        fs::write(&path, &bytes).unwrap();
        let fault = Fault::Write { at: widen(at), kind: io::ErrorKind::Other };
        let options = ArrayOptions::<f64, _>::new(FakeBackend::default().with(fault));
        let mut array = options.mode(Mode::ReadWrite).open_npy(&path).unwrap();
        let error = array.append_rows(&vec![1.0; 2 * count]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Map(_)), "{error}");
        assert_eq!((array.shape(), array.len()), (&[9, 2][..], 18));
        array.close().unwrap();
        assert_eq!(fs::read(&path).unwrap(), bytes, "{at}");
    }
    // Digits are written one by one: the last one is there when the first one fails.
    let head = Header::new(DType::F8, Order::C, &[19, 2]).unwrap().to_bytes().unwrap();
    let bytes = [&head[..], &[7; 304]].concat();
    fs::write(&path, &bytes).unwrap();
    let fault = Fault::Write { at: widen(digit), kind: io::ErrorKind::Other };
    let options = ArrayOptions::<f64, _>::new(FakeBackend::default().with(fault));
    let mut array = options.mode(Mode::ReadWrite).open_npy(&path).unwrap();
    array.append_rows(&[1.0; 2 * 4]).unwrap_err();
    drop(array);
    let left = fs::read(&path).unwrap();
    assert_eq!(left.len(), bytes.len());
    assert!(Header::parse(&left, DEFAULT_LIMIT).unwrap().shape()[0] <= 19);
}

#[test]
fn files_of_every_version_grow() {
    for version in [Version::V1, Version::V2, Version::V3] {
        let (_directory, path) = place();
        let options = MemArray::<u8>::options().shape([0, 4]).version(version);
        let mut array = options.create_npy(&path).unwrap();
        array.append_rows(b"rows in ").unwrap();
        array.close().unwrap();
        let array = MemArray::<u8>::options().mode(Mode::ReadWrite).open_npy(&path).unwrap();
        assert_eq!(array.to_vec().unwrap(), b"rows in ");
        let header = Header::parse(&fs::read(&path).unwrap(), DEFAULT_LIMIT).unwrap();
        assert_eq!((header.version(), header.shape()), (version, &[2, 4][..]));
    }
}
