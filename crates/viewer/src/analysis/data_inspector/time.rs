//! Timestamps, in UTC.

use jiff::SignedDuration;
use jiff::civil::{self, DateTime};

use super::{Bytes, Interpretation, Row};

/// Seconds between the FILETIME epoch (1601) and the Unix epoch.
const FILETIME_EPOCH: i64 = 11_644_473_600;

/// A FILETIME tick is 100 ns.
const FILETIME_PER_SECOND: u64 = 10_000_000;

pub(super) fn rows(bytes: &Bytes<'_>) -> [Row; 3] {
    [
        bytes.ordered("time32", |low| date(i32::from_le_bytes(low).into())),
        bytes.ordered("time64", |low| date(i64::from_le_bytes(low))),
        bytes.ordered("FILETIME", |low| {
            let seconds = u64::from_le_bytes(low) / FILETIME_PER_SECOND;
            date(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_sub(FILETIME_EPOCH))
        }),
    ]
}

const EPOCH: DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

/// The date and time of a Unix timestamp, if the year has four digits.
///
/// A [`Timestamp`](jiff::Timestamp) ends a day before the year 9999 does; a [`DateTime`] covers all
/// of it.
fn date(seconds: i64) -> Interpretation {
    let date = EPOCH.checked_add(SignedDuration::from_secs(seconds)).ok();
    let Some(date) = date.filter(|date| date.year() >= 0) else {
        return Interpretation::new("beyond year 9999").plausible_if(false);
    };
    let (year, month, day) = (date.year(), date.month(), date.day());
    let (hour, minute, second) = (date.hour(), date.minute(), date.second());
    let text = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z");
    Interpretation::new(text).plausible_if((1980..=2100).contains(&year))
}

/// The Unix timestamp of a date and time.
pub(super) fn seconds(date: DateTime) -> i64 {
    date.duration_since(EPOCH).as_secs()
}

/// The FILETIME of a Unix timestamp.
pub(super) fn file_time(seconds: i64) -> Option<u64> {
    let since = seconds.checked_add(FILETIME_EPOCH)?;
    u64::try_from(since).ok()?.checked_mul(FILETIME_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::super::Order;
    use super::super::tests::reading;
    use super::*;

    #[test]
    fn seconds_become_dates() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00Z"),
            (951_782_400, "2000-02-29 00:00:00Z"),
            (1_314_407_752, "2011-08-27 01:15:52Z"),
            (-1, "1969-12-31 23:59:59Z"),
            (4_107_542_400, "2100-03-01 00:00:00Z"),
            (-62_167_219_200, "0000-01-01 00:00:00Z"),
            (-62_167_219_201, "beyond year 9999"),
            (253_402_300_799, "9999-12-31 23:59:59Z"),
            (253_402_300_800, "beyond year 9999"),
            (i64::MIN, "beyond year 9999"),
            (i64::MAX, "beyond year 9999"),
        ] {
            assert_eq!(date(seconds).text, text);
        }
    }

    /// Covers 400 years, the period of the Gregorian calendar.
    #[test]
    fn every_day_follows_the_one_before() {
        let day = |days: i64| {
            let text = date(days * 86_400 - 1).text;
            let (day, time) = text.split_once(' ').unwrap();
            assert_eq!(time, "23:59:59Z");
            let numbers: Vec<i32> = day.split('-').map(|it| it.parse().unwrap()).collect();
            <[i32; 3]>::try_from(numbers).unwrap()
        };
        let mut before = day(-100_001);
        for days in -100_000..=46_098 {
            let [year, month, day] = day(days);
            let next = if day > 1 {
                [year, month, day - 1]
            } else if month > 1 {
                [year, month - 1, before[2]]
            } else {
                [year - 1, 12, 31]
            };
            assert_eq!(before, next);
            assert!(day > 1 || (28..=31).contains(&before[2]));
            before = [year, month, day];
        }
    }

    #[test]
    fn times_far_from_ours_are_not_plausible() {
        assert!(date(1_700_000_000).is_plausible);
        for seconds in [0, 4_200_000_000, i64::MAX, i64::MIN] {
            assert!(!date(seconds).is_plausible, "{seconds}");
        }
    }

    #[test]
    fn filetime_counts_from_1601() {
        let text = |ticks: u64| reading("FILETIME", &ticks.to_le_bytes(), Order::Little).text;
        assert_eq!(text(116_444_736_000_000_000), "1970-01-01 00:00:00Z");
        assert_eq!(text(133_444_736_000_000_000), "2023-11-14 22:13:20Z");
        assert_eq!(text(0), "1601-01-01 00:00:00Z");
    }
}
