//! `lazyhex diff`: lists the differences of two files, as text or JSON.
//!
//! One thread takes the differences from the comparison, in batches; another one formats them, and the
//! screen writes the lines.

mod json;
mod patch;

use std::io;
use std::process::ExitCode;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::thread;

use memmap::compare::{Compare, Compared, Difference, NotCompared, Side};
use memmap::{AnyMap, Cancel, Error, Progress, plugin::Mapping, plugin::Schemes};

use crate::analysis::difference_lines::Lines;
use crate::cli::args::DiffArgs;
use crate::cli::find::{Interrupt, Name, SAID_MAX, Screen, locked, watched, within};
use crate::cli::stdout_pipe;
use crate::cli::unpacking;
use crate::format::locale::Locale;
use crate::format::units::in_units;
use crate::job::new_file::NewFileError;
use crate::patch::PatchError;
use crate::source::{ReadOptions, Source, SourceArg};
use crate::{Failure, say};

/// Exit codes, as of cmp.
const EQUAL: u8 = 0;
const DIFFERENT: u8 = 1;
const TROUBLE: u8 = 2;

/// Differences that are formatted at a time, and how many batches may wait.
const BATCH: usize = 4096;
const BATCHES_WAITING: usize = 4;

/// Compares two files.
pub(crate) fn run(asked: &DiffArgs, schemes: &Schemes) -> ExitCode {
    stdout_pipe::widen_stdout();
    let interrupt = Interrupt::listen();
    let screen = Mutex::new(Screen::new());
    let code = watched(&screen, || match compare(asked, schemes, &interrupt, &screen) {
        Ok(code) => code,
        Err(error) => {
            let mut screen = locked(&screen);
            screen.end();
            let text = match error {
                DiffError::Source(error) => crate::described(&error, "compare with --range ..END"),
                DiffError::Usage(what) => what.to_owned(),
                DiffError::Patch(error) => error.to_string(),
                DiffError::NewFile(error) => error.to_string(),
            };
            screen.complain(&text);
            TROUBLE
        }
    });
    let failure = locked(&screen).failure();
    match failure {
        // The reader has closed the pipe.
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(DIFFERENT),
        Some(error) => {
            say(&format!("lazyhex: {}\n", Failure::Output(error)));
            ExitCode::from(TROUBLE)
        }
        None => ExitCode::from(code),
    }
}

/// Why nothing is compared.
enum DiffError {
    Source(Error),
    Usage(&'static str),
    Patch(PatchError),
    NewFile(NewFileError),
}

impl From<PatchError> for DiffError {
    fn from(error: PatchError) -> Self {
        Self::Patch(error)
    }
}

impl From<NewFileError> for DiffError {
    fn from(error: NewFileError) -> Self {
        Self::NewFile(error)
    }
}

impl From<Error> for DiffError {
    fn from(error: Error) -> Self {
        Self::Source(error)
    }
}

/// One of the two files.
pub(crate) struct Input {
    pub(crate) map: AnyMap,
    pub(crate) name: Name,
}

/// What was found, besides the differences themselves.
struct Ended {
    compared: Compared<()>,
    /// Differences, without what was not compared.
    differences: u64,
    /// Their bytes.
    bytes: u64,
    is_limited: bool,
}

type Comparing<'c> = Compare<'c, Box<dyn Mapping>, Box<dyn Mapping>>;

fn compare(
    asked: &DiffArgs,
    schemes: &Schemes,
    interrupt: &Interrupt,
    screen: &Mutex<Screen>,
) -> Result<u8, DiffError> {
    let Some([a_part, b_part]) = asked.parts() else {
        return Err(DiffError::Usage("--range is given at most twice: for A, and for B"));
    };
    let (a, b) = (SourceArg::of(Some(&asked.a), schemes), SourceArg::of(Some(&asked.b), schemes));
    if matches!((a, b), (SourceArg::Stdin, SourceArg::Stdin)) {
        let what = "A and B are both standard input, which can be read once; name one file";
        return Err(DiffError::Usage(what));
    }
    let open = |input: SourceArg<'_>, length| -> Result<Input, Error> {
        let wanted = ReadOptions { length, ..ReadOptions::default() };
        let Source { map, .. } = unpacking::open(input, wanted)?;
        Ok(Input { map, name: Name::of(input) })
    };
    let (a, b) = (open(a, a_part.len_needed())?, open(b, b_part.len_needed())?);
    let (a_range, b_range) = (within(&a.map, a_part)?, within(&b.map, b_part)?);
    let stop = Cancel::new();
    let progress = Arc::new(Progress::until(stop.clone()));
    interrupt.stops(Some(&stop));
    let (a_len, b_len) = (a_range.end - a_range.start, b_range.end - b_range.start);
    let total = if asked.aligned { a_len.saturating_add(b_len) } else { a_len.min(b_len) };
    // A patch is made after the comparison, and reads both files once more.
    let again = if asked.patch.is_some() { a.map.len().saturating_add(b.map.len()) } else { 0 };
    let total = total.saturating_add(again);
    locked(screen).begin(None, Some(total), &progress, &stop);
    let mut compare = Compare::new(&a.map, &b.map)
        .ranges(a_range, b_range)
        .evict_behind(true)
        .progress(&progress);
    if let Some(threads) = asked.threads {
        compare = compare.threads(threads.get());
    }
    let ended = if let Some(out) = &asked.patch {
        return patch::write(out, compare, (&a, &b), &progress);
    } else if asked.quiet {
        first(compare)
    } else if asked.count && !asked.aligned {
        count(compare)
    } else {
        list(asked, compare, (&a, &b), &stop, screen)
    };
    interrupt.stops(None);
    let ended = ended?;
    let code = end(asked, &ended, (&a, &b), interrupt, screen);
    a.map.close()?;
    b.map.close()?;
    Ok(code)
}

/// Looks for the first difference.
fn first(compare: Comparing<'_>) -> Result<Ended, Error> {
    let first = compare.first()?;
    let found = first.value.as_ref();
    let (differences, bytes) = (u64::from(found.is_some()), found.map_or(0, Difference::len));
    Ok(Ended { compared: first.map(drop), differences, bytes, is_limited: true })
}

/// Counts the bytes.
fn count(compare: Comparing<'_>) -> Result<Ended, Error> {
    let count = compare.count()?;
    let tail = compare.tail()?.filter(|_| !count.is_cancelled);
    let bytes = count.value.saturating_add(tail.as_ref().map_or(0, Difference::len));
    Ok(Ended { compared: count.map(drop), differences: bytes, bytes, is_limited: false })
}

/// Prints the differences.
fn list(
    asked: &DiffArgs,
    compare: Comparing<'_>,
    inputs: (&Input, &Input),
    stop: &Cancel,
    screen: &Mutex<Screen>,
) -> Result<Ended, Error> {
    let limit = asked.limit.unwrap_or(u64::MAX);
    let (mut differences, mut bytes) = (0, 0);
    let compared = thread::scope(|scope| {
        let (send, batches) = sync_channel::<Vec<Difference>>(BATCHES_WAITING);
        let formatting = scope.spawn(move || {
            let mut text = Lines::new(
                [&inputs.0.map, &inputs.1.map],
                [&inputs.0.name.text, &inputs.1.name.text],
                asked.aligned,
                Locale::of_environment(),
            );
            let mut lines = Vec::new();
            for batch in batches {
                if asked.json {
                    for found in &batch {
                        json::append(found, inputs, &mut lines);
                    }
                } else if !asked.count {
                    text.append(&batch, &mut lines);
                }
                let mut screen = locked(screen);
                screen.text.append(&mut lines);
                screen.write_if_much();
            }
        });
        let mut batch = Vec::new();
        let mut take = |found: Difference, is_last: bool| {
            if found.is_different() {
                differences += 1;
                bytes += found.len();
            }
            batch.push(found);
            // The first ones are shown at once.
            let is_full = batch.len() >= BATCH || differences <= 16 || is_last;
            // The other thread ends before this one, or panics.
            if is_full {
                send.send(std::mem::take(&mut batch)).ok();
            }
            differences < limit && !stop.is_cancelled()
        };
        let compared = if asked.aligned {
            compare.aligned().map(|mut aligned| {
                let all = std::mem::take(&mut aligned.value);
                for found in all {
                    if !take(found, false) {
                        break;
                    }
                }
                aligned.map(drop)
            })
        } else {
            compare.differences().map(|mut all| {
                for found in all.by_ref() {
                    if !take(found, false) {
                        break;
                    }
                }
                all.outcome().map(drop)
            })
        };
        send.send(batch).ok();
        drop(send);
        // A panic there has been printed, and ends this thread, too.
        if formatting.join().is_err() {
            stop.cancel();
        }
        compared
    })?;
    Ok(Ended { compared, differences, bytes, is_limited: differences >= limit })
}

/// Reports the end, and returns the exit code.
fn end(
    asked: &DiffArgs,
    ended: &Ended,
    (a, b): (&Input, &Input),
    interrupt: &Interrupt,
    screen: &Mutex<Screen>,
) -> u8 {
    let mut screen = locked(screen);
    let is_interrupted = ended.compared.is_cancelled && interrupt.is_asked();
    if asked.json {
        json::append_end(ended, (a, b), is_interrupted, &mut screen.text);
    } else if asked.count {
        screen.text.extend_from_slice(format!("{}\n", ended.bytes).as_bytes());
    }
    screen.end();
    let lost = &ended.compared.not_compared;
    for lost in lost.iter().take(SAID_MAX) {
        screen.complain(&not_compared(lost, (a, b)));
    }
    if let Some(more) = lost.len().checked_sub(SAID_MAX).filter(|&more| more > 0) {
        screen.complain(&format!("and {more} more ranges were not compared; --json lists all"));
    }
    if is_interrupted {
        let done = in_units(ended.compared.compared);
        screen.complain(&format!("interrupted after {done}; the rest was not compared"));
    }
    match ended.differences {
        _ if is_interrupted || !lost.is_empty() => TROUBLE,
        0 => EQUAL,
        _ => DIFFERENT,
    }
}

/// Why a range was not compared.
fn not_compared(lost: &NotCompared, (a, b): (&Input, &Input)) -> String {
    let (input, range) = match lost.side {
        Side::A => (a, &lost.a),
        Side::B => (b, &lost.b),
    };
    let len = in_units(range.end - range.start);
    let name = &input.name.text;
    format!("{name}: {len} from {:#x} on were not compared: {}", range.start, lost.error)
}
