//! What is wrong with a description is found when it is loaded: where, and that nothing else is refused.

mod expressions;
mod keys;
mod limits;
mod names;
mod parents;
mod places;

use memmap_structure::{Formats, Problem, Schema};

/// Descriptions by name.
struct Shelf<'a>(&'a [(&'a str, &'a str)]);

impl Formats for Shelf<'_> {
    fn text(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.iter().find(|it| it.0 == name).map(|it| it.1.as_bytes().to_vec()))
    }
}

/// A description with the name `t`, all of whose numbers are little-endian, and text ASCII.
fn load(rest: &str) -> Result<Schema, Vec<Problem>> {
    let text = format!(
        "meta:\n  id: t\n  endian: le\n  encoding: ASCII\n{}",
        rest.trim_start_matches('\n')
    );
    Schema::load("t", &Shelf(&[("t", &text)]))
}

/// Checks that a description has one mistake: its path, and a part of its message.
#[track_caller]
fn refused(path: &str, message: &str, rest: &str) {
    let problems = load(rest).expect_err("the description was not refused");
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 1, "{shown:#?}");
    assert_eq!(problems[0].path, path, "{shown:#?}");
    assert!(problems[0].message.contains(message), "{shown:#?}");
    assert!(problems[0].place.is_some_and(|it| it.line > 4), "{shown:#?}");
}

#[track_caller]
fn loads(rest: &str) {
    if let Err(problems) = load(rest) {
        let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{shown:#?}");
    }
}

/// A field `x` of one key, after an integer `n`, text `s`, bytes `b` and an enum `e`.
fn field(key: &str, value: &str) -> String {
    format!(
        "
seq:
  - {{id: n, type: u4}}
  - {{id: s, type: strz}}
  - {{id: b, size: 4}}
  - {{id: e, type: u1, enum: color}}
  - id: x
    type: u2
    {key}: {value:?}
enums:
  color: {{0: red, 1: green}}
  shape: {{0: round}}
"
    )
}

/// A calculated instance beside the fields of [`field`].
fn value(expr: &str) -> String {
    format!("{}instances:\n  v:\n    value: {expr:?}\n", field("if", "n > 0"))
}
