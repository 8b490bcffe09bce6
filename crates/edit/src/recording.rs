use std::time::{Duration, SystemTime};

use memmap_core::disk::{Disk, Stored};
use memmap_core::{Mapping, widen};

use crate::journal::{
    self, Inserted, Journal, JournalError, JournalOptions, Journals, Record, SeenBytes,
};
use crate::overlay::Overlay;
use crate::piece::Piece;
use crate::splice::{Run, Splice};
use crate::undo::State;

/// What takes the records of an [`Overlay`]: a [`Journal`].
pub trait Recorder: std::fmt::Debug + Send + Sync + 'static {
    /// Takes a record. It must not wait for a disk.
    fn record(&self, record: &Record);
}

impl<D: Disk> Recorder for Journal<D> {
    fn record(&self, record: &Record) {
        self.append(record);
    }
}

impl<D: Disk> Journals<D> {
    /// Makes the journal of a session that edits the file of an overlay.
    ///
    /// # Errors
    /// As of [`create`](Self::create).
    pub fn create_of<M: Stored<Disk = D>>(
        &self,
        overlay: &Overlay<M>,
        options: JournalOptions,
    ) -> Result<Journal<D>, JournalError> {
        let failed = |source| JournalError::Io { what: "name", source };
        let facts = overlay.base().mapping().facts().map_err(failed)?;
        let path = overlay.base().path().zip(facts);
        let (path, facts) =
            path.ok_or_else(|| failed(std::io::Error::other("what is edited is not a file")))?;
        let path = self.disk().resolve(path).map_err(failed)?;
        self.create(&path, &facts, options)
    }
}

/// The most bytes in one piece of a record.
const PIECE_MAX: u64 = 1 << 20;

impl<M: Mapping> Overlay<M> {
    /// Records splices that made a state, or became part of it.
    pub(crate) fn record_edit(&mut self, state: State, splices: &[Splice]) {
        let Some(recorder) = self.recorder.clone() else { return };
        let parent = self.undo.parent(state).unwrap_or(State::FIRST);
        let parent = self.numbers.get(parent).unwrap_or(0);
        let number = self.numbers.add(state);
        let time = time_of(self.undo.time(state).unwrap_or(SystemTime::UNIX_EPOCH));
        let splices = splices.iter().map(|splice| self.splice_record(splice)).collect();
        recorder.record(&Record::Edit(journal::Edit { state: number, parent, time, splices }));
    }

    /// Records that another state is shown than `from`.
    pub(crate) fn record_state(&mut self, from: State) {
        let Some(recorder) = self.recorder.clone() else { return };
        let state = self.undo.current();
        if let Some(state) = self.numbers.get(state) {
            let time = time_of(SystemTime::now());
            return recorder.record(&Record::GoTo { state, time });
        }
        // It was made before the file was written anew, and its old bytes are gone with the old file. So it
        // is recorded as what it changes.
        let before = self.undo.version(from);
        let mut splices = Vec::new();
        for hunk in self.undo.shift(from, state).hunks().iter().rev() {
            let removed = Run::from(before.slice(hunk.old.start, hunk.old.end));
            let inserted = self.tree.slice(hunk.new.start, hunk.new.end).into();
            let seen = self.see(&removed);
            splices.push(Splice { place: hunk.old.start, removed, inserted, seen });
        }
        let parent = self.numbers.get(from).unwrap_or(0);
        let number = self.numbers.add(state);
        let time = time_of(SystemTime::now());
        let splices = splices.iter().map(|splice| self.splice_record(splice)).collect();
        recorder.record(&Record::Edit(journal::Edit { state: number, parent, time, splices }));
    }

    fn splice_record(&self, splice: &Splice) -> journal::Splice {
        let mut inserted = Vec::new();
        for (_, piece) in splice.inserted.tree().all() {
            self.inserted_record(&piece, &mut inserted);
        }
        let removed = splice.removed.len();
        journal::Splice { place: splice.place, removed, inserted, seen: self.seen_records(splice) }
    }

    fn inserted_record(&self, piece: &Piece, inserted: &mut Vec<Inserted>) {
        match piece {
            Piece::Fill { pattern, phase, len } => {
                let pattern = pattern.to_vec();
                inserted.push(Inserted::Fill { pattern, phase: *phase, len: *len });
            }
            Piece::Source { source, start, len, .. } => {
                // A copy of the file as it is now is found again by its place. Other bytes may be gone.
                if let Some(version) = self.version_of(*source) {
                    let (start, len) = (*start, *len);
                    inserted.push(Inserted::Base { source: version, start, len });
                    return;
                }
                if let Some(&file) = self.spools.get(source) {
                    inserted.push(Inserted::Spool { file, start: *start, len: *len });
                    return;
                }
                let mut done = 0;
                while done < *len {
                    let count = len.saturating_sub(done).min(PIECE_MAX);
                    let mut bytes = vec![0; usize::try_from(count).unwrap_or(0)];
                    if let Some(source) =
                        usize::try_from(*source).ok().and_then(|it| self.sources.get(it))
                    {
                        // What cannot be read is zeros here: saving reads it again, and refuses.
                        source.read(start.saturating_add(done), &mut bytes).ok();
                    }
                    inserted.push(Inserted::Bytes(bytes));
                    done = done.saturating_add(count);
                }
            }
            piece => {
                for bytes in
                    piece.literal().chunks(usize::try_from(PIECE_MAX).unwrap_or(usize::MAX))
                {
                    inserted.push(Inserted::Bytes(bytes.to_vec()));
                }
            }
        }
    }

    fn seen_records(&self, splice: &Splice) -> Vec<journal::Seen> {
        let mut records = Vec::new();
        for (piece, seen) in self.seen_pieces(splice) {
            let Piece::Source { source, start, len, .. } = piece else { continue };
            let version = self.version_of(source).unwrap_or(0);
            let bytes = match seen {
                Some(seen) => SeenBytes::Exact(seen.literal().to_vec()),
                None => SeenBytes::Unread { len },
            };
            records.push(journal::Seen { start, source: version, bytes });
        }
        records
    }

    /// Which version of the file a source is: how many savings it has. One that became longer has two sources.
    fn version_of(&self, source: u32) -> Option<u32> {
        let get = |number: u32| usize::try_from(number).ok().and_then(|it| self.sources.get(it));
        let found = get(source)?;
        let is_it = |&it: &u32| get(it).is_some_and(|it| it.is_same_version(found));
        u32::try_from(self.versions.iter().position(is_it)?).ok()
    }
}

/// Seconds and nanoseconds since 1970.
pub(crate) fn time_of(time: SystemTime) -> journal::Time {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    (i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos())
}

/// The length of what was seen.
pub(crate) fn seen_len(seen: &journal::Seen) -> u64 {
    match &seen.bytes {
        SeenBytes::Exact(bytes) => widen(bytes.len()),
        SeenBytes::Digest { block_len, digests } => block_len.saturating_mul(widen(digests.len())),
        SeenBytes::Unread { len } => *len,
    }
}
