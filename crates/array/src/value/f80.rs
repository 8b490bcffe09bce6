//! The `long double` of x86: a significand of 64 bits, an exponent of 15 and a sign, in 16 bytes.

/// The nearest `f64`; `None` outside the range of normal `f64` numbers. Encodings that the processor
/// treats as invalid are NaN.
pub(super) fn nearest(bytes: [u8; 16]) -> Option<f64> {
    let ([fraction, rest], _) = bytes.as_chunks::<8>() else { return None };
    let fraction = u64::from_le_bytes(*fraction);
    let half = |shift: u32| u32::try_from(fraction >> shift & 0xffff_ffff).unwrap_or(0);
    let (high_half, low_half) = (half(32), half(0));
    let [low, high, ..] = *rest;
    let exponent = i32::from(u16::from_le_bytes([low, high & 0x7f]));
    let is_normal = fraction >> 63 == 1;
    let magnitude = match exponent {
        0 if fraction == 0 => 0.0,
        INFINITE if fraction == 1 << 63 => f64::INFINITY,
        INFINITE => f64::NAN,
        0 => return None,
        _ if !is_normal => f64::NAN,
        _ => {
            // Each half is exact, so the sum is rounded once. Scaling in two steps keeps each power of two
            // in the range of `f64`.
            let scale = exponent.saturating_sub(BIAS);
            if !(-1022..=1023).contains(&scale) {
                return None;
            }
            let number = f64::from(high_half) * 4_294_967_296.0 + f64::from(low_half);
            let shift = scale.saturating_sub(63);
            let half = shift / 2;
            number * 2_f64.powi(half) * 2_f64.powi(shift.saturating_sub(half))
        }
    };
    let is_rounded_up = exponent != INFINITE && magnitude.is_infinite();
    let value = if high & 0x80 == 0 { magnitude } else { -magnitude };
    (!is_rounded_up).then_some(value)
}

/// The `long double` with this value, which is exact.
pub(super) fn encode(number: f64) -> [u8; 16] {
    let bits = number.abs().to_bits();
    let (exponent, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
    let (exponent, significand) = match (exponent, fraction) {
        (0x7ff, _) => (INFINITE.unsigned_abs(), 1 << 63 | fraction << 11),
        (0, 0) => (0, 0),
        (0, _) => {
            // Subnormal numbers are normal ones here.
            let shift = fraction.leading_zeros();
            (OFFSET.saturating_add(12).saturating_sub(shift), fraction << shift)
        }
        _ => {
            let exponent = u32::try_from(exponent).unwrap_or(0);
            (OFFSET.saturating_add(exponent), 1 << 63 | fraction << 11)
        }
    };
    let sign = if number.is_sign_negative() { 0x80 } else { 0 };
    let [low, high, ..] = exponent.to_le_bytes();
    let mut bytes = [0; 16];
    for (byte, value) in
        bytes.iter_mut().zip(significand.to_le_bytes().into_iter().chain([low, high | sign]))
    {
        *byte = value;
    }
    bytes
}

/// The difference between the exponents of a `long double` and an `f64`.
const OFFSET: u32 = 16_383 - 1023;

/// The exponent of infinities and NaN.
const INFINITE: i32 = 0x7fff;

/// The exponent of 1.
const BIAS: i32 = 16_383;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_f64_is_its_own_nearest() {
        for number in
            [0.0, 1.0, -1.5, 0.1, f64::MAX, f64::MIN_POSITIVE, f64::INFINITY, -f64::INFINITY]
        {
            assert_eq!(
                nearest(encode(number)).map(f64::to_bits),
                Some(number.to_bits()),
                "{number}"
            );
        }
        assert!(nearest(encode(f64::NAN)).unwrap().is_nan());
        // numpy's `np.array(5e-324, 'g').tobytes()`.
        assert_eq!(encode(5e-324)[..10], [0, 0, 0, 0, 0, 0, 0, 0x80, 0xcd, 0x3b]);
    }
}
