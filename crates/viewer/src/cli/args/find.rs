//! Arguments of `lazyhex find`.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Parser;
use thiserror::Error;

use super::one_of::{Flag, Flags, OneOf};
use super::unpack::NoFile;
use super::{UnpackArgs, parse_positive, parse_size, process};
use crate::format::parse_size::{BadNumber, Part, parse_count, parse_part};
use crate::format::theme::ColorChoice;
use crate::search::notation::Notation;

/// Find bytes in files: text, hex with wildcards, a regular expression, a number.
///
/// Each match is printed with its offset in hexadecimal and the 16 bytes from there on. Files of
/// any size are searched on all processors; unreadable ranges are reported, and the rest is still
/// searched.
#[derive(Debug, Parser)]
#[command(
    name = "lazyhex find",
    version,
    override_usage = "lazyhex find [OPTIONS] PATTERN [FILE]...\n       \
                      lazyhex find [OPTIONS] -e PATTERN... [FILE]...\n       \
                      lazyhex find --embedded [OPTIONS] [FILE]..."
)]
#[command(after_help = "\
Patterns:
  --text 'some words'              --regex '\\d{4}-\\d\\d-\\d\\d'   (over bytes; (?u) for Unicode)
  --hex 'DE AD ?? E? (01|02 03)'   --utf16 'some words'
  --hex also takes 0x48 0x65, \\x48\\x65, 48:65 and 48-65
  --number u32le=1000    i16be=-5..5    f64le=3.14~0.01    u64le=4096@8 (at multiples of 8)
Counts: 4096, 0x1000, 4K or 4KiB (4096), 4kB (4000), 1.5K (1536); also M, G, T, P.
Exit codes, as of grep: 0 found, 1 not found, 2 wrong usage, or something was not searched: a file
or a part of one cannot be read, a match is longer than --window, the search was interrupted.
Put a pattern that starts with `-` after `-e` or `--`.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct FindArgs {
    /// The pattern to find
    #[arg(value_name = "PATTERN", required_unless_present_any = ["patterns", "embedded"])]
    first: Option<OsString>,
    /// The files; `-` or none searches standard input as it comes, or with --embedded keeps it in a temporary file
    #[arg(value_name = "FILE", value_parser = process::file())]
    others: Vec<PathBuf>,
    /// Search the memory of the process with this number, as `pid://PID` and `/proc/PID/mem` do. Offsets are
    /// addresses. Linux
    #[arg(long, value_name = "PID", value_parser = process::pid())]
    pid: Option<PathBuf>,
    #[command(flatten)]
    unpack: UnpackArgs,
    /// Find this pattern; may be given several times to find any of them. If several match at the
    /// same byte, the first one given wins
    #[arg(short = 'e', long = "pattern", value_name = "PATTERN", allow_hyphen_values = true)]
    patterns: Vec<OsString>,
    /// Find files of known formats inside of files: where a description's magic occurs, and its first
    /// fields are valid. `lazyhex formats` lists the formats
    #[arg(long, conflicts_with_all = ["patterns", "notation", "ignore_case", "overlapping", "shown", "context"])]
    pub(crate) embedded: bool,
    /// A directory with descriptions, as for `lazyhex tree`
    #[arg(long = "formats", value_name = "DIR", requires = "embedded")]
    #[arg(value_parser = super::structure::directory())]
    pub(crate) formats: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) notation: OneOf<Notation>,
    /// Ignore case
    #[arg(short, long)]
    pub(crate) ignore_case: bool,
    /// Report every offset at which a match starts, even within another match
    #[arg(long)]
    pub(crate) overlapping: bool,
    #[command(flatten)]
    pub(crate) shown: OneOf<Shown>,
    /// Print one JSON object per match and per file, each on its own line. If a path is not UTF-8,
    /// `path_is_lossy` is true, and `path_bytes` has the path in base64
    #[arg(long, conflicts_with = "only-matching")]
    pub(crate) json: bool,
    /// Print COUNT bytes before and after each match, at most 1M
    #[arg(short = 'C', long, value_name = "COUNT", value_parser = parse_context)]
    #[arg(conflicts_with_all = ["count", "only-matching"])]
    pub(crate) context: Option<u64>,
    /// Stop after COUNT matches in each file
    #[arg(short = 'm', long, value_name = "COUNT", value_parser = parse_positive)]
    pub(crate) limit: Option<u64>,
    /// Search only these bytes, as 4K..1M or -4K.. (the last 4 KiB); bytes outside are ignored,
    /// also by `^` and `\b`
    #[arg(long, value_name = "START..END", value_parser = parse_part)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) range: Option<Part>,
    /// Number of threads (default: number of processors)
    #[arg(long, value_name = "COUNT", value_parser = parse_size)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Maximum length of a match of an unbounded pattern (default 1M)
    #[arg(long, value_name = "COUNT", value_parser = parse_count)]
    pub(crate) window: Option<u64>,
    /// When to highlight matches
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: ColorChoice,
}

impl FindArgs {
    /// The patterns; a match of any of them counts.
    pub(crate) fn patterns(&self) -> &[OsString] {
        if self.patterns.is_empty() { self.first.as_slice() } else { &self.patterns }
    }

    /// Replaces packed files by the locations of what is in them, if that was asked for.
    pub(super) fn unpack_files(&mut self) -> Result<(), NoFile> {
        let is_file = self.embedded || !self.patterns.is_empty();
        let mut first = self.first.take_if(|_| is_file).map(PathBuf::from);
        let files = first.iter_mut().chain(&mut self.others).chain(&mut self.pid);
        self.unpack.apply(files)?;
        if first.is_some() {
            self.first = first.map(PathBuf::into_os_string);
        }
        Ok(())
    }

    /// The files.
    pub(crate) fn files(&self) -> Vec<&Path> {
        // With `-e` or `--embedded` the first argument is a file, too.
        let is_file = self.embedded || !self.patterns.is_empty();
        let first = self.first.as_deref().filter(|_| is_file);
        first
            .map(Path::new)
            .into_iter()
            .chain(self.others.iter().chain(&self.pid).map(PathBuf::as_path))
            .collect()
    }
}

impl Flags for Notation {
    const GROUP: &'static str = "notation";
    const ALL: &'static [Flag<Self>] = &[
        flag(Self::Text, "text", "PATTERN is a text in UTF-8 (the default)"),
        flag(Self::Hex, "hex", "PATTERN is bytes as hexadecimal digits, `?` for any"),
        flag(Self::Regex, "regex", "PATTERN is a regular expression over bytes"),
        Flag {
            alias: Some("utf16"),
            ..flag(Self::Utf16Le, "utf16le", "PATTERN is a text, stored in UTF-16LE")
        },
        flag(Self::Utf16Be, "utf16be", "PATTERN is a text, stored in UTF-16BE"),
        flag(Self::Latin1, "latin1", "PATTERN is a text, stored in ISO 8859-1"),
        flag(Self::Number, "number", "PATTERN is a number: its type, `=`, and a value or range"),
    ];
}

/// What to print of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Shown {
    /// Its offset and the bytes around it.
    #[default]
    Rows,
    /// Its offset and its own bytes.
    Bytes,
    /// Only the number of matches.
    Count,
}

impl Flags for Shown {
    const GROUP: &'static str = "shown";
    const ALL: &'static [Flag<Self>] = &[
        Flag { short: Some('c'), ..flag(Self::Count, "count", "Print only the number of matches") },
        Flag {
            short: Some('o'),
            alias: Some("offsets"),
            ..flag(Self::Bytes, "only-matching", "Print OFFSET:MATCH, as `grep -obUa` does")
        },
    ];
}

/// Maximum context of a match, which is held in memory.
const CONTEXT_MAX: u64 = 1 << 20;

/// Why so much around a match cannot be printed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
enum ContextError {
    #[error(transparent)]
    NotACount(#[from] BadNumber),
    #[error("at most 1M; `lazyhex dump --skip` prints any part of a file")]
    TooMuch,
}

fn parse_context(text: &str) -> Result<u64, ContextError> {
    let count = parse_count(text)?;
    if count > CONTEXT_MAX { Err(ContextError::TooMuch) } else { Ok(count) }
}

const fn flag<T>(choice: T, name: &'static str, help: &'static str) -> Flag<T> {
    Flag { choice, name, short: None, alias: None, help }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_is_a_count_and_not_a_part_of_a_file() {
        assert_eq!(parse_context("1M"), Ok(CONTEXT_MAX));
        assert_eq!(
            parse_context("1025K").unwrap_err().to_string(),
            "at most 1M; `lazyhex dump --skip` prints any part of a file"
        );
    }
}
