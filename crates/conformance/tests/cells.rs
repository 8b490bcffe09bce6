//! The laws hold for cells that are not a system's: the capability `cells` is about the trait alone.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test speaks by panicking"
)]

use std::sync::Mutex;

use memmap_conformance::conformance;
use memmap_core::{
    AtomicOp, Error, ErrorKind, Integer, Map, Mapping, Mode, Op, Result, Share, copy_into_lent,
    copy_lent, widen,
};

/// Cells behind a lock, that start `lead` bytes after an aligned place.
#[derive(Debug)]
struct Guarded {
    bytes: Mutex<Vec<u8>>,
    lead: u64,
    mode: Mode,
}

impl Guarded {
    fn require_writable(&self) -> Result<()> {
        match self.mode {
            Mode::Read => Err(Error::new(Op::Write, ErrorKind::ReadOnly)),
            _ => Ok(()),
        }
    }
}

impl Mapping for Guarded {
    fn len(&self) -> u64 {
        widen(self.bytes.lock().unwrap().len())
    }
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        copy_lent(&self.bytes.lock().unwrap(), offset, out)
    }
    fn mode(&self) -> Mode {
        self.mode
    }
    fn write_from(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.write_shared(offset, bytes)
    }
    fn protect(&mut self) -> Result<()> {
        self.mode = Mode::Read;
        Ok(())
    }
}

impl Share for Guarded {
    fn write_shared(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.require_writable()?;
        copy_into_lent(&mut self.bytes.lock().unwrap(), offset, bytes)
    }
    fn fill_shared(&self, offset: u64, len: u64, byte: u8) -> Result<()> {
        self.write_shared(offset, &vec![byte; usize::try_from(len).unwrap()])
    }
    fn atomic<T: Integer>(&self, offset: u64, step: AtomicOp<T>) -> Result<T> {
        let op = if step.writes() { Op::Write } else { Op::Read };
        let align = widen(size_of::<T>());
        if !offset.wrapping_add(self.lead).is_multiple_of(align) {
            let kind = ErrorKind::Misaligned { offset, align, lead: self.lead % align };
            return Err(Error::new(op, kind));
        }
        if step.writes() {
            self.require_writable()?;
        }
        let mut bytes = self.bytes.lock().unwrap();
        let mut wide = [0; 8];
        let part =
            if cfg!(target_endian = "little") { 0..size_of::<T>() } else { 8 - size_of::<T>()..8 };
        copy_lent(&bytes, offset, &mut wide[part.clone()]).map_err(|error| error.during(op))?;
        let was = u64::from_ne_bytes(wide);
        let new = match step {
            AtomicOp::Load => return Ok(T::narrow(was)),
            AtomicOp::Store(new) => new.into(),
            AtomicOp::Add(more) => was.wrapping_add(more.into()),
            AtomicOp::Exchange { old, new } if Into::<u64>::into(old) == was => new.into(),
            AtomicOp::Exchange { .. } => was,
        };
        copy_into_lent(&mut bytes, offset, &new.to_ne_bytes()[part])?;
        Ok(T::narrow(was))
    }
}

fn guarded(bytes: &[u8], lead: u64) -> Map<Guarded> {
    let bytes = Mutex::new(bytes.to_vec());
    Map::from_mapping(Guarded { bytes, lead, mode: Mode::ReadWrite })
}

conformance!(mod aligned, |bytes: &[u8]| guarded(bytes, 0), [cells]);
conformance!(mod unaligned, |bytes: &[u8]| guarded(bytes, 4099), [cells]);
conformance!(mod writing, |bytes: &[u8]| guarded(bytes, 0), [write]);
conformance!(
    mod reading_only,
    |bytes: &[u8]| guarded(bytes, 0).into_read_only().unwrap(),
    [read_only]
);
