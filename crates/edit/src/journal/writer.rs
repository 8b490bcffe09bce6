use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use memmap_core::disk::Disk;
use memmap_core::widen;

use super::frame::{Chain, Payload};
use super::log::Log;
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
    /// A file of at most 1 GiB, a queue of 64 MiB, a second of patience, and a thread.
    fn default() -> Self {
        Self {
            limit: 1 << 30,
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

/// Records that end something may go beyond the limit by this.
const ENDING_ROOM: u64 = 64 << 10;
/// Records up to this length never wait for room in the queue: a key that is typed, or a motion. They may go
/// beyond its limit by [`QUEUE_MARGIN`].
const SMALL_LEN: usize = 64 << 10;
const QUEUE_MARGIN: usize = 8 << 20;
/// How much is written by one call, if records are smaller.
const BATCH_LEN: usize = 1 << 20;

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

#[derive(Debug)]
struct Shared<D: Disk> {
    queue: Mutex<Queue>,
    /// Wakes the thread.
    changed: Condvar,
    /// Wakes those who wait for room.
    room: Condvar,
    /// Locked before the queue.
    log: Mutex<Log<D>>,
    options: JournalOptions,
}

#[derive(Debug)]
struct Queue {
    waiting: VecDeque<Payload>,
    waiting_len: usize,
    /// The length that the file has when all is written.
    end: u64,
    /// When the first and the last record came that are not synced.
    first: Option<Instant>,
    last: Option<Instant>,
    is_syncing: bool,
    /// Why the last write failed.
    trouble: Option<String>,
    /// Why no more records are taken.
    ended: Option<String>,
    stops: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<D: Disk> Journal<D> {
    /// A journal whose file is durable up to this position, and locked.
    pub(super) fn start(
        (disk, file): (D, D::File),
        (at, chain): (u64, Chain),
        (folder, name): (PathBuf, OsString),
        header: Header,
        options: JournalOptions,
    ) -> Result<Self, JournalError> {
        let queue = Queue {
            waiting: VecDeque::new(),
            waiting_len: 0,
            end: at,
            first: None,
            last: None,
            is_syncing: false,
            trouble: None,
            ended: None,
            stops: false,
        };
        let shared = Arc::new(Shared {
            queue: Mutex::new(queue),
            changed: Condvar::new(),
            room: Condvar::new(),
            log: Mutex::new(Log::new(disk, file, at, chain)),
            options,
        });
        let mut journal = Self { shared, thread: None, folder, name, header };
        if options.has_thread {
            let shared = Arc::clone(&journal.shared);
            let spawned = thread::Builder::new().name("journal".to_owned());
            let spawned = spawned.spawn(move || shared.work());
            journal.thread = Some(spawned.map_err(JournalError::io("write"))?);
        }
        Ok(journal)
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
            return queue.end_with("records come faster than the disk takes them");
        }
        let limit =
            shared.options.limit.saturating_add(if record.is_ending() { ENDING_ROOM } else { 0 });
        if queue.end.saturating_add(widen(len)) > limit {
            let full = JournalError::Full { limit: shared.options.limit };
            return queue.end_with(&full.to_string());
        }
        let now = Instant::now();
        queue.first.get_or_insert(now);
        queue.last = Some(now);
        queue.end += widen(len);
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
        let shared = &self.shared;
        let payloads = records.iter().map(Payload::of).collect::<Result<Vec<_>, _>>()?;
        let len: usize = payloads.iter().map(Payload::framed_len).sum();
        let mut log = lock(&shared.log);
        shared.write_all(&mut log)?;
        {
            let mut queue = lock(&shared.queue);
            if let Some(why) = &queue.ended {
                return Err(JournalError::Ended { why: why.clone() });
            }
            let limit = shared.options.limit;
            let room = if records.iter().all(Record::is_ending) { ENDING_ROOM } else { 0 };
            let end = queue.end.saturating_add(widen(len));
            if end > limit.saturating_add(room) {
                return Err(JournalError::Full { limit });
            }
            queue.end = end;
        }
        let mut at = log.end();
        log.prepare(&payloads);
        if let Err(error) = log.write() {
            log.give_up();
            lock(&shared.queue).end -= widen(len);
            return Err(JournalError::io("write")(error));
        }
        shared.sync(&mut log)?;
        let positions = records.iter().zip(&payloads).map(|(record, payload)| {
            let start = at;
            at += widen(payload.framed_len());
            Position::of(record, start..at)
        });
        Ok(positions.collect())
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

impl Queue {
    fn end_with(&mut self, why: &str) {
        self.ended.get_or_insert_with(|| why.to_owned());
    }

    fn take_batch(&mut self) -> Vec<Payload> {
        let mut batch = Vec::new();
        let mut len = 0;
        while let Some(payload) = self.waiting.front() {
            len += payload.framed_len();
            if !batch.is_empty() && len > BATCH_LEN {
                break;
            }
            batch.extend(self.waiting.pop_front());
        }
        self.waiting_len -= batch.iter().map(Payload::framed_len).sum::<usize>();
        batch
    }
}

impl<D: Disk> Shared<D> {
    /// Writes what is queued.
    fn write_all(&self, log: &mut Log<D>) -> Result<(), JournalError> {
        if log.is_lost() {
            return log.sync();
        }
        loop {
            if let Err(error) = log.write() {
                lock(&self.queue).trouble = Some(error.to_string());
                return Err(JournalError::io("write")(error));
            }
            let mut queue = lock(&self.queue);
            queue.trouble = None;
            let batch = queue.take_batch();
            drop(queue);
            self.room.notify_all();
            if batch.is_empty() {
                return Ok(());
            }
            log.prepare(&batch);
        }
    }

    /// Brings what was written to the device.
    fn sync(&self, log: &mut Log<D>) -> Result<(), JournalError> {
        {
            let mut queue = lock(&self.queue);
            // Records that came meanwhile are synced next time.
            if queue.waiting.is_empty() {
                queue.first = None;
            }
            queue.is_syncing = true;
        }
        let result = log.sync();
        let mut queue = lock(&self.queue);
        queue.is_syncing = false;
        if let Err(error) = &result {
            let why = match error {
                JournalError::Io { source, .. } => source.to_string(),
                error => error.to_string(),
            };
            queue.end_with(&why);
            queue.waiting.clear();
            queue.waiting_len = 0;
            queue.first = None;
        }
        result
    }

    /// What the thread does.
    fn work(&self) {
        let mut failed = None;
        while let Some(syncs) = self.wait_for_work(failed) {
            let mut log = lock(&self.log);
            // A record that comes while this fails is tried at once.
            let began = Instant::now();
            let written = self.write_all(&mut log);
            failed = written.is_err().then_some(began);
            if syncs && written.is_ok() {
                // What it reports is in the queue.
                drop(self.sync(&mut log));
            }
            if log.is_lost() {
                return;
            }
        }
    }

    /// Waits until there is something to write, or to sync, which `true` says. `None`: the thread ends.
    fn wait_for_work(&self, failed: Option<Instant>) -> Option<bool> {
        let mut queue = lock(&self.queue);
        loop {
            if queue.stops {
                return None;
            }
            let now = Instant::now();
            let wait = match failed {
                // A record that came after the failure is tried with what is there.
                Some(at) if queue.last.is_none_or(|last| last <= at) => {
                    self.options.pace.most.saturating_sub(now.duration_since(at))
                }
                _ if !queue.waiting.is_empty() || failed.is_some() => return Some(false),
                _ => match (queue.first, queue.last) {
                    (Some(first), Some(last)) => {
                        let (first, last) = (now.duration_since(first), now.duration_since(last));
                        self.options.pace.wait(first, last)
                    }
                    _ => Duration::MAX,
                },
            };
            if wait.is_zero() {
                return Some(failed.is_none());
            }
            queue = if wait == Duration::MAX {
                self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner)
            } else {
                let waited = self.changed.wait_timeout(queue, wait);
                waited.unwrap_or_else(PoisonError::into_inner).0
            };
        }
    }
}
