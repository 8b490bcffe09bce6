use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::{Backend, Error, ErrorKind, FileKind, MemMap, Mode, Op, Request, Result};

/// What is asked of a file: the mode, where to start, how much.
///
/// Made by [`MemMap::options`], or with a backend of one's own by [`new`](Self::new). Without any
/// call it asks for the whole file, read-only.
///
/// # Examples
/// ```
/// use memmap_core::{MapOptions, testing::FakeBackend};
///
/// # let dir = std::env::temp_dir();
/// # let path = dir.join(format!("memmap-options-{}", std::process::id()));
/// # std::fs::write(&path, b"0123456789")?;
/// let mm = MapOptions::new(FakeBackend::default()).offset(3).len(4).open(&path)?;
/// assert_eq!(mm.read_at(0, 4)?, b"3456");
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is mapped before `open`"]
pub struct MapOptions<B> {
    backend: B,
    mode: Mode,
    offset: u64,
    len: Option<u64>,
}

impl<B: Backend> MapOptions<B> {
    /// Options for this backend: the whole file, read-only.
    pub const fn new(backend: B) -> Self {
        Self { backend, mode: Mode::Read, offset: 0, len: None }
    }

    /// How the mapping is to be used. [`Mode::Read`] unless said otherwise (numpy's default is
    /// `r+`; ours cannot change a file by accident).
    pub const fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Bytes from the start of the file to the first mapped one. 0 unless said otherwise.
    ///
    /// Any number will do: pages and their granularity are the backend's business.
    pub const fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// Bytes to map. Everything up to the end of the file unless said otherwise. 0 is valid.
    pub const fn len(mut self, len: u64) -> Self {
        self.len = Some(len);
        self
    }

    /// Maps the file at `path`. Nothing is read, and nothing created or changed if it fails.
    ///
    /// A relative path is resolved once, here; symbolic links are followed.
    ///
    /// # Errors
    /// Each names the path, made absolute.
    /// - [`ErrorKind::Unsupported`] if the backend does not offer the mode
    /// - [`ErrorKind::NotFound`], [`ErrorKind::PermissionDenied`]
    /// - [`ErrorKind::NotMappable`] for a directory, a pipe, a socket, a character device, a file
    ///   of `/proc` or `/sys`: what has no bytes that stay in place. Pipes and devices are not even
    ///   opened, so nothing waits
    /// - [`ErrorKind::OffsetBeyondEnd`], [`ErrorKind::LengthBeyondEnd`] if the file is shorter than
    ///   asked: there is never a mapping that fails later for that
    /// - [`ErrorKind::TooLarge`], [`ErrorKind::OutOfMemory`] if there is no room in the address
    ///   space
    /// - [`ErrorKind::Os`] for anything else
    ///
    /// # Platform
    /// Block devices are mapped where the system can (Linux); their length is that of the device.
    ///
    /// # Cost
    /// A few system calls and no read, whatever the length of the file.
    pub fn open(self, path: impl AsRef<Path>) -> Result<MemMap<B::Mapping>> {
        let path = path.as_ref();
        // An empty path has no absolute form; it is reported as it was given.
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let (mapping, request) =
            self.open_absolute(&absolute).map_err(|error| error.with_path(&absolute))?;
        Ok(MemMap::from_request(mapping, &request, absolute))
    }

    fn open_absolute(&self, path: &Path) -> Result<(B::Mapping, Request)> {
        let refuse = |kind| Error::new(Op::Open, kind);
        let refuse_io = |error: io::Error| refuse(ErrorKind::from_io(error, self.mode));
        let require_mappable = |kind: FileKind| {
            if kind.is_mappable() { Ok(()) } else { Err(refuse(ErrorKind::NotMappable { kind })) }
        };

        if let Some(what) = unsupported(self.mode) {
            return Err(refuse(ErrorKind::Unsupported { backend: B::NAME, what }));
        }
        // Looked at before it is opened: opening a pipe waits for its other end, and opening a
        // device can have effects of its own.
        let file_type = fs::metadata(path).map_err(refuse_io)?.file_type();
        require_mappable(self.backend.kind(file_type))?;
        let file = File::open(path).map_err(refuse_io)?;
        // And looked at again, because only the opened file is the one that will be mapped.
        let found = self.backend.inspect(&file).map_err(refuse_io)?;
        require_mappable(found.kind)?;

        let request = Request::check(self.mode, self.offset, self.len, found.len)
            .map_err(|kind| Error::new(Op::Map, kind))?;
        Ok((self.backend.map(&file, &request)?, request))
    }
}

const fn unsupported(mode: Mode) -> Option<&'static str> {
    match mode {
        Mode::Read => None,
        Mode::ReadWrite => Some("mode \"r+\" (readwrite) on files; map it with mode \"r\""),
        Mode::Create => Some("mode \"w+\" (write) on files; map it with mode \"r\""),
        Mode::CopyOnWrite => Some("mode \"c\" (copyonwrite) on files; map it with mode \"r\""),
    }
}
