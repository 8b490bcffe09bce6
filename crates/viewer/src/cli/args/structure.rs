//! Arguments of `lazyhex tree`, `get` and `formats`.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, Parser, ValueEnum};

use super::UnpackArgs;

/// The path of a directory that exists: a typing mistake must not hide descriptions.
pub(super) fn directory() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| {
        if path.is_dir() { Ok(path) } else { Err("there is no directory of this name") }
    })
}

/// Which description a file is read by.
#[derive(Debug, Args)]
pub(crate) struct FormatArgs {
    /// The format: a name of `lazyhex formats`, or the path of a description (.ksy). Without it the
    /// format is recognised
    #[arg(short, long, value_name = "NAME|FILE.ksy")]
    pub(crate) format: Option<String>,
    /// A directory with descriptions, which come before those built in; may be given several times.
    /// `lazyhex/formats` in the data directory of the user (`$XDG_DATA_HOME`) is searched as well
    #[arg(long = "formats", value_name = "DIR", value_parser = directory())]
    pub(crate) directories: Vec<PathBuf>,
}

/// Print the fields of files, as a description of their format names them.
///
/// Descriptions are in the language of Kaitai Struct. Fields are read as they are printed, and a file of
/// any size needs the same memory. A mistake in the file is shown where it is, and the rest is still read.
#[derive(Debug, Parser)]
#[command(name = "lazyhex tree", version, override_usage = "lazyhex tree [OPTIONS] FILE...")]
#[command(
    after_help = "Exit codes: 0 all was printed, 1 the format of a file is not known, 2 trouble: a \
                        mistake in a file or description, a part that cannot be read, or it was \
                        interrupted."
)]
pub(crate) struct TreeArgs {
    /// The files; `-` is standard input, kept in a temporary file
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) unpack: UnpackArgs,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
    /// Print only so many levels below the root
    #[arg(short, long, value_name = "LEVELS")]
    pub(crate) depth: Option<usize>,
    /// Print one JSON object for each node, each on its own line
    #[arg(long)]
    pub(crate) json: bool,
    /// Bytes in JSON: the first 64, or all
    #[arg(long, value_enum, default_value_t, value_name = "HOW")]
    pub(crate) bytes: BytesShown,
    /// Read everything in the order of Kaitai's compilers, and stop at the first mistake
    #[arg(long)]
    pub(crate) strict: bool,
}

/// How many of a field's bytes JSON has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum BytesShown {
    /// The first 64.
    #[default]
    Some,
    /// All.
    All,
}

/// Print the value of an expression, or the bytes of a field.
///
/// The expression is one of the language of descriptions: `header.section_headers[3].name`,
/// `packets[17].len - 4`. Only what it needs is read.
#[derive(Debug, Parser)]
#[command(name = "lazyhex get", version, override_usage = "lazyhex get [OPTIONS] FILE EXPRESSION")]
#[command(
    after_help = "Exit codes: 0 printed, 1 the format of the file is not known, or the field is absent, \
                        2 trouble: the expression has no value, or a part cannot be read."
)]
pub(crate) struct GetArgs {
    /// The file; `-` is standard input, kept in a temporary file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// What to print; an empty one is the whole file
    #[arg(value_name = "EXPRESSION")]
    pub(crate) expression: String,
    #[command(flatten)]
    pub(crate) unpack: UnpackArgs,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
    /// Write the bytes of the field, and nothing else
    #[arg(long, conflicts_with = "json")]
    pub(crate) raw: bool,
    /// Print one JSON object for each node, each on its own line
    #[arg(long)]
    pub(crate) json: bool,
    /// Bytes in JSON: the first 64, or all
    #[arg(long, value_enum, default_value_t, value_name = "HOW")]
    pub(crate) bytes: BytesShown,
    /// Levels to print below an object or a list
    #[arg(short, long, value_name = "LEVELS", default_value_t = 1)]
    pub(crate) depth: usize,
}

/// List the formats that files can be read by.
#[derive(Debug, Parser)]
#[command(name = "lazyhex formats", version, override_usage = "lazyhex formats [--formats DIR]")]
#[command(after_help = "Exit codes: 0 done, 1 a description could not be read, 2 wrong usage.")]
pub(crate) struct FormatsArgs {
    /// A directory with descriptions, as for `lazyhex tree`
    #[arg(long = "formats", value_name = "DIR", value_parser = directory())]
    pub(crate) directories: Vec<PathBuf>,
}
