//! The file of a journal, which frames are appended to.

use std::io;

use memmap_core::disk::Disk;
use memmap_core::widen;

use super::JournalError;
use super::frame::{Chain, Payload};

#[derive(Debug)]
pub(super) struct Log<D: Disk> {
    pub(super) disk: D,
    pub(super) file: D::File,
    /// Where the last whole record ends, and what the next frame follows.
    at: u64,
    chain: Chain,
    /// Frames that are written as far as `done`, and what follows them.
    unwritten: Vec<u8>,
    done: usize,
    after: Chain,
    is_synced: bool,
    /// A sync failed, so nothing is known of what was written.
    is_lost: bool,
}

impl<D: Disk> Drop for Log<D> {
    fn drop(&mut self) {
        self.disk.unlock(&self.file);
    }
}

/// An end that a journal had.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    at: u64,
    chain: Chain,
}

impl<D: Disk> Log<D> {
    /// A file whose bytes up to this position are durable.
    pub(super) const fn new(disk: D, file: D::File, at: u64, chain: Chain) -> Self {
        Self {
            disk,
            file,
            at,
            chain,
            unwritten: Vec::new(),
            done: 0,
            after: chain,
            is_synced: true,
            is_lost: false,
        }
    }

    pub(super) const fn end(&self) -> u64 {
        self.at
    }

    /// Puts records into frames, which [`write`](Self::write) writes.
    pub(super) fn prepare<'a>(&mut self, payloads: impl IntoIterator<Item = &'a Payload>) {
        for payload in payloads {
            self.after.append(payload, &mut self.unwritten);
        }
    }

    /// Writes the frames. After an error they can be written again, at the same place.
    pub(super) fn write(&mut self) -> io::Result<()> {
        while let Some(rest) = self.unwritten.get(self.done..).filter(|rest| !rest.is_empty()) {
            self.is_synced = false;
            match self.disk.write_at(&self.file, rest, self.at + widen(self.done)) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(len) => self.done += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.at += widen(self.done);
        self.chain = self.after;
        self.unwritten.clear();
        self.done = 0;
        Ok(())
    }

    /// Where the frames that wait end, when they are written.
    pub(super) fn end_of_waiting(&self) -> u64 {
        self.at + widen(self.unwritten.len())
    }

    /// How many bytes wait to be written.
    pub(super) const fn waiting_len(&self) -> usize {
        self.unwritten.len()
    }

    /// Where the journal ends now. Nothing waits to be written.
    pub(super) const fn mark(&self) -> Mark {
        Mark { at: self.at, chain: self.chain }
    }

    /// Gives up all frames since the mark. What is left of them in the file is overwritten by the next ones.
    pub(super) fn give_up(&mut self, mark: Mark) {
        self.unwritten.clear();
        self.done = 0;
        (self.at, self.chain, self.after) = (mark.at, mark.chain, mark.chain);
        // Without it the journal only looks torn.
        drop(self.disk.set_len(&self.file, self.at));
    }

    /// Brings what was written to the device. A failed sync is final.
    pub(super) fn sync(&mut self) -> Result<(), JournalError> {
        if self.is_lost {
            return Err(JournalError::Ended { why: "a sync failed".to_owned() });
        }
        if !self.is_synced {
            // The length changes with each record, so all is synced. A sync that was interrupted is not
            // repeated: a success then would say nothing of what the first one left.
            if let Err(error) = self.disk.sync(&self.file, true) {
                self.is_lost = true;
                return Err(JournalError::io("sync")(error));
            }
            self.is_synced = true;
        }
        Ok(())
    }

    pub(super) const fn is_lost(&self) -> bool {
        self.is_lost
    }
}
