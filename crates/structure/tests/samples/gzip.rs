//! Two members of BGZF: one of three bytes, and the empty one that ends a file.

use super::checksum::{crc32, deflate_stored};

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("members.size", "2"),
    ("members[0].header.magic", "[1f 8b]"),
    ("members[0].header.compression_method", "deflate"),
    ("members[0].header.has_name", "true"),
    ("members[0].header.has_comment", "false"),
    ("members[0].header.modified", "1700000000"),
    ("members[0].header.extra_flags", "fastest"),
    ("members[0].header.os", "unix"),
    ("members[0].header.extra.subfields[0].id", "\"BC\""),
    ("members[0].header.extra.subfields[0].len_bgzf_block", "39"),
    ("members[0].header.name", "\"a.txt\""),
    ("members[0].header.is_bgzf", "true"),
    ("members[0].compressed_body", "[01 03 00 fc ff 61 62 63]"),
    ("members[0].trailer.crc", "891568578"),
    ("members[0].trailer.len_uncompressed", "3"),
    ("members[1].header.has_name", "false"),
    ("trailer.len_uncompressed", "0"),
];

fn member(name: &[u8], body: &[u8]) -> Vec<u8> {
    let packed = deflate_stored(body);
    // Extra field and name; the latter only if there is one.
    let flags = if name.is_empty() { 4 } else { 4 | 8 };
    let mut out = vec![0x1f, 0x8b, 8, flags];
    out.extend_from_slice(&1_700_000_000_u32.to_le_bytes());
    out.extend_from_slice(&[4, 3]);
    let len = 10 + 2 + 6 + name.len() + packed.len() + 8;
    out.extend_from_slice(b"\x06\0BC\x02\0");
    out.extend_from_slice(&(len as u16 - 1).to_le_bytes());
    out.extend_from_slice(name);
    out.extend_from_slice(&packed);
    out.extend_from_slice(&crc32(body).to_le_bytes());
    out.extend_from_slice(&(body.len() as u32).to_le_bytes());
    out
}

pub(crate) fn sample() -> Vec<u8> {
    [member(b"a.txt\0", b"abc"), member(b"", b"")].concat()
}
