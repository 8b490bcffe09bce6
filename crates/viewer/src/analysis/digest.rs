//! Checksums and hashes of a range of the data.

use std::ops::Range;

use memmap::scan::Outcome;
use sha2::Digest as _;

use crate::format::hex::Hex;
use crate::job::context::{Merge, Site};

/// An algorithm for digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// The CRC of zip and Ethernet. It detects accidental changes, not deliberate ones.
    Crc32,
    /// SHA-256, as sha256sum prints it.
    Sha256,
    /// BLAKE3, as b3sum prints it.
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

/// Computes a digest, in hexadecimal. Unreadable bytes are an error.
pub(crate) fn run(
    algorithm: Algorithm,
    range: Range<u64>,
    site: &Site<'_, impl Merge>,
) -> Result<String, String> {
    let scan = site.scan().range(range);
    let (outcome, digest) = match algorithm {
        Algorithm::Crc32 => {
            let mut crc = crc32fast::Hasher::new();
            let outcome = scan.feed(|_, bytes| crc.update(bytes));
            (outcome, Hex::plain(&crc.finalize().to_be_bytes()).to_string())
        }
        Algorithm::Sha256 => {
            let mut sha = sha2::Sha256::new();
            let outcome = scan.feed(|_, bytes| sha.update(bytes));
            (outcome, Hex::plain(&sha.finalize()).to_string())
        }
        Algorithm::Blake3 => {
            let mut blake = blake3::Hasher::new();
            let outcome = scan.feed(|_, bytes| {
                blake.update(bytes);
            });
            (outcome, Hex::plain(blake.finalize().as_bytes()).to_string())
        }
    };
    match outcome {
        Ok(Outcome { cancelled: true, .. }) => Err("stopped".to_owned()),
        Ok(outcome) => match outcome.unreadable.first() {
            Some(lost) => Err(format!(
                "no {} of what cannot be read: {} at {:#x}",
                algorithm.name(),
                lost.reason.kind(),
                lost.range.start
            )),
            None => Ok(digest),
        },
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use memmap::{AnyMap, Map, RamMap};
    use memmap_core::testing::{Fake, Fault};

    use super::*;
    use crate::job::context::finish;

    fn digest(algorithm: Algorithm, map: &AnyMap, range: Range<u64>) -> Result<String, String> {
        finish::<()>(map, |site| run(algorithm, range, site)).ended
    }

    #[test]
    fn digests_are_those_of_their_inventors() {
        let map = RamMap::from_reader(&b"-123456789-abc"[..]).unwrap().erase();
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
            assert_eq!(digest(algorithm, &map, range), Ok(expected.to_owned()));
        }
    }

    #[test]
    fn a_digest_of_more_than_a_piece_is_that_of_the_whole() {
        let bytes: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        let map = RamMap::from_reader(&bytes[..]).unwrap().erase();
        let expected = Hex::plain(&sha2::Sha256::digest(&bytes[7..299_999])).to_string();
        assert_eq!(digest(Algorithm::Sha256, &map, 7..299_999), Ok(expected));
    }

    #[test]
    fn there_is_no_digest_of_what_cannot_be_read() {
        let fake = Fake::new(&[1; 100]).with(Fault::Read { at: 50, kind: io::ErrorKind::Other });
        let map = Map::from_mapping(fake).erase();
        let why = digest(Algorithm::Crc32, &map, 0..100).unwrap_err();
        assert!(why.starts_with("no crc32 of what cannot be read"), "{why}");
        digest(Algorithm::Crc32, &map, 0..50).unwrap();
    }
}
