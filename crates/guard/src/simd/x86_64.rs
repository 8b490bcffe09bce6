//! Blocks in the registers of AVX2.

mod count;
mod search;
mod vectors;

pub(super) use count::{count_byte, histogram};
pub(super) use search::find_shape;
pub(super) use vectors::fold;
