//! `lazyhex patch`: applies a patch, and writes the result to a new file.

use std::io;
use std::process::ExitCode;

use memmap::{AnyMap, Cancel, Extent, MemMap, Mode, Progress, plugin::Schemes};
use thiserror::Error;

use crate::cli::args::PatchArgs;
use crate::cli::find::Interrupt;
use crate::job::new_file::{NewFile, NewFileError};
use crate::patch::{Patch, PatchError};
use crate::source::{ReadOptions, SourceArg, shown};
use crate::{described, say};

/// Why there is no patched file.
#[derive(Debug, Error)]
enum PatchFailure {
    #[error("{0}")]
    Usage(#[from] UsageError),
    #[error("{}", described(.0, "read"))]
    Open(memmap::Error),
    #[error("{patch}: {error}")]
    Patch { patch: String, error: PatchError },
    #[error(transparent)]
    NewFile(#[from] NewFileError),
}

/// Arguments that ask for what cannot be done.
#[derive(Debug, Error)]
enum UsageError {
    #[error(
        "say with -o OUT where the patched bytes go: to a new file, or to standard output with -o -; FILE is \
         not changed"
    )]
    NoOutput,
    #[error("standard input is either the file or the patch; name one of them")]
    StdinTwice,
}

/// Applies the patch.
pub(crate) fn run(asked: &PatchArgs, schemes: &Schemes) -> ExitCode {
    match patch(asked, schemes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&format!("lazyhex: {failure}\n"));
            ExitCode::from(if matches!(failure, PatchFailure::Usage(_)) { 2 } else { 1 })
        }
    }
}

fn patch(asked: &PatchArgs, schemes: &Schemes) -> Result<(), PatchFailure> {
    let out = asked.output.as_deref().ok_or(UsageError::NoOutput)?;
    let input = |path| SourceArg::of(Some(path), schemes);
    let (file, patch) = (input(&asked.file), input(&asked.patch));
    if matches!((file, patch), (SourceArg::Stdin, SourceArg::Stdin)) {
        return Err(UsageError::StdinTwice.into());
    }
    let interrupt = Interrupt::listen();
    let cancel = Cancel::new();
    interrupt.stops(Some(&cancel));
    let progress = Progress::until(cancel);
    let opened = |input: SourceArg<'_>| {
        let opened = input.open(ReadOptions::default());
        opened.map(|source| source.map).map_err(PatchFailure::Open)
    };
    let (source, bytes) = (opened(file)?, opened(patch)?);
    let failed = |error| PatchFailure::Patch { patch: shown(&asked.patch), error };
    let patch = Patch::read(&bytes, &progress).map_err(failed)?;
    let len = patch.target_len(&source, &progress).map_err(failed)?;
    // Room is reserved, so that a patch for a file of any length cannot fill the disk, unless the source
    // has holes, which are kept.
    let mut new = NewFile::make(out, |path| {
        let options = MemMap::options().mode(Mode::Create).create_new(true).len(len);
        let target = options.sparse(has_holes(&source)).open(path).map_err(io::Error::from)?;
        Ok(target.erase())
    })?;
    patch.apply(&source, new.file(), &progress).map_err(failed)?;
    new.publish(|target: AnyMap| target.close().map_err(io::Error::from))?;
    if !patch.knows_its_source() {
        say(&format!(
            "lazyhex: {}: this format has no checksum, so nobody can say whether it was made for {}\n",
            shown(&asked.patch),
            shown(&asked.file)
        ));
    }
    Ok(())
}

fn has_holes(map: &AnyMap) -> bool {
    map.extents(..).is_ok_and(|all| all.iter().any(|it| matches!(it, Extent::Hole(_))))
}
