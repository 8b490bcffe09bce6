//! Benchmarks of memmap and its rivals, as named tasks: `memmap-bench run TASK`.
//!
//! Engines take turns: each round runs every engine once, and each round begins with another
//! engine, so that a disturbance of the machine affects all of them. The report gives times, and
//! the ratio to our engine *within each round*, which noise disturbs least.
//!
//! Data flows from [`options`] to a [`task`], which makes its [`input`] (or the [`scratch`] files
//! that it writes) and its contestants, then to [`rounds`], which takes a [`sample`] of each, and
//! to the [`report`].

#![deny(unsafe_code)] // `rival_map` alone may have some
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command-line program")]

mod options;
mod task;
mod engine;
mod input;
mod scratch;
mod rival_map;
mod numpy;
mod drain;
mod terminal;
mod proc;
mod sample;
mod rounds;
mod sandbox;
mod stats;
mod report;
mod machine;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use options::Options;
use task::TASKS;

/// The result of everything here that can fail.
type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "\
usage: memmap-bench list
       memmap-bench run TASK [--rounds N] [--only ENGINE,…] [--size BYTES, as 64K 256M 1G]
                             [--lazyhex PATH] [--json FILE]";

fn list() {
    for task in TASKS {
        println!("{}: {}", task.name, task.about);
        for engine in task.engines {
            println!("  {:<20} {}", engine.name, engine.availability());
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["list"] => {
            list();
            return ExitCode::SUCCESS;
        }
        ["run", name, flags @ ..] => {
            let Some(task) = TASKS.iter().find(|task| task.name == *name) else {
                eprintln!("no task is named `{name}`; `memmap-bench list` lists the tasks");
                return ExitCode::from(2);
            };
            let options = match Options::parse(flags) {
                Ok(options) => options,
                Err(error) => {
                    eprintln!("{error}\n{USAGE}");
                    return ExitCode::from(2);
                }
            };
            print!("{}", machine::head());
            (task.run)(&options)
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
