//! Reads pages of the file, by calls that a handler of exceptions may make.

use std::fs::File;
use std::os::windows::io::AsRawHandle;
use std::process;
use std::ptr;
use std::sync::Arc;

use memmap_core::touch::Why;
use windows_sys::Win32::Foundation::{
    ERROR_HANDLE_EOF, ERROR_IO_PENDING, GetLastError, HANDLE_FLAG_PROTECT_FROM_CLOSE,
    SetHandleInformation,
};
use windows_sys::Win32::Storage::FileSystem::{GetFileSizeEx, ReadFile, WriteFile};
use windows_sys::Win32::System::Console::{GetStdHandle, STD_ERROR_HANDLE};
use windows_sys::Win32::System::IO::{OVERLAPPED, OVERLAPPED_0, OVERLAPPED_0_0};
use windows_sys::Win32::System::Threading::{Sleep, SwitchToThread};

use crate::file_info;

/// A file to read from, by a handle that nobody else has the position of, and that others cannot close by mistake.
pub(super) struct Source {
    own: File,
    /// As it was opened first: it may deny others to write.
    _opened: Arc<File>,
}

impl Source {
    pub(super) fn of(file: &Arc<File>) -> Result<Self, String> {
        let own = file_info::reopened(file)
            .map_err(|error| format!("the file cannot be opened again: {error}"))?;
        let source = Self { own, _opened: Arc::clone(file) };
        source.protect(HANDLE_FLAG_PROTECT_FROM_CLOSE);
        Ok(source)
    }

    fn protect(&self, flag: u32) {
        // SAFETY: the handle is open.
        unsafe {
            SetHandleInformation(self.own.as_raw_handle(), HANDLE_FLAG_PROTECT_FROM_CLOSE, flag)
        };
    }

    /// Reads at a position of the file, at most `len` bytes. Returns how many.
    ///
    /// # Errors
    /// Where the file ends, if that is before the position; the system's number of the error.
    ///
    /// # Safety
    /// `to` has room for so many bytes, and nothing else accesses it.
    ///
    /// # Source
    /// `ReadFile`: by a handle that is not for overlapped use it returns when it has read, from the position in
    /// `OVERLAPPED`.
    pub(super) unsafe fn read(&self, position: u64, to: *mut u8, len: usize) -> Result<usize, Why> {
        const MOST: u32 = 1 << 30;
        if i64::try_from(position).is_err() {
            // Beyond the end of any file.
            return Err(self.end_before(position));
        }
        let half = |bits: u64| u32::try_from(bits & 0xFFFF_FFFF).unwrap_or(0);
        let at = OVERLAPPED_0_0 { Offset: half(position), OffsetHigh: half(position >> 32) };
        let mut at = OVERLAPPED { Anonymous: OVERLAPPED_0 { Anonymous: at }, ..Default::default() };
        let (len, mut got) = (u32::try_from(len).unwrap_or(MOST).min(MOST), 0);
        // SAFETY: the handle is open. The caller's memory has room; the structure and the number are local variables,
        // which the system does not use after the call, as the handle is not for overlapped use.
        let done =
            unsafe { ReadFile(self.own.as_raw_handle(), to, len, &raw mut got, &raw mut at) };
        if done != 0 {
            return match usize::try_from(got) {
                Ok(0) | Err(_) => Err(self.end_before(position)),
                Ok(got) => Ok(got),
            };
        }
        // SAFETY: returns a number of this thread.
        match unsafe { GetLastError() } {
            ERROR_HANDLE_EOF => Err(self.end_before(position)),
            ERROR_IO_PENDING => end(
                b"memmap: a page of a borrowed map is read later than the system promises; the process ends\n",
            ),
            code => Err(Why::Errno(code.cast_signed())),
        }
    }

    /// Where the file ends, which may be long before a position.
    fn end_before(&self, position: u64) -> Why {
        let mut len = 0;
        // SAFETY: the handle is open; writes to a local variable alone.
        let is_known = unsafe { GetFileSizeEx(self.own.as_raw_handle(), &raw mut len) } != 0;
        let len = u64::try_from(len).ok().filter(|_| is_known);
        Why::End(len.map_or(position, |len| len.min(position)))
    }
}

impl Drop for Source {
    /// The handle is closed by its owner, after this.
    fn drop(&mut self) {
        self.protect(0);
    }
}

/// Waits a little for another thread that is in the handler.
pub(super) fn wait(turns: u32) {
    if turns < 64 {
        // SAFETY: it has no conditions.
        unsafe { SwitchToThread() };
    } else {
        // SAFETY: it has no conditions. In milliseconds.
        unsafe { Sleep(1) };
    }
}

/// Writes a line to standard error and ends the process: bytes that were seen could not be told from others any more.
pub(super) fn end(line: &[u8]) -> ! {
    // SAFETY: takes and returns a number. A process without standard error has a null handle here, which the next
    // call refuses.
    let to = unsafe { GetStdHandle(STD_ERROR_HANDLE) };
    let (len, mut written) = (u32::try_from(line.len()).unwrap_or(0), 0);
    // SAFETY: the bytes of the line; the number goes to a local variable.
    unsafe { WriteFile(to, line.as_ptr(), len, &raw mut written, ptr::null_mut()) };
    process::abort()
}
