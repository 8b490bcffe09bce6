//! Slices of a live file, through the unsafe door.

use std::sync::OnceLock;

use memmap_core::{Mode, Op, Result, system, widen};
use memmap_guard::{OnLostPage, RegisteredRange};
use rustix::io::Errno;

use crate::live::{Live, Source};
use crate::mapped::Mapped;
use crate::pages::{Access, Pages, View};
use crate::refusal::{refusal, refuse, unsupported};

/// The pages of a file once more, for borrowers to whom lost ones become zeros. What is copied in and
/// out is the other mapping, of which no page is ever replaced.
pub(crate) struct Twin {
    lent: RegisteredRange,
    pages: Pages,
}

impl Live {
    /// Lends no more of what is about to move: whoever borrowed it has given it back.
    pub(crate) fn take_back(&mut self) {
        self.lost = self.lost_byte();
        self.lent = OnceLock::new();
        self.twin = OnceLock::new();
    }

    /// The memory where the bytes are, in one piece, known to the handler as lent.
    pub(crate) fn lend(&self, on_lost: OnLostPage) -> Result<(*const u8, usize)> {
        let (mapped, pages) = match &self.source {
            Source::Held(held) => return Ok((held.first(), held.len())),
            Source::File(Mapped { overlay: Some(_), .. }) => {
                let what = "borrowing private edits, which are in pieces; `detach` them";
                return Err(refuse(Op::Read, unsupported(what)));
            }
            Source::File(_) if self.len == 0 => return Ok((std::ptr::dangling(), 0)),
            Source::File(Mapped { pages: None, .. }) => {
                let what = "borrowing a file that the system does not map; `detach` it";
                return Err(refuse(Op::Read, unsupported(what)));
            }
            Source::File(mapped @ Mapped { pages: Some(pages), .. }) => (mapped, pages),
        };
        self.require_shown(pages, Op::Read)?;
        // Elsewhere no page is ever replaced.
        if on_lost == OnLostPage::Zeros && cfg!(target_os = "linux") {
            let first = self.twin(mapped, pages)?.pages.first();
            return Ok((first, self.len));
        }
        self.lent.get_or_init(|| {
            // SAFETY: 1. the pages are all the mapping's and stay mapped until they move, before
            // which `take_back` takes this away, or the end of `self`, whose fields end in this
            // order. 2. References are made by the caller afterwards and live no longer than the
            // borrow of `self`. 3. It is not `Zeros`.
            unsafe { RegisteredRange::new(pages.first(), self.len, on_lost) }
        });
        Ok((pages.first(), self.len))
    }

    /// The pages that are lent to become zeros where they are lost.
    fn twin(&self, mapped: &Mapped, pages: &Pages) -> Result<&Twin> {
        if let Some(twin) = self.twin.get() {
            return Ok(twin);
        }
        let again = match pages.view() {
            View::Shared => pages.again(),
            // The system shows no private pages twice.
            View::Private => mapped.origin.open(Some(pages)).and_then(|file| {
                let (view, access) = (View::Private, Access::Read);
                Pages::map_as(view, &file, mapped.offset, self.len, access)
            }),
        };
        let again = again.map_err(|error| {
            let kind = match Errno::from_io_error(&error) {
                Some(Errno::AGAIN) => system::why_not_locked(error, widen(self.len)),
                _ => refusal(error, self.len, Mode::Read),
            };
            refuse(Op::Map, kind)
        })?;
        // Should another thread be faster, this is unmapped again.
        Ok(self.twin.get_or_init(|| {
            // SAFETY: 1. the pages are all the mapping's and stay mapped as long as `Twin`, whose
            // fields end in this order. 2. As in `lend`. 3. The caller answers for the zeros
            // (`AssumeFrozen`); nothing writes to these pages, which are mapped to be read.
            let lent = unsafe { RegisteredRange::new(again.first(), self.len, OnLostPage::Zeros) };
            Twin { lent, pages: again }
        }))
    }

    /// The first byte of a page that was lost while it was lent.
    pub(crate) fn lost_byte(&self) -> Option<u64> {
        let lent = [self.lent.get(), self.twin.get().map(|twin| &twin.lent)];
        let now = lent.into_iter().filter_map(|lent| lent?.lost()).min();
        now.map(widen).into_iter().chain(self.lost).min()
    }
}
