use std::ffi::OsStr;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memmap_core::Map;
use memmap_core::disk::{Disk, Facts, NodeKind, Stored};

use crate::journal::TemporaryFile;
use crate::journal::{
    Header, Journal, JournalError, JournalOptions, Journals, OpenSavings, Reader, Record,
    Rewriting, SavingAttributes, SavingPlan, SavingRange, SavingWay,
};

use crate::lock::Lockable;

mod ranges;
mod rewritten;
mod write;

pub use ranges::{RangeStanding, Standing};

/// Why a saving that was cut short is not recovered. Nothing was written, unless it says so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoverError {
    /// The journal has no saving that was cut short.
    #[error("the journal has no saving that was cut short")]
    Nothing,
    /// The file is not the one that was saved.
    #[error("{} is not the file that was saved; nothing was written to it", path.display())]
    OtherFile {
        /// The name.
        path: PathBuf,
    },
    /// Another program wrote to the file since.
    #[error("another program wrote to {} since: {} ranges are neither old nor new", path.display(), ranges.len())]
    Changed {
        /// The name.
        path: PathBuf,
        /// Where.
        ranges: Vec<Range<u64>>,
    },
    /// Something uses the file.
    #[error("{} is in use: {by}", path.display())]
    InUse {
        /// The name.
        path: PathBuf,
        /// By what.
        by: String,
    },
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The kept bytes cannot be read.
    #[error(transparent)]
    Map(#[from] memmap_core::Error),
    /// A step failed. Recovering can be begun again.
    #[error("{what} {}: {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

/// Where a saving that was cut short goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a saving has two ends")]
pub enum Direction {
    /// All new bytes.
    Forward,
    /// All old bytes.
    Back,
}

/// A saving that was cut short, by a kill or a power cut, with the journal that has its old and new bytes.
///
/// It holds the locks of both files. Looking at it writes nothing.
#[derive(Debug)]
pub struct Unfinished<M: Stored> {
    disk: M::Disk,
    path: PathBuf,
    file: Option<Lockable<M::Disk>>,
    facts: Option<Facts>,
    journal: Arc<Journal<M::Disk>>,
    /// The journal as it is read.
    kept: Map<M>,
    header: Header,
    saving: Begun,
    /// Those before it that did not finish either: it wrote over what they left.
    before: Vec<Begun>,
    /// The file that the last rewrite made; `None`: it is the one of the header.
    made: Option<TemporaryFile>,
    standing: Standing,
}

/// A saving that has no end.
#[derive(Debug)]
struct Begun {
    plan: SavingPlan,
    /// What the file had beside its bytes before.
    attributes: Option<SavingAttributes>,
    ranges: Vec<Kept>,
    rewriting: Option<Rewriting>,
    /// Where a sync failed: what tells that start of the system from others.
    failed_in: Option<String>,
}

/// A range with the places of its bytes in the journal.
#[derive(Debug, Clone)]
struct Kept {
    start: u64,
    old: Range<u64>,
    new: Range<u64>,
}

impl<M: Stored> Unfinished<M> {
    /// Looks at the saving that the journal of this name has, and at the file at `path`. `is_elsewhere_over`
    /// is that of [`Journals::resume`].
    ///
    /// # Errors
    /// [`RecoverError::Nothing`]; [`RecoverError::InUse`]; errors of the journal and of the system.
    pub fn open(
        journals: &Journals<M::Disk>,
        name: &OsStr,
        path: &Path,
        options: JournalOptions,
        is_elsewhere_over: bool,
    ) -> Result<Self, RecoverError> {
        let disk = journals.disk().clone();
        let journal = Arc::new(journals.resume(name, options, is_elsewhere_over)?);
        let file = journals.file(name)?;
        let mut reader = Reader::open(&disk, &file)?;
        let header = reader.header().clone();
        let mut log = Log { boot: header.process.boot.clone(), ..Log::default() };
        while let Some((position, record)) = reader.next()? {
            log.add(&record, position.old, position.new);
        }
        let mut before = log.open.into_begun();
        let Some(saving) = before.pop() else { return Err(RecoverError::Nothing) };
        let kept = M::open_on(&disk, &journal.path())?;
        let mut unfinished = Self {
            disk,
            path: path.to_path_buf(),
            file: None,
            facts: None,
            journal,
            kept,
            header,
            saving,
            before,
            made: log.made,
            standing: Standing::Untouched,
        };
        unfinished.look()?;
        Ok(unfinished)
    }

    /// What the file is now.
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// How it was saved.
    pub const fn plan(&self) -> &SavingPlan {
        &self.saving.plan
    }

    /// Who saved it, and what.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The journal, which the session may go on with.
    pub fn journal(&self) -> &Arc<Journal<M::Disk>> {
        &self.journal
    }

    /// Whether these are the facts of the file as it was before the saving.
    fn is_file(&self, found: &Facts) -> bool {
        match &self.made {
            None => found.is_same_file_later(&self.header.file),
            Some(made) => rewritten::is_it(made, found),
        }
    }

    /// Opens the file, if it is the one that was saved, and compares it.
    fn look(&mut self) -> Result<(), RecoverError> {
        let failed = |what, source| RecoverError::Io { what, path: self.path.clone(), source };
        if self.saving.plan.way == SavingWay::Rewrite {
            self.standing = self.look_at_names()?;
            return Ok(());
        }
        if self.file.is_some() {
            self.standing = self.look_again()?;
            return Ok(());
        }
        let found = match self.disk.look(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.standing = Standing::OtherFile;
                return Ok(());
            }
            found => found.map_err(|error| failed("cannot look at", error))?,
        };
        if !self.is_file(&found) {
            self.standing = Standing::OtherFile;
            return Ok(());
        }
        let file = match found.kind {
            NodeKind::Device => self.disk.open_device(&self.path),
            _ => self.disk.open(&self.path, true),
        };
        let file = file.map_err(|error| failed("cannot open", error))?;
        let mut file = Lockable::new(&self.disk, file);
        if !file.try_lock().unwrap_or(true) {
            let by = "another program has it locked".to_owned();
            return Err(RecoverError::InUse { path: self.path.clone(), by });
        }
        let facts = self.disk.facts(&file).map_err(|error| failed("cannot look at", error))?;
        (self.file, self.facts) = (Some(file), Some(facts));
        self.standing = self.look_again()?;
        Ok(())
    }

    /// Looks at the file that is open: whether it has its name, and what is in it now.
    fn look_again(&self) -> Result<Standing, RecoverError> {
        let (Some(file), Some(was)) = (&self.file, &self.facts) else {
            return Ok(Standing::OtherFile);
        };
        let named = match self.disk.look(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Standing::OtherFile);
            }
            named => named.map_err(self.failed("cannot look at"))?,
        };
        if !named.is_same_file(was) {
            return Ok(Standing::OtherFile);
        }
        if let Some(user) = self.disk.in_use(file).map_err(self.failed("cannot look at"))? {
            return Err(RecoverError::InUse { path: self.path.clone(), by: user.by });
        }
        let facts = self.disk.facts(file).map_err(self.failed("cannot look at"))?;
        self.compare(file, &facts)
    }

    /// Finishes the saving, or takes it back. If nothing is left to do, only the journal says so. Where it was
    /// the second try of a saving that did not finish, to take it back takes back the first one too.
    ///
    /// # Errors
    /// [`RecoverError::OtherFile`], [`RecoverError::Changed`]: nothing was written. After
    /// [`RecoverError::Io`] it can be begun again, in any direction.
    pub fn run(mut self, direction: Direction) -> Result<Arc<Journal<M::Disk>>, RecoverError> {
        loop {
            // Meanwhile a person decided, and other programs wrote.
            self.look()?;
            let is_done = self.run_one(direction)?;
            let record = if is_done { Record::Done } else { Record::Back };
            self.journal.append_now(&[record])?;
            match self.before.pop().filter(|_| !is_done) {
                Some(before) => self.saving = before,
                None => return Ok(Arc::clone(&self.journal)),
            }
        }
    }

    /// Returns whether all is new now.
    fn run_one(&self, direction: Direction) -> Result<bool, RecoverError> {
        let path = self.path.clone();
        match &self.standing {
            Standing::OtherFile => return Err(RecoverError::OtherFile { path }),
            Standing::Changed(ranges) => {
                return Err(RecoverError::Changed { path, ranges: ranges.clone() });
            }
            Standing::Complete | Standing::Untouched | Standing::Mixed(_) => {}
        }
        if self.saving.plan.way == SavingWay::Rewrite {
            return self.settle_names();
        }
        self.write(direction)?;
        Ok(direction == Direction::Forward)
    }

    fn failed(&self, what: &'static str) -> impl FnOnce(io::Error) -> RecoverError {
        let path = self.path.clone();
        move |source| RecoverError::Io { what, path, source }
    }
}

/// The savings of a journal.
#[derive(Debug, Default)]
struct Log {
    open: OpenSavings<Begun>,
    /// What tells the start of the system in which the records were written from others.
    boot: String,
    /// The file that the last rewrite made.
    made: Option<TemporaryFile>,
}

impl Log {
    fn add(&mut self, record: &Record, old: Option<Range<u64>>, new: Option<Range<u64>>) {
        match record {
            Record::Plan(plan) => {
                self.open.plan(Begun {
                    plan: *plan,
                    attributes: None,
                    ranges: Vec::new(),
                    rewriting: None,
                    failed_in: None,
                });
            }
            Record::Attributes(attributes) => {
                if let Some(planned) = self.open.planned() {
                    planned.attributes = Some(attributes.clone());
                }
            }
            Record::Range(SavingRange { start, .. }) => {
                if let (Some(planned), Some(old), Some(new)) = (self.open.planned(), old, new) {
                    planned.ranges.push(Kept { start: *start, old, new });
                }
            }
            Record::Planned { count, .. } => self.open.begin(|planned| {
                usize::try_from(*count).is_ok_and(|count| count == planned.ranges.len())
            }),
            Record::Rewriting(rewriting) => {
                self.open.begin(|_| true);
                if let Some(begun) = self.open.last() {
                    begun.rewriting = Some(rewriting.clone());
                }
            }
            Record::Done => {
                let done = self.open.done().pop().and_then(|done| done.rewriting);
                self.made = done.map_or(self.made, |rewriting| rewriting.file);
            }
            Record::Back => self.open.back(),
            Record::Resumed(process) => {
                self.boot.clone_from(&process.boot);
                self.open.resume();
            }
            Record::Unfinished => {
                if let Some(begun) = self.open.last() {
                    begun.failed_in = Some(self.boot.clone());
                }
            }
            _ => {}
        }
    }
}
