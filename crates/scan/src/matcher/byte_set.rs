//! Sets of bytes.

use memmap_core::Lane;

/// A set of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByteSet([bool; 256]);

impl ByteSet {
    pub(crate) fn of(is_in: impl Fn(u8) -> bool) -> Self {
        let mut set = [false; 256];
        for (byte, entry) in (0..=u8::MAX).zip(&mut set) {
            *entry = is_in(byte);
        }
        Self(set)
    }

    pub(crate) fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)) == Some(&true)
    }

    /// Adds the bytes of another set.
    pub(crate) fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(entry, more)| *entry |= more);
    }

    /// The narrowest comparison in registers that accepts all bytes of the set. It may accept
    /// others.
    pub(crate) fn lane(&self) -> Lane {
        let bytes = || (0..=u8::MAX).filter(|&byte| self.has(byte));
        let all = bytes().fold(u8::MAX, |all, byte| all & byte);
        let any = bytes().fold(0, |any, byte| any | byte);
        // Exact, ignoring the case of letters, and comparing only the bits that all have in common.
        [u8::MAX, !0x20, !(all ^ any)]
            .map(|mask| self.arc(mask))
            .into_iter()
            .min_by_key(|lane| (0..=u8::MAX).filter(|&byte| lane.has(byte)).count())
            .unwrap_or(Lane::ANY)
    }

    /// Whether a comparison accepts these bytes and no others.
    pub(crate) fn is(&self, lane: Lane) -> bool {
        (0..=u8::MAX).all(|byte| self.has(byte) == lane.has(byte))
    }

    /// The shortest arc through all values that the bytes have under this mask.
    fn arc(&self, mask: u8) -> Lane {
        let values = Self::of(|value| {
            value & mask == value
                && (0..=u8::MAX).any(|byte| self.has(byte) && byte & mask == value)
        });
        let arcs = (0..=u8::MAX).filter(|&low| values.has(low)).map(|low| {
            let more = (0..=u8::MAX).rev().find(|more| values.has(low.wrapping_add(*more)));
            Lane { mask, low, more: more.unwrap_or(u8::MAX) }
        });
        arcs.min_by_key(|arc| arc.more).unwrap_or(Lane::ANY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_comparison_can_say_is_said_exactly() {
        let letter_in_any_case = |byte: u8| byte.eq_ignore_ascii_case(&b'q');
        let sets = [
            ByteSet::of(|byte| byte == 7),
            ByteSet::of(|byte| byte.is_ascii_digit()),
            ByteSet::of(|byte| byte != b'\n'),
            ByteSet::of(|_| true),
            ByteSet::of(letter_in_any_case),
            ByteSet::of(|byte| byte.is_ascii_alphabetic()),
            ByteSet::of(|byte| byte & 0x0F == 0x0D),
            ByteSet::of(|byte| byte >> 4 == 0x0E),
            ByteSet::of(|byte| !(3..=250).contains(&byte)),
        ];
        for set in sets {
            assert!(set.is(set.lane()), "{:?}", set.lane());
        }
    }

    #[test]
    fn other_sets_are_within_what_is_said() {
        for set in [
            ByteSet::of(|byte| byte.is_ascii_alphanumeric()),
            ByteSet::of(|byte| matches!(byte, 1 | 99 | 200)),
            ByteSet::of(|byte| byte.is_ascii_whitespace()),
        ] {
            let lane = set.lane();
            assert!((0..=u8::MAX).all(|byte| !set.has(byte) || lane.has(byte)));
            assert!(!set.is(lane) && lane != Lane::ANY);
        }
    }
}
