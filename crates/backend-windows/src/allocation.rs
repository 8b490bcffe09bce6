//! Space on the disk.

use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle;
use std::ptr;

use memmap_core::{Error, ErrorKind, Mode, Op, Result};
use windows_sys::Win32::Foundation::CloseHandle;
use windows_sys::Win32::Storage::FileSystem::{
    FILE_NAME_NORMALIZED, GetDiskFreeSpaceExW, GetFinalPathNameByHandleW, GetVolumePathNameW,
};
use windows_sys::Win32::System::IO::DeviceIoControl;
use windows_sys::Win32::System::Ioctl::FSCTL_SET_SPARSE;
use windows_sys::Win32::System::Memory::{CreateFileMappingW, PAGE_READWRITE};

use crate::os;

/// Extends a file from `from` bytes to `to`. After an error it is unchanged.
///
/// NTFS allocates space for all bytes within a file's length, unless the file is sparse. No other call
/// allocates space.
///
/// # Source
/// `CreateFileMapping`, `FSCTL_SET_SPARSE`.
pub(crate) fn extend(file: &File, from: u64, to: u64, is_sparse: bool) -> Result<()> {
    let Some(more) = to.checked_sub(from).filter(|&more| more > 0) else { return Ok(()) };
    let refuse = |kind| Err(Error::new(Op::Resize, kind));
    let now = match file.metadata() {
        Ok(found) => found.len(),
        Err(error) => return refuse(ErrorKind::Os(error)),
    };
    // It was already extended for the mapping, or by another process meanwhile.
    if now >= to {
        return Ok(());
    }
    if is_sparse {
        // If the file cannot be sparse, its bytes are allocated instead.
        make_sparse(file).ok();
    } else {
        let free = free_bytes(file);
        if free < more {
            return refuse(ErrorKind::StorageFull { offset: None, needed: more, free });
        }
    }
    match grow(file, to) {
        Ok(()) => Ok(()),
        Err(error) if os::is_disk_full(&error) => {
            refuse(ErrorKind::StorageFull { offset: None, needed: more, free: free_bytes(file) })
        }
        Err(error) => refuse(os::refusal(error, Mode::ReadWrite)),
    }
}

/// Extends a file, and never shortens it, by creating a section of that length, which is one step.
/// (`SetEndOfFile` would cut off bytes that others appended since the length was read.)
///
/// # Source
/// `CreateFileMapping`: "if this parameter specifies a size larger than the file, the file is extended".
fn grow(file: &File, to: u64) -> io::Result<()> {
    let half = |bits: u64| u32::try_from(bits & u64::from(u32::MAX)).unwrap_or(0);
    let protection = PAGE_READWRITE;
    let (high, low) = (half(to >> 32), half(to));
    // SAFETY: the handle is open, and the optional pointers are null.
    let section = unsafe {
        CreateFileMappingW(file.as_raw_handle(), ptr::null(), protection, high, low, ptr::null())
    };
    if section.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the section created above, which has no view.
    unsafe { CloseHandle(section) };
    Ok(())
}

/// Undoes [`grow`], unless others have extended the file further.
pub(crate) fn cut_back(file: &File, from: u64, to: u64) {
    if file.metadata().is_ok_and(|found| found.len() == from) {
        file.set_len(to).ok();
    }
}

/// Marks a file as sparse.
fn make_sparse(file: &File) -> io::Result<()> {
    let mut answered = 0;
    // SAFETY: the handle is open. This request has no input and no output; the call writes `answered` alone.
    let done = unsafe {
        DeviceIoControl(
            file.as_raw_handle(),
            FSCTL_SET_SPARSE,
            ptr::null(),
            0,
            ptr::null_mut(),
            0,
            &raw mut answered,
            ptr::null_mut(),
        )
    };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Free bytes on the file's volume, as far as this user may use them; `u64::MAX` if the volume does not report
/// them.
pub(crate) fn free_bytes(file: &File) -> u64 {
    let Some(root) = volume_of(file) else { return u64::MAX };
    let mut free = 0;
    // SAFETY: `root` is terminated by a zero, and the call writes `free` alone.
    let done = unsafe {
        GetDiskFreeSpaceExW(root.as_ptr(), &raw mut free, ptr::null_mut(), ptr::null_mut())
    };
    if done == 0 { u64::MAX } else { free }
}

/// The root of the volume that contains a file, such as `\\?\C:\`, terminated by a zero.
pub(crate) fn volume_of(file: &File) -> Option<Vec<u16>> {
    let mut path = vec![0_u16; 1 << 15];
    let room = u32::try_from(path.len()).ok()?;
    // SAFETY: the handle is open, and `path` has room for `room` units.
    let len = unsafe {
        GetFinalPathNameByHandleW(
            file.as_raw_handle(),
            path.as_mut_ptr(),
            room,
            FILE_NAME_NORMALIZED,
        )
    };
    // If the buffer is too short, the call returns the needed length.
    if len == 0 || len >= room {
        return None;
    }
    let mut volume = vec![0_u16; path.len()];
    // SAFETY: `path` is terminated by a zero, and `volume` has room for `room` units.
    let done = unsafe { GetVolumePathNameW(path.as_ptr(), volume.as_mut_ptr(), room) };
    (done != 0).then_some(volume)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_made_longer_stays_as_long() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(100).unwrap();
        extend(&file, 10, 50, false).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 100);
    }
}
