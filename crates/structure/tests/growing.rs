//! A file that grows while it is looked at.

#![allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "offsets of tests")]

mod common;

use memmap_structure::{Answer, Outline, Tree};

use common::{builtin, schema};

/// A capture of packets of 100 bytes. The last one may be cut.
fn capture(packets: u32, cut: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 101]
        .iter()
        .flat_map(|it| it.to_le_bytes())
        .collect();
    for n in 0..packets {
        bytes.extend([n, 0, 100, 100].iter().flat_map(|it| it.to_le_bytes()));
        bytes.extend([0x60; 100]);
    }
    bytes.truncate(bytes.len() - cut);
    bytes
}

#[test]
fn a_capture_that_grows_keeps_what_was_found() {
    let mut tree = Tree::new(builtin("pcap"), Box::new(capture(5000, 30)));
    let mut outline = Outline::of_root();
    let rows = tree.rows(&outline, 0, 100).unwrap();
    let list = rows.rows.iter().find(|it| it.path == "packets").unwrap().trail.clone();
    outline.open(&list);
    while !matches!(tree.walk_on(&list), Ok(true) | Err(_)) {}
    assert_eq!(tree.walked(&list).unwrap().0, 4999);
    let before = tree.blocks_read();
    assert!(tree.grow(Box::new(capture(5003, 0))));
    assert_eq!(tree.ask("packets.size").unwrap(), Answer::Int(5003));
    assert_eq!(tree.ask("packets[5002].time_seconds").unwrap(), Answer::Int(5002));
    assert!(
        tree.blocks_read() - before < 10,
        "{} blocks were read again",
        tree.blocks_read() - before
    );
    let total = tree.rows(&outline, 0, 1).unwrap().total;
    let fresh = Tree::new(builtin("pcap"), Box::new(capture(5003, 0)))
        .rows(&Outline::of_root(), 0, 100)
        .unwrap();
    // The list stays folded, in groups of 100.
    assert_eq!(total, fresh.total + 51);
}

#[test]
fn a_list_of_one_size_grows_by_arithmetic() {
    let text = "
meta:
  id: it
  endian: le
seq:
  - id: items
    type: u4
    repeat: eos
instances:
  last:
    pos: _io.size - 4
    type: u4
";
    let bytes = |count: u32| (0..count).flat_map(u32::to_le_bytes).collect::<Vec<u8>>();
    let mut tree = Tree::new(schema(text), Box::new(bytes(10)[..38].to_vec()));
    assert!(tree.ask("items.size").is_err());
    tree.ask("last").unwrap();
    assert!(tree.grow(Box::new(bytes(20))));
    assert_eq!(tree.ask("items.size").unwrap(), Answer::Int(20));
    assert_eq!(tree.ask("items[19]").unwrap(), Answer::Int(19));
    assert_eq!(tree.ask("last").unwrap(), Answer::Int(19));
}

#[test]
fn a_tree_that_depends_on_the_length_is_made_anew() {
    let text = "
meta:
  id: it
seq:
  - id: head
    size: _io.size - 2
  - id: items
    type: u1
    repeat: eos
";
    let mut tree = Tree::new(schema(text), Box::new(vec![0; 10]));
    assert!(!tree.grow(Box::new(vec![0; 12])));
    // A file that was cut is another file.
    let mut tree = Tree::new(builtin("pcap"), Box::new(capture(3, 0)));
    assert!(!tree.grow(Box::new(capture(2, 0))));
}
