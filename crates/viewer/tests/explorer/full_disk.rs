//! Disks that have no room when something is saved.
#![expect(clippy::print_stderr, reason = "what is skipped is said")]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use lazyhex::testing::{Stage, settings_with_journals};
use memmap::{MemMap, Mode};
use tempfile::TempDir;

/// A small file system in memory, which ends with this value.
struct SmallDisk {
    dir: TempDir,
}

impl SmallDisk {
    /// `None` where it cannot be made, which is said.
    fn new() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs"])
            .arg(dir.path())
            .output();
        if !mount.is_ok_and(|it| it.status.success()) {
            eprintln!("this user cannot mount a file system: full disks are not tried");
            return None;
        }
        Some(Self { dir })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Takes all room, or gives it back.
    fn fill(&self, is_full: bool) {
        if !is_full {
            return fs::remove_file(self.path("filler")).unwrap();
        }
        let mut filler = File::create(self.path("filler")).unwrap();
        while filler.write_all(&[1; 4096]).is_ok() {}
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(self.dir.path()).status().ok();
    }
}

/// A view that may edit a file of holes.
fn view(path: &Path, journals: &Path) -> Stage {
    File::create(path).unwrap().set_len(256 << 10).unwrap();
    let mut stage = Stage::with(settings_with_journals(journals), (100, 24), None);
    stage.open("file", MemMap::open(path, Mode::Read).unwrap().erase()).begin();
    stage.keys(":edit on\n");
    stage
}

#[test]
fn a_file_without_room_is_saved_when_there_is_room_again() {
    let Some(disk) = SmallDisk::new() else { return };
    let (other, path) = (tempfile::tempdir().unwrap(), disk.path("file"));
    let mut view = view(&path, &other.path().join("journals"));
    let old = fs::read(&path).unwrap();
    // More than the last page has room for.
    view.keys("A6e6577\x1b");
    disk.fill(true);
    view.keys(":w\n");
    assert!(view.footer().contains("E: not saved: "), "{}", view.footer());
    assert!(view.footer().contains(" bytes are needed and 0 are free"), "{}", view.footer());
    assert!(view.screen().contains("[+] 1 edit"), "{}", view.screen());
    assert!(fs::read(&path).unwrap() == old);
    // The room goes after the plan was made.
    disk.fill(false);
    view.pass(super::SECOND * 3).keys(":w\n");
    assert!(view.screen().contains("✓ room: "), "{}", view.screen());
    disk.fill(true);
    view.keys("y");
    assert!(view.footer().contains("E: not saved: "), "{}", view.footer());
    assert!(view.screen().contains("[+] 1 edit"), "{}", view.screen());
    assert!(fs::read(&path).unwrap() == old);
    disk.fill(false);
    view.pass(super::SECOND * 3).keys(":w\ny");
    assert_eq!(view.footer(), "saved 1 range, 3 bytes; :undo restores the old bytes");
    assert_eq!(&fs::read(&path).unwrap()[old.len()..], b"new");
}

#[test]
fn a_journal_without_room_keeps_the_edits_and_goes_on() {
    let Some(disk) = SmallDisk::new() else { return };
    let other = tempfile::tempdir().unwrap();
    let path = other.path().join("file");
    let mut view = view(&path, &disk.path("journals"));
    disk.fill(true);
    for at in 0..64 {
        view.overwrite(at * 1000, &[0x55; 500]);
    }
    view.keys(":w\ny");
    assert!(view.footer().contains("E: not saved: "), "{}", view.footer());
    assert!(view.footer().contains("journal"), "{}", view.footer());
    assert!(view.screen().contains("[+] 64 edits"), "{}", view.screen());
    assert!(fs::read(&path).unwrap().iter().all(|&byte| byte == 0));
    disk.fill(false);
    view.keys("\x1b:w\ny");
    assert_eq!(view.footer(), "saved 64 ranges, 32,000 bytes; :undo restores the old bytes");
    assert_eq!(fs::read(&path).unwrap()[1000..1500], [0x55; 500]);
}
