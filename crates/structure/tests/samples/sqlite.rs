//! A database of pages of 512 bytes: a table of three rows on two levels, one row with an overflow
//! page, and a page that is free.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

const PAGE: usize = 512;
const LARGE_PAGE: usize = 4096;

/// Row -2^62, whose varint has all nine bytes.
const LOWEST_ROW: [u8; 9] = [0xe0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0];

/// The page of the only table in a sparse database.
const FAR_PAGE: u32 = 1_000_000;

pub(crate) const EXPECTED: &[(&str, &str)] = &[
    ("page_size", "512"),
    ("num_pages", "6"),
    ("header.text_encoding", "utf8"),
    ("header.num_freelist_pages", "1"),
    ("pages[0].b_tree.page_type", "leaf_table"),
    ("pages[0].b_tree.cell_pointers[0].cell.payload.record.columns[1].text", "\"t\""),
    ("pages[0].b_tree.cell_pointers[0].cell.payload.record.columns[3].integer", "2"),
    ("pages[1].b_tree.page_type", "interior_table"),
    ("pages[1].b_tree.cell_pointers[0].cell.left_child_page", "3"),
    ("pages[1].b_tree.right_most_page", "4"),
    ("pages[2].b_tree.cell_pointers[0].cell.row_id.signed", "-4611686018427387904"),
    ("pages[2].b_tree.cell_pointers[0].cell.payload.record.columns[0].integer_24.value", "-70000"),
    ("pages[2].b_tree.cell_pointers[1].cell.payload.record.columns[0].real", "2.5"),
    ("pages[2].b_tree.cell_pointers[1].cell.payload.record.columns[1].blob", "[ff 00]"),
    ("pages[3].b_tree.cell_pointers[0].cell.len_payload.value", "604"),
    ("pages[3].b_tree.cell_pointers[0].cell.payload.len_local", "96"),
    ("pages[3].b_tree.cell_pointers[0].cell.payload.record.columns[0].storage", "one"),
    ("pages[3].b_tree.cell_pointers[0].cell.payload.overflow.next_page", "0"),
    ("pages[4].kind", "overflow_or_freelist"),
    ("freelist.num_leaves", "0"),
];

/// Values of a sparse database.
pub(crate) const EXPECTED_SPARSE: &[(&str, &str)] = &[
    ("pages[999999].b_tree.num_cells", "1"),
    ("pages[999999].b_tree.cell_pointers[0].cell.row_id.value", "7"),
    ("pages[999999].b_tree.cell_pointers[0].cell.payload.record.columns[0].text", "\"far\""),
];

/// Six pages.
pub(crate) fn sample() -> Vec<u8> {
    let text = "x".repeat(600);
    let long = record(&[(&[0x09], b""), (&[0x89, 0x3d], text.as_bytes())]);
    // 39 bytes at least stay in the page, and what is over a whole number of overflow pages.
    let local = 39 + (long.len() - 39) % (PAGE - 4);
    let mut cut = cell(&long, &[3]);
    cut.truncate(cut.len() - (long.len() - local));
    cut.extend(5_u32.to_be_bytes());
    let mut overflow = vec![0; 4];
    overflow.extend(&long[local..]);
    overflow.resize(PAGE, 0);
    let small = record(&[(&[3], &(-70_000_i32).to_be_bytes()[1..]), (&[0x13], b"one")]);
    let real = record(&[(&[7], &2.5_f64.to_be_bytes()), (&[0x10], &[0xff, 0])]);
    [
        first_page(PAGE, 6, 2, 6),
        interior_page(3, 2, 4),
        leaf_page(PAGE, 0, &[cell(&small, &LOWEST_ROW), cell(&real, &[2])]),
        leaf_page(PAGE, 0, &[cut]),
        overflow,
        vec![0; PAGE],
    ]
    .concat()
}

/// A database of `len` bytes, at least 4 GiB, whose table is on page 1,000,000 alone.
pub(crate) fn write_sparse(mut file: &File, len: u64) -> io::Result<()> {
    let page = u64::try_from(LARGE_PAGE).expect("a small page");
    let count = u32::try_from(len / page).expect("a number of pages");
    file.set_len(len)?;
    file.write_all(&first_page(LARGE_PAGE, count, FAR_PAGE, 0))?;
    file.seek(SeekFrom::Start(u64::from(FAR_PAGE - 1) * page))?;
    let row = record(&[(&[0x13], b"far"), (&[8], b"")]);
    file.write_all(&leaf_page(LARGE_PAGE, 0, &[cell(&row, &[7])]))
}

/// The header, and the schema: `CREATE TABLE t(a,b)` with its root page.
fn first_page(page: usize, count: u32, root: u32, free: u32) -> Vec<u8> {
    let sql = b"CREATE TABLE t(a,b)";
    let name: (&[u8], &[u8]) = (&[0x0f], b"t");
    let kind: (&[u8], &[u8]) = (&[0x17], b"table");
    let schema = record(&[kind, name, name, (&[4], &root.to_be_bytes()), (&[0x33], sql)]);
    let mut first = leaf_page(page, 100, &[cell(&schema, &[1])]);
    let mut header = b"SQLite format 3\0".to_vec();
    header.extend(u16::try_from(page).expect("a small page").to_be_bytes());
    header.extend([1, 1, 0, 64, 32, 32]);
    let free_pages = u32::from(free != 0);
    for number in [1, count, free, free_pages, 1, 4, 0, 0, 1, 0, 0, 0] {
        header.extend(number.to_be_bytes());
    }
    header.resize(92, 0);
    header.extend([0, 0, 0, 1]);
    header.extend(3_046_001_u32.to_be_bytes());
    first[..100].copy_from_slice(&header);
    first
}

fn interior_page(left: u8, row: u8, right: u8) -> Vec<u8> {
    let mut page = vec![5, 0, 0, 0, 1, 1, 0xfb, 0, 0, 0, 0, right, 1, 0xfb];
    page.resize(PAGE, 0);
    page[PAGE - 5..].copy_from_slice(&[0, 0, 0, left, row]);
    page
}

/// Cells are placed from the end of the page backwards.
fn leaf_page(len: usize, start: usize, cells: &[Vec<u8>]) -> Vec<u8> {
    let mut page = vec![0; len];
    let mut end = len;
    let mut pointers = Vec::new();
    for cell in cells {
        page[end - cell.len()..end].copy_from_slice(cell);
        end -= cell.len();
        pointers.extend(big(end));
    }
    let head = [&[13, 0, 0][..], &big(cells.len()), &big(end), &[0], &pointers].concat();
    page[start..start + head.len()].copy_from_slice(&head);
    page
}

fn cell(record: &[u8], row: &[u8]) -> Vec<u8> {
    let len = u16::try_from(record.len()).expect("a short record").to_be_bytes();
    let mut cell = if record.len() < 128 {
        vec![len[1]]
    } else {
        vec![0x80 | len[0] << 1 | len[1] >> 7, len[1] & 0x7f]
    };
    cell.extend(row);
    cell.extend(record);
    cell
}

/// Values with their serial types, which are varints.
fn record(values: &[(&[u8], &[u8])]) -> Vec<u8> {
    let types: Vec<u8> = values.iter().flat_map(|value| value.0).copied().collect();
    let mut record = vec![u8::try_from(types.len() + 1).expect("few columns")];
    record.extend(types);
    record.extend(values.iter().flat_map(|value| value.1));
    record
}

fn big(number: usize) -> [u8; 2] {
    u16::try_from(number).expect("inside a page").to_be_bytes()
}
