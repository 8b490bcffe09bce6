//! Block devices: nobody else meanwhile, no stale cache, whole sectors, and who uses what as a disk.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use memmap_core::disk::{Disk, NodeKind, Sectors, Stored};
use memmap_core::{Map, Mode};
use memmap_posix::Live;

use super::child::End;
use super::stage::{self, Loop, MIB, tool};
use super::{DISK, read, write};

const PAGE: usize = 4096;

/// A loop device over an image of 64 MiB.
fn device(dir: &Path, options: &[&str]) -> Option<Loop> {
    Loop::over(&stage::image(dir, 64), options)
}

#[test]
fn a_device_is_known_by_what_it_is_and_not_by_its_name() {
    let _alone = stage::alone();
    let dir = tempfile::tempdir().unwrap();
    let Some(device) = device(dir.path(), &[]) else { return };
    let found = DISK.look(&device.path).unwrap();
    assert_eq!((found.kind, found.len, found.inode), (NodeKind::Device, 64 * MIB, 0));
    assert!(!found.is_read_only && found.modified.is_none() && found.born.is_none());
    let image = dir.path().canonicalize().unwrap().join("image");
    assert_eq!(Path::new(&found.serial), image);
    let Some(Sectors { logical, physical }) = found.sectors else { panic!() };
    assert!(logical >= 512 && physical >= logical && physical.is_power_of_two());
    assert_eq!(DISK.facts(&File::open(&device.path).unwrap()).unwrap(), found);

    // Who may not open it hears as much of the kernel.
    fs::set_permissions(dir.path(), super::users::mode(0o755)).unwrap();
    let end = super::users::as_user(|| {
        assert!(File::open(&device.path).is_err());
        i32::from(DISK.look(&device.path).unwrap() != found)
    });
    assert_eq!(end, Some(End::Code(0)));

    // Another node of the same device.
    let node = dir.path().join("node");
    let number = std::os::unix::fs::MetadataExt::rdev(&fs::metadata(&device.path).unwrap());
    let (kind, ours) = (rustix::fs::FileType::BlockDevice, rustix::fs::Mode::RUSR);
    rustix::fs::mknodat(rustix::fs::CWD, &node, kind, ours, number).unwrap();
    match DISK.look(&node) {
        Ok(other) if other.len > 0 => assert!(other.is_same_version(&found), "{other:?}"),
        _ => println!("skipped: devices cannot be opened there"),
    }
    let map = Map::<Live>::open(&device.path, Mode::Read).unwrap();
    assert_eq!(map.mapping().facts().unwrap().unwrap(), found);
}

#[test]
fn a_read_only_device_says_so_though_it_opens_for_writing() {
    let _alone = stage::alone();
    let dir = tempfile::tempdir().unwrap();
    let Some(device) = device(dir.path(), &["-r"]) else { return };
    assert!(DISK.look(&device.path).unwrap().is_read_only);
    let file = File::open(&device.path).unwrap();
    assert!(DISK.facts(&file).unwrap().is_read_only);
    if let Ok(file) = DISK.open_device(&device.path) {
        assert!(write(&file, b"x", 0).is_err());
    }
}

#[test]
fn only_devices_are_opened_as_such() {
    let _alone = stage::alone();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, "bytes").unwrap();
    for other in [&path, Path::new("/dev/null"), dir.path()] {
        let error = DISK.open_device(other).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
}

#[test]
fn a_device_is_ours_alone_or_not_ours() {
    let _alone = stage::alone();
    let dir = tempfile::tempdir().unwrap();
    let Some(device) = device(dir.path(), &[]) else { return };
    let Some(()) = stage::make_on(&device.path, "ext4") else { return };
    let ours = DISK.open_device(&device.path).unwrap();
    assert_eq!(DISK.open_device(&device.path).unwrap_err().kind(), ErrorKind::ResourceBusy);
    assert!(stage::mount(&device.path, "ext4").is_none(), "nobody mounts it meanwhile");
    assert_eq!(DISK.in_use(&ours).unwrap(), None);
    drop(ours);
    let Some(disk) = stage::mount(&device.path, "ext4") else { return };
    assert_eq!(DISK.open_device(&device.path).unwrap_err().kind(), ErrorKind::ResourceBusy);
    let by = |path: &Path| DISK.in_use(&File::open(path).unwrap()).unwrap().map(|used| used.by);
    let point = disk.point().canonicalize().unwrap();
    assert_eq!(by(&device.path), Some(format!("mounted at {}", point.display())));
    let loops = format!("loop device {}", device.path.display());
    assert_eq!(by(&dir.path().join("image")), Some(loops.clone()));
    // By the file, and not by its name.
    fs::rename(dir.path().join("image"), dir.path().join("moved")).unwrap();
    fs::write(dir.path().join("image"), "another").unwrap();
    assert_eq!(by(&dir.path().join("moved")), Some(loops));
    assert_eq!(by(&dir.path().join("image")), None);
    drop(disk);
    assert_eq!(by(&device.path), None);
}

#[test]
fn a_part_that_is_mounted_is_a_use_of_the_whole() {
    let _alone = stage::alone();
    let dir = tempfile::tempdir().unwrap();
    let image = stage::image(dir.path(), 64);
    let Some(device) = Loop::over(&image, &["-P"]) else { return };
    let mut add = Command::new("addpart");
    let Some(_) = tool(add.arg(&device.path).args(["1", "2048", "100000"])) else { return };
    let part = Path::new(&format!("{}p1", device.path.display())).to_path_buf();
    if !part.exists() {
        return println!("skipped: {} has no parts", device.path.display());
    }
    let Some(()) = stage::make_on(&part, "ext4") else { return };
    let (found, whole) = (DISK.look(&part).unwrap(), DISK.look(&device.path).unwrap());
    assert_eq!(found.serial, format!("{} part 1", whole.serial));
    assert!(!found.is_same_file(&whole));
    let Some(disk) = stage::mount(&part, "ext4") else { return };
    for device in [&part, &device.path] {
        assert_eq!(DISK.open_device(device).unwrap_err().kind(), ErrorKind::ResourceBusy);
        let used = DISK.in_use(&File::open(device).unwrap()).unwrap().unwrap();
        assert_eq!(used.by, format!("mounted at {}", disk.point().display()));
    }
}

/// Where a block of these bytes is on an image.
fn find(image: &Path, wanted: &[u8]) -> u64 {
    let bytes = fs::read(image).unwrap();
    let mut blocks = bytes.chunks(PAGE).enumerate();
    let at = blocks.find(|(_, block)| block == &wanted).unwrap().0 * PAGE;
    u64::try_from(at).unwrap()
}

/// The cache of a device does not know what a file system wrote. Reading there proves nothing, and writing
/// four bytes there brings the other bytes of the block back, old as they are.
#[test]
fn what_a_file_system_wrote_is_seen_and_kept_though_the_device_is_mapped() {
    let _alone = stage::alone();
    let dir = tempfile::tempdir().unwrap();
    let Some(device) = device(dir.path(), &[]) else { return };
    let Some(()) = stage::make_on(&device.path, "ext4") else { return };
    let (old, new) = (b"OLD1".repeat(1024), b"NEW2".repeat(1024));
    let Some(disk) = stage::mount(&device.path, "ext4") else { return };
    fs::write(disk.path("file"), &old).unwrap();
    let file = DISK.open(&disk.path("file"), true).unwrap();
    file.sync_all().unwrap();
    let at = find(&dir.path().join("image"), &old);
    let map = Map::<Live>::open(&device.path, Mode::Read).unwrap();
    assert_eq!(map.read_at(at, 8).unwrap(), b"OLD1OLD1");
    write(&file, &new, 0).unwrap();
    file.sync_all().unwrap();
    drop((file, disk));
    // The claim is not empty: the map keeps the old page in the cache.
    assert_eq!(map.read_at(at, 8).unwrap(), b"OLD1OLD1");

    let ours = DISK.open_device(&device.path).unwrap();
    assert_eq!(read(&ours, PAGE, at), new);
    assert_eq!(read(&ours, 5, at + 1), b"EW2NE");
    write(&ours, b"edit", at).unwrap();
    DISK.sync(&ours, false).unwrap();
    drop(ours);
    let mut expected = new;
    expected[..4].copy_from_slice(b"edit");
    // The page that was written is not in the cache any more, so the map shows it, too.
    assert_eq!(map.read_at(at, PAGE).unwrap(), expected);
    drop(map);
    let Some(disk) = stage::mount(&device.path, "ext4") else { panic!() };
    assert_eq!(fs::read(disk.path("file")).unwrap(), expected);
}

#[test]
fn bytes_of_a_device_are_read_and_written_wherever_they_begin_and_none_after_its_end() {
    let _alone = stage::alone();
    let dir = tempfile::tempdir().unwrap();
    let Some(device) = device(dir.path(), &[]) else { return };
    let file = DISK.open_device(&device.path).unwrap();
    let mut model = vec![0; usize::try_from(3 * MIB).unwrap()];
    for (at, len) in [(0, 512), (511, 2), (1, 1), (5000, 9000), (1 << 20, 512), (4096, 1_500_000)] {
        let bytes: Vec<u8> =
            (0..len).map(|it| u8::try_from((it * 3 + at) % 251).unwrap()).collect();
        write(&file, &bytes, u64::try_from(at).unwrap()).unwrap();
        model[at..at + len].copy_from_slice(&bytes);
    }
    assert_eq!(read(&file, model.len(), 0), model);
    assert_eq!(read(&file, 1_000_001, 77), model[77..1_000_078]);

    let end = 64 * MIB;
    assert_eq!(DISK.write_at(&file, b"sixsix", end - 3).unwrap(), 3);
    assert_eq!(read(&file, 3, end - 3), b"six");
    assert_eq!(DISK.read_at(&file, &mut [0; 6], end - 3).unwrap(), 3);
    assert_eq!(DISK.read_at(&file, &mut [0; 6], end).unwrap(), 0);
    for at in [end, end + 7, u64::MAX] {
        assert_eq!(DISK.write_at(&file, b"x", at).unwrap_err().kind(), ErrorKind::StorageFull);
    }
    assert_eq!(DISK.write_at(&file, b"", end).unwrap(), 0);
    drop(file);
    let image = fs::read(dir.path().join("image")).unwrap();
    assert_eq!(image[..model.len()], model);
    assert!(image[model.len()..image.len() - 3].iter().all(|&byte| byte == 0));
    let room = DISK.room(&File::open(&device.path).unwrap(), &[0..MIB]).unwrap();
    assert!(room.can_be_made_sure && room.holes == 0 && room.copied == 0);
}

#[test]
fn what_ends_with_the_machine_is_known_through_devices_too() {
    let _alone = stage::alone();
    let Some(memory) = stage::mounted("tmpfs") else { return };
    let path = memory.path("file");
    fs::write(&path, "bytes").unwrap();
    assert!(DISK.is_in_memory(&File::open(&path).unwrap()));
    let image = stage::image(memory.point(), 32);
    let Some(device) = Loop::over(&image, &[]) else { return };
    assert!(DISK.is_in_memory(&File::open(&device.path).unwrap()));
    let Some(()) = stage::make_on(&device.path, "ext4") else { return };
    let Some(disk) = stage::mount(&device.path, "ext4") else { return };
    fs::write(disk.path("file"), "bytes").unwrap();
    assert!(DISK.is_in_memory(&File::open(disk.path("file")).unwrap()));
}

#[test]
fn swap_is_a_use() {
    let _alone = stage::alone();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("swap");
    fs::write(&path, vec![0; 1 << 20]).unwrap();
    fs::set_permissions(&path, super::users::mode(0o600)).unwrap();
    let Some(_) = tool(Command::new("mkswap").arg(&path)) else { return };
    let Some(_) = tool(Command::new("swapon").arg(&path)) else { return };
    let used = DISK.in_use(&File::open(&path).unwrap()).unwrap();
    tool(Command::new("swapoff").arg(&path)).unwrap();
    assert_eq!(used.unwrap().by, "swap");
    assert_eq!(DISK.in_use(&File::open(&path).unwrap()).unwrap(), None);
}
