use std::mem;

use memmap_core::{Mapping, MemMap};
use zerocopy::{Immutable, IntoBytes, TryFromBytes};

use crate::{Complex, DType, Error, ErrorKind, Result};

/// A type that elements of an array can be: numbers, `bool`, arrays of bytes, and records of one's own.
///
/// A record is a type of which zerocopy knows that it is plain data, without padding. It says nothing
/// more, unless its arrays are to be written to `.npy` files: then it says its [`dtype`](Self::dtype).
/// Its numbers are those of this machine; for others use zerocopy's `big_endian` and `little_endian`.
///
/// | Rust | numpy |
/// |---|---|
/// | `bool` | `?`; any byte but 0 is true |
/// | `i8` … `i64`, `u8` … `u64`, `f32`, `f64` | `i1` … `i8`, `u1` … `u8`, `f4`, `f8`, in either byte order |
/// | `half::f16` (feature `half`) | `f2` |
/// | [`Complex<f32>`](Complex), `Complex<f64>` | `c8`, `c16` |
/// | `[u8; N]` | `V`N, and `S`N |
/// | a record | its `dtype()`, `V` of its size unless it says another |
///
/// # Examples
/// ```
/// use memmap_array::{DType, Element};
/// use zerocopy::{FromBytes, Immutable, IntoBytes};
///
/// #[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable)]
/// #[repr(C)]
/// struct Vertex {
///     position: [f32; 3],
///     color: [u16; 3],
///     padding: [u8; 2],
/// }
/// impl Element for Vertex {}
///
/// assert_eq!(Vertex::dtype(), "V20".parse()?);
/// assert_eq!(f32::dtype(), DType::F4);
/// # Ok::<(), memmap_array::Error>(())
/// ```
pub trait Element: TryFromBytes + IntoBytes + Immutable + Copy + Send + Sync + 'static {
    /// What numpy calls it, in the byte order of this machine.
    fn dtype() -> DType {
        // A type cannot be larger than memory; one larger than numpy's elements is not written by it.
        DType::void(size_of::<Self>()).unwrap_or(DType::U1)
    }

    /// Whether elements of this dtype can be this type, as they are or with their bytes the other way
    /// round.
    fn accepts(dtype: &DType) -> bool {
        let own = Self::dtype();
        *dtype == own || dtype.with_byte_order(crate::ByteOrder::NATIVE) == own && Self::SWAPS
    }

    /// Whether [`swap`](Self::swap) turns bytes round. A record never does.
    const SWAPS: bool = false;

    /// Turns the bytes of each of some elements round.
    fn swap(elements: &mut [u8]) {
        let _ = elements;
    }

    /// Makes any bytes a value, where numpy takes more for one than Rust does.
    fn tidy(elements: &mut [u8]) {
        let _ = elements;
    }

    /// Copies one element out of a map.
    ///
    /// # Errors
    /// Those of the map, and [`ErrorKind::NotAValue`].
    #[inline]
    fn load<M: Mapping>(map: &MemMap<M>, at: u64, is_swapped: bool) -> Result<Self> {
        load_slowly(map, at, is_swapped)
    }
}

/// Copies an element out through a buffer.
fn load_slowly<T: Element, M: Mapping>(map: &MemMap<M>, at: u64, is_swapped: bool) -> Result<T> {
    const MOST: usize = 256;
    let mut buffer = [0; MOST];
    let mut large;
    let bytes = if let Some(bytes) = buffer.get_mut(..size_of::<T>()) {
        bytes
    } else {
        large = vec![0; size_of::<T>()];
        &mut large
    };
    map.read_into(at, bytes)?;
    finish::<T>(bytes, is_swapped);
    T::try_read_from_bytes(bytes).map_err(|_invalid| Error::new(ErrorKind::NotAValue { at }))
}

/// Makes the bytes of elements those of values of this machine.
pub(crate) fn finish<T: Element>(bytes: &mut [u8], is_swapped: bool) {
    if is_swapped {
        T::swap(bytes);
    }
    T::tidy(bytes);
}

/// So many elements, of which the bytes are these, which [`finish`] has seen; or which of them is the
/// first that is no value.
pub(crate) fn values<T: Element>(bytes: &[u8], count: usize) -> Result<&[T], usize> {
    <[T]>::try_ref_from_bytes_with_elems(bytes, count).map_err(|_invalid| {
        // The buffers are aligned and of whole elements, so what is wrong is a value: which one?
        let mut elements = bytes.chunks(size_of::<T>().max(1));
        elements.position(|element| T::try_read_from_bytes(element).is_err()).unwrap_or(0)
    })
}

/// Turns numbers of `N` bytes round.
fn swap_each<const N: usize>(bytes: &mut [u8]) {
    for number in bytes.as_chunks_mut::<N>().0 {
        number.reverse();
    }
}

macro_rules! numbers {
    ($($type:ty, $dtype:expr, $part:expr;)+) => {
        $(
            impl Element for $type {
                const SWAPS: bool = true;

                fn dtype() -> DType {
                    $dtype
                }

                fn swap(elements: &mut [u8]) {
                    swap_each::<{ $part }>(elements);
                }

                #[inline]
                fn load<M: Mapping>(map: &MemMap<M>, at: u64, is_swapped: bool) -> Result<Self> {
                    if is_swapped {
                        return load_slowly(map, at, is_swapped);
                    }
                    Ok(map.get(at)?)
                }
            }
        )+
    };
}

numbers! {
    i8, DType::I1, 1;
    i16, DType::I2, 2;
    i32, DType::I4, 4;
    i64, DType::I8, 8;
    u8, DType::U1, 1;
    u16, DType::U2, 2;
    u32, DType::U4, 4;
    u64, DType::U8, 8;
    f32, DType::F4, 4;
    f64, DType::F8, 8;
    Complex<f32>, DType::C8, 4;
    Complex<f64>, DType::C16, 8;
}

#[cfg(feature = "half")]
numbers! {
    half::f16, DType::F2, 2;
}

impl Element for bool {
    fn dtype() -> DType {
        DType::BOOL
    }

    fn tidy(elements: &mut [u8]) {
        for byte in elements {
            *byte = u8::from(*byte != 0);
        }
    }
}

impl<const N: usize> Element for [u8; N] {
    fn accepts(dtype: &DType) -> bool {
        matches!(dtype.kind(), crate::DTypeKind::Bytes | crate::DTypeKind::Void)
            && dtype.itemsize() == N
    }
}

/// A buffer of bytes that elements of any type fit into: aligned, and used again.
#[derive(Debug, Default)]
pub(crate) struct Buffer(Vec<u128>);

impl Buffer {
    /// The first `len` bytes of it, made longer if needed.
    pub(crate) fn bytes(&mut self, len: usize) -> &mut [u8] {
        const WORD: usize = size_of::<u128>();
        const { assert!(mem::align_of::<u128>() >= 8, "wide enough for every number") };
        let words = len.div_ceil(WORD);
        if self.0.len() < words {
            self.0.resize(words, 0);
        }
        self.0.as_mut_bytes().get_mut(..len).unwrap_or_default()
    }

    pub(crate) fn filled(&self, len: usize) -> &[u8] {
        self.0.as_bytes().get(..len).unwrap_or_default()
    }
}
