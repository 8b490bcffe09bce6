use std::io;
use std::ops::Range;

use memmap_core::{
    Error, ErrorKind, Extent, InPlace, Map, Mapping, Op, Result, checked, lent_in_place, widen,
};
use proptest::prelude::*;

/// Bytes in pieces that may be holes, or unreadable.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) bytes: Vec<u8>,
    /// The length of a piece. One of zeros is a hole.
    pub(crate) grain: usize,
    /// Pieces that cannot be read.
    pub(crate) bad: Vec<usize>,
    pub(crate) is_in_place: bool,
    /// From this byte on, the file was cut short.
    pub(crate) cut: Option<usize>,
}

impl Source {
    pub(crate) fn of(bytes: Vec<u8>) -> Self {
        Self { bytes, grain: 1 << 20, bad: Vec::new(), is_in_place: true, cut: None }
    }

    pub(crate) fn map(&self) -> Map<Self> {
        Map::from_mapping(self.clone())
    }

    fn is_hole(&self, piece: usize) -> bool {
        let end = ((piece + 1) * self.grain).min(self.bytes.len());
        self.bytes[piece * self.grain..end].iter().all(|&byte| byte == 0)
    }

    /// Whether the byte can be read.
    pub(crate) fn is_readable(&self, at: usize) -> bool {
        let is_cut = self.cut.is_some_and(|cut| at >= cut);
        !is_cut && !self.bad.contains(&(at / self.grain))
    }
}

impl Mapping for Source {
    fn len(&self) -> u64 {
        widen(self.bytes.len())
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let start = checked(offset, out.len(), self.bytes.len())?;
        let range = start..start + out.len();
        if let Some(at) = range.clone().find(|&at| !self.is_readable(at)) {
            let kind = if self.cut.is_some_and(|cut| at >= cut) {
                ErrorKind::Truncated { offset: widen(at), needed: self.len(), now: 0 }
            } else {
                ErrorKind::Io { offset: widen(at), source: io::ErrorKind::Other.into() }
            };
            return Err(Error::new(Op::Read, kind));
        }
        out.copy_from_slice(&self.bytes[range]);
        Ok(())
    }

    fn in_place(&self, offset: u64, len: usize) -> Option<InPlace<'_>> {
        let start = usize::try_from(offset).ok()?;
        let is_whole = (start..start + len).all(|at| self.is_readable(at));
        lent_in_place(&self.bytes, offset, len).filter(|_| self.is_in_place && is_whole)
    }

    fn next_readable(&self, offset: u64) -> u64 {
        let grain = widen(self.grain);
        (offset / grain + 1) * grain
    }

    fn extents(&self, offset: u64, len: u64) -> Result<Vec<Extent>> {
        let (mut at, end) = (offset, offset + len);
        let mut all: Vec<Extent> = Vec::new();
        while at < end {
            let piece = usize::try_from(at).unwrap() / self.grain;
            let next = widen((piece + 1) * self.grain).min(end);
            let extent = if self.is_hole(piece) { Extent::Hole } else { Extent::Data };
            all.push(extent(at..next));
            at = next;
        }
        Ok(all)
    }
}

/// A source, and another that is like it but for some edits.
pub(crate) fn pair() -> impl Strategy<Value = (Source, Source)> {
    let edit = (0.0..1.0, 0_usize..40, prop::collection::vec(0_u8..4, 0..60), 0_u8..4);
    let bytes = prop_oneof![
        prop::collection::vec(0_u8..3, 0..2000),
        prop::collection::vec(any::<u8>(), 0..2000),
        Just(vec![0; 1500]),
    ];
    let sources = (any::<(bool, bool)>(), 1_usize..200, 1_usize..200, faults(), faults());
    (bytes, prop::collection::vec(edit, 0..8), sources).prop_map(|(bytes, edits, sources)| {
        let mut edited = bytes.clone();
        for (place, removed, inserted, kind) in edits {
            let start = scaled(place, edited.len());
            let end = (start + removed).min(edited.len());
            match kind {
                0 => drop(edited.splice(start..start, inserted)),
                1 => drop(edited.drain(start..end)),
                2 => drop(edited.splice(start..end, inserted)),
                _ => edited[start..end].iter_mut().for_each(|byte| *byte ^= 1),
            }
        }
        let ((a_in_place, b_in_place), a_grain, b_grain, a_bad, b_bad) = sources;
        let source = |bytes: Vec<u8>, grain: usize, is_in_place, (bad, cut): Faults| {
            let pieces = bytes.len() / grain;
            let bad = bad.into_iter().map(|place| scaled(place, pieces)).collect();
            let cut = cut.map(|place| scaled(place, bytes.len()));
            Source { bytes, grain, bad, is_in_place, cut }
        };
        let b = source(edited, b_grain, b_in_place, b_bad);
        (source(bytes, a_grain, a_in_place, a_bad), b)
    })
}

/// Places of unreadable pieces, and where the file was cut.
type Faults = (Vec<f64>, Option<f64>);

fn faults() -> impl Strategy<Value = Faults> {
    let bad = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(0.0..1.0, 0..4)];
    (bad, prop::option::weighted(0.1, 0.0..1.0))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::as_conversions,
    reason = "small numbers"
)]
pub(crate) fn scaled(place: f64, len: usize) -> usize {
    (place * (len as f64 + 1.0)) as usize
}

/// A range as indices.
pub(crate) fn indices(range: &Range<u64>) -> Range<usize> {
    usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()
}
