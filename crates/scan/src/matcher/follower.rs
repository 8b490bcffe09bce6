//! How a match goes on behind a window: read forward byte by byte, with nothing kept of what was read.
//!
//! [`PrefixDfa`](super::PrefixDfa) say whether a match may still be under way; this finds out whether
//! there is one, and where it ends.

use memmap_core::widen;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{Compiler, Config, WhichCaptures};
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::Hir;

/// A pattern, to be read in both directions.
#[derive(Debug)]
pub(crate) struct Follower {
    forward: DFA,
    backward: DFA,
}

/// How many zeros of a hole are read before it is known that more of them change nothing.
const ZEROS_TRIED: u64 = 64 << 10;

/// Whether more bytes can change what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    Open,
    Done,
}

impl Follower {
    /// `None` if the pattern cannot be read so.
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

    /// Begins to look for the first match from `from` on in `bytes`, whose first has the offset `base`;
    /// with the cache of a search before, where there was one.
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

    /// Begins to look for the longest match that ends at `end` in `bytes`.
    pub(crate) fn backward(&self, bytes: &[u8], end: usize) -> Option<Backward<'_>> {
        let dfa = &self.backward;
        let mut cache = dfa.create_cache();
        let input = Input::new(bytes).range(..end).anchored(Anchored::Yes);
        let state = dfa.start_state_reverse(&mut cache, &input).ok()?;
        Some(Backward { dfa, cache, state })
    }
}

/// A search for the start of a match under way.
#[derive(Debug)]
pub(crate) struct Backward<'f> {
    dfa: &'f DFA,
    cache: Cache,
    state: LazyStateID,
}

impl Backward<'_> {
    /// Reads what stands before; `None` if that is not possible. Answers the last place found in it, from its
    /// start, at which a match starts.
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

    /// Whether a match starts at the last byte that was read, where none stands before it.
    pub(crate) fn finish(&mut self) -> Option<bool> {
        let state = self.dfa.next_eoi_state(&mut self.cache, self.state).ok()?;
        Some(state.is_match())
    }
}

/// A search under way.
#[derive(Debug)]
pub(crate) struct Forward<'f> {
    dfa: &'f DFA,
    pub(crate) cache: Cache,
    state: LazyStateID,
    /// The next byte.
    pub(crate) at: u64,
    /// Where the match ends that was found so far.
    pub(crate) end: Option<u64>,
}

impl Forward<'_> {
    /// Reads on; `None` if that is not possible.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Option<Flow> {
        for byte in bytes {
            self.state = self.dfa.next_state(&mut self.cache, self.state, *byte).ok()?;
            if self.state.is_tagged() {
                // A match is known one byte behind its end.
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

    /// Reads so many zeros; `None` also if it would take as long as they are many.
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

    /// Says that no bytes come after those.
    pub(crate) fn finish(&mut self) -> Option<()> {
        self.state = self.dfa.next_eoi_state(&mut self.cache, self.state).ok()?;
        if self.state.is_match() {
            self.end = Some(self.at);
        }
        Some(())
    }
}
