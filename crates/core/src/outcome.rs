use crate::Unreadable;

/// The result of a scan: the value, how much of the range it covers, and what could not be read.
///
/// Unreadable bytes are not an error: they are listed, and the rest is scanned.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome<T> {
    /// The result for the bytes that were covered.
    pub value: T,
    /// Number of bytes scanned. Holes count, unreadable bytes do not.
    pub covered: u64,
    /// The ranges that could not be read, in order. No match crosses one, as no match crosses the end of
    /// the file.
    pub unreadable: Vec<Unreadable>,
    /// Whether [`Progress::cancel`](crate::Progress::cancel) or a [`Cancel`](crate::Cancel) ended it
    /// early.
    pub is_cancelled: bool,
    /// Offset of the first match that exceeded the maximum length, if there was one. After it matches
    /// may be cut or missing: scan again with a larger `max_match_len`.
    pub match_too_long: Option<u64>,
}

impl<T> Outcome<T> {
    /// An outcome without any problem.
    #[doc(hidden)]
    pub const fn new(value: T, covered: u64) -> Self {
        Self { value, covered, unreadable: Vec::new(), is_cancelled: false, match_too_long: None }
    }

    /// Converts the value, and keeps the rest.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Outcome<U> {
        let Self { value, covered, unreadable, is_cancelled, match_too_long } = self;
        Outcome { value: convert(value), covered, unreadable, is_cancelled, match_too_long }
    }

    /// Whether every byte of the range was scanned, and no match was too long.
    pub fn is_complete(&self) -> bool {
        !self.is_cancelled && self.unreadable.is_empty() && self.match_too_long.is_none()
    }
}
