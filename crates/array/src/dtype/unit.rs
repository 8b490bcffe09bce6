use std::fmt;
use std::num::NonZeroU32;

use super::Fault;
use crate::{ErrorKind, Result};

/// In what a time is counted: `[25s]` counts steps of 25 seconds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Unit {
    base: TimeUnit,
    multiple: NonZeroU32,
}

/// What a time is counted in, or in a multiple of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say all there is to say")]
pub enum TimeUnit {
    /// None is said.
    Generic,
    Years,
    Months,
    Weeks,
    Days,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
    Picoseconds,
    Femtoseconds,
    Attoseconds,
}

/// Each but the generic one, by its sign, from coarse to fine.
const SIGNS: [(TimeUnit, &str); 13] = [
    (TimeUnit::Years, "Y"),
    (TimeUnit::Months, "M"),
    (TimeUnit::Weeks, "W"),
    (TimeUnit::Days, "D"),
    (TimeUnit::Hours, "h"),
    (TimeUnit::Minutes, "m"),
    (TimeUnit::Seconds, "s"),
    (TimeUnit::Milliseconds, "ms"),
    (TimeUnit::Microseconds, "us"),
    (TimeUnit::Nanoseconds, "ns"),
    (TimeUnit::Picoseconds, "ps"),
    (TimeUnit::Femtoseconds, "fs"),
    (TimeUnit::Attoseconds, "as"),
];

impl Unit {
    /// No unit is said.
    pub const GENERIC: Self = Self::new(TimeUnit::Generic);

    /// Steps of one `base`.
    pub const fn new(base: TimeUnit) -> Self {
        Self { base, multiple: NonZeroU32::MIN }
    }

    /// Steps of this many of [`base`](Self::base). The generic unit has no multiples.
    ///
    /// # Errors
    /// [`UnitMultiple`](ErrorKind::UnitMultiple) if it is 0 or more than a C `int` counts.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::{DType, TimeUnit, Unit};
    ///
    /// let unit = Unit::new(TimeUnit::Seconds).times(25)?;
    /// assert_eq!(DType::datetime(unit), "M8[25s]".parse()?);
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    pub fn times(self, multiple: u32) -> Result<Self> {
        match NonZeroU32::new(multiple).filter(|it| it.get() <= MAX_MULTIPLE) {
            Some(_) if self.base == TimeUnit::Generic => Ok(self),
            Some(multiple) => Ok(Self { multiple, ..self }),
            None => Err(ErrorKind::UnitMultiple { multiple, column: None }.into()),
        }
    }

    /// What is counted in multiples of.
    pub const fn base(self) -> TimeUnit {
        self.base
    }

    /// How many of [`base`](Self::base) a step is.
    pub const fn multiple(self) -> NonZeroU32 {
        self.multiple
    }

    /// What stands behind `M8`: nothing, or as `[25s]`. Also as `[D/24]`, a part of a coarser unit.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        if text.is_empty() {
            return Ok(Self::GENERIC);
        }
        let Some(inside) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
            return Err(Fault::syntax(0, "a unit in brackets is expected here, as in M8[ns]"));
        };
        let (whole, divisor) = match inside.split_once('/') {
            Some((whole, divisor)) => (whole, Some(divisor)),
            None => (inside, None),
        };
        let digits = whole.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '+');
        let sign_at = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (count, sign) = digits.split_at(sign_at);
        let (multiple, sign) = match count {
            "" => (1, whole),
            count => (small(count).ok_or(BAD_MULTIPLE)?, sign),
        };
        let base = Self::named(sign).ok_or(UNKNOWN_UNIT)?;
        let unit = Self::new(base).times(multiple).map_err(|error| Fault::of(1, error))?;
        match divisor {
            None => Ok(unit),
            Some(divisor) => {
                let divisor = small(divisor).filter(|&it| it > 0).ok_or(BAD_DIVISOR)?;
                unit.divided(divisor).ok_or(BAD_DIVISOR)
            }
        }
    }

    fn named(sign: &str) -> Option<TimeUnit> {
        match sign {
            "generic" => Some(TimeUnit::Generic),
            "\u{3bc}s" => Some(TimeUnit::Microseconds), // numpy takes the Greek letter alone
            _ => SIGNS.iter().find(|(_, it)| *it == sign).map(|(unit, _)| *unit),
        }
    }

    /// The same length in the coarsest finer unit of which it is a multiple.
    fn divided(self, divisor: u32) -> Option<Self> {
        if divisor == 1 {
            return Some(self);
        }
        let finer: &[u32] = match self.base {
            TimeUnit::Years => &[12, 52, 365],
            TimeUnit::Months => &[4, 30, 720],
            TimeUnit::Weeks => &[7, 168, 10_080],
            TimeUnit::Days => &[24, 1440, 86_400],
            TimeUnit::Hours => &[60, 3600],
            TimeUnit::Minutes => &[60, 60_000],
            TimeUnit::Generic | TimeUnit::Attoseconds => &[],
            _ => &[1000, 1_000_000],
        };
        let at = SIGNS.iter().position(|(unit, _)| *unit == self.base)?;
        for (steps, parts) in (1_usize..).zip(finer) {
            if parts % divisor == 0 {
                let (base, _) = SIGNS.get(at.checked_add(steps)?)?;
                let multiple = self.multiple.get().checked_mul(parts / divisor)?;
                return Self::new(*base).times(multiple).ok();
            }
        }
        None
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((_, sign)) = SIGNS.iter().find(|(unit, _)| *unit == self.base) else {
            return Ok(());
        };
        match self.multiple.get() {
            1 => write!(f, "[{sign}]"),
            multiple => write!(f, "[{multiple}{sign}]"),
        }
    }
}

/// numpy keeps it in a C `int`.
const MAX_MULTIPLE: u32 = 0x7fff_ffff;

const BAD_MULTIPLE: Fault =
    Fault::syntax(1, "a multiple of a unit is a number from 1 to 2147483647");
const BAD_DIVISOR: Fault =
    Fault::syntax(1, "a unit can only be divided where a finer one has as many parts");
const UNKNOWN_UNIT: Fault = Fault::syntax(
    1,
    "the unit is none of Y, M, W, D, h, m, s, ms, us, ns, ps, fs, as; use one of these",
);

fn small(digits: &str) -> Option<u32> {
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    digits.parse().ok().filter(|&number| number <= MAX_MULTIPLE)
}
