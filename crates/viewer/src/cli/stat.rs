//! `lazyhex stat`: summarizes files, as text or JSON.

mod json;
mod text;

use std::io;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use memmap::scan::{Outcome, Scan, StreamScan, Summary};
use memmap::{Cancel, Error, Progress, plugin::Schemes};

use crate::cli::args::StatArgs;
use crate::cli::find::{Interrupt, Name, Screen, complain_of_unreadable, locked, watched};
use crate::cli::{find, stdout_pipe};
use crate::format::locale::Locale;
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
                Ok((outcome, file_len)) => {
                    let mut screen = locked(&screen);
                    let text = if asked.json {
                        format!("{}\n", json::object(&outcome, file_len, &name))
                    } else {
                        let gap = std::mem::replace(&mut gap, "\n");
                        let summary = &outcome.value;
                        format!("{gap}{}", text::describe(summary, file_len, &name.text, locale))
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

/// The summary of a file, and the file's length.
fn sum_up(
    asked: &StatArgs,
    input: SourceArg<'_>,
    name: &Name,
    interrupt: &Interrupt,
    screen: &Mutex<Screen>,
) -> Result<(Outcome<Summary>, u64), Error> {
    let part = asked.range.unwrap_or_default();
    let wanted = ReadOptions { length: part.len_needed(), ..ReadOptions::default() };
    let stream_range = part.in_a_stream();
    let opened = match &stream_range {
        Some(_) => input.open_or_stream(wanted)?,
        None => Input::Map(input.open(wanted)?),
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
            begin(Some(range.end - range.start));
            let mut scan = Scan::new(&map).range(range).evict_behind(true).progress(&progress);
            if let Some(threads) = asked.threads {
                scan = scan.threads(threads.get());
            }
            let outcome = scan.summary(min_string);
            let file_len = map.len();
            outcome.and_then(|outcome| map.close().map(|()| (outcome, file_len)))
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
                let end = outcome.value.range.end;
                (outcome, end)
            })
        }
    };
    interrupt.stops(None);
    summed_up
}
