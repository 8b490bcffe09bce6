use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::ops::RangeBounds;
use std::sync::Arc;

use memmap_core::{Error, ErrorKind, Map, Mapping, Op, Result, widen};

use crate::changes::Changes;
use crate::numbers::Numbers;
use crate::piece::Piece;
use crate::range::within;
use crate::recording::Recorder;
use crate::seen::Shown;
use crate::shift::Shift;
use crate::source::Source;
use crate::splice::{Run, Splice};
use crate::tree::Tree;
use crate::undo::{State, Undo};
use crate::version::{Sources, Version};

/// Edits over a map, which is never written to.
///
/// An edit takes time and memory by what it changes, not by the length of what is mapped. Each is a
/// [`State`] of an undo tree; [`view`](Self::view) is what it looks like now, as a map of its own.
///
/// Offsets count from the start of the edited version. After an error nothing has changed.
///
/// # Examples
/// ```
/// use memmap_core::testing::Fake;
/// use memmap_core::Map;
/// use memmap_edit::Overlay;
///
/// let mut edited = Overlay::new(Map::from_mapping(Fake::new(b"map of bytes")));
/// edited.insert(0, b"a ")?;
/// edited.overwrite(6, b"OF")?;
/// let view = edited.view();
/// edited.undo();
/// assert_eq!(view.read_at(0, 14)?, b"a map OF bytes");
/// assert_eq!(edited.view().read_at(0, 14)?, b"a map of bytes");
/// # Ok::<(), memmap_core::Error>(())
/// ```
pub struct Overlay<M: Mapping> {
    pub(crate) sources: Arc<Sources<M>>,
    /// The number of the source that is in the file now.
    pub(crate) base: u32,
    pub(crate) tree: Tree,
    pub(crate) undo: Undo,
    /// What the file was made with when it was last written anew. It has the old file's bytes.
    pub(crate) made: Option<Arc<Map<Version<M>>>>,
    /// The sources that were the file, one after the other.
    pub(crate) versions: Vec<u32>,
    /// The splices of the groups that are open.
    open: Option<Vec<Splice>>,
    /// The numbers of the states there.
    pub(crate) numbers: Numbers,
    pub(crate) shown: Option<Shown>,
    /// The numbers in the journal of sources that are spooled files.
    pub(crate) spools: BTreeMap<u32, u32>,
    /// Takes what is done.
    pub(crate) recorder: Option<Arc<dyn Recorder>>,
}

impl<M: Mapping> Debug for Overlay<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlay")
            .field("len", &self.len())
            .field("states", &self.undo.len())
            .field("current", &self.undo.current())
            .finish_non_exhaustive()
    }
}

impl<M: Mapping> Overlay<M> {
    /// Starts without an edit. The map is read where nothing is edited, as long as the overlay or one of its
    /// views lives.
    pub fn new(base: impl Into<Arc<Map<M>>>) -> Self {
        let source = Source::new(base.into());
        let tree = whole(0, source.len());
        Self {
            sources: Arc::new(vec![Arc::new(source)]),
            base: 0,
            undo: Undo::new(tree.clone()),
            tree,
            made: None,
            versions: vec![0],
            open: None,
            numbers: Numbers::default(),
            shown: None,
            spools: BTreeMap::new(),
            recorder: None,
        }
    }

    /// Records all edits from now on, so that they outlive the program.
    pub fn record_to(&mut self, recorder: Arc<dyn Recorder>) {
        self.recorder = Some(recorder);
    }

    /// What is in the file now: the base, or after a saving its new map.
    pub fn base(&self) -> &Map<M> {
        self.file().map()
    }

    pub(crate) fn file(&self) -> &Source<M> {
        self.file_source()
    }

    /// The source that is in the file now.
    pub(crate) fn file_source(&self) -> &Arc<Source<M>> {
        let number = usize::try_from(self.base).unwrap_or(0);
        self.sources.get(number).or_else(|| self.sources.first()).expect("an overlay has a source")
    }

    /// The number of bytes.
    pub fn len(&self) -> u64 {
        self.tree.len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    /// What it looks like now. It stays so, also when the file is saved.
    ///
    /// # Cost
    /// Two references.
    pub fn view(&self) -> Map<Version<M>> {
        Version::new(self.tree.clone(), Arc::clone(&self.sources), self.base().origin())
    }

    /// What a state looked like.
    ///
    /// # Cost
    /// The edits since the last saving, on a copy: a microsecond each.
    pub fn view_of(&self, state: State) -> Map<Version<M>> {
        Version::new(self.undo.version(state), Arc::clone(&self.sources), self.base().origin())
    }

    /// The undo tree.
    pub const fn history(&self) -> &Undo {
        &self.undo
    }

    /// Replaces as many bytes as are given.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`].
    pub fn overwrite(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.splice(offset, widen(bytes.len()), Piece::of_bytes(bytes).into_iter().collect())
    }

    /// Inserts bytes before the one at `offset`, or at the end.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`]; [`ErrorKind::TooLarge`] beyond 2⁶⁴−1 bytes.
    pub fn insert(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.splice(offset, 0, Piece::of_bytes(bytes).into_iter().collect())
    }

    /// Inserts `len` bytes of a pattern, which starts again where it ends. They take no memory.
    ///
    /// # Errors
    /// As of [`insert`](Self::insert); [`ErrorKind::InvalidOptions`] for an empty pattern.
    pub fn insert_fill(&mut self, offset: u64, len: u64, pattern: &[u8]) -> Result<()> {
        let fill = self.pattern(len, pattern)?;
        self.splice(offset, 0, fill)
    }

    /// Inserts all bytes of a map, lazily: they are read when the edited version is. Nobody may change them
    /// meanwhile, so pass a copy of your own.
    ///
    /// # Errors
    /// As of [`insert`](Self::insert).
    pub fn insert_map(&mut self, offset: u64, map: impl Into<Arc<Map<M>>>) -> Result<()> {
        self.insert_source(offset, map.into(), None)
    }

    /// Removes a range.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`], [`ErrorKind::BackwardRange`].
    pub fn delete(&mut self, range: impl RangeBounds<u64>) -> Result<()> {
        self.replace(range, &[])
    }

    /// Puts bytes in the place of a range, which may be shorter or longer.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`], [`ErrorKind::BackwardRange`]; [`ErrorKind::TooLarge`] beyond 2⁶⁴−1 bytes.
    pub fn replace(&mut self, range: impl RangeBounds<u64>, bytes: &[u8]) -> Result<()> {
        let range = within(range, self.len()).map_err(|kind| self.error(kind))?;
        let removed = range.end.saturating_sub(range.start);
        self.splice(range.start, removed, Piece::of_bytes(bytes).into_iter().collect())
    }

    /// Overwrites a range with a pattern, which starts again where it ends.
    ///
    /// # Errors
    /// As of [`replace`](Self::replace); [`ErrorKind::InvalidOptions`] for an empty pattern.
    pub fn fill(&mut self, range: impl RangeBounds<u64>, pattern: &[u8]) -> Result<()> {
        let range = within(range, self.len()).map_err(|kind| self.error(kind))?;
        let len = range.end.saturating_sub(range.start);
        let fill = self.pattern(len, pattern)?;
        self.splice(range.start, len, fill)
    }

    /// Inserts what is in `range` now before the byte at `to`. It shares what is edited, and copies no
    /// byte.
    ///
    /// # Errors
    /// As of [`replace`](Self::replace).
    pub fn copy(&mut self, range: impl RangeBounds<u64>, to: u64) -> Result<()> {
        let range = within(range, self.len()).map_err(|kind| self.error(kind))?;
        let copied = moved(&self.tree.slice(range.start, range.end));
        self.splice(to, 0, copied)
    }

    /// Replaces many ranges by the same bytes, as one state. The ranges are in order, do not overlap, and
    /// are in the version as it is now.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfBounds`]; [`ErrorKind::BackwardRange`] for one that starts before the one before it
    /// ends.
    ///
    /// # Cost
    /// The pieces of the new version are made once, from the first to the last range; some 200 bytes of
    /// memory a range.
    pub fn replace_many(
        &mut self,
        ranges: impl IntoIterator<Item = std::ops::Range<u64>>,
        bytes: &[u8],
    ) -> Result<()> {
        let inserted: Tree = Piece::of_bytes(bytes).into_iter().collect();
        let mut splices = Vec::new();
        let shown = self.shown.take();
        let mut builder = crate::tree::Builder::default();
        let (mut done, mut now) = (0_u64, 0_u64);
        for range in ranges {
            if range.start < done || range.end < range.start {
                let (start, end) = (done.max(range.start), range.end);
                return Err(self.error(ErrorKind::BackwardRange { start, end }));
            }
            self.check(range.start, range.end.saturating_sub(range.start), 0)?;
            for (_, piece) in self.tree.pieces(done, range.start) {
                builder.push(piece);
            }
            now = now.saturating_add(range.start.saturating_sub(done));
            for (_, piece) in inserted.all() {
                builder.push(piece);
            }
            let removed = Run::from(self.tree.slice(range.start, range.end));
            let seen = shown.as_ref().and_then(|it| self.see_in(it, range.start, &removed));
            let seen = seen.unwrap_or_else(|| self.see(&removed));
            splices.push(Splice { place: now, removed, inserted: inserted.clone().into(), seen });
            now = now.checked_add(inserted.len()).ok_or_else(|| self.too_large(u64::MAX))?;
            done = range.end;
        }
        let rest = self.len().saturating_sub(done);
        now.checked_add(rest).ok_or_else(|| self.too_large(u64::MAX))?;
        for (_, piece) in self.tree.pieces(done, self.len()) {
            builder.push(piece);
        }
        if splices.is_empty() {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.tree, builder.finish());
        match &mut self.open {
            Some(open) => open.extend(splices),
            None => self.make_state(&before, splices),
        }
        Ok(())
    }

    /// Makes several edits one state, and takes all back if `edits` returns an error.
    ///
    /// # Errors
    /// Those of `edits`.
    pub fn group<T, E>(&mut self, edits: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        self.grouped(edits, Self::make_state)
    }

    /// Makes edits part of the current state, as the keys of one word are: one undo takes all back. If the
    /// current state is in the file, or others were made from it, they are a state of their own.
    ///
    /// # Errors
    /// Those of `edits`, which are then taken back.
    pub fn amend<T, E>(&mut self, edits: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        self.grouped(edits, |overlay, before, splices| {
            let record = overlay.recorder.is_some().then(|| splices.clone());
            match overlay.undo.amend(splices) {
                Ok(()) => {
                    let state = overlay.undo.current();
                    overlay.record_edit(state, &record.unwrap_or_default());
                }
                Err(splices) => overlay.make_state(before, splices),
            }
        })
    }

    /// Takes back the last edit that became part of the current state by [`amend`](Self::amend), as
    /// Backspace does while a word is typed. Returns what changed. `None` if the state is one edit, which
    /// [`undo`](Self::undo) takes back, or if it can no longer be amended.
    pub fn retract(&mut self) -> Option<std::ops::Range<u64>> {
        if self.open.is_some() {
            return None;
        }
        let splice = self.undo.retract()?;
        splice.take_back(&mut self.tree);
        let back = splice.reversed();
        let changed = back.place..back.place.saturating_add(back.inserted.len());
        let state = self.undo.current();
        self.record_edit(state, &[back]);
        Some(changed)
    }

    /// Makes a state of splices that were made.
    fn make_state(&mut self, before: &Tree, splices: Vec<Splice>) {
        let record = self.recorder.is_some().then(|| splices.clone());
        let state = self.undo.push(before, splices, &self.tree);
        self.record_edit(state, &record.unwrap_or_default());
    }

    fn grouped<T, E>(
        &mut self,
        edits: impl FnOnce(&mut Self) -> Result<T, E>,
        done: impl FnOnce(&mut Self, &Tree, Vec<Splice>),
    ) -> Result<T, E> {
        let before = self.tree.clone();
        let outer = self.open.replace(Vec::new());
        let result = edits(self);
        let splices = std::mem::replace(&mut self.open, outer).unwrap_or_default();
        if result.is_err() {
            self.tree = before;
        } else if let Some(outer) = &mut self.open {
            outer.extend(splices);
        } else if !splices.is_empty() {
            done(self, &before, splices);
        }
        result
    }

    /// Goes to the state that the current one was made from. Returns what changed, in the version that is
    /// shown now; `None` if there is none.
    pub fn undo(&mut self) -> Option<std::ops::Range<u64>> {
        self.go_to(self.undo.parent(self.undo.current())?)
    }

    /// Goes to the state that was last undone, or made, from the current one; as [`undo`](Self::undo).
    pub fn redo(&mut self) -> Option<std::ops::Range<u64>> {
        self.go_to(self.undo.next(self.undo.current())?)
    }

    /// Goes to any state; as [`undo`](Self::undo). `None` also for a state that does not exist, or while a
    /// group is open.
    ///
    /// # Cost
    /// The edits on the way: a microsecond each.
    pub fn go_to(&mut self, state: State) -> Option<std::ops::Range<u64>> {
        if self.open.is_some() || self.undo.time(state).is_none() {
            return None;
        }
        let from = self.undo.current();
        if from == state {
            return None;
        }
        let shift = self.undo.shift(from, state);
        self.undo.go(&mut self.tree, state);
        self.record_state(from);
        shift.hull()
    }

    /// How positions of one state become those of another. Both exist.
    pub fn shift(&self, from: State, to: State) -> Shift {
        self.undo.shift(from, to)
    }

    /// The ranges that are not as in the base, in order.
    ///
    /// # Cost
    /// One step for each piece, however long what lies between is. The base is not read.
    pub fn changes(&self) -> Changes<M> {
        Changes::new(self.tree.all(), Arc::clone(&self.sources), self.base)
    }

    /// The base became longer: what it has more is added at the end, as a state of its own. Older states keep
    /// their length. If nothing was edited since the last saving, this state is the one that is in the file.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOptions`] for a base that is not longer, or while a group is open;
    /// [`ErrorKind::TooLarge`].
    pub fn grow(&mut self, base: impl Into<Arc<Map<M>>>) -> Result<()> {
        let source = self.file().next(base.into());
        self.grow_to(source)
    }

    /// The same, of a source of the same file.
    pub(crate) fn grow_to(&mut self, source: Source<M>) -> Result<()> {
        let (was, at) = (self.file().len(), self.len());
        let more = source.len().checked_sub(was).filter(|&more| more > 0);
        let Some(more) = more.filter(|_| self.open.is_none()) else {
            let what =
                "it is not longer than the base, or a group is open; make a new overlay of it";
            return Err(self.error(ErrorKind::InvalidOptions { what }));
        };
        self.check(at, 0, more)?;
        let number = self.next_number()?;
        let is_in_file = !self.undo.is_modified();
        Arc::make_mut(&mut self.sources).push(Arc::new(source.grown_from(was)));
        self.base = number;
        if let Some(last) = self.versions.last_mut() {
            *last = number;
        }
        let piece = Piece::Source { source: number, moved: false, start: was, len: more };
        self.splice(at, 0, Tree::of(piece))?;
        self.undo.grew(is_in_file.then(|| self.tree.clone()));
        Ok(())
    }

    pub(crate) fn next_number(&self) -> Result<u32> {
        u32::try_from(self.sources.len()).map_err(|_many| self.too_large(self.len()))
    }

    fn pattern(&self, len: u64, pattern: &[u8]) -> Result<Tree> {
        if pattern.is_empty() || u32::try_from(pattern.len()).is_err() {
            let what = "a pattern has at least one byte, and fewer than 2³²";
            return Err(self.error(ErrorKind::InvalidOptions { what }));
        }
        if len == 0 {
            return Ok(Tree::default());
        }
        let pattern: Arc<Box<[u8]>> = Arc::new(pattern.into());
        Ok(Tree::of(Piece::Fill { pattern, phase: 0, len }))
    }

    /// Checks a range, and the length that it would come to.
    pub(crate) fn check(&self, at: u64, removed: u64, inserted: u64) -> Result<()> {
        let bound = self.len();
        if at.checked_add(removed).is_none_or(|end| end > bound) {
            let (offset, len) = (at, removed);
            return Err(self.error(ErrorKind::OutOfBounds { offset, len, bound }));
        }
        let left = bound.saturating_sub(removed);
        left.checked_add(inserted).map(|_| ()).ok_or_else(|| self.too_large(inserted))
    }

    pub(crate) fn splice(&mut self, place: u64, removed: u64, inserted: Tree) -> Result<()> {
        self.check(place, removed, inserted.len())?;
        if removed == 0 && inserted.is_empty() {
            return Ok(());
        }
        let removed = Run::from(self.tree.slice(place, place.saturating_add(removed)));
        let seen = self.see_at(place, &removed);
        let splice = Splice { place, removed, inserted: inserted.into(), seen };
        splice.apply(&mut self.tree);
        match &mut self.open {
            Some(open) => open.push(splice),
            None => self.make_state(&Tree::default(), vec![splice]),
        }
        Ok(())
    }

    fn too_large(&self, len: u64) -> Error {
        self.error(ErrorKind::TooLarge { len, max: u64::MAX })
    }

    #[cold]
    pub(crate) fn error(&self, kind: ErrorKind) -> Error {
        let error = Error::new(Op::Write, kind);
        match self.base().origin() {
            Some(origin) => error.with_origin(origin.clone()),
            None => error,
        }
    }
}

/// The same pieces, as copies.
fn moved(tree: &Tree) -> Tree {
    let copy = |piece| match piece {
        Piece::Source { source, start, len, .. } => {
            Piece::Source { source, moved: true, start, len }
        }
        piece => piece,
    };
    tree.all().map(|(_, piece)| copy(piece)).collect()
}

/// A source as it is.
pub(crate) fn whole(source: u32, len: u64) -> Tree {
    match len {
        0 => Tree::default(),
        _ => Tree::of(Piece::Source { source, moved: false, start: 0, len }),
    }
}
