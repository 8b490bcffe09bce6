//! The queue of a journal, and what empties it.

use std::borrow::Borrow;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use memmap_core::disk::Disk;
use memmap_core::widen;

use super::frame::Payload;
use super::log::Log;
use super::{JournalError, JournalOptions, Position, Record};

/// Records that end something may go beyond the limit by this.
const ENDING_ROOM: u64 = 64 << 10;
/// How much is written by one call, if records are smaller.
const BATCH_LEN: usize = 1 << 20;

#[derive(Debug)]
pub(super) struct Shared<D: Disk> {
    pub(super) queue: Mutex<Queue>,
    /// Wakes the thread.
    pub(super) changed: Condvar,
    /// Wakes those who wait for room.
    pub(super) room: Condvar,
    /// Locked before the queue.
    pub(super) log: Mutex<Log<D>>,
    pub(super) options: JournalOptions,
}

#[derive(Debug)]
pub(super) struct Queue {
    pub(super) waiting: VecDeque<Payload>,
    pub(super) waiting_len: usize,
    /// The length that the file has when all is written.
    pub(super) end: u64,
    /// When the first and the last record came that are not synced.
    pub(super) first: Option<Instant>,
    pub(super) last: Option<Instant>,
    pub(super) is_syncing: bool,
    /// Why the last write failed.
    pub(super) trouble: Option<String>,
    /// Why no more records are taken.
    pub(super) ended: Option<String>,
    pub(super) stops: bool,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Queue {
    pub(super) fn end_with(&mut self, why: &str) {
        self.ended.get_or_insert_with(|| why.to_owned());
    }

    /// Makes the file longer by a record, if it may be.
    pub(super) fn lengthen(
        &mut self,
        len: u64,
        limit: u64,
        record: &Record,
    ) -> Result<(), JournalError> {
        let room = if record.is_ending() { ENDING_ROOM } else { 0 };
        let end = self.end.saturating_add(len);
        if end > limit.saturating_add(room) {
            return Err(JournalError::Full { limit });
        }
        self.end = end;
        Ok(())
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
    pub(super) const fn new(log: Log<D>, options: JournalOptions) -> Self {
        let queue = Queue {
            waiting: VecDeque::new(),
            waiting_len: 0,
            end: log.end(),
            first: None,
            last: None,
            is_syncing: false,
            trouble: None,
            ended: None,
            stops: false,
        };
        Self {
            queue: Mutex::new(queue),
            changed: Condvar::new(),
            room: Condvar::new(),
            log: Mutex::new(log),
            options,
        }
    }

    /// Writes what is queued.
    pub(super) fn write_all(&self, log: &mut Log<D>) -> Result<(), JournalError> {
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

    /// Writes records, and counts the bytes that they take.
    pub(super) fn write_each<R: Borrow<Record>, E: From<JournalError>>(
        &self,
        log: &mut Log<D>,
        records: impl IntoIterator<Item = Result<R, E>>,
        added: &mut u64,
    ) -> Result<Vec<Position>, E> {
        let failed = || JournalError::io("write");
        let mut positions = Vec::new();
        for record in records {
            let record = record?;
            let record = record.borrow();
            let payload = Payload::of(record)?;
            let len = widen(payload.framed_len());
            lock(&self.queue).lengthen(len, self.options.limit, record)?;
            *added += len;
            let start = log.end_of_waiting();
            positions.push(Position::of(record, start..start + len));
            log.prepare([&payload]);
            if log.waiting_len() >= BATCH_LEN {
                log.write().map_err(failed())?;
            }
        }
        log.write().map_err(failed())?;
        Ok(positions)
    }

    /// Brings what was written to the device.
    pub(super) fn sync(&self, log: &mut Log<D>) -> Result<(), JournalError> {
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
            // Nothing of it can be written any more.
            queue.waiting.clear();
            queue.waiting_len = 0;
            queue.first = None;
        }
        result
    }

    /// What the thread does.
    pub(super) fn work(&self) {
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
