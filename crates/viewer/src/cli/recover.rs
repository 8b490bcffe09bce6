//! `lazyhex --recover`: what earlier sessions left, of all files.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use memmap::edit::journal::{Header, Listed, Standing};
use memmap::edit::{Disk, JournalError, Journals};

use crate::document::saving::recovery;
use crate::editor::session;
use crate::format::printable::printable;
use crate::say;

/// Prints a line for each journal, the newest last.
pub(crate) fn list() -> ExitCode {
    let listed = match listed() {
        Ok(listed) => listed,
        Err(error) => {
            say(&format!("lazyhex: {error}\n"));
            return ExitCode::FAILURE;
        }
    };
    let mut text = String::new();
    for it in &listed {
        let edits = it.summary.as_ref().map_or(0, |it| it.edits);
        let edits = format!("{edits} edit{}", if edits == 1 { "" } else { "s" });
        let when = recovery::when(it);
        let standing = standing(&it.standing);
        // Writing to a string cannot fail.
        writeln!(text, "{when}  {edits:>9}  {standing:<22}  {}", path(it)).ok();
    }
    if listed.is_empty() {
        text.push_str("no journals: nothing was edited, or all is settled and tidied away\n");
    }
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            say(&format!("lazyhex: cannot write: {error}; check where the output goes\n"));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

fn listed() -> Result<Vec<Listed>, JournalError> {
    match session::journals_place() {
        Some(place) if place.is_dir() => Journals::open(Disk, place)?.all(),
        _ => Ok(Vec::new()),
    }
}

/// The edited file, or the journal if it does not say.
fn path(it: &Listed) -> String {
    let of_header = |header: &Header| String::from_utf8_lossy(&header.path).into_owned();
    let path = it.header.as_ref().map(of_header);
    let path = path.unwrap_or_else(|| format!("(journal {})", it.name.display()));
    printable(OsStr::new(&path).to_string_lossy().as_ref())
}

fn standing(standing: &Standing) -> String {
    match standing {
        Standing::InUse(process) => format!("in use by pid {}", process.id),
        Standing::MaybeInUse(process) => format!("in use on {}?", process.host),
        Standing::UnfinishedSaving => "saving did not finish".to_owned(),
        Standing::Unsaved => "edits not saved".to_owned(),
        Standing::Finished => "saved".to_owned(),
        Standing::Discarded => "discarded".to_owned(),
        Standing::Empty => "empty".to_owned(),
        Standing::UnknownVersion(_) | Standing::UnknownKind(_) => "of a later version".to_owned(),
        Standing::Damaged => "damaged".to_owned(),
        Standing::Unreadable(why) => format!("unreadable: {why}"),
        other => format!("{other:?}"),
    }
}
