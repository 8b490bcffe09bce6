//! Text in an encoding, exact or ignoring case.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange, Hir};

use crate::PatternError;

/// A text encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// One to four bytes per character.
    Utf8,
    /// Two or four bytes per character, the low byte of each pair first, as on Windows.
    Utf16Le,
    /// Two or four bytes per character, the high byte of each pair first.
    Utf16Be,
    /// One byte per character, for the first 256 characters of Unicode (ISO 8859-1).
    Latin1,
}

impl Encoding {
    /// The bytes of a character; `None` if the encoding cannot represent it.
    fn bytes_of(self, c: char) -> Option<Vec<u8>> {
        let mut units = [0; 2];
        Some(match self {
            Self::Utf8 => c.encode_utf8(&mut [0; 4]).as_bytes().to_vec(),
            Self::Utf16Le => {
                c.encode_utf16(&mut units).iter().flat_map(|u| u.to_le_bytes()).collect()
            }
            Self::Utf16Be => {
                c.encode_utf16(&mut units).iter().flat_map(|u| u.to_be_bytes()).collect()
            }
            Self::Latin1 => vec![u8::try_from(u32::from(c)).ok()?],
        })
    }
}

/// Encodes a text.
pub(super) fn bytes(text: &str, encoding: Encoding) -> Result<Vec<u8>, PatternError> {
    let mut bytes = Vec::new();
    for (column, c) in (1..).zip(text.chars()) {
        bytes.extend(encoding.bytes_of(c).ok_or_else(|| foreign(column, c))?);
    }
    Ok(bytes)
}

/// An expression for a text that ignores case.
pub(super) fn any_case(text: &str, encoding: Encoding) -> Result<Hir, PatternError> {
    let mut parts = Vec::new();
    for (column, c) in (1..).zip(text.chars()) {
        let own = encoding.bytes_of(c).ok_or_else(|| foreign(column, c))?;
        // The character itself comes first. Variants that cannot be encoded cannot occur.
        let mut variants = vec![own];
        for range in folded(c).ranges() {
            let others = (range.start()..=range.end()).filter_map(|other| encoding.bytes_of(other));
            variants.extend(others);
        }
        variants.dedup();
        parts.push(Hir::alternation(variants.into_iter().map(Hir::literal).collect()));
    }
    Ok(Hir::concat(parts))
}

/// A character and its case variants (Unicode simple case folding).
fn folded(c: char) -> ClassUnicode {
    let mut class = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
    // It fails only without the Unicode tables; then use the case of ASCII.
    if class.try_case_fold_simple().is_err() {
        let other =
            if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        class.push(ClassUnicodeRange::new(other, other));
    }
    class
}

fn foreign(column: usize, c: char) -> PatternError {
    let what = format!("Latin-1 has no `{}`; use another encoding", c.escape_default());
    PatternError::new(column, what)
}
