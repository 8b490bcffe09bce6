//! A table of one column of three numbers, uncompressed, in one group of rows.

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("metadata.kind", "file_meta_data"),
    ("metadata.version.integer", "1"),
    ("metadata.num_rows.integer", "3"),
    ("metadata.created_by.text", "\"by hand\""),
    ("metadata.schema.structs.size", "2"),
    ("metadata.schema.structs[1].name.text", "\"n\""),
    ("metadata.schema.structs[1].fields[0].physical_type", "int32"),
    ("metadata.schema.structs[1].fields[1].repetition", "required"),
    ("metadata.schema.structs[1].fields[3].label", "logical_type"),
    ("metadata.schema.structs[1].fields[3].number", "10"),
    ("metadata.key_value_metadata.structs[0].key.text", "\"k\""),
    ("metadata.row_groups.structs[0].num_rows.integer", "3"),
    ("metadata.row_groups.structs[0].columns.structs[0].column_name", "\"n\""),
    (
        "metadata.row_groups.structs[0].columns.structs[0].column_metadata.struct.fields[3].codec",
        "uncompressed",
    ),
    ("metadata.row_groups.structs[0].columns.structs[0].column_metadata.struct.ofs_chunk", "4"),
    (
        "metadata.row_groups.structs[0].columns.structs[0].column_metadata.struct.chunk.pages.size",
        "1",
    ),
    (
        "metadata.row_groups.structs[0].columns.structs[0].column_metadata.struct.chunk.pages[0].header.fields[0].page_type",
        "data_page",
    ),
    (
        "metadata.row_groups.structs[0].columns.structs[0].column_metadata.struct.chunk.pages[0].body",
        "[01 00 00 00 fe ff ff ff 03 00 00 00]",
    ),
    ("metadata.key", "Absent"),
];

const I32: u8 = 5;
const I64: u8 = 6;
const TEXT: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// A field by what its number is more than the one before. Values are doubled, as the lowest bit is the sign.
fn number(out: &mut Vec<u8>, more: u8, kind: u8, value: u8) {
    out.extend([more << 4 | kind, value << 1]);
}

fn text(out: &mut Vec<u8>, more: u8, text: &str) {
    out.extend([more << 4 | TEXT, text.len() as u8]);
    out.extend(text.as_bytes());
}

fn list(out: &mut Vec<u8>, more: u8, kind: u8, count: u8) {
    out.extend([more << 4 | LIST, count << 4 | kind]);
}

pub(crate) fn sample() -> Vec<u8> {
    let mut out = b"PAR1".to_vec();
    // The header of a page.
    number(&mut out, 1, I32, 0);
    number(&mut out, 1, I32, 12);
    number(&mut out, 1, I32, 12);
    out.push(2 << 4 | STRUCT);
    number(&mut out, 1, I32, 3);
    number(&mut out, 1, I32, 0);
    number(&mut out, 1, I32, 3);
    number(&mut out, 1, I32, 3);
    out.extend([0, 0]);
    for value in [1_i32, -2, 3] {
        out.extend(value.to_le_bytes());
    }
    let chunk = out.len() as u8 - 4;
    let start = out.len();
    number(&mut out, 1, I32, 1);
    list(&mut out, 1, STRUCT, 2);
    text(&mut out, 4, "root");
    number(&mut out, 1, I32, 1);
    out.push(0);
    number(&mut out, 1, I32, 1);
    number(&mut out, 2, I32, 0);
    text(&mut out, 1, "n");
    // The logical type, 10, with the long form of its number: an integer of 32 bits with a sign.
    out.extend([STRUCT, 20, 10 << 4 | STRUCT, 1 << 4 | 3, 32, 1 << 4 | 1, 0, 0]);
    out.push(0);
    number(&mut out, 1, I64, 3);
    list(&mut out, 1, STRUCT, 1);
    list(&mut out, 1, STRUCT, 1);
    number(&mut out, 2, I64, 4);
    out.push(1 << 4 | STRUCT);
    number(&mut out, 1, I32, 1);
    list(&mut out, 1, I32, 1);
    out.push(0);
    list(&mut out, 1, TEXT, 1);
    out.extend([1, b'n']);
    number(&mut out, 1, I32, 0);
    number(&mut out, 1, I64, 3);
    number(&mut out, 1, I64, chunk);
    number(&mut out, 1, I64, chunk);
    number(&mut out, 2, I64, 4);
    out.extend([0, 0]);
    number(&mut out, 1, I64, chunk);
    number(&mut out, 1, I64, 3);
    out.push(0);
    list(&mut out, 1, STRUCT, 1);
    text(&mut out, 1, "k");
    text(&mut out, 1, "v");
    out.push(0);
    text(&mut out, 1, "by hand");
    out.push(0);
    let len = (out.len() - start) as u32;
    out.extend(len.to_le_bytes());
    out.extend(b"PAR1");
    out
}
