//! The one place of this crate with unsafe code: pointers to the memory of Python objects, and pointers that
//! are given to Python. SAFETY.md of the repository has an entry for each file.
#![allow(unsafe_code, reason = "this is where it is")]

pub(crate) mod buffer;
pub(crate) mod bytes;
pub(crate) mod descriptor;
pub(crate) mod edits;
pub(crate) mod export;
pub(crate) mod integer;
pub(crate) mod interpreter;
pub(crate) mod memory;
pub(crate) mod target;
pub(crate) mod window;
