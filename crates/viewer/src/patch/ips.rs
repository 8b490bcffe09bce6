//! IPS: records of bytes at offsets.
//!
//! `PATCH`, then records: an offset (3 bytes, big-endian), a length (2), and that many bytes; a length of 0 is a run:
//! its length (2) and its byte. Then `EOF`, and after it, in some patches, the length (3) to which the file is cut.
//! A record that starts at 0x454F46 would read as `EOF`, so none is written there.

mod make;

use std::ops::Range;

use memmap::{AnyMap, Progress, widen};

use super::bytes::{self, Side, pieces};
use super::error::Damage;
use super::input::Input;
use super::output::Output;
use super::{PatchError, PatchFormat};

pub(super) use make::write;

pub(super) const MAGIC: &[u8] = b"PATCH";

/// The offset that reads as `EOF`.
const END: u64 = 0x45_4f46;

/// The greatest number of three bytes.
const OFFSET_MAX: u64 = 0xff_ffff;

/// The most bytes of a record.
const RECORD_LEN_MAX: u64 = 0xffff;

/// Where the last possible record ends: nothing after it can be changed.
const REACH: u64 = OFFSET_MAX + RECORD_LEN_MAX;

/// A patch whose records are whole.
#[derive(Debug)]
pub(crate) struct Ips<'p> {
    patch: &'p AnyMap,
    /// Where the last record ends in the target.
    end: u64,
    /// The length to which the target is cut.
    cut: Option<u64>,
}

impl<'p> Ips<'p> {
    pub(super) fn read(patch: &'p AnyMap, progress: &Progress) -> Result<Self, PatchError> {
        let mut end = 0;
        let cut = records(patch, progress, |record, input| {
            end = end.max(record.range.end);
            if record.run.is_none() { input.skip(record.len()) } else { Ok(()) }
        })?;
        Ok(Self { patch, end, cut })
    }

    pub(super) fn target_len(&self, source_len: u64) -> u64 {
        let len = source_len.max(self.end);
        self.cut.map_or(len, |cut| cut.min(len))
    }

    pub(super) fn apply(
        &self,
        source: &AnyMap,
        target: &mut AnyMap,
        progress: &Progress,
    ) -> Result<(), PatchError> {
        let (len, source_len) = (target.len(), source.len());
        // Records may overlap and come in any order, so what they can reach is made in memory.
        let mut head = vec![0; within(source_len.max(self.end).min(REACH))];
        let mut buffer = Vec::new();
        for piece in pieces(0..source_len.min(REACH)) {
            bytes::checkpoint(progress)?;
            let bytes = bytes::read(source, Side::Source, piece.clone(), &mut buffer)?;
            head[within(piece.start)..within(piece.end)].copy_from_slice(bytes);
        }
        records(self.patch, progress, |record, input| {
            let start = within(record.range.start);
            let Some(room) = head.get_mut(start..within(record.range.end)) else {
                return Err(input.damaged(input.offset(), Damage::TargetLong(record.range.end)));
            };
            if let Some(byte) = record.run {
                room.fill(byte);
                return Ok(());
            }
            let mut filled = 0;
            input.copy(record.len(), |bytes| {
                room[filled..filled + bytes.len()].copy_from_slice(bytes);
                filled += bytes.len();
                Ok(())
            })
        })?;
        let mut out = Output::new(target, progress);
        out.put(&head[..head.len().min(within(len))])?;
        if len > REACH { out.put_source(source, REACH..len) } else { Ok(()) }
    }
}

/// A length that is at most [`REACH`], or longer than any slice.
fn within(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}

/// Where a record writes.
#[derive(Debug)]
struct Record {
    range: Range<u64>,
    /// The byte of a run. Without one, the bytes follow.
    run: Option<u8>,
}

impl Record {
    const fn len(&self) -> u64 {
        self.range.end - self.range.start
    }
}

/// Passes on the records. `with` takes the bytes that follow a record. Returns the length to which the
/// target is cut.
fn records<'p>(
    patch: &'p AnyMap,
    progress: &'p Progress,
    mut with: impl FnMut(Record, &mut Input<'p>) -> Result<(), PatchError>,
) -> Result<Option<u64>, PatchError> {
    let mut input = Input::new(patch, PatchFormat::Ips, patch.len(), progress);
    input.skip(widen(MAGIC.len()))?;
    loop {
        let start = number(input.array::<3>()?);
        if start == END {
            break;
        }
        let at = input.offset();
        let record = match number(input.array::<2>()?) {
            0 => {
                let len = number(input.array::<2>()?);
                if len == 0 {
                    return Err(input.damaged(at, Damage::EmptyRun));
                }
                Record { range: start..start + len, run: Some(input.byte()?) }
            }
            len => Record { range: start..start + len, run: None },
        };
        with(record, &mut input)?;
    }
    match input.left() {
        0 => Ok(None),
        3 => Ok(Some(number(input.array::<3>()?))),
        left => Err(input.damaged(input.offset(), Damage::Long(left))),
    }
}

/// A big-endian number.
fn number<const N: usize>(bytes: [u8; N]) -> u64 {
    bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use memmap::RamMap;
    use proptest::prelude::*;

    use super::super::testing::{applied, made, mutated};
    use super::*;

    fn patched(source: &[u8], patch: &[u8]) -> Result<Vec<u8>, PatchError> {
        applied(source, patch)
    }

    fn damage(patch: &[u8]) -> (u64, Damage) {
        match patched(b"0123456789", patch).unwrap_err() {
            PatchError::Damaged { format: PatchFormat::Ips, at, what } => (at, what),
            error => panic!("{error}"),
        }
    }

    #[test]
    fn records_write_bytes_and_runs() {
        let patch = b"PATCH\0\0\x02\0\x03abc\0\0\x07\0\0\0\x02xEOF";
        assert_eq!(patched(b"0123456789", patch).unwrap(), b"01abc56xx9");
        // The second goes over the first, and the third beyond the end.
        let patch = b"PATCH\0\0\x02\0\x03abc\0\0\x01\0\x02de\0\0\x0c\0\x01zEOF";
        assert_eq!(patched(b"0123456789", patch).unwrap(), b"0debc56789\0\0z");
        assert_eq!(patched(b"", b"PATCHEOF").unwrap(), b"");
    }

    #[test]
    fn a_length_after_the_end_cuts_and_never_extends() {
        assert_eq!(patched(b"0123456789", b"PATCHEOF\0\0\x04").unwrap(), b"0123");
        assert_eq!(patched(b"0123", b"PATCHEOF\0\0\x09").unwrap(), b"0123");
        let patch = b"PATCH\0\0\x02\0\x03abcEOF\0\0\x04";
        assert_eq!(patched(b"0", patch).unwrap(), b"0\0ab");
    }

    #[test]
    fn what_is_damaged_is_refused_with_the_place() {
        for (patch, at, what) in [
            (&b"PATCH"[..], 5, Damage::Short),
            (b"PATCHEO", 7, Damage::Short),
            (b"PATCH\0\0\0\0\x05abcdEOF", 17, Damage::Short),
            (b"PATCH\0\0\0\0\xffab", 12, Damage::Short),
            (b"PATCH\0\0\0\0\0\0\0aEOF", 8, Damage::EmptyRun),
            (b"PATCHEOFab", 8, Damage::Long(2)),
            (b"PATCHEOFabcd", 8, Damage::Long(4)),
        ] {
            assert_eq!(damage(patch), (at, what), "{}", patch.escape_ascii());
        }
    }

    #[test]
    fn no_record_starts_where_it_would_read_as_the_end() {
        let at = usize::try_from(END).unwrap();
        let source = vec![0; at + 100_000];
        let mut target = source.clone();
        for (start, bytes) in
            [(at, &b"x"[..]), (at, b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), (at, b"xyz")]
        {
            target[start..start + bytes.len()].copy_from_slice(bytes);
            let patch = made(PatchFormat::Ips, &source, &target, &[]).unwrap();
            assert!(
                !patch[5..patch.len() - 3].windows(3).any(|it| it == b"EOF"),
                "{}",
                patch.escape_ascii()
            );
            assert!(patched(&source, &patch).unwrap() == target);
        }
        // A long change, whose second record would start there.
        let noise: Vec<u8> = (0..200_000_u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 24).to_le_bytes()[0] | 1)
            .collect();
        let from = at - usize::try_from(RECORD_LEN_MAX).unwrap();
        target[from..from + 100_000].copy_from_slice(&noise[..100_000]);
        let patch = made(PatchFormat::Ips, &source, &target, &[]).unwrap();
        assert!(patched(&source, &patch).unwrap() == target);
        let mut starts = Vec::new();
        let map = RamMap::from_reader(&patch[..]).unwrap().erase();
        records(&map, &Progress::new(), |record, input| {
            starts.push(record.range.start);
            if record.run.is_none() { input.skip(record.len()) } else { Ok(()) }
        })
        .unwrap();
        assert!(starts.contains(&(END - 1)), "{starts:x?}");
    }

    #[test]
    fn a_file_that_is_too_long_is_refused_and_bps_is_named() {
        let reach = usize::try_from(REACH).unwrap();
        let (source, mut target) = (vec![0; reach], vec![0; reach]);
        target[reach - 1] = 1;
        let patch = made(PatchFormat::Ips, &source, &target, &[]).unwrap();
        assert!(patched(&source, &patch).unwrap() == target);
        let error = made(PatchFormat::Ips, &source, &vec![0; reach + 1], &[]).unwrap_err();
        assert!(
            matches!(error, PatchError::TooLong { .. }) && error.to_string().contains(".bps"),
            "{error}"
        );
        // A longer file can only be cut to a length of three bytes.
        let error = made(PatchFormat::Ips, &source, &source[..reach - 1], &[]).unwrap_err();
        assert!(matches!(error, PatchError::TooLong { .. }), "{error}");
        let shorter = &source[..usize::try_from(OFFSET_MAX).unwrap()];
        let patch = made(PatchFormat::Ips, &source, shorter, &[]).unwrap();
        assert!(patched(&source, &patch).unwrap() == shorter);
    }

    #[test]
    fn a_source_beyond_the_reach_keeps_its_end() {
        let source: Vec<u8> = (0..17_500_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        let patch = [&b"PATCH\xff\xff\xff\xff\xff"[..], &vec![7; 0xffff], b"EOF"].concat();
        let target = patched(&source, &patch).unwrap();
        assert_eq!(target.len(), source.len());
        assert!(target[..0xff_ffff] == source[..0xff_ffff]);
        assert!(target[0xff_ffff..0xff_ffff + 0xffff].iter().all(|&it| it == 7));
        assert!(target[0xff_ffff + 0xffff..] == source[0xff_ffff + 0xffff..]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_patch_makes_the_target_of_the_source((source, target, _) in mutated()) {
            let patch = made(PatchFormat::Ips, &source, &target, &[]).unwrap();
            prop_assert!(patched(&source, &patch).unwrap() == target);
            // Begin, end and cut have 11 bytes, the first record 5 besides its own.
            prop_assert!(patch.len() <= target.len() + 16 + target.len() / 0xffff * 5);
        }
    }
}
