//! Growing and shrinking a mapping and its file.

use memmap_core::{ErrorKind, Mode, Op, Result, widen};

use crate::live::{Mapped, access, refusal, refuse};
use crate::pages::Pages;
use crate::{found, space, system};

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
            // As long as there is a view the system refuses to cut the file, wherever that ends.
            self.pages = None;
            let cut = self.file.set_len(end.min(file_len));
            // Should there be no room for a view where there was one, the bytes are read and written
            // by system calls.
            self.show(if cut.is_ok() { new } else { old }, mode).ok();
            return cut.map_err(|error| refuse(Op::Resize, system::refusal(error, mode)));
        }
        space::extend(&self.file, file_len, end, self.is_sparse)?;
        self.show(new, mode).inspect_err(|_| {
            // No view reaches further than the old end, unless somebody made one just now.
            space::cut_back(&self.file, end, file_len);
        })
    }

    /// Shows `len` bytes of a file that is long enough. A view keeps its length, so this is another
    /// one; the old one is let go last. After an error it is as it was.
    fn show(&mut self, len: usize, mode: Mode) -> Result<()> {
        self.pages = if len == 0 {
            None
        } else {
            let pages = Pages::map(&self.file, self.offset, len, access(mode));
            Some(pages.map_err(|error| refuse(Op::Resize, refusal(error, len, mode)))?)
        };
        Ok(())
    }
}
