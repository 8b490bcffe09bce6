//! Room on the disk.

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

/// Makes a file of `from` bytes one of `to`; after an error it is as it was.
///
/// NTFS takes room for what is within a file's length, unless the file is sparse: there is no other
/// call for it.
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
    // It was made as long for the mapping, or others made it longer meanwhile.
    if now >= to {
        return Ok(());
    }
    if is_sparse {
        // Where it cannot be, it has no holes.
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

/// Makes a file longer, and never shorter: a section of that length does, in one step, while nobody
/// else appends. (`SetEndOfFile` would cut off what others appended since its length was asked for.)
///
/// # Source
/// `CreateFileMapping`: "if this parameter specifies a size larger than the file, the file is extended".
fn grow(file: &File, to: u64) -> io::Result<()> {
    let half = |bits: u64| u32::try_from(bits & u64::from(u32::MAX)).unwrap_or(0);
    let protection = PAGE_READWRITE;
    let (high, low) = (half(to >> 32), half(to));
    // SAFETY: the handle is open, and what is not asked for is null.
    let section = unsafe {
        CreateFileMappingW(file.as_raw_handle(), ptr::null(), protection, high, low, ptr::null())
    };
    if section.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the section made above, of which there is no view.
    unsafe { CloseHandle(section) };
    Ok(())
}

/// Undoes [`grow`], unless others made the file longer still.
pub(crate) fn cut_back(file: &File, from: u64, to: u64) {
    if file.metadata().is_ok_and(|found| found.len() == from) {
        file.set_len(to).ok();
    }
}

/// Lets a file have holes.
fn make_sparse(file: &File) -> io::Result<()> {
    let mut answered = 0;
    // SAFETY: the handle is open; this request takes nothing and gives nothing back.
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

/// Bytes that this user could still store on the file's volume. Of one that does not say, any number.
pub(crate) fn free_bytes(file: &File) -> u64 {
    let Some(root) = volume_of(file) else { return u64::MAX };
    let mut free = 0;
    // SAFETY: a name that ends in a zero, and a number of ours.
    let done = unsafe {
        GetDiskFreeSpaceExW(root.as_ptr(), &raw mut free, ptr::null_mut(), ptr::null_mut())
    };
    if done == 0 { u64::MAX } else { free }
}

/// The root of the volume on which a file is, ending in a zero, as `\\?\C:\`.
pub(crate) fn volume_of(file: &File) -> Option<Vec<u16>> {
    let mut path = vec![0_u16; 1 << 15];
    let room = u32::try_from(path.len()).ok()?;
    // SAFETY: the handle is open, and `path` has as much room as is said.
    let len = unsafe {
        GetFinalPathNameByHandleW(
            file.as_raw_handle(),
            path.as_mut_ptr(),
            room,
            FILE_NAME_NORMALIZED,
        )
    };
    // Where the room did not suffice, the answer is how much would.
    if len == 0 || len >= room {
        return None;
    }
    let mut volume = vec![0_u16; path.len()];
    // SAFETY: a name that ends in a zero, and room for a shorter one.
    let done = unsafe { GetVolumePathNameW(path.as_ptr(), volume.as_mut_ptr(), room) };
    (done != 0).then_some(volume)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_disk_has_is_no_room_and_changes_nothing() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(10).unwrap();
        let error = extend(&file, 10, 1 << 43, false).unwrap_err();
        let &ErrorKind::StorageFull { needed, free, .. } = error.kind() else {
            panic!("{error:?}")
        };
        assert!(needed == (1 << 43) - 10 && free < needed);
        assert_eq!(file.metadata().unwrap().len(), 10);
    }

    #[test]
    fn what_others_made_longer_stays_as_long() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(100).unwrap();
        extend(&file, 10, 50, false).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 100);
    }
}
