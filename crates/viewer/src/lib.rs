//! lazyhex: a hex viewer for files of any size, and a hex dump at the speed of a pipe.
//!
//! The data's way: arguments → [`Source`] (a mapped file, or memory) → a dump ([`Formatter`] into
//! standard output), a search (`cli/find.rs`), sums (`cli/stat.rs`), or the view: terminal events
//! become messages, messages change the [`App`], the app says which bytes it shows and what else
//! is to be done, and is drawn.
//! `App::update` touches nothing outside; `terminal/` alone reads, draws and waits.

#![forbid(unsafe_code)]

// The order is the layering, from top to bottom: a folder uses those below it alone.
mod cli;
mod terminal;
mod ui;
mod update;
mod editor;
mod layout;
mod view;
mod document;
mod analysis;
mod search;
mod job;
mod format;
mod source;

pub use editor::effect::ExitReason;
pub use editor::settings::Settings;
pub use format::byte_class::ByteClass;
pub use format::parse_size::{BadNumber, parse_count};
pub use format::theme::{ColorChoice, Theme};
pub use format::{Format, Formatter, Squeezing};
pub use source::Source;
pub use terminal::view::{Elements, Start, view, view_all};
pub use view::array::Request;

/// The view without a terminal, for tests.
#[doc(hidden)]
pub mod testing {
    use std::path::Path;

    pub use crate::terminal::testing::Stage;
    use crate::{Settings, config};

    /// The settings that a configuration file makes; what is wrong with it is left out.
    #[must_use]
    pub fn settings_of(config: &Path) -> Settings {
        config::read(config, Settings::default()).0
    }
}

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fmt};

use memmap::{Error, ErrorKind, FileKind};

use cli::args::{Asked, Info, Verb, What};
use cli::dump::Interrupted;
use cli::{args, array, array_table, dump, find, info, stat, stdout_pipe};
use document::follow;
use editor::{config, demo, session};
use source::{ReadOptions, SourceArg};
use terminal::job_control;

/// The definitions of the command lines, for those who pack the program: manual pages and completions
/// are made of them.
#[doc(hidden)]
#[must_use]
pub fn command_lines() -> Vec<(&'static str, clap::Command)> {
    args::command_lines()
}

/// What `lazyhex --demo` shows.
#[doc(hidden)]
#[must_use]
pub fn demo_bytes() -> Vec<u8> {
    demo::bytes()
}

/// What the program does with its arguments, standard input and standard output.
pub fn main() -> ExitCode {
    job_control::survive_long_files();
    let asked = match args::parse(env::args_os().collect()) {
        Ok(asked) => asked,
        Err(error) if error.use_stderr() => {
            say(&printable(&error.render().to_string()));
            return ExitCode::from(2);
        }
        Err(help) => {
            // Nobody is left to tell if that fails.
            help.print().ok();
            return ExitCode::SUCCESS;
        }
    };
    let done = match &asked {
        Asked::Info(info) => return explain(info),
        Asked::Find(asked) => return find::run(asked),
        Asked::Stat(asked) => return stat::run(asked),
        Asked::Bytes(_, what) if what.print_config => print_config(),
        Asked::Bytes(verb, what) => {
            let is_view =
                *verb == Verb::Look && io::stdout().is_terminal() && !what.asks_for_dump();
            if is_view && !array::is_list(what) {
                show(what)
            } else if what.elements.are_asked_for() {
                array::print(what)
            } else {
                print(what)
            }
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&format!("lazyhex: {failure}\n"));
            let is_usage = matches!(failure, Failure::Usage(_) | Failure::Asked(_));
            ExitCode::from(if is_usage { 2 } else { 1 })
        }
    }
}

/// Explains each file; what cannot be looked at is said, and the others are explained.
fn explain(info: &Info) -> ExitCode {
    let mut stdout = io::stdout().lock();
    let failed = |error: &dyn fmt::Display| {
        say(&format!("lazyhex: {error}\n"));
        ExitCode::FAILURE
    };
    let mut code = ExitCode::SUCCESS;
    let mut gap = "";
    for file in &info.files {
        let explanation = match memmap::explain(file) {
            Ok(explanation) => explanation,
            Err(error) => {
                code = failed(&error);
                continue;
            }
        };
        let npy = info::npy(&explanation);
        let text = if info.json {
            let mut value = info::json(&explanation);
            value["array"] = info::npy_json(npy.as_ref(), explanation.len);
            format!("{value}\n")
        } else {
            let npy = npy.map(|npy| info::npy_text(&npy, explanation.len)).unwrap_or_default();
            format!("{}{explanation}{npy}\n", std::mem::replace(&mut gap, "\n"))
        };
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Ok(()) => {}
            // Whoever reads us has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return code,
            Err(error) => return failed(&Failure::Output(error)),
        }
    }
    code
}

/// Says something on standard error, which may be closed or full.
fn say(text: &str) {
    io::stderr().write_all(text.as_bytes()).ok();
}

/// A message of several lines with everything escaped that a terminal would obey: it may quote what
/// was given.
fn printable(text: &str) -> String {
    let escape = |c: char| match c {
        '\n' => "\n".to_owned(),
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}

/// Why the program ends without having done what it was asked.
#[derive(Debug)]
enum Failure {
    /// The command line makes no sense.
    Usage(&'static str),
    /// The bytes cannot be had.
    Source(Error),
    /// What the command line says of elements makes no array.
    Asked(memmap::array::Error),
    /// They are not the array that they should be.
    Array(memmap::array::Error),
    /// The last element is not all there.
    Incomplete {
        /// Its offset.
        at: u64,
        /// Bytes there are of it.
        len: u64,
        /// Bytes it should have.
        needed: u64,
    },
    /// An element is too long to be printed.
    LongElement {
        /// Bytes it has.
        len: usize,
    },
    /// The output takes no more.
    Output(io::Error),
    /// The terminal cannot be used.
    Terminal(io::Error),
    /// A signal ended the view.
    Terminated,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(what) => f.write_str(what),
            Self::Source(error) => f.write_str(&described(error, "print with --length")),
            Self::Asked(error) => error.kind().fmt(f),
            Self::Array(error) => error.fmt(f),
            Self::Incomplete { at, len, needed } => write!(
                f,
                "the last element, at offset {at}, has {len} of its {needed} bytes; check --dtype and \
                 --skip, or leave it out with --length {at}"
            ),
            Self::LongElement { len } => write!(
                f,
                "an element has {len} bytes, and is printed up to {}; print its bytes instead",
                array_table::ELEMENT_LEN_MAX
            ),
            Self::Output(error) => write!(f, "cannot write: {error}; check where the output goes"),
            Self::Terminal(error) => {
                write!(f, "cannot use the terminal: {error}; `lazyhex dump` needs none")
            }
            Self::Terminated => f.write_str("ended by a signal"),
        }
    }
}

/// What is wrong with a source and what to do about it: one that may have no end has to be `limited`.
fn described(error: &Error, limited: &str) -> String {
    match not_mappable(error.kind(), limited) {
        Some((kind, advice)) => {
            let path = error.path().unwrap_or_else(|| Path::new("-"));
            format!("cannot {} {path:?}: it is {kind}; {advice}", error.op())
        }
        None => error.to_string(),
    }
}

/// What to do here about something that cannot be mapped: the library's advice is for programs.
fn not_mappable(kind: &ErrorKind, limited: &str) -> Option<(FileKind, String)> {
    let &ErrorKind::NotMappable { kind } = kind else { return None };
    let advice = match kind {
        FileKind::Directory => return None,
        FileKind::Socket => "connect to it, and pipe what it sends into `lazyhex -`".to_owned(),
        FileKind::CharDevice | FileKind::Proc | FileKind::Sys | FileKind::MadeUp => {
            format!("it may have no end, so say how much of it to {limited}")
        }
        _ => "pipe its bytes into `lazyhex -`".to_owned(),
    };
    Some((kind, advice))
}

fn input(what: &What) -> Result<SourceArg<'_>, Failure> {
    let file = match what.files[..] {
        [] => None,
        [ref file] => Some(file.as_path()),
        _ => {
            return Err(Failure::Usage(
                "only one file can be printed; on a terminal several open as tabs",
            ));
        }
    };
    let input = SourceArg::of(file);
    if file.is_none() && io::stdin().is_terminal() {
        return Err(Failure::Usage("no file; name one, or give the bytes on standard input"));
    }
    Ok(input)
}

fn show(what: &What) -> Result<(), Failure> {
    let sources = if what.demo {
        vec![demo::source().map_err(Failure::Source)?]
    } else if let [_, _, ..] = what.files[..] {
        let open = |file: &PathBuf| SourceArg::of(Some(file)).open(ReadOptions::default());
        what.files.iter().map(open).collect::<Result<_, _>>().map_err(Failure::Source)?
    } else {
        vec![input(what)?.open(ReadOptions::default()).map_err(Failure::Source)?]
    };
    let theme = what.color.theme(true).as_rich_as_the_terminal();
    let (mut settings, notice) = config::load(Settings { theme, ..Settings::default() });
    if theme == Theme::Mono {
        settings.theme = theme;
    }
    settings.mouse &= !what.no_mouse;
    let start = Start {
        settings,
        // Who follows a file wants to see what comes.
        offset: what.skip.unwrap_or(if what.follow { u64::MAX } else { 0 }),
        refresh: what.refresh.map(Duration::from_secs).or(if what.follow {
            Some(follow::EVERY)
        } else {
            None
        }),
        session: if what.no_session { None } else { session::place() },
        notice,
        elements: array::beginning(what),
        tour: what.demo,
    };
    match view_all(sources, start).map_err(Failure::Terminal)? {
        ExitReason::Quit => Ok(()),
        ExitReason::Terminated => Err(Failure::Terminated),
    }
}

fn print_config() -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(config::default_text().as_bytes()).map_err(Failure::Output)
}

fn print(what: &What) -> Result<(), Failure> {
    let wanted = ReadOptions { skip: what.skip.unwrap_or(0), length: what.length };
    let Source { map, base, .. } = input(what)?.open(wanted).map_err(Failure::Source)?;
    let placed = |error: Error| match map.path() {
        Some(path) => error.with_path(path),
        None => error,
    };
    let part = dump::part(base + map.len(), wanted.skip, wanted.length)
        .map_err(|error| Failure::Source(placed(error)))?;
    if what.length == Some(0) {
        // As hexdump: nothing, not even the address of the end.
        return map.close().map_err(Failure::Source);
    }

    let mut stdout = io::stdout();
    let theme = what.color.theme(stdout.is_terminal());
    let squeezing = if what.no_squeeze { Squeezing::Off } else { Squeezing::On };
    let format = what.format.unwrap_or_default();
    let formatter = Formatter::new(format, squeezing, theme, part.start);
    stdout_pipe::widen_stdout();
    match dump::dump(&map, base, part, formatter, &mut stdout) {
        Ok(()) => map.close().map_err(Failure::Source),
        // Whoever reads us has seen enough: `lazyhex F | head`.
        Err(Interrupted::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(Interrupted::Write(error)) => Err(Failure::Output(error)),
        Err(Interrupted::Read(error)) => Err(Failure::Source(error)),
    }
}
