//! A JPEG of 8 × 8 gray pixels with JFIF and Exif segments and a comment.

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("magic", "[ff d8]"),
    ("segments.size", "8"),
    ("segments[0].marker", "app0"),
    ("segments[0].body.identifier", "\"JFIF\""),
    ("segments[0].body.density_unit", "inch"),
    ("segments[0].body.density_x", "72"),
    ("segments[1].body.exif.byte_order", "be"),
    ("segments[1].body.exif.body.directory.entries.size", "2"),
    ("segments[1].body.exif.body.directory.entries[0].tag", "orientation"),
    ("segments[1].body.exif.body.directory.entries[0].value", "6"),
    ("segments[1].body.exif.body.directory.entries[1].text", "\"maker\""),
    ("segments[2].body.text", "\"hi\""),
    ("segments[3].body.tables[0].elements[63]", "64"),
    ("segments[4].body.width", "8"),
    ("segments[4].body.components[0].vertical_sampling", "1"),
    ("segments[5].body.tables[0].class", "dc"),
    ("segments[5].body.tables[0].values", "[00]"),
    ("segments[7].marker", "sos"),
    ("segments[7].body.spectral_end", "63"),
    ("scan_data", "[3f]"),
    ("end_marker", "[ff d9]"),
];

fn segment(out: &mut Vec<u8>, marker: u8, body: &[u8]) {
    out.extend_from_slice(&[0xff, marker]);
    out.extend_from_slice(&(body.len() as u16 + 2).to_be_bytes());
    out.extend_from_slice(body);
}

/// A TIFF directory of two entries: an orientation, and a text after the directory.
fn exif() -> Vec<u8> {
    let mut out = b"Exif\0\0MM\0*\0\0\0\x08".to_vec();
    out.extend_from_slice(&[0, 2]);
    out.extend_from_slice(&[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]);
    out.extend_from_slice(&[0x01, 0x0f, 0, 2, 0, 0, 0, 6, 0, 0, 0, 38]);
    out.extend_from_slice(&[0, 0, 0, 0]);
    out.extend_from_slice(b"maker\0");
    out
}

/// A Huffman table of one code of one bit.
fn huffman(class_and_destination: u8) -> Vec<u8> {
    let mut out = vec![0; 18];
    out[0] = class_and_destination;
    out[1] = 1;
    out
}

pub(crate) fn sample() -> Vec<u8> {
    let mut out = vec![0xff, 0xd8];
    segment(&mut out, 0xe0, b"JFIF\0\x01\x02\x01\0\x48\0\x48\0\0");
    segment(&mut out, 0xe1, &exif());
    segment(&mut out, 0xfe, b"hi");
    let quantization: Vec<u8> = (0..=64).collect();
    segment(&mut out, 0xdb, &quantization);
    segment(&mut out, 0xc0, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]);
    segment(&mut out, 0xc4, &huffman(0x00));
    segment(&mut out, 0xc4, &huffman(0x10));
    segment(&mut out, 0xda, &[1, 1, 0x00, 0, 63, 0]);
    // No difference, end of block, and ones up to a whole byte.
    out.extend_from_slice(&[0x3f, 0xff, 0xd9]);
    out
}
