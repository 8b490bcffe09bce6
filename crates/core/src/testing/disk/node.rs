use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::disk::{Attributes, InUse, NodeKind, Sectors, Writers};

pub(super) type NodeId = u64;

/// What a name leads to, with a durable and a volatile half.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    /// The path under which it was made, for the list of calls.
    pub(super) label: String,
    pub(super) number: u64,
    pub(super) generation: u32,
    pub(super) born: u64,
    pub(super) modified: u64,
    pub(super) changed: u64,
    pub(super) links: u64,
    pub(super) opens: u64,

    /// The volatile half.
    pub(super) bytes: Vec<u8>,
    pub(super) attributes: Attributes,
    pub(super) names: BTreeMap<OsString, NodeId>,
    /// The durable half.
    pub(super) kept: Vec<u8>,
    pub(super) kept_attributes: Attributes,
    pub(super) kept_names: BTreeMap<OsString, NodeId>,
    /// What lies between them.
    pub(super) sectors: BTreeMap<usize, PendingSector>,
    pub(super) lens: Vec<(u64, usize)>,
    pub(super) pending_attributes: Vec<Attributes>,
    pub(super) name_changes: Vec<NameChange>,

    /// Sectors with blocks of their own, with blocks and no data, and with blocks that others have too.
    pub(super) allocated: BTreeSet<usize>,
    pub(super) reserved: BTreeSet<usize>,
    pub(super) shared: BTreeSet<usize>,
    pub(super) unreadable: BTreeSet<usize>,

    pub(super) target: PathBuf,
    pub(super) device_sectors: Option<Sectors>,
    pub(super) serial: String,
    pub(super) is_read_only: bool,
    pub(super) in_use: Option<InUse>,
    pub(super) writers: Writers,
    /// The file of a lower layer: it is copied when it is first opened for writing.
    pub(super) is_lower: bool,
    /// Why a folder is not private.
    pub(super) not_private: Option<String>,
    /// The open file that has the lock, and its process.
    pub(super) lock: Option<(u64, u32)>,
    pub(super) exclusive: Option<(u64, u32)>,
    /// The open files that can write, with their processes.
    pub(super) open_for_writing: Vec<(u64, u32)>,
    pub(super) leases: Vec<(u32, Arc<AtomicBool>)>,
}

/// The contents that a sector had since it was synced.
#[derive(Debug, Clone)]
pub(super) struct PendingSector {
    pub(super) versions: Vec<(u64, Vec<u8>)>,
    /// Whether the next sync writes it. After a failed sync it does not.
    pub(super) is_dirty: bool,
}

/// A step that gives names and takes them, as a whole.
#[derive(Debug, Clone)]
pub(super) struct NameChange {
    pub(super) what: String,
    pub(super) sets: Vec<(OsString, Option<NodeId>)>,
    pub(super) is_dirty: bool,
}

impl NameChange {
    pub(super) fn apply(&self, names: &mut BTreeMap<OsString, NodeId>) {
        for (name, node) in &self.sets {
            match node {
                Some(node) => names.insert(name.clone(), *node),
                None => names.remove(name),
            };
        }
    }
}

impl Node {
    pub(super) fn new(
        kind: NodeKind,
        label: String,
        number: u64,
        generation: u32,
        now: u64,
    ) -> Self {
        Self {
            kind,
            label,
            number,
            generation,
            born: now,
            modified: now,
            changed: now,
            links: 0,
            opens: 0,
            bytes: Vec::new(),
            attributes: Attributes::default(),
            names: BTreeMap::new(),
            kept: Vec::new(),
            kept_attributes: Attributes::default(),
            kept_names: BTreeMap::new(),
            sectors: BTreeMap::new(),
            lens: Vec::new(),
            pending_attributes: Vec::new(),
            name_changes: Vec::new(),
            allocated: BTreeSet::new(),
            reserved: BTreeSet::new(),
            shared: BTreeSet::new(),
            unreadable: BTreeSet::new(),
            target: PathBuf::new(),
            device_sectors: None,
            serial: String::new(),
            is_read_only: false,
            in_use: None,
            writers: Writers::None,
            is_lower: false,
            not_private: None,
            lock: None,
            exclusive: None,
            open_for_writing: Vec::new(),
            leases: Vec::new(),
        }
    }

    /// Writes to the volatile half. `stamp` grows with each change of the disk.
    pub(super) fn write(&mut self, at: usize, bytes: &[u8], sector: usize, stamp: u64) {
        let end = at + bytes.len();
        if end > self.bytes.len() {
            self.set_len(end, sector, stamp);
        }
        self.bytes[at..end].copy_from_slice(bytes);
        for index in sectors_of(at, end, sector) {
            self.allocated.insert(index);
            self.reserved.remove(&index);
            self.shared.remove(&index);
            let whole = index * sector..(index + 1) * sector;
            if at <= whole.start && end >= whole.end.min(self.bytes.len()) {
                self.unreadable.remove(&index);
            }
            self.note_sector(index, sector, stamp);
        }
    }

    fn note_sector(&mut self, index: usize, sector: usize, stamp: u64) {
        let content = part(&self.bytes, index, sector);
        let pending = self
            .sectors
            .entry(index)
            .or_insert_with(|| PendingSector { versions: Vec::new(), is_dirty: true });
        pending.is_dirty = true;
        pending.versions.push((stamp, content));
    }

    pub(super) fn set_len(&mut self, len: usize, sector: usize, stamp: u64) {
        self.bytes.resize(len, 0);
        self.lens.push((stamp, len));
        let blocks = len.div_ceil(sector);
        self.allocated.retain(|&index| index < blocks);
        self.shared.retain(|&index| index < blocks);
    }

    /// Brings sectors to the durable half, and if `is_all` the length and the attributes.
    pub(super) fn sync(&mut self, is_all: bool, sector: usize) {
        if is_all {
            let least = self.lens.iter().map(|&(_, len)| len).min();
            self.kept.truncate(least.unwrap_or(self.kept.len()));
            self.kept.resize(self.bytes.len(), 0);
            self.lens.clear();
            self.kept_attributes = self.attributes.clone();
            self.pending_attributes.clear();
        }
        let (now, kept) = (&self.bytes, &mut self.kept);
        self.sectors.retain(|&index, pending| {
            if !pending.is_dirty {
                return true;
            }
            let start = index * sector;
            let end = (start + sector).min(now.len()).min(kept.len());
            if start < end {
                kept[start..end].copy_from_slice(&now[start..end]);
            }
            // What lies after the durable end is not durable before the length is.
            start + sector > kept.len() && now.len() > kept.len()
        });
    }

    /// What a failed sync leaves: the durable half is old, and the next sync has nothing to do.
    pub(super) fn lose_dirtiness(&mut self) {
        for pending in self.sectors.values_mut() {
            pending.is_dirty = false;
        }
    }

    pub(super) fn change_names(&mut self, what: String, sets: Vec<(OsString, Option<NodeId>)>) {
        let change = NameChange { what, sets, is_dirty: true };
        change.apply(&mut self.names);
        self.name_changes.push(change);
    }

    /// Writes the names that changed. What a failed sync lost of the same names is gone then, as a name that was
    /// written later is not what it was before.
    pub(super) fn sync_names(&mut self) {
        let mut written: BTreeSet<OsString> = BTreeSet::new();
        for change in self.name_changes.iter_mut().rev() {
            if change.is_dirty {
                written.extend(change.sets.iter().map(|(name, _)| name.clone()));
            } else {
                change.sets.retain(|(name, _)| !written.contains(name));
            }
        }
        let kept = &mut self.kept_names;
        self.name_changes.retain(|change| {
            if change.is_dirty {
                change.apply(kept);
            }
            !change.is_dirty && !change.sets.is_empty()
        });
    }

    /// Makes everything durable, as it is when a test begins.
    pub(super) fn settle(&mut self) {
        self.kept = self.bytes.clone();
        self.kept_attributes = self.attributes.clone();
        self.kept_names = self.names.clone();
        self.sectors.clear();
        self.lens.clear();
        self.pending_attributes.clear();
        self.name_changes.clear();
    }
}

/// The content of a sector; shorter at the end.
pub(super) fn part(bytes: &[u8], index: usize, sector: usize) -> Vec<u8> {
    let start = (index * sector).min(bytes.len());
    bytes[start..(start + sector).min(bytes.len())].to_vec()
}

/// The sectors that a range touches.
pub(super) fn sectors_of(start: usize, end: usize, sector: usize) -> std::ops::Range<usize> {
    if start >= end { 0..0 } else { start / sector..end.div_ceil(sector) }
}
