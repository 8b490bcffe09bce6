//! Memory that is lent as a slice by the caller's promise, or exposed to other languages.

use std::fs::File;
use std::os::fd::AsFd;
use std::sync::{Arc, OnceLock};

use memmap_core::{Backend, ErrorKind, Mode, Op, Result, View as FileView, system, widen};
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
        let alias = |pages: Pages, file: Option<Arc<File>>| {
            // SAFETY: 1. all of the pages belong to this mapping, and stay mapped until `Alias` is dropped, which
            // drops `lent` first, and the file last. 2. As below. 3. The caller has promised to expect zeros
            // (`AssumeFrozen`), and nothing writes to these pages, which are mapped read-only.
            let lent =
                unsafe { register(view, &pages, file.as_deref(), false) }.unwrap_or_else(|| {
                    // SAFETY: as above.
                    unsafe { RegisteredRange::new(pages.first(), view.len, OnLostPage::Zeros) }
                });
            Some(Alias { lent, pages, _file: file })
        };
        once(&shown.alias, || map_again(view, shown, Access::Read, alias))?.pages.first()
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

/// The memory that is exposed: a second mapping with the access of the first.
pub(crate) fn expose<'a>(view: &FileView<'a, Posix>, shown: &'a Shown) -> Result<InPlace<'a>> {
    let access = shown.pages.access();
    let alias = |pages: Pages, file: Option<Arc<File>>| {
        let is_writable = access == Access::Write;
        // SAFETY: 1. as in `lend`. 2. and 3. No reference to these bytes is ever made: what leaves is an address,
        // for code that expects them to change (`Expose`).
        let lent = unsafe { register(view, &pages, file.as_deref(), is_writable) }?;
        Some(Alias { lent, pages, _file: file })
    };
    let alias = once(&shown.exposed, || map_again(view, shown, access, alias))?;
    // SAFETY: 1. as in `lend`. 2. What writes to them other than the guard has their address from `Expose`, and
    // makes no reference.
    Ok(unsafe { memmap_guard::in_place(alias.pages.first(), view.len) })
}

/// What `make` makes, unless it was made before. If another thread is faster, ours is dropped again.
fn once(cell: &OnceLock<Box<Alias>>, make: impl FnOnce() -> Result<Alias>) -> Result<&Alias> {
    if let Some(alias) = cell.get() {
        return Ok(alias);
    }
    let alias = Box::new(make()?);
    Ok(cell.get_or_init(|| alias))
}

/// # Safety
/// As [`RegisteredRange::of_file`]; `file` is kept until after the range is dropped.
unsafe fn register(
    view: &FileView<'_, Posix>,
    pages: &Pages,
    file: Option<&File>,
    is_writable: bool,
) -> Option<RegisteredRange> {
    let (first, file) = (pages.first(), file?.as_fd());
    // SAFETY: as the caller says.
    unsafe { RegisteredRange::of_file(first, view.len, file, view.offset, is_writable) }
}

/// Maps the pages a second time, and holds the file open that they are of.
fn map_again(
    view: &FileView<'_, Posix>,
    shown: &Shown,
    access: Access,
    make: impl FnOnce(Pages, Option<Arc<File>>) -> Option<Alias>,
) -> Result<Alias> {
    let opened = view.handle.open(Some(&shown.pages)).map(|file| Arc::clone(&file));
    let mapped = match (shown.pages.view(), &opened) {
        (View::Shared, _) if access == Access::Read => shown.pages.map_again(),
        // `mremap` cannot duplicate a private mapping.
        (_, Ok(file)) => Pages::map_as(shown.pages.view(), file, view.offset, view.len, access),
        (_, Err(error)) => Err(std::io::Error::from(error.kind())),
    };
    let pages = mapped.map_err(|error| {
        let kind = match Errno::from_io_error(&error) {
            Some(Errno::AGAIN) => system::why_not_locked(error, widen(view.len)),
            _ => refusal(error, view.len, Mode::Read),
        };
        refuse(Op::Map, kind)
    })?;
    make(pages, opened.ok()).ok_or_else(|| {
        let what = "showing bytes where no fault can be handled; copy them";
        refuse(Op::Map, ErrorKind::unsupported(Posix::NAME, what))
    })
}
