//! Expressions that are no more than a set of bytes for each place.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::byte_set::ByteSet;

/// Which bytes each place of a match may have: `DE AD ?? E?`, a date, a word in any case.
///
/// A candidate is compared with it in a few instructions, where a regex engine needs some hundred.
#[derive(Debug)]
pub(crate) struct ByteClasses(Vec<ByteSet>);

/// Maximum number of classes: more are not worth their tables.
const MOST: usize = 64;

impl ByteClasses {
    /// `None` of an expression that is more than that.
    pub(crate) fn of(hir: &Hir) -> Option<Self> {
        let mut classes = Vec::new();
        add(hir, &mut classes)?;
        Some(Self(classes))
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// How many bytes match at the start of these; `None` if they do not.
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
        // Classes of Unicode vary in length, what is empty or looks around has no place, and of
        // alternatives one may be longer.
        _ => return None,
    }
    Some(())
}

fn push(classes: &mut Vec<ByteSet>, set: ByteSet) -> Option<()> {
    classes.push(set);
    (classes.len() <= MOST).then_some(())
}
