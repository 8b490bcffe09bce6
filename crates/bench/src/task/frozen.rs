//! `frozen`: reads a file through slices, with and without a proof, and measures what proofs cost.

use std::cell::Cell;
use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use memmap::{FrozenMap, MemMap, Mode, Progress, Proofs, RamMap, proof::Proof};

use crate::Result;
use crate::engine::{Engine, Runs};
use crate::input::Input;
use crate::options::Options;
use crate::proc;
use crate::report::{self, Work};
use crate::rival_map;
use crate::rounds::{self, Contestant};
use crate::sample::Sample;

use super::Task;

const LEASE: &str = "memmap/lease";
const SNAPSHOT: &str = "memmap/snapshot";
const PLAIN: &str = "memmap2/slice";

/// The default size of the file that is read, in bytes.
const FILE_LEN: u64 = 1 << 30;

/// The sizes of the files that are proved.
const PROVED: [u64; 4] = [4 << 10, 16 << 20, 64 << 20, 1 << 30];

/// Proofs in a run, at most.
const PROOFS_MAX: u32 = 2_000;

/// The approximate time of a run of proofs.
const RUN_TIME: Duration = Duration::from_millis(500);

/// Each is compared with the plain slice of the same type of memory: pages of the file, or of this
/// process.
static READERS: [Engine; 4] = [
    Engine { name: PLAIN, against: PLAIN, runs: Runs::Inside },
    Engine { name: LEASE, against: PLAIN, runs: Runs::Inside },
    Engine { name: "Vec<u8>", against: "Vec<u8>", runs: Runs::Inside },
    Engine { name: SNAPSHOT, against: "Vec<u8>", runs: Runs::Inside },
];

/// Proofs, alone and with the operations that they need. A lease drops the file from the page
/// cache, so it is measured three times: with the file in the page cache (it is read again before
/// each call), with an empty page cache, and together with a sum of the leased bytes, which come
/// from the device, beside the same sum of a plain slice.
static PROVERS: [Engine; 10] = [
    Engine { name: "open", against: "open", runs: Runs::Inside },
    Engine { name: "open+lease", against: "open", runs: Runs::Inside },
    Engine { name: "open+lease/cold", against: "open", runs: Runs::Inside },
    Engine { name: "open+lease+sum", against: "open", runs: Runs::Inside },
    Engine { name: "open+sum", against: "open", runs: Runs::Inside },
    Engine { name: "open+clone", against: "open", runs: Runs::Inside },
    Engine { name: "open+snapshot", against: "open", runs: Runs::Inside },
    Engine { name: "open_shared", against: "open", runs: Runs::Inside },
    Engine { name: "seal", against: "open", runs: Runs::Inside },
    Engine { name: "read", against: "open", runs: Runs::Inside },
];

pub(crate) const TASK: Task = Task {
    name: "frozen",
    about: "slices of a file, with and without a proof, and the cost of proofs, in this program",
    engines: &READERS,
    run,
};

fn run(options: &Options) -> Result {
    let wants = |engines: &[Engine]| engines.iter().any(|engine| options.wants(engine.name));
    if wants(&READERS) {
        read(options, options.size.unwrap_or(FILE_LEN))?;
    }
    super::touch::run(options, options.size.unwrap_or(FILE_LEN))?;
    if !wants(&PROVERS) {
        return Ok(());
    }
    match options.size {
        Some(size) => prove(options, size),
        None => PROVED.into_iter().try_for_each(|size| prove(options, size)),
    }
}

/// Reads all of a file through slices.
fn read(options: &Options, size: u64) -> Result {
    let input = Input::random(size)?;
    let theirs = rival_map::map(&input)?;
    let leased = proven(input.path(), Proofs::none().lease())?;
    let snapshot = FrozenMap::open_with(input.path(), Proofs::none().snapshot_up_to(u64::MAX))?;
    let mut vec = vec![0; size.try_into()?];
    File::open(input.path())?.read_exact_at(&mut vec, 0)?;

    let sums = Sums::default();
    let runs: [Box<dyn FnMut() -> Result<Sample> + '_>; 4] = [
        Box::new(|| sums.measure(&theirs)),
        Box::new(|| sums.measure(&leased)),
        Box::new(|| sums.measure(&vec)),
        Box::new(|| sums.measure(&snapshot)),
    ];
    let contestants = READERS
        .iter()
        .zip(runs)
        .filter(|(engine, _)| options.wants(engine.name))
        .map(|(engine, run)| Contestant { engine, run })
        .collect();
    let records = rounds::run(options.rounds, contestants)?;
    if leased.proof() != Proof::Lease {
        return Err("another process opened the file for writing during the run".into());
    }
    let data = format!("the sum of {}, page cache warm, every page touched", report::size(size));
    report::publish(options, (TASK.name, &data), Work::Bytes(size), &records)
}

/// Opens, proves and drops maps of a file.
fn prove(options: &Options, size: u64) -> Result {
    let input = &Input::random(size)?;
    let path = input.path();
    let open = || Ok(MemMap::open(path, Mode::Read)?);
    let mut ram = RamMap::new(size)?;
    open()?.read_into(0, ram.as_bytes_mut())?;
    let sealed = FrozenMap::sealed_of(&ram, &Progress::new())?;
    let name = sealed.share()?;
    let mut buffer = vec![0; size.try_into()?];

    let file_system = proc::file_system(path).unwrap_or_default();
    let clones = proven(path, Proofs::none().reflink()).is_ok();
    if !clones {
        println!(
            "open+clone: {file_system} cannot clone files; set TMPDIR to a file system that can"
        );
    }
    let of = |proofs| move || proven(path, proofs).map(drop);
    let lease = || proven(path, Proofs::none().lease());
    let runs: [Box<dyn FnMut() -> Result + '_>; 10] = [
        Box::new(|| open().map(drop)),
        Box::new(|| lease().map(drop)),
        Box::new(|| lease().map(drop)),
        Box::new(|| {
            black_box(sum(&lease()?));
            Ok(())
        }),
        Box::new(|| {
            black_box(sum(&rival_map::map(input)?));
            Ok(())
        }),
        Box::new(of(Proofs::none().reflink())),
        Box::new(of(Proofs::none().snapshot_up_to(size))),
        Box::new(|| FrozenMap::open_shared(&name).map(drop).map_err(Into::into)),
        Box::new(|| {
            drop(FrozenMap::sealed_of(&ram, &Progress::new())?);
            Ok(())
        }),
        Box::new(|| Ok(open()?.read_into(0, &mut buffer)?)),
    ];
    let contestants: Vec<_> = PROVERS
        .iter()
        .zip(runs)
        .filter(|(engine, _)| options.wants(engine.name))
        .filter(|(engine, _)| clones || engine.name != "open+clone")
        .map(|(engine, mut run)| {
            let run: Box<dyn FnMut() -> Result<Sample> + '_> = match engine.name {
                "open+lease/cold" => {
                    Box::new(move || each_after(&mut || input.drop_from_cache(), &mut run))
                }
                "open+lease" | "open+lease+sum" | "open+sum" => {
                    Box::new(move || each_after(&mut || input.read_again(), &mut run))
                }
                _ => Box::new(move || each(&mut run)),
            };
            Contestant { engine, run }
        })
        .collect();
    let records = rounds::run(options.rounds, contestants)?;
    let size = report::size(size);
    let data = format!("made, proved and dropped: {size} on {file_system}");
    report::publish(options, (TASK.name, &data), Work::Calls(1), &records)
}

/// Maps a file and proves it.
fn proven(path: &Path, proofs: Proofs) -> Result<FrozenMap> {
    Ok(MemMap::open(path, Mode::Read)?.prove(proofs)?)
}

/// The mean time of a call.
fn each(call: &mut dyn FnMut() -> Result) -> Result<Sample> {
    call()?;
    let begun = Instant::now();
    let mut calls = 0;
    while calls < PROOFS_MAX && (calls == 0 || begun.elapsed() < RUN_TIME) {
        call()?;
        calls += 1;
    }
    Ok(Sample { time: begun.elapsed() / calls, notes: Vec::new() })
}

/// The mean time of a call, without that of the preparation before each call.
fn each_after(
    prepare: &mut dyn FnMut() -> Result,
    call: &mut dyn FnMut() -> Result,
) -> Result<Sample> {
    let begun = Instant::now();
    let (mut calls, mut time) = (0, Duration::ZERO);
    while calls < PROOFS_MAX && (calls == 0 || begun.elapsed() < RUN_TIME) {
        prepare()?;
        let called = Instant::now();
        call()?;
        time += called.elapsed();
        calls += 1;
    }
    Ok(Sample { time: time / calls, notes: Vec::new() })
}

/// Checks that all readers compute the same sum.
#[derive(Default)]
struct Sums(Cell<Option<u64>>);

impl Sums {
    fn measure(&self, bytes: &[u8]) -> Result<Sample> {
        for byte in bytes.iter().step_by(4096) {
            black_box(byte);
        }
        let begun = Instant::now();
        let sum = black_box(sum(black_box(bytes)));
        let time = begun.elapsed();
        if self.0.replace(Some(sum)).is_some_and(|others| others != sum) {
            return Err("its bytes differ from those of the engine before it".into());
        }
        Ok(Sample { time, notes: Vec::new() })
    }
}

/// The sum of the little-endian words, without an incomplete one at the end. It is never inlined,
/// so that all engines run the same code.
#[inline(never)]
pub(super) fn sum(bytes: &[u8]) -> u64 {
    let (words, _) = bytes.as_chunks();
    words.iter().fold(0, |sum: u64, word| sum.wrapping_add(u64::from_le_bytes(*word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_complete_words_are_summed() {
        assert_eq!(sum(&[1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 77]), 259);
        assert_eq!(sum(&[1; 7]), 0);
    }

    #[test]
    fn a_call_is_measured_without_its_preparation_and_its_error_is_returned() {
        let mut calls = 0;
        let mut count = || {
            calls += 1;
            Ok(())
        };
        assert!(each(&mut count).unwrap().time < RUN_TIME);
        assert_eq!(calls, PROOFS_MAX + 1);
        assert!(each(&mut || Err("no".into())).is_err());
        let prepared = Cell::new(0);
        let mut prepare = || {
            prepared.set(prepared.get() + 1);
            Ok(())
        };
        let mut called = 0;
        let mut call = || {
            called += 1;
            assert_eq!(called, prepared.get());
            Ok(())
        };
        each_after(&mut prepare, &mut call).unwrap();
        assert_eq!(prepared.get(), PROOFS_MAX);
        assert!(each_after(&mut || Err("no".into()), &mut || Ok(())).is_err());
    }
}
