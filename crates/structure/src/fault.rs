//! What can go wrong while a file is read by a description.

use std::fmt;
use std::sync::Arc;

/// What kind of mistake a [`Fault`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The stream ends before the value does.
    EndOfStream,
    /// No terminator was found up to the end of the stream.
    NoTerminator,
    /// The value is not the one that it must be.
    NotEqual,
    /// The value is smaller than it may be.
    LessThan,
    /// The value is greater than it may be.
    GreaterThan,
    /// The value is none of those that it may be.
    NotAnyOf,
    /// The value has no name in its enum.
    NotInEnum,
    /// The value does not fulfil its condition.
    Invalid,
    /// No case of `endian` matches.
    UndecidedEndian,
    /// An expression has no value here.
    Expression,
    /// A field is asked for before it is read.
    Later,
    /// A value asks for itself.
    Circle,
    /// It is larger than what is taken as one value.
    Limit,
    /// It is too deep, or too much is open, from where the request began. From elsewhere it may be reached.
    Depth,
    /// The bytes cannot be read.
    Unreadable,
    /// `process` failed.
    Process,
    /// The description asks for what is not supported.
    Unsupported,
}

/// A mistake in a file: at which node, and what.
///
/// It is shown as `pcap.packets[17].body: 4096 bytes at 0x5f0, 1200 left`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// What kind of mistake it is.
    pub kind: FaultKind,
    /// The path of the node, empty for an expression that was asked for.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.path, self.message)
        }
    }
}

impl std::error::Error for Fault {}

/// Why a request ended before it was done. It can go on from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// It was cancelled, by the source.
    Cancelled,
    /// It used up its budget.
    Budget,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cancelled => "cancelled",
            Self::Budget => "stopped at the budget of one request",
        })
    }
}

/// What keeps a request from its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// It stopped, and can go on.
    Stop(Stop),
    /// The file or the description has a mistake.
    Fault(Arc<Fault>),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stop(it) => it.fmt(f),
            Self::Fault(it) => it.fmt(f),
        }
    }
}

impl std::error::Error for Trouble {}

pub(crate) type Result<T> = std::result::Result<T, Trouble>;

/// A mistake whose path is not known yet.
pub(crate) fn fault<T>(kind: FaultKind, message: impl Into<String>) -> Result<T> {
    Err(Trouble::Fault(Arc::new(Fault { kind, path: String::new(), message: message.into() })))
}

/// A mistake of an expression.
pub(crate) fn bad<T>(message: impl Into<String>) -> Result<T> {
    fault(FaultKind::Expression, message)
}

impl Trouble {
    /// Says where a mistake is, unless that is known.
    pub(crate) fn at(self, path: impl FnOnce() -> String) -> Self {
        match self {
            Self::Fault(it) if it.path.is_empty() => {
                let mut fault = Fault::clone(&it);
                fault.path = path();
                Self::Fault(Arc::new(fault))
            }
            other => other,
        }
    }
}
