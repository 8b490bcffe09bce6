use std::ops::Range;

use memmap_core::disk::Disk;
use memmap_core::widen;

use super::codec::{RANGE, RANGE_HEAD_LEN, is_known};
use super::frame::{Chain, GOES_ON, HEAD_LEN, Head, PAYLOAD_MAX, RECORD_MAX, SUM_LEN};
use super::record::{Record, SavingRange};
use super::{Header, JournalError};

/// How much is read at a time.
const WINDOW_LEN: usize = 256 << 10;

/// Reads a journal from front to back. It takes the memory of one record, and of some reads ahead.
#[derive(Debug)]
pub struct Reader<'a, D: Disk> {
    disk: &'a D,
    file: &'a D::File,
    header: Header,
    len: u64,
    /// Where the last whole record ends, and what the next frame follows.
    at: u64,
    chain: Chain,
    window: Vec<u8>,
    window_start: u64,
    ended: Option<EndedBy>,
}

/// Where a record is in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Position {
    /// The whole record.
    pub record: Range<u64>,
    /// The old bytes of a range of a saving.
    pub old: Option<Range<u64>>,
    /// The new bytes of a range of a saving.
    pub new: Option<Range<u64>>,
}

impl Position {
    /// Where a record is whose frames start here.
    pub(super) fn of(record: &Record, range: Range<u64>) -> Self {
        let Record::Range(SavingRange { old, new, .. }) = record else {
            return Self { record: range, old: None, new: None };
        };
        let start = range.start + widen(HEAD_LEN) + RANGE_HEAD_LEN;
        let middle = start + widen(old.len());
        let end = middle + widen(new.len());
        Self { record: range, old: Some(start..middle), new: Some(middle..end) }
    }
}

/// How a journal ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct End {
    /// Where its last whole record ends.
    pub at: u64,
    /// The bytes after it.
    pub dropped: u64,
    /// What ended it.
    pub by: EndedBy,
}

/// What ends a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndedBy {
    /// The end of the file.
    File,
    /// Bytes that are not the next record: a record that was not written as a whole, or a damaged one.
    Torn,
    /// A record of a later version of this program. The journal must not be changed.
    UnknownKind(u16),
}

/// What a frame is.
enum Frame {
    Part { head: Head, end: u64 },
    Ends(EndedBy),
}

impl<'a, D: Disk> Reader<'a, D> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`JournalError::Empty`], [`JournalError::Damaged`], [`JournalError::Version`], [`JournalError::Io`].
    pub fn open(disk: &'a D, file: &'a D::File) -> Result<Self, JournalError> {
        let (header, at, chain) = Header::read(disk, file)?;
        let len = disk.facts(file).map_err(JournalError::io("read"))?.len;
        Ok(Self {
            disk,
            file,
            header,
            len,
            at,
            chain,
            window: Vec::new(),
            window_start: 0,
            ended: None,
        })
    }

    /// The header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// How it ends, when everything was read.
    pub fn end(&self) -> Option<End> {
        self.ended.map(|by| End { at: self.at, dropped: self.len.saturating_sub(self.at), by })
    }

    /// What the next frame follows.
    pub(super) const fn chain(&self) -> Chain {
        self.chain
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// [`JournalError::Io`] if the journal cannot be read. The same record can be asked for again.
    #[expect(clippy::should_implement_trait, reason = "an error does not end it")]
    pub fn next(&mut self) -> Result<Option<(Position, Record)>, JournalError> {
        if self.ended.is_some() {
            return Ok(None);
        }
        let (mut at, mut chain) = (self.at, self.chain);
        let mut payload: Vec<u8> = Vec::new();
        let mut kind = None;
        loop {
            let (head, end) = match self.frame(at, &mut chain)? {
                Frame::Part { head, end } => (head, end),
                // The parts that were read are of a record that has no end.
                Frame::Ends(EndedBy::File) if at != self.at => return Ok(self.stop(EndedBy::Torn)),
                Frame::Ends(by) => return Ok(self.stop(by)),
            };
            let is_one_record = kind.is_none_or(|kind| kind == head.kind);
            if !is_one_record || payload.len() + head.len > RECORD_MAX {
                return Ok(self.stop(EndedBy::Torn));
            }
            kind = Some(head.kind);
            let part = self.window(at + widen(HEAD_LEN), head.len)?;
            payload.extend_from_slice(part);
            at = end;
            if head.flags == GOES_ON {
                continue;
            }
            // Old and new bytes of a range are in one piece.
            let is_whole = head.kind != RANGE || chain.sequence == self.chain.sequence + 1;
            let record = Record::decode(head.kind, &payload).filter(|_| is_whole);
            let Some(record) = record else { return Ok(self.stop(EndedBy::Torn)) };
            let position = Position::of(&record, self.at..at);
            (self.at, self.chain) = (at, chain);
            return Ok(Some((position, record)));
        }
    }

    fn stop<T>(&mut self, by: EndedBy) -> Option<T> {
        self.ended = Some(by);
        self.window = Vec::new();
        None
    }

    /// The frame at this position, if it is the next one.
    fn frame(&mut self, at: u64, chain: &mut Chain) -> Result<Frame, JournalError> {
        let left = self.len.saturating_sub(at);
        if left == 0 {
            return Ok(Frame::Ends(EndedBy::File));
        }
        if left < widen(HEAD_LEN + SUM_LEN) {
            return Ok(Frame::Ends(EndedBy::Torn));
        }
        let head = self.window(at, HEAD_LEN)?.first_chunk().and_then(Head::decode);
        let head = head.filter(|head| {
            head.session == chain.session
                && head.sequence == chain.sequence
                && head.len <= PAYLOAD_MAX
                && widen(HEAD_LEN + head.len + SUM_LEN) <= left
        });
        let Some(head) = head else { return Ok(Frame::Ends(EndedBy::Torn)) };
        let bytes = self.window(at, HEAD_LEN + head.len + SUM_LEN)?;
        let (bytes, sum) = bytes.split_at(HEAD_LEN + head.len);
        let expected = chain.next_sum(bytes);
        if expected != sum {
            return Ok(Frame::Ends(EndedBy::Torn));
        }
        if !is_known(head.kind) || head.flags > GOES_ON {
            return Ok(Frame::Ends(EndedBy::UnknownKind(head.kind)));
        }
        chain.advance(expected);
        Ok(Frame::Part { head, end: at + widen(HEAD_LEN + head.len + SUM_LEN) })
    }

    /// Bytes of the file, which has them.
    fn window(&mut self, at: u64, len: usize) -> Result<&[u8], JournalError> {
        let within = at.checked_sub(self.window_start).and_then(|it| usize::try_from(it).ok());
        let start = within.filter(|start| self.window.len().saturating_sub(*start) >= len);
        let start = if let Some(start) = start {
            start
        } else {
            let left = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX);
            self.window.resize(len.max(WINDOW_LEN).min(left.max(len)), 0);
            self.window_start = u64::MAX;
            read_exact(self.disk, self.file, &mut self.window, at)?;
            self.window_start = at;
            0
        };
        Ok(self.window.get(start..start + len).unwrap_or_default())
    }
}

/// Fills a buffer from a file.
pub(super) fn read_exact<D: Disk>(
    disk: &D,
    file: &D::File,
    out: &mut [u8],
    at: u64,
) -> Result<(), JournalError> {
    crate::exact::read(disk, file, out, at).map_err(JournalError::io("read"))
}
