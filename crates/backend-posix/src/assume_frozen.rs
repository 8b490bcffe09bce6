use std::slice;

use memmap_core::{Map, Mapping, Mode, Op, Result, View as FileView, system, widen};
use memmap_guard::{Memory, OnLostPage, RegisteredRange};
use rustix::io::Errno;

use crate::pages::{Access, Pages, View};
use crate::refusal::{refusal, refuse, unsupported};
use crate::shown::{Alias, Shown};
use crate::{Live, Posix};

/// The unsafe API: borrows bytes of a live file without a proof.
///
/// [`Map::prove`] is safe, and succeeds for most local files of this user. This trait is for guarantees that
/// the system cannot check: a file system that nobody else mounts, or a protocol with all writers.
///
/// [`Map::prove`]: memmap_core::Map::prove
pub trait AssumeFrozen {
    /// The mapped bytes, borrowed.
    ///
    /// # Safety
    /// While the slice is in use:
    /// 1. nobody, in this process or another, changes a byte of the mapped range of the file,
    /// 2. nobody makes the file shorter than the end of that range,
    /// 3. with [`OnLostPage::Zeros`], the program stays correct if a page of the slice becomes zeros at any
    ///    moment. That happens if the device fails, or the file is made shorter: 2. need not hold then.
    ///
    /// Only the slice shows those zeros, until the map is resized or reserved. Copies and folds still report
    /// the lost page, or return the bytes that the file has there by then. The zeros are never written to the
    /// file, even by a map for writing.
    ///
    /// # Errors
    /// [`Unsupported`](memmap_core::ErrorKind::Unsupported) in mode `c`, whose bytes are not contiguous. With
    /// `Zeros` also [`OutOfMemory`](memmap_core::ErrorKind::OutOfMemory) if no addresses are left, and
    /// [`LimitReached`](memmap_core::ErrorKind::LimitReached) for a map that is locked in RAM.
    ///
    /// # Cost
    /// The first call registers the range with the fault handler. With `Zeros` it also maps the bytes a second
    /// time, which takes addresses and new page faults, and no memory for the bytes.
    unsafe fn assume_frozen(&self, on_lost: OnLostPage) -> Result<&[u8]>;

    /// The lowest byte of a page that became zeros under a slice of this map. Once set it stays set. Check it
    /// after the last use of the slice: if it is `Some`, bytes that were read may not be the file's.
    fn lost_page(&self) -> Option<u64>;
}

impl AssumeFrozen for Map<Live> {
    unsafe fn assume_frozen(&self, on_lost: OnLostPage) -> Result<&[u8]> {
        let lent = lend(self.mapping(), on_lost);
        let (first, len) = lent.map_err(|error| match self.origin() {
            Some(origin) => error.with_origin(origin.clone()),
            None => error,
        })?;
        if len == 0 {
            return Ok(&[]);
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the backend, and the caller promises"
        )]
        // SAFETY: the range is mapped, readable and initialised, as bytes of files are, and stays so while
        // `self` is borrowed: unmapping or moving it needs an exclusive borrow. Nobody changes the bytes
        // (1., 2.), and neither does this map, for the same reason. Pages that become zeros are covered by
        // the caller's promise (3.).
        Ok(unsafe { slice::from_raw_parts(first, len) })
    }

    fn lost_page(&self) -> Option<u64> {
        self.mapping().view().and_then(|view| view.pages?.lost_byte())
    }
}

/// The contiguous memory that holds the bytes, registered with the fault handler.
pub(crate) fn lend(live: &Live, on_lost: OnLostPage) -> Result<(*const u8, usize)> {
    let Some(view) = live.view() else {
        let heap = live.memory().memory();
        return Ok((heap.first(), heap.len()));
    };
    if view.has_edits {
        let what =
            "borrowing private edits, which are not contiguous; copy the bytes into memory first";
        return Err(refuse(Op::Read, unsupported(what)));
    }
    if live.len() == 0 {
        return Ok((std::ptr::dangling(), 0));
    }
    let Some(shown) = view.pages else {
        let what =
            "borrowing a file that the system does not map; copy its bytes into memory first";
        return Err(refuse(Op::Read, unsupported(what)));
    };
    live.require_shown(Op::Read)?;
    // Other systems have no fault handler that replaces pages.
    if on_lost == OnLostPage::Zeros && cfg!(target_os = "linux") {
        return Ok((alias(&view, shown)?.pages.first(), view.len));
    }
    shown.lent.get_or_init(|| {
        // SAFETY: 1. all of the pages belong to the mapping. They stay mapped until they move, before which
        // `take_back` drops this registration, or until `shown` is dropped, which drops `lent` before the
        // pages. 2. References are made by the caller afterwards and live no longer than the borrow of
        // `live`. 3. It is not `Zeros`.
        Box::new(unsafe { RegisteredRange::new(shown.pages.first(), view.len, on_lost) })
    });
    Ok((shown.pages.first(), view.len))
}

/// The second mapping of the pages, in which lost pages become zeros.
fn alias<'a>(view: &FileView<'_, Posix>, shown: &'a Shown) -> Result<&'a Alias> {
    if let Some(alias) = shown.alias.get() {
        return Ok(alias);
    }
    let mapped = match shown.pages.view() {
        View::Shared => shown.pages.map_again(),
        // `mremap` cannot duplicate a private mapping.
        View::Private => view.handle.open(Some(&shown.pages)).and_then(|file| {
            let (private, access) = (View::Private, Access::Read);
            Pages::map_as(private, &file, view.offset, view.len, access)
        }),
    };
    let pages = mapped.map_err(|error| {
        let kind = match Errno::from_io_error(&error) {
            Some(Errno::AGAIN) => system::why_not_locked(error, widen(view.len)),
            _ => refusal(error, view.len, Mode::Read),
        };
        refuse(Op::Map, kind)
    })?;
    // If another thread is faster, these pages are unmapped again.
    Ok(shown.alias.get_or_init(|| {
        // SAFETY: 1. all of the pages belong to this mapping, and stay mapped until `Alias` is dropped, which
        // drops `lent` first. 2. As in `lend`. 3. The caller has promised to expect zeros (`AssumeFrozen`),
        // and nothing writes to these pages, which are mapped read-only.
        let lent = unsafe { RegisteredRange::new(pages.first(), view.len, OnLostPage::Zeros) };
        Box::new(Alias { lent, pages })
    }))
}
