//! The implementation of [`System`] for POSIX. The other modules provide its parts.

use std::fs::{File, TryLockError};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use memmap_anon::Anonymous;
use memmap_core::{
    ErrorKind, LockKind, MapRequest, Part, Place, Proof, Proofs, Result, System, View,
};
use memmap_guard::{Fault, InPlace, Lost, OnLostPage};
use rustix::io::Errno;

use crate::file_handle::FileHandle;
use crate::fixed::{self, Fixed};
use crate::pages;
use crate::private_pages::PrivatePages;
use crate::shown::{self, Shown};
use crate::{Posix, PosixDisk, fault_reason, lend, paging, resize, sync};

impl System for Posix {
    type Pages = Shown;
    type Handle = FileHandle;
    type Edits = PrivatePages;
    type Fixed = Fixed;
    type Private = Anonymous;
    type Disk = PosixDisk;

    fn page_size() -> usize {
        pages::page_size()
    }

    fn show(file: &File, request: &MapRequest) -> Result<Option<Shown>> {
        let (len, mode) = (request.len(), request.mode());
        let shown = shown::show(file, request.offset(), len, mode, request.needs_mapping())?;
        Ok(shown.map(Shown::new))
    }

    fn edits(request: &MapRequest, _: bool) -> Result<Option<PrivatePages>> {
        PrivatePages::new(pages::lead_of(request.offset()), request.len()).map(Some)
    }

    fn handle(file: &Arc<File>, request: &MapRequest, is_mapped: bool) -> FileHandle {
        FileHandle::of(file, request, is_mapped)
    }

    fn read_at(file: &File, out: &mut [u8], position: u64) -> io::Result<usize> {
        file.read_at(out, position)
    }

    fn write_at(file: &File, bytes: &[u8], position: u64) -> io::Result<usize> {
        file.write_at(bytes, position)
    }

    fn reason(_: Option<Fault>) -> io::Error {
        Errno::IO.into()
    }

    fn obstacle(place: &Place<'_>) -> Option<ErrorKind> {
        fault_reason::obstacle(place)
    }

    fn failed_store(place: &Place<'_>, _: Option<Fault>) -> ErrorKind {
        fault_reason::failed_store(place)
    }

    fn is_of_the_device(error: &io::Error) -> bool {
        matches!(
            Errno::from_io_error(error),
            Some(
                Errno::IO
                    | Errno::NOTCONN
                    | Errno::STALE
                    | Errno::NXIO
                    | Errno::NODEV
                    | Errno::TIMEDOUT
                    | Errno::CONNABORTED
                    | Errno::CONNRESET
                    | Errno::HOSTDOWN
                    | Errno::HOSTUNREACH
            )
        )
    }

    fn resize(part: Part<'_, Self>, new: usize) -> Result<()> {
        resize::resize(part, new)
    }

    fn reserve(part: Part<'_, Self>, most: usize) -> Result<()> {
        resize::reserve(part, most)
    }

    fn sync(
        pages: Option<&Shown>,
        file: &File,
        window: Option<&Range<usize>>,
        is_all: bool,
    ) -> io::Result<()> {
        sync::sync(pages.map(|shown| &shown.pages), file, window, is_all)
    }

    fn write_back(
        pages: Option<&Shown>,
        file: &File,
        offset: u64,
        window: &Range<usize>,
    ) -> io::Result<()> {
        sync::write_back(pages.map(|shown| &shown.pages), file, offset, window)
    }

    fn evict(file: &File, offset: u64, window: &Range<usize>) -> Result<()> {
        paging::evict(file, offset, window)
    }

    fn stored(file: &File, range: Range<u64>) -> Result<Vec<Range<u64>>> {
        paging::stored(file, range)
    }

    fn lock(file: &File, kind: LockKind) -> io::Result<()> {
        loop {
            let locked = match kind {
                LockKind::Shared => file.lock_shared(),
                LockKind::Exclusive => file.lock(),
            };
            match locked {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                locked => return locked,
            }
        }
    }

    fn try_lock(file: &File, kind: LockKind) -> io::Result<bool> {
        let locked = match kind {
            LockKind::Shared => file.try_lock_shared(),
            LockKind::Exclusive => file.try_lock(),
        };
        match locked {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn unlock(file: &File) -> io::Result<()> {
        file.unlock()
    }

    fn lend<'a>(
        view: &View<'a, Self>,
        shown: &'a Shown,
        on_lost: OnLostPage,
    ) -> Result<InPlace<'a>> {
        lend::lend(view, shown, on_lost)
    }

    fn expose<'a>(view: &View<'a, Self>, shown: &'a Shown) -> Result<InPlace<'a>> {
        lend::expose(view, shown)
    }

    fn lost_of_exposed(shown: &Shown, window: &Range<usize>) -> Vec<Lost> {
        let exposed = shown.exposed.get();
        exposed.map_or_else(Vec::new, |alias| alias.lent.losses(window.clone()))
    }

    fn lost_page(shown: &Shown) -> Option<u64> {
        shown.lost_byte()
    }

    fn prove(
        part: Part<'_, Self>,
        proof: Proof,
        proofs: Proofs,
        path: Option<&Path>,
    ) -> Result<Fixed, String> {
        fixed::prove(part, proof, proofs, path)
    }

    fn fix(memory: Anonymous, len: usize) -> Fixed {
        Fixed::private(memory, len)
    }

    fn seal(len: u64, fill: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<Fixed> {
        fixed::sealed(len, fill)
    }

    fn open_shared(name: &str) -> Result<Fixed> {
        fixed::open_shared(name)
    }
}

#[cfg(test)]
mod tests {
    use memmap_core::Mode;

    use super::*;

    #[test]
    fn a_server_that_is_gone_is_an_error_of_the_device_and_a_name_that_is_gone_is_not() {
        for errno in [Errno::NOTCONN, Errno::IO, Errno::STALE] {
            assert!(Posix::is_of_the_device(&errno.into()), "{errno:?}");
        }
        for errno in [Errno::NOENT, Errno::MFILE, Errno::ACCESS] {
            assert!(!Posix::is_of_the_device(&errno.into()), "{errno:?}");
        }
    }

    #[test]
    fn modes_that_do_not_write_map_pages_that_cannot_be_written() {
        use crate::pages::Access;

        for mode in [Mode::Read, Mode::CopyOnWrite] {
            assert_eq!(shown::access(mode), Access::Read);
        }
    }
}
