//! A library that a host loads and unloads, and that maps files meanwhile: for `tests/plugin.rs`.
#![cfg(target_os = "linux")]
#![expect(clippy::print_stderr, reason = "failures are reported to whoever runs the test")]

use std::ffi::{CStr, OsStr, c_char, c_int};
use std::fs::{self, OpenOptions};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use memmap_core::{ErrorKind, Map, Mode, Result};
use memmap_posix::{FaultGuard, Live};

const LEN: usize = 1 << 16;
const WELL: c_int = 0;
const ILL: c_int = 1;
const NOT_HERE: c_int = 2;

/// Writes a file anew, maps it, cuts it short, and reads what is lost.
///
/// # Safety
/// `path` ends in a zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugin_cut(path: *const c_char) -> c_int {
    // SAFETY: the caller's.
    let path = unsafe { path_of(path) };
    said(path, |path| {
        fs::write(path, vec![7; LEN])?;
        let mut map = Map::<Live>::open(path, Mode::ReadWrite)?;
        OpenOptions::new().write(true).open(path)?.set_len(0)?;
        let read = map.read_at(8192, 100).map(drop);
        // Only a guard makes a fault of an integer an error.
        let loaded = map.cells().load::<u32>(8192).map(drop);
        let is_lost = |result: Result<()>| {
            result.is_err_and(|error| matches!(error.kind(), ErrorKind::Truncated { .. }))
        };
        Ok(if is_lost(read) && is_lost(loaded) { WELL } else { ILL })
    })
}

/// Maps a file and lets it go, a number of times.
///
/// # Safety
/// `path` ends in a zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugin_open(path: *const c_char, times: c_int) -> c_int {
    // SAFETY: the caller's.
    let path = unsafe { path_of(path) };
    said(path, |path| {
        for _ in 0..times {
            Map::<Live>::open(path, Mode::Read)?.close()?;
        }
        Ok(WELL)
    })
}

/// 0 if faults become errors, 1 if another handler is in front, 2 if they do not.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_status() -> c_int {
    match FaultGuard::status() {
        FaultGuard::Active => WELL,
        FaultGuard::Replaced => ILL,
        _ => NOT_HERE,
    }
}

/// # Safety
/// `path` ends in a zero, and is read as long as the answer is.
unsafe fn path_of<'a>(path: *const c_char) -> &'a Path {
    // SAFETY: the caller's.
    Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(path) }.to_bytes()))
}

fn said(
    path: &Path,
    deed: impl FnOnce(&Path) -> std::result::Result<c_int, Box<dyn std::error::Error>>,
) -> c_int {
    deed(path).unwrap_or_else(|error| {
        eprintln!("plugin: {error}");
        ILL
    })
}
