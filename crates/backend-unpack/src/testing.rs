//! What is done with packed files that attack: for fuzzing, and for a run of it without a fuzzer.

use memmap_core::{Map, Progress, testing::Fake};

use crate::Unpacked;

/// Bytes read at a time.
const PIECE: u64 = 100_000;

/// Unpacks bytes whose first ones say how they claim to be packed. Reads every byte twice, in two orders, and compares
/// the results.
///
/// # Panics
/// If it is not.
pub fn unpacked(bytes: &[u8]) {
    let Ok(map) = Unpacked::open(Map::from_mapping(Fake::new(bytes)), &Progress::new()) else {
        return;
    };
    let len = map.len().min(16 << 20);
    let starts: Vec<u64> = (0..len.div_ceil(PIECE)).map(|it| it * PIECE).collect();
    let read = |start: u64| {
        let count = usize::try_from(PIECE.min(len - start)).unwrap_or(0);
        map.read_at(start, count).ok()
    };
    let first: Vec<_> = starts.iter().rev().map(|&start| read(start)).collect();
    for (&start, before) in starts.iter().zip(first.into_iter().rev()) {
        let now = read(start);
        assert!(before.is_none() || now == before, "other bytes at {start}");
    }
}
