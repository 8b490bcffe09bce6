//! `open-close`: opens, reads and closes a file, which shows the cost of a mapping that is used
//! once.

use std::cell::RefCell;
use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::time::Instant;

use memmap::{MemMap, Mode};

use crate::Result;
use crate::engine::{self, Engine, Runs};
use crate::input::Input;
use crate::numpy;
use crate::options::Options;
use crate::report::{self, Work};
use crate::rival_map;
use crate::rounds::{self, Contestant};
use crate::sample::Sample;

use super::Task;

const OURS: &str = "memmap";

/// Files of at most this size are read into memory instead of being mapped.
const SMALL: u64 = 64 << 10;

const SMALL_FILE: u64 = 1 << 10;
const SPARSE_FILE: u64 = 1 << 40;

/// The sizes of the files that are read as a whole.
const WHOLE_FILES: [u64; 6] = [1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20];

/// Files opened in a run, at most.
const OPENS: u64 = 20_000;

/// The approximate number of bytes read in a run, if files are read as a whole.
const TOTAL: u64 = 2 << 30;

static ENGINES: [Engine; 5] = [
    Engine { name: OURS, against: OURS, runs: Runs::Inside },
    Engine { name: "memmap/small_file", against: OURS, runs: Runs::Inside },
    Engine { name: "memmap2", against: OURS, runs: Runs::Inside },
    Engine { name: "pread", against: OURS, runs: Runs::Inside },
    Engine { name: "numpy.memmap", against: OURS, runs: Runs::Numpy },
];

pub(crate) const TASK: Task = Task {
    name: "open-close",
    about: "open, read and close files, in this program",
    engines: &ENGINES,
    run,
};

fn run(options: &Options) -> Result {
    let ready = engine::ready(&ENGINES, options);
    if let Some(size) = options.size {
        first_byte(options, &ready, &Input::random(size)?, "a file")?;
        return whole(options, &ready, size);
    }
    first_byte(options, &ready, &Input::random(SMALL_FILE)?, "a file")?;
    first_byte(options, &ready, &Input::sparse(SPARSE_FILE)?, "a sparse file")?;
    WHOLE_FILES.into_iter().try_for_each(|size| whole(options, &ready, size))
}

/// Opens a file, reads one byte, and closes it.
fn first_byte(options: &Options, ready: &[&'static Engine], input: &Input, what: &str) -> Result {
    let (path, len) = (input.path(), input.len()?);
    let mut expected = [0];
    File::open(path)?.read_exact_at(&mut expected, 0)?;
    let [expected] = expected;

    let map = || {
        measure(OPENS, expected, || {
            let mm = MemMap::open(path, Mode::Read)?;
            let byte = mm.get(0)?;
            mm.close()?;
            Ok(byte)
        })
    };
    let small_file = || {
        measure(OPENS, expected, || {
            let mm = MemMap::options().small_file(SMALL).open(path)?;
            let byte = mm.get(0)?;
            mm.close()?;
            Ok(byte)
        })
    };
    let theirs = || measure(OPENS, expected, || Ok(rival_map::map(input)?[0]));
    let pread = || {
        measure(OPENS, expected, || {
            let mut byte = [0];
            File::open(path)?.read_exact_at(&mut byte, 0)?;
            Ok(byte[0])
        })
    };
    let numpy = || numpy::run(TASK.name, path, &[OPENS, expected.into()], &[]);

    let runs: [Box<dyn FnMut() -> Result<Sample> + '_>; 5] =
        [Box::new(map), Box::new(small_file), Box::new(theirs), Box::new(pread), Box::new(numpy)];
    let contestants = ENGINES
        .iter()
        .zip(runs)
        .filter(|(engine, _)| ready.iter().any(|ready| ready.name == engine.name))
        // A larger file is mapped in any case.
        .filter(|(engine, _)| len <= SMALL || engine.name != "memmap/small_file")
        .map(|(engine, run)| Contestant { engine, run })
        .collect();
    let records = rounds::run(options.rounds, contestants)?;
    let data = format!("the first byte of {what} of {}, page cache warm", report::size(len));
    report::publish(options, (TASK.name, &data), Work::Calls(OPENS), &records)
}

/// Opens a file, reads every byte, and closes it: mapped, and read into memory.
fn whole(options: &Options, ready: &[&'static Engine], size: u64) -> Result {
    let input = Input::random(size)?;
    let path = input.path();
    let opens = (TOTAL / size.max(1)).clamp(1, OPENS);
    let mut buffer = vec![0; size.try_into()?];
    File::open(path)?.read_exact_at(&mut buffer, 0)?;
    let expected = buffer.last().copied().unwrap_or_default();

    // Engines take turns, and so may use the same buffer.
    let buffer = RefCell::new(buffer);
    let read = |threshold| {
        measure(opens, expected, || {
            let mut buffer = buffer.borrow_mut();
            let mm = MemMap::options().small_file(threshold).open(path)?;
            mm.read_into(0, &mut buffer)?;
            mm.close()?;
            Ok(black_box(&buffer).last().copied().unwrap_or_default())
        })
    };
    let runs: [Box<dyn FnMut() -> Result<Sample> + '_>; 2] =
        [Box::new(|| read(0)), Box::new(|| read(size))];
    let contestants: Vec<_> = ENGINES
        .iter()
        .zip(runs)
        .filter(|(engine, _)| ready.iter().any(|ready| ready.name == engine.name))
        .map(|(engine, run)| Contestant { engine, run })
        .collect();
    if contestants.is_empty() {
        return Ok(()); // only rivals were requested, which this does not measure
    }
    let records = rounds::run(options.rounds, contestants)?;
    let data = format!("all of a file of {}, page cache warm", report::size(size));
    report::publish(options, (TASK.name, &data), Work::Calls(opens), &records)
}

/// The time of opening `opens` files, after one that is not measured.
fn measure(
    opens: u64,
    expected: u8,
    mut open_read_close: impl FnMut() -> Result<u8>,
) -> Result<Sample> {
    open_read_close()?;
    let begun = Instant::now();
    for _ in 0..opens {
        if open_read_close()? != expected {
            return Err("it read a wrong byte".into());
        }
    }
    Ok(Sample { time: begun.elapsed(), notes: Vec::new() })
}
