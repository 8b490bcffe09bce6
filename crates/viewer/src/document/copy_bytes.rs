//! Reads the bytes to be copied, as a job.

use std::ops::Range;

use crate::format::copy_as::CopyFormat;
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::source;

/// Reads a range and encodes it for the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct CopyBytesJob {
    pub(crate) range: Range<u64>,
    pub(crate) form: CopyFormat,
}

/// The clipboard text, and a description of it for the message.
#[derive(Debug)]
pub(crate) struct Copied {
    pub(crate) text: Vec<u8>,
    pub(crate) what: String,
}

impl Job for CopyBytesJob {
    type Event = Never;
    type Output = Copied;

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        format!("copy as {}", self.form.name())
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Copied, JobError> {
        let Self { range, form } = self;
        let len = range.end - range.start;
        let page = source::rescue(cx.mapping(), range.clone());
        if let Some(lost) = page.bytes.iter().position(Option::is_none).map(memmap::widen) {
            return Err(JobError::Unreadable {
                what: "not copied".to_owned(),
                reason: page.problem.unwrap_or_default(),
                at: range.start + lost,
            });
        }
        let bytes: Vec<u8> = page.bytes.into_iter().flatten().collect();
        let noun = if len == 1 { "byte" } else { "bytes" };
        let what = format!("{len} {noun} copied as {}", form.name());
        Ok(Copied { text: form.encode(&bytes), what })
    }
}
