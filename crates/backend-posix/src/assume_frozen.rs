use std::slice;

use memmap_core::{Map, Mapping, Mode, Op, Result, View as FileView, system, widen};
use memmap_guard::{Memory, OnLostPage, RegisteredRange};
use rustix::io::Errno;

use crate::pages::{Access, Pages, View};
use crate::refusal::{refusal, refuse, unsupported};
use crate::shown::{Shown, Twin};
use crate::{Live, Posix};

/// The unsafe door: bytes of a live file, borrowed without a proof.
///
/// [`Map::prove`] needs no such promise, and finds on most local files of this user that it holds.
/// This is for what it cannot know: a file system that nobody else mounts, a protocol with whoever
/// writes.
///
/// [`Map::prove`]: memmap_core::Map::prove
pub trait AssumeFrozen {
    /// The mapped bytes, borrowed.
    ///
    /// # Safety
    /// While the slice is in use:
    /// 1. nobody, in this process or another, changes a byte of the mapped range of the file,
    /// 2. nobody makes the file shorter than the end of that range,
    /// 3. with [`OnLostPage::Zeros`], the program is right also if a page of it becomes zeros at any
    ///    moment because its device fails, or because of 2., which is then allowed.
    ///
    /// Only the slice shows those zeros, until the map is resized or reserved: copies and folds go on
    /// to say that the page is lost, or give what the file has there by then. The file is never given
    /// them, by a map for writing either.
    ///
    /// # Errors
    /// [`Unsupported`](memmap_core::ErrorKind::Unsupported) of mode `c`, whose bytes are in pieces. With
    /// `Zeros` also [`OutOfMemory`](memmap_core::ErrorKind::OutOfMemory) where there are no addresses, and
    /// [`LimitReached`](memmap_core::ErrorKind::LimitReached) of a map that is locked in RAM.
    ///
    /// # Cost
    /// The first time, that of telling the handler. With `Zeros` the bytes are mapped once more for
    /// their borrowers, which takes addresses, and pages are found anew, but no memory for what is in
    /// them.
    unsafe fn assume_frozen(&self, on_lost: OnLostPage) -> Result<&[u8]>;

    /// The lowest byte of a page that became zeros under a slice of this map. Once there is one it
    /// stays: ask after the last use of what was read, and take none of it for the file's if there is.
    fn lost_page(&self) -> Option<u64>;
}

impl AssumeFrozen for Map<Live> {
    unsafe fn assume_frozen(&self, on_lost: OnLostPage) -> Result<&[u8]> {
        let lent = lend(self.mapping(), on_lost);
        let (first, len) = lent.map_err(|error| match self.path() {
            Some(path) => error.with_path(path),
            None => error,
        })?;
        if len == 0 {
            return Ok(&[]);
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the backend, and the caller promises"
        )]
        // SAFETY: the range is mapped, readable and initialised, as bytes of files are, and stays so
        // while `self` is borrowed: it is unmapped and moved by what borrows it exclusively. Nobody
        // changes it (1., 2.), by this map either; what becomes zeros is what the caller answers for
        // (3.).
        Ok(unsafe { slice::from_raw_parts(first, len) })
    }

    fn lost_page(&self) -> Option<u64> {
        self.mapping().view().and_then(|view| view.pages?.lost_byte())
    }
}

/// The memory where the bytes are, in one piece, known to the handler as lent.
pub(crate) fn lend(live: &Live, on_lost: OnLostPage) -> Result<(*const u8, usize)> {
    let Some(view) = live.view() else {
        let heap = live.memory().memory();
        return Ok((heap.first(), heap.len()));
    };
    if view.has_edits {
        let what = "borrowing private edits, which are in pieces; `detach` them";
        return Err(refuse(Op::Read, unsupported(what)));
    }
    if live.is_empty() {
        return Ok((std::ptr::dangling(), 0));
    }
    let Some(shown) = view.pages else {
        let what = "borrowing a file that the system does not map; `detach` it";
        return Err(refuse(Op::Read, unsupported(what)));
    };
    live.require_shown(Op::Read)?;
    // Elsewhere no page is ever replaced.
    if on_lost == OnLostPage::Zeros && cfg!(target_os = "linux") {
        return Ok((twin(&view, shown)?.pages.first(), view.len));
    }
    shown.lent.get_or_init(|| {
        // SAFETY: 1. the pages are all the mapping's and stay mapped until they move, before which
        // `take_back` takes this away, or the end of `shown`, whose fields end in this order. 2. References
        // are made by the caller afterwards and live no longer than the borrow of `live`. 3. It is not
        // `Zeros`.
        Box::new(unsafe { RegisteredRange::new(shown.pages.first(), view.len, on_lost) })
    });
    Ok((shown.pages.first(), view.len))
}

/// The pages that are lent to become zeros where they are lost.
fn twin<'a>(view: &FileView<'_, Posix>, shown: &'a Shown) -> Result<&'a Twin> {
    if let Some(twin) = shown.twin.get() {
        return Ok(twin);
    }
    let again = match shown.pages.view() {
        View::Shared => shown.pages.again(),
        // The system shows no private pages twice.
        View::Private => view.handle.open(Some(&shown.pages)).and_then(|file| {
            let (private, access) = (View::Private, Access::Read);
            Pages::map_as(private, &file, view.offset, view.len, access)
        }),
    };
    let again = again.map_err(|error| {
        let kind = match Errno::from_io_error(&error) {
            Some(Errno::AGAIN) => system::why_not_locked(error, widen(view.len)),
            _ => refusal(error, view.len, Mode::Read),
        };
        refuse(Op::Map, kind)
    })?;
    // Should another thread be faster, this is unmapped again.
    Ok(shown.twin.get_or_init(|| {
        // SAFETY: 1. the pages are all the mapping's and stay mapped as long as `Twin`, whose fields end in
        // this order. 2. As in `lend`. 3. The caller answers for the zeros (`AssumeFrozen`); nothing writes
        // to these pages, which are mapped to be read.
        let lent = unsafe { RegisteredRange::new(again.first(), view.len, OnLostPage::Zeros) };
        Box::new(Twin { lent, pages: again })
    }))
}
