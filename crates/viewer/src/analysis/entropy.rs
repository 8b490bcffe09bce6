//! Entropy as an integer.

use memmap::scan::Histogram;

/// The entropy in thousandths of a bit per byte: an integer, which can be compared and summed. 0 if
/// there are no bytes.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an entropy is from 0 to 8, and the cast saturates"
)]
pub(crate) fn millibits(counts: &[u64; 256]) -> u64 {
    (Histogram::from(*counts).entropy().unwrap_or(0.0) * 1000.0).round() as u64
}

/// Formats thousandths of a bit as bits, rounded down: `4.13`.
pub(crate) fn in_bits(millibits: u64) -> String {
    format!("{}.{:02}", millibits / 1000, millibits % 1000 / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousandths_are_rounded_to_the_nearest_and_printed_rounded_down() {
        let mut counts = [0; 256];
        counts[7] = 5;
        assert_eq!(millibits(&counts), 0);
        counts[8] = 5;
        assert_eq!(
            (millibits(&counts), millibits(&[9; 256]), millibits(&[0; 256])),
            (1000, 8000, 0)
        );
        counts[9] = 5;
        assert_eq!(millibits(&counts), 1585);
        assert_eq!(
            (in_bits(4139), in_bits(8000), in_bits(5)),
            ("4.13".into(), "8.00".into(), "0.00".into())
        );
    }
}
