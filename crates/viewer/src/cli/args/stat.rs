//! Arguments of `lazyhex stat`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Parser;

use super::{UnpackArgs, parse_size, process};

use crate::format::parse_size::{Part, parse_part};

/// Summarize files: byte counts, entropy, longest runs, text and holes.
///
/// A file is read once, on all processors; holes are not read.
#[derive(Debug, Parser)]
#[command(name = "lazyhex stat", version, override_usage = "lazyhex stat [OPTIONS] FILE...")]
#[command(after_help = "\
Counts: 4096, 0x1000, 4K or 4KiB (4096), 4kB (4000), 1.5K (1536); also M, G, T, P.
Exit codes: 0 done, 1 a file or a part of one could not be read, or it was interrupted, \
2 wrong usage.")]
pub(crate) struct StatArgs {
    /// The files; `-` reads standard input
    #[arg(required_unless_present = "pid", value_name = "FILE", value_parser = process::file())]
    pub(crate) files: Vec<PathBuf>,
    /// Read the memory of the process with this number, as `pid://PID` and `/proc/PID/mem` do. Offsets are
    /// addresses. Linux
    #[arg(long, value_name = "PID", value_parser = process::pid())]
    pub(crate) pid: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) unpack: UnpackArgs,
    /// Print one JSON object per file, each on its own line; for a path that is not UTF-8,
    /// `path_bytes` has it in base64
    #[arg(long)]
    pub(crate) json: bool,
    /// Only these bytes, as 4K..1M or -4K.. (the last 4 KiB)
    #[arg(long, value_name = "START..END", value_parser = parse_part)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) range: Option<Part>,
    /// Minimum length of a string, in printable characters
    #[arg(long, value_name = "COUNT", default_value = "4")]
    #[arg(value_parser = parse_size)]
    pub(crate) min_string: NonZeroUsize,
    /// Number of threads (default: number of processors)
    #[arg(long, value_name = "COUNT", value_parser = parse_size)]
    pub(crate) threads: Option<NonZeroUsize>,
}
