use std::fs::{File, FileType, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use memmap_core::{
    Backend, Error, ErrorKind, Explanation, FileInfo, FileKind, MapRequest, Mode, Protection,
    Result,
};

use crate::{Live, device, explain, fallocate, file_info};

/// Maps files with `mmap(2)`. Writes of other processes are visible in the mapping.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no options")]
pub struct Posix;

impl Backend for Posix {
    type Mapping = Live;

    const NAME: &'static str = "posix";

    const EMPTIES_MAPPED: bool = true;

    fn kind(&self, file_type: FileType) -> FileKind {
        file_info::kind(file_type)
    }

    fn kind_at(&self, path: &Path) -> io::Result<FileKind> {
        file_info::kind_at(path)
    }

    fn open(&self, path: &Path, mode: Mode) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(mode.reaches_file());
        // The path may have become a pipe since it was checked; opening it must not block.
        let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
        match options.custom_flags(nonblocking).open(path) {
            // Another process holds a lease on it (fcntl(2)), and gives it back if we wait.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                options.custom_flags(0).open(path)
            }
            opened => opened,
        }
    }

    /// Opens the file again through `/proc`, where there is one, so that the position, locks and write
    /// errors are not shared with `file`.
    fn reopen(&self, file: &File, mode: Mode) -> io::Result<File> {
        file_info::require_open_for(file, mode)?;
        let own = if file_info::kind(file.metadata()?.file_type()).is_mappable() {
            let mut options = OpenOptions::new();
            options.read(true).write(mode.reaches_file());
            options.open(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()
        } else {
            None
        };
        own.map_or_else(|| file.try_clone(), Ok)
    }

    fn allocate(&self, file: &File, from: u64, to: u64, is_sparse: bool) -> Result<()> {
        fallocate::extend(file, from, to, is_sparse)
    }

    fn zero(&self, file: &File, len: u64) -> Result<bool> {
        fallocate::zero(file, len)
    }

    fn room_if_emptied(&self, file: &File) -> Option<u64> {
        fallocate::room_if_emptied(file)
    }

    fn inspect(&self, file: &File) -> io::Result<FileInfo> {
        file_info::inspect(file)
    }

    fn map(&self, file: &Arc<File>, request: &MapRequest) -> Result<Live> {
        Live::map(file, request, memmap_guard::can_guard()).map_err(|error| match error.kind() {
            ErrorKind::Os(_) if request.mode().reaches_file() && device::is_read_only(file) => {
                let by = Protection::ReadOnlyDevice;
                Error::new(error.op(), ErrorKind::WriteProtected { by })
            }
            _ => error,
        })
    }

    fn in_memory(&self, bytes: Vec<u8>, mode: Mode, found: Option<FileInfo>) -> Live {
        Live::from_bytes(bytes, mode, found)
    }

    fn explain(&self, path: &Path) -> Result<Explanation> {
        explain::explain(path)
    }
}
