//! The type of a file, beyond what std reports: pipes and devices, and the access rights of a handle.

use std::fs::File;
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle};

use memmap_core::{Backend, FileIdentity, FileInfo, FileKind, Mode};
use windows_sys::Wdk::Storage::FileSystem::{FileAccessInformation, NtQueryInformationFile};
use windows_sys::Win32::Foundation::{INVALID_HANDLE_VALUE, RtlNtStatusToDosError};
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_READ_DATA,
    FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_TYPE_CHAR, FILE_TYPE_PIPE,
    FILE_WRITE_DATA, GetFileInformationByHandle, GetFileType, ReOpenFile,
};
use windows_sys::Win32::System::IO::IO_STATUS_BLOCK;

use crate::{Windows, os};

/// The kind, length and identity of an open file.
pub(crate) fn inspect(file: &File) -> io::Result<FileInfo> {
    // SAFETY: the handle is open.
    match unsafe { GetFileType(file.as_raw_handle()) } {
        FILE_TYPE_PIPE => Ok(FileInfo::new(FileKind::Fifo, 0)),
        FILE_TYPE_CHAR => Ok(FileInfo::new(FileKind::CharDevice, 0)),
        _ => {
            let metadata = file.metadata()?;
            let info = FileInfo::new(Windows.kind(metadata.file_type()), metadata.len())
                .changed_at(memmap_core::system::changed_at(&metadata));
            Ok(identity(file).map_or(info, |identity| info.identified(identity)))
        }
    }
}

/// The serial number of the volume, and the number of the file on it.
fn identity(file: &File) -> Option<FileIdentity> {
    by_handle(file).map(|(identity, _)| identity)
}

/// The same, and the number of names that the file has.
pub(crate) fn by_handle(file: &File) -> Option<(FileIdentity, u32)> {
    let mut found = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open, and `found` is the structure that the function fills.
    let is_known = unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut found) } != 0;
    let number = u64::from(found.nFileIndexHigh) << 32 | u64::from(found.nFileIndexLow);
    let identity = FileIdentity::new(u64::from(found.dwVolumeSerialNumber), number);
    is_known.then_some((identity, found.nNumberOfLinks))
}

/// Checks that a file was opened with the access that `mode` needs.
///
/// # Source
/// `FILE_ACCESS_INFORMATION`.
pub(crate) fn require_open_for(file: &File, mode: Mode) -> io::Result<()> {
    let needed =
        if mode.reaches_file() { FILE_READ_DATA | FILE_WRITE_DATA } else { FILE_READ_DATA };
    if access_of(file)? & needed == needed {
        Ok(())
    } else {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

fn access_of(file: &File) -> io::Result<u32> {
    let mut access = 0_u32;
    let mut block = IO_STATUS_BLOCK::default();
    let len = u32::try_from(size_of_val(&access)).unwrap_or(0);
    // SAFETY: the handle is open. The structure for this kind of information is one number: `access`, whose
    // size is `len`.
    let status = unsafe {
        NtQueryInformationFile(
            file.as_raw_handle(),
            &raw mut block,
            (&raw mut access).cast(),
            len,
            FileAccessInformation,
        )
    };
    if status >= 0 {
        return Ok(access);
    }
    // SAFETY: takes and returns a number.
    Err(os::error_of(unsafe { RtlNtStatusToDosError(status) }))
}

/// Opens the file again, with a separate position and separate locks. If it was opened without sharing, the
/// system refuses, and the handle is duplicated instead.
pub(crate) fn again(file: &File, mode: Mode) -> io::Result<File> {
    require_open_for(file, mode)?;
    let writing = if mode.reaches_file() { FILE_GENERIC_WRITE } else { 0 };
    let access = FILE_GENERIC_READ | writing;
    reopen(file, access).or_else(|_| file.try_clone())
}

/// Opens the file again for reading, with a separate position. The handle is not for overlapped use.
pub(crate) fn reopened(file: &File) -> io::Result<File> {
    reopen(file, FILE_GENERIC_READ)
}

fn reopen(file: &File, access: u32) -> io::Result<File> {
    let share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    // SAFETY: the handle is open. The call returns a new handle, or `INVALID_HANDLE_VALUE`.
    let handle = unsafe { ReOpenFile(file.as_raw_handle(), access, share, 0) };
    if handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a new handle of a file, which nothing else owns.
    Ok(unsafe { File::from_raw_handle(handle) })
}
