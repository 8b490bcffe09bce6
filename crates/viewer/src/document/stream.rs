//! What is known of the stream that fills a document: how far it has come, and how fast.

use std::collections::VecDeque;
use std::time::Duration;

use crate::document::follow::EVERY;
use crate::format::units::in_short;
use crate::source::spool::{LIMIT, Phase, SpoolStatus, StreamKind};

/// The time over which the rate is measured.
const MEASURED: Duration = Duration::from_secs(2);

/// Without more bytes for this long, there is no rate.
const IDLE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) kind: StreamKind,
    pub(crate) status: SpoolStatus,
    /// Where the cursor goes as soon as that has come.
    pub(crate) goal: Option<u64>,
    /// When the document grew, since the program started, and to which length.
    grown: VecDeque<(Duration, u64)>,
    /// Bytes per second.
    rate: Option<u64>,
}

impl Stream {
    pub(crate) fn new(kind: StreamKind) -> Self {
        let phase = Phase::Reading;
        let status = SpoolStatus { len: 0, limit: LIMIT, is_limited_by_disk: false, phase };
        Self { kind, status, goal: None, grown: VecDeque::new(), rate: None }
    }

    /// Whether more bytes may come.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.status.phase, Phase::Reading | Phase::Paused)
    }

    /// Whether more has come than the document shows.
    pub(crate) fn is_behind(&self, len: u64) -> bool {
        self.status.len > len
    }

    /// The document has grown to this length.
    pub(crate) fn grew(&mut self, now: Duration, len: u64) {
        self.grown.push_back((now, len));
        let is_old = |at: &(Duration, u64)| now.saturating_sub(at.0) >= MEASURED;
        while self.grown.get(1).is_some_and(is_old) {
            self.grown.pop_front();
        }
        self.rate = self.grown.front().and_then(|&(since, before)| {
            let time = now.saturating_sub(since).as_millis();
            let by = u128::from(len.saturating_sub(before)) * 1000;
            // The first bytes may have waited in the pipe.
            if time < EVERY.as_millis() { self.rate } else { u64::try_from(by / time).ok() }
        });
    }

    /// When the document is to grow, or the rate is out of date.
    pub(crate) fn due(&self, len: u64) -> Option<Duration> {
        let grown = self.grown.back().map(|&(at, _)| at);
        if self.is_behind(len) {
            return Some(grown.map_or(Duration::ZERO, |at| at.saturating_add(EVERY)));
        }
        self.rate.and(grown).map(|at| at.saturating_add(IDLE))
    }

    /// Advances the clock. Returns whether that is to be seen.
    pub(crate) fn tick(&mut self, now: Duration) -> bool {
        let is_idle = self.grown.back().is_some_and(|&(at, _)| now.saturating_sub(at) >= IDLE);
        if is_idle {
            self.grown.clear();
        }
        is_idle && self.rate.take().is_some()
    }

    /// Kind, length and state, for the title.
    pub(crate) fn title(&self, len: u64) -> String {
        let state = match self.status.phase {
            Phase::Reading | Phase::Paused => " so far",
            Phase::Complete => ", complete",
            Phase::Stopped => ", stopped",
            Phase::Failed(_) => ", failed",
        };
        format!("{}, {}{state}", self.kind, in_short(len))
    }

    /// What goes on, for the status line.
    pub(crate) fn activity(&self) -> Option<String> {
        match (&self.status.phase, self.rate) {
            (Phase::Reading, Some(rate)) => Some(format!("▶ reading  {}/s", in_short(rate))),
            (Phase::Reading, None) => Some("▶ reading".to_owned()),
            (Phase::Paused, _) => Some("paused".to_owned()),
            _ => None,
        }
    }

    /// Why reading is paused, and how it goes on.
    pub(crate) fn pause(&self) -> Option<String> {
        let SpoolStatus { len, is_limited_by_disk, phase: Phase::Paused, .. } = &self.status else {
            return None;
        };
        let at = in_short(*len);
        Some(if *is_limited_by_disk {
            format!("reading paused at {at}: no more room on the disk; :spool SIZE tries again")
        } else {
            format!("reading paused at {at}: :spool {} goes on", more_than(*len))
        })
    }
}

/// A larger limit, as it is typed.
fn more_than(len: u64) -> String {
    const UNITS: [(u32, &str); 4] = [(40, "T"), (30, "G"), (20, "M"), (10, "K")];
    let more = len.saturating_mul(4).max(1024);
    let unit = UNITS.into_iter().find(|(bits, _)| more >> bits > 0);
    unit.map_or_else(|| more.to_string(), |(bits, letter)| format!("{}{letter}", more >> bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_of_the_last_two_seconds() {
        let mut stream = Stream::new(StreamKind::Pipe);
        let ms = Duration::from_millis;
        stream.grew(ms(0), 1 << 20);
        assert_eq!(stream.activity().as_deref(), Some("▶ reading"));
        stream.grew(ms(500), 2 << 20);
        assert_eq!(stream.activity().as_deref(), Some("▶ reading  2.00 MiB/s"));
        stream.grew(ms(2500), 2 << 20);
        assert_eq!(stream.activity().as_deref(), Some("▶ reading  0 B/s"));
        assert_eq!(stream.due(2 << 20), Some(ms(3500)));
        assert!(!stream.tick(ms(3499)));
        assert!(stream.tick(ms(3500)) && !stream.tick(ms(3600)));
        assert_eq!(stream.activity().as_deref(), Some("▶ reading"));
        assert_eq!(stream.due(2 << 20), None);
    }

    #[test]
    fn a_larger_limit_is_said_as_it_is_typed() {
        for (len, text) in [(4 << 30, "16G"), (0, "1K"), (1 << 20, "4M"), (3 << 38, "3T")] {
            assert_eq!(more_than(len), text);
        }
    }
}
