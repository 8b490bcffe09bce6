//! What is to be changed, as edits.

use std::io;
use std::path::Path;

use memmap::compare::{Compare, DifferenceKind};
use memmap::edit::EditedFile;
use memmap::{AnyMap, MemMap, Mode, Progress, plugin::Schemes, widen};
use tempfile::NamedTempFile;

use super::{PatchFailure, UsageError, opened, say_unknown};
use crate::cli::args::PatchArgs;
use crate::format::parse_size::Offset;
use crate::patch::Patch;
use crate::source::shown;

/// More bytes than this are taken from a copy on the disk.
const MEMORY_MAX: u64 = 16 << 20;

/// Bytes of one edit, which an overlay keeps as they were seen.
const PIECE_LEN: u64 = 64 << 10;

/// What edits read until they are saved.
pub(super) type Copy = Option<NamedTempFile<()>>;

/// Bytes that are put into the file.
enum New {
    Bytes(Vec<u8>),
    Fill(Vec<u8>, u64),
    Map(Box<MemMap>),
}

impl New {
    fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => widen(bytes.len()),
            Self::Fill(_, len) => *len,
            Self::Map(map) => map.len(),
        }
    }
}

/// Makes the edits that the options ask for.
pub(super) fn make(
    asked: &PatchArgs,
    overlay: &mut EditedFile,
    schemes: &Schemes,
    progress: &Progress,
) -> Result<Copy, PatchFailure> {
    if let Some(patch) = &asked.patch {
        return apply(asked, patch, overlay, schemes, progress);
    }
    let len = overlay.len();
    let at = asked.at.unwrap_or_default();
    let at = at.within(len).ok_or_else(|| outside(overlay, at))?;
    if let Some(count) = asked.delete {
        let end = at.checked_add(count).filter(|&end| end <= len);
        let name = || shown(&asked.file);
        let end = end.ok_or_else(|| PatchFailure::Outside { name: name(), at, count, len })?;
        overlay.delete(at..end).map_err(PatchFailure::Open)?;
        return Ok(None);
    }
    let (new, copy) = match (&asked.bytes, &asked.fill, &asked.from) {
        (Some(bytes), ..) => (New::Bytes(bytes.0.clone()), None),
        (_, Some(fill), _) => (New::Fill(fill.0.clone(), asked.len.unwrap_or_default()), None),
        (_, _, from) => {
            taken(&opened(from.as_deref().unwrap_or_else(|| Path::new("-")), schemes)?)?
        }
    };
    put(overlay, at, new, asked.insert).map_err(PatchFailure::Open)?;
    Ok(copy)
}

fn outside(overlay: &EditedFile, at: Offset) -> PatchFailure {
    let error = crate::cli::part::start(overlay.len(), at).err();
    let error = error.unwrap_or_else(|| {
        let kind = memmap::ErrorKind::InvalidOptions { what: "the offset is before the start" };
        memmap::Error::new(memmap::plugin::Op::Write, kind)
    });
    let origin = overlay.base().origin().cloned();
    PatchFailure::Open(match origin {
        Some(origin) => error.with_origin(origin),
        None => error,
    })
}

/// Puts bytes into the file, as one state. Between its end and a later offset come zeros.
fn put(overlay: &mut EditedFile, at: u64, new: New, inserts: bool) -> memmap::Result<()> {
    overlay.group(|overlay| {
        let len = overlay.len();
        if at > len {
            overlay.insert_fill(len, at - len, &[0])?;
        }
        // As many bytes as there are give way.
        let end = if inserts { at } else { at.saturating_add(new.len()).min(overlay.len()) };
        if let New::Bytes(bytes) = &new {
            return overlay.replace(at..end, bytes);
        }
        overlay.delete(at..end)?;
        match new {
            New::Fill(pattern, len) => overlay.insert_fill(at, len, &pattern),
            New::Map(map) => overlay.insert_map(at, *map),
            New::Bytes(_) => Ok(()),
        }
    })
}

/// All bytes of a source, so that nobody changes them until they are saved.
fn taken(source: &AnyMap) -> Result<(New, Copy), PatchFailure> {
    if source.len() <= MEMORY_MAX {
        let len = usize::try_from(source.len()).unwrap_or(usize::MAX);
        let bytes = source.read_at(0, len).map_err(PatchFailure::Open)?;
        return Ok((New::Bytes(bytes), None));
    }
    let (copy, mut target) = temporary(source.len())?;
    let mut at = 0;
    while at < source.len() {
        let len = (source.len() - at).min(1 << 20);
        let bytes = source.read_at(at, usize::try_from(len).unwrap_or(usize::MAX));
        let bytes = bytes.map_err(PatchFailure::Open)?;
        target.write_at(at, &bytes).map_err(PatchFailure::Open)?;
        at += len;
    }
    drop(target);
    let map = MemMap::open(copy.path(), Mode::Read).map_err(PatchFailure::Open)?;
    Ok((New::Map(Box::new(map)), Some(copy)))
}

/// A new file of zeros, which is removed when it is dropped.
fn temporary(len: u64) -> Result<(NamedTempFile<()>, AnyMap), PatchFailure> {
    let mut made = None;
    let mut builder = tempfile::Builder::new();
    let copy = builder.prefix(".lazyhex-").make(|path| {
        let options = MemMap::options().mode(Mode::Create).create_new(true).len(len).sparse(true);
        made = Some(options.open(path).map_err(io::Error::from)?);
        Ok(())
    });
    let copy = copy.map_err(PatchFailure::Temporary)?;
    let map = made.ok_or_else(|| PatchFailure::Temporary(io::ErrorKind::NotFound.into()))?;
    Ok((copy, map.erase()))
}

/// Makes the target of a patch among the temporary files, with all checks of the format, and takes from it
/// what differs.
fn apply(
    asked: &PatchArgs,
    patch_path: &Path,
    overlay: &mut EditedFile,
    schemes: &Schemes,
    progress: &Progress,
) -> Result<Copy, PatchFailure> {
    if asked.file == Path::new("-") {
        return Err(UsageError::Stdin.into());
    }
    let failed = |error| PatchFailure::Patch { patch: shown(patch_path), error };
    let (source, bytes) = (opened(&asked.file, schemes)?, opened(patch_path, schemes)?);
    let patch = Patch::read(&bytes, progress).map_err(failed)?;
    let len = patch.target_len(&source, progress).map_err(failed)?;
    let (copy, mut target) = temporary(len)?;
    patch.apply(&source, &mut target, progress).map_err(failed)?;
    let differences = Compare::new(&source, &target).differences().map_err(PatchFailure::Open)?;
    let edits = |overlay: &mut EditedFile| {
        for difference in differences {
            // The lengths differ at the end only, so that offsets stay.
            match difference.kind {
                DifferenceKind::Changed | DifferenceKind::OnlyInB => {
                    let mut at = difference.b.start;
                    while at < difference.b.end {
                        let len = (difference.b.end - at).min(PIECE_LEN);
                        let bytes =
                            target.read_at(at, usize::try_from(len).unwrap_or(usize::MAX))?;
                        overlay.replace(at..(at + len).min(overlay.len()), &bytes)?;
                        at += len;
                    }
                }
                DifferenceKind::OnlyInA => overlay.delete(difference.a)?,
                // It could be read when the patch was applied.
                DifferenceKind::Unreadable => {
                    let end = difference.a.end.min(difference.a.start.saturating_add(PIECE_LEN));
                    let len = usize::try_from(end - difference.a.start).unwrap_or(usize::MAX);
                    source.read_at(difference.a.start, len)?;
                }
            }
        }
        Ok(())
    };
    overlay.group(edits).map_err(PatchFailure::Open)?;
    if !patch.knows_its_source() {
        say_unknown(patch_path, &asked.file);
    }
    drop(copy);
    Ok(None)
}
