//! `dump`: dumps random bytes into a pipe that is read as fast as possible.

use std::path::Path;

use crate::Result;
use crate::drain::{Digest, drain};
use crate::engine::{self, Engine, Found, Runs};
use crate::input::Input;
use crate::options::Options;
use crate::report::{self, Work, size};
use crate::rounds::{self, Contestant};

use super::Task;

const CANONICAL: &str = "lazyhex/canonical";
const XXD: &str = "lazyhex/xxd";
const PLAIN: &str = "lazyhex/plain";

/// Rivals that print the same bytes as the engine they are compared with, which is checked.
const SAME_OUTPUT: [&str; 3] = ["hexdump -C", "xxd", "xxd -p"];

static ENGINES: [Engine; 7] = [
    lazyhex(CANONICAL, &["dump", "--format", "canonical"]),
    lazyhex(XXD, &["dump", "--format", "xxd"]),
    lazyhex(PLAIN, &["dump", "--format", "plain"]),
    HEXDUMP,
    rival("xxd", XXD, Runs::Program("xxd", &[], "apt install xxd")),
    rival("xxd -p", PLAIN, Runs::Program("xxd", &["-p"], "apt install xxd")),
    HEXYL,
];

pub(super) const LAZYHEX: Engine = lazyhex(CANONICAL, &["dump", "--format", "canonical"]);

pub(super) const HEXDUMP: Engine =
    rival("hexdump -C", CANONICAL, Runs::Program("hexdump", &["-C"], "apt install bsdextrautils"));

pub(super) const HEXYL: Engine =
    rival("hexyl", CANONICAL, Runs::Program("hexyl", &["--color=never"], "cargo install hexyl"));

const fn lazyhex(name: &'static str, arguments: &'static [&'static str]) -> Engine {
    Engine { name, against: name, runs: Runs::Lazyhex(arguments) }
}

const fn rival(name: &'static str, against: &'static str, runs: Runs) -> Engine {
    Engine { name, against, runs }
}

pub(crate) const TASK: Task =
    Task { name: "dump", about: "dumps of random bytes into a pipe", engines: &ENGINES, run };

fn run(options: &Options) -> Result {
    let input = Input::random(options.size.unwrap_or(256 << 20))?;
    race(options, (TASK.name, "random bytes"), &ENGINES, &input)
}

/// Lets `engines` dump `input`, after a check that those that should print the same do.
pub(super) fn race(
    options: &Options,
    (task, data): (&str, &str),
    engines: &'static [Engine],
    input: &Input,
) -> Result {
    let found = engine::find(engines, options)?;
    check_same_output(&found, input.path())?;
    let contestants = found
        .iter()
        .map(|found| Contestant {
            engine: found.engine,
            run: Box::new(|| drain(&mut found.command(input.path()), |_| {})),
        })
        .collect();
    let records = rounds::run(options.rounds, contestants)?;
    let data = format!("{} of {data}, page cache warm, into a pipe", size(input.len()?));
    report::publish(options, (task, &data), Work::Bytes(input.len()?), &records)
}

/// Fails if a rival and our engine of the same format print different bytes.
fn check_same_output(found: &[Found], path: &Path) -> Result {
    let digest = |found: &Found| -> Result<Digest> {
        let mut digest = Digest::new();
        drain(&mut found.command(path), |bytes| digest.add(bytes))?;
        Ok(digest)
    };
    for theirs in found.iter().filter(|found| SAME_OUTPUT.contains(&found.engine.name)) {
        let (name, against) = (theirs.engine.name, theirs.engine.against);
        let Some(ours) = found.iter().find(|found| found.engine.name == against) else { continue };
        let (theirs, ours) = (digest(theirs)?, digest(ours)?);
        if theirs != ours {
            return Err(format!("{name} and {against} differ: {theirs:x?}, {ours:x?}").into());
        }
        println!("{name} and {against} print the same {} bytes", ours.len);
    }
    Ok(())
}
