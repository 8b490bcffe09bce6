use std::fmt;
use std::str::FromStr;

use crate::{Error, ErrorKind, Op};

/// How a file is opened: numpy's four modes.
///
/// | mode | numpy | long name | the file must exist | the mapping may be written | the file changes |
/// |---|---|---|---|---|---|
/// | `Read` | `r` | `readonly` | yes | no | no |
/// | `ReadWrite` | `r+` | `readwrite` | yes | yes | yes |
/// | `Create` | `w+` | `write` | no | yes | yes |
/// | `CopyOnWrite` | `c` | `copyonwrite` | yes | yes | no |
///
/// It prints numpy's short form and parses both forms.
///
/// # Platform
/// The meaning is the same on every system.
///
/// # Examples
/// ```
/// use memmap_core::Mode;
///
/// assert_eq!(Mode::ReadWrite.to_string(), "r+");
/// assert_eq!("readwrite".parse::<Mode>()?, Mode::ReadWrite);
/// assert!("rw".parse::<Mode>().is_err());
/// # Ok::<(), memmap_core::Error>(())
/// ```
///
/// # Source
/// `numpy.memmap`, parameter `mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(clippy::exhaustive_enums, reason = "numpy has these four, and there is no fifth to add")]
pub enum Mode {
    /// Reads bytes, and writes nothing.
    #[default]
    Read,
    /// Reads and writes bytes, and writes reach the file.
    ReadWrite,
    /// Creates or replaces the file, then reads and writes it.
    Create,
    /// Reads and writes bytes, and writes stay in this mapping.
    CopyOnWrite,
}

impl Mode {
    /// Every mode, from the least to the most harmful, in numpy's order.
    pub const ALL: [Self; 4] = [Self::Read, Self::ReadWrite, Self::Create, Self::CopyOnWrite];

    /// Whether the mapping's bytes may be changed.
    pub const fn writes(self) -> bool {
        !matches!(self, Self::Read)
    }

    /// Whether writes reach the file.
    pub const fn reaches_file(self) -> bool {
        matches!(self, Self::ReadWrite | Self::Create)
    }

    /// numpy's short form: `r`, `r+`, `w+` or `c`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "r",
            Self::ReadWrite => "r+",
            Self::Create => "w+",
            Self::CopyOnWrite => "c",
        }
    }

    /// numpy's long form: `readonly`, `readwrite`, `write` or `copyonwrite`.
    pub const fn long_name(self) -> &'static str {
        match self {
            Self::Read => "readonly",
            Self::ReadWrite => "readwrite",
            Self::Create => "write",
            Self::CopyOnWrite => "copyonwrite",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Mode {
    type Err = Error;

    /// # Errors
    /// [`ErrorKind::UnknownMode`], whose text lists all eight spellings.
    fn from_str(given: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|mode| given == mode.as_str() || given == mode.long_name())
            .ok_or_else(|| Error::new(Op::Parse, ErrorKind::UnknownMode { given: given.into() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_every_mode_parse_back() {
        for mode in Mode::ALL {
            assert_eq!(mode.to_string().parse::<Mode>().unwrap(), mode);
            assert_eq!(mode.long_name().parse::<Mode>().unwrap(), mode);
        }
    }

    #[test]
    fn other_spellings_are_unknown() {
        for given in ["", "R", "r ", "w", "rw", "+r", "read"] {
            let error = given.parse::<Mode>().unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::UnknownMode { given: g } if g == given));
        }
    }
}
