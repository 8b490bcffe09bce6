//! `compare`: two files, from the start of the program to its end, mapped in this program, and in viewers, where
//! keys go to a difference.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use memmap::compare::Compare;
use memmap::{MemMap, Mode};
use tempfile::NamedTempFile;

use crate::Result;
use crate::drain::drain_up_to;
use crate::engine::{self, Engine, Found, Runs};
use crate::input::{Input, Random};
use crate::options::Options;
use crate::report::{self, Work, size};
use crate::rival_map;
use crate::rounds::{self, Contestant};
use crate::sample::Sample;
use crate::terminal::Terminal;

use super::Task;
use super::viewer::{has_row, memory};

/// The default length of both files, and that of the sparse ones.
const FILE_LEN: u64 = 1 << 30;
const SPARSE_LEN: u64 = 1 << 40;

const EQUAL: &str = "lazyhex diff -q";
const LIST: &str = "lazyhex diff";
const COUNT: &str = "lazyhex diff -c";
const ALIGNED: &str = "lazyhex diff --aligned";
const HOLES: &str = "lazyhex diff, holes";
const LIBRARY: &str = "memmap/first";
const RANGES: &str = "memmap/differences";
const VIEW: &str = "lazyhex --diff";
const VBINDIFF: &str = "vbindiff";
const BIODIFF: &str = "biodiff";

/// The most time that a viewer may take for a screen.
const TIMEOUT: Duration = Duration::from_secs(60);

static ENGINES: [Engine; 15] = [
    ours(EQUAL, Runs::Lazyhex(&["diff", "-q"])),
    ours(LIBRARY, Runs::Inside),
    rival("memmap2/slices", LIBRARY, Runs::Inside),
    rival("cmp", EQUAL, Runs::Program("cmp", &[], "apt install diffutils")),
    ours(LIST, Runs::Lazyhex(&["diff"])),
    ours(COUNT, Runs::Lazyhex(&["diff", "-c"])),
    ours(RANGES, Runs::Inside),
    rival("cmp -l", LIST, Runs::Program("cmp", &["-l"], "apt install diffutils")),
    ours(ALIGNED, Runs::Lazyhex(&["diff", "--aligned"])),
    ours("memmap/aligned", Runs::Inside),
    rival(
        "xdelta3",
        ALIGNED,
        Runs::Program("xdelta3", &["-e", "-c", "-A", "-s"], "apt install xdelta3"),
    ),
    ours(HOLES, Runs::Lazyhex(&["diff"])),
    ours(VIEW, Runs::Lazyhex(&["--no-session", "--diff"])),
    rival(VBINDIFF, VIEW, Runs::Program("vbindiff", &[], "apt install vbindiff")),
    rival(
        BIODIFF,
        VIEW,
        Runs::Program("biodiff", &[], "cargo install biodiff --no-default-features"),
    ),
];

const fn ours(name: &'static str, runs: Runs) -> Engine {
    Engine { name, against: name, runs }
}

const fn rival(name: &'static str, against: &'static str, runs: Runs) -> Engine {
    Engine { name, against, runs }
}

pub(crate) const TASK: Task = Task {
    name: "compare",
    about: "two files compared: equal, with few and with many differences, aligned, sparse",
    engines: &ENGINES,
    run,
};

fn run(options: &Options) -> Result {
    let len = options.size.unwrap_or(FILE_LEN);
    let a = Input::random(len)?;
    let equal = changed(&a, 0)?;
    race(options, &[EQUAL, LIBRARY, "memmap2/slices", "cmp"], "equal files", (&a, &equal))?;
    drop(equal);
    let all = [LIST, COUNT, RANGES, "cmp -l"];
    race(options, &all, "3 bytes differ", (&a, &changed(&a, 3)?))?;
    race(options, &all, "1,000,000 bytes differ", (&a, &changed(&a, 1_000_000)?))?;
    let aligned = [ALIGNED, "memmap/aligned", "xdelta3"];
    race(options, &aligned, "1,000 edits", (&a, &edited(&a, 1000)?))?;
    view(options, &a)?;
    drop(a);
    let sparse =
        (Input::sparse_with(SPARSE_LEN, 10 << 20)?, Input::sparse_with(SPARSE_LEN, 10 << 20)?);
    // cmp reads the zeros, at about 2 GB/s.
    race(options, &[HOLES], "holes with 10 MiB of data", (&sparse.0, &sparse.1))
}

/// Measures the engines of these names.
fn race(options: &Options, names: &[&str], what: &str, (a, b): (&Input, &Input)) -> Result {
    let programs = engine::find(&ENGINES, options)?;
    let maps = (MemMap::open(a.path(), Mode::Read)?, MemMap::open(b.path(), Mode::Read)?);
    let slices = (rival_map::map(a)?, rival_map::map(b)?);
    let mut contestants: Vec<Contestant<'_>> = Vec::new();
    for engine in ENGINES.iter().filter(|engine| names.contains(&engine.name)) {
        let program = programs.iter().find(|found| found.engine.name == engine.name);
        let run: Box<dyn FnMut() -> Result<Sample>> = match (program, engine.name) {
            (Some(found), _) => {
                Box::new(|| drain_up_to(1, found.command(a.path()).arg(b.path()), |_| {}))
            }
            _ if !options.wants(engine.name) => continue,
            (None, LIBRARY) => {
                Box::new(|| timed(|| Ok(Compare::new(&maps.0, &maps.1).first()?.value.is_none())))
            }
            (None, "memmap2/slices") => Box::new(|| timed(|| Ok(slices.0[..] == slices.1[..]))),
            (None, RANGES) => {
                Box::new(|| timed(|| Ok(Compare::new(&maps.0, &maps.1).differences()?.count() > 0)))
            }
            (None, "memmap/aligned") => Box::new(|| {
                timed(|| Ok(!Compare::new(&maps.0, &maps.1).aligned()?.value.is_empty()))
            }),
            (None, _) => continue,
        };
        contestants.push(Contestant { engine, run });
    }
    if contestants.is_empty() {
        return Ok(());
    }
    let records = rounds::run(options.rounds, contestants)?;
    let data = format!("{what}, of {}, page cache warm", size(a.len()?));
    report::publish(options, (TASK.name, &data), Work::Bytes(a.len()?), &records)
}

/// Measures viewers of two files: from the start of the program to the difference near the end, on the screen.
fn view(options: &Options, a: &Input) -> Result {
    let place = a.len()?.saturating_sub(1000);
    let file = copy(a)?;
    let byte = MemMap::open(a.path(), Mode::Read)?.get::<u8>(place)?;
    file.as_file().write_all_at(&[byte ^ 1], place)?;
    let b = Input::of(file).read_once()?;
    let found = engine::find(&ENGINES, options)?;
    let contestants: Vec<_> = found
        .iter()
        .filter_map(|found| {
            let keys = match found.engine.name {
                VIEW => "]d",
                VBINDIFF => "\r",
                BIODIFF => " ",
                _ => return None,
            };
            let run = Box::new(|| go_to(found, keys, (a, &b), place));
            Some(Contestant { engine: found.engine, run })
        })
        .collect();
    if contestants.is_empty() {
        return Ok(());
    }
    let records = rounds::run(options.rounds, contestants)?;
    let data =
        format!("opened, and to a byte near the end, of {}, page cache warm", size(a.len()?));
    report::publish(options, (TASK.name, &data), Work::Unmeasured, &records)
}

/// Starts a viewer, waits for the first row, sends the keys, and waits for the row of the difference.
fn go_to(found: &Found, keys: &str, (a, b): (&Input, &Input), place: u64) -> Result<Sample> {
    let mut terminal = Terminal::start(found.command(a.path()).arg(b.path()), (160, 40))?;
    let opened = terminal.wait_until(|text| has_row(text, 0), TIMEOUT)?;
    terminal.send(keys)?;
    let gone = terminal.wait_until(|text| has_row(text, place), TIMEOUT)?;
    let mut notes = vec![("opened ms", opened.as_secs_f64() * 1e3)];
    notes.extend(memory(&terminal));
    Ok(Sample { time: opened.saturating_add(gone), notes })
}

/// Measures a comparison that has to say yes.
fn timed(work: impl Fn() -> Result<bool>) -> Result<Sample> {
    let begun = Instant::now();
    let is_right = work()?;
    let time = begun.elapsed();
    if is_right { Ok(Sample { time, notes: Vec::new() }) } else { Err("a wrong answer".into()) }
}

/// A copy in which `count` bytes differ, or slightly fewer.
fn changed(input: &Input, count: u64) -> Result<Input> {
    let file = copy(input)?;
    let map = MemMap::open(input.path(), Mode::Read)?;
    let mut random = Random::new();
    for _ in 0..count {
        let at = random.next() % map.len();
        file.as_file().write_all_at(&[map.get::<u8>(at)? ^ 1], at)?;
    }
    file.as_file().sync_all()?;
    Input::of(file).read_once()
}

/// A copy with `count` edits: insertions, deletions and replacements of up to 200 bytes.
fn edited(input: &Input, count: u64) -> Result<Input> {
    let map = MemMap::open(input.path(), Mode::Read)?;
    let file = NamedTempFile::new()?;
    let mut writer = BufWriter::with_capacity(1 << 20, file.as_file());
    let mut random = Random::new();
    let mut at = 0;
    for edit in 0..count {
        let place = map.len() / count * edit + random.next() % 1000;
        while at < place {
            let bytes = map.read_at(at, usize::try_from((place - at).min(1 << 20))?)?;
            writer.write_all(&bytes)?;
            at += memmap::widen(bytes.len());
        }
        let len = 1 + random.next() % 200;
        if edit % 3 != 0 {
            at += len;
        }
        if edit % 3 != 1 {
            let inserted: Vec<u8> = (0..len).map(|_| random.next().to_le_bytes()[0]).collect();
            writer.write_all(&inserted)?;
        }
    }
    while at < map.len() {
        let bytes = map.read_at(at, usize::try_from((map.len() - at).min(1 << 20))?)?;
        writer.write_all(&bytes)?;
        at += memmap::widen(bytes.len());
    }
    writer.flush()?;
    drop(writer);
    file.as_file().sync_all()?;
    Input::of(file).read_once()
}

fn copy(input: &Input) -> Result<NamedTempFile> {
    let file = NamedTempFile::new()?;
    std::io::copy(&mut File::open(input.path())?, &mut file.as_file())?;
    Ok(file)
}
