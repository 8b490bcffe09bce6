//! Arrays in mapped files: what `numpy.memmap` does, without losing data.
//!
//! | type | the elements are in | reading | borrowing `&[T]` |
//! |---|---|---|---|
//! | [`MemArray<T>`](MemArray) | a file, shared with the world | copied out | does not compile |
//! | [`FrozenArray<T>`](FrozenArray) | a file, or memory, proved unchanging | borrowed, or copied out | yes |
//! | [`RamArray<T>`](RamArray) | anonymous memory | borrowed, or copied out | yes, and `&mut [T]` |
//! | [`MemArrayDyn`] | a file that says itself what they are | copied out, as values | does not compile |
//!
//! See [`Array`] for what they can do, and [`ArrayOptions`] for what can be asked of a file.

pub use memmap_array::*;

use crate::{FrozenMap, MemMap, RamMap};

/// What is asked of a file that is opened as an array.
pub type ArrayOptions<T, B = crate::native::System> = memmap_array::ArrayOptions<T, B>;

/// An array in a mapped file.
pub type MemArray<T> = Array<T, MemMap>;

/// An array in a mapped file, of elements of which the type is known when the program runs.
pub type MemArrayDyn = Array<Untyped, MemMap>;

/// An array of bytes that nobody can change: it is lent as a slice.
pub type FrozenArray<T> = Array<T, FrozenMap>;

/// An array in anonymous memory.
pub type RamArray<T> = Array<T, RamMap>;
