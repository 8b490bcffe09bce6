//! Every access, at every position of a missing page.
#![cfg(any(target_os = "linux", all(windows, target_arch = "x86_64")))]
#![expect(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::multiple_unsafe_ops_per_block,
    clippy::disallowed_methods,
    reason = "a test reports by panicking, and its numbers are small"
)]

use memmap_guard::{
    Cause, Fault, Faulted, Integer, Status, compare_exchange, copy_in, copy_out, ensure, fetch_add,
    fill, in_place, load, quick_copy_in, quick_copy_out, quick_load, status, store,
};

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
mod windows_fills;

#[cfg(target_os = "linux")]
use linux::Cut;
#[cfg(windows)]
use windows::Cut;

const PAGE: usize = 4096;

impl Cut {
    /// One page, followed by one that is missing.
    fn new() -> Self {
        Self::of(1)
    }

    fn fault(&self, moved: usize) -> Fault {
        Fault { moved, address: self.at(PAGE).addr(), cause: Cause::Missing }
    }
}

#[test]
fn the_guard_is_active_here() {
    assert_eq!(status(), Status::Active);
    assert_eq!(ensure(), Status::Active);
}

#[test]
fn copies_stop_at_the_exact_byte_whatever_the_alignment_and_length() {
    let cut = Cut::new();
    let all: Vec<u8> = (0..PAGE).map(|at| (at % 251) as u8).collect();
    let before =
        (0..40).chain([63, 64, 65, 127, 128, 129, 200, 255, 256, 257, 300, 511, 1000, PAGE]);
    for before in before {
        for beyond in [0, 1, 2, 7, 8, 15, 16, 17, 31, 33, 64, 100, 128, 129, 256, 700, PAGE] {
            let start = PAGE - before;
            for pad in [0, 1, 3] {
                let mut out = vec![0xEE; before + beyond + pad];
                // SAFETY: within the mapping, to which there is no other reference.
                let result = unsafe { copy_out(cut.at(start), &mut out[pad..]) };
                let expected = if beyond == 0 { Ok(()) } else { Err(cut.fault(before)) };
                assert_eq!(result, expected, "{before} bytes and {beyond} beyond");
                assert_eq!(out[pad..pad + before], all[start..]);
                assert!(out[..pad].iter().all(|&byte| byte == 0xEE));

                // SAFETY: as above.
                let result = unsafe { copy_in(cut.at(start), &vec![7; before + beyond]) };
                assert_eq!(result, expected);
                // SAFETY: as above.
                let result = unsafe { fill(cut.at(start), 9, before + beyond) };
                assert_eq!(result, expected);
                let mut filled = vec![0; before];
                // SAFETY: as above.
                unsafe { copy_out(cut.at(start), &mut filled) }.unwrap();
                assert!(filled.iter().all(|&byte| byte == 9), "{before} bytes and {beyond}");
                // SAFETY: as above.
                unsafe { copy_in(cut.at(start), &all[start..]) }.unwrap();
            }
        }
    }
}

#[test]
fn copies_between_ranges_stop_where_either_is_missing() {
    let (from, to) = (Cut::new(), Cut::new());
    for len in [1, 8, 63, 64, 129, 700, PAGE] {
        for (read, written) in [(len, len), (len / 2, len), (len, len / 2), (len / 3, len / 2)] {
            // SAFETY: within the mapping, to which there is no other reference.
            unsafe { fill(to.at(0), 0xEE, PAGE) }.unwrap();
            // SAFETY: as above.
            let source = unsafe { in_place(from.at(PAGE - read), len) };
            // SAFETY: as above.
            let result = unsafe { source.copy_to(to.at(PAGE - written)) };
            let done = read.min(written);
            let expected = if done == len { Ok(()) } else { Err(Faulted { done }) };
            assert_eq!(result, expected, "{len} bytes, {read} to read, {written} to write");
            let mut copied = vec![0; written];
            // SAFETY: as above.
            unsafe { copy_out(to.at(PAGE - written), &mut copied) }.unwrap();
            let all: Vec<u8> = (PAGE - read..PAGE).map(|at| (at % 251) as u8).collect();
            assert_eq!(copied[..done], all[..done]);
            assert!(copied[done..].iter().all(|&byte| byte == 0xEE));
        }
    }
}

#[test]
fn copies_between_ranges_that_overlap_give_bytes_of_either() {
    let cut = Cut::new();
    // SAFETY: within the mapping, to which there is no other reference.
    let source = unsafe { in_place(cut.at(0), 1000) };
    // SAFETY: as above.
    unsafe { source.copy_to(cut.at(0)) }.unwrap();
    let mut out = vec![0; 1000];
    // SAFETY: as above.
    unsafe { copy_out(cut.at(0), &mut out) }.unwrap();
    assert!(out.iter().enumerate().all(|(at, &byte)| byte == (at % 251) as u8), "onto themselves");
    // SAFETY: as above.
    unsafe { source.copy_to(cut.at(100)) }.unwrap();
    // SAFETY: as above.
    unsafe { copy_out(cut.at(0), &mut out) }.unwrap();
    assert!(out[..100].iter().enumerate().all(|(at, &byte)| byte == (at % 251) as u8));
}

#[test]
fn short_copies_in_line_give_their_bytes_or_say_that_they_did_not() {
    let cut = Cut::new();
    // The first access of a thread is never an inline access.
    // SAFETY: within the mapping.
    unsafe { load::<u8>(cut.at(0)) }.unwrap();
    for len in 0..=65 {
        for before in 0..=len + 8 {
            let start = PAGE - before;
            let mut out = vec![0xEE; len + 2];
            // SAFETY: within the mapping, to which there is no other reference.
            let copied = unsafe { quick_copy_out(cut.at(start), &mut out[1..=len]) };
            let is_there = len <= before;
            assert_eq!(copied, is_there && len <= 64 && INLINE || len == 0, "{len} at {before}");
            if copied {
                let expected: Vec<u8> = (start..start + len).map(|at| (at % 251) as u8).collect();
                assert_eq!(out[1..=len], expected);
            }
            assert_eq!((out[0], out[len + 1]), (0xEE, 0xEE));

            // SAFETY: as above.
            let loaded = unsafe { quick_load(cut.at(start), len) };
            assert_eq!(loaded.is_some(), [1, 2, 4, 8].contains(&len) && is_there && INLINE);
        }
    }
}

#[test]
fn short_copies_in_line_arrive_and_touch_no_neighbour_or_say_that_they_did_not() {
    let cut = Cut::new();
    // SAFETY: within the mapping.
    unsafe { load::<u8>(cut.at(0)) }.unwrap();
    for len in 0..=65 {
        for before in 0..=len + 8 {
            let start = PAGE - before;
            // SAFETY: within the mapping, to which there is no other reference.
            unsafe { fill(cut.at(0), 0xEE, PAGE) }.unwrap();
            let bytes: Vec<u8> = (1..=len as u8).collect();
            // SAFETY: as above.
            let copied = unsafe { quick_copy_in(cut.at(start), &bytes) };
            let is_there = len <= before;
            assert_eq!(copied, is_there && len <= 64 && INLINE || len == 0, "{len} at {before}");
            let mut page = vec![0; PAGE];
            // SAFETY: as above.
            unsafe { copy_out(cut.at(0), &mut page) }.unwrap();
            assert!(page[..start].iter().all(|&byte| byte == 0xEE));
            if copied {
                assert_eq!(page[start..start + len], bytes);
                assert!(page[start + len..].iter().all(|&byte| byte == 0xEE));
            }
        }
    }
}

/// Whether this target has inline accesses.
const INLINE: bool = cfg!(all(target_os = "linux", target_arch = "x86_64"));

#[test]
fn long_copies_stop_at_the_exact_byte_too() {
    const LEN: usize = 64 * PAGE;
    let cut = Cut::of(LEN / PAGE);
    let at = |offset: usize| cut.at(offset);
    let all: Vec<u8> = (0..LEN).map(|at| (at % 251) as u8).collect();
    // On both sides of each length at which the routine changes, and at every distance within a page that
    // the choice depends on.
    for len in [32 * 1024 - 1, 32 * 1024, 40_000, 100_000, LEN] {
        for before in [0, 1, 31, 32, 33, 127, 4097, 31_999, len - 1, len] {
            for pad in [0, 1, 40, 64, 100] {
                let start = LEN - before;
                let mut out = vec![0xEE; pad + len + 1];
                // SAFETY: as above.
                let result = unsafe { copy_out(at(start), &mut out[pad..pad + len]) };
                let address = at(LEN).addr();
                let fault = Fault { moved: before, address, cause: Cause::Missing };
                assert_eq!(result, if before == len { Ok(()) } else { Err(fault) }, "{len}");
                assert!(out[pad..pad + before] == all[start..], "{len} bytes, {before} there");
                assert_eq!(out[pad + len], 0xEE);
            }
        }
    }
}

fn integers<T: Integer + std::fmt::Debug>(cut: &Cut, one: T, two: T, three: T) {
    let len = size_of::<T>();
    let at = PAGE - 2 * len;
    // SAFETY: within the mapping, aligned, to which there is no other reference.
    unsafe {
        store(cut.at(at), one).unwrap();
        assert_eq!(load::<T>(cut.at(at)).unwrap(), one);
        assert_eq!(compare_exchange(cut.at(at), two, three).unwrap(), Err(one));
        assert_eq!(compare_exchange(cut.at(at), one, two).unwrap(), Ok(one));
        assert_eq!(fetch_add(cut.at(at), one).unwrap(), two);
        assert_eq!(load::<T>(cut.at(at)).unwrap(), three);
        assert_eq!(load::<T>(cut.at(PAGE)), Err(cut.fault(0)));
        assert_eq!(store(cut.at(PAGE), one), Err(cut.fault(0)));
        assert_eq!(compare_exchange(cut.at(PAGE), one, two), Err(cut.fault(0)));
        assert_eq!(fetch_add(cut.at(PAGE), one), Err(cut.fault(0)));
    }
    for across in 1..len {
        // SAFETY: within the mapping; loads and stores need no alignment.
        let result = unsafe { load::<T>(cut.at(PAGE - across)) };
        assert_eq!(result, Err(cut.fault(0)), "{across} of {len} bytes");
    }
    // Additions wrap, without a carry into the next byte.
    // SAFETY: within the mapping, aligned.
    unsafe {
        store::<T>(cut.at(PAGE - len), one).unwrap();
        store::<T>(cut.at(at), T::narrow(u64::MAX)).unwrap();
        fetch_add(cut.at(at), one).unwrap();
        assert_eq!(load::<T>(cut.at(at)).unwrap(), T::narrow(one.into() - 1));
        assert_eq!(load::<T>(cut.at(PAGE - len)).unwrap(), one);
    }
}

#[test]
fn integers_of_every_width_are_loaded_stored_exchanged_and_added_or_missing() {
    let cut = Cut::new();
    integers::<u8>(&cut, 0x71, 0x82, 0xF3);
    integers::<u16>(&cut, 0x7101, 0x8202, 0xF303);
    integers::<u32>(&cut, 0x7101_0101, 0x8202_0202, 0xF303_0303);
    integers::<u64>(&cut, 0x7101_0101_0101_0101, 0x8202_0202_0202_0202, 0xF303_0303_0303_0303);
}

#[test]
fn unaligned_loads_and_stores_move_their_bytes() {
    let cut = Cut::new();
    for at in 0..32 {
        // SAFETY: within the mapping.
        unsafe {
            let expected: [u8; 8] = std::array::from_fn(|i| ((at + i) % 251) as u8);
            assert_eq!(load::<u64>(cut.at(at)).unwrap().to_ne_bytes(), expected);
            store::<u32>(cut.at(64 + at), u32::from_ne_bytes([1, 2, 3, 4])).unwrap();
            let mut four = [0; 4];
            copy_out(cut.at(64 + at), &mut four).unwrap();
            assert_eq!(four, [1, 2, 3, 4]);
        }
    }
}

#[test]
fn of_two_mappings_that_are_both_cut_the_nearer_end_counts() {
    let (from, to) = (Cut::new(), Cut::new());
    for (from_left, to_left) in [(10, 300), (300, 10), (128, 128), (0, 5), (5, 0), (1000, 999)] {
        // SAFETY: this stands for a caller's buffer that is a mapping; there is no other reference to it,
        // and only guarded copies access it.
        let out = unsafe { std::slice::from_raw_parts_mut(to.at(PAGE - to_left), 2000) };
        // SAFETY: within the mapping.
        let fault = unsafe { copy_out(from.at(PAGE - from_left), out) }.unwrap_err();
        assert_eq!(fault.moved, from_left.min(to_left));
        let nearer = if from_left <= to_left { &from } else { &to };
        assert_eq!(fault.address, nearer.at(PAGE).addr(), "{from_left} {to_left}");
    }
}

#[test]
fn every_thread_is_guarded_at_once() {
    let cut = Cut::new();
    let cut = &cut;
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(move || {
                for _ in 0..1000 {
                    let mut out = vec![0; 2 * PAGE];
                    // SAFETY: within the mapping.
                    let result = unsafe { copy_out(cut.at(0), &mut out) };
                    assert_eq!(result, Err(cut.fault(PAGE)));
                }
            });
        }
    });
}
