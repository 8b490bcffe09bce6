//! Searches in place, against loops over a slice, at every place where a page can be missing.
#![cfg(any(target_os = "linux", all(windows, target_arch = "x86_64")))]
#![expect(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::naive_bytecount,
    reason = "a test speaks by panicking, and its numbers are small"
)]

use memmap_guard::{InPlace, Lost, Sign, copy_in, in_place};
use memmap2::MmapRaw;

const PAGE: usize = 4096;

/// Two pages of which the second one is missing: its file was cut short, or nobody may access it.
struct Cut {
    pages: MmapRaw,
}

impl Cut {
    fn new(bytes: &[u8; PAGE]) -> Self {
        // SAFETY: within the mapping, which nothing else refers to.
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

/// Bytes in which each value is about as frequent, and no block is like another.
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
                let expected = if end <= PAGE { Ok(()) } else { Err(Lost { done: there.len() }) };
                assert_eq!(result, expected, "{start}, {len}");
            }
        }
    }
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
            let expected = if end <= PAGE { Ok(()) } else { Err(Lost { done: there.len() }) };
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

#[test]
fn the_first_pair_is_found_whatever_the_alignment_distance_and_length() {
    let all = bytes();
    let cut = Cut::new(&all);
    let signs = [
        (Sign::of(3), Sign::of(3)),
        (Sign::of(7), Sign::of(200)),
        (Sign { mask: 0xF0, value: 0x10 }, Sign { mask: 0x0F, value: 0x0D }),
        (Sign { mask: 0xFE, value: 0x08 }, Sign::of(9)),
        (Sign { mask: 0, value: 1 }, Sign::of(9)),
    ];
    for start in [0, 1, 31, 33, 1000, PAGE - 400, PAGE - 128, PAGE - 5, PAGE] {
        for len in (0..12).chain([127, 128, 129, 160, 260, 399, 400, 401, 700, 3000]) {
            for distance in [0, 1, 5, 31, 64, 127, 128, 200, 5000] {
                let end = start + len;
                let there = &all[start..end.min(PAGE)];
                let positions = there.len().saturating_sub(distance);
                for (a, b) in signs {
                    let expected = (0..positions)
                        .find(|&at| a.is_of(there[at]) && b.is_of(there[at + distance]));
                    let expected = match expected {
                        None if end > PAGE && len > distance => Err(Lost { done: positions }),
                        found => Ok(found),
                    };
                    let found = cut.part(start, end).find_pair(a, b, distance);
                    assert_eq!(found, expected, "{start}, {len}, {distance}, {a:?}, {b:?}");
                }
            }
        }
    }
}

#[test]
fn a_pair_is_found_at_every_place_of_a_block() {
    for at in 0..400 {
        for distance in [0, 1, 40, 130] {
            let mut bytes = vec![0; 600];
            bytes[at] = 1;
            bytes[at + distance] |= 2;
            let first = Sign { mask: 1, value: 1 };
            let second = Sign { mask: 2, value: 2 };
            let found = InPlace::from(&bytes[..]).find_pair(first, second, distance);
            assert_eq!(found, Ok(Some(at)));
        }
    }
}
