//! What other programs do. None of it has a number, and no fault meets it.

use std::ffi::OsString;
use std::path::Path;

use super::call::shown;
use super::node::{Node, NodeId};
use super::state::State;
use super::{TestDisk, TestFile};
use crate::disk::{Attributes, Facts, NodeKind, Sectors};

const PLACE: &str = "a test names a place that exists";

impl TestDisk {
    /// Changes a node, as a test does, which knows that it is there.
    pub(super) fn with_node<T>(
        &self,
        path: impl AsRef<Path>,
        act: impl FnOnce(&mut State, NodeId) -> T,
    ) -> T {
        let mut state = self.lock();
        let (id, _) = state.walk(path.as_ref(), true).expect(PLACE);
        act(&mut state, id)
    }

    fn add(&self, path: &Path, kind: NodeKind, fill: impl FnOnce(&mut Node)) {
        let mut state = self.lock();
        let (folder, name) = state.parent(path).expect(PLACE);
        let id = state.make(kind, shown(path));
        if let Some(node) = state.nodes.get_mut(&id) {
            fill(node);
            node.settle();
        }
        state.change_names(folder, String::new(), vec![(name.clone(), Some(id))]).expect(PLACE);
        if let Some(folder) = state.nodes.get_mut(&folder) {
            folder.name_changes.retain(|change| !change.what.is_empty());
            folder.kept_names.insert(name, id);
        }
        state.collect();
    }

    /// Makes a durable file, or replaces one.
    pub fn put(&self, path: impl AsRef<Path>, bytes: &[u8]) {
        let sector = self.lock().sector;
        self.add(path.as_ref(), NodeKind::File, |node| node.write(0, bytes, sector, 0));
    }

    /// Makes a durable folder.
    pub fn put_folder(&self, path: impl AsRef<Path>) {
        self.add(path.as_ref(), NodeKind::Folder, |_| {});
    }

    /// Makes a symbolic link.
    pub fn put_link(&self, path: impl AsRef<Path>, target: impl AsRef<Path>) {
        self.add(path.as_ref(), NodeKind::Link, |node| {
            target.as_ref().clone_into(&mut node.target);
        });
    }

    /// Makes a device.
    pub fn put_device(&self, path: impl AsRef<Path>, bytes: &[u8], sectors: Sectors, serial: &str) {
        let sector = self.lock().sector;
        self.add(path.as_ref(), NodeKind::Device, |node| {
            node.write(0, bytes, sector, 0);
            node.device_sectors = Some(sectors);
            serial.clone_into(&mut node.serial);
        });
    }

    /// Gives a file another name, which is durable.
    pub fn put_name(&self, path: impl AsRef<Path>, new: impl AsRef<Path>) {
        let id = self.with_node(path, |_, id| id);
        let mut state = self.lock();
        let (folder, name) = state.parent(new.as_ref()).expect(PLACE);
        if let Some(names) = state.nodes.get_mut(&folder) {
            names.names.insert(name.clone(), id);
            names.kept_names.insert(name.clone(), id);
        }
        state.count_links();
    }

    /// The bytes of a file, as everybody sees them now.
    pub fn read(&self, path: impl AsRef<Path>) -> Vec<u8> {
        self.with_node(path, |state, id| state.node(id).expect(PLACE).bytes.clone())
    }

    /// Whether a path leads to anything.
    pub fn exists(&self, path: impl AsRef<Path>) -> bool {
        self.lock().walk(path.as_ref(), true).is_ok()
    }

    /// The names in a folder, sorted.
    pub fn list(&self, path: impl AsRef<Path>) -> Vec<OsString> {
        self.with_node(path, |state, id| {
            state.node(id).expect(PLACE).names.keys().cloned().collect()
        })
    }

    /// The facts of what is at a path.
    pub fn facts_at(&self, path: impl AsRef<Path>) -> Facts {
        self.with_node(path, |state, id| state.facts(id).expect(PLACE))
    }

    /// The attributes of what is at a path.
    pub fn attributes_at(&self, path: impl AsRef<Path>) -> Attributes {
        self.with_node(path, |state, id| state.node(id).expect(PLACE).attributes.clone())
    }

    /// Sets durable attributes.
    pub fn set_attributes(&self, path: impl AsRef<Path>, attributes: &Attributes) {
        self.with_node(path, |state, id| {
            let node = state.node_mut(id).expect(PLACE);
            node.attributes = attributes.clone();
            node.kept_attributes = attributes.clone();
        });
    }

    /// Writes into a file, which may grow.
    pub fn write(&self, path: impl AsRef<Path>, at: usize, bytes: &[u8]) {
        self.with_node(path, |state, id| state.write(id, at, bytes).expect(PLACE));
    }

    /// Writes through a mapping of the file: the times of change stay.
    pub fn write_mapped(&self, path: impl AsRef<Path>, at: usize, bytes: &[u8]) {
        self.with_node(path, |state, id| {
            let sector = state.sector;
            let stamp = state.next_stamp();
            let node = state.node_mut(id).expect(PLACE);
            let len = bytes.len().min(node.bytes.len().saturating_sub(at));
            node.write(at, &bytes[..len], sector, stamp);
        });
    }

    /// Writes to the end of a file.
    pub fn append(&self, path: impl AsRef<Path>, bytes: &[u8]) {
        let len = self.read(&path).len();
        self.write(path, len, bytes);
    }

    /// Cuts a file, or extends it by a hole.
    pub fn cut(&self, path: impl AsRef<Path>, len: usize) {
        self.with_node(path, |state, id| state.set_len(id, len).expect(PLACE));
    }

    /// Puts another file in the place of one, as programs do that save by renaming. It is not durable.
    pub fn replace(&self, path: impl AsRef<Path>, bytes: &[u8]) {
        let path = path.as_ref();
        let mut state = self.lock();
        let (folder, name) = state.parent(path).expect(PLACE);
        let id = state.make(NodeKind::File, shown(path));
        state.write(id, 0, bytes).expect(PLACE);
        let what = format!("replacement of {}", shown(path));
        state.change_names(folder, what, vec![(name, Some(id))]).expect(PLACE);
    }

    /// Removes a name. That is not durable.
    pub fn unlink(&self, path: impl AsRef<Path>) {
        let path = path.as_ref();
        let mut state = self.lock();
        let (folder, name) = state.parent(path).expect(PLACE);
        let what = format!("removal of {}", shown(path));
        state.change_names(folder, what, vec![(name, None)]).expect(PLACE);
    }

    /// Opens a file for writing and keeps it open. It breaks a lease on the file.
    pub fn open_for_writing(&self, path: impl AsRef<Path>) -> TestFile {
        let mut state = self.lock();
        let (id, _) = state.walk(path.as_ref(), true).expect(PLACE);
        self.open_node(&mut state, id, true).expect(PLACE)
    }

    /// Makes everything durable.
    pub fn settle(&self) {
        let mut state = self.lock();
        state.nodes.values_mut().for_each(Node::settle);
        state.collect();
    }
}
