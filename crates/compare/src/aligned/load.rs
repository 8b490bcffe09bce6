use std::ops::Range;

use memmap_core::{Error, Map, Mapping, widen};

use crate::pair::{ends_side, read};

/// What cannot be read of a range, in order.
pub(super) type Lost = Vec<(Range<u64>, Error)>;

/// Copies a range into a buffer, with zeros for what cannot be read.
pub(super) fn load<M: Mapping>(map: &Map<M>, range: &Range<u64>, out: &mut Vec<u8>) -> Lost {
    let index = |at: u64| usize::try_from(at.saturating_sub(range.start)).unwrap_or(usize::MAX);
    out.clear();
    out.resize(index(range.end), 0);
    let mut lost = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let (there, stopped) = read(map, at, out.get_mut(index(at)..).unwrap_or_default());
        at = at.saturating_add(widen(there));
        let Some(error) = stopped else { break };
        let next = if ends_side(&error) {
            map.len()
        } else {
            map.mapping().next_readable(at).max(at.saturating_add(1))
        };
        // A failed read may have written something.
        out.get_mut(index(at)..).unwrap_or_default().fill(0);
        lost.push((at..next, error));
        at = next;
    }
    lost
}
