use memmap_core::{BLOCK_LEN, PairKernel};

/// Finds the bytes that differ.
#[derive(Debug)]
pub(crate) struct Differing<'k> {
    /// Bytes of each side compared so far.
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
    /// Appends to `found`.
    pub(crate) fn new(found: &'k mut Vec<Mask>) -> Self {
        Self { done: 0, found }
    }

    /// Takes the next bytes of both sides, which need not fill a block. There are none after those that do
    /// not.
    pub(crate) fn slices(&mut self, a: &[u8], b: &[u8]) {
        let ((a, a_rest), (b, b_rest)) = (a.as_chunks(), b.as_chunks());
        for (a, b) in a.iter().zip(b) {
            self.blocks(a, b);
        }
        if a_rest != b_rest {
            let mut differing = [0; BLOCK_LEN];
            for ((byte, a), b) in differing.iter_mut().zip(a_rest).zip(b_rest) {
                *byte = a ^ b;
            }
            note(self.found, self.done, &differing);
        }
    }
}

impl PairKernel for Differing<'_> {
    #[inline(always)]
    fn blocks(&mut self, a: &[u8; BLOCK_LEN], b: &[u8; BLOCK_LEN]) {
        // One pass over arrays of a known length, which becomes a few wide instructions.
        let differing = a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b));
        if differing != 0 {
            // An array of its own: the blocks need no address, and stay in registers.
            let mut differing = *a;
            for (byte, b) in differing.iter_mut().zip(b) {
                *byte ^= b;
            }
            note(self.found, self.done, &differing);
        }
        self.done = self.done.saturating_add(BLOCK_LEN);
    }
}

/// Adds a block in which the bytes differ that are not zero.
#[cold]
#[inline(never)]
fn note(found: &mut Vec<Mask>, at: usize, differing: &[u8; BLOCK_LEN]) {
    let (words, _) = differing.as_chunks::<8>();
    let bits = words
        .iter()
        .rev()
        .fold(0, |bits, word| bits << 8 | u128::from(nonzero_bytes(u64::from_le_bytes(*word))));
    found.push(Mask { at, bits });
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
            Differing::new(&mut found).slices(&a, &b);
            let mut places: Vec<usize> = Vec::new();
            for Mask { at, bits } in found {
                places.extend((0..128).filter(|bit| bits >> bit & 1 == 1).map(|bit| at + bit));
            }
            let expected: Vec<usize> = (0..a.len()).filter(|&at| a[at] != b[at]).collect();
            prop_assert_eq!(places, expected);
        }
    }
}
