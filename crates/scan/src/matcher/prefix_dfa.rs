//! What a match may begin with: the way to know that a window was long enough.
//!
//! The matches that start before some point of a window are known once none of them can go on behind
//! its end. Whether one can is asked of the pattern's *prefixes*: an expression that matches all
//! that a match of the pattern may begin with. Read backwards from the window's end, its longest match
//! tells the first position from which a match may still be under way.

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{Compiler, Config, WhichCaptures};
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, HirKind, Repetition};

/// The prefixes of a pattern, to be read backwards.
#[derive(Debug)]
pub(crate) struct PrefixDfa(DFA);

impl PrefixDfa {
    /// `None` if they are too many to be written down; then nothing is known of them.
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

    /// The first position in `bytes` from which a match may go on behind their end; their end if there
    /// is none, and 0 if that cannot be found out.
    pub(crate) fn open_from(&self, cache: &mut Cache, bytes: &[u8]) -> usize {
        let input = Input::new(bytes).anchored(Anchored::Yes);
        match self.0.try_search_rev(cache, &input) {
            Ok(Some(start)) => start.offset(),
            Ok(None) | Err(_) => 0,
        }
    }
}

/// All that a match may begin with, the whole included. Where it is more than that, a window is only
/// found too short too often: what looks around is left out.
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

/// The same, without what looks around, which holds or does not for reasons outside.
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
