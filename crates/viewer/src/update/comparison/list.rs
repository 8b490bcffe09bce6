//! The list of differences: its lines are gone to, copied, and written as a patch.

use std::path::PathBuf;

use memmap::compare::DifferenceKind;

use crate::analysis::copy_differences::{COUNT_MAX, CopyDifferencesJob};
use crate::analysis::write_patch::WritePatchJob;
use crate::editor::comparison::on_side;
use crate::editor::current::Current;
use crate::patch::PatchFormat;
use crate::view::panes::Pane;

/// What is said where nothing is compared.
pub(super) const NOTHING: &str = "nothing is compared here; :diff FILE compares with another file";

impl Current<'_> {
    /// Goes to a line of the list.
    pub(in crate::update) fn go_to_listed_difference(&mut self, line: usize) {
        let Some(comparison) = &self.comparison else { return };
        let side = comparison.side(self.view_id);
        if let Some(found) = comparison.list.get(line) {
            self.leave_for(on_side(&found, side).start);
            self.scroll_to_start(side, &found);
        }
    }

    /// Copies the list.
    pub(in crate::update) fn copy_differences(&mut self) {
        let Some(comparison) = &self.comparison else { return self.complain(NOTHING) };
        let Some(files) = comparison.files.as_ref().filter(|_| comparison.list.len() > 0) else {
            return self.complain("there is no difference to copy");
        };
        let list = &comparison.list;
        let job = CopyDifferencesJob {
            sources: files.each_ref().map(|it| it.source.clone()),
            names: files.each_ref().map(|it| it.name.clone()),
            is_aligned: comparison.is_aligned,
            list: (0..list.len().min(COUNT_MAX)).filter_map(|at| list.get(at)).collect(),
            total: list.count().saturating_add(list.unreadable()),
        };
        self.start(job);
    }

    /// Copies the chosen line of the list.
    pub(in crate::update) fn copy_difference(&mut self) {
        let Some(comparison) = &self.comparison else { return self.complain(NOTHING) };
        let line = self.view.panes.line(Pane::Differences);
        let Some(found) = comparison.list.get(line) else {
            return self.complain("there is no difference to copy");
        };
        let (a, b) = (found.a.end - found.a.start, found.b.end - found.b.start);
        let what = match found.kind {
            DifferenceKind::Unreadable => "  not compared",
            _ => "",
        };
        self.copy_text(format!(
            "{:#010x}  {:#010x}  {a} → {b}{what}",
            found.a.start, found.b.start
        ));
    }

    /// The job that writes the differences as a patch. The format is that of the name.
    pub(in crate::update) fn patch_job(
        &self,
        format: PatchFormat,
        path: PathBuf,
    ) -> Result<WritePatchJob, &'static str> {
        let Some(comparison) = &self.comparison else { return Err(NOTHING) };
        let Some(files) = &comparison.files else { return Err(NOTHING) };
        if comparison.parts.is_some() {
            return Err("two ranges are compared, and a patch is of whole files");
        }
        let is_known = comparison.has_pairs() && !comparison.list.is_cut();
        Ok(WritePatchJob {
            sources: files.each_ref().map(|it| it.source.clone()),
            format,
            path,
            list: is_known.then(|| comparison.list.clone()),
        })
    }
}
