//! Bytes that lie a step apart: `mm[a:b:step]`.

use memmap::plugin::Op;
use memmap::{ErrorKind, widen};
use memmap_guard::InPlace;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::door::bytes::filled;
use crate::errors::{Raised, exception};
use crate::gate::Gate;
use crate::index::Range;
use crate::patience;
use crate::store::{Readable, Store};

/// How many bytes are read or written between two looks at the time.
const BLOCK: usize = 16 << 10;

/// The bytes of a slice, one by one: what lies between them is not looked at.
pub(crate) fn read<'py>(
    py: Python<'py>,
    gate: &Gate<Store>,
    range: &Range,
) -> PyResult<Bound<'py, PyBytes>> {
    let len = usize::try_from(range.len).unwrap_or(usize::MAX);
    let call = gate.call(py)?;
    filled(py, len, |target| {
        let mut done = 0_usize;
        let mut block = vec![0; len.min(BLOCK)];
        let step = || {
            let part = target.part(done, block.len());
            let bytes = block.get_mut(..part.len()).unwrap_or_default();
            for (place, byte) in (widen(done)..).zip(bytes.iter_mut()) {
                call.read_into(range.place(place), std::slice::from_mut(byte))?;
            }
            part.receive(InPlace::from(&*bytes)).map_err(|lost| {
                let at = widen(done.saturating_add(lost.done));
                call.error(Op::Read, ErrorKind::BufferLost { at })
            })?;
            done = done.saturating_add(part.len());
            Ok(done >= len)
        };
        patience::work(py, step, |error| exception(py, &error))
    })
}

/// Writes as many bytes as the slice has, and none between them.
pub(crate) fn write(
    py: Python<'_>,
    gate: &Gate<Store>,
    range: &Range,
    bytes: InPlace<'_>,
) -> PyResult<()> {
    let call = gate.call(py)?;
    let (first, reach) = range.hull();
    call.require_writable(first, reach).raised(py)?;
    let mut done = 0_usize;
    let mut block = vec![0; bytes.len().min(BLOCK)];
    let step = || {
        let len = bytes.len().saturating_sub(done).min(block.len());
        let own = block.get_mut(..len).unwrap_or_default();
        let part = bytes.part(done, len).unwrap_or(bytes);
        part.copy_out(own).map_err(|lost| {
            let at = widen(done.saturating_add(lost.done));
            call.error(Op::Write, ErrorKind::BufferLost { at })
        })?;
        for (place, byte) in (widen(done)..).zip(own.iter()) {
            call.write(range.place(place), std::slice::from_ref(byte))?;
        }
        done = done.saturating_add(len);
        Ok(done >= bytes.len())
    };
    patience::work(py, step, |error| exception(py, &error))
}
