//! Reads the bytes to be copied, as a job.

use std::ops::Range;

use crate::format::copy_as::CopyFormat;
use crate::job::context::JobContext;
use crate::job::error::{JobError, Lacking};
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
    /// The bytes themselves, to be pasted.
    pub(crate) bytes: Vec<u8>,
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
        let page = source::rescue(cx.mapping(), range);
        let bytes = page.whole().map_err(|lost| JobError::Unreadable(Lacking::Copy, lost))?;
        let noun = if len == 1 { "byte" } else { "bytes" };
        let what = format!("{len} {noun} copied as {}", form.name());
        Ok(Copied { text: form.encode(&bytes), what, bytes })
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use memmap::Map;
    use memmap_core::testing::{Fake, Fault};

    use super::*;
    use crate::job::context::finish;
    use crate::source::handle::SourceHandle;

    #[test]
    fn nothing_is_copied_where_a_byte_cannot_be_read() {
        let fake = Fake::new(&[1; 100]).with(Fault::Read { at: 5, kind: io::ErrorKind::Other });
        let source = SourceHandle::new(Map::from_mapping(fake).erase());
        let done = finish(&source, CopyBytesJob { range: 2..9, form: CopyFormat::Hex });
        let why = done.ended.unwrap_err().to_string();
        assert!(why.starts_with("not copied: ") && why.ends_with(" at 0x5"), "{why}");
    }
}
