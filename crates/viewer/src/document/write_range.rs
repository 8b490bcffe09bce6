//! Writes a range to a new file, as a job.

use std::fmt;
use std::fs;
use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;

use crate::format::units::in_units;
use crate::job::context::JobContext;
use crate::job::error::{JobError, Lacking};
use crate::job::{Job, Never, OnQuit};
use crate::search::export::new_file;
use crate::source;

/// Bytes written at once.
const PIECE_LEN: u64 = 1 << 20;

/// Writes a range to a file that must not exist yet, so that nothing is overwritten, least of all
/// the viewed file. The file is removed unless the whole range was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct WriteRangeJob {
    pub(crate) range: Range<u64>,
    pub(crate) path: PathBuf,
}

/// The file written.
#[derive(Debug)]
pub(crate) struct Written {
    path: PathBuf,
    len: u64,
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes written to {:?}", self.len, self.path)
    }
}

impl Job for WriteRangeJob {
    type Event = Never;
    type Output = Written;
    const ON_QUIT: OnQuit = OnQuit::Ask;

    fn title(&self) -> String {
        format!("write {} to {:?}", in_units(self.range.end - self.range.start), self.path)
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<Written, JobError> {
        let mut file = new_file(&self.path)?;
        let written = self.write(&mut file, cx);
        if written.is_err() {
            // If the removal fails, too, there is nothing left to do.
            fs::remove_file(&self.path).ok();
        }
        written?;
        Ok(Written { len: self.range.end - self.range.start, path: self.path })
    }
}

impl WriteRangeJob {
    fn write(&self, file: &mut fs::File, cx: &JobContext<'_, Never>) -> Result<(), JobError> {
        let failed = |error| JobError::Write { path: self.path.clone(), error };
        cx.expect(self.range.end - self.range.start);
        let mut at = self.range.start;
        while at < self.range.end {
            cx.checkpoint()?;
            let end = self.range.end.min(at.saturating_add(PIECE_LEN));
            let page = source::pass_over(cx.mapping(), at..end);
            let bytes = page.whole().map_err(|lost| JobError::Unreadable(Lacking::File, lost))?;
            file.write_all(&bytes).map_err(failed)?;
            cx.advance(end - at);
            at = end;
        }
        file.sync_all().map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use memmap::{Map, RamMap};
    use memmap_core::testing::{Fake, Fault};

    use super::*;
    use crate::job::context::{Finished, finish};
    use crate::source::handle::SourceHandle;

    fn write(source: &SourceHandle, range: Range<u64>, path: &Path) -> Finished<WriteRangeJob> {
        finish(source, WriteRangeJob { range, path: path.to_owned() })
    }

    #[test]
    fn a_range_becomes_a_new_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new");
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        let source = SourceHandle::new(RamMap::from_reader(&bytes[..]).unwrap().erase());
        let done = write(&source, 10..2_500_000, &path);
        assert_eq!(done.ended.unwrap().to_string(), format!("2499990 bytes written to {path:?}"));
        assert_eq!((done.progress.done, done.progress.total), (2_499_990, 2_499_990));
        assert!(fs::read(&path).unwrap() == bytes[10..2_500_000]);
        let refused = write(&source, 0..1, &path).ended.unwrap_err().to_string();
        assert!(refused.ends_with("exists; only new files are written"), "{refused}");
        assert!(fs::read(&path).unwrap() == bytes[10..2_500_000]);
    }

    #[test]
    fn what_cannot_be_read_leaves_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new");
        let fake = Fake::new(&[1; 100]).with(Fault::Read { at: 50, kind: io::ErrorKind::Other });
        let source = SourceHandle::new(Map::from_mapping(fake).erase());
        let why = write(&source, 0..100, &path).ended.unwrap_err().to_string();
        assert!(why.starts_with("not written, as bytes are missing"), "{why}");
        assert!(!path.exists());
    }
}
