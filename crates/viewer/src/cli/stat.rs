//! `lazyhex stat`: summarizes files, as text or JSON.

mod json;
mod text;

use std::io;
use std::ops::Range;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use memmap::scan::{Outcome, Scan, StreamScan, Summary};
use memmap::{AnyMap, Cancel, Error, Progress, Region, plugin::Schemes};

use crate::cli::args::StatArgs;
use crate::cli::find::{Interrupt, Name, Screen, complain_of_unreadable, locked, watched};
use crate::cli::{find, stdout_pipe, unpacking};
use crate::format::locale::Locale;
use crate::source::regions::Regions;
use crate::source::stream_reader::Input;
use crate::source::{ReadOptions, Source, SourceArg};
use crate::{Failure, say};

/// Summarizes each file. Unreadable files are reported and skipped.
pub(crate) fn run(asked: &StatArgs, schemes: &Schemes) -> ExitCode {
    stdout_pipe::widen_stdout();
    let interrupt = Interrupt::listen();
    let locale = Locale::of_environment();
    let screen = Mutex::new(Screen::new());
    let is_complete = watched(&screen, || {
        let mut is_complete = true;
        let mut gap = "";
        for file in &asked.files {
            let input = SourceArg::of(Some(file), schemes);
            let name = Name::of(input);
            match sum_up(asked, input, &name, &interrupt, &screen) {
                Ok((outcome, size)) => {
                    let mut screen = locked(&screen);
                    let text = if asked.json {
                        format!("{}\n", json::object(&outcome, &size, &name))
                    } else {
                        let gap = std::mem::replace(&mut gap, "\n");
                        let summary = &outcome.value;
                        format!("{gap}{}", text::describe(summary, &size, &name.text, locale))
                    };
                    screen.text.extend_from_slice(text.as_bytes());
                    screen.end();
                    is_complete &=
                        !complain_of_unreadable(&outcome.unreadable, &name.text, &mut screen);
                    if outcome.is_cancelled && interrupt.is_asked() {
                        let what = "interrupted; these are the sums so far";
                        screen.complain(&format!("{}: {what}", name.text));
                        is_complete = false;
                    }
                }
                Err(error) => {
                    let mut screen = locked(&screen);
                    screen.end();
                    screen.complain(&crate::described(&error, "read with --range ..END"));
                    is_complete = false;
                }
            }
            if interrupt.is_asked() || locked(&screen).has_failed() {
                break;
            }
        }
        is_complete
    });
    let failure = locked(&screen).failure();
    match failure {
        // The reader has closed the pipe.
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Some(error) => {
            say(&format!("lazyhex: {}\n", Failure::Output(error)));
            ExitCode::FAILURE
        }
        None if is_complete => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    }
}

/// How much there is of a file.
#[derive(Debug)]
struct Size {
    /// Its length; of a process, the end of its last address.
    len: u64,
    /// Of what has regions, how much is mapped, and how much of it can be read.
    mapped: Option<[u64; 2]>,
    /// How much of the range that was asked for can be read.
    asked: u64,
}

impl Size {
    fn of(map: &AnyMap, range: &Range<u64>) -> Self {
        let all = map.regions();
        let sum = |is_counted: fn(&&Region) -> bool| -> u64 {
            all.iter().filter(is_counted).map(|it| it.range.end - it.range.start).sum()
        };
        let mapped = (!all.is_empty()).then(|| [sum(|_| true), sum(|it| it.is_readable)]);
        Self { len: map.len(), mapped, asked: Regions::of(map).readable_len(range) }
    }
}

/// The summary of a file, and how much there is of it.
fn sum_up(
    asked: &StatArgs,
    input: SourceArg<'_>,
    name: &Name,
    interrupt: &Interrupt,
    screen: &Mutex<Screen>,
) -> Result<(Outcome<Summary>, Size), Error> {
    let part = asked.range.unwrap_or_default();
    let wanted = ReadOptions { length: part.len_needed(), ..ReadOptions::default() };
    let stream_range = part.in_a_stream();
    let opened = match &stream_range {
        Some(_) => unpacking::open_or_stream(input, wanted)?,
        None => Input::Map(unpacking::open(input, wanted)?),
    };
    let stop = Cancel::new();
    let progress = Arc::new(Progress::until(stop.clone()));
    interrupt.stops(Some(&stop));
    let many = (asked.files.len() > 1).then_some(&name.text);
    let begin = |total| locked(screen).begin(many, total, &progress, &stop);
    let min_string = asked.min_string.get();
    let summed_up = match opened {
        Input::Map(Source { map, .. }) => {
            let range = find::within(&map, part)?;
            let size = Size::of(&map, &range);
            begin(Some(size.asked));
            let mut scan = Scan::new(&map).range(range).evict_behind(true).progress(&progress);
            if let Some(threads) = asked.threads {
                scan = scan.threads(threads.get());
            }
            let outcome = scan.summary(min_string);
            outcome.and_then(|outcome| map.close().map(|()| (outcome, size)))
        }
        Input::Stream(reader) => {
            begin(None);
            let range = stream_range.unwrap_or(0..u64::MAX);
            let mut scan = StreamScan::new(reader).range(range).progress(&progress);
            if let Some(threads) = asked.threads {
                scan = scan.threads(threads.get());
            }
            let outcome = scan.summary(min_string);
            outcome.map(|outcome| {
                let Range { start, end } = outcome.value.range;
                (outcome, Size { len: end, mapped: None, asked: end - start })
            })
        }
    };
    interrupt.stops(None);
    summed_up
}
