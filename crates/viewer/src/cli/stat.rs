//! `lazyhex stat`: summarizes files, as text or JSON.

mod json;
mod summary;
mod text;
mod runs;

use std::io;
use std::process::ExitCode;
use std::sync::Mutex;

use memmap::{Error, plugin::Schemes};

use crate::cli::args::StatArgs;
use crate::cli::find::{Interrupt, Name, Screen, complain_of_unreadable, locked, watched};
use crate::cli::{find, stdout_pipe};
use crate::format::locale::Locale;
use crate::source::{ReadOptions, Source, SourceArg};
use crate::{Failure, say};
use summary::{Sums, Watch};

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
                Ok(sums) => {
                    let mut screen = locked(&screen);
                    let text = if asked.json {
                        format!("{}\n", json::object(&sums, &name))
                    } else {
                        let gap = std::mem::replace(&mut gap, "\n");
                        format!("{gap}{}", text::describe(&sums, &name.text, locale))
                    };
                    screen.text.extend_from_slice(text.as_bytes());
                    screen.end();
                    is_complete &=
                        !complain_of_unreadable(&sums.unreadable, &name.text, &mut screen);
                    if sums.is_cancelled && interrupt.is_asked() {
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

fn sum_up(
    asked: &StatArgs,
    input: SourceArg<'_>,
    name: &Name,
    interrupt: &Interrupt,
    screen: &Mutex<Screen>,
) -> Result<Sums, Error> {
    let part = asked.range.unwrap_or_default();
    let Source { map, .. } = input.open(ReadOptions { skip: 0, length: part.len_needed() })?;
    let range = find::within(&map, part)?;
    let watch = Watch::default();
    interrupt.stops(Some(&watch.stop));
    let many = (asked.files.len() > 1).then_some(&name.text);
    locked(screen).begin(many, range.end - range.start, &watch.progress, &watch.stop);
    let sums = Sums::of(&map, range, asked, &watch);
    interrupt.stops(None);
    let sums = sums?;
    map.close()?;
    Ok(sums)
}
