use std::mem;

use memmap_core::{Map, Mapping};
use zerocopy::{Immutable, IntoBytes, TryFromBytes};

use crate::{Complex, DType, Error, ErrorKind, Result};

/// Types of array elements: numbers, `bool`, arrays of bytes, and your own records.
///
/// A record is a plain type without padding, as its derived zerocopy traits prove. It implements
/// [`dtype`](Self::dtype) if its arrays are written to `.npy` files. Its numbers are in native byte
/// order; for another use the types in zerocopy's `big_endian` and `little_endian`.
///
/// | Rust | numpy |
/// |---|---|
/// | `bool` | `?`; any byte except 0 is true |
/// | `i8` … `i64`, `u8` … `u64`, `f32`, `f64` | `i1` … `i8`, `u1` … `u8`, `f4`, `f8`, in either byte order |
/// | `half::f16` (feature `half`) | `f2` |
/// | [`Complex<f32>`](Complex), `Complex<f64>` | `c8`, `c16` |
/// | `[u8; N]` | `V`N, and `S`N |
/// | a record | its `dtype()`; by default `V` of its size |
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
    /// numpy's name of the type, in the byte order of this machine.
    fn dtype() -> DType {
        // numpy has no elements larger than `MAX_ITEMSIZE`, so it writes no file of them.
        DType::void(size_of::<Self>()).unwrap_or(DType::U1)
    }

    /// Whether elements of this dtype can be read as this type, in either byte order.
    fn accepts(dtype: &DType) -> bool {
        let own = Self::dtype();
        *dtype == own || dtype.with_byte_order(crate::ByteOrder::NATIVE) == own && Self::SWAPS
    }

    /// Whether [`swap`](Self::swap) changes the byte order. False for records.
    const SWAPS: bool = false;

    /// Reverses the byte order of each element.
    fn swap(elements: &mut [u8]) {
        let _ = elements;
    }

    /// Converts bytes that numpy accepts, but Rust does not, to valid values.
    fn tidy(elements: &mut [u8]) {
        let _ = elements;
    }

    /// Copies one element out of a map.
    ///
    /// # Errors
    /// Those of the map, and [`ErrorKind::NotAValue`].
    #[inline]
    fn load<M: Mapping>(map: &Map<M>, at: u64, is_swapped: bool) -> Result<Self> {
        load_slowly(map, at, is_swapped)
    }
}

/// Copies an element through a buffer.
fn load_slowly<T: Element, M: Mapping>(map: &Map<M>, at: u64, is_swapped: bool) -> Result<T> {
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

/// Converts the bytes of elements to native values.
pub(crate) fn finish<T: Element>(bytes: &mut [u8], is_swapped: bool) {
    if is_swapped {
        T::swap(bytes);
    }
    T::tidy(bytes);
}

/// Borrows `count` elements from bytes that [`finish`] has converted. The error is the index of the first
/// invalid value.
pub(crate) fn values<T: Element>(bytes: &[u8], count: usize) -> Result<&[T], usize> {
    <[T]>::try_ref_from_bytes_with_elems(bytes, count).map_err(|_invalid| {
        // The buffers are aligned and hold whole elements, so a value is invalid.
        let mut elements = bytes.chunks(size_of::<T>().max(1));
        elements.position(|element| T::try_read_from_bytes(element).is_err()).unwrap_or(0)
    })
}

/// Reverses the bytes of each number of `N` bytes.
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
                fn load<M: Mapping>(map: &Map<M>, at: u64, is_swapped: bool) -> Result<Self> {
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

/// A reusable buffer, aligned for elements of any type.
#[derive(Debug, Default)]
pub(crate) struct Buffer(Vec<u128>);

impl Buffer {
    /// The first `len` bytes. The buffer grows if needed.
    pub(crate) fn bytes(&mut self, len: usize) -> &mut [u8] {
        const WORD: usize = size_of::<u128>();
        const { assert!(mem::align_of::<u128>() >= 8, "aligned for every number") };
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
