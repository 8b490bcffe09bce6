//! What is there before a call, and what has become of it.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use memmap::array::npy::Header;
use memmap::array::{DType, Order};
use tempfile::TempDir;

use crate::table::number;

/// A user who may do little (and has that number everywhere).
pub(crate) const NOBODY: u32 = 65_534;

/// A directory with what a row says is there.
pub(crate) struct World {
    directory: TempDir,
    /// The path that is called with.
    pub(crate) path: PathBuf,
    /// Whether the call is to be made by a user who may not do everything.
    pub(crate) by_nobody: bool,
    /// The longest file that the process may make.
    pub(crate) limit: Option<u64>,
}

/// What is known about one name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    content: Content,
    permissions: u32,
    inode: u64,
    modified: SystemTime,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Bytes(Vec<u8>),
    Link(PathBuf),
    Directory,
    Other,
}

/// Everything in a directory, and in those inside it.
pub(crate) type Snapshot = BTreeMap<PathBuf, Entry>;

impl World {
    /// Makes what a row says is there.
    pub(crate) fn new(before: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data");
        let mut world = Self { directory, path, by_nobody: false, limit: None };
        make_file(&world.directory.path().join("neighbour"), 40);
        let mut words = before.split(", ");
        world.make(words.next().unwrap_or_default());
        for word in words {
            match word.split_once(' ') {
                Some(("limit", len)) => world.limit = Some(number(len)),
                None if word == "read-only" => {
                    fs::set_permissions(&world.path, Permissions::from_mode(0o444)).unwrap();
                    world.by_nobody = true;
                }
                Some(_) if word == "in a closed directory" => {
                    world.set_permissions(0o555);
                    world.by_nobody = true;
                }
                _ => panic!("{word:?} is nothing that can be there"),
            }
        }
        // Root may do everything; who is not root is nobody in particular already.
        world.by_nobody &= world.directory.path().metadata().unwrap().uid() == 0;
        if world.by_nobody {
            let inside = snapshot(world.directory.path()).into_keys();
            for path in inside.chain([PathBuf::new()]) {
                chown(world.directory.path().join(path), Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        world
    }

    fn make(&mut self, word: &str) {
        let beside = |name: &str| self.directory.path().join(name);
        if let Some(target) = word.strip_prefix("link to ") {
            let link = self.path.clone();
            match target.split_once(' ') {
                None if target == "nothing" => symlink("target", link).unwrap(),
                None if target == "itself" => symlink("data", link).unwrap(),
                Some(_) if target == "missing directory" => symlink("missing/x", link).unwrap(),
                _ => {
                    symlink("target", link).unwrap();
                    make_simple(&beside("target"), target);
                }
            }
        } else if word == "missing directory" {
            self.path = beside("missing").join("data");
        } else if word == "below a file" {
            self.path = beside("neighbour").join("data");
        } else {
            make_simple(&self.path, word);
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        snapshot(self.directory.path())
    }

    /// The name of the file that is called with, where its link leads.
    pub(crate) fn name(&self) -> PathBuf {
        let path = fs::read_link(&self.path).unwrap_or_else(|_| self.path.clone());
        path.file_name().unwrap().into()
    }

    fn set_permissions(&self, bits: u32) {
        fs::set_permissions(self.directory.path(), Permissions::from_mode(bits)).unwrap();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A closed directory cannot be emptied.
        self.set_permissions(0o700);
    }
}

fn make_simple(path: &Path, word: &str) {
    match word.split_once(' ') {
        Some(("file", len)) => make_file(path, number(len)),
        Some(("npy", of)) => make_npy(path, of),
        None if word == "nothing" => {}
        None if word == "directory" => {
            fs::create_dir(path).unwrap();
            make_file(&path.join("inside"), 40);
        }
        None if word == "pipe" => {
            assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
        }
        _ => panic!("{word:?} is nothing that can be there"),
    }
}

/// A file of bytes that are all known, and not changed for a long time.
fn make_file(path: &Path, len: u64) {
    let bytes: Vec<u8> = (0..len).map(|at| u8::try_from(at % 251).unwrap() | 1).collect();
    write_long_ago(path, &bytes);
}

fn write_long_ago(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
}

/// What `numpy.save` makes of so many single bytes, as `of 4000`, and what is left, as `cut to 128`.
fn make_npy(path: &Path, of: &str) {
    let of = of.strip_prefix("of ").unwrap();
    let (count, cut) =
        of.split_once(" cut to ").map_or((of, None), |(count, to)| (count, Some(to)));
    let count = usize::try_from(number(count)).unwrap();
    let mut bytes = Header::new(DType::U1, Order::C, &[count]).unwrap().to_bytes().unwrap();
    bytes.extend((0..=u8::MAX).map(|at| at | 1).cycle().take(count));
    bytes.truncate(cut.map_or(usize::MAX, |to| number(to).try_into().unwrap()));
    write_long_ago(path, &bytes);
}

fn snapshot(root: &Path) -> Snapshot {
    let mut found = Snapshot::new();
    let mut directories = vec![PathBuf::new()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(root.join(&directory)).unwrap() {
            let name = directory.join(entry.unwrap().file_name());
            let path = root.join(&name);
            let metadata = fs::symlink_metadata(&path).unwrap();
            let content = if metadata.is_file() {
                Content::Bytes(fs::read(&path).unwrap())
            } else if metadata.is_symlink() {
                Content::Link(fs::read_link(&path).unwrap())
            } else if metadata.is_dir() {
                directories.push(name.clone());
                Content::Directory
            } else {
                Content::Other
            };
            let permissions = metadata.mode() & 0o7777;
            let modified = metadata.modified().unwrap();
            found.insert(name, Entry { content, permissions, inode: metadata.ino(), modified });
        }
    }
    found
}

/// What is not as it was, a sentence each.
pub(crate) fn changes(before: &Snapshot, after: &Snapshot) -> Vec<String> {
    let mut changes = Vec::new();
    for (name, was) in before {
        match after.get(name) {
            Some(is) => changes.extend(changes_of(was, is).map(|it| format!("{name:?}: {it}"))),
            None => changes.push(format!("{name:?}: gone")),
        }
    }
    let new = after.iter().filter(|(name, _)| !before.contains_key(*name));
    changes.extend(new.map(|(name, is)| format!("{name:?}: created, {}", is.content.describe())));
    changes
}

fn changes_of(was: &Entry, is: &Entry) -> impl Iterator<Item = String> {
    let content = (was.content != is.content).then(|| match (&was.content, &is.content) {
        (Content::Bytes(old), Content::Bytes(new)) if old.len() != new.len() => {
            format!("{} → {} bytes", old.len(), new.len())
        }
        (_, new) => format!("other content, {}", new.describe()),
    });
    let bits = (was.permissions != is.permissions)
        .then(|| format!("mode {:o} → {:o}", was.permissions, is.permissions));
    let inode = (was.inode != is.inode).then(|| "another file of that name".to_owned());
    let modified = (was.modified != is.modified).then(|| "time of change".to_owned());
    [content, bits, inode, modified].into_iter().flatten()
}

impl Content {
    fn describe(&self) -> String {
        match self {
            Self::Bytes(bytes) => format!("{} bytes", bytes.len()),
            other => format!("{other:?}"),
        }
    }
}

/// What is not as it should be, after a call has made `name` a file of `len` bytes: those of `begin`, or
/// else those it had; and zeros.
pub(crate) fn changes_beside(
    before: &Snapshot,
    after: &Snapshot,
    name: &Path,
    len: u64,
    begin: Option<&[u8]>,
) -> Vec<String> {
    let Some(is) = after.get(name) else { return vec![format!("{name:?}: missing")] };
    let mut bytes = match (begin, before.get(name).map(|was| &was.content)) {
        (Some(begin), _) => begin.to_vec(),
        (None, Some(Content::Bytes(bytes))) => bytes.clone(),
        (None, _) => Vec::new(),
    };
    bytes.resize(usize::try_from(len).unwrap(), 0);
    let mut expected = before.clone();
    let permissions = before.get(name).map_or(is.permissions, |was| was.permissions);
    let entry = Entry { content: Content::Bytes(bytes), permissions, ..is.clone() };
    expected.insert(name.to_owned(), entry);
    changes(&expected, after)
}
