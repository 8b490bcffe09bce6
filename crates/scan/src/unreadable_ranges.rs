use std::collections::BTreeMap;
use std::mem;
use std::ops::Range;

use memmap_core::{Error, Unreadable};

/// The unreadable ranges, added by any thread in any order.
#[derive(Debug, Default)]
pub(crate) struct UnreadableRanges {
    /// Start, and then end and reason.
    found: BTreeMap<u64, (u64, Error)>,
}

impl UnreadableRanges {
    /// Adds a range, which may overlap others.
    pub(crate) fn add(&mut self, range: Range<u64>, reason: Error) {
        let Range { mut start, mut end } = range;
        let mut reason = reason;
        // It is merged with ranges that it overlaps, and with adjacent ones that have the same kind
        // of reason.
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

    /// Number of unreadable bytes in `range`.
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

#[cfg(test)]
mod tests {
    use std::io;

    use memmap_core::{ErrorKind, Op};

    use super::*;

    /// A device error. The offset tells it apart from others.
    fn io(offset: u64) -> Error {
        let source = io::ErrorKind::Other.into();
        Error::new(Op::Read, ErrorKind::Io { offset, source })
    }

    fn truncated(offset: u64) -> Error {
        Error::new(Op::Read, ErrorKind::Truncated { offset, needed: 0, now: 0 })
    }

    /// Each range, the kind of its reason, and the byte that this names.
    fn list(found: impl IntoIterator<Item = (Range<u64>, Error)>) -> Vec<(Range<u64>, char, u64)> {
        let mut unreadable = UnreadableRanges::default();
        let mut bytes = std::collections::BTreeSet::new();
        for (range, reason) in found {
            bytes.extend(range.clone());
            unreadable.add(range, reason);
        }
        // Whatever was merged, each byte counts once.
        assert_eq!(unreadable.len_within(&(0..1000)), memmap_core::widen(bytes.len()));
        let list = unreadable.into_list().into_iter();
        list.map(|it| match *it.error.kind() {
            ErrorKind::Io { offset, .. } => (it.range, 'i', offset),
            ErrorKind::Truncated { offset, .. } => (it.range, 't', offset),
            ref other => panic!("{other:?}"),
        })
        .collect()
    }

    #[test]
    fn what_touches_becomes_one_if_it_is_of_one_kind() {
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0], [0, 2, 1], [2, 0, 1]] {
            let all = [10..20, 20..30, 30..40];
            let found = order.map(|at| (all[at].clone(), io(all[at].start)));
            assert_eq!(list(found), [(10..40, 'i', 10)]);
            let found = order.map(|at| {
                let start = all[at].start;
                (all[at].clone(), if at == 1 { truncated(start) } else { io(start) })
            });
            assert_eq!(list(found), [(10..20, 'i', 10), (20..30, 't', 20), (30..40, 'i', 30)]);
        }
        let apart = list([(10..20, io(10)), (21..30, io(21))]);
        assert_eq!(apart, [(10..20, 'i', 10), (21..30, 'i', 21)]);
    }

    #[test]
    fn what_overlaps_becomes_one_and_the_reason_is_that_of_the_first_byte() {
        for (second, expected) in [
            (15..25, (10..25, 'i', 10)),
            (5..15, (5..20, 't', 5)),
            (12..14, (10..20, 'i', 10)),
            (5..30, (5..30, 't', 5)),
            // If two start at the same byte, the first one wins.
            (10..30, (10..30, 'i', 10)),
        ] {
            let reason = truncated(second.start);
            assert_eq!(list([(10..20, io(10)), (second, reason)]), [expected]);
        }
        // One that contains several, and one that joins two.
        let several = [(10..20, io(10)), (30..40, io(30)), (50..60, io(50)), (5..55, truncated(5))];
        assert_eq!(list(several), [(5..60, 't', 5)]);
        let joined = [(10..20, io(10)), (30..40, truncated(30)), (15..35, io(15))];
        assert_eq!(list(joined), [(10..40, 'i', 10)]);
    }
}
