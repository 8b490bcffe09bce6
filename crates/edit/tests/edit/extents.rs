//! Data and holes of an edited version.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use memmap_core::{Extent, Map, Mapping, Result, check};
use memmap_edit::Overlay;

/// A file whose odd blocks are holes. It counts how often it is asked about them.
#[derive(Debug)]
struct Sparse {
    len: u64,
    asked: Arc<AtomicUsize>,
}

const BLOCK: u64 = 4096;

impl Mapping for Sparse {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        check(offset, out.len(), self.len)?;
        for (at, byte) in (offset..).zip(out) {
            *byte = u8::from((at / BLOCK).is_multiple_of(2));
        }
        Ok(())
    }

    fn extents(&self, offset: u64, len: u64) -> Result<Vec<Extent>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let end = offset + len;
        let mut extents = Vec::new();
        let mut at = offset;
        while at < end {
            let next = ((at / BLOCK + 1) * BLOCK).min(end);
            let is_data = (at / BLOCK).is_multiple_of(2);
            extents.push(if is_data { Extent::Data(at..next) } else { Extent::Hole(at..next) });
            at = next;
        }
        Ok(extents)
    }
}

fn sparse(len: u64) -> (Overlay<Sparse>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    (Overlay::new(Map::from_mapping(Sparse { len, asked: Arc::clone(&asked) })), asked)
}

/// The extents of a range follow each other, and what they call a hole is zeros. Returns the bytes of holes.
fn holes(edited: &Overlay<Sparse>, start: u64, end: u64) -> u64 {
    let view = edited.view();
    let mut at = start;
    let mut holes = 0;
    for extent in view.mapping().extents(start, end - start).expect("known") {
        let range = extent.range();
        assert_eq!(range.start, at);
        at = range.end;
        if !extent.is_data() {
            let len = range.end - range.start;
            holes += len;
            let bytes = view.read_at(range.start, len as usize).expect("readable");
            assert!(bytes.iter().all(|&byte| byte == 0), "{range:?}");
        }
    }
    assert_eq!(at, end);
    holes
}

#[test]
fn the_base_is_asked_once_for_many_edits() {
    let (mut edited, asked) = sparse(1000 * BLOCK);
    for block in 0..500 {
        edited.overwrite(2 * block * BLOCK + 7, b"x").expect("within");
    }
    assert_eq!(holes(&edited, 0, 1000 * BLOCK), 500 * BLOCK);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    // Inserted and deleted bytes move what follows.
    for block in (0..500).rev() {
        edited.insert(2 * block * BLOCK, b"typed").expect("within");
        edited
            .delete(2 * block * BLOCK + BLOCK + 100..2 * block * BLOCK + BLOCK + 110)
            .expect("within");
    }
    holes(&edited, 0, edited.len());
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[test]
fn holes_are_where_their_pieces_went() {
    let (mut edited, _) = sparse(64 * BLOCK);
    assert_eq!(holes(&edited, 0, 64 * BLOCK), 32 * BLOCK);
    edited.copy(40 * BLOCK..44 * BLOCK, 0).expect("within");
    edited.copy(40 * BLOCK..44 * BLOCK, 100).expect("within");
    edited.delete(20 * BLOCK + 5..60 * BLOCK + 9).expect("within");
    edited.fill(3 * BLOCK..3 * BLOCK + 2, b"\0").expect("within");
    let all = holes(&edited, 0, edited.len());
    let parts = (0..edited.len()).step_by(1000);
    let of_parts: u64 = parts.map(|at| holes(&edited, at, (at + 1000).min(edited.len()))).sum();
    assert!(all > 10 * BLOCK && of_parts <= all + 1000, "{all} {of_parts}");
}

/// Bytes that come from far apart in the base, one by one.
#[test]
fn pieces_in_any_order_are_data_or_holes() {
    let (mut edited, _) = sparse(512 * BLOCK);
    let mut at: u64 = 1;
    for count in 0..300 {
        at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let from = (at >> 33) % (edited.len() - 9000);
        let to = (at >> 20) % edited.len();
        edited.copy(from..from + 1 + count * 29, to).expect("within");
    }
    assert!(holes(&edited, 0, edited.len()) > 0);
}
