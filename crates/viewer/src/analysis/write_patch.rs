//! Writes the differences of two files as a patch, as a job.

use std::fmt;
use std::fs::File;
use std::path::PathBuf;

use memmap::compare::{Compare, Difference};

use crate::analysis::difference_list::DifferenceList;
use crate::format::units::in_units;
use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::new_file::NewFile;
use crate::job::{Job, Never, OnQuit};
use crate::patch::{self, PatchError, PatchFormat};
use crate::source::handle::SourceHandle;

/// Writes a patch that makes the second source of the first one, to a file that must not exist yet. It gets its name
/// when it is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct WritePatchJob {
    pub(crate) sources: [SourceHandle; 2],
    pub(crate) format: PatchFormat,
    pub(crate) path: PathBuf,
    /// The differences of the aligned files, if they are known.
    pub(crate) list: Option<DifferenceList>,
}

/// The patch written.
#[derive(Debug)]
pub(crate) struct WrittenPatch {
    path: PathBuf,
    len: u64,
    format: PatchFormat,
}

impl fmt::Display for WrittenPatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} patch of {} written to {:?}", self.format, in_units(self.len), self.path)
    }
}

impl Job for WritePatchJob {
    type Event = Never;
    type Output = WrittenPatch;
    const ON_QUIT: OnQuit = OnQuit::Ask;

    fn title(&self) -> String {
        format!("write a {} patch to {:?}", self.format, self.path)
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<WrittenPatch, JobError> {
        let Self { sources, format, path, list } = self;
        let [source, target] = sources.each_ref().map(|it| it.mapping(cx.may_block));
        let progress = &cx.outbox.controls.scans;
        progress.add_total(source.len().saturating_add(target.len()));
        // Before the work, so that a name that is taken is said at once.
        let mut new = NewFile::make(&path, |path| File::create_new(path))?;
        let differences: Vec<Difference> = match (format, list) {
            // They find for themselves what they copy.
            (PatchFormat::Ips | PatchFormat::Bsdiff, _) => Vec::new(),
            (PatchFormat::Bps, Some(list)) => {
                (0..list.len()).filter_map(|at| list.get(at)).collect()
            }
            (PatchFormat::Bps, None) => {
                let compare = Compare::new(source, target).evict_behind(true).progress(progress);
                let aligned = compare.aligned()?;
                if aligned.is_cancelled {
                    return Err(JobError::Cancelled);
                }
                aligned.value
            }
        };
        let written = patch::write(format, source, target, &differences, new.file(), progress);
        let len = written.map_err(|error| match error {
            PatchError::Cancelled => JobError::Cancelled,
            error => JobError::Patch(Box::new(error)),
        })?;
        new.publish(|file| file.sync_all())?;
        Ok(WrittenPatch { path, len, format })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io;
    use std::path::Path;

    use memmap::{Map, RamMap};
    use memmap_core::testing::{Fake, Fault};

    use super::*;
    use crate::job::context::{Finished, finish};

    fn handle(bytes: &[u8]) -> SourceHandle {
        SourceHandle::new(RamMap::from_reader(bytes).unwrap().erase())
    }

    fn write(source: &SourceHandle, new: &[u8], path: &Path) -> Finished<WritePatchJob> {
        let format = PatchFormat::of_extension(path).unwrap();
        let sources = [source.clone(), handle(new)];
        let job = WritePatchJob { sources, format, path: path.to_owned(), list: None };
        finish(source, job)
    }

    #[test]
    fn a_patch_makes_the_second_file_of_the_first_one() {
        let dir = tempfile::tempdir().unwrap();
        let old: Vec<u8> = (0..3000_u32).flat_map(u32::to_le_bytes).collect();
        let mut new = old.clone();
        new.splice(5000..5000, *b"inserted");
        new[100] ^= 1;
        for name in ["a.ips", "a.bps", "a.bsdiff"] {
            let out = dir.path().join(name);
            let done = write(&handle(&old), &new, &out);
            let said = done.ended.unwrap().to_string();
            assert!(said.ends_with(&format!("written to {out:?}")), "{said}");
            assert_eq!(done.progress.done, done.progress.total, "{name}");
            let patch = RamMap::from_reader(&fs::read(&out).unwrap()[..]).unwrap().erase();
            let progress = memmap::Progress::new();
            let patch = patch::Patch::read(&patch, &progress).unwrap();
            let mut made = RamMap::new(memmap::widen(new.len())).unwrap().erase();
            let source = RamMap::from_reader(&old[..]).unwrap().erase();
            patch.apply(&source, &mut made, &progress).unwrap();
            let mut bytes = vec![0; new.len()];
            made.read_into(0, &mut bytes).unwrap();
            assert!(bytes == new, "{name}");
            // Nothing is replaced.
            let refused = write(&handle(&old), &old, &out).ended.unwrap_err().to_string();
            assert!(refused.contains("exists; only new files are written"), "{refused}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_and_leaves_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let fake = Fake::new(&[1; 100]).with(Fault::Read { at: 50, kind: io::ErrorKind::Other });
        let source = SourceHandle::new(Map::from_mapping(fake).erase());
        for (name, part) in [("a.ips", "cannot read the bytes"), ("a.bps", "could not be compared")]
        {
            let why = write(&source, &[2; 100], &dir.path().join(name)).ended.unwrap_err();
            assert!(why.to_string().contains(part), "{why}");
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
