//! The one unsafe line of this program: `memmap2` maps a file for us to compare with.

use std::fs::File;
use std::io;

use memmap2::Mmap;

use crate::input::Input;

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
