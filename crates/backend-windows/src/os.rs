//! Error codes, paths and sizes of the system.

use std::io;
use std::os::windows::ffi::OsStrExt;
use std::path::{Component, Path, Prefix};
use std::sync::OnceLock;

use memmap_core::{ErrorKind, Mode};
use windows_sys::Win32::Foundation::{
    ERROR_COMMITMENT_LIMIT, ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL, ERROR_LOCK_VIOLATION,
    ERROR_SHARING_VIOLATION, ERROR_USER_MAPPED_FILE, HANDLE,
};
use windows_sys::Win32::System::SystemInformation::{GetSystemInfo, SYSTEM_INFO};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

pub(crate) fn this_process() -> HANDLE {
    // SAFETY: returns a constant, a pseudo handle that need not be closed.
    unsafe { GetCurrentProcess() }
}

/// Whether an error has one of these system error codes.
pub(crate) fn is_one_of(error: &io::Error, codes: &[u32]) -> bool {
    error.raw_os_error().is_some_and(|code| codes.contains(&code.cast_unsigned()))
}

/// The error of a system error code, with the system's text.
pub(crate) fn error_of(code: u32) -> io::Error {
    io::Error::from_raw_os_error(code.cast_signed())
}

/// Whether an operation failed because of a handle, lock or mapping elsewhere.
pub(crate) fn is_in_use(error: &io::Error) -> bool {
    is_one_of(error, &[ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION, ERROR_USER_MAPPED_FILE])
}

pub(crate) fn is_disk_full(error: &io::Error) -> bool {
    is_one_of(error, &[ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL])
}

pub(crate) fn is_out_of_memory(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::OutOfMemory || is_one_of(error, &[ERROR_COMMITMENT_LIMIT])
}

/// Translates an error of a file operation.
pub(crate) fn refusal(error: io::Error, mode: Mode) -> ErrorKind {
    if is_in_use(&error) {
        ErrorKind::InUse { source: error }
    } else {
        ErrorKind::from_io(error, mode)
    }
}

/// A path for system calls, terminated by a zero. A path of a drive, such as `C:\a`, becomes verbatim, as in std,
/// so that it may be longer than 260 units.
pub(crate) fn name(path: &Path) -> Vec<u16> {
    let is_plain = matches!(
        path.components().next(),
        Some(Component::Prefix(prefix)) if matches!(prefix.kind(), Prefix::Disk(_))
    );
    let verbatim = if is_plain && path.is_absolute() { r"\\?\" } else { "" };
    verbatim.encode_utf16().chain(path.as_os_str().encode_wide()).chain([0]).collect()
}

/// The page size. (Views begin at multiples of a coarser granularity, which memmap2 hides.)
pub(crate) fn page_size() -> usize {
    static SIZE: OnceLock<usize> = OnceLock::new();
    *SIZE.get_or_init(|| {
        let mut info = SYSTEM_INFO::default();
        // SAFETY: writes to `info` alone.
        unsafe { GetSystemInfo(&raw mut info) };
        usize::try_from(info.dwPageSize).ok().filter(|size| size.is_power_of_two()).unwrap_or(4096)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_paths_of_a_drive_become_verbatim_and_no_others() {
        let named = |path: &str| String::from_utf16(&name(Path::new(path))).unwrap();
        assert_eq!(named(r"C:\a\b"), "\\\\?\\C:\\a\\b\0");
        for path in [r"\\?\C:\a", r"\\server\share\a", "a", r"C:a"] {
            assert_eq!(named(path), format!("{path}\0"));
        }
    }

    #[test]
    fn pages_are_a_power_of_two() {
        assert!(page_size().is_power_of_two() && page_size() >= 4096);
    }
}
