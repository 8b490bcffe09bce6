//! Sealed shared memory (`memfd_create(2)`, fcntl(2) `F_ADD_SEALS`).

use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::process;

use memmap_core::{Error, ErrorKind, Mode, Op, Result, widen};
use rustix::fs::{MemfdFlags, SealFlags};

use crate::space;

/// What must be sealed, so that no byte can change and none can go.
const NEEDED: SealFlags = SealFlags::WRITE.union(SealFlags::SHRINK);

/// Bytes copied at a time.
const PIECE_LEN: u64 = 1 << 20;

/// Whether a file is sealed so. Seals are never taken back.
pub(super) fn holds(file: &File) -> Result<(), String> {
    match rustix::fs::fcntl_get_seals(file) {
        Ok(seals) if seals.contains(NEEDED) => Ok(()),
        Ok(_) => Err("it is not sealed against writing and shrinking".to_owned()),
        Err(_) => Err("only shared memory can be sealed; `seal` makes a copy that is".to_owned()),
    }
}

/// Makes sealed memory of `len` bytes.
pub(super) fn make(len: u64, fill: &mut dyn FnMut(u64, &mut [u8]) -> Result<()>) -> Result<File> {
    let refuse = |kind| Error::new(Op::Detach, kind);
    let os = |error| refuse(ErrorKind::Os(error));
    space::require_allowed(len).map_err(refuse)?;
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

/// How another process finds it: by this process and its descriptor, and by the number of the memory
/// itself, as descriptors are used again.
pub(super) fn name(memory: &File) -> String {
    let number = memory.metadata().map_or(0, |memory| memory.ino());
    format!("{PREFIX}-{}-{}-{number}", process::id(), memory.as_raw_fd())
}

/// Opens what [`name`] names, if it is still that, and sealed.
pub(super) fn open(name: &str) -> Result<File> {
    let refuse = |kind| Error::new(Op::Open, kind);
    let unknown = || refuse(ErrorKind::NotFound);
    let rest = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix('-'));
    let numbers: Vec<u64> = rest
        .map(|rest| rest.split('-').map_while(|number| number.parse().ok()).collect())
        .unwrap_or_default();
    let &[process, descriptor, number] = &numbers[..] else { return Err(unknown()) };
    // A descriptor may be anything by now, a pipe as well, for which opening it must not wait.
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
        let what = "what has that name is not sealed; share what `seal` made";
        refuse(ErrorKind::Contradiction { what })
    })?;
    Ok(memory)
}
