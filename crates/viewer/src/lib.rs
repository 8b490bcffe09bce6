//! lazyhex: a hex viewer for files of any size, and a hex dump at the speed of a pipe.
//!
//! The data's way: arguments → [`Source`] (a mapped file, or memory) → either a dump
//! ([`Formatter`] into standard output) or the view: terminal events become messages, messages
//! change the [`App`], the app says which bytes it shows, and is drawn. `App::update` touches
//! nothing outside; `terminal.rs` alone reads, draws and waits.

#![forbid(unsafe_code)]

mod args;
mod number;
mod source;
mod class;
mod theme;
mod format;
mod dump;
mod pipe;
mod viewport;
mod keys;
mod app;
mod widgets;
mod terminal;

pub use app::{App, Ending, Msg};
pub use class::ByteClass;
pub use format::{Format, Formatter, Squeezing};
pub use number::{BadNumber, parse_count};
pub use source::Source;
pub use terminal::view;
pub use theme::{ColorChoice, Theme};
pub use viewport::{Page, Size};

use std::fmt;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::Parser;
use memmap::Error;

use args::{Cli, Command, What};
use dump::Interrupted;
use source::Input;

/// What the program does with its arguments, standard input and standard output.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        Some(Command::Dump(what)) => print(what),
        None if io::stdout().is_terminal() && !cli.what.asks_for_dump() => show(&cli.what),
        None => print(&cli.what),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// Why the program ends without having done what it was asked.
#[derive(Debug)]
enum Failure {
    /// The command line makes no sense.
    Usage(&'static str),
    /// The bytes cannot be had.
    Source(Error),
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
            Self::Source(error) => error.fmt(f),
            Self::Output(error) => write!(f, "cannot write: {error}; check where the output goes"),
            Self::Terminal(error) => {
                write!(f, "cannot use the terminal: {error}; `lazyhex dump` needs none")
            }
            Self::Terminated => f.write_str("ended by a signal"),
        }
    }
}

impl Failure {
    #[expect(clippy::print_stderr, reason = "this is where a program says why it failed")]
    fn report(&self) -> ExitCode {
        eprintln!("lazyhex: {self}");
        ExitCode::from(if matches!(self, Self::Usage(_)) { 2 } else { 1 })
    }
}

fn input(what: &What) -> Result<Input<'_>, Failure> {
    let input = Input::of(what.file.as_deref());
    if what.file.is_none() && io::stdin().is_terminal() {
        return Err(Failure::Usage("no file; name one, or give the bytes on standard input"));
    }
    Ok(input)
}

fn show(what: &What) -> Result<(), Failure> {
    let source = input(what)?.open(None).map_err(Failure::Source)?;
    let theme = what.color.theme(true);
    match view(source, theme, what.skip.unwrap_or(0)).map_err(Failure::Terminal)? {
        Ending::Quit => Ok(()),
        Ending::Terminated => Err(Failure::Terminated),
    }
}

fn print(what: &What) -> Result<(), Failure> {
    let skip = what.skip.unwrap_or(0);
    let most = what.length.map(|length| skip.saturating_add(length));
    let Source { map, .. } = input(what)?.open(most).map_err(Failure::Source)?;
    let placed = |error: Error| match what.file.as_deref() {
        Some(path) => error.with_path(path),
        None => error,
    };
    let part = dump::part(map.len(), skip, what.length).map_err(|e| Failure::Source(placed(e)))?;
    if what.length == Some(0) {
        // As hexdump: nothing, not even the address of the end.
        return map.close().map_err(Failure::Source);
    }

    let mut stdout = io::stdout();
    let theme = what.color.theme(stdout.is_terminal());
    let squeezing = if what.no_squeeze { Squeezing::Off } else { Squeezing::On };
    let formatter = Formatter::new(what.format.unwrap_or_default(), squeezing, theme, part.start);
    pipe::widen_stdout();
    match dump::dump(&map, part, formatter, &mut stdout) {
        Ok(()) => map.close().map_err(Failure::Source),
        // Whoever reads us has seen enough: `lazyhex F | head`.
        Err(Interrupted::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(Interrupted::Write(error)) => Err(Failure::Output(error)),
        Err(Interrupted::Read(error)) => Err(Failure::Source(placed(error))),
    }
}
