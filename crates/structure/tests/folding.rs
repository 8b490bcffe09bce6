//! Long lists fold into groups: what is shown of them, and what that costs.

#![allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "offsets of tests")]

mod common;

use memmap_structure::{Outline, ReadError, Row, RowState, Source, Trail, Tree};

use common::{Sparse, builtin, open_groups, schema, tree};

const FIXED: &str = "
meta: {id: it, endian: le}
seq: [{id: items, type: pair, repeat: eos}]
types:
  pair: {seq: [{id: a, type: u2}, {id: b, type: u2}]}
";

/// Elements that have to be walked.
const WALKED: &str = "
meta: {id: it, endian: le}
seq: [{id: items, type: item, repeat: eos}]
types:
  item: {seq: [{id: len, type: u1}, {id: body, size: len}]}
";

/// Elements that have to be walked, and are counted.
const COUNTED: &str = "
meta: {id: it, endian: le}
seq:
  - {id: count, type: u4}
  - {id: items, type: item, repeat: expr, repeat-expr: count}
types:
  item: {seq: [{id: len, type: u1}, {id: body, size: len}]}
";

fn names(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|it| it.name.as_str()).collect()
}

/// A tree whose list is open, with its way.
fn opened(tree: &mut Tree, name: &str) -> (Outline, Trail) {
    let mut outline = Outline::of_root();
    let rows = tree.rows(&outline, 0, 10).expect("it is there").rows;
    let list = rows.iter().find(|it| it.name == name).expect("it is there").trail.clone();
    outline.open(&list);
    (outline, list)
}

/// All rows, after all groups were opened.
fn unfolded(tree: &mut Tree, outline: &mut Outline) -> Vec<Row> {
    loop {
        let rows = tree.rows(outline, 0, 100_000).expect("it is there").rows;
        let closed = |it: &&Row| it.trail.is_group() && !outline.is_open(&it.trail);
        let closed: Vec<Trail> = rows.iter().filter(closed).map(|it| it.trail.clone()).collect();
        if closed.is_empty() {
            return rows;
        }
        for it in &closed {
            outline.open(it);
        }
    }
}

#[test]
fn up_to_200_elements_are_not_folded() {
    for (count, rows) in [(200, 202), (201, 2 + 3), (20_000, 2 + 200), (20_001, 2 + 3)] {
        let mut tree = tree(FIXED, &vec![0; 4 * count]);
        let (outline, _) = opened(&mut tree, "items");
        assert_eq!(tree.rows(&outline, 0, 10).unwrap().total, rows, "{count} elements");
    }
}

#[test]
fn groups_have_a_place_and_a_count_and_open_to_their_elements() {
    let mut tree = tree(FIXED, &vec![0; 4 * 3044]);
    let (mut outline, list) = opened(&mut tree, "items");
    let rows = tree.rows(&outline, 0, 100).unwrap().rows;
    assert_eq!(names(&rows)[..4], ["it", "items", "[0…99]", "[100…199]"]);
    let end = rows.last().unwrap();
    assert_eq!((end.name.as_str(), end.text.as_str()), ("[3000…3043]", "44 elements"));
    assert_eq!((end.path.as_str(), end.depth), ("items[3000…3043]", 2));
    let span = end.span.as_ref().unwrap();
    assert_eq!((span.start, span.len), (12_000, Some(176)));
    assert_eq!(tree.row_at(&end.trail).unwrap().text, "44 elements");
    outline.open(&rows[3].trail);
    let rows = tree.rows(&outline, 0, 200).unwrap().rows;
    assert_eq!(names(&rows)[3..6], ["[100…199]", "[100]", "[101]"]);
    assert_eq!(names(&rows)[103..105], ["[199]", "[200…299]"]);
    assert_eq!((rows[3].depth, rows[4].depth), (2, 3));
    // An element that is open is inside of its group.
    outline.open(&list.element(150));
    let rows = tree.rows(&outline, 54, 3).unwrap().rows;
    assert_eq!(names(&rows), ["[150]", "a", "b"]);
    assert_eq!((rows[0].depth, rows[1].depth), (3, 4));
    let above = tree.rows_above(&rows[1].trail).unwrap();
    assert_eq!(above.len(), rows[1].depth);
    assert!(above[2].is_group() && above[3] == rows[0].trail);
    // A group that is closed has closed what is in it.
    outline.close(&above[2]);
    outline.open(&above[2]);
    assert!(outline.is_open(&list) && !outline.is_open(&list.element(150)));
}

#[test]
fn rows_with_all_groups_open_are_the_rows_without() {
    let bytes: Vec<u8> = (0..25_000_u32).flat_map(|n| [1, n as u8]).collect();
    let counted = [&25_000_u32.to_le_bytes()[..], &bytes].concat();
    for (text, bytes) in [(FIXED, &bytes[..]), (COUNTED, &counted)] {
        let mut tree = tree(text, bytes);
        let (mut outline, list) = opened(&mut tree, "items");
        let rows = unfolded(&mut tree, &mut outline);
        let elements = rows.iter().filter(|it| it.trail.is_element());
        let mut count = 0;
        for (at, row) in elements.enumerate() {
            let mut alone = tree.row_at(&list.element(at as u64)).unwrap();
            alone.depth = row.depth;
            assert_eq!(row, &alone);
            count += 1;
        }
        assert_eq!(tree.ask("items.size").unwrap(), memmap_structure::Answer::Int(count));
        // Windows are parts of it, and each row is found.
        for first in [0, 99, 5000, 12_345, rows.len() - 20] {
            let part = tree.rows(&outline, first as u64, 20).unwrap();
            assert_eq!(part.rows, rows[first..(first + 20).min(rows.len())]);
            assert_eq!(part.total, rows.len() as u64);
            let found = tree.row_number(&outline, &rows[first].trail).unwrap();
            assert_eq!(found, Some(first as u64));
            assert_eq!(tree.rows_above(&rows[first].trail).unwrap().len(), rows[first].depth);
        }
    }
}

#[test]
fn to_fold_reads_nothing_however_long_the_list_is() {
    let mut costs = Vec::new();
    for count in [1_000_000_u64, 1_000_000_000, 1_000_000_000_000] {
        let file = Sparse { len: 4 * count, ..Sparse::default() };
        let mut tree = Tree::new(schema(FIXED), Box::new(file));
        let (mut outline, list) = opened(&mut tree, "items");
        let folded = tree.rows(&outline, 0, 300).unwrap();
        assert!(folded.rows.iter().skip(2).all(|it| it.trail.is_group()));
        assert!(folded.total <= 202, "{} rows", folded.total);
        assert_eq!(tree.blocks_read(), 0);
        open_groups(&mut tree, &mut outline, &list.element(count / 2));
        let number = tree.row_number(&outline, &list.element(count / 2)).unwrap().unwrap();
        assert_eq!(tree.blocks_read(), 0);
        assert!(tree.rows(&outline, 0, 10).unwrap().total <= 1000);
        assert_eq!(tree.rows(&outline, number, 40).unwrap().rows.len(), 40);
        costs.push((tree.blocks_read(), tree.nodes()));
    }
    assert!(costs.iter().all(|it| it == &costs[0] && it.0 <= 2), "{costs:?}");
}

#[test]
fn a_counted_list_is_folded_before_it_is_walked() {
    let bytes = [&3000_u32.to_le_bytes()[..], &[1, 7].repeat(3000)].concat();
    let mut tree = tree(COUNTED, &bytes);
    let (mut outline, list) = opened(&mut tree, "items");
    let rows = tree.rows(&outline, 0, 100).unwrap();
    assert_eq!((rows.total, names(&rows.rows).last()), (33, Some(&"[2900…2999]")));
    assert_eq!(rows.rows[5].span, None);
    assert_eq!(tree.walked(&list).unwrap().0, 0);
    // What is not shown is not walked either, even if it is open.
    outline.open(&list.element(2950));
    open_groups(&mut tree, &mut outline, &list.element(2950));
    tree.rows(&outline, 0, 10).unwrap();
    assert_eq!(tree.walked(&list).unwrap().0, 0);
    let rows = tree.rows(&outline, 83, 3).unwrap().rows;
    assert_eq!(names(&rows), ["[2950]", "len", "body"]);
    assert_eq!(tree.walked(&list).unwrap().0, 2951);
}

#[test]
fn a_list_without_an_end_in_sight_is_shown_element_by_element_until_it_is_walked() {
    let mut tree = tree(WALKED, &[1, 7].repeat(2000));
    let (outline, list) = opened(&mut tree, "items");
    let rows = tree.rows(&outline, 300, 40).unwrap();
    assert_eq!(rows.rows[0].name, "[298]");
    assert_eq!(rows.rows[0].depth, 2);
    assert_eq!(tree.walked(&list).unwrap().0, 338);
    // Its end is found while a window is filled: the window is of the folded list.
    let rows = tree.rows(&outline, 1990, 40).unwrap();
    assert_eq!((rows.total, rows.rows.len()), (22, 0));
    assert_eq!(names(&tree.rows(&outline, 21, 1).unwrap().rows), ["[1900…1999]"]);
}

#[test]
fn what_is_known_of_a_list_is_folded_once_it_is_walked() {
    let mut packets = capture(5000);
    packets.truncate(packets.len() - 30);
    let mut tree = Tree::new(builtin("pcap"), Box::new(packets));
    tree.set_limits({
        let mut limits = memmap_structure::Limits::default();
        limits.steps = 10_000;
        limits
    });
    let (mut outline, list) = opened(&mut tree, "packets");
    assert!(!tree.walk_on(&list).unwrap());
    let (known, _) = tree.walked(&list).unwrap();
    assert!(known > 200, "{known}");
    let rows = in_list(&mut tree, &outline);
    let end = rows.last().unwrap();
    assert_eq!(rows.iter().filter(|it| it.trail.is_group()).count() as u64, known.div_ceil(100));
    assert_eq!((end.state, end.trail.clone()), (RowState::More, list.element(known)));
    // The row for the rest walks nothing.
    assert_eq!(tree.walked(&list).unwrap().0, known);
    // The one that ends it is after the groups.
    while !matches!(tree.walk_on(&list), Ok(true) | Err(_)) {}
    let rows = in_list(&mut tree, &outline);
    let end = rows.last().unwrap();
    assert_eq!((end.name.as_str(), end.state), ("[4999]", RowState::Failed));
    assert_eq!(rows[rows.len() - 2].name, "[4900…4998]");
    open_groups(&mut tree, &mut outline, &list.element(4998));
    let number = tree.row_number(&outline, &list.element(4998)).unwrap().unwrap();
    assert_eq!(tree.rows(&outline, number + 1, 1).unwrap().rows[0].name, "[4999]");
}

/// The rows right below a list of the root.
fn in_list(tree: &mut Tree, outline: &Outline) -> Vec<Row> {
    let rows = tree.rows(outline, 0, 10_000).expect("no stop").rows;
    rows.into_iter().filter(|it| it.depth == 2).collect()
}

fn capture(packets: u32) -> Vec<u8> {
    let head = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 101];
    let mut bytes: Vec<u8> = head.iter().flat_map(|it| it.to_le_bytes()).collect();
    for n in 0..packets {
        bytes.extend([n, 0, 100, 100].iter().flat_map(|it| it.to_le_bytes()));
        bytes.extend([0x60; 100]);
    }
    bytes
}

#[test]
fn a_count_that_is_wrong_folds_what_there_is() {
    // 2^32 - 1 are said to be there, and 250 are.
    let bytes = [&u32::MAX.to_le_bytes()[..], &[1, 7].repeat(250)].concat();
    let mut tree = tree(COUNTED, &bytes);
    let (mut outline, list) = opened(&mut tree, "items");
    let rows = tree.rows(&outline, 0, 100).unwrap();
    assert_eq!(rows.rows.last().unwrap().name, "[4200000000…4294967294]");
    open_groups(&mut tree, &mut outline, &list.element(200));
    let number = tree.row_number(&outline, &list.element(200)).unwrap().unwrap();
    assert_eq!(tree.rows(&outline, number, 100).unwrap().total, 3 + 4 + 50);
    outline.close(&tree.rows(&outline, 0, 10).unwrap().rows[5].trail);
    let rows = tree.rows(&outline, 0, 300).unwrap().rows;
    assert_eq!(names(&rows), ["it", "count", "items", "[0…99]", "[100…199]", "[200…249]", "[250]"]);
    assert_eq!(rows[6].state, RowState::Failed);
}

#[test]
fn the_elements_of_a_group_are_visited() {
    let mut tree = tree(FIXED, &vec![0; 4 * 1000]);
    let (outline, _) = opened(&mut tree, "items");
    let group = tree.rows(&outline, 0, 10).unwrap().rows[4].trail.clone();
    let mut paths = Vec::new();
    let each = &mut |row: &Row| {
        paths.push(row.path.clone());
        std::ops::ControlFlow::Continue(())
    };
    assert!(tree.visit_trail(&group, 9, each).unwrap());
    assert_eq!(
        (paths.len(), paths[0].as_str(), paths[299].as_str()),
        (300, "items[200]", "items[299].b")
    );
}

/// A file of zeros, some of whose blocks cannot be read.
#[derive(Default)]
struct Bad {
    len: u64,
    blocks: Vec<u64>,
    /// Whether only the first byte of each cannot be read.
    in_part: bool,
}

impl Source for Bad {
    fn len(&self) -> u64 {
        self.len
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), ReadError> {
        let end = at + into.len() as u64;
        let len = if self.in_part { 1 } else { 4096 };
        let bad = |it: &&u64| **it * 4096 < end && **it * 4096 + len > at;
        if let Some(block) = self.blocks.iter().find(bad) {
            return Err(ReadError::Unreadable(format!("sector {}", block / 10)));
        }
        into.fill(0);
        Ok(())
    }
}

#[test]
fn readable_parts_fold_around_an_unreadable_one_once_it_is_known() {
    let file = Bad { len: 4 * 30_000, blocks: vec![3, 4, 20], ..Bad::default() };
    let mut tree = Tree::new(schema(FIXED), Box::new(file));
    let (mut outline, list) = opened(&mut tree, "items");
    let plain = ["[0…9999]", "[10000…19999]", "[20000…29999]"];
    assert_eq!(names(&in_list(&mut tree, &outline)), plain);
    assert_eq!(tree.blocks_read(), 0, "nothing is read to fold it");
    let first = tree.rows(&outline, 2, 1).unwrap().rows[0].trail.clone();
    outline.open(&first);
    // What is looked at is known then: the blocks from 12 KiB and 16 KiB on have one reason.
    assert!(tree.ask("items[3072].a").is_err());
    assert!(tree.ask("items[5000].a").is_err());
    let rows = in_list(&mut tree, &outline);
    let folded = ["[0…3071]", "[3072…5119]", "[5120…9999]", "[10000…19999]", "[20000…29999]"];
    assert_eq!(names(&rows), folded);
    let bad = &rows[1];
    assert_eq!(
        (bad.state, bad.fault.as_ref().unwrap().message.as_str()),
        (RowState::Unreadable, "sector 0")
    );
    let span = bad.span.as_ref().unwrap();
    assert_eq!((span.start, span.len), (12_288, Some(8192)));
    // What was open stays so, and each row is found.
    assert!(outline.is_open(&rows[0].trail) && rows[0].trail == first);
    for at in [0, 3071, 3072, 3099, 3100, 5119, 5120, 9999, 20_000] {
        let element = list.element(at);
        open_groups(&mut tree, &mut outline, &element);
        let number = tree.row_number(&outline, &element).unwrap().unwrap();
        let row = tree.rows(&outline, number, 1).unwrap().rows.remove(0);
        assert_eq!(
            (row.trail.clone(), row.depth),
            (element, tree.rows_above(&row.trail).unwrap().len())
        );
    }
    // Another reason is another group.
    assert!(tree.ask("items[20480].a").is_err());
    let rows = in_list(&mut tree, &outline);
    assert_eq!(names(&rows)[4..], ["[20000…20479]", "[20480…21503]", "[21504…29999]"]);
    // To close it closes what is in it, and nothing else.
    outline.close(&rows[1].trail);
    assert!(!outline.is_open(&rows[1].trail) && outline.is_open(&rows[0].trail));
    let above = tree.rows_above(&list.element(3072)).unwrap();
    assert!(above.iter().skip(2).all(|it| !outline.is_open(it)));
}

#[test]
fn elements_that_are_in_an_unreadable_block_in_part_are_in_its_group() {
    let text = FIXED.replace("{id: b, type: u2}", "{id: b, size: 22}");
    let file = Bad { len: 24 * 3000, blocks: vec![2], ..Bad::default() };
    let mut tree = Tree::new(schema(&text), Box::new(file));
    let (mut outline, list) = opened(&mut tree, "items");
    assert!(tree.ask("items[400].a").is_err());
    let rows = in_list(&mut tree, &outline);
    assert_eq!(names(&rows)[3..7], ["[300…340]", "[341…511]", "[512…599]", "[600…699]"]);
    // The first one has bytes before it.
    open_groups(&mut tree, &mut outline, &list.element(341));
    outline.open(&list.element(341));
    let number = tree.row_number(&outline, &list.element(341)).unwrap().unwrap();
    let rows = tree.rows(&outline, number, 3).unwrap().rows;
    assert_eq!((rows[1].name.as_str(), rows[1].text.as_str()), ("a", "0"));
    assert_eq!(rows[2].state, RowState::Unreadable);
}

#[test]
fn a_list_that_is_unreadable_in_too_many_places_folds_by_numbers() {
    let file = Bad { len: 4 * 300_000, blocks: (0..200).step_by(2).collect(), ..Bad::default() };
    let mut tree = Tree::new(schema(FIXED), Box::new(file));
    let (outline, _) = opened(&mut tree, "items");
    for at in (0..300_000).step_by(2048).take(100) {
        tree.ask(&format!("items[{at}].a")).unwrap_err();
        assert!(tree.rows(&outline, 0, 1).unwrap().total < 300);
    }
    assert_eq!(tree.rows(&outline, 0, 1).unwrap().total, 2 + 30);
}

#[test]
fn a_block_of_which_bytes_can_be_read_is_no_group() {
    let file = Bad { len: 4 * 3000, blocks: vec![1], in_part: true };
    let mut tree = Tree::new(schema(FIXED), Box::new(file));
    let (outline, _) = opened(&mut tree, "items");
    assert!(tree.ask("items[1024].a").is_err());
    assert_eq!(names(&in_list(&mut tree, &outline))[11..13], ["[1024…2047]", "[2048…2099]"]);
    tree.ask("items[1024].b").unwrap();
    assert_eq!(in_list(&mut tree, &outline).len(), 30);
    assert!(tree.ask("items[1024].a").is_err());
    assert_eq!(in_list(&mut tree, &outline).len(), 30);
}
