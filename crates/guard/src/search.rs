use crate::{Fault, InPlace, Lost, arch, copy_out, handler};

/// What a byte that is looked for has: some of its bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a comparison of bits, with nothing to add")]
pub struct Sign {
    /// The bits that are compared.
    pub mask: u8,
    /// What they are. Others than those of the mask are never found.
    pub value: u8,
}

impl Sign {
    /// This byte and no other.
    pub const fn of(byte: u8) -> Self {
        Self { mask: u8::MAX, value: byte }
    }

    /// Whether a byte has it.
    #[inline]
    pub const fn is_of(self, byte: u8) -> bool {
        byte & self.mask == self.value
    }
}

/// How much is copied at a time where it cannot be looked at in place.
const PIECE_LEN: usize = 1 << 10;

/// Searching.
impl InPlace<'_> {
    /// How many of the bytes are this one.
    ///
    /// # Errors
    /// [`Lost`], beside the count of the bytes before.
    ///
    /// # Cost
    /// On x86-64 with AVX2, that of reading memory once; elsewhere a copy of 1 KiB at a time.
    pub fn count_byte(self, byte: u8) -> (u64, Result<(), Lost>) {
        handler::prepare();
        // SAFETY: the bytes that the maker answers for, which are mapped while `'a` lasts.
        let (mut count, mut done) = unsafe { arch::count_byte(self.first(), self.len(), byte) };
        let mut buffer = [0; PIECE_LEN];
        while done < self.len() {
            let (piece, lost) = self.piece(done, &mut buffer);
            for &found in piece {
                count = count.wrapping_add(u64::from(found == byte));
            }
            done = done.saturating_add(piece.len());
            if lost {
                return (count, Err(Lost { done }));
            }
        }
        (count, Ok(()))
    }

    /// Adds how often each of the 256 bytes occurs to eight tables, whose sum it is: by turns, so that
    /// the same byte in a row does not wait for itself. Counts of more than 32 bits wrap.
    ///
    /// # Errors
    /// [`Lost`], and then the [`done`](Lost::done) first bytes are counted.
    ///
    /// # Cost
    /// On x86-64 that of a loop over a slice; elsewhere a copy of 1 KiB at a time besides.
    pub fn histogram(self, tables: &mut [[u32; 256]; 8]) -> Result<(), Lost> {
        handler::prepare();
        // SAFETY: the bytes that the maker answers for, which are mapped while `'a` lasts.
        let mut done = unsafe { arch::histogram(self.first(), self.len(), tables) };
        let mut buffer = [0; PIECE_LEN];
        while done < self.len() {
            let (piece, lost) = self.piece(done, &mut buffer);
            for (&byte, turn) in piece.iter().zip((0..tables.len()).cycle()) {
                if let Some(table) = tables.get_mut(turn) {
                    table[usize::from(byte)] = table[usize::from(byte)].wrapping_add(1);
                }
            }
            done = done.saturating_add(piece.len());
            if lost {
                return Err(Lost { done });
            }
        }
        Ok(())
    }

    /// The first position at which a byte has one sign and the byte `distance` behind it the other.
    ///
    /// # Errors
    /// [`Lost`], and then there is none in the `done` first positions. The byte that is lost is there or
    /// `distance` behind.
    ///
    /// # Cost
    /// As [`count_byte`](Self::count_byte). The two bytes of a pair are loaded apart, and may change in
    /// between: look again at a copy.
    pub fn find_pair(
        self,
        first: Sign,
        second: Sign,
        distance: usize,
    ) -> Result<Option<usize>, Lost> {
        let Some(positions) = self.len().checked_sub(distance) else { return Ok(None) };
        handler::prepare();
        // SAFETY: the bytes that the maker answers for, which are mapped while `'a` lasts: `positions`
        // and `distance` are as many together.
        let searched =
            unsafe { arch::find_pair(self.first(), positions, distance, [first, second]) };
        let mut done = match searched {
            Ok(found) => return Ok(Some(found)),
            Err(done) => done,
        };
        let mut buffers = [[0; PIECE_LEN]; 2];
        let [firsts, seconds] = &mut buffers;
        while done < positions {
            let room = positions.saturating_sub(done).min(PIECE_LEN);
            let (firsts, lost_first) = self.piece(done, firsts.get_mut(..room).unwrap_or_default());
            let (seconds, lost_second) = self
                .piece(done.saturating_add(distance), seconds.get_mut(..room).unwrap_or_default());
            let mut pairs = firsts.iter().zip(seconds);
            if let Some(found) = pairs.position(|(&a, &b)| first.is_of(a) && second.is_of(b)) {
                return Ok(Some(done.saturating_add(found)));
            }
            done = done.saturating_add(firsts.len().min(seconds.len()));
            if lost_first || lost_second {
                return Err(Lost { done });
            }
        }
        Ok(None)
    }

    /// A copy of the bytes at `start`, as many as there are and the buffer holds; and whether one is
    /// lost.
    fn piece(self, start: usize, buffer: &mut [u8]) -> (&[u8], bool) {
        let len = self.len().saturating_sub(start).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..len) else { return (&[], false) };
        // SAFETY: `start` and `len` are within the bytes that the maker answers for.
        match unsafe { copy_out(self.first().wrapping_add(start), buffer) } {
            Ok(()) => (buffer, false),
            Err(Fault { moved, .. }) => (buffer.get(..moved).unwrap_or_default(), true),
        }
    }
}
