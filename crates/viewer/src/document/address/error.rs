//! Why a text is not an address.

use std::fmt;

use thiserror::Error;

use crate::format::parse_size::BadNumber;

/// Why a text is not an address, and where in it the error is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) struct AddressError {
    /// Column of the error, counted from 1; `None` if it concerns the whole address.
    pub(super) column: Option<usize>,
    pub(super) why: AddressErrorKind,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) => write!(f, "at {column}: {}", self.why),
            None => self.why.fmt(f),
        }
    }
}

impl AddressError {
    /// Whether the address is a place beyond the last byte.
    pub(crate) const fn is_beyond_end(&self) -> bool {
        matches!(self.why, AddressErrorKind::BeyondEnd { .. })
    }
}

/// An error that concerns the whole address.
impl From<AddressErrorKind> for AddressError {
    fn from(why: AddressErrorKind) -> Self {
        Self { column: None, why }
    }
}

/// What is wrong with an address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum AddressErrorKind {
    #[error("there is no byte to go to")]
    NoBytes,
    #[error("that is before the start")]
    BeforeStart,
    #[error("that is before the start; at most -{cursor:#x} from here")]
    TooFarBack { cursor: u64 },
    #[error("that is beyond the end; the last byte is {last:#x} = {last}")]
    BeyondEnd { last: u64 },
    #[error("an operator (+ - * / % << >> & |) or the end was expected")]
    NoOperator,
    #[error("a number, $, 'a, page, match, sel or ( was expected")]
    NoOperand,
    #[error("the expression is incomplete")]
    Incomplete,
    #[error("a ) is missing")]
    Unclosed,
    #[error("parentheses are nested too deeply")]
    TooDeep,
    #[error("that is too large")]
    TooLarge,
    #[error("division by zero")]
    DividedByZero,
    #[error("the shift count must be 0 to 63")]
    ShiftedTooFar,
    #[error("{0:?} is neither a place nor a command")]
    UnknownWord(String),
    #[error("no match is known at the cursor or after it; / searches")]
    NoMatch,
    #[error("nothing is selected; v begins a selection")]
    NoSelection,
    #[error("there is no mark {0}; m {0} sets it")]
    NoMark(char),
    #[error("a mark is a letter from a to z")]
    NotAMark,
    #[error("a type was expected: @u8, @u16, @u32, @u64, with be or le after it")]
    NotAType,
    #[error("there is no u{bits} under the cursor")]
    NoValueHere { bits: u64 },
    #[error("there is no u{bits} at {at:#x}")]
    NoValueAt { bits: u64, at: u64 },
    #[error("the bytes there are not read yet")]
    NotReadYet,
    #[error("a percentage is 0% to 100%")]
    NotAShare,
    #[error("{0} is too large")]
    NumberTooLarge(String),
    #[error("{0} is not a whole number of bytes")]
    NotWhole(String),
    #[error(transparent)]
    NotANumber(#[from] BadNumber),
}
