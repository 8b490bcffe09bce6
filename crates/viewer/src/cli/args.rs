use std::ffi::OsString;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::error::{ErrorKind, Result};
use clap::{Args, Command, CommandFactory, FromArgMatches, Parser};

use memmap::array::{DType, Order};
use thiserror::Error;

use crate::cli::shape::Shape as ArrayShape;
use crate::format::Format;
use crate::format::parse_size::{Offset, parse_count, parse_offset};
use crate::format::shape::{Endian, Shape};
use crate::format::theme::ColorChoice;
use crate::view::array;

mod diff;
mod find;
mod load;
mod one_of;
mod patch;
mod places;
mod process;
mod remote;
mod stat;
mod structure;
mod unpack;

pub(crate) use diff::DiffArgs;
pub(crate) use find::{FindArgs, Shown};
pub(crate) use load::LoadArgs;
pub(crate) use patch::PatchArgs;
pub(crate) use process::with_processes;
pub(crate) use remote::with_servers;
pub(crate) use stat::StatArgs;
pub(crate) use structure::{BytesShown, FormatArgs, FormatsArgs, GetArgs, TreeArgs};
pub(crate) use unpack::UnpackArgs;

/// View and dump files of any size.
///
/// On a terminal, lazyhex opens a view (press ? in it for help). It prints a dump instead if its
/// output is not a terminal, or one that cannot place its cursor (TERM=dumb or unset), if an option
/// of the dump is given, or as `lazyhex dump`.
#[derive(Debug, Parser)]
#[command(name = "lazyhex", version)]
#[command(
    override_usage = "lazyhex [OPTIONS] [+OFFSET] [FILE]...\n       lazyhex dump [OPTIONS] [FILE]...\n       \
                            lazyhex find [OPTIONS] PATTERN [FILE]...\n       \
                            lazyhex stat [OPTIONS] FILE...\n       \
                            lazyhex diff [OPTIONS] A B\n       \
                            lazyhex tree [OPTIONS] FILE...\n       \
                            lazyhex get [OPTIONS] FILE EXPRESSION\n       \
                            lazyhex formats [--formats DIR]\n       \
                            lazyhex patch FILE --at OFFSET --bytes HEX\n       \
                            lazyhex patch FILE PATCH [-o OUT]\n       \
                            lazyhex load DUMP -o FILE\n       \
                            lazyhex info [--json] FILE..."
)]
#[command(
    after_help = "Counts: 4096, 0x1000, 4K or 4KiB (4096), 4kB (4000), 1.5K (1536); also M, G, T, P. \
                        Exit codes: 0 done, 1 failed, 2 wrong usage.\n\
                        `lazyhex FILE:0x400` and `lazyhex +0x400 FILE` start there, as \
                        `--skip 0x400` does.\n\
                        `lazyhex find --help` explains that one, and so for `stat`, `diff`, `tree`, \
                        `get`, `formats`, `patch`, `load` and `info`. \
                        A file called as one of them is `./dump`."
)]
struct Cli {
    #[command(flatten)]
    what: BytesArgs,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct BytesArgs {
    /// The file; `-` or none is standard input. What comes through a pipe is printed, or shown by the view, as it
    /// comes; the view keeps it in a temporary file (TMPDIR, else /var/tmp). Several files open as tabs of the
    /// view, and are printed as one stream
    #[arg(value_name = "FILE", value_parser = process::file())]
    pub(crate) files: Vec<PathBuf>,
    /// Read the memory of the process with this number, as `pid://PID` and `/proc/PID/mem` do. Offsets are
    /// addresses. Linux
    #[arg(long, value_name = "PID", value_parser = process::pid())]
    pub(crate) pid: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) unpack: UnpackArgs,
    /// Start at this offset; -16 is 16 bytes before the end. On a terminal, the view opens there
    #[arg(short, long, value_name = "OFFSET", value_parser = parse_offset)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) skip: Option<Offset>,
    /// Print at most this many bytes
    #[arg(short = 'n', long, value_name = "COUNT", value_parser = parse_count)]
    pub(crate) length: Option<u64>,
    /// Output format. c, rust, python and json print one file; bytes that cannot be read are an error, and
    /// what closes the array is then missing
    #[arg(short, long, value_enum)]
    pub(crate) format: Option<Format>,
    /// Bytes per line: 1 to 256 (xxd, bits), any number (c, rust, python, json), or 0 for a single line
    /// (plain)
    #[arg(long, value_name = "COUNT")]
    pub(crate) columns: Option<usize>,
    /// Bytes per group (xxd, bits); 0 for one group per line
    #[arg(long, value_name = "COUNT")]
    pub(crate) group: Option<usize>,
    /// Order of the bytes in a group (xxd); `little` prints groups of four bytes, as `xxd -e` does
    #[arg(long, value_name = "ORDER", value_enum)]
    pub(crate) endian: Option<Endian>,
    /// Print repeated lines in full
    #[arg(short = 'v', long)]
    pub(crate) no_squeeze: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: ColorChoice,
    /// Follow a file as it grows, from its end (in the view)
    #[arg(long)]
    pub(crate) follow: bool,
    /// Check the file for changes every SECONDS seconds (in the view)
    #[arg(long, value_name = "SECONDS", value_parser = parse_positive)]
    pub(crate) refresh: Option<u64>,
    /// A directory with descriptions of formats, as for `lazyhex tree` (in the view); may be given several times
    #[arg(long, value_name = "DIR", value_parser = structure::directory())]
    pub(crate) formats: Vec<PathBuf>,
    /// Compare two files: open them side by side (in the view). `lazyhex diff` prints the differences
    #[arg(long)]
    pub(crate) diff: bool,
    /// Open a sample file with a guided tour
    #[arg(long, conflicts_with = "files")]
    pub(crate) demo: bool,
    /// Allow edits from the start (in the view); :write saves them
    #[arg(short, long)]
    pub(crate) writable: bool,
    /// Ask what an earlier session left of FILE: a saving that was cut short, edits that were not saved or
    /// were discarded. Without FILE, list all journals
    #[arg(long)]
    pub(crate) recover: bool,
    /// Keep no journal of edits
    #[arg(long)]
    pub(crate) no_journal: bool,
    /// Do not load or save marks, history and position
    #[arg(long)]
    pub(crate) no_session: bool,
    /// Leave the mouse to the terminal
    #[arg(long)]
    pub(crate) no_mouse: bool,
    /// Print the default configuration, with its path and the action names for key bindings
    #[arg(long)]
    pub(crate) print_config: bool,
    #[command(flatten)]
    pub(crate) elements: ElementArgs,
}

/// Options for array elements: what to show or print, and their layout in the file.
#[derive(Debug, Args)]
#[command(next_help_heading = "Elements instead of bytes")]
pub(crate) struct ElementArgs {
    /// The array of a .npy file; for a .npz file, list its arrays
    #[arg(long, conflicts_with_all = ["format", "no_squeeze", "columns", "group", "endian", "dtype"])]
    pub(crate) array: bool,
    /// The array of this name in a .npz file
    #[arg(long, value_name = "NAME", conflicts_with_all = ["format", "no_squeeze", "columns", "group", "endian", "dtype"])]
    pub(crate) member: Option<String>,
    /// Element type in numpy notation: f4, >i2, "i4, (3,)f8"; or {id:u4,n:u2}
    #[arg(long, value_name = "TYPE", value_parser = array::dtype)]
    #[arg(conflicts_with_all = ["format", "no_squeeze", "columns", "group", "endian"])]
    pub(crate) dtype: Option<DType>,
    /// Array shape, e.g. 3,4 (default: one dimension, to the end of the file)
    #[arg(long, value_name = "LENGTHS", requires = "dtype")]
    pub(crate) shape: Option<ArrayShape>,
    /// Memory order: C (row-major) or F (column-major)
    #[arg(long, value_name = "C|F", requires = "shape", value_parser = array::parse_order)]
    pub(crate) order: Option<Order>,
    /// Bytes from the start of one element to the next
    #[arg(long, value_name = "COUNT", requires = "dtype", value_parser = parse_count)]
    pub(crate) stride: Option<u64>,
}

impl ElementArgs {
    /// Whether to print elements rather than bytes.
    pub(crate) const fn are_asked_for(&self) -> bool {
        self.array || self.member.is_some() || self.dtype.is_some()
    }
}

impl BytesArgs {
    /// The shape of the lines of a dump.
    pub(crate) const fn shape(&self) -> Shape {
        Shape { columns: self.columns, group: self.group, endian: self.endian }
    }

    /// Whether an option was given that only a dump supports.
    pub(crate) fn asks_for_dump(&self) -> bool {
        self.length.is_some()
            || self.format.is_some()
            || self.no_squeeze
            || self.shape() != Shape::default()
    }
}

/// Show how files can be mapped, and what prevents it.
///
/// For each file: its type and length, how much of it is stored and resident, its file system, the
/// modes in which it can be mapped and the reasons why not, the limits of this process (which also
/// apply to other programs started from the same shell), warnings, and the array in a .npy file.
/// Nothing is created or changed. Pipes and character devices are not opened.
#[derive(Debug, Parser)]
#[command(name = "lazyhex info", version, override_usage = "lazyhex info [--json] FILE...")]
#[command(after_help = "Exit codes: 0 done, 1 failed for one file or more, 2 wrong usage.")]
pub(crate) struct InfoArgs {
    /// The files, which may also be directories, pipes and devices
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print one JSON object per file, each on its own line; for a path that is not UTF-8,
    /// `path_bytes` has it in base64
    #[arg(long)]
    pub(crate) json: bool,
}

/// All command lines, each with its subcommand; the main one has none.
pub(crate) fn command_lines() -> Vec<(&'static str, Command)> {
    let dump = Cli::command().about("Print, even on a terminal").long_about(None);
    vec![
        ("lazyhex", Cli::command()),
        ("dump", dump.override_usage("lazyhex dump [OPTIONS] [FILE]...")),
        ("find", FindArgs::command()),
        ("stat", StatArgs::command()),
        ("diff", DiffArgs::command()),
        ("tree", TreeArgs::command()),
        ("get", GetArgs::command()),
        ("formats", FormatsArgs::command()),
        ("patch", PatchArgs::command()),
        ("load", LoadArgs::command()),
        ("info", InfoArgs::command()),
    ]
}

/// The parsed command line.
#[derive(Debug)]
pub(crate) enum Invocation {
    /// View or dump a source.
    Bytes(Verb, BytesArgs),
    /// Describe files.
    Info(InfoArgs),
    /// Search files.
    Find(Box<FindArgs>),
    /// Summarize files.
    Stat(StatArgs),
    /// Compare two files.
    Diff(DiffArgs),
    /// Print the fields of files.
    Tree(TreeArgs),
    /// Print the value of an expression.
    Get(GetArgs),
    /// List the formats.
    Formats(FormatsArgs),
    /// Apply a patch.
    Patch(PatchArgs),
    /// Make a file of its dump.
    Load(LoadArgs),
}

/// How to output a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// View on a terminal, dump otherwise.
    Look,
    /// Dump, even on a terminal.
    Dump,
}

/// The exit code if nothing can be printed. `find` uses 2 like grep, whose 1 means no match, and so do
/// `diff` and the commands that look for a format.
pub(crate) fn code_of_failure(arguments: &[OsString]) -> u8 {
    let looks = |word: &OsString| ["diff", "find", "tree", "get"].iter().any(|it| word == it);
    if arguments.get(1).is_some_and(looks) { 2 } else { 1 }
}

/// A text that is not a number of at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("it is a whole number, 1 or more")]
struct NotPositive;

fn parse_positive(text: &str) -> Result<u64, NotPositive> {
    text.parse().map(NonZeroU64::get).ok().ok_or(NotPositive)
}

fn parse_size(text: &str) -> Result<NonZeroUsize, NotPositive> {
    text.parse().ok().ok_or(NotPositive)
}

/// The error for arguments that contradict each other.
fn refused(mut command: Command, why: impl std::fmt::Display) -> clap::Error {
    command.error(ErrorKind::ArgumentConflict, why)
}

/// Parses the arguments. `dump` is not a clap subcommand: it shares its options with the view, and
/// any other first word is a file name. The other subcommands have their own options.
pub(crate) fn parse(mut arguments: Vec<OsString>) -> Result<Invocation> {
    let word = arguments.get(1).and_then(|word| word.to_str());
    let verb = match word {
        Some("info") => {
            arguments.remove(1);
            return Ok(Invocation::Info(InfoArgs::try_parse_from(arguments)?));
        }
        Some("find") => {
            arguments.remove(1);
            let mut asked = FindArgs::try_parse_from(arguments)?;
            asked.unpack_files().map_err(|why| refused(FindArgs::command(), why))?;
            return Ok(Invocation::Find(Box::new(asked)));
        }
        Some("stat") => {
            arguments.remove(1);
            let mut asked = StatArgs::try_parse_from(arguments)?;
            asked.files.extend(asked.pid.take());
            let unpacked = asked.unpack.apply(&mut asked.files);
            unpacked.map_err(|why| refused(StatArgs::command(), why))?;
            return Ok(Invocation::Stat(asked));
        }
        Some("diff") => {
            arguments.remove(1);
            let mut asked = DiffArgs::try_parse_from(arguments)?;
            let unpacked = asked.unpack.apply([&mut asked.a, &mut asked.b]);
            unpacked.map_err(|why| refused(DiffArgs::command(), why))?;
            return Ok(Invocation::Diff(asked));
        }
        Some("tree") => {
            arguments.remove(1);
            let mut asked = TreeArgs::try_parse_from(arguments)?;
            let unpacked = asked.unpack.apply(&mut asked.files);
            unpacked.map_err(|why| refused(TreeArgs::command(), why))?;
            return Ok(Invocation::Tree(asked));
        }
        Some("get") => {
            arguments.remove(1);
            let mut asked = GetArgs::try_parse_from(arguments)?;
            let unpacked = asked.unpack.apply([&mut asked.file]);
            unpacked.map_err(|why| refused(GetArgs::command(), why))?;
            return Ok(Invocation::Get(asked));
        }
        Some("formats") => {
            arguments.remove(1);
            return Ok(Invocation::Formats(FormatsArgs::try_parse_from(arguments)?));
        }
        Some("patch") => {
            arguments.remove(1);
            return Ok(Invocation::Patch(PatchArgs::try_parse_from(arguments)?));
        }
        Some("load") => {
            arguments.remove(1);
            return Ok(Invocation::Load(LoadArgs::try_parse_from(arguments)?));
        }
        Some("dump") => {
            arguments.remove(1);
            Verb::Dump
        }
        _ => Verb::Look,
    };
    let matches = Cli::command().try_get_matches_from(arguments)?;
    let mut what = Cli::from_arg_matches(&matches)?.what;
    what.files.extend(what.pid.take());
    what.take_places().map_err(|why| refused(Cli::command(), why))?;
    let unpacked = what.unpack.apply(&mut what.files);
    unpacked.map_err(|why| refused(Cli::command(), why))?;
    Ok(Invocation::Bytes(verb, what))
}
