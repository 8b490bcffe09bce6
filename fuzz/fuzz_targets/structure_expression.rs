//! Expressions, over a tree that is always the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| memmap_structure::testing::bodies::expression(text));
