//! Growing and shrinking a mapping and its file.

use std::fs::File;
use std::ops::Deref;
use std::sync::Arc;

use memmap_core::{ErrorKind, Mode, Op, Part, Result, require_resizable};

use crate::file_handle::{FileHandle, Opened};
use crate::pages::{Pages, View};
use crate::refusal::{refusal, refuse};
use crate::shown::{self, Shown, access};
use crate::{Posix, fallocate, file_info};

/// Resizes a mapping to `new` bytes, and its file accordingly.
pub(crate) fn resize(part: Part<'_, Posix>, new: usize) -> Result<()> {
    let Part { pages, handle, offset, len: old, mode, is_sparse, .. } = part;
    if let Some(shown) = pages {
        shown.take_back();
    }
    if new < old && !mode.reaches_file() {
        return shorten(pages, handle, new, mode);
    }
    let file = file(handle, pages.as_ref(), Op::Resize, mode)?;
    let found =
        file_info::inspect(&file).map_err(|error| refuse(Op::Resize, ErrorKind::Os(error)))?;
    let end = require_resizable(offset, old, new, mode, found.len)?;
    let mut show = |len| show(pages, &file, offset, old, len, mode);
    if !mode.reaches_file() {
        return show(new);
    }
    if new < old {
        // The step that can be undone comes first.
        show(new)?;
        return fallocate::shorten(&file, end.min(found.len)).map_err(|kind| {
            show(old).ok();
            refuse(Op::Resize, kind)
        });
    }
    show(new)?;
    fallocate::extend(&file, found.len, end, is_sparse).inspect_err(|_| {
        show(old).ok();
    })
}

/// Moves the mapping to a range of addresses with room for `most` bytes.
pub(crate) fn reserve(part: Part<'_, Posix>, most: usize) -> Result<()> {
    let Part { pages, handle, offset, len, mode, .. } = part;
    if let Some(shown) = pages {
        shown.take_back();
    }
    let is_read = pages.is_none() && len > 0;
    if is_read || pages.as_ref().is_some_and(|shown| shown.pages.holds(most)) {
        return Ok(());
    }
    let refuse = |error| refuse(Op::Reserve, refusal(error, most, mode));
    let file = file(handle, pages.as_ref(), Op::Reserve, mode)?;
    // The system would round a mapping at a fixed address up to huge pages, over whatever follows the range.
    if file_info::has_huge_pages(&file) {
        return Ok(());
    }
    let view = pages.as_ref().map_or(View::Shared, |shown| shown.pages.view());
    let mut longer = Pages::reserve(view, offset, most, access(mode)).map_err(refuse)?;
    longer.resize(&file, offset, len).map_err(refuse)?;
    let lost = pages.as_ref().and_then(|shown| shown.lost);
    *pages = Some(Shown { lost, ..Shown::new(longer) });
    Ok(())
}

/// The file for mapping more pages. For writing it is one that no other map uses, as failed writes of the
/// pages are reported to it.
fn file<'a>(
    handle: &'a FileHandle,
    shown: Option<&Shown>,
    op: Op,
    mode: Mode,
) -> Result<MapFrom<'a>> {
    let pages = shown.map(|shown| &shown.pages);
    let file = if mode.reaches_file() {
        handle.own(pages, true).map(MapFrom::Own)
    } else {
        handle.open(pages).map(MapFrom::Any)
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

/// Shortens a mapping of a file that is only read.
fn shorten(
    pages: &mut Option<Shown>,
    handle: &mut FileHandle,
    len: usize,
    mode: Mode,
) -> Result<()> {
    let Some(Shown { pages: shown, .. }) = pages else { return Ok(()) };
    // Once no page of the file is mapped, it may be removed and its inode number reused.
    if len == 0 && handle.held().is_none() {
        let opened = handle.open(Some(shown)).map(|opened| Arc::clone(&opened));
        let file = opened.map_err(|error| refuse(Op::Resize, ErrorKind::from_io(error, mode)))?;
        handle.keep(file);
    }
    shown.shorten(len);
    Ok(())
}

/// Maps `len` bytes of a file that is long enough. Before, `old` bytes were mapped or read by system calls.
fn show(
    pages: &mut Option<Shown>,
    file: &File,
    offset: u64,
    old: usize,
    len: usize,
    mode: Mode,
) -> Result<()> {
    match pages {
        Some(shown) => shown
            .pages
            .resize(file, offset, len)
            .map_err(|error| refuse(Op::Resize, refusal(error, len, mode))),
        None if len == 0 || old > 0 => Ok(()),
        None => {
            let shown = shown::show(file, offset, len, mode, false);
            *pages = shown.map_err(|error| error.during(Op::Resize))?.map(Shown::new);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use memmap_core::{
        Advice, Backend, FileInfo, Files, Map, MapOptions, MapRequest, Mapping, Result, widen,
    };
    use memmap_guard::{AssumeFrozen, OnLostPage};

    use crate::Live;

    use super::*;

    /// A map of three pages with only one page mapped. This happens when shortening the file fails and the
    /// old pages cannot be mapped again.
    fn partly_shown() -> (tempfile::NamedTempFile, Map<Live>) {
        #[derive(Debug)]
        struct Partly;

        impl Backend for Partly {
            type Mapping = Live;

            const NAME: &'static str = "partly";

            fn map(&self, file: &Arc<File>, request: &MapRequest) -> Result<Live> {
                let mut live = Live::map(file, request, memmap_guard::can_guard())?;
                live.change(|part| part.pages.as_mut().unwrap().pages.shorten(page())).unwrap();
                Ok(live)
            }

            fn in_memory(&self, bytes: Vec<u8>, mode: Mode, found: Option<FileInfo>) -> Live {
                Live::from_bytes(bytes, mode, found)
            }
        }

        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, vec![7; page().saturating_mul(3)]).unwrap();
        let map =
            MapOptions::new(Files::new(Partly)).mode(Mode::ReadWrite).open(file.path()).unwrap();
        (file, map)
    }

    fn page() -> usize {
        crate::pages::page_size()
    }

    #[test]
    fn nothing_is_done_to_addresses_after_the_mapped_pages() {
        let (file, mut map) = partly_shown();
        let live = map.mapping();
        let all = widen(page().saturating_mul(3));
        assert_eq!(live.len(), all);
        for on_lost in [OnLostPage::Abort, OnLostPage::Zeros] {
            let error = map.lend(on_lost).unwrap_err();
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
        // The bytes are read and written by system calls.
        let last = all.saturating_sub(4);
        assert_eq!(map.read_at(last, 4).unwrap(), [7; 4]);
        map.write_at(last, &[8; 4]).unwrap();
        map.sync(last..).unwrap();
        map.close().unwrap();
        assert!(fs::read(file).unwrap().ends_with(&[7, 8, 8, 8, 8]));
    }

    #[test]
    fn cells_of_private_edits_are_aligned_in_the_file_also_if_the_system_maps_nothing() {
        #[derive(Debug)]
        struct Pageless;

        impl Backend for Pageless {
            type Mapping = Live;

            const NAME: &'static str = "pageless";

            fn map(&self, file: &Arc<File>, request: &MapRequest) -> Result<Live> {
                let mut live = Live::map(file, request, memmap_guard::can_guard())?;
                live.change(|part| part.pages.take()).unwrap();
                Ok(live)
            }

            fn in_memory(&self, bytes: Vec<u8>, mode: Mode, found: Option<FileInfo>) -> Live {
                Live::from_bytes(bytes, mode, found)
            }
        }

        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, vec![7; 100]).unwrap();
        let options = MapOptions::new(Files::new(Pageless)).mode(Mode::CopyOnWrite).offset(4);
        let mut map = options.open(file.path()).unwrap();
        let cells = map.cells();
        assert_eq!(cells.fetch_add(4, 1_u64).unwrap(), u64::from_ne_bytes([7; 8]));
        let error = cells.load::<u64>(0).unwrap_err();
        let &ErrorKind::Misaligned { offset: 0, align: 8, lead: 4 } = error.kind() else {
            panic!("{error:?}")
        };
        assert_eq!(fs::read(file).unwrap(), [7; 100]);
    }
}
