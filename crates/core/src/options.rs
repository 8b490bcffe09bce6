use crate::{Error, ErrorKind, Identity, Map, Mapping, Mode, Op, Opener, Request, Result};

/// Options for opening a source: the mode, the range, and what the source must still be.
///
/// Made by [`Map::options`] for files, or by [`new`](Self::new) with an opener. The defaults map the whole
/// source, read-only. Those for files alone are below: what may happen to the file.
///
/// # Examples
/// ```
/// use memmap_core::{Files, MapOptions, Mode, testing::FakeBackend};
///
/// # let dir = std::env::temp_dir();
/// # let path = dir.join(format!("memmap-options-{}", std::process::id()));
/// # std::fs::write(&path, b"0123456789")?;
/// let files = || Files::new(FakeBackend::default());
/// let mm = MapOptions::new(files()).offset(3).len(4).open(&path)?;
/// assert_eq!(mm.read_at(0, 4)?, b"3456");
/// let longer = MapOptions::new(files()).mode(Mode::ReadWrite).extend(true).len(12);
/// assert_eq!(longer.open(&path)?.read_at(8, 4)?, b"89\0\0");
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is mapped before `open`"]
pub struct MapOptions<O> {
    pub(crate) opener: O,
    pub(crate) mode: Mode,
    pub(crate) offset: u64,
    pub(crate) len: Option<u64>,
    pub(crate) identity: Option<Identity>,
}

impl<O: Opener> MapOptions<O> {
    /// The default options with this opener: the whole source, read-only.
    pub const fn new(opener: O) -> Self {
        Self { opener, mode: Mode::Read, offset: 0, len: None, identity: None }
    }

    /// The mode of the mapping. Default: [`Mode::Read`]. (numpy's default is `r+`; this one cannot
    /// change a file by accident.)
    pub const fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Bytes from the start of the source to the first mapped one. Default: 0.
    ///
    /// Any offset is valid; page boundaries are taken care of.
    pub const fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// The number of bytes to map. Default: up to the end of the source. 0 is valid.
    pub const fn len(mut self, len: u64) -> Self {
        self.len = Some(len);
        self
    }

    /// Opens the source only if it still is the version that [`Map::identity`] returned earlier, here or
    /// in another process. Default: any version.
    ///
    /// # Errors
    /// [`ErrorKind::Replaced`] of [`open`](Self::open) if it is another one, or
    /// if the source has no identity.
    ///
    /// # Examples
    /// ```
    /// use memmap_core::{ErrorKind, Files, MapOptions, testing::FakeBackend};
    ///
    /// # let path = std::env::temp_dir().join(format!("memmap-identity-{}", std::process::id()));
    /// # std::fs::write(&path, b"0123456789")?;
    /// let options = || MapOptions::new(Files::new(FakeBackend::default()));
    /// let seen = options().open(&path)?.identity().ok_or("not a file")?;
    /// assert!(options().identity(seen.clone()).open(&path).is_ok());
    /// std::fs::write(&path, b"longer than before")?;
    /// let error = options().identity(seen).open(&path).unwrap_err();
    /// assert!(matches!(error.kind(), ErrorKind::Replaced { .. }));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn identity(mut self, expected: Identity) -> Self {
        self.identity = Some(expected);
        self
    }

    /// Opens the source and maps it. Everything is checked first: if this fails, nothing was changed. (For
    /// a file, only with `in_place` can a problem be found too late; the error then says so.)
    ///
    /// # Files
    /// A relative path is resolved once, here. Symbolic links are followed. Mode `w+` makes the new file
    /// in the same directory and replaces the old one in one step at the end. Whoever has the old file
    /// open or mapped keeps it, and other hard links still lead to it. The new file gets the owner, the
    /// permissions, the access list and the extended attributes of the old one, as far as this user may
    /// set them. `in_place` keeps the file itself.
    ///
    /// On Windows a file keeps its name while it is mapped, or open in a way that others may not delete
    /// it. Replacing it is then [`ErrorKind::CannotCreate`].
    ///
    /// # Errors
    /// Each error names the source, a file by its absolute path. For files:
    /// - [`ErrorKind::InvalidOptions`] if options contradict each other or the mode, or if one is
    ///   missing
    /// - [`ErrorKind::Replaced`] if the source is not the expected version
    /// - [`ErrorKind::NotFound`], [`ErrorKind::PermissionDenied`], and [`ErrorKind::WriteProtected`] if
    ///   nobody may write to the file
    /// - [`ErrorKind::LimitReached`] if no more files can be opened
    /// - [`ErrorKind::InUse`] if the file is a running program, or if another process denies the access
    ///   (Windows); with `deny_write`, [`ErrorKind::Unsupported`] if the system has no such share mode
    /// - [`ErrorKind::AlreadyExists`], [`ErrorKind::CannotCreate`] in mode `w+`
    /// - [`ErrorKind::NotMappable`] for sources without permanent bytes: a directory, a pipe, a socket,
    ///   a character device, a file of `/proc` or `/sys`. Pipes and devices are not even opened, so
    ///   nothing blocks
    /// - [`ErrorKind::BeyondEnd`] if the file is shorter than requested; no map is returned that would
    ///   fail later for that reason
    /// - [`ErrorKind::StorageFull`], [`ErrorKind::QuotaExceeded`], [`ErrorKind::FileTooLarge`] if the
    ///   disk has no room for a file that is made or extended
    /// - [`ErrorKind::TooLarge`], [`ErrorKind::OutOfMemory`] if there is no room in the address space
    /// - [`ErrorKind::Os`] for anything else
    ///
    /// # Platform
    /// Block devices are mapped where the system can do so (Linux). Their length is that of the device.
    ///
    /// # Cost
    /// A few system calls and no read, whatever the length of the file. Reserving space may write zeros
    /// where the file system has no other way.
    pub fn open(self, source: impl AsRef<O::Source>) -> Result<Map<O::Mapping>> {
        let source = source.as_ref();
        let origin = self.opener.origin(source);
        let request = Request::new(origin, self.mode, self.offset, self.len, self.identity);
        if request.identity().is_some() && request.mode() == Mode::Create {
            let what = "`identity` says that the source is as it was, and mode \"w+\" makes a new one; leave \
                        one of them out";
            let error = Error::new(Op::Open, ErrorKind::InvalidOptions { what });
            return Err(error.with_origin(request.into_origin()));
        }
        let mut opened = self.opener.open(source, &request);
        if request.identity().is_some() {
            opened = require_version(opened, &request);
        }
        match opened {
            Ok(mapping) => Ok(Map::opened(mapping, self.offset, Some(request.into_origin()))),
            Err(error) => Err(error.with_origin(request.into_origin())),
        }
    }
}

/// Checks that what was opened has the expected version. Apart, as a mapping is large: the usual case does
/// not move it for this.
#[cold]
#[inline(never)]
fn require_version<M: Mapping>(opened: Result<M>, request: &Request) -> Result<M> {
    let mapping = opened?;
    request.require_version(|| mapping.identity())?;
    Ok(mapping)
}
