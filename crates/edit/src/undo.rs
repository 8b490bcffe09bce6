use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::{Duration, SystemTime};

use crate::shift::Shift;
use crate::splice::Splice;
use crate::tree::Tree;

/// A state of the undo tree. The first one is the base without an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct State(pub(crate) u32);

impl State {
    /// The base without an edit.
    pub const FIRST: Self = Self(0);

    /// Its number: states are counted in the order in which they were made, from 0.
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// The states of an [`Overlay`](crate::Overlay): a tree, in which an edit after an undo begins a branch.
#[derive(Debug)]
pub struct Undo {
    states: Vec<Node>,
    current: State,
    saved: State,
    /// The state of the last plan.
    planned: State,
    /// The versions of the first state and of those that were saved, to begin from. To keep one in a thousand of
    /// all would take ten times the memory, as each holds a copy of nearly every leaf. To pass a state takes less
    /// than a microsecond.
    versions: BTreeMap<State, Tree>,
    /// The states that are nothing but a longer file.
    growths: BTreeSet<State>,
}

/// How many states are passed without looking for a version to begin from.
const FAR: usize = 1000;

/// How many splices are kept apart in one state. More are kept as the versions before and after.
const SPLICES_MAX: usize = 256;

/// How many splices a state has at most to which others are added: those of a long typing run.
const AMENDED_MAX: usize = 8192;

#[derive(Debug)]
struct Node {
    /// Of the first one, itself.
    parent: State,
    depth: u32,
    /// The newest child; the others follow by `older`. State 0 is nobody's child: it says that there is none.
    child: State,
    older: State,
    /// Where redo goes.
    next: State,
    /// Milliseconds since 1970.
    time: u64,
    change: Change,
}

#[derive(Debug)]
pub(crate) enum Change {
    /// Of the first state.
    None,
    One(Splice),
    Many(Vec<Splice>),
    /// Many splices at once.
    Bulk(Box<Bulk>),
}

/// The versions before and after many splices.
#[derive(Debug)]
pub(crate) struct Bulk {
    pub(crate) before: Tree,
    pub(crate) after: Tree,
    pub(crate) shift: Shift,
    /// What was covered, for saving.
    pub(crate) splices: Vec<Splice>,
}

impl Change {
    fn of(mut splices: Vec<Splice>) -> Self {
        match (splices.len(), splices.pop()) {
            (1, Some(splice)) => Self::One(splice),
            (_, last) => {
                splices.extend(last);
                splices.shrink_to_fit();
                Self::Many(splices)
            }
        }
    }

    fn apply(&self, tree: &mut Tree) {
        match self {
            Self::None => {}
            Self::One(splice) => splice.apply(tree),
            Self::Many(splices) => splices.iter().for_each(|splice| splice.apply(tree)),
            Self::Bulk(bulk) => *tree = bulk.after.clone(),
        }
    }

    fn take_back(&self, tree: &mut Tree) {
        match self {
            Self::None => {}
            Self::One(splice) => splice.take_back(tree),
            Self::Many(splices) => splices.iter().rev().for_each(|splice| splice.take_back(tree)),
            Self::Bulk(bulk) => *tree = bulk.before.clone(),
        }
    }

    fn shift(&self) -> Shift {
        match self {
            Self::None => Shift::default(),
            Self::One(splice) => splice.shift(),
            Self::Many(splices) => joined(splices.iter().map(Splice::shift).collect()),
            Self::Bulk(bulk) => bulk.shift.clone(),
        }
    }

    /// The splices, in the order in which they were made.
    pub(crate) fn splices(&self) -> &[Splice] {
        match self {
            Self::None => &[],
            Self::One(splice) => std::slice::from_ref(splice),
            Self::Many(splices) => splices,
            Self::Bulk(bulk) => &bulk.splices,
        }
    }
}

/// Shifts one after the other, joined by pairs: each is looked at only as often as a number has bits.
fn joined(mut shifts: Vec<Shift>) -> Shift {
    while shifts.len() > 1 {
        let mut halves = shifts.into_iter();
        let mut next = Vec::with_capacity(halves.len().div_ceil(2));
        while let Some(first) = halves.next() {
            next.push(match halves.next() {
                Some(second) => first.then(second),
                None => first,
            });
        }
        shifts = next;
    }
    shifts.pop().unwrap_or_default()
}

impl Undo {
    pub(crate) fn new(first: Tree) -> Self {
        let node = Node {
            parent: State::FIRST,
            depth: 0,
            child: State::FIRST,
            older: State::FIRST,
            next: State::FIRST,
            time: now(),
            change: Change::None,
        };
        Self {
            states: vec![node],
            current: State::FIRST,
            saved: State::FIRST,
            planned: State::FIRST,
            versions: BTreeMap::from([(State::FIRST, first)]),
            growths: BTreeSet::new(),
        }
    }

    /// The state that is shown.
    pub const fn current(&self) -> State {
        self.current
    }

    /// The state that is in the file, or was last.
    pub const fn saved(&self) -> State {
        self.saved
    }

    /// Whether the current state is not the one in the file.
    pub fn is_modified(&self) -> bool {
        self.saved != self.current
    }

    /// The number of states, the first one included.
    pub fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether there is no state but the first.
    pub fn is_empty(&self) -> bool {
        self.states.len() == 1
    }

    /// The state that it was made from; `None` of the first one, and of one that does not exist.
    pub fn parent(&self, state: State) -> Option<State> {
        let node = self.node(state)?;
        (state != State::FIRST).then_some(node.parent)
    }

    /// The states that were made from it, the newest first.
    pub fn children(&self, state: State) -> impl Iterator<Item = State> + '_ {
        let first = self.node(state).map(|node| node.child);
        let is_one = |state: &State| *state != State::FIRST;
        std::iter::successors(first.filter(is_one), move |&state| {
            self.node(state).map(|node| node.older).filter(is_one)
        })
    }

    /// Where [`redo`](crate::Overlay::redo) goes from it.
    pub fn next(&self, state: State) -> Option<State> {
        self.node(state).map(|node| node.next).filter(|&next| next != State::FIRST)
    }

    /// When it was made; `None` of one that does not exist.
    pub fn time(&self, state: State) -> Option<SystemTime> {
        let node = self.node(state)?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(node.time))
    }

    /// The newest state that had been made at a time; the first one if none had.
    pub fn at(&self, time: SystemTime) -> State {
        let time = millis(time);
        let count = self.states.partition_point(|node| node.time <= time);
        State(u32::try_from(count.saturating_sub(1)).unwrap_or(0))
    }

    fn node(&self, state: State) -> Option<&Node> {
        self.states.get(index(state))
    }

    pub(crate) fn change(&self, state: State) -> &Change {
        self.node(state).map_or(&Change::None, |node| &node.change)
    }

    /// Makes a state after the current one, and goes to it.
    pub(crate) fn push(&mut self, before: &Tree, splices: Vec<Splice>, after: &Tree) -> State {
        let state = State(u32::try_from(self.states.len()).unwrap_or(u32::MAX));
        let parent = self.current;
        let depth = self.node(parent).map_or(0, |node| node.depth).saturating_add(1);
        let change = if splices.len() > SPLICES_MAX {
            let shift = joined(splices.iter().map(Splice::shift).collect());
            let (before, after) = (before.clone(), after.clone());
            Change::Bulk(Box::new(Bulk { before, after, shift, splices }))
        } else {
            Change::of(splices)
        };
        let older = self.node(parent).map_or(State::FIRST, |node| node.child);
        // Times never go back, whatever the clock does.
        let time = self.states.last().map_or(0, |node| node.time).max(now());
        let (child, next) = (State::FIRST, State::FIRST);
        self.states.push(Node { parent, depth, child, older, next, time, change });
        if let Some(parent) = self.states.get_mut(index(parent)) {
            (parent.child, parent.next) = (state, state);
        }
        self.current = state;
        state
    }

    /// Makes splices part of the current state; gives them back if that is not possible: others were made
    /// from it, it is in the file, or may be soon, it is what another program appended, or it is large.
    pub(crate) fn amend(&mut self, splices: Vec<Splice>) -> Result<(), Vec<Splice>> {
        let current = self.current;
        let is_first = current == State::FIRST;
        // Of one that was in the file once, its version is kept.
        let is_saved = self.versions.contains_key(&current) || self.planned == current;
        let is_growth = self.is_growth(current);
        let Some(node) = self.states.get_mut(index(current)) else { return Err(splices) };
        let count = node.change.splices().len().saturating_add(splices.len());
        let is_bulk = matches!(node.change, Change::Bulk(_));
        if is_first
            || is_saved
            || is_bulk
            || is_growth
            || node.child != State::FIRST
            || count > AMENDED_MAX
        {
            return Err(splices);
        }
        let mut all = match std::mem::replace(&mut node.change, Change::None) {
            Change::One(splice) => vec![splice],
            Change::Many(splices) => splices,
            Change::None | Change::Bulk(_) => Vec::new(),
        };
        all.extend(splices);
        node.change = Change::of(all);
        Ok(())
    }

    /// Takes the last splice from the current state, if it has others and can be amended.
    pub(crate) fn retract(&mut self) -> Option<Splice> {
        let is_saved = self.saved == self.current;
        let node = self.states.get_mut(index(self.current))?;
        let Change::Many(splices) = &mut node.change else { return None };
        if is_saved || node.child != State::FIRST || splices.len() < 2 {
            return None;
        }
        splices.pop()
    }

    /// The number of edits between two states, over the last one that both were made from.
    pub fn distance(&self, from: State, to: State) -> usize {
        let (up, down) = self.way(from, to);
        up.len().saturating_add(down.len())
    }

    /// The same, without the states that are nothing but a longer file.
    pub fn edits_between(&self, from: State, to: State) -> usize {
        let (up, down) = self.way(from, to);
        up.iter().chain(&down).filter(|&&state| !self.is_growth(state)).count()
    }

    /// Whether a state is nothing but what another program appended to the file.
    pub fn is_growth(&self, state: State) -> bool {
        self.growths.contains(&state)
    }

    /// What a state replaced when it was made from its parent, from the first to the last byte: the range in the
    /// parent, and the range in the state. `None` of the first state, and of one that does not exist.
    pub fn replaced(&self, state: State) -> Option<(Range<u64>, Range<u64>)> {
        let shift = self.change(state).shift();
        let (first, last) = (shift.hunks().first()?, shift.hunks().last()?);
        Some((first.old.start..last.old.end, first.new.start..last.new.end))
    }

    /// All states, in the order in which they were made.
    pub fn states(&self) -> impl DoubleEndedIterator<Item = State> + ExactSizeIterator + use<> {
        (0..u32::try_from(self.states.len()).unwrap_or(u32::MAX)).map(State)
    }

    /// Goes to another state, by changing `tree`, which is the current one.
    pub(crate) fn go(&mut self, tree: &mut Tree, target: State) {
        let (up, down) = self.way(self.current, target);
        let steps = up.len().saturating_add(down.len());
        let kept = (steps > FAR).then(|| self.version_above(target));
        if let Some((kept, climb)) = kept.filter(|(_, climb)| climb.len() < steps) {
            *tree = kept.clone();
            for &state in climb.iter().rev() {
                self.change(state).apply(tree);
            }
        } else {
            for &state in &up {
                self.change(state).take_back(tree);
            }
            for &state in down.iter().rev() {
                self.change(state).apply(tree);
            }
        }
        for &state in &down {
            if let Some(parent) = self.node(state).map(|node| node.parent)
                && let Some(parent) = self.states.get_mut(index(parent))
            {
                parent.next = state;
            }
        }
        self.current = target;
    }

    /// The version of a state.
    pub(crate) fn version(&self, target: State) -> Tree {
        let (kept, climb) = self.version_above(target);
        let mut tree = kept.clone();
        for &state in climb.iter().rev() {
            self.change(state).apply(&mut tree);
        }
        tree
    }

    /// The next version that is there at or above a state, and the states from there down, the last first.
    fn version_above(&self, target: State) -> (&Tree, Vec<State>) {
        let mut climb = Vec::new();
        let mut state = target;
        loop {
            if let Some(kept) = self.versions.get(&state) {
                return (kept, climb);
            }
            if let Change::Bulk(bulk) = self.change(state) {
                return (&bulk.after, climb);
            }
            climb.push(state);
            state = self.node(state).map_or(State::FIRST, |node| node.parent);
        }
    }

    /// The states to take back from `from` on, and those to do again to `to`, the last first.
    fn way(&self, from: State, to: State) -> (Vec<State>, Vec<State>) {
        let depth = |state: State| self.node(state).map_or(0, |node| node.depth);
        let parent = |state: State| self.node(state).map_or(State::FIRST, |node| node.parent);
        let (mut a, mut b) = (from, to);
        let (mut up, mut down) = (Vec::new(), Vec::new());
        while a != b {
            if depth(a) >= depth(b) {
                up.push(a);
                a = parent(a);
            } else {
                down.push(b);
                b = parent(b);
            }
        }
        (up, down)
    }

    /// How positions of one state become those of another.
    pub(crate) fn shift(&self, from: State, to: State) -> Shift {
        let (up, down) = self.way(from, to);
        let back = up.iter().map(|&state| self.change(state).shift().reversed());
        let forth = down.iter().rev().map(|&state| self.change(state).shift());
        joined(back.chain(forth).collect())
    }

    /// The splices that were made after the saved state and lead to the current one, in order. What is taken
    /// back of the saved state was written by that saving.
    pub(crate) fn since_saved(&self) -> impl Iterator<Item = &Splice> {
        let (_, down) = self.way(self.saved, self.current);
        down.into_iter().rev().flat_map(|state| self.change(state).splices())
    }

    /// Whether the current state is the saved one, or was made from it.
    pub(crate) fn is_below_saved(&self) -> bool {
        self.way(self.saved, self.current).0.is_empty()
    }

    /// The splices from a state to the current one, if that is below it.
    pub(crate) fn below(&self, state: State) -> Option<Vec<&Splice>> {
        let (up, down) = self.way(state, self.current);
        let splices = down.into_iter().rev().flat_map(|state| self.change(state).splices());
        up.is_empty().then(|| splices.collect())
    }

    /// Says when a state was made.
    pub(crate) fn set_time(&mut self, state: State, (seconds, nanos): (i64, u32)) {
        let millis = u64::try_from(seconds).unwrap_or(0).saturating_mul(1000);
        let time = millis.saturating_add(u64::from(nanos / 1_000_000));
        let least =
            index(state).checked_sub(1).and_then(|it| self.states.get(it)).map_or(0, |it| it.time);
        if let Some(node) = self.states.get_mut(index(state)) {
            node.time = time.max(least);
        }
    }

    /// The current state may be saved as it is: what follows is another state.
    pub(crate) const fn plan(&mut self) {
        self.planned = self.current;
    }

    /// The current state is a longer file, and in the file if its version is given.
    pub(crate) fn grew(&mut self, in_file: Option<Tree>) {
        self.growths.insert(self.current);
        if let Some(version) = in_file {
            self.saved_as(self.current, version);
        }
    }

    /// A state is in the file now, as this version.
    pub(crate) fn saved_as(&mut self, state: State, version: Tree) {
        self.saved = state;
        self.versions.insert(state, version);
    }
}

fn index(state: State) -> usize {
    usize::try_from(state.0).unwrap_or(usize::MAX)
}

fn now() -> u64 {
    millis(SystemTime::now())
}

fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
