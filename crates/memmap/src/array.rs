//! Arrays in mapped files: what `numpy.memmap` does, without losing data.
//!
//! | type | the elements are in | reading | borrowing `&[T]` |
//! |---|---|---|---|
//! | [`MemArray<T>`](MemArray) | a file that others may change | copied out | does not compile |
//! | [`FrozenArray<T>`](FrozenArray) | a file, or memory, proved unchanging | borrowed, or copied out | yes |
//! | [`RamArray<T>`](RamArray) | anonymous memory | borrowed, or copied out | yes, and `&mut [T]` |
//! | [`MemArrayDyn`] | a file that names its element type | copied out, as values | does not compile |
//!
//! See [`Array`] for the operations, and [`ArrayOptions`] for the options of opening a file.

pub use memmap_array::*;

use crate::{FrozenMap, MemMap, RamMap};

/// Options for opening a file as an array.
pub type ArrayOptions<T, B = crate::native::System> = memmap_array::ArrayOptions<T, B>;

/// An array in a mapped file.
pub type MemArray<T> = Array<T, MemMap>;

/// An array in a mapped file whose element type is known only at run time.
pub type MemArrayDyn = Array<Untyped, MemMap>;

/// An array of bytes that nobody can change. It can be borrowed as a slice.
pub type FrozenArray<T> = Array<T, FrozenMap>;

/// An array in anonymous memory.
pub type RamArray<T> = Array<T, RamMap>;
