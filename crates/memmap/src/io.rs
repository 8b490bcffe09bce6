//! Reading, writing and locking: adapters between a map and code that works with files.
//!
//! A map has no position, so it is neither `Read` nor `Write`. A [`Reader`] or [`Writer`] over it is:
//!
//! ```
//! use std::io::{BufRead, Read, Seek, SeekFrom};
//! use std::sync::Arc;
//! use std::thread;
//! use memmap::{MemMap, Mode, io::Reader};
//!
//! # let path = std::env::temp_dir().join(format!("memmap-io-{}", std::process::id()));
//! # std::fs::write(&path, "a line\nanother\n")?;
//! let mm = Arc::new(MemMap::open(&path, Mode::Read)?);
//! let first = mm.reader().lines().next().transpose()?;
//! assert_eq!(first.as_deref(), Some("a line"));
//!
//! let mut reader = Reader::new(Arc::clone(&mm)); // owns its map: 'static + Send
//! let end = thread::spawn(move || {
//!     let mut end = String::new();
//!     reader.seek(SeekFrom::End(-8))?;
//!     reader.read_to_string(&mut end)?;
//!     Ok::<_, std::io::Error>(end)
//! });
//! assert_eq!(end.join().unwrap()?, "another\n");
//! # drop(mm);
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use memmap_core::{Fallback, Locked, Reader, Writer};
