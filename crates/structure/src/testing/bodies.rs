//! What is done with bytes that attack: for fuzzing, and for a run of it without a fuzzer.

use std::ops::ControlFlow;
use std::sync::{Arc, LazyLock};

use crate::{Builtin, Formats, Limits, Outline, Schema, Source, Tree};

/// How many rows are looked at.
const ROWS: usize = 500;

static SCHEMAS: LazyLock<Vec<Arc<Schema>>> = LazyLock::new(|| {
    let load = |name| Schema::load(name, &Builtin::default()).ok().map(Arc::new);
    Builtin::names().filter_map(load).collect()
});

static FIXED: LazyLock<Option<Arc<Schema>>> = LazyLock::new(|| load(FIXED_TEXT.as_bytes()));

const FIXED_TEXT: &str = "
meta: {id: it, endian: le, encoding: UTF-8, bit-endian: be}
seq:
  - {id: n, type: u4}
  - {id: s, type: s1}
  - {id: f, type: f4}
  - {id: t, type: strz}
  - {id: b, size: 4}
  - {id: e, type: u1, enum: kind}
  - {id: k, type: kid(n)}
  - {id: items, type: kid(_index), repeat: expr, repeat-expr: 3}
  - {id: nums, type: u2, repeat: eos}
instances:
  far: {pos: 2, type: u2}
  sum: {value: n + far}
types:
  kid:
    params: [{id: p, type: s8}]
    seq: [{id: len, type: u1}, {id: body, size: len % 4}]
    instances:
      up: {value: _parent}
enums:
  kind: {0: zero, 7: seven}
";

/// One description.
struct One<'a>(&'a [u8]);

impl Formats for One<'_> {
    fn text(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        if name == "it" { Ok(Some(self.0.to_vec())) } else { Builtin::default().text(name) }
    }
}

fn load(text: &[u8]) -> Option<Arc<Schema>> {
    match Schema::load("it", &One(text)) {
        Ok(schema) => Some(Arc::new(schema)),
        Err(problems) => {
            assert!(!problems.is_empty(), "it was refused without a reason");
            for problem in problems {
                let shown = problem.to_string();
                assert!(!shown.contains('\u{1b}'), "{shown:?}");
            }
            None
        }
    }
}

fn tree(schema: &Arc<Schema>, source: Box<dyn Source + Send>) -> Tree {
    let mut tree = Tree::new(Arc::clone(schema), source);
    tree.set_limits(Limits { nodes: 5000, steps: 50_000, kept_nodes: 20_000, ..Limits::default() });
    tree
}

/// Asks a tree in each way that there is.
fn look(tree: &mut Tree) {
    let mut outline = Outline::of_root();
    for _ in 0..3 {
        let Ok(rows) = tree.rows(&outline, 0, 60) else { return };
        for row in rows.rows.iter().filter(|it| it.has_children).take(8) {
            outline.open(&row.trail);
        }
    }
    if let Ok(rows) = tree.rows(&outline, 30, 10) {
        for row in rows.rows {
            drop(tree.row_number(&outline, &row.trail));
            drop(tree.ask(&row.path));
        }
    }
    let len = tree.source_len();
    for (start, end) in [(0, len), (len / 2, len / 2 + 16), (len.saturating_sub(1), u64::MAX)] {
        for span in tree.fields_in(start, end).unwrap_or_default() {
            assert!(span.start < end && span.start.saturating_add(span.len) > start, "{span:?}");
        }
    }
    let mut seen = 0;
    let ended = tree.visit(12, &mut |row| {
        seen += 1;
        assert!(!row.text.contains('\u{1b}'), "{:?}", row.text);
        if seen < ROWS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    drop(ended);
    assert!(tree.nodes() <= 20_100, "{} nodes", tree.nodes());
}

/// A file, read by the built-in description of which the first byte is the number.
pub fn file(bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    let at = usize::from(*which) % SCHEMAS.len().max(1);
    let Some(schema) = SCHEMAS.get(at) else { return };
    look(&mut tree(schema, Box::new(rest.to_vec())));
}

/// A description up to the first byte of 0, and a file by it.
pub fn description(bytes: &[u8]) {
    let at = bytes.iter().position(|it| *it == 0).unwrap_or(bytes.len());
    let (text, rest) = bytes.split_at(at);
    if let Some(schema) = load(text) {
        let file = if rest.is_empty() { text } else { rest };
        look(&mut tree(&schema, Box::new(file.to_vec())));
    }
}

/// An expression, over a tree that is always the same.
///
/// # Panics
///
/// When its value depends on what was asked before.
pub fn expression(text: &str) {
    let Some(schema) = FIXED.as_ref() else { return };
    let file: Vec<u8> = (0..64_u8).map(|it| it.wrapping_mul(37).wrapping_add(11) & 0x7f).collect();
    let mut first = tree(schema, Box::new(file.clone()));
    let answer = format!("{:?}", first.ask(text));
    // How many elements of a list are known may change.
    if answer.contains("List(") {
        return;
    }
    // The same again, and where everything was looked at before.
    assert_eq!(format!("{:?}", first.ask(text)), answer);
    let mut second = tree(schema, Box::new(file));
    look(&mut second);
    assert_eq!(format!("{:?}", second.ask(text)), answer);
}
