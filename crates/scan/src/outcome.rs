use std::ops::Range;

use memmap_core::Error;

/// What a scan found, and of what.
///
/// Bytes that cannot be read are no error: the rest is scanned, and they are listed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome<T> {
    /// What was asked for, as far as the scan came.
    pub value: T,
    /// Bytes that were scanned, holes included and unreadable ones not.
    pub scanned: u64,
    /// Which bytes could not be read, in order, and why. Each range ends what is before it as the end
    /// of the file does: no match goes across.
    pub unreadable: Vec<Unreadable>,
    /// Whether a [`CancelToken`](crate::CancelToken) ended the scan early.
    pub cancelled: bool,
    /// The first place where a match was longer than the window, if any was. From there on, matches
    /// may be cut or missed; a larger [`window`](crate::Scan::window) helps.
    pub window_exceeded: Option<u64>,
}

impl<T> Outcome<T> {
    /// The same of another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Outcome<U> {
        let Self { value, scanned, unreadable, cancelled, window_exceeded } = self;
        Outcome { value: change(value), scanned, unreadable, cancelled, window_exceeded }
    }

    /// Whether every byte was scanned, and every match seen whole.
    pub fn is_complete(&self) -> bool {
        !self.cancelled && self.unreadable.is_empty() && self.window_exceeded.is_none()
    }
}

/// A range that could not be read, and why.
#[derive(Debug)]
#[non_exhaustive]
pub struct Unreadable {
    /// Bytes from the start of the mapping.
    pub range: Range<u64>,
    /// Why the first of them could not be read.
    pub reason: Error,
}

impl Unreadable {
    pub(crate) const fn new(range: Range<u64>, reason: Error) -> Self {
        Self { range, reason }
    }
}
