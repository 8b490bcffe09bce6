//! A temporary file that has no name: a stream is appended to it as it comes, and its bytes are mapped.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::{env, fmt};

use memmap::{AnyMap, MemMap, Result, edit::free_bytes, widen};

/// How much a view reads of a stream before it asks.
pub(crate) const LIMIT: u64 = 4 << 30;

/// Bytes that are read at once.
pub(crate) const PIECE_LEN: usize = 256 << 10;

/// What a stream comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreamKind {
    Pipe,
    Device,
}

impl fmt::Display for StreamKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pipe => "pipe",
            Self::Device => "device",
        })
    }
}

/// What becomes of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    Reading,
    /// The limit is reached, and the writer waits.
    Paused,
    Complete,
    /// The user has stopped it.
    Stopped,
    /// It could not be read, or not be kept.
    Failed(String),
}

/// How far a stream has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SpoolStatus {
    pub(crate) len: u64,
    /// Reading pauses at this length.
    pub(crate) limit: u64,
    /// Whether the disk has no room for as much as was asked for.
    pub(crate) is_limited_by_disk: bool,
    pub(crate) phase: Phase,
}

/// The bytes that have come of a stream. Reading and mapping may be done on different threads.
#[derive(Debug)]
pub(crate) struct Spool {
    kind: StreamKind,
    file: File,
    folder: PathBuf,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    len: u64,
    /// The limit as asked for.
    wish: u64,
    /// The limit as the disk has room for.
    limit: u64,
    phase: Phase,
    /// Whether news was sent that nobody has acted upon: there is one message for much that comes.
    is_announced: bool,
}

impl Spool {
    /// # Errors
    /// If no temporary file can be made.
    pub(crate) fn new(kind: StreamKind, limit: u64) -> io::Result<Self> {
        let (file, folder) = unnamed_file()?;
        let phase = Phase::Reading;
        let state = State { len: 0, wish: limit, limit: 0, phase, is_announced: false };
        Ok(Self { kind, file, folder, state: Mutex::new(state), changed: Condvar::new() })
    }

    /// Everything that a reader gives, up to its end.
    ///
    /// # Errors
    /// Those of reading. If the disk has no room, which nobody is there to make.
    pub(crate) fn filled(kind: StreamKind, mut reader: impl Read) -> io::Result<Self> {
        let spool = Self::new(kind, u64::MAX)?;
        let mut piece = vec![0; PIECE_LEN];
        loop {
            let room = spool.room().unwrap_or(0);
            let room = piece.get_mut(..fitting(room)).unwrap_or_default();
            if room.is_empty() {
                return Err(spool.not_kept(&io::ErrorKind::StorageFull.into()));
            }
            match reader.read(room) {
                Ok(0) => return Ok(spool),
                Ok(len) => spool.append(room.get(..len).unwrap_or_default())?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(crate) const fn kind(&self) -> StreamKind {
        self.kind
    }

    pub(crate) fn status(&self) -> SpoolStatus {
        let State { len, wish, limit, phase, .. } = &*self.lock();
        let is_limited_by_disk = limit < wish;
        SpoolStatus { len: *len, limit: *limit, is_limited_by_disk, phase: phase.clone() }
    }

    /// How many bytes may be appended: 0 at the limit, where the stream pauses. `None` if nothing more is
    /// wanted.
    pub(crate) fn room(&self) -> Option<u64> {
        let (len, wish) = {
            let state = self.lock();
            match state.phase {
                Phase::Reading | Phase::Paused if state.len < state.limit => {
                    return Some(state.limit - state.len);
                }
                Phase::Reading | Phase::Paused => (state.len, state.wish),
                Phase::Complete | Phase::Stopped | Phase::Failed(_) => return None,
            }
        };
        // A disk may take its time, so nobody waits for it at the lock.
        let limit = wish.min(self.len_on_disk(len)).max(len);
        let mut state = self.lock();
        state.limit = limit;
        if len == limit && state.phase == Phase::Reading && state.wish == wish {
            state.phase = Phase::Paused;
        }
        Some(limit - len)
    }

    /// How long the disk lets the file become that has this length. Some room is left to others.
    fn len_on_disk(&self, len: u64) -> u64 {
        let free = free_bytes(&self.file).ok().flatten().unwrap_or(u64::MAX);
        let all = len.saturating_add(free);
        all - all / 16
    }

    /// Waits as long as the stream is paused.
    pub(crate) fn wait(&self) {
        let mut state = self.lock();
        while state.phase == Phase::Paused {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// # Errors
    /// If the disk takes no more. What it took before is kept.
    pub(crate) fn append(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match (&self.file).write(bytes) {
                Ok(0) => return Err(self.not_kept(&io::ErrorKind::WriteZero.into())),
                Ok(len) => {
                    self.lock().len += widen(len);
                    bytes = bytes.get(len..).unwrap_or_default();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.not_kept(&error)),
            }
        }
        Ok(())
    }

    fn not_kept(&self, error: &io::Error) -> io::Error {
        let text = format!(
            "a temporary file in {:?} takes no more: {error}; make room there, or set TMPDIR to a folder \
             with more",
            self.folder
        );
        io::Error::new(error.kind(), text)
    }

    /// Ends the stream, unless it has ended already.
    pub(crate) fn end(&self, phase: Phase) {
        let mut state = self.lock();
        if matches!(state.phase, Phase::Reading | Phase::Paused) {
            state.phase = phase;
        }
        self.changed.notify_all();
    }

    /// Sets another limit, and goes on if reading was paused.
    pub(crate) fn set_limit(&self, limit: u64) {
        let mut state = self.lock();
        state.wish = limit;
        // The disk may have more room, too.
        state.limit = state.len.min(limit);
        if state.phase == Phase::Paused {
            state.phase = Phase::Reading;
        }
        self.changed.notify_all();
    }

    /// Whether what has come is news: what was announced before is mapped.
    pub(crate) fn announce(&self) -> bool {
        !std::mem::replace(&mut self.lock().is_announced, true)
    }

    /// Maps what has come.
    ///
    /// # Errors
    /// Those of mapping a file.
    pub(crate) fn map(&self) -> Result<AnyMap> {
        let len = {
            let mut state = self.lock();
            state.is_announced = false;
            state.len
        };
        Ok(MemMap::options().len(len).open_file(&self.file)?.erase())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As much of a piece as there is room for.
pub(crate) fn fitting(room: u64) -> usize {
    usize::try_from(room).map_or(PIECE_LEN, |room| room.min(PIECE_LEN))
}

/// A file that has no name, so that nothing of it is left, however the program ends; and its folder.
fn unnamed_file() -> io::Result<(File, PathBuf)> {
    let chosen = env::var_os("TMPDIR").filter(|it| !it.is_empty()).map(PathBuf::from);
    // It is on a disk, where /tmp may be in memory.
    let on_disk = Path::new("/var/tmp");
    let folder = chosen.unwrap_or_else(|| on_disk.to_owned());
    match tempfile::tempfile_in(&folder) {
        Ok(file) => Ok((file, folder)),
        Err(_) if folder == on_disk => {
            let folder = env::temp_dir();
            Ok((tempfile::tempfile_in(&folder)?, folder))
        }
        Err(error) => Err(error),
    }
    .map_err(|error: io::Error| {
        let text = format!("no temporary file can be made: {error}; set TMPDIR to a folder for it");
        io::Error::new(error.kind(), text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(spool: &Spool) -> Vec<u8> {
        let map = spool.map().unwrap();
        map.read_at(0, usize::try_from(map.len()).unwrap()).unwrap()
    }

    #[test]
    fn what_comes_is_mapped_and_announced_once_until_then() {
        let spool = Spool::new(StreamKind::Pipe, LIMIT).unwrap();
        assert_eq!(bytes(&spool), b"");
        spool.append(b"one").unwrap();
        let before = spool.map().unwrap();
        assert!(spool.announce());
        spool.append(b" two").unwrap();
        assert!(!spool.announce());
        assert_eq!(bytes(&spool), b"one two");
        assert!(spool.announce());
        assert_eq!((before.len(), spool.status().len), (3, 7));
        assert_eq!(before.path(), None);
    }

    #[test]
    fn it_pauses_at_the_limit_until_that_is_another_one() {
        let spool = Spool::new(StreamKind::Pipe, 4).unwrap();
        assert_eq!(spool.room(), Some(4));
        spool.append(b"1234").unwrap();
        assert_eq!(spool.status().phase, Phase::Reading);
        assert_eq!(spool.room(), Some(0));
        assert_eq!(spool.status().phase, Phase::Paused);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                spool.wait();
                spool.room()
            });
            spool.set_limit(10);
            assert_eq!(waiting.join().unwrap(), Some(6));
        });
        let SpoolStatus { limit, is_limited_by_disk, phase, .. } = spool.status();
        assert_eq!((limit, is_limited_by_disk, phase), (10, false, Phase::Reading));
        spool.set_limit(2);
        assert_eq!(spool.room(), Some(0));
        spool.end(Phase::Stopped);
        spool.end(Phase::Complete);
        spool.wait();
        assert_eq!((spool.room(), spool.status().phase), (None, Phase::Stopped));
    }

    #[test]
    fn all_of_a_reader_is_kept() {
        let all: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
        let spool = Spool::filled(StreamKind::Pipe, &all[..]).unwrap();
        assert!(bytes(&spool) == all);
    }
}
