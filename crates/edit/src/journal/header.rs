use std::path::Path;

use memmap_core::disk::{Disk, Facts, Process};
use memmap_core::widen;

use super::JournalError;
use super::codec::{Put, Take};
use super::frame::{Chain, SUM_LEN, Session, checksum};
use super::reader::read_exact;

const MAGIC: [u8; 8] = *b"MEMMAPJR";
const VERSION: u32 = 1;
/// Headers are whole blocks of this many bytes.
const BLOCK_LEN: usize = 4096;
/// No path is so long that a header would have more bytes.
const LEN_MAX: usize = 1 << 20;

/// The start of a journal: who edits what.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the format of the journal")]
pub struct Header {
    /// What tells one journal from another, and its records from those of another.
    pub session: [u8; 16],
    /// The process that made it.
    pub process: Process,
    /// The canonical path of the edited file.
    pub path: Vec<u8>,
    /// The edited file, as it was opened.
    pub file: Facts,
}

impl Header {
    /// Whether it is the journal of the file with this canonical path.
    pub fn is_of(&self, path: &Path) -> bool {
        self.path == path.as_os_str().as_encoded_bytes()
    }

    /// Its bytes, and what the first frame follows.
    pub(super) fn encode(&self) -> Result<(Vec<u8>, Chain), JournalError> {
        let mut put = Put::default();
        put.bytes.extend_from_slice(&self.session);
        put.process(&self.process)?;
        put.bytes(&self.path)?;
        put.facts(&self.file)?;
        let fields = put.bytes;
        let len = (MAGIC.len() + 12 + fields.len() + SUM_LEN).next_multiple_of(BLOCK_LEN);
        if len > LEN_MAX {
            return Err(JournalError::TooLarge { len: widen(len) });
        }
        let mut put = Put { bytes: MAGIC.to_vec() };
        put.u32(VERSION);
        put.count(len)?;
        put.bytes(&fields)?;
        let mut bytes = put.bytes;
        bytes.resize(len - SUM_LEN, 0);
        let sum = checksum(&bytes);
        bytes.extend(sum);
        Ok((bytes, Chain { session: self.session, sequence: 0, sum }))
    }

    /// Reads it. Returns also its length, and what the first frame follows.
    pub(super) fn read<D: Disk>(
        disk: &D,
        file: &D::File,
    ) -> Result<(Self, u64, Chain), JournalError> {
        let file_len = disk.facts(file).map_err(JournalError::io("read"))?.len;
        // Where no record can be, there was none: they are written after the header is durable.
        let nothing = || {
            if file_len <= widen(BLOCK_LEN) { JournalError::Empty } else { JournalError::Damaged }
        };
        let mut start = [0; 16];
        if file_len < widen(start.len()) {
            return Err(nothing());
        }
        read_exact(disk, file, &mut start, 0)?;
        let mut take = Take(&start);
        if take.array() != Some(MAGIC) {
            return Err(nothing());
        }
        let (version, len) = (take.u32().unwrap_or(0), take.u32().unwrap_or(0));
        if version != VERSION {
            return Err(JournalError::Version { version });
        }
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let is_possible = (BLOCK_LEN..=LEN_MAX).contains(&len) && len.is_multiple_of(BLOCK_LEN);
        if !is_possible || widen(len) > file_len {
            return Err(nothing());
        }
        let mut bytes = vec![0; len];
        read_exact(disk, file, &mut bytes, 0)?;
        let (bytes, sum) = bytes.split_at(len - SUM_LEN);
        let header = Self::decode(bytes.get(start.len()..).unwrap_or_default());
        match header {
            Some(header) if checksum(bytes) == sum => {
                let chain = Chain { session: header.session, sequence: 0, sum: checksum(bytes) };
                Ok((header, widen(len), chain))
            }
            _ => Err(nothing()),
        }
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut take = Take(Take(bytes).bytes()?);
        let session: Session = take.array()?;
        let (process, path) = (take.process()?, take.bytes()?.to_vec());
        let file = take.facts()?;
        take.0.is_empty().then_some(Self { session, process, path, file })
    }
}
