//! What to look for first: two bytes at a fixed distance that few places have.

use regex_syntax::hir::{Class, Hir, HirKind};

/// One byte of each match: its place, and what all that it can be have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sign {
    /// Bytes from the start of the match.
    pub(crate) at: usize,
    /// The bits that are the same in all.
    pub(crate) mask: u8,
    /// Those bits.
    pub(crate) value: u8,
}

/// Two signs of each match, in order; twice the same if there is only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Probe {
    pub(crate) first: Sign,
    pub(crate) second: Sign,
}

/// How many bytes of a pattern are looked at for signs.
const MOST_PLACES: usize = 64;

/// A probe that finds more than one candidate in so many bytes costs more than it saves.
const FEWEST_BYTES: f64 = 48.0;

impl Probe {
    /// The best probe for a literal.
    pub(crate) fn of_literal(bytes: &[u8]) -> Option<Self> {
        let places: Vec<_> = bytes.iter().take(MOST_PLACES).map(|&byte| Set::of(byte)).collect();
        Self::best(&places, f64::INFINITY)
    }

    /// The best probe for what starts each match of an expression, if one is worth it.
    pub(crate) fn of_hir(hir: &Hir) -> Option<Self> {
        let mut places = Vec::new();
        leading(hir, &mut places);
        Self::best(&places, 1.0 / FEWEST_BYTES)
    }

    fn best(places: &[Set], most: f64) -> Option<Self> {
        let mut signs: Vec<(Sign, f64)> = places
            .iter()
            .enumerate()
            .map(|(at, set)| set.sign(at))
            .filter(|(sign, _)| sign.mask != 0)
            .collect();
        signs.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        let &(best, share) = signs.first()?;
        // Next to the best one the same byte says less: in runs it comes with it.
        let other = signs.iter().skip(1).find(|(sign, _)| sign.value != best.value);
        let (other, both) = match other.or_else(|| signs.get(1)) {
            Some(&(other, its_share)) => (other, share * its_share),
            None => (best, share),
        };
        let (first, second) = if other.at < best.at { (other, best) } else { (best, other) };
        (both <= most).then_some(Self { first, second })
    }
}

/// The bytes that may stand at one place.
#[derive(Clone)]
struct Set {
    all: u8,
    any: u8,
}

impl Set {
    const fn of(byte: u8) -> Self {
        Self { all: byte, any: byte }
    }

    const fn add(&mut self, byte: u8) {
        self.all &= byte;
        self.any |= byte;
    }

    const fn join(&mut self, other: &Self) {
        self.all &= other.all;
        self.any |= other.any;
    }

    /// What all have in common, and how frequent the bytes are that have it.
    fn sign(&self, at: usize) -> (Sign, f64) {
        let sign = Sign { at, mask: !(self.all ^ self.any), value: self.all };
        let share = (0..=u8::MAX)
            .filter(|byte| byte & sign.mask == sign.value & sign.mask)
            .map(frequency)
            .sum();
        (Sign { value: sign.value & sign.mask, ..sign }, share)
    }
}

/// How many of a file's bytes are this one, very roughly: text and programs, half and half.
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

/// Adds the bytes that may stand at each place of what matches, as far as places are fixed. Says
/// whether they are to the end, so that what follows has a place, too.
fn leading(hir: &Hir, places: &mut Vec<Set>) -> bool {
    if places.len() >= MOST_PLACES {
        return false;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => {
            let room = MOST_PLACES.saturating_sub(places.len());
            places.extend(literal.0.iter().take(room).map(|&byte| Set::of(byte)));
            literal.0.len() <= room
        }
        HirKind::Class(Class::Bytes(class)) => {
            let mut set: Option<Set> = None;
            for byte in class.ranges().iter().flat_map(|range| range.start()..=range.end()) {
                set.get_or_insert_with(|| Set::of(byte)).add(byte);
            }
            places.extend(set);
            !class.ranges().is_empty()
        }
        // Their lengths vary, but for those of ASCII alone.
        HirKind::Class(Class::Unicode(class)) => {
            let mut set: Option<Set> = None;
            for range in class.ranges() {
                let (Ok(start), Ok(end)) = (u8::try_from(range.start()), u8::try_from(range.end()))
                else {
                    return false;
                };
                if !end.is_ascii() {
                    return false;
                }
                for byte in start..=end {
                    set.get_or_insert_with(|| Set::of(byte)).add(byte);
                }
            }
            places.extend(set);
            !class.ranges().is_empty()
        }
        HirKind::Capture(capture) => leading(&capture.sub, places),
        HirKind::Concat(parts) => parts.iter().all(|part| leading(part, places)),
        HirKind::Repetition(repetition) => {
            for _ in 0..repetition.min {
                if !leading(&repetition.sub, places) {
                    return false;
                }
            }
            repetition.max == Some(repetition.min)
        }
        HirKind::Alternation(all) => {
            let mut joined: Option<Vec<Set>> = None;
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
            places.extend(joined.unwrap_or_default());
            is_fixed
        }
    }
}
