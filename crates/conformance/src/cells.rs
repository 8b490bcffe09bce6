use std::thread;

use crate::support::{all_of, sample};
use memmap_core::{ErrorKind, Integer, Map, Mode, Op, Result, Share, SharedCells, widen};

const THREADS: u64 = 4;

fn require_out_of_bounds<T>(op: Op, answer: Result<T>) {
    let Err(error) = answer else { panic!("an answer from out of bounds") };
    assert!(matches!(error.kind(), ErrorKind::OutOfBounds { .. }), "{error:?}");
    assert_eq!(error.op(), op);
}

fn require_read_only<T>(answer: Result<T>) {
    let Err(error) = answer else { panic!("it was written") };
    assert!(matches!(error.kind(), ErrorKind::ReadOnly), "{error:?}");
    assert_eq!(error.op(), Op::Write);
}

/// The first offset at which an integer may be, whatever the map's offset in its file.
fn first_place<T: Integer, M: Share>(cells: SharedCells<'_, M>) -> u64 {
    let align = widen(size_of::<T>());
    let mut places = (0..align).filter(|&offset| match cells.load::<T>(offset) {
        Ok(_) => true,
        Err(error) => {
            let &ErrorKind::Misaligned { offset: at, align: of, lead } = error.kind() else {
                panic!("{error:?}")
            };
            assert_eq!((at, of), (offset, align));
            assert!(lead < align && (offset + lead) % align != 0, "{error:?}");
            false
        }
    });
    let place = places.next().unwrap();
    assert_eq!(places.next(), None);
    place
}

pub fn cells_are_the_bytes_of_the_map<M: Share>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut twin = sample(70_000);
    let mut mm = make(&twin);
    let mode = mm.mode();
    let cells = SharedCells::of(&mut mm);
    assert_eq!((cells.len(), cells.is_empty(), cells.mode()), (70_000, false, mode));
    cells.write_at(4_090, b"over the border").unwrap();
    twin[4_090..][..15].copy_from_slice(b"over the border");
    cells.set(33, 0x1234_5678_u32).unwrap();
    twin[33..37].copy_from_slice(&0x1234_5678_u32.to_ne_bytes());
    cells.fill_range(10_000..60_000, 7).unwrap();
    twin[10_000..60_000].fill(7);
    cells.fill_range(.., 7).and_then(|()| cells.write_at(0, &twin)).unwrap();
    assert_eq!(cells.get::<u32>(33).unwrap(), 0x1234_5678);
    let mut out = vec![0; 70_000];
    cells.read_into(0, &mut out).unwrap();
    assert!(out == twin);
    mm.set(5, 0xAA_u8).unwrap();
    assert_eq!(SharedCells::of(&mut mm).get::<u8>(5).unwrap(), 0xAA);
    twin[5] = 0xAA;
    assert!(all_of(&mm) == twin);
    assert!(SharedCells::of(&mut make(&[])).is_empty());
}

pub fn cells_past_end_are_out_of_bounds<M: Share>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(100);
    let mut mm = make(&bytes);
    let cells = SharedCells::of(&mut mm);
    for offset in [99, 100, 101, 4096, u64::MAX - 1, u64::MAX] {
        require_out_of_bounds(Op::Read, cells.read_into(offset, &mut [0; 2]));
        require_out_of_bounds(Op::Read, cells.get::<u64>(offset));
        require_out_of_bounds(Op::Write, cells.write_at(offset, &[0; 2]));
        require_out_of_bounds(Op::Write, cells.set(offset, 0_u64));
        require_out_of_bounds(Op::Write, cells.fill_range(..offset.saturating_add(2), 0));
        require_out_of_bounds(Op::Sync, cells.sync(..offset.saturating_add(2)));
    }
    cells.write_at(100, &[]).unwrap();
    cells.fill_range(100.., 0).unwrap();
    assert_eq!(all_of(&mm), bytes);
}

pub fn integers_are_whole_and_touch_no_neighbour<M: Share>(make: &impl Fn(&[u8]) -> Map<M>) {
    fn accesses<T: Integer + std::fmt::Debug, M: Share>(
        cells: SharedCells<'_, M>,
        twin: &mut [u8],
    ) {
        let size = size_of::<T>();
        let first = usize::try_from(first_place::<T, M>(cells)).unwrap();
        for at in (first..=twin.len() - size).step_by(size) {
            let offset = widen(at);
            let old = T::narrow(cells.load::<T>(offset).unwrap().into());
            let [new, more] = [0x1122_3344_5566_7788, 0x0102_0304_0506_0708].map(T::narrow);
            cells.store(offset, new).unwrap();
            assert_eq!(cells.load::<T>(offset).unwrap(), new);
            assert_eq!(cells.fetch_add(offset, more).unwrap(), new);
            let sum = T::narrow(0x1224_3648_5a6c_7e90);
            assert_eq!(cells.compare_exchange(offset, sum, old).unwrap(), Ok(sum));
            assert_eq!(cells.load::<T>(offset).unwrap(), old);
            let mut bytes = vec![0; twin.len()];
            cells.read_into(0, &mut bytes).unwrap();
            assert_eq!(bytes, twin);
            cells.store(offset, new).unwrap();
            let value = new.into();
            let value = if cfg!(target_endian = "little") {
                value.to_le_bytes()[..size].to_vec()
            } else {
                value.to_be_bytes()[8 - size..].to_vec()
            };
            twin[at..at + size].copy_from_slice(&value);
            cells.read_into(0, &mut bytes).unwrap();
            assert_eq!(bytes, twin);
        }
    }
    let mut twin = sample(100);
    let mut mm = make(&twin);
    accesses::<u8, M>(SharedCells::of(&mut mm), &mut twin);
    accesses::<u16, M>(SharedCells::of(&mut mm), &mut twin);
    accesses::<u32, M>(SharedCells::of(&mut mm), &mut twin);
    accesses::<u64, M>(SharedCells::of(&mut mm), &mut twin);
}

pub fn misaligned_integers_are_refused<M: Share>(make: &impl Fn(&[u8]) -> Map<M>) {
    fn refusals<T: Integer, M: Share>(cells: SharedCells<'_, M>) {
        let align = widen(size_of::<T>());
        let place = first_place::<T, M>(cells);
        let zero = T::narrow(0);
        for offset in (0..3 * align).filter(|offset| offset % align != place) {
            let answers = [
                cells.load::<T>(offset).map(drop),
                cells.store(offset, zero),
                cells.fetch_add(offset, zero).map(drop),
                cells.compare_exchange(offset, zero, zero).map(drop),
            ];
            for answer in answers {
                assert!(
                    matches!(answer.unwrap_err().kind(), ErrorKind::Misaligned { offset: o, .. } if *o == offset)
                );
            }
        }
    }
    let bytes = sample(100);
    let mut mm = make(&bytes);
    refusals::<u8, M>(SharedCells::of(&mut mm));
    refusals::<u16, M>(SharedCells::of(&mut mm));
    refusals::<u32, M>(SharedCells::of(&mut mm));
    refusals::<u64, M>(SharedCells::of(&mut mm));
    // What is a multiple of eight is one of four and two.
    let place = first_place::<u64, M>(SharedCells::of(&mut mm));
    assert_eq!(place % 4, first_place::<u32, M>(SharedCells::of(&mut mm)));
    assert_eq!(place % 2, first_place::<u16, M>(SharedCells::of(&mut mm)));
    assert_eq!(all_of(&mm), bytes);
}

pub fn integers_past_end_are_out_of_bounds<M: Share>(make: &impl Fn(&[u8]) -> Map<M>) {
    fn refusals<T: Integer, M: Share>(cells: SharedCells<'_, M>, offset: u64) {
        let zero = T::narrow(0);
        require_out_of_bounds(Op::Read, cells.load::<T>(offset));
        require_out_of_bounds(Op::Write, cells.store(offset, zero));
        require_out_of_bounds(Op::Write, cells.fetch_add(offset, zero));
        require_out_of_bounds(Op::Write, cells.compare_exchange(offset, zero, zero));
    }
    let bytes = sample(100);
    let mut mm = make(&bytes);
    let cells = SharedCells::of(&mut mm);
    let place = first_place::<u64, M>(cells);
    for beyond in [96 + 8, 4096, 1 << 40, u64::MAX - 15] {
        let offset = place + beyond;
        refusals::<u8, M>(cells, offset);
        refusals::<u16, M>(cells, offset);
        refusals::<u32, M>(cells, offset);
        refusals::<u64, M>(cells, offset);
    }
    refusals::<u8, M>(cells, 100);
    let last = (93..101).find(|offset| offset % 8 == place).unwrap();
    refusals::<u64, M>(cells, last);
    let mut none = make(&[]);
    refusals::<u8, M>(SharedCells::of(&mut none), 0);
    assert_eq!(all_of(&mm), bytes);
}

pub fn adding_wraps<M: Share>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut mm = make(&[0xFF; 32]);
    let cells = SharedCells::of(&mut mm);
    let place = first_place::<u64, M>(cells);
    assert_eq!(cells.fetch_add(place, 2_u64).unwrap(), u64::MAX);
    assert_eq!(cells.fetch_add(place + 8, 2_u32).unwrap(), u32::MAX);
    assert_eq!(cells.fetch_add(place + 12, 2_u16).unwrap(), u16::MAX);
    assert_eq!(cells.fetch_add(place + 14, 2_u8).unwrap(), u8::MAX);
    assert_eq!(cells.load::<u64>(place).unwrap(), 1);
    assert_eq!(cells.load::<u32>(place + 8).unwrap(), 1);
    assert_eq!(cells.load::<u16>(place + 12).unwrap(), 1);
    assert_eq!(cells.load::<u8>(place + 14).unwrap(), 1);
    assert_eq!(cells.load::<u8>(place + 15).unwrap(), 0xFF);
}

pub fn threads_count_together<M: Share>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut mm = make(&[0; 64]);
    let cells = SharedCells::of(&mut mm);
    let place = first_place::<u64, M>(cells);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(move || {
                for _ in 0..10_000 {
                    cells.fetch_add(place, 1_u64).unwrap();
                    cells.fetch_add(place + 8, 1_u32).unwrap();
                    cells.fetch_add(place + 12, 1_u16).unwrap();
                    cells.fetch_add(place + 14, 1_u8).unwrap();
                }
            });
        }
    });
    assert_eq!(cells.load::<u64>(place).unwrap(), 40_000);
    assert_eq!(cells.load::<u32>(place + 8).unwrap(), 40_000);
    assert_eq!(cells.load::<u16>(place + 12).unwrap(), 40_000);
    assert_eq!(cells.load::<u8>(place + 14).unwrap(), u8::narrow(40_000));
    let others = [0..place, place + 15..64];
    assert!(others.into_iter().flatten().all(|at| cells.get::<u8>(at).unwrap() == 0));
}

pub fn compare_exchange_takes_turns<M: Share>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut mm = make(&[0; 64]);
    let cells = SharedCells::of(&mut mm);
    let place = first_place::<u32, M>(cells);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(move || {
                for _ in 0..5_000 {
                    let mut count: u32 = cells.load(place).unwrap();
                    while let Err(other) = cells.compare_exchange(place, count, count + 1).unwrap()
                    {
                        count = other;
                    }
                }
            });
        }
    });
    assert_eq!(cells.load::<u32>(place).unwrap(), 20_000);
}

pub fn compare_exchange_says_what_is_there<M: Share>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut mm = make(&[0; 64]);
    let cells = SharedCells::of(&mut mm);
    let place = first_place::<u64, M>(cells);
    cells.store(place, 5_u64).unwrap();
    assert_eq!(cells.compare_exchange(place, 4_u64, 6).unwrap(), Err(5));
    assert_eq!(cells.load::<u64>(place).unwrap(), 5);
    assert_eq!(cells.compare_exchange(place, 5_u64, 6).unwrap(), Ok(5));
    assert_eq!(cells.load::<u64>(place).unwrap(), 6);
}

pub fn what_was_written_before_a_store_is_seen_after_its_load<M: Share>(
    make: &impl Fn(&[u8]) -> Map<M>,
) {
    let mut mm = make(&[0; 8_192]);
    let cells = SharedCells::of(&mut mm);
    let flag = first_place::<u32, M>(cells);
    thread::scope(|scope| {
        scope.spawn(move || {
            for round in 1..=255_u8 {
                cells.write_at(4_000, &[round; 1_000]).unwrap();
                cells.store(flag, 2 * u32::from(round) - 1).unwrap();
                while cells.load::<u32>(flag).unwrap() != 2 * u32::from(round) {
                    thread::yield_now();
                }
            }
        });
        for round in 1..=255_u8 {
            while cells.load::<u32>(flag).unwrap() != 2 * u32::from(round) - 1 {
                thread::yield_now();
            }
            assert_eq!(cells.get::<[u8; 1_000]>(4_000).unwrap(), [round; 1_000]);
            cells.store(flag, 2 * u32::from(round)).unwrap();
        }
    });
}

pub fn copies_of_many_threads_all_arrive<M: Share>(make: &impl Fn(&[u8]) -> Map<M>) {
    const EACH: usize = 333;
    let twin = sample(300 * EACH);
    let mut mm = make(&vec![0; twin.len()]);
    let cells = SharedCells::of(&mut mm);
    thread::scope(|scope| {
        for thread in 0..4 {
            let twin = &twin;
            scope.spawn(move || {
                for start in (0..300).map(|part| part * EACH).skip(thread).step_by(4) {
                    let (offset, bytes) = (widen(start), &twin[start..start + EACH]);
                    cells.fill_range(offset..offset + widen(EACH), 0xAA).unwrap();
                    cells.write_at(offset, bytes).unwrap();
                    let mut out = [0; EACH];
                    cells.read_into(offset, &mut out).unwrap();
                    assert_eq!(out, bytes);
                }
            });
        }
    });
    assert!(all_of(&mm) == twin);
}

pub fn cells_sync<M: Share>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut mm = make(&sample(70_000));
    let cells = SharedCells::of(&mut mm);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                cells.set(thread * 10_000, thread).unwrap();
                cells.sync(thread * 10_000..).unwrap();
            });
        }
    });
    cells.sync(..).unwrap();
    cells.sync(5..5).unwrap();
    assert_eq!(cells.get::<u64>(30_000).unwrap(), 3);
    mm.close().unwrap();
}

pub fn cells_of_a_read_only_map_refuse_writes<M: Share>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(100);
    let mut mm = make(&bytes).into_read_only().unwrap();
    let cells = SharedCells::of(&mut mm);
    assert_eq!(cells.mode(), Mode::Read);
    let place = first_place::<u64, M>(cells);
    let there = cells.load::<u64>(place).unwrap();
    assert_eq!(cells.get::<u64>(place).unwrap(), there);
    require_read_only(cells.store(place, 7_u64));
    require_read_only(cells.fetch_add(place, 0_u64));
    require_read_only(cells.compare_exchange(place, there, 7));
    require_read_only(cells.compare_exchange(place, !there, 7));
    require_read_only(cells.write_at(3, b"no"));
    require_read_only(cells.write_at(3, &[]));
    require_read_only(cells.set(3, 7_u16));
    require_read_only(cells.fill_range(.., 7));
    require_read_only(cells.fill_range(3..3, 7));
    cells.sync(..).unwrap();
    assert_eq!(all_of(&mm), bytes);
}

pub fn cells_without_a_guard_have_no_atomic_integers<M: Share>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut mm = make(&[7; 100]);
    let error = SharedCells::of(&mut mm).fetch_add(0, 1_u64).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error:?}");
    SharedCells::of(&mut mm).set(3, 5_u32).unwrap();
    assert_eq!(mm.get::<u32>(3).unwrap(), 5);
}
