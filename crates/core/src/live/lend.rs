use memmap_guard::{AssumeFrozen, InPlace, OnLostPage};

use crate::{Error, ErrorKind, Live, Map, Mapping, Op, Result, System};

impl<S: System> Live<S> {
    fn lend(&self, on_lost: OnLostPage) -> Result<InPlace<'_>> {
        if self.len == 0 {
            return Ok(InPlace::from(&[][..]));
        }
        let unsupported = |what| Self::refuse(Op::Read, Self::unsupported(what));
        let Some((mapped, view)) = self.file.as_ref().zip(self.view()) else {
            let lost = || Self::refuse(Op::Read, ErrorKind::BufferLost { at: 0 });
            return self.in_place(0, self.len).ok_or_else(lost);
        };
        if mapped.edits_apart().is_some() {
            return Err(unsupported(
                "borrowing private edits, which are not contiguous; copy the bytes into memory first",
            ));
        }
        let Some(pages) = view.pages else {
            return Err(unsupported(
                "borrowing a file that the system does not map; copy its bytes into memory first",
            ));
        };
        self.require_shown(Op::Read)?;
        S::lend(&view, pages, on_lost)
    }
}

impl<S: System> AssumeFrozen for Map<Live<S>> {
    type Error = Error;

    fn lend(&self, on_lost: OnLostPage) -> Result<InPlace<'_>> {
        self.mapping().lend(on_lost).map_err(|error| self.placed(error))
    }

    fn lost_page(&self) -> Option<u64> {
        S::lost_page(self.mapping().pages()?)
    }
}
