use std::borrow::Borrow;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use memmap_core::disk::Disk;
use memmap_core::widen;

use crate::lock::Lockable;

use super::frame::{Chain, Payload};
use super::log::Log;
use super::worker::{Queue, Shared, lock};
use super::{Header, JournalError, Pace, Position, Record};

/// How a journal is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "there are only these")]
pub struct JournalOptions {
    /// The most bytes of the file. Records that end a saving or the session may go beyond.
    pub limit: u64,
    /// The most bytes of records that wait to be written.
    pub queue: usize,
    /// How long a record of more than 64 KiB waits for room in the queue.
    pub patience: Duration,
    /// When records are brought to the disk.
    pub pace: Pace,
    /// Whether a thread writes. Without it, [`Journal::flush`] and [`Journal::append_now`] do.
    pub has_thread: bool,
}

impl Default for JournalOptions {
    /// A file of at most 2 GiB, a queue of 64 MiB, a second of patience, and a thread.
    fn default() -> Self {
        Self {
            limit: 2 << 30,
            queue: 64 << 20,
            patience: Duration::from_secs(1),
            pace: Pace::default(),
            has_thread: true,
        }
    }
}

/// Whether edits outlive a power cut.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the view shows each")]
pub enum Protection {
    /// All are on the disk.
    Synced,
    /// All will soon be.
    Pending,
    /// Some are not, because of this.
    Failed(String),
}

/// Records up to this length never wait for room in the queue: a key that is typed, or a motion. They may go
/// beyond its limit by [`QUEUE_MARGIN`].
const SMALL_LEN: usize = 64 << 10;
const QUEUE_MARGIN: usize = 8 << 20;

/// The journal of a session: it appends records, and holds the lock while it lives.
///
/// [`append`](Self::append) puts a record into a queue, from which a thread writes it at once. It does not
/// wait for the disk, with one exception: if the queue is full, a record of more than 64 KiB waits for room,
/// as long as the [patience](JournalOptions::patience) lasts. If there is none then, or if the file is as long as it may be, the record is missing.
/// Since no record may be missing between two others, the journal ends there, with what was queued before:
/// [`protection`](Self::protection) says so from then on. After a failed write the records are kept, and
/// are tried again with the next record, after two seconds, and by [`flush`](Self::flush). A failed sync is
/// final.
///
/// Dropping it writes what is queued, and does not wait for the device.
///
/// # Examples
/// ```
/// use std::path::Path;
/// use memmap_core::disk::Disk;
/// use memmap_core::testing::TestDisk;
/// use memmap_edit::journal::{JournalOptions, Journals, Protection, Record, Standing};
///
/// let disk = TestDisk::new(512);
/// disk.put("/file", b"bytes");
/// let path = Path::new("/file");
/// let journals = Journals::open(disk.clone(), "/journals")?;
/// let journal = journals.create(path, &disk.look(path)?, JournalOptions::default())?;
/// journal.append(&Record::Marks(b"the cursor".to_vec()));
/// journal.flush()?;
/// assert_eq!(journal.protection(), Protection::Synced);
/// journal.close()?;
/// assert_eq!(journals.of(path)?[0].standing, Standing::Finished);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Journal<D: Disk> {
    shared: Arc<Shared<D>>,
    thread: Option<JoinHandle<()>>,
    folder: PathBuf,
    name: OsString,
    header: Header,
}

impl<D: Disk> Journal<D> {
    /// A journal whose file is durable up to this position, and locked.
    pub(super) fn start(
        (disk, file): (D, Lockable<D>),
        (at, chain): (u64, Chain),
        (folder, name): (PathBuf, OsString),
        header: Header,
        options: JournalOptions,
    ) -> Result<Self, JournalError> {
        let log = Log::new(disk, file, at, chain);
        let shared = Arc::new(Shared::new(log, options));
        let mut journal = Self { shared, thread: None, folder, name, header };
        if options.has_thread {
            let shared = Arc::clone(&journal.shared);
            let spawned = thread::Builder::new().name("journal".to_owned());
            let spawned = spawned.spawn(move || shared.work());
            journal.thread = Some(spawned.map_err(JournalError::io("write"))?);
        }
        Ok(journal)
    }

    pub(crate) fn disk(&self) -> D {
        lock(&self.shared.log).disk.clone()
    }

    /// The path of its file.
    pub fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// The name of its file.
    pub fn name(&self) -> &OsStr {
        &self.name
    }

    /// The folder of its file.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the file starts with.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Adds a record, which is written soon. [`protection`](Self::protection) tells whether it was.
    pub fn append(&self, record: &Record) {
        let shared = &self.shared;
        let mut queue = lock(&shared.queue);
        let payload = match Payload::of(record) {
            Ok(payload) => payload,
            Err(error) => return queue.end_with(&error.to_string()),
        };
        if queue.ended.is_some() {
            return;
        }
        let len = payload.framed_len();
        if len > SMALL_LEN && !self.has_room(&queue, len) {
            if self.thread.is_some() {
                let has_room =
                    |queue: &mut Queue| queue.ended.is_none() && !self.has_room(queue, len);
                let waited =
                    shared.room.wait_timeout_while(queue, shared.options.patience, has_room);
                queue = waited.unwrap_or_else(PoisonError::into_inner).0;
            } else {
                drop(queue);
                // What it reports is shown by `protection`.
                drop(shared.write_all(&mut lock(&shared.log)));
                queue = lock(&shared.queue);
            }
        }
        if queue.ended.is_some() {
            return;
        }
        let margin = if len > SMALL_LEN { 0 } else { QUEUE_MARGIN };
        if !self.has_room(&queue, len.saturating_sub(margin)) {
            let slow = || "records come faster than the disk takes them".to_owned();
            let why = queue.trouble.clone().unwrap_or_else(slow);
            return queue.end_with(&why);
        }
        if let Err(full) = queue.lengthen(widen(len), shared.options.limit, record) {
            return queue.end_with(&full.to_string());
        }
        let now = Instant::now();
        queue.first.get_or_insert(now);
        queue.last = Some(now);
        queue.waiting_len += len;
        queue.waiting.push_back(payload);
        shared.changed.notify_one();
    }

    /// Whether a record has room in the queue. One alone always has.
    fn has_room(&self, queue: &Queue, len: usize) -> bool {
        queue.waiting.is_empty() || queue.waiting_len + len <= self.shared.options.queue
    }

    /// Adds records after all others, and returns when they are durable. Their positions are returned.
    ///
    /// # Errors
    /// None of the records is in the journal then; after a power cut some may be, but never the last one. A
    /// failed sync is the exception: it ends the journal, and nothing is known of them.
    /// [`JournalError::Full`], [`JournalError::TooLarge`] and a failed write end nothing.
    pub fn append_now(&self, records: &[Record]) -> Result<Vec<Position>, JournalError> {
        self.append_each(records.iter().map(Ok::<_, JournalError>))
    }

    /// As [`append_now`](Self::append_now), for more records than are to be in memory at once. It takes each
    /// when there is room for it. Nobody else writes to the journal meanwhile; what is
    /// [appended](Self::append) waits.
    ///
    /// # Errors
    /// The first error of the iterator, and those of `append_now`. None of the records is in the journal then,
    /// as there.
    pub fn append_each<R: Borrow<Record>, E: From<JournalError>>(
        &self,
        records: impl IntoIterator<Item = Result<R, E>>,
    ) -> Result<Vec<Position>, E> {
        let shared = &self.shared;
        let mut log = lock(&shared.log);
        shared.write_all(&mut log)?;
        if let Some(why) = &lock(&shared.queue).ended {
            return Err(JournalError::Ended { why: why.clone() }.into());
        }
        let (mark, mut added) = (log.mark(), 0);
        match shared.write_each(&mut log, records, &mut added) {
            Ok(positions) => {
                shared.sync(&mut log)?;
                Ok(positions)
            }
            Err(error) => {
                log.give_up(mark);
                lock(&shared.queue).end -= added;
                Err(error)
            }
        }
    }

    /// Makes sure that the file still has its name: without it no later start finds the journal.
    ///
    /// # Errors
    /// [`JournalError::Gone`]; [`JournalError::Io`].
    pub fn require_named(&self) -> Result<(), JournalError> {
        let log = lock(&self.shared.log);
        let own = log.disk.facts(&log.file).map_err(JournalError::io("look at"))?;
        match log.disk.look(&self.path()) {
            Ok(found) if found.is_same_file(&own) => Ok(()),
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(JournalError::io("look at")(error))
            }
            _ => Err(JournalError::Gone),
        }
    }

    /// Makes sure that this many bytes more have room on the disk, so that the record that ends a saving
    /// can be written even if the disk is full. `false` if the system cannot.
    ///
    /// # Errors
    /// [`JournalError::Io`] if there is no room.
    pub fn reserve(&self, len: u64) -> Result<bool, JournalError> {
        let mut log = lock(&self.shared.log);
        self.shared.write_all(&mut log)?;
        match log.disk.reserve(&log.file, log.end().saturating_add(len)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::Unsupported => Ok(false),
            Err(error) => Err(JournalError::io("reserve room for")(error)),
        }
    }

    /// Returns when all records are durable.
    ///
    /// # Errors
    /// [`JournalError::Io`], [`JournalError::Ended`].
    pub fn flush(&self) -> Result<(), JournalError> {
        let mut log = lock(&self.shared.log);
        self.shared.write_all(&mut log)?;
        self.shared.sync(&mut log)
    }

    /// Writes all records, and does not wait for the device.
    ///
    /// # Errors
    /// [`JournalError::Io`], [`JournalError::Ended`].
    pub fn write(&self) -> Result<(), JournalError> {
        self.shared.write_all(&mut lock(&self.shared.log))
    }

    /// Whether all edits are durable.
    pub fn protection(&self) -> Protection {
        let queue = lock(&self.shared.queue);
        match (&queue.ended, &queue.trouble) {
            (Some(why), _) | (None, Some(why)) => Protection::Failed(why.clone()),
            (None, None) if queue.first.is_some() || queue.is_syncing => Protection::Pending,
            (None, None) => Protection::Synced,
        }
    }

    /// Ends the session.
    ///
    /// # Errors
    /// Those of [`append_now`](Self::append_now). The journal is then as after a power cut.
    pub fn close(self) -> Result<(), JournalError> {
        self.append_now(&[Record::Closed]).map(drop)
    }
}

impl<D: Disk> Drop for Journal<D> {
    fn drop(&mut self) {
        lock(&self.shared.queue).stops = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by the thread.
            drop(thread.join());
        }
        // What it reports can be shown to nobody any more.
        drop(self.write());
    }
}
