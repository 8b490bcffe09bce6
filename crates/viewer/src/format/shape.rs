//! The shape of a dump: how many bytes a line and a group have, and in which order they are printed.

use thiserror::Error;

use super::Format;

/// The most columns of a line with an address, as in xxd.
const COLUMNS_MAX: usize = 256;

/// What was asked for; `None` is what the format has by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Shape {
    /// Bytes per line.
    pub(crate) columns: Option<usize>,
    /// Bytes per group; 0 for one group per line.
    pub(crate) group: Option<usize>,
    pub(crate) endian: Option<Endian>,
}

/// In which order the bytes of a group are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Endian {
    /// The last byte first, as `xxd -e` does: a number as it is written
    Little,
    /// In the order of the file
    Big,
}

/// Why a format does not have this shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum ShapeError {
    #[error(
        "--columns is not for --format canonical; use --format xxd, bits, plain, c, rust, python or json"
    )]
    Columns,
    #[error("--group is for --format xxd and bits")]
    Group,
    #[error("--endian is for --format xxd")]
    Endian,
    #[error("--columns is between 1 and 256 for this format")]
    ColumnsRange,
    #[error("--columns is 1 or more for this format")]
    NoColumns,
    #[error("with --endian little, --group is a power of two, and --columns a multiple of it")]
    LittleGroup,
}

impl Shape {
    /// Checks that the format has this shape.
    pub(super) fn check(self, format: Format) -> Result<(), ShapeError> {
        let is_grouped = matches!(format, Format::Xxd | Format::Bits);
        if self.group.is_some() && !is_grouped {
            return Err(ShapeError::Group);
        }
        if self.endian.is_some() && format != Format::Xxd {
            return Err(ShapeError::Endian);
        }
        match (format, self.columns) {
            (Format::Canonical, Some(_)) => Err(ShapeError::Columns),
            (_, Some(columns)) if is_grouped && !(1..=COLUMNS_MAX).contains(&columns) => {
                Err(ShapeError::ColumnsRange)
            }
            (Format::C | Format::Rust | Format::Python | Format::Json, Some(0)) => {
                Err(ShapeError::NoColumns)
            }
            _ => Ok(()),
        }
    }
}
