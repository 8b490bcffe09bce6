use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use crate::{
    Backend, Error, ErrorKind, FileInfo, FileKind, Identity, Lend, LendMut, MapRequest, Mapping,
    Mode, Op, Result, copy_into_lent, copy_lent, widen,
};

/// A backend without an operating system: it reads the file into a vector, writes through to it, and
/// fails on request.
///
/// # Examples
/// ```
/// use memmap_core::{ErrorKind, Files, MapOptions, Map, Op, testing::{Fake, Fault}};
///
/// let fake = Fake::new(b"0123456789").with(Fault::Read { at: 4, kind: std::io::ErrorKind::Other });
/// let mm = Map::from_mapping(fake);
/// assert_eq!(mm.read_at(0, 4)?, b"0123");
/// assert!(matches!(mm.read_at(4, 1).unwrap_err().kind(), ErrorKind::Os(_)));
/// # Ok::<(), memmap_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct FakeBackend {
    faults: Vec<Fault>,
}

/// The mapping of [`FakeBackend`].
#[derive(Clone)]
pub struct Fake {
    bytes: Vec<u8>,
    mode: Mode,
    /// The file, and the position in it where the bytes start.
    file: Option<(Arc<File>, u64)>,
    /// The file that they were read from, as it was.
    read_from: Option<FileInfo>,
    faults: Vec<Fault>,
}

/// A permanent fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The opened file has another kind than its name had.
    Found(FileKind),
    /// Inspecting the file fails.
    Inspect(io::ErrorKind),
    /// Extending a file fails.
    Extend(io::ErrorKind),
    /// Mapping fails.
    Map(io::ErrorKind),
    /// The file system maps no files.
    Unmappable,
    /// The byte `at` cannot be read, as on a bad sector.
    Read {
        /// Its offset in the mapping.
        at: u64,
        /// The error of the device.
        kind: io::ErrorKind,
    },
    /// The byte `at` cannot be written.
    Write {
        /// Its offset in the mapping.
        at: u64,
        /// The error of the device.
        kind: io::ErrorKind,
    },
    /// Syncing fails.
    Sync(io::ErrorKind),
    /// Closing fails.
    Close(io::ErrorKind),
}

impl FakeBackend {
    /// Adds a fault.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

impl Fake {
    /// A mapping of these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec(),
            mode: Mode::ReadWrite,
            file: None,
            read_from: None,
            faults: Vec::new(),
        }
    }

    /// Adds a fault.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

impl fmt::Debug for Fake {
    /// Leaves out the file: on some systems its `Debug` prints the handle.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bytes, mode, faults, .. } = self;
        f.debug_struct("Fake")
            .field("len", &bytes.len())
            .field("mode", mode)
            .field("faults", faults)
            .finish_non_exhaustive()
    }
}

fn os(op: Op, kind: io::ErrorKind) -> Error {
    Error::new(op, ErrorKind::Os(kind.into()))
}

fn os_says(op: Op) -> impl Fn(io::Error) -> Error {
    move |error| Error::new(op, ErrorKind::Os(error))
}

/// Checks that the file was opened for `mode`. For a mode that writes, nothing else checks that before
/// the file is extended.
fn require_opened_for(mode: Mode, mut file: &File, op: Op) -> Result<()> {
    let refused = (mode.reaches_file() && file.write(&[]).is_err()) || file.read(&mut []).is_err();
    if refused { Err(Error::new(op, ErrorKind::PermissionDenied { mode })) } else { Ok(()) }
}

/// Calls a function at this position of the file, and restores the file's own position.
fn at_position(
    mut file: &File,
    start: u64,
    act: impl FnOnce(&File) -> io::Result<()>,
) -> io::Result<()> {
    let position = file.stream_position()?;
    let done = file.seek(SeekFrom::Start(start)).and_then(|_| act(file));
    file.seek(SeekFrom::Start(position))?;
    done
}

/// Zeros, if there is room for them.
fn zeros(len: usize, op: Op) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(len)
        .map_err(|_refused| Error::new(op, ErrorKind::OutOfMemory { len: widen(len) }))?;
    bytes.resize(len, 0);
    Ok(bytes)
}

impl Backend for FakeBackend {
    type Mapping = Fake;

    const NAME: &'static str = "fake";

    fn inspect(&self, file: &File) -> io::Result<FileInfo> {
        let metadata = file.metadata()?;
        let mut found = FileInfo::new(self.kind(metadata.file_type()), metadata.len())
            .changed_at(memmap_system::changed_at(&metadata));
        for fault in &self.faults {
            match *fault {
                Fault::Found(kind) => found.kind = kind,
                Fault::Inspect(kind) => return Err(kind.into()),
                _ => {}
            }
        }
        Ok(found)
    }

    fn allocate(&self, file: &File, _: u64, to: u64, _: bool) -> Result<()> {
        for fault in &self.faults {
            if let Fault::Extend(kind) = *fault {
                return Err(os(Op::Resize, kind));
            }
        }
        require_opened_for(Mode::ReadWrite, file, Op::Resize)?;
        file.set_len(to).map_err(os_says(Op::Resize))
    }

    fn map(&self, file: &Arc<File>, request: &MapRequest) -> Result<Fake> {
        for fault in &self.faults {
            match *fault {
                Fault::Map(kind) => return Err(os(Op::Map, kind)),
                Fault::Unmappable => {
                    let what = "files of this system";
                    let kind = ErrorKind::unsupported(Self::NAME, what);
                    return Err(Error::new(Op::Map, kind));
                }
                _ => {}
            }
        }
        require_opened_for(request.mode(), file, Op::Map)?;
        let mut bytes = zeros(request.len(), Op::Map)?;
        // Bytes that the file does not have yet are zeros.
        at_position(file, request.offset(), |file| {
            let mut rest = &mut bytes[..];
            io::copy(&mut file.take(widen(rest.len())), &mut rest).map(drop)
        })
        .map_err(os_says(Op::Map))?;
        let file = Some((Arc::clone(file), request.offset()));
        Ok(Fake { bytes, mode: request.mode(), file, read_from: None, faults: self.faults.clone() })
    }

    fn in_memory(&self, bytes: Vec<u8>, mode: Mode, found: Option<FileInfo>) -> Fake {
        Fake { bytes, mode, file: None, read_from: found, faults: self.faults.clone() }
    }
}

impl Mapping for Fake {
    fn len(&self) -> u64 {
        widen(self.bytes.len())
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        copy_lent(&self.bytes, offset, out)?;
        for fault in &self.faults {
            if let Fault::Read { at, kind } = *fault
                && at.checked_sub(offset).is_some_and(|within| within < widen(out.len()))
            {
                return Err(os(Op::Read, kind));
            }
        }
        Ok(())
    }

    fn identity(&self) -> Option<Identity> {
        let Some((file, _)) = &self.file else { return self.read_from.map(|file| file.version()) };
        Some(FakeBackend::default().inspect(file).ok()?.version())
    }

    fn name(&self) -> &'static str {
        FakeBackend::NAME
    }

    fn mode(&self) -> Mode {
        self.mode
    }

    fn write_from(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        if !self.mode.writes() {
            return Err(Error::new(Op::Write, ErrorKind::ReadOnly));
        }
        copy_lent(&self.bytes, offset, &mut vec![0; bytes.len()])
            .map_err(|error| error.during(Op::Write))?;
        for fault in &self.faults {
            if let Fault::Write { at, kind } = *fault
                && at.checked_sub(offset).is_some_and(|within| within < widen(bytes.len()))
            {
                return Err(os(Op::Write, kind));
            }
        }
        copy_into_lent(&mut self.bytes, offset, bytes)?;
        match &self.file {
            Some((file, start)) if self.mode.reaches_file() => {
                at_position(file, start.saturating_add(offset), |mut file| file.write_all(bytes))
                    .map_err(os_says(Op::Write))
            }
            _ => Ok(()),
        }
    }

    fn sync(&self, offset: u64, len: u64) -> Result<()> {
        crate::mapping::require_within(Op::Sync, offset, len, self.len())?;
        for fault in &self.faults {
            if let Fault::Sync(kind) = *fault {
                let kind = ErrorKind::NotDurable { source: kind.into() };
                return Err(Error::new(Op::Sync, kind));
            }
        }
        Ok(())
    }

    fn resize(&mut self, len: u64) -> Result<()> {
        let refuse = |kind| Err(Error::new(Op::Resize, kind));
        let new = crate::addressable(len).map_err(|kind| Error::new(Op::Resize, kind))?;
        let Some((file, start)) = &self.file else {
            if matches!(self.mode, Mode::Read | Mode::CopyOnWrite) {
                let what = "resizing what was read into memory; open the file again";
                return refuse(ErrorKind::unsupported(FakeBackend::NAME, what));
            }
            let more = new.saturating_sub(self.bytes.len());
            if self.bytes.try_reserve(more).is_err() {
                return refuse(ErrorKind::OutOfMemory { len });
            }
            self.bytes.resize(new, 0);
            return Ok(());
        };
        if self.mode == Mode::CopyOnWrite {
            let what = "resizing private edits; resize a copy of them";
            return refuse(ErrorKind::unsupported(FakeBackend::NAME, what));
        }
        let os = os_says(Op::Resize);
        let file_len = file.metadata().map_err(&os)?.len();
        let (end, mapped_end) = (start.saturating_add(len), start.saturating_add(self.len()));
        let reaches_file = self.mode.reaches_file();
        if reaches_file && len < self.len() && file_len > mapped_end {
            return refuse(ErrorKind::CutsOff { new_end: end, mapped_end, file_len });
        }
        if !reaches_file && end > file_len {
            return refuse(ErrorKind::BeyondEnd { offset: *start, len, source_len: file_len });
        }
        // Allocated before the file is changed: after an error the file is unchanged.
        let mut bytes = zeros(new, Op::Resize)?;
        if reaches_file && (end > file_len || len < self.len()) {
            file.set_len(end).map_err(&os)?;
        }
        at_position(file, *start, |mut file| file.read_exact(&mut bytes)).map_err(&os)?;
        self.bytes = bytes;
        Ok(())
    }

    fn protect(&mut self) -> Result<()> {
        self.mode = Mode::Read;
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        for fault in &self.faults {
            if let Fault::Close(kind) = *fault {
                return Err(os(Op::Close, kind));
            }
        }
        Ok(())
    }
}

impl Lend for Fake {
    fn as_bytes(&self) -> &[u8] {
        match &self.bytes[..] {
            [] => crate::empty::slice(),
            bytes => bytes,
        }
    }
}

impl LendMut for Fake {
    fn as_bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

#[cfg(test)]
mod tests;
