//! Follows a match after the end of a buffer: reads forward byte by byte, and keeps nothing.
//!
//! The prefix DFA tells whether a match may still be open; this finds out whether there is one, and
//! where it ends.

use memmap_core::widen;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{Compiler, Config, WhichCaptures};
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::Hir;

/// A pattern compiled for both directions.
#[derive(Debug)]
pub(crate) struct Follower {
    forward: DFA,
    backward: DFA,
}

/// Zeros of a hole that are fed before giving up to reach a state that does not change.
const ZEROS_TRIED: u64 = 64 << 10;

/// Whether more bytes can change the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    Open,
    Done,
}

impl Follower {
    /// `None` if the pattern cannot be compiled.
    pub(crate) fn of(pattern: &Hir) -> Option<Self> {
        let dfa = |is_backward: bool, kind| {
            let config = Config::new()
                .reverse(is_backward)
                .utf8(false)
                .which_captures(WhichCaptures::None)
                .nfa_size_limit(Some(8 << 20));
            let nfa = Compiler::new().configure(config).build_from_hir(pattern).ok()?;
            let config = DFA::config().match_kind(kind).skip_cache_capacity_check(true);
            DFA::builder().configure(config).build_from_nfa(nfa).ok()
        };
        let forward = dfa(false, MatchKind::LeftmostFirst)?;
        Some(Self { forward, backward: dfa(true, MatchKind::All)? })
    }

    /// Starts a search for the first match from `from` on. `base` is the offset of `bytes`. A cache
    /// of an earlier search can be passed in.
    pub(crate) fn forward(
        &self,
        cache: Option<Cache>,
        bytes: &[u8],
        from: usize,
        base: u64,
    ) -> Option<Forward<'_>> {
        let dfa = &self.forward;
        let mut cache = cache.unwrap_or_else(|| dfa.create_cache());
        let input = Input::new(bytes).range(from..);
        let state = dfa.start_state_forward(&mut cache, &input).ok()?;
        let at = base.saturating_add(widen(from));
        Some(Forward { dfa, cache, state, at, end: None })
    }

    /// Starts a search for the longest match that ends at index `end`.
    pub(crate) fn backward(&self, bytes: &[u8], end: usize) -> Option<Backward<'_>> {
        let dfa = &self.backward;
        let mut cache = dfa.create_cache();
        let input = Input::new(bytes).range(..end).anchored(Anchored::Yes);
        let state = dfa.start_state_reverse(&mut cache, &input).ok()?;
        Some(Backward { dfa, cache, state })
    }
}

/// A backward search for the start of a match.
#[derive(Debug)]
pub(crate) struct Backward<'f> {
    dfa: &'f DFA,
    cache: Cache,
    state: LazyStateID,
}

impl Backward<'_> {
    /// Feeds the bytes before those fed so far. Returns the smallest index at which a match starts;
    /// `None` if the automaton gives up.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Option<(Option<usize>, Flow)> {
        let mut start = None;
        for (at, byte) in bytes.iter().enumerate().rev() {
            self.state = self.dfa.next_state(&mut self.cache, self.state, *byte).ok()?;
            if self.state.is_match() {
                start = Some(at.saturating_add(1));
            } else if self.state.is_dead() {
                return Some((start, Flow::Done));
            } else if self.state.is_quit() {
                return None;
            }
        }
        Some((start, Flow::Open))
    }

    /// Whether a match starts at the last byte that was fed, if no byte is before it.
    pub(crate) fn finish(&mut self) -> Option<bool> {
        let state = self.dfa.next_eoi_state(&mut self.cache, self.state).ok()?;
        Some(state.is_match())
    }
}

/// A forward search.
#[derive(Debug)]
pub(crate) struct Forward<'f> {
    dfa: &'f DFA,
    pub(crate) cache: Cache,
    state: LazyStateID,
    /// Offset of the next byte.
    pub(crate) at: u64,
    /// End of the match found so far.
    pub(crate) end: Option<u64>,
}

impl Forward<'_> {
    /// Feeds the next bytes; `None` if the automaton gives up.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Option<Flow> {
        for byte in bytes {
            self.state = self.dfa.next_state(&mut self.cache, self.state, *byte).ok()?;
            if self.state.is_tagged() {
                // A match is reported one byte after its end.
                if self.state.is_match() {
                    self.end = Some(self.at);
                } else if self.state.is_dead() {
                    return Some(Flow::Done);
                } else if self.state.is_quit() {
                    return None;
                }
            }
            self.at = self.at.saturating_add(1);
        }
        Some(Flow::Open)
    }

    /// Feeds this many zeros; `None` also if that would take too long.
    pub(crate) fn feed_zeros(&mut self, len: u64) -> Option<Flow> {
        let end = self.at.saturating_add(len);
        for _ in 0..ZEROS_TRIED.min(len) {
            let before = (self.state, self.cache.clear_count());
            if self.feed(&[0])? == Flow::Done {
                return Some(Flow::Done);
            }
            if before == (self.state, self.cache.clear_count()) {
                if self.state.is_match() && self.at < end {
                    self.end = end.checked_sub(1);
                }
                self.at = end;
                return Some(Flow::Open);
            }
        }
        (self.at == end).then_some(Flow::Open)
    }

    /// Ends the input.
    pub(crate) fn finish(&mut self) -> Option<()> {
        self.state = self.dfa.next_eoi_state(&mut self.cache, self.state).ok()?;
        if self.state.is_match() {
            self.end = Some(self.at);
        }
        Some(())
    }
}
