use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::TestDisk;
use super::call::{At, Call, DiskFault, Times};
use super::node::{Node, NodeId, sectors_of};
use crate::disk::{Facts, NodeKind, NotKept};
use crate::widen;

pub(super) type Hook = Box<dyn FnOnce(&TestDisk) + Send>;

pub(super) const ROOT: NodeId = 0;

/// What the file system can, and what it has.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub(super) struct Can {
    pub(super) lock: bool,
    pub(super) exchange: bool,
    pub(super) share: bool,
    pub(super) copy: bool,
    pub(super) reserve: bool,
    pub(super) lease: bool,
    pub(super) know_generation: bool,
    pub(super) know_birth: bool,
    pub(super) copy_on_write: bool,
    pub(super) be_in_memory: bool,
    /// Whether the clock stands still, so that times of change tell nothing.
    pub(super) hold_clock: bool,
    pub(super) not_kept: Vec<NotKept>,
    /// What a call to copy copies at most.
    pub(super) copy_max: u64,
    /// The blocks that are shared.
    pub(super) block: usize,
}

pub(super) struct State {
    pub(super) sector: usize,
    pub(super) nodes: BTreeMap<NodeId, Node>,
    pub(super) next_node: NodeId,
    /// Numbers that can be given again, with the next generation.
    pub(super) free_numbers: BTreeMap<u64, u32>,
    pub(super) next_number: u64,
    pub(super) clock: u64,
    pub(super) stamp: u64,
    pub(super) next_open: u64,
    pub(super) free: Option<u64>,
    pub(super) can: Can,
    pub(super) calls: Vec<Call>,
    pub(super) faults: Vec<(At, DiskFault, Times)>,
    pub(super) hooks: Vec<(At, Hook)>,
    pub(super) boot: u32,
    pub(super) next_process: u32,
    pub(super) dead: BTreeSet<u32>,
    /// From which call on a process is dead, and how many bytes of that call it still writes.
    pub(super) stops: BTreeMap<u32, (usize, Option<usize>)>,
}

impl State {
    pub(super) fn new(sector: usize) -> Self {
        let mut root = Node::new(NodeKind::Folder, "/".to_owned(), 1, 1, 0);
        root.links = 1;
        Self {
            sector,
            nodes: BTreeMap::from([(ROOT, root)]),
            next_node: 1,
            free_numbers: BTreeMap::new(),
            next_number: 2,
            clock: 0,
            stamp: 0,
            next_open: 0,
            free: None,
            can: Can {
                lock: true,
                exchange: true,
                share: false,
                copy: true,
                reserve: true,
                lease: true,
                know_generation: true,
                know_birth: true,
                copy_on_write: false,
                be_in_memory: false,
                hold_clock: false,
                not_kept: Vec::new(),
                copy_max: u64::MAX,
                block: sector,
            },
            calls: Vec::new(),
            faults: Vec::new(),
            hooks: Vec::new(),
            boot: 1,
            next_process: 100,
            dead: BTreeSet::new(),
            stops: BTreeMap::new(),
        }
    }

    pub(super) fn tick(&mut self) -> u64 {
        if !self.can.hold_clock {
            self.clock += 1;
        }
        self.clock
    }

    pub(super) fn next_stamp(&mut self) -> u64 {
        self.stamp += 1;
        self.stamp
    }

    pub(super) fn node(&self, id: NodeId) -> io::Result<&Node> {
        self.nodes.get(&id).ok_or_else(|| io::ErrorKind::StaleNetworkFileHandle.into())
    }

    pub(super) fn node_mut(&mut self, id: NodeId) -> io::Result<&mut Node> {
        self.nodes.get_mut(&id).ok_or_else(|| io::ErrorKind::StaleNetworkFileHandle.into())
    }

    /// A new node, with a number that was free.
    pub(super) fn make(&mut self, kind: NodeKind, label: String) -> NodeId {
        let (number, generation) = self.free_numbers.pop_first().unwrap_or_else(|| {
            self.next_number += 1;
            (self.next_number - 1, 1)
        });
        let now = self.tick();
        let id = self.next_node;
        self.next_node += 1;
        self.nodes.insert(id, Node::new(kind, label, number, generation, now));
        id
    }

    /// The node at a path, its path without links.
    pub(super) fn walk(&self, path: &Path, follows_last: bool) -> io::Result<(NodeId, PathBuf)> {
        let mut left: Vec<OsString> = names_of(path);
        left.reverse();
        let mut at = vec![(ROOT, OsString::new())];
        let mut links = 0;
        while let Some(name) = left.pop() {
            if name == ".." {
                if at.len() > 1 {
                    at.pop();
                }
                continue;
            }
            let folder = at.last().map_or(ROOT, |&(id, _)| id);
            let node = self.node(folder)?;
            if node.kind != NodeKind::Folder {
                return Err(io::ErrorKind::NotADirectory.into());
            }
            let &id = node.names.get(&name).ok_or(io::ErrorKind::NotFound)?;
            let found = self.node(id)?;
            if found.kind == NodeKind::Link && (follows_last || !left.is_empty()) {
                links += 1;
                if links > 40 {
                    return Err(io::Error::other("too many symbolic links"));
                }
                if found.target.has_root() {
                    at.truncate(1);
                }
                left.extend(names_of(&found.target).into_iter().rev());
                continue;
            }
            at.push((id, name));
        }
        let id = at.last().map_or(ROOT, |&(id, _)| id);
        let path = at.into_iter().fold(PathBuf::from("/"), |path, (_, name)| path.join(name));
        Ok((id, path))
    }

    /// The folder of a path, and the name in it.
    pub(super) fn parent(&self, path: &Path) -> io::Result<(NodeId, OsString)> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let (folder, _) = self.walk(path.parent().unwrap_or_else(|| Path::new("/")), true)?;
        Ok((folder, name.to_owned()))
    }

    /// Changes names of a folder in one step, and counts the links again.
    pub(super) fn change_names(
        &mut self,
        folder: NodeId,
        what: String,
        sets: Vec<(OsString, Option<NodeId>)>,
    ) -> io::Result<()> {
        let now = self.tick();
        let node = self.node_mut(folder)?;
        let mut touched: Vec<NodeId> = sets.iter().filter_map(|(_, node)| *node).collect();
        touched.extend(sets.iter().filter_map(|(name, _)| node.names.get(name)));
        node.change_names(what, sets);
        (node.modified, node.changed) = (now, now);
        for id in touched {
            if let Some(node) = self.nodes.get_mut(&id) {
                node.changed = now;
            }
        }
        self.count_links();
        self.collect();
        Ok(())
    }

    pub(super) fn count_links(&mut self) {
        let mut links: BTreeMap<NodeId, u64> = BTreeMap::from([(ROOT, 1)]);
        for id in self.nodes.values().flat_map(|node| node.names.values()) {
            *links.entry(*id).or_default() += 1;
        }
        for (id, node) in &mut self.nodes {
            node.links = links.get(id).copied().unwrap_or(0);
        }
    }

    /// Frees the nodes that nothing leads to any more, neither now nor after a power cut.
    pub(super) fn collect(&mut self) {
        loop {
            let named: BTreeSet<NodeId> = self
                .nodes
                .values()
                .flat_map(|node| {
                    let pending = node.name_changes.iter().flat_map(|change| &change.sets);
                    let pending = pending.filter_map(|(_, id)| id.as_ref());
                    node.names.values().chain(node.kept_names.values()).chain(pending)
                })
                .copied()
                .collect();
            let gone: Vec<NodeId> = self
                .nodes
                .iter()
                .filter(|(id, node)| **id != ROOT && node.opens == 0 && !named.contains(id))
                .map(|(id, _)| *id)
                .collect();
            if gone.is_empty() {
                return;
            }
            for id in gone {
                if let Some(node) = self.nodes.remove(&id) {
                    let sectors = node.allocated.len() + node.reserved.len();
                    self.give_room(sectors - node.shared.len().min(sectors));
                    // A copy of a lower layer's file has the same number.
                    if self.nodes.values().all(|other| other.number != node.number) {
                        self.free_numbers.insert(node.number, node.generation + 1);
                    }
                }
            }
        }
    }

    /// Takes room for this many sectors, or none of it.
    pub(super) fn take_room(&mut self, sectors: usize) -> io::Result<()> {
        let bytes = widen(sectors * self.sector);
        match &mut self.free {
            Some(free) if *free < bytes => Err(io::ErrorKind::StorageFull.into()),
            Some(free) => {
                *free -= bytes;
                Ok(())
            }
            None => Ok(()),
        }
    }

    pub(super) fn give_room(&mut self, sectors: usize) {
        let bytes = widen(sectors * self.sector);
        if let Some(free) = &mut self.free {
            *free += bytes;
        }
    }

    /// How many sectors writing a range needs that the node does not have, and how many it gets by copying.
    pub(super) fn missing(
        &self,
        id: NodeId,
        start: usize,
        end: usize,
    ) -> io::Result<(usize, usize)> {
        let node = self.node(id)?;
        if node.kind == NodeKind::Device {
            return Ok((0, 0));
        }
        let (mut holes, mut copied) = (0, 0);
        for index in sectors_of(start, end, self.sector) {
            if node.allocated.contains(&index) {
                copied += usize::from(self.can.copy_on_write || node.shared.contains(&index));
            } else if !node.reserved.contains(&index) {
                holes += 1;
            }
        }
        Ok((holes, copied))
    }

    /// Writes what there is room for. Returns how much that is.
    pub(super) fn write(&mut self, id: NodeId, at: usize, bytes: &[u8]) -> io::Result<usize> {
        let sector = self.sector;
        let mut len = bytes.len();
        if self.node(id)?.kind == NodeKind::Device {
            len = len.min(self.node(id)?.bytes.len().saturating_sub(at));
            if len == 0 && !bytes.is_empty() {
                return Err(io::ErrorKind::StorageFull.into());
            }
        }
        loop {
            let (holes, copied) = self.missing(id, at, at + len)?;
            // A file system that always copies gives the old blocks back when the new ones are written.
            let shared = if self.can.copy_on_write { 0 } else { copied };
            let room = self.free.unwrap_or(u64::MAX);
            if widen((holes + copied) * sector) <= room {
                self.take_room(holes + shared)?;
                break;
            }
            let last = (at + len - 1) / sector * sector;
            if last <= at {
                return Err(io::ErrorKind::StorageFull.into());
            }
            len = last - at;
        }
        let stamp = self.next_stamp();
        let now = self.tick();
        let node = self.node_mut(id)?;
        node.write(at, &bytes[..len], sector, stamp);
        (node.modified, node.changed) = (now, now);
        Ok(len)
    }

    pub(super) fn set_len(&mut self, id: NodeId, len: usize) -> io::Result<()> {
        let sector = self.sector;
        let (stamp, now) = (self.next_stamp(), self.tick());
        let node = self.node_mut(id)?;
        if node.kind == NodeKind::Device {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let before = node.allocated.len() - node.shared.len();
        node.set_len(len, sector, stamp);
        (node.modified, node.changed) = (now, now);
        let freed = before - (node.allocated.len() - node.shared.len());
        self.give_room(freed);
        Ok(())
    }

    pub(super) fn facts(&self, id: NodeId) -> io::Result<Facts> {
        let node = self.node(id)?;
        let time = |tick: u64| SystemTime::UNIX_EPOCH + START + Duration::from_millis(tick);
        Ok(Facts {
            kind: node.kind,
            device: if node.kind == NodeKind::Device {
                0x1000 + node.number
            } else {
                self.boot.into()
            },
            inode: node.number.into(),
            generation: self.can.know_generation.then_some(node.generation),
            born: self.can.know_birth.then(|| time(node.born)),
            len: widen(node.bytes.len()),
            modified: Some(time(node.modified)),
            changed: Some(time(node.changed)),
            links: node.links,
            sectors: node.device_sectors,
            is_read_only: node.is_read_only,
            serial: node.serial.clone(),
        })
    }
}

/// When the clock of tests starts.
pub(super) const START: Duration = Duration::from_secs(1_000_000_000);

fn names_of(path: &Path) -> Vec<OsString> {
    path.components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some(OsStr::new("..").to_owned()),
            _ => None,
        })
        .collect()
}
