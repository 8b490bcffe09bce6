//! Linux on x86-64: blocks in the registers of AVX2, and words.

mod count;
mod search;
mod vectors;

pub(super) use count::{count_byte, histogram};
pub(super) use search::find_shape;
pub(super) use vectors::{fold, fold_pair};
