//! Why a patch cannot be made or applied.

use std::io;
use std::ops::Range;
use std::path::PathBuf;

use thiserror::Error;

use super::PatchFormat;
use super::bytes::Side;

/// Why a patch cannot be made or applied.
#[derive(Debug, Error)]
pub(crate) enum PatchError {
    #[error(
        "it is not a patch: it begins with \"{begin}\", and a patch with \"PATCH\" (IPS), \"BPS1\" (BPS) or \
         \"BSDIFF40\" (bsdiff); check which file is which: lazyhex patch FILE PATCH"
    )]
    NotAPatch { begin: String },
    #[error(
        "{path:?} does not say which format of patches is asked for; end its name in .ips, \
         .bps or .bsdiff"
    )]
    UnknownExtension { path: PathBuf },
    #[error("the {format} patch is damaged at offset {at:#x}: {what}; get it again")]
    Damaged { format: PatchFormat, at: u64, what: Damage },
    #[error(
        "the bsdiff patch is damaged, or for another file: {0}; use the file that it was made for"
    )]
    Bsdiff(io::Error),
    #[error("{}", checksum(*.of, *.expected, *.found))]
    Checksum { of: Side, expected: u32, found: u32 },
    #[error(
        "the patch is for a file of {expected} bytes, and this one has {found}; use the file that it was \
         made for"
    )]
    SourceLen { expected: u64, found: u64 },
    #[error("cannot read the bytes {:#x}..{:#x} of the {of}: {error}", .range.start, .range.end)]
    Unreadable { of: Side, range: Range<u64>, error: memmap::Error },
    #[error("the bytes {:#x}..{:#x} of the {of} could not be compared; repair the file first", .range.start, .range.end)]
    NotCompared { of: Side, range: Range<u64> },
    #[error("the target of {len} bytes cannot be written: {error}")]
    Target { len: u64, error: memmap::Error },
    #[error(
        "a patch in the format {format} is for files of up to {most} bytes, and not of {len}; {instead}"
    )]
    TooLong { format: PatchFormat, len: u64, most: u64, instead: &'static str },
    #[error(
        "difference {index} does not follow from the one before it, or is not within both files"
    )]
    Differences { index: usize },
    #[error(
        "the bytes at {a:#x} of the source and at {b:#x} of the target were equal and are not; they changed \
         meanwhile, so compare them again"
    )]
    NotEqual { a: u64, b: u64 },
    #[error("the patch cannot be written: {0}; check where it goes")]
    Output(io::Error),
    #[error("interrupted")]
    Cancelled,
}

/// What is wrong with a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Damage {
    #[error("it ends there, in the middle of an entry")]
    Short,
    #[error("{0} bytes come after its end")]
    Long(u64),
    #[error("a run has no bytes")]
    EmptyRun,
    #[error("a number does not fit into 64 bits")]
    Number,
    #[error("the target would be longer than it says, {0} bytes")]
    TargetLong(u64),
    #[error("the target would have {0} bytes, fewer than it says")]
    TargetShort(u64),
    #[error("it copies from outside of the source")]
    SourceCopy,
    #[error("it copies bytes of the target that do not exist yet")]
    TargetCopy,
}

fn checksum(of: Side, expected: u32, found: u32) -> String {
    let advice = match of {
        Side::Source => "use the file that the patch was made for",
        Side::Target => {
            "nothing was written; get the patch again, or use the file that it was made for"
        }
        Side::Patch => "it is damaged; get it again",
    };
    format!("the CRC-32 of the {of} is {found:08x} and should be {expected:08x}: {advice}")
}
