use memmap_core::{BLOCK_LEN, Kernel};

/// Finds the bytes that differ from a copy of the other side.
#[derive(Debug)]
pub(crate) struct Differing<'k> {
    /// The other side, from the first byte that has not been compared.
    other: &'k [u8],
    /// Bytes compared so far.
    done: usize,
    found: &'k mut Vec<Mask>,
}

/// The bytes of a block that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mask {
    /// Where the block starts.
    pub(crate) at: usize,
    /// A bit for each byte, the lowest for the first one.
    pub(crate) bits: u128,
}

impl<'k> Differing<'k> {
    /// Compares with `other`, and appends to `found`.
    pub(crate) fn from(other: &'k [u8], found: &'k mut Vec<Mask>) -> Self {
        Self { other, done: 0, found }
    }

    #[cold]
    #[inline(never)]
    fn note(&mut self, this: &[u8], other: &[u8]) {
        let bits = differing(this, other);
        self.found.push(Mask { at: self.done, bits });
    }
}

impl Kernel for Differing<'_> {
    #[inline(always)]
    fn block(&mut self, block: &[u8; BLOCK_LEN]) {
        let Some((other, rest)) = self.other.split_first_chunk::<BLOCK_LEN>() else { return };
        self.other = rest;
        // One pass over arrays of a known length, which becomes a few wide instructions.
        let differing = block.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b));
        if differing != 0 {
            self.note(block, other);
        }
        self.done = self.done.saturating_add(BLOCK_LEN);
    }

    #[inline(always)]
    fn rest(&mut self, rest: &[u8]) {
        let (other, _) = self.other.split_at(rest.len().min(self.other.len()));
        if rest != other {
            self.note(rest, other);
        }
        self.done = self.done.saturating_add(rest.len());
    }
}

/// A bit for each byte that differs, of at most 128.
fn differing(this: &[u8], other: &[u8]) -> u128 {
    let mut bits = 0;
    let (words, rest) = this.as_chunks::<8>();
    let (other_words, other_rest) = other.as_chunks::<8>();
    let mut shift = 0;
    for (word, other) in words.iter().zip(other_words) {
        let differing = u64::from_le_bytes(*word) ^ u64::from_le_bytes(*other);
        bits |= u128::from(nonzero_bytes(differing)) << shift;
        shift += 8;
    }
    for (byte, other) in rest.iter().zip(other_rest) {
        bits |= u128::from(byte != other) << shift;
        shift += 1;
    }
    bits
}

/// A bit for each of the eight bytes that is not zero.
const fn nonzero_bytes(word: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    // The highest bit of each byte that is not zero: a carry from the lower seven bits, or the bit itself.
    let high = (((word & LOW) + LOW) | word) & !LOW;
    // Gathered in the topmost byte.
    (high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(test)]
mod tests {
    use memmap_core::feed_blocks;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_byte_of_a_word_has_its_bit() {
        for byte in 0..8 {
            for value in [1, 0x7f, 0x80, 0xff_u64] {
                assert_eq!(nonzero_bytes(value << (8 * byte)), 1 << byte);
            }
        }
        assert_eq!((nonzero_bytes(0), nonzero_bytes(u64::MAX)), (0, 0xff));
    }

    proptest! {
        #[test]
        fn the_bits_are_those_of_the_bytes_that_differ(
            a in proptest::collection::vec(0_u8..3, 0..700),
            seed: u64,
        ) {
            let step = usize::try_from(seed % 97).unwrap() + 1;
            let b: Vec<u8> = a.iter().enumerate()
                .map(|(at, &byte)| if at % step == 0 { byte ^ 1 } else { byte }).collect();
            let mut found = Vec::new();
            let mut kernel = Differing::from(&b, &mut found);
            let (blocks, rest) = a.as_chunks::<BLOCK_LEN>();
            feed_blocks(&mut kernel, blocks);
            kernel.rest(rest);
            let mut places: Vec<usize> = Vec::new();
            for Mask { at, bits } in found {
                places.extend((0..128).filter(|bit| bits >> bit & 1 == 1).map(|bit| at + bit));
            }
            let expected: Vec<usize> = (0..a.len()).filter(|&at| a[at] != b[at]).collect();
            prop_assert_eq!(places, expected);
        }
    }
}
