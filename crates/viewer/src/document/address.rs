//! The language of places: `0x1f00+4K`, `$-1M`, `50%`, `page 12`, `'a`, `@u32`.
//!
//! ```text
//! place := [+|-] sum            with a sign in front: from the cursor
//! sum   := product (+|- product)…
//! product := item (* item)…
//! item  := number[K|M|G|T|P|%] | $ | . | 'mark | page item | @type[order][( sum )] | ( sum ) | - item
//! ```
//!
//! `$` is the end, behind the last byte; `.` is the cursor.

use std::fmt;
use std::ops::Range;

use crate::analysis::data_inspector::Order;
use crate::document::marks::Marks;
use crate::format::parse_size::{self, Why};
use crate::source::page_cache::{Coverage, PageCache};

/// What names stand for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AddressContext<'a> {
    pub(crate) cursor: u64,
    pub(crate) len: u64,
    pub(crate) marks: &'a Marks,
    /// Bytes of a page, as `page 12` counts them.
    pub(crate) page_len: u64,
    /// What is known of the bytes, for the values among them.
    pub(crate) pages: &'a PageCache,
}

/// Why a text is no place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AddressError {
    /// The character where it goes wrong, counted from 1; none where it is the place as a whole.
    pub(crate) column: Option<usize>,
    pub(crate) why: String,
}

impl AddressError {
    /// Of the place as a whole.
    pub(crate) fn whole(why: impl Into<String>) -> Self {
        Self { column: None, why: why.into() }
    }
}

impl std::error::Error for AddressError {}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) => write!(f, "at {column}: {}", self.why),
            None => f.write_str(&self.why),
        }
    }
}

/// Brackets within brackets; deeper ones are nobody's.
const DEPTH_MAX: u32 = 32;

impl AddressContext<'_> {
    /// The place that a text means.
    pub(crate) fn place(self, text: &str) -> Result<u64, AddressError> {
        self.parsed(text).0
    }

    /// The bytes that have to be known to say which place a text means, as far as can be said.
    pub(crate) fn needs(self, text: &str) -> Vec<Range<u64>> {
        self.parsed(text).1
    }

    fn parsed(self, text: &str) -> (Result<u64, AddressError>, Vec<Range<u64>>) {
        let chars = text.chars().collect();
        let mut parser =
            Parser { scope: self, chars, at: 0, depth: 0, used: Vec::new(), has_end: false };
        let place = self.found(&mut parser);
        (place, parser.used)
    }

    fn found(self, parser: &mut Parser<'_>) -> Result<u64, AddressError> {
        let last = self
            .len
            .checked_sub(1)
            .ok_or_else(|| AddressError::whole("there is no byte to go to"))?;
        parser.skip_blanks();
        let sign = parser.chars.get(parser.at).copied().filter(|c| matches!(c, '+' | '-'));
        let value = if sign.is_some() {
            let from = i128::from(self.cursor);
            parser.sum_after(from)?
        } else {
            parser.sum()?
        };
        if parser.at < parser.chars.len() {
            return Err(parser.bad("a + or a - or the end was expected"));
        }
        let whole = |why: String| AddressError::whole(why);
        if value < 0 {
            let limit = match sign {
                Some(_) => format!("; at most -{:#x} from here", self.cursor),
                None => String::new(),
            };
            return Err(whole(format!("that is before the start{limit}")));
        }
        // The end itself is no byte: `$` alone means the one before it.
        let most = if parser.has_end { self.len } else { last };
        let place = u64::try_from(value).ok().filter(|&place| place <= most);
        place.map(|place| place.min(last)).ok_or_else(|| {
            whole(format!("that is beyond the end; the last byte is {last:#x} = {last}"))
        })
    }
}

struct Parser<'a> {
    scope: AddressContext<'a>,
    chars: Vec<char>,
    at: usize,
    depth: u32,
    /// Bytes that were looked at, or would have been.
    used: Vec<Range<u64>>,
    /// Whether the end was named.
    has_end: bool,
}

impl Parser<'_> {
    fn bad(&self, why: impl Into<String>) -> AddressError {
        Self::bad_at(self.at, why)
    }

    fn bad_at(at: usize, why: impl Into<String>) -> AddressError {
        AddressError { column: Some(at.saturating_add(1)), ..AddressError::whole(why) }
    }

    fn skip_blanks(&mut self) {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
    }

    /// Takes a character, and the blanks after it.
    fn take(&mut self, c: char) -> bool {
        let is_next = self.chars.get(self.at) == Some(&c);
        if is_next {
            self.at += 1;
            self.skip_blanks();
        }
        is_next
    }

    fn sum(&mut self) -> Result<i128, AddressError> {
        let first = self.product()?;
        self.sum_after(first)
    }

    /// What `+` and `-` make of a value.
    fn sum_after(&mut self, mut value: i128) -> Result<i128, AddressError> {
        loop {
            let at = self.at;
            let is_plus = self.take('+');
            if !is_plus && !self.take('-') {
                return Ok(value);
            }
            let by = self.product()?;
            value = if is_plus { value.checked_add(by) } else { value.checked_sub(by) }
                .ok_or_else(|| Self::bad_at(at, "that is too large"))?;
        }
    }

    fn product(&mut self) -> Result<i128, AddressError> {
        let mut value = self.item()?;
        loop {
            let at = self.at;
            if !self.take('*') {
                return Ok(value);
            }
            let by = self.item()?;
            value = value.checked_mul(by).ok_or_else(|| Self::bad_at(at, "that is too large"))?;
        }
    }

    fn item(&mut self) -> Result<i128, AddressError> {
        let start = self.at;
        if self.take('(') {
            return self.nested(start, |parser| {
                let value = parser.sum()?;
                if parser.take(')') { Ok(value) } else { Err(parser.bad("a ) is missing")) }
            });
        }
        if self.take('-') {
            return self.nested(start, |parser| {
                let value = parser.item()?;
                value.checked_neg().ok_or_else(|| Self::bad_at(start, "that is too large"))
            });
        }
        if self.take('$') {
            self.has_end = true;
            return Ok(self.scope.len.into());
        }
        if self.take('\'') {
            return self.mark(start);
        }
        if self.take('@') {
            return self.value(start);
        }
        match self.chars.get(start) {
            Some('.') if !self.chars.get(start + 1).is_some_and(char::is_ascii_digit) => {
                self.take('.');
                Ok(self.scope.cursor.into())
            }
            Some(c) if c.is_ascii_digit() || *c == '.' => self.number(),
            Some(c) if c.is_ascii_alphabetic() => {
                let word = self.word();
                if word != "page" {
                    return Err(Self::bad_at(
                        start,
                        format!("{word:?} is no place and no command"),
                    ));
                }
                self.nested(start, |parser| {
                    let page = parser.item()?;
                    page.checked_mul(parser.scope.page_len.into())
                        .ok_or_else(|| Self::bad_at(start, "that is too large"))
                })
            }
            Some(_) => Err(self.bad("a number, $, 'a, page or ( was expected")),
            None => Err(self.bad("something is missing here")),
        }
    }

    fn nested(
        &mut self,
        start: usize,
        parse: impl FnOnce(&mut Self) -> Result<i128, AddressError>,
    ) -> Result<i128, AddressError> {
        if self.depth == DEPTH_MAX {
            return Err(Self::bad_at(start, "that is nested too deep"));
        }
        self.depth += 1;
        let value = parse(self);
        self.depth -= 1;
        value
    }

    fn word(&mut self) -> String {
        let start = self.at;
        while self.chars.get(self.at).is_some_and(char::is_ascii_alphanumeric) {
            self.at += 1;
        }
        let word = self.chars.get(start..self.at).unwrap_or_default().iter().collect();
        self.skip_blanks();
        word
    }

    fn mark(&mut self, start: usize) -> Result<i128, AddressError> {
        let name = self.chars.get(self.at).copied();
        let place = name.and_then(|name| self.scope.marks.at(name));
        match (place, name) {
            (Some(place), _) => {
                self.at += 1;
                self.skip_blanks();
                Ok(place.into())
            }
            (None, Some(name)) if Marks::is_name(name) => {
                Err(Self::bad_at(start, format!("there is no mark {name}; m {name} sets it")))
            }
            _ => Err(Self::bad_at(start, "a mark is a letter from a to z")),
        }
    }

    /// The number under the cursor, `@u32`, `@u32be`; or at a place: `@u32(0x3c)`.
    fn value(&mut self, start: usize) -> Result<i128, AddressError> {
        let word = self.word();
        let (kind, order) = match (word.strip_suffix("le"), word.strip_suffix("be")) {
            (Some(kind), _) => (kind, Order::Little),
            (_, Some(kind)) => (kind, Order::Big),
            _ => (word.as_str(), Order::Little),
        };
        let len = match kind {
            "u8" => 1,
            "u16" => 2,
            "u32" => 4,
            "u64" => 8,
            _ => {
                let why = "a type was expected: @u8, @u16, @u32, @u64, with be or le after it";
                return Err(Self::bad_at(start, why));
            }
        };
        let from = if self.take('(') {
            let place = self.nested(start, |parser| {
                let value = parser.sum()?;
                if parser.take(')') { Ok(value) } else { Err(parser.bad("a ) is missing")) }
            })?;
            u64::try_from(place).ok()
        } else {
            Some(self.scope.cursor)
        };
        let cursor = self.scope.cursor;
        let name = |from: u64| {
            let place = format!("at {from:#x}");
            let place = if from == cursor { "under the cursor" } else { &place };
            format!("there is no {kind} {place}")
        };
        let range = from.and_then(|from| Some(from..from.checked_add(len)?));
        let Some(range) = range.filter(|range| range.end <= self.scope.len) else {
            return Err(Self::bad_at(
                start,
                from.map_or_else(|| "that is before the start".to_owned(), name),
            ));
        };
        self.used.push(range.clone());
        let mut bytes = Vec::new();
        match self.scope.pages.copy(&range, &mut bytes) {
            Coverage::Whole => {}
            Coverage::Unreadable => return Err(Self::bad_at(start, name(range.start))),
            Coverage::NotYet => return Err(Self::bad_at(start, "what is there was not read yet")),
        }
        let fold = |value: i128, byte: &u8| value << 8 | i128::from(*byte);
        Ok(match order {
            Order::Little => bytes.iter().rev().fold(0, fold),
            Order::Big => bytes.iter().fold(0, fold),
        })
    }

    /// A number with its suffix, or a share of the whole.
    fn number(&mut self) -> Result<i128, AddressError> {
        let start = self.at;
        while self
            .chars
            .get(self.at)
            .is_some_and(|&c| c.is_ascii_alphanumeric() || "_.".contains(c))
        {
            self.at += 1;
        }
        let text: String = self.chars.get(start..self.at).unwrap_or_default().iter().collect();
        self.skip_blanks();
        if self.take('%') {
            let share = parse_size::share(&text)
                .ok_or_else(|| Self::bad_at(start, "a percentage is 0% to 100%"))?;
            let place =
                u128::from(self.scope.len) * u128::from(share) / u128::from(parse_size::WHOLE);
            let last = u128::from(self.scope.len.saturating_sub(1));
            return Ok(i128::try_from(place.min(last)).unwrap_or(i128::MAX));
        }
        parse_size::parse_count(&text).map(i128::from).map_err(|bad| {
            let why = match bad.why() {
                Why::TooLarge => format!("{text} is too large"),
                _ => format!("{text:?} is not a number; try 4096, 0x1000 or 4K"),
            };
            Self::bad_at(start, why)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::page_cache::Page;

    fn known(start: u64, bytes: &[Option<u8>]) -> Page {
        Page { start, bytes: bytes.to_vec(), problem: None }
    }

    fn go(text: &str, cursor: u64, len: u64) -> Result<u64, String> {
        let mut marks = Marks::default();
        marks.set('a', 0x100);
        let mut pages = PageCache::default();
        pages.take(known(cursor, &[1, 2, 3, 4].map(Some)), None);
        pages.take(known(cursor.saturating_add(0x1000), &[Some(7), Some(1), None]), None);
        let scope = AddressContext { cursor, len, marks: &marks, page_len: 4096, pages: &pages };
        scope.place(text).map_err(|bad| bad.to_string())
    }

    #[test]
    fn places_are_absolute_relative_or_a_share() {
        assert_eq!(go("0x200", 7, 1 << 40), Ok(0x200));
        assert_eq!(go("+0x10", 7, 100), Ok(23));
        assert_eq!(go(" - 7 ", 7, 100), Ok(0));
        assert_eq!(go("50%", 7, 1 << 40), Ok(1 << 39));
        assert_eq!(go("12.5 %", 7, 1000), Ok(125));
        assert_eq!(go("0%", 7, 1000), Ok(0));
        assert_eq!(go("100%", 7, 1000), Ok(999));
        assert_eq!(go("100%", 0, u64::MAX), Ok(u64::MAX - 1));
        assert_eq!(go(".5%", 0, 1000), Ok(5));
        assert_eq!(go("+10%", 100, 1000), Ok(200));
    }

    #[test]
    fn places_are_computed() {
        assert_eq!(go("0x1f00+4K", 0, 1 << 20), Ok(0x2f00));
        assert_eq!(go("$-1M", 0, 1 << 30), Ok((1 << 30) - (1 << 20)));
        assert_eq!((go("$", 0, 100), go("$-1", 0, 100)), (Ok(99), Ok(99)));
        assert_eq!((go("$-100", 0, 100), go("0+$*1", 0, 100)), (Ok(0), Ok(99)));
        assert!(go("$+1", 0, 100).is_err() && go("$-101", 0, 100).is_err());
        assert_eq!(go("page 12", 0, 1 << 20), Ok(12 * 4096));
        assert_eq!(go("page 12 + 5", 0, 1 << 20), Ok(12 * 4096 + 5));
        assert_eq!(go("'a", 0, 1 << 20), Ok(0x100));
        assert_eq!(go("'a+2*(8-3)", 0, 1 << 20), Ok(0x10a));
        assert_eq!(go(". - 1", 8, 100), Ok(7));
        assert_eq!(go("2+3*4", 0, 100), Ok(14));
        assert_eq!(go("-2*3", 10, 100), Ok(4));
        assert_eq!(go("10 + -2", 0, 100), Ok(8));
        assert_eq!(go("1T*4-4T+1", 0, 100), Ok(1));
    }

    #[test]
    fn the_value_under_the_cursor_is_an_address() {
        assert_eq!(go("@u8", 0, 1 << 40), Ok(1));
        assert_eq!(go("@u16", 0, 1 << 40), Ok(0x0201));
        assert_eq!(go("@u32be", 0, 1 << 40), Ok(0x0102_0304));
        assert_eq!(go("@u32le + 1", 0, 1 << 40), Ok(0x0403_0202));
        assert_eq!(go("@u64", 0, 7).unwrap_err(), "at 1: there is no u64 under the cursor");
        assert_eq!(go("@u16(0x1000)+1", 0, 1 << 20), Ok(0x108));
        assert_eq!(go("@u8(@u16be(2) - 0x304 + 4K)", 0, 1 << 20), Ok(7));
        assert_eq!(go("@u32(4K)", 0, 1 << 20).unwrap_err(), "at 1: what is there was not read yet");
        assert_eq!(go("@u16(4K+1)", 0, 1 << 20).unwrap_err(), "at 1: there is no u16 at 0x1001");
        assert_eq!(go("@u16(98+1)", 0, 100).unwrap_err(), "at 1: there is no u16 at 0x63");
        assert_eq!(go("@u8(-1)", 0, 100).unwrap_err(), "at 1: that is before the start");
        assert_eq!(go("1+@u8(1", 0, 100).unwrap_err(), "at 8: a ) is missing");
        assert!(go("@i32", 0, 100).unwrap_err().starts_with("at 1: a type was expected"));
    }

    #[test]
    fn places_outside_say_where_the_limits_are() {
        assert_eq!(
            go("100", 0, 100).unwrap_err(),
            "that is beyond the end; the last byte is 0x63 = 99"
        );
        assert!(go("+1", 99, 100).is_err() && go("+18446744073709551615", 99, 100).is_err());
        assert_eq!(
            go("-8", 7, 100).unwrap_err(),
            "that is before the start; at most -0x7 from here"
        );
        assert!(go("0", 0, 0).is_err() && go("50%", 0, 0).is_err());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_column() {
        for (text, complaint) in [
            ("", "at 1: something is missing here"),
            ("1+", "at 3: something is missing here"),
            ("(1", "at 3: a ) is missing"),
            ("1)", "at 2: a + or a - or the end was expected"),
            ("2 3", "at 3: a + or a - or the end was expected"),
            ("1+x", "at 3: \"x\" is no place and no command"),
            ("'b", "at 1: there is no mark b; m b sets it"),
            ("'B", "at 1: a mark is a letter from a to z"),
            ("101%", "at 1: a percentage is 0% to 100%"),
            ("100.0000001%", "at 1: a percentage is 0% to 100%"),
            ("0xg", "at 1: \"0xg\" is not a number; try 4096, 0x1000 or 4K"),
            ("1.5K", "at 1: \"1.5K\" is not a number; try 4096, 0x1000 or 4K"),
            ("99999999999999999999", "at 1: 99999999999999999999 is too large"),
            ("%", "at 1: a number, $, 'a, page or ( was expected"),
            ("16000P*16000P*16000P*16000P", "at 7: that is too large"),
        ] {
            assert_eq!(go(text, 0, 1 << 40).unwrap_err(), complaint, "{text:?}");
        }
        let deep = "(".repeat(100) + "1" + &")".repeat(100);
        assert_eq!(go(&deep, 0, 100).unwrap_err(), "at 33: that is nested too deep");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_panics_and_what_is_found_exists(text in "[-0-9x+*()$.'a@u%K page]{0,24}", len: u64, cursor: u64) {
            if let Ok(place) = go(&text, cursor, len) {
                prop_assert!(place < len);
            }
        }
    }
}
