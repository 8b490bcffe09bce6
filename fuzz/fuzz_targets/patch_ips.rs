//! IPS patches: refused, or applied, and those of ours make the target again.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| lazyhex::testing::patch_ips(bytes));
