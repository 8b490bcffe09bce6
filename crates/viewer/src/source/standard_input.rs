//! Standard input as a file, and whether there is one.

/// Whether the program was started without a standard input.
///
/// Before `main`, the standard library replaces a closed one by `/dev/null`, opened for reading and
/// writing. A shell redirection from `/dev/null` opens it for reading only, which tells the two
/// apart in nearly all cases.
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
    // Even an empty write fails if the file is open for reading only.
    null.is_some() && device(stdin.metadata()) == null && matches!(stdin.write(&[]), Ok(0))
}

/// Whether the program was started without a standard input. Not detected here: reading finds the
/// end at once.
#[cfg(not(unix))]
pub(super) fn is_closed() -> bool {
    use std::os::windows::io::AsRawHandle;

    std::io::stdin().as_raw_handle().is_null()
}

/// Another handle of the file that standard input is.
#[cfg(unix)]
pub(super) fn as_file() -> Option<std::fs::File> {
    use std::os::fd::AsFd;

    std::io::stdin().as_fd().try_clone_to_owned().ok().map(Into::into)
}

/// Another handle of the file that standard input is.
#[cfg(not(unix))]
pub(super) fn as_file() -> Option<std::fs::File> {
    use std::os::windows::io::AsHandle;

    std::io::stdin().as_handle().try_clone_to_owned().ok().map(Into::into)
}

/// Standard input, which nothing else of this process has from now on: when the file is closed, whoever writes
/// to the pipe finds that out.
#[cfg(unix)]
pub(super) fn take() -> std::io::Result<std::fs::File> {
    use std::fs::File;
    use std::os::fd::AsFd;

    let file = std::io::stdin().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(file.into())
}

/// Another handle of standard input: it stays open until the program ends.
#[cfg(not(unix))]
pub(super) fn take() -> std::io::Result<std::fs::File> {
    as_file().ok_or_else(|| std::io::ErrorKind::NotFound.into())
}
