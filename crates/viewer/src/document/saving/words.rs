//! What is said of the checks of a plan, and of what became of it.

use memmap::edit::{Check, Saving, Way, Writers};
use memmap::widen;

use crate::format::units::{in_thousands, in_units};
use crate::source::shown;

/// What a check found, in a line.
pub(crate) fn of_check(check: &Check) -> String {
    match check {
        Check::SameFile => "the same file: name, device and inode, length".to_owned(),
        Check::Running => {
            "a program runs from it: it cannot be written in place, and the program keeps the old file"
                .to_owned()
        }
        Check::AsSeen => "the old bytes read again: unchanged since they were seen".to_owned(),
        Check::Unseen { bytes, changed } => {
            let after = if *changed { "; the file changed since it was opened" } else { "" };
            format!("{} of the old bytes were never looked at{after}", in_units(*bytes))
        }
        Check::Journal { survives_power_cut: true } => {
            "old and new bytes go to the journal first".to_owned()
        }
        Check::Journal { survives_power_cut: false } => {
            "the journal is in memory: it survives a crash of the program, not of the machine"
                .to_owned()
        }
        Check::NoJournal => {
            "there is no journal: a saving that is cut short can neither be finished nor taken back"
                .to_owned()
        }
        Check::Writers(writers) => of_writers(writers),
        Check::Room { needed, free } => {
            format!("room: {} needed at most, {} free", in_units(*needed), in_units(*free))
        }
        Check::NoExchange => {
            "another program's replacement at the same instant would be lost: this file system cannot \
             exchange names"
                .to_owned()
        }
        // A later version of the library may look at more.
        other => format!("{other:?}"),
    }
}

fn of_writers(writers: &Writers) -> String {
    match writers {
        Writers::None => "nobody else has it open for writing".to_owned(),
        Writers::Unknown => "whether others have it open for writing is not known".to_owned(),
        Writers::Some(found) if found.is_empty() => {
            "open for writing in another process".to_owned()
        }
        Writers::Some(found) => {
            let names: Vec<String> =
                found.iter().map(|(id, name)| format!("{id} ({name})")).collect();
            let processes = if found.len() == 1 { "process" } else { "processes" };
            format!(
                "open for writing in {} other {processes}: {}",
                in_thousands(widen(found.len())),
                names.join(", ")
            )
        }
    }
}

/// `2 ranges, 3 bytes`.
pub(crate) fn of_ranges(ranges: usize, bytes: u64) -> String {
    let of = |count: u64, one: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{} {one}{plural}", in_thousands(count))
    };
    format!("{}, {}", of(widen(ranges), "range"), of(bytes, "byte"))
}

/// What was saved.
pub(crate) fn of_saving(saving: &Saving) -> String {
    let bytes = saving.ranges.iter().map(|range| range.end.saturating_sub(range.start)).sum();
    if saving.way == Way::Rewrite {
        return format!("saved {}", in_units(bytes));
    }
    match saving.ranges.len() {
        0 => "nothing to save: the file has these bytes already".to_owned(),
        count => format!("saved {}", of_ranges(count, bytes)),
    }
}

/// What happened beside it.
pub(crate) fn of_others(saving: &Saving) -> Vec<String> {
    let mut lines: Vec<String> = saving.losses.iter().map(|it| format!("not kept: {it}")).collect();
    if let Some(other) = &saving.other {
        let other = shown(other);
        lines.push(format!("another program replaced the file meanwhile; its file is {other} now"));
    }
    if saving.is_replaced {
        lines.push("another file has the name now; what was saved is in the journal".to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_are_named_where_they_are_known() {
        let some = |found: &[(u32, &str)]| {
            let found = found.iter().map(|(id, name)| (*id, (*name).to_owned())).collect();
            of_check(&Check::Writers(Writers::Some(found)))
        };
        assert_eq!(some(&[]), "open for writing in another process");
        assert_eq!(some(&[(4242, "ld")]), "open for writing in 1 other process: 4242 (ld)");
        assert_eq!(
            some(&[(1, "a"), (2, "b")]),
            "open for writing in 2 other processes: 1 (a), 2 (b)"
        );
    }
}
