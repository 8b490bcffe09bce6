//! Laws that hold for every file: what is asked first changes no value, windows of rows are parts of one
//! list, the fields of bytes are those that rows say, and every request ends.

#![allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "offsets of tests")]

mod common;
mod samples;

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::{Arc, LazyLock};

use memmap_structure::{Answer, Builtin, Limits, Outline, Row, Schema, Source, Tree, Trouble};
use proptest::prelude::*;

use common::{Stopping, again, builtin};

/// A format, its description and a file of it.
type Sample = (&'static str, Arc<Schema>, Vec<u8>);

static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let makers: [Maker; 22] = [
        ("bmp", samples::bmp::sample),
        ("class", samples::class::sample),
        ("elf", samples::elf::sample),
        ("ext4", samples::ext4::sample),
        ("fat", samples::fat::sample),
        ("gif", samples::gif::sample),
        ("gpt", samples::gpt::sample),
        ("gzip", samples::gzip::sample),
        ("iso9660", samples::iso9660::sample),
        ("jpeg", samples::jpeg::sample),
        ("mach_o", samples::mach_o::sample),
        ("mbr", samples::mbr::sample),
        ("mp4", samples::mp4::sample),
        ("pcap", samples::pcap::sample),
        ("pcapng", samples::pcapng::sample),
        ("pdf", samples::pdf::sample),
        ("pe", samples::pe::sample),
        ("png", samples::png::sample),
        ("sqlite", samples::sqlite::sample),
        ("tar", samples::tar::sample),
        ("wasm", samples::wasm::sample),
        ("wav", samples::wav::sample),
    ];
    makers.into_iter().map(|(name, make)| (name, builtin(name), make())).collect()
});

/// A format, and what makes a file of it.
type Maker = (&'static str, fn() -> Vec<u8>);

/// At most so many rows of a file are compared.
const MOST: usize = 400;

fn limits() -> Limits {
    let mut limits = Limits::default();
    (limits.nodes, limits.steps, limits.kept_nodes) = (20_000, 200_000, 50_000);
    limits
}

fn tree(schema: &Arc<Schema>, source: impl Source + Send + 'static) -> Tree {
    let mut tree = Tree::new(Arc::clone(schema), Box::new(source));
    tree.set_limits(limits());
    tree
}

/// What a row says of its node, which does not depend on what was known when it was made.
fn said(row: &Row) -> String {
    let lists = matches!(row.value, Some(Answer::List(..)));
    let known = lists || matches!(row.value, Some(Answer::Object(_)));
    let fault = row.fault.as_ref().filter(|_| !known).map(|it| (it.kind, it.path.clone()));
    let text = if lists { "" } else { &row.text };
    format!("{} {text:?} {:?} {fault:?}", row.path, row.span.as_ref().map(|it| it.start))
}

/// The first rows, as far as they are not cut by a budget.
fn visited(tree: &mut Tree) -> Vec<String> {
    let mut rows = Vec::new();
    let result = again(|| {
        rows.clear();
        tree.visit(12, &mut |row| {
            rows.push(said(row));
            if rows.len() < MOST { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
    });
    result.expect("a lazy visit meets no mistake");
    rows
}

/// A sample in which some bytes are others, or which is cut.
fn mutated() -> impl Strategy<Value = (usize, Vec<u8>)> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    (0..SAMPLES.len(), changes, prop::option::weighted(0.2, any::<prop::sample::Index>())).prop_map(
        |(at, changes, cut)| {
            let mut bytes = SAMPLES[at].2.clone();
            for (place, byte) in changes {
                // Most of what matters is at the start.
                let place = place.index(bytes.len());
                let place = if byte % 2 == 0 { place } else { place % 512.min(bytes.len()) };
                bytes[place] = byte;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()).max(1));
            }
            (at, bytes)
        },
    )
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        cases: count,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A tree in which nodes were asked for in an order of its own.
fn asked(schema: &Arc<Schema>, bytes: &[u8], wishes: &[(prop::sample::Index, u8)]) -> Tree {
    let mut tree = tree(schema, bytes.to_vec());
    let mut outline = Outline::of_root();
    for (wish, kind) in wishes {
        let Ok(rows) = again(|| tree.rows(&outline, wish.index(200) as u64, 20)) else { continue };
        let Some(row) = rows.rows.get(wish.index(rows.rows.len().max(1))) else { continue };
        match kind % 6 {
            0 | 1 => outline.open(&row.trail),
            2 => drop(again(|| tree.ask(&row.path))),
            3 => drop(again(|| tree.fields_in(wish.index(bytes.len()) as u64, bytes.len() as u64))),
            4 => drop(again(|| tree.row_number(&outline, &row.trail))),
            _ => outline.close(&row.trail),
        }
    }
    tree
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn the_order_of_asking_changes_no_value(
        (at, bytes) in mutated(),
        wishes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..24),
    ) {
        let (name, schema, _) = &SAMPLES[at];
        let plain = visited(&mut tree(schema, bytes.clone()));
        let mut stopping = tree(schema, Stopping { bytes: bytes.clone(), seen: HashSet::new() });
        prop_assert_eq!(&plain, &visited(&mut stopping), "{}, with stops", name);
        let mut asked = asked(schema, &bytes, &wishes);
        prop_assert_eq!(&plain, &visited(&mut asked), "{}, asked before", name);
        prop_assert_eq!(&plain, &visited(&mut asked), "{}, twice", name);
    }

    #[test]
    fn every_request_ends(
        at in 0..SAMPLES.len(),
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
        start in 0_usize..64,
    ) {
        // A true beginning leads further in.
        let (_, schema, sample) = &SAMPLES[at];
        let bytes = [&sample[..start.min(sample.len())], &bytes].concat();
        let len = bytes.len() as u64;
        let mut tree = tree(schema, bytes);
        visited(&mut tree);
        drop(tree.rows(&Outline::of_root(), 0, 100));
        drop(tree.fields_in(0, len));
        prop_assert!(tree.nodes() <= limits().kept_nodes);
    }

    #[test]
    fn windows_are_parts_of_one_list(
        (at, bytes) in mutated(),
        opened in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        size in 1_usize..17,
    ) {
        let (name, schema, _) = &SAMPLES[at];
        let mut tree = tree(schema, bytes);
        let mut outline = Outline::of_root();
        for it in opened {
            let rows = tree.rows(&outline, 0, 200).unwrap().rows;
            let with: Vec<&Row> = rows.iter().filter(|it| it.has_children).collect();
            if !with.is_empty() {
                outline.open(&with[it.index(with.len())].trail);
            }
        }
        let whole = tree.rows(&outline, 0, 300).unwrap();
        prop_assume!(whole.stopped.is_none());
        let mut parts: Vec<Row> = Vec::new();
        while parts.len() < whole.rows.len() {
            let part = tree.rows(&outline, parts.len() as u64, size).unwrap();
            prop_assert!(!part.rows.is_empty(), "{} after {}", name, parts.len());
            parts.extend(part.rows);
        }
        for (number, (one, other)) in whole.rows.iter().zip(&parts).enumerate() {
            prop_assert_eq!(said(one), said(other), "{}", name);
            if number % 7 == 0 {
                let found = tree.row_number(&outline, &one.trail).unwrap();
                prop_assert_eq!(found, Some(number as u64), "{}: {}", name, &one.path);
            }
        }
    }

    #[test]
    fn fields_are_found_by_their_bytes((at, bytes) in mutated(), place in any::<prop::sample::Index>(), len in 1_u64..300) {
        let (name, schema, _) = &SAMPLES[at];
        let start = place.index(bytes.len()) as u64;
        let mut tree = tree(schema, bytes);
        for span in tree.fields_in(start, start + len).unwrap() {
            prop_assert!(span.start < start + len && span.start + span.len > start, "{}: {:?}", name, span);
            let row = tree.row_at(&span.trail).unwrap();
            prop_assert_eq!(row.span.map(|it| it.start), Some(span.start), "{}: {}", name, &row.path);
            let smallest = tree.field_at(span.start).unwrap();
            prop_assert!(smallest.is_some_and(|it| it.len <= span.len), "{}: {}", name, &row.path);
        }
    }
}

#[test]
fn what_a_strict_reader_accepts_a_lazy_one_shows_without_mistakes() {
    for (name, schema, bytes) in SAMPLES.iter() {
        let mut strict = tree(schema, bytes.clone());
        strict.set_strict(true);
        again(|| strict.read_all()).unwrap_or_else(|it| panic!("{name}: {it}"));
        let mut lazy = tree(schema, bytes.clone());
        assert_eq!(visited(&mut strict), visited(&mut lazy), "{name}");
    }
}

#[test]
fn questions_of_nothing_are_mistakes() {
    for name in Builtin::names() {
        let mut tree = tree(&builtin(name), Vec::new());
        assert!(matches!(tree.ask("nothing_of_this_name"), Err(Trouble::Fault(_))), "{name}");
    }
}
