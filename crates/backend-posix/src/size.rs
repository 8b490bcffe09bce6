//! Growing and shrinking a mapping and its file.

use std::fs::File;
use std::ops::Deref;
use std::sync::Arc;

use memmap_core::{ErrorKind, Mode, Op, Result, widen};

use crate::mapped::{self, Mapped, access};
use crate::origin::{Opened, Origin};
use crate::pages::{Pages, View};
use crate::refusal::{refusal, refuse};
use crate::{found, space};

impl Mapped {
    /// Makes the mapping of `old` bytes one of `new`, and the file as long as that needs.
    pub(crate) fn resize(&mut self, old: usize, new: usize, mode: Mode) -> Result<()> {
        let os = |error| refuse(Op::Resize, ErrorKind::Os(error));
        let Self { pages, origin, offset, is_sparse, .. } = self;
        if new < old && !mode.reaches_file() {
            return shorten(pages, origin, new, mode);
        }
        let file = file(origin, pages.as_ref(), Op::Resize, mode)?;
        let mut show = |len| show(pages, &file, *offset, old, len, mode);
        let len = widen(new);
        let file_len = found::inspect(&file).map_err(os)?.len;
        let mapped_end = offset.saturating_add(widen(old));
        let end = match offset.checked_add(len) {
            Some(end) if i64::try_from(end).is_ok() => end,
            _ => {
                let max = i64::MAX.unsigned_abs().saturating_sub(*offset);
                return Err(refuse(Op::Resize, ErrorKind::TooLarge { len, max }));
            }
        };
        let shrinks = new < old;
        if !mode.reaches_file() {
            if end > file_len {
                let kind = ErrorKind::LengthBeyondEnd { offset: *offset, len, file_len };
                return Err(refuse(Op::Resize, kind));
            }
            return show(new);
        }
        if shrinks && file_len > mapped_end {
            let kind = ErrorKind::CutsOff { new_end: end, mapped_end, file_len };
            return Err(refuse(Op::Resize, kind));
        }
        if shrinks {
            // What can fail comes first, what cannot be undone last.
            show(new)?;
            return space::shorten(&file, end.min(file_len)).map_err(|kind| {
                show(old).ok();
                refuse(Op::Resize, kind)
            });
        }
        show(new)?;
        space::extend(&file, file_len, end, *is_sparse).inspect_err(|_| {
            show(old).ok();
        })
    }

    /// Moves to where there are addresses for `most` bytes.
    pub(crate) fn reserve(&mut self, len: usize, most: usize, mode: Mode) -> Result<()> {
        let Self { pages, origin, offset, .. } = self;
        let is_read = pages.is_none() && len > 0;
        if is_read || pages.as_ref().is_some_and(|pages| pages.holds(most)) {
            return Ok(());
        }
        let refuse = |error| refuse(Op::Reserve, refusal(error, most, mode));
        let file = file(origin, pages.as_ref(), Op::Reserve, mode)?;
        // What is mapped there would be rounded up to huge pages, over what is behind the range.
        if found::has_huge_pages(&file) {
            return Ok(());
        }
        let view = pages.as_ref().map_or(View::Shared, Pages::view);
        let mut longer = Pages::reserve(view, *offset, most, access(mode)).map_err(refuse)?;
        longer.resize(&file, *offset, len).map_err(refuse)?;
        *pages = Some(longer);
        Ok(())
    }
}

/// The file to map more of. What is written there is reported to it if it fails, so it is no other map's.
fn file<'a>(origin: &'a Origin, pages: Option<&Pages>, op: Op, mode: Mode) -> Result<MapFrom<'a>> {
    let file = if mode.reaches_file() {
        origin.own(pages, true).map(MapFrom::Own)
    } else {
        origin.open(pages).map(MapFrom::Any)
    };
    file.map_err(|error| refuse(op, ErrorKind::from_io(error, mode)))
}

enum MapFrom<'a> {
    Own(&'a File),
    Any(Opened<'a>),
}

impl Deref for MapFrom<'_> {
    type Target = File;

    fn deref(&self) -> &File {
        match self {
            Self::Own(file) => file,
            Self::Any(file) => file,
        }
    }
}

/// Shows fewer bytes of a file that is read.
fn shorten(pages: &mut Option<Pages>, origin: &mut Origin, len: usize, mode: Mode) -> Result<()> {
    let Some(shown) = pages else { return Ok(()) };
    // A file of which nothing is mapped may be removed, and its number be another one's.
    if len == 0 && origin.held().is_none() {
        let opened = origin.open(Some(shown)).map(|opened| Arc::clone(&opened));
        let file = opened.map_err(|error| refuse(Op::Resize, ErrorKind::from_io(error, mode)))?;
        origin.keep(file);
    }
    shown.shorten(len);
    Ok(())
}

/// Shows `len` bytes of a file that is long enough, where `old` were shown or read.
fn show(
    pages: &mut Option<Pages>,
    file: &File,
    offset: u64,
    old: usize,
    len: usize,
    mode: Mode,
) -> Result<()> {
    match pages {
        Some(pages) => pages
            .resize(file, offset, len)
            .map_err(|error| refuse(Op::Resize, refusal(error, len, mode))),
        None if len == 0 || old > 0 => Ok(()),
        None => {
            let shown = mapped::show(file, offset, len, mode, false);
            *pages = shown.map_err(|error| error.during(Op::Resize))?;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use memmap_core::{Advice, Backend, MapOptions, Mapping, MemMap, Request, Result};
    use memmap_guard::OnLostPage;

    use crate::live::{Live, Source};

    use super::*;

    /// A map of three pages, of which one is shown: as where cutting the file short failed, and showing it
    /// again as it was did too.
    fn partly_shown() -> (tempfile::NamedTempFile, MemMap<Live>) {
        #[derive(Debug)]
        struct Partly;

        impl Backend for Partly {
            type Mapping = Live;

            const NAME: &'static str = "partly";

            fn map(&self, file: &Arc<File>, request: &Request) -> Result<Live> {
                let mut live = Live::map(file, request, memmap_guard::can_guard())?;
                let Source::File(Mapped { pages: Some(pages), .. }) = &mut live.source else {
                    panic!("it is mapped")
                };
                pages.shorten(page());
                live.look_again();
                Ok(live)
            }

            fn hold(&self, bytes: Vec<u8>, mode: Mode) -> Live {
                Live::hold(bytes, mode)
            }
        }

        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, vec![7; page().saturating_mul(3)]).unwrap();
        let map = MapOptions::new(Partly).mode(Mode::ReadWrite).open(file.path()).unwrap();
        (file, map)
    }

    fn page() -> usize {
        crate::pages::page_size()
    }

    #[test]
    fn nothing_is_done_to_addresses_behind_what_is_shown() {
        let (file, mut map) = partly_shown();
        let live = map.mapping();
        let all = widen(page().saturating_mul(3));
        assert_eq!(live.len(), all);
        for on_lost in [OnLostPage::Abort, OnLostPage::Zeros] {
            let error = live.lend(on_lost).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::OutOfMemory { .. }), "{error}");
        }
        let short = [
            live.advise(0, all, Advice::DontNeed),
            live.prefault(0, all),
            live.lock_in_ram(0, all),
            live.unlock_from_ram(0, all),
            live.resident(0, all).map(drop),
        ];
        for answer in short {
            let error = answer.unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::OutOfMemory { .. }), "{error}");
        }
        // The bytes are the file's, by calls.
        let last = all.saturating_sub(4);
        assert_eq!(map.read_at(last, 4).unwrap(), [7; 4]);
        map.write_at(last, &[8; 4]).unwrap();
        map.sync(last..).unwrap();
        map.close().unwrap();
        assert!(fs::read(file).unwrap().ends_with(&[7, 8, 8, 8, 8]));
    }
}
