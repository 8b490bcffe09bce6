use std::fs;
use std::ops::Range;
use std::path::Path;

use crate::support::{all_of, names_in, private_permissions, sample};
use memmap_core::testing::FakeRam;
use memmap_core::{
    Advice, BLOCK_LEN, ErrorKind, FileKind, Kernel, Map, Mapping, Mode, Op, Progress, Result, widen,
};

/// Ranges of 70,000 bytes. Most do not start at a page boundary.
const RANGES: [Range<u64>; 7] =
    [0..0, 0..70_000, 5_000..25_000, 4096..8192, 69_999..70_000, 70_000..70_000, 1..69_998];

pub fn len_is_that_of_the_bytes<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    for len in [0, 1, 4095, 4096, 4097, 70_000] {
        let mm = make(&sample(len));
        assert_eq!(mm.len(), widen(len));
        assert_eq!(mm.is_empty(), len == 0);
    }
}

pub fn no_bytes_are_a_valid_mapping<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mm = make(&[]);
    assert_eq!(mm.read_at(0, 0).unwrap(), []);
    assert!(matches!(
        mm.read_at(0, 1).unwrap_err().kind(),
        ErrorKind::OutOfBounds { offset: 0, len: 1, bound: 0 }
    ));
}

pub fn every_range_reads_its_bytes<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(67);
    let mm = make(&bytes);
    for start in 0..=bytes.len() {
        for end in start..=bytes.len() {
            assert_eq!(mm.read_at(widen(start), end - start).unwrap(), bytes[start..end]);
        }
    }
}

pub fn reads_across_many_pages_are_exact<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(5 * 65_536 + 123);
    let mm = make(&bytes);
    for border in [4096, 65_536, 2 * 65_536, 5 * 65_536] {
        for start in border - 17..border + 17 {
            for len in [1, 15, 16, 17, 4096, 65_536 - 3] {
                let end = bytes.len().min(start + len);
                let read = mm.read_at(widen(start), end - start).unwrap();
                assert!(read == bytes[start..end], "{start}..{end} differs");
            }
        }
    }
    assert!(mm.read_at(0, bytes.len()).unwrap() == bytes);
}

pub fn reading_nothing_is_fine_up_to_the_end<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mm = make(&sample(10));
    for offset in 0..=10 {
        assert_eq!(mm.read_at(offset, 0).unwrap(), []);
        mm.read_into(offset, &mut []).unwrap();
    }
    assert!(mm.read_into(11, &mut []).is_err());
    assert!(mm.read_at(11, 0).is_err());
}

pub fn read_past_end_is_out_of_bounds<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mm = make(&sample(10));
    for (offset, len) in [(0, 11), (10, 1), (9, 2), (11, 0), (4096, 1)] {
        let mut out = vec![0; len];
        let expected = (offset, widen(len), 10);
        for error in
            [mm.read_into(offset, &mut out).unwrap_err(), mm.read_at(offset, len).unwrap_err()]
        {
            let &ErrorKind::OutOfBounds { offset, len, bound } = error.kind() else {
                panic!("{error:?}")
            };
            assert_eq!((offset, len, bound), expected);
        }
    }
}

/// Keeps what it is given.
#[derive(Debug, Default)]
struct Keep(Vec<u8>);

impl Kernel for Keep {
    #[inline(always)]
    fn block(&mut self, block: &[u8; BLOCK_LEN]) {
        assert_eq!(self.0.len() % BLOCK_LEN, 0, "a block after the rest");
        self.0.extend_from_slice(block);
    }

    #[inline(always)]
    fn rest(&mut self, rest: &[u8]) {
        assert!(!rest.is_empty() && rest.len() < BLOCK_LEN);
        assert_eq!(self.0.len() % BLOCK_LEN, 0, "a second rest");
        self.0.extend_from_slice(rest);
    }
}

pub fn a_fold_takes_every_byte_once_and_in_order<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample((2 << 20) + 77);
    let mm = make(&bytes);
    for range in [0..0, 0..1, 5..132, 127..256, 4095..70_000, 0..bytes.len(), 1..bytes.len()] {
        let Keep(kept) = mm.fold(widen(range.start)..widen(range.end), Keep::default()).unwrap();
        assert!(kept == bytes[range.clone()], "{range:?}");
    }
    let error = mm.fold(7..=widen(bytes.len()), Keep::default()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::OutOfBounds { offset: 7, .. }));
}

pub fn numbers_near_the_maximum_do_not_overflow<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    for mm in [make(&[]), make(&sample(10))] {
        for offset in [u64::MAX, u64::MAX - 1, u64::MAX - 9, 1 << 63, (1 << 32) - 1, 1 << 32] {
            assert!(matches!(
                mm.get::<u32>(offset).unwrap_err().kind(),
                ErrorKind::OutOfBounds { .. }
            ));
        }
        // Refused before memory is asked for.
        let error = mm.read_at(1, usize::MAX).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::OutOfBounds { .. }));
    }
}

pub fn a_failed_read_leaves_the_buffer_alone<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mm = make(&sample(10));
    let mut out = [0xAA; 8];
    mm.read_into(5, &mut out).unwrap_err();
    assert_eq!(out, [0xAA; 8]);
}

pub fn get_reads_values_at_any_alignment<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(64);
    let mm = make(&bytes);
    for at in 0..=48 {
        let offset = widen(at);
        assert_eq!(mm.get::<u8>(offset).unwrap(), bytes[at]);
        assert_eq!(mm.get::<[u8; 3]>(offset).unwrap(), bytes[at..at + 3]);
        assert_eq!(mm.get::<u32>(offset).unwrap().to_ne_bytes(), bytes[at..at + 4]);
        assert_eq!(mm.get::<f64>(offset).unwrap().to_ne_bytes(), bytes[at..at + 8]);
        assert_eq!(mm.get::<i128>(offset).unwrap().to_ne_bytes(), bytes[at..at + 16]);
        assert_eq!(
            mm.get::<zerocopy::byteorder::big_endian::U16>(offset).unwrap().get(),
            u16::from_be_bytes([bytes[at], bytes[at + 1]])
        );
    }
    assert!(mm.get::<u32>(61).is_err() && mm.get::<u32>(60).is_ok());
    mm.get::<()>(64).unwrap();
}

pub fn get_reads_plain_structs_of_every_size<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    #[derive(zerocopy::FromBytes, zerocopy::IntoBytes, zerocopy::Immutable)]
    #[repr(C)]
    struct Vertex {
        position: [f32; 3],
        colour: [u16; 3],
        padding: [u8; 2],
    }
    let bytes = sample(1000);
    let mm = make(&bytes);
    let vertex = mm.get::<Vertex>(7).unwrap();
    assert_eq!(zerocopy::IntoBytes::as_bytes(&vertex), &bytes[7..27]);
    // On either side of the sizes where the way of copying changes.
    assert_eq!(mm.get::<[u8; 17]>(1).unwrap(), bytes[1..18]);
    assert_eq!(mm.get::<[u8; 256]>(1).unwrap(), bytes[1..257]);
    assert_eq!(mm.get::<[u8; 257]>(1).unwrap(), bytes[1..258]);
    assert!(mm.get::<[u8; 257]>(744).is_err());
}

pub fn many_threads_read_at_once<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(50_000);
    let mm = make(&bytes);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (mm, bytes) = (&mm, &bytes);
            scope.spawn(move || {
                for round in 0..50 {
                    let start = (thread * 7919 + round * 104_729) % 40_000;
                    assert!(
                        mm.read_at(widen(start), 9_999).unwrap() == bytes[start..start + 9_999]
                    );
                }
            });
        }
    });
}

pub fn some_is_all_where_nothing_is_lost<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(10_000);
    let mm = make(&bytes);
    for (offset, len) in [(0, 0), (0, 10_000), (4095, 3), (10_000, 0), (7, 9000)] {
        let mut out = vec![0; len];
        let partial = mm.read_some(widen(offset), &mut out).unwrap();
        assert!(partial.stopped.is_none());
        assert_eq!((partial.len, &out[..]), (len, &bytes[offset..offset + len]));
        out.fill(0);
        assert!(mm.rescue(widen(offset), &mut out).unwrap().is_empty());
        assert_eq!(out, bytes[offset..offset + len]);
    }
    for (offset, len) in [(0, 10_001), (10_001, 0), (u64::MAX, 1)] {
        let mut out = vec![0xAA; len];
        for error in
            [mm.read_some(offset, &mut out).unwrap_err(), mm.rescue(offset, &mut out).unwrap_err()]
        {
            assert!(matches!(error.kind(), ErrorKind::OutOfBounds { .. }));
        }
        assert!(out.iter().all(|&byte| byte == 0xAA));
    }
}

pub fn released_bytes_are_what_they_were<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(70_000);
    let mm = make(&bytes);
    for range in RANGES {
        mm.advise(range, Advice::DontNeed).unwrap();
        assert!(all_of(&mm) == bytes);
    }
    make(&[]).advise(.., Advice::DontNeed).unwrap();
}

pub fn advice_changes_no_byte<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(70_000);
    let (mm, none) = (make(&bytes), make(&[]));
    for advice in [
        Advice::Sequential,
        Advice::Random,
        Advice::WillNeed,
        Advice::HugePages,
        Advice::SmallPages,
        Advice::DontNeed,
        Advice::Evict,
        Advice::Normal,
    ] {
        let may_be_refused = matches!(advice, Advice::HugePages | Advice::SmallPages);
        for advised in RANGES
            .map(|range| mm.advise(range, advice))
            .into_iter()
            .chain([none.advise(.., advice)])
        {
            if let Err(error) = advised {
                assert!(may_be_refused, "{error}");
                assert!(matches!(error.kind(), ErrorKind::Unsupported { .. } | ErrorKind::Os(_)));
                assert_eq!(error.op(), Op::Advise);
            }
        }
        assert!(all_of(&mm) == bytes, "{advice}");
    }
}

pub fn prefault_does_any_range_and_says_how_far_it_is<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let len: u64 = 33 << 20;
    let mm = make(&vec![7; 33 << 20]);
    for range in [0..len, 5..len - 3, 4095..4097, 1..1, len - 1..len, len..len] {
        let progress = Progress::new();
        mm.prefault(range.clone(), &progress).unwrap();
        let all = range.end - range.start;
        assert_eq!((progress.done(), progress.total()), (all, all));
    }
    assert_eq!(mm.get::<u8>(len - 1).unwrap(), 7);
}

pub fn prefault_stops_where_it_is_told_to<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mm = make(&vec![7; 33 << 20]);
    let progress = Progress::new();
    progress.cancel();
    let error = mm.prefault(3.., &progress).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Cancelled { done: 0 }), "{error:?}");
    assert_eq!((error.op(), progress.done()), (Op::Prefault, 0));
    mm.prefault(3..3, &progress).unwrap();
}

pub fn bytes_in_memory_are_listed_in_order<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mm = make(&sample(70_000));
    for range in RANGES {
        match mm.resident(range.clone()) {
            Ok(listed) => {
                assert!(listed.iter().all(|part| {
                    range.start <= part.start && part.start < part.end && part.end <= range.end
                }));
                assert!(listed.windows(2).all(|two| two[0].end < two[1].start), "{listed:?}");
            }
            Err(error) => assert!(matches!(error.kind(), ErrorKind::Unsupported { .. })),
        }
    }
}

pub fn extents_cover_any_range_in_order<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = [sample(70_000), vec![0; 300_000], sample(70_000)].concat();
    let mm = make(&bytes);
    for range in RANGES.into_iter().chain([0..440_000, 69_999..370_001, 80_001..360_003]) {
        let mut at = range.start;
        for extent in mm.extents(range.clone()).unwrap() {
            let Range { start, end } = *extent.range();
            assert!(start == at && start < end, "{extent:?} at {at}");
            let read = mm.read_at(start, usize::try_from(end - start).unwrap()).unwrap();
            assert!(!extent.is_hole() || read.iter().all(|&byte| byte == 0), "{extent:?}");
            at = end;
        }
        assert_eq!(at, range.end);
    }
    assert!(make(&[]).extents(..).unwrap().is_empty());
}

/// What everything that takes a range answers, and as what.
fn answers<M: Mapping>(mm: &Map<M>, range: &Range<u64>) -> [(Op, Result<()>); 8] {
    let range = || range.clone();
    let untold = Progress::new();
    [
        (Op::Advise, mm.advise(range(), Advice::DontNeed)),
        (Op::Prefault, mm.prefault(range(), &untold)),
        (Op::Prefault, mm.lock_in_ram(range())),
        (Op::Prefault, mm.unlock_from_ram(range())),
        (Op::Query, mm.resident(range()).map(drop)),
        (Op::Query, mm.extents(range()).map(drop)),
        (Op::Sync, mm.write_back(range())),
        (Op::Sync, mm.sync(range())),
    ]
}

pub fn ranges_beyond_the_end_are_refused<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mm = make(&sample(10));
    for range in [0..11, 10..11, 11..11, 0..u64::MAX, 4096..4097, u64::MAX..u64::MAX] {
        for (op, answer) in answers(&mm, &range) {
            let error = answer.unwrap_err();
            let &ErrorKind::OutOfBounds { offset, len, bound } = error.kind() else {
                panic!("{error:?}")
            };
            assert_eq!((offset, len, bound), (range.start, range.end - range.start, 10));
            assert_eq!(error.op(), op);
        }
    }
}

pub fn backward_ranges_are_refused<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mm = make(&sample(10));
    for (start, end) in [(1, 0), (10, 9), (11, 3), (u64::MAX, 0)] {
        for (op, answer) in answers(&mm, &Range { start, end }) {
            let error = answer.unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::BackwardRange { start: s, end: e } if (*s, *e) == (start, end)),
                "{error:?}"
            );
            assert_eq!(error.op(), op);
        }
    }
}

pub fn bytes_kept_in_memory_are_what_they_were<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(20_000);
    let mm = make(&bytes);
    for range in [0..1, 5..5, 4095..4097, 0..20_000] {
        match mm.lock_in_ram(range.clone()) {
            Ok(()) => mm.unlock_from_ram(range).unwrap(),
            Err(error) => assert!(
                matches!(
                    error.kind(),
                    ErrorKind::LimitReached { .. } | ErrorKind::Unsupported { .. }
                ),
                "{error:?}"
            ),
        }
    }
    assert!(mm.lock_in_ram(19_999..20_001).is_err());
    assert!(mm.read_at(0, 20_000).unwrap() == bytes);
}

pub fn any_range_syncs<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(70_000);
    let (mm, none) = (make(&bytes), make(&[]));
    for range in RANGES {
        mm.write_back(range.clone()).unwrap();
        mm.sync(range).unwrap();
    }
    for mm in [&mm, &none] {
        mm.write_back(..).unwrap();
        mm.sync(..).unwrap();
    }
    assert!(all_of(&mm) == bytes);
}

pub fn detached_bytes_are_the_same<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let with_zeros = [sample(70_000), vec![0; 3 << 20], sample(1)].concat();
    for bytes in [vec![], vec![0], sample(70_000), with_zeros] {
        let mm = make(&bytes);
        let ram = Map::<FakeRam>::copy_of(&mm, &Progress::new()).unwrap();
        assert!(ram.as_bytes() == bytes && all_of(&mm) == bytes);
        assert_eq!((ram.path(), ram.mode(), ram.offset()), (None, Mode::ReadWrite, 0));
        mm.close().unwrap();
        assert!(ram.as_bytes() == bytes);
    }
}

pub fn a_file_is_replaced_by_exactly_the_bytes<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    for len in [0, 1, 70_000, (1 << 20) + 1] {
        let bytes = sample(len);
        let mm = make(&bytes);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("saved");
        mm.replace_file(&path, &Progress::new()).unwrap();
        assert!(fs::read(&path).unwrap() == bytes);
        fs::write(&path, sample(100_000)).unwrap();
        let permissions = private_permissions();
        fs::set_permissions(&path, permissions.clone()).unwrap();
        mm.replace_file(&path, &Progress::new()).unwrap();
        assert!(fs::read(&path).unwrap() == bytes);
        assert_eq!(fs::metadata(&path).unwrap().permissions(), permissions);
        assert_eq!(names_in(dir.path()), ["saved"]);
    }
}

pub fn what_is_no_file_is_not_replaced<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mm = make(&sample(10));
    let dir = tempfile::tempdir().unwrap();
    let error = mm.replace_file(dir.path(), &Progress::new()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotMappable { kind: FileKind::Directory }));
    let path = dir.path().join("missing").join("saved");
    let error = mm.replace_file(&path, &Progress::new()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::CannotCreate { .. }));
    assert_eq!((error.op(), error.path()), (Op::Create, Some(&*path)));
    assert!(names_in(dir.path()).is_empty());
}

pub fn erasing_keeps_bytes_and_description<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(5000);
    let mm = make(&bytes);
    let before = (mm.len(), mm.offset(), mm.mode(), mm.path().map(Path::to_path_buf));
    let erased = mm.erase();
    assert_eq!(
        before,
        (erased.len(), erased.offset(), erased.mode(), erased.path().map(Path::to_path_buf))
    );
    assert_eq!(erased.read_at(100, 4000).unwrap(), bytes[100..4100]);
    assert!(matches!(erased.read_at(0, 5001).unwrap_err().kind(), ErrorKind::OutOfBounds { .. }));
    erased.close().unwrap();
}

pub fn debug_shows_no_address<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mm = make(&sample(10));
    // Of the map's own text the path is left out: a temporary name may look like one.
    let text = format!("{mm:?}").replace(&format!("{:?}", mm.origin()), "");
    assert!(text.contains("10") && !text.contains("0x"), "{text}");
}

pub fn close_succeeds<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    for len in [0, 1, 10_000] {
        make(&sample(len)).close().unwrap();
    }
}
