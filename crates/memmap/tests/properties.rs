//! Mappings against a naive twin: a slice of the same bytes.

use std::fs;

use memmap::{Map, MemMap, RamMap, plugin::Mapping, widen};
use proptest::prelude::*;

/// Reads a range every way there is and compares it with the slice.
fn check<M: Mapping>(map: &Map<M>, twin: &[u8], offset: u64, len: usize) {
    let expected = usize::try_from(offset).ok().and_then(|start| twin.get(start..)?.get(..len));
    assert_eq!(map.read_at(offset, len).ok().as_deref(), expected);
    let mut out = vec![0; len];
    assert_eq!(map.read_into(offset, &mut out).ok().map(|()| &out[..]), expected);
    let word = usize::try_from(offset).ok().and_then(|start| twin.get(start..)?.first_chunk());
    assert_eq!(map.get::<[u8; 7]>(offset).ok().as_ref(), word);
}

fn ranges() -> impl Strategy<Value = Vec<(u64, usize)>> {
    let offset = prop_oneof![8 => 0..20_000_u64, 1 => any::<u64>(), 1 => u64::MAX - 9..=u64::MAX];
    let len = prop_oneof![0..40_usize, 0..20_000_usize];
    prop::collection::vec((offset, len), 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_kind_of_map_reads_what_a_slice_reads(
        bytes in prop::collection::vec(any::<u8>(), 0..17_000),
        window in (0.0..=1.0_f64, 0.0..=1.0_f64),
        ranges in ranges(),
    ) {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, &bytes).unwrap();
        #[expect(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss,
            clippy::cast_precision_loss, reason = "any number within the length will do")]
        let share = |of: usize, by: f64| (of as f64 * by) as usize;
        let offset = share(bytes.len(), window.0);
        let len = share(bytes.len() - offset, window.1);
        let twin = &bytes[offset..offset + len];

        let live = MemMap::options().offset(widen(offset)).len(widen(len)).open(file.path()).unwrap();
        let mut ram = RamMap::new(widen(len)).unwrap();
        ram.copy_from_slice(twin);
        let erased = MemMap::options().offset(widen(offset)).len(widen(len)).open(file.path()).unwrap().erase();
        for (offset, len) in ranges {
            check(&live, twin, offset, len);
            check(&ram, twin, offset, len);
            check(&erased, twin, offset, len);
        }
    }
}
