//! Summary of the numbers on the screen: minimum, maximum and mean.

use memmap::array::{Float, Value};

/// Running totals.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Summary {
    count: u32,
    nans: u32,
    sum: f64,
    /// Minimum and maximum.
    range: Option<(Number, Number)>,
}

/// A number without loss of precision.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Number {
    Whole(i128),
    Float(Float),
}

impl Number {
    fn value(self) -> f64 {
        match self {
            Self::Whole(number) => nearest(number),
            Self::Float(float) => float.value(),
        }
    }

    fn is_less(self, other: Self) -> bool {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => one < other,
            (one, other) => one.value() < other.value(),
        }
    }

    fn text(self) -> String {
        match self {
            Self::Whole(number) => number.to_string(),
            Self::Float(float) => float.to_string(),
        }
    }
}

/// The float nearest to an integer of up to 65 bits, or adjacent to the nearest.
fn nearest(number: i128) -> f64 {
    const HALF: f64 = 4_294_967_296.0;
    let size = number.unsigned_abs();
    let part = |shift: u32| u32::try_from(size >> shift & u128::from(u32::MAX)).unwrap_or(0);
    let size = (f64::from(part(64)) * HALF + f64::from(part(32))) * HALF + f64::from(part(0));
    if number < 0 { -size } else { size }
}

impl Summary {
    /// Adds a value, if it is a number.
    pub(crate) fn add(&mut self, value: &Value) {
        let number = match value {
            Value::Int(number) => Number::Whole((*number).into()),
            Value::UInt(number) => Number::Whole((*number).into()),
            Value::Float(float) if float.value().is_nan() => {
                self.nans += 1;
                return;
            }
            Value::Float(float) => Number::Float(*float),
            Value::Array(values, _) => return values.iter().for_each(|value| self.add(value)),
            _ => return,
        };
        self.count += 1;
        self.sum += number.value();
        let (least, largest) = self.range.unwrap_or((number, number));
        self.range = Some((
            if number.is_less(least) { number } else { least },
            if largest.is_less(number) { number } else { largest },
        ));
    }

    /// The summary in words; empty if there was no number.
    pub(crate) fn fields(&self) -> Vec<String> {
        let mut fields = Vec::new();
        if let Some((least, largest)) = self.range {
            fields.push(format!("min {}", least.text()));
            fields.push(format!("max {}", largest.text()));
            let mean = self.sum / f64::from(self.count.max(1));
            let size = mean.abs();
            let is_plain = (1e-3..1e9).contains(&size) || mean == 0.0;
            let text = if is_plain { format!("{mean:.4}") } else { format!("{mean:.4e}") };
            let has_zeros = is_plain && text.contains('.');
            let short = text.trim_end_matches('0').trim_end_matches('.');
            fields.push(format!("mean {}", if has_zeros { short } else { &text }));
        }
        if self.nans > 0 {
            fields.push(format!("{} NaN", self.nans));
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(values: &[Value]) -> String {
        let mut sums = Summary::default();
        for value in values {
            sums.add(value);
        }
        sums.fields().join("  ")
    }

    #[test]
    fn what_is_no_number_is_counted_apart() {
        let float = |value: f64| Value::Float(Float::from(value));
        assert_eq!(
            text(&[float(1.5), float(f64::NAN), float(-0.5)]),
            "min -0.5  max 1.5  mean 0.5  1 NaN"
        );
        assert_eq!(text(&[float(f64::NAN)]), "1 NaN");
        assert_eq!(text(&[Value::Bytes(b"x".to_vec())]), "");
        assert_eq!(text(&[float(f64::INFINITY)]), "min inf  max inf  mean inf");
    }

    #[test]
    fn whole_numbers_keep_their_digits() {
        let text = text(&[Value::UInt(u64::MAX), Value::UInt(u64::MAX - 1)]);
        assert_eq!(text, "min 18446744073709551614  max 18446744073709551615  mean 1.8447e19");
        assert!((nearest(-(1 << 40)) + 1_099_511_627_776.0).abs() < 0.5);
    }
}
