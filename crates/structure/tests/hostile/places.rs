//! What position, bits and order mean where no public test says it. The values are those of Kaitai's
//! compiler.

use super::{attack, int, tree};

/// Bytes of which each is another.
fn various() -> Vec<u8> {
    (0..64_u32).map(|it| (it * 37 + 11) as u8).collect()
}

const STANDS: &str = "
seq:
  - {id: a, size: 4, type: t(_io.pos)}
  - {id: b, type: t(_io.pos)}
  - id: c
    size: 2
    repeat: expr
    repeat-expr: 2
    type:
      switch-on: _io.pos
      cases:
        5: t(5)
        7: t(7)
        _: t(99)
  - {id: bits, type: b3}
  - {id: skipped, type: u1, if: false}
  - {id: bits2, type: b5}
  - {id: d, type: u1}
instances:
  pos_late: {value: _io.pos}
types:
  t:
    params: [{id: n, type: s4}]
    seq: [{id: x, type: u1}]
";

#[test]
fn where_an_expression_stands() {
    attack(|| {
        for first in ["a.n", "pos_late", "c[1].as<t>.n"] {
            let mut tree = tree(STANDS, &[0; 64]);
            drop(tree.ask(first));
            assert_eq!(int(&mut tree, "a.n"), 4);
            assert_eq!(int(&mut tree, "b.n"), 4);
            assert_eq!(int(&mut tree, "c[0].as<t>.n * 1000 + c[1].as<t>.n"), 5007);
            assert_eq!(int(&mut tree, "pos_late"), 12);
        }
    });
}

const INSTANCES: &str = "
seq:
  - {id: a, type: b3}
  - {id: b, type: b5, if: inst >= 0}
  - {id: c, type: kid}
  - {id: d, type: b4}
  - {id: e, type: u1}
instances:
  inst: {pos: 10, type: u1}
  pos_late: {value: _io.pos}
types:
  kid:
    seq: [{id: k, type: b4}]
";

#[test]
fn bits_go_on_over_instances_and_types() {
    attack(|| {
        for first in ["e", "pos_late", "inst", "a"] {
            let mut tree = tree(INSTANCES, &various());
            drop(tree.ask(first));
            for (question, answer) in [
                ("a", 0),
                ("b", 11),
                ("inst", 125),
                ("c.k", 3),
                ("d", 0),
                ("e", 85),
                ("pos_late", 3),
            ] {
                assert_eq!(int(&mut tree, question), answer, "{question} after {first}");
            }
        }
    });
}

const MIXED: &str = "
seq:
  - {id: a, type: b3, repeat: expr, repeat-expr: 3}
  - {id: e, type: u1}
  - {id: f, type: b12le}
  - {id: g, type: b4le}
  - {id: h, size: 0}
  - {id: i, type: b4}
  - {id: j, size: 8, type: kid, repeat: expr, repeat-expr: 2}
  - {id: k, type: u1}
instances:
  np: {type: u1}
  pos_late: {value: _io.pos}
types:
  kid:
    seq: [{id: v, type: u2}]
";

#[test]
fn bits_in_lists_and_in_both_orders() {
    attack(|| {
        for first in ["k", "np", "pos_late", "a[2]", "g"] {
            let mut tree = tree(MIXED, &various());
            drop(tree.ask(first));
            for (question, answer) in [
                ("a[0]", 0),
                ("a[1]", 2),
                ("a[2]", 6),
                ("e", 85),
                ("f", 3962),
                ("g", 9),
                ("i", 12),
                ("k", 57),
                ("np", 94),
                ("pos_late", 23),
            ] {
                assert_eq!(int(&mut tree, question), answer, "{question} after {first}");
            }
        }
    });
}

#[test]
fn both_orders_share_a_byte() {
    let text = "
seq:
  - {id: a, type: b3}
  - {id: b, type: b5le}
  - {id: c, size: 0}
  - {id: d, type: b4}
  - {id: e, type: b4}
";
    let mut tree = tree(text, &various());
    for (question, answer) in [("a", 0), ("b", 11), ("d", 3), ("e", 0)] {
        assert_eq!(int(&mut tree, question), answer, "{question}");
    }
}

const OUTSIDE: &str = "
seq:
  - {id: a, type: u1}
instances:
  kid: {pos: 4, type: kid}
  marks: {type: mark(kid.after_x), repeat: expr, repeat-expr: 1}
types:
  mark:
    params: [{id: place, type: s4}]
  kid:
    seq:
      - {id: x, type: u2}
      - {id: y, type: u1, if: after_x >= 0}
    instances:
      after_x: {value: _io.pos}
";

#[test]
fn a_position_that_is_asked_from_outside_is_that_of_the_field_that_asked_first() {
    for first in ["a", "kid.x", "kid.y", "kid.after_x"] {
        let mut tree = tree(OUTSIDE, &[0; 64]);
        drop(tree.ask(first));
        assert_eq!(int(&mut tree, "marks[0].place"), 6, "{first}");
    }
}
