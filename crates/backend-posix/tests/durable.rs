//! Writes that do not reach the device. A failing device is simulated by replacing the map's descriptor by one
//! that cannot be synced.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs::{self, File, OpenOptions};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use memmap_core::{ErrorKind, Map, Mapping, Mode, Op, Progress, Result};
use memmap_posix::Live;

/// The descriptors of this process that are open on `path`.
fn descriptors_of(path: &Path) -> Vec<RawFd> {
    let all = fs::read_dir("/proc/self/fd").unwrap().map(|entry| entry.unwrap().path());
    let ours = all.filter(|link| fs::read_link(link).is_ok_and(|leads| leads == path));
    ours.map(|link| link.file_name().unwrap().to_str().unwrap().parse().unwrap()).collect()
}

/// A descriptor that cannot be synced (`EBADF`), whatever file it is of.
fn unsyncable(path: &Path) -> File {
    OpenOptions::new().read(true).custom_flags(libc::O_PATH).open(path).unwrap()
}

/// Makes the descriptor `to` refer to the open file of `from`.
fn put(from: RawFd, to: RawFd) {
    // SAFETY: the owner of the descriptor keeps it, with another file, which the test intends.
    assert_eq!(unsafe { libc::dup2(from, to) }, to);
}

/// Replaces the open file of a descriptor until this is dropped.
struct Replaced {
    descriptor: RawFd,
    before: RawFd,
}

impl Replaced {
    fn by(descriptor: RawFd, file: &File) -> Self {
        // SAFETY: the call takes a number.
        let before = unsafe { libc::dup(descriptor) };
        assert!(before >= 0);
        put(file.as_raw_fd(), descriptor);
        Self { descriptor, before }
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        put(self.before, self.descriptor);
        // SAFETY: the descriptor was created in `by`, and nothing else uses it.
        assert_eq!(unsafe { libc::close(self.before) }, 0);
    }
}

/// A new directory, with its canonical path.
fn directory() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().canonicalize().unwrap();
    (dir, path)
}

fn require_not_durable(result: Result<()>, op: Op) {
    let error = result.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotDurable { .. }), "{error:?}");
    assert_eq!(error.op(), op);
}

#[test]
fn a_sync_that_failed_is_told_again_though_the_system_forgot() {
    let (_dir, dir) = directory();
    let path = dir.join("file");
    fs::write(&path, b"").unwrap();
    let map = Map::<Live>::open(&path, Mode::ReadWrite).unwrap();
    map.sync(..).unwrap();
    let failing = unsyncable(&path);
    let descriptors = descriptors_of(&path);
    let own = descriptors.into_iter().find(|&it| it != failing.as_raw_fd()).unwrap();
    let replaced = Replaced::by(own, &failing);
    require_not_durable(map.sync(..), Op::Sync);
    drop(replaced);
    // The file itself can be synced now.
    fs::File::open(&path).unwrap().sync_all().unwrap();
    require_not_durable(map.sync(..), Op::Sync);
    require_not_durable(map.close(), Op::Close);
    Map::<Live>::open(&path, Mode::ReadWrite).unwrap().close().unwrap();
}

#[test]
fn a_name_that_is_not_durable_is_an_error_of_the_first_sync_of_a_new_file() {
    for by_close in [false, true] {
        let (_dir, dir) = directory();
        let making = Map::<Live>::options().mode(Mode::Create).len(10);
        let map = making.open(dir.join("file")).unwrap();
        let &[own] = &descriptors_of(&dir)[..] else { panic!() };
        let _replaced = Replaced::by(own, &unsyncable(&dir));
        if by_close {
            require_not_durable(map.close(), Op::Close);
        } else {
            require_not_durable(map.sync(..), Op::Sync);
            require_not_durable(map.sync(..), Op::Sync);
        }
    }
}

/// Bytes that make a directory fail when they are read.
#[derive(Debug)]
struct Trap(PathBuf);

impl Mapping for Trap {
    fn len(&self) -> u64 {
        10
    }

    fn read_into(&self, _: u64, out: &mut [u8]) -> Result<()> {
        for own in descriptors_of(&self.0) {
            // The owner of the descriptor closes it.
            put(unsyncable(&self.0).as_raw_fd(), own);
        }
        out.fill(7);
        Ok(())
    }
}

#[test]
fn a_saved_file_whose_name_is_not_durable_is_an_error() {
    let (_dir, dir) = directory();
    let map = Map::from_mapping(Trap(dir.clone()));
    require_not_durable(map.replace_file(dir.join("file"), &Progress::new()), Op::Create);
    assert_eq!(fs::read(dir.join("file")).unwrap(), [7; 10]);
}
