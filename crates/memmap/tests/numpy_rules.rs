//! numpy's rules for `memmap`, `.npy` files and `open_memmap`, one by one: what numpy does, what we do,
//! and a test of it. `numpy_rules/table.rs` is the table; docs/numpy.md is made of it.
#![cfg(all(unix, feature = "array"))]
// A test without a row in the table is no test: it does not compile.
#![deny(dead_code)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

#[path = "numpy_rules/table.rs"]
mod table;

#[path = "numpy_rules/place.rs"]
mod place;

#[path = "numpy_rules/mode.rs"]
mod mode;
#[path = "numpy_rules/file.rs"]
mod file;
#[path = "numpy_rules/dtype.rs"]
mod dtype;
#[path = "numpy_rules/offset.rs"]
mod offset;
#[path = "numpy_rules/shape.rs"]
mod shape;
#[path = "numpy_rules/length.rs"]
mod length;
#[path = "numpy_rules/object.rs"]
mod object;
#[path = "numpy_rules/header.rs"]
mod header;
#[path = "numpy_rules/npy.rs"]
mod npy;

use std::fmt::Write;
use std::{env, fs};

use table::{SECTIONS, Tag};

/// Where the table is to be written, if anywhere.
const RULES: &str = "MEMMAP_NUMPY_RULES";
/// What numpy answered, a line for each rule that it can be asked about.
const ORACLE: &str = include_str!("numpy_rules/oracle.txt");

/// The table as docs/numpy.md has it.
fn page() -> String {
    let mut page = String::new();
    for section in SECTIONS {
        let head = "| | numpy | memmap | |\n|--:|---|---|---|\n";
        write!(page, "\n### {}\n\n{head}", section.title).unwrap();
        for row in section.rows {
            writeln!(page, "| {} | {} | {} | {} |", row.number, row.numpy, row.ours, row.tag)
                .unwrap();
        }
    }
    page
}

#[test]
fn every_rule_is_there_once_and_its_test_is_named_after_it() {
    let rows: Vec<_> = SECTIONS.iter().flat_map(|section| section.rows).collect();
    let numbers: Vec<_> = rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=80).collect::<Vec<_>>());
    for row in rows {
        match (row.test, row.tag) {
            (None, Tag::NotApplicable(_)) => {}
            (Some(name), _) => {
                let start = format!("rule_{:02}_", row.number);
                assert!(name.starts_with(&start), "{name} is the test of rule {}", row.number);
            }
            (None, tag) => panic!("rule {} is {tag} without a test", row.number),
        }
        assert!(!row.numpy.contains('|') && !row.ours.contains('|'), "{}", row.number);
    }
}

#[test]
fn numpy_was_asked_about_nearly_every_rule() {
    let asked: Vec<u32> = ORACLE
        .lines()
        .skip(1)
        .map(|line| line.split(' ').next().unwrap().parse().unwrap())
        .collect();
    assert!(asked.is_sorted());
    let rows = SECTIONS.iter().flat_map(|section| section.rows);
    let unasked: Vec<_> =
        rows.filter(|row| !asked.contains(&row.number)).map(|row| row.number).collect();
    // 56, 67 and 69 are in the golden headers of `memmap-array`.
    assert_eq!(unasked, [56, 67, 69]);
}

#[test]
fn the_page_of_the_rules_is_that_of_this_table() {
    let made = page();
    if let Some(path) = env::var_os(RULES) {
        fs::write(path, made).unwrap();
        return;
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/numpy.md");
    let there = fs::read_to_string(path).unwrap();
    assert!(there.contains(&made), "docs/numpy.md is old: run `cargo xtask numpy`");
}
