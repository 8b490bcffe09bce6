//! Reports: a table for people, and lines of JSON for programs.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;

use serde_json::{Map, json};

use crate::Result;
use crate::machine;
use crate::options::Options;
use crate::rounds::Record;
use crate::stats::{Spread, real};

/// The amount of work in a run, for tasks where a rate says more than a time.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    Bytes(u64),
    Calls(u64),
    Unmeasured,
}

impl Work {
    /// The heading of the rate's column, and the rate.
    fn rate(self, seconds: f64) -> Option<(&'static str, String)> {
        match self {
            Self::Bytes(bytes) => Some(("MiB/s", format!("{:.0}", mib(bytes) / seconds))),
            Self::Calls(calls) => Some(("ns/op", format!("{:.2}", seconds * 1e9 / real(calls)))),
            Self::Unmeasured => None,
        }
    }
}

pub(crate) fn mib(bytes: u64) -> f64 {
    real(bytes) / real(1 << 20)
}

/// A size in the largest unit that leaves at least 1 of it.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(u32, &str); 4] = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
    match UNITS.into_iter().find(|(shift, _)| bytes >> shift > 0) {
        Some((shift, unit)) => {
            let number = format!("{:.1}", real(bytes) / real(1 << shift));
            format!("{} {unit}", number.trim_end_matches(".0"))
        }
        None => format!("{bytes} bytes"),
    }
}

/// Prints a table of `records`, and appends them to the file of `--json`.
pub(crate) fn publish(
    options: &Options,
    (task, data): (&str, &str),
    work: Work,
    records: &[Record],
) -> Result {
    let mut table: Vec<Vec<String>> = Vec::new();
    // The first engine decides the columns. A note that an engine lacks is an empty cell.
    let noted: Vec<&str> =
        records.first().into_iter().flat_map(notes).map(|(name, _)| name).collect();
    for record in records {
        let seconds = record.seconds();
        let Some(time) = Spread::of(seconds.iter().copied()) else { continue };
        let ours = records.iter().find(|ours| ours.engine.name == record.engine.against);
        let ratio = ours.and_then(|ours| Spread::of_ratios(&seconds, &ours.seconds()));

        let millis = |seconds: f64| format!("{:.1}", seconds * 1e3);
        let mut row = vec![
            ("engine", record.engine.name.to_owned()),
            ("median ms", millis(time.median)),
            ("min..max ms", format!("{}..{}", millis(time.min), millis(time.max))),
        ];
        row.extend(work.rate(time.median));
        let own = notes(record);
        row.extend(noted.iter().map(|&name| {
            let median = own.iter().find(|(own, _)| *own == name).map(|(_, median)| median);
            (name, median.map_or_else(String::new, |median| format!("{median:.2}")))
        }));
        let ratio = ratio.map_or_else(String::new, |it| {
            format!("{:.2} ({:.2}..{:.2})", it.median, it.min, it.max)
        });
        row.push(("time ÷ time of", ratio));
        row.push(("", record.engine.against.to_owned()));

        if table.is_empty() {
            table.push(row.iter().map(|(head, _)| (*head).to_owned()).collect());
        }
        table.push(row.into_iter().map(|(_, cell)| cell).collect());
    }
    println!("\n{task}: {data}; rounds: {}\n", options.rounds);
    print!("{}", aligned(&table));
    append_json(options, (task, data), records)
}

/// The median of each note.
fn notes(record: &Record) -> Vec<(&'static str, f64)> {
    let Some(first) = record.samples.first() else { return Vec::new() };
    let median = |(at, (name, _)): (usize, &(&'static str, f64))| {
        let numbers = record.samples.iter().filter_map(|sample| sample.notes.get(at));
        Some((*name, Spread::of(numbers.map(|(_, number)| *number))?.median))
    };
    first.notes.iter().enumerate().filter_map(median).collect()
}

/// A table in Markdown whose columns are aligned. The first row is the heading.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        for (at, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            let gap = " ".repeat(width - cell.chars().count());
            let parts = if at == 0 { ["| ", cell, &gap, " "] } else { ["| ", &gap, cell, " "] };
            text.extend(parts);
        }
        text += "|\n";
        if number == 0 {
            text += "|---";
            text += &"|--:".repeat(columns.saturating_sub(1));
            text += "|\n";
        }
    }
    text
}

fn append_json(options: &Options, (task, data): (&str, &str), records: &[Record]) -> Result {
    let Some(path) = &options.json else { return Ok(()) };
    let mut file = File::options().create(true).append(true).open(path)?;
    for record in records {
        let notes: Map<_, _> = notes(record)
            .into_iter()
            .map(|(name, median)| (name.to_owned(), json!(median)))
            .collect();
        let line = json!({
            "task": task,
            "data": data,
            "engine": record.engine.name,
            "against": record.engine.against,
            "seconds": record.seconds(),
            "notes": notes,
            "machine": machine::facts().into_iter().collect::<BTreeMap<_, _>>(),
        });
        writeln!(file, "{line}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_aligned_and_markdown() {
        let rows = [["a", "b"], ["long", "1"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(aligned(&rows), "| a    | b |\n|---|--:|\n| long | 1 |\n");
    }

    #[test]
    fn sizes_are_in_their_largest_unit() {
        let said = [1 << 40, 256 << 20, 1_572_864, 1023].map(size);
        assert_eq!(said, ["1 TiB", "256 MiB", "1.5 MiB", "1023 bytes"]);
    }

    #[test]
    fn rates_have_their_unit() {
        assert_eq!(Work::Bytes(3 << 20).rate(2.0), Some(("MiB/s", "2".to_owned())));
        assert_eq!(Work::Calls(1000).rate(0.000_002), Some(("ns/op", "2.00".to_owned())));
        assert_eq!(Work::Unmeasured.rate(1.0), None);
    }
}
