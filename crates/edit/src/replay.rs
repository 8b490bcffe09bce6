use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::sync::Arc;

use memmap_core::Map;
use memmap_core::disk::{Attributes, Stored};

use crate::journal::{
    self, Inserted, JournalError, Journals, OpenSavings, Reader, Record, SavingPlan, SavingRange,
    SavingWay, SeenBytes, is_spool_of,
};
use crate::numbers::Numbers;
use crate::overlay::{Overlay, whole};
use crate::piece::Piece;
use crate::recording::seen_len;
use crate::source::{Kept, SavedRange, Saving, SavingEnd, Source};
use crate::splice::{Run, Seen, Splice};
use crate::tree::Tree;
use crate::undo::{State, Undo};

/// Why the edits of a journal cannot be made again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal cannot be mapped.
    #[error(transparent)]
    Map(#[from] memmap_core::Error),
    /// The file does not have the length that the journal left it with.
    #[error(
        "the file has {now} bytes, and the journal left it with {was}: another program wrote to it"
    )]
    LengthChanged {
        /// The length that it had.
        was: u64,
        /// Its length now.
        now: u64,
    },
    /// A record contradicts those before it.
    #[error("the record at {at} of the journal does not follow from those before it")]
    Contradiction {
        /// Where it is.
        at: u64,
    },
}

/// A saving that the journal has.
struct Planned {
    plan: SavingPlan,
    ranges: Vec<SavedRange>,
    /// Where it is.
    at: u64,
}

/// A saving in place that the journal says is complete.
struct Done {
    /// It is the last one. Those before it did not finish, and it wrote over what they left.
    tries: Vec<Planned>,
    plan: SavingPlan,
    /// Where the journal says so.
    at: u64,
}

/// What the journal has of savings.
#[derive(Default)]
struct Found {
    open: OpenSavings<Planned>,
    done: Vec<Done>,
    /// The last rewrite: where in the journal it began, and the length that it left. What was edited before
    /// it was of a file that is gone.
    rewritten: Option<(u64, u64)>,
    /// The length that the file was left with.
    len: u64,
    /// Whether it became longer before the first saving since it was opened or last written anew.
    has_grown: bool,
    /// Spooled files: name, number and length.
    spooled: Vec<(OsString, (u32, u64))>,
}

impl<M: Stored> Overlay<M> {
    /// The edits of a journal over the file as it is now, with all states since it was opened or last written
    /// anew: also those before savings in place, whose old bytes the journal has. The file is the one that the
    /// journal is of, and no saving of it was cut short.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub fn replay(
        base: impl Into<Arc<Map<M>>>,
        journals: &Journals<M::Disk>,
        name: &OsStr,
    ) -> Result<Self, ReplayError> {
        let map = base.into();
        let (disk, file) = (journals.disk(), journals.file(name)?);
        let mut found = Found::default();
        let mut reader = Reader::open(disk, &file)?;
        found.len = reader.header().file.len;
        while let Some((position, record)) = reader.next()? {
            found.add(&record, &position);
        }
        let Found { done, rewritten, len: was, has_grown, mut spooled, .. } = found;
        spooled.retain(|(spool, _)| is_spool_of(spool, name));
        let (after, made_len) = rewritten.unwrap_or_else(|| (0, reader.header().file.len));
        let first = done.first().and_then(|done| done.tries.first()).filter(|_| !has_grown);
        let first_len = first.map_or(made_len, |first| first.plan.old_len);
        // Another program may have appended bytes, which stay. Bytes that it cut off cannot be edited.
        if was > map.len() {
            return Err(ReplayError::LengthChanged { was, now: map.len() });
        }
        let tries = done.iter().flat_map(|done| {
            let last = done.tries.len();
            (1..).zip(&done.tries).map(move |(number, it)| (it, number == last))
        });
        let savings = tries.map(|(planned, is_done)| {
            let kept = M::open_on(disk, &journals.path().join(name))?;
            let saving =
                Saving::new(planned.ranges.clone(), Kept::Mapped(kept), Attributes::default());
            saving.end(if is_done { SavingEnd::Done } else { SavingEnd::Unfinished });
            Ok(Arc::new(saving))
        });
        let savings: memmap_core::Result<Vec<_>> = savings.collect();
        let mut overlay = Self::new(Arc::clone(&map));
        let source = Source::earlier(map, first_len, savings?);
        overlay.sources = Arc::new(vec![Arc::new(source)]);
        overlay.tree = whole(0, first_len);
        overlay.undo = Undo::new(overlay.tree.clone());
        for (name, spool) in &spooled {
            overlay.add_spool(disk, journals.path(), name, *spool);
        }
        let is_new_file = rewritten.is_some();
        let mut replay = Replay { overlay, states: HashMap::new(), done, next: 0, is_new_file };
        replay.states.insert(0, State::FIRST);
        let mut reader = Reader::open(disk, &file)?;
        while let Some((position, record)) = reader.next()? {
            if let Record::Edit(edit) = &record {
                replay.next = replay.next.max(edit.state.saturating_add(1));
            }
            match &record {
                // The state that the last rewrite saved is the first one now.
                Record::Plan(plan) if is_new_file && position.record.start == after => {
                    replay.states = HashMap::from([(plan.state, State::FIRST)]);
                }
                record if position.record.start >= after => {
                    replay.take(record, &position.record)?;
                }
                _ => {}
            }
        }
        let next =
            replay.states.keys().max().map_or(0, |last| last.saturating_add(1)).max(replay.next);
        let known = replay.states.iter().map(|(&number, &state)| (state, number)).collect();
        replay.overlay.numbers = Numbers::of(known, next);
        Ok(replay.overlay)
    }
}

impl Found {
    fn add(&mut self, record: &Record, position: &journal::Position) {
        match record {
            Record::Plan(plan) => {
                let at = position.record.start;
                self.open.plan(Planned { plan: *plan, ranges: Vec::new(), at });
            }
            Record::Range(SavingRange { start, old, new }) => {
                if let (Some(planned), Some(old_at), Some(new_at)) =
                    (self.open.planned(), &position.old, &position.new)
                {
                    let len = |bytes: &[u8]| memmap_core::widen(bytes.len());
                    planned.ranges.push(SavedRange {
                        old: *start..start.saturating_add(len(old)),
                        old_at: old_at.start,
                        new_len: len(new),
                        new_at: new_at.start,
                    });
                }
            }
            Record::Planned { .. } | Record::Rewriting(_) => self.open.begin(|_| true),
            Record::Edit(edit) => {
                if let Some(len) = edit.grown_to(self.done.len(), self.len) {
                    self.len = len;
                    self.has_grown |= self.done.is_empty();
                }
            }
            Record::Spooled { file, name, len } => {
                if let Ok(name) = std::str::from_utf8(name) {
                    self.spooled.push((name.into(), (*file, *len)));
                }
            }
            Record::Back => self.open.back(),
            Record::Resumed(_) => self.open.resume(),
            Record::Done => {
                let tries = self.open.done();
                let Some(&Planned { plan, at, .. }) = tries.last() else { return };
                self.len = plan.new_len;
                if plan.way == SavingWay::InPlace {
                    self.done.push(Done { tries, plan, at: position.record.start });
                } else {
                    self.done.clear();
                    self.has_grown = false;
                    self.rewritten = Some((at, plan.new_len));
                }
            }
            _ => {}
        }
    }
}

struct Replay<M: Stored> {
    overlay: Overlay<M>,
    /// States by their numbers in the journal.
    states: HashMap<u32, State>,
    done: Vec<Done>,
    /// Whether the file was written anew since the journal began: then some states are of the file before.
    is_new_file: bool,
    /// The next number that no state has, also of those that are gone.
    next: u32,
}

impl<M: Stored> Replay<M> {
    fn take(&mut self, record: &Record, at: &Range<u64>) -> Result<(), ReplayError> {
        let contradiction = || ReplayError::Contradiction { at: at.start };
        match record {
            Record::Edit(edit) => match self.edit(edit) {
                None if !self.is_new_file => Err(contradiction()),
                _ => Ok(()),
            },
            Record::GoTo { state, .. } => match self.states.get(state) {
                None if !self.is_new_file => Err(contradiction()),
                state => {
                    state.map(|&state| self.overlay.go_to(state));
                    Ok(())
                }
            },
            Record::Done => {
                let Some(done) = self.done.iter().find(|done| done.at == at.start) else {
                    return Ok(());
                };
                let state = *self.states.get(&done.plan.state).ok_or_else(contradiction)?;
                let source = self.overlay.file().later(done.tries.len(), done.plan.new_len);
                self.overlay.go_on_from(state, source);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn edit(&mut self, edit: &journal::Edit) -> Option<()> {
        let known = self.states.get(&edit.state).copied();
        let overlay = &mut self.overlay;
        if known.is_none() {
            let parent = *self.states.get(&edit.parent)?;
            if overlay.history().current() != parent {
                overlay.go_to(parent);
            }
        } else if known != Some(overlay.history().current()) {
            return None;
        }
        if known.is_none()
            && let Some(last) = overlay.versions.len().checked_sub(1)
            && let Some(len) = edit.grown_to(last, overlay.file().len())
        {
            let source = overlay.file().later(0, len);
            overlay.grow_to(source).ok()?;
            let state = overlay.history().current();
            overlay.undo.set_time(state, edit.time);
            self.states.insert(edit.state, state);
            return Some(());
        }
        let before = overlay.tree.clone();
        let mut splices = Vec::new();
        for splice in &edit.splices {
            let end =
                splice.place.checked_add(splice.removed).filter(|&end| end <= overlay.len())?;
            let inserted: Option<Tree> = {
                let pieces = splice.inserted.iter().map(|piece| overlay.piece_of(piece));
                let pieces: Option<Vec<Vec<Piece>>> = pieces.collect();
                pieces.map(|pieces| pieces.into_iter().flatten().collect())
            };
            let inserted = inserted?;
            let left = overlay.len().checked_sub(splice.removed)?;
            left.checked_add(inserted.len())?;
            let removed = Run::from(overlay.tree.slice(splice.place, end));
            let seen = overlay.seen_again(&splice.seen, &removed);
            let made = Splice { place: splice.place, removed, inserted: inserted.into(), seen };
            made.apply(&mut overlay.tree);
            splices.push(made);
        }
        if known.is_some() {
            // Here others may have been made from it: states of the file before a rewrite, which are recorded as
            // what they change in the state that was left for them.
            if let Err(splices) = overlay.undo.amend(splices) {
                let state = overlay.undo.push(&before, splices, &overlay.tree);
                self.states.insert(edit.state, state);
            }
        } else {
            let state = overlay.undo.push(&before, splices, &overlay.tree);
            overlay.undo.set_time(state, edit.time);
            self.states.insert(edit.state, state);
        }
        Some(())
    }
}

impl<M: Stored> Overlay<M> {
    fn piece_of(&self, inserted: &Inserted) -> Option<Vec<Piece>> {
        match inserted {
            Inserted::Bytes(bytes) => Some(Piece::of_bytes(bytes)),
            Inserted::Fill { pattern, phase, len } => {
                let phase_is_within =
                    usize::try_from(*phase).is_ok_and(|phase| phase < pattern.len());
                if *len == 0 || !phase_is_within {
                    return None;
                }
                let pattern = Arc::new(pattern.clone().into_boxed_slice());
                Some(vec![Piece::Fill { pattern, phase: *phase, len: *len }])
            }
            Inserted::Base { source, start, len } => {
                let number = *self.versions.get(usize::try_from(*source).ok()?)?;
                let found = self.sources.get(usize::try_from(number).ok()?)?;
                let is_within = start.checked_add(*len).is_some_and(|end| end <= found.len());
                (*len > 0 && is_within).then(|| {
                    vec![Piece::Source { source: number, moved: true, start: *start, len: *len }]
                })
            }
            Inserted::Spool { file, start, len } => {
                let (&number, _) = self.spools.iter().find(|(_, spool)| *spool == file)?;
                let found = self.sources.get(usize::try_from(number).ok()?)?;
                let is_within = start.checked_add(*len).is_some_and(|end| end <= found.len());
                (*len > 0 && is_within).then(|| {
                    vec![Piece::Source { source: number, moved: true, start: *start, len: *len }]
                })
            }
        }
    }

    /// What was seen of what a splice removed. If it was of a file that is gone, it is looked at again.
    fn seen_again(&self, seen: &[journal::Seen], removed: &Run) -> Seen {
        let parts = seen.iter().map(|seen| {
            let bytes = match &seen.bytes {
                SeenBytes::Exact(bytes) => Piece::of_bytes(bytes).pop(),
                _ => None,
            };
            (seen_len(seen), bytes)
        });
        let parts: Vec<(u64, Option<Piece>)> = parts.filter(|(len, _)| *len > 0).collect();
        let lens: Vec<u64> = self.file_pieces(removed).map(|piece| piece.len()).collect();
        if parts.len() != lens.len() || parts.iter().zip(&lens).any(|(part, len)| part.0 != *len) {
            return self.see(removed);
        }
        Seen::of(parts)
    }
}
