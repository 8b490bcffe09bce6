use std::fs;

use crate::support::{Dice, all_of, sample, wide};
use memmap_core::testing::FakeRam;
use memmap_core::{Advice, ErrorKind, Map, Mapping, Mode, Op, Progress, Refused, Result, widen};

#[derive(
    Debug, Clone, Copy, PartialEq, zerocopy::FromBytes, zerocopy::IntoBytes, zerocopy::Immutable,
)]
#[repr(C)]
struct Entry {
    key: u64,
    weight: f32,
    flags: [u16; 2],
    name: [u8; 24],
}

fn holds<T: zerocopy::FromBytes + PartialEq, M: Mapping>(
    mm: &Map<M>,
    offset: u64,
    value: &T,
) -> bool {
    mm.get::<T>(offset).unwrap() == *value
}

fn require_out_of_bounds(answer: Result<()>) {
    let error = answer.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::OutOfBounds { .. }), "{error:?}");
    assert_eq!(error.op(), Op::Write);
}

fn require_read_only(answer: Result<()>) {
    let error = answer.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ReadOnly), "{error:?}");
    assert_eq!(error.op(), Op::Write);
}

fn refuses_every_write<M: Mapping>(mm: &mut Map<M>) {
    let before = all_of(mm);
    let len = mm.len();
    for offset in [0, 1, len] {
        require_read_only(mm.write_at(offset, &[]));
        require_read_only(mm.fill_range(offset..offset, 7));
        require_read_only(mm.copy_within(offset..offset, 0));
    }
    require_read_only(mm.write_at(0, &[7; 10]));
    require_read_only(mm.write_at(len - 1, &[7]));
    require_read_only(mm.set(3, 7_u32));
    require_read_only(mm.fill_range(.., 7));
    require_read_only(mm.copy_within(1.., 0));
    assert!(all_of(mm) == before);
}

pub fn the_mode_says_that_it_writes<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    assert!(make(&sample(10)).mode().writes() && make(&[]).mode().writes());
}

pub fn every_range_writes_its_bytes<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut twin = sample(67);
    let mut mm = make(&twin);
    let fresh = sample(5_000);
    for start in 0..=twin.len() {
        for end in start..=twin.len() {
            let bytes = &fresh[start * end..][..end - start];
            mm.write_at(widen(start), bytes).unwrap();
            twin[start..end].copy_from_slice(bytes);
            assert_eq!(all_of(&mm), twin);
        }
    }
}

pub fn writes_across_many_pages_are_exact<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut twin = vec![0; 5 * 65_536 + 123];
    let mut mm = make(&twin);
    let fresh = sample(300_000);
    for border in [4096, 65_536, 2 * 65_536, 5 * 65_536] {
        for start in (border - 17..border + 17).step_by(3) {
            for len in [1, 15, 16, 17, 4096, 65_536 - 3] {
                let range = start..twin.len().min(start + len);
                let bytes = &fresh[start % 97 + len..][..range.len()];
                mm.write_at(widen(start), bytes).unwrap();
                twin[range.clone()].copy_from_slice(bytes);
                let (from, to) = (start - 9, twin.len().min(range.end + 9));
                assert!(
                    mm.read_at(widen(from), to - from).unwrap() == twin[from..to],
                    "{range:?} differs"
                );
            }
        }
    }
    assert!(all_of(&mm) == twin);
    let all = sample(twin.len());
    mm.write_at(0, &all).unwrap();
    assert!(all_of(&mm) == all);
}

pub fn write_past_end_is_out_of_bounds_and_writes_nothing<M: Mapping>(
    make: &impl Fn(&[u8]) -> Map<M>,
) {
    let bytes = sample(10);
    let mut mm = make(&bytes);
    for (at, size) in [(0, 11), (10, 1), (9, 2), (11, 0), (4096, 1), (5, 70_000)] {
        let error = mm.write_at(at, &vec![0xAA; size]).unwrap_err();
        let &ErrorKind::OutOfBounds { offset, len, bound } = error.kind() else {
            panic!("{error:?}")
        };
        assert_eq!((offset, len, bound, error.op()), (at, widen(size), 10, Op::Write));
        assert_eq!(all_of(&mm), bytes);
    }
    for offset in [3, 7, 10, 11] {
        require_out_of_bounds(mm.set(offset, [0xAA_u8; 8]));
    }
    assert_eq!(all_of(&mm), bytes);
}

pub fn writing_nothing_is_fine_up_to_the_end<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(10);
    let mut mm = make(&bytes);
    for offset in 0..=10 {
        mm.write_at(offset, &[]).unwrap();
        mm.set(offset, ()).unwrap();
        mm.fill_range(offset..offset, 7).unwrap();
        mm.copy_within(offset..offset, 10 - offset).unwrap();
    }
    assert_eq!(all_of(&mm), bytes);
}

pub fn no_bytes_can_be_written_to_nothing<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut mm = make(&[]);
    mm.write_at(0, &[]).unwrap();
    mm.fill_range(.., 7).unwrap();
    mm.copy_within(.., 0).unwrap();
    require_out_of_bounds(mm.write_at(0, &[7]));
    require_out_of_bounds(mm.set(0, 7_u8));
    require_out_of_bounds(mm.fill_range(..1, 7));
    assert!(mm.is_empty());
}

pub fn set_then_get_at_any_alignment<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut twin = sample(128);
    let mut mm = make(&twin);
    let mut dice = Dice::new();
    for at in 0..=80 {
        let offset = widen(at);
        macro_rules! set {
            ($value:expr) => {{
                let value = $value;
                mm.set(offset, value).unwrap();
                assert!(holds(&mm, offset, &value));
                let bytes = zerocopy::IntoBytes::as_bytes(&value);
                twin[at..][..bytes.len()].copy_from_slice(bytes);
                assert_eq!(all_of(&mm), twin);
            }};
        }
        let [a, b, c, d, ..] = dice.roll().to_ne_bytes();
        set!(a);
        set!(u16::from_ne_bytes([b, a]));
        set!(u32::from_ne_bytes([a, b, c, d]));
        set!(dice.roll());
        set!(u128::from(dice.roll()) << 61);
        set!([b; 37]);
        set!(Entry { key: dice.roll(), weight: -0.5, flags: [7, 8], name: [c; 24] });
    }
}

pub fn set_writes_plain_structs_of_every_size<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut twin = sample(1000);
    let mut mm = make(&twin);
    macro_rules! set {
        ($($len:literal)+) => {$(
            let byte = !twin[5];
            mm.set(5, [byte; $len]).unwrap();
            twin[5..5 + $len].fill(byte);
            assert_eq!(all_of(&mm), twin);
        )+};
    }
    set!(1 2 3 4 5 7 8 9 15 16 17 31 32 33 63 64 65 255 256 257 995);
    require_out_of_bounds(mm.set(744, [7_u8; 257]));
    assert_eq!(all_of(&mm), twin);
}

pub fn fill_sets_exactly_its_range<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut twin = sample((2 << 20) + 123);
    let mut mm = make(&twin);
    let mut dice = Dice::new();
    for round in 0..300 {
        let range = dice.range(twin.len(), 9_000);
        let [byte, ..] = dice.roll().to_le_bytes();
        mm.fill_range(wide(&range), byte).unwrap();
        twin[range.clone()].fill(byte);
        let (from, to) = (range.start.saturating_sub(9), twin.len().min(range.end + 9));
        assert!(
            mm.read_at(widen(from), to - from).unwrap() == twin[from..to],
            "{range:?} in round {round}"
        );
    }
    assert!(all_of(&mm) == twin);
    let last = twin.len() - 2;
    mm.fill_range(1..=widen(last), 0xC3).unwrap();
    twin[1..=last].fill(0xC3);
    assert!(all_of(&mm) == twin);
    mm.fill_range(.., 0).unwrap();
    assert!(all_of(&mm).iter().all(|&byte| byte == 0));
}

pub fn fill_past_end_sets_nothing<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(10);
    let mut mm = make(&bytes);
    for range in [0..11, 10..11, 11..11, 5..1 << 40] {
        require_out_of_bounds(mm.fill_range(range, 0xAA));
    }
    let (start, end) = (7, 3);
    let error = mm.fill_range(start..end, 0xAA).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::BackwardRange { start: 7, end: 3 }));
    assert_eq!((error.op(), all_of(&mm)), (Op::Write, bytes));
}

pub fn copy_within_is_that_of_slices<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    for len in [1, 67, 20_000] {
        let mut twin = sample(len);
        let mut mm = make(&twin);
        let mut dice = Dice::new();
        for _ in 0..300 {
            let range = dice.range(len, len);
            let to = dice.up_to(len - range.len());
            mm.copy_within(wide(&range), widen(to)).unwrap();
            twin.copy_within(range.clone(), to);
            assert!(all_of(&mm) == twin, "{range:?} to {to} of {len}");
        }
    }
}

pub fn copy_within_past_end_copies_nothing<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(10);
    let mut mm = make(&bytes);
    for (range, to) in
        [(0..11, 0), (0..1, 10), (0..5, 6), (3..3, 11), (0..2, u64::MAX), (11..11, 0)]
    {
        require_out_of_bounds(mm.copy_within(range, to));
    }
    let (start, end) = (7, 3);
    let error = mm.copy_within(start..end, 0).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::BackwardRange { start: 7, end: 3 }));
    assert_eq!((error.op(), all_of(&mm)), (Op::Write, bytes));
}

pub fn long_copies_may_overlap_in_both_directions<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut twin = sample(900_001);
    let mut mm = make(&twin);
    for (range, to) in [
        (0..900_000, 1),
        (1..900_001, 0),
        (0..700_003, 199_998),
        (262_144..800_000, 7),
        (100..262_244, 262_244),
        (3..900_000, 3),
    ] {
        mm.copy_within(wide(&range), widen(to)).unwrap();
        twin.copy_within(range.clone(), to);
        assert!(all_of(&mm) == twin, "{range:?} to {to}");
    }
}

pub fn writes_near_the_maximum_do_not_overflow<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    for bytes in [vec![], sample(10)] {
        let mut mm = make(&bytes);
        for offset in [u64::MAX, u64::MAX - 1, u64::MAX - 9, 1 << 63, (1 << 32) - 1, 1 << 32] {
            require_out_of_bounds(mm.write_at(offset, &[7; 10]));
            require_out_of_bounds(mm.write_at(offset, &[]));
            require_out_of_bounds(mm.set(offset, 7_u32));
            require_out_of_bounds(mm.fill_range(offset.., 7));
            require_out_of_bounds(mm.fill_range(..offset, 7));
            require_out_of_bounds(mm.fill_range(..=offset, 7));
            require_out_of_bounds(mm.copy_within(offset.., 0));
            require_out_of_bounds(mm.copy_within(..offset, 0));
            require_out_of_bounds(mm.copy_within(.., offset));
        }
        assert_eq!(all_of(&mm), bytes);
    }
}

pub fn any_sequence_of_writes_is_that_of_a_vector<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut twin = sample(150_001);
    let mut mm = make(&twin);
    let mut dice = Dice::new();
    let fresh = sample(40_000);
    for round in 0..2_000 {
        let range = dice.range(twin.len(), if round % 50 == 0 { 40_000 } else { 300 });
        let at = widen(range.start);
        let byte = fresh[round];
        match dice.up_to(5) {
            0 => {
                mm.write_at(at, &fresh[..range.len()]).unwrap();
                twin[range.clone()].copy_from_slice(&fresh[..range.len()]);
            }
            1 => {
                mm.fill_range(wide(&range), byte).unwrap();
                twin[range.clone()].fill(byte);
            }
            2 => {
                let to = dice.up_to(twin.len() - range.len());
                mm.copy_within(wide(&range), widen(to)).unwrap();
                twin.copy_within(range.clone(), to);
            }
            3 if range.len() >= 8 => {
                let value = dice.roll();
                mm.set(at, value).unwrap();
                twin[range.start..][..8].copy_from_slice(&value.to_ne_bytes());
            }
            4 => mm.advise(wide(&range), Advice::DontNeed).unwrap(),
            _ => require_out_of_bounds(mm.write_at(mm.len() - at / 2, &vec![0; 75_002])),
        }
        assert!(
            mm.read_at(at, range.len()).unwrap() == twin[range.clone()],
            "{range:?} in round {round}"
        );
    }
    assert!(all_of(&mm) == twin);
}

pub fn written_bytes_survive_advice_and_sync<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(70_000);
    let mut mm = make(&vec![0; 70_000]);
    mm.write_at(0, &bytes).unwrap();
    for advice in [Advice::DontNeed, Advice::WillNeed, Advice::Random, Advice::DontNeed] {
        mm.advise(.., advice).unwrap();
        assert!(all_of(&mm) == bytes, "{advice}");
    }
    mm.write_back(5_000..60_000).unwrap();
    mm.sync(..).unwrap();
    mm.advise(1..69_999, Advice::DontNeed).unwrap();
    assert!(all_of(&mm) == bytes);
    mm.close().unwrap();
}

pub fn written_bytes_are_detached_and_saved<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(70_000);
    let mut mm = make(&vec![0; 70_000]);
    mm.write_at(0, &bytes).unwrap();
    let ram = Map::<FakeRam>::copy_of(&mm, &Progress::new()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("saved");
    mm.replace_file(&path, &Progress::new()).unwrap();
    mm.fill_range(.., 0).unwrap();
    assert!(ram.as_bytes() == bytes && fs::read(&path).unwrap() == bytes);
}

pub fn erased_maps_write_too<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut twin = sample(5_000);
    let mut mm = make(&twin).erase();
    mm.write_at(4_095, b"over the border").unwrap();
    mm.set(17, 0x1234_5678_u32).unwrap();
    mm.fill_range(100..200, 7).unwrap();
    mm.copy_within(150..300, 250).unwrap();
    require_out_of_bounds(mm.write_at(5_000, b"!"));
    twin[4_095..][..15].copy_from_slice(b"over the border");
    twin[17..21].copy_from_slice(&0x1234_5678_u32.to_ne_bytes());
    twin[100..200].fill(7);
    twin.copy_within(150..300, 250);
    assert!(all_of(&mm) == twin);
    mm.close().unwrap();
}

pub fn read_only_for_good_refuses_writes<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut bytes = sample(10_000);
    let mut mm = make(&bytes);
    mm.write_at(5_000, b"last words").unwrap();
    bytes[5_000..][..10].copy_from_slice(b"last words");
    match mm.into_read_only() {
        Ok(mut mm) => {
            assert_eq!(mm.mode(), Mode::Read);
            refuses_every_write(&mut mm);
            assert!(all_of(&mm) == bytes);
            let mut mm = mm.into_read_only().unwrap().erase();
            refuses_every_write(&mut mm);
            mm.close().unwrap();
        }
        Err(Refused { value: mm, error }) => {
            assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error:?}");
            assert!(mm.mode().writes() && all_of(&mm) == bytes);
        }
    }
}

// ---- mode r --------------------------------------------------------------------------------

pub fn a_map_for_reading_refuses_every_write<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    for len in [10, 70_000] {
        let bytes = sample(len);
        let mut mm = make(&bytes);
        assert_eq!(mm.mode(), Mode::Read);
        refuses_every_write(&mut mm);
        assert!(all_of(&mm) == bytes);
        refuses_every_write(&mut mm.erase());
    }
    let mut none = make(&[]);
    require_read_only(none.write_at(0, &[]));
    require_read_only(none.fill_range(.., 7));
}

pub fn a_map_for_reading_is_read_only_already<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    for bytes in [vec![], sample(10), sample(70_000)] {
        let mm = make(&bytes).into_read_only().unwrap();
        assert_eq!(mm.mode(), Mode::Read);
        assert!(all_of(&mm) == bytes);
    }
}
