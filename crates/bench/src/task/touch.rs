//! `frozen`, by first touch: memory whose pages are read from the file when they are touched. By each way that
//! there is: userfaultfd, and where a sandbox refuses that, guard markers and access rights.

use std::fs::{self, File};
use std::hint::black_box;
use std::ops::Deref;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use memmap::{FrozenMap, Proofs};
use tempfile::NamedTempFile;

use crate::Result;
use crate::engine::{Engine, Runs};
use crate::input::{Input, Random};
use crate::options::Options;
use crate::report::{self, Work};
use crate::rival_map;
use crate::rounds::{self, Contestant};
use crate::sample::Sample;
use crate::sandbox::{self, Way};

const READ: &str = "fs::read";
const SERVER: &str = "memmap/touch";
const MARKERS: &str = "memmap/touch/markers";
const RIGHTS: &str = "memmap/touch/rights";
const PIECES: &str = "pread/fresh";
const PLAIN: &str = "memmap2/slice";
const VEC: &str = "Vec<u8>";
const SERVER_8: &str = "memmap/touch x8";
const MARKERS_8: &str = "memmap/touch/markers x8";

const PAGE: usize = 4 << 10;

/// Bytes of a granule that is touched at random, and how many are.
const GRANULE: usize = 16 << 10;
const MISSES: u64 = 8_000;

/// The file of which the first and the last byte are read, and how often.
const SPARSE_LEN: u64 = 100 << 30;
const ENDS: u32 = 200;

const THREADS: u64 = 8;

/// In order.
static IN_ORDER: [Engine; 6] = [
    Engine { name: READ, against: READ, runs: Runs::Inside },
    Engine { name: SERVER, against: READ, runs: Runs::Inside },
    Engine { name: MARKERS, against: READ, runs: Runs::Inside },
    Engine { name: RIGHTS, against: READ, runs: Runs::Inside },
    Engine { name: PIECES, against: READ, runs: Runs::Inside },
    Engine { name: PLAIN, against: READ, runs: Runs::Inside },
];

/// At random, by one thread and by eight.
static AT_RANDOM: [Engine; 6] = [
    Engine { name: SERVER, against: SERVER, runs: Runs::Inside },
    Engine { name: MARKERS, against: MARKERS, runs: Runs::Inside },
    Engine { name: RIGHTS, against: RIGHTS, runs: Runs::Inside },
    Engine { name: SERVER_8, against: SERVER, runs: Runs::Inside },
    Engine { name: MARKERS_8, against: MARKERS, runs: Runs::Inside },
    Engine { name: PIECES, against: SERVER, runs: Runs::Inside },
];

static OF_ENDS: [Engine; 4] = [
    Engine { name: SERVER, against: SERVER, runs: Runs::Inside },
    Engine { name: MARKERS, against: SERVER, runs: Runs::Inside },
    Engine { name: RIGHTS, against: SERVER, runs: Runs::Inside },
    Engine { name: PLAIN, against: SERVER, runs: Runs::Inside },
];

static TOUCHED: [Engine; 3] = [
    Engine { name: VEC, against: VEC, runs: Runs::Inside },
    Engine { name: SERVER, against: VEC, runs: Runs::Inside },
    Engine { name: MARKERS, against: VEC, runs: Runs::Inside },
];

type Runners<'a> = Vec<Box<dyn FnMut() -> Result<Sample> + Send + 'a>>;

pub(super) fn run(options: &Options, size: u64) -> Result {
    let all = IN_ORDER.iter().chain(&AT_RANDOM).chain(&OF_ENDS).chain(&TOUCHED);
    if !all.clone().any(|engine| options.wants(engine.name)) {
        return Ok(());
    }
    let input = Input::random(size)?;
    let path = input.path();
    in_order(options, &input, size)?;
    at_random(options, path, size)?;
    touched(options, path, size)?;
    ends(options)
}

fn play(
    options: &Options,
    engines: &'static [Engine],
    data: &str,
    work: Work,
    runs: Runners<'_>,
) -> Result {
    let contestants: Vec<_> = engines
        .iter()
        .zip(runs)
        .filter(|(engine, _)| options.wants(engine.name))
        .map(|(engine, run)| Contestant { engine, run })
        .collect();
    if contestants.is_empty() {
        return Ok(());
    }
    let records = rounds::run(options.rounds, contestants)?;
    report::publish(options, ("frozen", data), work, &records)
}

fn open(path: &Path) -> Result<FrozenMap> {
    Ok(FrozenMap::open_with(path, Proofs::none().first_touch())?)
}

/// One byte of each page.
fn walk(bytes: &[u8]) -> u64 {
    bytes.iter().step_by(PAGE).fold(0, |sum, byte| sum.wrapping_add(u64::from(*byte)))
}

/// Opens and walks. The notes are the memory that was taken for each byte of the file, and the time to drop it.
fn walked<B: Deref<Target = [u8]>>(
    open: impl FnOnce() -> Result<B>,
    memory: impl FnOnce(&B) -> u64,
) -> Result<Sample> {
    let begun = Instant::now();
    let bytes = open()?;
    black_box(walk(&bytes));
    let took = memory(&bytes);
    let len = bytes.len();
    let time = begun.elapsed();
    drop(bytes);
    let dropped = begun.elapsed().saturating_sub(time).as_secs_f64() * 1e3;
    let percent = crate::stats::real(took) / crate::stats::real(u64::try_from(len)?) * 100.0;
    Ok(Sample { time, notes: vec![("memory %", percent), ("drop ms", dropped)] })
}

fn in_order(options: &Options, input: &Input, size: u64) -> Result {
    let path = input.path();
    let touch = || walked(|| open(path), FrozenMap::touched);
    let pieces = || {
        let begun = Instant::now();
        let file = File::open(path)?;
        let mut pieces: Vec<Vec<u8>> = Vec::new();
        for at in (0..size).step_by(1 << 20) {
            let mut piece = vec![0; usize::try_from((size - at).min(1 << 20))?];
            file.read_exact_at(&mut piece, at)?;
            black_box(walk(&piece));
            pieces.push(piece);
        }
        let time = begun.elapsed();
        drop(pieces);
        let dropped = begun.elapsed().saturating_sub(time).as_secs_f64() * 1e3;
        Ok(Sample { time, notes: vec![("memory %", 100.0), ("drop ms", dropped)] })
    };
    let runs: Runners<'_> = vec![
        Box::new(move || walked(|| Ok(fs::read(path)?), |_| size)),
        Box::new(touch),
        Box::new(move || sandbox::within(Way::Markers, touch)),
        Box::new(move || sandbox::within(Way::Rights, touch)),
        Box::new(pieces),
        Box::new(move || walked(|| Ok(rival_map::map(input)?), |_| 0)),
    ];
    let data = format!("{} in order, opened and a byte of each page read", report::size(size));
    play(options, &IN_ORDER, &data, Work::Bytes(size), runs)
}

/// Touches granules that nobody touched before, in no order.
fn misses(path: &Path, size: u64, threads: u64) -> Result<Sample> {
    let frozen = open(path)?;
    let granules = size / u64::try_from(GRANULE)?;
    let each = MISSES.min(granules / 4) / threads;
    let mut random = Random::new();
    let mut places: Vec<Vec<usize>> = Vec::new();
    for _ in 0..threads {
        let mut list = Vec::new();
        for _ in 0..each {
            list.push(usize::try_from(random.next() % granules)? * GRANULE);
        }
        places.push(list);
    }
    let bytes = &frozen[..];
    let sum = |list: &[usize]| list.iter().map(|&at| u64::from(bytes[at])).sum::<u64>();
    let begun = Instant::now();
    if let [only] = &places[..] {
        black_box(sum(only));
    } else {
        thread::scope(|scope| {
            for list in &places {
                scope.spawn(move || black_box(sum(list)));
            }
        });
    }
    Ok(Sample { time: begun.elapsed(), notes: Vec::new() })
}

fn at_random(options: &Options, path: &Path, size: u64) -> Result {
    let one = move || misses(path, size, 1);
    let eight = move || misses(path, size, THREADS);
    let granules = size / u64::try_from(GRANULE)?;
    let pieces = move || {
        let file = File::open(path)?;
        let mut random = Random::new();
        let mut kept = Vec::new();
        let begun = Instant::now();
        for _ in 0..MISSES.min(granules / 4) {
            let mut piece = vec![0; GRANULE];
            file.read_exact_at(&mut piece, random.next() % granules * u64::try_from(GRANULE)?)?;
            kept.push(piece);
        }
        let time = begun.elapsed();
        drop(kept);
        Ok(Sample { time, notes: Vec::new() })
    };
    let runs: Runners<'_> = vec![
        Box::new(one),
        Box::new(move || sandbox::within(Way::Markers, one)),
        Box::new(move || sandbox::within(Way::Rights, one)),
        Box::new(eight),
        Box::new(move || sandbox::within(Way::Markers, eight)),
        Box::new(pieces),
    ];
    let data = format!("16 KiB at random in {}, not touched before", report::size(size));
    play(options, &AT_RANDOM, &data, Work::Calls(MISSES.min(granules / 4)), runs)
}

/// Bytes that were touched before are read as any memory is.
fn touched(options: &Options, path: &Path, size: u64) -> Result {
    let vec = fs::read(path)?;
    let (served, marked) = (open(path)?, sandbox::within(Way::Markers, || open(path))?);
    let expected: &Mutex<Option<u64>> = &Mutex::new(None);
    let sum = |bytes: &[u8]| {
        black_box(walk(bytes));
        let begun = Instant::now();
        let sum = black_box(super::frozen::sum(black_box(bytes)));
        let time = begun.elapsed();
        let other = expected.lock().map_err(|error| error.to_string())?.replace(sum);
        if other.is_some_and(|other| other != sum) {
            return Err("its bytes differ from those of the engine before it".into());
        }
        Ok(Sample { time, notes: Vec::new() })
    };
    let runs: Runners<'_> =
        vec![Box::new(|| sum(&vec)), Box::new(|| sum(&served)), Box::new(|| sum(&marked))];
    let data = format!("the sum of {}, touched before", report::size(size));
    play(options, &TOUCHED, &data, Work::Bytes(size), runs)
}

/// The mean time of a call.
fn each<T>(mut call: impl FnMut() -> Result<T>) -> Result<Sample> {
    call()?;
    let begun = Instant::now();
    for _ in 0..ENDS {
        call()?;
    }
    Ok(Sample { time: begun.elapsed() / ENDS, notes: Vec::new() })
}

/// The first and the last byte of a long file, as of an archive with its directory at the end.
fn ends(options: &Options) -> Result {
    let file = NamedTempFile::new()?;
    file.as_file().set_len(SPARSE_LEN)?;
    let input = Input::of(file);
    let path = input.path();
    let ends = |bytes: &[u8]| black_box((bytes.first().copied(), bytes.last().copied()));
    let touch = || each(|| open(path).map(|frozen| ends(&frozen)));
    let runs: Runners<'_> = vec![
        Box::new(touch),
        Box::new(move || sandbox::within(Way::Markers, touch)),
        Box::new(move || sandbox::within(Way::Rights, touch)),
        Box::new(|| each(|| Ok(ends(&rival_map::map(&input)?)))),
    ];
    let data = format!("both ends of {}, sparse, opened and dropped", report::size(SPARSE_LEN));
    play(options, &OF_ENDS, &data, Work::Calls(1), runs)
}
