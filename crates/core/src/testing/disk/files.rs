//! What the functions of the disk do to files.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::node::{Node, NodeId, sectors_of};
use super::state::State;
use super::{CallKind, TestDisk, TestFile};
use crate::disk::{LeaseOf, Leased, NodeKind, Room, Writers};
use crate::widen;

/// A lease on a file of a [`TestDisk`].
#[derive(Debug)]
pub struct TestLease {
    disk: TestDisk,
    node: NodeId,
    is_breaking: Arc<AtomicBool>,
}

impl Leased for TestLease {
    fn is_breaking(&self) -> bool {
        self.is_breaking.load(Ordering::SeqCst)
    }
}

impl Drop for TestLease {
    fn drop(&mut self) {
        let mut state = self.disk.lock();
        if let Some(node) = state.nodes.get_mut(&self.node) {
            node.leases.retain(|(_, flag)| !Arc::ptr_eq(flag, &self.is_breaking));
        }
    }
}

pub(super) fn to_usize(at: u64) -> io::Result<usize> {
    usize::try_from(at).map_err(|_too_large| io::ErrorKind::FileTooLarge.into())
}

impl State {
    /// Opens what is there, to be read or to be written.
    pub(super) fn check_open(&mut self, id: NodeId, writes: bool) -> io::Result<NodeId> {
        let node = self.node(id)?;
        if writes && node.kind == NodeKind::Folder {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if writes && node.is_read_only {
            let kind = match node.kind {
                NodeKind::Device => io::ErrorKind::PermissionDenied,
                _ => io::ErrorKind::ReadOnlyFilesystem,
            };
            return Err(kind.into());
        }
        if !(writes && node.is_lower) {
            return Ok(id);
        }
        // The copy that the upper layer gets: who has the old one open keeps it.
        let mut copy = Node { is_lower: false, links: 0, opens: 0, ..node.clone() };
        (copy.lock, copy.exclusive) = (None, None);
        (copy.open_for_writing, copy.leases) = (Vec::new(), Vec::new());
        let new = self.next_node;
        self.next_node += 1;
        self.nodes.insert(new, copy);
        for node in self.nodes.values_mut() {
            let names = node.names.values_mut().chain(node.kept_names.values_mut());
            names.filter(|named| **named == id).for_each(|named| *named = new);
        }
        self.count_links();
        Ok(new)
    }

    /// The runs of sectors of a range for which something is so.
    pub(super) fn runs(
        &self,
        range: &Range<u64>,
        is: impl Fn(usize) -> bool,
    ) -> io::Result<Vec<Range<u64>>> {
        let mut runs: Vec<Range<u64>> = Vec::new();
        let (start, end) = (to_usize(range.start)?, to_usize(range.end)?);
        for index in sectors_of(start, end, self.sector).filter(|&index| is(index)) {
            let from = widen((index * self.sector).max(start));
            let to = widen(((index + 1) * self.sector).min(end));
            match runs.last_mut() {
                Some(last) if last.end == from => last.end = to,
                _ => runs.push(from..to),
            }
        }
        Ok(runs)
    }

    pub(super) fn room(&self, id: NodeId, ranges: &[Range<u64>]) -> io::Result<Room> {
        let (mut holes, mut copied) = (0, 0);
        for range in ranges {
            let missing = self.missing(id, to_usize(range.start)?, to_usize(range.end)?)?;
            holes += missing.0;
            copied += missing.1;
        }
        let bytes = |sectors: usize| widen(sectors * self.sector);
        let can_be_made_sure = self.can.reserve && !self.can.copy_on_write;
        Ok(Room { holes: bytes(holes), copied: bytes(copied), can_be_made_sure, free: self.free })
    }

    pub(super) fn make_room(&mut self, id: NodeId, ranges: &[Range<u64>]) -> io::Result<()> {
        if !self.can.reserve {
            return Err(io::ErrorKind::Unsupported.into());
        }
        for range in ranges {
            let (start, end) = (to_usize(range.start)?, to_usize(range.end)?);
            let (holes, copied) = self.missing(id, start, end)?;
            let shared = if self.can.copy_on_write { 0 } else { copied };
            self.take_room(holes + shared)?;
            let sector = self.sector;
            let node = self.node_mut(id)?;
            for index in sectors_of(start, end, sector) {
                if !node.shared.remove(&index) && !node.allocated.contains(&index) {
                    node.reserved.insert(index);
                }
            }
        }
        Ok(())
    }

    /// Shares whole blocks; the end of a file may be ragged.
    pub(super) fn share(
        &mut self,
        from: NodeId,
        range: &Range<u64>,
        to: NodeId,
        at: u64,
    ) -> io::Result<u64> {
        if !self.can.share {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let block = widen(self.can.block);
        let source_len = widen(self.node(from)?.bytes.len());
        let end = range.end.min(source_len);
        if !range.start.is_multiple_of(block) || !at.is_multiple_of(block) || range.start >= end {
            return Ok(0);
        }
        let target_len = widen(self.node(to)?.bytes.len());
        let is_ragged = end == source_len && at + (end - range.start) >= target_len;
        let len = if is_ragged { end - range.start } else { (end - range.start) / block * block };
        if len == 0 {
            return Ok(0);
        }
        let (start, at) = (to_usize(range.start)?, to_usize(at)?);
        let bytes = self.node(from)?.bytes[start..start + to_usize(len)?].to_vec();
        let (sector, stamp, now) = (self.sector, self.next_stamp(), self.tick());
        let node = self.node_mut(to)?;
        node.write(at, &bytes, sector, stamp);
        (node.modified, node.changed) = (now, now);
        node.shared.extend(sectors_of(at, at + bytes.len(), sector));
        self.node_mut(from)?.shared.extend(sectors_of(start, start + bytes.len(), sector));
        Ok(len)
    }

    /// What writing takes away from a file that has it: capabilities, and the bits that give rights.
    pub(super) fn drop_rights(&mut self, id: NodeId) -> io::Result<()> {
        let node = self.node_mut(id)?;
        let before = node.attributes.clone();
        node.attributes.mode = before.mode.map(|mode| mode & !0o6000);
        node.attributes.extended.retain(|(name, _)| name != CAPABILITY);
        if node.attributes != before {
            node.pending_attributes.push(node.attributes.clone());
        }
        Ok(())
    }
}

/// The attribute that writing takes away.
pub(super) const CAPABILITY: &str = "security.capability";

impl TestDisk {
    pub(super) fn read_from(&self, file: &TestFile, out: &mut [u8], at: u64) -> io::Result<usize> {
        let entered = self.enter(CallKind::Read, &self.label(file.node), String::new)?;
        let sector = entered.state.sector;
        let node = entered.state.node(file.node)?;
        if node.kind == NodeKind::Folder {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let start = usize::try_from(at).unwrap_or(usize::MAX).min(node.bytes.len());
        let most = out.len().min(entered.most);
        let mut end = start.saturating_add(most).min(node.bytes.len());
        let bad = sectors_of(start, end, sector).find(|index| node.unreadable.contains(index));
        if let Some(index) = bad {
            end = (index * sector).max(start);
            if end == start {
                return Err(io::Error::other("medium error"));
            }
        }
        out[..end - start].copy_from_slice(&node.bytes[start..end]);
        Ok(end - start)
    }

    pub(super) fn write_to(&self, file: &TestFile, bytes: &[u8], at: u64) -> io::Result<usize> {
        let with = || format!("{} bytes at {at}", bytes.len());
        let mut entered = self.enter(CallKind::Write, &self.label(file.node), with)?;
        if !file.can_write {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let len = bytes.len().min(entered.most);
        let mut done = 0;
        if len > 0 {
            done = entered.state.write(file.node, to_usize(at)?, &bytes[..len])?;
            entered.state.drop_rights(file.node)?;
        }
        entered.leave(self.process)?;
        Ok(done)
    }

    pub(super) fn take_lease(&self, file: &TestFile) -> LeaseOf<TestLease> {
        let mut state = self.lock();
        if !state.can.lease || state.dead.contains(&self.process) {
            return LeaseOf::Unknown;
        }
        let Ok(node) = state.node_mut(file.node) else { return LeaseOf::Unknown };
        match &node.writers {
            Writers::Unknown => return LeaseOf::Unknown,
            Writers::Some(_) => return LeaseOf::Refused,
            Writers::None => {}
        }
        // As on Linux, the descriptor that writes is in the way of the lease itself.
        if !node.open_for_writing.is_empty() || node.in_use.is_some() {
            return LeaseOf::Refused;
        }
        let is_breaking = Arc::new(AtomicBool::new(false));
        node.leases.push((self.process, Arc::clone(&is_breaking)));
        LeaseOf::Held(TestLease { disk: self.clone(), node: file.node, is_breaking })
    }

    pub(super) fn other_writers(&self, file: &TestFile) -> Writers {
        let state = self.lock();
        let Ok(node) = state.node(file.node) else { return Writers::Unknown };
        let mut others: Vec<(u32, String)> = node
            .open_for_writing
            .iter()
            .filter(|&&(_, process)| process != self.process)
            .map(|&(_, process)| (process, "test".to_owned()))
            .collect();
        match &node.writers {
            Writers::Unknown => Writers::Unknown,
            Writers::None if others.is_empty() => Writers::None,
            Writers::None => Writers::Some(others),
            Writers::Some(more) => {
                others.extend(more.iter().cloned());
                Writers::Some(others)
            }
        }
    }
}
