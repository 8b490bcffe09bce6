//! The texts in a file: where they are. What they say is read when they are seen.

use std::ops::{ControlFlow, Range};

use memmap::scan::Pattern;

use crate::job::context::Site;
use crate::job::list::JobId;
use crate::search::found::{OfHits, Side};
use crate::search::match_list::{Hit, Hits};

/// Characters of a text, at least, if nothing is said.
pub(crate) const LEN_MIN: usize = 6;

/// More would be no text any more.
const LEN_MAX: usize = 4096;

/// How characters are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each has an arm wherever it is used")]
pub enum Encoding {
    /// A byte each.
    Ascii,
    /// Two bytes each, the second one 0: as Windows has them.
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

    /// Bytes of a character.
    pub(crate) const fn width(self) -> u64 {
        match self {
            Self::Ascii => 1,
            Self::Utf16 => 2,
        }
    }
}

/// Which texts: printable characters of ASCII and tabs, at least so many in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextKind {
    pub(crate) len_min: usize,
    pub(crate) encoding: Encoding,
}

impl Default for TextKind {
    fn default() -> Self {
        Self { len_min: LEN_MIN, encoding: Encoding::Ascii }
    }
}

impl TextKind {
    /// As it is typed: `8`, `utf16`, `8 utf16`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut wanted = Self::default();
        for word in text.split_whitespace() {
            if let Some(&encoding) = Encoding::ALL.iter().find(|it| it.name() == word) {
                wanted.encoding = encoding;
                continue;
            }
            let len_min = word.parse().ok().filter(|len| (1..=LEN_MAX).contains(len));
            wanted.len_min =
                len_min.ok_or_else(|| format!("strings 1 to {LEN_MAX}, ascii or utf16"))?;
        }
        Ok(wanted)
    }

    fn pattern(self) -> Result<Pattern, String> {
        match self.encoding {
            Encoding::Ascii => Ok(Pattern::strings(self.len_min)),
            Encoding::Utf16 => {
                let expression = format!(r"(?:[\t\x20-\x7e]\x00){{{},}}", self.len_min);
                Pattern::regex(&expression).map_err(|error| error.to_string())
            }
        }
    }
}

/// What a pane shows of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Texts {
    pub(crate) wanted: TextKind,
    pub(crate) job: JobId,
    pub(crate) hits: Hits,
    pub(crate) is_over: bool,
    /// Whether the bytes are others now.
    pub(crate) is_stale: bool,
}

/// Finds them all, in order.
pub(crate) fn run(
    wanted: TextKind,
    range: Range<u64>,
    site: &Site<'_, impl OfHits>,
) -> Result<String, String> {
    let pattern = wanted.pattern()?;
    let found = site.scan().range(range).find_all_into(&pattern, |it| {
        site.wire.hit(Side::Ahead, Hit { offset: it.offset, len: it.len });
    });
    let outcome = found.map_err(|error| error.to_string())?;
    if outcome.cancelled {
        return Err("stopped".to_owned());
    }
    let found = outcome.value;
    Ok(match outcome.unreadable.len() {
        0 => format!("{found} found"),
        1 => format!("{found} found, one range is unreadable"),
        many => format!("{found} found, {many} ranges are unreadable"),
    })
}

/// What stands at a place, of the bytes there: what does not print is left out.
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
    use crate::search::found::Found;

    fn found(bytes: &[u8], typed: &str) -> Vec<(u64, u64)> {
        let map = RamMap::from_reader(bytes).unwrap().erase();
        let wanted = TextKind::parse(typed).unwrap();
        let mut all = Hits::default();
        for news in finish::<Found>(&map, |site| run(wanted, 0..map.len(), site)).news {
            if let Found::Hits(_, hits) = news {
                all.append(hits);
            }
        }
        all.iter_from(0).map(|hit| (hit.offset, hit.len)).collect()
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
            assert_eq!(TextKind::parse(bad).unwrap_err(), "strings 1 to 4096, ascii or utf16");
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
