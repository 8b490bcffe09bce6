//! Power cuts.

use std::collections::BTreeSet;

use super::TestDisk;
use super::node::{Node, NodeId, part};
use super::state::State;

/// Something that is not durable, and independent of all others.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unsynced {
    /// What it is.
    pub what: String,
    /// The contents that it had since it was synced. A power cut leaves the durable one or one of these.
    pub versions: usize,
}

#[derive(Clone, Copy)]
enum Unit {
    Sector(NodeId, usize),
    Len(NodeId),
    Attributes(NodeId),
    Name(NodeId, usize),
}

impl TestDisk {
    /// What is not durable.
    pub fn unsynced(&self) -> Vec<Unsynced> {
        let state = self.lock();
        let describe = |(unit, versions)| {
            let label = |id: &NodeId| state.nodes.get(id).map_or("", |node| node.label.as_str());
            let what = match unit {
                Unit::Sector(id, index) => format!("sector {index} of {}", label(&id)),
                Unit::Len(id) => format!("length of {}", label(&id)),
                Unit::Attributes(id) => format!("attributes of {}", label(&id)),
                Unit::Name(id, index) => state.nodes[&id].name_changes[index].what.clone(),
            };
            Unsynced { what, versions }
        };
        units(&state).into_iter().map(describe).collect()
    }

    /// A power cut. The result is the disk after it: the durable half, and of what was
    /// [not synced](Self::unsynced) a version each; 0 is the durable one, and what the choice has no number
    /// for is durable too. This disk stays as it is.
    #[must_use]
    pub fn crash(&self, choice: &[usize]) -> Self {
        let state = self.lock();
        let chosen: Vec<(Unit, usize)> = units(&state)
            .into_iter()
            .enumerate()
            .map(|(index, (unit, most))| (unit, choice.get(index).copied().unwrap_or(0).min(most)))
            .collect();
        let mut after = State::new(state.sector);
        after.can = state.can.clone();
        after.free = None;
        after.clock = state.clock + 1000;
        after.boot = state.boot + 1;
        after.next_process = state.next_process;
        after.next_node = state.next_node;
        after.next_number = state.next_number;
        after.nodes.clear();
        for (&id, node) in &state.nodes {
            after.nodes.insert(id, survivor(node, id, &chosen, state.sector));
        }
        remove_unreachable(&mut after);
        after.free_numbers = free_numbers(&after, &state);
        after.count_links();
        drop(state);
        Self { host: self.host, ..Self::of(after) }
    }

    /// Power cuts: each that there is, if they are at most `limit`; otherwise that many random ones, and
    /// the two in which nothing and everything is durable.
    pub fn crashes(&self, limit: usize, seed: u64) -> Crashes {
        let most: Vec<usize> = self.unsynced().iter().map(|unit| unit.versions).collect();
        let all = most.iter().try_fold(1_usize, |all, most| all.checked_mul(most + 1));
        let is_complete = all.is_some_and(|all| all <= limit);
        let left = if is_complete { all.unwrap_or(0) } else { limit + 2 };
        Crashes { disk: self.clone(), most, is_complete, left, seed, choice: None }
    }
}

/// The iterator of [`TestDisk::crashes`].
#[derive(Debug)]
pub struct Crashes {
    disk: TestDisk,
    most: Vec<usize>,
    is_complete: bool,
    left: usize,
    seed: u64,
    choice: Option<Vec<usize>>,
}

impl Crashes {
    /// Whether it goes through each power cut that there is.
    pub const fn is_complete(&self) -> bool {
        self.is_complete
    }

    fn random(&mut self, below: usize) -> usize {
        // SplitMix64.
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.seed;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let value = (value ^ (value >> 31)) >> 33;
        usize::try_from(value).unwrap_or(0) % below
    }

    fn next_choice(&mut self) -> Vec<usize> {
        let most = self.most.clone();
        match (self.choice.clone(), self.is_complete, self.left) {
            (None, ..) => vec![0; most.len()],
            (Some(_), false, 0) => most,
            (Some(_), false, _) => {
                // Some cuts lose nearly all, some nearly nothing.
                let keeps = self.random(101);
                most.iter()
                    .map(|&most| if self.random(100) < keeps { 1 + self.random(most) } else { 0 })
                    .collect()
            }
            (Some(mut choice), true, _) => {
                for (digit, &most) in choice.iter_mut().zip(&most) {
                    if *digit < most {
                        *digit += 1;
                        break;
                    }
                    *digit = 0;
                }
                choice
            }
        }
    }
}

impl Iterator for Crashes {
    type Item = TestDisk;

    fn next(&mut self) -> Option<TestDisk> {
        self.left = self.left.checked_sub(1)?;
        let choice = self.next_choice();
        let disk = self.disk.crash(&choice);
        self.choice = Some(choice);
        Some(disk)
    }
}

fn units(state: &State) -> Vec<(Unit, usize)> {
    let mut units = Vec::new();
    for (&id, node) in &state.nodes {
        for (&index, pending) in &node.sectors {
            units.push((Unit::Sector(id, index), pending.versions.len()));
        }
        if !node.lens.is_empty() {
            units.push((Unit::Len(id), node.lens.len()));
        }
        if !node.pending_attributes.is_empty() {
            units.push((Unit::Attributes(id), node.pending_attributes.len()));
        }
        units.extend((0..node.name_changes.len()).map(|index| (Unit::Name(id, index), 1)));
    }
    units
}

/// What is left of a node.
fn survivor(node: &Node, id: NodeId, chosen: &[(Unit, usize)], sector: usize) -> Node {
    let mut after =
        Node::new(node.kind, node.label.clone(), node.number, node.generation, node.born);
    (after.modified, after.changed) = (node.modified, node.changed);
    after.target.clone_from(&node.target);
    after.device_sectors = node.device_sectors;
    after.serial.clone_from(&node.serial);
    after.is_read_only = node.is_read_only;
    after.is_lower = node.is_lower;
    after.not_private.clone_from(&node.not_private);
    after.unreadable.clone_from(&node.unreadable);
    after.attributes = node.kept_attributes.clone();
    after.names = node.kept_names.clone();
    let lens_taken = chosen.iter().find_map(|&(unit, version)| match unit {
        Unit::Len(of) if of == id => Some(version),
        _ => None,
    });
    let lens = &node.lens[..lens_taken.unwrap_or(0)];
    let len = lens.last().map_or(node.kept.len(), |&(_, len)| len);
    let cut = |stamp: u64| {
        let later = lens.iter().filter(|&&(at, _)| at > stamp);
        later.map(|&(_, len)| len).min().unwrap_or(usize::MAX)
    };
    after.bytes = node.kept[..node.kept.len().min(cut(0))].to_vec();
    after.bytes.resize(len, 0);
    for &(unit, version) in chosen {
        match unit {
            Unit::Sector(of, index) if of == id && version > 0 => {
                let (stamp, content) = &node.sectors[&index].versions[version - 1];
                let start = index * sector;
                let end = (start + content.len()).min(len);
                for (at, &byte) in (start..end).zip(content) {
                    // Bytes that were cut off later do not come back.
                    after.bytes[at] = if at < cut(*stamp) { byte } else { 0 };
                }
            }
            Unit::Attributes(of) if of == id && version > 0 => {
                after.attributes = node.pending_attributes[version - 1].clone();
            }
            Unit::Name(of, index) if of == id && version > 0 => {
                node.name_changes[index].apply(&mut after.names);
            }
            _ => {}
        }
    }
    let has_data = |&index: &usize| part(&after.bytes, index, sector).iter().any(|&byte| byte != 0);
    after.allocated = (0..after.bytes.len().div_ceil(sector)).filter(has_data).collect();
    after.settle();
    after
}

fn remove_unreachable(after: &mut State) {
    let mut reached: BTreeSet<NodeId> = BTreeSet::new();
    let mut open = vec![super::state::ROOT];
    while let Some(id) = open.pop() {
        if reached.insert(id)
            && let Some(node) = after.nodes.get(&id)
        {
            open.extend(node.names.values());
        }
    }
    after.nodes.retain(|id, _| reached.contains(id));
}

fn free_numbers(after: &State, before: &State) -> std::collections::BTreeMap<u64, u32> {
    let mut free = before.free_numbers.clone();
    for node in before.nodes.values() {
        free.insert(node.number, node.generation + 1);
    }
    for node in after.nodes.values() {
        free.remove(&node.number);
    }
    free
}
