//! Compiles the patterns of the command line.

use std::ffi::{OsStr, OsString};
use std::fmt::{self, Display};

use memmap::scan::{Pattern, PatternError};

use crate::cli::args::FindArgs;
use crate::search::notation::{Notation, compiled};

/// The compiled pattern, or an error on one line.
pub(crate) fn pattern(asked: &FindArgs) -> Result<Pattern, NoPattern> {
    let all = asked.patterns();
    let is_one = all.len() == 1;
    let one = |(given, number): (&OsString, usize)| {
        one(asked, given).map_err(|why| match why {
            NoPattern::Wrong(error) if !is_one => NoPattern::WrongOf(number, error),
            why => why,
        })
    };
    let mut all: Vec<Pattern> = all.iter().zip(1..).map(one).collect::<Result<_, _>>()?;
    let pattern = match all.pop() {
        Some(only) if all.is_empty() => only,
        last => Pattern::any(all.into_iter().chain(last)).map_err(NoPattern::Together)?,
    };
    Ok(pattern.overlapping(asked.overlapping))
}

/// Compiles one of the patterns.
fn one(asked: &FindArgs, given: &OsStr) -> Result<Pattern, NoPattern> {
    let notation = asked.notation.0;
    let ignores_case = asked.ignore_case;
    let Some(text) = given.to_str() else {
        // Text in another encoding is searched for as bytes.
        return match notation {
            Notation::Text if !ignores_case => {
                Pattern::literal(given.as_encoded_bytes()).map_err(NoPattern::Wrong)
            }
            _ => Err(NoPattern::NotUnicode),
        };
    };
    if ignores_case && matches!(notation, Notation::Hex | Notation::Number) {
        return Err(NoPattern::NoCase);
    }
    compiled(text, notation, ignores_case).map_err(NoPattern::Wrong)
}

/// The bytes of a match, if they are the same for all matches.
pub(crate) fn fixed(asked: &FindArgs) -> Option<Vec<u8>> {
    let [only] = asked.patterns() else { return None };
    let is_fixed = asked.notation.0 == Notation::Text && !asked.ignore_case;
    is_fixed.then(|| only.as_encoded_bytes().to_vec())
}

/// Why there is no pattern.
#[derive(Debug)]
pub(crate) enum NoPattern {
    NotUnicode,
    NoCase,
    Wrong(PatternError),
    /// An error in one of several patterns, counted from 1.
    WrongOf(usize, PatternError),
    Together(PatternError),
}

impl Display for NoPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUnicode => f.write_str("the pattern is not in UTF-8; write it with --hex"),
            Self::NoCase => f.write_str("bytes and numbers have no case; leave --ignore-case out"),
            Self::Wrong(error) => write!(f, "in the pattern, {error}"),
            Self::WrongOf(number, error) => write!(f, "in pattern {number}, {error}"),
            Self::Together(error) => {
                // The error's column is the number of the pattern.
                write!(f, "of the patterns, number {}: {}", error.column(), error.what())
            }
        }
    }
}
