//! Types of values that the language of descriptions does not have itself.

use std::collections::BTreeSet;

/// The types that a generated description uses, of those here.
#[derive(Debug, Default)]
pub(super) struct Helpers {
    used: BTreeSet<&'static str>,
}

impl Helpers {
    /// The name of a helper type, which is added to the description.
    pub(super) fn name(&mut self, name: &'static str) -> &'static str {
        self.used.insert(name);
        name
    }

    /// The types, as entries of `types`.
    pub(super) fn text(&self) -> String {
        self.used.iter().map(|name| helper(name)).collect()
    }
}

fn helper(name: &str) -> String {
    let (kind, order) = name.split_at(name.len() - 2);
    match kind {
        "half_" => half(name, order),
        "bfloat_" => bfloat(name, order),
        "complex_8_" => complex(name, &format!("f4{order}")),
        "complex_16_" => complex(name, &format!("f8{order}")),
        _ => String::new(),
    }
}

fn complex(name: &str, part: &str) -> String {
    format!(
        "  {name}:
    -webide-representation: '{{real}}, {{imaginary}}i'
    seq:
      - id: real
        type: {part}
      - id: imaginary
        type: {part}
"
    )
}

/// Sign, 5 bits of exponent, 10 bits.
fn half(name: &str, order: &str) -> String {
    format!(
        "  {name}:
    -webide-representation: '{{value}}{{special}}'
    seq:
      - id: bits
        type: u2{order}
    instances:
      exponent:
        value: (bits >> 10) & 31
      significand:
        value: '(bits & 1023) + (exponent == 0 ? 0 : 1024)'
      magnitude:
        value: >-
          exponent > 25 ? significand * 1.0 * (1 << (exponent - 25))
          : significand * 1.0 / (1 << (25 - (exponent == 0 ? 1 : exponent)))
      value:
        value: 'bits >> 15 == 0 ? magnitude : -magnitude'
        if: exponent != 31
      special:
        value: 'bits & 1023 != 0 ? \"NaN\" : bits >> 15 == 0 ? \"inf\" : \"-inf\"'
        if: exponent == 31
"
    )
}

/// The upper half of a float of 32 bits: sign, 8 bits of exponent, 7 bits.
fn bfloat(name: &str, order: &str) -> String {
    format!(
        "  {name}:
    -webide-representation: '{{value}}{{special}}'
    seq:
      - id: bits
        type: u2{order}
    instances:
      exponent:
        value: (bits >> 7) & 255
      significand:
        value: '(bits & 127) + (exponent == 0 ? 0 : 128)'
      shift:
        value: '(exponent == 0 ? 1 : exponent) - 134'
      magnitude:
        value: >-
          shift >= 0 ? significand * 1.0 * (1 << shift)
          : shift > -64 ? significand * 1.0 / (1 << -shift)
          : significand * 1.0 / (1 << 64) / (1 << (-shift - 64))
      value:
        value: 'bits >> 15 == 0 ? magnitude : -magnitude'
        if: exponent != 255
      special:
        value: 'bits & 127 != 0 ? \"NaN\" : bits >> 15 == 0 ? \"inf\" : \"-inf\"'
        if: exponent == 255
"
    )
}
