//! Array layouts described by the file itself: `.npy`, and the members of `.npz`.

use memmap::AnyMap;
use memmap::array::npy::{DEFAULT_LIMIT, Header, Preamble};
use memmap::array::npz::{Directory, Member};
use memmap::array::{Error, ErrorKind, Result};
use memmap::widen;
use thiserror::Error;

use crate::source::strided_layout::StridedLayout;

/// What a file contains.
#[derive(Debug)]
pub(crate) enum FileLayout {
    /// One array.
    Array {
        /// Layout of the elements.
        grid: StridedLayout,
        /// End of the available data. It is before the end of the array if the file is truncated.
        available: u64,
    },
    /// An archive of arrays.
    Archive(Directory),
}

/// Where to look for an array description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LayoutQuery {
    /// The byte under the cursor, where an embedded file may start.
    pub(crate) cursor: u64,
    /// Name of the archive member.
    pub(crate) member: Option<String>,
}

/// An array described by a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArrayLayout {
    pub(crate) grid: StridedLayout,
    /// Number of bytes missing at its end.
    pub(crate) missing: u64,
}

/// Why what a file describes is not one array that can be shown.
#[derive(Debug, Error)]
pub(crate) enum LayoutError {
    #[error("an archive without arrays")]
    EmptyArchive,
    /// None of these arrays was asked for.
    #[error("an archive; :array {} shows this array, of {}", .0[0], .0.join(", "))]
    Archive(Vec<String>),
    #[error("{}", .0.kind())]
    Array(#[from] Error),
}

/// Looks for an array description at the start of the map, then at the cursor. Reads headers only.
pub(crate) fn look(map: &AnyMap, place: &LayoutQuery) -> Option<Result<ArrayLayout, LayoutError>> {
    let found = [0, place.cursor].into_iter().find_map(|at| {
        match find(map, at, place.member.as_deref()) {
            Err(error) if matches!(error.kind(), ErrorKind::NotNpy { .. }) => None,
            other => Some(other),
        }
    })?;
    Some(match found {
        Ok(FileLayout::Array { grid, available }) => {
            let missing = grid.end().saturating_sub(available);
            Ok(ArrayLayout { grid, missing })
        }
        Ok(FileLayout::Archive(directory)) => {
            let names: Vec<String> =
                directory.members().iter().map(|it| it.name().escape_debug().to_string()).collect();
            Err(if names.is_empty() {
                LayoutError::EmptyArchive
            } else {
                LayoutError::Archive(names)
            })
        }
        Err(error) => Err(error.into()),
    })
}

/// The array or archive at an offset of the map. `member` selects an array of the archive.
pub(crate) fn find(map: &AnyMap, at: u64, member: Option<&str>) -> Result<FileLayout> {
    if let Some(name) = member {
        let range = Directory::of(map)?.member(name)?.range()?;
        return array(map, range.start, range.end);
    }
    // An archive starts with its first member or, if it is empty, with the end record.
    match read_up_to(map, at, 4)?[..] {
        [b'P', b'K', 3, 4] | [b'P', b'K', 5, 6] => Directory::of(map).map(FileLayout::Archive),
        _ => array(map, at, map.len()),
    }
}

fn array(map: &AnyMap, at: u64, available: u64) -> Result<FileLayout> {
    let header = header(map, at, available)?;
    let grid = StridedLayout::described(&header, at)?;
    Ok(FileLayout::Array { grid, available })
}

/// Reads the header at `at`, and nothing else.
pub(crate) fn header(map: &AnyMap, at: u64, end: u64) -> Result<Header> {
    let available = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX);
    let prefix = read_up_to(map, at, Preamble::LEN.min(available))?;
    let prefix = Preamble::parse(&prefix, DEFAULT_LIMIT)?;
    let bytes = read_up_to(map, at, prefix.data_start().min(available))?;
    Header::parse(&bytes, DEFAULT_LIMIT)
}

/// Reads up to `len` bytes.
fn read_up_to(map: &AnyMap, at: u64, len: usize) -> Result<Vec<u8>> {
    let available = usize::try_from(map.len().saturating_sub(at)).unwrap_or(usize::MAX);
    Ok(map.read_at(at, len.min(available))?)
}

/// Lists the members of an archive, one per line: the name, and the array's type and shape if
/// known.
pub(crate) fn list(map: &AnyMap, directory: &Directory) -> String {
    let rows: Vec<[String; 4]> = directory.members().iter().map(|it| row(map, it)).collect();
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    };
    let (names, types, shapes) = (width(0), width(1), width(2));
    let line = |[name, dtype, shape, how]: &[String; 4]| {
        format!("{name:names$}  {dtype:types$}  {shape:shapes$}  {how}\n")
    };
    rows.iter().map(line).collect()
}

fn row(map: &AnyMap, member: &Member) -> [String; 4] {
    let name = member.name().escape_debug().to_string();
    let unknown = |how: String| [name.clone(), "-".to_owned(), "-".to_owned(), how];
    let range = match member.range() {
        Ok(range) => range,
        Err(error) => {
            return unknown(match error.kind() {
                ErrorKind::MemberCompressed { method, .. } => {
                    format!("compressed ({method}), {} bytes unpacked", member.len_bytes())
                }
                ErrorKind::MemberEncrypted { .. } => "encrypted".to_owned(),
                ErrorKind::MemberDamaged { problem, .. } => format!("damaged: {problem}"),
                other => other.to_string(),
            });
        }
    };
    match header(map, range.start, range.end) {
        Ok(header) => {
            let start = range.start.saturating_add(widen(header.data_start()));
            let is_cut = start.saturating_add(header.data_len()) > range.end;
            let lack = if is_cut { ", truncated" } else { "" };
            let how = format!("stored from byte {start}, in {} order{lack}", header.order());
            [name, header.dtype().to_string(), shape(header.shape()), how]
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotNpy { .. }) => {
            unknown(format!("no array, {} bytes", member.len_bytes()))
        }
        Err(error) => unknown(error.kind().to_string()),
    }
}

/// Formats a shape like Python.
pub(crate) fn shape(shape: &[usize]) -> String {
    match shape {
        [only] => format!("({only},)"),
        shape => {
            let lens: Vec<_> = shape.iter().map(ToString::to_string).collect();
            format!("({})", lens.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_archive_the_first_array_is_proposed() {
        assert_eq!(LayoutError::EmptyArchive.to_string(), "an archive without arrays");
        assert_eq!(
            LayoutError::Archive(vec!["x".to_owned(), "y".to_owned()]).to_string(),
            "an archive; :array x shows this array, of x, y"
        );
    }
}
