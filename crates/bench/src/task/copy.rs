//! `copy`: copies pieces of a mapped file into a buffer, which shows what the guard costs.

use std::hint::black_box;
use std::time::Instant;

use memmap::{MemMap, Mode};

use crate::Result;
use crate::engine::{Engine, Runs};
use crate::input::Input;
use crate::options::Options;
use crate::report::{self, Work};
use crate::rival_map;
use crate::rounds::{self, Contestant};
use crate::sample::Sample;

use super::Task;

const OURS: &str = "memmap/read_into";

/// The size of the file, of which the caches hold a part.
const FILE_LEN: u64 = 16 << 20;

/// Bytes per copy.
const PIECES: [usize; 6] = [4, 64, 1 << 10, 4 << 10, 64 << 10, 1 << 20];

/// Bytes copied in a run, approximately.
const TOTAL: usize = 512 << 20;

/// Copies in a run, at most.
const COPIES_MAX: usize = 8_000_000;

static ENGINES: [Engine; 2] = [
    Engine { name: OURS, against: OURS, runs: Runs::Inside },
    Engine { name: "memmap2/memcpy", against: OURS, runs: Runs::Inside },
];

pub(crate) const TASK: Task = Task {
    name: "copy",
    about: "copies from a mapped file, guarded and by memcpy, in this program",
    engines: &ENGINES,
    run,
};

fn run(options: &Options) -> Result {
    let input = Input::random(FILE_LEN)?;
    let ours = MemMap::open(input.path(), Mode::Read)?;
    let theirs = rival_map::map(&input)?;
    for piece in PIECES {
        let copies = (TOTAL / piece).min(COPIES_MAX);
        let within = theirs.len() - piece;
        let guarded = || {
            measure(copies, piece, within, |at, out| {
                ours.read_into(at.try_into()?, out)?;
                Ok(())
            })
        };
        let plain = || {
            measure(copies, piece, within, |at, out| {
                out.copy_from_slice(&theirs[at..at + out.len()]);
                Ok(())
            })
        };
        let runs: [Box<dyn FnMut() -> Result<Sample> + '_>; 2] =
            [Box::new(guarded), Box::new(plain)];
        let contestants = ENGINES
            .iter()
            .zip(runs)
            .filter(|(engine, _)| options.wants(engine.name))
            .map(|(engine, run)| Contestant { engine, run })
            .collect();
        let records = rounds::run(options.rounds, contestants)?;
        let size = report::size(piece.try_into()?);
        let data = format!("{size} at a time of a file of 16 MiB, every page touched");
        report::publish(options, (TASK.name, &data), Work::Calls(copies.try_into()?), &records)?;
    }
    Ok(())
}

/// Copies piece after piece at unaligned offsets, and starts again at the end of the file.
fn measure(
    copies: usize,
    piece: usize,
    within: usize,
    mut copy: impl FnMut(usize, &mut [u8]) -> Result,
) -> Result<Sample> {
    let mut out = vec![0; piece];
    for at in (0..within).step_by(4096) {
        let len = piece.min(4);
        copy(at, &mut out[..len])?;
    }
    let mut at = 0;
    let begun = Instant::now();
    for _ in 0..copies {
        copy(at, black_box(&mut out))?;
        at += piece + 1;
        if at > within {
            at = 0;
        }
    }
    let time = begun.elapsed();
    black_box(&out);
    Ok(Sample { time, notes: Vec::new() })
}
