//! Expressions that are one class of bytes for each byte of a match.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::byte_set::ByteSet;

/// The classes of an expression such as `DE AD ?? E?`, a date, or a word in any case.
///
/// Comparing a candidate takes a few instructions; a regex engine needs some hundred.
#[derive(Debug)]
pub(crate) struct ByteClasses(Vec<ByteSet>);

/// Maximum number of classes: more are not worth their tables.
const MOST: usize = 64;

impl ByteClasses {
    /// `None` if the expression is more than that.
    pub(crate) fn of(hir: &Hir) -> Option<Self> {
        let mut classes = Vec::new();
        add(hir, &mut classes)?;
        Some(Self(classes))
    }

    /// The number of bytes of a match.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// The length of the match at the start of `bytes`, if there is one.
    #[inline]
    pub(crate) fn match_len(&self, bytes: &[u8]) -> Option<usize> {
        let bytes = bytes.get(..self.0.len())?;
        let fits = |(set, byte): (&ByteSet, &u8)| set.has(*byte);
        self.0.iter().zip(bytes).all(fits).then_some(bytes.len())
    }
}

fn add(hir: &Hir, classes: &mut Vec<ByteSet>) -> Option<()> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            for &byte in &literal.0 {
                push(classes, ByteSet::of(|other| other == byte))?;
            }
        }
        HirKind::Class(Class::Bytes(class)) => {
            let ranges = class.ranges();
            let has =
                |byte| ranges.iter().any(|range| range.start() <= byte && byte <= range.end());
            push(classes, ByteSet::of(has))?;
        }
        HirKind::Capture(capture) => add(&capture.sub, classes)?,
        HirKind::Concat(parts) => {
            for part in parts {
                add(part, classes)?;
            }
        }
        HirKind::Repetition(repetition) if repetition.max == Some(repetition.min) => {
            for _ in 0..repetition.min {
                add(&repetition.sub, classes)?;
            }
        }
        // Unicode classes vary in length, assertions have no byte, and one alternative may be
        // longer than another.
        _ => return None,
    }
    Some(())
}

fn push(classes: &mut Vec<ByteSet>, set: ByteSet) -> Option<()> {
    classes.push(set);
    (classes.len() <= MOST).then_some(())
}
