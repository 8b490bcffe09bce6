use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use memmap_core::Progress;
use memmap_core::disk::{Attributes, Disk, Facts, LeaseOf, Leased, NodeKind, Stored};

use super::contents::Contents;
use super::examine::Examined;
use super::io_steps::failed;
use super::log;
use super::opened::Opened;
use super::spans;
use super::{Check, Conflict, Loss, Plan, SaveError, Saved, Saving, Way};
use crate::journal::{Record, Rewriting, SavingPlan, SavingWay, TemporaryFile};
use crate::lock::Lockable;
use crate::source::Source;

/// What is known of a rewrite before it begins.
#[derive(Debug)]
pub(super) struct Rewrite {
    /// Bytes that the new file gets by copying at most: holes are not copied.
    pub(super) copied: u64,
    /// Of these, bytes that stand where they may be shared instead.
    pub(super) shared: u64,
}

/// The names that take part, and what they lead to.
struct Names<D: Disk> {
    folder: D::Folder,
    name: OsString,
    temporary: OsString,
}

impl Rewrite {
    /// Looks at what a rewrite of the file needs.
    pub(super) fn look<M: Stored>(
        plan: &Plan<M>,
        opened: &Opened<M::Disk>,
        progress: &Progress,
    ) -> Result<(Self, Vec<Check>, Vec<Loss>), SaveError> {
        let why = |why: &str| Err(SaveError::CannotRewrite { why: why.to_owned() });
        if opened.facts.kind != NodeKind::File {
            return why("it is a device");
        }
        if opened.facts.links != 1 {
            return why("it has more than one name, which would be two files then");
        }
        let contents = Contents::of(plan)?;
        let conflicts = plan.conflicts(opened, &contents)?;
        if !conflicts.is_empty() {
            return Err(SaveError::Conflicts(conflicts));
        }
        let (copied, shared) = (contents.bytes(), contents.may_be_shared());
        let room =
            plan.disk.room(&opened.file, &[]).map_err(failed("cannot look at", &opened.path))?;
        let mut checks = vec![Check::AsSeen];
        if let Some(free) = room.free {
            let needed = copied.saturating_sub(shared);
            if needed > free {
                return Err(SaveError::NoRoom { needed, free });
            }
            checks.push(Check::Room { needed: copied, free });
        }
        let unseen = plan.unseen_of(&contents.dropped(plan.base.len().min(opened.facts.len)))?;
        if unseen > 0 {
            checks.push(Check::Unseen { bytes: unseen, changed: plan.has_changed() });
        }
        if progress.is_cancelled() {
            return Err(SaveError::Cancelled);
        }
        Ok((Self { copied, shared }, checks, vec![Loss::OldFile]))
    }
}

impl<M: Stored> Plan<M> {
    /// The bytes that were seen when they were covered, or are known from a saving, and are others now.
    fn conflicts(
        &self,
        opened: &Opened<M::Disk>,
        contents: &Contents,
    ) -> Result<Vec<Conflict>, SaveError> {
        let old_len = self.base.len().min(opened.facts.len);
        let mut spans = contents.dropped(old_len);
        spans.extend(self.expected.seen_spans());
        let spans = spans::split(&spans::joined(spans));
        let sides = self.sides(opened);
        let mut found = Examined::default();
        for span in &spans {
            sides.compare_seen(span, &mut found)?;
        }
        Ok(found.conflicts)
    }

    /// How many bytes of these spans nobody looked at.
    fn unseen_of(&self, spans: &[spans::Span]) -> Result<u64, SaveError> {
        let mut unseen = 0_u64;
        for span in spans::split(&spans::joined(spans.to_vec())) {
            let known = self.expected.known(&span.old())?;
            let known = known.iter().map(|it| it.end().saturating_sub(it.start)).sum();
            unseen = unseen.saturating_add(span.old_len.saturating_sub(known));
        }
        Ok(unseen)
    }

    /// Writes a new file beside the old one, and exchanges their names when it is complete and durable.
    pub(super) fn run_beside(self, progress: &Progress) -> Result<Saved<M>, SaveError> {
        let opened = self.open_again()?;
        self.require_lengths(&opened)?;
        let conflicts = self.conflicts(&opened, &Contents::of(&self)?)?;
        if !conflicts.is_empty() {
            return Err(SaveError::Conflicts(conflicts));
        }
        // The descriptor that could write was for the checks: while it is open, nobody gets a lease.
        let facts = opened.facts.clone();
        drop(opened);
        let old = self.disk.open(&self.path, false).map_err(failed("cannot open", &self.path))?;
        let mut old = Lockable::new(&self.disk, old);
        if !old.try_lock().unwrap_or(true) {
            let by = "another program saves it, or has it locked".to_owned();
            return Err(SaveError::InUse { path: self.path, by });
        }
        let lease = match self.disk.lease(&old) {
            LeaseOf::Held(lease) => Some(lease),
            LeaseOf::Unknown => None,
            LeaseOf::Refused => {
                let why = "another program has it open for writing, and what it writes from now on would \
                           be lost";
                return Err(SaveError::CannotRewrite { why: why.to_owned() });
            }
        };
        let lease = lease.as_ref();
        let names = Names::<M::Disk>::new(&self.disk, &self.path)?;
        self.announce(&names, &facts)?;
        let (losses, made, is_exchanged) =
            self.put_beside(&names, &old, &facts, lease, progress)?;
        let other = self
            .settle(&names, &facts, lease, is_exchanged)
            .map_err(|source| self.rewrite_unfinished(source))?;
        let map = M::open_on(&self.disk, &self.path);
        let is_ours = |mapped: Facts| mapped.is_same_file(&made);
        let mapped = map.as_ref().map(|map| map.mapping().facts().ok().flatten());
        if mapped.is_ok_and(|mapped| !mapped.is_some_and(is_ours)) {
            // The new file is gone: the edits are where they were, in the journal.
            self.end_back();
            return Err(SaveError::Replaced { path: self.path });
        }
        log::end(self.options.journal.as_ref(), Record::Done)
            .map_err(|error| self.rewrite_unfinished(io::Error::other(error)))?;
        let map = map.map_err(SaveError::NotMapped)?;
        let all = 0..self.version.len();
        let saving = Saving {
            way: Way::Rewrite,
            ranges: Vec::from([all]),
            losses,
            other,
            is_replaced: false,
        };
        Ok(Saved { saving, state: self.state, source: Source::new(Arc::new(map)) })
    }

    /// Says in the journal that nothing is left of it.
    fn end_back(&self) {
        log::end(self.options.journal.as_ref(), Record::Back).ok();
    }

    /// Says in the journal what will be made.
    fn announce(&self, names: &Names<M::Disk>, facts: &Facts) -> Result<(), SaveError> {
        let Some(journal) = &self.options.journal else { return Ok(()) };
        let plan = SavingPlan {
            way: SavingWay::Rewrite,
            old_len: facts.len,
            new_len: self.version.len(),
            state: self.number,
        };
        let name = names.temporary.as_encoded_bytes().to_vec();
        let rewriting = Rewriting { name, file: None };
        journal.append_now(&[Record::Plan(plan), Record::Rewriting(rewriting)])?;
        // What it names beside the file is removed by nobody else.
        journal.require_named()?;
        Ok(())
    }

    /// Makes the new file and gives it the name. Returns what it lacks, its facts, and whether the old file has the other
    /// name now. After an error the old file is as it was, and has its name.
    fn put_beside(
        &self,
        names: &Names<M::Disk>,
        old: &<M::Disk as Disk>::File,
        facts: &Facts,
        lease: Option<&<M::Disk as Disk>::Lease>,
        progress: &Progress,
    ) -> Result<(Vec<Loss>, Facts, bool), SaveError> {
        let name = names.temporary.as_encoded_bytes().to_vec();
        let refused = |what: &'static str, error: io::Error| {
            cannot_rewrite(&error).unwrap_or_else(|| failed(what, &self.path)(error))
        };
        let new = self.disk.create(&names.folder, &names.temporary).map_err(|error| {
            self.end_back();
            refused("cannot make a file beside", error)
        })?;
        let made = self.make(old, &new, facts, name, progress).and_then(|(losses, made)| {
            if lease.is_some_and(Leased::is_breaking) {
                let why = "another program wants to write to it".to_owned();
                return Err(SaveError::CannotRewrite { why });
            }
            self.require_unchanged(old, facts)?;
            let done = names.put_in_place(&self.disk);
            let is_exchanged = done.map_err(|error| refused("cannot rename to", error))?;
            Ok((losses, made, is_exchanged))
        });
        if made.is_err() {
            // Nobody but us knows its name. If it may be left, the journal says so to the next start.
            let removed = self.disk.remove(&names.folder, &names.temporary);
            if removed.and_then(|()| self.disk.sync_folder(&names.folder)).is_ok() {
                self.end_back();
            }
        }
        made
    }

    /// Looks at the file that came out, and makes the new name durable. Returns the name of a file that is not
    /// the one that was copied: it stays, under a name of its own, as to exchange the names again would lose
    /// more.
    fn settle(
        &self,
        names: &Names<M::Disk>,
        facts: &Facts,
        lease: Option<&<M::Disk as Disk>::Lease>,
        is_exchanged: bool,
    ) -> io::Result<Option<PathBuf>> {
        let mut other = None;
        if is_exchanged {
            let out = self.disk.look_in(&names.folder, &names.temporary)?;
            let is_ours = out.is_some_and(|out| {
                out.is_same_file(facts) && out.len == facts.len && out.modified == facts.modified
            });
            if !is_ours || lease.is_some_and(Leased::is_breaking) {
                other = Some(names.keep_other(&self.disk, &self.path)?);
            }
        }
        if let Err(error) = self.disk.sync_folder(&names.folder) {
            // Another sync would say that all is well, and prove nothing.
            log::end(self.options.journal.as_ref(), Record::Unfinished).ok();
            return Err(error);
        }
        // The new file has the name for good. The old one goes first: cut short in between, recovery finds the
        // new file and nothing left to remove.
        if is_exchanged && other.is_none() {
            // If it stays it is only a file too many.
            self.disk.remove(&names.folder, &names.temporary).ok();
            self.disk.sync_folder(&names.folder).ok();
        }
        Ok(other)
    }

    fn rewrite_unfinished(&self, source: io::Error) -> SaveError {
        let all = 0..self.version.len();
        let journal = log::path(self.options.journal.as_ref());
        SaveError::Unfinished { journal, ranges: Vec::from([all]), source }
    }

    /// Fills the new file, and makes it durable. Returns what it lacks, and its facts.
    fn make(
        &self,
        old: &<M::Disk as Disk>::File,
        new: &<M::Disk as Disk>::File,
        facts: &Facts,
        name: Vec<u8>,
        progress: &Progress,
    ) -> Result<(Vec<Loss>, Facts), SaveError> {
        let disk = &self.disk;
        let made = disk.facts(new).map_err(failed("cannot look at the file beside", &self.path))?;
        if let Some(journal) = &self.options.journal {
            let file = temporary_file(&made);
            journal.append_now(&[Record::Rewriting(Rewriting { name, file: Some(file) })])?;
        }
        let attributes: Attributes =
            disk.attributes(old).map_err(failed("cannot read the attributes of", &self.path))?;
        let attributes = self.expected.attributes(attributes);
        // Some are only taken by an empty file.
        let not_kept = disk
            .give(new, &attributes)
            .map_err(failed("cannot give attributes beside", &self.path))?;
        let losses: Vec<Loss> = not_kept.into_iter().map(Loss::Attribute).collect();
        if losses.iter().any(Loss::is_refused) && !self.options.accepts_losses {
            return Err(SaveError::Loses(losses));
        }
        Contents::of(self)?.write(self, old, new, progress)?;
        // Writing takes capabilities away.
        let not_kept = disk
            .give_back(new, &attributes)
            .map_err(failed("cannot give attributes beside", &self.path))?;
        let lost: Vec<Loss> = not_kept.into_iter().map(Loss::Attribute).collect();
        if lost.iter().any(Loss::is_refused) && !self.options.accepts_losses {
            return Err(SaveError::Loses(lost));
        }
        disk.sync(new, true).map_err(failed("cannot write the file beside", &self.path))?;
        self.require_unchanged(old, facts)?;
        Ok((losses, made))
    }

    /// The old file is still what it was, and has its name.
    fn require_unchanged(
        &self,
        old: &<M::Disk as Disk>::File,
        was: &Facts,
    ) -> Result<(), SaveError> {
        let now = self.disk.facts(old).map_err(failed("cannot look at", &self.path))?;
        if now.len != was.len || now.modified != was.modified {
            return Err(SaveError::PlanIsOld { path: self.path.clone() });
        }
        let named = self.disk.look(&self.path);
        if !named.is_ok_and(|named| named.is_same_file(was)) {
            return Err(SaveError::Replaced { path: self.path.clone() });
        }
        Ok(())
    }
}

impl<D: Disk> Names<D> {
    fn new(disk: &D, path: &Path) -> Result<Self, SaveError> {
        let name = path.file_name().ok_or(SaveError::NoFile)?.to_os_string();
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or_else(|| Path::new("."));
        let folder = disk.folder(parent).map_err(failed("cannot open the folder of", path))?;
        // The journal has it as text, so that it can be found again.
        let shown = name.to_str().filter(|_| is_short(&name));
        let shown = shown.map_or_else(String::new, |name| format!(".{name}"));
        let mut temporary = OsString::from(shown);
        temporary.push(".saving-");
        temporary.push(crate::random::hex());
        Ok(Self { folder, name, temporary })
    }

    /// Gives the new file the name. Returns whether the old one has the other name now.
    fn put_in_place(&self, disk: &D) -> io::Result<bool> {
        match disk.exchange(&self.folder, &self.temporary, &self.name) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                disk.rename(&self.folder, &self.temporary, &self.name)?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Gives the file that came out a name of its own.
    fn keep_other(&self, disk: &D, path: &Path) -> io::Result<PathBuf> {
        let shown = Some(&self.name).filter(|name| is_short(name));
        let mut name: OsString = shown.cloned().unwrap_or_default();
        name.push(".other-");
        name.push(crate::random::hex());
        let name: &OsStr = &name;
        disk.rename_new(&self.folder, &self.temporary, name)?;
        Ok(path.with_file_name(name))
    }
}

/// Whether a name can get longer and still be one: file systems take 255 bytes, or as many characters.
fn is_short(name: &OsStr) -> bool {
    name.len() <= 200
}

/// What tells the file from another one of its name.
fn temporary_file(facts: &Facts) -> TemporaryFile {
    let since = facts.born.and_then(|born| born.duration_since(SystemTime::UNIX_EPOCH).ok());
    let born =
        since.and_then(|since| Some((i64::try_from(since.as_secs()).ok()?, since.subsec_nanos())));
    TemporaryFile { inode: facts.inode, generation: facts.generation, born }
}

/// What errors of making or exchanging files mean for a rewrite.
fn cannot_rewrite(error: &io::Error) -> Option<SaveError> {
    let why = match error.kind() {
        io::ErrorKind::PermissionDenied => "its folder may not be written to by this user",
        io::ErrorKind::ReadOnlyFilesystem => "its file system is read-only",
        io::ErrorKind::ResourceBusy => "its name is a mount point",
        _ => return None,
    };
    Some(SaveError::CannotRewrite { why: why.to_owned() })
}
