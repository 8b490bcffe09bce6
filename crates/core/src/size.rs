use crate::{Map, Mapping, Result};

/// Growing and shrinking. No view of the bytes can live meanwhile: it would be a borrow.
impl<T: Mapping> Map<T> {
    /// Makes the mapping `len` bytes long. New bytes are zeros, or what the file has there.
    ///
    /// - Modes `r+` and `w+`: a file that is too short grows, with room on the disk reserved unless
    ///   it is [`sparse`](crate::MapOptions::sparse). Shrinking cuts the file to where the mapping
    ///   ends, but only if that takes away no byte that was not mapped.
    /// - Mode `r`: the file stays as it is; so a growing log is followed.
    /// - Anonymous memory: just the memory.
    ///
    /// # Errors
    /// After an error mapping and file are as they were.
    /// - [`CutsOff`](crate::ErrorKind::CutsOff) if bytes behind the mapping would go
    /// - [`BeyondEnd`](crate::ErrorKind::BeyondEnd) of mode `r`
    /// - [`StorageFull`](crate::ErrorKind::StorageFull), [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded),
    ///   [`FileTooLarge`](crate::ErrorKind::FileTooLarge)
    /// - [`TooLarge`](crate::ErrorKind::TooLarge), [`OutOfMemory`](crate::ErrorKind::OutOfMemory)
    /// - [`Unsupported`](crate::ErrorKind::Unsupported) of mode `c`: `detach` it first
    /// - [`InUse`](crate::ErrorKind::InUse) on Windows, if it would shorten a file that somebody else, or
    ///   another map of this process, has mapped
    ///
    /// # Cost
    /// A few system calls. Within what was [`reserve`](Self::reserve)d the rest stays where it is;
    /// beyond it, pages that are in memory move without a copy on Linux; elsewhere they are mapped
    /// anew, without the advice and the locks given before, and anonymous memory is copied. What
    /// another process appends while a file is made shorter goes, too.
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

    /// Takes address space for a mapping of `len` bytes, so that it can grow that far where it is.
    /// Neither memory nor room on the disk is taken. Less than there is changes nothing.
    ///
    /// # Errors
    /// [`TooLarge`](crate::ErrorKind::TooLarge), [`OutOfMemory`](crate::ErrorKind::OutOfMemory) if
    /// there is no such range of addresses.
    ///
    /// # Cost
    /// That of [`resize`](Self::resize) beyond what is reserved, once. For a file on Windows nothing is
    /// taken, as a view keeps its length: each resizing maps it anew.
    pub fn reserve(&mut self, len: u64) -> Result<()> {
        self.mapping_mut().reserve(len).map_err(|error| self.placed(error))
    }
}
