//! Laws of locks.

use memmap_core::{Map, Opener};

use crate::subject::Opened;
use crate::support::sample;

/// Two maps of one source.
fn two<O: Opener, S: AsRef<O::Source>>(
    source: &Opened<O, S>,
) -> (Map<O::Mapping>, Map<O::Mapping>) {
    (source.open(source.options()).unwrap(), source.open(source.options()).unwrap())
}

pub fn a_lock_keeps_others_out<O: Opener, S: AsRef<O::Source>>(make: &impl Fn(&[u8]) -> (O, S)) {
    let source = Opened::of(make(&sample(10)));
    let (mut mine, mut theirs) = two(&source);
    let held = mine.lock().unwrap();
    assert!(theirs.try_lock().unwrap().is_none());
    assert!(theirs.try_lock_shared().unwrap().is_none());
    drop(held);
    assert!(theirs.try_lock().unwrap().is_some());
}

pub fn readers_share_a_lock<O: Opener, S: AsRef<O::Source>>(make: &impl Fn(&[u8]) -> (O, S)) {
    let source = Opened::of(make(&sample(10)));
    let (mut mine, mut theirs) = two(&source);
    let held = mine.lock_shared().unwrap();
    assert!(theirs.try_lock_shared().unwrap().is_some());
    assert!(theirs.try_lock().unwrap().is_none());
    drop(held);
    assert!(theirs.try_lock().unwrap().is_some());
}

pub fn a_lock_ends_with_its_guard<O: Opener, S: AsRef<O::Source>>(make: &impl Fn(&[u8]) -> (O, S)) {
    let source = Opened::of(make(&sample(10)));
    let (mut mine, mut theirs) = two(&source);
    // Tried, as a lock that does not end would be waited for without end.
    for _ in 0..3 {
        assert_eq!(mine.try_lock().unwrap().map(|held| held.len()), Some(10));
        assert_eq!(theirs.try_lock().unwrap().map(|held| held.len()), Some(10));
    }
    mine.close().unwrap();
    assert!(theirs.try_lock().unwrap().is_some());
}
