//! Files mapped by `memmap2`, to compare with. This is the only unsafe code of the program.

use std::fs::File;
use std::io;

use memmap2::{Mmap, MmapMut};

use crate::Result;
use crate::input::Input;
use crate::scratch::Scratch;

/// Maps a whole input with `memmap2`, which lends its bytes.
#[expect(unsafe_code, reason = "`memmap2` leaves the promise to its callers")]
pub(crate) fn map(input: &Input) -> io::Result<Mmap> {
    let file = File::open(input.path())?;
    // SAFETY: `Mmap::map` asks that nobody changes or truncates the file while it is mapped. An
    // `Input` is a temporary file that only this user may open (mode 0600: tempfile,
    // `Builder::permissions`), under a random name that the task which maps it tells no other
    // program; it was written in full before, and `Input` offers no way to write it again.
    unsafe { Mmap::map(&file) }
}

/// A file mapped for writing by `memmap2`. Its path is not accessible.
pub(crate) struct Writable {
    pub(crate) map: MmapMut,
    /// Removes the file after the map is dropped: fields are dropped in order.
    _file: Scratch,
}

/// Makes a file, as [`Scratch::new`] does, and maps it with `memmap2`, which lends its bytes
/// mutably.
#[expect(unsafe_code, reason = "`memmap2` leaves the promise to its callers")]
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
