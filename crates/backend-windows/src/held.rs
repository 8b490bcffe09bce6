//! Bytes that were read because they could not be mapped, or need not be.

/// Memory of this process alone, accessed by address as a mapping is.
pub(crate) struct Held {
    bytes: *mut [u8],
}

// SAFETY: it is memory of the heap, which belongs to no thread; accesses to it are the guard's.
unsafe impl Send for Held {}

// SAFETY: as above.
unsafe impl Sync for Held {}

impl Held {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: Box::into_raw(bytes.into_boxed_slice()) }
    }

    /// The bytes, which are held no more.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        let bytes = std::mem::replace(&mut self.bytes, Box::into_raw(Box::default()));
        // SAFETY: it came from `into_raw`, and whoever could access it borrowed from who has us
        // exclusively now.
        unsafe { Box::from_raw(bytes) }.into_vec()
    }

    pub(crate) fn first(&self) -> *mut u8 {
        self.bytes.cast()
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: it came from `into_raw`, and whoever could access it borrowed from who drops us.
        drop(unsafe { Box::from_raw(self.bytes) });
    }
}
