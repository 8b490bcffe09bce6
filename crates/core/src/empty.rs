//! Empty slices with the alignment of a page, so that an empty mapping can also be viewed as a slice of
//! integers of any type, like one with bytes.

/// Alignment of a page.
#[repr(align(4096))]
struct Empty([u8; 0]);

/// An empty slice.
pub(crate) const fn slice() -> &'static [u8] {
    static EMPTY: Empty = Empty([]);
    &EMPTY.0
}

/// An empty mutable slice. It allocates nothing.
pub(crate) fn slice_mut() -> &'static mut [u8] {
    &mut Box::leak(Box::new(Empty([]))).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bytes_are_aligned_for_every_type() {
        assert!(slice().is_empty() && slice_mut().is_empty());
        assert_eq!((slice().as_ptr().addr() % 4096, slice_mut().as_ptr().addr() % 4096), (0, 0));
    }
}
