//! What a file system can, and what is known of files.

use std::ops::Range;
use std::path::Path;

use super::TestDisk;
use super::node::sectors_of;
use super::state::Can;
use crate::disk::{InUse, NotKept, Writers};

impl TestDisk {
    fn set(&self, act: impl FnOnce(&mut Can)) {
        act(&mut self.lock().can);
    }

    /// The free bytes; `None` for as many as are wanted, which is the default.
    pub fn set_free(&self, free: Option<u64>) {
        self.lock().free = free;
    }

    /// The free bytes.
    pub fn free(&self) -> Option<u64> {
        self.lock().free
    }

    /// Whether locks work. Default: they do.
    pub fn set_locks(&self, can: bool) {
        self.set(|set| set.lock = can);
    }

    /// Whether names can be exchanged. Default: they can.
    pub fn set_exchanges(&self, can: bool) {
        self.set(|set| set.exchange = can);
    }

    /// The length of blocks that files can share; `None`: they share none, which is the default.
    pub fn set_shared_blocks(&self, block: Option<usize>) {
        self.set(|set| {
            set.share = block.is_some();
            set.block = block.unwrap_or(1).max(1);
        });
    }

    /// How much a call to copy copies at most; `None`: it cannot copy. Default: all.
    pub fn set_copies(&self, most: Option<u64>) {
        self.set(|set| {
            set.copy = most.is_some();
            set.copy_max = most.unwrap_or(0).max(1);
        });
    }

    /// Whether blocks can be reserved. Default: they can.
    pub fn set_reserves(&self, can: bool) {
        self.set(|set| set.reserve = can);
    }

    /// Whether leases are known. Default: they are.
    pub fn set_leases(&self, can: bool) {
        self.set(|set| set.lease = can);
    }

    /// Whether the generation of a number, and the time when a file was made, are known. Default: both are.
    pub fn set_knows(&self, generation: bool, birth: bool) {
        self.set(|set| {
            set.know_generation = generation;
            set.know_birth = birth;
        });
    }

    /// Whether each write goes to new blocks. Default: no.
    pub fn set_copy_on_write(&self, is: bool) {
        self.set(|set| set.copy_on_write = is);
    }

    /// Whether it ends with the machine. Default: no. A power cut leaves what it left before.
    pub fn set_in_memory(&self, is: bool) {
        self.set(|set| set.be_in_memory = is);
    }

    /// Whether the clock stands still, so that times of change tell nothing. Default: no.
    pub fn hold_clock(&self, holds: bool) {
        self.set(|set| set.hold_clock = holds);
    }

    /// What new files cannot have of old ones. Default: nothing.
    pub fn set_not_kept(&self, not_kept: Vec<NotKept>) {
        self.set(|set| set.not_kept = not_kept);
    }

    /// Whether a file refuses writes whoever asks.
    pub fn set_read_only(&self, path: impl AsRef<Path>, is: bool) {
        self.with_node(path, |state, id| {
            state.nodes.get_mut(&id).into_iter().for_each(|node| node.is_read_only = is);
        });
    }

    /// What uses a file or a device as a disk.
    pub fn set_in_use(&self, path: impl AsRef<Path>, by: Option<&str>) {
        self.with_node(path, |state, id| {
            let in_use = by.map(|by| InUse { by: by.to_owned() });
            state.nodes.get_mut(&id).into_iter().for_each(|node| node.in_use.clone_from(&in_use));
        });
    }

    /// Who else has a file open for writing. What other processes opened on this disk counts too.
    pub fn set_writers(&self, path: impl AsRef<Path>, writers: &Writers) {
        self.with_node(path, |state, id| {
            state.nodes.get_mut(&id).into_iter().for_each(|node| node.writers = writers.clone());
        });
    }

    /// Puts a file into a lower layer: when it is first opened for writing it is copied, with its number,
    /// and who opened it before keeps the old one.
    pub fn set_lower(&self, path: impl AsRef<Path>) {
        self.with_node(path, |state, id| {
            state.nodes.get_mut(&id).into_iter().for_each(|node| node.is_lower = true);
        });
    }

    /// Why a folder is not private: it belongs to another user, or others may write to it.
    pub fn set_not_private(&self, path: impl AsRef<Path>, why: Option<&str>) {
        self.with_node(path, |state, id| {
            let why = why.map(str::to_owned);
            state.nodes.get_mut(&id).into_iter().for_each(|node| node.not_private.clone_from(&why));
        });
    }

    /// Makes the sectors of a range unreadable. Writing a whole sector repairs it.
    pub fn set_unreadable(&self, path: impl AsRef<Path>, range: Range<usize>) {
        self.with_node(path, |state, id| {
            let sectors = sectors_of(range.start, range.end, state.sector);
            state.nodes.get_mut(&id).into_iter().for_each(|node| {
                node.unreadable.extend(sectors.clone());
            });
        });
    }
}
