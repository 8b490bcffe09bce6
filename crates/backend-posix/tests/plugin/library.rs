//! A library that maps files while a host loads and unloads it. `tests/plugin.rs` uses it.
#![cfg(target_os = "linux")]
#![expect(clippy::print_stderr, reason = "failures are reported to the person who runs the test")]

use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::fs::{self, OpenOptions};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use memmap_core::{ErrorKind, Map, Mode, Result};
use memmap_posix::{FaultGuard, Live};

#[path = "../kit/torment.rs"]
mod torment;

const LEN: usize = 1 << 16;
const WELL: c_int = 0;
const ILL: c_int = 1;
const NOT_HERE: c_int = 2;

/// Writes a file, maps it, truncates it, and reads the lost bytes.
///
/// # Safety
/// `path` is terminated by a zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugin_cut(path: *const c_char) -> c_int {
    // SAFETY: required of the caller.
    let path = unsafe { path_of(path) };
    said(path, |path| {
        fs::write(path, vec![7; LEN])?;
        let mut map = Map::<Live>::open(path, Mode::ReadWrite)?;
        OpenOptions::new().write(true).open(path)?.set_len(0)?;
        let read = map.read_at(8192, 100).map(drop);
        // Only a guard turns the fault of an integer access into an error.
        let loaded = map.cells().load::<u32>(8192).map(drop);
        let is_lost = |result: Result<()>| {
            result.is_err_and(|error| matches!(error.kind(), ErrorKind::Truncated { .. }))
        };
        Ok(if is_lost(read) && is_lost(loaded) { WELL } else { ILL })
    })
}

/// Maps and unmaps a file `times` times.
///
/// # Safety
/// `path` is terminated by a zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugin_open(path: *const c_char, times: c_int) -> c_int {
    // SAFETY: required of the caller.
    let path = unsafe { path_of(path) };
    said(path, |path| {
        for _ in 0..times {
            Map::<Live>::open(path, Mode::Read)?.close()?;
        }
        Ok(WELL)
    })
}

/// Touches pages of a file `touches` times while another process rewrites and cuts it. Returns the number of pages
/// that changed.
///
/// # Safety
/// `path` is terminated by a zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugin_torment(path: *const c_char, touches: c_int) -> c_int {
    // SAFETY: required of the caller.
    torment_it(unsafe { path_of(path) }, touches)
}

/// The same for a class `Host` in Java with `static native int torment(int touches)`, of the file `tormented`.
#[unsafe(no_mangle)]
pub extern "C" fn Java_Host_torment(_: *mut c_void, _: *mut c_void, touches: c_int) -> c_int {
    torment_it(Path::new("tormented"), touches)
}

fn torment_it(path: &Path, touches: c_int) -> c_int {
    let touches = usize::try_from(touches).unwrap_or(0);
    let tally = torment::torment(path, touches, || {}, |_| {});
    eprintln!("{tally}");
    c_int::try_from(tally.changed).unwrap_or(c_int::MAX)
}

/// Returns 0 if faults become errors, 1 if another handler is installed over ours, and 2 otherwise.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_status() -> c_int {
    match FaultGuard::status() {
        FaultGuard::Active => WELL,
        FaultGuard::Replaced => ILL,
        _ => NOT_HERE,
    }
}

/// # Safety
/// `path` is terminated by a zero, and stays valid for `'a`.
unsafe fn path_of<'a>(path: *const c_char) -> &'a Path {
    // SAFETY: required of the caller.
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
