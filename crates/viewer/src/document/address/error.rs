//! Why a text is no place.

use std::fmt;

use thiserror::Error;

use crate::format::parse_size::BadNumber;

/// Why a text is no place, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) struct AddressError {
    /// The character where it goes wrong, counted from 1; none where it is the place as a whole.
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

/// Of the place as a whole.
impl From<AddressErrorKind> for AddressError {
    fn from(why: AddressErrorKind) -> Self {
        Self { column: None, why }
    }
}

/// What is wrong with a place, or in its text.
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
    #[error("that is nested too deep")]
    TooDeep,
    #[error("that is too large")]
    TooLarge,
    #[error("nothing can be divided by 0")]
    DividedByZero,
    #[error("a shift is by 0 to 63 bits")]
    ShiftedTooFar,
    #[error("{0:?} is no place and no command")]
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
    #[error("what is there was not read yet")]
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
