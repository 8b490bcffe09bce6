//! State for following a file that changes: the polling interval, whether the file still exists,
//! how much it has grown, and which bytes have changed recently.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::source::page_cache::{Known, Page, PageCache};

/// Polling interval of a followed file.
pub(crate) const EVERY: Duration = Duration::from_millis(250);

/// Polling interval of other files.
pub(crate) const SELDOM: Duration = Duration::from_secs(1);

/// Minimum time between polls that are triggered by a key.
pub(crate) const SOONEST: Duration = Duration::from_millis(250);

/// How long changed bytes stay highlighted.
const MARKED: Duration = Duration::from_secs(2);

/// Whether the path still leads to the bytes shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum FileState {
    #[default]
    Same,
    /// The path leads to another file.
    Replaced,
    /// There is no file at the path, or it cannot be queried.
    Gone,
    /// The process has ended. What was read of it stays.
    Ended,
}

/// State for polling and following a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Follow {
    /// Polling interval; `None` if the file is not polled.
    pub(crate) every: Option<Duration>,
    /// How many times the file was replaced.
    pub(crate) replaced: u32,
    /// Bytes appended since the last key.
    pub(crate) grown: u64,
    /// Whether a change was already reported since the last key.
    pub(crate) is_change_said: bool,
    /// Whether it was reported since the last key that the file was cut.
    pub(crate) is_cut_said: bool,
    pub(crate) state: FileState,
    /// Whether a poll is running.
    pub(crate) is_polling: bool,
    /// Time of the last poll, since the program started.
    now: Duration,
    /// When the bytes of a source without a path were last read again.
    read_at: Duration,
    /// Changed bytes, with the time at which the change was seen.
    changes: BTreeMap<u64, Duration>,
}

impl Follow {
    /// Time from the last poll to the next. Highlights must expire on time, even if polling is
    /// slow.
    fn period(&self) -> Duration {
        let every = self.every.unwrap_or(SELDOM);
        if self.changes.is_empty() { every } else { every.min(EVERY) }
    }

    /// When the next poll is due; `None` while one is running.
    pub(crate) fn due(&self) -> Option<Duration> {
        (!self.is_polling).then(|| self.now.saturating_add(self.period()))
    }

    /// Whether the last poll is at least `age` ago, and none is running.
    pub(crate) fn is_older(&self, age: Duration, now: Duration) -> bool {
        !self.is_polling && now.saturating_sub(self.now) >= age
    }

    /// Advances the clock. Returns whether a highlight has expired.
    pub(crate) fn tick(&mut self, now: Duration) -> bool {
        self.now = now;
        let before = self.changes.len();
        self.changes.retain(|_, seen| now.saturating_sub(*seen) < MARKED);
        self.changes.len() < before
    }

    /// Whether a source without a path wants to hear of the time: it is followed, or highlights expire.
    pub(crate) fn is_timed(&self) -> bool {
        self.every.is_some() || !self.changes.is_empty()
    }

    /// Whether the bytes of a source without a path are to be read again. Then that is the last time.
    pub(crate) fn takes_turn(&mut self, now: Duration) -> bool {
        let is_due = self.every.is_some_and(|every| now.saturating_sub(self.read_at) >= every);
        if is_due {
            self.read_at = now;
        }
        is_due
    }

    /// A key was pressed, so the user has seen the messages so far.
    pub(crate) fn key(&mut self) {
        self.grown = 0;
        self.is_change_said = false;
        self.is_cut_said = false;
    }

    /// Highlights the bytes of a page that differ from those read before.
    pub(crate) fn compare(&mut self, before: &PageCache, page: &Page, now: Duration) {
        for (position, byte) in page.range().zip(&page.bytes) {
            let is = byte.map_or(Known::Unreadable, Known::Value);
            let was = before.byte(position);
            if was != Known::NotYet && was != is {
                self.changes.insert(position, now);
            }
        }
    }

    pub(crate) fn has_changed(&self, position: u64) -> bool {
        !self.changes.is_empty() && self.changes.contains_key(&position)
    }

    /// Discards all state, as after a reload.
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
        let now = Duration::from_secs(5);
        follow.compare(&before, &page(&[Some(1), Some(3), Some(4), Some(5)]), now);
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
