//! Computations over bytes in place, block by block, without a copy in memory, for
//! [`fold`](crate::Map::fold).

pub use memmap_core::{BLOCK_LEN, Faulted, Folded, InPlace, Integer, Kernel, ROUND_LEN};
