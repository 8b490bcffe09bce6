//! Whole files: numpy's, read by us, and ours, read by numpy; every element of each.

use std::fmt::{Debug, Write};
use std::fs;
use std::path::Path;
use std::process::Command;

use memmap_array::{
    Array, ArrayOptions, ByteOrder, Complex, DType, DTypeKind, Element, Order, Storage, Untyped,
};
use memmap_core::Map;
#[cfg(unix)]
use memmap_posix::{Live, Posix as System};
#[cfg(windows)]
use memmap_windows::{Live, Windows as System};
use tempfile::TempDir;

const FILES: &[u8] = include_bytes!("arrays.bin");
const TABLE: &str = include_str!("arrays.txt");
/// Where the elements of a raw file start.
const OFFSET: u64 = 5;

type MemArrayDyn = Array<Untyped, Map<Live>>;
type Options = ArrayOptions<Untyped, System>;

/// What a line of a table says.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    form: String,
    dtype: DType,
    order: Order,
    shape: Vec<usize>,
}

impl Row {
    fn of(columns: &[&str]) -> Self {
        let order = if columns[2] == "F" { Order::Fortran } else { Order::C };
        let lengths = columns[3].trim_matches(['(', ')']).split(',').map(str::trim);
        let lengths = lengths.filter(|len| !len.is_empty());
        Self {
            form: columns[0].to_owned(),
            dtype: DType::from_descr(columns[1]).unwrap(),
            order,
            shape: lengths.map(|len| len.parse().unwrap()).collect(),
        }
    }

    fn options(&self) -> Options {
        let options = MemArrayDyn::options().dtype(self.dtype.clone()).shape(&self.shape[..]);
        options.order(self.order)
    }

    fn is_npy(&self) -> bool {
        self.form == "npy"
    }

    /// The bytes of the elements in the order of their indices, as the script has them.
    fn elements(&self) -> Vec<u8> {
        let len = self.shape.iter().product::<usize>() * self.dtype.itemsize();
        let byte = |at: usize| u8::try_from((at * 7 + 3) % 251).unwrap();
        match self.dtype.kind() {
            DTypeKind::Bool => (0..len).map(|at| u8::try_from((at * 7 + 3) % 2).unwrap()).collect(),
            DTypeKind::Text => (0..len / 4)
                .flat_map(|at| {
                    let letter = u32::from(b'a') + u32::try_from(at % 26).unwrap();
                    match self.dtype.byte_order() {
                        ByteOrder::Big => letter.to_be_bytes(),
                        _ => letter.to_le_bytes(),
                    }
                })
                .collect(),
            _ => (0..len).map(byte).collect(),
        }
    }

    /// What one line of the script's says.
    fn line(&self, name: &str) -> String {
        let shape: Vec<String> = self.shape.iter().map(|len| format!("{len},")).collect();
        let (descr, order) = (self.dtype.descr().unwrap(), self.order);
        format!("{}\t{name}\t{descr}\t{order}\t({})", self.form, shape.concat())
    }
}

/// Numpy's files, and what they hold.
fn numpys() -> impl Iterator<Item = (Row, &'static [u8])> {
    TABLE.lines().map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let number = |at: usize| columns[at].parse::<usize>().unwrap();
        (Row::of(&columns), &FILES[number(4)..][..number(5)])
    })
}

/// Does something with an array as one of so many bytes an element.
macro_rules! as_bytes {
    ($array:expr, |$bytes:pat_param| $body:expr; $($size:literal)+) => {
        match $array.dtype().itemsize() {
            $($size => {
                let $bytes = $array.view_as::<[u8; $size]>().unwrap();
                $body
            })+
            other => panic!("{other} bytes"),
        }
    };
    ($array:expr, |$bytes:pat_param| $body:expr) => {
        as_bytes!($array, |$bytes| $body; 1 2 4 5 7 8 12 15 16 32)
    };
}

/// All indices of a shape, the last fastest.
fn indices(shape: &[usize]) -> Vec<Vec<usize>> {
    shape.iter().fold(vec![Vec::new()], |before, &len| {
        let longer = |index: &Vec<usize>| {
            (0..len).map(|last| [&index[..], &[last]].concat()).collect::<Vec<_>>()
        };
        before.iter().flat_map(longer).collect()
    })
}

/// Every element, alone and together.
fn check<T: Element + Debug + PartialEq, S: Storage>(
    array: &Array<T, S>,
    expected: &[T],
    row: &Row,
) {
    let bytes =
        |elements: &[T]| elements.iter().flat_map(|it| it.as_bytes().to_vec()).collect::<Vec<_>>();
    for (index, element) in indices(array.shape()).iter().zip(expected) {
        assert_eq!(
            array.get(&index[..]).unwrap().as_bytes(),
            element.as_bytes(),
            "{index:?}, {row:?}"
        );
    }
    assert_eq!(bytes(&array.to_vec().unwrap()), bytes(expected), "{row:?}");
}

/// As the type of Rust's that it is: numbers of this machine, made of the bytes one by one.
fn check_typed(array: MemArrayDyn, row: &Row) -> bool {
    fn typed<T: Element + Debug + PartialEq>(
        array: MemArrayDyn,
        row: &Row,
        value: impl Fn(&[u8]) -> T,
    ) -> bool {
        let array = array.typed::<T>().unwrap();
        let elements = row.elements();
        let expected: Vec<T> = elements.chunks(size_of::<T>()).map(value).collect();
        check(&array, &expected, row);
        true
    }
    let is_big = row.dtype.byte_order() == ByteOrder::Big;
    macro_rules! number {
        ($type:ty) => {{
            let value = |bytes: &[u8]| {
                let bytes = bytes.try_into().unwrap();
                if is_big { <$type>::from_be_bytes(bytes) } else { <$type>::from_le_bytes(bytes) }
            };
            value
        }};
    }
    match (row.dtype.kind(), row.dtype.itemsize()) {
        (DTypeKind::Bool, 1) => typed(array, row, |bytes| bytes[0] == 1),
        (DTypeKind::Int, 1) => typed(array, row, number!(i8)),
        (DTypeKind::Int, 2) => typed(array, row, number!(i16)),
        (DTypeKind::Int, 4) => typed(array, row, number!(i32)),
        (DTypeKind::Int, 8) => typed(array, row, number!(i64)),
        (DTypeKind::UInt, 1) => typed(array, row, number!(u8)),
        (DTypeKind::UInt, 2) => typed(array, row, number!(u16)),
        (DTypeKind::UInt, 4) => typed(array, row, number!(u32)),
        (DTypeKind::UInt, 8) => typed(array, row, number!(u64)),
        #[cfg(feature = "half")]
        (DTypeKind::Float, 2) => typed(array, row, number!(half::f16)),
        (DTypeKind::Float, 4) => typed(array, row, number!(f32)),
        (DTypeKind::Float, 8) => typed(array, row, number!(f64)),
        (DTypeKind::Complex, 8) => {
            let part = number!(f32);
            typed(array, row, |bytes| Complex::new(part(&bytes[..4]), part(&bytes[4..])))
        }
        (DTypeKind::Complex, 16) => {
            let part = number!(f64);
            typed(array, row, |bytes| Complex::new(part(&bytes[..8]), part(&bytes[8..])))
        }
        (DTypeKind::Bytes | DTypeKind::Void, 5) => {
            typed(array, row, |bytes| <[u8; 5]>::try_from(bytes).unwrap())
        }
        (DTypeKind::Void, 7) => typed(array, row, |bytes| <[u8; 7]>::try_from(bytes).unwrap()),
        _ => false,
    }
}

#[test]
fn every_element_of_numpys_files_is_read_as_it_was_written() {
    let (mut count, mut typed) = (0, 0);
    let directory = tempfile::tempdir().unwrap();
    for (row, file) in numpys() {
        let path = directory.path().join("numpys");
        fs::write(&path, file).unwrap();
        let open = || {
            if row.is_npy() {
                // It says itself what it is.
                MemArrayDyn::options().open_npy(&path).unwrap()
            } else {
                row.options().offset(OFFSET).open(&path).unwrap()
            }
        };
        let array = open();
        assert_eq!((array.dtype(), array.shape()), (&row.dtype, &row.shape[..]));
        assert!(row.shape.len() < 2 || array.is_contiguous(row.order), "{row:?}");
        let elements = row.elements();
        as_bytes!(array, |bytes| {
            let (expected, _) = elements.as_chunks();
            check(&bytes, expected, &row);
        });
        typed += usize::from(check_typed(open(), &row));
        count += 1;
    }
    assert!(count > 500 && typed > 250, "{count}, {typed}");
}

/// Makes a file of a row's elements in one of several ways.
fn make(row: &Row, path: &Path, by_rows: bool) {
    let elements = row.elements();
    let started = if by_rows {
        let mut shape = row.shape.clone();
        *grown(&mut shape, row.order) = 0;
        row.options().shape(shape)
    } else {
        row.options()
    };
    let array = if row.is_npy() {
        started.create_npy(path).unwrap()
    } else {
        started.offset(OFFSET).create(path).unwrap()
    };
    as_bytes!(array, |mut bytes| {
        let (elements, _) = elements.as_chunks();
        if by_rows {
            // As they lie in the file: a Fortran array's rows are those of its transpose.
            let mut lying = elements.to_vec();
            let mut whole = row.shape.clone();
            if row.order == Order::Fortran {
                whole.reverse();
                let source = indices(&whole).into_iter().map(|mut index| {
                    index.reverse();
                    let at =
                        index.iter().zip(&row.shape).fold(0, |at, (index, len)| at * len + index);
                    elements[at]
                });
                lying = source.collect();
            }
            let row_len = lying.len() / *grown(&mut row.shape.clone(), row.order);
            let (first, others) = lying.split_at(row_len);
            bytes.append_rows(first).unwrap();
            bytes.append_rows(others).unwrap();
        } else {
            bytes.assign(elements).unwrap();
        }
    });
}

/// The length that grows.
fn grown(shape: &mut [usize], order: Order) -> &mut usize {
    match order {
        Order::C => shape.first_mut().unwrap(),
        _ => shape.last_mut().unwrap(),
    }
}

/// Our files of everything that numpy's are of, and of rows that were added.
fn ours() -> (TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let mut manifest = String::new();
    for (number, (row, _)) in numpys().enumerate() {
        let has_rows = row.is_npy() && !row.shape.is_empty() && !row.shape.contains(&0);
        for by_rows in [false, true].into_iter().filter(|by_rows| has_rows || !by_rows) {
            let name = format!("{number}-{by_rows}");
            make(&row, &directory.path().join(&name), by_rows);
            writeln!(manifest, "{}", row.line(&name)).unwrap();
        }
    }
    fs::write(directory.path().join("manifest.txt"), &manifest).unwrap();
    (directory, manifest)
}

/// Where the variable `MEMMAP_NUMPY` is set, as by `cargo xtask numpy`, having numpy is required.
#[test]
#[expect(clippy::print_stdout, reason = "a test that does not run says so")]
fn our_files_are_numpys_to_the_byte_and_numpy_reads_them() {
    let (directory, manifest) = ours();
    let mut names = manifest.lines().map(|line| line.split('\t').nth(1).unwrap()).peekable();
    for (number, (row, file)) in numpys().enumerate() {
        let start = format!("{number}-");
        while let Some(name) = names.next_if(|name| name.starts_with(&start)) {
            let ours = fs::read(directory.path().join(name)).unwrap();
            assert_eq!(ours.escape_ascii().to_string(), file.escape_ascii().to_string(), "{row:?}");
        }
    }
    assert_eq!(names.next(), None);

    let has_numpy = Command::new("python3").args(["-c", "import numpy"]).output();
    if !has_numpy.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("MEMMAP_NUMPY").is_none(), "numpy is required");
        println!("skipped: there is no numpy");
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/arrays.py");
    let output = Command::new("python3").arg(script).arg(directory.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let expected = format!("read {}, wrong 0\n", manifest.lines().count());
    assert_eq!(said, expected, "{}", String::from_utf8_lossy(&output.stderr));
}
