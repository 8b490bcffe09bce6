//! Bytes that show their offset in a file: words of eight bytes, each the complement of its own
//! offset. `crates/memmap/tests/fixtures/fill.rs` writes the same.

/// The unit in which bytes are lost, and the block size of the file systems here.
pub(super) const PAGE: usize = 4096;

/// The first `len` bytes of a file.
pub(super) fn bytes(len: usize) -> Vec<u8> {
    (0_u64..).step_by(8).flat_map(|at| (!at).to_le_bytes()).take(len).collect()
}

/// The pages of a file of these bytes that an image of its disk contains, at any place.
pub(super) fn pages_in(image: &[u8], file: &[u8]) -> Vec<bool> {
    let mut held = vec![false; file.len().div_ceil(PAGE)];
    for block in image.chunks_exact(PAGE) {
        let word = block.first_chunk().map_or(0, |word| !u64::from_le_bytes(*word));
        let Ok(offset) = usize::try_from(word) else { continue };
        if offset.is_multiple_of(PAGE) && file.get(offset..).is_some_and(|it| it.starts_with(block))
        {
            held[offset / PAGE] = true;
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_pages_are_found_anywhere_in_an_image() {
        let file = bytes(4 * PAGE);
        let mut image = vec![0; PAGE];
        image.extend(&file[2 * PAGE..3 * PAGE]);
        image.extend(&file[..2 * PAGE]);
        image[3 * PAGE + 100] ^= 1;
        assert_eq!(pages_in(&image, &file), [true, false, true, false]);
    }
}
