//! What to look for first: bytes at fixed distances from the start of a match that are rare.

use memmap_core::{Lane, SHAPE_LEN, Shape};
use regex_syntax::hir::{Class, Hir, HirKind};

use super::byte_set::ByteSet;

/// Bytes that all matches have near their start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Prefilter {
    /// Bytes from the start of the match to the shape.
    pub(crate) at: usize,
    pub(crate) shape: Shape,
    /// The length of the matches, if everything with this shape is a match.
    pub(crate) match_len: Option<usize>,
}

/// Maximum number of bytes of a pattern that are considered.
const MOST_PLACES: usize = 64;

/// A prefilter with more candidates than one in this many bytes costs more than it saves.
const FEWEST_BYTES: f64 = 48.0;

impl Prefilter {
    /// The best prefilter for a literal.
    pub(crate) fn of_literal(bytes: &[u8]) -> Option<Self> {
        let one = |&byte: &u8| ByteSet::of(|other| other == byte);
        let classes: Vec<_> = bytes.iter().take(MOST_PLACES).map(one).collect();
        Self::best(&classes, f64::INFINITY, Some(bytes.len()))
    }

    /// The best prefilter for an expression, if one is worth it. `len` is the length of the
    /// matches, if the expression is one class for each byte.
    pub(crate) fn of_hir(hir: &Hir, len: Option<usize>) -> Option<Self> {
        let mut classes = Vec::new();
        leading(hir, &mut classes);
        Self::best(&classes, 1.0 / FEWEST_BYTES, len)
    }

    fn best(classes: &[ByteSet], most: f64, len: Option<usize>) -> Option<Self> {
        let lanes: Vec<Lane> = classes.iter().map(ByteSet::lane).collect();
        let mut shares: Vec<(usize, f64)> =
            lanes.iter().map(|&lane| share(lane)).enumerate().collect();
        shares.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        let &(best, best_share) = shares.first()?;
        // The bytes that fit into one register together with the rarest.
        let last_start = classes.len().saturating_sub(SHAPE_LEN);
        let start = best.saturating_sub(SHAPE_LEN / 2).min(last_start);
        let end = start.saturating_add(SHAPE_LEN).min(classes.len());
        let others = || shares.iter().skip(1).filter(|(at, _)| (start..end).contains(at));
        // The same byte again says less: bytes often come in runs.
        let other = others().find(|(at, _)| lanes.get(*at) != lanes.get(best));
        let (other, both) = match other.or_else(|| others().next()) {
            Some(&(other, its_share)) => (other, best_share * its_share),
            None => (best, best_share),
        };
        if both > most {
            return None;
        }
        let rare = [best.min(other).checked_sub(start)?, best.max(other).checked_sub(start)?];
        let shape = Shape::new(lanes.get(start..end)?, rare)?;
        let is_exact = classes.iter().zip(&lanes).all(|(set, &lane)| set.is(lane));
        let match_len = len.filter(|&len| is_exact && len == shape.len());
        Some(Self { at: start, shape, match_len })
    }
}

/// The frequency of the bytes that a lane accepts.
fn share(lane: Lane) -> f64 {
    (0..=u8::MAX).filter(|&byte| lane.has(byte)).map(frequency).sum()
}

/// The frequency of a byte in an average file, very roughly: half text, half programs.
fn frequency(byte: u8) -> f64 {
    match byte {
        0 => 0.12,
        b' ' => 0.07,
        b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 0.03,
        b'\n' | 0xFF => 0.02,
        b'a'..=b'z' => 0.01,
        b'0'..=b'9' => 0.008,
        b'A'..=b'Z' | 1..=8 | b'/' | b'.' | b'_' | b'-' | b',' => 0.004,
        0x80.. => 0.0015,
        _ => 0.003,
    }
}

/// Adds the sets of bytes that have a fixed distance from the start of a match. Returns whether the
/// end of the expression has one, too.
fn leading(hir: &Hir, classes: &mut Vec<ByteSet>) -> bool {
    if classes.len() >= MOST_PLACES {
        return false;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => {
            let room = MOST_PLACES.saturating_sub(classes.len());
            let one = |&byte: &u8| ByteSet::of(|other| other == byte);
            classes.extend(literal.0.iter().take(room).map(one));
            literal.0.len() <= room
        }
        HirKind::Class(Class::Bytes(class)) => {
            let ranges = class.ranges();
            let has =
                |byte| ranges.iter().any(|range| range.start() <= byte && byte <= range.end());
            if !ranges.is_empty() {
                classes.push(ByteSet::of(has));
            }
            !ranges.is_empty()
        }
        // Their lengths vary, unless all are ASCII.
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = class.ranges();
            let is_ascii = ranges.iter().all(|range| range.end().is_ascii());
            if ranges.is_empty() || !is_ascii {
                return false;
            }
            let has = |byte: u8| {
                ranges.iter().any(|range| (range.start()..=range.end()).contains(&char::from(byte)))
            };
            classes.push(ByteSet::of(has));
            true
        }
        HirKind::Capture(capture) => leading(&capture.sub, classes),
        HirKind::Concat(parts) => parts.iter().all(|part| leading(part, classes)),
        HirKind::Repetition(repetition) => {
            for _ in 0..repetition.min {
                if !leading(&repetition.sub, classes) {
                    return false;
                }
            }
            repetition.max == Some(repetition.min)
        }
        HirKind::Alternation(all) => {
            let mut joined: Option<Vec<ByteSet>> = None;
            let mut is_fixed = true;
            for part in all {
                let mut own = Vec::new();
                is_fixed &= leading(part, &mut own);
                match &mut joined {
                    None => joined = Some(own),
                    Some(joined) => {
                        is_fixed &= joined.len() == own.len();
                        joined.truncate(own.len());
                        joined.iter_mut().zip(&own).for_each(|(set, other)| set.join(other));
                    }
                }
            }
            classes.extend(joined.unwrap_or_default());
            is_fixed
        }
    }
}
