//! `torture_structure TARGET SECONDS SEEDS`: what the fuzz targets do, without a fuzzer: seeds, changed at random.

#![allow(clippy::print_stdout, reason = "it reports")]

#[path = "torture_structure/run.rs"]
mod run;

use std::error::Error;

use memmap_structure::testing::bodies;

fn main() -> Result<(), Box<dyn Error>> {
    run::run(&[
        ("file", bodies::file),
        ("description", bodies::description),
        ("expression", |bytes| bodies::expression(&String::from_utf8_lossy(bytes))),
    ])
}
