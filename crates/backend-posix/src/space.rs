//! Room on the disk.

use std::fs::File;
use std::os::unix::fs::FileExt;

use memmap_core::{Error, ErrorKind, Mode, Op, Result, widen};
use rustix::fs::FallocateFlags;
use rustix::io::Errno;

/// Makes a file of `from` bytes one of `to`; after an error it is as it was.
///
/// # Source
/// `posix_fallocate(3)`: bytes for which it succeeded are not refused later for want of room.
pub(crate) fn extend(file: &File, from: u64, to: u64, is_sparse: bool) -> Result<()> {
    let Some(more) = to.checked_sub(from).filter(|&more| more > 0) else { return Ok(()) };
    // Beyond its limit the system does not only refuse, it ends the process (setrlimit(2)).
    let limit = rustix::process::getrlimit(rustix::process::Resource::Fsize).current;
    if limit.is_some_and(|limit| to > limit) {
        return Err(Error::new(Op::Resize, ErrorKind::Os(Errno::FBIG.into())));
    }
    let extended = if is_sparse { hole(file, from, to) } else { reserve(file, from, more) };
    extended.map_err(|kind| {
        let kind = match kind {
            ErrorKind::NoRoom { needed, .. } => {
                ErrorKind::NoRoom { needed, free: free_bytes(file) }
            }
            kind => kind,
        };
        Error::new(Op::Resize, kind)
    })
}

/// Makes the file longer by a hole. Not with `ftruncate`, where it can be helped: what another process
/// appended meanwhile would go.
fn hole(file: &File, from: u64, to: u64) -> Result<(), ErrorKind> {
    let refuse = |errno| refusal(file, errno, from, 1);
    loop {
        return match rustix::fs::fallocate(file, FallocateFlags::empty(), to.saturating_sub(1), 1) {
            Err(Errno::INTR) => continue,
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => match rustix::fs::ftruncate(file, to) {
                // How it says that the file is open for reading alone.
                Err(Errno::INVAL) => Err(refuse(Errno::BADF)),
                truncated => truncated.map_err(refuse),
            },
            reserved => reserved.map_err(refuse),
        };
    }
}

fn reserve(file: &File, from: u64, more: u64) -> Result<(), ErrorKind> {
    // Asked first, as trying would take all there is away from others for a moment.
    let free = rustix::fs::fstatvfs(file).map(|fs| fs.f_bfree.saturating_mul(fs.f_frsize));
    if free.is_ok_and(|free| free < more) {
        return Err(ErrorKind::NoRoom { needed: more, free: free_bytes(file) });
    }
    loop {
        return match rustix::fs::fallocate(file, FallocateFlags::empty(), from, more) {
            Err(Errno::INTR) => continue,
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => {
                write_zeros(file, from, more).inspect_err(|_| undo(file, from))
            }
            Err(errno) => {
                undo(file, from);
                Err(refusal(file, errno, from, more))
            }
            Ok(()) => Ok(()),
        };
    }
}

/// A part of it may have been done. Only then is anything undone: what another process appended
/// meanwhile would go with it.
fn undo(file: &File, from: u64) {
    if file.metadata().is_ok_and(|now| now.len() > from) {
        file.set_len(from).ok();
    }
}

/// For file systems that cannot reserve: what is written has room.
fn write_zeros(file: &File, from: u64, more: u64) -> Result<(), ErrorKind> {
    static ZEROS: [u8; 1 << 16] = [0; 1 << 16];
    let mut done = 0;
    while let Some(rest) = more.checked_sub(done).filter(|&rest| rest > 0) {
        let part = usize::try_from(rest).unwrap_or(ZEROS.len()).min(ZEROS.len());
        let zeros = ZEROS.get(..part).unwrap_or_default();
        file.write_all_at(zeros, from.saturating_add(done)).map_err(|error| {
            match Errno::from_io_error(&error) {
                Some(errno) => refusal(file, errno, from.saturating_add(done), rest),
                None => ErrorKind::Os(error),
            }
        })?;
        done = done.saturating_add(widen(part));
    }
    Ok(())
}

fn refusal(file: &File, errno: Errno, from: u64, needed: u64) -> ErrorKind {
    match errno {
        Errno::NOSPC => ErrorKind::NoRoom { needed, free: free_bytes(file) },
        Errno::BADF => ErrorKind::PermissionDenied { mode: Mode::ReadWrite },
        Errno::DQUOT => ErrorKind::QuotaExceeded { offset: from },
        errno => ErrorKind::Os(errno.into()),
    }
}

/// Bytes that this user could still store on the file's file system.
pub(crate) fn free_bytes(file: &File) -> u64 {
    rustix::fs::fstatvfs(file).map_or(0, |fs| fs.f_bavail.saturating_mul(fs.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_written_by_hand_are_all_there() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(b"before", 0).unwrap();
        write_zeros(&file, 6, 200_000).unwrap();
        let mut bytes = vec![1; 200_006];
        file.read_exact_at(&mut bytes, 0).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 200_006);
        assert!(bytes.starts_with(b"before") && bytes[6..].iter().all(|&byte| byte == 0));
    }

    #[test]
    fn more_than_the_disk_has_is_no_room_and_changes_nothing() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(10).unwrap();
        let error = extend(&file, 10, 1 << 43, false).unwrap_err();
        let &ErrorKind::NoRoom { needed, free } = error.kind() else { panic!("{error:?}") };
        assert!(needed == (1 << 43) - 10 && free < needed);
        assert_eq!(file.metadata().unwrap().len(), 10);
    }
}
