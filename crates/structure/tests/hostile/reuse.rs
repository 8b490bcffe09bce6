//! Elements that are dropped while they are in use, and made again.

use std::fmt::Write as _;

use memmap_structure::{Answer, FaultKind, Limits, Tree};

use super::{META, attack, common, int, tree};

/// Elements whose instance looks at thousands of others while it is walked.
const LOOKS: &str = "
seq:
  - {id: items, type: item, repeat: eos}
types:
  item:
    seq: [{id: v, type: u1}]
    instances:
      looks:
        pos: 0
        size: '1 + _root.items[_index].v - _root.items[_index].v'
        repeat: expr
        repeat-expr: 9000
";

#[test]
fn an_element_is_not_dropped_while_it_is_walked() {
    let bytes: Vec<u8> = (0..10_000_u32).map(|it| (it * 7) as u8).collect();
    let mut tree = tree(LOOKS, &bytes);
    assert_eq!(tree.ask("items[0].looks[8999]").unwrap(), Answer::Bytes(vec![bytes[8999]]));
    assert_eq!(int(&mut tree, "items[0].v"), 0);
    for at in [0, 1, 5000, 9999] {
        assert_eq!(int(&mut tree, &format!("items[{at}].v")), i128::from(bytes[at]));
    }
}

#[test]
fn a_list_of_elements_of_a_list_of_thousands() {
    let bytes: Vec<u8> = (0..10_000_u32).map(|it| (it * 7) as u8).collect();
    let text = "
seq: [{id: items, type: item, repeat: eos}]
instances:
  all: {value: LIST}
types:
  item:
    seq: [{id: v, type: u1}]
";
    let list: Vec<String> = (0..5000).map(|it| format!("items[{it}]")).collect();
    let list = format!("'[{}]'", list.join(","));
    let mut tree = tree(&text.replace("LIST", &list), &bytes);
    for at in [0, 1, 2500, 4999] {
        assert_eq!(int(&mut tree, &format!("all[{at}].v")), i128::from(bytes[at]), "{at}");
    }
}

#[test]
fn elements_that_give_themselves_to_their_fields_do_not_stay() {
    let text = "
seq: [{id: items, type: item, repeat: eos}]
types:
  item:
    seq:
      - {id: len, type: u1}
      - {id: body, size: len, type: body(_io, _index)}
  body:
    params: [{id: stream, type: io}, {id: at, type: s8}]
    seq: [{id: rest, size-eos: true}]
";
    let text = text.replace("(_io, _index)", "(_io)").replace(", {id: at, type: s8}", "");
    let bytes: Vec<u8> = [2, 7, 9].into_iter().cycle().take(60_000).collect();
    let mut tree = Tree::new(common::schema(&format!("{META}{text}")), Box::new(bytes));
    assert_eq!(int(&mut tree, "items.size"), 20_000);
    assert!(tree.nodes() < 500, "{}", tree.nodes());
    assert_eq!(tree.ask("items[12345].body.rest").unwrap(), Answer::Bytes(vec![7, 9]));
}

#[test]
fn a_parent_that_is_elsewhere_stays() {
    let text = "
seq:
  - {id: items, type: item, repeat: eos}
instances:
  far: {pos: 0, type: kid, parent: 'items[3].as<item>'}
types:
  item:
    seq: [{id: len, type: u1}, {id: body, size: len}]
  kid:
    seq: [{id: x, type: u1}]
    instances:
      up: {value: _parent.as<item>.len}
";
    let bytes: Vec<u8> =
        (0..20_000_u32).flat_map(|it| if it == 3 { vec![2, 0, 0] } else { vec![1, 0] }).collect();
    let mut tree = Tree::new(common::schema(&format!("{META}{text}")), Box::new(bytes));
    assert_eq!(tree.ask("far._parent").unwrap(), Answer::Object("items[3]".to_owned()));
    // The list is gone through, and what was seen is dropped.
    tree.visit(3, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
    assert_eq!(int(&mut tree, "far.up"), 2);
    assert_eq!(tree.ask("far._parent").unwrap(), Answer::Object("items[3]".to_owned()));
}

#[test]
fn a_check_that_is_stopped_leaves_no_node() {
    let text = "
seq:
  - id: a
    type: u1
    valid: {expr: 'far == 0'}
instances:
  far: {pos: 5000, type: u1}
";
    let text = format!("{META}{text}");
    let source = Stuck { stop: true };
    let mut tree = Tree::new(common::schema(&text), Box::new(source));
    drop(tree.ask("a"));
    let nodes = tree.nodes();
    for _ in 0..100 {
        assert!(tree.ask("a").is_err());
    }
    assert!(tree.nodes() <= nodes + 1, "{} and {nodes}", tree.nodes());
}

/// A file whose second block can never be read.
#[derive(Debug)]
struct Stuck {
    stop: bool,
}

impl memmap_structure::Source for Stuck {
    fn len(&self) -> u64 {
        10_000
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), memmap_structure::ReadError> {
        into.fill(0);
        if at > 0 && self.stop { Err(memmap_structure::ReadError::Stop) } else { Ok(()) }
    }
}

#[test]
fn a_mistake_of_depth_is_not_kept() {
    let mut text =
        String::from("\nseq:\n  - {id: a, type: u1, valid: {expr: 'v0 == 1'}}\ninstances:\n");
    for at in 0..30 {
        let _ = writeln!(text, "  v{at}: {{value: v{}}}", at + 1);
    }
    text.push_str("  v30: {value: 1}\n");
    let mut tree = tree(&text, &[0; 4]);
    let mut limits = Limits::default();
    limits.instances = 20;
    tree.set_limits(limits);
    let row = common::rows(&mut tree, 1).swap_remove(1);
    assert_eq!(row.fault.map(|it| it.kind), Some(FaultKind::Depth));
    tree.set_limits(Limits::default());
    let row = common::rows(&mut tree, 1).swap_remove(1);
    assert_eq!(row.fault, None);
}

#[test]
fn a_list_in_a_buffer_is_visited_to_its_end() {
    let text = "
seq: [{id: a, size-eos: true, process: xor(1), type: b}]
types:
  b:
    seq: [{id: items, type: u1, repeat: until, repeat-until: _io.eof}, {id: none, size: 0}]
";
    let mut tree = tree(text, &vec![0; 50_000]);
    let mut limits = Limits::default();
    limits.nodes = 1000;
    tree.set_limits(limits);
    let mut last = String::new();
    let whole = tree.visit(2, &mut |row| {
        last.clone_from(&row.path);
        assert_eq!(row.fault, None, "{}", row.path);
        std::ops::ControlFlow::Continue(())
    });
    assert!(whole.unwrap());
    assert_eq!(last, "a.none");
}

#[test]
fn buffers_that_are_dropped_are_made_again() {
    attack(|| {
        // Three buffers of 30 MiB do not fit.
        let text = "
seq:
  - {id: a, size: 31457280, process: xor(1), type: b}
  - {id: b, size: 31457280, process: xor(2), type: b}
  - {id: c, size: 31457280, process: xor(3), type: b}
types:
  b:
    seq: [{id: len, type: u1}]
    instances:
      last: {pos: 31457279, type: u1}
      first: {pos: 0, type: u1}
";
        let file = common::Sparse {
            len: 3 * 31_457_280,
            pieces: vec![(31_457_279, vec![7])],
            ..common::Sparse::default()
        };
        let mut tree = Tree::new(common::schema(&format!("{META}{text}")), Box::new(file));
        for (name, value) in [
            ("a.len", 1),
            ("b.len", 2),
            ("c.len", 3),
            ("a.last", 6),
            ("b.last", 2),
            ("c.first", 3),
            ("a.first", 1),
        ] {
            assert_eq!(int(&mut tree, name), value, "{name}");
        }
    });
}
