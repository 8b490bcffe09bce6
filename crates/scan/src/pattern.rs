use std::fmt;
use std::sync::Arc;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

use crate::matcher::Matcher;
use crate::{Number, PatternError};

mod hex;
mod text;

pub use text::Encoding;

/// A pattern to search for. It can be used by any number of scans and threads.
///
/// | to look for | made by |
/// |---|---|
/// | a byte, one of some bytes | [`byte`](Self::byte), [`byte_set`](Self::byte_set) |
/// | a sequence of bytes, one of many | [`literal`](Self::literal), [`literals`](Self::literals) |
/// | bytes, some of them unknown | [`hex`](Self::hex) |
/// | a regular expression over bytes | [`regex`](Self::regex) |
/// | one of several patterns | [`any`](Self::any) |
/// | a number, or one of a range | [`number`](Self::number) |
/// | text in an encoding, in any case | [`text`](Self::text), [`text_in_any_case`](Self::text_in_any_case) |
/// | printable text of some length | [`strings`](Self::strings) |
///
/// The matches are those of one search from the first to the last byte: the leftmost match, then
/// the leftmost one after its end, and so on. If several start at the same byte, the one that comes
/// first in the pattern counts, as in the `regex` crate.
///
/// # Cost
/// Cloning copies a pointer.
///
/// # Examples
/// ```
/// use memmap_scan::Pattern;
///
/// let png = Pattern::hex("89 50 4E 47 0D 0A 1A 0A")?;
/// let date = Pattern::regex(r"\d{4}-\d{2}-\d{2}")?;
/// assert_eq!((png.max_len(), date.max_len()), (Some(8), Some(10)));
/// assert_eq!(Pattern::regex("a+b")?.max_len(), None);
/// let error = Pattern::hex("DE AD G0").unwrap_err();
/// assert_eq!(error.column(), 7);
/// # Ok::<(), memmap_scan::PatternError>(())
/// ```
#[derive(Clone)]
pub struct Pattern {
    matcher: Arc<Matcher>,
    overlaps: bool,
}

impl Pattern {
    /// One byte.
    pub fn byte(byte: u8) -> Self {
        Self::new(Matcher::literal(&[byte]))
    }

    /// Any of these bytes.
    ///
    /// # Errors
    /// If there are no bytes.
    pub fn byte_set(bytes: &[u8]) -> Result<Self, PatternError> {
        match bytes {
            [] => Err(nothing()),
            &[byte] => Ok(Self::byte(byte)),
            bytes => Ok(Self::new(Matcher::set(bytes))),
        }
    }

    /// A sequence of bytes.
    ///
    /// # Errors
    /// If there are no bytes.
    pub fn literal(bytes: impl AsRef<[u8]>) -> Result<Self, PatternError> {
        match bytes.as_ref() {
            [] => Err(nothing()),
            bytes => Ok(Self::new(Matcher::literal(bytes))),
        }
    }

    /// Any of these sequences of bytes; [`Match::index`](crate::Match::index) tells which one
    /// matched.
    ///
    /// # Errors
    /// If there are no sequences, or one is empty: the column is then its number. If they are too
    /// many or too long to be compiled.
    pub fn literals<I>(all: I) -> Result<Self, PatternError>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        let all: Vec<Vec<u8>> = all.into_iter().map(|bytes| bytes.as_ref().to_vec()).collect();
        if all.is_empty() {
            return Err(nothing());
        }
        if let Some(empty) = all.iter().position(Vec::is_empty) {
            let what = "this pattern is empty; remove it";
            return Err(PatternError::new(empty.saturating_add(1), what));
        }
        Matcher::literals(&all).map(Self::new).map_err(too_large)
    }

    /// Any of these patterns. If several match at the same byte, the first one counts. Whether
    /// matches may overlap is set on the result. If all patterns are literals,
    /// [`Match::index`](crate::Match::index) tells which one matched.
    ///
    /// # Errors
    /// If there are no patterns; if one cannot be combined with others: a number with an alignment
    /// or a range, or what [`literals`](Self::literals) or [`strings`](Self::strings) made. The
    /// column is then its number. If they are too large to be compiled.
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{Map, testing::Fake};
    /// use memmap_scan::{Pattern, Scan};
    ///
    /// let mm = Map::from_mapping(Fake::new(b"GIF89a PNG 1999"));
    /// let either = Pattern::any([Pattern::hex("50 4E 47")?, Pattern::regex(r"\d{4}")?])?;
    /// assert_eq!(Scan::new(&mm).count(&either)?.value, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn any(all: impl IntoIterator<Item = Self>) -> Result<Self, PatternError> {
        let mut all: Vec<Self> = all.into_iter().collect();
        if all.len() == 1
            && let Some(only) = all.pop()
        {
            return Ok(only.overlapping(false));
        }
        let literals: Option<Vec<_>> = all.iter().map(|one| one.matcher.only_literal()).collect();
        if let Some(literals) = literals {
            return Self::literals(literals);
        }
        let expression = |(one, number): (&Self, usize)| {
            one.matcher.expression().ok_or_else(|| {
                let what = "this pattern cannot be combined with others; search for it alone";
                PatternError::new(number, what)
            })
        };
        let all: Result<Vec<Hir>, _> = all.iter().zip(1..).map(expression).collect();
        Self::of(&Hir::alternation(all?))
    }

    /// Bytes as pairs of hexadecimal digits: `DE AD ?? E? (01|02 03)`.
    ///
    /// `?` stands for any digit, and `(a|b)` for one or the other. Spaces and `_` separate bytes,
    /// and so does a single `:`, `-` or `,` between two of them. A byte may be prefixed with `0x`
    /// or `\x`.
    ///
    /// # Errors
    /// With the column of the syntax error.
    pub fn hex(text: &str) -> Result<Self, PatternError> {
        Self::of(&hex::parse(text)?)
    }

    /// A regular expression over bytes, in the syntax of the `regex` crate. `.`, `\w` and classes
    /// match bytes and ASCII, unless `(?u)` turns on Unicode.
    ///
    /// # Errors
    /// With the column of the syntax error; if it is too large to be compiled.
    ///
    /// # Source
    /// The crates regex-syntax and regex-automata.
    pub fn regex(text: &str) -> Result<Self, PatternError> {
        let hir = ParserBuilder::new().utf8(false).unicode(false).build().parse(text);
        Self::of(&hir.map_err(|error| described(&error))?)
    }

    /// A number, such as `u32le=1000`, `i16be=-5..5@2` or `f64le=3.14~0.01`; see [`Number`].
    ///
    /// # Errors
    /// With the column of the syntax error.
    pub fn number(text: &str) -> Result<Self, PatternError> {
        text.parse().map(Self::value)
    }

    /// A parsed number.
    pub fn value(number: Number) -> Self {
        Self::new(Matcher::number(number))
    }

    /// Text in an encoding.
    ///
    /// # Errors
    /// If it is empty; with the column of a character that the encoding cannot represent.
    pub fn text(text: &str, encoding: Encoding) -> Result<Self, PatternError> {
        Self::literal(text::bytes(text, encoding)?)
    }

    /// Text in an encoding, in upper or lower case (Unicode simple case folding).
    ///
    /// # Errors
    /// Those of [`text`](Self::text).
    pub fn text_in_any_case(text: &str, encoding: Encoding) -> Result<Self, PatternError> {
        if text.is_empty() {
            return Err(nothing());
        }
        Self::of(&text::any_case(text, encoding)?)
    }

    /// Runs of at least `min_len` printable ASCII characters, including tabs, as strings(1) finds
    /// them.
    pub fn strings(min_len: usize) -> Self {
        Self::new(Matcher::runs(is_printable, min_len.max(1)))
    }

    /// Whether matches may overlap. If so, each offset at which a match starts counts.
    #[must_use]
    pub fn overlapping(self, overlaps: bool) -> Self {
        Self { overlaps, ..self }
    }

    /// Length of the shortest match, in bytes.
    pub fn min_len(&self) -> u64 {
        self.matcher.min_len
    }

    /// Length of the longest match, in bytes; `None` if there is no limit. A match that is longer
    /// than [`max_match_len`](crate::Scan::max_match_len) may then be cut, which the outcome
    /// reports.
    pub fn max_len(&self) -> Option<u64> {
        self.matcher.max_len
    }

    pub(crate) fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    pub(crate) const fn overlaps(&self) -> bool {
        self.overlaps
    }

    fn new(matcher: Matcher) -> Self {
        Self { matcher: Arc::new(matcher), overlaps: false }
    }

    /// Compiles an expression. One that is only bytes becomes a literal.
    fn of(hir: &Hir) -> Result<Self, PatternError> {
        match hir.kind() {
            HirKind::Literal(literal) => Ok(Self::new(Matcher::literal(&literal.0))),
            _ => Matcher::regex(hir).map(Self::new).map_err(too_large),
        }
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pattern")
            .field("min_len", &self.min_len())
            .field("max_len", &self.max_len())
            .field("overlaps", &self.overlaps)
            .finish_non_exhaustive()
    }
}

/// Whether strings(1) prints it.
pub(crate) const fn is_printable(byte: u8) -> bool {
    byte == b'\t' || (b' ' <= byte && byte <= b'~')
}

fn nothing() -> PatternError {
    PatternError::new(1, "the pattern is empty; enter at least one byte")
}

fn too_large(error: impl fmt::Display) -> PatternError {
    PatternError::new(1, format!("the pattern is too large: {error}; search for less at once"))
}

/// The error of the parser, on one line.
fn described(error: &regex_syntax::Error) -> PatternError {
    let (column, what) = match error {
        regex_syntax::Error::Parse(error) => (error.span().start.column, error.kind().to_string()),
        regex_syntax::Error::Translate(error) => {
            (error.span().start.column, error.kind().to_string())
        }
        error => (1, error.to_string()),
    };
    PatternError::new(column, what)
}
