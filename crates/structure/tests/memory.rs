//! How much memory a walk over many elements takes. It is the only test of its program, for all threads are counted.

#![allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "offsets of tests")]

mod common;

use memmap_structure::{Answer, ReadError, Source, Tree, Trouble};
use peak_alloc::PeakAlloc;

use common::builtin;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// How many boxes there are, and the bytes of each.
const COUNT: u64 = 100_000;
const SIZE: u32 = 1 << 20;

/// Boxes of an MP4 file without a table of them.
#[derive(Debug)]
struct Boxes;

impl Source for Boxes {
    fn len(&self) -> u64 {
        COUNT * u64::from(SIZE)
    }

    fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), ReadError> {
        assert!(into.len() <= 4096, "a block is read at a time");
        let head = [&SIZE.to_be_bytes()[..], b"free"].concat();
        into.fill(0);
        // A box begins where a block does.
        if at.is_multiple_of(u64::from(SIZE)) {
            into[..head.len()].copy_from_slice(&head);
        }
        Ok(())
    }
}

#[test]
fn a_hundred_thousand_boxes_are_one_block_each_and_take_4_mib() {
    let schema = builtin("mp4");
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let mut tree = Tree::new(schema, Box::new(Boxes));
    let count = loop {
        match tree.ask("boxes.size") {
            Err(Trouble::Stop(_)) => {}
            other => break other,
        }
    };
    assert_eq!(count, Ok(Answer::Int(COUNT.into())));
    assert!(tree.blocks_read() <= COUNT + 100, "{} blocks", tree.blocks_read());
    assert!(tree.nodes() < 1000, "{} nodes", tree.nodes());
    let used = MEMORY.peak_usage() - before;
    assert!(used <= 4 << 20, "{used} bytes");
}
