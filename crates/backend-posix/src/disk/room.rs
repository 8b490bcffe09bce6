//! What overwriting takes of a disk: blocks for holes, and for blocks that cannot be overwritten.
//!
//! # Source
//! `Documentation/filesystems/fiemap.rst` of Linux; fallocate(2): `FALLOC_FL_UNSHARE_RANGE`.

use std::fs::File;
use std::io;
use std::ops::Range;

use memmap_core::disk::{NodeKind, Room};
use rustix::fs::{FallocateFlags, IFlags};
use rustix::io::Errno;

use super::calls::{self, Fiemap};
use super::kind::{self, Kind};
use super::{extents, facts};
use crate::fallocate;

/// What blocks of a file there are for a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// None.
    Hole,
    /// Blocks that other files share.
    Shared,
    /// Blocks that are written anew as a whole, as compressed ones are.
    Encoded,
    /// Blocks of its own.
    Own,
}

pub(super) fn room(file: &File, ranges: &[Range<u64>]) -> io::Result<Room> {
    if facts::of(file)?.kind == NodeKind::Device {
        return Ok(Room { can_be_made_sure: true, ..Room::default() });
    }
    let kind = kind::of(file);
    // Without this flag, btrfs writes elsewhere whatever is overwritten.
    let is_nocow = rustix::fs::ioctl_getflags(file).is_ok_and(|it| it.contains(IFlags::NOCOW));
    let copies = kind == Kind::Copying || kind == Kind::Btrfs && !is_nocow;
    let mut room = Room { free: free(file), ..Room::default() };
    for (range, state) in states(file, ranges)? {
        let len = range.end.saturating_sub(range.start);
        match state {
            State::Hole => room.holes = room.holes.saturating_add(len),
            State::Own if !copies => {}
            _ => room.copied = room.copied.saturating_add(len),
        }
    }
    room.can_be_made_sure = match kind {
        Kind::Ext | Kind::Xfs | Kind::Memory => true,
        // It gives no shared block an own one.
        Kind::Btrfs => is_nocow && room.copied == 0,
        _ => false,
    };
    Ok(room)
}

pub(super) fn make_room(file: &File, ranges: &[Range<u64>]) -> io::Result<()> {
    if facts::of(file)?.kind == NodeKind::Device {
        return Ok(());
    }
    for (range, state) in states(file, ranges)? {
        let len = range.end.saturating_sub(range.start);
        let flags = match state {
            State::Hole => FallocateFlags::KEEP_SIZE,
            State::Shared => FallocateFlags::KEEP_SIZE.union(FallocateFlags::UNSHARE_RANGE),
            State::Encoded | State::Own => continue,
        };
        match fallocate::allocate(file, flags, range.start, len) {
            // `room` has said that this cannot be made sure of.
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}

pub(super) fn reserve(file: &File, len: u64) -> io::Result<()> {
    if len == 0 {
        return Ok(());
    }
    match fallocate::keep_room(file, 0, len) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => Err(io::ErrorKind::Unsupported.into()),
        reserved => Ok(reserved?),
    }
}

/// Free bytes for this user; `None` if the file system, such as memory without a limit, does not say.
fn free(file: &File) -> Option<u64> {
    Some(fallocate::free_bytes(file)).filter(|&free| free != u64::MAX)
}

/// The blocks that writing to these ranges touches, as sorted ranges of whole blocks, and what is there.
fn states(file: &File, ranges: &[Range<u64>]) -> io::Result<Vec<(Range<u64>, State)>> {
    let block = rustix::fs::fstatvfs(file)?.f_bsize.max(1);
    let mut states = Vec::new();
    for range in whole_blocks(ranges, block) {
        match mapped(file, &range) {
            Ok(found) => states.extend(found),
            // The file system has no such list. It may know holes.
            Err(Errno::OPNOTSUPP | Errno::NOTTY | Errno::NOSYS | Errno::INVAL) => {
                let data = extents::data(file, range.clone())?;
                states.extend(with_holes(&range, data.into_iter().map(|it| (it, State::Own))));
            }
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(states)
}

/// The whole blocks around sorted ranges, each once.
fn whole_blocks(ranges: &[Range<u64>], block: u64) -> Vec<Range<u64>> {
    let mut whole: Vec<Range<u64>> = Vec::new();
    for range in ranges.iter().filter(|range| !range.is_empty()) {
        let start = range.start.saturating_sub(range.start.checked_rem(block).unwrap_or(0));
        let end = range.end.checked_next_multiple_of(block).unwrap_or(range.end);
        match whole.last_mut() {
            Some(last) if last.end >= start => last.end = last.end.max(end),
            _ => whole.push(start..end),
        }
    }
    whole
}

/// The ranges and what is between them, within a range.
fn with_holes(
    range: &Range<u64>,
    found: impl Iterator<Item = (Range<u64>, State)>,
) -> Vec<(Range<u64>, State)> {
    let mut all = Vec::new();
    let mut at = range.start;
    for (extent, state) in found {
        let extent = extent.start.clamp(at, range.end)..extent.end.clamp(at, range.end);
        if extent.is_empty() {
            continue;
        }
        if at < extent.start {
            all.push((at..extent.start, State::Hole));
        }
        at = extent.end;
        all.push((extent, state));
    }
    if at < range.end {
        all.push((at..range.end, State::Hole));
    }
    all
}

/// What the file system says of a range.
fn mapped(file: &File, range: &Range<u64>) -> Result<Vec<(Range<u64>, State)>, Errno> {
    const LAST: u32 = 0x1;
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let mut map = Fiemap::of(at, range.end.saturating_sub(at));
        calls::extents(file, &mut map)?;
        let count = usize::try_from(map.head.mapped).unwrap_or(0);
        let extents = map.extents.0.get(..count).unwrap_or(&map.extents.0);
        for extent in extents {
            let end = extent.logical.saturating_add(extent.len);
            found.push((extent.logical..end, state(extent.flags)));
        }
        match extents.last() {
            Some(last) if last.flags & LAST == 0 => {
                let end = last.logical.saturating_add(last.len);
                // If others change the file meanwhile, the loop must still end.
                at = end.max(at.saturating_add(1));
            }
            _ => break,
        }
    }
    Ok(with_holes(range, found.into_iter()))
}

fn state(flags: u32) -> State {
    const ENCODED: u32 = 0x8;
    const ENCRYPTED: u32 = 0x80;
    const INLINE: u32 = 0x200;
    const SHARED: u32 = 0x2000;
    if flags & SHARED != 0 {
        State::Shared
    } else if flags & INLINE != 0 {
        // The bytes are where the file is described, and get a block when they become more.
        State::Hole
    } else if flags & ENCODED != 0 && flags & ENCRYPTED == 0 {
        State::Encoded
    } else {
        State::Own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_that_several_ranges_touch_are_counted_once() {
        let whole = whole_blocks(&[1..2, 100..101, 4095..4097, 9000..9000, 12288..12289], 4096);
        assert_eq!(whole, [0..8192, 12288..16384]);
        let last = whole_blocks(&[0..1, u64::MAX - 1..u64::MAX], 4096);
        assert_eq!(last, [0..4096, u64::MAX - 4095..u64::MAX]);
    }

    #[test]
    fn what_no_extent_covers_is_a_hole_wherever_extents_begin_and_end() {
        let found = [(0..50, State::Own), (60..70, State::Shared), (70..200, State::Own)];
        let all = with_holes(&(10..100), found.into_iter());
        let expected = [
            (10..50, State::Own),
            (50..60, State::Hole),
            (60..70, State::Shared),
            (70..100, State::Own),
        ];
        assert_eq!(all, expected);
        assert_eq!(with_holes(&(3..5), std::iter::empty()), [(3..5, State::Hole)]);
    }

    #[test]
    fn encrypted_blocks_are_overwritten_and_compressed_ones_are_not() {
        assert_eq!(state(0), State::Own);
        assert_eq!(state(0x800), State::Own, "allocated and not written yet");
        assert_eq!(state(0x8), State::Encoded);
        assert_eq!(state(0x88), State::Own);
        assert_eq!(state(0x2008), State::Shared);
        assert_eq!(state(0x300), State::Hole);
    }
}
