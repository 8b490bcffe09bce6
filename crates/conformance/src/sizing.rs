use crate::support::{Dice, all_of, sample};
use memmap_core::{ErrorKind, Map, Mapping, Op, widen};

/// Resizes both to `len`, and compares them.
fn resize<M: Mapping>(mm: &mut Map<M>, twin: &mut Vec<u8>, len: usize) {
    mm.resize(widen(len)).unwrap();
    twin.resize(len, 0);
    assert_eq!((mm.len(), mm.is_empty()), (widen(len), len == 0));
    assert!(all_of(mm) == *twin, "{len} bytes");
}

pub fn grown_bytes_are_zeros_and_old_ones_stay<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    for from in [0, 1, 4095, 4096, 4097, 70_000] {
        let mut twin = sample(from);
        let mut mm = make(&twin);
        for more in [1, 4095, 4096, 4097, 1 << 20] {
            let len = twin.len() + more;
            resize(&mut mm, &mut twin, len);
            let last = twin.len() - 1;
            mm.set(widen(last), 0xAA_u8).unwrap();
            twin[last] = 0xAA;
        }
        assert!(all_of(&mm) == twin);
    }
}

pub fn shrunk_then_grown_bytes_are_zeros<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    for shorter in [69_999, 65_536, 65_537, 4096, 4095, 10, 1, 0] {
        let mut twin = sample(70_000);
        let mut mm = make(&twin);
        for len in [shorter, 70_000, shorter, shorter + 1, 140_000] {
            resize(&mut mm, &mut twin, len);
        }
    }
}

pub fn bytes_that_were_cut_are_out_of_bounds<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut mm = make(&sample(70_000));
    mm.resize(5_000).unwrap();
    for offset in [4_999, 5_000, 8_191, 8_192, 69_998] {
        for error in [mm.get::<u16>(offset).unwrap_err(), mm.set(offset, 7_u16).unwrap_err()] {
            let bound = 5_000;
            assert!(matches!(error.kind(), ErrorKind::OutOfBounds { bound: b, .. } if *b == bound));
        }
    }
    mm.sync(..).unwrap();
    assert!(mm.sync(..5_001).is_err());
    mm.close().unwrap();
}

pub fn resize_to_nothing_and_back<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    for from in [0, 1, 70_000] {
        let mut twin = sample(from);
        let mut mm = make(&twin);
        for len in [0, 0, 1, 0, 10_000, 0] {
            resize(&mut mm, &mut twin, len);
        }
        assert!(mm.get::<u8>(0).is_err() && mm.set(0, 7_u8).is_err());
        mm.sync(..).unwrap();
        mm.close().unwrap();
    }
}

pub fn resize_to_the_same_is_nothing<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    for len in [0, 1, 4096, 70_000] {
        let mut twin = sample(len);
        let mut mm = make(&twin);
        resize(&mut mm, &mut twin, len);
        resize(&mut mm, &mut twin, len);
    }
}

pub fn many_small_growths<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut twin = Vec::new();
    let mut mm = make(&twin);
    let mut dice = Dice::new();
    let fresh = sample(5_000);
    while twin.len() < 1 << 20 {
        let more = &fresh[..=dice.up_to(4_999)];
        let end = mm.len();
        mm.resize(end + widen(more.len())).unwrap();
        mm.write_at(end, more).unwrap();
        twin.extend_from_slice(more);
    }
    assert!(all_of(&mm) == twin);
    mm.close().unwrap();
}

pub fn reserved_then_grown<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    for from in [0, 70_000] {
        let mut twin = sample(from);
        let mut mm = make(&twin);
        mm.reserve(8 << 20).unwrap();
        assert_eq!(mm.len(), widen(from));
        assert!(all_of(&mm) == twin);
        for len in [70_001, 1 << 20, 100, 8 << 20, (8 << 20) + 1, 9 << 20, 4097, 0, 3 << 20] {
            resize(&mut mm, &mut twin, len);
            let at = len / 2;
            if at < len {
                mm.set(widen(at), 0xAA_u8).unwrap();
                twin[at] = 0xAA;
            }
            assert!(all_of(&mm) == twin, "{len} bytes, written");
        }
        mm.close().unwrap();
    }
}

pub fn reserving_less_is_nothing<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut twin = sample(70_000);
    let mut mm = make(&twin);
    for len in [0, 1, 70_000, 1 << 20, 5, 2 << 20] {
        mm.reserve(len).unwrap();
        assert_eq!(mm.len(), 70_000);
        assert!(all_of(&mm) == twin);
    }
    // It may be more than there can be, or nothing that this mapping takes.
    mm.reserve(u64::MAX).ok();
    resize(&mut mm, &mut twin, 100_000);
}

pub fn resize_beyond_the_address_space_is_refused<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    for from in [0, 70_000] {
        let mut twin = sample(from);
        let mut mm = make(&twin);
        for len in [u64::MAX, 1 << 63, 1 << 62] {
            let error = mm.resize(len).unwrap_err();
            assert!(
                matches!(
                    error.kind(),
                    ErrorKind::TooLarge { .. }
                        | ErrorKind::OutOfMemory { .. }
                        | ErrorKind::StorageFull { .. }
                        | ErrorKind::Os(_)
                ),
                "{error:?}"
            );
            assert_eq!((error.op(), mm.len()), (Op::Resize, widen(from)));
            assert!(all_of(&mm) == twin);
        }
        resize(&mut mm, &mut twin, from + 1);
    }
}

pub fn erased_maps_resize_too<M: Mapping>(make: &impl Fn(&[u8]) -> Map<M>) {
    let mut twin = sample(5_000);
    let mut mm = make(&twin).erase();
    mm.reserve(1 << 20).unwrap();
    for len in [10_000, 2 << 20, 3, 70_000] {
        resize(&mut mm, &mut twin, len);
    }
    mm.close().unwrap();
}
