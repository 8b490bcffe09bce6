//! Questions that take all keys: before a file is saved, after a conflict, before edits are left, and before a match
//! is replaced.

pub(crate) mod replace;

use memmap::edit::{Conflict, FilePlan};

use crate::document::DocumentId;
use crate::document::saving::sheet::{PlanSheet, RangeSheet};
use crate::editor::popup::replace::ReplaceScreen;
use crate::format::hex::Hex;
use crate::format::units::{in_short, in_units};
use crate::format::width::{cut_left, width};
use crate::job::handed::Handed;
use crate::job::list::JobId;
use crate::view::ViewId;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Popup {
    /// Whether to quit although a file is being written, which would then be removed. Has the job's
    /// title.
    Leave(String),
    /// Whether to do what a plan says.
    Save(Box<SaveScreen>),
    /// Whether a saving is to be stopped.
    StopSaving(JobId),
    /// What becomes of edits that are not saved.
    Unsaved(UnsavedScreen),
    /// Which bytes are to be kept.
    Conflicts(Box<ConflictScreen>),
    /// Whether a match is to be replaced.
    Replace(Box<ReplaceScreen>),
}

/// What is closed once all is saved or discarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closing {
    View(ViewId),
    All,
}

/// What is to be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SaveRequest {
    pub(crate) document: DocumentId,
    pub(crate) view: ViewId,
    pub(crate) closing: Option<Closing>,
    /// Whether attributes that cannot be kept may get lost.
    pub(crate) accepts_losses: bool,
    /// Bytes of others that may be overwritten.
    pub(crate) accepted: Vec<Conflict>,
    /// Whether all ranges are listed at once.
    pub(crate) shows_all: bool,
}

/// A plan that waits for a yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SaveScreen {
    pub(crate) request: SaveRequest,
    pub(crate) sheet: PlanSheet,
    pub(crate) plan: Handed<FilePlan>,
    /// The job that names the fields of the ranges.
    pub(crate) naming: Option<JobId>,
    /// The first line that is shown.
    pub(crate) first: usize,
    /// What was typed of the name of a device.
    pub(crate) typed: String,
}

/// Edits that are not saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnsavedScreen {
    pub(crate) document: DocumentId,
    pub(crate) name: String,
    pub(crate) edits: usize,
    pub(crate) closing: Closing,
}

/// Ranges that another program wrote to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConflictScreen {
    pub(crate) request: SaveRequest,
    pub(crate) conflicts: Vec<Conflict>,
    /// Whose bytes each is to have.
    pub(crate) decided: Vec<Option<Whose>>,
    pub(crate) chosen: usize,
}

/// Whose bytes are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Mine,
    Theirs,
}

/// A line of a popup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PopupLine {
    pub(crate) text: String,
    pub(crate) is_error: bool,
    pub(crate) is_chosen: bool,
}

/// A popup as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PopupText {
    pub(crate) title: String,
    pub(crate) lines: Vec<PopupLine>,
    /// The first line that is shown, if not all have room.
    pub(crate) first: usize,
    pub(crate) hint: &'static str,
}

/// The ranges of a plan that are shown at once.
const RANGES_SHOWN: usize = 8;

/// The cells of a line in a popup that is not narrower than it can be.
const ROOM: u16 = 72;

/// The bytes of a conflict that are shown.
const CONFLICT_LEN: usize = 8;

fn line(text: impl Into<String>) -> PopupLine {
    PopupLine { text: text.into(), is_error: false, is_chosen: false }
}

/// `1 edit`, `2 edits`.
pub(crate) fn edits(count: usize) -> String {
    format!("{count} edit{}", if count == 1 { "" } else { "s" })
}

impl Popup {
    /// What is drawn over the bytes; `None` if the question stands in the last line.
    pub(crate) fn text(&self) -> Option<PopupText> {
        match self {
            Self::Leave(_) | Self::StopSaving(_) | Self::Replace(_) => None,
            Self::Save(screen) => Some(screen.text()),
            Self::Unsaved(screen) => Some(screen.text()),
            Self::Conflicts(screen) => Some(screen.text()),
        }
    }

    /// What can be pressed.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Leave(title) => {
                format!("still running: {title}   y quits and removes the file  Esc continues")
            }
            Self::StopSaving(_) => {
                "stop saving? What was written is taken back.  y stops  Esc goes on".to_owned()
            }
            Self::Replace(screen) => screen.hint(),
            _ => self.text().map_or_else(String::new, |text| text.hint.to_owned()),
        }
    }
}

impl SaveScreen {
    fn text(&self) -> PopupText {
        let sheet = &self.sheet;
        let name = sheet.path.file_name().unwrap_or(sheet.path.as_os_str());
        let most = if self.request.shows_all { usize::MAX } else { RANGES_SHOWN };
        let (ranges, more) = sheet.largest(most);
        let mut lines = vec![line(sheet.summary())];
        if !ranges.is_empty() {
            lines.push(line(""));
        }
        lines.extend(range_lines(&ranges));
        let enter = if self.request.shows_all { "" } else { "; Enter lists them" };
        lines.extend(more.map(|more| line(format!("  {more}{enter}"))));
        lines.push(line(""));
        lines.extend(sheet.checks.iter().map(|check| {
            line(format!("{} {}", if check.needs_a_look { '!' } else { '✓' }, check.text))
        }));
        if !self.request.accepted.is_empty() {
            let count = self.request.accepted.len();
            let ranges = if count == 1 { "range" } else { "ranges" };
            lines.push(line(format!("! {count} {ranges} of another program are written over")));
        }
        lines.extend(sheet.losses.iter().map(|loss| line(format!("! not kept: {loss}"))));
        lines.push(line(""));
        let hint = if sheet.is_device {
            lines.push(line(format!("Type the name of the device to save: {}▏", self.typed)));
            "the name and Enter saves  Esc goes back; nothing has been written"
        } else {
            lines.push(line("Save?  y saves   Esc goes back"));
            "y saves  d shows the differences  Esc goes back; nothing has been written"
        };
        let title =
            format!("save {}", crate::format::printable::printable(&name.to_string_lossy()));
        PopupText { title, lines, first: self.first, hint }
    }
}

/// A line for each range, with its field beside it.
fn range_lines(ranges: &[&RangeSheet]) -> Vec<PopupLine> {
    let texts: Vec<String> = ranges
        .iter()
        .map(|range| format!("  0x{:06x}  {:>8}   {range}", range.start, in_units(range.len)))
        .collect();
    let widest = texts.iter().map(|text| width(text)).max().unwrap_or(0).saturating_add(3);
    let named = texts.into_iter().zip(ranges).map(|(text, range)| {
        let field = range.field.as_deref();
        let field = field.and_then(|way| cut_left(way, ROOM.saturating_sub(widest)));
        let column = usize::from(widest);
        line(match field {
            Some(field) => format!("{text:<column$}{field}"),
            None => text,
        })
    });
    named.collect()
}

impl UnsavedScreen {
    fn text(&self) -> PopupText {
        let are = if self.edits == 1 { "is" } else { "are" };
        let lines = vec![
            line(format!("{} has {} that {are} not saved.", self.name, edits(self.edits))),
            line(""),
            line("  w   save, then leave"),
            line("  !   leave without saving"),
            line("  d   show the differences"),
            line("  Esc stay"),
        ];
        let hint = "w saves, then leaves  ! leaves without saving  d differences  Esc stays";
        PopupText { title: "leave?".to_owned(), lines, first: 0, hint }
    }
}

impl ConflictScreen {
    fn text(&self) -> PopupText {
        let count = self.conflicts.len();
        let mut lines = vec![
            line(format!("Another program wrote to {count} of the ranges that you changed.")),
            line("Nothing has been written."),
        ];
        let mut first = 0;
        for (at, conflict) in self.conflicts.iter().enumerate() {
            lines.push(line(""));
            if at == self.chosen {
                first = lines.len().saturating_sub(3);
            }
            let len = conflict.range.end.saturating_sub(conflict.range.start);
            let decided = match self.decided.get(at).copied().flatten() {
                Some(Whose::Mine) => "  keep mine",
                Some(Whose::Theirs) => "  take theirs",
                None => "",
            };
            let text = format!(
                "at 0x{:06x}, {}   {} of {count}{decided}",
                conflict.range.start,
                in_short(len),
                at.saturating_add(1)
            );
            lines.push(PopupLine { is_chosen: at == self.chosen, ..line(text) });
            lines.push(line(format!("  you saw      {}", bytes(&conflict.seen))));
            lines.push(line(format!("  on disk now  {}", bytes(&conflict.now))));
            lines.push(line(format!("  you typed    {}", bytes(&conflict.new))));
        }
        PopupText {
            title: "not saved: the file changed after you saw it".to_owned(),
            lines,
            first,
            hint: "m keep mine  t take theirs  M T for all  Enter goes there  Esc keeps the edits",
        }
    }
}

/// The first bytes, in hex and as text.
fn bytes(all: &[u8]) -> String {
    if all.is_empty() {
        return "nothing: beyond the end".to_owned();
    }
    let shown = all.get(..CONFLICT_LEN.min(all.len())).unwrap_or_default();
    let text: String = shown
        .iter()
        .map(|&byte| if matches!(byte, 0x20..=0x7e) { char::from(byte) } else { '·' })
        .collect();
    let more = if all.len() > shown.len() { " …" } else { "" };
    format!("{}{more}   {text}", Hex::separated(shown, " "))
}
