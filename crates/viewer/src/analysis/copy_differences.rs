//! Copies a list of differences, as a job: the bytes of both files are read for it.

use memmap::compare::Difference;

use crate::analysis::difference_lines::Lines;
use crate::format::locale::Locale;
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::source::handle::SourceHandle;

/// The longest text that is copied.
const LEN_MAX: usize = 1 << 20;

/// The most differences that fit into it.
pub(crate) const COUNT_MAX: usize = LEN_MAX / 20;

/// Makes the text of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct CopyDifferencesJob {
    pub(crate) sources: [SourceHandle; 2],
    pub(crate) names: [String; 2],
    pub(crate) is_aligned: bool,
    /// At most [`COUNT_MAX`] differences.
    pub(crate) list: Vec<Difference>,
    /// How many there are in all.
    pub(crate) total: u64,
}

/// The text, and a description of it for the message.
#[derive(Debug)]
pub(crate) struct ListText {
    pub(crate) text: Vec<u8>,
    pub(crate) what: String,
}

impl Job for CopyDifferencesJob {
    type Event = Never;
    type Output = ListText;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        "copy the list of differences".to_owned()
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<ListText, JobError> {
        let maps = self.sources.each_ref().map(|it| it.mapping(cx.may_block));
        let names = self.names.each_ref().map(String::as_str);
        let mut lines = Lines::new(maps, names, self.is_aligned, Locale { is_utf8: true });
        let (mut text, mut count) = (Vec::new(), 0_u64);
        for found in &self.list {
            cx.checkpoint()?;
            let before = text.len();
            lines.append(std::slice::from_ref(found), &mut text);
            if text.len() > LEN_MAX {
                text.truncate(before);
                break;
            }
            count += 1;
        }
        let noun = if self.total == 1 { "difference" } else { "differences" };
        let what = if count == self.total {
            format!("copied {count} {noun}")
        } else {
            format!("copied the first {count} of {} {noun}", self.total)
        };
        Ok(ListText { text, what })
    }
}

#[cfg(test)]
mod tests {
    use memmap::RamMap;
    use memmap::compare::DifferenceKind;

    use super::*;
    use crate::job::context::finish;

    fn copied(count: usize) -> ListText {
        let handle = |bytes: &[u8]| SourceHandle::new(RamMap::from_reader(bytes).unwrap().erase());
        let found = Difference { kind: DifferenceKind::Changed, a: 1..3, b: 1..3 };
        let job = CopyDifferencesJob {
            sources: [handle(b"abcd"), handle(b"aXYd")],
            names: ["old", "new"].map(str::to_owned),
            is_aligned: false,
            list: vec![found; count],
            total: memmap::widen(count),
        };
        finish(&handle(b""), job).ended.unwrap()
    }

    #[test]
    fn the_text_has_a_line_for_each_and_an_end() {
        let one = copied(1);
        assert_eq!(str::from_utf8(&one.text).unwrap(), "0x00000001  2  62 63 → 58 59\n");
        assert_eq!(one.what, "copied 1 difference");
        let many = copied(COUNT_MAX);
        assert!(many.text.len() <= LEN_MAX && many.text.ends_with(b"58 59\n"));
        assert_eq!(many.what, "copied the first 33825 of 52428 differences");
    }
}
