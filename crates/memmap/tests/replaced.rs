//! A source that was replaced: whatever reads it ends at once, and says which version was expected.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap::plugin::{Identity, Mapping, Op, check};
use memmap::scan::{Pattern, Scan};
use memmap::{Error, ErrorKind, FrozenMap, Map, Progress, Result};

/// A mebibyte of sevens that is replaced by another version from byte `until` on.
#[derive(Debug)]
struct Versioned {
    until: u64,
    reads: Arc<AtomicU64>,
}

const LEN: u64 = 1 << 20;

impl Mapping for Versioned {
    fn len(&self) -> u64 {
        LEN
    }
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        check(offset, out.len(), LEN)?;
        self.reads.fetch_add(1, Ordering::Relaxed);
        let end = offset + u64::try_from(out.len()).unwrap();
        if end > self.until {
            let (was, now) = (Identity::from("1"), Some("2".into()));
            return Err(Error::replaced(Op::Read, offset, was, now));
        }
        out.fill(7);
        Ok(())
    }
}

/// The map, and how often it was read.
fn versioned(until: u64) -> (Map<Versioned>, Arc<AtomicU64>) {
    let reads = Arc::new(AtomicU64::new(0));
    (Map::from_mapping(Versioned { until, reads: Arc::clone(&reads) }), reads)
}

fn is_replaced(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Replaced { was, now: Some(now), .. }
            if (was, now) == (&Identity::from("1"), &Identity::from("2"))
    )
}

#[test]
fn what_reads_on_past_a_fault_ends_when_the_source_was_replaced() {
    let (map, reads) = versioned(0);
    let mut out = vec![0; 1 << 20];
    let partial = map.read_some(0, &mut out).unwrap();
    assert!(partial.len == 0 && is_replaced(&partial.stopped.unwrap()));
    assert_eq!(reads.load(Ordering::Relaxed), 1, "it asked again");
    assert!(is_replaced(&map.rescue(0, &mut out).unwrap_err()));
    assert_eq!(reads.load(Ordering::Relaxed), 2);
    assert!(is_replaced(&FrozenMap::snapshot_of(&map, &Progress::new()).unwrap_err()));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("copy");
    assert!(is_replaced(&map.replace_file(&path, &Progress::new()).unwrap_err()));
    assert!(!path.exists());
}

#[test]
fn a_scan_ends_where_the_source_was_replaced() {
    let (map, reads) = versioned(300_000);
    let pattern = Pattern::literal([7; 4]).unwrap();
    let outcome = Scan::new(&map).threads(1).block_len(LEN).count(&pattern).unwrap();
    let [unreadable] = &outcome.unreadable[..] else { panic!("{:?}", outcome.unreadable) };
    assert!(is_replaced(&unreadable.error) && unreadable.range.end == LEN);
    assert!(unreadable.range.start <= 300_000 && outcome.value <= 300_000 / 4);
    // The blocks before, and few more.
    assert!(reads.load(Ordering::Relaxed) < 40, "{reads:?}");
}
