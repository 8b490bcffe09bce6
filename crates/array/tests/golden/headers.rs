use memmap_array::npy::{Header, Preamble, Version};
use memmap_array::{DType, ErrorKind, Order};

use super::literal::unescaped;

/// Headers as numpy writes them, one behind the other.
const WRITTEN: &[u8] = include_bytes!("headers.bin");
const TABLE: &str = include_str!("headers.txt");
const LIMIT: usize = 1 << 20;

fn written() -> Vec<&'static [u8]> {
    let mut rest = WRITTEN;
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (header, after) = rest.split_at(Preamble::parse(rest, LIMIT).unwrap().data_start());
        all.push(header);
        rest = after;
    }
    assert!(all.len() > 500, "there are {} headers", all.len());
    all
}

#[test]
fn what_we_write_is_what_numpy_writes_to_the_byte() {
    for bytes in written() {
        let read = Header::parse(bytes, LIMIT).unwrap();
        let text = bytes.escape_ascii().to_string();
        let made = Header::new(read.dtype().clone(), read.order(), read.shape()).unwrap();
        let made = made.with_version(read.version()).unwrap();
        assert_eq!(made.to_bytes().unwrap().escape_ascii().to_string(), text);
        assert_eq!(made, read, "{text}");
        assert_eq!(read.to_bytes().unwrap(), bytes, "{text}");
        assert_eq!(read.data_start() % 64, 0);
    }
}

#[test]
fn numpys_headers_have_room_for_any_number_of_rows() {
    for header in written() {
        let header = Header::parse(header, LIMIT).unwrap();
        if header.shape().is_empty() {
            assert!(matches!(header.with_rows(3).unwrap_err().kind(), ErrorKind::TooFewDims));
            continue;
        }
        let others: usize = header.shape().iter().map(|&len| len.max(1)).product();
        let rows = isize::MAX.cast_unsigned() / others / header.dtype().itemsize().max(1);
        let grown = header.with_rows(rows).unwrap();
        let axis = if header.order() == Order::C { 0 } else { header.shape().len() - 1 };
        assert_eq!(grown.shape()[axis], rows);
        let bytes = grown.to_bytes().unwrap();
        assert_eq!(bytes.len(), header.data_start());
        assert_eq!(Header::parse(&bytes, LIMIT).unwrap(), grown);
    }
}

fn rows(of: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = TABLE.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    rows.filter(move |row| row[0] == of)
}

#[test]
fn a_long_header_gets_the_version_and_length_that_numpy_gives_it() {
    for row in rows("long") {
        let count: usize = row[1].parse().unwrap();
        let f4: DType = "<f4".parse().unwrap();
        let fields = (0..count).map(|field| (format!("f{field}"), f4.clone()));
        let last = Some((row[2].to_owned(), DType::U1)).filter(|(name, _)| !name.is_empty());
        let dtype = DType::structure(fields.chain(last)).unwrap();
        let header = Header::new(dtype, Order::C, &[5]).unwrap();
        assert_eq!(header.version().numbers().0.to_string(), row[3], "{row:?}");
        assert_eq!(header.data_start().to_string(), row[4], "{row:?}");
        assert_eq!(header.to_bytes().unwrap().len(), header.data_start());
    }
}

/// The bytes of a file with this header.
fn file(version: Version, text: &str) -> Vec<u8> {
    let (major, minor) = version.numbers();
    let encoded: Vec<u8> = match version {
        Version::V3 => text.as_bytes().to_vec(),
        _ => text.chars().map(|c| u8::try_from(c).unwrap()).collect(),
    };
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([major, minor]);
    match version {
        Version::V1 => bytes.extend(u16::try_from(encoded.len()).unwrap().to_le_bytes()),
        _ => bytes.extend(u32::try_from(encoded.len()).unwrap().to_le_bytes()),
    }
    bytes.extend(encoded);
    bytes
}

#[test]
fn every_header_is_what_numpy_makes_of_it() {
    let mut wrong = Vec::new();
    for row in rows("read") {
        let version = match row[1] {
            "1" => Version::V1,
            "2" => Version::V2,
            _ => Version::V3,
        };
        let text = unescaped(row[2]);
        let found = match Header::parse(&file(version, &text), LIMIT) {
            Err(error) if matches!(error.kind(), ErrorKind::PythonObjects { .. }) => {
                "objects".to_owned()
            }
            Err(_) => "error".to_owned(),
            Ok(header) => {
                let shape: Vec<_> = header.shape().iter().map(ToString::to_string).collect();
                let comma = if shape.len() == 1 { "," } else { "" };
                let descr = header.dtype().descr().unwrap();
                format!("{descr}\t{}\t({}{comma})", header.order(), shape.join(", "))
            }
        };
        let expected = match row[3] {
            "ours" => "error".to_owned(),
            "error" | "objects" => row[3].to_owned(),
            descr => format!("{}\t{}\t{}", unescaped(descr), row[4], row[5]),
        };
        if found != expected {
            wrong.push(format!("{version} {text:?}\n  numpy: {expected}\n  we:    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
