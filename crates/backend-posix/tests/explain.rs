//! Explaining a file does not disturb other users of it.
#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "it says what this machine cannot do")]

use std::fs::{self, File};
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;

use memmap_core::{Files, Mode};
use memmap_posix::Posix;
use rustix::fs::inotify;

#[test]
fn explaining_opens_nothing_for_writing() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, [7; 10_000]).unwrap();
    let watch = inotify::init(inotify::CreateFlags::NONBLOCK).unwrap();
    let wanted = inotify::WatchFlags::CLOSE_WRITE
        | inotify::WatchFlags::MODIFY
        | inotify::WatchFlags::ATTRIB
        | inotify::WatchFlags::OPEN;
    inotify::add_watch(&watch, file.path(), wanted).unwrap();
    let explanation = memmap_core::explain(&Files::new(Posix), file.path()).unwrap();
    for mode in Mode::ALL {
        assert!(explanation.verdict(mode).unwrap().is_possible(), "{explanation}");
    }
    let mut room = [MaybeUninit::uninit(); 4096];
    let mut seen = inotify::Reader::new(&watch, &mut room);
    let mut opened = 0;
    while let Ok(event) = seen.next() {
        assert_eq!(event.events(), inotify::ReadFlags::OPEN);
        opened += 1;
    }
    assert!(opened > 0);
}

/// fcntl(2), `include/uapi/asm-generic/fcntl.h`; libc does not define it.
const F_SETSIG: libc::c_int = 10;

#[test]
fn explaining_breaks_no_lease() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, [7; 10_000]).unwrap();
    let reading = File::open(file.path()).unwrap();
    let lease = |command, argument: libc::c_int| {
        // SAFETY: the call takes an open descriptor and numbers.
        unsafe { libc::fcntl(reading.as_raw_fd(), command, argument) }
    };
    // If the lease were broken, this process would get a signal that it ignores by default.
    assert_eq!(lease(F_SETSIG, libc::SIGWINCH), 0);
    let (temporary, path) = file.into_parts();
    drop(temporary);
    if lease(libc::F_SETLEASE, libc::F_RDLCK) != 0 {
        return println!("skipped: this file system grants no leases");
    }
    let explanation = memmap_core::explain(&Files::new(Posix), &path).unwrap();
    assert!(explanation.verdict(Mode::ReadWrite).unwrap().is_possible(), "{explanation}");
    // For a lease that is being broken, the kernel reports the type that it must change to.
    assert_eq!(lease(libc::F_GETLEASE, 0), libc::F_RDLCK);
}
