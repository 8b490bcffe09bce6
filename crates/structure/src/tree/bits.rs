//! Fields of bits: where they lie, and their values.

use super::node::Cursor;
use crate::schema::Order;

/// Where a field of bits lies: in what was left of a byte, and in whole bytes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BitSpan {
    pub(super) begin: Cursor,
    pub(super) width: u8,
    pub(super) order: Order,
}

impl BitSpan {
    /// How many bytes it takes besides what was left.
    pub(super) fn new_bytes(self) -> u8 {
        self.width.saturating_sub(self.begin.left()).div_ceil(8)
    }

    /// The place after it.
    pub(super) fn end(self) -> Cursor {
        let left = self.begin.left();
        let need = self.width.saturating_sub(left);
        if need == 0 {
            let mut end = self.begin;
            match self.order {
                Order::Be => end.hi -= self.width,
                Order::Le => end.lo += self.width,
            }
            return end;
        }
        let bytes = self.new_bytes();
        let pos = self.begin.pos.saturating_add(u64::from(bytes));
        let used = need - 8 * (bytes - 1);
        let (lo, hi) = match self.order {
            Order::Be => (0, 8 - used),
            Order::Le => (used, 8),
        };
        Cursor { pos, byte: pos.saturating_sub(1), lo, hi }
    }

    /// The first byte, and the first bit in it, the highest being 0.
    pub(super) fn first(self) -> (u64, u8) {
        let begin = self.begin;
        if begin.left() == 0 {
            let bit = match self.order {
                Order::Be => 0,
                Order::Le => 8 - self.width.min(8),
            };
            return (begin.pos, bit);
        }
        let bit = match self.order {
            Order::Be => 8 - begin.hi,
            Order::Le => (8 - begin.lo).saturating_sub(self.width),
        };
        (begin.byte, bit)
    }

    /// The value, of the byte that was left and of the bytes after it.
    pub(super) fn value(self, left_byte: u8, new: &[u8]) -> u64 {
        let left = u32::from(self.begin.left());
        let width = u32::from(self.width);
        let rest = (u128::from(left_byte) >> self.begin.lo) & mask(left);
        let need = width.saturating_sub(left);
        let value = match self.order {
            Order::Be if need == 0 => rest >> (left - width),
            Order::Be => {
                let all = new.iter().fold(0_u128, |sum, it| sum << 8 | u128::from(*it));
                let spare = 8 * u32::from(self.new_bytes()) - need;
                rest << need | all >> spare
            }
            Order::Le => {
                let all = new.iter().rev().fold(0_u128, |sum, it| sum << 8 | u128::from(*it));
                rest | all << left
            }
        };
        u64::try_from(value & mask(width)).unwrap_or(u64::MAX)
    }
}

fn mask(bits: u32) -> u128 {
    (1_u128 << bits.min(127)) - 1
}
