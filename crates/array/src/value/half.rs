//! Floats of two bytes, for printing without the crate `half`.

/// The exact value.
pub(super) fn widened(bits: u16) -> f64 {
    let magnitude = match bits & 0x7fff {
        0x7c00 => f64::INFINITY,
        0x7c01.. => f64::NAN,
        bits => magnitude(bits),
    };
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}

/// The number as `{:e}` prints it, with the fewest digits that identify it. `bits` are those of a positive
/// finite number.
pub(super) fn digits(bits: u16) -> String {
    let value = magnitude(bits);
    let middle = |other: u16| f64::midpoint(value, magnitude(other));
    let (low, high) = (middle(bits.saturating_sub(1)), middle(bits.saturating_add(1)));
    // A number halfway between two is read as the even one.
    let is_even = bits.is_multiple_of(2);
    let is_near = |text: &String| {
        text.parse::<f64>().is_ok_and(|it| {
            if is_even { (low..=high).contains(&it) } else { low < it && it < high }
        })
    };
    // Rounding to even may round a tie down; the next larger `f64` rounds it up.
    let both = |places| [value, value.next_up()].map(|it| format!("{it:.places$e}"));
    let mut each = (0..MOST).flat_map(both);
    each.find(is_near).unwrap_or_else(|| format!("{value:e}"))
}

/// The number of digits that distinguishes all numbers.
const MOST: usize = 5;

/// The value by the formula of finite numbers; 65536 for the bits of infinity.
fn magnitude(bits: u16) -> f64 {
    let (exponent, fraction) = (bits >> 10, bits & 0x3ff);
    match exponent {
        0 => f64::from(fraction) * 2_f64.powi(-24),
        _ => f64::from(fraction | 0x400) * 2_f64.powi(i32::from(exponent).saturating_sub(25)),
    }
}

/// The bits of the nearest number; of two, the even one.
pub(super) fn nearest(number: f64) -> u16 {
    let sign = if number.is_sign_negative() { 0x8000 } else { 0 };
    let size = number.abs();
    if size.is_nan() {
        return sign | 0x7e00;
    }
    // Numbers are in the order of their bits, up to infinity.
    let (mut low, mut high) = (0_u16, 0x7c00_u16);
    while high.saturating_sub(low) > 1 {
        let middle = low.midpoint(high);
        if magnitude(middle) <= size { low = middle } else { high = middle }
    }
    let halfway = f64::midpoint(magnitude(low), magnitude(high));
    let rounds_up = if low % 2 == 1 { size >= halfway } else { size > halfway };
    sign | if rounds_up { high } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_the_nearest_to_itself_and_rounding_is_to_even() {
        for bits in (0..=0x7c00).chain(0x8000..=0xfc00) {
            assert_eq!(nearest(widened(bits)), bits);
        }
        for low in 0..0x7bff_u16 {
            let halfway = f64::midpoint(magnitude(low), magnitude(low + 1));
            assert_eq!(nearest(halfway), low + low % 2);
            assert_eq!(nearest(halfway.next_up()), low + 1);
            assert_eq!(nearest(halfway.next_down()), low);
        }
        assert_eq!(nearest(65_519.9), 0x7bff);
        assert_eq!(nearest(65_520.0), 0x7c00);
        assert_eq!(nearest(f64::NAN) & 0x7fff, 0x7e00);
    }
}
