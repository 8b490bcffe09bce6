//! Packed files: gzip, zstd, and seek tables.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| memmap_unpack::testing::unpacked(bytes));
