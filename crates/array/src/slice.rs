use std::fmt;
use std::ops::{Range, RangeFrom, RangeFull, RangeTo};
use std::str::FromStr;

use crate::{Error, ErrorKind};

/// The part of one dimension to keep: Python's `start:stop:step`, or a single index.
///
/// Negative numbers count from the end. A range that is out of bounds is clamped, as in Python; an
/// index that is out of bounds is an error.
///
/// # Examples
/// ```
/// use memmap_array::Slice;
///
/// let backwards: Slice = "::-1".parse()?;
/// assert_eq!(backwards, Slice::ALL.by(-1));
/// assert_eq!(Slice::from(2..5), "2:5".parse()?);
/// assert_eq!(Slice::from(-3..).to_string(), "-3:");
/// assert_eq!(Slice::At(-1), "-1".parse()?);
/// assert_eq!(Slice::from(3_usize), "3".parse()?);
/// # Ok::<(), memmap_array::Error>(())
/// ```
///
/// # Source
/// numpy, "Basic slicing and indexing".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "Python has exactly these two")]
pub enum Slice {
    /// Keeps one index and removes the dimension.
    At(i64),
    /// Keeps a range of indices.
    Range {
        /// The first index to keep. Default: the first in the direction of `step`.
        start: Option<i64>,
        /// The index before which to stop. Default: none.
        stop: Option<i64>,
        /// The distance from one index to the next; not 0.
        step: i64,
    },
}

impl Slice {
    /// Keeps the whole dimension.
    pub const ALL: Self = Self::Range { start: None, stop: None, step: 1 };

    /// The same range with another step: 2 for every second index, -1 for reverse order. A single index
    /// is returned unchanged.
    #[must_use]
    pub const fn by(self, step: i64) -> Self {
        match self {
            Self::Range { start, stop, .. } => Self::Range { start, stop, step },
            at @ Self::At(_) => at,
        }
    }
}

/// Indices that are out of range for `i64` are out of bounds of any array.
trait Index {
    fn index(self) -> i64;
}

macro_rules! indices {
    ($($type:ty)+) => {
        $(
            impl Index for $type {
                fn index(self) -> i64 {
                    i64::try_from(self).unwrap_or(i64::MAX)
                }
            }

            impl From<$type> for Slice {
                fn from(index: $type) -> Self {
                    Self::At(index.index())
                }
            }

            impl From<Range<$type>> for Slice {
                fn from(Range { start, end }: Range<$type>) -> Self {
                    Self::Range { start: Some(start.index()), stop: Some(end.index()), step: 1 }
                }
            }

            impl From<RangeFrom<$type>> for Slice {
                fn from(RangeFrom { start }: RangeFrom<$type>) -> Self {
                    Self::Range { start: Some(start.index()), stop: None, step: 1 }
                }
            }

            impl From<RangeTo<$type>> for Slice {
                fn from(RangeTo { end }: RangeTo<$type>) -> Self {
                    Self::Range { start: None, stop: Some(end.index()), step: 1 }
                }
            }

            into_slices!($type, Range<$type>, RangeFrom<$type>, RangeTo<$type>);
        )+
    };
}

/// A single slice is that of the first dimension.
macro_rules! into_slices {
    ($($type:ty),+) => {
        $(
            impl IntoSlices for $type {
                fn into_slices(self) -> Result<Vec<Slice>, Error> {
                    Ok(vec![self.into()])
                }
            }
        )+
    };
}

// Literals without a suffix are `i32`.
indices!(i32 i64 usize);
into_slices!(Slice, RangeFull);

impl From<RangeFull> for Slice {
    fn from(_: RangeFull) -> Self {
        Self::ALL
    }
}

impl FromStr for Slice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = || Error::new(ErrorKind::NotASlice { text: text.to_owned() });
        let number = |part: &str| part.trim().parse::<i64>().map_err(|_not_a_number| refuse());
        let bound = |part: Option<&str>| match part.map_or("", str::trim) {
            "" => Ok(None),
            some => number(some).map(Some),
        };
        let mut parts = text.split(':');
        let (first, second, third) = (parts.next(), parts.next(), parts.next());
        match (second, parts.next()) {
            (_, Some(_)) => Err(refuse()),
            (None, _) => number(text).map(Self::At),
            (Some(_), None) => {
                let step = bound(third)?.unwrap_or(1);
                if step == 0 {
                    return Err(refuse());
                }
                Ok(Self::Range { start: bound(first)?, stop: bound(second)?, step })
            }
        }
    }
}

impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(index) => index.fmt(f),
            Self::Range { start, stop, step: by } => {
                start.map_or(Ok(()), |start| start.fmt(f))?;
                f.write_str(":")?;
                stop.map_or(Ok(()), |stop| stop.fmt(f))?;
                if *by == 1 { Ok(()) } else { write!(f, ":{by}") }
            }
        }
    }
}

/// Types that select a part of an array: a slice for each of the first dimensions. Indices and ranges of
/// `usize`, `i64` or `i32`, tuples and arrays of these, or the same as text, `"1:3, ::-1"`.
pub trait IntoSlices {
    /// The slices, first dimension first.
    ///
    /// # Errors
    /// [`ErrorKind::NotASlice`].
    fn into_slices(self) -> Result<Vec<Slice>, Error>;
}

impl IntoSlices for &str {
    fn into_slices(self) -> Result<Vec<Slice>, Error> {
        if self.trim().is_empty() {
            return Ok(Vec::new());
        }
        self.split(',').map(|part| part.trim().parse()).collect()
    }
}

impl IntoSlices for &[Slice] {
    fn into_slices(self) -> Result<Vec<Slice>, Error> {
        Ok(self.to_vec())
    }
}

impl<S: Into<Slice>, const N: usize> IntoSlices for [S; N] {
    fn into_slices(self) -> Result<Vec<Slice>, Error> {
        Ok(self.map(Into::into).to_vec())
    }
}

impl<S: Into<Slice>> IntoSlices for (S,) {
    fn into_slices(self) -> Result<Vec<Slice>, Error> {
        Ok(vec![self.0.into()])
    }
}

impl<A: Into<Slice>, B: Into<Slice>> IntoSlices for (A, B) {
    fn into_slices(self) -> Result<Vec<Slice>, Error> {
        Ok(vec![self.0.into(), self.1.into()])
    }
}

impl<A: Into<Slice>, B: Into<Slice>, C: Into<Slice>> IntoSlices for (A, B, C) {
    fn into_slices(self) -> Result<Vec<Slice>, Error> {
        Ok(vec![self.0.into(), self.1.into(), self.2.into()])
    }
}

impl<A: Into<Slice>, B: Into<Slice>, C: Into<Slice>, D: Into<Slice>> IntoSlices for (A, B, C, D) {
    fn into_slices(self) -> Result<Vec<Slice>, Error> {
        Ok(vec![self.0.into(), self.1.into(), self.2.into(), self.3.into()])
    }
}

/// The first index that is kept of `len`, and how many are; a step (`by`) of 0 keeps none.
pub(crate) fn resolve(start: Option<i64>, stop: Option<i64>, by: i64, len: usize) -> (i64, usize) {
    let bound = i64::try_from(len).unwrap_or(i64::MAX);
    // As Python's `slice.indices`: backwards, the position in front of the first is one, too.
    let (lowest, highest) = if by < 0 { (-1, bound.saturating_sub(1)) } else { (0, bound) };
    let place = |at: i64| {
        let at = if at < 0 { at.saturating_add(bound) } else { at };
        at.clamp(lowest, highest)
    };
    let first = start.map_or(if by < 0 { highest } else { lowest }, place);
    let last = stop.map_or(if by < 0 { lowest } else { highest }, place);
    let distance = if by < 0 { first.saturating_sub(last) } else { last.saturating_sub(first) };
    let count = match (u64::try_from(distance), by.unsigned_abs()) {
        (Ok(distance), by) if by > 0 => distance.div_ceil(by),
        _ => 0,
    };
    (first, usize::try_from(count).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_print_as_they_are_written() {
        for text in ["0", "-1", ":", "1:", ":1", "1:2", "::-1", "-3:-1:2", "5:1:-2"] {
            assert_eq!(text.parse::<Slice>().unwrap().to_string(), text);
        }
        assert_eq!(" 1 : : 2 ".parse::<Slice>().unwrap(), Slice::from(1..).by(2));
        for text in ["", "a", "1:2:3:4", "::0", "1.5", "1-2", "99999999999999999999"] {
            assert!(text.parse::<Slice>().is_err(), "{text}");
        }
        assert_eq!(
            "1:3, ::-1".into_slices().unwrap(),
            (1..3, Slice::ALL.by(-1)).into_slices().unwrap()
        );
    }

    #[test]
    fn what_is_kept_is_what_a_walk_over_the_indices_keeps() {
        let bounds = || std::iter::once(None).chain((-7..=7).map(Some));
        for len in 0..=5_usize {
            for start in bounds() {
                for stop in bounds() {
                    for step in [-3, -2, -1, 1, 2, 3] {
                        let (first, count) = resolve(start, stop, step, len);
                        let kept: Vec<i64> = (0..count)
                            .map(|at| first + i64::try_from(at).unwrap() * step)
                            .collect();
                        assert_eq!(
                            kept,
                            walk(start, stop, step, len),
                            "{start:?}:{stop:?}:{step} of {len}"
                        );
                    }
                }
            }
        }
    }

    /// The definition: go from `start` by `step`, stop in front of `stop`.
    fn walk(start: Option<i64>, stop: Option<i64>, by: i64, len: usize) -> Vec<i64> {
        let len = i64::try_from(len).unwrap();
        let real = |at: i64| if at < 0 { at + len } else { at };
        let up = by > 0;
        let mut at = match start {
            None if up => 0,
            None => len - 1,
            Some(start) if up => real(start).max(0),
            Some(start) => real(start).min(len - 1),
        };
        let goes_on = |at: i64| {
            (0..len).contains(&at)
                && stop.is_none_or(|stop| if up { at < real(stop) } else { at > real(stop) })
        };
        let mut kept = Vec::new();
        while goes_on(at) {
            kept.push(at);
            at += by;
        }
        kept
    }
}
