//! Arguments of `lazyhex diff`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Parser;

use super::{UnpackArgs, parse_positive, parse_size};
use crate::format::parse_size::{Part, parse_part};

/// Compare two files byte by byte, and list the ranges that differ.
///
/// Each difference is a line: its offset, its length, and the first bytes of both files. The files are
/// compared at the same offsets, or with --aligned, which finds what was inserted and deleted. Both are
/// read once, on all processors; a hole that both have is not read. Bytes that cannot be read are listed
/// as not compared.
#[derive(Debug, Parser)]
#[command(name = "lazyhex diff", version, override_usage = "lazyhex diff [OPTIONS] A B")]
#[command(after_help = "\
Counts: 4096, 0x1000, 4K or 4KiB (4096), 4kB (4000), 1.5K (1536); also M, G, T, P.
Exit codes, as of cmp: 0 equal, 1 different, 2 wrong usage, or something was not compared: a file \
or a part of one cannot be read, or the comparison was interrupted.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct DiffArgs {
    /// The first file; `-` is standard input, kept in a temporary file
    #[arg(value_name = "A")]
    pub(crate) a: PathBuf,
    /// The second file; `-` is standard input, kept in a temporary file
    #[arg(value_name = "B")]
    pub(crate) b: PathBuf,
    #[command(flatten)]
    pub(crate) unpack: UnpackArgs,
    /// Find what was inserted and deleted, and not only what differs at the same offsets
    #[arg(long)]
    pub(crate) aligned: bool,
    /// Print one JSON object per difference, and one at the end, each on its own line
    #[arg(long)]
    pub(crate) json: bool,
    /// Write a patch that makes B of A to this new file, in the format of its extension: .ips, .bps or
    /// .bsdiff. A file that exists is never replaced
    #[arg(long, value_name = "OUT")]
    #[arg(conflicts_with_all = ["aligned", "json", "count", "quiet", "limit", "range"])]
    pub(crate) patch: Option<PathBuf>,
    /// Print only the number of bytes that differ. Those that one file has alone count
    #[arg(short, long, conflicts_with_all = ["json", "quiet"])]
    pub(crate) count: bool,
    /// Print nothing: the exit code says whether the files are equal. Stops at the first difference
    #[arg(short, long, conflicts_with_all = ["json", "aligned", "limit"])]
    pub(crate) quiet: bool,
    /// Stop after COUNT differences
    #[arg(short = 'm', long, value_name = "COUNT", value_parser = parse_positive)]
    #[arg(conflicts_with = "count")]
    pub(crate) limit: Option<u64>,
    /// Compare only these bytes, as 4K..1M or -4K.. (the last 4 KiB). Given twice, the second one is
    /// for B
    #[arg(long, value_name = "START..END", value_parser = parse_part)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) range: Vec<Part>,
    /// Number of threads (default: number of processors)
    #[arg(long, value_name = "COUNT", value_parser = parse_size)]
    pub(crate) threads: Option<NonZeroUsize>,
}

impl DiffArgs {
    /// The parts of both files; `None` if there are too many.
    pub(crate) fn parts(&self) -> Option<[Part; 2]> {
        match self.range[..] {
            [] => Some([Part::default(); 2]),
            [both] => Some([both; 2]),
            [a, b] => Some([a, b]),
            _ => None,
        }
    }
}
