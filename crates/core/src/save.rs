use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;

use crate::absolute::absolute;
use crate::sibling::{self, Directory, Sibling};
use crate::system;
use crate::{Allocate, Error, ErrorKind, Freeze, Mapping, MemMap, Mode, Op, Result, widen};

/// Bytes that are copied at a time.
const PIECE_LEN: usize = 1 << 20;

/// Copies of the whole mapping: into memory, and into a file.
impl<M: Mapping> MemMap<M> {
    /// Copies the mapping into anonymous memory, which nobody else can change or cut short:
    /// `let ram: RamMap = mm.detach()?`. The map stays as it is.
    ///
    /// # Errors
    /// - those of [`read_into`](Self::read_into)
    /// - [`ErrorKind::TooLarge`], [`ErrorKind::OutOfMemory`]
    ///
    /// # Cost
    /// A copy. Runs of zeros, a MiB at a time, take no memory.
    pub fn detach<R: Allocate>(&self) -> Result<MemMap<R>> {
        let refuse = |kind| self.error(Op::Detach, kind);
        let len = crate::addressable(self.len()).map_err(refuse)?;
        let mut ram = R::zeroed(len).map_err(|error| self.placed(error.during(Op::Detach)))?;
        let mut piece = vec![0; PIECE_LEN.min(len)];
        for (index, target) in ram.as_bytes_mut().chunks_mut(PIECE_LEN).enumerate() {
            let offset = widen(index).saturating_mul(widen(PIECE_LEN));
            let piece = piece.get_mut(..target.len()).unwrap_or_default();
            self.read_into(offset, piece).map_err(|error| error.during(Op::Detach))?;
            if piece.iter().any(|&byte| byte != 0) {
                target.copy_from_slice(piece);
            }
        }
        Ok(MemMap::from_mapping(ram))
    }

    /// Copies the mapping into memory that nobody can change, which can be borrowed:
    /// `let frozen: FrozenMap = mm.snapshot(|_| ControlFlow::Continue(()))?`. `progress` is told how
    /// many bytes are copied, every MiB, and may break off.
    ///
    /// # Errors
    /// Those of [`detach`](Self::detach), and [`ErrorKind::Cancelled`] if `progress` broke off.
    ///
    /// # Cost
    /// A copy.
    pub fn snapshot<F: Freeze>(
        &self,
        mut progress: impl FnMut(u64) -> ControlFlow<()>,
    ) -> Result<MemMap<F>> {
        let frozen =
            F::copied(self.len(), &mut |offset, out| self.give(offset, out, &mut progress));
        self.frozen(frozen)
    }

    /// Copies the mapping into sealed memory, which no process can change any more, and which other
    /// processes can map too: `let frozen: FrozenMap = ram.seal()?`.
    ///
    /// # Errors
    /// Those of [`detach`](Self::detach); [`ErrorKind::Unsupported`] where the system cannot seal;
    /// [`ErrorKind::FileTooLong`] beyond this process's limit on the length of files, which counts such
    /// memory as one.
    ///
    /// # Platform
    /// Linux: `memfd_create(2)`.
    pub fn seal<F: Freeze>(&self) -> Result<MemMap<F>> {
        let mut progress = |_| ControlFlow::Continue(());
        let sealed =
            F::sealed(self.len(), &mut |offset, out| self.give(offset, out, &mut progress));
        self.frozen(sealed)
    }

    fn frozen<F: Freeze>(&self, frozen: Result<F>) -> Result<MemMap<F>> {
        let frozen = frozen.map_err(|error| self.placed(error.during(Op::Detach)))?;
        Ok(MemMap::from_mapping(frozen))
    }

    /// Copies a piece, in steps that tell of progress.
    fn give(
        &self,
        offset: u64,
        out: &mut [u8],
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<()> {
        for (index, piece) in out.chunks_mut(PIECE_LEN).enumerate() {
            let at = offset.saturating_add(widen(index).saturating_mul(widen(PIECE_LEN)));
            self.read_into(at, piece)?;
            let done = at.saturating_add(widen(piece.len()));
            if progress(done).is_break() && done < self.len() {
                return Err(self.error(Op::Detach, ErrorKind::Cancelled { done }));
            }
        }
        Ok(())
    }

    /// Writes the mapping's bytes to the file at `path`, which at every moment, also after a crash,
    /// is what it was or all of the new bytes: they go to a file beside it, to the device, and then
    /// that file takes the name.
    ///
    /// The new file is given the owner, the permissions, the access list and the extended attributes of
    /// the one that it replaces, as far as this user may set them.
    /// Whoever has the old one open or mapped keeps it, this map included; on Windows a file that is mapped keeps its
    /// name, and this is an error.
    ///
    /// # Errors
    /// - [`ErrorKind::CannotCreate`], [`ErrorKind::NotMappable`] if there is a directory, a device
    ///   or a pipe of that name, [`ErrorKind::PermissionDenied`] if there is a file that this user
    ///   may not write, [`ErrorKind::WriteProtected`] if nobody may
    /// - those of [`read_into`](Self::read_into)
    /// - [`ErrorKind::FileTooLong`], [`ErrorKind::NoRoom`], [`ErrorKind::QuotaExceeded`] if so many bytes
    ///   cannot be stored
    /// - [`ErrorKind::NotDurable`] if the device failed
    /// - [`ErrorKind::Os`] with what the system says else
    ///
    /// Then the file at `path` is as it was; only where its directory does not reach the device
    /// ([`ErrorKind::NotDurable`]) it may be the new one.
    ///
    /// # Cost
    /// A write of all bytes, and a flush of the device.
    pub fn replace_file(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let path = absolute(path);
        self.write_file(&path).map_err(|error| error.with_path(&path))
    }

    fn write_file(&self, path: &Path) -> Result<()> {
        let refuse = |kind| Error::new(Op::Create, kind);
        let not_durable = |source| refuse(ErrorKind::NotDurable { source });
        let target =
            sibling::follow(path).map_err(|error| refuse(system::cannot_create(path, error)))?;
        let cannot_create = |error| refuse(system::cannot_create(&target, error));
        let replaced = replaceable(&target).map_err(refuse)?;
        system::require_place(&target).map_err(refuse)?;
        system::require_len(self.len()).map_err(refuse)?;
        // Before all bytes are copied for nothing.
        let directory = Directory::of(&target).map_err(cannot_create)?;
        let mut sibling = Sibling::new(target.clone(), |path| {
            memmap_system::create(path, None, replaced.as_ref())
        })
        .map_err(cannot_create)?;
        // What somebody has open keeps its name on some systems.
        drop(replaced);
        let mut piece = vec![0; piece_len(self.len())];
        let mut offset = 0;
        while let Some(rest) = self.len().checked_sub(offset).filter(|&rest| rest > 0) {
            let part = usize::try_from(rest).unwrap_or(PIECE_LEN).min(PIECE_LEN);
            let piece = piece.get_mut(..part).unwrap_or_default();
            self.read_into(offset, piece)?;
            sibling.file().write_all(piece).map_err(|error| {
                refuse(system::write_refusal(sibling.file(), error, offset, self.len()))
            })?;
            offset = offset.saturating_add(widen(part));
        }
        sibling.file().sync_all().map_err(not_durable)?;
        sibling.replace().map_err(cannot_create)?;
        directory.map_or(Ok(()), |directory| directory.sync()).map_err(not_durable)
    }
}

fn piece_len(len: u64) -> usize {
    usize::try_from(len).unwrap_or(PIECE_LEN).min(PIECE_LEN)
}

/// What is at `target`, if a file with other bytes may take its place.
fn replaceable(target: &Path) -> Result<Option<File>, ErrorKind> {
    let refusal = |error| system::refusal(error, Mode::ReadWrite, Some(target));
    match fs::metadata(target) {
        Ok(metadata) if metadata.is_file() => {
            OpenOptions::new().write(true).open(target).map(Some).map_err(refusal)
        }
        Ok(metadata) if metadata.is_dir() => {
            Err(ErrorKind::NotMappable { kind: crate::FileKind::Directory })
        }
        Ok(_) => Err(ErrorKind::Contradiction {
            what: "it is no regular file, so that none can take its place; use another name",
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refusal(error)),
    }
}
