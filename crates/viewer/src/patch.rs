//! Patches: what makes one file of another, in the formats IPS, BPS and bsdiff.
//!
//! A patch is read twice. The first time everything that it says is checked, and nothing is written; the second
//! time it makes the target. Files are read in pieces through their maps, so that IPS and BPS take the same
//! memory for files of any size. bsdiff takes them into memory.

pub(crate) mod error;
mod bytes;
mod input;
mod output;
mod ips;
mod bps;
mod bsdiff;
pub(crate) mod testing;

use std::ffi::OsStr;
use std::fmt;
use std::io::Write;
use std::path::Path;

use memmap::compare::Difference;
use memmap::{AnyMap, Progress, widen};

pub(crate) use bps::Bps;
pub(crate) use bsdiff::Bsdiff;
pub(crate) use error::PatchError;
pub(crate) use ips::Ips;

use bytes::Side;

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PatchFormat {
    /// Records of bytes at offsets of up to 16 MiB, without checksums.
    Ips,
    /// Copies and new bytes, with three checksums.
    Bps,
    /// Copies with few changes, compressed: small patches of programs.
    Bsdiff,
}

impl PatchFormat {
    /// The format of a patch to be made, by the extension of its name.
    ///
    /// # Errors
    /// [`PatchError::UnknownExtension`].
    pub(crate) fn of_extension(path: &Path) -> Result<Self, PatchError> {
        let extension = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
        match extension.as_deref() {
            Some("ips") => Ok(Self::Ips),
            Some("bps") => Ok(Self::Bps),
            Some("bsdiff") => Ok(Self::Bsdiff),
            _ => Err(PatchError::UnknownExtension { path: path.to_owned() }),
        }
    }
}

impl fmt::Display for PatchFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ips => "IPS",
            Self::Bps => "BPS",
            Self::Bsdiff => "bsdiff",
        })
    }
}

/// Writes a patch that makes `target` of `source`, and returns its length.
///
/// `differences` are in the order of both files, and complete: they are checked while the patch is
/// made. IPS has no copies, and bsdiff copies with changes, so they compare the files themselves. The bytes of
/// both files are added to what is done.
///
/// # Errors
/// [`PatchError::TooLong`] if the format has no room for these files, [`PatchError::Differences`] and
/// [`PatchError::NotEqual`] if the differences are not those of the files, [`PatchError::Unreadable`],
/// [`PatchError::Output`], [`PatchError::Cancelled`].
pub(crate) fn write(
    format: PatchFormat,
    source: &AnyMap,
    target: &AnyMap,
    differences: &[Difference],
    out: &mut dyn Write,
    progress: &Progress,
) -> Result<u64, PatchError> {
    let mut out = Counted { out, len: 0 };
    match format {
        PatchFormat::Ips => ips::write(source, target, &mut out, progress)?,
        PatchFormat::Bps => bps::write(source, target, differences, &mut out, progress)?,
        PatchFormat::Bsdiff => bsdiff::write(source, target, &mut out, progress)?,
    }
    out.out.flush().map_err(PatchError::Output)?;
    Ok(out.len)
}

/// A patch, checked as far as that is possible without its source.
#[derive(Debug)]
pub(crate) enum Patch<'p> {
    Ips(Ips<'p>),
    Bps(Bps<'p>),
    Bsdiff(Bsdiff<'p>),
}

impl<'p> Patch<'p> {
    /// Recognises a patch by its first bytes, and checks it.
    ///
    /// # Errors
    /// [`PatchError::NotAPatch`], [`PatchError::Damaged`], [`PatchError::Checksum`],
    /// [`PatchError::Unreadable`], [`PatchError::Cancelled`].
    pub(crate) fn read(patch: &'p AnyMap, progress: &Progress) -> Result<Self, PatchError> {
        let mut begin = Vec::new();
        let begin = bytes::read(patch, Side::Patch, 0..patch.len().min(8), &mut begin)?;
        if begin.starts_with(ips::MAGIC) {
            Ips::read(patch, progress).map(Self::Ips)
        } else if begin.starts_with(bps::MAGIC) {
            Bps::read(patch, progress).map(Self::Bps)
        } else if begin.starts_with(bsdiff::MAGIC) {
            Bsdiff::read(patch).map(Self::Bsdiff)
        } else {
            Err(PatchError::NotAPatch { begin: begin.escape_ascii().to_string() })
        }
    }

    /// Whether the patch can say that it is for another file.
    pub(crate) const fn knows_its_source(&self) -> bool {
        matches!(self, Self::Bps(_))
    }

    /// Checks the source, and returns the length of the target.
    ///
    /// # Errors
    /// [`PatchError::SourceLen`], [`PatchError::Checksum`], [`PatchError::Unreadable`],
    /// [`PatchError::Cancelled`].
    pub(crate) fn target_len(
        &self,
        source: &AnyMap,
        progress: &Progress,
    ) -> Result<u64, PatchError> {
        match self {
            Self::Ips(patch) => Ok(patch.target_len(source.len())),
            Self::Bps(patch) => patch.target_len(source, progress),
            Self::Bsdiff(patch) => patch.target_len(source.len()),
        }
    }

    /// Writes the target into `target`, which has its length and is zeroed.
    ///
    /// # Errors
    /// [`PatchError::Checksum`] if the target is not the one that the patch was made for: it is to be
    /// thrown away then, as after any other error. [`PatchError::Unreadable`] if the source cannot be
    /// read, [`PatchError::Target`] if the target cannot be written, [`PatchError::Damaged`] or
    /// [`PatchError::Bsdiff`] if the patch has changed since it was checked, or could not be checked, [`PatchError::Cancelled`].
    pub(crate) fn apply(
        &self,
        source: &AnyMap,
        target: &mut AnyMap,
        progress: &Progress,
    ) -> Result<(), PatchError> {
        match self {
            Self::Ips(patch) => patch.apply(source, target, progress),
            Self::Bps(patch) => patch.apply(source, target, progress),
            Self::Bsdiff(patch) => patch.apply(source, target, progress),
        }
    }
}

/// Counts the bytes written.
struct Counted<'w> {
    out: &'w mut dyn Write,
    len: u64,
}

impl Counted<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), PatchError> {
        self.out.write_all(bytes).map_err(PatchError::Output)?;
        self.len += widen(bytes.len());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_that_of_the_extension() {
        for (name, format) in [
            ("a.ips", PatchFormat::Ips),
            ("b.c.BPS", PatchFormat::Bps),
            ("d.bsdiff", PatchFormat::Bsdiff),
        ] {
            assert_eq!(PatchFormat::of_extension(Path::new(name)).unwrap(), format);
        }
        for name in ["a", "ips", ".bps", "a.xdelta"] {
            let error = PatchFormat::of_extension(Path::new(name)).unwrap_err();
            assert!(matches!(error, PatchError::UnknownExtension { .. }), "{name}");
        }
    }
}
