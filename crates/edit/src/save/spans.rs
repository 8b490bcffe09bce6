use std::ops::Range;

use memmap_core::Mapping;

use crate::expected::Expected;
use crate::piece::Piece;
use crate::source::Source;
use crate::tree::Tree;
use crate::version::Sources;

/// A range of the file that a saving writes. At the end of the file, the old bytes may be fewer or more than
/// the new ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u64,
    pub(crate) old_len: u64,
    pub(crate) new_len: u64,
}

impl Span {
    pub(crate) const fn old(&self) -> Range<u64> {
        self.start..self.start.saturating_add(self.old_len)
    }

    pub(crate) const fn new_range(&self) -> Range<u64> {
        self.start..self.start.saturating_add(self.new_len)
    }

    pub(crate) const fn end(&self) -> u64 {
        let longer = if self.old_len > self.new_len { self.old_len } else { self.new_len };
        self.start.saturating_add(longer)
    }
}

/// The longest span that is read, compared and kept at once.
pub(super) const LEN_MAX: u64 = 1 << 20;

/// Where a version does not have the bytes of its file in their own places, or where the file may have those of
/// a saving that did not finish: what would be written in place. The bytes are not looked at.
pub(super) fn spans<M: Mapping>(
    tree: &Tree,
    sources: &Sources<M>,
    base: &Source<M>,
    expected: &Expected<M>,
) -> Vec<Span> {
    let old_len = base.len();
    let mut moved: Vec<Range<u64>> = Vec::new();
    let mut add = |range: Range<u64>| match moved.last_mut() {
        Some(last) if last.end == range.start => last.end = range.end,
        _ => moved.push(range),
    };
    for (at, piece) in tree.all() {
        let end = at.saturating_add(piece.len());
        let Piece::Source { source, start, len, .. } = piece else {
            add(at..end);
            continue;
        };
        let found = usize::try_from(source).ok().and_then(|source| sources.get(source));
        match found.filter(|found| start == at && found.is_same_file(base)) {
            None => add(at..end),
            Some(found) => {
                for (range, is_equal) in found.compared(start..start.saturating_add(len), base) {
                    if !is_equal {
                        add(range);
                    }
                }
            }
        }
    }
    if tree.len() < old_len {
        add(tree.len()..old_len);
    }
    moved.extend(expected.doubtful(&(0..old_len.max(tree.len()))));
    moved.sort_by_key(|range| range.start);
    let mut spans: Vec<Span> = Vec::new();
    for range in moved {
        let start = spans.last().map_or(range.start, |last| last.end().max(range.start));
        let part = |len: u64| len.clamp(start, range.end.max(start)).saturating_sub(start);
        if start < range.end {
            spans.push(Span { start, old_len: part(old_len), new_len: part(tree.len()) });
        }
    }
    spans
}

/// Old bytes in order, each once.
pub(super) fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| span.start);
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.start <= last.end() => {
                last.old_len = span.end().max(last.end()).saturating_sub(last.start);
            }
            _ => joined.push(span),
        }
    }
    joined
}

/// The same, in spans that are not too long to be in memory.
pub(super) fn split(spans: &[Span]) -> Vec<Span> {
    let mut parts = Vec::new();
    for span in spans {
        let mut start = span.start;
        while start < span.end() {
            let end = span.end().min(start.saturating_add(LEN_MAX));
            let part = |to: u64| to.clamp(start, end).saturating_sub(start);
            let (old_len, new_len) = (part(span.old().end), part(span.new_range().end));
            parts.push(Span { start, old_len, new_len });
            start = end;
        }
    }
    parts
}

/// The same, against a file that a saving which did not finish left with another length.
pub(super) fn against(spans: &[Span], new_len: u64, file_len: u64) -> Vec<Span> {
    let against = |span: &Span| {
        let end = file_len.clamp(span.start, span.end());
        Span { old_len: end.saturating_sub(span.start), ..*span }
    };
    let is_some = |span: &Span| span.old_len > 0 || span.new_len > 0;
    let mut against: Vec<Span> = spans.iter().map(against).filter(is_some).collect();
    let start = against.last().map_or(0, Span::end).max(new_len);
    if start < file_len {
        against.push(Span { start, old_len: file_len.saturating_sub(start), new_len: 0 });
    }
    against
}

/// Spans in whole sectors of a device that has `len` bytes.
pub(super) fn in_sectors(spans: &[Span], sector: u64, len: u64) -> Vec<Span> {
    let sector = sector.max(1);
    let mut wide: Vec<Span> = Vec::new();
    for span in spans {
        let start = span.start.saturating_sub(span.start % sector);
        let end = span.end().div_ceil(sector).saturating_mul(sector).min(len);
        match wide.last_mut() {
            Some(last) if start < last.end() => {
                last.old_len = end.max(last.end()).saturating_sub(last.start);
                last.new_len = last.old_len;
            }
            _ => {
                let len = end.saturating_sub(start);
                wide.push(Span { start, old_len: len, new_len: len });
            }
        }
    }
    wide
}
