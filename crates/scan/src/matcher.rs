//! Compiled patterns, searching bytes in memory.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem::{Finder, FinderBuilder};
use memmap_core::widen;
use regex_automata::{Anchored, Input, hybrid, meta};
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir};

use crate::Number;

mod byte_set;
mod byte_classes;
mod prefilter;
mod prefix_dfa;
mod follower;

use byte_classes::ByteClasses;
use byte_set::ByteSet;
pub(crate) use follower::{Flow, Follower, Forward};
pub(crate) use prefilter::Prefilter;
use prefix_dfa::PrefixDfa;

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct Matcher {
    kind: Kind,
    /// Length of the shortest match.
    pub(crate) min_len: u64,
    /// Length of the longest match.
    pub(crate) max_len: Option<u64>,
    /// Number of bytes before and after a match that may affect it.
    pub(crate) context: u64,
    /// What to look for first.
    pub(crate) prefilter: Option<Prefilter>,
    /// The cost of verifying a candidate, in bytes that could be searched in that time.
    pub(crate) candidate_cost: i64,
    /// The whole pattern, if it is one class for each byte.
    byte_classes: Option<ByteClasses>,
    /// What matches may begin with, if there is no longest match.
    prefixes: Option<PrefixDfa>,
    /// Follows long matches. Compiled on first use.
    follower: OnceLock<Option<Follower>>,
    /// The expression it was compiled from, if any.
    expression: Option<Hir>,
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one for each pattern")]
enum Kind {
    Literal(Finder<'static>),
    Set(Box<ByteSet>),
    /// At least this many bytes of a set in a row.
    Runs(Box<ByteSet>, usize),
    Literals(AhoCorasick),
    Regex(meta::Regex),
    Number(Number),
}

/// Mutable state of a search. Each thread has its own.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    regex: Option<meta::Cache>,
    prefixes: Option<hybrid::dfa::Cache>,
}

/// Bytes to search, and their offset.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Haystack<'h> {
    pub(crate) bytes: &'h [u8],
    /// Offset of the first byte in the mapping.
    pub(crate) base: u64,
}

/// A match in a haystack, as indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) index: usize,
}

/// A regex with longer matches is treated as unbounded.
const LONGEST_BOUND: u64 = 64 << 10;

impl Matcher {
    fn new(kind: Kind, min_len: usize, max_len: usize) -> Self {
        Self {
            kind,
            min_len: widen(min_len),
            max_len: Some(widen(max_len)),
            context: 0,
            prefilter: None,
            candidate_cost: 1500,
            byte_classes: None,
            prefixes: None,
            follower: OnceLock::new(),
            expression: None,
        }
    }

    pub(crate) fn literal(bytes: &[u8]) -> Self {
        let finder = FinderBuilder::new().build_forward(bytes).into_owned();
        let prefilter = Prefilter::of_literal(bytes);
        Self { prefilter, ..Self::new(Kind::Literal(finder), bytes.len(), bytes.len()) }
    }

    pub(crate) fn set(bytes: &[u8]) -> Self {
        Self::new(Kind::Set(Box::new(ByteSet::of(|byte| bytes.contains(&byte)))), 1, 1)
    }

    pub(crate) fn runs(is_in: impl Fn(u8) -> bool, min_len: usize) -> Self {
        let matcher =
            Self::new(Kind::Runs(Box::new(ByteSet::of(is_in)), min_len), min_len, min_len);
        Self { max_len: None, ..matcher }
    }

    pub(crate) fn literals(all: &[Vec<u8>]) -> Result<Self, aho_corasick::BuildError> {
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(all)?;
        let lens = || all.iter().map(Vec::len);
        let (min, max) = (lens().min().unwrap_or(1), lens().max().unwrap_or(1));
        Ok(Self::new(Kind::Literals(automaton), min, max))
    }

    pub(crate) fn number(number: Number) -> Self {
        let size = number.size();
        let prefilter = number.only_bytes().and_then(|bytes| Prefilter::of_literal(&bytes));
        Self { prefilter, ..Self::new(Kind::Number(number), size, size) }
    }

    pub(crate) fn regex(hir: &Hir) -> Result<Self, Box<meta::BuildError>> {
        let config = meta::Config::new().utf8_empty(false);
        let regex = meta::Builder::new().configure(config).build_from_hir(hir).map_err(Box::new)?;
        let properties = hir.properties();
        // A pattern that never matches has no lengths; one byte is enough for it.
        let min_len = properties.minimum_len().map_or(1, widen);
        let max_len = match properties.minimum_len() {
            Some(_) => properties.maximum_len().map(widen),
            None => Some(1),
        };
        // Unicode `\b` decodes a character on either side. All other assertions look at one byte.
        let context = if properties.look_set().is_empty() { 0 } else { 4 };
        let byte_classes = ByteClasses::of(hir);
        let prefilter = Prefilter::of_hir(hir, byte_classes.as_ref().map(ByteClasses::len));
        let is_bounded = max_len.is_some_and(|max| max <= LONGEST_BOUND);
        Ok(Self {
            kind: Kind::Regex(regex),
            min_len,
            max_len,
            context,
            prefilter,
            candidate_cost: if byte_classes.is_some() { 64 } else { 320 },
            byte_classes,
            prefixes: if is_bounded { None } else { PrefixDfa::of(hir) },
            follower: OnceLock::new(),
            expression: Some(hir.clone()),
        })
    }

    /// Number of bytes from the start of a match that decide about it, if there is a limit.
    pub(crate) fn reach(&self) -> Option<u64> {
        let is_regex = matches!(self.kind, Kind::Regex(_));
        let max = self.max_len.filter(|&max| !is_regex || max <= LONGEST_BOUND)?;
        max.checked_add(self.context)
    }

    /// The follower, for patterns without a longest match.
    pub(crate) fn follower(&self) -> Option<&Follower> {
        self.prefixes.as_ref()?;
        let make = || self.expression.as_ref().and_then(Follower::of);
        self.follower.get_or_init(make).as_ref()
    }

    /// The literal, if the pattern is one.
    pub(crate) fn only_literal(&self) -> Option<Vec<u8>> {
        match &self.kind {
            Kind::Literal(finder) => Some(finder.needle().to_vec()),
            Kind::Number(number) if number.alignment() == 1 => number.only_bytes(),
            _ => None,
        }
    }

    /// The pattern as an expression, if it can be written as one.
    pub(crate) fn expression(&self) -> Option<Hir> {
        if let Kind::Set(set) = &self.kind {
            let bytes = (0..=u8::MAX).filter(|&byte| set.has(byte));
            let ranges = bytes.map(|byte| ClassBytesRange::new(byte, byte));
            return Some(Hir::class(Class::Bytes(ClassBytes::new(ranges))));
        }
        self.only_literal().map(Hir::literal).or_else(|| self.expression.clone())
    }

    /// The byte, if the pattern is a literal of one byte.
    pub(crate) fn only_byte(&self) -> Option<u8> {
        match &self.kind {
            Kind::Literal(finder) => match finder.needle() {
                &[byte] => Some(byte),
                _ => None,
            },
            _ => None,
        }
    }

    /// The length of the matches, if the prefilter's shape at offset 0 is the whole pattern.
    pub(crate) fn exact_len(&self) -> Option<u64> {
        match self.prefilter {
            Some(Prefilter { at: 0, match_len, .. }) if self.alignment() == 1 => {
                match_len.map(widen)
            }
            _ => None,
        }
    }

    /// Matches must start at multiples of this.
    pub(crate) fn alignment(&self) -> u64 {
        match &self.kind {
            Kind::Number(number) => number.alignment(),
            _ => 1,
        }
    }

    pub(crate) fn scratch(&self) -> Scratch {
        Scratch {
            regex: match &self.kind {
                Kind::Regex(regex) => Some(regex.create_cache()),
                _ => None,
            },
            prefixes: self.prefixes.as_ref().map(PrefixDfa::cache),
        }
    }

    /// The leftmost match that starts at or after `from`.
    pub(crate) fn find(
        &self,
        scratch: &mut Scratch,
        hay: Haystack<'_>,
        from: usize,
    ) -> Option<Hit> {
        let rest = hay.bytes.get(from..)?;
        match &self.kind {
            Kind::Literal(finder) => {
                let start = finder.find(rest)?.saturating_add(from);
                Some(Hit { start, end: start.saturating_add(finder.needle().len()), index: 0 })
            }
            Kind::Set(set) => {
                let start = rest.iter().position(|&byte| set.has(byte))?.saturating_add(from);
                Some(Hit { start, end: start.saturating_add(1), index: 0 })
            }
            Kind::Runs(set, min_len) => find_run(set, *min_len, hay.bytes, from),
            Kind::Literals(automaton) => {
                let input = aho_corasick::Input::new(hay.bytes).range(from..);
                let found = automaton.find(input)?;
                let index = found.pattern().as_usize();
                Some(Hit { start: found.start(), end: found.end(), index })
            }
            Kind::Regex(regex) => {
                let input = Input::new(hay.bytes).range(from..);
                let found = regex.search_with(scratch.regex.as_mut()?, &input)?;
                Some(Hit { start: found.start(), end: found.end(), index: 0 })
            }
            Kind::Number(number) => find_number(number, hay, from),
        }
    }

    /// The match that starts at `at`.
    pub(crate) fn find_at(
        &self,
        scratch: &mut Scratch,
        hay: Haystack<'_>,
        at: usize,
    ) -> Option<Hit> {
        let rest = hay.bytes.get(at..)?;
        match &self.kind {
            Kind::Literal(finder) => {
                let end = at.saturating_add(finder.needle().len());
                rest.starts_with(finder.needle()).then_some(Hit { start: at, end, index: 0 })
            }
            Kind::Regex(_) if self.byte_classes.is_some() => {
                let len = self.byte_classes.as_ref()?.match_len(rest)?;
                Some(Hit { start: at, end: at.saturating_add(len), index: 0 })
            }
            Kind::Regex(regex) => {
                let input = Input::new(hay.bytes).range(at..).anchored(Anchored::Yes);
                let found = regex.search_with(scratch.regex.as_mut()?, &input)?;
                Some(Hit { start: found.start(), end: found.end(), index: 0 })
            }
            Kind::Number(number) => {
                let is_aligned =
                    hay.base.saturating_add(widen(at)).is_multiple_of(number.alignment());
                let accepts = rest.get(..number.size()).is_some_and(|bytes| number.accepts(bytes));
                let end = at.saturating_add(number.size());
                (is_aligned && accepts).then_some(Hit { start: at, end, index: 0 })
            }
            Kind::Set(_) | Kind::Runs(..) | Kind::Literals(_) => {
                self.find(scratch, hay, at).filter(|hit| hit.start == at)
            }
        }
    }

    /// The first index from which a match may go on after the end of `bytes`; 0 if unknown.
    pub(crate) fn open_from(&self, scratch: &mut Scratch, bytes: &[u8]) -> usize {
        if let Kind::Runs(set, _) = &self.kind {
            let outside = bytes.iter().rposition(|&byte| !set.has(byte));
            return outside.map_or(0, |at| at.saturating_add(1));
        }
        match (&self.prefixes, &mut scratch.prefixes) {
            (Some(prefixes), Some(cache)) => prefixes.open_from(cache, bytes),
            _ => 0,
        }
    }
}

fn find_number(number: &Number, hay: Haystack<'_>, from: usize) -> Option<Hit> {
    let step = usize::try_from(number.alignment()).unwrap_or(usize::MAX);
    let position = hay.base.saturating_add(widen(from));
    let ahead = position.checked_next_multiple_of(number.alignment())?.checked_sub(position)?;
    let first = from.checked_add(usize::try_from(ahead).ok()?)?;
    let rest = hay.bytes.get(first..)?;
    let found =
        rest.windows(number.size()).step_by(step).position(|bytes| number.accepts(bytes))?;
    let start = found.checked_mul(step)?.checked_add(first)?;
    Some(Hit { start, end: start.saturating_add(number.size()), index: 0 })
}

fn find_run(set: &ByteSet, min_len: usize, bytes: &[u8], from: usize) -> Option<Hit> {
    let mut start = from;
    loop {
        let enough = start.checked_add(min_len)?;
        // Backwards, so that one byte outside of the set rules out many offsets.
        let outside = bytes.get(start..enough)?.iter().rposition(|&byte| !set.has(byte));
        let Some(outside) = outside else {
            let more = bytes.get(enough..)?.iter().take_while(|&&byte| set.has(byte)).count();
            return Some(Hit { start, end: enough.checked_add(more)?, index: 0 });
        };
        start = start.checked_add(outside)?.checked_add(1)?;
    }
}
