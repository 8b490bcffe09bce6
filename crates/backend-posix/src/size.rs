//! Growing and shrinking a mapping and its file.

use memmap_core::{ErrorKind, Mode, Op, Result, widen};

use crate::live::{Mapped, access, refusal, refuse};
use crate::pages::Pages;
use crate::{found, space};

impl Mapped {
    /// Makes the mapping of `old` bytes one of `new`, and the file as long as that needs.
    pub(crate) fn resize(&mut self, old: usize, new: usize, mode: Mode) -> Result<()> {
        let os = |error| refuse(Op::Resize, ErrorKind::Os(error));
        let len = widen(new);
        let file_len = found::inspect(&self.file).map_err(os)?.len;
        let mapped_end = self.offset.saturating_add(widen(old));
        let end = match self.offset.checked_add(len) {
            Some(end) if i64::try_from(end).is_ok() => end,
            _ => {
                let max = i64::MAX.unsigned_abs().saturating_sub(self.offset);
                return Err(refuse(Op::Resize, ErrorKind::TooLarge { len, max }));
            }
        };
        let shrinks = new < old;
        if !mode.reaches_file() {
            if end > file_len && !shrinks {
                let kind = ErrorKind::LengthBeyondEnd { offset: self.offset, len, file_len };
                return Err(refuse(Op::Resize, kind));
            }
            return self.show(new, mode);
        }
        if shrinks && file_len > mapped_end {
            let kind = ErrorKind::CutsOff { new_end: end, mapped_end, file_len };
            return Err(refuse(Op::Resize, kind));
        }
        if shrinks {
            // What can fail comes first, what cannot be undone last.
            self.show(new, mode)?;
            return space::shorten(&self.file, end.min(file_len)).map_err(|kind| {
                self.show(old, mode).ok();
                refuse(Op::Resize, kind)
            });
        }
        self.show(new, mode)?;
        space::extend(&self.file, file_len, end, self.is_sparse).inspect_err(|_| {
            self.show(old, mode).ok();
        })
    }

    /// Shows `len` bytes of a file that is long enough.
    fn show(&mut self, len: usize, mode: Mode) -> Result<()> {
        let refuse = |error| refuse(Op::Resize, refusal(error, len, mode));
        match &mut self.pages {
            Some(pages) => pages.resize(&self.file, self.offset, len).map_err(refuse),
            None if len == 0 => Ok(()),
            None => {
                let pages = Pages::map(&self.file, self.offset, len, access(mode));
                self.pages = Some(pages.map_err(refuse)?);
                Ok(())
            }
        }
    }

    /// Moves to where there are addresses for `most` bytes.
    pub(crate) fn reserve(&mut self, len: usize, most: usize, mode: Mode) -> Result<()> {
        if self.pages.as_ref().is_some_and(|pages| pages.holds(most)) {
            return Ok(());
        }
        let refuse = |error| refuse(Op::Reserve, refusal(error, most, mode));
        let mut pages = Pages::reserve(self.offset, most, access(mode)).map_err(refuse)?;
        pages.resize(&self.file, self.offset, len).map_err(refuse)?;
        self.pages = Some(pages);
        Ok(())
    }
}
