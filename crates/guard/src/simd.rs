//! Folds, counts and searches over [`InPlace`](crate::InPlace) ranges: in wide registers where the processor
//! has them, otherwise in small copies.

mod shape;
mod progress;

#[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
mod x86_64;
#[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
use x86_64 as routines;

#[cfg(any(not(all(target_os = "linux", target_arch = "x86_64")), miri))]
mod fallback;
#[cfg(any(not(all(target_os = "linux", target_arch = "x86_64")), miri))]
use fallback as routines;

mod piece;
mod count;
mod fold;
mod search;

pub use progress::Seen;
pub use shape::{Lane, SHAPE_LEN, Shape};
