use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use crc_fast::CrcAlgorithm;
use md5::Md5;
use sha2::{Digest as _, Sha256};

/// A checksum of a whole object, as a server says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checksum {
    algorithm: Algorithm,
    sum: Vec<u8>,
}

/// The best is the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Crc32c,
    Crc64Nvme,
    Md5,
    Sha256,
}

impl Algorithm {
    const fn name(self) -> &'static str {
        match self {
            Self::Crc32c => "crc32c",
            Self::Crc64Nvme => "crc64nvme",
            Self::Md5 => "md5",
            Self::Sha256 => "sha-256",
        }
    }

    const fn len(self) -> usize {
        match self {
            Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Md5 => 16,
            Self::Sha256 => 32,
        }
    }

    fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Crc32c => {
                let sum = crc_fast::checksum(CrcAlgorithm::Crc32Iscsi, bytes).to_be_bytes();
                sum.get(4..).unwrap_or_default().to_vec()
            }
            Self::Crc64Nvme => {
                crc_fast::checksum(CrcAlgorithm::Crc64Nvme, bytes).to_be_bytes().to_vec()
            }
            Self::Md5 => Md5::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
        }
    }
}

impl Checksum {
    /// The best one among the fields of an answer.
    pub(crate) fn find(fields: &[(&str, String)]) -> Option<Self> {
        let sums = fields.iter().flat_map(|(name, value)| Self::parse(name, value));
        sums.max_by_key(|sum| sum.algorithm)
    }

    fn parse(name: &str, value: &str) -> Vec<Self> {
        let sum = |algorithm: Algorithm, text: &str| {
            let sum = BASE64_STANDARD.decode(text.trim().trim_matches(':')).ok()?;
            // That of an object in parts has another form: it is none of the whole.
            (sum.len() == algorithm.len()).then_some(Self { algorithm, sum })
        };
        let algorithm = |name: &str| match &*name.trim().to_ascii_lowercase() {
            "sha-256" | "sha256" => Some(Algorithm::Sha256),
            "md5" => Some(Algorithm::Md5),
            "crc32c" => Some(Algorithm::Crc32c),
            "crc64nvme" => Some(Algorithm::Crc64Nvme),
            _ => None,
        };
        match name.strip_prefix("x-amz-checksum-") {
            Some(name) => {
                algorithm(name).and_then(|algorithm| sum(algorithm, value)).into_iter().collect()
            }
            None => value
                .split(',')
                .filter_map(|part| part.split_once('='))
                .filter_map(|(name, text)| sum(algorithm(name)?, text))
                .collect(),
        }
    }

    /// The checksum that an `ETag` may be: S3 uses MD5 for objects that came in one part.
    pub(crate) fn of_etag(etag: &str) -> Option<Self> {
        let text = etag.trim_matches('"');
        if text.len() != 32 {
            return None;
        }
        let digit = |at: usize| u8::from_str_radix(text.get(at..at.saturating_add(2))?, 16).ok();
        let sum = (0..16).map(|byte| digit(byte * 2)).collect::<Option<Vec<u8>>>()?;
        Some(Self { algorithm: Algorithm::Md5, sum })
    }

    pub(crate) fn is_of(&self, bytes: &[u8]) -> bool {
        self.algorithm.of(bytes) == self.sum
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.algorithm.name())?;
        self.sum.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The checksums of "123456789", as each algorithm's catalogue has them.
    #[test]
    fn checksums_are_those_that_servers_say() {
        let bytes = b"123456789";
        for (name, value, text) in [
            ("x-amz-checksum-crc32c", "4waSgw==", "crc32c e3069283"),
            ("x-amz-checksum-crc64nvme", "rosUhgp5mIg=", "crc64nvme ae8b14860a799888"),
            (
                "x-goog-hash",
                "crc32c=4waSgw==,md5=JfnnlDI7RTiF9RgfG2JNCw==",
                "md5 25f9e794323b453885f5181f1b624d0b",
            ),
            (
                "repr-digest",
                "sha-256=:FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=:",
                "sha-256 15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
            ),
        ] {
            let found = Checksum::find(&[(name, value.to_owned())]).unwrap();
            assert_eq!(found.to_string(), text, "{name}");
            assert!(found.is_of(bytes) && !found.is_of(b"12345678"), "{name}");
        }
        let sum = Checksum::of_etag("\"25f9e794323b453885f5181f1b624d0b\"").unwrap();
        assert!(sum.is_of(bytes) && !sum.is_of(b"12345678"));
    }

    #[test]
    fn sums_of_parts_and_other_texts_are_none_of_the_whole() {
        for (name, value) in [
            ("x-amz-checksum-sha256", "FeKw09M=-3"),
            ("x-amz-checksum-crc32c", "4waSgw==-2"),
            ("digest", "sha-256=AAAA, unixsum=30637"),
            ("repr-digest", "sha-512=:AAAA:"),
        ] {
            assert_eq!(Checksum::find(&[(name, value.to_owned())]), None, "{name}");
        }
        assert_eq!(Checksum::of_etag("\"25f9e794323b453885f5181f1b624d0b-2\""), None);
        assert_eq!(Checksum::of_etag("\"25f9e794323b453885f5181f1b624d0g\""), None);
    }
}
