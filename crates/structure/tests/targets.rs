//! Fields that are offsets, and what is read there.

#![allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "offsets of tests")]

mod common;

use memmap_structure::{Outline, Tree};

use common::schema;

const TEXT: &str = "
meta: {id: it, endian: le}
seq:
  - {id: ofs_body, type: u2}
  - {id: ofs_name, type: u2}
  - {id: ofs_none, type: u2}
  - {id: value, type: u2}
  - {id: id, type: u2}
  - {id: kind, type: u2, -webide-representation: '{:hex}'}
instances:
  strings: {pos: ofs_body, size: 2}
  body: {pos: ofs_body, size: 4, type: part}
  name: {io: _root._io, pos: ofs_name, size: 2}
  none: {pos: ofs_none, size: 1, if: value == 0}
  shifted: {pos: value + 1, size: 1}
  broken: {pos: id, size: 1, if: 1 / 0 == 1}
  again: {value: body}
types:
  part: {seq: [{id: number, type: u4}]}
";

#[test]
fn an_offset_names_what_is_read_there() {
    let bytes: Vec<u8> = [16_u16, 2, 3, 4, 5, 6].iter().flat_map(|it| it.to_le_bytes()).collect();
    let mut tree = Tree::new(schema(TEXT), Box::new([bytes, vec![9; 20]].concat()));
    let rows = tree.rows(&Outline::of_root(), 0, 100).unwrap().rows;
    let shown = |name: &str| {
        let row = rows.iter().find(|it| it.name == name).unwrap();
        (row.text.clone(), row.target.clone())
    };
    let target = |path: &str| Some(path.to_owned());
    // Two instances are read there; the field is called like the second.
    assert_eq!(shown("ofs_body"), ("0x10 → body".to_owned(), target("body")));
    assert_eq!(shown("ofs_name"), ("0x2 → name".to_owned(), target("name")));
    // The instance is absent, `pos` is more than the field, or nobody can say whether it is there.
    for name in ["ofs_none", "value", "id", "kind"] {
        assert_eq!(shown(name).1, None, "{name}");
    }
    assert_eq!(shown("value").0, "4");
    // A value that is another node refers to it.
    assert_eq!(shown("again").1, target("body"));
}

#[test]
fn a_node_in_full_says_how_it_is_stored_and_what_it_refers_to() {
    let bytes: Vec<u8> = [16_u16, 2, 3, 4, 5, 6].iter().flat_map(|it| it.to_le_bytes()).collect();
    let mut tree = Tree::new(schema(TEXT), Box::new([bytes, vec![9; 20]].concat()));
    let rows = tree.rows(&Outline::of_root(), 0, 100).unwrap().rows;
    let mut full = |name: &str| {
        let row = rows.iter().find(|it| it.name == name).unwrap();
        tree.detail(&row.trail).unwrap()
    };
    let offset = full("ofs_body");
    assert_eq!((offset.type_name.as_str(), &*offset.bytes), ("u2 LE", &[16, 0][..]));
    let (target, bytes) = offset.target.unwrap();
    assert_eq!((target.path.as_str(), bytes), ("body", vec![9; 4]));
    assert_eq!(full("body").row.path, "body");
    assert_eq!(full("again").target.unwrap().0.path, "body");
    // Each row of the tree has a detail with the same row, also one with a mistake.
    for row in &rows {
        assert_eq!(full(&row.name).row.path, row.path);
    }
}
