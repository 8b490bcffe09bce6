//! `sync`: writes one page of a mapped file, and waits until it is on the device.

use std::cell::RefCell;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use memmap::{MemMap, Mode};

use crate::Result;
use crate::engine::{self, Engine, Runs};
use crate::numpy;
use crate::options::Options;
use crate::report::{self, Work};
use crate::rival_map;
use crate::rounds::{self, Contestant};
use crate::sample::Sample;
use crate::scratch::{Scratch, random_bytes};

use super::Task;
use super::get::Offsets;

const OF_RANGE: &str = "memmap/sync_range";
const OF_ALL: &str = "memmap/sync_all";

const FILE_LEN: u64 = 1 << 30;

const PAGE: u64 = 4096;

/// Bytes per write when the file is made: one page, so that a write to a page makes no other page
/// dirty.
const FIRST_PIECE: usize = 4096;

/// Syncs in a run, at most. A slow device gets fewer, so that a run takes about `RUN_TIME`.
const SYNCS_MAX: usize = 50;

const RUN_TIME: Duration = Duration::from_secs(2);

/// Syncs that measure how fast the device is.
const TRIALS: usize = 5;

static ENGINES: [Engine; 6] = [
    Engine { name: OF_RANGE, against: OF_RANGE, runs: Runs::Inside },
    Engine { name: OF_ALL, against: OF_ALL, runs: Runs::Inside },
    Engine { name: "memmap2/flush_range", against: OF_RANGE, runs: Runs::Inside },
    Engine { name: "memmap2/flush", against: OF_ALL, runs: Runs::Inside },
    Engine { name: "pwrite+fdatasync", against: OF_RANGE, runs: Runs::Inside },
    Engine { name: "numpy.memmap/flush", against: OF_ALL, runs: Runs::Numpy },
];

pub(crate) const TASK: Task = Task {
    name: "sync",
    about: "write one dirty page of a mapped file to the device",
    engines: &ENGINES,
    run,
};

fn run(options: &Options) -> Result {
    let ready = engine::ready(&ENGINES, options);
    let len = options.size.unwrap_or(FILE_LEN);
    // The system calls and numpy share a file: neither keeps it open while the other runs.
    let [our_file, call_file] = [Scratch::new(len, FIRST_PIECE)?, Scratch::new(len, FIRST_PIECE)?];
    let file_system = our_file.file_system();
    if ["tmpfs", "ramfs", "devtmpfs"].contains(&file_system.as_str()) {
        return Err(format!(
            "{file_system} has no device; set TMPDIR to a file system on a device"
        )
        .into());
    }
    let ours = RefCell::new(MemMap::open(our_file.path(), Mode::ReadWrite)?);
    let theirs = RefCell::new(rival_map::map_new(len, FIRST_PIECE)?);
    let file = File::options().write(true).open(call_file.path())?;

    let bytes = random_bytes(PAGE.try_into()?);
    let pwrite_and_sync = |at| {
        file.write_all_at(&bytes, at)?;
        Ok(file.sync_data()?)
    };
    let trial = measure(&pages(len, TRIALS)?, pwrite_and_sync)?;
    let offsets = pages(len, syncs_for(trial.time))?;

    let sync_range = || {
        measure(&offsets, |at| {
            ours.borrow_mut().write_at(at, &bytes)?;
            Ok(ours.borrow().sync(at..at + PAGE)?)
        })
    };
    let sync_all = || {
        measure(&offsets, |at| {
            ours.borrow_mut().write_at(at, &bytes)?;
            Ok(ours.borrow().sync(..)?)
        })
    };
    let put = |at: usize| theirs.borrow_mut().map[at..at + bytes.len()].copy_from_slice(&bytes);
    let flush_range = || {
        measure(&offsets, |at| {
            let at = usize::try_from(at)?;
            put(at);
            Ok(theirs.borrow().map.flush_range(at, bytes.len())?)
        })
    };
    let flush = || {
        measure(&offsets, |at| {
            put(at.try_into()?);
            Ok(theirs.borrow().map.flush()?)
        })
    };
    let pwrite = || measure(&offsets, pwrite_and_sync);
    let numpy = || {
        let input = numpy::input(&bytes, &offsets);
        numpy::run(TASK.name, call_file.path(), &[], &input)
    };

    let runs: [Box<dyn FnMut() -> Result<Sample> + '_>; 6] = [
        Box::new(sync_range),
        Box::new(sync_all),
        Box::new(flush_range),
        Box::new(flush),
        Box::new(pwrite),
        Box::new(numpy),
    ];
    let contestants = ENGINES
        .iter()
        .zip(runs)
        .filter(|(engine, _)| ready.iter().any(|ready| ready.name == engine.name))
        .map(|(engine, run)| Contestant { engine, run })
        .collect();
    let records = rounds::run(options.rounds, contestants)?;
    let count = offsets.len();
    let size = report::size(len);
    let data = format!("{count} times a page, written and synced, of {size} on {file_system}");
    report::publish(options, (TASK.name, &data), Work::Calls(count.try_into()?), &records)
}

/// The number of syncs in a run, if `TRIALS` of them take this long.
fn syncs_for(trial: Duration) -> usize {
    let trials = RUN_TIME.as_nanos() / trial.as_nanos().max(1);
    let syncs = usize::try_from(trials).unwrap_or(SYNCS_MAX).saturating_mul(TRIALS);
    syncs.clamp(TRIALS, SYNCS_MAX)
}

/// The offsets of pages at random in a file.
fn pages(len: u64, count: usize) -> Result<Vec<u64>> {
    let count_of_all = Some(len / PAGE).filter(|all| *all > 0).ok_or("at least a page")?;
    let mut numbers = Offsets::below(count_of_all)?;
    Ok((0..count).map(|_| numbers.next() * PAGE).collect())
}

fn measure(offsets: &[u64], mut write_and_sync: impl FnMut(u64) -> Result) -> Result<Sample> {
    let begun = Instant::now();
    for at in offsets {
        write_and_sync(*at)?;
    }
    Ok(Sample { time: begun.elapsed(), notes: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_device_gets_fewer_syncs() {
        let syncs = [0, 5, 500, 60_000].map(Duration::from_millis).map(syncs_for);
        assert_eq!(syncs, [50, 50, 20, 5]);
    }

    #[test]
    fn pages_are_whole_and_within_the_file() {
        assert_eq!(pages(2 * PAGE - 1, 3).unwrap(), [0, 0, 0]);
        assert!(pages(10 * PAGE, 100).unwrap().iter().all(|at| at % PAGE == 0 && *at < 10 * PAGE));
        assert!(pages(PAGE - 1, 1).is_err());
    }
}
