//! Prints array elements: resolves the arguments and passes the elements to the table.

use std::io::{self, Write};

use memmap::array::{self, DType, Order};
use memmap::{Error, ErrorKind, MemMap, plugin::Op, plugin::Schemes, widen};

use crate::cli::args::{BytesArgs, ElementArgs};
use crate::cli::part::{part, placed};
use crate::cli::shape::Shape;
use crate::cli::text_writer::Interrupted;
use crate::cli::{array_table, stdout_pipe};
use crate::format::parse_size::Offset;
use crate::source::Source;
use crate::source::npy_layout::{self, FileLayout};
use crate::source::strided_layout::StridedLayout;
use crate::terminal::view;
use crate::view::array::Request;
use crate::{Failure, opened};

/// Prints the requested elements of a file.
pub(crate) fn print(what: &BytesArgs, schemes: &Schemes) -> Result<(), Failure> {
    match (&what.elements.dtype, &what.elements.shape) {
        (Some(dtype), Some(Shape(shape))) => print_shaped(what, schemes, dtype, shape),
        (Some(dtype), None) => print_all(what, schemes, dtype),
        (None, _) => print_described(what, schemes),
    }
}

/// Whether the output is the list of arrays in an archive, which is printed even on a terminal.
pub(crate) fn is_list(what: &BytesArgs, schemes: &Schemes) -> bool {
    let ElementArgs { array, member, .. } = &what.elements;
    if !array || member.is_some() {
        return false;
    }
    // An error here is reported when the file is opened again.
    let file = what.files.first();
    let found = file.and_then(|file| schemes.open(file, MemMap::options()).ok());
    let found = found.map(|map| {
        let start = what.skip.unwrap_or_default().within(map.len()).unwrap_or(0);
        npy_layout::find(&map, start, None)
    });
    matches!(found, Some(Ok(FileLayout::Archive(_))))
}

/// The initial state of the array view, if elements were requested. `offset` applies to `--dtype`
/// only.
pub(crate) fn beginning(what: &BytesArgs, offset: u64) -> Option<view::Elements> {
    let ElementArgs { array, member, dtype, shape, order, stride } = &what.elements;
    if let Some(dtype) = dtype {
        let request = Request {
            dtype: dtype.clone(),
            shape: shape.as_ref().map(|Shape(lens)| lens.iter().copied().map(Some).collect()),
            order: order.unwrap_or_default(),
            stride: *stride,
            offset: None,
        };
        return Some(view::Elements::Asked(request, offset));
    }
    (*array || member.is_some()).then(|| view::Elements::Described(member.clone()))
}

/// Prints elements of the given shape.
fn print_shaped(
    what: &BytesArgs,
    schemes: &Schemes,
    dtype: &DType,
    shape: &[usize],
) -> Result<(), Failure> {
    let ElementArgs { order, stride, .. } = what.elements;
    let grid = |start: u64| {
        let grid = StridedLayout::new(dtype, shape, order.unwrap_or_default(), stride, start);
        grid.map_err(Failure::Asked)
    };
    let first = what.skip.unwrap_or_default().absolute().unwrap_or(0);
    let len = grid(first)?.end() - first;
    let (source, start) = opened(what, schemes, Some(len))?;
    let grid = grid(start)?;
    let file_len = source.base + source.map.len();
    if grid.end() > file_len {
        let kind = ErrorKind::BeyondEnd { offset: start, len, source_len: file_len };
        return Err(Failure::Source(placed(&source.map, Error::new(Op::Read, kind))));
    }
    print_grid(&source, &grid, most(what, &grid), file_len, None)
}

/// Prints all elements up to the end of the file.
fn print_all(what: &BytesArgs, schemes: &Schemes, dtype: &DType) -> Result<(), Failure> {
    let itemsize = widen(dtype.itemsize());
    let step = what.elements.stride.unwrap_or(itemsize);
    if itemsize == 0 {
        let dtype = dtype.clone();
        return Err(Failure::Asked(array::ErrorKind::NoItemSize { dtype }.into()));
    }
    let grid = |start: u64, count: u64| {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        StridedLayout::new(dtype, &[count], Order::C, what.elements.stride, start)
            .map_err(Failure::Asked)
    };
    grid(what.skip.unwrap_or_default().absolute().unwrap_or(0), 1)?;
    let (source, start) = opened(what, schemes, what.length)?;
    let skip = Offset::FromStart(start);
    let part = part(source.base + source.map.len(), skip, what.length)
        .map_err(|error| Failure::Source(placed(&source.map, error)))?;
    let available = part.end - part.start;
    // The last element may lack the padding between elements.
    let whole = available.checked_sub(itemsize).map_or(0, |rest| rest / step + 1);
    let len = available.saturating_sub(whole * step);
    // With `--length` the end is intentional, so an incomplete element is not an error.
    if len == 0 || what.length.is_some() {
        return print_grid(&source, &grid(start, whole)?, u64::MAX, part.end, None);
    }
    let incomplete = Failure::Incomplete { at: start + whole * step, len, needed: itemsize };
    print_grid(&source, &grid(start, whole + 1)?, u64::MAX, part.end, Some(incomplete))
}

/// Prints the array that the file describes, or the list of arrays.
fn print_described(what: &BytesArgs, schemes: &Schemes) -> Result<(), Failure> {
    let (source, start) = opened(what, schemes, None)?;
    let in_array = |error: array::Error| match source.map.origin() {
        Some(origin) => Failure::Array(error.with_origin(origin.clone())),
        None => Failure::Array(error),
    };
    let member = what.elements.member.as_deref();
    let found = npy_layout::find(&source.map, start - source.base, member).map_err(in_array)?;
    let is_archive = member.is_some() || matches!(found, FileLayout::Archive(_));
    if is_archive && start > 0 {
        return Err(Failure::Usage("--skip cannot be used with an archive; leave it out"));
    }
    match found {
        FileLayout::Archive(_) if what.length.is_some() => Err(Failure::Usage(
            "the list of arrays is printed whole; leave --length out, or name one with --member",
        )),
        FileLayout::Archive(directory) => {
            let list = npy_layout::list(&source.map, &directory);
            let mut stdout = io::stdout().lock();
            match stdout.write_all(list.as_bytes()).and_then(|()| stdout.flush()) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                other => other.map_err(Failure::Output),
            }
        }
        FileLayout::Array { grid, available } => {
            let grid = grid.behind(source.base);
            let (needed, found) = (grid.end(), available + source.base);
            let cut = || in_array(array::ErrorKind::DataCutShort { needed, found }.into());
            let ending = (found < needed).then(cut);
            let most = most(what, &grid);
            print_grid(&source, &grid, most, found, ending)
        }
    }
}

/// Maximum number of elements according to `--length`.
fn most(what: &BytesArgs, grid: &StridedLayout) -> u64 {
    let itemsize = widen(grid.dtype.itemsize());
    what.length.and_then(|length| length.checked_div(itemsize)).unwrap_or(u64::MAX)
}

/// Prints elements. Fails with `ending` if they extend past the offset `bound`.
fn print_grid(
    source: &Source,
    grid: &StridedLayout,
    most: u64,
    bound: u64,
    ending: Option<Failure>,
) -> Result<(), Failure> {
    let len = grid.dtype.itemsize();
    if len > array_table::ELEMENT_LEN_MAX {
        return Err(Failure::LongElement { len });
    }
    stdout_pipe::widen_stdout();
    match array_table::print(&source.map, source.base, grid, most, bound, &mut io::stdout()) {
        Ok(()) => Ok(()),
        // The reader has closed the pipe: `lazyhex … | head`.
        Err(Interrupted::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(Interrupted::Write(error)) => Err(Failure::Output(error)),
        Err(Interrupted::Read(error)) => Err(ending.unwrap_or(Failure::Source(error))),
    }
}
