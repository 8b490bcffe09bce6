//! Hexadecimal patterns: `DE AD ?? E? (01|02 03)`, and bytes as other programs print them:
//! `0x48, 0x65`, `\x48\x65`, `48:65`, `48-65`.

use std::iter::Peekable;
use std::str::CharIndices;

use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir};

use crate::PatternError;

/// Maximum nesting of brackets: more would exhaust the stack.
const DEEPEST: usize = 64;

/// Parses a pattern into an expression over bytes.
pub(super) fn parse(text: &str) -> Result<Hir, PatternError> {
    let mut parser = Parser { text, rest: text.char_indices().peekable(), depth: 0 };
    let hir = parser.alternatives()?;
    match parser.rest.peek() {
        None if hir.properties().minimum_len() == Some(0) => Err(parser
            .refuse(text.len(), "the pattern has no bytes; write each as two hexadecimal digits")),
        None => Ok(hir),
        Some(&(at, _)) => Err(parser.refuse(at, "this bracket is not opened; remove it")),
    }
}

struct Parser<'t> {
    text: &'t str,
    rest: Peekable<CharIndices<'t>>,
    depth: usize,
}

impl Parser<'_> {
    /// `first|second|…`, up to a closing bracket or the end.
    fn alternatives(&mut self) -> Result<Hir, PatternError> {
        let mut all = vec![self.sequence()?];
        while self.rest.next_if(|&(_, c)| c == '|').is_some() {
            all.push(self.sequence()?);
        }
        Ok(Hir::alternation(all))
    }

    fn sequence(&mut self) -> Result<Hir, PatternError> {
        let mut parts = Vec::new();
        // A separator without a byte on either side is probably a typo.
        let mut separator = None;
        while let Some(&(at, c)) = self.rest.peek() {
            match c {
                '|' | ')' => break,
                '(' => {
                    self.rest.next();
                    parts.push(self.group(at)?);
                    separator = None;
                }
                c if c.is_whitespace() || c == '_' => {
                    self.rest.next();
                }
                ':' | '-' | ',' if separator.is_none() && !parts.is_empty() => {
                    self.rest.next();
                    separator = Some(at);
                }
                _ => {
                    self.prefix();
                    parts.push(self.byte()?);
                    separator = None;
                }
            }
        }
        match separator {
            Some(at) => {
                Err(self.refuse(at, "no byte follows this separator; add one, or remove it"))
            }
            None => Ok(Hir::concat(parts)),
        }
    }

    /// Skips `0x` or `\x`. No byte starts like this.
    fn prefix(&mut self) {
        let mut ahead = self.rest.clone();
        let is_start = matches!(ahead.next(), Some((_, '0' | '\\')));
        if is_start && matches!(ahead.next(), Some((_, 'x' | 'X'))) {
            self.rest = ahead;
        }
    }

    /// Parses the content of a bracket that was opened at `at`.
    fn group(&mut self, at: usize) -> Result<Hir, PatternError> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > DEEPEST {
            return Err(self.refuse(at, "brackets are nested too deep; use fewer"));
        }
        let hir = self.alternatives()?;
        self.depth = self.depth.saturating_sub(1);
        match self.rest.next() {
            Some((_, ')')) => Ok(hir),
            _ => Err(self.refuse(at, "this bracket is not closed; add `)`")),
        }
    }

    /// Two digits or `?`.
    fn byte(&mut self) -> Result<Hir, PatternError> {
        let high = self.digit()?;
        let low = self.digit()?;
        if let (Some(high), Some(low)) = (high, low) {
            return Ok(Hir::literal([high << 4 | low]));
        }
        let matches = |byte: u8| {
            high.is_none_or(|high| byte >> 4 == high) && low.is_none_or(|low| byte & 15 == low)
        };
        let all = (0..=u8::MAX).filter(|&byte| matches(byte));
        let ranges = all.map(|byte| ClassBytesRange::new(byte, byte));
        Ok(Hir::class(Class::Bytes(ClassBytes::new(ranges))))
    }

    /// A digit's value; `None` for `?`.
    fn digit(&mut self) -> Result<Option<u8>, PatternError> {
        let (at, c) = self.rest.peek().copied().unwrap_or((self.text.len(), ' '));
        let digit = c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        if digit.is_none() && c != '?' {
            let what = if at == self.text.len() || c.is_whitespace() || "|()_".contains(c) {
                "a byte has two digits; add the second one, or `?`".to_owned()
            } else {
                format!("`{}` is not a hexadecimal digit; use 0-9, A-F or `?`", c.escape_default())
            };
            return Err(self.refuse(at, what));
        }
        self.rest.next();
        Ok(digit)
    }

    fn refuse(&self, at: usize, what: impl Into<String>) -> PatternError {
        let before = self.text.get(..at).unwrap_or(self.text);
        PatternError::new(before.chars().count().saturating_add(1), what)
    }
}
