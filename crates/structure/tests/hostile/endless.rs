//! Lists and texts without an end, and holes of 1 TiB.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use memmap_structure::{FaultKind, Outline, ReadError, RowState, Source, Stop, Tree, Trouble};

use super::{META, attack, budget, common, fails, int, mistake, tree};

const TIB: u64 = 1 << 40;

fn hole(rest: &str) -> Tree {
    let hole = common::Sparse { len: TIB, ..common::Sparse::default() };
    Tree::new(common::schema(&format!("{META}{rest}")), Box::new(hole))
}

fn open_all(tree: &mut Tree) -> Outline {
    let mut outline = Outline::of_root();
    for row in tree.rows(&outline, 0, 40).expect("no stop").rows {
        if row.has_children {
            outline.open(&row.trail);
        }
    }
    outline
}

#[test]
fn elements_of_nothing() {
    attack(|| {
        let bytes = [&(1_u64 << 62).to_le_bytes()[..], &[5; 56]].concat();
        let text = "seq:\n  - {id: n, type: u8}\n  - {id: items, type: nothing, repeat: expr, repeat-expr: n}\n  - {id: after, type: u1}\ntypes:\n  nothing: {}\n";
        let mut tree = tree(text, &bytes);
        assert_eq!(int(&mut tree, "items.size"), 1 << 62);
        assert_eq!(int(&mut tree, "after"), 5);
        let outline = open_all(&mut tree);
        let rows = tree.rows(&outline, 0, 40).unwrap();
        // The last of five groups of 10^18 elements is cut.
        assert_eq!(
            (rows.rows[7].path.as_str(), rows.total),
            ("items[4000000000000000000…4611686018427387903]", 9)
        );
        let (list, after) = (rows.rows[2].trail.clone(), rows.rows[8].trail.clone());
        assert_eq!(tree.row_number(&outline, &after).unwrap(), Some(8));
        let mut outline = outline;
        for (at, total) in [(0, 909), ((1 << 62) - 1, 1411)] {
            let element = list.element(at);
            common::open_groups(&mut tree, &mut outline, &element);
            let number = tree.row_number(&outline, &element).unwrap().unwrap();
            let rows = tree.rows(&outline, number, 40).unwrap();
            assert_eq!(rows.rows[0].path, format!("items[{at}]"));
            assert_eq!(rows.total, total);
        }
        assert_eq!(tree.fields_in(0, 64).unwrap().len(), 2);
        assert!(tree.nodes() < 200, "{}", tree.nodes());
        // All of them would say nothing more than the first.
        let mut count = 0;
        let whole = tree.visit(usize::MAX, &mut |_| {
            count += 1;
            std::ops::ControlFlow::Continue(())
        });
        assert!(!whole.unwrap());
        assert!(count < 20_000, "{count}");
    });
}

#[test]
fn elements_whose_emptiness_shows_late() {
    attack(|| {
        let maybe = "types:\n  maybe:\n    seq: [{id: x, type: u1, if: false}]\n";
        let text = format!(
            "seq:\n  - {{id: a, type: u1}}\n  - {{id: more, type: maybe, repeat: eos}}\n{maybe}"
        );
        let mut one = tree(&text, &[0; 64]);
        fails(&mut one, "more.size", FaultKind::Expression, "more[0]", "0 bytes");
        assert_eq!(int(&mut one, "a"), 0);
        let text = format!(
            "seq:\n  - {{id: a, type: u1}}\n  - {{id: more, type: maybe, repeat: expr, repeat-expr: 0x4000000000000000}}\n{maybe}"
        );
        let mut two = tree(&text, &[0; 64]);
        budget(two.ask("more[0x3fffffffffffffff]"));
        let rows = two.rows(&Outline::of_root(), 0, 10).unwrap();
        assert_eq!(rows.rows[1].text, "0");
        let whole = two.visit(usize::MAX, &mut |_| std::ops::ControlFlow::Continue(()));
        assert!(!whole.unwrap());
    });
}

/// A hole in which a reader can be stopped.
#[derive(Debug)]
struct Stoppable(Arc<AtomicBool>);

impl Source for Stoppable {
    fn len(&self) -> u64 {
        TIB
    }

    fn read(&mut self, _: u64, into: &mut [u8]) -> Result<(), ReadError> {
        into.fill(0);
        if self.0.load(Ordering::Relaxed) { Err(ReadError::Stop) } else { Ok(()) }
    }
}

const UNTIL: &str = "seq:\n  - {id: items, type: u1, repeat: until, repeat-until: _ == 1}\n  - {id: after, type: u1}\n";

#[test]
fn a_list_that_never_ends() {
    attack(|| {
        let mut tree = hole(UNTIL);
        let outline = open_all(&mut tree);
        let rows = tree.rows(&outline, 0, 40).unwrap();
        assert_eq!(rows.rows.len(), 40);
        assert!(tree.blocks_read() < 16, "{}", tree.blocks_read());
        budget(tree.ask("after"));
        let list = rows.rows[1].trail.clone();
        let (before, _) = tree.walked(&list).unwrap();
        assert!(before > 10_000);
        assert!(!tree.walk_on(&list).unwrap());
        let (after, end) = tree.walked(&list).unwrap();
        assert!(after > before && end == after);
        assert!(tree.nodes() < 20_000, "{}", tree.nodes());
        let rows = tree.rows(&Outline::of_root(), 0, 10).unwrap().rows;
        assert!(rows[1].text.starts_with('≥'), "{:?}", rows[1]);
        assert_eq!(rows[1].state, RowState::More);
        assert_eq!(rows[2].state, RowState::NotReached);
        tree.fields_in(TIB - 100, TIB).unwrap();
        tree.fields_in(0, 100).unwrap();
    });
}

#[test]
fn a_list_that_never_ends_is_cancelled() {
    attack(|| {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tree = Tree::new(
            common::schema(&format!("{META}{UNTIL}")),
            Box::new(Stoppable(Arc::clone(&stop))),
        );
        budget(tree.ask("after"));
        stop.store(true, Ordering::Relaxed);
        assert_eq!(tree.ask("after"), Err(Trouble::Stop(Stop::Cancelled)));
        stop.store(false, Ordering::Relaxed);
        budget(tree.ask("after"));
    });
}

#[test]
fn a_text_in_a_hole() {
    attack(|| {
        let mut skips =
            hole("seq:\n  - {id: name, type: strz, terminator: 1}\n  - {id: after, type: u1}\n");
        fails(&mut skips, "name", FaultKind::NoTerminator, "name", "");
        assert!(skips.blocks_read() < 10, "a hole is not read");
        // Zeros end this one: the hole has to be read, in steps.
        let mut reads =
            hole("seq:\n  - {id: name, terminator: [0, 1]}\n  - {id: after, type: u1}\n");
        budget(reads.ask("name"));
        let before = reads.blocks_read();
        budget(reads.ask("name"));
        assert!(reads.blocks_read() >= before + 4000, "it goes on where it was");
        let rows = reads.rows(&Outline::of_root(), 0, 10).unwrap();
        assert_eq!(rows.stopped, Some(Stop::Budget));
        reads.fields_in(0, 100).unwrap();
    });
}

#[test]
fn a_hole_of_a_body() {
    attack(|| {
        let mut tree = hole(
            "seq:\n  - {id: body, size-eos: true}\ninstances:\n  text: {pos: 0, size-eos: true, type: str}\n  packed: {pos: 0, size-eos: true, process: zlib}\n  keyed: {pos: 0, size-eos: true, process: xor(1), type: it}\n",
        );
        let rows = tree.rows(&Outline::of_root(), 0, 40).unwrap().rows;
        assert_eq!(rows.len(), 5);
        assert!(tree.blocks_read() < 10, "{}", tree.blocks_read());
        for name in ["body", "text", "packed", "keyed.body"] {
            assert_eq!(mistake(&mut tree, name).kind, FaultKind::Limit, "{name}");
        }
        assert!(tree.visit(4, &mut |_| std::ops::ControlFlow::Continue(())).is_ok());
    });
}

#[test]
fn ten_thousand_cases_of_a_switch() {
    attack(|| {
        let mut text = String::from(
            "seq:\n  - id: items\n    repeat: eos\n    type:\n      switch-on: k\n      cases:\n",
        );
        for at in 1..=10_000 {
            let _ = writeln!(text, "        'k + {at}': u1");
        }
        text.push_str("        _: u1\ninstances:\n  k: {value: 5}\n");
        let mut tree = tree(&text, &[0; 4000]);
        budget(tree.ask("items.size"));
        let list = tree.rows(&Outline::of_root(), 1, 1).unwrap().rows[0].trail.clone();
        let (before, _) = tree.walked(&list).unwrap();
        budget(tree.ask("items.size"));
        let (after, _) = tree.walked(&list).unwrap();
        assert!(after > before, "it goes on");
        let found = common::again(|| tree.ask("items[100]")).unwrap();
        assert_eq!(found, memmap_structure::Answer::Int(0));
    });
}

#[test]
fn a_list_that_looks_at_all_of_itself() {
    attack(|| {
        let bytes: Vec<u8> = (1..=255).cycle().take(100_000).collect();
        let text = "seq:\n  - {id: items, type: u1, repeat: until, repeat-until: 'items.size + items.last < 0 or items[_index] == 0 or _io.eof'}\n";
        let mut tree = tree(text, &bytes);
        let count = common::again(|| tree.ask("items.size")).unwrap();
        assert_eq!(count, memmap_structure::Answer::Int(100_000));
        assert!(tree.nodes() < 10_000, "{}", tree.nodes());
    });
}
