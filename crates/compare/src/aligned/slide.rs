use std::ops::Range;

use memmap_core::{Map, Mapping, widen};

use super::list::LEAST_EQUAL;
use crate::{Difference, DifferenceKind};

/// Bytes that are read at a time. Most differences slide by a few.
const STEP: usize = 64;

/// Moves what only one side has as far towards the end as the bytes allow: of `;size=1` inserted before
/// `;mode`, and `size=1;` inserted after the `;`, the latter. So equal edits give equal lists.
pub(super) fn slide_all<A: Mapping, B: Mapping>(
    a: (&Map<A>, u64),
    b: (&Map<B>, u64),
    list: &mut [Difference],
) {
    for index in 0..list.len() {
        let next = list.get(index.saturating_add(1));
        let (a_end, b_end) = next.map_or((a.1, b.1), |next| (next.a.start, next.b.start));
        let Some(found) = list.get_mut(index) else { return };
        let equal = match found.kind {
            DifferenceKind::OnlyInA => slid(a.0, &found.a, a_end.saturating_sub(found.a.end)),
            DifferenceKind::OnlyInB => slid(b.0, &found.b, b_end.saturating_sub(found.b.end)),
            DifferenceKind::Changed | DifferenceKind::Unreadable => 0,
        };
        // Not up to the next difference, with which it would have to be joined.
        let room = a_end.saturating_sub(found.a.end).min(b_end.saturating_sub(found.b.end));
        let is_last = a_end == a.1 && b_end == b.1;
        let equal = equal.min(if is_last { room } else { room.saturating_sub(LEAST_EQUAL) });
        for range in [&mut found.a, &mut found.b] {
            range.start = range.start.saturating_add(equal);
            range.end = range.end.saturating_add(equal);
        }
    }
}

/// How far a range can be moved: the number of bytes after it that are those at its start. At most `most`.
fn slid<M: Mapping>(map: &Map<M>, range: &Range<u64>, most: u64) -> u64 {
    let mut done = 0_u64;
    while done < most {
        let len = usize::try_from(most.saturating_sub(done)).unwrap_or(STEP).min(STEP);
        let (mut start, mut after) = ([0; STEP], [0; STEP]);
        let (start, after) =
            (start.get_mut(..len).unwrap_or_default(), after.get_mut(..len).unwrap_or_default());
        let is_read = map.read_into(range.start.saturating_add(done), start).is_ok()
            && map.read_into(range.end.saturating_add(done), after).is_ok();
        if !is_read {
            break;
        }
        let equal = start.iter().zip(after.iter()).take_while(|(a, b)| a == b).count();
        done = done.saturating_add(widen(equal));
        if equal < len {
            break;
        }
    }
    done
}
