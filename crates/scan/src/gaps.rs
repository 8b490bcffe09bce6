use std::collections::BTreeMap;
use std::mem;
use std::ops::Range;

use memmap_core::Error;

use crate::Unreadable;

/// The ranges that could not be read, as they are found, by any thread in any order.
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    /// By their first byte: the byte behind, and why.
    found: BTreeMap<u64, (u64, Error)>,
}

impl Gaps {
    /// One more, which may have been found before in part.
    pub(crate) fn add(&mut self, range: Range<u64>, reason: Error) {
        let Range { mut start, mut end } = range;
        let mut reason = reason;
        // Those that it overlaps become one with it, and those of its kind that it touches.
        let near: Vec<u64> = self
            .found
            .range(..=end)
            .rev()
            .take_while(|(_, (to, _))| *to >= start)
            .map(|(&at, _)| at)
            .collect();
        for at in near {
            let Some((to, why)) = self.found.get(&at) else { continue };
            let touches_only = at == end || *to == start;
            if touches_only && mem::discriminant(why.kind()) != mem::discriminant(reason.kind()) {
                continue;
            }
            let Some((to, why)) = self.found.remove(&at) else { continue };
            if at <= start {
                reason = why;
            }
            start = start.min(at);
            end = end.max(to);
        }
        self.found.insert(start, (end, reason));
    }

    /// How many bytes of `range` are in one of them.
    pub(crate) fn len_within(&self, range: &Range<u64>) -> u64 {
        self.found
            .range(..range.end)
            .map(|(&start, &(end, _))| end.min(range.end).saturating_sub(start.max(range.start)))
            .fold(0, u64::saturating_add)
    }

    pub(crate) fn into_list(self) -> Vec<Unreadable> {
        let all = self.found.into_iter();
        all.map(|(start, (end, reason))| Unreadable::new(start..end, reason)).collect()
    }
}
