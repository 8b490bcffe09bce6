//! `torture_patch TARGET SECONDS SEEDS`: what the fuzz targets do, without a fuzzer: seeds, changed at random.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "it reports")]

#[path = "../../structure/examples/torture_structure/run.rs"]
mod run;

use std::error::Error;

use lazyhex::testing::{patch_bps, patch_ips};

fn main() -> Result<(), Box<dyn Error>> {
    run::run(&[("patch_ips", patch_ips), ("patch_bps", patch_bps)])
}
