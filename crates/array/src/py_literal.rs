//! Python literals that occur in headers: strings, integers, True, False, None, tuples, lists and
//! dictionaries.

mod quote;
mod string;

pub(crate) use quote::{quoted, tuple};

use crate::dtype::Fault;

/// A value and its range in the text, in bytes.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Literal {
    pub(crate) value: Value,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Value {
    Text(String),
    Int(i128),
    Bool(bool),
    None,
    Tuple(Vec<Literal>),
    List(Vec<Literal>),
    Dict(Vec<(Literal, Literal)>),
}

/// Whether integers may end in `L`, as Python 2 wrote them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dialect {
    Python2,
    Python3,
}

/// The limit on nested brackets. A data type has up to three for each level.
const MAX_DEPTH: usize = 3 * crate::DType::MAX_DEPTH + 8;

/// Parses a text that is a single literal.
///
/// # Cost
/// One pass. Memory in proportion to the text.
pub(crate) fn parse(text: &str, dialect: Dialect) -> Result<Literal, Fault> {
    let mut parser = Parser { text, at: 0, depth: 0, dialect };
    parser.skip_blank();
    let literal = parser.value()?;
    parser.skip_blank();
    if parser.at < text.len() {
        return parser.fail("expected the end");
    }
    Ok(literal)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    dialect: Dialect,
}

impl<'a> Parser<'a> {
    fn value(&mut self) -> Result<Literal, Fault> {
        let start = self.at;
        let value = match self.peek() {
            Some('(') => self.tuple()?,
            Some('[') => Value::List(self.nested(']', Self::value)?.0),
            Some('{') => Value::Dict(self.nested('}', Self::entry)?.0),
            Some('+' | '-' | '0'..='9') => Value::Int(self.number()?),
            Some(c) if string::starts(self.rest(), c) => Value::Text(self.strings()?),
            _ => self.word()?,
        };
        Ok(Literal { value, start, end: self.at })
    }

    /// Parses a tuple, or a value in parentheses.
    fn tuple(&mut self) -> Result<Value, Fault> {
        let (mut items, has_comma) = self.nested(')', Self::value)?;
        match items.pop() {
            Some(only) if items.is_empty() && !has_comma => Ok(only.value),
            last => {
                items.extend(last);
                Ok(Value::Tuple(items))
            }
        }
    }

    fn entry(&mut self) -> Result<(Literal, Literal), Fault> {
        let key = self.value()?;
        self.skip_blank();
        if !self.eat(':') {
            return self.fail("expected a colon and the value of the key");
        }
        self.skip_blank();
        Ok((key, self.value()?))
    }

    /// Parses items in brackets. Also returns whether the last one is followed by a comma.
    fn nested<T>(
        &mut self,
        closing: char,
        mut item: impl FnMut(&mut Self) -> Result<T, Fault>,
    ) -> Result<(Vec<T>, bool), Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail("brackets are nested too deep");
        }
        self.bump();
        let mut items = Vec::new();
        let mut has_comma = false;
        loop {
            self.skip_blank();
            if self.eat(closing) {
                break;
            }
            if !items.is_empty() && !has_comma {
                return self.fail("expected a comma or the closing bracket");
            }
            items.push(item(self)?);
            self.skip_blank();
            has_comma = self.eat(',');
        }
        self.depth -= 1;
        Ok((items, has_comma))
    }

    /// Parses adjacent strings, which are concatenated.
    fn strings(&mut self) -> Result<String, Fault> {
        let mut whole = String::new();
        loop {
            let at = self.at;
            self.at += string::read(self.rest(), &mut whole).map_err(|it| it.shifted(at))?;
            let end = self.at;
            self.skip_blank();
            if !self.peek().is_some_and(|c| string::starts(self.rest(), c)) {
                self.at = end;
                return Ok(whole);
            }
        }
    }

    fn number(&mut self) -> Result<i128, Fault> {
        let start = self.at;
        let is_negative = self.peek() == Some('-');
        if is_negative || self.peek() == Some('+') {
            self.bump();
            self.skip_blank();
        }
        let radix = match self.rest().as_bytes() {
            [b'0', b'x' | b'X', ..] => 16,
            [b'0', b'o' | b'O', ..] => 8,
            [b'0', b'b' | b'B', ..] => 2,
            _ => 10,
        };
        if radix != 10 {
            self.at += 2;
        }
        let word = self.rest();
        let len = word.find(|c: char| !c.is_digit(radix) && c != '_').unwrap_or(word.len());
        let digits = word.get(..len).unwrap_or_default();
        let is_spaced = digits.starts_with('_') && radix == 10;
        let is_padded =
            radix == 10 && digits.starts_with('0') && digits.contains(|c| c != '0' && c != '_');
        if digits.is_empty()
            || is_spaced
            || is_padded
            || digits.ends_with('_')
            || digits.contains("__")
        {
            return self.fail("expected an integer");
        }
        let Ok(number) = i128::from_str_radix(&digits.replace('_', ""), radix) else {
            return self.fail("the number is too large");
        };
        self.at += len;
        if self.dialect == Dialect::Python2 {
            let end = self.at;
            self.skip_blank();
            if !self.eat('L') {
                self.at = end;
            }
        }
        if self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.') {
            self.at = start;
            return self.fail("expected an integer");
        }
        Ok(if is_negative { -number } else { number })
    }

    fn word(&mut self) -> Result<Value, Fault> {
        let rest = self.rest();
        let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let value = match rest.get(..len) {
            Some("True") => Value::Bool(true),
            Some("False") => Value::Bool(false),
            Some("None") => Value::None,
            Some("") if rest.is_empty() => return self.fail("unexpected end"),
            _ => return self.fail("expected a string, a number, True, False, None or a bracket"),
        };
        self.at += len;
        Ok(value)
    }

    /// Skips spaces, line breaks and comments.
    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            let blank = |c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}');
            let trimmed = rest.trim_start_matches(blank);
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with('#') {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    fn eat(&mut self, expected: char) -> bool {
        let is_next = self.peek() == Some(expected);
        if is_next {
            self.bump();
        }
        is_next
    }

    fn fail<T>(&self, problem: &'static str) -> Result<T, Fault> {
        Err(Fault::syntax(self.at, problem))
    }
}

#[cfg(test)]
mod tests;
