//! A file that is changed in place: a plan, its checks, a journal, and the writing.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use memmap::edit::journal::{JournalOptions, Limits, Listed, Standing};
use memmap::edit::{Disk, EditedFile, Journal, JournalError, Journals, SaveError};
use memmap::{MemMap, Mode, Progress, plugin::Schemes};

use super::{PatchFailure, UsageError, change};
use crate::cli::args::PatchArgs;
use crate::document::saving::sheet::{PlanSheet, RangeSheet};
use crate::document::saving::words;
use crate::editor::settings::Settings;
use crate::editor::{config, session};
use crate::format::units::in_units;
use crate::source::shown;

/// Makes the edits, plans to save them, says what is planned, and saves.
pub(super) fn write(
    asked: &PatchArgs,
    schemes: &Schemes,
    progress: &Progress,
) -> Result<(), PatchFailure> {
    if asked.file == Path::new("-") {
        return Err(UsageError::Stdin.into());
    }
    let name = shown(&asked.file);
    let path = schemes.path_of(&asked.file).map_err(PatchFailure::Open)?;
    let path = path.ok_or_else(|| PatchFailure::NotAFile(name.clone()))?;
    let mut overlay = EditedFile::new(MemMap::open(&path, Mode::Read).map_err(PatchFailure::Open)?);
    let keeper = Keeper::of(asked)?;
    let others = keeper.as_ref().map_or(Ok(Vec::new()), |keeper| keeper.others(&path))?;
    if others.iter().any(|it| it.standing == Standing::UnfinishedSaving) {
        return Err(PatchFailure::UnfinishedSaving(name));
    }
    // What it reads is there until all is saved.
    let _copy = change::make(asked, &mut overlay, schemes, progress)?;
    let journal = keeper.as_ref().map(|keeper| keeper.begin(&overlay)).transpose()?;
    let saved = save(asked, &mut overlay, journal.as_ref(), &others, &name, progress);
    if let (Some(keeper), Some(journal)) = (keeper, journal) {
        keeper.end(journal, &saved);
    }
    saved.map(|_| ())
}

/// Plans and saves. Returns whether something was written.
fn save(
    asked: &PatchArgs,
    overlay: &mut EditedFile,
    journal: Option<&Arc<Journal>>,
    others: &[Listed],
    name: &str,
    progress: &Progress,
) -> Result<bool, PatchFailure> {
    let mut save = overlay.save().allow_device(asked.write_device);
    if let Some(journal) = journal {
        save = save.journal(Arc::clone(journal));
    }
    let plan = save.plan(progress)?;
    let sheet = PlanSheet::of(&plan);
    // Writing to a string cannot fail.
    let mut text = format!("{name}: {}\n", sheet.summary());
    if asked.dry_run {
        text += &listed(&sheet);
    }
    for check in &sheet.checks {
        let mark = if check.needs_a_look { '!' } else { '✓' };
        if check.needs_a_look || asked.dry_run {
            writeln!(text, "{mark} {}", check.text).ok();
        }
    }
    for other in others {
        if let Standing::InUse(process) = &other.standing {
            writeln!(text, "! open in another lazyhex (pid {})", process.id).ok();
        }
    }
    for loss in &sheet.losses {
        writeln!(text, "! not kept: {loss}").ok();
    }
    if asked.dry_run {
        text += "nothing was written\n";
        print(&text)?;
        return Ok(false);
    }
    print(&text)?;
    let saved = plan.run(progress)?;
    let saving = saved.saving();
    let mut text = format!("{}\n", words::of_saving(saving));
    for line in words::of_others(saving) {
        writeln!(text, "! {line}").ok();
    }
    let is_written = !saving.ranges.is_empty();
    // It is saved, whoever reads this.
    print(&text).ok();
    overlay.saved(saved);
    Ok(is_written)
}

/// The ranges of a plan, each in a line.
fn listed(sheet: &PlanSheet) -> String {
    let width = sheet.ranges.iter().map(|it| format!("{:x}", it.start).len()).max().unwrap_or(0);
    let mut text = String::new();
    let line = |range: &RangeSheet| {
        format!("  0x{:0width$x}  {:>8}  {range}\n", range.start, in_units(range.len))
    };
    text.extend(sheet.ranges.iter().map(line));
    let (_, more) = sheet.largest(usize::MAX);
    text.extend(more.map(|more| format!("  {more}\n")));
    text
}

fn print(text: &str) -> Result<(), PatchFailure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // What is saved does not depend on who reads this.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(PatchFailure::Stdout(error)),
        _ => Ok(()),
    }
}

/// Makes the journal, and removes it if it is of no use.
struct Keeper(Journals);

impl Keeper {
    /// `None`: the user wants no journal.
    fn of(asked: &PatchArgs) -> Result<Option<Self>, PatchFailure> {
        let (settings, _) = config::load(Settings::default());
        if asked.no_journal || !settings.journal {
            return Ok(None);
        }
        let place = session::journals_place().ok_or_else(|| JournalError::Io {
            what: "find a place for",
            source: io::ErrorKind::NotFound.into(),
        })?;
        let journals = Journals::open(Disk, place)?;
        // Old ones that cannot be removed are in nobody's way.
        journals.tidy(Limits::default(), SystemTime::now()).ok();
        Ok(Some(Self(journals)))
    }

    /// The journals of other sessions that edit the file.
    fn others(&self, path: &Path) -> Result<Vec<Listed>, PatchFailure> {
        Ok(self.0.find(path)?)
    }

    fn begin(&self, overlay: &EditedFile) -> Result<Arc<Journal>, PatchFailure> {
        Ok(Arc::new(self.0.create_of(overlay, JournalOptions::default())?))
    }

    /// Keeps the journal if it has the old bytes of what was written, or what is needed to finish it.
    fn end(&self, journal: Arc<Journal>, ended: &Result<bool, PatchFailure>) {
        let Some(journal) = Arc::into_inner(journal) else { return };
        // If the end of it fails, it is only one more journal that is listed.
        match ended {
            Ok(true) => journal.close().ok(),
            Err(PatchFailure::Save(SaveError::Unfinished { .. } | SaveError::NotMapped(_))) => None,
            Ok(false) | Err(_) => self.0.remove(journal).ok(),
        };
    }
}
