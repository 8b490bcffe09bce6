//! `viewer`: sends keys to viewers in a terminal: to the end of a large file, to a match near its
//! end, and keys during a search.

use std::time::{Duration, Instant};

use memmap::scan::{Pattern, Scan};
use memmap::{MemMap, Mode};

use crate::Result;
use crate::engine::{self, Engine, Found, Runs};
use crate::input::{self, Input};
use crate::options::Options;
use crate::proc;
use crate::report::{self, Work, size};
use crate::rounds::{self, Contestant, Record};
use crate::sample::Sample;
use crate::stats::Spread;
use crate::terminal::{Size, Terminal};

use super::Task;

const OURS: &str = "lazyhex";

/// The default size of the log, in bytes.
const FILE_LEN: u64 = 4 << 30;

const SPARSE_LEN: u64 = 1 << 40;
const SPARSE_DATA: u64 = 10 << 20;

/// A common terminal size, but wider.
const SIZE: Size = (120, 40);

/// A terminal with room for panes.
const WIDE: Size = (160, 50);

/// The most time that an answer may take: some viewers search for more than half a minute.
const TIMEOUT: Duration = Duration::from_secs(90);

/// The pause between two steps, in which a prompt opens, or the work after the first screen ends.
const PAUSE: Duration = Duration::from_millis(100);

/// Keys sent one after the other.
const KEYS: usize = 300;

/// An expression that takes long enough to send keys during the search: no prefilter can skip
/// bytes.
const SLOW: &str = r"(?:[a-z0-9].?){40}[\x80-\xff]";

/// A placeholder for the target position, in decimal.
const POSITION: &str = "POSITION";

/// The keys of a viewer, in steps. The time is measured from the last step.
struct Peer {
    name: &'static str,
    /// To the end of the file.
    end: Option<&'static [&'static str]>,
    /// To the mark.
    search: Option<&'static [&'static str]>,
}

static PEERS: [Peer; 6] = [
    Peer { name: OURS, end: Some(&["G"]), search: Some(&["/", input::LAST, "\r"]) },
    Peer { name: "hexedit", end: Some(&[">"]), search: Some(&["\t", "/", input::LAST, "\r"]) },
    Peer { name: "tweak", end: Some(&["\x1b>"]), search: Some(&["\x13", input::LAST, "\r"]) },
    Peer { name: "le --mmap", end: None, search: Some(&["\x1b[18~", input::LAST, "\r"]) },
    Peer { name: "vbindiff", end: None, search: Some(&["f", "t", input::LAST, "\r"]) },
    Peer {
        name: "heh",
        end: Some(&["\n", POSITION, "\r"]),
        search: Some(&["/", input::LAST, "\r"]),
    },
];

static ENGINES: [Engine; 6] = [
    OUR_ENGINE,
    peer("hexedit", "hexedit", &[], "apt install hexedit"),
    peer("tweak", "tweak", &[], "apt install tweak"),
    peer("le --mmap", "le", &["--mmap"], "apt install le"),
    peer("vbindiff", "vbindiff", &[], "apt install vbindiff"),
    peer("heh", "heh", &[], "cargo install heh"),
];

static FIND: [Engine; 2] = [
    OUR_ENGINE,
    Engine {
        name: "lazyhex find",
        against: OURS,
        runs: Runs::Lazyhex(&["find", "-c", input::LAST]),
    },
];

static IDLE: [Engine; 1] = [OUR_ENGINE];

const OUR_ENGINE: Engine =
    Engine { name: OURS, against: OURS, runs: Runs::Lazyhex(&["--no-session"]) };

const fn peer(
    name: &'static str,
    program: &'static str,
    arguments: &'static [&'static str],
    install: &'static str,
) -> Engine {
    Engine { name, against: OURS, runs: Runs::Program(program, arguments, install) }
}

pub(crate) const TASK: Task = Task {
    name: "viewer",
    about: "keys in viewers: to the end, to a match, and during a search",
    engines: &ENGINES,
    run,
};

fn run(options: &Options) -> Result {
    let found = engine::find(&ENGINES, options)?;
    let sparse = &Input::sparse(SPARSE_LEN)?;
    let log = &Input::log(options.size.unwrap_or(FILE_LEN))?;
    for (input, what) in [(sparse, "a sparse file"), (log, "a log")] {
        let last = input.len()?.saturating_sub(1);
        let records = play(options, &found, |found| {
            let steps = script(found)?.end?;
            Some(boxed(move || jump(found, input, steps, last)))
        })?;
        publish(options, "to the end", what, input, Work::Unmeasured, &records)?;
    }

    let mark = offset_of(log, input::LAST)?;
    let bytes = Work::Bytes(mark);
    let records = play(options, &found, |found| {
        let steps = script(found)?.search?;
        Some(boxed(move || jump(found, log, steps, mark)))
    })?;
    publish(options, "to the first match, at 99.5 %", "a log", log, bytes, &records)?;

    if !options.wants(OURS) {
        return Ok(());
    }
    let ours = engine::find(&FIND, options)?;
    let records = play(options, &ours, |found| {
        Some(match found.engine.name {
            OURS => boxed(|| whole_search(found, log)),
            _ => boxed(|| program(found, log)),
        })
    })?;
    publish(options, "all matches of a word", "a log", log, Work::Bytes(log.len()?), &records)?;

    let holes = &Input::sparse_with(SPARSE_LEN, SPARSE_DATA)?;
    let idle = engine::find(&IDLE, options)?;
    let records = play(options, &idle, |found| Some(boxed(|| count_rare(found, holes))))?;
    publish(options, "all matches", "10 MiB in holes", holes, Work::Unmeasured, &records)?;

    for (question, keys) in [
        ("a key to its frame, a byte on", Keys::Byte),
        ("a key to its frame, a page on", Keys::Page),
        ("a key to its frame, a byte on, while it searches and makes its map", Keys::Busy),
    ] {
        let records = play(options, &idle, |found| Some(boxed(|| press(found, log, keys))))?;
        publish(options, question, "a log", log, Work::Unmeasured, &records)?;
    }
    let records = play(options, &idle, |found| Some(boxed(|| cancel(found, log))))?;
    publish(options, "Ctrl-c to the search's end", "a log", log, Work::Unmeasured, &records)
}

type Run<'a> = Box<dyn FnMut() -> Result<Sample> + 'a>;

fn boxed<'a>(run: impl FnMut() -> Result<Sample> + 'a) -> Run<'a> {
    Box::new(run)
}

/// Runs the viewers for which `run` returns a result.
fn play<'a>(
    options: &Options,
    found: &'a [Found],
    run: impl Fn(&'a Found) -> Option<Run<'a>>,
) -> Result<Vec<Record>> {
    let contestants = found
        .iter()
        .filter_map(|found| Some(Contestant { engine: found.engine, run: run(found)? }))
        .collect();
    rounds::run(options.rounds, contestants)
}

fn publish(
    options: &Options,
    question: &str,
    what: &str,
    input: &Input,
    work: Work,
    records: &[Record],
) -> Result {
    let data = format!("{question}: {what} of {}, page cache warm", size(input.len()?));
    report::publish(options, (TASK.name, &data), work, records)
}

fn script(found: &Found) -> Option<&'static Peer> {
    PEERS.iter().find(|peer| peer.name == found.engine.name)
}

/// Starts a viewer, waits for its first screen, sends the keys, and waits for the row of
/// `position`.
fn jump(found: &Found, input: &Input, steps: &[&str], position: u64) -> Result<Sample> {
    let mut terminal = opened(found, input, SIZE)?;
    for (number, step) in steps.iter().enumerate() {
        if number > 0 {
            terminal.read_for(PAUSE)?;
        }
        terminal.send(&step.replace(POSITION, &position.to_string()))?;
    }
    let time = terminal.wait_until(|text| has_row(text, position), TIMEOUT)?;
    Ok(Sample { time, notes: memory(&terminal) })
}

fn opened(found: &Found, input: &Input, size: Size) -> Result<Terminal> {
    let mut terminal = Terminal::start(&mut found.command(input.path()), size)?;
    terminal.wait_until(|text| !text.trim().is_empty(), TIMEOUT)?;
    terminal.read_for(PAUSE)?;
    Ok(terminal)
}

/// Whether the screen has a row of a dump with this byte. Rows begin at multiples of their length,
/// or at the byte itself.
///
/// Addresses have at least eight digits. Some viewers write them in two parts, and some leave out
/// the digits before the last eight.
pub(super) fn has_row(text: &str, position: u64) -> bool {
    let text: String =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect();
    [1, 8, 16, 24, 26, 32, 64].iter().any(|row| {
        let start = position.checked_div(*row).unwrap_or(0).saturating_mul(*row);
        text.contains(&format!("{:08x}", start & 0xFFFF_FFFF))
    })
}

pub(super) fn memory(terminal: &Terminal) -> Vec<(&'static str, f64)> {
    let field = |(name, field)| Some((name, proc::status_mib(terminal.pid(), field)?));
    [("RSS MiB", "VmRSS"), ("of it anon", "RssAnon")].into_iter().filter_map(field).collect()
}

/// Searches the whole file, and measures the time from Enter until all matches are known.
fn whole_search(found: &Found, input: &Input) -> Result<Sample> {
    let mut terminal = opened(found, input, SIZE)?;
    terminal.send("/")?;
    terminal.read_for(PAUSE)?;
    terminal.send(input::LAST)?;
    terminal.read_for(PAUSE)?;
    terminal.send("\r")?;
    let time = terminal.wait_until(|text| has_all(text, 1), TIMEOUT)?;
    Ok(Sample { time, notes: memory(&terminal) })
}

/// Whether all matches are known, and there are `count`.
fn has_all(text: &str, count: u64) -> bool {
    let said = format!(" of {count}");
    let is_last = |rest: &str| !rest.starts_with(|c: char| c == '+' || c.is_ascii_digit());
    text.split("match 1").skip(1).any(|rest| rest.strip_prefix(&said).is_some_and(is_last))
}

/// The same search by `lazyhex find`.
fn program(found: &Found, input: &Input) -> Result<Sample> {
    let begun = Instant::now();
    let output = found.command(input.path()).output()?;
    let time = begun.elapsed();
    if output.stdout != b"1\n" {
        return Err(format!("it counts {}", String::from_utf8_lossy(&output.stdout)).into());
    }
    Ok(Sample { time, notes: Vec::new() })
}

fn count_rare(found: &Found, input: &Input) -> Result<Sample> {
    let mut terminal = opened(found, input, SIZE)?;
    terminal.send(&format!(":find {}\r", input::RARE))?;
    let count = SPARSE_DATA / input::PIECE_LEN;
    let time = terminal.wait_until(|text| has_all(text, count), TIMEOUT)?;
    Ok(Sample { time, notes: memory(&terminal) })
}

/// The key that is sent repeatedly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    Byte,
    Page,
    Busy,
}

/// Sends keys, each as soon as the one before it was answered. The time is the median; the slowest
/// times are in the notes.
fn press(found: &Found, input: &Input, keys: Keys) -> Result<Sample> {
    let mut terminal = opened(found, input, WIDE)?;
    if keys == Keys::Busy {
        terminal.send("M")?;
        terminal.read_for(PAUSE)?;
        terminal.send("\x1b")?;
        terminal.read_for(PAUSE)?;
        search_slowly(&mut terminal)?;
    }
    let key = if keys == Keys::Page { "\x06" } else { "l" };
    let mut times = Vec::with_capacity(KEYS);
    for _ in 0..KEYS {
        let before = place(&terminal.text());
        terminal.send(key)?;
        times.push(terminal.wait_until(|text| place(text) != before, TIMEOUT)?);
    }
    if keys == Keys::Busy && !terminal.text().contains(RUNNING) {
        return Err("the search ended before the keys; set a larger `--size`".into());
    }
    times.sort();
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    let notes =
        vec![("p99 ms", millis(times[KEYS * 99 / 100])), ("slowest ms", millis(times[KEYS - 1]))];
    let median = Spread::of(times.iter().map(Duration::as_secs_f64)).map_or(0.0, |it| it.median);
    Ok(Sample { time: Duration::from_secs_f64(median), notes })
}

/// The position of the cursor in the status line: `0x1f = 31`.
fn place(text: &str) -> Option<String> {
    let before = text.rfind(" = ")?;
    let start = text.get(..before)?.rfind("0x")?;
    text.get(start..before).map(str::to_owned)
}

/// The sign of a running job.
const RUNNING: char = '▶';

fn search_slowly(terminal: &mut Terminal) -> Result {
    terminal.send(&format!(":find -r {SLOW}\r"))?;
    terminal.wait_until(|text| text.contains(RUNNING), TIMEOUT)?;
    terminal.read_for(PAUSE)
}

fn cancel(found: &Found, input: &Input) -> Result<Sample> {
    let mut terminal = opened(found, input, SIZE)?;
    search_slowly(&mut terminal)?;
    terminal.send("\x03")?;
    let time = terminal.wait_until(|text| !text.contains(RUNNING), TIMEOUT)?;
    Ok(Sample { time, notes: Vec::new() })
}

/// The offset of the first match of a text that is in the file.
fn offset_of(input: &Input, text: &str) -> Result<u64> {
    let map = MemMap::open(input.path(), Mode::Read)?;
    let found = Scan::new(&map).find_first(&Pattern::literal(text)?)?.value;
    found.map(|found| found.offset).ok_or_else(|| format!("there is no {text}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_known_by_its_address_however_it_is_written() {
        for text in ["000F4240  4C 41", "0000f 4240:  4C", "00000f4240"] {
            assert!(has_row(text, 0xF4240 + 7), "{text}");
        }
        assert!(!has_row("000F4250 4C 41", 0xF4240));
    }

    #[test]
    fn all_matches_are_known_when_no_plus_follows_their_number() {
        assert!(has_all("  match 1 of 160  mark a", 160));
        assert!(!has_all("  match 1 of 160+  mark a", 160));
        assert!(!has_all("match 1 of 16", 160) && !has_all("match 1 of 160", 16));
    }

    #[test]
    fn the_position_is_read_from_the_status_line() {
        assert_eq!(place(" 0x1f = 31  12 %\n a").as_deref(), Some("0x1f"));
        assert_eq!(place("nothing"), None);
    }
}
