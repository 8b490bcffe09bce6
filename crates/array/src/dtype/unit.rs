use std::fmt;
use std::num::NonZeroU32;

use super::Fault;
use crate::{ErrorKind, Result};

/// The unit of a time: `[25s]` is a step of 25 seconds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Unit {
    base: TimeUnit,
    multiple: NonZeroU32,
}

/// The base of a [`Unit`], which is a multiple of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum TimeUnit {
    /// Not specified.
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

/// All units except the generic one, with their signs, from coarse to fine.
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
    /// The unspecified unit.
    pub const GENERIC: Self = Self::new(TimeUnit::Generic);

    /// A unit of one `base`.
    pub const fn new(base: TimeUnit) -> Self {
        Self { base, multiple: NonZeroU32::MIN }
    }

    /// A multiple of [`base`](Self::base). The generic unit has no multiples.
    ///
    /// # Errors
    /// [`UnitMultiple`](ErrorKind::UnitMultiple) for 0, and beyond a C `int`.
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

    /// The base; the unit is a multiple of it.
    pub const fn base(self) -> TimeUnit {
        self.base
    }

    /// The number of [`base`](Self::base) in the unit.
    pub const fn multiple(self) -> NonZeroU32 {
        self.multiple
    }

    /// Parses the text after `M8`: nothing, `[25s]`, or `[D/24]`, a part of a coarser unit.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        if text.is_empty() {
            return Ok(Self::GENERIC);
        }
        let Some(inside) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
            return Err(Fault::syntax(0, "expected a unit in brackets, as in M8[ns]"));
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

    /// The quotient, as a multiple of the coarsest finer unit that allows it.
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
    Fault::syntax(1, "the multiple of a unit must be a number from 1 to 2147483647");
const BAD_DIVISOR: Fault = Fault::syntax(1, "no finer unit divides this unit into as many parts");
const UNKNOWN_UNIT: Fault =
    Fault::syntax(1, "unknown unit; use one of Y, M, W, D, h, m, s, ms, us, ns, ps, fs, as");

fn small(digits: &str) -> Option<u32> {
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    digits.parse().ok().filter(|&number| number <= MAX_MULTIPLE)
}
