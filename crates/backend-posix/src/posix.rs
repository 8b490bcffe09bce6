use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

use memmap_core::{Backend, Explanation, FileKind, Found, Mode, Request, Result};

use crate::{Live, explain, found, space};

/// Maps files with `mmap(2)`: shared, so that what others write is seen, or private for mode `c`.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to choose")]
pub struct Posix;

/// Gives a new file the owner and the permissions of another, as far as this user may; never more to
/// anybody than that one gave.
fn imitate(file: &File, other: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::fchown;

    let made = file.metadata()?;
    let mut bits = other.permissions().mode() & 0o7777;
    if made.gid() != other.gid() && fchown(file, None, Some(other.gid())).is_err() {
        bits &= 0o707;
    }
    if made.uid() != other.uid() && fchown(file, Some(other.uid()), None).is_err() {
        bits &= 0o777;
    }
    file.set_permissions(std::fs::Permissions::from_mode(bits))
}

impl Backend for Posix {
    type Mapping = Live;

    const NAME: &'static str = "posix";

    fn kind(&self, file_type: FileType) -> FileKind {
        found::kind(file_type)
    }

    fn open(&self, path: &Path, mode: Mode) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(mode.reaches_file());
        // What was a regular file a moment ago may be a pipe now; opening it must not wait.
        let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
        match options.custom_flags(nonblocking).open(path) {
            // Somebody holds a lease on it (fcntl(2)), and gives it up if we wait.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                options.custom_flags(0).open(path)
            }
            opened => opened,
        }
    }

    fn create(
        &self,
        path: &Path,
        permissions: Option<u32>,
        replaced: Option<&Metadata>,
    ) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        match (permissions, replaced) {
            (Some(bits), _) => options.mode(bits).open(path),
            (None, None) => options.open(path),
            (None, Some(replaced)) => {
                let file = options.mode(0o600).open(path)?;
                match imitate(&file, replaced) {
                    Ok(()) => Ok(file),
                    Err(error) => {
                        std::fs::remove_file(path).ok();
                        Err(error)
                    }
                }
            }
        }
    }

    /// By `/proc` where there is one: a file of its own, so that its position, its locks and its
    /// errors are nobody else's.
    fn again(&self, file: &File, mode: Mode) -> io::Result<File> {
        found::require_open_for(file, mode)?;
        let own = if found::kind(file.metadata()?.file_type()).is_mappable() {
            let mut options = OpenOptions::new();
            options.read(true).write(mode.reaches_file());
            options.open(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()
        } else {
            None
        };
        own.map_or_else(|| file.try_clone(), Ok)
    }

    fn extend(&self, file: &File, from: u64, to: u64, is_sparse: bool) -> Result<()> {
        space::extend(file, from, to, is_sparse)
    }

    fn inspect(&self, file: &File) -> io::Result<Found> {
        found::inspect(file)
    }

    fn map(&self, file: &Arc<File>, request: &Request) -> Result<Live> {
        Live::map(file, request, memmap_guard::can_guard())
    }

    fn hold(&self, bytes: Vec<u8>, mode: Mode) -> Live {
        Live::hold(bytes, mode)
    }

    fn explain(&self, path: &Path) -> Result<Explanation> {
        explain::explain(path)
    }
}
