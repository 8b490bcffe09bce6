//! Finds what `:s` replaces, as a job.

use std::ops::Range;

use memmap::widen;

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::search::results::CompiledQuery;
use crate::source;

/// The most matches that are replaced at once. Each takes some 300 bytes of memory.
const MATCHES_MAX: usize = 1_000_000;

/// Finds all matches in a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubstituteJob {
    pub(crate) what: CompiledQuery,
    pub(crate) range: Range<u64>,
    /// What comes in their place.
    pub(crate) bytes: Vec<u8>,
    /// The number of the state of the bytes that are searched.
    pub(crate) state: u32,
    /// Whether each match is asked about.
    pub(crate) confirms: bool,
}

/// What is to be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Substitution {
    pub(crate) ranges: Vec<Range<u64>>,
    /// What each match is.
    pub(crate) seen: Vec<Vec<u8>>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) state: u32,
    pub(crate) confirms: bool,
}

impl Job for SubstituteJob {
    type Event = Never;
    type Output = Box<Substitution>;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        format!("replace {}", self.what.query.text)
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Box<Substitution>, JobError> {
        let Self { what, range, bytes, state, confirms } = self;
        cx.expect(cx.readable_len(&range));
        let mut ranges: Vec<Range<u64>> = Vec::new();
        let mut is_cut = false;
        let outcome = cx.scan().range(range).find_all_into(&what.pattern, |found| {
            if ranges.len() < MATCHES_MAX {
                ranges.push(found.offset..found.offset.saturating_add(found.len));
            } else {
                is_cut = true;
            }
        })?;
        if outcome.is_cancelled {
            return Err(JobError::Cancelled);
        }
        if is_cut {
            return Err(JobError::TooManyMatches(widen(MATCHES_MAX)));
        }
        let mut seen = Vec::with_capacity(ranges.len());
        for range in &ranges {
            cx.checkpoint()?;
            let page = source::rescue(cx.mapping(), range.clone());
            // A match was read, so that its bytes can be; if not any more, they were not seen.
            seen.push(page.whole().unwrap_or_default());
        }
        Ok(Box::new(Substitution { ranges, seen, bytes, state, confirms }))
    }
}
