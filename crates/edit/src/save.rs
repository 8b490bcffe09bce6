use std::fmt::{self, Display};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use memmap_core::disk::{NotKept, Stored, Writers};
use memmap_core::{Map, Progress};

use crate::expected::Known;
use crate::journal::Journal;
use crate::overlay::Overlay;
use crate::version::Version;

mod error;
mod contents;
mod draft;
mod examine;
mod in_place;
mod io_steps;
mod log;
mod opened;
mod plan;
mod rewrite;
mod spans;
mod take_back;
mod write_to;

pub use draft::Draft;
pub use error::{Conflict, SaveError};
pub use plan::Plan;
pub(crate) use spans::Span;

/// How a file is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Way {
    /// The ranges that changed are written over. Old and new bytes are in the journal before.
    InPlace,
    /// A new file is written beside it, and takes its name when it is complete.
    Rewrite,
}

/// Something that was looked at before a saving.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Check {
    /// The name leads to the file that was opened, and it has the length that it had.
    SameFile,
    /// A program runs from the file, so that nobody can write to it: only a new file in its place saves it.
    Running,
    /// The bytes to be overwritten are those that were seen.
    AsSeen,
    /// So many bytes are overwritten that nobody looked at. `changed` says that the file changed since it
    /// was opened, so that they may be others than they were then.
    Unseen {
        /// How many.
        bytes: u64,
        /// Whether the file is another version than was opened.
        changed: bool,
    },
    /// Old and new bytes are in the journal before the file changes.
    Journal {
        /// Whether the journal outlives the machine.
        survives_power_cut: bool,
    },
    /// There is no journal: a saving that is cut short cannot be finished or taken back.
    NoJournal,
    /// Who else has the file open for writing.
    Writers(Writers),
    /// How many bytes the file system may need, and how many are free.
    Room {
        /// Needed at most.
        needed: u64,
        /// Free.
        free: u64,
    },
    /// Another program's replacement of the file at the same instant would be lost, as this file system
    /// cannot exchange names.
    NoExchange,
}

impl Check {
    /// Whether it wants a person to look at it.
    pub fn needs_a_look(&self) -> bool {
        match self {
            Self::SameFile | Self::AsSeen | Self::Room { .. } | Self::Writers(Writers::None) => {
                false
            }
            Self::Journal { survives_power_cut } => !survives_power_cut,
            Self::Unseen { changed, .. } => *changed,
            Self::Running | Self::NoJournal | Self::NoExchange | Self::Writers(_) => true,
        }
    }
}

/// Something that a saving does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loss {
    /// An attribute.
    Attribute(NotKept),
    /// When the file was made; other programs' maps, open files and watches stay with the old file.
    OldFile,
}

impl Loss {
    /// Whether it is refused unless it is accepted.
    pub(crate) const fn is_refused(&self) -> bool {
        !matches!(self, Self::OldFile | Self::Attribute(NotKept::Unseen))
    }
}

impl Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(NotKept::Owner { was: (user, group) }) => {
                write!(f, "the owner, user {user} and group {group}")
            }
            Self::Attribute(NotKept::Mode { was }) => write!(f, "the permissions {was:o}"),
            Self::Attribute(NotKept::Extended { name }) => {
                write!(f, "the attribute {}", name.display())
            }
            Self::Attribute(NotKept::Project { was }) => write!(f, "the project {was}"),
            Self::Attribute(NotKept::Unseen) => f.write_str(
                "access lists and extended attributes, which are not looked at on this system",
            ),
            Self::Attribute(_) => f.write_str("flags of the file system"),
            Self::OldFile => f.write_str("programs that have the old file open keep it"),
        }
    }
}

/// How the current version of an [`Overlay`] is saved to its own file. [`Overlay::save`] makes it.
#[derive(Debug)]
#[must_use = "nothing is saved before `run`"]
pub struct Save<'o, M: Stored> {
    overlay: &'o mut Overlay<M>,
    options: Options<M::Disk>,
}

/// What may be chosen.
#[derive(Debug)]
pub(crate) struct Options<D: memmap_core::disk::Disk> {
    pub(crate) journal: Option<Arc<Journal<D>>>,
    pub(crate) allows_device: bool,
    pub(crate) accepts_losses: bool,
    pub(crate) accepts_unseen: bool,
    pub(crate) accepted: Vec<Known>,
    pub(crate) way: Option<Way>,
}

impl<M: Stored> Overlay<M> {
    /// Saves the current version to its file; nothing is written before [`Save::run`].
    pub fn save(&mut self) -> Save<'_, M> {
        Save { overlay: self, options: Options::new() }
    }

    /// Goes on from a saving that is complete: what is edited from now on is compared with it. Edits that were
    /// made while it ran stay.
    pub fn saved(&mut self, saved: Saved<M>) {
        let state = saved.state;
        let is_new_file = saved.saving.way == Way::Rewrite;
        // A later one was taken already, and its bytes are in the file.
        if saved.source.is_before(self.file()) {
            return;
        }
        if is_new_file {
            let (tree, sources) = (self.undo.version(state), Arc::clone(&self.sources));
            self.made = Some(Arc::new(Version::new(tree, sources, self.base().origin())));
        }
        self.go_on_from(state, saved.source);
        if is_new_file {
            self.versions = vec![self.base];
            self.numbers.keep_only(state);
            if self.undo.current() != state {
                self.record_state(state);
            }
        }
    }

    /// A state is in the file, as this source.
    pub(crate) fn go_on_from(&mut self, state: crate::State, source: crate::source::Source<M>) {
        let Ok(number) = self.next_number() else { return };
        let len = source.len();
        Arc::make_mut(&mut self.sources).push(Arc::new(source));
        self.base = number;
        self.versions.push(number);
        let version = crate::overlay::whole(number, len);
        self.undo.saved_as(state, version.clone());
        if let Some(later) = self.undo.below(state) {
            self.tree = version;
            for splice in later {
                splice.apply(&mut self.tree);
            }
        }
    }
}

impl<M: Stored> Save<'_, M> {
    /// Where old and new bytes go before the file changes, so that a saving that is cut short can be finished
    /// or taken back. Without one, the old bytes are in memory only, and the plan says so.
    pub fn journal(mut self, journal: impl Into<Arc<Journal<M::Disk>>>) -> Self {
        self.options.journal = Some(journal.into());
        self
    }

    /// Whether a device may be written to. Default: no.
    pub const fn allow_device(mut self, yes: bool) -> Self {
        self.options.allows_device = yes;
        self
    }

    /// Whether attributes may get lost that cannot be kept. Default: no.
    pub const fn accept_losses(mut self, yes: bool) -> Self {
        self.options.accepts_losses = yes;
        self
    }

    /// Whether bytes may be overwritten that nobody looked at, although the file changed since it was opened.
    /// Default: no; [`Plan::accept_unseen`] accepts it after the plan was looked at.
    pub const fn accept_unseen(mut self, yes: bool) -> Self {
        self.options.accepts_unseen = yes;
        self
    }

    /// Accepts what is in the file now at the place of a conflict: it is overwritten.
    pub fn overwrite(mut self, conflict: &Conflict) -> Self {
        let (start, bytes) = (conflict.range.start, conflict.now.clone());
        self.options.accepted.push(Known { start, bytes });
        self
    }

    /// Saves in one way only. Default: in place where old and new bytes of all ranges have room in the
    /// journal and no program runs from the file, else by a rewrite.
    pub const fn way(mut self, way: Way) -> Self {
        self.options.way = Some(way);
        self
    }

    /// The saving without the overlay, so that a plan of it is made on another thread. It reads nothing.
    pub fn draft(self) -> Draft<M> {
        self.overlay.undo.plan();
        Draft::new(self.overlay, self.options)
    }

    /// What would be done. It writes nothing, and stays what it is when editing goes on.
    ///
    /// # Errors
    /// What forbids it.
    ///
    /// # Cost
    /// Reads what would be written over, and what would be written in its place.
    pub fn plan(self, progress: &Progress) -> Result<Plan<M>, SaveError> {
        self.draft().plan(progress)
    }

    /// Saves.
    ///
    /// # Errors
    /// The file is as it was, except after [`SaveError::Unfinished`].
    ///
    /// # Cost
    /// As of [`plan`](Self::plan), and what it says is written, to the journal and to the file.
    pub fn run(self, progress: &Progress) -> Result<Saving, SaveError> {
        let Self { overlay, options } = self;
        let saved = Draft::new(overlay, options).plan(progress)?.run(progress)?;
        let saving = saved.saving.clone();
        overlay.saved(saved);
        Ok(saving)
    }
}

/// What a saving did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saving {
    /// How.
    pub way: Way,
    /// The ranges that were written, in the file as it is now; of a rewrite all of it.
    pub ranges: Vec<Range<u64>>,
    /// What was lost.
    pub losses: Vec<Loss>,
    /// Another program's file that had the name in the last instant. It was kept, under this name.
    pub other: Option<PathBuf>,
    /// Whether another file had the name afterwards: what was saved is in a file without that name, and in
    /// the journal.
    pub is_replaced: bool,
}

/// A saving that is complete. [`Overlay::saved`] takes it.
#[derive(Debug)]
#[must_use = "the overlay does not know of it before `Overlay::saved`"]
pub struct Saved<M: Stored> {
    pub(crate) saving: Saving,
    pub(crate) state: crate::State,
    pub(crate) source: crate::source::Source<M>,
}

impl<M: Stored> Saved<M> {
    /// What was done.
    pub const fn saving(&self) -> &Saving {
        &self.saving
    }

    /// The file as it is now.
    pub fn base(&self) -> &Map<M> {
        self.source.map()
    }
}
