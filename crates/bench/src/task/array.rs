//! `array`: reduces the elements of a file, reads them one by one, and opens `.npy` files. The
//! rival is `numpy.memmap`.

use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use memmap::Proofs;
use memmap::array::{FrozenArray, MemArray};
use tempfile::NamedTempFile;

use crate::Result;
use crate::engine::{self, Engine, Runs};
use crate::input::{Input, Random};
use crate::numpy;
use crate::options::Options;
use crate::report::{self, Work};
use crate::rounds::{self, Contestant};
use crate::sample::Sample;

use super::Task;

const OURS: &str = "memmap";
const PAR: &str = "memmap/par";
const PLAIN: &str = "slice";
const FROZEN: &str = "memmap/frozen";
const SMALL: &str = "memmap/small_file";
const NUMPY: &str = "numpy.memmap";
const BY_COLUMNS: &str = "memmap/columns";
const BY_ROWS: &str = "memmap/rows";

/// Engines by name, and how each of them runs.
type Runners<'a> = Vec<(&'static str, Box<dyn FnMut() -> Result<Sample> + 'a>)>;

/// The default size of the file, in bytes.
const FILE_LEN: u64 = 1 << 30;

/// Elements read one by one in a run, at random indices.
const READS: u64 = 1_000_000;

/// The elements of a row where the file is reduced along an axis.
const COLUMNS: usize = 1024;

/// `.npy` files opened in a run.
const OPENS: u64 = 5_000;

/// numpy is compared with our engine of as many threads; engines that lend bytes are compared with
/// a plain slice.
static ENGINES: [Engine; 8] = [
    Engine { name: OURS, against: OURS, runs: Runs::Inside },
    Engine { name: PAR, against: OURS, runs: Runs::Inside },
    Engine { name: PLAIN, against: PLAIN, runs: Runs::Inside },
    Engine { name: FROZEN, against: PLAIN, runs: Runs::Inside },
    Engine { name: SMALL, against: OURS, runs: Runs::Inside },
    Engine { name: BY_COLUMNS, against: OURS, runs: Runs::Inside },
    Engine { name: BY_ROWS, against: OURS, runs: Runs::Inside },
    Engine { name: NUMPY, against: OURS, runs: Runs::Numpy },
];

pub(crate) const TASK: Task = Task {
    name: "array",
    about: "sum, compare, count and read the elements of a file, in this program",
    engines: &ENGINES,
    run,
};

fn run(options: &Options) -> Result {
    let ready = engine::ready(&ENGINES, options);
    let size = options.size.unwrap_or(FILE_LEN);
    let file = floats(size)?;
    let path = file.path();
    let live = MemArray::<f32>::options().open(path)?;
    let frozen = MemArray::<f32>::options().open(path)?.prove(Proofs::none().lease());
    let frozen: FrozenArray<f32> = frozen?;
    let slice = live.to_vec()?;

    let all = format!("of {} of f32, page cache warm", report::size(size));
    let of = |what: &str, runs: Runners<'_>| {
        play(options, &ready, &format!("{what} {all}"), Work::Bytes(size), runs)
    };
    of(
        "the sum",
        vec![
            (OURS, Box::new(|| timed(|| Ok(live.sum()?)))),
            (PAR, Box::new(|| timed(|| Ok(live.par().sum()?)))),
            (PLAIN, Box::new(|| timed(|| Ok(sum(black_box(&slice)))))),
            (FROZEN, Box::new(|| timed(|| Ok(sum(black_box(frozen.as_slice()?)))))),
            (NUMPY, Box::new(|| numpy::run("array-sum", path, &[], &[]))),
        ],
    )?;
    let rows = live.len() / COLUMNS;
    let whole_rows = live.slice(..rows * COLUMNS)?;
    let table = whole_rows.reshape([rows, COLUMNS])?;
    of(
        "the sum of all elements, and those of 1024 columns and of rows of 1024,",
        vec![
            (OURS, Box::new(|| timed(|| Ok(live.sum()?)))),
            (BY_COLUMNS, Box::new(|| timed(|| Ok(table.sum_axis(0)?)))),
            (BY_ROWS, Box::new(|| timed(|| Ok(table.sum_axis(1)?)))),
        ],
    )?;
    for (axis, what, numpys) in [
        (0, "the sums of 1024 columns", "array-sum-columns"),
        (1, "the sums of rows of 1024", "array-sum-rows"),
    ] {
        of(
            what,
            vec![
                (OURS, Box::new(|| timed(|| Ok(table.sum_axis(axis)?)))),
                (PAR, Box::new(|| timed(|| Ok(table.par().sum_axis(axis)?)))),
                (NUMPY, Box::new(|| numpy::run(numpys, path, &[], &[]))),
            ],
        )?;
    }
    of(
        "the least and the greatest",
        vec![
            (OURS, Box::new(|| timed(|| Ok(live.min_max()?)))),
            (PAR, Box::new(|| timed(|| Ok(live.par().min_max()?)))),
            (NUMPY, Box::new(|| numpy::run("array-min-max", path, &[], &[]))),
        ],
    )?;
    of(
        "the number of those that are not 0",
        vec![
            (OURS, Box::new(|| timed(|| Ok(live.count_nonzero()?)))),
            (PAR, Box::new(|| timed(|| Ok(live.par().count_nonzero()?)))),
            (NUMPY, Box::new(|| numpy::run("array-count-nonzero", path, &[], &[]))),
        ],
    )?;
    get(options, &ready, path, &live)?;
    open(options, &ready)
}

/// Reads single elements at random in the first 16 MiB, which is small enough that the speed of
/// memory is not measured.
fn get(options: &Options, ready: &[&'static Engine], path: &Path, live: &MemArray<f32>) -> Result {
    const WITHIN: u64 = 4 << 20;
    let within = WITHIN.min(u64::try_from(live.len())?).max(1);
    let mut random = Random::new();
    let places: Vec<u64> = (0..READS).map(|_| random.next() % within).collect();
    let indices: Vec<usize> =
        places.iter().map(|&at| usize::try_from(at)).collect::<std::result::Result<_, _>>()?;
    let input = numpy::input(&[], &places);
    let runs: Runners<'_> = vec![
        (
            OURS,
            Box::new(|| {
                timed(|| {
                    let mut sum = 0.0;
                    for &at in &indices {
                        sum += live.get(at)?;
                    }
                    Ok(sum)
                })
            }),
        ),
        (NUMPY, Box::new(|| numpy::run("array-get", path, &[], &input))),
    ];
    let data = "single elements, at random in 16 MiB";
    play(options, ready, data, Work::Calls(READS), runs)
}

/// Opens a `.npy` file, reads an element, and closes it.
fn open(options: &Options, ready: &[&'static Engine]) -> Result {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("small.npy");
    let mut array = MemArray::<f64>::options().shape([32, 32]).create_npy(&path)?;
    array.set([3, 4], 7.0)?;
    array.close()?;
    let open_one = |small: u64| {
        timed(|| {
            for _ in 0..OPENS {
                let array = MemArray::<f64>::options()
                    .file(|file| file.small_file(small))
                    .open_npy(&path)?;
                black_box(array.get([3, 4])?);
                array.close()?;
            }
            Ok(())
        })
    };
    let runs: Runners<'_> = vec![
        (OURS, Box::new(|| open_one(0))),
        (SMALL, Box::new(|| open_one(64 << 10))),
        (NUMPY, Box::new(|| numpy::run("array-open", &path, &[OPENS], &[]))),
    ];
    play(options, ready, "a .npy file opened, read and closed", Work::Calls(OPENS), runs)
}

fn play(
    options: &Options,
    ready: &[&'static Engine],
    data: &str,
    work: Work,
    runs: Runners<'_>,
) -> Result {
    let contestants = runs
        .into_iter()
        .filter_map(|(name, run)| {
            let engine = ready.iter().find(|engine| engine.name == name)?;
            Some(Contestant { engine, run })
        })
        .collect();
    let records = rounds::run(options.rounds, contestants)?;
    report::publish(options, (TASK.name, data), work, &records)
}

/// Measures the second of two runs. The first one fills the page tables and caches.
fn timed<R>(mut work: impl FnMut() -> Result<R>) -> Result<Sample> {
    black_box(work()?);
    let begun = Instant::now();
    black_box(work()?);
    Ok(Sample { time: begun.elapsed(), notes: Vec::new() })
}

/// The sum of a slice, in 32 accumulators: a single one would wait for its last addition.
#[inline(never)]
fn sum(numbers: &[f32]) -> f32 {
    let mut lanes = [0.0; 32];
    let (blocks, rest) = numbers.as_chunks::<32>();
    for block in blocks {
        for (lane, number) in lanes.iter_mut().zip(block) {
            *lane += number;
        }
    }
    lanes.iter().chain(rest).sum()
}

/// Floats from 0 to 1, one in eight of them 0, on disk and in the page cache.
fn floats(len: u64) -> Result<Input> {
    let file = NamedTempFile::new()?;
    let mut random = Random::new();
    let mut piece = vec![0; 1 << 20];
    let mut missing = len;
    while missing > 0 {
        for bytes in piece.as_chunks_mut::<4>().0 {
            let word = random.next().to_le_bytes();
            let is_zero = word[7] < 32;
            // The bits of a float from 1 to 2, from which 1 is subtracted.
            let bits = 0x3F80_0000 | (u32::from_le_bytes([word[0], word[1], word[2], 0]) >> 1);
            let number = if is_zero { 0.0 } else { f32::from_bits(bits) - 1.0 };
            *bytes = number.to_le_bytes();
        }
        let part = usize::try_from(missing)?.min(piece.len());
        file.as_file().write_all(&piece[..part])?;
        missing -= u64::try_from(part)?;
    }
    file.as_file().sync_all()?;
    Input::of(file).read_once()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_is_floats_from_0_to_1_and_some_are_0() {
        let input = floats(64 << 10).unwrap();
        let array = MemArray::<f32>::options().open(input.path()).unwrap();
        assert_eq!(array.len(), 16 << 10);
        let (least, greatest) = array.min_max().unwrap();
        assert!(least == 0.0 && (0.9..1.0).contains(&greatest), "{least}..{greatest}");
        let zeros = array.len() - usize::try_from(array.count_nonzero().unwrap()).unwrap();
        assert!((1_000..3_000).contains(&zeros), "{zeros}");
        assert!((sum(&array.to_vec().unwrap()) - array.sum().unwrap()).abs() < 1.0);
    }
}
