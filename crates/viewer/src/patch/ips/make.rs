//! Makes IPS patches.

use memmap::{AnyMap, Progress, widen};

use super::super::bytes::{self, Side, pieces};
use super::super::{Counted, PatchError, PatchFormat};
use super::{END, MAGIC, OFFSET_MAX, REACH, RECORD_LEN_MAX, within};

/// Equal bytes between two changes that cost no more than a record of their own.
const GAP_LEN: usize = 5;

/// A shorter run is cheaper as a part of the bytes around it.
const RUN_LEN_MIN: usize = 14;

/// Writes a patch. Only what a record can reach is compared, so the files are compared here.
pub(crate) fn write(
    source: &AnyMap,
    target: &AnyMap,
    out: &mut Counted<'_>,
    progress: &Progress,
) -> Result<(), PatchError> {
    let too_long = |len, most| PatchError::TooLong {
        format: PatchFormat::Ips,
        len,
        most,
        instead: "make a BPS patch: end its name in .bps",
    };
    let len = target.len();
    if len > REACH {
        return Err(too_long(len, REACH));
    }
    let is_cut = len < source.len();
    if is_cut && len > OFFSET_MAX {
        return Err(too_long(len, OFFSET_MAX));
    }
    let mut changed = vec![0; within(len)];
    let mut is_changed = vec![true; within(len)];
    let mut buffer = Vec::new();
    for piece in pieces(0..len) {
        bytes::checkpoint(progress)?;
        let place = within(piece.start)..within(piece.end);
        let known = piece.start..piece.end.min(source.len()).max(piece.start);
        changed[place].copy_from_slice(bytes::read(target, Side::Target, piece, &mut buffer)?);
        let before = bytes::read(source, Side::Source, known.clone(), &mut buffer)?;
        let place = within(known.start)..within(known.end);
        let both = before.iter().zip(&changed[place.clone()]);
        for (flag, (old, new)) in is_changed[place].iter_mut().zip(both) {
            *flag = old != new;
        }
    }
    progress.add_done(source.len().saturating_add(len));
    out.put(MAGIC)?;
    let mut records = Records { target: &changed, out };
    let mut at = 0;
    while let Some(start) = is_changed[at..].iter().position(|&it| it).map(|ahead| at + ahead) {
        let mut end = start;
        // The change ends where more than a gap is equal.
        while let Some(next) =
            is_changed[end..].iter().take(GAP_LEN + 1).position(|&it| it).map(|ahead| end + ahead)
        {
            end = next + 1;
        }
        records.change(start, end)?;
        at = end;
    }
    out.put(b"EOF")?;
    if is_cut { out.put(&len.to_be_bytes()[5..]) } else { Ok(()) }
}

/// Writes records of the target's bytes.
struct Records<'t, 'o, 'w> {
    target: &'t [u8],
    out: &'o mut Counted<'w>,
}

impl Records<'_, '_, '_> {
    /// Writes a change: long runs as such, and what is between them as bytes.
    fn change(&mut self, start: usize, end: usize) -> Result<(), PatchError> {
        let mut pending = start;
        let mut at = start;
        while at < end {
            let byte = self.target[at];
            let run = self.target[at..end].iter().take_while(|&&it| it == byte).count();
            if run >= RUN_LEN_MIN {
                self.bytes(pending, at)?;
                self.run(at, at + run)?;
                pending = at + run;
            }
            at += run;
        }
        self.bytes(pending, end)
    }

    fn bytes(&mut self, mut start: usize, end: usize) -> Result<(), PatchError> {
        while start < end {
            // One byte earlier, so that it does not read as the end, and not later than a record can
            // start. What is before the change is written once more.
            let first = if widen(start) == END { start - 1 } else { start };
            let first = first.min(within(OFFSET_MAX));
            let next = end.min(first + within(RECORD_LEN_MAX));
            self.header(first)?;
            self.out.put(&widen(next - first).to_be_bytes()[6..])?;
            self.out.put(&self.target[first..next])?;
            start = next;
        }
        Ok(())
    }

    fn run(&mut self, mut start: usize, end: usize) -> Result<(), PatchError> {
        while start < end {
            if widen(start) == END {
                // The byte before it may be another one.
                self.bytes(start, start + 1)?;
                start += 1;
                continue;
            }
            if widen(start) > OFFSET_MAX {
                return self.bytes(start, end);
            }
            let next = end.min(start + within(RECORD_LEN_MAX));
            self.header(start)?;
            self.out.put(&[0, 0])?;
            self.out.put(&widen(next - start).to_be_bytes()[6..])?;
            self.out.put(&self.target[start..=start])?;
            start = next;
        }
        Ok(())
    }

    fn header(&mut self, start: usize) -> Result<(), PatchError> {
        self.out.put(&widen(start).to_be_bytes()[5..])
    }
}
