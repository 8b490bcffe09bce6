//! The built-in descriptions, each over a sample that the test makes: read strictly, lazily, and with a
//! stop at every block, with the values that the specification of the format gives.

#![allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "offsets of tests")]

mod common;
mod samples;

use std::collections::HashSet;
use std::sync::Arc;

use memmap_structure::{Builtin, Schema, Signature, Source, Tree, recognise};

use common::{Stopping, again, builtin, shown};

type Sample = (&'static str, fn() -> Vec<u8>, &'static [(&'static str, &'static str)]);

const SAMPLES: &[Sample] = &[
    ("arrow", samples::arrow::sample, samples::arrow::EXPECTED),
    ("bmp", samples::bmp::sample, samples::bmp::EXPECTED),
    ("class", samples::class::sample, samples::class::EXPECTED),
    ("elf", samples::elf::sample, samples::elf::EXPECTED),
    ("ext4", samples::ext4::sample, samples::ext4::EXPECTED),
    ("fat", samples::fat::sample, samples::fat::EXPECTED),
    ("gguf", samples::gguf::sample, samples::gguf::EXPECTED),
    ("gif", samples::gif::sample, samples::gif::EXPECTED),
    ("gpt", samples::gpt::sample, samples::gpt::EXPECTED),
    ("gzip", samples::gzip::sample, samples::gzip::EXPECTED),
    ("iso9660", samples::iso9660::sample, samples::iso9660::EXPECTED),
    ("jpeg", samples::jpeg::sample, samples::jpeg::EXPECTED),
    ("mach_o", samples::mach_o::sample, samples::mach_o::EXPECTED),
    ("mbr", samples::mbr::sample, samples::mbr::EXPECTED),
    ("mp4", samples::mp4::sample, samples::mp4::EXPECTED),
    ("parquet", samples::parquet::sample, samples::parquet::EXPECTED),
    ("pcap", samples::pcap::sample, samples::pcap::EXPECTED),
    ("pcapng", samples::pcapng::sample, samples::pcapng::EXPECTED),
    ("pdf", samples::pdf::sample, samples::pdf::EXPECTED),
    ("pe", samples::pe::sample, samples::pe::EXPECTED),
    ("png", samples::png::sample, samples::png::EXPECTED),
    ("sqlite", samples::sqlite::sample, samples::sqlite::EXPECTED),
    ("tar", samples::tar::sample, samples::tar::EXPECTED),
    ("wasm", samples::wasm::sample, samples::wasm::EXPECTED),
    ("wav", samples::wav::sample, samples::wav::EXPECTED),
    ("zip", samples::zip::sample, samples::zip::EXPECTED),
];

#[test]
fn every_format_has_a_sample() {
    let with: HashSet<&str> = SAMPLES.iter().map(|it| it.0).collect();
    let all: HashSet<&str> = Builtin::names().collect();
    assert_eq!(all, with);
}

#[test]
fn values_are_those_of_the_specification() {
    for (name, sample, expected) in SAMPLES {
        let schema = builtin(name);
        let bytes = sample();
        for way in ["strict", "lazy", "with stops"] {
            let source: Box<dyn Source + Send> = match way {
                "with stops" => Box::new(Stopping { bytes: bytes.clone(), seen: HashSet::new() }),
                _ => Box::new(bytes.clone()),
            };
            let mut tree = Tree::new(Arc::clone(&schema), source);
            if way == "strict" {
                tree.set_strict(true);
                again(|| tree.read_all()).unwrap_or_else(|it| panic!("{name}, strict: {it}"));
            }
            for (question, answer) in *expected {
                let found = again(|| tree.ask(question))
                    .unwrap_or_else(|it| panic!("{name}, {way}, {question}: {it}"));
                assert_eq!(shown(&found), *answer, "{name}, {way}: {question}");
            }
        }
    }
}

#[test]
fn samples_are_recognised_by_their_bytes() {
    let signatures: Vec<Signature> =
        Builtin::names().map(|it| Signature::of(&builtin(it))).collect();
    for (name, sample, _) in SAMPLES {
        let found = recognise(&signatures, &mut sample(), None).unwrap();
        let first = found.first().map(|it| it.format.as_str());
        assert_eq!(first, Some(*name));
    }
}

#[test]
fn a_sample_has_no_mistake() {
    for (name, sample, _) in SAMPLES {
        let mut tree = Tree::new(builtin(name), Box::new(sample()));
        for row in common::rows(&mut tree, 6) {
            if let Some(fault) = &row.fault {
                panic!("{name}: {}: {}", row.path, fault.message);
            }
        }
    }
}

#[test]
fn descriptions_have_no_warning() {
    for name in Builtin::names() {
        let schema = Schema::load(name, &Builtin::default()).unwrap();
        let warnings: Vec<String> = schema.warnings().iter().map(ToString::to_string).collect();
        assert!(warnings.is_empty(), "{}", warnings.join("\n"));
    }
}

#[test]
fn seeds_of_fuzzing_begin_with_the_number_of_their_format() {
    let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/structure_file");
    for (at, name) in Builtin::names().enumerate() {
        let Ok(seed) = std::fs::read(format!("{seeds}/{name}")) else { continue };
        assert_eq!(seed.first().copied().map(usize::from), Some(at), "{name}");
    }
    for seed in std::fs::read_dir(seeds).expect("the seeds are there") {
        let name = seed.expect("it is listed").file_name();
        assert!(Builtin::names().any(|it| *it == *name), "{name:?}");
    }
}
