//! `torture_unpack TARGET SECONDS SEEDS`: what the fuzz target does, without a fuzzer: seeds, changed at random.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "it reports")]

#[path = "../../structure/examples/torture_structure/run.rs"]
mod run;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    run::run(&[("unpacked", memmap_unpack::testing::unpacked)])
}
