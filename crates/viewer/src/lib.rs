//! lazyhex: a hex viewer for files of any size, and a hex dump at the speed of a pipe.
//!
//! The arguments give a [`Source`]: a mapped file or memory. It is dumped by a [`Formatter`],
//! searched (`cli/find.rs`), summarized (`cli/stat.rs`), or viewed: the event loop
//! (`terminal/event_loop.rs`) receives messages, `update` changes the editor state and returns
//! effects, and the loop performs them and draws. The state itself does no I/O.

#![forbid(unsafe_code)]

// Modules in layers, from top to bottom: each uses only those below it.
mod cli;
mod terminal;
mod ui;
mod update;
mod editor;
mod layout;
mod view;
mod document;
mod structure;
mod analysis;
mod search;
mod job;
mod patch;
mod format;
mod source;

pub use editor::effect::ExitReason;
pub use editor::settings::Settings;
pub use format::parse_size::{BadNumber, parse_count};
pub use format::theme::{ColorChoice, Theme};
pub use format::{Format, Formatter, Squeezing};
pub use source::Source;
pub use terminal::view::{Elements, Start, view, view_all};
pub use view::array::Request;

/// The view without a terminal, for tests, and what is done with bytes that attack, for fuzzing.
#[doc(hidden)]
pub mod testing {
    use std::path::Path;

    pub use crate::patch::testing::{bps as patch_bps, ips as patch_ips, make as make_patch};
    pub use crate::terminal::testing::Stage;
    use crate::{Settings, config};

    /// The settings of a configuration file. Errors in it are ignored.
    #[must_use]
    pub fn settings_of(config: &Path) -> Settings {
        config::read(config, Settings::default()).0
    }

    /// The default settings with this folder of journals.
    #[must_use]
    pub fn settings_with_journals(folder: &Path) -> Settings {
        Settings { journals: Some(folder.to_owned()), ..Settings::default() }
    }
}

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::{env, fmt};

use memmap::{Error, ErrorKind, explain::FileKind, plugin::Origin, plugin::Schemes};

use cli::args::{BytesArgs, InfoArgs, Invocation, Verb};
use cli::{args, array, array_table, diff, dump, find, info, part, stat};
use editor::keymap::Keymap;
use editor::{config, demo, help};
use format::parse_size::Offset;
use format::printable::printable;
use format::shape::ShapeError;
use format::terminal_kind::TerminalKind;
use source::{ReadOptions, SourceArg};
use terminal::job_control;

/// The command line definitions, from which packaging generates manual pages and completions.
#[doc(hidden)]
#[must_use]
pub fn command_lines() -> Vec<(&'static str, clap::Command)> {
    args::command_lines()
}

/// The key help: sections of keys, mouse actions and commands, each with a description.
#[doc(hidden)]
#[must_use]
pub fn key_help() -> Vec<(&'static str, Vec<[String; 3]>)> {
    let sections = help::sections(&Keymap::default(), update::commands()).into_iter();
    let entry = |it: help::HelpEntry| [it.left, it.right, it.detail.to_owned()];
    sections.map(|(title, all)| (title, all.into_iter().map(entry).collect())).collect()
}

/// The sample of `lazyhex --demo`.
#[doc(hidden)]
#[must_use]
pub fn demo_bytes() -> Vec<u8> {
    demo::bytes()
}

/// Runs the program with its arguments, standard input and standard output.
pub fn main() -> ExitCode {
    run(&Schemes::default())
}

/// Runs the program, which also opens locations of these schemes. A program of its own adds plug-ins to
/// lazyhex in this way:
///
/// ```no_run
/// # use memmap::{Result, plugin::{Mapping, Opener, Origin, Request, Schemes}};
/// # #[derive(Debug)] struct Zip;
/// # #[derive(Debug)] struct Member;
/// # impl Opener for Zip {
/// #     type Source = str;
/// #     type Mapping = Member;
/// #     fn origin(&self, location: &str) -> Origin { location.into() }
/// #     fn open(&self, _: &str, _: &Request) -> Result<Member> { Ok(Member) }
/// # }
/// # impl Mapping for Member {
/// #     fn len(&self) -> u64 { 0 }
/// #     fn read_into(&self, _: u64, _: &mut [u8]) -> Result<()> { Ok(()) }
/// # }
/// fn main() -> std::process::ExitCode {
///     lazyhex::run(&Schemes::default().with("zip", Zip))
/// }
/// ```
pub fn run(schemes: &Schemes) -> ExitCode {
    let schemes = &args::with_servers(args::with_processes(schemes.clone()));
    job_control::survive_long_files();
    let arguments: Vec<_> = env::args_os().collect();
    let code_of_failure = args::code_of_failure(&arguments);
    let asked = match args::parse(arguments) {
        Ok(asked) => asked,
        Err(error) if error.use_stderr() => {
            say(&printable(&error.render().to_string()));
            return ExitCode::from(2);
        }
        Err(help) => {
            return match delivered(help.print()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(failure) => {
                    say(&format!("lazyhex: {failure}\n"));
                    ExitCode::from(code_of_failure)
                }
            };
        }
    };
    let done = match &asked {
        Invocation::Info(info) => return explain(info, schemes),
        Invocation::Find(asked) => return find::run(asked, schemes),
        Invocation::Stat(asked) => return stat::run(asked, schemes),
        Invocation::Diff(asked) => return diff::run(asked, schemes),
        Invocation::Tree(asked) => return cli::structure::tree(asked, schemes),
        Invocation::Get(asked) => return cli::structure::get(asked, schemes),
        Invocation::Formats(asked) => return cli::structure::formats(asked),
        Invocation::Patch(asked) => return cli::patch::run(asked, schemes),
        Invocation::Load(asked) => return cli::load::run(asked, schemes),
        Invocation::Bytes(_, what) if what.print_config => print_config(),
        Invocation::Bytes(_, what) if what.recover && what.files.is_empty() => {
            return cli::recover::list();
        }
        Invocation::Bytes(verb, what) => {
            // Like the pagers of git and others, the view needs a terminal that can place its
            // cursor.
            let can_view =
                io::stdout().is_terminal() && TerminalKind::of_environment() != TerminalKind::Dumb;
            let is_view = *verb == Verb::Look && can_view && !what.asks_for_dump();
            if what.diff && !is_view {
                Err(Failure::Usage(
                    "--diff opens the view, which needs a terminal; `lazyhex diff A B` prints the differences",
                ))
            } else if what.recover && !is_view {
                Err(Failure::Usage(
                    "--recover FILE opens the view, which needs a terminal; --recover alone lists the journals",
                ))
            } else if what.demo && !is_view {
                Err(Failure::Usage(
                    "--demo opens the view, which needs a terminal that can place its cursor (see TERM)",
                ))
            } else if is_view && !array::is_list(what, schemes) {
                cli::show::show(what, schemes)
            } else if what.elements.are_asked_for() {
                array::print(what, schemes)
            } else {
                dump::print(what, schemes)
            }
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Told) => ExitCode::FAILURE,
        Err(failure) => {
            say(&format!("lazyhex: {failure}\n"));
            let is_usage =
                matches!(failure, Failure::Usage(_) | Failure::Shape(_) | Failure::Asked(_));
            ExitCode::from(if is_usage { 2 } else { 1 })
        }
    }
}

/// Describes each file. Errors are reported, and the other files are still described.
fn explain(info: &InfoArgs, schemes: &Schemes) -> ExitCode {
    let mut stdout = io::stdout().lock();
    let failed = |error: &dyn fmt::Display| {
        say(&format!("lazyhex: {error}\n"));
        ExitCode::FAILURE
    };
    let mut code = ExitCode::SUCCESS;
    let mut gap = "";
    for file in &info.files {
        let explanation = match schemes.explain(file) {
            Ok(explanation) => explanation,
            Err(error) => {
                code = failed(&error);
                continue;
            }
        };
        let npy = info::npy(&explanation, file, schemes);
        let plugin = (explanation.kind == FileKind::Plugin)
            .then(|| schemes.open(file, memmap::MemMap::options()).ok())
            .flatten();
        let is_plain = matches!(explanation.kind, FileKind::Regular | FileKind::BlockDevice);
        let packed = is_plain
            .then(|| schemes.open(file, memmap::MemMap::options()).ok())
            .flatten()
            .and_then(|map| source::packed::offer(&map));
        let text = if info.json {
            let mut value = info::json(&explanation);
            if let Some(offer) = &packed {
                value["packed"] = info::packed_json(offer);
            }
            value["array"] = info::npy_json(npy.as_ref(), explanation.len);
            if let Some(map) = &plugin {
                info::add_plugin_json(&mut value, map);
            }
            format!("{value}\n")
        } else {
            let npy = npy.map(|npy| info::npy_text(&npy, explanation.len)).unwrap_or_default();
            let plugin = plugin.as_ref().map(info::plugin_text).unwrap_or_default();
            let packed = packed.as_ref().map(info::packed_text).unwrap_or_default();
            format!("{}{explanation}{npy}{packed}{plugin}\n", std::mem::replace(&mut gap, "\n"))
        };
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Ok(()) => {}
            // The reader has closed the pipe.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return code,
            Err(error) => return failed(&Failure::Output(error)),
        }
    }
    code
}

/// Prints a message to standard error. Errors are ignored, as it may be closed or full.
fn say(text: &str) {
    io::stderr().write_all(text.as_bytes()).ok();
}

/// Why the program failed.
#[derive(Debug)]
enum Failure {
    /// The arguments are invalid.
    Usage(&'static str),
    /// The format has no lines of this shape.
    Shape(ShapeError),
    /// The source cannot be opened or read.
    Source(Error),
    /// The array options do not describe a valid array.
    Asked(memmap::array::Error),
    /// The file is not the expected array.
    Array(memmap::array::Error),
    /// The last element is incomplete.
    Incomplete {
        /// Its offset.
        at: u64,
        /// Number of bytes available.
        len: u64,
        /// Number of bytes needed.
        needed: u64,
    },
    /// An element is too long to print.
    LongElement {
        /// Its length in bytes.
        len: usize,
    },
    /// The output could not be written.
    Output(io::Error),
    /// The terminal cannot be used.
    Terminal(io::Error),
    /// A signal ended the view.
    Terminated,
    /// The errors were already reported, file by file.
    Told,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(what) => f.write_str(what),
            Self::Shape(error) => error.fmt(f),
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
            Self::Told => f.write_str("not every file could be read"),
        }
    }
}

/// The error of a source, with advice. `limited` is the advice for a source that may have no end.
fn described(error: &Error, limited: &str) -> String {
    let origin = error.origin().map_or_else(|| "\"-\"".to_owned(), Origin::to_string);
    // Only an offset from the end requests bytes from the first one on.
    if let &ErrorKind::OutOfBounds { offset: 0, len, bound } = error.kind() {
        return format!(
            "cannot {} {origin}: {len} bytes before its end is before its start, as it has {bound} \
             bytes; use an offset of at least -{bound}",
            error.op()
        );
    }
    match not_mappable(error.kind(), limited) {
        Some((kind, advice)) => {
            format!("cannot {} {origin}: it is {kind}; {advice}", error.op())
        }
        None => error.to_string(),
    }
}

/// Advice for a file that cannot be mapped. The library's own advice is for programmers.
fn not_mappable(kind: &ErrorKind, limited: &str) -> Option<(FileKind, String)> {
    let &ErrorKind::NotMappable { kind } = kind else { return None };
    let advice = match kind {
        FileKind::Directory => return None,
        FileKind::Socket => "connect to it, and pipe what it sends into `lazyhex -`".to_owned(),
        FileKind::CharDevice | FileKind::Proc | FileKind::Sys | FileKind::Pseudo => {
            format!("it may have no end, so say how much of it to {limited}")
        }
        _ => "pipe its bytes into `lazyhex -`".to_owned(),
    };
    Some((kind, advice))
}

/// The inputs; standard input if no file was named.
fn inputs<'a>(what: &'a BytesArgs, schemes: &'a Schemes) -> Result<Vec<SourceArg<'a>>, Failure> {
    if what.files.is_empty() {
        if io::stdin().is_terminal() {
            return Err(Failure::Usage("no file; name one, or pipe the bytes into standard input"));
        }
        return Ok(vec![SourceArg::Stdin]);
    }
    Ok(what.files.iter().map(|file| SourceArg::of(Some(file), schemes)).collect())
}

/// Opens the only file. Returns the start offset, too; `length` bytes must exist from there on, or
/// the rest is used.
fn opened(
    what: &BytesArgs,
    schemes: &Schemes,
    length: Option<u64>,
) -> Result<(Source, u64), Failure> {
    let [input] = inputs(what, schemes)?[..] else {
        return Err(Failure::Usage("elements are printed from a single file; name only one"));
    };
    let skip = what.skip.unwrap_or_default();
    let wanted = match skip {
        Offset::FromStart(skip) => ReadOptions { skip, length, tail: None },
        Offset::FromEnd(_) => ReadOptions::default(),
    };
    let source = cli::unpacking::open(input, wanted).map_err(Failure::Source)?;
    let start = part::start(source.base + source.map.len(), skip)
        .map_err(|error| Failure::Source(part::placed(&source.map, error)))?;
    Ok((source, start))
}

fn print_config() -> Result<(), Failure> {
    delivered(io::stdout().write_all(config::default_text().as_bytes()))
}

/// Flushes standard output. A reader that closed the pipe is not a failure.
fn delivered(printed: io::Result<()>) -> Result<(), Failure> {
    match printed.and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed.map_err(Failure::Output),
    }
}
