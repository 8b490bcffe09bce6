//! The strings of a file. Only their offsets are kept; the text is read when it is shown.

use std::ops::{ControlFlow, Range};

use memmap::scan::{Pattern, PatternError};
use thiserror::Error;

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Accumulate, Job};
use crate::search::found::{only, take};
use crate::search::match_list::{Match, MatchList};

/// Default minimum length, in characters.
pub(crate) const LEN_MIN: usize = 6;

/// Upper limit for the minimum length.
const LEN_MAX: usize = 4096;

/// Character encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// One byte per character.
    Ascii,
    /// UTF-16LE, restricted to ASCII.
    Utf16,
}

impl Encoding {
    const ALL: [Self; 2] = [Self::Ascii, Self::Utf16];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ascii => "ascii",
            Self::Utf16 => "utf16",
        }
    }

    /// Bytes per character.
    pub(crate) const fn width(self) -> u64 {
        match self {
            Self::Ascii => 1,
            Self::Utf16 => 2,
        }
    }
}

/// Which strings to find: runs of printable ASCII characters and tabs with a minimum length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StringKind {
    pub(crate) len_min: usize,
    pub(crate) encoding: Encoding,
}

impl Default for StringKind {
    fn default() -> Self {
        Self { len_min: LEN_MIN, encoding: Encoding::Ascii }
    }
}

/// What was asked for is no length and no encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("strings 1 to {LEN_MAX}, ascii or utf16")]
pub(crate) struct StringKindError;

impl StringKind {
    /// Parses arguments as typed: `8`, `utf16`, `8 utf16`.
    pub(crate) fn parse(text: &str) -> Result<Self, StringKindError> {
        let mut wanted = Self::default();
        for word in text.split_whitespace() {
            if let Some(&encoding) = Encoding::ALL.iter().find(|it| it.name() == word) {
                wanted.encoding = encoding;
                continue;
            }
            let len_min = word.parse().ok().filter(|len| (1..=LEN_MAX).contains(len));
            wanted.len_min = len_min.ok_or(StringKindError)?;
        }
        Ok(wanted)
    }

    fn pattern(self) -> Result<Pattern, PatternError> {
        match self.encoding {
            Encoding::Ascii => Ok(Pattern::strings(self.len_min)),
            Encoding::Utf16 => {
                let expression = format!(r"(?:[\t\x20-\x7e]\x00){{{},}}", self.len_min);
                Pattern::regex(&expression)
            }
        }
    }
}

/// Finds all strings of a range, in file order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct StringsJob {
    pub(crate) wanted: StringKind,
    pub(crate) range: Range<u64>,
}

/// Number of strings, and number of unreadable ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct Found {
    count: u64,
    unreadable: usize,
}

impl Job for StringsJob {
    type Event = MatchList;
    type Output = Found;

    fn title(&self) -> String {
        let StringKind { len_min, encoding } = self.wanted;
        format!("strings of {len_min} or more, {}", encoding.name())
    }

    fn run(self, cx: &JobContext<'_, MatchList>) -> Result<Found, JobError> {
        let pattern = self.wanted.pattern()?;
        let mut told = Ok(());
        let outcome = cx.scan().range(self.range).find_all_into(&pattern, |it| {
            let hit = Match { offset: it.offset, len: it.len };
            told = told.and_then(|()| cx.add(hit, take, only));
        })?;
        told?;
        if outcome.is_cancelled {
            return Err(JobError::Cancelled);
        }
        Ok(Found { count: outcome.value, unreadable: outcome.unreadable.len() })
    }
}

/// The strings of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Strings {
    pub(crate) wanted: StringKind,
    pub(crate) matches: MatchList,
}

impl Accumulate<StringsJob> for Strings {
    fn begin(job: &StringsJob, _len: u64, _before: Option<Self>) -> Self {
        Self { wanted: job.wanted, matches: MatchList::default() }
    }

    fn take(&mut self, matches: MatchList) {
        self.matches.append(matches);
    }

    fn finish(&mut self, Found { count, unreadable }: Found) -> String {
        match unreadable {
            0 => format!("{count} found"),
            1 => format!("{count} found, one range is unreadable"),
            many => format!("{count} found, {many} ranges are unreadable"),
        }
    }
}

/// The text of a string for display: `·` for an unprintable character, `…` where it becomes
/// unreadable.
pub(crate) fn shown(bytes: impl Iterator<Item = Option<u8>>, encoding: Encoding) -> String {
    let step = usize::try_from(encoding.width()).unwrap_or(1);
    let mut text = String::new();
    let ended = bytes.step_by(step).try_for_each(|byte| {
        text.push(match byte {
            Some(byte @ b' '..=b'~') => char::from(byte),
            Some(b'\t') => ' ',
            Some(_) => '·',
            None => return ControlFlow::Break(()),
        });
        ControlFlow::Continue(())
    });
    if ended.is_break() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use memmap::RamMap;

    use super::*;
    use crate::job::context::finish;
    use crate::source::handle::SourceHandle;

    fn found(bytes: &[u8], text: &str) -> Vec<(u64, u64)> {
        let source = SourceHandle::new(RamMap::from_reader(bytes).unwrap().erase());
        let job = StringsJob { wanted: StringKind::parse(text).unwrap(), range: 0..source.len() };
        let mut all = Strings::begin(&job, source.len(), None);
        let done = finish(&source, job);
        done.events.into_iter().for_each(|matches| all.take(matches));
        let said = all.finish(done.ended.unwrap());
        assert_eq!(said, format!("{} found", all.matches.len()));
        all.matches.iter_from(0).map(|hit| (hit.offset, hit.len)).collect()
    }

    #[test]
    fn texts_are_found_in_either_encoding() {
        let mut bytes = b"\x01short\x00long enough\x7f\x80".to_vec();
        bytes.extend("wide text".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(found(&bytes, ""), [(7, 11)]);
        assert_eq!(found(&bytes, "5"), [(1, 5), (7, 11)]);
        assert_eq!(found(&bytes, "utf16"), [(20, 18)]);
        assert_eq!(found(&bytes, "utf16 10"), []);
    }

    #[test]
    fn what_is_typed_is_a_length_or_an_encoding() {
        for bad in ["0", "5000", "ebcdic", "-1"] {
            let why = StringKind::parse(bad).unwrap_err().to_string();
            assert_eq!(why, "strings 1 to 4096, ascii or utf16");
        }
    }

    #[test]
    fn what_stands_there_is_shown_without_what_a_terminal_obeys() {
        let bytes = |text: &[u8]| text.iter().copied().map(Some).collect::<Vec<_>>();
        assert_eq!(shown(bytes(b"a\tb\x1b").into_iter(), Encoding::Ascii), "a b·");
        assert_eq!(shown(bytes(b"a\0b\0").into_iter(), Encoding::Utf16), "ab");
        assert_eq!(shown([Some(b'a'), None, Some(b'b')].into_iter(), Encoding::Ascii), "a…");
    }
}
