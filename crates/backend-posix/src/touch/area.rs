//! Addresses of our own, for pages that nobody has touched.

use std::fs::File;
use std::io;
use std::ptr;
use std::slice;
use std::sync::atomic::AtomicUsize;

use memmap_core::touch;
use rustix::mm::{self, MapFlags, MprotectFlags, ProtFlags};

/// A range of addresses, which is unmapped when this is dropped.
pub(super) struct Area {
    first: *mut u8,
    len: usize,
}

// SAFETY: it owns addresses, which belong to no thread. It makes no access by itself.
unsafe impl Send for Area {}

// SAFETY: as above.
unsafe impl Sync for Area {}

impl Area {
    /// Reserves `len` bytes of private memory that cannot be accessed. It is neither dumped nor inherited.
    pub(super) fn private(len: usize) -> io::Result<Self> {
        Self::reserve(len, MapFlags::PRIVATE)
    }

    /// Reserves `len` bytes of memory that cannot be accessed, and that [`again`](Self::again) maps a second
    /// time. A child inherits neither.
    pub(super) fn shared(len: usize) -> io::Result<Self> {
        Self::reserve(len, MapFlags::SHARED)
    }

    /// Zeroed memory, which a child has a copy of, or the same one.
    fn memory(len: usize, kind: MapFlags) -> io::Result<Self> {
        let flags = kind.union(MapFlags::NORESERVE);
        let protection = ProtFlags::READ.union(ProtFlags::WRITE);
        // SAFETY: without an address and without `FIXED` the system chooses a range that nothing uses.
        let first = unsafe { mm::mmap_anonymous(ptr::null_mut(), len, protection, flags) }?;
        Ok(Self { first: first.cast(), len })
    }

    /// A page of a file, which cannot be accessed. As long as it is mapped, the system keeps the file, and no other
    /// file gets its number.
    pub(super) fn of_file(file: &File) -> io::Result<Self> {
        let (len, none) = (1, ProtFlags::empty());
        // SAFETY: without an address and without `FIXED` the system chooses a range that nothing uses.
        let first = unsafe { mm::mmap(ptr::null_mut(), len, none, MapFlags::PRIVATE, file, 0) }?;
        Ok(Self { first: first.cast(), len })
    }

    /// Memory that cannot be accessed, and a private mapping of it: what is written to the second one stays there, and
    /// a child has a copy.
    pub(super) fn shared_and_private(len: usize) -> io::Result<(Self, Self)> {
        let flags = rustix::fs::MemfdFlags::CLOEXEC;
        let memory = rustix::fs::memfd_create("memmap", flags)?;
        rustix::fs::ftruncate(&memory, u64::try_from(len).unwrap_or(u64::MAX))?;
        let map = |kind: MapFlags| {
            let flags = kind.union(MapFlags::NORESERVE);
            let none = ProtFlags::empty();
            // SAFETY: without an address and without `FIXED` the system chooses a range that nothing uses.
            let first = unsafe { mm::mmap(ptr::null_mut(), len, none, flags, &memory, 0) }?;
            let area = Self { first: first.cast(), len };
            area.settle()?;
            Ok::<_, io::Error>(area)
        };
        let (shared, private) = (map(MapFlags::SHARED)?, map(MapFlags::PRIVATE)?);
        private.advise(libc::MADV_DOFORK)?;
        Ok((shared, private))
    }

    fn reserve(len: usize, kind: MapFlags) -> io::Result<Self> {
        let flags = kind.union(MapFlags::NORESERVE);
        // SAFETY: without an address and without `FIXED` the system chooses a range that nothing uses.
        let first = unsafe { mm::mmap_anonymous(ptr::null_mut(), len, ProtFlags::empty(), flags) }?;
        let area = Self { first: first.cast(), len };
        area.settle()?;
        Ok(area)
    }

    /// The same memory at other addresses, which a child inherits.
    pub(super) fn again(&self) -> io::Result<Self> {
        let flags = mm::MremapFlags::MAYMOVE;
        // SAFETY: with an old length of 0 nothing is moved (mremap(2)): the system chooses a range that
        // nothing uses, and maps there what is mapped shared at `first`, which is ours.
        let first = unsafe { mm::mremap(self.first.cast(), 0, self.len, flags) }?;
        let area = Self { first: first.cast(), len: self.len };
        area.settle()?;
        area.advise(libc::MADV_DOFORK)?;
        Ok(area)
    }

    /// Undoes what `mlockall(MCL_FUTURE)` does to new memory, before it can be accessed: locked pages would
    /// all be brought in, as zeros.
    fn settle(&self) -> io::Result<()> {
        // SAFETY: the range is ours; unlocking changes no byte.
        unsafe { mm::munlock(self.first.cast(), self.len) }?;
        self.advise(libc::MADV_DONTFORK)?;
        self.advise(libc::MADV_DONTDUMP)
    }

    pub(super) fn first(&self) -> *mut u8 {
        self.first
    }

    /// Gives advice that drops and changes no byte: the callers pass `DOFORK`, `DONTFORK`, `DONTDUMP`,
    /// `NOHUGEPAGE`.
    pub(super) fn advise(&self, advice: i32) -> io::Result<()> {
        // SAFETY: the range is ours, and the advice changes no byte of it.
        let answer = unsafe { libc::madvise(self.first.cast(), self.len, advice) };
        if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Allows the pages to be read, and written if `writes`.
    pub(super) fn open(&self, writes: bool) -> io::Result<()> {
        let write = if writes { MprotectFlags::WRITE } else { MprotectFlags::empty() };
        // SAFETY: the range is ours. It becomes accessible, so no access fails that succeeded before.
        Ok(unsafe { mm::mprotect(self.first.cast(), self.len, MprotectFlags::READ.union(write)) }?)
    }

    /// Whether a page is present. It allocates nothing.
    pub(super) fn has(&self, page: usize, page_len: usize) -> io::Result<bool> {
        let mut present = 0_u8;
        let first = self.first.wrapping_add(page.saturating_mul(page_len));
        // SAFETY: the system looks at a page, and writes a byte. What is not mapped is an error.
        let answer = unsafe { libc::mincore(first.cast(), page_len, &raw mut present) };
        if answer == 0 { Ok(present & 1 != 0) } else { Err(io::Error::last_os_error()) }
    }
}

impl Drop for Area {
    fn drop(&mut self) {
        // SAFETY: the range is ours. Every access to it borrows `self`, so none is left.
        let _nothing_to_do = unsafe { mm::munmap(self.first.cast(), self.len) };
    }
}

/// Memory for bits. It is mapped, and not allocated: an allocator would clear it first.
pub(super) struct Words {
    memory: Area,
    count: usize,
}

impl touch::Words for Words {
    fn zeroed(count: usize) -> Option<Self> {
        let len = count.checked_mul(size_of::<usize>())?;
        Some(Self { memory: Area::memory(len.max(1), MapFlags::PRIVATE).ok()?, count })
    }

    fn shared(count: usize) -> Option<Self> {
        let len = count.checked_mul(size_of::<usize>())?;
        Some(Self { memory: Area::memory(len.max(1), MapFlags::SHARED).ok()?, count })
    }

    fn words(&self) -> &[AtomicUsize] {
        #[expect(clippy::cast_ptr_alignment, reason = "it begins at a page")]
        let first = self.memory.first().cast::<AtomicUsize>();
        #[expect(clippy::disallowed_methods, reason = "this is the backend, and owns the memory")]
        // SAFETY: the memory has the words, aligned to a page, and stays mapped while `self` is borrowed. It began
        // as zeros, and is only accessed through these atomics.
        unsafe {
            slice::from_raw_parts(first, self.count)
        }
    }
}
