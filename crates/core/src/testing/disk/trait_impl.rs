use std::ffi::{OsStr, OsString};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::call::shown;
use super::files::{CAPABILITY, to_usize};
use super::node::{NodeId, sectors_of};
use super::state::{ROOT, State};
use super::{CallKind, TestDisk, TestFile, TestFolder, TestLease};
use crate::disk::{
    Attributes, Disk, Facts, InUse, LeaseOf, NodeKind, NotKept, Process, Room, Writers,
};
use crate::widen;

impl TestDisk {
    fn node_label(&self, file: &TestFile) -> String {
        self.label(file.node)
    }

    /// The path of a name in a folder.
    fn path_in(&self, folder: &TestFolder, name: &OsStr) -> String {
        shown(&Path::new(&self.label(folder.0.node)).join(name))
    }

    /// The node of a name; a link is not followed.
    fn named(state: &State, folder: &TestFolder, name: &OsStr) -> io::Result<NodeId> {
        let found = state.node(folder.0.node)?.names.get(name).copied();
        found.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn changed_attributes(
        &self,
        kind: CallKind,
        file: &TestFile,
        change: impl FnOnce(&mut Attributes),
    ) -> io::Result<Vec<NotKept>> {
        let mut entered = self.enter(kind, &self.node_label(file), String::new)?;
        let now = entered.state.tick();
        let not_kept = entered.state.can.not_kept.clone();
        let node = entered.state.node_mut(file.node)?;
        change(&mut node.attributes);
        for lost in &not_kept {
            match lost {
                NotKept::Owner { .. } => node.attributes.owner = None,
                NotKept::Mode { .. } => node.attributes.mode = Some(0o600),
                NotKept::Extended { name } => node.attributes.extended.retain(|(at, _)| at != name),
                NotKept::Flags => node.attributes.flags = None,
                NotKept::Project { .. } => node.attributes.project = None,
                NotKept::Unseen => {}
            }
        }
        node.pending_attributes.push(node.attributes.clone());
        node.changed = now;
        Ok(not_kept)
    }

    fn make_folder(&self, folder: NodeId, name: &OsStr, path: &Path) -> io::Result<NodeId> {
        let mut entered = self.enter(CallKind::MakeFolder, &shown(path), String::new)?;
        let id = entered.state.make(NodeKind::Folder, shown(path));
        let what = format!("name of folder {}", shown(path));
        entered.state.change_names(folder, what, vec![(name.to_owned(), Some(id))])?;
        Ok(id)
    }

    fn sync_names(&self, folder: NodeId) -> io::Result<()> {
        let mut entered = self.enter(CallKind::SyncFolder, &self.label(folder), String::new)?;
        entered.state.node_mut(folder)?.sync_names();
        entered.state.collect();
        Ok(())
    }
}

impl Disk for TestDisk {
    type File = TestFile;
    type Folder = TestFolder;
    type Lease = TestLease;

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        let entered = self.enter(CallKind::Resolve, &shown(path), String::new)?;
        entered.state.walk(path, true).map(|(_, path)| path)
    }

    fn open(&self, path: &Path, writes: bool) -> io::Result<TestFile> {
        let mut entered = self.enter(CallKind::Open, &shown(path), String::new)?;
        let (id, _) = entered.state.walk(path, true)?;
        if entered.state.node(id)?.kind == NodeKind::Folder {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let id = entered.state.check_open(id, writes)?;
        self.open_node(&mut entered.state, id, writes)
    }

    fn open_device(&self, path: &Path) -> io::Result<TestFile> {
        let mut entered = self.enter(CallKind::OpenDevice, &shown(path), String::new)?;
        let (id, _) = entered.state.walk(path, true)?;
        let node = entered.state.node(id)?;
        if node.kind != NodeKind::Device {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if node.in_use.is_some() || node.exclusive.is_some() {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        let id = entered.state.check_open(id, true)?;
        let file = self.open_node(&mut entered.state, id, true)?;
        entered.state.node_mut(id)?.exclusive = Some((file.id, self.process));
        drop(entered);
        Ok(file)
    }

    fn look(&self, path: &Path) -> io::Result<Facts> {
        let entered = self.enter(CallKind::Look, &shown(path), String::new)?;
        let (id, _) = entered.state.walk(path, true)?;
        entered.state.facts(id)
    }

    fn facts(&self, file: &TestFile) -> io::Result<Facts> {
        let entered = self.enter(CallKind::Facts, &self.node_label(file), String::new)?;
        entered.state.facts(file.node)
    }

    fn read_at(&self, file: &TestFile, out: &mut [u8], at: u64) -> io::Result<usize> {
        self.read_from(file, out, at)
    }

    fn write_at(&self, file: &TestFile, bytes: &[u8], at: u64) -> io::Result<usize> {
        self.write_to(file, bytes, at)
    }

    fn set_len(&self, file: &TestFile, len: u64) -> io::Result<()> {
        let mut entered =
            self.enter(CallKind::SetLen, &self.node_label(file), || format!("{len}"))?;
        entered.state.set_len(file.node, to_usize(len)?)
    }

    fn sync(&self, file: &TestFile, is_all: bool) -> io::Result<()> {
        let with = || if is_all { "all" } else { "data" }.to_owned();
        let mut entered = self.enter(CallKind::Sync, &self.node_label(file), with)?;
        let sector = entered.state.sector;
        entered.state.node_mut(file.node)?.sync(is_all, sector);
        Ok(())
    }

    fn try_lock(&self, file: &TestFile) -> io::Result<bool> {
        let mut entered = self.enter(CallKind::Lock, &self.node_label(file), String::new)?;
        if !entered.state.can.lock {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let node = entered.state.node_mut(file.node)?;
        let is_free = node.lock.is_none_or(|(owner, _)| owner == file.id);
        if is_free {
            node.lock = Some((file.id, self.process));
        }
        Ok(is_free)
    }

    fn unlock(&self, file: &TestFile) {
        if let Ok(node) = self.lock().node_mut(file.node) {
            node.lock = node.lock.filter(|&(owner, _)| owner != file.id);
        }
    }

    fn data(&self, file: &TestFile, range: Range<u64>) -> io::Result<Vec<Range<u64>>> {
        let entered = self.enter(CallKind::Data, &self.node_label(file), String::new)?;
        let node = entered.state.node(file.node)?;
        let range = range.start..range.end.min(widen(node.bytes.len()));
        entered.state.runs(&range, |index| node.allocated.contains(&index))
    }

    fn room(&self, file: &TestFile, ranges: &[Range<u64>]) -> io::Result<Room> {
        let entered = self.enter(CallKind::Room, &self.node_label(file), String::new)?;
        entered.state.room(file.node, ranges)
    }

    fn make_room(&self, file: &TestFile, ranges: &[Range<u64>]) -> io::Result<()> {
        let with = || format!("{ranges:?}");
        let mut entered = self.enter(CallKind::MakeRoom, &self.node_label(file), with)?;
        entered.state.make_room(file.node, ranges)
    }

    fn reserve(&self, file: &TestFile, len: u64) -> io::Result<()> {
        let mut entered =
            self.enter(CallKind::Reserve, &self.node_label(file), || format!("{len}"))?;
        if !entered.state.can.reserve {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let len = to_usize(len)?;
        let (holes, _) = entered.state.missing(file.node, 0, len)?;
        entered.state.take_room(holes)?;
        let sector = entered.state.sector;
        let node = entered.state.node_mut(file.node)?;
        let new = sectors_of(0, len, sector).filter(|index| !node.allocated.contains(index));
        let new: Vec<usize> = new.collect();
        node.reserved.extend(new);
        Ok(())
    }

    fn share(&self, from: &TestFile, range: Range<u64>, to: &TestFile, at: u64) -> io::Result<u64> {
        let with = || format!("{range:?} at {at}");
        let mut entered = self.enter(CallKind::Share, &self.node_label(to), with)?;
        entered.state.share(from.node, &range, to.node, at)
    }

    fn copy(&self, from: &TestFile, range: Range<u64>, to: &TestFile, at: u64) -> io::Result<u64> {
        let with = || format!("{range:?} at {at}");
        let mut entered = self.enter(CallKind::Copy, &self.node_label(to), with)?;
        if !entered.state.can.copy {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let source = entered.state.node(from.node)?;
        let end = range.end.min(widen(source.bytes.len()));
        let most = entered.state.can.copy_max.min(widen(entered.most));
        let end = end.min(range.start.saturating_add(most));
        if range.start >= end {
            return Ok(0);
        }
        let bytes = source.bytes[to_usize(range.start)?..to_usize(end)?].to_vec();
        entered.state.write(to.node, to_usize(at)?, &bytes).map(widen)
    }

    fn lease(&self, file: &TestFile) -> LeaseOf<TestLease> {
        self.take_lease(file)
    }

    fn writers(&self, file: &TestFile) -> Writers {
        self.other_writers(file)
    }

    fn in_use(&self, file: &TestFile) -> io::Result<Option<InUse>> {
        let entered = self.enter(CallKind::InUse, &self.node_label(file), String::new)?;
        Ok(entered.state.node(file.node)?.in_use.clone())
    }

    fn is_in_memory(&self, _: &TestFile) -> bool {
        self.lock().can.be_in_memory
    }

    fn attributes(&self, file: &TestFile) -> io::Result<Attributes> {
        let entered = self.enter(CallKind::Attributes, &self.node_label(file), String::new)?;
        Ok(entered.state.node(file.node)?.attributes.clone())
    }

    fn give(&self, file: &TestFile, attributes: &Attributes) -> io::Result<Vec<NotKept>> {
        self.changed_attributes(CallKind::Give, file, |now| now.clone_from(attributes))
    }

    fn give_back(&self, file: &TestFile, attributes: &Attributes) -> io::Result<Vec<NotKept>> {
        self.changed_attributes(CallKind::GiveBack, file, |now| {
            now.mode = attributes.mode;
            now.extended.retain(|(name, _)| name != CAPABILITY);
            let given = attributes.extended.iter().filter(|(name, _)| name == CAPABILITY);
            now.extended.extend(given.cloned());
        })
    }

    fn folder(&self, path: &Path) -> io::Result<TestFolder> {
        let mut entered = self.enter(CallKind::Folder, &shown(path), String::new)?;
        let (id, _) = entered.state.walk(path, true)?;
        if entered.state.node(id)?.kind != NodeKind::Folder {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        self.open_node(&mut entered.state, id, false).map(TestFolder)
    }

    fn private_folder(&self, path: &Path) -> io::Result<TestFolder> {
        drop(self.enter(CallKind::PrivateFolder, &shown(path), String::new)?);
        let mut at = PathBuf::from("/");
        let mut folder = ROOT;
        let mut made = Vec::new();
        for part in path.components().skip(1) {
            at.push(part);
            let found = self.lock().walk(&at, true);
            folder = match found {
                Ok((id, _)) => id,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    made.push(folder);
                    self.make_folder(folder, part.as_os_str(), &at)?
                }
                Err(error) => return Err(error),
            };
        }
        // The innermost first, so that no name is durable that leads to nothing.
        for parent in made.into_iter().rev() {
            self.sync_names(parent)?;
        }
        if let Some(why) = &self.lock().node(folder)?.not_private {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why.clone()));
        }
        self.folder(&at)
    }

    fn names(&self, folder: &TestFolder) -> io::Result<Vec<OsString>> {
        let entered = self.enter(CallKind::Names, &self.label(folder.0.node), String::new)?;
        Ok(entered.state.node(folder.0.node)?.names.keys().cloned().collect())
    }

    fn create(&self, folder: &TestFolder, name: &OsStr) -> io::Result<TestFile> {
        let path = self.path_in(folder, name);
        let mut entered = self.enter(CallKind::Create, &path, String::new)?;
        let state = &mut entered.state;
        if state.node(folder.0.node)?.names.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let what = format!("name of {path}");
        let id = state.make(NodeKind::File, path);
        let node = state.node_mut(id)?;
        node.attributes.mode = Some(0o600);
        node.kept_attributes.mode = Some(0o600);
        state.change_names(folder.0.node, what, vec![(name.to_owned(), Some(id))])?;
        self.open_node(state, id, true)
    }

    fn open_in(&self, folder: &TestFolder, name: &OsStr, writes: bool) -> io::Result<TestFile> {
        let path = self.path_in(folder, name);
        let mut entered = self.enter(CallKind::OpenIn, &path, String::new)?;
        let id = Self::named(&entered.state, folder, name)?;
        if entered.state.node(id)?.kind == NodeKind::Link {
            return Err(io::Error::other("too many symbolic links"));
        }
        let id = entered.state.check_open(id, writes)?;
        self.open_node(&mut entered.state, id, writes)
    }

    fn look_in(&self, folder: &TestFolder, name: &OsStr) -> io::Result<Option<Facts>> {
        let path = self.path_in(folder, name);
        let entered = self.enter(CallKind::LookIn, &path, String::new)?;
        match Self::named(&entered.state, folder, name) {
            Ok(id) => entered.state.facts(id).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn exchange(&self, folder: &TestFolder, one: &OsStr, other: &OsStr) -> io::Result<()> {
        let path = self.path_in(folder, one);
        let with = || format!("with {}", other.display());
        let mut entered = self.enter(CallKind::Exchange, &path, with)?;
        if !entered.state.can.exchange {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let first = Self::named(&entered.state, folder, one)?;
        let second = Self::named(&entered.state, folder, other)?;
        let sets = vec![(one.to_owned(), Some(second)), (other.to_owned(), Some(first))];
        let what = format!("exchange of {path}");
        entered.state.change_names(folder.0.node, what, sets)
    }

    fn rename(&self, folder: &TestFolder, from: &OsStr, to: &OsStr) -> io::Result<()> {
        let path = self.path_in(folder, from);
        let with = || format!("to {}", to.display());
        let mut entered = self.enter(CallKind::Rename, &path, with)?;
        entered.state.move_name(folder.0.node, from, to)
    }

    fn rename_new(&self, folder: &TestFolder, from: &OsStr, to: &OsStr) -> io::Result<()> {
        let path = self.path_in(folder, from);
        let with = || format!("to {}", to.display());
        let mut entered = self.enter(CallKind::RenameNew, &path, with)?;
        if entered.state.node(folder.0.node)?.names.contains_key(to) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        entered.state.move_name(folder.0.node, from, to)
    }

    fn remove(&self, folder: &TestFolder, name: &OsStr) -> io::Result<()> {
        let path = self.path_in(folder, name);
        let mut entered = self.enter(CallKind::Remove, &path, String::new)?;
        Self::named(&entered.state, folder, name)?;
        let sets = vec![(name.to_owned(), None)];
        entered.state.change_names(folder.0.node, format!("removal of {path}"), sets)
    }

    fn sync_folder(&self, folder: &TestFolder) -> io::Result<()> {
        self.sync_names(folder.0.node)
    }

    fn this_process(&self) -> Process {
        Process {
            host: self.host.to_owned(),
            boot: format!("boot {}", self.lock().boot),
            id: self.process,
            started: u64::from(self.process) * 10,
            user: 1000,
        }
    }

    fn runs(&self, process: &Process) -> Option<bool> {
        let state = self.lock();
        (process.host == self.host).then(|| {
            process.boot == format!("boot {}", state.boot)
                && process.started == u64::from(process.id) * 10
                && process.id < state.next_process
                && !state.dead.contains(&process.id)
        })
    }
}

impl State {
    fn move_name(&mut self, folder: NodeId, from: &OsStr, to: &OsStr) -> io::Result<()> {
        let found = self.node(folder)?.names.get(from).copied();
        let id = found.ok_or(io::ErrorKind::NotFound)?;
        let what = format!("rename of {} to {}", from.display(), to.display());
        self.change_names(folder, what, vec![(from.to_owned(), None), (to.to_owned(), Some(id))])
    }
}
