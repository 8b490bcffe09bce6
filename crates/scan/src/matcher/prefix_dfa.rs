//! What a match may begin with: tells whether a buffer was long enough.
//!
//! The matches that start before some offset are certain if none of them can go on after the end of
//! the buffer. To find out, the *prefixes* of the pattern are compiled: an expression that matches
//! everything that a match may begin with. Run backwards from the end of the buffer, its longest
//! match gives the first offset from which a match may still be open.

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{Compiler, Config, WhichCaptures};
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, HirKind, Repetition};

/// The prefixes of a pattern, compiled for reading backwards.
#[derive(Debug)]
pub(crate) struct PrefixDfa(DFA);

impl PrefixDfa {
    /// `None` if the automaton would be too large.
    pub(crate) fn of(pattern: &Hir) -> Option<Self> {
        let config = Config::new()
            .reverse(true)
            .utf8(false)
            .which_captures(WhichCaptures::None)
            .nfa_size_limit(Some(8 << 20));
        let nfa = Compiler::new().configure(config).build_from_hir(&prefixes(pattern)).ok()?;
        let config = DFA::config().match_kind(MatchKind::All).skip_cache_capacity_check(true);
        DFA::builder().configure(config).build_from_nfa(nfa).ok().map(Self)
    }

    pub(crate) fn cache(&self) -> Cache {
        self.0.create_cache()
    }

    /// The first index from which a match may go on after the end of `bytes`; their length if there
    /// is none, and 0 if it cannot be found out.
    pub(crate) fn open_from(&self, cache: &mut Cache, bytes: &[u8]) -> usize {
        let input = Input::new(bytes).anchored(Anchored::Yes);
        match self.0.try_search_rev(cache, &input) {
            Ok(Some(start)) => start.offset(),
            Ok(None) | Err(_) => 0,
        }
    }
}

/// An expression for all prefixes of a match, the whole match included. It may match more, since
/// assertions are left out; then a buffer is extended without need.
fn prefixes(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Hir::empty(),
        HirKind::Literal(literal) => literal.0.iter().rev().fold(Hir::empty(), |rest, byte| {
            optional(Hir::concat(vec![Hir::literal([*byte]), rest]))
        }),
        HirKind::Class(Class::Bytes(_)) => optional(hir.clone()),
        // A character may be cut anywhere.
        HirKind::Class(Class::Unicode(_)) => {
            let any = ClassBytes::new([ClassBytesRange::new(0, u8::MAX)]);
            repeated(Hir::class(Class::Bytes(any)), Some(4))
        }
        HirKind::Capture(capture) => prefixes(&capture.sub),
        HirKind::Alternation(all) => Hir::alternation(all.iter().map(prefixes).collect()),
        HirKind::Concat(parts) => parts.iter().rev().fold(Hir::empty(), |rest, part| {
            let through = Hir::concat(vec![without_looks(part), rest]);
            Hir::alternation(vec![prefixes(part), through])
        }),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.map(|max| max.saturating_sub(1));
            let whole = repeated(without_looks(&repetition.sub), most);
            Hir::concat(vec![whole, prefixes(&repetition.sub)])
        }
    }
}

/// The same expression without assertions, which depend on bytes outside.
fn without_looks(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Look(_) => Hir::empty(),
        HirKind::Capture(capture) => without_looks(&capture.sub),
        HirKind::Alternation(all) => Hir::alternation(all.iter().map(without_looks).collect()),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(without_looks).collect()),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            sub: Box::new(without_looks(&repetition.sub)),
            ..repetition.clone()
        }),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) => hir.clone(),
    }
}

fn optional(hir: Hir) -> Hir {
    repeated(hir, Some(1))
}

fn repeated(hir: Hir, max: Option<u32>) -> Hir {
    Hir::repetition(Repetition { min: 0, max, greedy: true, sub: Box::new(hir) })
}
