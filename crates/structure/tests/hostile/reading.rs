//! Mistakes while a file is read: of which kind, where, and that what stands before them stays.

use std::fmt::Write as _;
use std::io::Write as _;

use memmap_structure::{Answer, FaultKind, RowState};

use super::{attack, common, fails, int, mistake, tree};

#[test]
fn text_that_doubles() {
    attack(|| {
        let mut text = String::from("instances:\n  s0: {value: \"'0123456789'\"}\n");
        for at in 1..=40 {
            let _ = writeln!(text, "  s{at}: {{value: s{0} + s{0}}}", at - 1);
        }
        let mut tree = tree(&text, &[0; 64]);
        let fault = mistake(&mut tree, "s40");
        assert_eq!(fault.kind, FaultKind::Limit, "{fault}");
        assert_eq!(int(&mut tree, "s16.length"), 655_360);
        fails(&mut tree, "s17", FaultKind::Limit, "s17", "");
    });
}

#[test]
fn a_list_longer_than_its_file() {
    attack(|| {
        let bytes = [&(1_u64 << 62).to_le_bytes()[..], &[7; 56]].concat();
        let text = "seq:\n  - {id: n, type: u8}\n  - {id: items, type: u4, repeat: expr, repeat-expr: n}\n  - {id: after, type: u1}\n";
        let mut tree = tree(text, &bytes);
        assert_eq!(int(&mut tree, "n"), 1 << 62);
        assert_eq!(int(&mut tree, "items[0]"), 0x0707_0707);
        assert_eq!(int(&mut tree, "items[13]"), 0x0707_0707);
        fails(
            &mut tree,
            "items[14]",
            FaultKind::EndOfStream,
            "items",
            "4611686018427387904 elements",
        );
        fails(&mut tree, "after", FaultKind::EndOfStream, "items", "");
    });
}

#[test]
fn sizes_that_are_none() {
    let text = "seq:\n  - {id: a, type: s4}\n  - {id: b, size: a}\n  - {id: c, size: a * 0x7fffffffffffffff * 0x7fffffffffffffff}\n";
    let mut one = tree(text, &[0xff; 64]);
    fails(&mut one, "b", FaultKind::Expression, "b", "-1");
    assert_eq!(int(&mut one, "a"), -1);
    let rows = common::rows(&mut one, 2);
    let states: Vec<RowState> = rows.iter().map(|it| it.state).collect();
    assert_eq!(states[1..], [RowState::Read, RowState::Failed, RowState::NotReached]);
    // So large that a place would overflow.
    let text = "seq:\n  - {id: a, type: u8}\n  - {id: b, size: a}\ninstances:\n  p: {pos: a, type: u1}\n  q: {pos: a, size: a}\n  r: {pos: a - 1, type: u8, repeat: expr, repeat-expr: a}\n  s: {pos: a * 2, type: u1}\n  t: {pos: 0 - a, type: u1}\n";
    let mut two = tree(text, &[0xff; 64]);
    fails(&mut two, "b", FaultKind::EndOfStream, "b", "18446744073709551615 bytes at 0x8, 56 left");
    for name in ["p", "q", "s"] {
        assert_eq!(mistake(&mut two, name).kind, FaultKind::EndOfStream, "{name}");
    }
    assert_eq!(mistake(&mut two, "r[0]").kind, FaultKind::EndOfStream);
    fails(&mut two, "t", FaultKind::Expression, "t", "-18446744073709551615");
    assert_eq!(common::rows(&mut two, 3).len(), 8);
}

#[test]
fn values_that_ask_for_themselves() {
    attack(|| {
        let mut places =
            tree("instances:\n  a: {pos: b, type: u1}\n  b: {pos: a, type: u1}\n", &[0; 64]);
        for name in ["a", "b", "a"] {
            let fault = mistake(&mut places, name);
            assert_eq!(fault.kind, FaultKind::Circle, "{fault}");
            assert!(fault.message.contains('›'), "{fault}");
        }
        let text = "seq: [{id: c, type: child}]\ninstances:\n  x: {value: c.y + 1}\ntypes:\n  child:\n    instances:\n      y: {value: _parent.as<it>.x + 1}\n";
        let problems = memmap_structure::Schema::load(
            "it",
            &common::Text(&[("it", &format!("{}{text}", super::META))]),
        );
        if let Ok(schema) = problems {
            let mut parents =
                memmap_structure::Tree::new(std::sync::Arc::new(schema), Box::new(vec![0; 64]));
            let fault = mistake(&mut parents, "x");
            assert_eq!(fault.kind, FaultKind::Circle, "{fault}");
            assert!(fault.message.contains("x › c.y › x"), "{fault}");
        }
        let text = "seq: [{id: a, type: t}, {id: b, type: u1}]\ntypes:\n  t:\n    meta:\n      endian:\n        switch-on: x\n        cases: {0: le, 1: be}\n    seq: [{id: x, type: u2}]\n";
        let mut order = tree(text, &[0; 64]);
        assert_eq!(mistake(&mut order, "a.x").kind, FaultKind::UndecidedEndian);
    });
}

#[test]
fn a_node_in_itself() {
    attack(|| {
        let mut one = tree("instances:\n  next: {pos: 0, type: it}\n", &[0; 64]);
        assert_eq!(
            one.ask(&vec!["next"; 100].join(".")).unwrap(),
            Answer::Object(vec!["next"; 100].join("."))
        );
        let mut count = 0;
        let whole = one.visit(usize::MAX, &mut |_| {
            count += 1;
            std::ops::ControlFlow::Continue(())
        });
        assert!(!whole.unwrap());
        assert!((200..300).contains(&count), "{count}");
    });
}

#[test]
fn a_node_in_itself_is_opened_by_hand_however_deep() {
    attack(|| {
        let mut tree = tree("instances:\n  next: {pos: 0, type: it}\n", &[0; 64]);
        let mut outline = memmap_structure::Outline::of_root();
        // Deeper than objects may be in each other in one request.
        for depth in 1..300 {
            let rows = tree.rows(&outline, depth, 1).unwrap().rows;
            assert_eq!((rows[0].depth as u64, &rows[0].fault), (depth, &None));
            outline.open(&rows[0].trail);
        }
    });
}

#[test]
fn streams_that_overlap() {
    attack(|| {
        let text = "seq: [{id: a, type: t, size-eos: true}]\ntypes:\n  t:\n    instances:\n      again: {io: _root._io, pos: 0, size-eos: true, type: t}\n      twice: {io: again._io, pos: 0, size-eos: true, type: t}\n";
        let mut tree = tree(text, &[0; 64]);
        let mut limits = memmap_structure::Limits::default();
        limits.kept_nodes = 2000;
        tree.set_limits(limits);
        assert_eq!(int(&mut tree, "a.again.twice.again._io.size"), 64);
        let mut deepest = 0;
        let whole = tree.visit(usize::MAX, &mut |row| {
            deepest = deepest.max(row.depth);
            std::ops::ControlFlow::Continue(())
        });
        assert!(!whole.unwrap());
        assert!((200..=257).contains(&deepest), "{deepest}");
        assert!(tree.nodes() <= 2000);
    });
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn numbers() {
    attack(|| {
        let wrong = [
            "n * n * n",
            "1 << 1000000000",
            "1 << -1",
            "1 << 128",
            "n >> 200",
            "n / 0",
            "n % 0",
            "-170141183460469231731687303715884105728 / -1",
            "[1,2,3][7]",
            "[1,2,3][-1]",
            "'99999999999999999999999999999999999999999999'.to_i",
            "'zz'.to_i(99)",
            "'1'.to_i(1)",
            "'1'.to_i(-1)",
            "(1.0 / 0).to_i",
            "(0.0 / 0).to_i",
            "[].as<u1[]>.max",
            "s % -7",
            "s % 0",
            "170141183460469231731687303715884105727 + 1",
            "(n << 127) * 2",
            "-(-170141183460469231731687303715884105727 - 1)",
            "-170141183460469231731687303715884105728 % -1",
            "''.to_i",
            "999999999999999999999999999999999999999999",
            "_index",
            "_",
            "'a'.nothing",
            "n.nothing",
            "1.5.to_s.size.x",
        ];
        let right = [
            ("'abc'.substring(2, 1)", ""),
            ("'abc'.substring(0, 0x7fffffffffffffff)", "abc"),
            ("'abc'.substring(-5, 2)", "ab"),
            ("'äö'.reverse", "öä"),
        ];
        let mut tree = tree("seq: [{id: n, type: u8}, {id: s, type: s8}]\n", &[0xff; 64]);
        for question in wrong {
            let fault = mistake(&mut tree, question);
            assert_eq!(fault.kind, FaultKind::Expression, "{question}: {fault}");
        }
        for (question, answer) in right {
            assert_eq!(tree.ask(question).unwrap(), Answer::Text(answer.to_owned()), "{question}");
        }
        assert_eq!(int(&mut tree, "~n"), -(1 << 64));
        assert_eq!(tree.ask("1.0 / 0").unwrap(), Answer::Float(f64::INFINITY));
        // Questions as hostile as descriptions.
        for question in [
            &"(".repeat(70_000),
            &"-".repeat(3000),
            &"a.".repeat(3000),
            "\u{0}",
            "'",
            "f\"{",
            "\"\\u12\"",
            "\"\\8\"",
            "1 ?",
            "a[",
            "as<",
            "x.as<",
            "sizeof<",
            "0x",
            "1e999",
            "0b2",
            "_",
            "__",
            "::",
            "a::b",
            "a::b::c.d",
            "'\u{202e}'",
        ] {
            drop(tree.ask(question));
        }
    });
}

#[test]
fn keys_of_nothing() {
    let text = "seq:\n  - {id: a, size: 4, process: xor(key)}\n  - {id: b, size: 4, process: rol(9)}\n  - {id: c, size: 4, process: ror(-1)}\ninstances:\n  key: {pos: 0, size: 0}\n";
    let mut tree = tree(text, &[1, 2, 3, 0x81, 1, 2, 3, 0x81, 1, 2, 3, 0x81]);
    fails(&mut tree, "a", FaultKind::Process, "a", "empty");
    assert_eq!(tree.ask("b").unwrap(), Answer::Bytes(vec![2, 4, 6, 3]));
    assert_eq!(tree.ask("c").unwrap(), Answer::Bytes(vec![2, 4, 6, 3]));
}

#[test]
fn values_that_are_references() {
    let mut tree = tree(
        "seq: [{id: a, type: u1}]\ninstances:\n  r: {value: _root}\n  s: {value: _io}\n",
        &[0; 64],
    );
    let rows = common::rows(&mut tree, usize::MAX);
    assert_eq!(rows.len(), 4);
    assert!(rows[2].text.contains('→') && !rows[2].has_children, "{:?}", rows[2]);
    assert!(rows[3].text.contains('→'), "{:?}", rows[3]);
}

#[test]
fn text_of_a_file_does_not_reach_a_terminal() {
    let bytes = [
        "a\u{202e}gnp.exe\u{1b}]0;title\u{7}\u{1b}[2J\u{85}\u{2066}\r\n".as_bytes(),
        b"\xff\xfe\0",
    ]
    .concat();
    let text =
        "seq: [{id: a, type: strz}]\ninstances:\n  b: {value: a + a}\n  c: {value: 'a.reverse'}\n";
    let mut tree = tree(text, &bytes);
    for row in common::rows(&mut tree, 4) {
        let bad = row.text.chars().find(|it| {
            it.is_control() || matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        });
        assert_eq!(bad, None, "{:?}", row.text);
    }
    let row = &common::rows(&mut tree, 1)[1];
    assert!(row.raw.is_some() && row.text.contains("(invalid text)"), "{row:?}");
}

#[test]
fn fibonacci_is_calculated_once() {
    attack(|| {
        let mut text = String::from("instances:\n  f0: {value: 1}\n  f1: {value: 1}\n");
        for at in 2..=90 {
            let _ = writeln!(text, "  f{at}: {{value: f{} + f{}}}", at - 1, at - 2);
        }
        let mut tree = tree(&text, &[0; 64]);
        let mut limits = memmap_structure::Limits::default();
        limits.steps = 2000;
        tree.set_limits(limits);
        assert_eq!(int(&mut tree, "f90"), 4_660_046_610_375_530_309);
    });
}

#[test]
fn an_element_that_asks_the_one_before() {
    attack(|| {
        let bytes: Vec<u8> = (1..=255).cycle().take(1_000_000).collect();
        let text = "seq: [{id: items, type: item(_index), repeat: eos}]\ntypes:\n  item:\n    params: [{id: i, type: s4}]\n    seq: [{id: v, type: u1}]\n    instances:\n      sum: {value: 'i == 0 ? v.as<s4> : v + _root.items[i - 1].as<item>.sum.as<s4>'}\n";
        let mut tree = tree(text, &bytes);
        let fault = mistake(&mut tree, "items[999999].sum");
        assert_eq!(fault.kind, FaultKind::Depth, "{fault}");
        assert_eq!(int(&mut tree, "items[50].sum"), 51 * 52 / 2);
        // What was too deep is not wrong for ever: it is reached in steps.
        for at in (50..2000).step_by(50) {
            int(&mut tree, &format!("items[{at}].sum"));
        }
        assert_eq!(int(&mut tree, "items[254].sum"), 255 * 256 / 2);
    });
}

#[test]
fn arguments_that_recurse_twice() {
    attack(|| {
        let text = "seq: [{id: first, type: u1}, {id: a, type: t(60)}, {id: b, type: u1}]\ntypes:\n  t:\n    params: [{id: n, type: s4}]\n    seq:\n      - {id: l, type: t(n - 1), if: n > 0}\n      - {id: r, type: t(n - 1), if: n > 0}\n";
        let mut tree = tree(text, &[0; 64]);
        let mut limits = memmap_structure::Limits::default();
        limits.kept_nodes = 30_000;
        limits.nodes = 10_000;
        tree.set_limits(limits);
        super::budget(tree.ask("b"));
        let nodes = tree.nodes();
        super::budget(tree.ask("b"));
        assert!(tree.nodes() > nodes, "it goes on");
        for _ in 0..3 {
            drop(tree.ask("b"));
        }
        assert_eq!(mistake(&mut tree, "b").kind, FaultKind::Depth);
        assert!(tree.nodes() <= 30_000);
        assert_eq!(int(&mut tree, "first"), 0);
        assert!(tree.ask("a.l.l.l.n").is_ok());
    });
}

#[test]
fn a_size_that_stands_later() {
    let text = "seq: [{id: a, type: u1}, {id: b, size: c}, {id: c, type: u1}]\n";
    let schema = memmap_structure::Schema::load(
        "it",
        &common::Text(&[("it", &format!("{}{text}", super::META))]),
    );
    let Ok(schema) = schema else { return };
    for first in ["a", "b", "c"] {
        let mut tree =
            memmap_structure::Tree::new(std::sync::Arc::new(schema.clone()), Box::new(vec![0; 64]));
        drop(tree.ask(first));
        fails(&mut tree, "b", FaultKind::Later, "b", "`c` is read after `b`");
        fails(&mut tree, "c", FaultKind::Later, "b", "`c` is read after `b`");
        assert_eq!(int(&mut tree, "a"), 0);
    }
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut engine = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    engine.write_all(bytes).expect("memory is written to");
    engine.finish().expect("memory is written to")
}

/// What 66 MiB of zeros are, deflated.
fn bomb() -> Vec<u8> {
    let mut engine = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..66 {
        engine.write_all(&vec![0; 1 << 20]).expect("memory is written to");
    }
    engine.finish().expect("memory is written to")
}

#[test]
fn bytes_that_inflate_to_more_than_64_mib() {
    attack(|| {
        let packed = bomb();
        let bytes = [&(packed.len() as u32).to_le_bytes()[..], &packed, &[9]].concat();
        let text = "seq:\n  - {id: len, type: u4}\n  - {id: body, size: len, process: zlib, type: b}\n  - {id: after, type: u1}\ntypes:\n  b:\n    seq: [{id: x, type: u1}]\n";
        let mut tree = tree(text, &bytes);
        assert_eq!(int(&mut tree, "after"), 9);
        assert!(tree.blocks_read() <= 2, "nothing is inflated before it is opened");
        let fault = mistake(&mut tree, "body.x");
        assert_eq!(fault.path, "body", "{fault}");
        assert!(fault.message.contains("stopped after 67108864 bytes"), "{fault}");
        // It is not inflated for every row that is drawn.
        let read = tree.blocks_read();
        for _ in 0..100 {
            let rows = tree.rows(&memmap_structure::Outline::of_root(), 0, 10).unwrap().rows;
            assert_eq!(rows[2].state, RowState::Failed);
            assert_eq!(rows[3].text, "9");
        }
        assert_eq!(tree.blocks_read(), read);
    });
}

#[test]
fn zlib_in_zlib_in_zlib() {
    attack(|| {
        let bytes = zlib(&zlib(&bomb()));
        let text = "seq: [{id: a, size-eos: true, process: zlib, type: b}]\ntypes:\n  b:\n    seq: [{id: a, size-eos: true, process: zlib, type: c}]\n  c:\n    seq: [{id: a, size-eos: true, process: zlib}]\n";
        let mut tree = tree(text, &bytes);
        let fault = mistake(&mut tree, "a.a.a");
        assert!(fault.message.contains("67108864"), "{fault}");
        assert_eq!(fault.path, "a.a.a");
    });
}

#[test]
fn the_size_of_a_list_that_is_cut_short_says_how_many_elements_there_are() {
    let walked = "seq: [{id: items, type: item, repeat: eos}]\ntypes:\n  item:\n    seq: [{id: len, type: u1}, {id: body, size: len}]\n";
    let mut bytes = [2, 0, 0].repeat(1500);
    bytes.push(9);
    let mut tree = tree(walked, &bytes);
    let words = "9 bytes at 0x1195, 0 left; 1,500 elements are before it";
    fails(&mut tree, "items.size", FaultKind::EndOfStream, "items[1500].body", words);
    assert_eq!(tree.ask("items[1499].len").unwrap(), Answer::Int(2));
}
