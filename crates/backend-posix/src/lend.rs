//! Memory that is lent as a slice by the caller's promise.

use memmap_core::{Mode, Op, Result, View as FileView, system, widen};
use memmap_guard::{InPlace, OnLostPage, RegisteredRange};
use rustix::io::Errno;

use crate::Posix;
use crate::pages::{Access, Pages, View};
use crate::refusal::{refusal, refuse};
use crate::shown::{Alias, Shown};

/// The memory that holds all bytes of a map, registered with the fault handler.
pub(crate) fn lend<'a>(
    view: &FileView<'a, Posix>,
    shown: &'a Shown,
    on_lost: OnLostPage,
) -> Result<InPlace<'a>> {
    // Other systems have no fault handler that replaces pages.
    let first = if on_lost == OnLostPage::Zeros && cfg!(target_os = "linux") {
        alias(view, shown)?.pages.first()
    } else {
        shown.lent.get_or_init(|| {
            // SAFETY: 1. all of the pages belong to the mapping. They stay mapped until they move, before
            // which `take_back` drops this registration, or until `shown` is dropped, which drops `lent`
            // before the pages. 2. References are made by the caller afterwards and live no longer than the
            // borrow of `shown`. 3. It is not `Zeros`.
            Box::new(unsafe { RegisteredRange::new(shown.pages.first(), view.len, on_lost) })
        });
        shown.pages.first()
    };
    // SAFETY: 1. all of the `len` bytes are mapped, as the caller checks (`System::lend`), and stay so while
    // `shown` is borrowed; the alias is a mapping of the same pages. 2. Only the guard writes to them.
    Ok(unsafe { memmap_guard::in_place(first, view.len) })
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
