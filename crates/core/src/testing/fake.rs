use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use crate::{
    Allocate, Backend, DefaultBackend, Error, ErrorKind, FileKind, Found, Lend, LendMut, Mapping,
    Op, Request, Result, copy_lent, widen,
};

/// A backend without an operating system: it reads the file into a vector, and fails when told to.
///
/// # Examples
/// ```
/// use memmap_core::{ErrorKind, MapOptions, MemMap, Op, testing::{Fake, Fault}};
///
/// let fake = Fake::new(b"0123456789").with(Fault::Read { at: 4, kind: std::io::ErrorKind::Other });
/// let mm = MemMap::from_mapping(fake);
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
    faults: Vec<Fault>,
}

/// One thing that goes wrong, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The opened file turns out to be something else than its name promised.
    Found(FileKind),
    /// Looking at the file fails.
    Inspect(io::ErrorKind),
    /// Mapping fails.
    Map(io::ErrorKind),
    /// The byte `at` cannot be read, as on a bad sector.
    Read {
        /// Its offset in the mapping.
        at: u64,
        /// What the device says.
        kind: io::ErrorKind,
    },
    /// Closing fails.
    Close(io::ErrorKind),
}

impl FakeBackend {
    /// One more fault.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

impl Fake {
    /// A mapping of these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), faults: Vec::new() }
    }

    /// One more fault.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

fn os(op: Op, kind: io::ErrorKind) -> Error {
    Error::new(op, ErrorKind::Os(kind.into()))
}

impl Backend for FakeBackend {
    type Mapping = Fake;

    const NAME: &'static str = "fake";

    fn inspect(&self, file: &File) -> io::Result<Found> {
        let metadata = file.metadata()?;
        let mut found = Found::new(self.kind(metadata.file_type()), metadata.len());
        for fault in &self.faults {
            match *fault {
                Fault::Found(kind) => found.kind = kind,
                Fault::Inspect(kind) => return Err(kind.into()),
                _ => {}
            }
        }
        Ok(found)
    }

    fn map(&self, mut file: &File, request: &Request) -> Result<Fake> {
        for fault in &self.faults {
            if let Fault::Map(kind) = *fault {
                return Err(os(Op::Map, kind));
            }
        }
        let mut bytes = vec![0; request.len()];
        file.seek(SeekFrom::Start(request.offset()))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(|error| Error::new(Op::Map, ErrorKind::Os(error)))?;
        Ok(Fake { bytes, faults: self.faults.clone() })
    }
}

impl DefaultBackend for Fake {
    type Backend = FakeBackend;
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
        &self.bytes
    }
}

impl LendMut for Fake {
    fn as_bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

impl Allocate for Fake {
    fn zeroed(len: usize) -> Result<Self> {
        Ok(Self { bytes: vec![0; len], faults: Vec::new() })
    }

    fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MapOptions, MemMap, Mode};

    crate::mapping_laws!(fake, |bytes: &[u8]| MemMap::from_mapping(Fake::new(bytes)));
    crate::mapping_laws!(erased_fake, |bytes: &[u8]| MemMap::from_mapping(Fake::new(bytes))
        .erase());
    crate::lending_laws!(lending_fake, |len| MemMap::<Fake>::new(len));

    fn this_file() -> std::path::PathBuf {
        std::env::current_exe().unwrap()
    }

    fn open_with(fault: Fault) -> Error {
        MapOptions::new(FakeBackend::default().with(fault)).len(16).open(this_file()).unwrap_err()
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
        let error =
            MapOptions::new(backend).len(16).open(this_file()).unwrap().close().unwrap_err();
        assert_eq!(error.op(), Op::Close);
        assert_eq!(error.path(), Some(&*this_file()));
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn only_reads_that_touch_the_bad_byte_fail() {
        let mm = MemMap::from_mapping(
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
            let mm = MemMap::from_mapping(fake);
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
            let lost: Vec<(u64, u64)> = lost.iter().map(|lost| (lost.offset, lost.len)).collect();
            let expected = match bad {
                149 => vec![(149, 3)],
                150 | 151 => vec![(150, 2)],
                152 => vec![(150, 3)],
                _ if bad < 150 => vec![(bad, 1), (150, 2)],
                _ => vec![(150, 2), (bad, 1)],
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
            let ram = MemMap::<Fake>::from_reader(Dribble(&*bytes, false)).unwrap();
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
        let error = MemMap::<Fake>::from_reader(Broken).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Os(e) if e.kind() == io::ErrorKind::ConnectionReset)
        );
    }
}
