//! bsdiff 4: what the programs `bsdiff` and `bspatch` make and apply. The crate `qbsdiff` does it, on bytes in
//! memory.
//!
//! The format has no checksum, but its parts are compressed with bzip2, which has some.

use std::io::{self, Write};

use memmap::{AnyMap, Progress, RamMap};
use qbsdiff::{Bsdiff as Maker, Bspatch};

use super::bytes::{self, Side, pieces};
use super::error::Damage;
use super::output::Output;
use super::{Counted, PatchError, PatchFormat};

pub(super) const MAGIC: &[u8] = b"BSDIFF40";

const HEADER_LEN: u64 = 32;

/// The longest source. It is read into memory.
const SOURCE_LEN_MAX: u64 = 4 << 30;

/// The longest files of which a patch is made, which takes five times their length of memory, and some.
const MADE_LEN_MAX: u64 = 256 << 20;

/// A patch whose lengths are right.
#[derive(Debug)]
pub(crate) struct Bsdiff<'p> {
    patch: &'p AnyMap,
    target_len: u64,
}

impl<'p> Bsdiff<'p> {
    pub(super) fn read(patch: &'p AnyMap) -> Result<Self, PatchError> {
        let damaged = |at, what| PatchError::Damaged { format: PatchFormat::Bsdiff, at, what };
        if patch.len() < HEADER_LEN {
            return Err(damaged(patch.len(), Damage::Short));
        }
        let mut header = Vec::new();
        let header = bytes::read(patch, Side::Patch, 0..HEADER_LEN, &mut header)?;
        let mut numbers = [0; 3];
        for (at, (number, bytes)) in
            (8..).step_by(8).zip(numbers.iter_mut().zip(header[8..].chunks(8)))
        {
            // The highest bit is the sign of these numbers.
            *number = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
            if *number >> 63 != 0 {
                return Err(damaged(at, Damage::Number));
            }
        }
        let [control_len, delta_len, target_len] = numbers;
        let end = HEADER_LEN.checked_add(control_len).and_then(|it| it.checked_add(delta_len));
        if end.is_none_or(|end| end > patch.len()) {
            return Err(damaged(patch.len(), Damage::Short));
        }
        Ok(Self { patch, target_len })
    }

    pub(super) fn target_len(&self, source_len: u64) -> Result<u64, PatchError> {
        let within = |len| require(len, SOURCE_LEN_MAX, "use a shorter file");
        within(source_len)?;
        within(self.patch.len())?;
        Ok(self.target_len)
    }

    pub(super) fn apply(
        &self,
        source: &AnyMap,
        target: &mut AnyMap,
        progress: &Progress,
    ) -> Result<(), PatchError> {
        let source = copied(source, Side::Source, progress)?;
        let patch = copied(self.patch, Side::Patch, progress)?;
        let mut sink =
            Sink { left: target.len(), out: Output::new(target, progress), failure: None };
        let applied =
            Bspatch::new(&patch).and_then(|patch| patch.apply(&source, &mut sink).map(drop));
        match (sink.failure, applied) {
            (Some(failure), _) => Err(failure),
            (None, Err(error)) => Err(PatchError::Bsdiff(error)),
            (None, Ok(())) if sink.left > 0 => {
                let what = Damage::TargetShort(self.target_len - sink.left);
                let format = PatchFormat::Bsdiff;
                Err(PatchError::Damaged { format, at: self.patch.len(), what })
            }
            (None, Ok(())) => Ok(()),
        }
    }
}

/// Writes a patch. It finds what is equal by itself.
pub(super) fn write(
    source: &AnyMap,
    target: &AnyMap,
    out: &mut Counted<'_>,
    progress: &Progress,
) -> Result<(), PatchError> {
    for map in [source, target] {
        require(map.len(), MADE_LEN_MAX, "make a BPS patch: end its name in .bps")?;
    }
    let source = copied(source, Side::Source, progress)?;
    progress.add_done(source.len());
    let target = copied(target, Side::Target, progress)?;
    progress.add_done(target.len());
    let mut patch = Vec::new();
    Maker::new(&source, &target).compare(&mut patch).map_err(PatchError::Output)?;
    out.put(&patch)
}

fn require(len: u64, most: u64, instead: &'static str) -> Result<(), PatchError> {
    if len <= most {
        return Ok(());
    }
    Err(PatchError::TooLong { format: PatchFormat::Bsdiff, len, most, instead })
}

/// The bytes of a map in memory.
fn copied(map: &AnyMap, of: Side, progress: &Progress) -> Result<RamMap, PatchError> {
    let range = 0..map.len();
    let failed = |error| PatchError::Unreadable { of, range: range.clone(), error };
    let mut copy = RamMap::new(map.len()).map_err(failed)?;
    let mut buffer = Vec::new();
    for piece in pieces(range.clone()) {
        bytes::checkpoint(progress)?;
        let start = piece.start;
        copy.write_at(start, bytes::read(map, of, piece, &mut buffer)?).map_err(failed)?;
    }
    Ok(copy)
}

/// Takes no more bytes than the target has.
struct Sink<'a> {
    out: Output<'a>,
    left: u64,
    failure: Option<PatchError>,
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = memmap::widen(bytes.len());
        let put = match self.left.checked_sub(len) {
            Some(left) => {
                self.left = left;
                self.out.put(bytes)
            }
            None => Err(PatchError::Damaged {
                format: PatchFormat::Bsdiff,
                at: HEADER_LEN,
                what: Damage::TargetLong(self.out.len()),
            }),
        };
        put.map(|()| bytes.len()).map_err(|failure| {
            self.failure = Some(failure);
            io::ErrorKind::Other.into()
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{applied, made, mutated};
    use super::*;

    #[test]
    fn what_is_damaged_is_refused() {
        let good = made(PatchFormat::Bsdiff, b"0123456789", b"01234x56789", &[]).unwrap();
        assert_eq!(applied(b"0123456789", &good).unwrap(), b"01234x56789");
        for len in 8..good.len() {
            // The last bytes of the last part are not needed.
            if let Ok(target) = applied(b"0123456789", &good[..len]) {
                assert_eq!(target, b"01234x56789", "{len}");
                assert!(len > good.len() - 20, "{len}");
            }
        }
        let with = |at: usize, number: u64| {
            let mut patch = good.clone();
            patch[at..at + 8].copy_from_slice(&number.to_le_bytes());
            match applied(b"0123456789", &patch).unwrap_err() {
                PatchError::Damaged { what, .. } => what,
                error => panic!("{error}"),
            }
        };
        for at in [8, 16] {
            assert_eq!(with(at, u64::MAX), Damage::Number);
            assert_eq!(with(at, u64::MAX >> 1), Damage::Short);
        }
        assert_eq!(with(24, 1 << 63 | 0xb), Damage::Number);
        assert_eq!(with(24, 12), Damage::TargetShort(11));
        assert_eq!(with(24, 10), Damage::TargetLong(10));
        // It reads beyond the end of this source.
        let error = applied(b"0123", &good).unwrap_err();
        assert!(matches!(error, PatchError::Bsdiff(_)), "{error}");
    }

    #[test]
    fn a_file_that_is_too_long_is_refused() {
        let long = tempfile::NamedTempFile::new().unwrap();
        long.as_file().set_len(5 << 30).unwrap();
        let long = memmap::MemMap::open(long.path(), memmap::Mode::Read).unwrap().erase();
        let short = RamMap::new(1).unwrap().erase();
        let progress = Progress::new();
        let mut out = Vec::new();
        for (source, target) in [(&long, &short), (&short, &long)] {
            let format = PatchFormat::Bsdiff;
            let error = super::super::write(format, source, target, &[], &mut out, &progress);
            assert!(matches!(error.unwrap_err(), PatchError::TooLong { .. }));
        }
        let patch = made(PatchFormat::Bsdiff, b"a", b"b", &[]).unwrap();
        let patch = RamMap::from_reader(&patch[..]).unwrap().erase();
        let error = Bsdiff::read(&patch).unwrap().target_len(long.len()).unwrap_err();
        assert!(matches!(error, PatchError::TooLong { .. }), "{error}");
        assert!(out.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None, cases: 40, ..ProptestConfig::default()
        })]

        #[test]
        fn a_patch_makes_the_target_of_the_source((source, target, _) in mutated()) {
            let patch = made(PatchFormat::Bsdiff, &source, &target, &[]).unwrap();
            prop_assert!(applied(&source, &patch).unwrap() == target);
        }
    }
}
