//! System calls that are passed pages that nobody has touched: they fail, and hang on nothing.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::os::unix::net::UnixStream;
use std::path::Path;

use memmap_core::Progress;

use super::ways::{self, Way};
use super::{MIB, PAGE, bytes, stage, touching};

const LEN: usize = 8 * MIB;

/// Each call takes the next part, which nobody has touched.
fn parts(slice: &[u8]) -> impl Iterator<Item = &[u8]> {
    // Parts are so far apart that no touch of one brings another.
    (1..7).map(move |part| &slice[part * MIB..part * MIB + PAGE])
}

fn fails_with_efault(what: &str, answer: impl TryInto<i64>) {
    let error = std::io::Error::last_os_error();
    let answer = answer.try_into().unwrap_or(0);
    assert!(answer == -1, "{what}: {answer}");
    assert_eq!(error.raw_os_error(), Some(libc::EFAULT), "{what}");
}

#[test]
fn system_calls_fail_with_efault_on_pages_that_were_not_touched() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let (frozen, expected) = (touching(path), bytes(LEN));
        let mut parts = parts(&frozen);
        let mut part = || parts.next().unwrap();
        let (mut one, _two) = UnixStream::pair().unwrap();
        let mut pipe = [0; 2];
        // SAFETY: room for two descriptors.
        assert_eq!(unsafe { libc::pipe(pipe.as_mut_ptr()) }, 0);

        let error = one.write(part()).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EFAULT), "a socket");
        let bytes = part();
        // SAFETY: bytes of a slice.
        let answer = unsafe { libc::write(pipe[1], bytes.as_ptr().cast(), bytes.len()) };
        fails_with_efault("a pipe", answer);
        let bytes = part();
        let vector =
            libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
        // SAFETY: one vector, of bytes that are only read.
        let answer = unsafe { libc::vmsplice(pipe[1], &raw const vector, 1, 0) };
        fails_with_efault("vmsplice", answer);
        // SAFETY: a path in memory that is mapped. It is not read.
        let answer = unsafe { libc::open(part().as_ptr().cast(), libc::O_RDONLY) };
        fails_with_efault("a path", answer);
        let word = part().as_ptr();
        let wait = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
        // SAFETY: an aligned word of a slice, which is only read.
        let answer = unsafe { libc::syscall(libc::SYS_futex, word, wait, 0, 0, 0, 0) };
        fails_with_efault("futex", answer);
        assert!(frozen[..] == expected[..], "all of it is right afterwards");
    };
    let test = "kernel::system_calls_fail_with_efault_on_pages_that_were_not_touched";
    ways::each_ends_well(test, &path, deed);
    drop(stage);
}

/// A file system that copied from a missing page of the file that it has locked would wait for itself.
#[test]
fn a_file_is_written_into_itself() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let expected = bytes(LEN);
        fs::write(path, &expected).unwrap();
        let frozen = touching(path);
        let file = OpenOptions::new().write(true).open(path).unwrap();
        let error = file.write_at(&frozen[MIB..MIB + PAGE], 0).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EFAULT));
        let direct = OpenOptions::new().write(true).custom_flags(libc::O_DIRECT).open(path);
        if let Ok(direct) = direct {
            let error = direct.write_at(&frozen[3 * MIB..3 * MIB + PAGE], 0).unwrap_err();
            assert_eq!(error.raw_os_error(), Some(libc::EFAULT));
        }
        // Once they are touched, both work.
        frozen.prefault(widen(2 * MIB)..widen(2 * MIB + PAGE), &Progress::new()).unwrap();
        file.write_all_at(&frozen[2 * MIB..2 * MIB + PAGE], 4 * 1_048_576).unwrap();
        assert!(frozen[2 * MIB..2 * MIB + PAGE] == expected[2 * MIB..2 * MIB + PAGE]);
        assert!(frozen[4 * MIB..4 * MIB + PAGE] == expected[2 * MIB..2 * MIB + PAGE]);
        // The file's own pages of the slice are not what it wrote there.
        file.write_all_at(&[9; PAGE], 2 * 1_048_576).unwrap();
        assert!(frozen[2 * MIB..2 * MIB + PAGE] == expected[2 * MIB..2 * MIB + PAGE]);
    };
    ways::each_ends_well("kernel::a_file_is_written_into_itself", &path, deed);
    drop(stage);
}

fn widen(len: usize) -> u64 {
    memmap_core::widen(len)
}

/// Advice by others that brings pages in, or that lets the system merge or drop them, changes nothing.
#[test]
fn advice_brings_nothing_in_and_changes_nothing() {
    let (stage, path) = stage(LEN);
    let deed = |_: Way, path: &Path| {
        let (frozen, expected) = (touching(path), bytes(LEN));
        // Half of each two pages of huge ones are there.
        for at in (0..LEN).step_by(64 << 10) {
            assert_eq!(super::touch(&frozen, at), expected[at]);
        }
        let touched = frozen.touched();
        let first = frozen.as_ptr().cast_mut().cast();
        for advice in [
            libc::MADV_WILLNEED,
            libc::MADV_POPULATE_READ,
            libc::MADV_HUGEPAGE,
            libc::MADV_COLLAPSE,
            libc::MADV_MERGEABLE,
            libc::MADV_COLD,
            libc::MADV_PAGEOUT,
            libc::MADV_SEQUENTIAL,
        ] {
            // SAFETY: advice that changes no byte. What the system refuses is an error.
            unsafe { libc::madvise(first, LEN, advice) };
        }
        assert_eq!(frozen.touched(), touched);
        assert!(frozen[..] == expected[..]);
    };
    ways::each_ends_well("kernel::advice_brings_nothing_in_and_changes_nothing", &path, deed);
    drop(stage);
}
