//! Every error of data types, headers, archives and places that input can provoke: its kind by `match`, its
//! text by one snapshot.

#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fmt::Write;
use std::fs;

use memmap_array::npy::{DEFAULT_LIMIT, Header, Preamble, Version};
use memmap_array::npz::Directory;
use memmap_array::{
    Array, ByteOrder, DType, Element, Error, ErrorKind, Field, Order, Result, TimeUnit, Unit,
    Untyped, Value,
};
use memmap_core::{Map, Mode, Proofs};
#[cfg(unix)]
use memmap_posix::Live;
#[cfg(windows)]
use memmap_windows::Live;
use zerocopy::{Immutable, IntoBytes, TryFromBytes};

fn dtype(text: &str) -> Error {
    text.parse::<DType>().unwrap_err()
}

fn descr(text: &str) -> Error {
    DType::from_descr(text).unwrap_err()
}

/// A file of version 1.0 with this header.
fn file(text: &str) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes
}

fn header(text: &str) -> Error {
    Header::parse(&file(text), DEFAULT_LIMIT).unwrap_err()
}

fn with_shape(shape: &str) -> Error {
    header(&format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}"))
}

fn archive(bytes: &[u8]) -> Result<Directory> {
    let read_at = |offset: u64, out: &mut [u8]| {
        out.copy_from_slice(&bytes[usize::try_from(offset).unwrap()..][..out.len()]);
        Ok(())
    };
    Directory::read(&read_at, bytes.len().try_into().unwrap())
}

/// An archive of one file `a.npy` with four bytes; what the directory says of it can be changed.
fn zipped(change: impl FnOnce(&mut Vec<u8>, usize)) -> Vec<u8> {
    let common = [0; 12]; // time, checksum
    let mut bytes = b"PK\x03\x04\x14\0\0\0\0\0".to_vec();
    bytes.extend(&common[..8]);
    bytes.extend([4, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0]);
    bytes.extend(b"a.npydata");
    let directory = bytes.len();
    bytes.extend(b"PK\x01\x02\x14\0\x14\0\0\0\0\0");
    bytes.extend(&common[..8]);
    bytes.extend([4, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0]);
    bytes.extend(&common[..10]);
    bytes.extend([0; 4]);
    bytes.extend(b"a.npy");
    let len = bytes.len() - directory;
    bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    bytes.extend(u32::try_from(len).unwrap().to_le_bytes());
    bytes.extend(u32::try_from(directory).unwrap().to_le_bytes());
    bytes.extend([0, 0]);
    change(&mut bytes, directory);
    bytes
}

fn member(change: impl FnOnce(&mut Vec<u8>, usize)) -> Error {
    archive(&zipped(change)).unwrap().members()[0].range().unwrap_err()
}

fn kind<T>(result: Result<T>) -> Error {
    result.err().unwrap()
}

#[test]
fn the_archive_of_these_tests_is_sound() {
    let directory = archive(&zipped(|_, _| {})).unwrap();
    let member = directory.member("a").unwrap();
    assert_eq!(member.range().unwrap(), 35..39);
    assert!(archive(&zipped(|bytes, _| bytes.splice(..0, *b"junk").for_each(drop))).is_ok());
}

#[test]
fn python_objects_are_refused_by_a_kind_of_their_own() {
    let objects = |error: &Error| matches!(error.kind(), ErrorKind::PythonObjects { .. });
    for text in ["O", "|O", "<O8", "O4", "object", "object_", "T", "i4,O", "(2,2)O"] {
        assert!(objects(&dtype(text)), "{text}");
    }
    for text in ["'|O'", "[('a', 'O')]", "('O', (2,))", "[('a', [('b', '|O', (2,))])]"] {
        assert!(objects(&descr(text)), "{text}");
    }
}

#[test]
fn nesting_ends_at_its_limit_and_not_at_that_of_the_stack() {
    let nested =
        |levels: usize| format!("{}'<f4'{}", "[('a', ".repeat(levels), ")]".repeat(levels));
    let deepest = DType::from_descr(&nested(DType::MAX_DEPTH - 1)).unwrap();
    assert_eq!(DType::from_descr(&deepest.descr().unwrap()).unwrap(), deepest);
    let too_deep = |error: &Error| matches!(error.kind(), ErrorKind::DTypeTooDeep { max: 64, .. });
    assert!(too_deep(&descr(&nested(DType::MAX_DEPTH))));
    assert!(too_deep(&kind(DType::structure([("a", deepest.clone())]))));
    assert!(too_deep(&kind(DType::array_of(deepest, &[2]))));
    for bracket in ["(", "[", "{", "[(", "{'a': ", "'' '' (((("] {
        for count in [100, 100_000] {
            assert!(DType::from_descr(&bracket.repeat(count)).is_err());
        }
    }
}

#[test]
fn a_length_field_that_lies_costs_nothing() {
    let error = kind(Preamble::parse(b"\x93NUMPY\x02\x00\xff\xff\xff\xff", DEFAULT_LIMIT));
    let ErrorKind::HeaderTooLong { len: u32::MAX, limit: 10_000 } = error.kind() else {
        panic!("{error}")
    };
    // Unless it is allowed: then the bytes are missing.
    let error = kind(Header::parse(b"\x93NUMPY\x02\x00\xff\xff\xff\x7f", usize::MAX));
    assert!(matches!(error.kind(), ErrorKind::HeaderCutShort { found: 12, .. }), "{error}");
}

#[test]
fn a_file_cut_within_its_header_says_how_much_it_needs() {
    let bytes = Header::new(DType::F4, Order::C, &[3]).unwrap().to_bytes().unwrap();
    for (len, expected) in [(0, 8), (6, 8), (7, 8), (8, 10), (9, 10), (10, 128), (127, 128)] {
        let error = kind(Header::parse(&bytes[..len], DEFAULT_LIMIT));
        let ErrorKind::HeaderCutShort { needed, found } = *error.kind() else { panic!("{error}") };
        assert_eq!((needed, found), (expected, len));
    }
    assert!(Header::parse(&bytes, DEFAULT_LIMIT).is_ok());
}

#[test]
fn the_column_is_where_the_trouble_is() {
    let column = |error: Error| -> usize {
        error
            .to_string()
            .split("column ")
            .nth(1)
            .unwrap()
            .split(':')
            .next()
            .unwrap()
            .parse()
            .unwrap()
    };
    assert_eq!(column(dtype("f9")), 1);
    assert_eq!(column(dtype("i4, i5")), 5);
    assert_eq!(column(dtype("é")), 1);
    assert_eq!(column(dtype("i4, f4 x")), 8);
    assert_eq!(column(dtype("M8[x]")), 4);
    assert_eq!(column(descr("[('ü', '<f4'), ('b', '<f9')]")), 23);
    assert_eq!(column(descr("[('a', '<f4') ('b', '<f4')]")), 15);
    assert_eq!(column(with_shape("(3, -4)")), 55);
    assert_eq!(column(header("{'descr': '<f4', 'fortran_order': 0, 'shape': ()}")), 35);
}

#[test]
fn what_errors_say() {
    let two = || [("a", DType::F4), ("a", DType::F8)];
    let overlapping = [Field::new("a", DType::F8), Field::new("b", DType::F4).at(4)];
    let overlapping = DType::structure_at(overlapping, 8).unwrap();
    let umlaut = DType::structure([("\u{9577}", DType::F4)]).unwrap();
    let short =
        Header::parse(&file("{'descr':'<f4','fortran_order':False,'shape':(1,)}"), DEFAULT_LIMIT);
    let mut damaged_end = zipped(|_, _| {});
    let at = damaged_end.len() - 10;
    damaged_end[at] = 200;
    let table: [(&str, Error); 38] = [
        ("unknown", dtype("float33")),
        ("syntax", dtype("i4 f4,")),
        ("unit", dtype("M8[parsec]")),
        ("multiple", kind(Unit::new(TimeUnit::Days).times(0))),
        ("multiple in a text", dtype("M8[0D]")),
        ("divisor", dtype("M8[D/7]")),
        ("objects", descr("'|O'")),
        ("size", dtype("V9999999999")),
        ("depth", descr(&format!("{}'<f4'{}", "[('a', ".repeat(70), ")]".repeat(70)))),
        ("names", kind(DType::structure(two()))),
        ("names in a text", descr("[('a', '<f4'), ('a', '<f8')]")),
        ("field", kind(DType::structure_at([Field::new("a", DType::F4).at(1)], 4))),
        ("no name", kind(DType::structure_at([Field::new("", DType::void(2).unwrap())], 4))),
        ("renamed", kind("f4, f4".parse::<DType>().unwrap().renamed(["x"]))),
        ("shape", kind(DType::array_of(DType::bytes(0).unwrap(), &[2]))),
        ("no descr", kind(overlapping.descr())),
        ("magic", kind(Header::parse(b"PK\x03\x04....", DEFAULT_LIMIT))),
        ("version", kind(Header::parse(b"\x93NUMPY\x04\x00", DEFAULT_LIMIT))),
        ("cut", kind(Header::parse(b"\x93NUMPY\x01\x00\x76\x00{", DEFAULT_LIMIT))),
        ("long", kind(Header::parse(b"\x93NUMPY\x01\x00\xff\xff", DEFAULT_LIMIT))),
        ("encoding", kind(Header::parse(b"\x93NUMPY\x03\x00\x02\0\0\0{\xff", DEFAULT_LIMIT))),
        ("no dictionary", header("[]")),
        ("header syntax", header("{'descr': '<f4'")),
        ("keys", header("{'descr': '<f4', 'shapes': ()}")),
        ("more keys", header("{'descr': 0, 'fortran_order': 0, 'shape': (), 5: 0}")),
        ("order", header("{'descr': '<f4', 'fortran_order': 0, 'shape': ()}")),
        ("lengths", with_shape("[3]")),
        ("large", with_shape("(9999999999999, 9999999999999)")),
        ("many", kind(Header::new(DType::F4, Order::C, &[1; 65]))),
        ("few", kind(Header::new(DType::F4, Order::C, &[]).unwrap().with_rows(1))),
        ("held", kind(Header::new(umlaut, Order::C, &[]).unwrap().with_version(Version::V1))),
        ("room", kind(short.unwrap().with_rows(1000))),
        ("no zip", kind(archive(b"no archive"))),
        ("zip", kind(archive(&damaged_end))),
        ("no member", kind(archive(&zipped(|_, _| {})).unwrap().member("b"))),
        ("compressed", member(|bytes, at| bytes[at + 10] = 8)),
        ("encrypted", member(|bytes, at| bytes[at + 8] = 1)),
        ("member", member(|bytes, at| bytes[at + 46] = b'b')),
    ];
    let mut said = String::new();
    for (name, error) in table {
        writeln!(said, "{name}: {error}").unwrap();
    }
    insta::assert_snapshot!(said);
}

#[derive(Clone, Copy, TryFromBytes, IntoBytes, Immutable)]
#[repr(u8)]
enum Choice {
    One = 1,
}

impl Element for Choice {}

/// Every error of `error/places.rs`: of shapes, places, elements, and of files that are not as they were
/// asked for.
#[test]
#[expect(clippy::too_many_lines, reason = "a line for each, one below the other")]
fn what_errors_of_places_say() {
    type Ram<T> = Array<T, Map<memmap_anon::Ram>>;
    type Mem<T> = Array<T, Map<Live>>;
    type MemDyn = Mem<Untyped>;
    assert_eq!(Choice::One.as_bytes(), [1]);
    let directory = tempfile::tempdir().unwrap();
    let npy = directory.path().join("a.npy");
    drop(Mem::<f32>::options().shape([3, 4]).create_npy(&npy).unwrap());
    let cut = directory.path().join("cut.npy");
    fs::write(&cut, &fs::read(&npy).unwrap()[..150]).unwrap();
    let long = directory.path().join("long.npy");
    fs::write(&long, [&fs::read(&npy).unwrap()[..], b"more"].concat()).unwrap();
    let raw = directory.path().join("raw");
    fs::write(&raw, [7; 10]).unwrap();
    let new = directory.path().join("new");

    let mut table = Ram::<f32>::zeros([3, 4]).unwrap();
    let empty = Ram::<f32>::zeros([0, 4]).unwrap();
    let small = || Map::new(10).unwrap();
    let swapped = Mem::<u16>::options().byte_order(ByteOrder::Big).open(&raw).unwrap();
    let swapped = swapped.prove(Proofs::none().snapshot_up_to(1 << 20)).unwrap();
    let mut whole = Mem::<f32>::options().mode(Mode::ReadWrite).open_npy(&npy).unwrap();
    let view = |dtype: DType| MemDyn::options().dtype(dtype);
    let errors = [
        ("dimensions", kind(table.get([1]))),
        ("no dimension", kind(Ram::<f32>::zeros(()).unwrap().row(0))),
        ("index", kind(table.get([1, 4]))),
        ("index of none", kind(empty.get([0, 0]))),
        ("index from the end", kind(table.slice("-4"))),
        ("slice", kind(table.slice("1:2:0"))),
        ("slice of letters", kind(table.slice("a:b"))),
        ("axes", kind(table.permute(&[1, 1]))),
        ("shape", kind(table.assign(&[0.0; 5]))),
        ("reshape", kind(table.reshape([5, 2]))),
        ("copy", kind(table.transpose().reshape(12))),
        ("map", kind(Ram::<f32>::from_map(small(), 4, 3, Order::C))),
        ("no shape", kind(Mem::<f32>::options().create(&new))),
        ("no shape for a header", kind(Mem::<f32>::options().create_npy(&new))),
        ("no bytes", kind(view(DType::bytes(0).unwrap()).open(&raw))),
        ("rest", kind(Mem::<f32>::options().open(&raw))),
        ("stride", kind(Mem::<f32>::options().stride(3).open(&raw))),
        ("rest of a stride", kind(Mem::<f32>::options().stride(7).open(&raw))),
        ("dtype", kind(Mem::<f64>::options().open_npy(&npy))),
        ("dtype asked for", kind(view(DType::I4).open_npy(&npy))),
        ("size", view(DType::F8).shape(1).open(&raw).unwrap().view_as::<f32>().unwrap_err().error),
        ("shape in a header", kind(MemDyn::options().shape([4, 3]).open_npy(&npy))),
        ("order", kind(MemDyn::options().order(Order::Fortran).open_npy(&npy))),
        ("cut", kind(MemDyn::options().open_npy(&cut))),
        ("behind", kind(MemDyn::options().strict(true).open_npy(&long))),
        ("rows", kind(whole.append_rows(&[0.0; 5]))),
        (
            "no rows",
            kind(
                view(DType::U1)
                    .mode(Mode::ReadWrite)
                    .open(&raw)
                    .unwrap()
                    .typed::<u8>()
                    .map_err(|refused| refused.error)
                    .and_then(|mut raw| raw.append_rows(&[1])),
            ),
        ),
        ("mode", kind(MemDyn::options().mode(Mode::Create).open_npy(&npy))),
        ("offset of a header", kind(MemDyn::options().shape(1).offset(1).create_npy(&new))),
        ("mode of an archive", kind(MemDyn::options().mode(Mode::ReadWrite).open_npz(&npy, "a"))),
        ("offset of an archive", kind(MemDyn::options().offset(1).open_npz(&npy, "a"))),
        ("value", kind(Ram::<Choice>::from_map(small(), 2, 8, Order::C).unwrap().get(3).map(drop))),
        ("alignment", kind(Ram::<f32>::from_map(small(), 2, 2, Order::C).unwrap().as_slice())),
        ("byte order", kind(swapped.as_slice())),
        ("least", kind(empty.min())),
        ("greatest", kind(empty.argmax())),
        ("slice lent", kind(table.slice(":, 1").unwrap().as_slice())),
        ("axis", kind(table.sum_axis(2))),
        (
            "value of another type",
            kind(
                view(DType::U1)
                    .mode(Mode::ReadWrite)
                    .open(&raw)
                    .and_then(|mut raw| raw.set_value(0, &Value::Int(300))),
            ),
        ),
        ("stream", ErrorKind::Io(std::io::Error::other("the device failed")).into()),
        ("of the map", kind(Mem::<f32>::options().shape(100).open(&raw))),
    ];
    let mut said = String::new();
    for (name, error) in errors {
        writeln!(said, "{name}: {error}").unwrap();
    }
    // As paths are printed, with what separates their parts escaped.
    let printed = format!("{:?}", directory.path());
    let said = said.replace(printed.trim_matches('"'), "…").replace("…\\\\", "…/");
    insta::assert_snapshot!(said);
}
