use std::error::Error as StdError;
use std::io;

use memmap_core::{Error, ErrorKind, Identity, Op};

use crate::answer::Noted;

/// Why bytes did not come. All who wait for a block get the same one.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    /// It is another version now, or the one that was opened is gone.
    Replaced {
        now: Option<Identity>,
    },
    /// There is no such object.
    NotFound,
    /// The offset is beyond its end.
    BeyondEnd {
        total: Option<u64>,
    },
    Other {
        kind: io::ErrorKind,
        text: String,
    },
}

impl Failure {
    pub(crate) fn other(kind: io::ErrorKind, text: impl Into<String>) -> Self {
        Self::Other { kind, text: text.into() }
    }

    pub(crate) fn late(noted: &Noted, seconds: u64) -> Self {
        let text = if noted.status >= 400 {
            format!("the server answered {}, and nothing else within {seconds} s", noted.words)
        } else {
            format!("nothing came within {seconds} s")
        };
        Self::Other { kind: io::ErrorKind::TimedOut, text }
    }

    /// What an error of `object_store` means. Its own texts have URLs in them, and bodies of answers, which may have
    /// secrets: the status says it, or the innermost cause.
    pub(crate) fn new(error: &object_store::Error, noted: Noted) -> Self {
        let forbidden = io::ErrorKind::PermissionDenied;
        match noted.status {
            404 | 410 => Self::NotFound,
            412 => Self::Replaced { now: noted.etag.map(Identity::from) },
            416 => Self::BeyondEnd { total: noted.total },
            0 | 206 => {
                let cause = innermost(error);
                let kind = cause.downcast_ref().map_or(io::ErrorKind::Other, io::Error::kind);
                Self::other(kind, cause.to_string())
            }
            200 => Self::other(
                io::ErrorKind::Unsupported,
                "the server answered 200 OK to a request for a range: it does not serve ranges",
            ),
            401 | 403 => Self::other(forbidden, format!("the server answered {}", noted.words)),
            408 | 504 => {
                let text = format!("the server answered {}", noted.words);
                Self::other(io::ErrorKind::TimedOut, text)
            }
            _ => Self::other(io::ErrorKind::Other, format!("the server answered {}", noted.words)),
        }
    }

    /// The error of opening an object.
    pub(crate) fn of_opening(self, offset: u64) -> Error {
        let kind = match self {
            Self::NotFound => ErrorKind::Os(io::Error::new(
                io::ErrorKind::NotFound,
                "no such object; check the location",
            )),
            Self::BeyondEnd { total } => {
                ErrorKind::BeyondEnd { offset, len: 0, source_len: total.unwrap_or(0) }
            }
            Self::Replaced { .. } => ErrorKind::Os(io::Error::other(
                "it was replaced while it was opened; open it again",
            )),
            Self::Other { kind: io::ErrorKind::Unsupported, text } => {
                return Error::unsupported(Op::Open, "remote", format!("this object: {text}"));
            }
            Self::Other { kind, text } => ErrorKind::Os(io::Error::new(kind, text)),
        };
        Error::new(Op::Open, kind)
    }

    /// The error of reading at an offset of a mapping of version `was`.
    pub(crate) fn of_reading(self, offset: u64, was: Identity) -> Error {
        match self {
            Self::Replaced { now } => Error::replaced(Op::Read, offset, was, now),
            Self::NotFound | Self::BeyondEnd { .. } => Error::replaced(Op::Read, offset, was, None),
            Self::Other { kind, text } => Error::io(Op::Read, offset, io::Error::new(kind, text)),
        }
    }

    /// Whether every later read fails in the same way.
    pub(crate) const fn is_final(&self) -> bool {
        matches!(self, Self::Replaced { .. } | Self::NotFound | Self::BeyondEnd { .. })
    }
}

fn innermost<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause
}
