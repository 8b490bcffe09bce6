//! Bytes that leave the system's cache of a file.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "it says what this machine cannot do")]

use std::env;
use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use memmap::{Advice, MemMap, Mode, Progress, explain::FileSystemKind};

#[test]
fn evicted_bytes_leave_the_cache_of_the_system_and_dropped_ones_do_not() {
    const LEN: usize = 1 << 20;
    // The target directory is on a disk where that of temporary files may not be.
    for dir in [env::temp_dir(), PathBuf::from(env!("CARGO_TARGET_TMPDIR"))] {
        let file = tempfile::NamedTempFile::new_in(dir).unwrap();
        fs::write(&file, vec![7; LEN]).unwrap();
        file.as_file().sync_all().unwrap();
        let map = MemMap::open(file.path(), Mode::Read).unwrap();
        let in_memory = || -> u64 {
            map.resident(..).unwrap().iter().map(|range| range.end - range.start).sum()
        };
        let touch = || map.prefault(.., &Progress::new()).unwrap();
        touch();
        assert_eq!(in_memory(), 1 << 20);
        map.advise(.., Advice::DontNeed).unwrap();
        if in_memory() < 1 << 20 {
            println!("skipped: memory is short, so that the system evicts by itself");
            continue;
        }
        touch();
        let on = memmap::explain(file.path()).unwrap().file_system.unwrap();
        if on.kind != FileSystemKind::Local {
            // Memory has nowhere else to put it; of others it is not known who keeps what.
            println!("skipped: {:?} is on {}", file.path(), on.name);
            continue;
        }
        // A page that the system looks at just now stays.
        let evict = |range: Range<u64>, left: u64| {
            (0..100).any(|_| {
                map.advise(range.clone(), Advice::Evict).unwrap();
                in_memory() == left
            })
        };
        assert!(evict(0..1 << 20, 0), "{}", in_memory());
        touch();
        // A part, around which others stay.
        let gone = (200_001_u64.next_multiple_of(4096)) - (100_001 / 4096 * 4096);
        assert!(evict(100_001..200_001, (1 << 20) - gone), "{}", in_memory());
        assert_eq!(map.read_at(100_000, 200_000).unwrap(), vec![7; 200_000]);
    }
}
