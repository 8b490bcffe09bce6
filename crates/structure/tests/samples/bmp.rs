//! A bitmap of 3 × 2 pixels with four bits each and a palette of two colors.

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("magic", "[42 4d]"),
    ("len_file", "70"),
    ("ofs_pixels", "62"),
    ("header.version", "info"),
    ("header.width", "3"),
    ("header.height", "-2"),
    ("header.bits_per_pixel", "4"),
    ("header.compression", "rgb"),
    ("header.is_core", "false"),
    ("num_colors", "2"),
    ("color_table.size", "2"),
    ("color_table[1].blue", "255"),
    ("color_table[1].red", "1"),
    ("is_top_down", "true"),
    ("len_row", "4"),
    ("rows.size", "2"),
    ("rows[1]", "[10 10 00 00]"),
];

pub(crate) fn sample() -> Vec<u8> {
    let mut out = b"BM".to_vec();
    for value in [70_u32, 0, 62, 40, 3] {
        out.extend_from_slice(&value.to_le_bytes());
    }
    // A negative height: the upper row comes first.
    out.extend_from_slice(&(-2_i32).to_le_bytes());
    out.extend_from_slice(&[1, 0, 4, 0]);
    for value in [0_u32, 8, 2835, 2835, 2, 0] {
        out.extend_from_slice(&value.to_le_bytes());
    }
    out.extend_from_slice(&[0, 0, 0, 0, 255, 2, 1, 0]);
    out.extend_from_slice(&[0x01, 0x00, 0, 0, 0x10, 0x10, 0, 0]);
    out
}
