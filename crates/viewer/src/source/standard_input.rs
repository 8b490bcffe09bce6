//! Standard input: whether there is one.

/// Whether the program was started without a standard input.
///
/// Before `main`, the standard library opens `/dev/null` for reading and writing in its place; from then
/// on the two look the same. Whoever redirects from `/dev/null` opens it for reading alone, almost always.
#[cfg(unix)]
pub(super) fn is_closed() -> bool {
    use std::fs::{self, File, Metadata};
    use std::io::{self, Write};
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;

    let Ok(stdin) = io::stdin().as_fd().try_clone_to_owned() else { return true };
    let mut stdin = File::from(stdin);
    let device = |it: io::Result<Metadata>| it.ok().map(|it| it.rdev()).filter(|&it| it > 0);
    let null = device(fs::metadata("/dev/null"));
    // Writing nothing fails where writing is not allowed.
    null.is_some() && device(stdin.metadata()) == null && matches!(stdin.write(&[]), Ok(0))
}

/// Whether the program was started without a standard input: reading would find the end at once.
#[cfg(not(unix))]
pub(super) fn is_closed() -> bool {
    use std::os::windows::io::AsRawHandle;

    std::io::stdin().as_raw_handle().is_null()
}
