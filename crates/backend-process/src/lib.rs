//! The memory of other processes, and of this one, as a mapping.
//!
//! An offset is an address. The [regions](memmap_core::Mapping::regions) are what the process has mapped; what is
//! between them is a [gap](memmap_core::Extent::Gap), which costs nothing to pass over. Bytes are read when they
//! are asked for, while the process runs on: two reads may give different bytes, and a read of several pages is
//! not one moment of the process. The regions are those of the moment at which it was opened.
//!
//! Linux only, by `/proc/PID/maps` and `/proc/PID/mem`. On other systems opening is
//! [`Unsupported`](memmap_core::ErrorKind::Unsupported). There is no `unsafe` code.
//!
//! # Examples
//! ```
//! # #[cfg(target_os = "linux")] {
//! use memmap_core::MapOptions;
//! use memmap_process::Processes;
//!
//! let text = String::from("found in my own memory");
//! let memory = MapOptions::new(Processes).open(std::process::id().to_string())?;
//! let there = memory.read_at(text.as_ptr().addr() as u64, text.len())?;
//! assert_eq!(there, text.as_bytes());
//! # }
//! # Ok::<(), memmap_core::Error>(())
//! ```

#![forbid(unsafe_code)]

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod maps;

#[cfg(target_os = "linux")]
pub use linux::ProcessMemory;

use memmap_core::{Opener, Origin, Request, Result};

/// Opens the memory of a process by its number: `4242`, `pid://4242`, or `self`. It is read-only, and starts at
/// address 0.
///
/// # Errors
/// [`Os`](memmap_core::ErrorKind::Os) if no process has this number, and with the setting that refuses it if this
/// user may not read it;
/// [`InvalidOptions`](memmap_core::ErrorKind::InvalidOptions) if it is no number.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no settings")]
pub struct Processes;

/// The program that a process runs, as the system calls it.
#[cfg(target_os = "linux")]
fn program(process: &str) -> Option<String> {
    let name = linux::is_process(process).then(|| std::fs::read(format!("/proc/{process}/comm")));
    let name = String::from_utf8(name?.ok()?).ok()?;
    let name = name.trim_end_matches('\n');
    // A process names itself as it likes. A name with a slash looks like a path.
    (!name.is_empty() && !name.contains('/')).then(|| name.to_owned())
}

#[cfg(not(target_os = "linux"))]
const fn program(_: &str) -> Option<String> {
    None
}

/// What a location names.
fn name_of(location: &str) -> &str {
    location.strip_prefix("pid://").unwrap_or(location)
}

impl Opener for Processes {
    type Source = str;
    #[cfg(target_os = "linux")]
    type Mapping = ProcessMemory;
    #[cfg(not(target_os = "linux"))]
    type Mapping = Box<dyn memmap_core::Mapping>;

    fn origin(&self, location: &str) -> Origin {
        let process = name_of(location);
        match program(process) {
            Some(program) => format!("{program}, pid {process}").into(),
            None => format!("pid {process}").into(),
        }
    }

    #[cfg(target_os = "linux")]
    fn open(&self, location: &str, request: &Request) -> Result<ProcessMemory> {
        request.require_read_only()?;
        let memory = ProcessMemory::open(name_of(location))?;
        let len = memmap_core::Mapping::len(&memory);
        // The addresses are the offsets, so that no part of it can stand for the whole.
        if request.range(len)? == (0..len) {
            return Ok(memory);
        }
        let what =
            "an address is an offset in the whole memory; read the part that you want from it";
        Err(memmap_core::Error::new(
            memmap_core::Op::Open,
            memmap_core::ErrorKind::InvalidOptions { what },
        ))
    }

    #[cfg(not(target_os = "linux"))]
    fn open(&self, _: &str, _: &Request) -> Result<Self::Mapping> {
        Err(memmap_core::Error::unsupported(
            memmap_core::Op::Open,
            "this system",
            "reading the memory of a process; it is there on Linux",
        ))
    }
}
