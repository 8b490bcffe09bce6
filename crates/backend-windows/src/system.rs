//! The implementation of [`System`] for Windows. The other modules provide its parts.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::ops::Range;
use std::os::windows::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use memmap_anon::Anonymous;
use memmap_core::{
    ErrorKind, LockKind, MapRequest, Mode, Op, Part, Place, Proof, Proofs, Result, System, View,
    require_resizable, widen,
};
use memmap_guard::{Cause, Fault, InPlace, OnLostPage};
use windows_sys::Win32::Foundation::{ERROR_HANDLE_EOF, ERROR_IO_DEVICE, RtlNtStatusToDosError};

use crate::edit_hull::EditHull;
use crate::fixed::{self, Fixed};
use crate::pages::{Access, Pages};
use crate::refusal::{refusal, refuse, unsupported};
use crate::{Windows, WindowsDisk, allocation, file_info, lock, os, paging};

impl System for Windows {
    type Pages = Pages;
    type Handle = Arc<File>;
    type Edits = EditHull;
    type Fixed = Fixed;
    type Private = Anonymous;
    type Disk = WindowsDisk;

    fn page_size() -> usize {
        os::page_size()
    }

    /// Maps the requested range. A section cannot extend beyond its file, so a file that is too short is extended
    /// first, and cut back if mapping fails.
    fn show(file: &File, request: &MapRequest) -> Result<Option<Pages>> {
        let (offset, len, mode) = (request.offset(), request.len(), request.mode());
        let inspected = || file.metadata().map(|found| found.len());
        let before = inspected().map_err(|error| refuse(Op::Map, ErrorKind::Os(error)))?;
        let end = offset.saturating_add(widen(len));
        if mode.reaches_file() && before < end {
            let during = if request.created().is_some() { Op::Create } else { Op::Resize };
            let extended = allocation::extend(file, before, end, request.is_sparse());
            extended.map_err(|error| error.during(during))?;
        }
        Pages::map(file, offset, len, access(mode)).map(Some).map_err(|error| {
            if mode.reaches_file() && before < end {
                allocation::cut_back(file, end, before);
            }
            refuse(Op::Map, refusal(error, len, mode))
        })
    }

    fn edits(_: &MapRequest, is_guarded: bool) -> Result<Option<EditHull>> {
        if !is_guarded {
            let what = "private edits on a processor without a fault guard; map the file with mode \"r\", \
                        and copy its bytes into memory to edit them";
            return Err(refuse(Op::Map, unsupported(what)));
        }
        Ok(Some(EditHull::none()))
    }

    fn handle(file: &Arc<File>, _: &MapRequest, _: bool) -> Arc<File> {
        Arc::clone(file)
    }

    fn read_at(file: &File, out: &mut [u8], position: u64) -> io::Result<usize> {
        match with_position_kept(file, |file| file.seek_read(out, position)) {
            Err(error) if os::is_one_of(&error, &[ERROR_HANDLE_EOF]) => Ok(0),
            read => read,
        }
    }

    fn write_at(file: &File, bytes: &[u8], position: u64) -> io::Result<usize> {
        with_position_kept(file, |file| file.seek_write(bytes, position))
    }

    fn reason(fault: Option<Fault>) -> io::Error {
        match fault.map(|fault| fault.cause) {
            Some(Cause::InPage { status }) => {
                // SAFETY: takes and returns a number.
                os::error_of(unsafe { RtlNtStatusToDosError(status.cast_signed()) })
            }
            _ => os::error_of(ERROR_IO_DEVICE),
        }
    }

    /// The error of reading the byte by a system call, if that fails too.
    fn obstacle(place: &Place<'_>) -> Option<ErrorKind> {
        match Self::read_at(place.file, &mut [0], place.in_file()) {
            Ok(_) => None,
            Err(source) => Some(ErrorKind::Io { offset: place.offset, source }),
        }
    }

    fn failed_store(place: &Place<'_>, fault: Option<Fault>) -> ErrorKind {
        ErrorKind::Io { offset: place.offset, source: Self::reason(fault) }
    }

    fn resize(part: Part<'_, Self>, new: usize) -> Result<()> {
        let Part { pages, handle: file, offset, len: old, mode, is_sparse, .. } = part;
        let found = file_info::inspect(file);
        let file_len = found.map_err(|error| refuse(Op::Resize, ErrorKind::Os(error)))?.len;
        let end = require_resizable(offset, old, new, mode, file_len)?;
        let mut show = |len| show(pages, file, offset, len, mode);
        if !mode.reaches_file() {
            return show(new);
        }
        if new < old {
            // The system refuses to shorten a file that has a view, wherever the view ends.
            show(0)?;
            let cut = file.set_len(end.min(file_len));
            // If no addresses are left for a new view, the bytes are read and written by system calls.
            show(if cut.is_ok() { new } else { old }).ok();
            return cut.map_err(|error| refuse(Op::Resize, os::refusal(error, mode)));
        }
        allocation::extend(file, file_len, end, is_sparse)?;
        show(new).inspect_err(|_| {
            // No view extends beyond the old end, unless another process has just created one.
            allocation::cut_back(file, end, file_len);
        })
    }

    /// Writes dirty pages and waits for the device. Two calls are needed: `FlushViewOfFile` writes the pages,
    /// and `FlushFileBuffers` waits for the device.
    ///
    /// No directory is synced: Windows cannot open one for that. NTFS writes its log, which contains a new name,
    /// before `FlushFileBuffers` returns. (This is known behaviour, and not documented.)
    fn sync(
        pages: Option<&Pages>,
        file: &File,
        window: Option<&Range<usize>>,
        _: bool,
    ) -> io::Result<()> {
        if let (Some(pages), Some(window)) = (pages, window) {
            pages.write_back(window)?;
        }
        file.sync_all()
    }

    fn write_back(
        pages: Option<&Pages>,
        _: &File,
        _: u64,
        window: &Range<usize>,
    ) -> io::Result<()> {
        pages.map_or(Ok(()), |pages| pages.write_back(window))
    }

    /// All bytes count as data if the file system does not report allocated ranges.
    fn stored(file: &File, range: Range<u64>) -> Result<Vec<Range<u64>>> {
        Ok(paging::allocated(file, &range).unwrap_or_else(|_| vec![range; 1]))
    }

    fn lock(file: &File, kind: LockKind) -> io::Result<()> {
        lock::lock(file, kind)
    }

    fn try_lock(file: &File, kind: LockKind) -> io::Result<bool> {
        lock::try_lock(file, kind)
    }

    fn unlock(file: &File) -> io::Result<()> {
        lock::unlock(file)
    }

    fn lend<'a>(
        view: &View<'a, Self>,
        pages: &'a Pages,
        on_lost: OnLostPage,
    ) -> Result<InPlace<'a>> {
        if on_lost == OnLostPage::Zeros {
            let what = "zeros for lost pages, as pages of a view cannot be replaced; let a lost page end the \
                        process";
            return Err(refuse(Op::Read, unsupported(what)));
        }
        // SAFETY: 1. all of the `len` bytes are mapped, as the caller checks (`System::lend`), and stay so
        // while `pages` are borrowed. 2. Only the guard writes to them.
        Ok(unsafe { memmap_guard::in_place(pages.first(), view.len) })
    }

    /// The view itself: while it exists, the system lets nobody make the file shorter.
    fn expose<'a>(view: &View<'a, Self>, pages: &'a Pages) -> Result<InPlace<'a>> {
        // SAFETY: as in `lend`.
        Ok(unsafe { memmap_guard::in_place(pages.first(), view.len) })
    }

    fn prove(
        part: Part<'_, Self>,
        proof: Proof,
        proofs: Proofs,
        _: Option<&Path>,
    ) -> Result<Fixed, String> {
        fixed::prove(&part.view(), proof, proofs)
    }

    fn fix(memory: Anonymous, len: usize) -> Fixed {
        Fixed::private(memory, len)
    }
}

/// Maps `len` bytes of a file that is long enough. The length of a view is fixed, so this creates a new one, and
/// closes the old one last. After an error the old view is unchanged.
fn show(pages: &mut Option<Pages>, file: &File, offset: u64, len: usize, mode: Mode) -> Result<()> {
    *pages = if len == 0 {
        None
    } else {
        let shown = Pages::map(file, offset, len, access(mode));
        Some(shown.map_err(|error| refuse(Op::Resize, refusal(error, len, mode)))?)
    };
    Ok(())
}

/// Reads or writes at a position of a file, and restores the handle's position, which that moves on Windows. The
/// caller who opened the file may use the same handle.
fn with_position_kept<T>(
    mut file: &File,
    act: impl FnOnce(&File) -> io::Result<T>,
) -> io::Result<T> {
    let position = file.stream_position()?;
    let done = act(file);
    file.seek(SeekFrom::Start(position))?;
    done
}

const fn access(mode: Mode) -> Access {
    match mode {
        Mode::Read => Access::Read,
        Mode::CopyOnWrite => Access::Copy,
        Mode::ReadWrite | Mode::Create => Access::Write,
    }
}

#[cfg(test)]
mod tests;
