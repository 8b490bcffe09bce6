use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use memmap_core::disk::{Disk as _, LeaseOf, NodeKind, Stored, Writers};
use memmap_core::{Identity, Map, Progress};

use super::examine::{Examined, Sides};
use super::io_steps::failed;
use super::opened::Opened;
use super::rewrite::Rewrite;
use super::spans::{self, Span};
use super::{Check, Draft, Loss, Options, SaveError, Saved, Way};
use crate::expected::Expected;
use crate::source::Source;
use crate::undo::State;
use crate::version::{Sources, Version};

/// The most bytes, old and new together, that a saving in place keeps in the journal.
const JOURNAL_MAX: u64 = 1 << 30;

/// The same, where they are kept in memory.
const MEMORY_MAX: u64 = 64 << 20;

/// What a file system needs beside that writes to new blocks.
const SPARE: u64 = 16 << 20;

/// A saving that was looked at from all sides, and not begun.
///
/// It owns the version that it saves: what is shown is what is written, whatever is edited meanwhile.
#[derive(Debug)]
pub struct Plan<M: Stored> {
    pub(super) state: State,
    /// Its number in the journal.
    pub(super) number: u32,
    pub(super) disk: M::Disk,
    pub(super) path: PathBuf,
    pub(super) base: Arc<Source<M>>,
    pub(super) version: Map<Version<M>>,
    pub(super) expected: Expected<M>,
    pub(super) options: Options<M::Disk>,
    /// The savings in place that had been made.
    savings_made: usize,
    /// The length of the file when this was made.
    pub(super) file_len: u64,
    /// What is not in its place, before the bytes are compared.
    pub(super) moved: Vec<Span>,
    pub(super) examined: Examined,
    pub(super) rewrite: Option<Rewrite>,
    pub(super) sources: Arc<Sources<M>>,
    pub(super) tree: crate::tree::Tree,
    is_device: bool,
    /// The version of the file that was looked at.
    identity: Option<Identity>,
    checks: Vec<Check>,
    losses: Vec<Loss>,
}

impl<M: Stored> Plan<M> {
    pub(super) fn new(draft: Draft<M>, progress: &Progress) -> Result<Self, SaveError> {
        let Draft { state, number, base, savings_made, version, expected, options, sources, tree } =
            draft;
        let disk = base.map().mapping().disk();
        let path = base.map().path().ok_or(SaveError::NoFile)?.to_path_buf();
        let mapped = base.map().mapping().facts().map_err(failed("cannot look at", &path))?;
        let mapped = mapped.ok_or(SaveError::NoFile)?;
        let opened = Opened::<M::Disk>::new(&disk, &path, &mapped, options.allows_device)?;
        let moved = spans::spans(&tree, &sources, &base, &expected);
        let mut plan = Self {
            identity: base.map().identity(),
            state,
            number,
            disk,
            path: opened.path.clone(),
            version,
            expected,
            savings_made,
            options,
            file_len: 0,
            moved,
            examined: Examined::default(),
            rewrite: None,
            sources,
            tree,
            base,
            is_device: opened.facts.kind == NodeKind::Device,
            checks: Vec::new(),
            losses: Vec::new(),
        };
        plan.require_lengths(&opened)?;
        if plan.has_doubtful_len(opened.facts.len) {
            plan.moved = spans::against(&plan.moved, plan.version.len(), opened.facts.len);
        }
        plan.file_len = opened.facts.len;
        let moved_len = plan
            .moved
            .iter()
            .map(|span| span.old_len.saturating_add(span.new_len))
            .fold(0, u64::saturating_add);
        let limit = if plan.options.journal.is_some() { JOURNAL_MAX } else { MEMORY_MAX };
        let is_file = opened.facts.kind == NodeKind::File;
        let fits = moved_len <= limit && !opened.is_running;
        let way =
            plan.options.way.unwrap_or(if fits || !is_file { Way::InPlace } else { Way::Rewrite });
        plan.checks.push(Check::SameFile);
        if opened.is_running {
            plan.checks.push(Check::Running);
        }
        match way {
            Way::InPlace if opened.is_running => return Err(plan.is_running()),
            Way::InPlace if moved_len > JOURNAL_MAX => {
                return Err(SaveError::NoRoom { needed: moved_len, free: JOURNAL_MAX });
            }
            Way::InPlace => plan.look_in_place(&opened, progress)?,
            Way::Rewrite => plan.look_beside(&opened, progress)?,
        }
        let journal = plan.options.journal.as_ref();
        plan.checks.push(match journal {
            Some(journal) => {
                let file = plan.disk.open(&journal.path(), false);
                let is_in_memory = file.is_ok_and(|file| plan.disk.is_in_memory(&file));
                Check::Journal { survives_power_cut: !is_in_memory }
            }
            None => Check::NoJournal,
        });
        // Its own descriptor would count as one more writer.
        drop(opened);
        plan.checks.push(Check::Writers(plan.writers()));
        Ok(plan)
    }

    /// The file has the length that the version was made from.
    pub(super) fn require_lengths(&self, opened: &Opened<M::Disk>) -> Result<(), SaveError> {
        let (was, now) = (self.base.len(), opened.facts.len);
        // Bytes that were added behind the end are not touched where the length stays.
        let grew = now > was && self.version.len() == was;
        let is_doubtful = self.has_doubtful_len(now);
        if was != now && !(grew || is_doubtful) {
            return Err(SaveError::LengthChanged { path: opened.path.clone(), was, now });
        }
        if opened.facts.kind == NodeKind::Device && self.version.len() != now {
            return Err(SaveError::DeviceLength { len: now, new: self.version.len() });
        }
        Ok(())
    }

    /// Why it cannot be written in place while a program runs from it.
    pub(super) fn is_running(&self) -> SaveError {
        let by = "a program runs from it; a rewrite would save it".to_owned();
        SaveError::InUse { path: self.path.clone(), by }
    }

    /// Whether a saving that did not finish may have left this length.
    pub(super) fn has_doubtful_len(&self, now: u64) -> bool {
        now != self.base.len() && self.expected.may_have_len(now)
    }

    /// What is in the file, against what is to be there.
    pub(super) fn examine(
        &self,
        opened: &Opened<M::Disk>,
        progress: &Progress,
    ) -> Result<Examined, SaveError> {
        let mut found = self.sides(opened).examine(&self.moved, progress)?;
        if let Some(sectors) = opened.facts.sectors {
            let sector = u64::from(sectors.physical.max(sectors.logical));
            found.spans = spans::in_sectors(&found.spans, sector, opened.facts.len);
        }
        Ok(found)
    }

    pub(super) fn sides<'a>(&'a self, opened: &'a Opened<M::Disk>) -> Sides<'a, M::Disk, M> {
        Sides {
            disk: &self.disk,
            file: &opened.file,
            version: &self.version,
            expected: &self.expected,
            accepted: &self.options.accepted,
            changed: opened.facts.sectors.map(|_| &self.moved[..]),
        }
    }

    fn look_in_place(
        &mut self,
        opened: &Opened<M::Disk>,
        progress: &Progress,
    ) -> Result<(), SaveError> {
        self.moved = spans::split(&self.moved);
        let mut examined = self.examine(opened, progress)?;
        if !examined.conflicts.is_empty() {
            return Err(SaveError::Conflicts(std::mem::take(&mut examined.conflicts)));
        }
        let unseen = examined.unseen;
        self.examined = examined;
        self.checks.push(Check::AsSeen);
        if unseen > 0 {
            let changed = self.has_changed();
            self.checks.push(Check::Unseen { bytes: unseen, changed });
        }
        let ranges: Vec<Range<u64>> = self.examined.spans.iter().map(Span::new_range).collect();
        let room = self
            .disk
            .room(&opened.file, &ranges)
            .map_err(failed("cannot look at", &opened.path))?;
        let grows = self.version.len().saturating_sub(opened.facts.len);
        let touched = room.holes.saturating_add(room.copied);
        let needed = if room.can_be_made_sure {
            touched.saturating_add(grows)
        } else {
            // Where each write goes to new blocks, the tree above them is written anew too.
            touched.saturating_mul(2).saturating_add(grows)
        };
        let spare = if room.copied > 0 && !room.can_be_made_sure { SPARE } else { 0 };
        let needed = needed.saturating_add(spare);
        if let Some(free) = room.free.filter(|_| needed > 0) {
            if needed > free {
                return Err(SaveError::NoRoom { needed, free });
            }
            self.checks.push(Check::Room { needed, free });
        }
        Ok(())
    }

    fn look_beside(
        &mut self,
        opened: &Opened<M::Disk>,
        progress: &Progress,
    ) -> Result<(), SaveError> {
        let (rewrite, checks, losses) = Rewrite::look(self, opened, progress)?;
        self.rewrite = Some(rewrite);
        self.checks.extend(checks);
        self.losses = losses;
        Ok(())
    }

    /// Whether the file is another version than was opened or last saved.
    pub(super) fn has_changed(&self) -> bool {
        let now = self.identity.as_ref();
        now != self.base.identity() && !self.base.savings().has_left(now)
    }

    /// Of bytes that nobody looked at, only the version of the file is known. It has to be the one that was
    /// opened, unless a person looked at this plan, and it has to be the one of the plan.
    fn require_unseen(&self) -> Result<(), SaveError> {
        let unseen = self.checks.iter().find_map(|check| match check {
            Check::Unseen { bytes, changed } => Some((*bytes, *changed)),
            _ => None,
        });
        let Some((bytes, changed)) = unseen else { return Ok(()) };
        let path = self.path.clone();
        if changed && !self.options.accepts_unseen {
            return Err(SaveError::Unseen { path, bytes });
        }
        if self.base.map().identity() != self.identity {
            return Err(SaveError::PlanIsOld { path });
        }
        Ok(())
    }

    /// Accepts that bytes are overwritten that nobody looked at, although the file changed since it was opened:
    /// a person saw [`Check::Unseen`].
    #[must_use = "nothing is saved before `run`"]
    pub const fn accept_unseen(mut self) -> Self {
        self.options.accepts_unseen = true;
        self
    }

    fn writers(&self) -> Writers {
        let Ok(file) = self.disk.open(&self.path, false) else { return Writers::Unknown };
        match self.disk.lease(&file) {
            LeaseOf::Held(_) => Writers::None,
            LeaseOf::Refused => match self.disk.writers(&file) {
                Writers::None | Writers::Unknown => Writers::Some(Vec::new()),
                found @ Writers::Some(_) => found,
            },
            LeaseOf::Unknown => self.disk.writers(&file),
        }
    }

    /// How it is saved.
    pub const fn way(&self) -> Way {
        if self.rewrite.is_some() { Way::Rewrite } else { Way::InPlace }
    }

    /// The state that is saved.
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether a device is written to.
    pub const fn is_device(&self) -> bool {
        self.is_device
    }

    /// The file.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// The ranges that are written in place, in the file as it will be. A range that is cut off is empty.
    pub fn ranges(&self) -> impl ExactSizeIterator<Item = Range<u64>> + '_ {
        self.examined.spans.iter().map(Span::new_range)
    }

    /// The bytes that are written: of a rewrite those that are neither shared nor left as a hole.
    pub fn bytes(&self) -> u64 {
        match &self.rewrite {
            Some(rewrite) => rewrite.copied,
            None => self.examined.spans.iter().map(|span| span.new_len).sum(),
        }
    }

    /// The bytes that the new file shares with the old one.
    pub fn shared(&self) -> u64 {
        self.rewrite.as_ref().map_or(0, |rewrite| rewrite.shared)
    }

    /// The length of the file before and after.
    pub fn lens(&self) -> (u64, u64) {
        (self.base.len(), self.version.len())
    }

    /// What was looked at.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// What will not be kept.
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// The bytes of a range as they are in the file, and as they will be.
    ///
    /// # Errors
    /// Errors of the file.
    pub fn sample(&self, range: Range<u64>) -> memmap_core::Result<(Vec<u8>, Vec<u8>)> {
        let within = |len: u64| {
            let (start, end) = (range.start.min(len), range.end.min(len));
            (start, usize::try_from(end.saturating_sub(start)).unwrap_or(0))
        };
        let (start, old_len) = within(self.base.map().len());
        let old = self.base.map().read_at(start, old_len)?;
        let (start, new_len) = within(self.version.len());
        Ok((old, self.version.read_at(start, new_len)?))
    }

    /// Saves. The overlay goes on from the result by [`Overlay::saved`](crate::Overlay::saved).
    ///
    /// # Errors
    /// The file is as it was, except after [`SaveError::Unfinished`].
    pub fn run(self, progress: &Progress) -> Result<Saved<M>, SaveError> {
        let savings = Arc::clone(self.base.savings());
        let Some(_busy) = savings.begin() else {
            return Err(SaveError::InUse {
                path: self.path,
                by: "another saving of it goes on".to_owned(),
            });
        };
        // What it would leave in the file is not what was shown, as the other one's bytes are there too.
        if savings.count() != self.savings_made {
            return Err(SaveError::PlanIsOld { path: self.path });
        }
        self.require_unseen()?;
        match self.rewrite {
            None => self.run_in_place(progress),
            Some(_) => self.run_beside(progress),
        }
    }
}
