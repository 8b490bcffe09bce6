//! A small sample file, generated in memory.

use memmap::{Error, RamMap};

use crate::source::Source;

/// Offset of the text.
pub(crate) const TEXT_AT: u64 = 0x40;

/// Offset of the floats, and the index of the NaN among them.
const FLOATS_AT: usize = 0x200;
pub(crate) const NAN_AT: u64 = 0x200 + 4 * 21;

const LEN: usize = 0x3000;

/// The sample as a source.
///
/// # Errors
/// If memory cannot be allocated.
pub(crate) fn source() -> Result<Source, Error> {
    Ok(Source::new(RamMap::from_reader(&bytes()[..])?.erase(), "demo"))
}

/// A header, text, numbers, floats, UTF-16 text, zeros and noise.
pub(crate) fn bytes() -> Vec<u8> {
    let mut bytes = b"\x89DEMO\r\n\x1a".to_vec();
    let fill = |bytes: &mut Vec<u8>, len: usize| bytes.resize(len.max(bytes.len()), 0);
    bytes.extend(1_u16.to_le_bytes());
    bytes.extend(0x200_u32.to_le_bytes());
    fill(&mut bytes, 0x40);
    bytes.extend(
        "A mapping is bytes plus a promise about who may change them.\n\
         This one is in memory: nobody else can, and no file is written.\n\
         Gr\u{fc}\u{df}e, \u{4f60}\u{597d}: text may take more than a byte a character.\n"
            .bytes(),
    );
    fill(&mut bytes, 0x140);
    (0..32_u32).for_each(|n| bytes.extend((n * n).to_le_bytes()));
    fill(&mut bytes, FLOATS_AT);
    for n in 0..64_u8 {
        let value = if n == 21 { f32::NAN } else { f32::from(n) / 8.0 - 2.0 };
        bytes.extend(value.to_le_bytes());
    }
    fill(&mut bytes, 0x320);
    bytes.extend("UTF-16, as Windows writes it".encode_utf16().flat_map(u16::to_le_bytes));
    fill(&mut bytes, 0x2000);
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    while bytes.len() < LEN {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_tour_speaks_of_is_where_it_says() {
        let bytes = bytes();
        assert_eq!(bytes.len(), LEN);
        let at = |at: u64, len: usize| {
            let at = usize::try_from(at).unwrap();
            &bytes[at..at + len]
        };
        assert_eq!(at(TEXT_AT, 9), b"A mapping");
        assert_eq!(at(NAN_AT, 4), f32::NAN.to_le_bytes());
        assert!(bytes[FLOATS_AT..].starts_with(&(-2.0_f32).to_le_bytes()));
    }
}
