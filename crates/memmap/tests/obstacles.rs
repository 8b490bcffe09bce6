//! What keeps a file from being made, replaced or written: it is named before anything is changed.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]
#![expect(clippy::print_stdout, reason = "it says what this machine cannot do")]

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use memmap::{
    Error, ErrorKind, MapOptions, MemMap, Mode, Progress, RamMap, explain::Obstacle,
    explain::Protection,
};

#[path = "kit/loop_device.rs"]
mod loop_device;
#[path = "kit/stage.rs"]
mod stage;

use loop_device::LoopDevice;
use stage::{on_stage, stage};

fn names_in(dir: &Path) -> Vec<String> {
    let names = fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

fn making(len: u64) -> MapOptions {
    MemMap::options().mode(Mode::Create).len(len)
}

fn obstacle(error: &Error) -> Obstacle {
    match *error.kind() {
        ErrorKind::CannotCreate { reason, .. } => reason,
        _ => panic!("{error:?}"),
    }
}

fn protection(error: &Error) -> Protection {
    match *error.kind() {
        ErrorKind::WriteProtected { by } => by,
        _ => panic!("{error:?}"),
    }
}

const MOUNTED: &str = "at_a_mount_point_in_place_is_named_and_works";

#[test]
fn at_a_mount_point_in_place_is_named_and_works() {
    let Some(dir) = stage() else {
        let dir = tempfile::tempdir().unwrap();
        let (inside, outside) = (dir.path().join("inside"), dir.path().join("outside"));
        fs::write(&inside, b"").unwrap();
        fs::write(&outside, [7; 100]).unwrap();
        let words = format!("mount --bind {outside:?} {inside:?}");
        if on_stage(MOUNTED, dir.path(), &words) {
            assert_eq!(fs::read(&outside).unwrap(), [9; 50]);
            assert_eq!(names_in(dir.path()), ["inside", "outside"]);
        }
        return;
    };
    let path = dir.join("inside");
    let ram = RamMap::new(10).unwrap();
    for error in [
        making(50).open(&path).unwrap_err(),
        ram.replace_file(&path, &Progress::new()).unwrap_err(),
    ] {
        assert_eq!(obstacle(&error), Obstacle::MountPoint);
        assert!(error.to_string().contains("write into the existing file"), "{error}");
    }
    assert_eq!(names_in(&dir), ["inside", "outside"]);
    let explanation = memmap::explain(&path).unwrap();
    let refusal = explanation.verdict(Mode::Create).unwrap().refusal().unwrap();
    assert_eq!(obstacle(refusal), Obstacle::MountPoint);
    let mut map = making(50).in_place(true).open(&path).unwrap();
    map.fill_range(.., 9).unwrap();
    map.close().unwrap();
}

/// An attribute of a file or a directory, taken away with this value.
struct Attribute<'a>(&'a str, &'a Path);

impl<'a> Attribute<'a> {
    fn set(letter: &'a str, path: &'a Path) -> Option<Self> {
        let status = Command::new("chattr").arg(format!("+{letter}")).arg(path).status();
        if status.is_ok_and(|status| status.success()) {
            return Some(Self(letter, path));
        }
        println!("skipped: this user, or this file system, sets no attributes");
        None
    }
}

impl Drop for Attribute<'_> {
    fn drop(&mut self) {
        Command::new("chattr").arg(format!("-{}", self.0)).arg(self.1).status().ok();
    }
}

#[test]
fn a_directory_that_keeps_what_is_made_there_is_refused_before_anything_is() {
    for (letter, expected) in
        [("a", Obstacle::AppendOnlyDirectory), ("i", Obstacle::ImmutableDirectory)]
    {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, [7; 100]).unwrap();
        let Some(_attribute) = Attribute::set(letter, dir.path()) else { return };
        let ram = RamMap::new(10).unwrap();
        for path in [path.clone(), dir.path().join("new")] {
            assert_eq!(obstacle(&making(10).open(&path).unwrap_err()), expected);
            assert_eq!(obstacle(&ram.replace_file(&path, &Progress::new()).unwrap_err()), expected);
        }
        assert_eq!(names_in(dir.path()), ["file"]);
        let explanation = memmap::explain(&path).unwrap();
        assert_eq!(
            obstacle(explanation.verdict(Mode::Create).unwrap().refusal().unwrap()),
            expected
        );
        // The file itself may be written.
        making(10).in_place(true).open(&path).unwrap().close().unwrap();
        assert_eq!(fs::read(&path).unwrap(), [0; 10]);
    }
}

#[test]
fn a_file_that_nobody_may_write_to_says_so_and_explain_agrees() {
    for (letter, expected) in [("a", Protection::AppendOnly), ("i", Protection::Immutable)] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, [7; 100]).unwrap();
        let mut map = MemMap::open(&path, Mode::ReadWrite).unwrap();
        let Some(attribute) = Attribute::set(letter, &path) else { return };
        let writing = MemMap::options().mode(Mode::ReadWrite);
        assert_eq!(protection(&writing.open(&path).unwrap_err()), expected);
        assert_eq!(protection(&making(10).open(&path).unwrap_err()), expected);
        assert_eq!(protection(&making(10).in_place(true).open(&path).unwrap_err()), expected);
        let ram = RamMap::new(10).unwrap();
        assert_eq!(protection(&ram.replace_file(&path, &Progress::new()).unwrap_err()), expected);
        let explanation = memmap::explain(&path).unwrap();
        for mode in [Mode::ReadWrite, Mode::Create] {
            let verdict = explanation.verdict(mode).unwrap();
            assert_eq!(protection(verdict.refusal().unwrap()), expected);
        }
        assert!(explanation.verdict(Mode::Read).unwrap().is_possible());
        // It was opened before; making it shorter or longer is asked of the system now.
        assert_eq!(protection(&map.resize(50).unwrap_err()), expected);
        drop(attribute);
        assert_eq!(fs::read(&path).unwrap(), [7; 100]);
        map.resize(50).unwrap();
    }
}

const READ_ONLY: &str = "a_read_only_file_system_is_named";

#[test]
fn a_read_only_file_system_is_named() {
    let Some(dir) = stage() else {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), [7; 100]).unwrap();
        let words = format!("mount --bind {0:?} {0:?}; mount -o remount,bind,ro {0:?}", dir.path());
        on_stage(READ_ONLY, dir.path(), &words);
        return;
    };
    let path = dir.join("file");
    let ram = RamMap::new(10).unwrap();
    let explanation = memmap::explain(&path).unwrap();
    let expected = Protection::ReadOnlyFileSystem;
    assert_eq!(
        protection(explanation.verdict(Mode::ReadWrite).unwrap().refusal().unwrap()),
        expected
    );
    for error in [
        MemMap::open(&path, Mode::ReadWrite).unwrap_err(),
        making(9).open(&path).unwrap_err(),
        making(9).in_place(true).open(&path).unwrap_err(),
        ram.replace_file(&path, &Progress::new()).unwrap_err(),
    ] {
        assert_eq!(protection(&error), expected);
    }
    for error in [
        making(9).open(dir.join("new")).unwrap_err(),
        ram.replace_file(dir.join("new"), &Progress::new()).unwrap_err(),
    ] {
        assert_eq!(obstacle(&error), Obstacle::ReadOnlyFileSystem);
    }
    assert_eq!(MemMap::open(&path, Mode::CopyOnWrite).unwrap().len(), 100);
}

#[test]
fn a_program_that_runs_is_in_use() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sleep");
    // Not by `fs::copy`: a child that another thread forks meanwhile would have the copy open for writing,
    // and a file that is written to does not run.
    assert!(Command::new("cp").arg("/bin/sleep").arg(&path).status().unwrap().success());
    let mut program = Command::new(&path).arg("60").spawn().unwrap();
    let errors = [
        MemMap::open(&path, Mode::ReadWrite).unwrap_err(),
        making(9).open(&path).unwrap_err(),
        making(9).in_place(true).open(&path).unwrap_err(),
        RamMap::new(9).unwrap().replace_file(&path, &Progress::new()).unwrap_err(),
    ];
    program.kill().unwrap();
    program.wait().unwrap();
    for error in errors {
        assert!(matches!(error.kind(), ErrorKind::InUse { .. }), "{error:?}");
        assert!(error.to_string().contains("it is a running program"), "{error}");
    }
    assert_eq!(names_in(dir.path()), ["sleep"]);
}

/// A device takes no writes while this lives. It outlasts what the device is made of.
struct ReadOnly<'a>(&'a Path);

impl<'a> ReadOnly<'a> {
    fn set(device: &'a Path) -> Self {
        assert!(Command::new("blockdev").arg("--setro").arg(device).status().unwrap().success());
        Self(device)
    }
}

impl Drop for ReadOnly<'_> {
    fn drop(&mut self) {
        Command::new("blockdev").arg("--setrw").arg(self.0).status().ok();
    }
}

#[test]
fn a_disk_says_its_partitions_and_a_partition_its_disk() {
    const SECTOR: u64 = 512;
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(4 << 20).unwrap();
    let disk = match LoopDevice::new(file.path()) {
        Ok(device) => device,
        Err(why) => return println!("skipped: {why}"),
    };
    // Added by hand: not every kernel reads tables.
    for part in [["1", "4096", "4096"], ["2", "2048", "1024"]] {
        let added = Command::new("addpart").arg(disk.path()).args(part).status();
        if !added.is_ok_and(|status| status.success()) {
            return println!("skipped: `addpart` is missing, or adds no partitions");
        }
    }
    let looked = memmap::explain(disk.path()).unwrap();
    let found = looked.device.as_ref().unwrap();
    let places: Vec<_> = found.partitions.iter().map(|it| (it.number, it.start, it.len)).collect();
    let wanted = [(2, 2048 * SECTOR, 1024 * SECTOR), (1, 4096 * SECTOR, 4096 * SECTOR)].to_vec();
    assert_eq!(places, wanted, "{looked}");
    assert!(
        looked.to_string().contains("  partitions     2: 524288 bytes (512 KiB) from byte 1048576")
    );
    let part = format!("{}p1", disk.path().display());
    let Ok(looked) = memmap::explain(&part) else { return println!("skipped: no {part}") };
    let name = disk.path().file_name().unwrap().to_str().unwrap();
    let found = looked.device.as_ref().unwrap().partition.as_ref().unwrap();
    assert_eq!((found.disk.as_str(), found.number, found.start), (name, 1, 4096 * SECTOR));
    assert_eq!(looked.len, Some(4096 * SECTOR));
    assert!(
        looked.to_string().contains(&format!("  partition      1 of {name}, from byte 2097152"))
    );
}

#[test]
fn a_block_device_says_what_it_is_and_that_it_takes_no_writes() {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(1 << 20).unwrap();
    let device = match LoopDevice::new(file.path()) {
        Ok(device) => device,
        Err(why) => return println!("skipped: {why}"),
    };
    // Whoever had a device of that name before may have left it read-only.
    drop(ReadOnly(device.path()));
    let looked = memmap::explain(device.path()).unwrap();
    let said = looked.device.as_ref().unwrap();
    assert_eq!((said.sector_size, said.is_read_only), (Some(512), Some(false)));
    let image = file.path().canonicalize().unwrap();
    assert_eq!(said.serial.as_deref(), image.to_str());
    assert_eq!((&said.partition, &said.partitions, &said.used_by), (&None, &vec![], &None));
    assert!(looked.stored.is_none(), "a device has no holes");
    assert!(looked.file_system.is_none() && looked.len == Some(1 << 20));
    assert!(looked.verdict(Mode::ReadWrite).unwrap().is_possible());
    let text = looked.to_string();
    assert!(text.contains("\n  its sectors    512 bytes"), "{text}");
    assert!(text.contains("\n  writes         taken\n"), "{text}");

    // Its length is its own, and its first bytes are no place for what is behind its end.
    let mut map = MemMap::open(device.path(), Mode::ReadWrite).unwrap();
    map.write_at(0, b"first").unwrap();
    for len in [(1 << 20) + 4096, 4096] {
        let error = map.resize(len).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error:?}");
        assert_eq!((map.len(), map.read_at(0, 5).unwrap()), (1 << 20, b"first".to_vec()));
    }
    map.close().unwrap();

    let _read_only = ReadOnly::set(device.path());
    let looked = memmap::explain(device.path()).unwrap();
    assert_eq!(looked.device.as_ref().unwrap().is_read_only, Some(true));
    assert!(looked.to_string().contains("none: the device is read-only"), "{looked}");
    let error = MemMap::open(device.path(), Mode::ReadWrite).unwrap_err();
    let verdict = looked.verdict(Mode::ReadWrite).unwrap();
    for error in [&error, verdict.refusal().unwrap()] {
        assert_eq!(protection(error), Protection::ReadOnlyDevice);
    }
    assert_eq!(MemMap::open(device.path(), Mode::Read).unwrap().read_at(0, 5).unwrap(), b"first");
}

const LARGE_PAGES: &str = "a_file_of_large_pages_says_how_large_they_are";

#[test]
fn a_file_of_large_pages_says_how_large_they_are() {
    let Some(dir) = stage() else {
        let dir = tempfile::tempdir().unwrap();
        let words = format!("mount -t hugetlbfs -o pagesize=2M none {:?}", dir.path());
        on_stage(LARGE_PAGES, dir.path(), &words);
        return;
    };
    let path = dir.join("file");
    File::create(&path).unwrap().set_len(4 << 20).unwrap();
    let looked = memmap::explain(&path).unwrap();
    assert_eq!(looked.page_size, Some(2 << 20));
    assert!(looked.to_string().contains("\n  a page         2097152 bytes (2 MiB)"), "{looked}");
}
