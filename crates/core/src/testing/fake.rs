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
#[derive(Debug, Clone)]
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
mod tests {
    use super::*;
    use crate::testing::FakeRam;
    use crate::{Files, Map, MapOptions, Mode, Progress};

    fn this_file() -> std::path::PathBuf {
        std::env::current_exe().unwrap()
    }

    fn open_with(fault: Fault) -> Error {
        MapOptions::new(Files::new(FakeBackend::default().with(fault)))
            .len(16)
            .open(this_file())
            .unwrap_err()
    }

    #[test]
    fn each_step_of_opening_reports_its_own_failure_and_the_path() {
        let error = open_with(Fault::Map(io::ErrorKind::OutOfMemory));
        assert_eq!(error.op(), Op::Map);
        assert_eq!(error.path(), Some(&*this_file()));

        let error = open_with(Fault::Inspect(io::ErrorKind::PermissionDenied));
        assert_eq!(error.op(), Op::Open);
        assert!(matches!(error.kind(), ErrorKind::PermissionDenied { mode: Mode::Read }));
    }

    #[test]
    fn what_was_opened_counts_and_not_what_was_named() {
        let error = open_with(Fault::Found(FileKind::Fifo));
        assert!(matches!(error.kind(), ErrorKind::NotMappable { kind: FileKind::Fifo }));
    }

    #[test]
    fn close_returns_its_error_with_the_path() {
        let backend = FakeBackend::default().with(Fault::Close(io::ErrorKind::StorageFull));
        let error = MapOptions::new(Files::new(backend))
            .len(16)
            .open(this_file())
            .unwrap()
            .close()
            .unwrap_err();
        assert_eq!(error.op(), Op::Close);
        assert_eq!(error.path(), Some(&*this_file()));
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn whatever_fails_while_a_file_is_made_or_grown_leaves_it_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, b"old bytes").unwrap();
        let kind = io::ErrorKind::StorageFull;
        for fault in [Fault::Map(kind), Fault::Extend(kind), Fault::Unmappable] {
            let options =
                || MapOptions::new(Files::new(FakeBackend::default().with(fault))).len(100);
            let error = options().mode(Mode::Create).open(&path).unwrap_err();
            assert_eq!(error.path(), Some(&*path));
            options().mode(Mode::ReadWrite).extend(true).open(&path).unwrap_err();
            assert_eq!(std::fs::read(&path).unwrap(), b"old bytes");
            assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
        }
    }

    #[test]
    fn a_failing_sync_is_not_durable_and_names_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let backend = FakeBackend::default().with(Fault::Sync(io::ErrorKind::Other));
        let mm =
            MapOptions::new(Files::new(backend)).mode(Mode::Create).len(10).open(&path).unwrap();
        let error = mm.sync(2..5).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NotDurable { .. }));
        assert_eq!((error.op(), error.path()), (Op::Sync, Some(&*path)));
        assert!(matches!(mm.sync(2..11).unwrap_err().kind(), ErrorKind::OutOfBounds { .. }));
    }

    #[test]
    fn what_is_cancelled_on_its_way_says_how_far_it_came() {
        use std::sync::atomic::{AtomicU64, Ordering};

        use crate::Cancel;

        /// Memory whose second step cancels the operation.
        #[derive(Debug)]
        struct Cancels(Cancel, AtomicU64);
        impl Cancels {
            fn step(&self) {
                if self.1.fetch_add(1, Ordering::Relaxed) == 1 {
                    self.0.cancel();
                }
            }
        }
        impl Mapping for Cancels {
            fn len(&self) -> u64 {
                100 << 20
            }
            fn read_into(&self, _: u64, out: &mut [u8]) -> Result<()> {
                self.step();
                out.fill(7);
                Ok(())
            }
            fn prefault(&self, _: u64, _: u64) -> Result<()> {
                self.step();
                Ok(())
            }
        }
        let cancelled = |act: &dyn Fn(&Map<Cancels>, &Progress) -> Result<()>| {
            let cancel = Cancel::new();
            let mm = Map::from_mapping(Cancels(cancel.clone(), AtomicU64::new(0)));
            let progress = Progress::until(cancel);
            let error = act(&mm, &progress).unwrap_err();
            let &ErrorKind::Cancelled { done } = error.kind() else { panic!("{error:?}") };
            assert_eq!(
                (done, progress.done(), progress.total()),
                (512 << 10, 512 << 10, 100 << 20)
            );
            error.op()
        };
        assert_eq!(cancelled(&|mm, progress| mm.prefault(.., progress)), Op::Prefault);
        let copied = |mm: &_, progress: &_| Map::<FakeRam>::copy_of(mm, progress).map(drop);
        assert_eq!(cancelled(&copied), Op::Detach);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new");
        assert_eq!(cancelled(&|mm, progress| mm.replace_file(&path, progress)), Op::Create);
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 0);
    }

    #[test]
    fn only_writes_that_touch_the_bad_byte_fail() {
        let bad = Fault::Write { at: 5, kind: io::ErrorKind::Other };
        let mut mm = Map::from_mapping(Fake::new(&[0; 10]).with(bad));
        assert!(mm.write_at(0, &[7; 5]).is_ok() && mm.fill_range(6.., 7).is_ok());
        assert!(mm.write_at(5, &[]).is_ok() && mm.write_at(5, &[7]).is_err());
        assert!(mm.fill_range(.., 7).is_err() && mm.copy_within(..6, 4).is_err());
        assert_eq!(mm.read_at(0, 10).unwrap(), [7, 7, 7, 7, 7, 0, 7, 7, 7, 7]);
    }

    #[test]
    fn nothing_is_rescued_from_where_nothing_can_be_read() {
        #[derive(Debug)]
        struct Stubborn;
        impl Mapping for Stubborn {
            fn len(&self) -> u64 {
                10
            }
            fn read_into(&self, _: u64, _: &mut [u8]) -> Result<()> {
                Err(os(Op::Read, io::ErrorKind::Other))
            }
        }
        let mm = Map::from_mapping(Stubborn);
        assert_eq!(mm.rescue(3, &mut [0; 4]).unwrap()[0].range, 3..7);
        mm.rescue(3, &mut []).unwrap();
    }

    #[test]
    fn only_reads_that_touch_the_bad_byte_fail() {
        let mm = Map::from_mapping(
            Fake::new(&[0; 10]).with(Fault::Read { at: 5, kind: io::ErrorKind::Other }),
        );
        assert!(mm.read_at(0, 5).is_ok() && mm.read_at(6, 4).is_ok() && mm.read_at(5, 0).is_ok());
        assert!(
            mm.read_at(5, 1).is_err() && mm.read_at(0, 6).is_err() && mm.get::<u64>(2).is_err()
        );
    }

    #[test]
    fn some_stops_at_the_first_bad_byte_and_rescue_goes_on() {
        let bytes: Vec<u8> = (0..200).collect();
        for bad in 0..200_u64 {
            let kind = io::ErrorKind::Other;
            let fake = Fake::new(&bytes)
                .with(Fault::Read { at: bad, kind })
                .with(Fault::Read { at: 150, kind })
                .with(Fault::Read { at: 151, kind });
            let mm = Map::from_mapping(fake);
            let first = usize::try_from(bad.min(150)).unwrap();
            for start in 0..=first {
                let mut out = vec![0; 200 - start];
                let partial = mm.read_some(widen(start), &mut out).unwrap();
                assert_eq!(partial.len, first - start);
                assert_eq!(out[..partial.len], bytes[start..first]);
                assert!(matches!(partial.stopped.unwrap().kind(), ErrorKind::Os(_)));
            }
            let mut out = vec![0xAA; 200];
            let lost = mm.rescue(0, &mut out).unwrap();
            let lost: Vec<(u64, u64)> =
                lost.iter().map(|lost| (lost.range.start, lost.range.end)).collect();
            let expected = match bad {
                149 => vec![(149, 152)],
                150 | 151 => vec![(150, 152)],
                152 => vec![(150, 153)],
                _ if bad < 150 => vec![(bad, bad + 1), (150, 152)],
                _ => vec![(150, 152), (bad, bad + 1)],
            };
            assert_eq!(lost, expected);
            for (at, (&got, &byte)) in out.iter().zip(&bytes).enumerate() {
                let is_lost = [bad, 150, 151].contains(&widen(at));
                assert_eq!(got, if is_lost { 0 } else { byte });
            }
        }
    }

    #[test]
    fn from_reader_grows_past_its_first_buffer_and_keeps_every_byte() {
        struct Dribble<R>(R, bool);
        impl<R: Read> Read for Dribble<R> {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                self.1 = !self.1;
                if self.1 {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                let most = out.len().min(7001);
                self.0.read(&mut out[..most])
            }
        }
        for len in [0, 1, 65_535, 65_536, 65_537, 300_000] {
            let bytes: Vec<u8> = (0..len).map(|i| u8::try_from(i % 251).unwrap()).collect();
            let ram = Map::<FakeRam>::from_reader(Dribble(&*bytes, false)).unwrap();
            assert_eq!(ram[..], bytes[..]);
            assert_eq!(ram.mode(), Mode::ReadWrite);
        }
    }

    #[test]
    fn from_reader_passes_the_readers_error_on() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
        let error = Map::<FakeRam>::from_reader(Broken).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Os(e) if e.kind() == io::ErrorKind::ConnectionReset)
        );
    }
}
