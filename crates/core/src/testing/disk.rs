//! A disk of tests, whose power can be cut: [`TestDisk`].

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test that goes beyond a bound is to fail"
)]

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

mod call;
mod crash;
mod files;
mod map;
mod node;
mod others;
mod settings;
mod state;
mod trait_impl;

pub use call::{At, Call, CallKind, DiskFault, Times};
pub use crash::{Crashes, Unsynced};
pub use files::TestLease;
pub use map::TestMap;
use node::NodeId;
use state::State;

/// A file system in memory that a process uses, with faults on demand.
///
/// A clone is the same process on the same disk. The disk has two halves. What is written is in the volatile
/// half, which all processes see, and which survives the end of a process. [`sync`](crate::disk::Disk::sync)
/// brings the bytes of a file to the durable half, and [`sync_folder`](crate::disk::Disk::sync_folder) the
/// names of a folder. [`crash`](Self::crash) is a power cut: it makes another disk of the durable half and
/// any part of what was not synced. It is nastier than ext4, xfs and btrfs: sectors, lengths, attributes and
/// names that were not synced are independent of each other, and the names of a file and its bytes too.
///
/// Each call that changes something has a number, and so a test can go through all of them: it
/// [stops](Self::stop_after) the process there, makes a call [fail](Self::fail), or lets another program
/// [do something](Self::before) first.
///
/// # Examples
/// ```
/// use std::path::Path;
/// use memmap_core::disk::Disk;
/// use memmap_core::testing::TestDisk;
///
/// let disk = TestDisk::new(4);
/// disk.put("/file", b"old bytes");
/// let file = disk.open(Path::new("/file"), true)?;
/// disk.write_at(&file, b"new", 0)?;
/// assert_eq!(disk.read("/file"), b"new bytes");
/// assert_eq!(disk.crash(&[0]).read("/file"), b"old bytes");
/// disk.sync(&file, true)?;
/// assert!(disk.unsynced().is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct TestDisk {
    state: Arc<Mutex<State>>,
    process: u32,
    host: &'static str,
}

/// An open file of a [`TestDisk`].
#[derive(Debug)]
pub struct TestFile {
    disk: TestDisk,
    node: NodeId,
    /// The number of this open file: locks belong to it.
    id: u64,
    can_write: bool,
}

/// An open folder of a [`TestDisk`].
#[derive(Debug)]
pub struct TestFolder(TestFile);

/// A call that may go on.
struct Entered<'a> {
    state: MutexGuard<'a, State>,
    /// What it reads, writes or copies at most.
    most: usize,
    /// Whether the process ends in this call.
    ends: bool,
}

impl TestDisk {
    /// An empty disk with sectors of this many bytes, used by the first process of a host.
    pub fn new(sector: usize) -> Self {
        Self::of(State::new(sector.max(1)))
    }

    fn of(mut state: State) -> Self {
        let process = state.next_process;
        state.next_process += 1;
        Self { state: Arc::new(Mutex::new(state)), process, host: "host" }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another process on the same disk.
    #[must_use]
    pub fn other_process(&self) -> Self {
        let mut state = self.lock();
        let process = state.next_process;
        state.next_process += 1;
        Self { state: Arc::clone(&self.state), process, host: self.host }
    }

    /// A process of another host on the same disk, as by NFS.
    #[must_use]
    pub fn on_host(&self, host: &'static str) -> Self {
        Self { host, ..self.other_process() }
    }

    /// The calls that changed something, or tried to, of all processes.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// The number that the next call gets which changes something.
    pub fn call_count(&self) -> usize {
        self.lock().calls.len()
    }

    /// Ends the process before its call `number`: from then on each of its calls fails, and its locks and
    /// leases are gone. What it wrote is there.
    pub fn stop_after(&self, number: usize) {
        self.lock().stops.insert(self.process, (number, None));
    }

    /// Ends the process within its call `number`, if that writes, after this many bytes.
    pub fn stop_within(&self, number: usize, bytes: usize) {
        self.lock().stops.insert(self.process, (number, Some(bytes)));
    }

    /// Ends the process now.
    pub fn kill(&self) {
        Self::end(&mut self.lock(), self.process);
    }

    /// Whether the process was ended.
    pub fn is_killed(&self) -> bool {
        self.lock().dead.contains(&self.process)
    }

    fn end(state: &mut State, process: u32) {
        state.dead.insert(process);
        for node in state.nodes.values_mut() {
            node.lock = node.lock.filter(|&(_, owner)| owner != process);
            node.exclusive = node.exclusive.filter(|&(_, owner)| owner != process);
            node.open_for_writing.retain(|&(_, owner)| owner != process);
            node.leases.retain(|&(owner, _)| owner != process);
        }
    }

    /// Makes selected calls of all processes fail. A failed sync is final for what was not synced: the next
    /// one succeeds and the durable half stays as it was.
    pub fn fail(&self, at: At, fault: DiskFault, times: Times) {
        self.lock().faults.push((at, fault, times));
    }

    /// Ends all faults.
    pub fn heal(&self) {
        self.lock().faults.clear();
    }

    /// Calls a function before the first selected call. It is what another program does then.
    pub fn before(&self, at: At, act: impl FnOnce(&Self) + Send + 'static) {
        self.lock().hooks.push((at, Box::new(act)));
    }

    /// What each call does first: it ends with the process, lets other programs act, and fails on demand.
    fn enter(
        &self,
        kind: CallKind,
        on: &str,
        with: impl FnOnce() -> String,
    ) -> io::Result<Entered<'_>> {
        let mut state = self.lock();
        let number = kind.changes().then_some(state.calls.len());
        let mut within = None;
        if let (Some(number), Some(&(stop, bytes))) = (number, state.stops.get(&self.process))
            && number >= stop
        {
            match bytes.filter(|_| kind == CallKind::Write && number == stop) {
                Some(bytes) => within = Some(bytes),
                None => Self::end(&mut state, self.process),
            }
        }
        if state.dead.contains(&self.process) {
            return Err(killed());
        }
        if let Some(number) = number {
            let call =
                Call { number, process: self.process, kind, on: on.to_owned(), with: with() };
            state.calls.push(call);
        }
        let selects = |at: &At| at.selects(kind, on, number);
        while let Some(index) = state.hooks.iter().position(|(at, _)| selects(at)) {
            let (_, act) = state.hooks.remove(index);
            drop(state);
            act(&self.other_process());
            state = self.lock();
        }
        let mut most = within.unwrap_or(usize::MAX);
        if let Some(index) = state.faults.iter().position(|(at, ..)| selects(at)) {
            let (_, fault, times) = state.faults[index].clone();
            if times == Times::Once {
                state.faults.remove(index);
            }
            if let Some(error) = fault.error() {
                state.fail_sync(kind, on);
                return Err(error);
            }
            if let DiskFault::Short(bytes) = fault {
                most = most.min(bytes);
            }
        }
        Ok(Entered { state, most, ends: within.is_some() })
    }

    fn open_node(&self, state: &mut State, node: NodeId, can_write: bool) -> io::Result<TestFile> {
        let id = state.next_open;
        state.next_open += 1;
        let opened = state.node_mut(node)?;
        opened.opens += 1;
        if can_write {
            opened.open_for_writing.push((id, self.process));
            for (owner, is_breaking) in &opened.leases {
                if *owner != self.process {
                    is_breaking.store(true, std::sync::atomic::Ordering::SeqCst);
                }
            }
        }
        Ok(TestFile { disk: self.clone(), node, id, can_write })
    }

    fn label(&self, node: NodeId) -> String {
        self.lock().nodes.get(&node).map_or_else(String::new, |node| node.label.clone())
    }
}

impl State {
    fn fail_sync(&mut self, kind: CallKind, on: &str) {
        for node in self.nodes.values_mut().filter(|node| node.label == on) {
            match kind {
                CallKind::Sync => node.lose_dirtiness(),
                CallKind::SyncFolder => {
                    node.name_changes.iter_mut().for_each(|change| change.is_dirty = false);
                }
                _ => {}
            }
        }
    }
}

impl Entered<'_> {
    /// Ends the process, if it is to end in this call.
    fn leave(mut self, process: u32) -> io::Result<()> {
        if self.ends {
            TestDisk::end(&mut self.state, process);
            return Err(killed());
        }
        Ok(())
    }
}

fn killed() -> io::Error {
    io::Error::other("the process was killed")
}

impl Drop for TestFile {
    fn drop(&mut self) {
        let mut state = self.disk.lock();
        let id = self.id;
        if let Some(node) = state.nodes.get_mut(&self.node) {
            node.opens -= 1;
            node.lock = node.lock.filter(|&(owner, _)| owner != id);
            node.exclusive = node.exclusive.filter(|&(owner, _)| owner != id);
            node.open_for_writing.retain(|&(owner, _)| owner != id);
        }
        state.collect();
    }
}

impl fmt::Debug for TestDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestDisk").field("process", &self.process).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
