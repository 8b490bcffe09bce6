use std::fmt;
use std::sync::Arc;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

use crate::matcher::Matcher;
use crate::{Number, PatternError};

mod hex;
mod text;

pub use text::Encoding;

/// What to look for: made once, used by any number of scans and threads.
///
/// | to look for | made by |
/// |---|---|
/// | a byte, one of some bytes | [`byte`](Self::byte), [`byte_set`](Self::byte_set) |
/// | a sequence of bytes, one of many | [`literal`](Self::literal), [`literals`](Self::literals) |
/// | bytes of which some are unknown | [`hex`](Self::hex) |
/// | a regular expression over bytes | [`regex`](Self::regex) |
/// | one of several patterns | [`any`](Self::any) |
/// | a number, or one of a range | [`number`](Self::number) |
/// | text in an encoding, in any case | [`text`](Self::text), [`text_in_any_case`](Self::text_in_any_case) |
/// | printable text of some length | [`strings`](Self::strings) |
///
/// What is found is what one search from the first to the last byte would find: the leftmost match,
/// then the leftmost one behind its end, and so on. Of several that start at the same byte, the one that
/// stands first in the pattern counts, as in the `regex` crate.
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
    /// This byte.
    pub fn byte(byte: u8) -> Self {
        Self::new(Matcher::literal(&[byte]))
    }

    /// One of these bytes.
    ///
    /// # Errors
    /// If there is none.
    pub fn byte_set(bytes: &[u8]) -> Result<Self, PatternError> {
        match bytes {
            [] => Err(nothing()),
            &[byte] => Ok(Self::byte(byte)),
            bytes => Ok(Self::new(Matcher::set(bytes))),
        }
    }

    /// These bytes, in this order.
    ///
    /// # Errors
    /// If there is none.
    pub fn literal(bytes: impl AsRef<[u8]>) -> Result<Self, PatternError> {
        match bytes.as_ref() {
            [] => Err(nothing()),
            bytes => Ok(Self::new(Matcher::literal(bytes))),
        }
    }

    /// One of these sequences of bytes; [`Match::index`](crate::Match::index) says which.
    ///
    /// # Errors
    /// If there is none, or one is empty; the column is then its number. If they are too many or too
    /// long to be looked for at once.
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
            let what = "this one is empty; remove it";
            return Err(PatternError::new(empty.saturating_add(1), what));
        }
        Matcher::literals(&all).map(Self::new).map_err(too_large)
    }

    /// One of these patterns; of several that match at the same byte the first one counts. Whether they
    /// overlap is asked of the whole. Where all are literals, [`Match::index`](crate::Match::index) says
    /// which it is.
    ///
    /// # Errors
    /// If there is none, or one is a number that must be aligned, or of which there is a range, or made
    /// by [`literals`](Self::literals) or [`strings`](Self::strings): those are no expressions; the
    /// column is then its number. If they are too much to be looked for at once.
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{MemMap, testing::Fake};
    /// use memmap_scan::{Pattern, Scan};
    ///
    /// let mm = MemMap::from_mapping(Fake::new(b"GIF89a PNG 1999"));
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
                let what = "this one is no expression; look for it alone";
                PatternError::new(number, what)
            })
        };
        let all: Result<Vec<Hir>, _> = all.iter().zip(1..).map(expression).collect();
        Self::of(&Hir::alternation(all?))
    }

    /// Bytes as pairs of hexadecimal digits, of which any may be `?`, with `(a|b)` for one or the
    /// other: `DE AD ?? E? (01|02 03)`. Spaces and `_` separate, and between two bytes `:`, `-` or `,`. A byte
    /// may have `0x` or `\x` before it.
    ///
    /// # Errors
    /// With the column of what cannot be understood.
    pub fn hex(text: &str) -> Result<Self, PatternError> {
        Self::of(&hex::parse(text)?)
    }

    /// A regular expression over bytes, in the syntax of the `regex` crate: `.`, `\w` and classes are
    /// about bytes and ASCII, unless `(?u)` says otherwise.
    ///
    /// # Errors
    /// With the column of what cannot be understood; if it is too large to be compiled.
    ///
    /// # Source
    /// The crates regex-syntax and regex-automata.
    pub fn regex(text: &str) -> Result<Self, PatternError> {
        let hir = ParserBuilder::new().utf8(false).unicode(false).build().parse(text);
        Self::of(&hir.map_err(|error| described(&error))?)
    }

    /// A number, as `u32le=1000`, `i16be=-5..5@2`, `f64le=3.14~0.01`; see [`Number`].
    ///
    /// # Errors
    /// With the column of what cannot be understood.
    pub fn number(text: &str) -> Result<Self, PatternError> {
        text.parse().map(Self::value)
    }

    /// A number.
    pub fn value(number: Number) -> Self {
        Self::new(Matcher::number(number))
    }

    /// A text, as it is stored in an encoding.
    ///
    /// # Errors
    /// If it is empty; with the column of a character that the encoding does not have.
    pub fn text(text: &str, encoding: Encoding) -> Result<Self, PatternError> {
        Self::literal(text::bytes(text, encoding)?)
    }

    /// A text of which each character may be in upper or lower case, by Unicode's simple case folding.
    ///
    /// # Errors
    /// Those of [`text`](Self::text).
    pub fn text_in_any_case(text: &str, encoding: Encoding) -> Result<Self, PatternError> {
        if text.is_empty() {
            return Err(nothing());
        }
        Self::of(&text::any_case(text, encoding)?)
    }

    /// At least so many printable characters of ASCII in a row, tabs included: what strings(1) finds.
    pub fn strings(min_len: usize) -> Self {
        Self::new(Matcher::runs(
            |byte| byte == b'\t' || (b' '..=b'~').contains(&byte),
            min_len.max(1),
        ))
    }

    /// Whether matches may overlap. Then each byte at which one starts counts, whatever covers it.
    #[must_use]
    pub fn overlapping(self, overlaps: bool) -> Self {
        Self { overlaps, ..self }
    }

    /// Bytes of the shortest match.
    pub fn min_len(&self) -> u64 {
        self.matcher.min_len
    }

    /// Bytes of the longest match; `None` if there is no bound. Then a match that is longer than
    /// [`max_match_len`](crate::Scan::max_match_len) may be cut, which the outcome says.
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

    /// An expression; one that is only bytes is a literal.
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

fn nothing() -> PatternError {
    PatternError::new(1, "there is nothing to look for; give at least one byte")
}

fn too_large(error: impl fmt::Display) -> PatternError {
    PatternError::new(1, format!("the pattern is too large: {error}; look for less at once"))
}

/// What the parser says, on one line.
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
