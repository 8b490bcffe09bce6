use std::collections::hash_map::RandomState;
use std::ffi::{OsStr, OsString};
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use memmap_core::disk::{Disk, Facts, NodeKind, Process};
use memmap_core::widen;

use super::frame::Session;
use super::reader::{End, EndedBy, Reader, read_exact};
use super::{Header, Journal, JournalError, JournalOptions, Record, Standing, Summary};
use crate::exact;
use crate::lock::Lockable;

/// The folder of all journals of a user.
#[derive(Debug)]
pub struct Journals<D: Disk> {
    disk: D,
    path: PathBuf,
    folder: D::Folder,
}

/// A journal in the folder.
#[derive(Debug)]
#[non_exhaustive]
pub struct Listed {
    /// The name of its file.
    pub name: OsString,
    /// Its header, if it has one that can be read.
    pub header: Option<Header>,
    /// What it is.
    pub standing: Standing,
    /// What its records say; `None` if they were not read.
    pub summary: Option<Summary>,
    /// How it ends; `None` if its records were not read.
    pub end: Option<End>,
    /// When it was written last.
    pub modified: Option<SystemTime>,
}

/// Whether an open file may be used by this process alone.
enum Hold {
    Held,
    Locked,
    /// Locks do not work here.
    Unknown,
}

/// How often a journal is begun anew because its name is taken, or because a process that removes old ones
/// was faster.
const ATTEMPTS: usize = 16;

/// How long a journal is waited for that another process only looks at.
const LOOK_MAX: Duration = Duration::from_secs(10);

impl<D: Disk> Journals<D> {
    /// Opens the folder, and makes it if it does not exist.
    ///
    /// # Errors
    /// [`JournalError::Io`] with a text that says why, if others could change what is in it.
    pub fn open(disk: D, path: impl Into<PathBuf>) -> Result<Self, JournalError> {
        let path = path.into();
        let opened = disk.private_folder(&path);
        let folder = opened.map_err(JournalError::io("open the folder of"))?;
        let path = disk.resolve(&path).map_err(JournalError::io("open the folder of"))?;
        Ok(Self { disk, path, folder })
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) const fn disk(&self) -> &D {
        &self.disk
    }

    pub(super) const fn handle(&self) -> &D::Folder {
        &self.folder
    }

    /// Makes the journal of a session that edits the file with this canonical path and these facts. It is
    /// durable and locked when this returns.
    ///
    /// # Errors
    /// [`JournalError::OnEditedDevice`], [`JournalError::EditsJournal`], [`JournalError::Io`]. No file is left
    /// then, if it can be removed.
    pub fn create(
        &self,
        path: &Path,
        file: &Facts,
        options: JournalOptions,
    ) -> Result<Journal<D>, JournalError> {
        self.check_place(path, file)?;
        self.sync_parents()?;
        for _ in 0..ATTEMPTS {
            let session = new_session(&self.disk.this_process());
            let name = name_of(path, session);
            match self.disk.create(&self.folder, &name) {
                Ok(made) => {
                    let header = Header {
                        session,
                        process: self.disk.this_process(),
                        path: path.as_os_str().as_encoded_bytes().to_vec(),
                        file: file.clone(),
                    };
                    match self.begin(made, &name, header, options) {
                        Ok(Some(journal)) => return Ok(journal),
                        Ok(None) => {}
                        Err(error) => {
                            // A file without a header is removed later, too.
                            drop(self.disk.remove(&self.folder, &name));
                            return Err(error);
                        }
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(JournalError::io("make")(error)),
            }
        }
        Err(JournalError::InUse)
    }

    /// What is edited must not change by what is written here.
    fn check_place(&self, path: &Path, file: &Facts) -> Result<(), JournalError> {
        let failed = || JournalError::io("look at the folder of");
        let folder = self.disk.look(&self.path).map_err(failed())?;
        if file.kind == NodeKind::Device && file.device == folder.device {
            return Err(JournalError::OnEditedDevice);
        }
        if let Some(parent) = path.parent() {
            match self.disk.look(parent) {
                Ok(parent) if parent.is_same_file(&folder) => {
                    return Err(JournalError::EditsJournal);
                }
                Ok(_) => {}
                // The file may be known by a path that is gone.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(failed()(error)),
            }
        }
        Ok(())
    }

    /// Makes the folder durable, for a session that made it may have been killed before it did.
    fn sync_parents(&self) -> Result<(), JournalError> {
        for parent in self.path.ancestors().skip(1) {
            let synced = self.disk.folder(parent).and_then(|folder| self.disk.sync_folder(&folder));
            match synced {
                Ok(()) => {}
                // Nobody made a folder there who may not even look into it.
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
                Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
                Err(error) => return Err(JournalError::io("make the folder of")(error)),
            }
        }
        Ok(())
    }

    /// Writes the header, brings it and the name to the disk, and starts. `None`: somebody took the file.
    fn begin(
        &self,
        file: D::File,
        name: &OsStr,
        header: Header,
        options: JournalOptions,
    ) -> Result<Option<Journal<D>>, JournalError> {
        let failed = || JournalError::io("make");
        let mut file = Lockable::new(&self.disk, file);
        if matches!(self.hold(&mut file), Hold::Locked) {
            return Ok(None);
        }
        let (bytes, chain) = header.encode()?;
        exact::write(&self.disk, &file, &bytes, 0).map_err(failed())?;
        self.disk.sync(&file, true).map_err(failed())?;
        self.disk.sync_folder(&self.folder).map_err(failed())?;
        // Who removes old journals may have taken it for an empty one before it was locked.
        let facts = self.disk.facts(&file).map_err(failed())?;
        let there = self.disk.look_in(&self.folder, name).map_err(failed())?;
        if !there.is_some_and(|there| there.is_same_file(&facts)) {
            return Ok(None);
        }
        let place = (self.path.clone(), name.to_owned());
        let end = (widen(bytes.len()), chain);
        Journal::start((self.disk.clone(), file), end, place, header, options).map(Some)
    }

    /// Takes the lock of a file.
    fn hold(&self, file: &mut Lockable<D>) -> Hold {
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(true) => return Hold::Held,
                Ok(false) if begun.elapsed() < LOOK_MAX && self.is_only_looked_at(file) => {
                    thread::sleep(Duration::from_millis(2));
                }
                Ok(false) => return Hold::Locked,
                Err(_) => return Hold::Unknown,
            }
        }
    }

    /// Whether a lock can only be of one that looks at the journal, or that is about to go on with it: the last
    /// session that had it is over.
    fn is_only_looked_at(&self, file: &Lockable<D>) -> bool {
        let last = Reader::open(&self.disk, file).and_then(|mut reader| {
            let maker = reader.header().process.clone();
            let (summary, _) = Summary::read(&mut reader)?;
            Ok((summary.is_closed, summary.process.unwrap_or(maker)))
        });
        last.is_ok_and(|(is_closed, last)| is_closed || self.disk.runs(&last) == Some(false))
    }

    /// The journals of the file with this canonical path, the newest last. Looking at a journal locks it for
    /// that time.
    ///
    /// # Errors
    /// [`JournalError::Io`] if the folder cannot be read. A journal that cannot is listed with the reason.
    pub fn of(&self, path: &Path) -> Result<Vec<Listed>, JournalError> {
        let mut listed = self.list(&hash_of(path))?;
        // Paths with the same hash are told from each other by the header.
        listed.retain(|found| found.header.as_ref().is_none_or(|header| header.is_of(path)));
        Ok(listed)
    }

    /// The journals of the file that this path leads to; as [`of`](Self::of).
    ///
    /// # Errors
    /// As of [`of`](Self::of), and if there is no such file.
    pub fn find(&self, path: &Path) -> Result<Vec<Listed>, JournalError> {
        self.of(&self.disk.resolve(path).map_err(JournalError::io("find the file of"))?)
    }

    /// All journals, the newest last; as [`of`](Self::of).
    ///
    /// # Errors
    /// As of [`of`](Self::of).
    pub fn all(&self) -> Result<Vec<Listed>, JournalError> {
        self.list("")
    }

    /// The journals whose names start like this.
    fn list(&self, start: &str) -> Result<Vec<Listed>, JournalError> {
        let names = self.disk.names(&self.folder).map_err(JournalError::io("list"))?;
        let mut listed = Vec::new();
        for name in names.iter().filter(|name| is_name(name)) {
            if !name.as_encoded_bytes().starts_with(start.as_bytes()) {
                continue;
            }
            match self.examine(name) {
                Ok((found, _)) => listed.push(found),
                // It was removed meanwhile.
                Err(JournalError::Io { source, .. })
                    if source.kind() == io::ErrorKind::NotFound => {}
                Err(error) => listed.push(self.unreadable(name, &error)),
            }
        }
        listed.sort_by(|a, b| a.modified.cmp(&b.modified).then_with(|| a.name.cmp(&b.name)));
        Ok(listed)
    }

    /// Ends a session of which nothing is to be kept, such as one without an edit, and removes its journal.
    ///
    /// # Errors
    /// [`JournalError::Io`]: the journal stays.
    pub fn remove(&self, journal: Journal<D>) -> Result<(), JournalError> {
        self.disk.remove(&self.folder, journal.name()).map_err(JournalError::io("remove"))?;
        for spool in self.disk.names(&self.folder).unwrap_or_default() {
            if is_spool_of(&spool, journal.name()) {
                // Without its journal it is of no use, and of no harm.
                self.disk.remove(&self.folder, &spool).ok();
            }
        }
        // Locked until here, so that nobody goes on with it.
        drop(journal);
        Ok(())
    }

    fn unreadable(&self, name: &OsStr, error: &JournalError) -> Listed {
        let facts = self.disk.look_in(&self.folder, name).ok().flatten();
        Listed {
            name: name.to_owned(),
            header: None,
            standing: Standing::Unreadable(error.to_string()),
            summary: None,
            end: None,
            modified: facts.and_then(|facts| facts.modified),
        }
    }

    /// Opens a journal, to be read by [`Reader`].
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn file(&self, name: &OsStr) -> Result<D::File, JournalError> {
        self.disk.open_in(&self.folder, name, false).map_err(JournalError::io("open"))
    }

    /// Looks at a journal. Returns its file, locked, if no session uses it.
    pub(super) fn examine(
        &self,
        name: &OsStr,
    ) -> Result<(Listed, Option<Lockable<D>>), JournalError> {
        // Some systems lock only what can be written.
        let opened = self.disk.open_in(&self.folder, name, true);
        let mut file = Lockable::new(&self.disk, opened.map_err(JournalError::io("open"))?);
        let facts = self.disk.facts(&file).map_err(JournalError::io("open"))?;
        let hold = self.hold(&mut file);
        let mut listed = Listed {
            name: name.to_owned(),
            header: None,
            standing: Standing::Damaged,
            summary: None,
            end: None,
            modified: facts.modified,
        };
        let mut reader = match Reader::open(&self.disk, &file) {
            Ok(reader) => reader,
            Err(error) => {
                listed.standing = match error {
                    JournalError::Version { version } => Standing::UnknownVersion(version),
                    JournalError::Empty => Standing::Empty,
                    JournalError::Damaged => Standing::Damaged,
                    error => return Err(error),
                };
                let is_held = matches!(hold, Hold::Held);
                return Ok((listed, Some(file).filter(|_| is_held)));
            }
        };
        let header = reader.header().clone();
        let maker = header.process.clone();
        listed.header = Some(header);
        let (summary, end) = Summary::read(&mut reader)?;
        let last = summary.process.clone().unwrap_or(maker);
        let runs = match hold {
            Hold::Unknown => self.disk.runs(&last),
            Hold::Locked => Some(true),
            Hold::Held => Some(false),
        };
        listed.standing = match (runs, end.by) {
            (Some(true), _) => Standing::InUse(last),
            (None, _) => Standing::MaybeInUse(last),
            (Some(false), EndedBy::UnknownKind(kind)) => Standing::UnknownKind(kind),
            (Some(false), _) => summary.standing(),
        };
        (listed.summary, listed.end) = (Some(summary), Some(end));
        let is_free = runs == Some(false);
        Ok((listed, Some(file).filter(|_| is_free)))
    }

    /// Goes on with a journal that no session uses, after its last whole record: what is torn after it is cut
    /// off. The new process is recorded. `is_elsewhere_over`: where locks do not work, a person said that the
    /// session of another host is over.
    ///
    /// # Errors
    /// [`JournalError::InUse`]; [`JournalError::Version`], [`JournalError::UnknownKind`],
    /// [`JournalError::Damaged`] and [`JournalError::Empty`], and the journal is not changed then;
    /// [`JournalError::Io`].
    pub fn resume(
        &self,
        name: &OsStr,
        options: JournalOptions,
        is_elsewhere_over: bool,
    ) -> Result<Journal<D>, JournalError> {
        let failed = || JournalError::io("go on with");
        let opened = self.disk.open_in(&self.folder, name, true);
        let mut file = Lockable::new(&self.disk, opened.map_err(JournalError::io("open"))?);
        let hold = self.hold(&mut file);
        if matches!(hold, Hold::Locked) {
            return Err(JournalError::InUse);
        }
        let mut reader = Reader::open(&self.disk, &file)?;
        let header = reader.header().clone();
        let (summary, end) = Summary::read(&mut reader)?;
        if let EndedBy::UnknownKind(kind) = end.by {
            return Err(JournalError::UnknownKind { kind });
        }
        let last = summary.process.as_ref().unwrap_or(&header.process);
        let is_over = self.disk.runs(last).map_or(is_elsewhere_over, |runs| !runs);
        if matches!(hold, Hold::Unknown) && !is_over {
            return Err(JournalError::InUse);
        }
        let chain = reader.chain();
        if end.dropped > 0 {
            self.disk.set_len(&file, end.at).map_err(failed())?;
        }
        write_anew(&self.disk, &file, end.at)?;
        // The name may not be durable yet.
        self.disk.sync_folder(&self.folder).map_err(failed())?;
        let place = (self.path.clone(), name.to_owned());
        let end = (end.at, chain);
        let journal = Journal::start((self.disk.clone(), file), end, place, header, options)?;
        journal.append_now(&[Record::Resumed(self.disk.this_process())])?;
        Ok(journal)
    }
}

/// Writes the bytes of a journal again, so that the next sync brings them to the device: if a sync of the last
/// process failed, they only look as if they were there.
fn write_anew<D: Disk>(disk: &D, file: &D::File, end: u64) -> Result<(), JournalError> {
    let mut block = vec![0; 256 << 10];
    let mut at = 0;
    while at < end {
        let len = usize::try_from(end - at).unwrap_or(usize::MAX).min(block.len());
        let bytes = block.get_mut(..len).unwrap_or_default();
        read_exact(disk, file, bytes, at)?;
        exact::write(disk, file, bytes, at).map_err(JournalError::io("go on with"))?;
        at += widen(len);
    }
    Ok(())
}

/// 16 hexadecimal digits for a path.
fn hash_of(path: &Path) -> String {
    hex(blake3::hash(path.as_os_str().as_encoded_bytes()).as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().take(8).fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn name_of(path: &Path, session: Session) -> OsString {
    format!("{}-{}{ENDING}", hash_of(path), hex(&session)).into()
}

const ENDING: &str = ".journal";
const STEM_LEN: usize = 33;

/// Whether a name is one of a journal.
pub(super) fn is_name(name: &OsStr) -> bool {
    let Some(stem) = name.to_str().and_then(|name| name.strip_suffix(ENDING)) else { return false };
    stem.len() == STEM_LEN
        && stem.bytes().enumerate().all(|(at, byte)| match at {
            16 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// Whether a name is one of a file that the journal of this name spooled: it starts as that one and goes on
/// with `.spool`.
pub(crate) fn is_spool_of(name: &OsStr, journal: &OsStr) -> bool {
    let stem = journal.to_str().and_then(|name| name.strip_suffix(ENDING));
    let rest = name.to_str().zip(stem).and_then(|(name, stem)| name.strip_prefix(stem));
    let is_one_name = Path::new(name).file_name() == Some(name);
    is_one_name && rest.is_some_and(|rest| rest.starts_with(".spool"))
}

/// The name of a file that the journal of this name spools.
pub(crate) fn spool_name(journal: &OsStr, number: u32) -> OsString {
    let name = journal.to_str().unwrap_or_default();
    format!("{}.spool-{number}", name.strip_suffix(ENDING).unwrap_or(name)).into()
}

/// 128 bits that no other session has. The keys of hash maps are random for each process.
fn new_session(process: &Process) -> Session {
    let mut hasher = blake3::Hasher::new();
    for _ in 0..4 {
        hasher.update(&RandomState::new().build_hasher().finish().to_le_bytes());
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    hasher.update(&now.as_nanos().to_le_bytes());
    hasher.update(format!("{process:?}").as_bytes());
    let mut session = Session::default();
    session.iter_mut().zip(hasher.finalize().as_bytes()).for_each(|(to, from)| *to = *from);
    session
}
