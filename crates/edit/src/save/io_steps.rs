use std::io;
use std::path::Path;

use memmap_core::disk::Disk;
use memmap_core::widen;

use super::SaveError;

/// Reads all of `out`.
pub(super) fn read<D: Disk>(disk: &D, file: &D::File, out: &mut [u8], at: u64) -> io::Result<()> {
    let mut done = 0;
    while let Some(rest) = out.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match disk.read_at(file, rest, at.saturating_add(widen(done))) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => done = done.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Writes all of `bytes`. After an error, `done` says how many may have been written at least.
pub(super) fn write<D: Disk>(disk: &D, file: &D::File, bytes: &[u8], at: u64) -> io::Result<()> {
    let mut done = 0;
    while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
        match disk.write_at(file, rest, at.saturating_add(widen(done))) {
            // At the end of a device.
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => done = done.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Says what failed on which file.
pub(super) fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SaveError {
    let path = path.to_path_buf();
    move |source| SaveError::Io { what, path, source }
}
