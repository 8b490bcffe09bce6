//! Entropy of bytes.

/// Shannon entropy in bits per byte, from 0 to 8; `None` if there are no bytes.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a share needs no more digits"
)]
pub(crate) fn entropy(counts: &[u64; 256]) -> Option<f64> {
    let total: u64 = counts.iter().sum();
    let bits = counts.iter().filter(|&&count| count > 0).map(|&count| {
        let share = count as f64 / total as f64;
        share * share.recip().log2()
    });
    (total > 0).then(|| bits.sum())
}

/// The same in thousandths of a bit: an integer, which can be compared and summed. 0 if there are
/// no bytes.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an entropy is from 0 to 8, and the cast saturates"
)]
pub(crate) fn millibits(counts: &[u64; 256]) -> u64 {
    (entropy(counts).unwrap_or(0.0) * 1000.0).round() as u64
}

/// Formats thousandths of a bit as bits, rounded down: `4.13`.
pub(crate) fn in_bits(millibits: u64) -> String {
    format!("{}.{:02}", millibits / 1000, millibits % 1000 / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_none_of_nothing_zero_of_one_kind_and_eight_of_all() {
        assert_eq!(entropy(&[0; 256]), None);
        assert_eq!(entropy(&[1 << 40; 256]), Some(8.0));
        let mut counts = [0; 256];
        counts[7] = 5;
        assert_eq!(entropy(&counts).map(f64::to_bits), Some(0));
        counts[8] = 5;
        assert_eq!(entropy(&counts), Some(1.0));
        assert_eq!(
            (millibits(&counts), millibits(&[9; 256]), millibits(&[0; 256])),
            (1000, 8000, 0)
        );
        assert_eq!(
            (in_bits(4139), in_bits(8000), in_bits(5)),
            ("4.13".into(), "8.00".into(), "0.00".into())
        );
    }
}
