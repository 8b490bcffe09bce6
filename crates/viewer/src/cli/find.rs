//! `lazyhex find`: prints matches as text or JSON.
//!
//! The pattern is compiled once. A scan of each file formats its matches as they are found, and
//! passes the lines to the screen, which buffers and writes them. One more thread updates the
//! screen, and another waits for Ctrl-C.

mod pattern;
mod embedded;
mod interrupt;
mod printer;
mod output;

pub(crate) use interrupt::Interrupt;
pub(crate) use output::{Screen, locked, watched};

use std::io::{self, IsTerminal};
use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use memmap::scan::{Match, Outcome, Pattern, Scan, StreamScan};
use memmap::{AnyMap, Cancel, Error, ErrorKind, Progress, Unreadable, plugin::Op, plugin::Schemes};
use serde_json::json;

use crate::cli::args::{FindArgs, Shown};
use crate::cli::unpacking;
use crate::cli::{part, stdout_pipe};
use crate::format::parse_size::{Offset, Part};
use crate::format::units::in_units;
use crate::source::regions::Regions;
use crate::source::stream_reader::{Input, StreamReader};
use crate::source::{ReadOptions, Source, SourceArg, bytes_unless_utf8, packed, printable};
use crate::{Failure, say};
use printer::{Lines, Style};

/// Exit code for no match, as in grep.
const NOT_FOUND: u8 = 1;

/// Exit code if there was an error, or something was not searched.
const TROUBLE: u8 = 2;

/// Maximum number of unreadable ranges reported individually, per file.
pub(crate) const SAID_MAX: usize = 10;

/// Searches each file.
pub(crate) fn run(asked: &FindArgs, schemes: &Schemes) -> ExitCode {
    if asked.embedded {
        return embedded::run(asked, schemes);
    }
    let pattern = match pattern::pattern(asked) {
        Ok(pattern) => pattern,
        Err(what) => {
            say(&format!("lazyhex: {what}\n"));
            return ExitCode::from(TROUBLE);
        }
    };
    let files = asked.files();
    let inputs = match inputs(&files, schemes) {
        Ok(inputs) => inputs,
        Err(failure) => {
            say(&format!("lazyhex: {failure}\n"));
            return ExitCode::from(TROUBLE);
        }
    };
    stdout_pipe::widen_stdout();
    let search = Search {
        asked,
        pattern,
        interrupt: Interrupt::listen(),
        screen: Mutex::new(Screen::new()),
    };
    let ended = watched(&search.screen, || search.all(&inputs));
    let failure = locked(&search.screen).failure();
    match failure {
        // The reader has closed the pipe.
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Some(error) => {
            say(&format!("lazyhex: {}\n", Failure::Output(error)));
            return ExitCode::from(TROUBLE);
        }
        None if ended.is_troubled => return ExitCode::from(TROUBLE),
        None => {}
    }
    ExitCode::from(if ended.is_found { 0 } else { NOT_FOUND })
}

/// The inputs; standard input if no file was named.
fn inputs<'a>(files: &[&'a Path], schemes: &'a Schemes) -> Result<Vec<SourceArg<'a>>, Failure> {
    if files.is_empty() && io::stdin().is_terminal() {
        return Err(Failure::Usage("no file; name one, or pipe the bytes into standard input"));
    }
    Ok(match files {
        [] => vec![SourceArg::Stdin],
        files => files.iter().map(|&file| SourceArg::of(Some(file), schemes)).collect(),
    })
}

/// The outcome of one file or all.
#[derive(Debug, Clone, Copy, Default)]
struct Ended {
    is_found: bool,
    is_troubled: bool,
}

struct Search<'a> {
    asked: &'a FindArgs,
    pattern: Pattern,
    interrupt: Interrupt,
    screen: Mutex<Screen>,
}

/// A file's name for display and for JSON.
pub(crate) struct Name {
    pub(crate) text: String,
    /// The name as a JSON string.
    pub(crate) json: String,
    /// The name in base64, if the JSON string cannot represent it.
    pub(crate) bytes: Option<String>,
}

impl Name {
    pub(crate) fn of(input: SourceArg<'_>) -> Self {
        let inner = match input {
            SourceArg::File(path, _) => packed::inner(path),
            SourceArg::Stdin => None,
        };
        let path = match input {
            SourceArg::File(path, _) => inner.as_deref().unwrap_or(path),
            SourceArg::Stdin => Path::new("(standard input)"),
        };
        Self {
            text: printable(path.as_os_str()),
            json: json!(path.to_string_lossy()).to_string(),
            bytes: bytes_unless_utf8(path),
        }
    }

    /// `"path":"…"`, and the bytes if needed.
    pub(crate) fn json_keys(&self) -> String {
        let path = format!("\"path\":{}", self.json);
        match &self.bytes {
            Some(bytes) => format!("{path},\"path_is_lossy\":true,\"path_bytes\":\"{bytes}\""),
            None => path,
        }
    }
}

impl Search<'_> {
    fn all(&self, inputs: &[SourceArg<'_>]) -> Ended {
        let mut all = Ended::default();
        for &input in inputs {
            let name = Name::of(input);
            let ended = match self.file(input, &name, inputs.len() > 1) {
                Ok(ended) => ended,
                Err(error) => {
                    self.refuse(&name, &error);
                    Ended { is_found: false, is_troubled: true }
                }
            };
            all.is_found |= ended.is_found;
            all.is_troubled |= ended.is_troubled;
            if self.interrupt.is_asked() || locked(&self.screen).has_failed() {
                break;
            }
        }
        all
    }

    /// Reports why a file cannot be searched.
    fn refuse(&self, name: &Name, error: &Error) {
        let mut screen = locked(&self.screen);
        if self.asked.json {
            let error = json!(error.to_string());
            let path = name.json_keys();
            let line = format!("{{\"type\":\"error\",{path},\"error\":{error}}}\n");
            screen.text.extend_from_slice(line.as_bytes());
        }
        screen.complain(&crate::described(error, "search with --range ..END"));
    }

    fn file(
        &self,
        input: SourceArg<'_>,
        name: &Name,
        is_one_of_many: bool,
    ) -> Result<Ended, Error> {
        let asked = self.asked;
        let part = asked.range.unwrap_or_default();
        // Read from the start, so that offsets and alignment are those of the input.
        let wanted = ReadOptions { length: part.len_needed(), ..ReadOptions::default() };
        let opened = match part.in_a_stream() {
            Some(_) => unpacking::open_or_stream(input, wanted)?,
            None => Input::Map(unpacking::open(input, wanted)?),
        };
        let stop = Cancel::new();
        let progress = Arc::new(Progress::until(stop.clone()));
        self.interrupt.stops(Some(&stop));
        let begin = |total| {
            let name = is_one_of_many.then_some(&name.text);
            locked(&self.screen).begin(name, total, &progress, &stop);
        };
        let style = Style::of(asked, name, is_one_of_many, pattern::fixed(asked));
        let (outcome, lines) = match opened {
            Input::Map(Source { map, .. }) => {
                let range = within(&map, part)?;
                begin(Some(Regions::of(&map).readable_len(&range)));
                let mut lines = Lines::new(style, range.clone());
                let outcome = self.matches(&map, range, &progress, &mut lines, &stop);
                let closed = outcome.is_ok().then(|| map.close());
                (
                    outcome.and_then(|outcome| closed.map_or(Ok(()), |it| it).map(|()| outcome)),
                    lines,
                )
            }
            Input::Stream(reader) => {
                let range = part.in_a_stream().unwrap_or(0..u64::MAX);
                begin(None);
                let mut lines = Lines::new(style, range.clone());
                (self.matches_as_they_come(reader, range, &progress, &mut lines), lines)
            }
        };
        self.interrupt.stops(None);
        let is_found = outcome.as_ref().is_ok_and(|outcome| outcome.value > 0);
        let is_troubled = match outcome {
            Ok(outcome) => self.end(&outcome, name, is_one_of_many, &lines),
            Err(error) => {
                locked(&self.screen).end();
                return Err(error);
            }
        };
        Ok(Ended { is_found, is_troubled })
    }

    /// Writes the matches of a map to the screen. Returns their number.
    fn matches(
        &self,
        map: &AnyMap,
        range: Range<u64>,
        progress: &Progress,
        lines: &mut Lines,
        stop: &Cancel,
    ) -> Result<Outcome<u64>, Error> {
        let asked = self.asked;
        // Release pages, so that a long file does not grow the resident set.
        let mut scan = Scan::new(map).range(range).progress(progress).evict_behind(true);
        if let Some(threads) = asked.threads {
            scan = scan.threads(threads.get());
        }
        if let Some(window) = asked.window {
            scan = scan.max_match_len(window);
        }
        if self.is_count() && asked.limit.is_none() {
            return scan.count(&self.pattern);
        }
        let mut count = 0;
        let take = |found: Match| {
            if self.take(&found, map, &mut count, lines).is_break() {
                stop.cancel();
            }
        };
        let outcome = scan.find_all_into(&self.pattern, take)?;
        Ok(outcome.map(|_| count))
    }

    /// Writes the matches of a stream to the screen, and stops reading when there are enough. Returns their
    /// number.
    fn matches_as_they_come(
        &self,
        reader: StreamReader,
        range: Range<u64>,
        progress: &Progress,
        lines: &mut Lines,
    ) -> Result<Outcome<u64>, Error> {
        let asked = self.asked;
        let (before, after) = Style::around(asked, self.pattern.max_len().unwrap_or(u64::MAX));
        let mut scan =
            StreamScan::new(reader).range(range).progress(progress).with_context(before, after);
        if let Some(threads) = asked.threads {
            scan = scan.threads(threads.get());
        }
        if let Some(window) = asked.window {
            scan = scan.max_match_len(window);
        }
        let mut count = 0;
        let outcome = scan
            .find_all_into(&self.pattern, |found, map| self.take(&found, map, &mut count, lines))?;
        Ok(outcome.map(|_| count))
    }

    /// Writes a match to the screen, unless it is only counted. Breaks when there are enough.
    fn take(
        &self,
        found: &Match,
        map: &AnyMap,
        count: &mut u64,
        lines: &mut Lines,
    ) -> ControlFlow<()> {
        let limit = self.asked.limit.unwrap_or(u64::MAX);
        // More matches may arrive before the scan notices the limit.
        if *count == limit || self.interrupt.is_asked() {
            return ControlFlow::Break(());
        }
        *count += 1;
        if !self.is_count() {
            let mut screen = locked(&self.screen);
            lines.append(found, map, &mut screen);
            screen.write_if_much();
        }
        if *count == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn is_count(&self) -> bool {
        self.asked.shown.0 == Shown::Count
    }

    /// Reports the outcome of a file, if needed. Returns whether there was an error.
    fn end(
        &self,
        outcome: &Outcome<u64>,
        name: &Name,
        is_one_of_many: bool,
        lines: &Lines,
    ) -> bool {
        let asked = self.asked;
        let mut screen = locked(&self.screen);
        let count = outcome.value;
        let is_interrupted = outcome.is_cancelled && self.interrupt.is_asked();
        if asked.json {
            let is_limited = asked.limit == Some(count);
            append_end(outcome, name, is_limited, is_interrupted, &mut screen.text);
        } else if asked.shown.0 == Shown::Count {
            let prefix = if is_one_of_many { format!("{}:", name.text) } else { String::new() };
            screen.text.extend_from_slice(format!("{prefix}{count}\n").as_bytes());
        }
        screen.end();
        if screen.has_failed() {
            return false;
        }
        let mut is_troubled = complain_of_unreadable(&outcome.unreadable, &name.text, &mut screen);
        if let Some(offset) = outcome.match_too_long {
            let window = in_units(asked.window.unwrap_or(1 << 20));
            screen.complain(&format!(
                "{}: the match at {offset:#x} is longer than the window of {window}, so that \
                 matches from there on may be cut or missed; give a larger --window",
                name.text
            ));
            is_troubled = true;
        }
        if let Some((missing, why)) = lines.lost() {
            screen.complain(&format!(
                "{}: {missing} matches cannot be read any more, and are printed without all their \
                 bytes: {why}",
                name.text
            ));
            is_troubled = true;
        }
        if is_interrupted {
            screen.complain(&format!(
                "{}: interrupted after {}; the rest was not searched",
                name.text,
                in_units(outcome.covered)
            ));
            is_troubled = true;
        }
        is_troubled
    }
}

/// The requested range of the map. A start past the end is an error: a typo is more likely than a
/// request for no bytes.
pub(crate) fn within(map: &AnyMap, part: Part) -> Result<Range<u64>, Error> {
    let all = || {
        let start = part::start(map.len(), part.start)?;
        let end = match part.end {
            // The range is cut at the end of the file.
            Some(Offset::FromStart(end)) => end.min(map.len()),
            Some(back) => part::start(map.len(), back)?,
            None => map.len(),
        };
        let backward = ErrorKind::BackwardRange { start, end };
        if end < start { Err(Error::new(Op::Read, backward)) } else { Ok(start..end) }
    };
    all().map_err(|error| part::placed(map, error))
}

/// Reports unreadable ranges. Returns whether there are any.
pub(crate) fn complain_of_unreadable(
    unreadable: &[Unreadable],
    name: &str,
    screen: &mut Screen,
) -> bool {
    for lost in unreadable.iter().take(SAID_MAX) {
        let len = in_units(lost.range.end - lost.range.start);
        screen.complain(&format!(
            "{name}: {len} from {:#x} on could not be searched: {}",
            lost.range.start, lost.error
        ));
    }
    if let Some(more) = unreadable.len().checked_sub(SAID_MAX).filter(|&more| more > 0) {
        let len: u64 =
            unreadable.iter().skip(SAID_MAX).map(|lost| lost.range.end - lost.range.start).sum();
        let all = "--json lists all";
        screen.complain(&format!(
            "{name}: and {} in {more} more places could not be searched; {all}",
            in_units(len)
        ));
    }
    !unreadable.is_empty()
}

/// Unreadable ranges in JSON.
pub(crate) fn unreadable_json(unreadable: &[Unreadable]) -> serde_json::Value {
    let of = |lost: &Unreadable| {
        json!({
            "start": lost.range.start,
            "end": lost.range.end,
            "reason": lost.error.to_string(),
        })
    };
    unreadable.iter().map(of).collect()
}

fn append_end(
    outcome: &Outcome<u64>,
    name: &Name,
    is_limited: bool,
    is_interrupted: bool,
    out: &mut Vec<u8>,
) {
    // Formatted by hand to keep the keys in a readable order.
    let is_lossy = if name.bytes.is_none() { ",\"path_is_lossy\":false" } else { "" };
    let line = format!(
        "{{\"type\":\"end\",{}{is_lossy},\"matches\":{},\"searched\":{},\
         \"unreadable\":{},\"is_limited\":{is_limited},\"is_interrupted\":{is_interrupted},\
         \"window_exceeded\":{}}}\n",
        name.json_keys(),
        outcome.value,
        outcome.covered,
        unreadable_json(&outcome.unreadable),
        json!(outcome.match_too_long),
    );
    out.extend_from_slice(line.as_bytes());
}
