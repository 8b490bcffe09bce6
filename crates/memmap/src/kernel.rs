//! Computing over bytes where they are, block by block, without a copy in memory: what
//! [`fold`](crate::Map::fold) takes.

pub use memmap_core::{BLOCK_LEN, Faulted, Folded, InPlace, Integer, Kernel, ROUND_LEN};
