//! The development tasks of this repository: `cargo xtask <command>`.
//!
//! CI runs the same commands as a developer. This crate depends on no other crate of the workspace,
//! so that it builds when they do not.

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command-line program")]

mod bench;
mod ci;
mod dist;
mod duel;
mod fuse;
mod fuzz;
mod instructions;
mod mutants;
mod neighbours;
mod numpy;
mod python;
mod release;
mod remote;
mod screens;
mod shell;
mod stage;
mod structure;
mod talk;
mod tidy;
mod torture;
mod windows;

use std::env;
use std::process::ExitCode;

use shell::Result;

/// A command: its name, its line in `help`, and the function that runs it with its arguments.
struct Command {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result,
}

const COMMANDS: [Command; 17] = [
    Command {
        name: "ci",
        about: "runs what CI runs, and stops at the first failure",
        run: ci::run,
    },
    Command { name: "tidy", about: "checks the conventions that code can check", run: tidy::run },
    Command {
        name: "bench",
        about: "runs the benchmarks: `cargo xtask bench list`",
        run: bench::run,
    },
    Command {
        name: "instructions",
        about: "counts the instructions of guarded accesses with and without the handler",
        run: instructions::run,
    },
    Command {
        name: "structure",
        about: "runs Kaitai's suite against the interpreter: `cargo xtask structure --suite DIR`",
        run: structure::run,
    },
    Command {
        name: "torture",
        about: "maps files on failing disks, as root: `cargo xtask torture [--ci | SCENE…]`",
        run: torture::run,
    },
    Command {
        name: "mutants",
        about: "breaks each claim of SAFETY.md: `cargo xtask mutants [--list | NAME…]`",
        run: mutants::run,
    },
    Command {
        name: "fuzz",
        about: "fuzzes: `cargo xtask fuzz [TARGET] [--seconds N]`",
        run: fuzz::run,
    },
    Command {
        name: "duel",
        about: "truncates a file that memmap and other libraries have mapped",
        run: duel::run,
    },
    Command {
        name: "numpy",
        about: "compares numpy and memmap, and writes docs/numpy.md",
        run: numpy::run,
    },
    Command {
        name: "neighbours",
        about: "runs other crates over memmap: `cargo xtask neighbours [--cut | --gib]`",
        run: neighbours::run,
    },
    Command {
        name: "remote",
        about: "reads objects of moto (S3) and nginx, beside curl: `cargo xtask remote`",
        run: remote::run,
    },
    Command {
        name: "python",
        about: "builds and tests the Python packages: `cargo xtask python [build|test|bench|wheels]`",
        run: python::run,
    },
    Command {
        name: "windows",
        about: "builds and tests for Windows: `cargo xtask windows setup|check|test`",
        run: windows::run,
    },
    Command {
        name: "dist",
        about: "writes manual pages and completions: `cargo xtask dist [DIRECTORY]`",
        run: dist::run,
    },
    Command {
        name: "release",
        about: "packages everything and prints the order: `cargo xtask release --dry-run`",
        run: release::run,
    },
    Command {
        name: "screens",
        about: "updates docs/screens and docs/tour.md: `cargo xtask screens [--check]`",
        run: screens::run,
    },
];

fn help() {
    println!("usage: cargo xtask <command>\n");
    for Command { name, about, .. } in COMMANDS {
        println!("  {name:<12} {about}");
    }
}

fn main() -> ExitCode {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let name = if arguments.is_empty() { "help".to_owned() } else { arguments.remove(0) };
    if name == "help" {
        help();
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprintln!("xtask: unknown command `{name}`; `cargo xtask help` lists the commands");
        return ExitCode::from(2);
    };
    match (command.run)(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {name}: {error}");
            ExitCode::FAILURE
        }
    }
}
