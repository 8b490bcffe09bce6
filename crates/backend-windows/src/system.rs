//! What Windows does for maps: [`System`], of which the other modules are the parts.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::ops::Range;
use std::os::windows::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use memmap_anon::Anonymous;
use memmap_core::{
    Backend, Error, ErrorKind, LockKind, Mode, Op, Part, Place, Proof, Proved, Request, Result,
    System, View, require_resizable, widen,
};
use memmap_guard::{Cause, Fault};
use windows_sys::Win32::Foundation::{
    ERROR_HANDLE_EOF, ERROR_IO_DEVICE, ERROR_NOT_SUPPORTED, RtlNtStatusToDosError,
};

use crate::edit_hull::EditHull;
use crate::fixed::{self, Fixed, NoKeeper};
use crate::pages::{Access, Pages};
use crate::{Windows, allocation, file_info, lock, os, paging};

impl System for Windows {
    type Pages = Pages;
    type Handle = Arc<File>;
    type Edits = EditHull;
    type Fixed = Fixed;
    type Keeper = NoKeeper;
    type Private = Anonymous;

    fn page_size() -> usize {
        os::page_size()
    }

    /// The view that was asked for. The file may be shorter than that if it is to grow: a section does not
    /// reach beyond its file, so it grows now, and is cut back if there is no view of it.
    fn show(file: &File, request: &Request) -> Result<Option<Pages>> {
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

    fn edits(_: &Request, is_guarded: bool) -> Result<Option<EditHull>> {
        if !is_guarded {
            let what = "private edits where faults cannot be caught; read it into memory with \
                        `small_file`, or `detach` a map of mode \"r\"";
            return Err(refuse(Op::Map, unsupported(what)));
        }
        Ok(Some(EditHull::none()))
    }

    fn handle(file: &Arc<File>, _: &Request, _: bool) -> Arc<File> {
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
                // SAFETY: translates a number.
                os::error_of(unsafe { RtlNtStatusToDosError(status.cast_signed()) })
            }
            _ => os::error_of(ERROR_IO_DEVICE),
        }
    }

    /// A page that could not be read: its first byte says so too.
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
        let Part { pages, handle: file, offset, len: old, mode, is_sparse } = part;
        let found = file_info::inspect(file);
        let file_len = found.map_err(|error| refuse(Op::Resize, ErrorKind::Os(error)))?.len;
        let end = require_resizable(offset, old, new, mode, file_len)?;
        let mut show = |len| show(pages, file, offset, len, mode);
        if !mode.reaches_file() {
            return show(new);
        }
        if new < old {
            // As long as there is a view the system refuses to cut the file, wherever that ends.
            show(0)?;
            let cut = file.set_len(end.min(file_len));
            // Should there be no room for a view where there was one, the bytes are read and written by
            // system calls.
            show(if cut.is_ok() { new } else { old }).ok();
            return cut.map_err(|error| refuse(Op::Resize, os::refusal(error, mode)));
        }
        allocation::extend(file, file_len, end, is_sparse)?;
        show(new).inspect_err(|_| {
            // No view reaches further than the old end, unless somebody made one just now.
            allocation::cut_back(file, end, file_len);
        })
    }

    /// Hands what was written to the system, and waits for the device: two calls, `FlushViewOfFile` and
    /// `FlushFileBuffers`, neither of which does the other's.
    ///
    /// No directory is synced: Windows opens none for that, and NTFS writes its log, in which a new name
    /// is, before it answers the second call. (That it does is known, and not promised.)
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

    /// As far as the file system says; what it says nothing of is data.
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

    fn prove(_: &View<'_, Self>, proof: Proof, _: Option<&Path>) -> Result<Proved<Self>, String> {
        Err(fixed::why_not(proof).to_owned())
    }

    fn fix(memory: Anonymous, len: usize) -> Fixed {
        Fixed::private(memory, len)
    }

    fn keep(keeper: NoKeeper, _: Pages, _: usize) -> Fixed {
        match keeper {}
    }
}

/// Shows `len` bytes of a file that is long enough. A view keeps its length, so this is another one; the old
/// one goes last. After an error it is as it was.
fn show(pages: &mut Option<Pages>, file: &File, offset: u64, len: usize, mode: Mode) -> Result<()> {
    *pages = if len == 0 {
        None
    } else {
        let shown = Pages::map(file, offset, len, access(mode));
        Some(shown.map_err(|error| refuse(Op::Resize, refusal(error, len, mode)))?)
    };
    Ok(())
}

/// Reads or writes somewhere in a file, which moves the handle's position on this system, and puts it back:
/// the handle may be one that its opener uses as well.
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

pub(crate) fn refuse(op: Op, kind: ErrorKind) -> Error {
    Error::new(op, kind)
}

pub(crate) const fn unsupported(what: &'static str) -> ErrorKind {
    ErrorKind::Unsupported { backend: Windows::NAME, what }
}

/// Says in our words what the system answered when asked for a view.
fn refusal(error: io::Error, len: usize, mode: Mode) -> ErrorKind {
    if os::is_out_of_memory(&error) {
        ErrorKind::OutOfMemory { len: widen(len) }
    } else if os::is_one_of(&error, &[ERROR_NOT_SUPPORTED]) {
        unsupported(
            "mapping files of this file system; copy the file to a local disk, or read it into \
             memory with `fallback`",
        )
    } else {
        os::refusal(error, mode)
    }
}

#[cfg(test)]
mod tests;
