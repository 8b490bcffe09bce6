//! A plan as it is shown.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use memmap::edit::{FilePlan, Loss, Way};
use memmap::widen;

use crate::document::saving::name_ranges::Named;
use crate::document::saving::words;
use crate::format::hex::Hex;
use crate::format::units::{in_short, in_thousands, in_units};
use crate::source::other_editors;

/// The most ranges that are kept to be shown. The largest ones are.
const RANGES_MAX: usize = 1000;

/// The first bytes of a range, which are shown.
const SAMPLE_LEN: u64 = 4;

/// What a plan will do, and what was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlanSheet {
    pub(crate) path: PathBuf,
    pub(crate) is_rewrite: bool,
    pub(crate) is_device: bool,
    /// Of a plan in place, in the order of the file: the largest ones.
    pub(crate) ranges: Vec<RangeSheet>,
    /// All ranges, and their bytes; of a rewrite the bytes that are written.
    pub(crate) count: usize,
    pub(crate) bytes: u64,
    /// The bytes that a rewrite shares with the old file.
    pub(crate) shared: u64,
    /// The lengths before and after.
    pub(crate) lens: (u64, u64),
    pub(crate) checks: Vec<CheckLine>,
    pub(crate) losses: Vec<String>,
}

/// A range that will be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RangeSheet {
    pub(crate) start: u64,
    pub(crate) len: u64,
    /// The first bytes as they are and as they will be; `None` where they cannot be read.
    old: Option<Vec<u8>>,
    new: Vec<u8>,
    /// The way to the field that it begins in, once that is known.
    pub(crate) field: Option<String>,
}

/// A check, and whether it wants a person to look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CheckLine {
    pub(crate) needs_a_look: bool,
    pub(crate) text: String,
}

impl PlanSheet {
    /// Reads a few bytes of each range, and looks for other editors.
    pub(crate) fn of(plan: &FilePlan) -> Self {
        let count = plan.ranges().len();
        let mut all: Vec<_> = plan.ranges().collect();
        if count > RANGES_MAX {
            all.sort_by_key(|range| std::cmp::Reverse(range.end.saturating_sub(range.start)));
            all.truncate(RANGES_MAX);
            all.sort_by_key(|range| range.start);
        }
        let ranges = all.into_iter().map(|range| {
            let len = range.end.saturating_sub(range.start);
            let sample = range.start..range.start.saturating_add(len.clamp(1, SAMPLE_LEN));
            let (old, new) = match plan.sample(sample) {
                Ok((old, new)) => (Some(old), new),
                Err(_) => (None, Vec::new()),
            };
            RangeSheet { start: range.start, len, old, new, field: None }
        });
        let ranges = ranges.collect();
        let check = |check: &memmap::edit::Check| CheckLine {
            needs_a_look: check.needs_a_look(),
            text: words::of_check(check),
        };
        let mut checks: Vec<CheckLine> = plan.checks().iter().map(check).collect();
        if !plan.is_device() {
            let others = other_editors::beside(plan.path()).into_iter();
            checks.extend(others.map(|text| CheckLine { needs_a_look: true, text }));
        }
        Self {
            path: plan.path().to_owned(),
            is_device: plan.is_device(),
            is_rewrite: plan.way() == Way::Rewrite,
            ranges,
            count,
            bytes: plan.bytes(),
            shared: plan.shared(),
            lens: plan.lens(),
            checks,
            losses: plan.losses().iter().map(Loss::to_string).collect(),
        }
    }

    /// The ranges that are shown. One that is only cut off has the byte at which that begins.
    pub(crate) fn places(&self) -> Vec<Range<u64>> {
        let place = |it: &RangeSheet| it.start..it.start.saturating_add(it.len.max(1));
        self.ranges.iter().map(place).collect()
    }

    /// Takes the names of fields.
    pub(crate) fn name(&mut self, named: Vec<Named>) {
        for (start, field) in named {
            let found = self.ranges.binary_search_by_key(&start, |it| it.start).ok();
            if let Some(range) = found.and_then(|at| self.ranges.get_mut(at)) {
                range.field = Some(field);
            }
        }
    }

    /// What will be written, in a line.
    pub(crate) fn summary(&self) -> String {
        if self.is_rewrite {
            let (_, len) = self.lens;
            let shared = match self.shared {
                0 => String::new(),
                shared => format!(", {} may be shared", in_units(shared)),
            };
            return format!(
                "the file is rewritten beside it ({}{shared}), then renamed; {}",
                in_units(len),
                self.length()
            );
        }
        if self.count == 0 {
            return format!(
                "nothing to write: the file has these bytes already; {}",
                self.length()
            );
        }
        format!("{}, written in place; {}", words::of_ranges(self.count, self.bytes), self.length())
    }

    fn length(&self) -> String {
        match self.lens {
            (was, now) if was == now => format!("the length stays {now}"),
            (was, now) => format!("the length becomes {now}, and was {was}"),
        }
    }

    /// The largest ranges, in the order of the file, and how many and how much the others are.
    pub(crate) fn largest(&self, most: usize) -> (Vec<&RangeSheet>, Option<String>) {
        let mut shown: Vec<&RangeSheet> = self.ranges.iter().collect();
        shown.sort_by_key(|range| std::cmp::Reverse(range.len));
        shown.truncate(most);
        shown.sort_by_key(|range| range.start);
        let len: u64 = shown.iter().map(|range| range.len).sum();
        let more = self.count.saturating_sub(shown.len());
        let rest = self.bytes.saturating_sub(len);
        let rest =
            (more > 0).then(|| format!("… {} more, {}", in_thousands(widen(more)), in_short(rest)));
        (shown, rest)
    }
}

/// `3e → b7`.
impl fmt::Display for RangeSheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = if self.len > SAMPLE_LEN { " …" } else { "" };
        let side = |bytes: &[u8], none: &str| match bytes {
            [] => none.to_owned(),
            bytes => format!("{}{more}", Hex::separated(bytes, " ")),
        };
        match &self.old {
            None => f.write_str("?? cannot be read"),
            Some(_) if self.len == 0 => f.write_str("cut off"),
            Some(old) => write!(f, "{} → {}", side(old, "end"), side(&self.new, "end")),
        }
    }
}
