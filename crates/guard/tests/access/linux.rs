//! Pages of a file that was truncated.

use std::fs::File;

use memmap_guard::{copy_in, copy_out, load};
use memmap2::{MmapOptions, MmapRaw};

use super::PAGE;

/// Mapped pages, the second half of which is missing: their file was truncated.
pub(crate) struct Cut {
    pages: MmapRaw,
    file: File,
}

impl Cut {
    /// `pages` pages, followed by the same number of missing ones.
    pub(crate) fn of(pages: usize) -> Self {
        let len = pages * PAGE;
        let file = tempfile::tempfile().unwrap();
        file.set_len(2 * len as u64).unwrap();
        let pages = MmapOptions::new().len(2 * len).map_raw(&file).unwrap();
        let cut = Self { pages, file };
        let bytes: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
        // SAFETY: within the mapping, to which there is no other reference.
        unsafe { copy_in(cut.at(0), &bytes) }.unwrap();
        cut.file.set_len(len as u64).unwrap();
        cut
    }

    pub(crate) fn at(&self, offset: usize) -> *mut u8 {
        self.pages.as_mut_ptr().wrapping_add(offset)
    }
}

#[test]
fn the_rest_of_the_last_page_reads_as_zeros() {
    let cut = Cut::new();
    cut.file.set_len(100).unwrap();
    let mut out = vec![0xEE; PAGE + 1];
    // SAFETY: within the mapping.
    let result = unsafe { copy_out(cut.at(0), &mut out) };
    assert_eq!(result, Err(cut.fault(PAGE)));
    assert_eq!(out[99], 99);
    assert!(out[100..PAGE].iter().all(|&byte| byte == 0));
}

#[test]
fn a_file_that_grows_back_is_read_again() {
    let cut = Cut::new();
    let mut out = [0xEE; 8];
    // SAFETY: within the mapping.
    unsafe { copy_out(cut.at(PAGE), &mut out) }.unwrap_err();
    cut.file.set_len(2 * PAGE as u64).unwrap();
    // SAFETY: within the mapping.
    unsafe { copy_out(cut.at(PAGE), &mut out) }.unwrap();
    assert_eq!(out, [0; 8]);
}

#[test]
fn a_million_faults_leave_nothing_behind() {
    let cut = Cut::new();
    let maps = || std::fs::read_to_string("/proc/self/maps").unwrap().lines().count();
    // SAFETY: within the mapping.
    unsafe { load::<u8>(cut.at(PAGE)) }.unwrap_err();
    let before = maps();
    for _ in 0..1_000_000 {
        // SAFETY: within the mapping.
        unsafe { load::<u8>(cut.at(PAGE)) }.unwrap_err();
    }
    // Other tests of this process map and unmap at the same time; a leak would be a million.
    assert!(maps() < before + 1000);
}
