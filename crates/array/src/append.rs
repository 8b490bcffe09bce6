//! Rows that are appended to a `.npy` file.

use std::marker::PhantomData;

use memmap_core::{Map, Mapping, widen};

use crate::layout::Layout;
use crate::npy::Header;
use crate::npy_file::{end_of_data, placed_layout, read_header};
use crate::{Array, Element, ErrorKind, Order, Result};

const NOT_NPY: &str = "the array is not a whole .npy file; open the file as .npy";
const PARTIAL_ROW: &str = "the elements do not fill whole rows; pass a multiple of the row length";

impl<T: Element, M: Mapping> Array<T, Map<M>> {
    /// Adds rows to the array and to its `.npy` file, in place: the file grows, and the header, which
    /// has room for that, is written over. Rows are counted along the first dimension, in Fortran's
    /// order along the last.
    ///
    /// The elements are written first and the header last, so that a program that is stopped in between
    /// leaves an array without the new rows, and one that opens it meanwhile has the old rows or all of
    /// the new ones. (Only where the number of rows gets one more digit, what reads the header by other
    /// means may see it half written, for a moment.) What the device has after a power failure, only
    /// [`flush`](Self::flush) says.
    ///
    /// # Errors
    /// - [`ErrorKind::NotRows`] if the array is no `.npy` file, or `rows` are not whole rows
    /// - [`ErrorKind::HeaderHasNoRoom`], [`ErrorKind::ArrayTooLarge`], [`ErrorKind::TooFewDims`]
    /// - [`ErrorKind::BytesBehindData`] if something follows the data, which would be lost
    /// - those of [`Map::resize`] and of writing
    ///
    /// After an error the array is as it was.
    ///
    /// # Cost
    /// That of the rows, whatever the array's size, if the map can grow where it is
    /// ([`Map::reserve`]).
    ///
    /// # Examples
    /// ```
    /// # type MemArray<T> = memmap_array::Array<T, memmap_core::Map<memmap_posix::Live>>;
    ///
    /// # let path = std::env::temp_dir().join(format!("memmap-append-{}.npy", std::process::id()));
    /// let mut log = MemArray::<f64>::options().shape([0, 2]).create_npy(&path)?;
    /// log.append_rows(&[1.0, 2.0, 3.0, 4.0])?;
    /// assert_eq!(log.shape(), [2, 2]);
    /// log.close()?;
    /// assert_eq!(MemArray::<f64>::options().open_npy(&path)?.get([1, 0])?, 3.0);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn append_rows(&mut self, rows: &[T]) -> Result<()> {
        let appended = self.append(rows);
        self.at_path(appended)
    }

    fn append(&mut self, rows: &[T]) -> Result<()> {
        let header = self.header_in_file()?;
        let (before, row_shape) = match (header.order(), header.shape()) {
            (Order::C, [before, row @ ..]) | (Order::Fortran, [row @ .., before]) => (*before, row),
            _ => return Err(ErrorKind::TooFewDims.into()),
        };
        let row: usize = row_shape.iter().product();
        if rows.is_empty() {
            return Ok(());
        }
        if row == 0 || !rows.len().is_multiple_of(row) {
            return Err(ErrorKind::NotRows { problem: PARTIAL_ROW }.into());
        }
        let more = rows.len().checked_div(row).unwrap_or(0);
        let grown = header.with_rows(before.saturating_add(more))?;
        let head = grown.to_bytes()?;
        let (old_end, new_end) = (end_of_data(&header), end_of_data(&grown));
        let map = &mut self.storage;
        if map.len() > old_end {
            let len = map.len().saturating_sub(old_end);
            return Err(ErrorKind::BytesBehindData { len }.into());
        }
        map.resize(new_end)?;
        let mut new = Array::<T, &mut Map<M>> {
            layout: Layout::new(vec![rows.len()], size_of::<T>(), Order::C, old_end),
            dtype: self.dtype.clone(),
            is_swapped: self.is_swapped,
            offset: self.offset,
            storage: map,
            element: PhantomData,
        };
        let written = new.assign(rows).and_then(|()| write_header(new.storage, &head));
        if let Err(error) = written {
            // Removes the new rows. The first error is the one to report.
            let _resized = self.storage.resize(old_end);
            return Err(error);
        }
        self.layout = placed_layout(&grown);
        Ok(())
    }

    /// The header of the file that this array is, with as many rows as the array has.
    fn header_in_file(&self) -> Result<Header> {
        let start = usize::try_from(self.layout.start()).unwrap_or(0);
        let is_at_start = self.map().offset() == 0 && start > 0;
        let header = if is_at_start { read_header(self.map(), 0, start).ok() } else { None };
        let Some(found) = header else {
            return Err(ErrorKind::NotRows { problem: NOT_NPY }.into());
        };
        let rows_axis = if found.order() == Order::C { 0 } else { self.ndim().saturating_sub(1) };
        let header = match self.shape().get(rows_axis) {
            Some(&rows) if self.ndim() == found.shape().len() => found.with_rows(rows)?,
            _ => found.clone(),
        };
        if placed_layout(&header) != self.layout {
            return Err(ErrorKind::NotRows { problem: NOT_NPY }.into());
        }
        // Fewer rows than the array has are left by an append that failed in the header.
        if found.data_len() > header.data_len() {
            let (asked, found) = (self.shape().to_vec(), found.shape().to_vec());
            return Err(ErrorKind::ShapeDiffers { asked, found }.into());
        }
        Ok(header)
    }
}

/// Writes a header over the one that is there: only what differs. Where that is digits, and so the
/// numbers have as many of them as before, it begins with the last one: whoever reads it meanwhile sees a
/// number that is not greater than the new one.
fn write_header<M: Mapping>(map: &mut Map<M>, new: &[u8]) -> Result<()> {
    let old = map.read_at(0, new.len())?;
    let differing = || (0..new.len()).filter(|&at| old.get(at) != new.get(at));
    let (Some(first), Some(last)) = (differing().next(), differing().next_back()) else {
        return Ok(());
    };
    let part = first..last.saturating_add(1);
    let (Some(before), Some(after)) = (old.get(part.clone()), new.get(part)) else { return Ok(()) };
    let are_digits = before.iter().chain(after).all(u8::is_ascii_digit);
    let written = if are_digits {
        let backwards = after.iter().enumerate().rev();
        backwards
            .into_iter()
            .try_for_each(|(at, digit)| map.write_at(widen(first.saturating_add(at)), &[*digit]))
    } else {
        map.write_at(widen(first), after)
    };
    written.map_err(|error| {
        // As it was, if that is possible.
        let _again = map.write_at(widen(first), before);
        error.into()
    })
}
