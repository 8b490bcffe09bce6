//! BPS: actions that write a target from its first byte to its last.
//!
//! `BPS1`, the lengths of source, target and metadata, the metadata, then actions. Each is a number: its lowest two
//! bits say what, the others how many bytes less one. The bytes come from the same place of the source, from the
//! patch, from any place of the source, or from what was already written of the target; the last two are followed
//! by how far that place is from the end of the last copy. At the end are the CRC-32 of source, target and patch.

mod number;
mod make;

use std::ops::Range;

use memmap::{AnyMap, Progress, widen};

use super::bytes::{self, Side};
use super::error::Damage;
use super::input::Input;
use super::output::Output;
use super::{PatchError, PatchFormat};

pub(super) use make::write;

pub(super) const MAGIC: &[u8] = b"BPS1";

/// The three checksums at the end.
const TRAILER_LEN: u64 = 12;

const SOURCE_READ: u64 = 0;
const TARGET_READ: u64 = 1;
const SOURCE_COPY: u64 = 2;
const TARGET_COPY: u64 = 3;

/// A patch whose checksum and actions are right.
#[derive(Debug)]
pub(crate) struct Bps<'p> {
    patch: &'p AnyMap,
    source_len: u64,
    target_len: u64,
    source_checksum: u32,
    target_checksum: u32,
}

/// What an action copies.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Action {
    /// A range of the source.
    Source(Range<u64>),
    /// This many bytes of the patch.
    Patch(u64),
    /// `len` bytes of the target, starting at `from`.
    Target { from: u64, len: u64 },
}

impl<'p> Bps<'p> {
    pub(super) fn read(patch: &'p AnyMap, progress: &Progress) -> Result<Self, PatchError> {
        let end = patch.len().saturating_sub(TRAILER_LEN);
        let mut trailer = Vec::new();
        let trailer = bytes::read(patch, Side::Patch, end..patch.len(), &mut trailer)?;
        let [source_checksum, target_checksum, expected] = std::array::from_fn(|i| {
            let bytes = trailer.get(4 * i..4 * i + 4).unwrap_or_default();
            u32::from_le_bytes(bytes.try_into().unwrap_or_default())
        });
        let mut input = Input::new(patch, PatchFormat::Bps, end, progress);
        let (source_len, target_len) = header(&mut input)?;
        let found = bytes::checksum(patch, Side::Patch, 0..patch.len() - 4, progress)?;
        if found != expected {
            return Err(PatchError::Checksum { of: Side::Patch, expected, found });
        }
        let this = Self { patch, source_len, target_len, source_checksum, target_checksum };
        this.actions(progress, |action, input| match action {
            Action::Patch(len) => input.skip(len),
            _ => Ok(()),
        })?;
        Ok(this)
    }

    pub(super) fn target_len(
        &self,
        source: &AnyMap,
        progress: &Progress,
    ) -> Result<u64, PatchError> {
        let (expected, found) = (self.source_len, source.len());
        if found != expected {
            return Err(PatchError::SourceLen { expected, found });
        }
        let found = bytes::checksum(source, Side::Source, 0..source.len(), progress)?;
        let expected = self.source_checksum;
        if found != expected {
            return Err(PatchError::Checksum { of: Side::Source, expected, found });
        }
        Ok(self.target_len)
    }

    /// The length of the target, whatever the source is.
    pub(super) const fn stated_target_len(&self) -> u64 {
        self.target_len
    }

    pub(super) fn apply(
        &self,
        source: &AnyMap,
        target: &mut AnyMap,
        progress: &Progress,
    ) -> Result<(), PatchError> {
        let mut out = Output::new(target, progress);
        self.actions(progress, |action, input| match action {
            Action::Source(range) => out.put_source(source, range),
            Action::Patch(len) => input.copy(len, |bytes| out.put(bytes)),
            Action::Target { from, len } => out.put_again(from, len),
        })?;
        let (expected, found) = (self.target_checksum, out.checksum());
        if found != expected {
            return Err(PatchError::Checksum { of: Side::Target, expected, found });
        }
        Ok(())
    }

    /// Passes on the actions, whose ranges are within source and target. `with` takes the bytes that
    /// follow an action.
    fn actions<'a>(
        &'a self,
        progress: &'a Progress,
        mut with: impl FnMut(Action, &mut Input<'a>) -> Result<(), PatchError>,
    ) -> Result<(), PatchError> {
        let end = self.patch.len() - TRAILER_LEN;
        let mut input = Input::new(self.patch, PatchFormat::Bps, end, progress);
        header(&mut input)?;
        let (mut written, mut source_at, mut target_at) = (0_u64, 0_u64, 0_u64);
        while input.left() > 0 {
            let at = input.offset();
            let word = number::read(&mut input)?;
            let len = (word >> 2) + 1;
            let next = written
                .checked_add(len)
                .filter(|&next| next <= self.target_len)
                .ok_or_else(|| input.damaged(at, Damage::TargetLong(self.target_len)))?;
            let action = match word & 3 {
                SOURCE_READ if next <= self.source_len => Action::Source(written..next),
                SOURCE_READ => return Err(input.damaged(at, Damage::SourceCopy)),
                TARGET_READ if len <= input.left() => Action::Patch(len),
                TARGET_READ => return Err(input.damaged(end, Damage::Short)),
                SOURCE_COPY => {
                    let copied = moved(source_at, number::read_signed(&mut input)?)
                        .and_then(|from| Some(from..from.checked_add(len)?))
                        .filter(|range| range.end <= self.source_len)
                        .ok_or_else(|| input.damaged(at, Damage::SourceCopy))?;
                    source_at = copied.end;
                    Action::Source(copied)
                }
                _ => {
                    let from = moved(target_at, number::read_signed(&mut input)?)
                        .filter(|&from| from < written)
                        .ok_or_else(|| input.damaged(at, Damage::TargetCopy))?;
                    target_at = from.saturating_add(len);
                    Action::Target { from, len }
                }
            };
            with(action, &mut input)?;
            written = next;
        }
        if written != self.target_len {
            return Err(input.damaged(end, Damage::TargetShort(written)));
        }
        Ok(())
    }
}

/// Reads what comes before the actions: the lengths of source and target.
fn header(input: &mut Input<'_>) -> Result<(u64, u64), PatchError> {
    input.skip(widen(MAGIC.len()))?;
    let (source_len, target_len) = (number::read(input)?, number::read(input)?);
    let metadata_len = number::read(input)?;
    input.skip(metadata_len)?;
    Ok((source_len, target_len))
}

/// A place and how far to go from it, backwards if the flag is set.
fn moved(at: u64, (distance, is_back): (u64, bool)) -> Option<u64> {
    if is_back { at.checked_sub(distance) } else { at.checked_add(distance) }
}

#[cfg(test)]
mod tests {
    use memmap::compare::{Difference, DifferenceKind};
    use proptest::prelude::*;

    use super::super::testing::{applied, made, mutated};
    use super::*;

    /// A patch with these lengths and actions, and the right checksums.
    fn patch(source: &[u8], target: &[u8], metadata: &[u8], actions: &[u8]) -> Vec<u8> {
        let mut patch = MAGIC.to_vec();
        for len in [source.len(), target.len(), metadata.len()] {
            number::append(widen(len), &mut patch);
        }
        patch.extend_from_slice(metadata);
        patch.extend_from_slice(actions);
        patch.extend(crc32fast::hash(source).to_le_bytes());
        patch.extend(crc32fast::hash(target).to_le_bytes());
        patch.extend(crc32fast::hash(&patch).to_le_bytes());
        patch
    }

    /// The number of an action as one byte, which ends with a set bit.
    const fn word(kind: u8, len: u8) -> u8 {
        0x80 | (len - 1) << 2 | kind
    }

    #[test]
    fn each_action_copies_what_the_format_says() {
        let source = b"0123456789";
        let actions = [
            word(0, 2), // 01
            word(1, 3),
            b'a',
            b'b',
            b'c',
            word(2, 2),
            0x80 | 8 << 1, // 4 after the start: 89
            word(2, 1),
            0x80 | 9 << 1 | 1, // 9 back from 10: 1
            word(3, 3),
            0x80 | 2 << 1, // the target from 2 on: abc
            word(3, 9),
            0x80 | 1 << 1, // from 6 on, with what it writes itself: 9 1 abc 9 1 abc…
        ];
        let target = b"01abc891abc91abc91ab";
        let whole = patch(source, target, b"", &actions);
        assert_eq!(
            applied(source, &whole).unwrap().escape_ascii().to_string(),
            target.escape_ascii().to_string()
        );
        let whole = patch(source, target, b"<metadata/>", &actions);
        assert_eq!(applied(source, &whole).unwrap(), target);
    }

    #[test]
    fn a_run_is_a_copy_of_the_byte_before() {
        let mut actions = vec![word(1, 1), b'x'];
        number::append(999_999 << 2 | TARGET_COPY, &mut actions);
        actions.push(0x80);
        let target = vec![b'x'; 1_000_001];
        assert!(applied(b"", &patch(b"", &target, b"", &actions)).unwrap() == target);
    }

    #[test]
    fn all_three_checksums_are_checked() {
        let good = patch(b"abc", b"abd", b"", &[word(0, 2), word(1, 1), b'd']);
        assert_eq!(applied(b"abc", &good).unwrap(), b"abd");
        let of = |source: &[u8], patch: &[u8]| match applied(source, patch).unwrap_err() {
            PatchError::Checksum { of, .. } => of,
            error => panic!("{error}"),
        };
        assert_eq!(of(b"abx", &good), Side::Source);
        let mut bad = good.clone();
        bad[9] ^= 1;
        assert_eq!(of(b"abc", &bad), Side::Patch);
        let wrong = patch(b"abc", b"abe", b"", &[word(0, 2), word(1, 1), b'd']);
        assert_eq!(of(b"abc", &wrong), Side::Target);
        let error = applied(b"abcd", &good).unwrap_err();
        assert!(matches!(error, PatchError::SourceLen { expected: 3, found: 4 }), "{error}");
    }

    #[test]
    fn actions_that_leave_source_or_target_are_refused_with_the_place() {
        let long = {
            let mut actions = Vec::new();
            number::append((1 << 40) << 2 | TARGET_READ, &mut actions);
            actions
        };
        for (actions, what) in [
            (&[word(0, 4)][..], Damage::SourceCopy),
            (&[word(2, 2), 0x80 | 2 << 1], Damage::SourceCopy),
            (&[word(2, 2), 0x80 | 1 << 1 | 1], Damage::SourceCopy),
            (&[word(3, 2), 0x80], Damage::TargetCopy),
            (&[word(1, 1), b'a', word(3, 2), 0x80 | 1 << 1], Damage::TargetCopy),
            (&[word(1, 6), b'a', b'b', b'c', b'd', b'e', b'f'], Damage::TargetLong(5)),
            (&long, Damage::TargetLong(5)),
            (&[word(1, 5), b'a'], Damage::Short),
            (&[word(0, 3)], Damage::TargetShort(3)),
            (&[], Damage::TargetShort(0)),
            (&[0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x80], Damage::Number),
        ] {
            let error = applied(b"abc", &patch(b"abc", b"12345", b"", actions)).unwrap_err();
            let PatchError::Damaged { what: found, .. } = error else { panic!("{error}") };
            assert_eq!(found, what, "{actions:x?}");
        }
    }

    #[test]
    fn what_is_cut_anywhere_is_refused() {
        let whole = patch(b"abc", b"abd", b"meta", &[word(0, 2), word(1, 1), b'd']);
        for len in 0..whole.len() {
            assert!(applied(b"abc", &whole[..len]).is_err(), "{len}");
        }
    }

    #[test]
    fn an_enormous_target_takes_no_memory_to_check() {
        let mut huge = MAGIC.to_vec();
        for len in [0, u64::MAX, 0] {
            number::append(len, &mut huge);
        }
        huge.extend([0; 8]);
        huge.extend(crc32fast::hash(&huge).to_le_bytes());
        let map = memmap::RamMap::from_reader(&huge[..]).unwrap().erase();
        let error = Bps::read(&map, &Progress::new()).unwrap_err();
        assert!(
            matches!(error, PatchError::Damaged { what: Damage::TargetShort(0), .. }),
            "{error}"
        );
    }

    #[test]
    fn aligned_differences_make_a_small_patch() {
        let source: Vec<u8> =
            (0..100_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let mut target = source.clone();
        target.splice(1000..1000, *b"inserted");
        target.drain(300_000..300_100);
        let (a, b) = (|from, to| from..to, |from, to| from..to);
        let differences = [
            Difference { kind: DifferenceKind::OnlyInB, a: a(1000, 1000), b: b(1000, 1008) },
            Difference {
                kind: DifferenceKind::OnlyInA,
                a: a(299_992, 300_092),
                b: b(300_000, 300_000),
            },
        ];
        let patch = made(PatchFormat::Bps, &source, &target, &differences).unwrap();
        assert!(applied(&source, &patch).unwrap() == target);
        assert!(patch.len() < 60, "{}", patch.len());
    }

    #[test]
    fn wrong_differences_are_refused() {
        let edit =
            |a: Range<u64>, b: Range<u64>| Difference { kind: DifferenceKind::Changed, a, b };
        let write =
            |edits: &[Difference]| made(PatchFormat::Bps, b"0123456789", b"0123x56789", edits);
        assert!(write(&[edit(4..5, 4..5)]).is_ok());
        for wrong in [
            &[edit(3..4, 4..5)][..],
            &[edit(4..5, 4..5), edit(4..6, 4..6)],
            &[edit(4..11, 4..11)],
            &[edit(4..5, 4..6)],
        ] {
            let error = write(wrong).unwrap_err();
            assert!(matches!(error, PatchError::Differences { .. }), "{error}");
        }
        let error = write(&[edit(5..6, 5..6)]).unwrap_err();
        assert!(matches!(error, PatchError::NotEqual { a: 4, b: 4 }), "{error}");
        let unreadable = Difference { kind: DifferenceKind::Unreadable, a: 4..5, b: 4..5 };
        let error = write(&[unreadable]).unwrap_err();
        assert!(matches!(error, PatchError::NotCompared { .. }), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_patch_makes_the_target_of_the_source((source, target, differences) in mutated()) {
            let patch = made(PatchFormat::Bps, &source, &target, &differences).unwrap();
            prop_assert!(applied(&source, &patch).unwrap() == target);
            prop_assert!(patch.len() <= target.len() + 40 + 12 * differences.len());
        }
    }
}
