use memmap::{MemMap, Mode, RamMap};
use proptest::prelude::*;

use super::*;
use crate::job::context::finish;
use crate::source::handle::SourceHandle;

fn memory(bytes: &[u8]) -> SourceHandle {
    SourceHandle::new(RamMap::from_reader(bytes).unwrap().erase())
}

fn find(
    source: &SourceHandle,
    landmark: Landmark,
    direction: Direction,
    cursor: u64,
) -> Option<u64> {
    let job = LandmarkJob { landmark, direction, cursor, count: 1 };
    finish(source, job).ended.unwrap().map(|it| it.place)
}

/// The start and length of each run of equal keys.
fn runs<K: PartialEq>(bytes: &[u8], key: impl Fn(u8) -> K) -> Vec<(u64, u64, K)> {
    let mut runs: Vec<(u64, u64, K)> = Vec::new();
    for (at, &byte) in (0..).zip(bytes) {
        match runs.last_mut() {
            Some((_, len, last)) if *last == key(byte) => *len += 1,
            _ => runs.push((at, 1, key(byte))),
        }
    }
    runs
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_found_is_what_a_plain_search_finds(
        runs_of in prop::collection::vec((prop::sample::select(vec![0_u8, 0, b'a', b' ', 0xff, 7]), 1..40_usize), 1..12),
        at in 0.0..1.0_f64,
    ) {
        let bytes: Vec<u8> = runs_of.iter().flat_map(|&(byte, len)| vec![byte; len]).collect();
        let places = u32::try_from(bytes.len()).unwrap();
        let cursor = (0..places).rev().find(|&i| f64::from(i) <= at * f64::from(places)).unwrap();
        let cursor = u64::from(cursor);
        let map = memory(&bytes);

        let classes = runs(&bytes, ByteClass::of);
        let next = classes.iter().map(|run| run.0).find(|&start| start > cursor);
        let before = classes.iter().map(|run| run.0).rfind(|&start| start < cursor);
        prop_assert_eq!(find(&map, Landmark::Change, Direction::Forward, cursor), next);
        prop_assert_eq!(find(&map, Landmark::Change, Direction::Back, cursor), before);

        let zeros: Vec<u64> = runs(&bytes, |byte| byte == 0)
            .into_iter().filter(|run| run.2 && run.1 >= ZEROS_MIN).map(|run| run.0).collect();
        let next = zeros.iter().copied().find(|&start| start > cursor);
        // Only bytes before the cursor count, so a run that contains it must be long enough without
        // the rest.
        let before = zeros.iter().copied().rfind(|&start| {
            let rest = &bytes[usize::try_from(start).unwrap()..];
            let zeros = rest.iter().take_while(|&&byte| byte == 0).count();
            let end = (start + u64::try_from(zeros).unwrap()).min(cursor);
            start < cursor && end - start >= ZEROS_MIN
        });
        let found = find(&map, Landmark::Zeros, Direction::Forward, cursor);
        prop_assert_eq!(found, next);
        prop_assert_eq!(find(&map, Landmark::Zeros, Direction::Back, cursor), before);
    }
}

#[test]
fn texts_are_found_where_they_begin() {
    let map = memory(b"\0short\0long enough\0\x80another\tone\x01no\0");
    let text = |direction, at| find(&map, Landmark::Text, direction, at);
    assert_eq!(text(Direction::Forward, 0), Some(7));
    // The string that contains the cursor is not a match.
    assert_eq!(text(Direction::Forward, 7), Some(20));
    assert_eq!(text(Direction::Forward, 20), None);
    assert_eq!(text(Direction::Back, 33), Some(20));
    assert_eq!(text(Direction::Back, 20), Some(7));
    assert_eq!(text(Direction::Back, 7), None);
}

#[test]
fn entropy_changes_at_blocks_and_small_ones_are_no_exception() {
    let mut bytes = vec![0; 20_000];
    bytes.extend(b"some of this text is not so random as other bytes are\n".repeat(400));
    bytes.resize(12 * 4096, b' ');
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    while bytes.len() < 100_100 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    let map = memory(&bytes);
    let change = |direction, at| find(&map, Landmark::Entropy, direction, at);
    let text = change(Direction::Forward, 100).unwrap();
    assert_eq!(text, 5 * 4096);
    let end = bytes.len().try_into().unwrap();
    let mut places = vec![0];
    while let Some(next) = change(Direction::Forward, *places.last().unwrap()) {
        places.push(next);
    }
    assert!(places.contains(&(12 * 4096)), "{places:?}");
    assert_eq!(places.iter().filter(|&&place| place > 12 * 4096).count(), 0, "{places:?}");
    let mut back = vec![end];
    while let Some(next) = change(Direction::Back, *back.last().unwrap()) {
        back.push(next);
    }
    back.reverse();
    back.pop();
    assert_eq!(back, places);
}

#[test]
fn holes_are_found_both_ways_without_reading_them() {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(1 << 40).unwrap();
    let write = |at: u64, bytes: &[u8]| {
        use std::io::{Seek, SeekFrom, Write};
        let mut out = file.as_file();
        out.seek(SeekFrom::Start(at)).unwrap();
        out.write_all(bytes).unwrap();
    };
    write(0, b"start");
    write(1 << 39, b"middle");
    let map = SourceHandle::new(MemMap::open(file.path(), Mode::Read).unwrap().erase());
    let extents = map.map().extents(..).unwrap();
    if extents.iter().all(memmap::Extent::is_data) {
        return; // a file system without holes
    }
    let holes: Vec<u64> =
        extents.iter().filter(|it| !it.is_data()).map(|it| it.range().start).collect();
    let [first, second] = holes[..] else { panic!("{extents:?}") };
    let hole = |direction, at| find(&map, Landmark::Hole, direction, at);
    assert_eq!(hole(Direction::Forward, 0), Some(first));
    assert_eq!(hole(Direction::Forward, first), Some(second));
    assert_eq!(hole(Direction::Forward, second), None);
    assert_eq!(hole(Direction::Back, u64::MAX >> 24), Some(second));
    assert_eq!(hole(Direction::Back, second), Some(first));
    assert_eq!(hole(Direction::Back, first), None);
    // Across a terabyte of zeros, forward and back.
    let change = |direction, at| find(&map, Landmark::Change, direction, at);
    assert_eq!(change(Direction::Forward, 100), Some(1 << 39));
    assert_eq!(change(Direction::Back, 1 << 39), Some(5));
    assert_eq!(find(&map, Landmark::Zeros, Direction::Forward, 0), Some(5));
}

#[test]
fn a_job_says_how_far_it_came() {
    let map = memory(&vec![b'a'; 1 << 20]);
    let job =
        |direction, cursor| LandmarkJob { landmark: Landmark::Zeros, direction, cursor, count: 1 };
    for (direction, cursor) in [(Direction::Forward, 10), (Direction::Back, 1 << 20)] {
        let done = finish(&map, job(direction, cursor));
        assert_eq!(done.ended.unwrap(), None);
        assert!(done.progress.total >= (1 << 20) - 10);
        assert_eq!(done.progress.done, done.progress.total);
    }
}
