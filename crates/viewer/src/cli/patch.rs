//! `lazyhex patch`: changes bytes of a file in place, or applies a patch, to the file or to a new one.

mod change;
mod in_place;
mod whole;

use std::path::Path;
use std::process::ExitCode;

use memmap::edit::{JournalError, SaveError};
use memmap::{AnyMap, Cancel, Progress, plugin::Schemes};
use thiserror::Error;

use crate::cli::args::PatchArgs;
use crate::cli::find::Interrupt;
use crate::job::new_file::NewFileError;
use crate::patch::PatchError;
use crate::source::{ReadOptions, SourceArg, shown};
use crate::{described, say};

/// Why nothing was patched.
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
    #[error("cannot make a file among the temporary ones: {0}")]
    Temporary(std::io::Error),
    #[error("cannot delete {count} bytes at {at:#x}: {name} has {len} bytes")]
    Outside { name: String, at: u64, count: u64, len: u64 },
    #[error("{0}; --no-journal writes without one")]
    Journal(#[from] JournalError),
    #[error("{0} cannot be changed in place: it is not a file; -o OUT writes a new one")]
    NotAFile(String),
    #[error("a saving of {0} did not finish; `lazyhex --recover {0}` finishes it or takes it back")]
    UnfinishedSaving(String),
    #[error("{}", said(.0))]
    Save(#[from] SaveError),
    #[error("cannot write: {0}; check where the output goes")]
    Stdout(std::io::Error),
}

/// What is to be done about a saving that failed is said with the options of the command line.
fn said(error: &SaveError) -> String {
    let advice = match error {
        SaveError::Device { .. } => "; --write-device allows it",
        SaveError::Unfinished { journal: Some(_), .. } => {
            "; `lazyhex --recover FILE` finishes it or takes it back"
        }
        _ => "",
    };
    format!("{error}{advice}")
}

/// Arguments that ask for what cannot be done.
#[derive(Debug, Error)]
enum UsageError {
    #[error("standard input is either the file or the patch; name one of them")]
    StdinTwice,
    #[error("standard input cannot be changed in place; -o OUT writes a new file")]
    Stdin,
}

/// Changes the file, or applies the patch.
pub(crate) fn run(asked: &PatchArgs, schemes: &Schemes) -> ExitCode {
    let interrupt = Interrupt::listen();
    let cancel = Cancel::new();
    interrupt.stops(Some(&cancel));
    let progress = Progress::until(cancel);
    let done = match (&asked.patch, &asked.output) {
        (Some(patch), Some(out)) => whole::write(asked, patch, out, schemes, &progress),
        _ => in_place::write(asked, schemes, &progress),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&format!("lazyhex: {failure}\n"));
            ExitCode::from(if matches!(failure, PatchFailure::Usage(_)) { 2 } else { 1 })
        }
    }
}

/// Opens an input.
fn opened(path: &Path, schemes: &Schemes) -> Result<AnyMap, PatchFailure> {
    let opened = SourceArg::of(Some(path), schemes).open(ReadOptions::default());
    opened.map(|source| source.map).map_err(PatchFailure::Open)
}

/// Says that nobody can say whether a patch was made for this file.
fn say_unknown(patch: &Path, file: &Path) {
    say(&format!(
        "lazyhex: {}: this format has no checksum, so nobody can say whether it was made for {}\n",
        shown(patch),
        shown(file)
    ));
}
