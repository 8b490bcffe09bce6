//! Formats times as numpy does.

use std::fmt;

use crate::{TimeUnit, Unit};

/// The count in units of `base`. It does not wrap around, unlike numpy's.
fn total(count: i64, unit: Unit) -> i128 {
    i128::from(count).saturating_mul(i128::from(unit.multiple().get()))
}

/// Writes a date in ISO 8601, to the precision of the unit. A date without a unit prints as a span.
pub(super) fn write_date(f: &mut fmt::Formatter<'_>, count: i64, unit: Unit) -> fmt::Result {
    let total = total(count, unit);
    let (per_day, decimals) = match unit.base() {
        TimeUnit::Generic => return write_span(f, count, unit),
        TimeUnit::Years => return write!(f, "{:04}", total.saturating_add(1970)),
        TimeUnit::Months => {
            let (year, month) = (total.div_euclid(12), total.rem_euclid(12));
            return write!(f, "{:04}-{:02}", year.saturating_add(1970), month.saturating_add(1));
        }
        TimeUnit::Weeks => return write_day(f, total.saturating_mul(7)),
        TimeUnit::Days => return write_day(f, total),
        TimeUnit::Hours => (24, 0),
        TimeUnit::Minutes => (1440, 0),
        TimeUnit::Seconds => (DAY, 0),
        TimeUnit::Milliseconds => (DAY.saturating_mul(1000), 3),
        TimeUnit::Microseconds => (DAY.saturating_mul(1_000_000), 6),
        TimeUnit::Nanoseconds => (DAY.saturating_mul(1_000_000_000), 9),
        TimeUnit::Picoseconds => (DAY.saturating_mul(1_000_000_000_000), 12),
        TimeUnit::Femtoseconds => (DAY.saturating_mul(1_000_000_000_000_000), 15),
        TimeUnit::Attoseconds => (DAY.saturating_mul(1_000_000_000_000_000_000), 18),
    };
    write_day(f, total.div_euclid(per_day))?;
    let in_day = total.rem_euclid(per_day);
    match unit.base() {
        TimeUnit::Hours => write!(f, "T{in_day:02}"),
        TimeUnit::Minutes => write!(f, "T{:02}:{:02}", in_day / 60, in_day % 60),
        _ => {
            let per_second = per_day.div_euclid(DAY);
            let seconds = in_day.div_euclid(per_second);
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
            write!(f, "T{hours:02}:{minutes:02}:{:02}", seconds % 60)?;
            match decimals {
                0 => Ok(()),
                _ => write!(f, ".{:0decimals$}", in_day.rem_euclid(per_second)),
            }
        }
    }
}

/// Writes the number of units and their name.
pub(super) fn write_span(f: &mut fmt::Formatter<'_>, count: i64, unit: Unit) -> fmt::Result {
    let name = match unit.base() {
        TimeUnit::Generic => "generic time units",
        TimeUnit::Years => "years",
        TimeUnit::Months => "months",
        TimeUnit::Weeks => "weeks",
        TimeUnit::Days => "days",
        TimeUnit::Hours => "hours",
        TimeUnit::Minutes => "minutes",
        TimeUnit::Seconds => "seconds",
        TimeUnit::Milliseconds => "milliseconds",
        TimeUnit::Microseconds => "microseconds",
        TimeUnit::Nanoseconds => "nanoseconds",
        TimeUnit::Picoseconds => "picoseconds",
        TimeUnit::Femtoseconds => "femtoseconds",
        TimeUnit::Attoseconds => "attoseconds",
    };
    write!(f, "{} {name}", total(count, unit))
}

/// Seconds of a day.
const DAY: i128 = 86_400;

/// Writes the date that is `days` days after 1970-01-01, in the proleptic Gregorian calendar.
fn write_day(f: &mut fmt::Formatter<'_>, days: i128) -> fmt::Result {
    /// Days from March 1 of the year 0. With years that start in March, a leap day is the last day.
    const TO_1970: i128 = 719_468;
    const PER_ERA: i128 = 146_097; // 400 years
    let days = days.saturating_add(TO_1970);
    let (era, day) = (days.div_euclid(PER_ERA), days.rem_euclid(PER_ERA));
    let leaps = (day / 1460).saturating_sub(day / 36_524).saturating_add(day / 146_096);
    let year = day.saturating_sub(leaps) / 365;
    let day = day.saturating_sub(year * 365 + year / 4 - year / 100);
    // From March on, the lengths of months repeat: 31, 30, 31, 30, 31.
    let month = (day * 5 + 2) / 153;
    let day = day - (month * 153 + 2) / 5 + 1;
    let (month, next_year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era.saturating_mul(400).saturating_add(year).saturating_add(next_year);
    write!(f, "{year:04}-{month:02}-{day:02}")
}
