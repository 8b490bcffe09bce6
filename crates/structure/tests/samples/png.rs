//! A PNG image of 2 × 1 pixels with a palette, texts, a time and bytes after its end.

use super::checksum::{crc32, zlib_stored};

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("magic", "[89 50 4e 47 0d 0a 1a 0a]"),
    ("chunks.size", "8"),
    ("image_header.width", "2"),
    ("chunks[0].type", "\"IHDR\""),
    ("chunks[0].body.color_type", "indexed"),
    ("chunks[0].body.interlace_method", "none"),
    ("chunks[0].is_ancillary", "false"),
    ("chunks[1].body.entries[1].green", "128"),
    ("chunks[2].body.palette_alpha.size", "2"),
    ("chunks[3].body.pixels_per_unit_x", "2835"),
    ("chunks[3].body.unit", "meter"),
    ("chunks[4].body.keyword", "\"Comment\""),
    ("chunks[4].body.body.text", "\"packed\""),
    ("chunks[5].body.text", "\"plain \u{e9}\""),
    ("chunks[5].is_ancillary", "true"),
    ("chunks[6].len_body", "14"),
    ("chunks[7].crc", "2923585666"),
    ("trailing_data", "[00 01]"),
];

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], body: &[u8]) {
    out.extend_from_slice(&(body.len() as u32).to_be_bytes());
    let checked = [kind.as_slice(), body].concat();
    out.extend_from_slice(&checked);
    out.extend_from_slice(&crc32(&checked).to_be_bytes());
}

pub(crate) fn sample() -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    // Two pixels of one row, eight bits each, indexes into the palette.
    chunk(&mut out, *b"IHDR", &[0, 0, 0, 2, 0, 0, 0, 1, 8, 3, 0, 0, 0]);
    chunk(&mut out, *b"PLTE", &[255, 0, 0, 0, 128, 0]);
    chunk(&mut out, *b"tRNS", &[255, 127]);
    chunk(&mut out, *b"pHYs", &[0, 0, 0x0b, 0x13, 0, 0, 0x0b, 0x13, 1]);
    chunk(&mut out, *b"zTXt", &[b"Comment\0\0".as_slice(), &zlib_stored(b"packed")].concat());
    chunk(&mut out, *b"iTXt", "Title\0\0\0en\0\0plain \u{e9}".as_bytes());
    chunk(&mut out, *b"IDAT", &zlib_stored(&[0, 0, 1]));
    chunk(&mut out, *b"IEND", &[]);
    out.extend_from_slice(&[0, 1]);
    out
}
