use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use memmap_core::{Backend, ErrorKind, Explanation, FileInfo, MapRequest, Mode, Result};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_SHARE_DELETE, FILE_SHARE_READ, MOVEFILE_WRITE_THROUGH, MoveFileExW,
};

use crate::{Live, allocation, explain, file_info, os};

/// Maps files as views of sections. Writes of other processes are visible in the mapping; in mode `c`, written
/// pages become private copies. Other processes may open, write, rename and delete the file meanwhile, unless it
/// is opened with `deny_write`.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no options")]
pub struct Windows;

impl Backend for Windows {
    type Mapping = Live;

    const NAME: &'static str = "windows";

    fn open_denying_writes(&self, path: &Path, mode: Mode) -> Result<File, ErrorKind> {
        let mut options = OpenOptions::new();
        options.read(true).write(mode.reaches_file());
        options.share_mode(FILE_SHARE_READ | FILE_SHARE_DELETE);
        options.open(path).map_err(|error| self.refusal(error, mode, Some(path)))
    }

    fn reopen(&self, file: &File, mode: Mode) -> io::Result<File> {
        file_info::again(file, mode)
    }

    fn rename_noreplace(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (from, to) = (os::name(from), os::name(to));
        // SAFETY: both names are terminated by a zero.
        let done = unsafe { MoveFileExW(from.as_ptr(), to.as_ptr(), MOVEFILE_WRITE_THROUGH) };
        if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    fn allocate(&self, file: &File, from: u64, to: u64, is_sparse: bool) -> Result<()> {
        allocation::extend(file, from, to, is_sparse)
    }

    fn room_if_emptied(&self, file: &File) -> Option<u64> {
        let own = file.metadata().ok()?.len();
        Some(allocation::free_bytes(file).saturating_add(own))
    }

    fn inspect(&self, file: &File) -> io::Result<FileInfo> {
        file_info::inspect(file)
    }

    fn refusal(&self, error: io::Error, mode: Mode, _: Option<&Path>) -> ErrorKind {
        os::refusal(error, mode)
    }

    fn map(&self, file: &Arc<File>, request: &MapRequest) -> Result<Live> {
        Live::map(file, request, memmap_guard::can_guard())
    }

    fn in_memory(&self, bytes: Vec<u8>, mode: Mode, found: Option<FileInfo>) -> Live {
        Live::from_bytes(bytes, mode, found)
    }

    fn explain(&self, path: &Path) -> Result<Explanation> {
        explain::explain(path)
    }
}
