use std::ops::Range;

use crate::{Error, ErrorKind, Identity, Mode, Op, Origin, Result};

/// What an [`Opener`](crate::Opener) is asked to open: the mode, the range, and the expected version.
///
/// [`MapOptions::open`](crate::MapOptions::open) makes it. The range is not checked yet, as only the
/// opener learns how long its source is: [`range`](Self::range) checks it.
#[derive(Debug, Clone)]
pub struct Request {
    origin: Origin,
    mode: Mode,
    offset: u64,
    len: Option<u64>,
    identity: Option<Identity>,
}

impl Request {
    pub(crate) const fn new(
        origin: Origin,
        mode: Mode,
        offset: u64,
        len: Option<u64>,
        identity: Option<Identity>,
    ) -> Self {
        Self { origin, mode, offset, len, identity }
    }

    /// A request for a whole source, for reading.
    #[must_use]
    pub const fn whole(origin: Origin) -> Self {
        Self::new(origin, Mode::Read, 0, None, None)
    }

    /// What the opener named the source.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn into_origin(self) -> Origin {
        self.origin
    }

    /// The mode that was asked for.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Bytes from the start of the source to the first one that is asked for.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The number of bytes that are asked for; `None` if all up to the end are.
    #[expect(clippy::len_without_is_empty, reason = "it is what was asked for, not a length")]
    pub const fn len(&self) -> Option<u64> {
        self.len
    }

    /// The range that is asked for, in a source of `source_len` bytes. Without a length it ends at the end
    /// of the source.
    ///
    /// # Errors
    /// [`ErrorKind::BeyondEnd`] of [`Op::Open`] if the range is not within the source. An offset of
    /// `source_len` is valid, and the range is empty then.
    pub fn range(&self, source_len: u64) -> Result<Range<u64>> {
        range_within(self.offset, self.len, source_len).map_err(|kind| Error::new(Op::Open, kind))
    }

    /// Checks that nothing is to be written: an opener whose source is read-only starts with it.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] of [`Op::Open`] for every mode but [`Mode::Read`].
    pub fn require_read_only(&self) -> Result<()> {
        match self.mode {
            Mode::Read => Ok(()),
            mode => {
                let what = format!("mode \"{mode}\"; use mode \"r\"");
                Err(Error::unsupported(Op::Open, "read-only", what))
            }
        }
    }

    /// The version that is expected; `None` if any will do.
    ///
    /// `MapOptions::open` compares it with the identity of the mapping. An opener that can ask for one
    /// version of its source uses it to do so.
    pub const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Checks that the source has the expected version.
    ///
    /// # Errors
    /// [`ErrorKind::Replaced`] of [`Op::Open`].
    pub(crate) fn require_version(&self, now: impl FnOnce() -> Option<Identity>) -> Result<()> {
        let Some(expected) = &self.identity else { return Ok(()) };
        match now() {
            Some(now) if now == *expected => Ok(()),
            now => Err(Error::replaced(Op::Open, 0, expected.clone(), now)),
        }
    }
}

/// The range of `len` bytes, or of all up to the end, that starts at `offset`.
///
/// # Errors
/// [`ErrorKind::BeyondEnd`] if `offset > source_len` (`offset == source_len` is valid and empty), or if
/// `offset + len > source_len`.
pub(crate) fn range_within(
    offset: u64,
    len: Option<u64>,
    source_len: u64,
) -> Result<Range<u64>, ErrorKind> {
    let beyond = |len| ErrorKind::BeyondEnd { offset, len, source_len };
    let Some(rest) = source_len.checked_sub(offset) else { return Err(beyond(len.unwrap_or(0))) };
    match len {
        Some(len) if len > rest => Err(beyond(len)),
        Some(len) => Ok(offset..offset.saturating_add(len)),
        None => Ok(offset..source_len),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(offset: u64, len: Option<u64>, source_len: u64) -> Result<Range<u64>, ErrorKind> {
        range_within(offset, len, source_len)
    }

    #[test]
    fn no_length_means_up_to_the_end() {
        assert_eq!(check(0, None, 10).unwrap(), 0..10);
        assert_eq!(check(3, None, 10).unwrap(), 3..10);
        assert_eq!(check(10, None, 10).unwrap(), 10..10);
        assert_eq!(check(0, None, 0).unwrap(), 0..0);
    }

    #[test]
    fn offset_beyond_the_end_is_named() {
        assert!(matches!(
            check(11, None, 10),
            Err(ErrorKind::BeyondEnd { offset: 11, source_len: 10, .. })
        ));
        assert!(matches!(check(u64::MAX, Some(0), 0), Err(ErrorKind::BeyondEnd { .. })));
    }

    #[test]
    fn length_beyond_the_end_is_named_and_does_not_overflow() {
        assert!(matches!(
            check(4, Some(7), 10),
            Err(ErrorKind::BeyondEnd { offset: 4, len: 7, source_len: 10 })
        ));
        assert!(matches!(check(4, Some(u64::MAX), 10), Err(ErrorKind::BeyondEnd { .. })));
        assert_eq!(check(u64::MAX, Some(0), u64::MAX).unwrap(), u64::MAX..u64::MAX);
    }

    #[test]
    fn only_reading_is_read_only() {
        let request = |mode| Request::new(Origin::from("x"), mode, 0, None, None);
        assert!(request(Mode::Read).require_read_only().is_ok());
        for mode in [Mode::ReadWrite, Mode::Create, Mode::CopyOnWrite] {
            let error = request(mode).require_read_only().unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error}");
        }
    }

    #[test]
    fn another_version_is_replaced() {
        let expected = Some(Identity::from("1"));
        let request = Request::new(Origin::from("x"), Mode::Read, 0, None, expected);
        assert!(request.require_version(|| Some("1".into())).is_ok());
        for now in [Some(Identity::from("2")), None] {
            let error = request.require_version(|| now.clone()).unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::Replaced { now: found, .. } if *found == now),
                "{error}"
            );
        }
        let any = Request::whole(Origin::from("x"));
        assert!(any.require_version(|| unreachable!("nobody asked")).is_ok());
    }
}
