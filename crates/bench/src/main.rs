//! Named tasks, run by memmap and by its rivals: `memmap-bench run TASK`.
//!
//! Engines take turns: each round runs every engine once, and the next begins with another one, so
//! that what the machine does meanwhile falls on all of them. What is reported besides times is the
//! ratio to our engine *within each round*, which such noise disturbs least.
//!
//! The data's way: [`options`] → [`task`] (builds its [`input`], or the [`scratch`] files that it
//! writes, and its contestants) → [`rounds`]
//! → [`report`].

#![deny(unsafe_code)] // its one room is `rival_map`
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks on its output")]

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
mod rounds;
mod stats;
mod report;
mod machine;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use options::Options;
use task::TASKS;

/// What everything here answers that can fail.
type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "\
usage: memmap-bench list
       memmap-bench run TASK [--rounds N] [--only ENGINE,…] [--size BYTES, as 64K 256M 1G]
                             [--lazyhex PATH] [--json FILE]";

fn list() {
    for task in TASKS {
        println!("{}: {}", task.name, task.about);
        for engine in task.engines {
            println!("  {:<20} {}", engine.name, engine.whereabouts());
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
                eprintln!("there is no task `{name}`; `memmap-bench list` names them");
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
