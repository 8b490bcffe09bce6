//! How much of a file is read: counted in blocks of 4 KiB, not in time.

#![allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "offsets of tests")]

mod common;

use memmap_structure::{Answer, Outline, Tree};

use common::{Sparse, builtin, schema, shown};

const KIB_64: u64 = 16;
const KIB_256: u64 = 64;

fn sparse(len: u64, pieces: Vec<(u64, Vec<u8>)>) -> Sparse {
    Sparse { len, pieces, ..Sparse::default() }
}

/// The first rows of a view, with the root open.
fn first_screen(tree: &mut Tree) -> Vec<String> {
    let mut outline = Outline::of_root();
    let rows = tree.rows(&outline, 0, 40).expect("no stop");
    // The newest list is opened as well, as a user does who wants to see its elements.
    if let Some(row) = rows.rows.iter().rev().find(|it| it.has_children && it.depth == 1) {
        outline.open(&row.trail);
    }
    let rows = tree.rows(&outline, 0, 40).expect("no stop").rows;
    rows.into_iter().map(|it| format!("{} {}", it.path, it.text)).collect()
}

/// A database of 25 million pages of 4 KiB, of which page 1,000,000 is a leaf.
fn database() -> Sparse {
    let mut head = vec![0; 100];
    head[..16].copy_from_slice(b"SQLite format 3\0");
    head[16..24].copy_from_slice(&[0x10, 0, 1, 1, 0, 64, 32, 32]);
    head[24..28].copy_from_slice(&1_u32.to_be_bytes());
    head[28..32].copy_from_slice(&25_000_000_u32.to_be_bytes());
    head[44..48].copy_from_slice(&4_u32.to_be_bytes());
    head[56..60].copy_from_slice(&1_u32.to_be_bytes());
    head[92..96].copy_from_slice(&1_u32.to_be_bytes());
    let leaf = vec![0x0d, 0, 0, 0, 0, 0x10, 0, 0];
    sparse(25_000_000 * 4096, vec![(0, head), (100, leaf.clone()), (999_999 * 4096, leaf)])
}

#[test]
fn top_and_a_far_page_of_a_database_of_100_gib() {
    let mut tree = Tree::new(builtin("sqlite"), Box::new(database()));
    let rows = tree.rows(&Outline::of_root(), 0, 40).unwrap().rows;
    assert!(rows.iter().any(|it| it.path == "pages"), "{rows:?}");
    assert!(tree.blocks_read() <= KIB_64, "{} blocks for the top", tree.blocks_read());
    let mut tree = Tree::new(builtin("sqlite"), Box::new(database()));
    let found = tree.ask("pages[999999].b_tree.page_type").unwrap();
    assert_eq!(shown(&found), "leaf_table");
    assert!(tree.blocks_read() <= KIB_64, "{} blocks for a page", tree.blocks_read());
}

#[test]
fn the_sections_of_a_program_of_100_gib() {
    const HEADERS: u64 = 100 << 30;
    let mut head = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    for half in [3_u16, 62] {
        head.extend_from_slice(&half.to_le_bytes());
    }
    head.extend_from_slice(&1_u32.to_le_bytes());
    for wide in [0, 0, HEADERS] {
        head.extend_from_slice(&wide.to_le_bytes());
    }
    head.extend_from_slice(&0_u32.to_le_bytes());
    for half in [64_u16, 56, 0, 64, 1000, 0] {
        head.extend_from_slice(&half.to_le_bytes());
    }
    // Section 999 has a body of 4 GiB.
    let section: Vec<u8> =
        [0, 0, 0x1000_u64, 1 << 32, 0, 0, 0].iter().flat_map(|it| it.to_le_bytes()).collect();
    let at = HEADERS + 999 * 64 + 8;
    let file = sparse(
        HEADERS + 1000 * 64,
        vec![(0, head), (at - 4, 1_u32.to_le_bytes().to_vec()), (at, section)],
    );
    let mut tree = Tree::new(builtin("elf"), Box::new(file.clone()));
    assert_eq!(tree.ask("header.section_headers.size").unwrap(), Answer::Int(1000));
    let last = tree.ask("header.section_headers[999].type").unwrap();
    assert_eq!(shown(&last), "progbits");
    let rows = first_screen(&mut tree);
    assert!(rows.len() > 8, "{rows:?}");
    assert!(tree.blocks_read() <= KIB_64, "{} blocks", tree.blocks_read());
}

#[test]
fn the_partitions_of_a_disk_of_1_tib() {
    let mut header = b"EFI PART\0\0\x01\0".to_vec();
    header.extend_from_slice(&92_u32.to_le_bytes());
    header.extend_from_slice(&[0; 8]);
    for lba in [1_u64, (1 << 31) - 1, 34, (1 << 31) - 34] {
        header.extend_from_slice(&lba.to_le_bytes());
    }
    header.extend_from_slice(&[7; 16]);
    header.extend_from_slice(&2_u64.to_le_bytes());
    for n in [128_u32, 128, 0] {
        header.extend_from_slice(&n.to_le_bytes());
    }
    let disk = sparse(1 << 40, vec![(510, vec![0x55, 0xaa]), (512, header)]);
    let mut tree = Tree::new(builtin("gpt"), Box::new(disk));
    let rows = first_screen(&mut tree);
    assert!(rows.iter().any(|it| it.starts_with("header")), "{rows:?}");
    tree.ask("header.partition_entries[127].partition_type").unwrap();
    assert!(tree.blocks_read() <= KIB_64, "{} blocks", tree.blocks_read());
}

#[test]
fn the_first_packets_of_a_capture_of_20_gib() {
    const BODY: u64 = 65_000;
    let mut pieces = vec![(
        0,
        [
            &0xa1b2_c3d4_u32.to_le_bytes()[..],
            &[2, 0, 4, 0],
            &[0; 8],
            &65_535_u32.to_le_bytes(),
            &1_u32.to_le_bytes(),
        ]
        .concat(),
    )];
    for n in 0..200 {
        let at = 24 + n * (16 + BODY);
        let head: Vec<u8> = [n as u32, 0, BODY as u32, BODY as u32]
            .iter()
            .flat_map(|it| it.to_le_bytes())
            .collect();
        pieces.push((at, head));
    }
    let capture = sparse(20 << 30, pieces);
    let mut tree = Tree::new(builtin("pcap"), Box::new(capture));
    let rows = first_screen(&mut tree);
    assert_eq!(rows.len(), 40);
    assert!(tree.blocks_read() <= KIB_256, "{} blocks", tree.blocks_read());
}

/// An MP4 file of boxes of one size, which is a hole but for its headers.
fn boxes(count: u64, size: u64) -> Sparse {
    let head = |kind: &[u8], size: u64| [&(size as u32).to_be_bytes()[..], kind].concat();
    let mut pieces = vec![(0, [&head(b"ftyp", 16)[..], b"isom\0\0\0\0"].concat())];
    pieces.extend((0..count).map(|n| (16 + n * size, head(b"free", size))));
    sparse(16 + count * size, pieces)
}

#[test]
fn the_first_boxes_of_a_film_of_50_gib() {
    let mut tree = Tree::new(builtin("mp4"), Box::new(boxes(51, 1 << 30)));
    let rows = first_screen(&mut tree);
    assert!(rows.len() == 40, "{rows:?}");
    assert!(tree.blocks_read() <= KIB_256, "{} blocks", tree.blocks_read());
}

#[test]
fn an_element_of_a_list_of_a_billion_is_one_read() {
    let text = "
meta:
  id: it
  endian: le
seq:
  - id: items
    type: pair
    repeat: eos
types:
  pair:
    seq:
      - id: a
        type: u4
      - id: b
        type: u4
";
    let file = sparse(8 << 30, vec![(8 * 1_000_000_000, vec![7, 0, 0, 0, 9])]);
    let mut tree = Tree::new(schema(text), Box::new(file.clone()));
    assert_eq!(tree.ask("items[1000000000].b").unwrap(), Answer::Int(9));
    assert_eq!(tree.ask("items.size").unwrap(), Answer::Int(1 << 30));
    assert_eq!(tree.blocks_read(), 1);
    // A view far down reads what it shows.
    let mut outline = Outline::of_root();
    outline.open(&tree.rows(&outline, 0, 2).unwrap().rows[1].trail);
    let rows = tree.rows(&outline, 0, 40).unwrap();
    assert_eq!((rows.rows[12].path.as_str(), rows.total), ("items[1000000000…1073741823]", 13));
    let far = rows.rows[1].trail.element(1_000_000_000);
    common::open_groups(&mut tree, &mut outline, &far);
    let number = tree.row_number(&outline, &far).unwrap().unwrap();
    let rows = tree.rows(&outline, number, 40).unwrap();
    assert_eq!(rows.rows[0].path, "items[1000000000]");
    // 11 groups, and those that were opened: of 74 groups, and three times of 100 rows.
    assert_eq!(rows.total, 2 + 11 + 74 + 300);
    assert!(file.reads.lock().unwrap().len() <= 2);
}

#[test]
fn what_is_far_in_a_walked_list_is_found_from_a_mark() {
    let text = "
meta:
  id: it
seq:
  - id: items
    type: item
    repeat: eos
types:
  item:
    seq:
      - id: len
        type: u1
      - id: body
        size: len
";
    let bytes: Vec<u8> =
        (0..20_000_u32).flat_map(|n| [&[2][..], &(n as u16).to_le_bytes()].concat()).collect();
    let mut tree = Tree::new(schema(text), Box::new(bytes));
    assert_eq!(tree.ask("items.size").unwrap(), Answer::Int(20_000));
    for at in [0_u32, 5, 1023, 1024, 1025, 19_999, 7777, 3] {
        let found = tree.ask(&format!("items[{at}].body")).unwrap();
        assert_eq!(found, Answer::Bytes((at as u16).to_le_bytes().to_vec()), "element {at}");
    }
    assert!(tree.nodes() < 200, "{} nodes", tree.nodes());
}

/// An archive of members of 1 MiB, which are a hole but for the header of the first.
fn archive(count: u64) -> Sparse {
    const SIZE: u64 = 1 << 20;
    let mut pieces: Vec<(u64, Vec<u8>)> = Vec::new();
    let mut directory = Vec::new();
    for n in 0..count {
        let name = format!("member-{n:06}");
        let lens = [(SIZE - 43) as u32; 2];
        let common = [
            &[20, 0, 0, 0, 0, 0][..],
            &[0; 8],
            &lens[0].to_le_bytes(),
            &lens[1].to_le_bytes(),
            &[13, 0, 0, 0],
        ];
        if n == 0 {
            pieces.push((0, [&b"PK\x03\x04"[..], &common.concat(), name.as_bytes()].concat()));
        }
        directory.push([&b"PK\x01\x02\x14\x03"[..], &common.concat(), &[0; 10], &[0; 4]].concat());
        directory.push(name.into_bytes());
    }
    let start = count * SIZE;
    let directory = directory.concat();
    let len = directory.len() as u64;
    let mut end =
        [&b"PK\x06\x06"[..], &44_u64.to_le_bytes(), &[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]]
            .concat();
    for n in [count, count, len, start] {
        end.extend_from_slice(&n.to_le_bytes());
    }
    end.extend_from_slice(
        &[&b"PK\x06\x07\0\0\0\0"[..], &(start + len).to_le_bytes(), &[1, 0, 0, 0]].concat(),
    );
    end.extend_from_slice(&[&b"PK\x05\x06\0\0\0\0"[..], &[0xff; 12], &[0, 0]].concat());
    let total = start + len + end.len() as u64;
    pieces.push((start, directory));
    pieces.push((start + len, end));
    sparse(total, pieces)
}

#[test]
fn the_first_members_of_an_archive_of_100_gib() {
    let mut tree = Tree::new(builtin("zip"), Box::new(archive(100_000)));
    let mut outline = Outline::of_root();
    let rows = tree.rows(&outline, 0, 40).unwrap().rows;
    let entries = rows.iter().find(|it| it.path == "entries").unwrap();
    outline.open(&entries.trail);
    let folded = tree.rows(&outline, 0, 44).unwrap();
    assert!(folded.rows.iter().any(|it| it.path == "entries[90000…99999]"), "{folded:?}");
    common::open_groups(&mut tree, &mut outline, &entries.trail.element(38));
    let rows = tree.rows(&outline, 0, 46).unwrap().rows;
    assert!(
        rows.iter().any(|it| it.path == "entries[38]" && it.text.starts_with("member-000038")),
        "{rows:?}"
    );
    assert!(tree.blocks_read() <= KIB_64, "{} blocks", tree.blocks_read());
    // The end is found in one block, and another has the local header of a member.
    let mut tree = Tree::new(builtin("zip"), Box::new(archive(100_000)));
    assert_eq!(
        tree.ask("entries[0].local_file.name.text").unwrap(),
        Answer::Text("member-000000".to_owned())
    );
    assert!(tree.blocks_read() <= 5, "{} blocks", tree.blocks_read());
}

#[test]
fn the_longest_comment_of_an_archive_is_one_request() {
    let mut bytes = [&b"PK\x05\x06"[..], &[0; 16], &u16::MAX.to_le_bytes()].concat();
    bytes.resize(22 + 65_535, b'K');
    for before in [0, 1, 4, 1000] {
        let file = [vec![b'P'; before], bytes.clone()].concat();
        let mut tree = Tree::new(builtin("zip"), Box::new(file));
        assert_eq!(tree.ask("end_search.ofs_end").unwrap(), Answer::Int(before as i128));
    }
    // Without a record the search ends after the longest comment.
    let mut tree = Tree::new(builtin("zip"), Box::new(vec![0; 1 << 20]));
    assert_eq!(tree.ask("end_search.is_found").unwrap(), Answer::Bool(false));
    assert!(tree.blocks_read() <= 18, "{} blocks", tree.blocks_read());
}

#[test]
fn tensors_are_not_read_before_they_are_shown() {
    let mut head = b"GGUF\x03\0\0\0".to_vec();
    for n in [2_u64, 0] {
        head.extend_from_slice(&n.to_le_bytes());
    }
    for (name, offset) in [(b'a', 0_u64), (b'b', 4 << 30)] {
        head.extend_from_slice(
            &[&[1, 0, 0, 0, 0, 0, 0, 0, name][..], &1_u32.to_le_bytes()].concat(),
        );
        head.extend_from_slice(&(1_u64 << 30).to_le_bytes());
        head.extend_from_slice(&0_u32.to_le_bytes());
        head.extend_from_slice(&offset.to_le_bytes());
    }
    let mut tree = Tree::new(builtin("gguf"), Box::new(sparse((8 << 30) + 96, vec![(0, head)])));
    let rows = common::rows(&mut tree, 2);
    assert!(rows.iter().any(|it| it.path == "tensors[1]"), "{rows:?}");
    assert_eq!(tree.blocks_read(), 1);
    assert_eq!(tree.ask("tensors[1].floats[1000000]").unwrap(), Answer::Float(0.0));
    assert_eq!(tree.blocks_read(), 2);
}
