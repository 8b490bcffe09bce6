//! What `lazyhex find` takes.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Parser;
use thiserror::Error;

use super::one_of::{Flag, Flags, OneOf};
use crate::format::parse_size::{BadNumber, Part, parse_count, parse_part};
use crate::format::theme::ColorChoice;
use crate::search::notation::Notation;

/// Find bytes in files: text, hex with wildcards, a regular expression, a number.
///
/// Each match is printed with its offset in hexadecimal and the 16 bytes from there on. Files of any
/// size are searched by all processors; unreadable ranges are reported, and the rest is still searched.
#[derive(Debug, Parser)]
#[command(
    name = "lazyhex find",
    version,
    override_usage = "lazyhex find [OPTIONS] PATTERN [FILE]...\n       \
                      lazyhex find [OPTIONS] -e PATTERN... [FILE]..."
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
A pattern that starts with `-` stands behind `-e`, or behind `--`.")]
pub(crate) struct FindArgs {
    /// What to find
    #[arg(value_name = "PATTERN", required_unless_present = "patterns")]
    first: Option<OsString>,
    /// The files; `-` or none reads standard input into memory
    #[arg(value_name = "FILE")]
    others: Vec<PathBuf>,
    /// Find this; given several times, any of them. Where several match at the same byte, the first
    /// that was given counts
    #[arg(short = 'e', long = "pattern", value_name = "PATTERN", allow_hyphen_values = true)]
    patterns: Vec<OsString>,
    #[command(flatten)]
    pub(crate) notation: OneOf<Notation>,
    /// Letters match in upper and lower case
    #[arg(short, long)]
    pub(crate) ignore_case: bool,
    /// Count every byte at which a match starts, whatever covers it
    #[arg(long)]
    pub(crate) overlapping: bool,
    #[command(flatten)]
    pub(crate) shown: OneOf<Shown>,
    /// Print one JSON object for each match and each file, on a line of its own. Where a path is not
    /// UTF-8, `path_is_lossy` says so, and `path_bytes` has it in base64
    #[arg(long, conflicts_with = "only-matching")]
    pub(crate) json: bool,
    /// Print so many bytes before and behind each match, 1M at most
    #[arg(short = 'C', long, value_name = "COUNT", value_parser = parse_context)]
    #[arg(conflicts_with_all = ["count", "only-matching"])]
    pub(crate) context: Option<u64>,
    /// Stop after so many matches in each file
    #[arg(short = 'm', long, value_name = "COUNT")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// Search only these bytes, as 4K..1M or -4K.. (the last 4 KiB); nothing outside counts, for `^`
    /// and `\b` neither
    #[arg(long, value_name = "START..END", value_parser = parse_part)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) range: Option<Part>,
    /// Use at most so many threads; else as many as there are processors
    #[arg(long, value_name = "COUNT")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Maximum length of a match of an unbounded pattern (default 1M)
    #[arg(long, value_name = "COUNT", value_parser = parse_count)]
    pub(crate) window: Option<u64>,
    /// When to colour what was found
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: ColorChoice,
}

impl FindArgs {
    /// What to find: any of these.
    pub(crate) fn patterns(&self) -> &[OsString] {
        if self.patterns.is_empty() { self.first.as_slice() } else { &self.patterns }
    }

    /// Where.
    pub(crate) fn files(&self) -> Vec<&Path> {
        // With `-e` there is no pattern among them.
        let first = self.first.as_deref().filter(|_| !self.patterns.is_empty());
        first.map(Path::new).into_iter().chain(self.others.iter().map(PathBuf::as_path)).collect()
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

/// What of a match is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Shown {
    /// Its place, and the bytes around.
    #[default]
    Rows,
    /// Its place and its own bytes.
    Bytes,
    /// How many there are.
    Count,
}

impl Flags for Shown {
    const GROUP: &'static str = "shown";
    const ALL: &'static [Flag<Self>] = &[
        Flag { short: Some('c'), ..flag(Self::Count, "count", "Print only how many matches") },
        Flag {
            short: Some('o'),
            alias: Some("offsets"),
            ..flag(Self::Bytes, "only-matching", "Print OFFSET:MATCH, as `grep -obUa` does")
        },
    ];
}

/// More around a match is no context, and would have to be held in memory.
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
