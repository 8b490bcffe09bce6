use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::absolute::absolute;
use crate::atomic_file::{self, AtomicFile, Directory};
use crate::system;
use crate::{Error, ErrorKind, Map, Mapping, Mode, Op, Progress, Result, widen};

/// Bytes between two checks for cancellation.
const STEP_LEN: usize = 256 << 10;

/// Copies bytes of a map, from `offset` on, and reports progress.
///
/// # Errors
/// Those of [`Map::read_into`], and [`ErrorKind::Cancelled`].
pub(crate) fn copy(
    map: &Map<impl Mapping>,
    offset: u64,
    out: &mut [u8],
    progress: &Progress,
) -> Result<()> {
    for (index, part) in out.chunks_mut(STEP_LEN).enumerate() {
        let at = offset.saturating_add(widen(index).saturating_mul(widen(STEP_LEN)));
        if progress.is_cancelled() {
            return Err(map.error(Op::Detach, ErrorKind::Cancelled { done: at }));
        }
        map.read_into(at, part)?;
        progress.add_done(widen(part.len()));
    }
    Ok(())
}

/// Bytes that are copied at a time.
const PIECE_LEN: usize = 1 << 20;

/// Copies of the whole mapping into a file.
impl<T: Mapping> Map<T> {
    /// Replaces the file at `path` with the mapping's bytes, atomically. At every moment, even after a
    /// crash, the file is the old one or has all new bytes: they are written to a new file in the same
    /// directory, then to the device, and then that file takes the name.
    ///
    /// The new file gets the owner, the permissions, the access list and the extended attributes of the
    /// old one, as far as this user may set them. Whoever has the old file open or mapped keeps it, this
    /// map included. On Windows a mapped file keeps its name, and this is an error.
    ///
    /// # Errors
    /// - [`ErrorKind::CannotCreate`], [`ErrorKind::NotMappable`] if the name is that of a directory, a
    ///   device or a pipe, [`ErrorKind::PermissionDenied`] if it is that of a file that this user may
    ///   not write, [`ErrorKind::WriteProtected`] if nobody may
    /// - those of [`read_into`](Self::read_into)
    /// - [`ErrorKind::FileTooLarge`], [`ErrorKind::StorageFull`], [`ErrorKind::QuotaExceeded`] if so
    ///   many bytes cannot be stored
    /// - [`ErrorKind::NotDurable`] if the device failed; [`ErrorKind::Cancelled`]
    /// - [`ErrorKind::Os`] for any other error of the system
    ///
    /// After an error the file at `path` is unchanged. The only exception is a directory that does not
    /// reach the device ([`ErrorKind::NotDurable`]): then it may be the new file.
    ///
    /// # Cost
    /// A write of all bytes, and a flush of the device.
    pub fn replace_file(&self, path: impl AsRef<Path>, progress: &Progress) -> Result<()> {
        let path = path.as_ref();
        let path = absolute(path);
        self.write_file(&path, progress).map_err(|error| error.with_origin(path.clone()))
    }

    fn write_file(&self, path: &Path, progress: &Progress) -> Result<()> {
        let refuse = |kind| Error::new(Op::Create, kind);
        let not_durable = |source| refuse(ErrorKind::NotDurable { source });
        let target = atomic_file::follow(path)
            .map_err(|error| refuse(system::cannot_create(path, error)))?;
        let cannot_create = |error| refuse(system::cannot_create(&target, error));
        let replaced = replaceable(&target).map_err(refuse)?;
        system::require_place(&target).map_err(refuse)?;
        system::require_len(self.len()).map_err(refuse)?;
        // Opened first, so that a failure does not come after a long copy.
        let directory = Directory::of(&target).map_err(cannot_create)?;
        let mut new = AtomicFile::new(target.clone(), |path| {
            memmap_system::create(path, None, replaced.as_ref())
        })
        .map_err(cannot_create)?;
        // On some systems an open file keeps its name.
        drop(replaced);
        let mut piece = vec![0; piece_len(self.len())];
        progress.add_total(self.len());
        let mut offset = 0;
        while let Some(rest) = self.len().checked_sub(offset).filter(|&rest| rest > 0) {
            let part = usize::try_from(rest).unwrap_or(PIECE_LEN).min(PIECE_LEN);
            let piece = piece.get_mut(..part).unwrap_or_default();
            copy(self, offset, piece, progress).map_err(|error| error.during(Op::Create))?;
            new.file().write_all(piece).map_err(|error| {
                refuse(system::write_refusal(new.file(), error, offset, self.len()))
            })?;
            offset = offset.saturating_add(widen(part));
        }
        new.file().sync_all().map_err(not_durable)?;
        new.replace().map_err(cannot_create)?;
        directory.map_or(Ok(()), |directory| directory.sync()).map_err(not_durable)
    }
}

fn piece_len(len: u64) -> usize {
    usize::try_from(len).unwrap_or(PIECE_LEN).min(PIECE_LEN)
}

/// The file at `target`, if it may be replaced.
fn replaceable(target: &Path) -> Result<Option<File>, ErrorKind> {
    let refusal = |error| system::refusal(error, Mode::ReadWrite, Some(target));
    match fs::metadata(target) {
        Ok(metadata) if metadata.is_file() => {
            OpenOptions::new().write(true).open(target).map(Some).map_err(refusal)
        }
        Ok(metadata) if metadata.is_dir() => {
            Err(ErrorKind::NotMappable { kind: crate::FileKind::Directory })
        }
        Ok(_) => Err(ErrorKind::InvalidOptions {
            what: "it is no regular file, so that none can take its place; use another name",
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refusal(error)),
    }
}
