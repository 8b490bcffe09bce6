//! Address expressions: `0x1f00+4K`, `$-1M`, `50%`, `page 12:8`, `'a`, `@u32`, `. & -16`.
//!
//! ```text
//! place := [+|-] any            with a sign in front: from the cursor
//! any   := both (| both)…       or
//! both  := shift (& shift)…     and
//! shift := sum (<< sum|>> sum)…
//! sum   := product (+ product|- product)…
//! product := item (* item|/ item|% item)…
//! item  := number[K|M|G|T|P|kB|KiB|…|%] | $ | . | 'mark | match | sel | page item[:item]
//!        | @type[order][( any )] | ( any ) | - item
//! ```
//!
//! `$` is the end of the data, one past the last byte; `.` is the cursor; `match` is the match at
//! or after the cursor; `sel` is the start of the selection; `page 3:16` is byte 16 of page 3. The name of a
//! region, `libc.so.6` or `[stack]`, is where it begins.
//! Operators have the precedence of C, and `/` truncates. `50%` is a percentage of the length,
//! unless an operand follows: `50 % 8` is a remainder.

mod error;

use std::ops::Range;

use crate::analysis::data_inspector::Order;
use crate::document::marks::Marks;
use crate::format::parse_size::{self, Why};
use crate::source::page_cache::{Coverage, PageCache};
use crate::source::regions::Regions;

pub(crate) use error::AddressError;
use error::AddressErrorKind as Kind;

/// The values of names in an address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AddressContext<'a> {
    pub(crate) cursor: u64,
    pub(crate) len: u64,
    pub(crate) marks: &'a Marks,
    /// Bytes per page, for `page 12`.
    pub(crate) page_len: u64,
    /// The bytes read so far, for `@type` values.
    pub(crate) pages: &'a PageCache,
    /// The match at or after the cursor.
    pub(crate) matched: Option<u64>,
    /// The start of the selection.
    pub(crate) selected: Option<u64>,
    /// The regions, whose names are places.
    pub(crate) regions: &'a Regions,
}

/// Maximum nesting of parentheses. It bounds the recursion of the parser.
const DEPTH_MAX: u32 = 32;

impl AddressContext<'_> {
    /// Evaluates an address.
    pub(crate) fn place(self, text: &str) -> Result<u64, AddressError> {
        self.parsed(text).0
    }

    /// The bytes that must be read before the address can be evaluated, as far as is known.
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
        let last = self.len.checked_sub(1).ok_or(Kind::NoBytes)?;
        parser.skip_blanks();
        let sign = parser.chars.get(parser.at).copied().filter(|c| matches!(c, '+' | '-'));
        let value = if sign.is_some() { parser.after_cursor()? } else { parser.any()? };
        if parser.at < parser.chars.len() {
            return Err(parser.bad(Kind::NoOperator));
        }
        if value < 0 {
            let cursor = self.cursor;
            return Err(sign.map_or(Kind::BeforeStart, |_| Kind::TooFarBack { cursor }).into());
        }
        // The end is not a byte: `$` alone means the last byte.
        let most = if parser.has_end { self.len } else { last };
        let place = u64::try_from(value).ok().filter(|&place| place <= most);
        Ok(place.ok_or(Kind::BeyondEnd { last })?.min(last))
    }
}

/// Applies an operator to two values.
type Operator = fn(i128, i128) -> Result<i128, Kind>;

/// The operators, from lowest to highest precedence.
const LEVELS: [&[(&str, Operator)]; 5] = [
    &[("|", |a, b| Ok(a | b))],
    &[("&", |a, b| Ok(a & b))],
    &[
        ("<<", |a, b| shifted(b).and_then(|b| a.checked_mul(1 << b).ok_or(Kind::TooLarge))),
        (">>", |a, b| shifted(b).map(|b| a >> b)),
    ],
    &[
        ("+", |a, b| a.checked_add(b).ok_or(Kind::TooLarge)),
        ("-", |a, b| a.checked_sub(b).ok_or(Kind::TooLarge)),
    ],
    &[
        ("*", |a, b| a.checked_mul(b).ok_or(Kind::TooLarge)),
        ("/", |a, b| a.checked_div(b).ok_or(Kind::DividedByZero)),
        ("%", |a, b| a.checked_rem(b).ok_or(Kind::DividedByZero)),
    ],
];

/// The precedence level of `+` and `-`.
const SUMS: usize = 3;

/// Checks a shift count, in bits.
fn shifted(by: i128) -> Result<u32, Kind> {
    let by = u32::try_from(by).ok().filter(|by| *by < u64::BITS);
    by.ok_or(Kind::ShiftedTooFar)
}

struct Parser<'a> {
    scope: AddressContext<'a>,
    chars: Vec<char>,
    at: usize,
    depth: u32,
    /// Bytes that the address refers to.
    used: Vec<Range<u64>>,
    /// Whether `$` was used.
    has_end: bool,
}

impl Parser<'_> {
    fn bad(&self, why: Kind) -> AddressError {
        Self::bad_at(self.at, why)
    }

    fn bad_at(at: usize, why: Kind) -> AddressError {
        AddressError { column: Some(at.saturating_add(1)), why }
    }

    fn skip_blanks(&mut self) {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
    }

    /// Consumes a character and the blanks after it.
    fn take(&mut self, c: char) -> bool {
        let is_next = self.chars.get(self.at) == Some(&c);
        if is_next {
            self.at += 1;
            self.skip_blanks();
        }
        is_next
    }

    fn any(&mut self) -> Result<i128, AddressError> {
        self.operation(0)
    }

    /// Parses and evaluates operators of a precedence level and higher.
    fn operation(&mut self, level: usize) -> Result<i128, AddressError> {
        if level == LEVELS.len() {
            return self.item();
        }
        let first = self.operation(level.saturating_add(1))?;
        self.operation_after(level, first)
    }

    /// The same, with the left operand already evaluated.
    fn operation_after(&mut self, level: usize, mut value: i128) -> Result<i128, AddressError> {
        loop {
            let at = self.at;
            let operators = LEVELS.get(level).copied().unwrap_or_default();
            let Some(&(_, operator)) = operators.iter().find(|(sign, _)| self.take_all(sign))
            else {
                return Ok(value);
            };
            let by = self.operation(level.saturating_add(1))?;
            value = operator(value, by).map_err(|why| Self::bad_at(at, why))?;
        }
    }

    /// Applies a leading sign to the cursor, then parses the operators that follow.
    fn after_cursor(&mut self) -> Result<i128, AddressError> {
        (0..=SUMS)
            .rev()
            .try_fold(self.scope.cursor.into(), |value, level| self.operation_after(level, value))
    }

    /// Consumes an operator and the blanks after it.
    fn take_all(&mut self, sign: &str) -> bool {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let is_next = sign.chars().zip(0..).all(|(c, at): (char, usize)| rest.get(at) == Some(&c));
        if is_next {
            self.at += sign.len();
            self.skip_blanks();
        }
        is_next
    }

    fn item(&mut self) -> Result<i128, AddressError> {
        let start = self.at;
        if let Some(base) = self.region() {
            return Ok(base.into());
        }
        if self.take('(') {
            return self.nested(start, |parser| {
                let value = parser.any()?;
                if parser.take(')') { Ok(value) } else { Err(parser.bad(Kind::Unclosed)) }
            });
        }
        if self.take('-') {
            return self.nested(start, |parser| {
                let value = parser.item()?;
                value.checked_neg().ok_or_else(|| Self::bad_at(start, Kind::TooLarge))
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
                match word.as_str() {
                    "page" => self.page(start),
                    "match" => {
                        let place = self.scope.matched.map(i128::from);
                        place.ok_or_else(|| Self::bad_at(start, Kind::NoMatch))
                    }
                    "sel" => {
                        let place = self.scope.selected.map(i128::from);
                        place.ok_or_else(|| Self::bad_at(start, Kind::NoSelection))
                    }
                    _ => Err(Self::bad_at(start, Kind::UnknownWord(word))),
                }
            }
            Some(_) => Err(self.bad(Kind::NoOperand)),
            None => Err(self.bad(Kind::Incomplete)),
        }
    }

    /// The start of the region whose name comes next. Numbers and words of addresses are none.
    fn region(&mut self) -> Option<u64> {
        let rest: String = self.chars.get(self.at..)?.iter().collect();
        let (named, len) = self.scope.regions.named_first_in(&rest)?;
        let name = rest.get(..len)?;
        let is_word = ["page", "match", "sel", "."].contains(&name);
        if is_word || parse_size::parse_count(name).is_ok() {
            return None;
        }
        self.at = self.at.saturating_add(name.chars().count());
        self.skip_blanks();
        Some(named.base)
    }

    /// Parses `page 3` or `page 3:16`.
    fn page(&mut self, start: usize) -> Result<i128, AddressError> {
        self.nested(start, |parser| {
            let page = parser.item()?;
            let byte = if parser.take(':') { parser.item()? } else { 0 };
            page.checked_mul(parser.scope.page_len.into())
                .and_then(|page| page.checked_add(byte))
                .ok_or_else(|| Self::bad_at(start, Kind::TooLarge))
        })
    }

    fn nested(
        &mut self,
        start: usize,
        parse: impl FnOnce(&mut Self) -> Result<i128, AddressError>,
    ) -> Result<i128, AddressError> {
        if self.depth == DEPTH_MAX {
            return Err(Self::bad_at(start, Kind::TooDeep));
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
                Err(Self::bad_at(start, Kind::NoMark(name)))
            }
            _ => Err(Self::bad_at(start, Kind::NotAMark)),
        }
    }

    /// Reads a value at the cursor, `@u32` or `@u32be`, or at an address, `@u32(0x3c)`.
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
            _ => return Err(Self::bad_at(start, Kind::NotAType)),
        };
        let from = if self.take('(') {
            let place = self.nested(start, |parser| {
                let value = parser.any()?;
                if parser.take(')') { Ok(value) } else { Err(parser.bad(Kind::Unclosed)) }
            })?;
            u64::try_from(place).ok()
        } else {
            Some(self.scope.cursor)
        };
        let cursor = self.scope.cursor;
        let bits = 8 * len;
        let none = |at: u64| {
            if at == cursor { Kind::NoValueHere { bits } } else { Kind::NoValueAt { bits, at } }
        };
        let range = from.and_then(|from| Some(from..from.checked_add(len)?));
        let Some(range) = range.filter(|range| range.end <= self.scope.len) else {
            return Err(Self::bad_at(start, from.map_or(Kind::BeforeStart, none)));
        };
        self.used.push(range.clone());
        let mut bytes = Vec::new();
        match self.scope.pages.copy(&range, &mut bytes) {
            Coverage::Whole => {}
            Coverage::Unreadable => return Err(Self::bad_at(start, none(range.start))),
            Coverage::NotYet => return Err(Self::bad_at(start, Kind::NotReadYet)),
        }
        let fold = |value: i128, byte: &u8| value << 8 | i128::from(*byte);
        Ok(match order {
            Order::Little => bytes.iter().rev().fold(0, fold),
            Order::Big => bytes.iter().fold(0, fold),
        })
    }

    /// Consumes `%` if it is a percent sign, that is, if no operand follows. A sign continues the
    /// sum: `50%-1`.
    fn takes_percent(&mut self) -> bool {
        let before = self.at;
        let divides = |c: &char| c.is_alphanumeric() || "$.'@(".contains(*c);
        let is_share = self.take('%') && !self.chars.get(self.at).is_some_and(divides);
        if !is_share {
            self.at = before;
        }
        is_share
    }

    /// Parses a number with a suffix, or a percentage of the length.
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
        if self.takes_percent() {
            let share =
                parse_size::share(&text).ok_or_else(|| Self::bad_at(start, Kind::NotAShare))?;
            let place =
                u128::from(self.scope.len) * u128::from(share) / u128::from(parse_size::WHOLE);
            let last = u128::from(self.scope.len.saturating_sub(1));
            return Ok(i128::try_from(place.min(last)).unwrap_or(i128::MAX));
        }
        parse_size::parse_count(&text).map(i128::from).map_err(|bad| {
            let why = match bad.why() {
                Why::TooLarge => Kind::NumberTooLarge(text),
                Why::NotWhole => Kind::NotWhole(text),
                _ => bad.into(),
            };
            Self::bad_at(start, why)
        })
    }
}

#[cfg(test)]
mod tests;
