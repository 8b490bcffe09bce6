//! An animated GIF of 2 × 2 pixels with a comment.

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("magic", "[47 49 46]"),
    ("version", "\"89a\""),
    ("logical_screen.width", "2"),
    ("logical_screen.has_global_color_table", "true"),
    ("global_color_table.colors.size", "2"),
    ("global_color_table.colors[1].red", "255"),
    ("blocks.size", "5"),
    ("blocks[0].type", "extension"),
    ("blocks[0].body.label", "application"),
    ("blocks[0].body.body.identifier", "\"NETSCAPE\""),
    ("blocks[0].body.body.looping.blocks[0].num_loops", "7"),
    ("blocks[1].body.body.parts[0].text", "\"hello\""),
    ("blocks[2].body.body.delay", "25"),
    ("blocks[2].body.body.disposal", "keep"),
    ("blocks[2].body.body.has_transparent_color", "true"),
    ("blocks[3].body.width", "2"),
    ("blocks[3].body.is_interlaced", "false"),
    ("blocks[3].body.data.entries[0].body", "[44 02 05]"),
    ("blocks[3].body.data.entries.size", "2"),
    ("blocks[4].type", "trailer"),
];

pub(crate) fn sample() -> Vec<u8> {
    let mut out = b"GIF89a".to_vec();
    // 2 × 2 pixels and a global table of two colors: black and red.
    out.extend_from_slice(&[2, 0, 2, 0, 0x80, 0, 0]);
    out.extend_from_slice(&[0, 0, 0, 255, 0, 0]);
    out.extend_from_slice(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x07\0\0");
    out.extend_from_slice(b"\x21\xfe\x05hello\0");
    // Keep the frame for a quarter of a second; color 1 is transparent.
    out.extend_from_slice(&[0x21, 0xf9, 4, 0x05, 25, 0, 1, 0]);
    out.extend_from_slice(&[0x2c, 0, 0, 0, 0, 2, 0, 2, 0, 0]);
    // Codes of three bits: clear, 0, 0, 0, 0, end.
    out.extend_from_slice(&[2, 3, 0x44, 0x02, 0x05, 0]);
    out.push(0x3b);
    out
}
