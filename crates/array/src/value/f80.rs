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

/// The exponent of infinities and NaN.
const INFINITE: i32 = 0x7fff;

/// The exponent of 1.
const BIAS: i32 = 16_383;
