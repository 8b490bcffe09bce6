use std::io;

use memmap_core::disk::Disk;
use memmap_core::widen;

/// Reads all of `out`.
pub(crate) fn read<D: Disk>(disk: &D, file: &D::File, out: &mut [u8], at: u64) -> io::Result<()> {
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

/// Writes all of `bytes`. After an error some may have been written.
pub(crate) fn write<D: Disk>(disk: &D, file: &D::File, bytes: &[u8], at: u64) -> io::Result<()> {
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
