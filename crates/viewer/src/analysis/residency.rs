//! How much of a file is resident in memory.

use std::ops::Range;

use crate::analysis::minimap::part;
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Accumulate, Job, Never, Priority};

/// Places queried in each part, and bytes queried at each place.
const PLACES: u64 = 16;
const LEN: u64 = 64 << 10;

/// Queries which bytes of a range are resident, in a few places of each part.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct ResidencyJob {
    pub(crate) range: Range<u64>,
    pub(crate) parts: u64,
}

/// Residency of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resident {
    range: Range<u64>,
    /// Bytes queried, and bytes resident.
    asked: u64,
    found: u64,
}

impl Job for ResidencyJob {
    type Event = Never;
    type Output = Vec<Resident>;

    fn priority(&self) -> Priority {
        Priority::Background
    }

    fn title(&self) -> String {
        "what is in memory".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Vec<Resident>, JobError> {
        let mut all = Vec::new();
        let parts = self.parts.max(1);
        for i in 0..parts {
            let range = part(&self.range, i, parts);
            let mut of_part = Resident { range: range.clone(), asked: 0, found: 0 };
            let places = if range.end - range.start <= PLACES * LEN { 1 } else { PLACES };
            for place in 0..places {
                cx.checkpoint()?;
                let mut window = part(&range, place, places);
                if places > 1 {
                    window.end = window.end.min(window.start.saturating_add(LEN));
                }
                let ranges = cx.mapping().resident(window.clone())?;
                of_part.asked += window.end - window.start;
                of_part.found += ranges.iter().map(|it| it.end - it.start).sum::<u64>();
            }
            all.push(of_part);
        }
        Ok(all)
    }
}

/// All that is known about residency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Residency(Vec<Resident>);

impl Residency {
    /// The resident share of each of `count` parts of a range, in percent; `None` if unknown.
    pub(crate) fn percent(&self, range: &Range<u64>, count: u64) -> Vec<Option<u64>> {
        let percent = |range: &Range<u64>| {
            let over = self.0.iter().filter(|it| {
                it.range.start < range.end && range.start < it.range.end && it.asked > 0
            });
            let (asked, found) = over.fold((0, 0), |sum, it| (sum.0 + it.asked, sum.1 + it.found));
            (found * 100_u64).checked_div(asked)
        };
        (0..count).map(|i| percent(&part(range, i, count))).collect()
    }
}

impl Accumulate<ResidencyJob> for Residency {
    fn begin(_job: &ResidencyJob, _len: u64, before: Option<Self>) -> Self {
        // Keep showing the old values until new ones arrive.
        before.unwrap_or_default()
    }

    fn take(&mut self, event: Never) {
        match event {}
    }

    fn finish(&mut self, known: Vec<Resident>) -> String {
        self.0 = known;
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use memmap::{MemMap, Mode};

    use super::*;
    use crate::job::context::finish;
    use crate::source::handle::SourceHandle;

    #[test]
    fn what_was_written_is_in_memory_where_the_system_tells() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), vec![1; 1 << 20]).unwrap();
        let source = SourceHandle::new(MemMap::open(file.path(), Mode::Read).unwrap().erase());
        let job = ResidencyJob { range: 0..1 << 20, parts: 8 };
        let all = match finish(&source, job).ended {
            Ok(all) => all,
            Err(why) => {
                assert!(!why.to_string().is_empty());
                return;
            }
        };
        assert_eq!(all.iter().map(|it| it.asked).sum::<u64>(), 1 << 20);
        assert!(all.iter().all(|it| it.found <= it.asked));
    }
}
