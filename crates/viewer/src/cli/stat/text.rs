//! The summary of a file as text.

use std::cmp::Reverse;
use std::fmt::{Display, Write};

use memmap::scan::{ByteClass, Histogram, Summary};
use memmap::widen;

use super::Size;
use crate::format::locale::Locale;
use crate::format::units::in_units;

/// Number of most frequent bytes to list.
const TOP: usize = 8;

/// From 0 to 8 bits per byte.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The same for terminals that only show ASCII.
const ASCII_BARS: [char; 8] = ['.', ':', '-', '=', '+', '*', '%', '#'];

/// Lines of at most 80 columns, in the format of `info`.
pub(super) fn describe(summary: &Summary, file: &Size, name: &str, locale: Locale) -> String {
    let mut text = format!("{name}\n");
    let mut line = |label: &str, what: &dyn Display| {
        // Writing to a string cannot fail.
        writeln!(text, "  {label:<15}{what}").ok();
    };
    let Summary { range, histogram, .. } = summary;
    let (counted, asked) = (histogram.total(), file.asked);
    match file.mapped {
        // Its addresses are no length.
        Some([mapped, readable]) => {
            line("mapped", &size(mapped));
            line("readable", &size(readable));
        }
        None => line("length", &size(file.len)),
    }
    if range.end - range.start < file.len {
        line("range", &format!("{:#x}..{:#x}, {}", range.start, range.end, size(asked)));
    }
    if counted < asked {
        line("counted", &format!("{}, of {}", size(counted), percent(counted, asked)));
    }
    if summary.holes.count > 0 {
        line(
            "holes",
            &format!("{} in {}", size(summary.holes.bytes), many(summary.holes.count, "run")),
        );
    }
    let Some(entropy) = histogram.entropy() else { return text };

    line("entropy", &format!("{entropy:.3} of 8 bits a byte"));
    if summary.entropy_of_chunks.len() > 1 {
        let bars: String = summary
            .entropy_of_chunks
            .iter()
            .map(|bits| bits.map_or('?', |bits| bar(bits, locale)))
            .collect();
        line("", &bars);
        let pieces = many(widen(summary.entropy_of_chunks.len()), "piece");
        line("", &format!("in {pieces} of {}", in_units(summary.chunk_len)));
    }
    for (label, class) in first_labelled("classes", ByteClass::ALL) {
        let count = histogram.of_class(class);
        line(label, &format!("{:<12}{:>8}  {count}", class.name(), percent(count, counted)));
    }
    line("values", &format!("{} of 256 occur", histogram.distinct()));
    for (label, (byte, count)) in first_labelled("most frequent", top(histogram)) {
        let shown = shown(byte);
        line(label, &format!("{byte:02x} {shown:<9}{:>8}  {count}", percent(count, counted)));
    }
    for (label, run) in first_labelled("longest runs", &summary.longest_runs) {
        let byte = run.byte;
        line(label, &format!("{:<12} of {byte:02x} at {:#x}", run.len, run.offset));
    }
    line(
        "strings",
        &format!(
            "{}, of {} characters or more, {} of all bytes",
            summary.strings.count,
            summary.min_string,
            percent(summary.strings.bytes, counted)
        ),
    );
    text
}

/// The label for the first item, and blanks for the others.
fn first_labelled<T>(
    label: &'static str,
    items: impl IntoIterator<Item = T>,
) -> impl Iterator<Item = (&'static str, T)> {
    std::iter::once(label).chain(std::iter::repeat("")).zip(items)
}

/// The most frequent bytes by descending count, then ascending value.
fn top(histogram: &Histogram) -> Vec<(u8, u64)> {
    let all = (0..=u8::MAX).map(|byte| (byte, histogram[byte]));
    let mut all: Vec<_> = all.filter(|&(_, count)| count > 0).collect();
    all.sort_by_key(|&(byte, count)| (Reverse(count), byte));
    all.truncate(TOP);
    all
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => many(bytes, "byte"),
        _ => format!("{bytes} bytes ({})", in_units(bytes)),
    }
}

fn many(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// A percentage with two decimals, rounded down so that a share is never overstated.
fn percent(part: u64, whole: u64) -> String {
    let hundredths = u128::from(part) * 10_000 / u128::from(whole.max(1));
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

/// A readable name of a byte.
fn shown(byte: u8) -> String {
    match byte {
        0 => "null".to_owned(),
        b' ' => "blank".to_owned(),
        0x21..=0x7e => char::from(byte).to_string(),
        b'\t' | b'\n' | b'\r' => byte.escape_ascii().to_string(),
        _ => String::new(),
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an entropy is from 0 to 8, and the cast saturates"
)]
fn bar(bits: f64, locale: Locale) -> char {
    let bars = if locale.is_utf8 { BARS } else { ASCII_BARS };
    bars[(bits as usize).min(bars.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_grow_with_the_entropy() {
        for (is_utf8, expected) in [(true, "▁▁▂▅███"), (false, "..:+###")] {
            let bars =
                [0.0, 0.99, 1.0, 4.5, 7.0, 7.99, 8.0].map(|bits| bar(bits, Locale { is_utf8 }));
            assert_eq!(bars.into_iter().collect::<String>(), expected);
        }
    }

    #[test]
    fn shares_are_cut_off() {
        assert_eq!(percent(1, 3), "33.33 %");
        assert_eq!(percent(u64::MAX - 1, u64::MAX), "99.99 %");
        assert_eq!((percent(7, 7), percent(0, 0)), ("100.00 %".to_owned(), "0.00 %".to_owned()));
    }
}
