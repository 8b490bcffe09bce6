//! Who else writes: leases that are held, refused and broken, and the names of writers.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;

use memmap_core::disk::{Disk, LeaseOf, Leased, Writers};
use rustix::mm::{MapFlags, ProtFlags};
use tempfile::TempDir;

use super::child::{End, in_a_child};
use super::{DISK, stage};

fn file() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, b"bytes").unwrap();
    (dir, path)
}

/// A process that has a file open for appending until it is dropped.
struct Writer(Child);

impl Writer {
    fn of(path: &Path) -> Self {
        let script = r#"exec 3>>"$0"; echo ready; read end"#;
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(path).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self(child)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}

#[test]
fn a_lease_that_is_broken_says_so_and_ends_nobody() {
    let _alone = stage::alone();
    for kind in ["ext4", "xfs", "btrfs", "tmpfs"] {
        let Some(disk) = stage::mounted(kind) else { continue };
        let path = disk.path("file");
        fs::write(&path, b"bytes").unwrap();
        let file = DISK.open(&path, false).unwrap();
        let LeaseOf::Held(lease) = DISK.lease(&file) else { panic!("{kind}") };
        assert!(!lease.is_breaking(), "{kind}");
        // Whoever reads breaks nothing.
        assert_eq!(fs::read(&path).unwrap(), b"bytes");
        assert!(!lease.is_breaking(), "{kind}");
        let mut append = Command::new("sh");
        append.args(["-c", r#"printf more >>"$0""#]).arg(&path);
        let mut waiting = append.spawn().unwrap();
        // The signal of the system would end this process.
        while !lease.is_breaking() {
            thread::yield_now();
        }
        assert_eq!(fs::read(&path).unwrap(), b"bytes", "{kind}: it waits");
        drop(lease);
        assert!(waiting.wait().unwrap().success());
        assert_eq!(fs::read(&path).unwrap(), b"bytesmore", "{kind}");
    }
}

#[test]
fn an_overlay_knows_who_writes_through_it() {
    let _alone = stage::alone();
    let Some(memory) = stage::mounted("tmpfs") else { return };
    let lower = tempfile::tempdir().unwrap();
    fs::write(lower.path().join("file"), "bytes").unwrap();
    let Some(disk) = stage::overlay(lower.path(), memory.point()) else { return };
    let path = disk.path("file");
    // Of the lower file, and of its copy.
    for _ in 0..2 {
        let file = DISK.open(&path, false).unwrap();
        let LeaseOf::Held(lease) = DISK.lease(&file) else { panic!() };
        assert!(!lease.is_breaking());
        drop(lease);
        let writer = Writer::of(&path);
        assert!(matches!(DISK.lease(&file), LeaseOf::Refused));
        assert_eq!(DISK.writers(&file), Writers::Some(vec![(writer.0.id(), "sh".to_owned())]));
        drop(writer);
        assert_eq!(DISK.writers(&file), Writers::None);
    }
}

#[test]
fn a_lease_is_of_the_file_that_is_open_and_not_of_its_name() {
    let _alone = stage::alone();
    let (dir, path) = file();
    let opened = DISK.open(&path, false).unwrap();
    fs::rename(&path, dir.path().join("old")).unwrap();
    fs::write(&path, b"another").unwrap();
    let writer = Writer::of(&dir.path().join("old"));
    assert!(matches!(DISK.lease(&opened), LeaseOf::Refused));
    drop(writer);
    let LeaseOf::Held(lease) = DISK.lease(&opened) else { return println!("skipped: no leases") };
    let another = Writer::of(&path);
    assert!(!lease.is_breaking());
    drop(another);
}

#[test]
fn a_lease_ends_with_its_value_and_others_may_have_one_too() {
    let _alone = stage::alone();
    let (_dir, path) = file();
    let opened = DISK.open(&path, false).unwrap();
    let (LeaseOf::Held(one), LeaseOf::Held(other)) = (DISK.lease(&opened), DISK.lease(&opened))
    else {
        return println!("skipped: no leases");
    };
    drop(one);
    assert!(!other.is_breaking());
    drop(other);
    // If there were a lease, this would not wait for it.
    let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap();
    OpenOptions::new().append(true).custom_flags(nonblocking).open(&path).unwrap();
}

#[test]
fn a_child_gives_back_no_lease_of_its_parent() {
    let _alone = stage::alone();
    let (_dir, path) = file();
    let opened = DISK.open(&path, false).unwrap();
    let LeaseOf::Held(lease) = DISK.lease(&opened) else { return println!("skipped: no leases") };
    let lease = Mutex::new(Some(lease));
    let end = in_a_child(|| {
        drop(lease.lock().unwrap().take());
        0
    });
    assert_eq!(end, End::Code(0));
    assert!(!lease.lock().unwrap().as_ref().unwrap().is_breaking());
}

#[test]
fn this_process_is_a_writer_too() {
    let _alone = stage::alone();
    let (_dir, path) = file();
    let reader = DISK.open(&path, false).unwrap();
    let own = DISK.open(&path, true).unwrap();
    assert!(matches!(DISK.lease(&reader), LeaseOf::Refused));
    assert!(matches!(DISK.lease(&own), LeaseOf::Refused));
    assert_eq!(DISK.writers(&own), Writers::Unknown, "the lease says nothing of others");
    let writer = Writer::of(&path);
    assert_eq!(DISK.writers(&own), Writers::Some(vec![(writer.0.id(), "sh".to_owned())]));
    drop(own);
    assert_eq!(DISK.writers(&reader), Writers::Some(vec![(writer.0.id(), "sh".to_owned())]));
    drop(writer);
    assert_eq!(DISK.writers(&reader), Writers::None);
}

#[test]
fn whoever_reads_is_no_writer() {
    let _alone = stage::alone();
    let (_dir, path) = file();
    let reader = DISK.open(&path, false).unwrap();
    let mut other = Command::new("sh");
    other.args(["-c", r#"exec 3<"$0"; echo ready; read end"#]).arg(&path);
    let mut other = other.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(other.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(DISK.writers(&reader), Writers::None);
    // Also where a lease does not decide.
    let own = DISK.open(&path, true).unwrap();
    assert_eq!(DISK.writers(&reader), Writers::Unknown);
    drop((own, other.stdin.take()));
    other.wait().unwrap();
}

#[test]
fn a_mapping_without_a_descriptor_writes() {
    let _alone = stage::alone();
    for kind in ["ext4", "btrfs"] {
        let Some(disk) = stage::mounted(kind) else { continue };
        let path = disk.path("file");
        fs::write(&path, b"bytes").unwrap();
        let reader = DISK.open(&path, false).unwrap();
        let file = DISK.open(&path, true).unwrap();
        let access = ProtFlags::READ.union(ProtFlags::WRITE);
        // SAFETY: a new mapping at an address that the system chooses. No reference to it is made.
        let page = unsafe {
            rustix::mm::mmap(std::ptr::null_mut(), 4096, access, MapFlags::SHARED, &file, 0)
        };
        let page = page.unwrap();
        drop(file);
        assert!(matches!(DISK.lease(&reader), LeaseOf::Refused), "{kind}");
        let parent = std::process::id();
        let end = in_a_child(|| {
            // SAFETY: the mapping is this child's own, and nothing refers to it.
            unsafe { rustix::mm::munmap(page, 4096) }.unwrap();
            let Writers::Some(found) = DISK.writers(&reader) else { return 1 };
            i32::from(found.len() != 1 || found[0].0 != parent)
        });
        assert_eq!(end, End::Code(0), "{kind}");
        // SAFETY: as above.
        unsafe { rustix::mm::munmap(page, 4096) }.unwrap();
        assert_eq!(DISK.writers(&reader), Writers::None, "{kind}");
    }
}

#[test]
fn who_may_not_take_a_lease_does_not_know() {
    let _alone = stage::alone();
    let (dir, path) = file();
    fs::set_permissions(dir.path(), super::users::mode(0o755)).unwrap();
    let reader = DISK.open(&path, false).unwrap();
    let done = super::users::as_user(|| {
        let known = matches!(DISK.lease(&reader), LeaseOf::Unknown);
        i32::from(!known || DISK.writers(&reader) != Writers::Unknown)
    });
    if let Some(end) = done {
        assert_eq!(end, End::Code(0));
    }
}

#[test]
fn a_generated_file_has_no_leases() {
    let _alone = stage::alone();
    let file = DISK.open(Path::new("/proc/self/maps"), false).unwrap();
    assert!(matches!(DISK.lease(&file), LeaseOf::Unknown));
}
