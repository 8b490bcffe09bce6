use crate::{Map, Mapping, Result};

/// Growing and shrinking. No slice of the bytes can exist meanwhile: it would be a borrow of the map.
impl<T: Mapping> Map<T> {
    /// Makes the mapping `len` bytes long. New bytes are zeros, or the bytes that the file has there.
    ///
    /// - Modes `r+` and `w+`: a file that is too short grows, with disk space reserved unless it is
    ///   [`sparse`](crate::MapOptions::sparse). Shrinking truncates the file to the end of the mapping,
    ///   but only if that removes no byte that was not mapped.
    /// - Mode `r`: the file does not change. In this way a map can follow a growing log.
    /// - Anonymous memory: only the memory changes.
    ///
    /// # Errors
    /// After an error the mapping and the file are unchanged.
    /// - [`CutsOff`](crate::ErrorKind::CutsOff) if bytes after the end of the mapping would be removed
    /// - [`BeyondEnd`](crate::ErrorKind::BeyondEnd) in mode `r`
    /// - [`StorageFull`](crate::ErrorKind::StorageFull),
    ///   [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded),
    ///   [`FileTooLarge`](crate::ErrorKind::FileTooLarge)
    /// - [`TooLarge`](crate::ErrorKind::TooLarge), [`OutOfMemory`](crate::ErrorKind::OutOfMemory)
    /// - [`Unsupported`](crate::ErrorKind::Unsupported) in mode `c`: `detach` it first
    /// - [`InUse`](crate::ErrorKind::InUse) on Windows, if it would shorten a file that somebody else,
    ///   or another map of this process, has mapped
    ///
    /// # Cost
    /// A few system calls. Within the addresses from [`reserve`](Self::reserve), existing pages stay
    /// where they are. Beyond them, pages in memory move without a copy on Linux; elsewhere they are
    /// mapped again, without earlier advice and locks, and anonymous memory is copied. Bytes that
    /// another process appends while a file is made shorter are removed too.
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{Map, testing::FakeRam};
    ///
    /// let mut mm = Map::<FakeRam>::new(2)?;
    /// mm.write_at(0, b"ab")?;
    /// mm.resize(3)?;
    /// assert_eq!(mm.read_at(0, 3)?, b"ab\0");
    /// # Ok::<(), memmap_core::Error>(())
    /// ```
    pub fn resize(&mut self, len: u64) -> Result<()> {
        self.mapping_mut().resize(len).map_err(|error| self.placed(error))
    }

    /// Reserves address space for a mapping of `len` bytes, so that it can grow to that length in place.
    /// It takes neither memory nor disk space. A `len` below the current length changes nothing.
    ///
    /// # Errors
    /// [`TooLarge`](crate::ErrorKind::TooLarge), [`OutOfMemory`](crate::ErrorKind::OutOfMemory) if there
    /// is no such range of addresses.
    ///
    /// # Cost
    /// That of [`resize`](Self::resize) beyond the reserved addresses, once. For a file on Windows
    /// nothing is reserved, because a view cannot change its length: each resize maps the file again.
    pub fn reserve(&mut self, len: u64) -> Result<()> {
        self.mapping_mut().reserve(len).map_err(|error| self.placed(error))
    }
}
