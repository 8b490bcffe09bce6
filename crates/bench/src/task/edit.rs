//! `edit`: many edits over a map, a search through them, and a file that is saved with bytes inserted at its start.

use std::cell::RefCell;
use std::process::Command;
use std::time::Instant;

use memmap::edit::{Overlay, Way};
use memmap::plugin::{Mapping, check};
use memmap::scan::{Pattern, Scan};
use memmap::{Map, MemMap, Mode, Progress};

use crate::Result;
use crate::engine::{Engine, Runs};
use crate::input::{Input, Random};
use crate::options::Options;
use crate::proc;
use crate::report::{self, Work, size};
use crate::rounds::{self, Contestant};
use crate::sample::Sample;

use super::Task;

/// The default length of the file that is searched and saved.
const FILE_LEN: u64 = 1 << 30;

/// The length of what is edited at random.
const EDITED_LEN: u64 = 1 << 40;

const EDITS: u64 = 1_000_000;

/// Edits that a search goes through.
const SEARCHED_EDITS: u64 = 100_000;

const OVERWRITE: &str = "memmap/overwrite";
const INSERT: &str = "memmap/insert";
const UNDO: &str = "memmap/undo of all";
const SEARCH: &str = "memmap/find in 100K edits";
const PLAIN: &str = "memmap/find";
const SAVE: &str = "memmap/save";
const CP: &str = "cp";

static ENGINES: [Engine; 7] = [
    inside(OVERWRITE, OVERWRITE),
    inside(INSERT, INSERT),
    inside(UNDO, UNDO),
    inside(SEARCH, SEARCH),
    inside(PLAIN, SEARCH),
    inside(SAVE, SAVE),
    Engine {
        name: CP,
        against: SAVE,
        runs: Runs::Program("cp", &["--reflink=never"], "apt install coreutils"),
    },
];

const fn inside(name: &'static str, against: &'static str) -> Engine {
    Engine { name, against, runs: Runs::Inside }
}

pub(crate) const TASK: Task = Task {
    name: "edit",
    about: "edits at random, a search through edits, and a file saved with bytes inserted at its start",
    engines: &ENGINES,
    run,
};

/// What engines run, by their names.
type Races<'a> = Vec<(&'static str, Box<dyn FnMut() -> Result<Sample> + 'a>)>;

/// Zeros that take no memory.
#[derive(Debug)]
struct Zeros(u64);

impl Mapping for Zeros {
    fn len(&self) -> u64 {
        self.0
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> memmap::Result<()> {
        check(offset, out.len(), self.0)?;
        out.fill(0);
        Ok(())
    }
}

fn run(options: &Options) -> Result {
    at_random(options)?;
    let len = options.size.unwrap_or(FILE_LEN);
    let file = Input::random(len)?;
    search(options, &file)?;
    save(options, &file)
}

fn publish(options: &Options, what: &str, work: Work, contestants: Vec<Contestant<'_>>) -> Result {
    if contestants.is_empty() {
        return Ok(());
    }
    let records = rounds::run(options.rounds, contestants)?;
    report::publish(options, (TASK.name, what), work, &records)
}

fn contestants<'a>(options: &Options, runs: Races<'a>) -> Vec<Contestant<'a>> {
    let wanted = runs.into_iter().filter(|(name, _)| options.wants(name));
    let contestant = |(name, run)| {
        let engine = ENGINES.iter().find(|engine| engine.name == name)?;
        Some(Contestant { engine, run })
    };
    wanted.filter_map(contestant).collect()
}

/// Edits a byte each at random places.
fn edited(insert: bool) -> Result<Overlay<Zeros>> {
    let mut overlay = Overlay::new(Map::from_mapping(Zeros(EDITED_LEN)));
    let mut random = Random::new();
    for _ in 0..EDITS {
        let at = random.next() % EDITED_LEN;
        if insert {
            overlay.insert(at, &[1])?;
        } else {
            overlay.overwrite(at, &[1])?;
        }
    }
    Ok(overlay)
}

fn at_random(options: &Options) -> Result {
    // They stay until the end: what one gave back would hide what the next one takes.
    let kept = RefCell::new(Vec::new());
    let memory = || proc::status_mib(std::process::id(), "RssAnon");
    let edit = |insert: bool| {
        let before = memory();
        let begun = Instant::now();
        kept.borrow_mut().push(edited(insert)?);
        let time = begun.elapsed();
        let more = memory().zip(before).map(|(after, before)| ("MiB", after - before));
        Ok(Sample { time, notes: more.into_iter().collect() })
    };
    let undo = || {
        let mut overlay = edited(false)?;
        let begun = Instant::now();
        overlay.go_to(memmap::edit::State::FIRST);
        let time = begun.elapsed();
        kept.borrow_mut().push(overlay);
        Ok(Sample { time, notes: Vec::new() })
    };
    let runs: Races<'_> = vec![
        (OVERWRITE, Box::new(|| edit(false))),
        (INSERT, Box::new(|| edit(true))),
        (UNDO, Box::new(undo)),
    ];
    let what = "1,000,000 edits of a byte in 1 TiB";
    publish(options, what, Work::Calls(EDITS), contestants(options, runs))
}

/// A literal that is not there.
fn search(options: &Options, file: &Input) -> Result {
    let map = MemMap::open(file.path(), Mode::Read)?;
    let len = file.len()?;
    let mut overlay = Overlay::new(MemMap::open(file.path(), Mode::Read)?);
    let mut random = Random::new();
    for _ in 0..SEARCHED_EDITS {
        overlay.overwrite(random.next() % len, &[0])?;
    }
    let view = overlay.view();
    let pattern = Pattern::literal(b"this text is nowhere in bytes at random")?;
    let found = |count: u64, begun: Instant| {
        let time = begun.elapsed();
        if count == 0 {
            Ok(Sample { time, notes: Vec::new() })
        } else {
            Err("a wrong answer".into())
        }
    };
    let runs: Races<'_> = vec![
        (
            SEARCH,
            Box::new(|| {
                let begun = Instant::now();
                found(Scan::new(&view).count(&pattern)?.value, begun)
            }),
        ),
        (
            PLAIN,
            Box::new(|| {
                let begun = Instant::now();
                found(Scan::new(&map).count(&pattern)?.value, begun)
            }),
        ),
    ];
    let what = format!("a literal in {}, page cache warm", size(len));
    publish(options, &what, Work::Bytes(len), contestants(options, runs))
}

/// Inserts bytes at the start and saves, against a copy of the file that is synced.
fn save(options: &Options, file: &Input) -> Result {
    let folder = tempfile::tempdir()?;
    let target = folder.path().join("file");
    let copy = folder.path().join("copy");
    let runs: Races<'_> = vec![
        (
            SAVE,
            Box::new(|| {
                std::fs::copy(file.path(), &target)?;
                std::fs::File::open(&target)?.sync_all()?;
                let mut overlay = Overlay::new(MemMap::open(&target, Mode::Read)?);
                overlay.insert(0, b"inserted")?;
                let begun = Instant::now();
                overlay.save().way(Way::Rewrite).run(&Progress::new())?;
                Ok(Sample { time: begun.elapsed(), notes: Vec::new() })
            }),
        ),
        (
            CP,
            Box::new(|| {
                let begun = Instant::now();
                let status = Command::new("cp")
                    .arg("--reflink=never")
                    .arg(file.path())
                    .arg(&copy)
                    .status()?;
                std::fs::File::open(&copy)?.sync_all()?;
                let time = begun.elapsed();
                std::fs::remove_file(&copy)?;
                if status.success() {
                    Ok(Sample { time, notes: Vec::new() })
                } else {
                    Err("cp failed".into())
                }
            }),
        ),
    ];
    let len = file.len()?;
    let what = format!("{} saved with 8 bytes inserted at its start, and synced", size(len));
    publish(options, &what, Work::Bytes(len), contestants(options, runs))
}
