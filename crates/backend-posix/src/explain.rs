//! Properties of a file and its system that matter before it is mapped.

use std::fs::{self, File, Metadata};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use memmap_core::{
    Access, Backend, Error, ErrorKind, Explanation, FileKind, FileSystem, FileSystemKind, Files,
    Limit, Limits, Map, MapOptions, Mappability, Mapping, Mode, Obstacle, Op, Proof, Protection,
    Residency, Result, Stored, system, widen,
};
use rustix::fs::{Access as Permission, AtFlags, CWD, StatVfsMountFlags};
use rustix::io::Errno;
use rustix::process::Resource;

use crate::{Live, Posix, device, file_info, pages};

pub(crate) fn explain(path: &Path) -> Result<Explanation> {
    let metadata = fs::metadata(path)
        .map_err(|error| Error::new(Op::Query, system::refusal(error, Mode::Read, Some(path))))?;
    let named = file_info::kind(metadata.file_type());
    // The file system of a device node is not where the device's bytes are.
    let on = if named == FileKind::BlockDevice { None } else { file_system(path) };
    // As when mapping, files without bytes of their own are not opened.
    let opened = if named.is_mappable() { Posix.open(path, Mode::Read).ok() } else { None };
    let found = opened.as_ref().and_then(|file| file_info::inspect(file).ok());
    let kind = found.map_or_else(|| unopened(named, on.as_ref()), |found| found.kind);

    let mut explanation = Explanation::new(path, kind);
    explanation.len = match found {
        Some(found) => Some(found.len),
        None => Some(metadata.len()).filter(|_| kind == FileKind::Regular),
    }
    .filter(|_| kind.is_mappable());
    let mut map = MapOptions::new(Files::new(Posix)).open(path);
    if let (Some(file), Some(len)) = (&opened, explanation.len) {
        let (mut stored, data) = stored(file, len);
        // Counted in units of 512 bytes, whatever the block size of the file system is (stat(3type)).
        stored.on_disk = metadata.blocks().saturating_mul(512);
        explanation.resident = match &mut map {
            Ok(map) => resident(map, &data, tells_residency(path, &metadata)),
            Err(_) => None,
        };
        // A device has no holes, and is on no file system.
        explanation.stored = Some(stored).filter(|_| kind != FileKind::BlockDevice);
    }
    if let Ok(map) = &map {
        explanation.proofs = crate::fixed::prospects(map.mapping());
        explanation.access = Some(map.mapping().access());
    }
    explanation.verdicts = verdicts(path, kind, &metadata, map);
    explanation.device =
        (kind == FileKind::BlockDevice).then(|| device::look(opened.as_ref(), &metadata));
    // hugetlbfs maps files in huge pages.
    let large = on.as_ref().filter(|on| on.name == "hugetlbfs").map(|on| on.block_size);
    explanation.page_size = Some(large.unwrap_or_else(|| widen(pages::page_size())));
    explanation.file_system = on;
    // Closed before open files are counted.
    drop(opened);
    explanation.limits = limits();
    if let (Some(len), Some(memory)) = (explanation.len, explanation.limits.memory)
        && let Some(snapshot) =
            explanation.proofs.iter_mut().find(|prospect| prospect.proof == Proof::Snapshot)
        && len > memory
    {
        snapshot.why_not = Some(format!(
            "its {len} bytes are more than the {memory} bytes of memory of this machine; map a part of it"
        ));
    }
    Ok(explanation)
}

/// The kind of a file that is not open, by its type and its file system.
fn unopened(named: FileKind, on: Option<&FileSystem>) -> FileKind {
    match on {
        Some(on) if named == FileKind::Regular && on.kind == FileSystemKind::Pseudo => {
            match on.name.as_str() {
                "proc" => FileKind::Proc,
                "sysfs" | "cgroup" | "cgroup2" | "debugfs" | "tracefs" | "securityfs" => {
                    FileKind::Sys
                }
                _ => FileKind::Pseudo,
            }
        }
        _ => named,
    }
}

/// Whether the file can be mapped in each mode. Mode `r` was tried already, as `map`.
fn verdicts(
    path: &Path,
    kind: FileKind,
    metadata: &Metadata,
    map: Result<Map<Live>>,
) -> Vec<Mappability> {
    let refuse = |op, kind| Err::<(), _>(Error::new(op, kind).with_origin(path));
    // A file that cannot be mapped for reading is refused in every mode, for the same reason.
    let refused = |mode| match &map {
        Ok(map) => unwritable(map.mapping()),
        Err(error) => also(error.kind(), mode),
    };
    let mut verdicts = Vec::new();
    for mode in [Mode::ReadWrite, Mode::Create, Mode::CopyOnWrite] {
        verdicts.push(match mode {
            _ if !kind.is_mappable() => {
                let op = if mode == Mode::Create { Op::Create } else { Op::Open };
                Mappability::concluded(mode, refuse(op, ErrorKind::NotMappable { kind }))
            }
            Mode::Create => {
                let made = replaceable(path, kind, metadata);
                let made = made.and_then(|()| refused(mode).map_or(Ok(()), Err));
                Mappability::concluded(mode, made.or_else(|kind| refuse(Op::Create, kind)))
            }
            Mode::ReadWrite => {
                let opened = writable(path, metadata, mode).map_err(|kind| (Op::Open, kind));
                let mapped = opened.and_then(|()| match refused(mode) {
                    Some(kind) => Err((Op::Map, kind)),
                    None => Ok(()),
                });
                Mappability::concluded(mode, mapped.or_else(|(op, kind)| refuse(op, kind)))
            }
            mode => {
                Mappability::tried(mode, MapOptions::new(Files::new(Posix)).mode(mode).open(path))
            }
        });
    }
    verdicts.insert(0, Mappability::tried(Mode::Read, map));
    verdicts
}

/// The reason why a file that can be mapped for reading cannot be mapped for writing.
fn unwritable(map: &Live) -> Option<ErrorKind> {
    match map.access() {
        Access::MappedPrivately => Some(crate::refusal::no_shared_mappings()),
        Access::Read if !map.is_shown() => Some(ErrorKind::OutOfMemory { len: map.len() }),
        _ => None,
    }
}

/// The reason why `mode` fails, if it fails for the same reason as mode `r`.
fn also(kind: &ErrorKind, mode: Mode) -> Option<ErrorKind> {
    Some(match *kind {
        ErrorKind::PermissionDenied { .. } => ErrorKind::PermissionDenied { mode },
        ErrorKind::LimitReached { which, now, max } => ErrorKind::LimitReached { which, now, max },
        ErrorKind::NotMappable { kind } => ErrorKind::NotMappable { kind },
        ErrorKind::TooLarge { len, max } => ErrorKind::TooLarge { len, max },
        ErrorKind::OutOfMemory { len } => ErrorKind::OutOfMemory { len },
        ErrorKind::Unsupported { ref by, ref what } => {
            ErrorKind::unsupported(by.clone(), what.clone())
        }
        ErrorKind::Os(ref error) => ErrorKind::Os(
            error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error),
        ),
        _ => return None,
    })
}

/// Whether the file can be opened for reading and writing. It is not opened to find out. That would break
/// leases of other processes, make layered file systems copy the file, make programs that wait for a device
/// to be closed scan it again, and report a write to those that watch the file (inotify(7)).
fn writable(path: &Path, metadata: &Metadata, mode: Mode) -> Result<(), ErrorKind> {
    may(path, Permission::READ_OK | Permission::WRITE_OK)
        .map_err(|error| system::refusal(error, mode, Some(path)))?;
    let is_read_only = device::refuses_writes(metadata) == Some(true);
    let by = is_read_only.then_some(Protection::ReadOnlyDevice);
    // `access` succeeds for an append-only file, which may be opened to append.
    match by.or_else(|| system::protection(path)) {
        Some(by) => Err(ErrorKind::WriteProtected { by }),
        None => Ok(()),
    }
}

fn may(path: &Path, access: Permission) -> io::Result<()> {
    Ok(rustix::fs::accessat(CWD, path, access, AtFlags::EACCESS)?)
}

/// Whether mode `w+` could replace the file.
///
/// # Source
/// rename(2): a name in a sticky directory belongs to the owner of the file or the directory.
fn replaceable(path: &Path, kind: FileKind, metadata: &Metadata) -> Result<(), ErrorKind> {
    /// In a directory with this bit only the owner of a file may remove it.
    const STICKY: u32 = 0o1000;
    if kind == FileKind::BlockDevice {
        let what =
            "it is a block device, which cannot be created or replaced; map it with mode \"r+\"";
        return Err(ErrorKind::InvalidOptions { what });
    }
    writable(path, metadata, Mode::Create)?;
    let cannot_create = |error| system::cannot_create(path, error);
    let target = fs::canonicalize(path).map_err(cannot_create)?;
    let cannot_create = |error| system::cannot_create(&target, error);
    let directory = target.parent().unwrap_or(&target);
    may(directory, Permission::WRITE_OK | Permission::EXEC_OK).map_err(cannot_create)?;
    system::require_place(&target)?;
    let place = fs::metadata(directory).map_err(cannot_create)?;
    let user = rustix::process::geteuid();
    let is_ours = user.is_root() || [metadata.uid(), place.uid()].contains(&user.as_raw());
    if place.permissions().mode() & STICKY != 0 && !is_ours {
        let reason = Obstacle::StickyDirectory;
        return Err(ErrorKind::CannotCreate { reason, source: Errno::PERM.into() });
    }
    Ok(())
}

/// The time limit for listing extents, and again for counting resident pages.
const PATIENCE: Duration = Duration::from_secs(1);

/// The most extents that are listed. Each takes two system calls.
const RUNS_MAX: usize = 1 << 17;

/// The data extents of a file and their sums. If there are too many, the first ones.
#[cfg(any(target_os = "linux", target_os = "freebsd", target_vendor = "apple"))]
fn stored(file: &File, len: u64) -> (Stored, Vec<Range<u64>>) {
    use rustix::fs::{SeekFrom, seek};

    let start = Instant::now();
    let mut runs = Vec::new();
    let (mut data, mut at) = (0_u64, 0);
    while at < len && runs.len() < RUNS_MAX && start.elapsed() < PATIENCE {
        let first = match seek(file, SeekFrom::Data(at)) {
            Ok(first) => first.clamp(at, len),
            // There is no data after `at`.
            Err(Errno::NXIO) => len,
            // The file system does not report holes.
            Err(_) => at,
        };
        if first == len {
            at = len;
            break;
        }
        let end = seek(file, SeekFrom::Hole(first)).map_or(len, |end| end.min(len));
        // If others change the file meanwhile, the loop must still end.
        let end = if end > first { end } else { len };
        data = data.saturating_add(end.saturating_sub(first));
        runs.push(first..end);
        at = end;
    }
    let holes = at.saturating_sub(data);
    (Stored { data, holes, runs: widen(runs.len()), on_disk: 0, looked_at: at }, runs)
}

#[cfg(not(any(target_os = "linux", target_os = "freebsd", target_vendor = "apple")))]
fn stored(_: &File, len: u64) -> (Stored, Vec<Range<u64>>) {
    let all = std::iter::once(0..len).filter(|all| !all.is_empty()).collect::<Vec<_>>();
    (Stored { data: len, holes: 0, runs: widen(all.len()), on_disk: 0, looked_at: len }, all)
}

/// Resident bytes of the data extents. Holes are skipped: a query costs the same for a page of a hole, and
/// there may be billions of them.
fn resident(map: &Map<Live>, data: &[Range<u64>], is_certain: bool) -> Option<Residency> {
    /// Bytes per query: as many as one system call answers.
    const STEP: u64 = 256 << 20;
    let start = Instant::now();
    let mut residency = Residency { is_certain, ..Residency::default() };
    for run in data {
        let mut at = run.start;
        while at < run.end && start.elapsed() < PATIENCE {
            let end = run.end.min(at.saturating_add(STEP));
            for range in map.resident(at..end).ok()? {
                let bytes = range.end.saturating_sub(range.start);
                residency.bytes = residency.bytes.saturating_add(bytes);
            }
            residency.looked_at = residency.looked_at.saturating_add(end.saturating_sub(at));
            at = end;
        }
    }
    Some(residency)
}

/// Whether `mincore(2)` reports the true state of a file to this user.
fn tells_residency(path: &Path, metadata: &Metadata) -> bool {
    let user = rustix::process::geteuid();
    user.is_root() || user.as_raw() == metadata.uid() || may(path, Permission::WRITE_OK).is_ok()
}

/// The file system that contains `path`.
fn file_system(path: &Path) -> Option<FileSystem> {
    let answer = rustix::fs::statvfs(path).ok()?;
    let (name, kind) = name(path);
    let mut on = FileSystem::new(name, kind);
    on.is_read_only = answer.f_flag.contains(StatVfsMountFlags::RDONLY);
    on.block_size = answer.f_frsize;
    on.free = answer.f_bavail.saturating_mul(answer.f_frsize);
    on.total = answer.f_blocks.saturating_mul(answer.f_frsize);
    Some(on)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn name(_: &Path) -> (String, FileSystemKind) {
    ("unknown".to_owned(), FileSystemKind::Unknown)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
use linux::name;

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux;

/// Usage and limits of this process and the machine. Current usage is known on Linux only.
fn limits() -> Limits {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let machine = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let limit =
        |now, resource| Some(Limit { now, max: rustix::process::getrlimit(resource).current });
    let mut limits = Limits::default();
    limits.mappings = system::mappings();
    limits.address_space = limit(kibibytes(&status, "VmSize:"), Resource::As);
    limits.locked_memory = limit(kibibytes(&status, "VmLck:"), Resource::Memlock);
    limits.open_files = limit(open_files(), Resource::Nofile);
    limits.memory = kibibytes(&machine, "MemTotal:");
    limits
}

fn open_files() -> Option<u64> {
    // One entry is the descriptor of the directory itself.
    let entries = fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1);
    Some(widen(entries))
}

/// The value, in bytes, of a line such as `VmLck:      64 kB`.
fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;

    #[test]
    fn numbers_of_the_kernel_are_kibibytes() {
        let text = "VmPeak:\t    9 kB\nVmLck:\t      64 kB\nVmPin:\t kB\n";
        assert_eq!(kibibytes(text, "VmLck:"), Some(65_536));
        assert_eq!(kibibytes(text, "VmPin:"), None);
        assert_eq!(kibibytes(text, "VmSize:"), None);
    }

    #[test]
    fn nothing_of_a_file_changes_by_being_explained() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, [7; 10_000]).unwrap();
        let look = || {
            let found = fs::metadata(&path).unwrap();
            let times = (found.mtime_nsec(), found.ctime_nsec());
            (found.ino(), found.len(), found.blocks(), found.mode(), times)
        };
        let before = look();
        let explanation = explain(&path).unwrap();
        assert_eq!(look(), before);
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 1);
        assert_eq!((explanation.kind, explanation.len), (FileKind::Regular, Some(10_000)));
        assert!(explanation.verdicts.iter().map(Mappability::mode).eq(Mode::ALL));
        assert!(explanation.verdicts.iter().all(Mappability::is_possible), "{explanation}");
        assert_eq!(fs::read(&path).unwrap(), [7; 10_000]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_stored_and_what_is_in_memory_is_counted() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(1 << 40).unwrap();
        let page = widen(pages::page_size());
        file.as_file().write_all_at(&[7; 10], 1 << 30).unwrap();
        file.as_file().write_all_at(&[7; 10], 1 << 39).unwrap();
        let explanation = explain(file.path()).unwrap();
        let Stored { data, holes, runs, on_disk, looked_at } = explanation.stored.unwrap();
        // Blocks may be larger than pages.
        assert!(data >= 2 * page && data < 1 << 30 && data + holes == 1 << 40, "{explanation}");
        assert_eq!((runs, looked_at), (2, 1 << 40));
        assert!(on_disk < 1 << 30, "{explanation}");
        let residency = explanation.resident.unwrap();
        assert!(residency.is_certain && residency.bytes >= 2 * page, "{residency:?}");
        assert_eq!(residency.looked_at, data);
    }

    #[test]
    fn what_was_never_stored_has_no_runs() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let explanation = explain(file.path()).unwrap();
        assert_eq!(explanation.stored, Some(Stored::default()));
        assert_eq!(explanation.len, Some(0));
        assert!(explanation.verdicts.iter().all(Mappability::is_possible), "{explanation}");
    }

    #[test]
    fn what_refuses_one_mode_refuses_another_with_its_name() {
        let kind = also(&ErrorKind::PermissionDenied { mode: Mode::Read }, Mode::ReadWrite);
        assert!(matches!(kind, Some(ErrorKind::PermissionDenied { mode: Mode::ReadWrite })));
        let kind = also(&ErrorKind::Os(Errno::IO.into()), Mode::ReadWrite);
        assert!(
            matches!(kind, Some(ErrorKind::Os(error)) if Errno::from_io_error(&error) == Some(Errno::IO))
        );
        assert!(also(&ErrorKind::NotFound, Mode::ReadWrite).is_none());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_the_process_has_is_counted() {
        let limits = limits();
        let mappings = limits.mappings.unwrap();
        assert!(mappings.now.unwrap() > 3 && mappings.max.unwrap() > mappings.now.unwrap());
        assert!(limits.address_space.unwrap().now.unwrap() > 1 << 20);
        assert!(limits.open_files.unwrap().now.unwrap() >= 1);
        assert!(limits.memory.unwrap() > 1 << 20);
        assert!(limits.locked_memory.unwrap().now.is_some());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_at_which_something_is_mounted_stays() {
        // On every Linux /proc is a mount of its own.
        let metadata = fs::metadata("/proc").unwrap();
        let kind = replaceable(Path::new("/proc"), FileKind::Regular, &metadata);
        // Users other than root are refused earlier, as they may not write to the directory.
        assert!(matches!(
            kind,
            Err(ErrorKind::CannotCreate { reason: Obstacle::MountPoint, .. }
                | ErrorKind::PermissionDenied { .. })
        ));
    }
}
