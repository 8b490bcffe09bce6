//! What a file is, beyond what std tells: pipes, devices, and the kernel's made-up files.

use std::fs::{File, FileType};
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::FileTypeExt;

use memmap_core::{FileKind, Found};

/// Names the kind of a file by what `stat(2)` says.
pub(crate) fn kind(file_type: FileType) -> FileKind {
    match file_type {
        t if t.is_file() => FileKind::Regular,
        t if t.is_dir() => FileKind::Directory,
        t if t.is_fifo() => FileKind::Fifo,
        t if t.is_socket() => FileKind::Socket,
        t if t.is_block_device() => FileKind::BlockDevice,
        t if t.is_char_device() => FileKind::CharDevice,
        _ => FileKind::Other,
    }
}

/// Looks at an opened file.
pub(crate) fn inspect(file: &File) -> io::Result<Found> {
    let metadata = file.metadata()?;
    match kind(metadata.file_type()) {
        // `stat` calls a device's length 0; its end is where seeking to the end leads.
        FileKind::BlockDevice => Ok(Found { kind: FileKind::BlockDevice, len: end_of(file)? }),
        FileKind::Regular => {
            Ok(Found { kind: made_up(file).unwrap_or(FileKind::Regular), len: metadata.len() })
        }
        kind => Ok(Found { kind, len: metadata.len() }),
    }
}

/// The length of what can be seeked in, leaving the position as it was.
fn end_of(mut file: &File) -> io::Result<u64> {
    let position = file.stream_position()?;
    let end = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(position))?;
    Ok(end)
}

/// Files of `/proc` and `/sys` call themselves regular, with a length of 0 or of a page that says
/// nothing about what reading them gives; mapping them fails or shows something else. What tells
/// them apart is their file system.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn made_up(file: &File) -> Option<FileKind> {
    // statfs(2) lists the numbers; rustix names only the first.
    const SYSFS_MAGIC: rustix::fs::FsWord = 0x6265_6572;
    match rustix::fs::fstatfs(file).ok()?.f_type {
        rustix::fs::PROC_SUPER_MAGIC => Some(FileKind::Proc),
        SYSFS_MAGIC => Some(FileKind::Sys),
        _ => None,
    }
}

/// Elsewhere `/proc`, where there is one, is mounted by choice and `/sys` does not exist.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn made_up(_: &File) -> Option<FileKind> {
    None
}
