//! Searches in place, compared with loops over a slice, at every position of a missing page.
#![cfg(any(target_os = "linux", all(windows, target_arch = "x86_64")))]
#![expect(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::naive_bytecount,
    reason = "a test reports by panicking, and its numbers are small"
)]

use memmap_guard::simd::{Lane, SHAPE_LEN, Seen, Shape};
use memmap_guard::{BLOCK_LEN, Faulted, InPlace, PairKernel, copy_in, in_place};
use memmap2::MmapRaw;

const PAGE: usize = 4096;

/// Two pages, the second of which is missing: its file was truncated, or it is inaccessible.
struct Cut {
    pages: MmapRaw,
}

impl Cut {
    fn new(bytes: &[u8; PAGE]) -> Self {
        // SAFETY: within the mapping, to which there is no other reference.
        let fill = |pages: &MmapRaw| unsafe { copy_in(pages.as_mut_ptr(), bytes) }.unwrap();
        Self { pages: half(fill) }
    }

    fn part(&self, start: usize, end: usize) -> InPlace<'_> {
        assert!(start <= end && end <= 2 * PAGE);
        // SAFETY: within the mapping, which lives as long as the borrow of `self`.
        unsafe { in_place(self.pages.as_ptr().wrapping_add(start), end - start) }
    }
}

#[cfg(target_os = "linux")]
fn half(prepare: impl FnOnce(&MmapRaw)) -> MmapRaw {
    let file = tempfile::tempfile().unwrap();
    file.set_len(2 * PAGE as u64).unwrap();
    let pages = memmap2::MmapOptions::new().len(2 * PAGE).map_raw(&file).unwrap();
    prepare(&pages);
    file.set_len(PAGE as u64).unwrap();
    pages
}

#[cfg(windows)]
fn half(prepare: impl FnOnce(&MmapRaw)) -> MmapRaw {
    use windows_sys::Win32::System::Memory::{PAGE_NOACCESS, VirtualProtect};

    let pages = MmapRaw::from(memmap2::MmapMut::map_anon(2 * PAGE).unwrap());
    prepare(&pages);
    let (second, mut before) = (pages.as_mut_ptr().wrapping_add(PAGE), 0);
    // SAFETY: the second page, which only the guard accesses.
    assert!(unsafe { VirtualProtect(second.cast(), PAGE, PAGE_NOACCESS, &raw mut before) } != 0);
    pages
}

/// Bytes with about equal frequencies, in which no two blocks are equal.
fn bytes() -> [u8; PAGE] {
    let mut state = 1_u32;
    std::array::from_fn(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8 % 50
    })
}

fn count(bytes: &[u8], byte: u8) -> u64 {
    bytes.iter().filter(|&&other| other == byte).count() as u64
}

#[test]
fn a_part_of_a_range_in_place_lies_within_it() {
    let bytes: [u8; 100] = std::array::from_fn(|at| u8::try_from(at).unwrap());
    let whole = InPlace::from(&bytes[..]);
    for (start, len) in [(0, 0), (0, 100), (1, 99), (40, 2), (100, 0)] {
        let mut out = vec![0; len];
        whole.part(start, len).unwrap().copy_out(&mut out).unwrap();
        assert_eq!(out, bytes[start..start + len]);
    }
    for (start, len) in [(0, 101), (1, 100), (100, 1), (101, 0), (usize::MAX, 1), (1, usize::MAX)] {
        assert!(whole.part(start, len).is_none(), "{len} from {start} on");
    }
    // A part ends at its own end, not at that of the whole range.
    assert!(whole.part(10, 10).unwrap().part(0, 11).is_none());
}

#[test]
fn a_byte_is_counted_whatever_the_alignment_and_length() {
    let all = bytes();
    let cut = Cut::new(&all);
    for start in (0..140).chain([1000, PAGE - 300, PAGE - 129, PAGE - 128, PAGE - 127, PAGE]) {
        for len in (0..300).chain([511, 512, 513, 1151, 3000]) {
            let end = start + len;
            let there = &all[start..end.min(PAGE)];
            for byte in [0, 49, 50] {
                let (found, result) = cut.part(start, end).count_byte(byte);
                assert_eq!(found, count(there, byte), "{start}, {len}");
                let expected =
                    if end <= PAGE { Ok(()) } else { Err(Faulted { done: there.len() }) };
                assert_eq!(result, expected, "{start}, {len}");
            }
        }
    }
}

/// Keeps what it is given of each side.
#[derive(Default)]
struct Keep([Vec<u8>; 2]);

impl PairKernel for Keep {
    #[inline(always)]
    fn blocks(&mut self, first: &[u8; BLOCK_LEN], second: &[u8; BLOCK_LEN]) {
        self.0[0].extend_from_slice(first);
        self.0[1].extend_from_slice(second);
    }
}

#[test]
fn a_pair_is_fed_up_to_the_first_block_that_is_missing_on_either_side() {
    let all = bytes();
    let (cut, other) = (Cut::new(&all), bytes().map(|byte| byte + 1).repeat(2));
    for start in (0..40).chain([1000, PAGE - 300, PAGE - 129, PAGE - 128, PAGE - 127, PAGE]) {
        for len in (0..300).chain([511, 512, 513, 1151, 3000]) {
            let end = start + len;
            let one = cut.part(start, end);
            let two = InPlace::from(&other[7..7 + len]);
            let there = end.min(PAGE) - start.min(PAGE);
            for is_swapped in [false, true] {
                let (first, second) = if is_swapped { (two, one) } else { (one, two) };
                let (Keep(mut kept), done) = first.fold_pair(second, Keep::default());
                if is_swapped {
                    kept.reverse();
                }
                // Without wide registers the caller copies everything.
                assert!([there - there % BLOCK_LEN, 0].contains(&done), "{start}, {len}: {done}");
                assert_eq!(kept[0], all[start.min(PAGE)..][..done], "{start}, {len}");
                assert_eq!(kept[1], other[7..7 + done], "{start}, {len}");
            }
        }
    }
    // The shorter side ends both.
    let (_, done) =
        InPlace::from(&all[..]).fold_pair(InPlace::from(&other[..300]), Keep::default());
    assert!([256, 0].contains(&done), "{done}");
}

#[test]
fn every_byte_is_counted_whatever_the_alignment_and_length() {
    let all = bytes();
    let cut = Cut::new(&all);
    for start in (0..40).chain([1000, PAGE - 33, PAGE - 32, PAGE - 31, PAGE]) {
        for len in (0..100).chain([511, 512, 513, 1151, 3000, PAGE]) {
            let end = start + len;
            let there = &all[start..end.min(PAGE)];
            let mut tables = [[0; 256]; 8];
            let result = cut.part(start, end).histogram(&mut tables);
            for byte in 0..=u8::MAX {
                let found: u32 = tables.iter().map(|table| table[usize::from(byte)]).sum();
                assert_eq!(u64::from(found), count(there, byte), "{start}, {len}");
            }
            let expected = if end <= PAGE { Ok(()) } else { Err(Faulted { done: there.len() }) };
            assert_eq!(result, expected, "{start}, {len}");
        }
    }
}

#[test]
fn no_lane_of_a_long_count_overflows() {
    for len in [63 * 128, 64 * 128, 255 * 32, 256 * 128 + 7, 1 << 20] {
        let (found, result) = InPlace::from(&vec![7; len][..]).count_byte(7);
        assert_eq!((found, result), (len as u64, Ok(())));
    }
}

/// All positions of a shape, found by as many searches as necessary.
fn shapes(
    bytes: InPlace<'_>,
    shape: &Shape,
    room: usize,
    tries: usize,
) -> (Vec<usize>, Seen, bool) {
    let (mut all, mut total, mut buffer) = (Vec::new(), Seen::default(), vec![0; room]);
    loop {
        let rest = bytes.part(total.done, bytes.len() - total.done).unwrap();
        let (seen, result) = rest.find_shape(shape, tries, &mut buffer);
        assert!(seen.found <= seen.tried && seen.tried <= tries, "{seen:?}");
        all.extend(buffer[..seen.found].iter().map(|at| at + total.done));
        total.found += seen.found;
        total.tried += seen.tried;
        total.done += seen.done;
        if let Err(lost) = result {
            assert_eq!(lost.done, seen.done);
            return (all, total, true);
        }
        if seen.found < room && seen.tried < tries {
            return (all, total, false);
        }
    }
}

fn shapes_to_look_for() -> Vec<(Shape, Vec<Lane>)> {
    let of = |lanes: Vec<Lane>, rare| (Shape::new(&lanes, rare).unwrap(), lanes);
    let few = Lane { mask: 0xFF, low: 3, more: 9 };
    let around = Lane { mask: 0xFF, low: 20, more: 240 };
    let bits = Lane { mask: 0x11, low: 0x10, more: 0 };
    let mut long = vec![Lane::ANY; SHAPE_LEN];
    (long[3], long[31]) = (Lane::of(7), few);
    let mut all = vec![around; SHAPE_LEN];
    all[17] = Lane::of(9);
    vec![
        of(vec![Lane::of(3)], [0, 0]),
        of(vec![Lane::of(7), Lane::of(200)], [0, 1]),
        of(vec![few, Lane::ANY, bits], [0, 2]),
        of(vec![few, few, few, bits, around, Lane::of(5)], [3, 5]),
        of(vec![few, few, few, bits, around, Lane::of(5)], [5, 0]),
        of(long, [3, 31]),
        of(all, [17, 17]),
        of(vec![Lane { mask: 0, low: 1, more: 0 }, Lane::of(9)], [0, 1]),
    ]
}

#[test]
fn every_place_of_a_shape_is_found_whatever_the_alignment_and_length() {
    let all = bytes();
    let cut = Cut::new(&all);
    for start in [0, 1, 31, 33, 1000, PAGE - 400, PAGE - 160, PAGE - 128, PAGE - 31, PAGE - 5, PAGE]
    {
        for len in (0..36).chain([127, 128, 129, 158, 159, 160, 161, 260, 399, 400, 401, 700, 3000])
        {
            let end = start + len;
            let there = &all[start..end.min(PAGE)];
            for (shape, lanes) in shapes_to_look_for() {
                let has = |at: &usize| lanes.iter().zip(&there[*at..]).all(|(l, &b)| l.has(b));
                let positions = (there.len() + 1).saturating_sub(lanes.len());
                let expected: Vec<usize> = (0..positions).filter(has).collect();
                let is_lost = end > PAGE && len >= lanes.len();
                for (room, tries) in [(1, 1), (3, 1000), (1000, 5), (4096, 4096)] {
                    let (found, seen, lost) = shapes(cut.part(start, end), &shape, room, tries);
                    assert_eq!(found, expected, "{start}, {len}, {shape:?}");
                    assert_eq!(
                        (seen.done, lost),
                        (positions, is_lost),
                        "{start}, {len}, {shape:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_shape_is_found_at_every_place_of_a_block() {
    let lanes = [Lane::of(1), Lane::ANY, Lane { mask: 0xF0, low: 0x30, more: 0 }, Lane::of(2)];
    let shape = Shape::new(&lanes, [0, 3]).unwrap();
    for at in 0..400 {
        let mut bytes = vec![0; 600];
        bytes[at..at + 4].copy_from_slice(&[1, 0, 0x3A, 2]);
        assert!(shape.is_of(&bytes[at..]) && !shape.is_of(&bytes[at..at + 3]));
        let (found, seen, lost) = shapes(InPlace::from(&bytes[..]), &shape, 8, 8);
        assert_eq!((found, seen.tried, seen.done, lost), (vec![at], 1, 597, false));
        // The rare places are unchanged, and another place is not.
        bytes[at + 2] = 0x2A;
        let (found, seen, _) = shapes(InPlace::from(&bytes[..]), &shape, 8, 8);
        assert_eq!((found, seen.tried), (vec![], 1));
    }
}

#[test]
fn a_search_ends_where_it_was_told_to() {
    let bytes = [5; 1000];
    let shape = Shape::new(&[Lane::of(5)], [0, 0]).unwrap();
    let mut found = [0; 10];
    let (seen, result) = InPlace::from(&bytes[..]).find_shape(&shape, 100, &mut found);
    assert_eq!((seen, result), (Seen { found: 10, tried: 10, done: 10 }, Ok(())));
    assert_eq!(found, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let (seen, _) = InPlace::from(&bytes[..]).find_shape(&shape, 7, &mut found);
    assert_eq!(seen, Seen { found: 7, tried: 7, done: 7 });
    let (seen, _) = InPlace::from(&bytes[990..]).find_shape(&shape, 7, &mut found);
    assert_eq!(seen, Seen { found: 7, tried: 7, done: 7 });
    let (seen, _) = InPlace::from(&bytes[..]).find_shape(&shape, 0, &mut found);
    assert_eq!(seen, Seen::default());
    let (seen, _) = InPlace::from(&bytes[..]).find_shape(&shape, 7, &mut []);
    assert_eq!(seen, Seen::default());
}

#[test]
fn a_shape_has_places_and_its_rare_ones_are_among_them() {
    assert!(Shape::new(&[], [0, 0]).is_none());
    assert!(Shape::new(&[Lane::ANY; 2], [0, 2]).is_none());
    assert!(Shape::new(&[Lane::ANY; SHAPE_LEN + 1], [0, 1]).is_none());
    assert_eq!(Shape::new(&[Lane::ANY; SHAPE_LEN], [0, 31]).unwrap().len(), SHAPE_LEN);
}
