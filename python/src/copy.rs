//! Copies between maps and the memory of Python objects.

use memmap::plugin::Op;
use memmap::{ErrorKind, Result, widen};
use memmap_guard::InPlace;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::door::buffer::Buffer;
use crate::door::bytes::filled;
use crate::door::target::Target;
use crate::errors::{Raised, exception};
use crate::gate::Gate;
use crate::store::{Readable, Store};
use crate::{guard, patience};

/// Copies of at most this many bytes keep the GIL: letting go of it costs more.
pub(crate) const SHORT: usize = 64 << 10;

/// Copies of at most this many bytes go through an array on the stack.
const TINY: usize = 64;

/// What is copied between two looks at the time.
const PIECE: usize = 1 << 20;

/// What is copied through memory of our own, where it cannot be copied at once.
const BOUNCE: usize = 64 << 10;

/// The bytes of a range as a new object.
#[inline]
pub(crate) fn read_at<'py, T: Readable>(
    py: Python<'py>,
    gate: &Gate<T>,
    offset: u64,
    size: u64,
) -> PyResult<Bound<'py, PyBytes>> {
    let len = usize::try_from(size).unwrap_or(usize::MAX);
    if len <= TINY {
        let mut bytes = [0; TINY];
        let (bytes, _) = bytes.split_at_mut(len);
        gate.short(py, |map| map.read_into(offset, bytes))?.raised(py)?;
        return Ok(PyBytes::new(py, bytes));
    }
    if len <= SHORT {
        return filled(py, len, |target| {
            gate.short(py, |map| read(map, offset, target))?.raised(py)
        });
    }
    let call = gate.call(py)?;
    // Before memory is asked for.
    require_within(&*call, offset, size).raised(py)?;
    filled(py, len, |target| read_long(py, &*call, offset, target))
}

/// Copies bytes into a buffer, as many as it holds.
pub(crate) fn read_into<T: Readable>(
    py: Python<'_>,
    gate: &Gate<T>,
    offset: u64,
    buffer: &Buffer,
) -> PyResult<()> {
    let target = buffer.memory();
    if target.len() <= SHORT {
        return gate.short(py, |map| read(map, offset, target))?.raised(py);
    }
    let call = gate.call(py)?;
    require_within(&*call, offset, widen(target.len())).raised(py)?;
    read_long(py, &*call, offset, target)
}

/// Refuses a range that is not within the map, before any of it is read.
pub(crate) fn require_within(map: &impl Readable, offset: u64, len: u64) -> Result<()> {
    let bound = map.len();
    if offset.checked_add(len).is_some_and(|end| end <= bound) {
        return Ok(());
    }
    Err(map.error(Op::Read, ErrorKind::OutOfBounds { offset, len, bound }))
}

/// Copies without the GIL, and looks at the signals.
pub(crate) fn read_long(
    py: Python<'_>,
    map: &impl Readable,
    offset: u64,
    target: Target<'_>,
) -> PyResult<()> {
    guard::ask();
    let mut done = 0_usize;
    let step = || {
        let part = target.part(done, PIECE);
        read(map, offset.saturating_add(widen(done)), part)?;
        done = done.saturating_add(part.len());
        Ok(done >= target.len())
    };
    patience::work(py, step, |error| exception(py, &error))
}

/// Copies bytes to memory that may be lost, as the bytes themselves.
fn read(map: &impl Readable, offset: u64, target: Target<'_>) -> Result<()> {
    if let Some(bytes) = map.in_place(offset, target.len())
        && target.receive(bytes).is_ok()
    {
        return Ok(());
    }
    // Out of bounds, or not to be had so, or lost: the map finds out which, and whether the target is.
    require_within(map, offset, widen(target.len()))?;
    let mut block = vec![0; target.len().min(BOUNCE)];
    let mut done = 0_usize;
    while done < target.len() {
        let part = target.part(done, block.len());
        let bytes = block.get_mut(..part.len()).unwrap_or_default();
        map.read_into(offset.saturating_add(widen(done)), bytes)?;
        part.receive(InPlace::from(&*bytes)).map_err(|lost| {
            let at = widen(done.saturating_add(lost.done));
            map.error(Op::Read, ErrorKind::BufferLost { at })
        })?;
        done = done.saturating_add(part.len());
    }
    Ok(())
}

/// Writes the bytes of an object.
pub(crate) fn write_at(
    py: Python<'_>,
    gate: &Gate<Store>,
    offset: u64,
    data: &Bound<'_, PyAny>,
) -> PyResult<()> {
    if let Ok(bytes) = data.cast_exact::<PyBytes>() {
        // Nobody changes a `bytes` object.
        let bytes = bytes.as_bytes();
        if bytes.len() <= SHORT {
            return gate.short(py, |map| map.write(offset, bytes))?.raised(py);
        }
        return write_long(py, gate, offset, InPlace::from(bytes));
    }
    let buffer = Buffer::source(data)?;
    if buffer.len() <= SHORT {
        let bytes = buffer.bytes();
        return gate.short(py, |map| write(map, offset, bytes))?.raised(py);
    }
    write_long(py, gate, offset, buffer.bytes())
}

fn write_long(py: Python<'_>, gate: &Gate<Store>, offset: u64, bytes: InPlace<'_>) -> PyResult<()> {
    let call = gate.call(py)?;
    call.require_writable(offset, widen(bytes.len())).raised(py)?;
    guard::ask();
    let mut done = 0_usize;
    let step = || {
        let len = bytes.len().saturating_sub(done).min(PIECE);
        let part = bytes.part(done, len).unwrap_or(bytes);
        write(&call, offset.saturating_add(widen(done)), part)?;
        done = done.saturating_add(len);
        Ok(done >= bytes.len())
    };
    patience::work(py, step, |error| exception(py, &error))
}

/// Writes bytes that may be lost or change: they are copied first, and never borrowed.
fn write(map: &Store, offset: u64, bytes: InPlace<'_>) -> Result<()> {
    map.require_writable(offset, widen(bytes.len()))?;
    let mut block = vec![0; bytes.len().min(BOUNCE)];
    let mut done = 0_usize;
    while done < bytes.len() {
        let len = bytes.len().saturating_sub(done).min(block.len());
        let own = block.get_mut(..len).unwrap_or_default();
        let part = bytes.part(done, len).unwrap_or(bytes);
        part.copy_out(own).map_err(|lost| {
            let at = widen(done.saturating_add(lost.done));
            map.error(Op::Write, ErrorKind::BufferLost { at })
        })?;
        map.write(offset.saturating_add(widen(done)), own)?;
        done = done.saturating_add(len);
    }
    Ok(())
}
