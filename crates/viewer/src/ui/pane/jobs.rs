//! Draws a job: a line of the pane, and the status line of a running job.

use std::time::Duration;

use ratatui::style::Style;

use crate::editor::context::ViewContext;
use crate::editor::status::subject_cut;
use crate::format::units::in_units;
use crate::format::width::{fitted, width};
use crate::job::list::{Entry, State};

/// Width of the progress bar, if there is room.
const BAR_WIDTH: usize = 16;

/// A line of the pane.
pub(super) fn item(cx: ViewContext<'_>, job: &Entry, width: u16) -> Vec<(String, Style)> {
    let (theme, plain) = (cx.theme(), Style::new());
    let room = width.saturating_sub(2);
    match &job.state {
        State::Running => vec![(running(job, room), plain)],
        State::Done(result) => {
            vec![(ended('✓', &job.title, result, room), plain)]
        }
        State::Cancelled => {
            let text = format!("■ {}: stopped at {}", job.title, share(job));
            vec![(fitted(&text, room), theme.offset())]
        }
        State::Failed(why) => {
            vec![(ended('✗', &job.title, why, room), theme.error())]
        }
    }
}

/// The result of a job. If there is little room, the title is shortened first.
fn ended(sign: char, title: &str, result: &str, room: u16) -> String {
    let all = format!("{sign} {title}: {result}");
    if width(&all) <= room {
        return all;
    }
    match subject_cut(title, result, room.saturating_sub(2)) {
        Some(text) => format!("{sign} {text}"),
        None => fitted(&all, room),
    }
}

/// The line of a running job. The least important parts are left out first.
pub(crate) fn running(job: &Entry, room: u16) -> String {
    let rate = (job.rate > 0).then(|| format!("{}/s", in_units(job.rate)));
    let left = job.time_left().map(|time| format!("ETA {}", in_time(time)));
    let found =
        job.found.map(|found| format!("{found} match{}", if found == 1 { "" } else { "es" }));
    let all = [
        format!("{} {}", bar(job, BAR_WIDTH), share(job)),
        found.unwrap_or_default(),
        left.unwrap_or_default(),
        rate.unwrap_or_default(),
        format!("{} of {}", in_units(job.done), in_units(job.total)),
        "^C stops".to_owned(),
    ];
    // The order on the line differs from the order of importance.
    let order = [0, 4, 3, 2, 1, 5];
    let mut kept = [true; 6];
    let line = |kept: &[bool; 6]| {
        let mut line = format!("▶ {}", fitted(&job.title, room.saturating_sub(2)));
        let shown = order.iter().filter(|&&i| kept.get(i) == Some(&true));
        for part in shown.filter_map(|&i| all.get(i)).filter(|part| !part.is_empty()) {
            line += "  ";
            line += part;
        }
        line
    };
    for i in [4, 5, 3, 2, 0, 1] {
        if width(&line(&kept)) <= room {
            break;
        }
        if let Some(kept) = kept.get_mut(i) {
            *kept = false;
        }
    }
    line(&kept)
}

/// The part done in percent, rounded down.
fn share(job: &Entry) -> String {
    let share = u128::from(job.done) * 100 / u128::from(job.total.max(1));
    format!("{share} %")
}

fn bar(job: &Entry, cells: usize) -> String {
    let share = u128::from(job.done) * u128::from(memmap::widen(cells));
    let full = share / u128::from(job.total.max(1));
    let full = usize::try_from(full).unwrap_or(cells).min(cells);
    "█".repeat(full) + &"░".repeat(cells - full)
}

/// Formats a duration: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`.
fn in_time(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{seconds}.{} s", time.subsec_millis() / 100),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::list::Jobs;
    use crate::job::outbox::Progress;

    #[test]
    fn a_line_says_less_where_there_is_less_room() {
        let mut jobs = Jobs::default();
        let id = jobs.add("find \"needle\"");
        let job = jobs.get_mut(id).unwrap();
        job.progress(Progress { done: 5 << 29, total: 3 << 30 }, Duration::from_secs(1));
        job.found = Some(3);
        for room in 3..130 {
            assert!(width(&running(job, room)) <= room, "{room}: {}", running(job, room));
        }
        assert_eq!(
            running(job, 120),
            "▶ find \"needle\"  █████████████░░░ 83 %  2.50 GiB of 3.00 GiB  2.50 GiB/s  ETA 0.2 s  \
             3 matches  ^C stops"
        );
        assert_eq!(
            running(job, 75),
            "▶ find \"needle\"  █████████████░░░ 83 %  2.50 GiB/s  ETA 0.2 s  3 matches"
        );
        assert_eq!(running(job, 27), "▶ find \"needle\"  3 matches");
        assert_eq!(running(job, 8), "▶ find …");
    }

    #[test]
    fn times_are_short() {
        for (millis, text) in [
            (0, "0.0 s"),
            (9999, "9.9 s"),
            (12_000, "12 s"),
            (185_000, "3 min 5 s"),
            (7_800_000, "2 h 10 min"),
            (u64::MAX, "213503982334 days"),
        ] {
            assert_eq!(in_time(Duration::from_millis(millis)), text);
        }
    }
}
