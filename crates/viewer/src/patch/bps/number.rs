//! Numbers of BPS: seven bits a byte, the lowest first, and the last one with its highest bit set. What fewer bytes
//! can say is left out of longer ones, so that each number has one form.

use super::super::PatchError;
use super::super::error::Damage;
use super::super::input::Input;

pub(super) fn append(mut number: u64, out: &mut Vec<u8>) {
    loop {
        let [low, ..] = (number & 0x7f).to_le_bytes();
        number >>= 7;
        if number == 0 {
            out.push(0x80 | low);
            return;
        }
        out.push(low);
        number -= 1;
    }
}

pub(super) fn read(input: &mut Input<'_>) -> Result<u64, PatchError> {
    let at = input.offset();
    let mut number = 0_u64;
    // What a digit is worth; 0 once that is too much.
    let mut unit = 1_u64;
    loop {
        let byte = input.byte()?;
        let overflow = || Damage::Number;
        let digit = u64::from(byte & 0x7f);
        number = digit
            .checked_mul(unit)
            .filter(|_| unit > 0)
            .and_then(|digit| number.checked_add(digit))
            .ok_or_else(|| input.damaged(at, overflow()))?;
        if byte & 0x80 != 0 {
            return Ok(number);
        }
        unit = unit.checked_mul(0x80).unwrap_or(0);
        number = number.checked_add(unit).ok_or_else(|| input.damaged(at, overflow()))?;
    }
}

/// A distance, and whether it goes backwards: the lowest bit.
pub(super) fn read_signed(input: &mut Input<'_>) -> Result<(u64, bool), PatchError> {
    let number = read(input)?;
    Ok((number >> 1, number & 1 != 0))
}

/// Appends the distance from one place to another.
pub(super) fn append_distance(from: u64, to: u64, out: &mut Vec<u8>) {
    append(from.abs_diff(to) << 1 | u64::from(to < from), out);
}

#[cfg(test)]
mod tests {
    use memmap::{Progress, RamMap, widen};
    use proptest::prelude::*;

    use super::super::super::PatchFormat;
    use super::*;

    fn parsed(bytes: &[u8]) -> Result<(u64, u64), PatchError> {
        let map = RamMap::from_reader(bytes).unwrap().erase();
        let progress = Progress::new();
        let mut input = Input::new(&map, PatchFormat::Bps, map.len(), &progress);
        Ok((read(&mut input)?, input.left()))
    }

    #[test]
    fn numbers_are_those_of_the_format() {
        // By hand: 128 is the first number of two bytes, 128 + 16384 the first one of three.
        for (number, bytes) in [
            (0, &[0x80][..]),
            (1, &[0x81]),
            (127, &[0xff]),
            (128, &[0x00, 0x80]),
            (129, &[0x01, 0x80]),
            (256, &[0x00, 0x81]),
            (128 + 16383, &[0x7f, 0xff]),
            (128 + 16384, &[0x00, 0x00, 0x80]),
        ] {
            let mut out = Vec::new();
            append(number, &mut out);
            assert_eq!(out, bytes, "{number}");
            assert_eq!(parsed(bytes).unwrap(), (number, 0));
        }
    }

    #[test]
    fn a_number_of_more_than_64_bits_is_refused() {
        let mut most = Vec::new();
        append(u64::MAX, &mut most);
        assert_eq!(parsed(&most).unwrap(), (u64::MAX, 0));
        *most.last_mut().unwrap() += 1;
        for bytes in [&most[..], &[0; 20], &[0x7f; 20], &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80]] {
            let error = parsed(bytes).unwrap_err();
            assert!(matches!(error, PatchError::Damaged { what: Damage::Number, .. }), "{error}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_number_is_read_as_it_was_written(number: u64, shift in 0..64_u32) {
            let mut out = Vec::new();
            append(number >> shift, &mut out);
            prop_assert!(widen(out.len()) <= 10);
            prop_assert_eq!(parsed(&out).unwrap(), (number >> shift, 0));
        }
    }
}
