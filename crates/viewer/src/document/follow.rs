//! What is known of a file that others change: how often it is looked at, whether it still is there, how
//! much it has grown, and which of the bytes that were read have become others of late.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::source::page_cache::{Known, Page, PageCache};

/// How often a file is looked at that is followed.
pub(crate) const EVERY: Duration = Duration::from_millis(250);

/// How often a file is looked at that is not.
const SELDOM: Duration = Duration::from_secs(1);

/// How soon after the last look a key leads to another one.
pub(crate) const SOONEST: Duration = Duration::from_millis(250);

/// How long bytes that have changed are marked.
const MARKED: Duration = Duration::from_secs(2);

/// Whether the name of a file still leads to the bytes that are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum FileState {
    #[default]
    Same,
    /// Another file has the name.
    Replaced,
    /// No file has it, or it cannot be looked at.
    Gone,
}

/// What is known of a file that may change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Follow {
    /// How often it is looked at by itself, if it is.
    pub(crate) every: Option<Duration>,
    /// How many other files have had its name since.
    pub(crate) replaced: u32,
    /// Bytes that have come since the last key.
    pub(crate) grown: u64,
    /// Whether it was said since the last key that the file has changed.
    pub(crate) is_change_said: bool,
    pub(crate) state: FileState,
    /// Whether it is being looked at.
    pub(crate) is_polling: bool,
    /// When it was looked at last, from the start of the program on.
    now: Duration,
    /// Bytes that have become others, and when that was seen.
    changes: BTreeMap<u64, Duration>,
}

impl Follow {
    /// How long after the last look the next one is due. Marks go away in time, however seldom it is
    /// looked.
    fn period(&self) -> Duration {
        let every = self.every.unwrap_or(SELDOM);
        if self.changes.is_empty() { every } else { every.min(EVERY) }
    }

    /// When the next look is due, unless one is under way.
    pub(crate) fn due(&self) -> Option<Duration> {
        (!self.is_polling).then(|| self.now.saturating_add(self.period()))
    }

    /// Whether it is so long since the last look, and none is under way.
    pub(crate) fn is_older(&self, age: Duration, now: Duration) -> bool {
        !self.is_polling && now.saturating_sub(self.now) >= age
    }

    /// It is so late now. Whether marks have gone away.
    pub(crate) fn tick(&mut self, now: Duration) -> bool {
        self.now = now;
        let before = self.changes.len();
        self.changes.retain(|_, seen| now.saturating_sub(*seen) < MARKED);
        self.changes.len() < before
    }

    /// A key was pressed: what was said was read.
    pub(crate) fn key(&mut self) {
        self.grown = 0;
        self.is_change_said = false;
    }

    /// Marks what a page has that is not what was read before.
    pub(crate) fn compare(&mut self, before: &PageCache, page: &Page) {
        for (position, byte) in page.range().zip(&page.bytes) {
            let now = byte.map_or(Known::Unreadable, Known::Value);
            let was = before.byte(position);
            if was != Known::NotYet && was != now {
                self.changes.insert(position, self.now);
            }
        }
    }

    pub(crate) fn has_changed(&self, position: u64) -> bool {
        !self.changes.is_empty() && self.changes.contains_key(&position)
    }

    /// Nothing of what was seen counts any more.
    pub(crate) fn forget(&mut self) {
        self.changes.clear();
        self.grown = 0;
        self.state = FileState::Same;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_changed_is_marked_for_two_seconds() {
        let page = |bytes: &[Option<u8>]| Page {
            start: 10,
            bytes: bytes.to_vec(),
            problem: None,
            ..Page::default()
        };
        let mut before = PageCache::default();
        before.take(page(&[Some(1), Some(2), None]), None);
        let mut follow = Follow { every: Some(Duration::from_secs(60)), ..Follow::default() };
        assert_eq!(follow.period(), Duration::from_secs(60));
        follow.tick(Duration::from_secs(5));
        follow.compare(&before, &page(&[Some(1), Some(3), Some(4), Some(5)]));
        let marked =
            |follow: &Follow| (9..15).filter(|&at| follow.has_changed(at)).collect::<Vec<_>>();
        assert_eq!(marked(&follow), [11, 12]);
        assert_eq!(follow.period(), EVERY);
        assert_eq!(follow.due(), Some(Duration::from_secs(5) + EVERY));
        follow.tick(Duration::from_millis(6999));
        assert_eq!(marked(&follow), [11, 12]);
        follow.tick(Duration::from_secs(7));
        assert!(marked(&follow).is_empty());
    }
}
