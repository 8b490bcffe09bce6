//! Descriptions, and files by them.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| memmap_structure::testing::bodies::description(bytes));
