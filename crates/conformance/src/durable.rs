//! Laws of sources that keep what is written to them.

use memmap_core::{Map, Mode, Opener};

use crate::subject::Opened;
use crate::support::{all_of, sample};

/// The source, opened to be written to.
fn writable<O: Opener, S: AsRef<O::Source>>(source: &Opened<O, S>) -> Map<O::Mapping> {
    source.open(source.options().mode(Mode::ReadWrite)).unwrap()
}

fn again<O: Opener, S: AsRef<O::Source>>(source: &Opened<O, S>) -> Vec<u8> {
    all_of(&source.open(source.options()).unwrap())
}

pub fn synced_bytes_are_there_when_it_is_opened_again<O: Opener, S: AsRef<O::Source>>(
    make: &impl Fn(&[u8]) -> (O, S),
) {
    let mut bytes = sample(70_000);
    let source = Opened::of(make(&bytes));
    let mut map = writable(&source);
    for (offset, text) in [(0, "first"), (4_094, "over a border"), (69_996, "last")] {
        map.write_at(offset, text.as_bytes()).unwrap();
        let start = usize::try_from(offset).unwrap();
        bytes[start..start + text.len()].copy_from_slice(text.as_bytes());
    }
    map.write_back(..).unwrap();
    map.sync(..).unwrap();
    assert!(again(&source) == bytes);
}

pub fn closed_bytes_are_there_when_it_is_opened_again<O: Opener, S: AsRef<O::Source>>(
    make: &impl Fn(&[u8]) -> (O, S),
) {
    let mut bytes = sample(10_000);
    let source = Opened::of(make(&bytes));
    let mut map = writable(&source);
    map.fill_range(1_000..9_000, 7).unwrap();
    bytes[1_000..9_000].fill(7);
    map.close().unwrap();
    assert!(again(&source) == bytes);
    // A map that is only dropped loses no bytes either.
    let mut map = writable(&source);
    map.write_at(0, b"dropped").unwrap();
    bytes[..7].copy_from_slice(b"dropped");
    drop(map);
    assert!(again(&source) == bytes);
}

pub fn a_sync_of_a_part_keeps_the_rest<O: Opener, S: AsRef<O::Source>>(
    make: &impl Fn(&[u8]) -> (O, S),
) {
    let mut bytes = sample(70_000);
    let source = Opened::of(make(&bytes));
    let mut map = writable(&source);
    map.write_at(10, b"synced").unwrap();
    map.write_at(60_000, b"not yet").unwrap();
    bytes[10..16].copy_from_slice(b"synced");
    bytes[60_000..60_007].copy_from_slice(b"not yet");
    map.sync(10..16).unwrap();
    assert!(all_of(&map) == bytes);
    map.close().unwrap();
    assert!(again(&source) == bytes);
}
