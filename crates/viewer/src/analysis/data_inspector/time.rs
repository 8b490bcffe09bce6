//! Points in time, in UTC.

use super::{Bytes, Reading, Row};

/// Seconds from 1601, where FILETIME begins, to 1970.
const FILETIME_EPOCH: i64 = 11_644_473_600;

/// FILETIME counts tenths of a microsecond.
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

const DAY: i64 = 86_400;

/// What seconds since 1970 mean, if the year has four digits.
fn date(seconds: i64) -> Reading {
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    if !(0..=9999).contains(&year) {
        return Reading::new("beyond year 9999").plausible_if(false);
    }
    let rest = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    let text = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z");
    Reading::new(text).plausible_if((1980..=2100).contains(&year))
}

/// The date so many days after 1970-01-01, in the calendar of today, however far back.
///
/// Years are counted from March, so that the day that comes and goes is their last one; the months
/// after February then follow a pattern of 153 days in five.
fn civil(days: i64) -> (i64, i64, i64) {
    const ERA_DAYS: i64 = 146_097; // 400 years
    let since_march_0 = days.saturating_add(719_468);
    let era = since_march_0.div_euclid(ERA_DAYS);
    let day_of_era = since_march_0.rem_euclid(ERA_DAYS);
    let leaps = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leaps) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era.saturating_mul(400) + i64::from(month <= 2);
    (year, month, day)
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
            (253_402_300_799, "9999-12-31 23:59:59Z"),
        ] {
            assert_eq!(date(seconds).text, text);
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut before = civil(-800_000);
        for days in -799_999..800_000 {
            let (year, month, day) = civil(days);
            let next = if day > 1 {
                (year, month, day - 1)
            } else if month > 1 {
                (year, month - 1, before.2)
            } else {
                (year - 1, 12, 31)
            };
            assert_eq!(before, next);
            assert!(day > 1 || (28..=31).contains(&before.2));
            before = (year, month, day);
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
