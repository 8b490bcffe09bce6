//! Slices of no bytes, aligned as memory is: so that no bytes are also no integers of any type, as they
//! are where a mapping has some.

/// As pages are.
#[repr(align(4096))]
struct Empty([u8; 0]);

/// No bytes.
pub(crate) const fn slice() -> &'static [u8] {
    static EMPTY: Empty = Empty([]);
    &EMPTY.0
}

/// No bytes, for writing. Nothing is allocated for them.
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
