//! Laws of bytes that are borrowed.

use std::thread;

use memmap_core::{Lend, Map, widen};

use crate::support::{all_of, sample};

pub fn lent_bytes_are_those_that_are_read<M: Lend>(make: &impl Fn(&[u8]) -> Map<M>) {
    for len in [0, 1, 4096, 70_000] {
        let bytes = sample(len);
        let map = make(&bytes);
        assert!(map.as_bytes() == bytes);
        assert!(all_of(&map) == bytes);
    }
}

pub fn an_empty_map_lends_an_empty_slice<M: Lend>(make: &impl Fn(&[u8]) -> Map<M>) {
    let map = make(&[]);
    assert!(map.as_bytes().is_empty() && map.is_empty() && map[..].is_empty());
}

pub fn lent_bytes_stay_where_they_are<M: Lend>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(70_000);
    let map = make(&bytes);
    let lent = map.as_bytes();
    thread::scope(|scope| {
        for start in 0..4 {
            let (map, bytes) = (&map, &bytes);
            scope.spawn(move || {
                for offset in (start..bytes.len() - 8).step_by(997) {
                    let mut out = [0; 8];
                    map.read_into(widen(offset), &mut out).unwrap();
                    assert_eq!(out, bytes[offset..offset + 8]);
                    assert_eq!(map.as_bytes()[offset..offset + 8], out);
                }
            });
        }
    });
    assert_eq!(lent.as_ptr_range(), map.as_bytes().as_ptr_range());
    assert!(lent == bytes);
}

pub fn indexing_is_that_of_the_slice<M: Lend>(make: &impl Fn(&[u8]) -> Map<M>) {
    let bytes = sample(10_000);
    let map = make(&bytes);
    assert_eq!((map[0], map[9_999]), (bytes[0], bytes[9_999]));
    assert!(map[..] == bytes && map[17..4_097] == bytes[17..4_097] && map[10_000..].is_empty());
}
