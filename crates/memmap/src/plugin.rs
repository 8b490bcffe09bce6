//! Custom mappings and sources: the traits to implement, and the types of the built-in maps.
//!
//! A plug-in implements [`Mapping`], at least two of its functions, and a [`Map`](crate::Map) owns it.
//! [`Opener`] opens such mappings by name, [`Schemes`] by the scheme of a location. `docs/plugins.md` is the
//! guide, and the crate `memmap-conformance` tests what was written.
//!
//! ```
//! use memmap::plugin::{Mapping, check};
//! use memmap::{Map, Result};
//!
//! /// A terabyte of the same byte.
//! #[derive(Debug)]
//! struct Constant(u8);
//!
//! impl Mapping for Constant {
//!     fn len(&self) -> u64 {
//!         1 << 40
//!     }
//!     fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
//!         check(offset, out.len(), 1 << 40)?;
//!         out.fill(self.0);
//!         Ok(())
//!     }
//! }
//!
//! let map = Map::from_mapping(Constant(7));
//! assert_eq!(map.read_at(1 << 39, 3)?, [7, 7, 7]);
//! # Ok::<(), memmap::Error>(())
//! ```

pub use memmap_anon::Ram;
pub use memmap_core::{
    Identity, Lend, LendMut, LockKind, Mapping, Op, Opener, Origin, Pinned, PinnedBy, Remote,
    Request, check,
};

pub use crate::native::{Frozen, Live};
pub use crate::schemes::Schemes;

/// Opens files: what [`MemMap::options`](crate::MemMap::options) opens with.
pub type Files = memmap_core::Files<crate::native::System>;

/// Implementations of [`Mapping`]'s functions for mappings that can lend their bytes.
pub mod lent {
    pub use memmap_core::{
        copy_into_lent as write_from, copy_lent as read_into, lent_in_place as in_place,
    };
}
