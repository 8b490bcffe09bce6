//! Archives: refused, or with members within them. Reading panics beyond the end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use memmap_array::npz::Directory;

fuzz_target!(|archive: &[u8]| {
    let len = archive.len() as u64;
    let read_at = |offset: u64, out: &mut [u8]| {
        out.copy_from_slice(&archive[offset as usize..][..out.len()]);
        Ok(())
    };
    let Ok(directory) = Directory::read(&read_at, len) else { return };
    for member in directory.members() {
        assert!(directory.member(member.file_name()).is_ok());
        let Ok(range) = member.range() else { continue };
        assert!(range.start <= range.end && range.end <= len);
        assert_eq!(range.end - range.start, member.len_bytes());
    }
});
