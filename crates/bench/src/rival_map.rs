//! The unsafe lines of this program: `memmap2` maps files for us to compare with.

use std::fs::File;
use std::io;

use memmap2::{Mmap, MmapMut};

use crate::Result;
use crate::input::Input;
use crate::scratch::Scratch;

/// Maps the whole of an input as `memmap2` does, for its bytes to be borrowed.
#[expect(unsafe_code, reason = "what we compare with leaves the promise to its callers")]
pub(crate) fn map(input: &Input) -> io::Result<Mmap> {
    let file = File::open(input.path())?;
    // SAFETY: `Mmap::map` asks that nobody changes or truncates the file while it is mapped. An
    // `Input` is a temporary file that only this user may open (mode 0600: tempfile,
    // `Builder::permissions`), under a random name that the task which maps it tells no other
    // program; it was written in full before, and `Input` offers no way to write it again.
    unsafe { Mmap::map(&file) }
}

/// A file of its own, mapped whole for writing. Nothing here says where the file is.
pub(crate) struct Writable {
    pub(crate) map: MmapMut,
    /// Removes the file when the map is gone: fields are dropped in their order.
    _file: Scratch,
}

/// Makes a file, as [`Scratch::new`] does, and maps it as `memmap2` does, for its bytes to be borrowed
/// mutably.
#[expect(unsafe_code, reason = "what we compare with leaves the promise to its callers")]
pub(crate) fn map_new(len: u64, piece: usize) -> Result<Writable> {
    let scratch = Scratch::new(len, piece)?;
    let file = File::options().read(true).write(true).open(scratch.path())?;
    // SAFETY: `MmapMut::map_mut` asks that the file is changed through this mapping alone and not
    // truncated while it is mapped. A `Scratch` is a temporary file that only this user may open
    // (mode 0600: tempfile, `Builder::permissions`), under a random name. This one was made here,
    // and its name leaves this function only inside of `Writable`, which does not show it; the two
    // other descriptors of it are `file`, closed on return, and that of `Scratch`, which writes
    // only while it is made.
    let map = unsafe { MmapMut::map_mut(&file) }?;
    Ok(Writable { map, _file: scratch })
}
