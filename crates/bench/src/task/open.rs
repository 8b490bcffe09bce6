//! `open`: the time from the start of a viewer to its first screen.

use std::time::Duration;

use crate::Result;
use crate::engine::{self, Engine, Runs};
use crate::input::Input;
use crate::options::Options;
use crate::proc;
use crate::report::{self, Work, size};
use crate::rounds::{self, Contestant};
use crate::sample::Sample;
use crate::terminal::Terminal;

use super::Task;

const OURS: &str = "lazyhex";

/// The end of the second row's address, for rows of 16, 24, 26 or 32 bytes. Once it is on the
/// screen, the first rows are.
const SECOND_ROW: [&str; 4] = ["0000010", "0000018", "000001A", "0000020"];

/// The most time that a first screen may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The most time that quitting may take.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);

static ENGINES: [Engine; 5] = [
    Engine { name: OURS, against: OURS, runs: Runs::Lazyhex(&[]) },
    peer("hexedit", "apt install hexedit"),
    peer("tweak", "apt install tweak"),
    peer("bvi", "apt install bvi"),
    peer("heh", "cargo install heh"),
];

const fn peer(name: &'static str, install: &'static str) -> Engine {
    Engine { name, against: OURS, runs: Runs::Program(name, &[], install) }
}

pub(crate) const TASK: Task = Task {
    name: "open",
    about: "the time to the first screen of a viewer, and its memory then",
    engines: &ENGINES,
    run,
};

fn run(options: &Options) -> Result {
    let found = engine::find(&ENGINES, options)?;
    let sparse = Input::sparse(options.size.unwrap_or(1 << 40))?;
    for (input, what) in [(sparse, "a sparse file"), (Input::executable()?, "an executable")] {
        let contestants = found
            .iter()
            .map(|found| Contestant {
                engine: found.engine,
                run: Box::new(|| first_screen(found, &input)),
            })
            .collect();
        let records = rounds::run(options.rounds, contestants)?;
        let data = format!("{what} of {}, page cache warm", size(input.len()?));
        report::publish(options, (TASK.name, &data), Work::Unmeasured, &records)?;
    }
    Ok(())
}

fn first_screen(found: &engine::Found, input: &Input) -> Result<Sample> {
    let mut terminal = Terminal::start(&mut found.command(input.path()), (120, 40))?;
    let is_shown = |text: &str| SECOND_ROW.iter().any(|row| text.contains(row));
    let time = terminal.wait_until(is_shown, TIMEOUT)?;
    let memory = |field| proc::status_mib(terminal.pid(), field);
    let notes = [("RSS MiB", "VmRSS"), ("of it anon", "RssAnon"), ("of it file", "RssFile")]
        .into_iter()
        .filter_map(|(name, field)| Some((name, memory(field)?)))
        .collect();
    if found.engine.is_ours() {
        terminal.quit("q", QUIT_TIMEOUT)?;
    }
    Ok(Sample { time, notes })
}
