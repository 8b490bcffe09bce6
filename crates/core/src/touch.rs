//! Memory whose pages are read from a file when they are first touched: what is known of each page, and how pages are
//! brought. The systems' backends own the memory; this is what they share. Internal, like [`System`](crate::System).

mod bits;
mod locks;
mod state;

pub use bits::Words;
pub use locks::Locks;
pub use state::{Bring, LEAST, MOST, State, Why};

/// A map that is not longer is read at once.
pub const AT_ONCE: usize = 64 << 10;
