//! What a file has beside its bytes, as far as it is handed on: the attribute that makes it read-only. Its
//! access list is inherited from the folder.

use std::fs::File;
use std::io;
use std::os::windows::fs::MetadataExt;

use memmap_core::disk::{Attributes, NotKept};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_ARCHIVE, FILE_ATTRIBUTE_NORMAL, FILE_ATTRIBUTE_READONLY,
};

pub(super) fn of(file: &File) -> io::Result<Attributes> {
    let flags = u64::from(file.metadata()?.file_attributes());
    Ok(Attributes { flags: Some(flags), ..Attributes::default() })
}

pub(super) fn give(file: &File, wanted: &Attributes) -> io::Result<Vec<NotKept>> {
    let mut lost = vec![NotKept::Unseen];
    let Some(flags) = wanted.flags else { return Ok(lost) };
    let now = || Ok::<u32, io::Error>(file.metadata()?.file_attributes());
    if flags & u64::from(FILE_ATTRIBUTE_READONLY) != 0 {
        let mut permissions = file.metadata()?.permissions();
        permissions.set_readonly(true);
        file.set_permissions(permissions).ok();
    }
    // Of these, one is set by each write, and the other says that there are none.
    let of_no_interest = u64::from(FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_NORMAL);
    if flags & !u64::from(now()?) & !of_no_interest != 0 {
        lost.push(NotKept::Flags);
    }
    Ok(lost)
}
