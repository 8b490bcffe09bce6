use std::sync::Arc;

use memmap_core::widen;

/// The most bytes that a piece holds itself.
pub(crate) const TYPED_MAX: usize = 15;

/// A run of bytes of a version. It is never empty, and its bytes never change.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    /// Bytes of a source.
    Source {
        /// The number of the source.
        source: u32,
        /// Whether it is not where it was in the file: it was copied, or comes from elsewhere.
        moved: bool,
        /// Its start in the source.
        start: u64,
        /// Its length.
        len: u64,
    },
    /// A few bytes.
    Typed {
        /// How many.
        len: u8,
        /// They come first; the rest is not theirs.
        bytes: [u8; TYPED_MAX],
    },
    /// A part of bytes that others may share.
    Bytes {
        /// All of them.
        bytes: Arc<Box<[u8]>>,
        /// The start of the part.
        start: u32,
        /// The length of the part.
        len: u32,
    },
    /// A pattern, over and over.
    Fill {
        /// The pattern, which is not empty.
        pattern: Arc<Box<[u8]>>,
        /// The place in the pattern of the first byte.
        phase: u32,
        /// Its length.
        len: u64,
    },
}

/// The longest part of bytes in one piece.
const PART_MAX: usize = 1 << 30;

impl Piece {
    /// The pieces that hold these bytes: none if there are none.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Vec<Self> {
        if bytes.len() > TYPED_MAX {
            return bytes.chunks(PART_MAX).map(Self::shared).collect();
        }
        match u8::try_from(bytes.len()) {
            Ok(len) if len > 0 => {
                let mut typed = [0; TYPED_MAX];
                for (to, &from) in typed.iter_mut().zip(bytes) {
                    *to = from;
                }
                vec![Self::Typed { len, bytes: typed }]
            }
            _ => Vec::new(),
        }
    }

    fn shared(bytes: &[u8]) -> Self {
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Self::Bytes { bytes: Arc::new(bytes.into()), start: 0, len }
    }

    /// The length, at least 1.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Source { len, .. } | Self::Fill { len, .. } => *len,
            Self::Typed { len, .. } => u64::from(*len),
            Self::Bytes { len, .. } => u64::from(*len),
        }
    }

    /// The part from `from` to `to`, which are within the piece, and not equal.
    pub(crate) fn part(&self, from: u64, to: u64) -> Self {
        debug_assert!(from < to && to <= self.len(), "{from}..{to} of {self:?}");
        let part_len = to.saturating_sub(from);
        match self {
            Self::Source { source, moved, start, .. } => Self::Source {
                source: *source,
                moved: *moved,
                start: start.saturating_add(from),
                len: part_len,
            },
            Self::Typed { .. } => {
                let (from, to) = (narrow(from), narrow(to));
                let bytes = self.literal().get(from..to).unwrap_or_default();
                let mut typed = [0; TYPED_MAX];
                for (to, &from) in typed.iter_mut().zip(bytes) {
                    *to = from;
                }
                Self::Typed { len: u8::try_from(part_len).unwrap_or(0), bytes: typed }
            }
            Self::Bytes { bytes, start, .. } => Self::Bytes {
                bytes: Arc::clone(bytes),
                start: start.saturating_add(small(from)),
                len: small(part_len),
            },
            Self::Fill { pattern, phase, .. } => {
                let around = widen(pattern.len()).max(1);
                let phase = u64::from(*phase).wrapping_add(from % around) % around;
                Self::Fill { pattern: Arc::clone(pattern), phase: small(phase), len: part_len }
            }
        }
    }

    /// Both as one piece, if `next` continues this one.
    pub(crate) fn join(&self, next: &Self) -> Option<Self> {
        match (self, next) {
            (
                Self::Source { source, moved, start, len },
                Self::Source { source: source2, moved: moved2, start: start2, len: len2 },
            ) if source == source2
                && moved == moved2
                && start.checked_add(*len) == Some(*start2) =>
            {
                let len = len.checked_add(*len2)?;
                Some(Self::Source { source: *source, moved: *moved, start: *start, len })
            }
            (Self::Typed { .. }, Self::Typed { .. }) => {
                let (a, b) = (self.literal(), next.literal());
                let len = u8::try_from(a.len().saturating_add(b.len())).ok()?;
                if usize::from(len) > TYPED_MAX {
                    return None;
                }
                let mut bytes = [0; TYPED_MAX];
                for (to, &from) in bytes.iter_mut().zip(a.iter().chain(b)) {
                    *to = from;
                }
                Some(Self::Typed { len, bytes })
            }
            (
                Self::Bytes { bytes, start, len },
                Self::Bytes { bytes: bytes2, start: start2, len: len2 },
            ) if Arc::ptr_eq(bytes, bytes2) && start.checked_add(*len) == Some(*start2) => {
                let len = len.checked_add(*len2)?;
                Some(Self::Bytes { bytes: Arc::clone(bytes), start: *start, len })
            }
            (
                Self::Fill { pattern, phase, len },
                Self::Fill { pattern: pattern2, phase: phase2, len: len2 },
            ) if pattern == pattern2 => {
                let around = widen(pattern.len()).max(1);
                let continues = u64::from(*phase).wrapping_add(len % around) % around;
                let len = len.checked_add(*len2)?;
                (continues == u64::from(*phase2)).then(|| Self::Fill {
                    pattern: Arc::clone(pattern),
                    phase: *phase,
                    len,
                })
            }
            _ => None,
        }
    }

    /// The bytes that it holds itself; none of a source or a fill.
    pub(crate) fn literal(&self) -> &[u8] {
        match self {
            Self::Typed { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Self::Bytes { bytes, start, len } => {
                let start = usize::try_from(*start).unwrap_or(usize::MAX);
                let len = usize::try_from(*len).unwrap_or(usize::MAX);
                bytes.get(start..start.saturating_add(len)).unwrap_or_default()
            }
            Self::Source { .. } | Self::Fill { .. } => &[],
        }
    }

    /// Copies bytes from `from` on; `false` of a source, whose bytes are elsewhere.
    pub(crate) fn copy_out(&self, from: u64, out: &mut [u8]) -> bool {
        match self {
            Self::Source { .. } => return false,
            Self::Typed { .. } | Self::Bytes { .. } => {
                let bytes = self.literal().get(narrow(from)..).unwrap_or_default();
                for (to, &from) in out.iter_mut().zip(bytes) {
                    *to = from;
                }
            }
            Self::Fill { pattern, phase, .. } => repeat(pattern, *phase, from, out),
        }
        true
    }
}

fn repeat(pattern: &[u8], phase: u32, from: u64, out: &mut [u8]) {
    if let [byte] = pattern {
        return out.fill(*byte);
    }
    let around = widen(pattern.len()).max(1);
    let first = u64::from(phase).wrapping_add(from % around) % around;
    for (to, &from) in out.iter_mut().zip(pattern.iter().cycle().skip(narrow(first))) {
        *to = from;
    }
}

/// A position in memory: what is within a buffer fits.
fn narrow(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

fn small(at: u64) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_as_small_as_three_words() {
        assert_eq!(size_of::<Piece>(), 24);
        assert_eq!(size_of::<Option<Piece>>(), 24);
    }

    #[test]
    fn parts_of_each_kind_join_again() {
        let typed = Piece::of_bytes(b"typed bytes");
        let shared = Piece::of_bytes(b"more bytes than a piece holds itself");
        let fill = Piece::Fill { pattern: Arc::new(b"abc"[..].into()), phase: 2, len: 10 };
        let source = Piece::Source { source: 1, moved: false, start: u64::MAX - 20, len: 20 };
        for piece in typed.into_iter().chain(shared).chain([fill, source]) {
            for at in 1..piece.len() {
                let (left, right) = (piece.part(0, at), piece.part(at, piece.len()));
                assert_eq!((left.len(), right.len()), (at, piece.len() - at));
                let joined = left.join(&right).expect("they were one");
                assert_eq!(bytes_of(&joined), bytes_of(&piece));
                let mut parts = bytes_of(&left);
                parts.extend(bytes_of(&right));
                assert_eq!(parts, bytes_of(&piece), "{piece:?} at {at}");
            }
        }
    }

    fn bytes_of(piece: &Piece) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(piece.len()).expect("short")];
        piece.copy_out(0, &mut bytes);
        bytes
    }
}
