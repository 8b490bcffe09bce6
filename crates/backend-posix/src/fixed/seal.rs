//! Sealed shared memory (`memfd_create(2)`, fcntl(2) `F_ADD_SEALS`).

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::process;

use memmap_core::{Error, ErrorKind, Mode, Op, Result, system, widen};
use rustix::fs::{MemfdFlags, SealFlags};

/// The seals that keep bytes from changing and from being removed.
const NEEDED: SealFlags = SealFlags::WRITE.union(SealFlags::SHRINK);

/// Bytes per copy.
const PIECE_LEN: u64 = 1 << 20;

/// Checks that a file has the needed seals. Seals are never removed.
pub(super) fn holds(file: &File) -> Result<(), String> {
    match rustix::fs::fcntl_get_seals(file) {
        Ok(seals) if seals.contains(NEEDED) => Ok(()),
        Ok(_) => Err("it is not sealed against writing and shrinking".to_owned()),
        Err(_) => {
            Err("only shared memory can be sealed; copy the bytes into sealed memory".to_owned())
        }
    }
}

/// Creates sealed memory of `len` bytes, which `fill` provides.
pub(super) fn make(len: u64, fill: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<File> {
    let refuse = |kind| Error::new(Op::Detach, kind);
    let os = |error: io::Error| {
        // Only limits are translated. Other kinds speak of a file and its owner, and there is none.
        let code = error.raw_os_error().map(io::Error::from_raw_os_error);
        refuse(match code.map(|error| ErrorKind::from_io(error, Mode::Read)) {
            Some(limit @ ErrorKind::LimitReached { .. }) => limit,
            _ => ErrorKind::Os(error),
        })
    };
    system::require_len(len).map_err(refuse)?;
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let made = rustix::fs::memfd_create("memmap", flags).map_err(|errno| os(errno.into()))?;
    let mut memory = File::from(made);
    let most = usize::try_from(len.min(PIECE_LEN)).unwrap_or(0);
    let mut piece = vec![0; most];
    let mut done = 0;
    while let Some(rest) = len.checked_sub(done).filter(|&rest| rest > 0) {
        let part = usize::try_from(rest).unwrap_or(most).min(most);
        let piece = piece.get_mut(..part).unwrap_or_default();
        fill(done, piece)?;
        memory.write_all(piece).map_err(os)?;
        done = done.saturating_add(widen(part));
    }
    let seals = NEEDED | SealFlags::GROW | SealFlags::SEAL;
    rustix::fs::fcntl_add_seals(&memory, seals).map_err(|errno| os(errno.into()))?;
    Ok(memory)
}

const PREFIX: &str = "memmap-shared";

/// The name by which another process finds the memory: this process, the descriptor, and the inode number, as
/// descriptors are reused.
pub(super) fn name(memory: &File) -> String {
    let number = memory.metadata().map_or(0, |memory| memory.ino());
    format!("{PREFIX}-{}-{}-{number}", process::id(), memory.as_raw_fd())
}

/// Opens the memory of a [`name`], if it still exists and is sealed.
pub(super) fn open(name: &str) -> Result<File> {
    let refuse = |kind| Error::new(Op::Open, kind);
    let unknown = || refuse(ErrorKind::NotFound);
    let rest = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix('-'));
    let numbers: Vec<u64> = rest
        .map(|rest| rest.split('-').map_while(|number| number.parse().ok()).collect())
        .unwrap_or_default();
    let &[process, descriptor, number] = &numbers[..] else { return Err(unknown()) };
    // The descriptor may have been reused, for a pipe perhaps; opening it must not block.
    let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    let memory = File::options()
        .read(true)
        .custom_flags(nonblocking)
        .open(format!("/proc/{process}/fd/{descriptor}"))
        .map_err(|error| refuse(ErrorKind::from_io(error, Mode::Read)))?;
    if memory.metadata().map_or(0, |memory| memory.ino()) != number {
        return Err(unknown());
    }
    holds(&memory).map_err(|_why| {
        let what = "the memory of that name is not sealed; share sealed memory only";
        refuse(ErrorKind::InvalidOptions { what })
    })?;
    Ok(memory)
}

#[cfg(test)]
mod tests {
    use std::os::fd::{FromRawFd, OwnedFd};
    use std::ptr;

    use rustix::io::Errno;
    use rustix::mm::{MapFlags, ProtFlags};

    use super::*;

    /// Registers the first page of some memory as a buffer that the system may write to, without a mapping of
    /// it, as long as the returned descriptor lives. `None` if `io_uring` is not allowed.
    fn pinned(memory: &File) -> Option<OwnedFd> {
        const LEN: usize = 4096;
        const REGISTER_BUFFERS: libc::c_long = 0;
        let mut parameters = [0_u32; 30];
        // SAFETY: the call reads and writes a structure of 120 bytes, the length of `parameters`.
        let ring = unsafe { libc::syscall(libc::SYS_io_uring_setup, 1, parameters.as_mut_ptr()) };
        let ring = i32::try_from(ring).ok().filter(|&ring| ring >= 0)?;
        // SAFETY: a new descriptor, which nothing else owns.
        let ring = unsafe { OwnedFd::from_raw_fd(ring) };
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: without an address the system chooses a range that nothing uses.
        let mapped = unsafe {
            rustix::mm::mmap(ptr::null_mut(), LEN, protection, MapFlags::SHARED, memory, 0)
        };
        let base = mapped.unwrap();
        let buffer = libc::iovec { iov_base: base, iov_len: LEN };
        // SAFETY: the call reads `buffer` and pins the pages of the mapping.
        let registered = unsafe {
            libc::syscall(
                libc::SYS_io_uring_register,
                ring.as_raw_fd(),
                REGISTER_BUFFERS,
                &raw const buffer,
                1,
            )
        };
        // SAFETY: the mapping made above, to which nothing refers.
        unsafe { rustix::mm::munmap(base, LEN) }.unwrap();
        (registered == 0).then_some(ring)
    }

    #[test]
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    fn memory_of_which_a_page_is_pinned_is_not_sealed_by_the_system() {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let memory = File::from(rustix::fs::memfd_create("pinned", flags).unwrap());
        memory.set_len(1 << 16).unwrap();
        let Some(pinned) = pinned(&memory) else {
            eprintln!("skipped: no page can be pinned here");
            return;
        };
        assert_eq!(rustix::fs::fcntl_add_seals(&memory, NEEDED), Err(Errno::BUSY));
        assert!(holds(&memory).is_err());
        drop(pinned);
        // The ring releases the page some time after it is closed.
        while rustix::fs::fcntl_add_seals(&memory, NEEDED) == Err(Errno::BUSY) {
            std::thread::yield_now();
        }
        assert_eq!(holds(&memory), Ok(()));
    }
}
