//! Runs of equal bytes and of printable characters. The summary of a part records its ends, so that
//! neighbouring parts can be merged.

use std::ops::Range;

use memmap_core::widen;

use crate::pattern::is_printable;

/// Number of runs reported.
const RUNS: usize = 5;

/// Minimum length of a reported run.
const RUN_MIN: u64 = 4;

/// A run of equal bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Run {
    /// Offset of its first byte, from the start of the mapping.
    pub offset: u64,
    /// Length in bytes.
    pub len: u64,
    /// The value of its bytes.
    pub byte: u8,
}

/// How many runs of a kind there are, such as strings or holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct RunTotal {
    /// Number of runs.
    pub count: u64,
    /// Number of bytes in them.
    pub bytes: u64,
}

/// Runs and strings of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Runs {
    range: Range<u64>,
    /// The runs at the start and at the end, which may continue outside. `None` next to unreadable
    /// bytes.
    first: Option<Run>,
    last: Option<Run>,
    /// Whether the whole range is a single run.
    is_one_run: bool,
    /// The longest runs inside, by descending length, then ascending offset.
    longest: Vec<Run>,
    /// Number of printable characters at the start and at the end; and whether all characters are
    /// printable.
    head: u64,
    tail: u64,
    is_text: bool,
    /// The strings inside.
    strings: RunTotal,
}

impl Runs {
    /// Summarizes bytes read at `offset`; `None` if there are none.
    pub(crate) fn of(offset: u64, bytes: &[u8], min_string: usize) -> Option<Self> {
        let (&first, &last) = (bytes.first()?, bytes.last()?);
        let len = widen(bytes.len());
        let end = offset + len;
        let at_start = widen(bytes.iter().take_while(|&&byte| byte == first).count());
        let at_end = widen(bytes.iter().rev().take_while(|&&byte| byte == last).count());
        let head = widen(bytes.iter().take_while(|&&byte| is_printable(byte)).count());
        let tail = widen(bytes.iter().rev().take_while(|&&byte| is_printable(byte)).count());
        let mut this = Self {
            range: offset..end,
            first: Some(Run { offset, len: at_start, byte: first }),
            last: Some(Run { offset: end - at_end, len: at_end, byte: last }),
            is_one_run: at_start == len,
            longest: Vec::new(),
            head,
            tail,
            is_text: head == len,
            strings: RunTotal::default(),
        };
        if !this.is_one_run {
            this.find_runs(bytes, index(at_start)..index(len - at_end));
        }
        if !this.is_text {
            this.find_strings(bytes, index(head)..index(len - tail), min_string);
        }
        Some(this)
    }

    /// Summarizes a hole.
    pub(crate) fn of_zeros(range: &Range<u64>) -> Self {
        let run = Run { offset: range.start, len: range.end - range.start, byte: 0 };
        Self { first: Some(run), last: Some(run), is_one_run: true, ..Self::unknown(range.clone()) }
    }

    /// Summarizes unreadable bytes. No run continues across them.
    fn unknown(range: Range<u64>) -> Self {
        Self {
            range,
            first: None,
            last: None,
            is_one_run: false,
            longest: Vec::new(),
            head: 0,
            tail: 0,
            is_text: false,
            strings: RunTotal::default(),
        }
    }

    /// Merges two ranges. A gap between them is unreadable.
    pub(crate) fn joined(self, next: Self, min_string: usize) -> Self {
        let gap = self.range.end..next.range.start;
        if gap.is_empty() {
            return self.touching(next, min_string);
        }
        self.touching(Self::unknown(gap), min_string).touching(next, min_string)
    }

    fn touching(mut self, next: Self, min_string: usize) -> Self {
        self.range.end = next.range.end;
        for run in next.longest {
            self.close(Some(run));
        }
        let across = match (self.last, next.first) {
            (Some(a), Some(b)) if a.byte == b.byte => Some(Run { len: a.len + b.len, ..a }),
            _ => None,
        };
        match (across, self.is_one_run, next.is_one_run) {
            (Some(_), false, false) => self.close(across),
            (Some(_), ..) => {}
            (None, is_first, is_last) => {
                // A range that is a single run still has it at its outer end.
                self.close(self.last.filter(|_| !is_first));
                self.close(next.first.filter(|_| !is_last));
            }
        }
        if across.is_some() && self.is_one_run {
            self.first = across;
        }
        self.last = if across.is_some() && next.is_one_run { across } else { next.last };
        self.is_one_run &= next.is_one_run && across.is_some();

        self.strings.count += next.strings.count;
        self.strings.bytes += next.strings.bytes;
        let joint = self.tail + next.head;
        match (self.is_text, next.is_text) {
            (false, false) => self.strings.add_string(joint, min_string),
            (true, _) => self.head = joint,
            (false, true) => {}
        }
        self.tail = if next.is_text { joint } else { next.tail };
        self.is_text &= next.is_text;
        self
    }

    /// The longest runs, including those at the ends.
    pub(crate) fn longest(&self) -> Vec<Run> {
        let mut all = self.clone();
        all.close(self.first);
        all.close(self.last.filter(|_| !self.is_one_run));
        all.longest
    }

    /// The strings, including those at the ends.
    pub(crate) fn strings(&self, min_string: usize) -> RunTotal {
        let mut all = self.strings;
        all.add_string(self.head, min_string);
        all.add_string(if self.is_text { 0 } else { self.tail }, min_string);
        all
    }

    /// Adds a run that does not continue.
    fn close(&mut self, run: Option<Run>) {
        let Some(run) = run.filter(|run| run.len >= self.least()) else { return };
        let is_before = |other: &Run| (other.len, run.offset) > (run.len, other.offset);
        let at = self.longest.partition_point(is_before);
        self.longest.insert(at, run);
        self.longest.truncate(RUNS);
    }

    /// Minimum length for a run to be among the longest.
    fn least(&self) -> u64 {
        let last = self.longest.get(RUNS - 1);
        last.map_or(RUN_MIN, |run| run.len)
    }

    /// Finds the long runs within `part`. A run of `n` bytes covers the last byte of some window of
    /// `n`, so most bytes are skipped: each window is compared from its end until a byte differs.
    fn find_runs(&mut self, bytes: &[u8], part: Range<usize>) {
        let mut at = part.start;
        loop {
            let least = index(self.least());
            let Some(probe) = at.checked_add(least - 1).filter(|&probe| probe < part.end) else {
                return;
            };
            let byte = bytes[probe];
            let before = bytes[at..probe].iter().rev().take_while(|&&other| other == byte).count();
            if before + 1 < least {
                at = probe - before;
                continue;
            }
            let behind = bytes[probe..part.end].iter().take_while(|&&other| other == byte).count();
            let end = probe + behind;
            self.close(Some(Run {
                offset: self.range.start + widen(at),
                len: widen(end - at),
                byte,
            }));
            at = end;
        }
    }

    /// Finds the strings within `part` with the same method.
    fn find_strings(&mut self, bytes: &[u8], part: Range<usize>, min_string: usize) {
        let mut at = part.start;
        while let Some(probe) = at.checked_add(min_string - 1).filter(|&probe| probe < part.end) {
            let last = bytes[at..=probe].iter().rposition(|&byte| !is_printable(byte));
            if let Some(last) = last {
                at += last + 1;
                continue;
            }
            let behind = bytes[probe..part.end].iter().take_while(|&&byte| is_printable(byte));
            let end = probe + behind.count();
            self.strings.add_string(widen(end - at), min_string);
            at = end;
        }
    }
}

impl RunTotal {
    /// Adds a run of printable characters that does not continue.
    fn add_string(&mut self, len: u64, min_string: usize) {
        if len >= widen(min_string.max(1)) {
            self.count += 1;
            self.bytes += len;
        }
    }
}

/// Converts an offset into an index.
fn index(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All runs and strings, found byte by byte: the reference implementation.
    fn naive(bytes: &[u8], min_string: usize) -> (Vec<Run>, RunTotal) {
        let mut runs: Vec<Run> = Vec::new();
        let mut strings = RunTotal::default();
        let mut text = 0;
        for (at, &byte) in bytes.iter().enumerate() {
            match runs.last_mut() {
                Some(run) if run.byte == byte => run.len += 1,
                _ => runs.push(Run { offset: widen(at), len: 1, byte }),
            }
            if is_printable(byte) {
                text += 1;
            } else {
                strings.add_string(text, min_string);
                text = 0;
            }
        }
        strings.add_string(text, min_string);
        runs.retain(|run| run.len >= RUN_MIN);
        runs.sort_by_key(|run| (std::cmp::Reverse(run.len), run.offset));
        runs.truncate(RUNS);
        (runs, strings)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn however_bytes_are_cut_their_runs_and_strings_are_the_same(
            pieces in prop::collection::vec((0..3_u8, 1..12_usize, 0..3_u8), 0..40),
            cuts in prop::collection::vec(0..200_usize, 0..8),
            grouping in any::<bool>(),
            min_string in 1..6_usize,
        ) {
            let kinds = [0, b'a', b'\n'];
            let bytes: Vec<u8> = pieces
                .iter()
                .flat_map(|&(kind, len, odd)| {
                    let mut run = vec![kinds[usize::from(kind)]; len];
                    run.extend(std::iter::repeat_n(b'b', odd.into()));
                    run
                })
                .collect();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let mut parts: Vec<Runs> = cuts
                .windows(2)
                .filter_map(|cut| Runs::of(widen(cut[0]), &bytes[cut[0]..cut[1]], min_string))
                .collect();
            // Merge from the left or from the right.
            while parts.len() > 1 {
                let at = if grouping { 0 } else { parts.len() - 2 };
                let next = parts.remove(at + 1);
                parts[at] = parts[at].clone().joined(next, min_string);
            }
            let (runs, strings) = naive(&bytes, min_string);
            match parts.first() {
                Some(all) => {
                    prop_assert_eq!(all.longest(), runs);
                    prop_assert_eq!(all.strings(min_string), strings);
                }
                None => prop_assert!(bytes.is_empty()),
            }
        }
    }

    #[test]
    fn nothing_goes_across_what_cannot_be_read() {
        let a = Runs::of(0, b"xaaaa", 2).unwrap();
        let b = Runs::of(6, b"aaaax", 2).unwrap();
        let both = a.joined(b, 2);
        let runs = both.longest();
        assert_eq!(
            runs.iter().map(|run| (run.offset, run.len)).collect::<Vec<_>>(),
            [(1, 4), (6, 4)]
        );
        assert_eq!(both.strings(2), RunTotal { count: 2, bytes: 10 });
    }

    #[test]
    fn a_hole_is_a_run_that_joins_the_zeros_beside_it() {
        let hole = Runs::of_zeros(&(3..1 << 40));
        let all = Runs::of(0, b"ab\0", 1).unwrap().joined(hole, 1);
        let all = all.joined(Runs::of(1 << 40, b"\0\0c", 1).unwrap(), 1);
        assert_eq!(all.longest(), [Run { offset: 2, len: (1 << 40), byte: 0 }]);
        assert_eq!(all.strings(1), RunTotal { count: 2, bytes: 3 });
    }
}
