//! Checksums and hashes of a range.

use std::ops::Range;

use sha2::Digest as _;

use crate::format::hex::Hex;
use crate::format::units::in_units;
use crate::job::context::JobContext;
use crate::job::error::{JobError, Lacking};
use crate::job::{Job, Never};
use crate::source::read_error::{ReadError, Unreadable};

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Algorithm {
    /// The CRC-32 of zip and Ethernet. It detects accidental changes, not deliberate ones.
    Crc32,
    /// SHA-256, same output as sha256sum.
    Sha256,
    /// BLAKE3, same output as b3sum.
    Blake3,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 3] = [Self::Crc32, Self::Sha256, Self::Blake3];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "crc32",
            Self::Sha256 => "sha256",
            Self::Blake3 => "blake3",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// Computes a digest in hexadecimal. Fails if any byte of the range is unreadable.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct DigestJob {
    pub(crate) algorithm: Algorithm,
    pub(crate) range: Range<u64>,
    /// Describes the range in messages, such as "selection".
    pub(crate) what: &'static str,
}

impl Job for DigestJob {
    type Event = Never;
    type Output = String;

    fn title(&self) -> String {
        let len = in_units(self.range.end - self.range.start);
        format!("{} of {}, {len}", self.algorithm.name(), self.what)
    }

    fn run(self, cx: &JobContext<'_, Never>) -> Result<String, JobError> {
        let scan = cx.scan().range(self.range);
        let (outcome, digest) = match self.algorithm {
            Algorithm::Crc32 => {
                let mut crc = crc32fast::Hasher::new();
                let outcome = scan.for_each_chunk(|_, bytes| crc.update(bytes))?;
                (outcome, Hex::plain(&crc.finalize().to_be_bytes()).to_string())
            }
            Algorithm::Sha256 => {
                let mut sha = sha2::Sha256::new();
                let outcome = scan.for_each_chunk(|_, bytes| sha.update(bytes))?;
                (outcome, Hex::plain(&sha.finalize()).to_string())
            }
            Algorithm::Blake3 => {
                let mut blake = blake3::Hasher::new();
                let outcome = scan.for_each_chunk(|_, bytes| {
                    blake.update(bytes);
                })?;
                (outcome, Hex::plain(blake.finalize().as_bytes()).to_string())
            }
        };
        if outcome.is_cancelled {
            return Err(JobError::Cancelled);
        }
        match outcome.unreadable.into_iter().next() {
            Some(lost) => Err(JobError::Unreadable(
                Lacking::Digest(self.algorithm.name()),
                Unreadable { error: ReadError::Lost(lost.error.into()), at: lost.range.start },
            )),
            None => Ok(digest),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use memmap::{Map, RamMap};
    use memmap_core::testing::{Fake, Fault};

    use super::*;
    use crate::job::context::finish;
    use crate::source::handle::SourceHandle;

    fn digest(
        algorithm: Algorithm,
        source: &SourceHandle,
        range: Range<u64>,
    ) -> Result<String, String> {
        let done = finish(source, DigestJob { algorithm, range, what: "all" });
        done.ended.map_err(|error| error.to_string())
    }

    #[test]
    fn digests_are_those_of_their_inventors() {
        let source =
            SourceHandle::new(RamMap::from_reader(&b"-123456789-abc"[..]).unwrap().erase());
        for (algorithm, range, expected) in [
            (Algorithm::Crc32, 1..10, "cbf43926"),
            (Algorithm::Crc32, 0..0, "00000000"),
            (
                Algorithm::Sha256,
                11..14,
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                Algorithm::Blake3,
                0..0,
                "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
            ),
            (
                Algorithm::Blake3,
                11..14,
                "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
            ),
        ] {
            assert_eq!(digest(algorithm, &source, range), Ok(expected.to_owned()));
        }
    }

    #[test]
    fn a_digest_of_more_than_a_piece_is_that_of_the_whole() {
        let bytes: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        let source = SourceHandle::new(RamMap::from_reader(&bytes[..]).unwrap().erase());
        let expected = Hex::plain(&sha2::Sha256::digest(&bytes[7..299_999])).to_string();
        assert_eq!(digest(Algorithm::Sha256, &source, 7..299_999), Ok(expected));
    }

    #[test]
    fn there_is_no_digest_of_what_cannot_be_read() {
        let fake = Fake::new(&[1; 100]).with(Fault::Read { at: 50, kind: io::ErrorKind::Other });
        let source = SourceHandle::new(Map::from_mapping(fake).erase());
        let why = digest(Algorithm::Crc32, &source, 0..100).unwrap_err();
        assert!(why.starts_with("no crc32"), "{why}");
        digest(Algorithm::Crc32, &source, 0..50).unwrap();
    }
}
