use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::format::Format;
use crate::number::parse_count;
use crate::theme::ColorChoice;

/// Look into files of any size.
///
/// On a terminal lazyhex opens a view (press ? in it for its keys). When its output is not a
/// terminal, or with `dump` or an option of the dump, it prints.
#[derive(Debug, Parser)]
#[command(name = "lazyhex", version, args_conflicts_with_subcommands = true)]
#[command(after_help = "Counts: 4096, 0x1000, 4K, 1M, 2G, 1T. \
                        Exit codes: 0 done, 1 failed, 2 wrong usage.")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) what: What,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the bytes, on a terminal too
    Dump(What),
}

#[derive(Debug, Args)]
pub(crate) struct What {
    /// The file; `-` or nothing reads standard input into memory
    pub(crate) file: Option<PathBuf>,
    /// Start at this offset
    #[arg(short, long, value_name = "COUNT", value_parser = parse_count)]
    pub(crate) skip: Option<u64>,
    /// Print at most this many bytes
    #[arg(short = 'n', long, value_name = "COUNT", value_parser = parse_count)]
    pub(crate) length: Option<u64>,
    /// How to print
    #[arg(short, long, value_enum)]
    pub(crate) format: Option<Format>,
    /// Print repeated lines in full
    #[arg(short = 'v', long)]
    pub(crate) no_squeeze: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: ColorChoice,
}

impl What {
    /// Whether something was asked for that only a dump can give.
    pub(crate) const fn asks_for_dump(&self) -> bool {
        self.length.is_some() || self.format.is_some() || self.no_squeeze
    }
}
