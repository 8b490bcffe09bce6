use crate::element::Buffer;
use crate::read::at_a_time;
use crate::{Array, Element, Error, ErrorKind, Result, Storage};

/// Rows by their indices.
impl<T: Element, S: Storage> Array<T, S> {
    /// Copies the rows with these indices, in this order: numpy's `array[[3, 1, 1]]`. A row is the part at
    /// an index of the first dimension. The result is in C order; its shape is the number of indices and
    /// the other dimensions.
    ///
    /// # Errors
    /// [`ErrorKind::IndexOutOfBounds`] before anything is read; [`ErrorKind::WrongDimensions`] without
    /// dimensions; those of the map.
    ///
    /// # Cost
    /// That of the rows. Consecutive indices are read together.
    ///
    /// # Examples
    /// ```
    /// use memmap_array::Array;
    /// use memmap_anon::Ram;
    /// use memmap_core::Map;
    ///
    /// let mut table = Array::<i32, Map<Ram>>::zeros([3, 2])?;
    /// table.assign(&[10, 11, 20, 21, 30, 31])?;
    /// assert_eq!(table.take(&[2, 0])?, [30, 31, 10, 11]); // table[[2, 0]]
    /// assert_eq!(table.take_where(&[false, true, true])?, [20, 21, 30, 31]);
    /// # Ok::<(), memmap_array::Error>(())
    /// ```
    ///
    /// # Source
    /// numpy, "Integer array indexing", `numpy.take`.
    pub fn take(&self, indices: &[usize]) -> Result<Vec<T>> {
        let (len, row) = self.rows()?;
        if let Some(&index) = indices.iter().find(|&&index| index >= len) {
            let index = i64::try_from(index).unwrap_or(i64::MAX);
            return self.at_path(Err(ErrorKind::IndexOutOfBounds { axis: 0, index, len }.into()));
        }
        self.take_rows(indices.len(), row, indices.iter().copied())
    }

    /// Copies the rows where `mask` is true: numpy's `array[mask]` with a mask of one dimension. The
    /// result is in C order.
    ///
    /// # Errors
    /// [`ErrorKind::ShapeDiffers`] unless the mask has the length of the first dimension;
    /// [`ErrorKind::WrongDimensions`] without dimensions; those of the map.
    ///
    /// # Cost
    /// That of the rows that are taken. Consecutive rows are read together.
    ///
    /// # Source
    /// numpy, "Boolean array indexing", `numpy.compress`.
    pub fn take_where(&self, mask: &[bool]) -> Result<Vec<T>> {
        let (len, row) = self.rows()?;
        if mask.len() != len {
            let (asked, found) = (vec![mask.len()], self.shape().to_vec());
            return self.at_path(Err(ErrorKind::ShapeDiffers { asked, found }.into()));
        }
        let count = mask.iter().filter(|&&is_taken| is_taken).count();
        let indices =
            mask.iter().enumerate().filter_map(|(index, &is_taken)| is_taken.then_some(index));
        self.take_rows(count, row, indices)
    }

    /// The number of rows, and of elements in each.
    fn rows(&self) -> Result<(usize, usize)> {
        let Some((&len, row)) = self.shape().split_first() else {
            let kind = ErrorKind::WrongDimensions { asked: 1, shape: Vec::new() };
            return self.at_path(Err(kind.into()));
        };
        Ok((len, row.iter().product()))
    }

    fn take_rows(
        &self,
        count: usize,
        row: usize,
        indices: impl Iterator<Item = usize>,
    ) -> Result<Vec<T>> {
        let mut taken = Vec::new();
        let len = count.saturating_mul(row);
        if taken.try_reserve_exact(len).is_err() {
            let len = memmap_core::widen(len.saturating_mul(size_of::<T>()));
            let kind = memmap_core::ErrorKind::OutOfMemory { len };
            let error = memmap_core::Error::new(memmap_core::Op::Read, kind);
            return self.at_path(Err(Error::from(error)));
        }
        let mut indices = indices.peekable();
        let mut buffer = Buffer::default();
        while let Some(first) = indices.next() {
            let mut end = first.saturating_add(1);
            while indices.next_if_eq(&end).is_some() {
                end = end.saturating_add(1);
            }
            let (mut at, end) = (first.saturating_mul(row), end.saturating_mul(row));
            while at < end {
                let count = at_a_time::<T>().min(end.saturating_sub(at));
                taken.extend_from_slice(self.read(at, count, &mut buffer)?);
                at = at.saturating_add(count);
            }
        }
        Ok(taken)
    }
}
