//! Lengths in binary units.

/// Formats a length in its largest binary unit: `1.00 TiB`, `512 B`.
pub(crate) fn in_units(len: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if len < 1024 {
        return format!("{len} B");
    }
    // Hundredths of the unit, rounded down so that a length is never overstated.
    let mut unit = 0;
    while unit + 1 < UNITS.len() && len >> (10 * (unit + 2)) > 0 {
        unit += 1;
    }
    let hundredths = (u128::from(len) * 100) >> (10 * (unit + 1));
    format!("{}.{:02} {}", hundredths / 100, hundredths % 100, UNITS[unit])
}

/// The same with three digits: `1.83 MiB`, `71.3 KiB`, `512 B`.
pub(crate) fn in_short(len: u64) -> String {
    let text = in_units(len);
    let Some((whole, rest)) = text.split_once('.') else { return text };
    let (decimals, unit) = rest.split_at(2);
    match whole.len() {
        1 => text,
        2 => format!("{whole}.{}{unit}", decimals.get(..1).unwrap_or_default()),
        _ => format!("{whole}{unit}"),
    }
}

/// A number with a comma after each three digits.
pub(crate) fn in_thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (left, digit) in (0..digits.len()).rev().zip(digits.chars()) {
        text.push(digit);
        if left > 0 && left % 3 == 0 {
            text.push(',');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_cut_off_and_not_rounded_up() {
        for (len, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.00 KiB"),
            (1 << 20, "1.00 MiB"),
            ((1 << 20) - 1, "1023.99 KiB"),
            (1 << 40, "1.00 TiB"),
            (u64::MAX, "15.99 EiB"),
        ] {
            assert_eq!(in_units(len), text);
        }
    }

    #[test]
    fn short_lengths_have_three_digits() {
        for (len, text) in [
            (512, "512 B"),
            (1_925_232, "1.83 MiB"),
            (73_056, "71.3 KiB"),
            (385_024, "376 KiB"),
            ((1 << 20) - 1, "1023 KiB"),
        ] {
            assert_eq!(in_short(len), text);
        }
    }
}
