//! Journals: whole files, frames, and records with right checksums.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| memmap_edit::testing::journal(bytes));
