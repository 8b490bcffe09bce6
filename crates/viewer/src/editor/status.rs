//! Messages to the user: the current one and the log.

use std::collections::VecDeque;
use std::time::Duration;

use crate::editor::Time;
use crate::format::width::{fitted, width, wrapped_within};

/// Maximum number of messages in the log.
const KEPT_MAX: usize = 200;

/// An error stays visible at least this long, whatever keys are pressed.
const ERROR_STAYS: Duration = Duration::from_secs(2);

/// Width of the time, the error mark, and the blanks around them.
const LABEL_WIDTH: u16 = 12;

/// Suffix of a truncated message: the command that shows the rest.
const MORE: &str = " :messages";

/// Hours, minutes and seconds in local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeOfDay(pub(crate) u8, pub(crate) u8, pub(crate) u8);

impl TimeOfDay {
    /// From seconds since midnight.
    pub(crate) fn from_midnight(seconds: u64) -> Self {
        let part = |n: u64| u8::try_from(n).unwrap_or(0);
        Self(part(seconds / 3600 % 24), part(seconds / 60 % 60), part(seconds % 60))
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(hours, minutes, seconds) = self;
        write!(f, "{hours:02}:{minutes:02}:{seconds:02}")
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// Time of the message, set by `stamp`.
    time: Option<TimeOfDay>,
    pub(crate) is_error: bool,
    /// The subject, such as a file name. It is truncated first if there is little room.
    subject: String,
    text: String,
}

impl Message {
    pub(crate) fn info(text: impl Into<String>) -> Self {
        Self { time: None, is_error: false, subject: String::new(), text: text.into() }
    }

    pub(crate) fn error(why: impl Into<String>) -> Self {
        Self { is_error: true, ..Self::info(why) }
    }

    /// Sets the subject.
    pub(crate) fn about(self, subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), ..self }
    }

    /// The full text, without the error mark.
    pub(crate) fn text(&self) -> String {
        let Self { subject, text, .. } = self;
        if subject.is_empty() { text.clone() } else { format!("{subject}: {text}") }
    }

    /// The text, truncated to `room` cells with a pointer to the rest.
    pub(crate) fn line(&self, room: u16) -> String {
        let sign = if self.is_error { "E: " } else { "" };
        let all = format!("{sign}{}", self.text());
        if width(&all) <= room {
            return all;
        }
        if let Some(text) = subject_cut(&self.subject, &self.text, room.saturating_sub(width(sign)))
        {
            return format!("{sign}{text}");
        }
        let shown = fitted(&all, room.saturating_sub(width(MORE)));
        if room > 2 * width(MORE) { shown + MORE } else { fitted(&all, room) }
    }
}

/// Subject and text, truncated to `room` cells. The subject is cut first; `None` if too little of
/// it would be left.
pub(crate) fn subject_cut(subject: &str, text: &str, room: u16) -> Option<String> {
    const SUBJECT_MIN: u16 = 6;
    let left = room.checked_sub(width(text).saturating_add(2))?;
    (left >= SUBJECT_MIN && !subject.is_empty())
        .then(|| format!("{}: {text}", fitted(subject, left)))
}

/// A line of the message log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MessageLine {
    /// Index of the message that it belongs to.
    pub(crate) message: usize,
    pub(crate) is_error: bool,
    pub(crate) text: String,
}

/// The log, the newest message last, and whether that one is still shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Messages {
    kept: VecDeque<Message>,
    /// Time since which the newest message is shown.
    since: Option<Time>,
}

impl Messages {
    /// Adds a message and shows it.
    pub(crate) fn say(&mut self, now: Time, message: Message) {
        if self.kept.len() == KEPT_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back(message);
        self.since = Some(now);
    }

    /// The message currently shown.
    pub(crate) fn shown(&self) -> Option<&Message> {
        self.since.and_then(|_| self.kept.back())
    }

    /// A key was pressed: hides the message, unless it is an error that has just appeared.
    pub(crate) fn key(&mut self, now: Time) {
        let is_fresh = |since: Time| now.saturating_sub(since) < ERROR_STAYS;
        let is_error = self.shown().is_some_and(|message| message.is_error);
        self.since = self.since.filter(|&since| is_error && is_fresh(since));
    }

    /// Hides the current message.
    pub(crate) fn hide(&mut self) {
        self.since = None;
    }

    /// Sets the time of all messages that have none.
    pub(crate) fn stamp(&mut self, time: impl FnOnce() -> TimeOfDay) {
        if self.kept.back().is_none_or(|message| message.time.is_some()) {
            return;
        }
        let time = time();
        for message in self.kept.iter_mut().rev().take_while(|it| it.time.is_none()) {
            message.time = Some(time);
        }
    }

    pub(crate) fn get(&self, at: usize) -> Option<&Message> {
        self.kept.get(at)
    }

    /// The whole log, wrapped.
    pub(crate) fn lines(&self, room: u16) -> Vec<MessageLine> {
        let lines = |(at, message): (usize, &Message)| {
            let is_error = message.is_error;
            let label = message.time.map_or_else(String::new, |time| {
                format!("{time} {}", if is_error { "E:" } else { "" })
            });
            let text = wrapped_within(&message.text(), room.saturating_sub(LABEL_WIDTH).max(8));
            let labels = std::iter::once(label).chain(std::iter::repeat(String::new()));
            let line = |(label, text): (String, String)| {
                let text = format!("{label:<0$}{text}", usize::from(LABEL_WIDTH));
                MessageLine { message: at, is_error, text }
            };
            labels.zip(text).map(line).collect::<Vec<_>>()
        };
        self.kept.iter().enumerate().flat_map(lines).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Time = Duration::from_secs(1);

    #[test]
    fn an_error_outlives_keys_for_two_seconds_and_the_rest_none() {
        let mut messages = Messages::default();
        messages.say(SECOND, Message::info("copied"));
        assert_eq!(messages.shown().map(Message::text).as_deref(), Some("copied"));
        messages.key(SECOND);
        assert_eq!(messages.shown(), None);
        messages.say(SECOND, Message::error("bad"));
        messages.key(SECOND * 2);
        assert!(messages.shown().is_some());
        messages.key(SECOND * 3);
        assert_eq!(messages.shown(), None);
        assert_eq!(messages.kept.len(), 2);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut messages = Messages::default();
        for n in 0..=KEPT_MAX {
            messages.say(SECOND, Message::info(n.to_string()));
        }
        assert_eq!(messages.kept.len(), KEPT_MAX);
        assert_eq!(messages.get(0).map(Message::text).as_deref(), Some("1"));
    }

    #[test]
    fn a_line_fits_and_says_where_the_rest_is() {
        let message = Message::error("word ".repeat(40)).about("a long subject");
        for room in 0..300 {
            let line = message.line(room);
            assert!(width(&line) <= room.max(1), "{room}: {line}");
        }
        assert!(message.line(60).ends_with("… :messages"), "{}", message.line(60));
        let digest = Message::info("0123456789abcdef").about("crc64 of all, 4.00 KiB");
        assert_eq!(digest.line(27), "crc64 of…: 0123456789abcdef");
    }

    #[test]
    fn lines_have_the_time_once_and_break_words_that_are_too_long() {
        let mut messages = Messages::default();
        messages.say(SECOND, Message::error("0123456789abcdef").about("crc64"));
        messages.stamp(|| TimeOfDay(9, 5, 59));
        messages.stamp(|| unreachable!("nothing came since"));
        let lines = messages.lines(LABEL_WIDTH + 10);
        let lines: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(lines, ["09:05:59 E: crc64:", "            0123456789", "            abcdef"]);
    }
}
