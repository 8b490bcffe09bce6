//! The memory of processes: an offset is an address, and [`Map::regions`](crate::Map::regions) says what is mapped
//! there. Linux.
//!
//! # Examples
//! ```
//! # #[cfg(target_os = "linux")] {
//! use memmap::MapOptions;
//! use memmap::process::Processes;
//!
//! let memory = MapOptions::new(Processes).open("self")?;
//! let stack = memory.regions().iter().find(|region| region.name == "[stack]");
//! let stack = stack.expect("every process has a stack");
//! assert!(memory.read_at(stack.range.end - 64, 64)?.contains(&0));
//! # }
//! # Ok::<(), memmap::Error>(())
//! ```

pub use memmap_process::*;
