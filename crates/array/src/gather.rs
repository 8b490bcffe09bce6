//! Copies elements between a map, where they may be strided, and a contiguous buffer.

use memmap_core::{Map, Mapping, widen};

use crate::Result;
use crate::element::Buffer;
use crate::layout::{Layout, Run};

/// Up to this stride, elements are copied together with the bytes between them.
const NEAR: u64 = 256;

/// The number of bytes to copy at a time together with those between.
const PIECE_LEN: u64 = 32 << 10;

/// Copies elements from the `first` one on, until `out` is full.
///
/// `out` has room for whole elements, and for no more than there are.
pub(crate) fn gather<M: Mapping>(
    map: &Map<M>,
    layout: &Layout,
    first: usize,
    out: &mut [u8],
) -> Result<()> {
    let itemsize = layout.itemsize();
    let mut scratch = Buffer::default();
    let mut rest = out;
    for run in layout.runs(first) {
        if rest.is_empty() {
            break;
        }
        let bytes = run.count.saturating_mul(itemsize).min(rest.len());
        let (part, behind) = rest.split_at_mut(bytes);
        rest = behind;
        if run.stride == i64::try_from(itemsize).unwrap_or(i64::MAX) {
            map.read_into(run.at, part)?;
        } else if run.stride.unsigned_abs() <= NEAR {
            gather_near(map, run, itemsize, &mut scratch, part)?;
        } else {
            let mut at = run.at;
            for element in part.chunks_mut(itemsize.max(1)) {
                map.read_into(at, element)?;
                at = at.wrapping_add_signed(run.stride);
            }
        }
    }
    Ok(())
}

/// Copies elements with the bytes between them, and picks the elements from the copy.
fn gather_near<M: Mapping>(
    map: &Map<M>,
    run: Run,
    itemsize: usize,
    scratch: &mut Buffer,
    out: &mut [u8],
) -> Result<()> {
    let stride = run.stride.unsigned_abs();
    let at_a_time = usize::try_from(PIECE_LEN.checked_div(stride).unwrap_or(1)).unwrap_or(1).max(1);
    let mut at = run.at;
    for part in out.chunks_mut(at_a_time.saturating_mul(itemsize.max(1))) {
        let count = part.len().checked_div(itemsize).unwrap_or(0);
        let reach = stride.saturating_mul(widen(count.saturating_sub(1)));
        let low = if run.stride < 0 { at.saturating_sub(reach) } else { at };
        let len = usize::try_from(reach).unwrap_or(usize::MAX).saturating_add(itemsize);
        let bytes = scratch.bytes(len);
        map.read_into(low, bytes)?;
        let step = usize::try_from(stride).unwrap_or(usize::MAX);
        for (index, element) in part.chunks_mut(itemsize.max(1)).enumerate() {
            let index =
                if run.stride < 0 { count.saturating_sub(index).saturating_sub(1) } else { index };
            let start = index.saturating_mul(step);
            if let Some(found) = bytes.get(start..start.saturating_add(itemsize)) {
                element.copy_from_slice(found);
            }
        }
        let further = i64::try_from(count).unwrap_or(i64::MAX);
        at = at.wrapping_add_signed(run.stride.wrapping_mul(further));
    }
    Ok(())
}

/// Writes the elements in `bytes` to the map, from the `first` one on.
pub(crate) fn scatter<M: Mapping>(
    map: &mut Map<M>,
    layout: &Layout,
    first: usize,
    bytes: &[u8],
) -> Result<()> {
    let itemsize = layout.itemsize();
    let mut rest = bytes;
    for run in layout.runs(first) {
        if rest.is_empty() {
            break;
        }
        let (part, behind) = rest.split_at(run.count.saturating_mul(itemsize).min(rest.len()));
        rest = behind;
        if run.stride == i64::try_from(itemsize).unwrap_or(i64::MAX) {
            map.write_at(run.at, part)?;
            continue;
        }
        let mut at = run.at;
        for element in part.chunks(itemsize.max(1)) {
            map.write_at(at, element)?;
            at = at.wrapping_add_signed(run.stride);
        }
    }
    Ok(())
}
