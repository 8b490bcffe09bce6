//! Properties of a file and its system that matter before it is mapped.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::io::AsRawHandle;
use std::path::Path;
use std::ptr;

use memmap_core::{
    Backend, Error, ErrorKind, Explanation, FileKind, FileSystem, FileSystemKind, Files,
    MapOptions, Mappability, Mode, Op, Result, Stored, widen,
};
use windows_sys::Win32::Storage::FileSystem::{
    GetDiskFreeSpaceExW, GetDriveTypeW, GetVolumeInformationByHandleW,
};
use windows_sys::Win32::System::SystemServices::FILE_READ_ONLY_VOLUME;
use windows_sys::Win32::System::WindowsProgramming::{
    DRIVE_CDROM, DRIVE_FIXED, DRIVE_RAMDISK, DRIVE_REMOTE, DRIVE_REMOVABLE,
};

use crate::{Windows, allocation, file_info, fixed, os};

pub(crate) fn explain(path: &Path) -> Result<Explanation> {
    let metadata = fs::metadata(path)
        .map_err(|error| Error::new(Op::Query, ErrorKind::from_io(error, Mode::Read)))?;
    let named = Windows.kind(metadata.file_type());
    // As when mapping, files without bytes of their own are not opened.
    let opened = if named.is_mappable() { Windows.open(path, Mode::Read).ok() } else { None };
    let kind =
        opened.as_ref().and_then(|file| file_info::inspect(file).ok()).map_or(named, |it| it.kind);
    let mut explanation = Explanation::new(path, kind);
    explanation.len = kind.is_mappable().then_some(metadata.len());
    explanation.file_system = opened.as_ref().and_then(file_system);
    explanation.page_size = Some(widen(os::page_size()));

    let map = MapOptions::new(Files::new(Windows)).open(path);
    if let Ok(map) = &map {
        explanation.stored = map.extents(..).ok().map(|extents| stored(&extents, map.len()));
        explanation.proofs = fixed::prospects(map.mapping().view().map_or(0, |view| view.len));
    }
    let mut verdicts = vec![Mappability::tried(Mode::Read, map)];
    for mode in [Mode::ReadWrite, Mode::Create, Mode::CopyOnWrite] {
        verdicts.push(match mode {
            Mode::Create => Mappability::concluded(mode, replaceable(path, kind)),
            mode => {
                Mappability::tried(mode, MapOptions::new(Files::new(Windows)).mode(mode).open(path))
            }
        });
    }
    explanation.verdicts = verdicts;
    Ok(explanation)
}

/// The sums of a file's extents. The size on disk is taken to be that of the data.
fn stored(extents: &[memmap_core::Extent], len: u64) -> Stored {
    let mut stored = Stored { looked_at: len, ..Stored::default() };
    for extent in extents {
        let bytes = extent.range().end.saturating_sub(extent.range().start);
        if extent.is_data() {
            stored.data = stored.data.saturating_add(bytes);
            stored.runs = stored.runs.saturating_add(1);
        } else {
            stored.holes = stored.holes.saturating_add(bytes);
        }
    }
    stored.on_disk = stored.data;
    stored
}

/// Whether mode `w+` could replace the file. This user must be allowed to write to it.
fn replaceable(path: &Path, kind: FileKind) -> Result<()> {
    let refuse = |kind| Err(Error::new(Op::Create, kind).with_origin(path));
    if kind != FileKind::Regular {
        return refuse(ErrorKind::NotMappable { kind });
    }
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(_) => Ok(()),
        Err(error) => refuse(os::refusal(error, Mode::Create)),
    }
}

fn file_system(file: &File) -> Option<FileSystem> {
    let root = allocation::volume_of(file)?;
    // SAFETY: `root` is terminated by a zero.
    let kind = match unsafe { GetDriveTypeW(root.as_ptr()) } {
        DRIVE_FIXED | DRIVE_REMOVABLE | DRIVE_CDROM => FileSystemKind::Local,
        DRIVE_REMOTE => FileSystemKind::Network,
        DRIVE_RAMDISK => FileSystemKind::Memory,
        _ => FileSystemKind::Unknown,
    };
    let (name, flags) = named(file).ok()?;
    let mut on = FileSystem::new(name, kind);
    on.is_read_only = flags & FILE_READ_ONLY_VOLUME != 0;
    // SAFETY: `root` is terminated by a zero, and the call writes two fields of `on` alone.
    let asked = unsafe {
        GetDiskFreeSpaceExW(root.as_ptr(), &raw mut on.free, &raw mut on.total, ptr::null_mut())
    };
    (asked != 0).then_some(on)
}

/// The name of a file system, and its flags.
fn named(file: &File) -> io::Result<(String, u32)> {
    let mut name = [0_u16; 64];
    let room = u32::try_from(name.len()).unwrap_or(0);
    let mut flags = 0;
    // SAFETY: the handle is open, the optional pointers are null, and `name` has room for `room` units.
    let asked = unsafe {
        GetVolumeInformationByHandleW(
            file.as_raw_handle(),
            ptr::null_mut(),
            0,
            ptr::null_mut(),
            ptr::null_mut(),
            &raw mut flags,
            name.as_mut_ptr(),
            room,
        )
    };
    if asked == 0 {
        return Err(io::Error::last_os_error());
    }
    let end = name.iter().position(|&unit| unit == 0).unwrap_or(name.len());
    Ok((String::from_utf16_lossy(name.get(..end).unwrap_or_default()), flags))
}
