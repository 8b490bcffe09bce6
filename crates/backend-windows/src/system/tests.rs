use std::fs;
use std::path::PathBuf;

use memmap_core::{Backend, FileInfo, Files, Map, MapOptions, Mapping};
use windows_sys::Win32::System::Memory::{
    PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY, VirtualProtect,
};

use super::*;
use crate::Live;

/// Maps files as on a processor without a fault guard.
#[derive(Debug)]
struct Unguarded;

impl Backend for Unguarded {
    type Mapping = Live;

    const NAME: &'static str = Windows::NAME;

    fn map(&self, file: &Arc<File>, request: &MapRequest) -> Result<Live> {
        Live::map(file, request, false)
    }

    fn in_memory(&self, bytes: Vec<u8>, mode: Mode, found: Option<FileInfo>) -> Live {
        Windows.in_memory(bytes, mode, found)
    }
}

/// A file with these bytes, in a directory that is removed on drop.
fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, bytes).unwrap();
    (dir, path)
}

fn unguarded(bytes: &[u8], mode: Mode) -> Map<Live> {
    let (_dir, path) = file(bytes);
    MapOptions::new(Files::new(Unguarded)).mode(mode).open(path).unwrap()
}

memmap_conformance::conformance!(mod read_by_calls, |bytes| unguarded(bytes, Mode::Read), [read, ours]);
memmap_conformance::conformance!(mod written_by_calls, |bytes| unguarded(bytes, Mode::ReadWrite), [write]);
memmap_conformance::conformance!(mod shared_cells_without_a_guard, |bytes| {
    unguarded(bytes, Mode::ReadWrite)
}, [plain_cells]);
memmap_conformance::conformance!(mod resized_without_a_guard, |bytes| unguarded(bytes, Mode::ReadWrite), [resize]);

#[test]
fn private_edits_are_unsupported_without_a_guard() {
    let (_dir, path) = file(&[7; 100]);
    let open = |mode| MapOptions::new(Files::new(Unguarded)).mode(mode).open(&path);
    let error = open(Mode::CopyOnWrite).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error:?}");
}

/// Changes the protection of a page of a view.
fn protect(mm: &Map<Live>, page: usize, protection: u32) {
    let pages = mm.mapping().view().unwrap().pages.unwrap();
    let within = page.checked_mul(PAGE).unwrap();
    let (address, len) = (pages.first().wrapping_add(within), PAGE);
    let mut before = 0;
    // SAFETY: a page of the view, to which no references exist: only the guard accesses it.
    let done = unsafe { VirtualProtect(address.cast(), len, protection, &raw mut before) };
    assert!(done != 0);
}

const PAGE: usize = 4096;

/// A map of ten pages.
fn ten_pages(mode: Mode) -> (tempfile::TempDir, Vec<u8>, Map<Live>) {
    let bytes = memmap_conformance::sample(40_960);
    let (dir, path) = file(&bytes);
    let mm = MapOptions::new(Files::new(Windows)).mode(mode).open(path).unwrap();
    (dir, bytes, mm)
}

#[test]
fn a_page_that_is_inaccessible_in_the_middle_of_a_copy_is_read_from_the_file() {
    let (_dir, bytes, mm) = ten_pages(Mode::Read);
    protect(&mm, 4, PAGE_NOACCESS);
    let mut out = vec![0; 10 * PAGE - 7];
    mm.read_into(7, &mut out).unwrap();
    assert!(out == bytes[7..]);
    assert_eq!(
        mm.get::<u32>(widen(4 * PAGE) - 2).unwrap().to_le_bytes(),
        bytes[4 * PAGE - 2..][..4]
    );
    assert_eq!(mm.get::<u8>(widen(4 * PAGE)).unwrap(), bytes[4 * PAGE]);
    let partial = mm.mapping().read_some(0, &mut out).unwrap();
    assert!(partial.stopped.is_none() && partial.len == out.len());
    protect(&mm, 4, PAGE_READONLY);
    assert!(mm.read_at(0, 10 * PAGE).unwrap() == bytes);
}

#[test]
fn a_write_to_an_inaccessible_page_says_where_it_stopped() {
    let (_dir, mut bytes, mut mm) = ten_pages(Mode::ReadWrite);
    protect(&mm, 4, PAGE_NOACCESS);
    for at in [4 * PAGE - 100, 4 * PAGE, 5 * PAGE - 1] {
        let error = mm.write_at(widen(at), &[7; 200]).unwrap_err();
        let first = at.max(4 * PAGE);
        let ErrorKind::Io { offset, source } = error.kind() else { panic!("{error:?}") };
        assert_eq!((*offset, error.op()), (widen(first), Op::Write));
        assert!(source.raw_os_error().is_some(), "{source}");
        bytes[at..first].fill(7);
    }
    let error = mm.fill_range(widen(3 * PAGE).., 9).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Io { offset, .. } if *offset == widen(4 * PAGE)));
    bytes[3 * PAGE..4 * PAGE].fill(9);
    let cells = mm.cells();
    cells.fetch_add(widen(4 * PAGE), 1_u64).unwrap_err();
    let loaded: u64 = cells.load(widen(4 * PAGE)).unwrap();
    assert_eq!(loaded.to_le_bytes(), bytes[4 * PAGE..][..8]);
    protect(&mm, 4, PAGE_READWRITE);
    assert!(mm.read_at(0, 10 * PAGE).unwrap() == bytes);
}

#[test]
fn an_edited_page_that_is_inaccessible_is_not_taken_from_the_file() {
    let (_dir, bytes, mut mm) = ten_pages(Mode::CopyOnWrite);
    mm.write_at(widen(4 * PAGE), &[7; PAGE]).unwrap();
    protect(&mm, 4, PAGE_NOACCESS);
    protect(&mm, 8, PAGE_NOACCESS);
    let mut out = vec![0; 10 * PAGE];
    let partial = mm.mapping().read_some(0, &mut out).unwrap();
    assert_eq!(partial.len, 4 * PAGE);
    let error = partial.stopped.unwrap();
    assert!(matches!(error.kind(), ErrorKind::Io { offset, .. } if *offset == widen(4 * PAGE)));
    assert!(out[..4 * PAGE] == bytes[..4 * PAGE]);
    // A page without edits is read from the file.
    assert!(mm.read_at(widen(7 * PAGE), 3 * PAGE).unwrap() == bytes[7 * PAGE..]);
    protect(&mm, 4, PAGE_WRITECOPY);
    assert_eq!(mm.read_at(widen(4 * PAGE), PAGE).unwrap(), [7; PAGE]);
}

#[test]
fn a_reason_of_the_system_is_told_with_its_text() {
    let cause = memmap_guard::Cause::InPage { status: 0xC000_009D };
    let fault = memmap_guard::Fault { moved: 0, address: 0, cause };
    let reason = Windows::reason(Some(fault));
    // ERROR_DEVICE_NOT_CONNECTED
    assert_eq!(reason.raw_os_error(), Some(1167), "{reason}");
}
