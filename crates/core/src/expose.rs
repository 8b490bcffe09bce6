//! The door for bindings to other languages, whose programs read and write live bytes themselves.
//!
//! It is internal and has no stability promise. Nothing in Rust may make a slice of what leaves here.

use std::ops::Range;

use memmap_guard::InPlace;

use crate::{Error, Result};

/// The memory of a live map, for code that no guard protects.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "bindings take it apart")]
pub struct Exposed<'a> {
    /// The bytes. They may change at any time, and become zeros where they are lost.
    pub bytes: InPlace<'a>,
    /// Whether they may be written to.
    pub is_writable: bool,
}

/// Bytes that became zeros in exposed memory.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "bindings take it apart")]
pub struct LostBytes {
    /// Where they are in the map.
    pub range: Range<u64>,
    /// Why they were lost, as far as the system says now.
    pub why: Error,
}

/// A map whose memory can be exposed.
pub trait Expose {
    /// The memory, mapped once more than for copies: a page that is lost there becomes zeros, and copies still
    /// report it.
    ///
    /// # Errors
    /// `Unsupported` for private edits that are apart from the pages, for a file that the system does not map, and
    /// without a guard; `OutOfMemory`.
    fn expose(&self) -> Result<Exposed<'_>>;

    /// What was lost of these bytes since the memory was exposed, in this process and in its children: whole pages, in
    /// order. What is written there reaches no file.
    ///
    /// # Errors
    /// `OutOfBounds`.
    fn lost_bytes(&self, offset: u64, len: u64) -> Result<Vec<LostBytes>>;
}

/// The address of exposed bytes. It stays valid as long as the map exists and is not changed.
pub use memmap_guard::expose as address;
