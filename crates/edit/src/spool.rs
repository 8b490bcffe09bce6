use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::sync::Arc;

use memmap_core::disk::{Disk, Stored};
use memmap_core::{Map, Mapping, Progress, Result};

use crate::exact;
use crate::journal::{Journal, JournalError, Record, spool_name};
use crate::overlay::Overlay;
use crate::piece::Piece;
use crate::source::Source;
use crate::tree::Tree;

/// The most bytes from elsewhere that are kept in memory.
const MEMORY_MAX: u64 = 4 << 20;

/// Bytes that are copied at a time.
const COPIED_LEN: u64 = 1 << 20;

/// Bytes from elsewhere, such as another file, that were copied when they were taken, so that nobody changes
/// them: up to 4 MiB in memory, more in a file beside the journal. [`Journal::take`] makes it, and
/// [`Overlay::insert_taken`] puts it in.
#[derive(Debug)]
pub struct Taken<M: Mapping>(Copied<M>);

#[derive(Debug)]
enum Copied<M: Mapping> {
    Memory(Vec<u8>),
    /// With its number in the journal.
    Spool(u32, Arc<Map<M>>),
}

/// Why bytes from elsewhere could not be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TakeError {
    /// They cannot be read, or their copy cannot be mapped.
    #[error(transparent)]
    Map(#[from] memmap_core::Error),
    /// There is no room beside the journal, or it cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// It was cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl<M: Mapping> Taken<M> {
    /// Takes bytes that are in memory.
    pub const fn of_bytes(bytes: Vec<u8>) -> Self {
        Self(Copied::Memory(bytes))
    }

    /// The number of bytes.
    pub fn len(&self) -> u64 {
        match &self.0 {
            Copied::Memory(bytes) => memmap_core::widen(bytes.len()),
            Copied::Spool(_, map) => map.len(),
        }
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<D: Disk> Journal<D> {
    /// Copies all bytes of a map, to be inserted into an overlay that is recorded to this journal. The file
    /// that they go to if they are many is on the disk when this returns, and is removed with the journal.
    ///
    /// # Errors
    /// [`TakeError`]. No file is left then, if it can be removed.
    pub fn take<M: Stored<Disk = D>, S: Mapping>(
        &self,
        from: &Map<S>,
        progress: &Progress,
    ) -> std::result::Result<Taken<M>, TakeError> {
        let len = from.len();
        if let Some(len) = usize::try_from(len).ok().filter(|_| len <= MEMORY_MAX) {
            return Ok(Taken::of_bytes(from.read_at(0, len)?));
        }
        let failed = JournalError::io("store bytes beside");
        let disk = self.disk();
        let folder = disk.folder(self.folder()).map_err(failed)?;
        let (number, name, file) = self.new_spool(&disk, &folder)?;
        let filled = fill(&disk, &folder, &file, from, progress).and_then(|()| {
            let bytes = name.as_encoded_bytes().to_vec();
            self.append_now(&[Record::Spooled { file: number, name: bytes, len }])?;
            Ok(Arc::new(M::open_on(&disk, &self.folder().join(&name))?))
        });
        match filled {
            Ok(map) => Ok(Taken(Copied::Spool(number, map))),
            Err(error) => {
                // What stays is removed with the journal.
                disk.remove(&folder, &name).ok();
                Err(error)
            }
        }
    }

    /// Makes a file that no edit names yet.
    fn new_spool(
        &self,
        disk: &D,
        folder: &D::Folder,
    ) -> std::result::Result<(u32, OsString, D::File), TakeError> {
        for number in 0..=u32::MAX {
            let name = spool_name(self.name(), number);
            match disk.create(folder, &name) {
                Ok(file) => return Ok((number, name, file)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(JournalError::io("store bytes beside")(error).into()),
            }
        }
        Err(JournalError::InUse.into())
    }
}

/// Copies all bytes to a new file, and brings it and its name to the disk.
fn fill<D: Disk, S: Mapping>(
    disk: &D,
    folder: &D::Folder,
    file: &D::File,
    from: &Map<S>,
    progress: &Progress,
) -> std::result::Result<(), TakeError> {
    let failed = || JournalError::io("store bytes beside");
    let mut at = 0;
    while at < from.len() {
        if progress.is_cancelled() {
            return Err(TakeError::Cancelled);
        }
        let len = from.len().saturating_sub(at).min(COPIED_LEN);
        let bytes = from.read_at(at, usize::try_from(len).unwrap_or(0))?;
        exact::write(disk, file, &bytes, at).map_err(failed())?;
        at = at.saturating_add(len);
        progress.add_done(len);
    }
    disk.sync(file, true).map_err(failed())?;
    disk.sync_folder(folder).map_err(failed())?;
    Ok(())
}

impl<M: Mapping> Overlay<M> {
    /// Inserts bytes that were taken, before the one at `offset`. The journal that took them is the one that
    /// this overlay is recorded to.
    ///
    /// # Errors
    /// As of [`insert`](Self::insert).
    pub fn insert_taken(&mut self, offset: u64, taken: Taken<M>) -> Result<()> {
        match taken.0 {
            Copied::Memory(bytes) => self.insert(offset, &bytes),
            Copied::Spool(file, map) => self.insert_source(offset, map, Some(file)),
        }
    }

    /// Inserts all bytes of a map, which is a spooled file of the journal or one that the caller keeps.
    pub(crate) fn insert_source(
        &mut self,
        offset: u64,
        map: Arc<Map<M>>,
        spool: Option<u32>,
    ) -> Result<()> {
        let source = Source::new(map);
        let len = source.len();
        self.check(offset, 0, len)?;
        let number = self.next_number()?;
        let piece = Piece::Source { source: number, moved: true, start: 0, len };
        let inserted = if len == 0 { Tree::default() } else { Tree::of(piece) };
        Arc::make_mut(&mut self.sources).push(Arc::new(source));
        // Before it is recorded.
        if let Some(file) = spool {
            self.spools.insert(number, file);
        }
        self.splice(offset, 0, inserted)
    }
}

impl<M: Stored> Overlay<M> {
    /// Maps a spooled file of a journal in this folder, so that recorded edits find it. One that is missing, or
    /// is shorter than it was, is found by none.
    pub(crate) fn add_spool(
        &mut self,
        disk: &M::Disk,
        folder: &Path,
        name: &OsStr,
        spool: (u32, u64),
    ) {
        let (file, len) = spool;
        let Ok(map) = M::open_on(disk, &folder.join(name)) else { return };
        let Ok(number) = self.next_number() else { return };
        if map.len() == len {
            Arc::make_mut(&mut self.sources).push(Arc::new(Source::new(Arc::new(map))));
            self.spools.insert(number, file);
        }
    }
}
