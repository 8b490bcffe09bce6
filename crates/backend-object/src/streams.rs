/// The readers of a mapping that go forward, and how far ahead of each may be fetched.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    /// The last used one is the last.
    streams: Vec<Stream>,
    pub(crate) order: Order,
}

/// What was said about the order of reading.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// It is noticed.
    #[default]
    Unknown,
    Forward,
    Random,
}

#[derive(Debug)]
struct Stream {
    /// The block after the newest that was read.
    next: u64,
    /// How many blocks are wanted from there on.
    ahead: u64,
}

/// How many readers are remembered.
const MOST: usize = 16;
/// The blocks that are fetched ahead of a reader.
const MAX_AHEAD: u64 = 16;
/// How far apart the threads of one scan may be, in blocks.
const NEAR: u64 = 4;

impl Streams {
    /// Notes that a block is read, and returns how many after it are wanted as well.
    pub(crate) fn read(&mut self, block: u64) -> u64 {
        if self.order == Order::Random {
            return 0;
        }
        let is_near = |it: &Stream| {
            it.next <= block.saturating_add(NEAR) && block <= it.next.saturating_add(NEAR)
        };
        let place = self.streams.iter().position(is_near);
        if place.is_none() && self.streams.len() >= MOST {
            self.streams.remove(0);
        }
        let begun = Stream { next: block, ahead: 0 };
        let mut stream = place.map_or(begun, |place| self.streams.remove(place));
        if block >= stream.next {
            let is_first =
                stream.ahead == 0 && block == stream.next && self.order == Order::Unknown;
            stream.next = block.saturating_add(1);
            stream.ahead = match (is_first, self.order) {
                (_, Order::Forward) => MAX_AHEAD,
                (true, _) => 1,
                (false, _) => stream.ahead.saturating_mul(2).clamp(2, MAX_AHEAD),
            };
            // One block alone is no sequence yet.
            let wanted = if is_first { 0 } else { stream.ahead };
            self.streams.push(stream);
            return wanted;
        }
        let wanted = if stream.ahead > 1 { stream.ahead } else { 0 };
        self.streams.push(stream);
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_goes_forward_gets_more_and_more() {
        let mut streams = Streams::default();
        let wanted: Vec<u64> = (10..17).map(|block| streams.read(block)).collect();
        assert_eq!(wanted, [0, 2, 4, 8, 16, 16, 16]);
        // Another reader begins on its own, and the first goes on.
        assert_eq!((streams.read(1000), streams.read(17), streams.read(1001)), (0, 16, 2));
    }

    #[test]
    fn threads_that_take_turns_are_one_reader() {
        let mut streams = Streams::default();
        let wanted: Vec<u64> = [0, 1, 3, 2, 4].map(|block| streams.read(block)).into();
        assert_eq!(wanted, [0, 2, 4, 4, 8]);
    }

    #[test]
    fn single_blocks_are_no_sequence_and_what_was_said_counts() {
        let mut streams = Streams::default();
        assert!((0..100).all(|at| streams.read(at * 1000) == 0));
        assert_eq!((streams.read(50), streams.read(50)), (0, 0));
        streams.order = Order::Forward;
        assert_eq!(streams.read(7777), MAX_AHEAD);
        streams.order = Order::Random;
        assert!((0..9).all(|at| streams.read(at) == 0));
    }
}
