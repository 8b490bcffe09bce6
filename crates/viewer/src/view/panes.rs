//! The open panes, and the selection in each.

/// A pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pane {
    /// The data inspector.
    Inspector,
    /// The marks and notes of the file.
    Marks,
    /// The jump list.
    Jumps,
    /// The matches of a search.
    Matches,
    /// The differences of a comparison.
    Differences,
    /// The edits, by time.
    Changes,
    /// Running and ended jobs.
    Jobs,
    /// The minimap.
    Map,
    /// The byte histogram.
    Histogram,
    /// The strings of the file.
    Strings,
    /// The fields of the file.
    Structure,
    /// One field in full.
    Field,
    /// The regions of a process, or of what a plug-in opened.
    Regions,
    /// File details: how it can be mapped, and what prevents it.
    Details,
    /// The message log.
    Messages,
    /// The help, on top of everything else.
    Help,
}

impl Pane {
    /// The panes that share the pane area, from top to bottom.
    pub(crate) const STACK: [Self; 15] = [
        Self::Inspector,
        Self::Structure,
        Self::Field,
        Self::Regions,
        Self::Differences,
        Self::Changes,
        Self::Matches,
        Self::Map,
        Self::Histogram,
        Self::Strings,
        Self::Marks,
        Self::Jumps,
        Self::Jobs,
        Self::Details,
        Self::Messages,
    ];

    /// Index in the stack; help comes last.
    fn index(self) -> usize {
        Self::STACK.iter().position(|&it| it == self).unwrap_or(Self::STACK.len())
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Inspector => "inspector",
            Self::Marks => "marks and notes",
            Self::Jumps => "jump list",
            Self::Matches => "matches",
            Self::Differences => "differences",
            Self::Changes => "changes",
            Self::Jobs => "jobs",
            Self::Map => "map",
            Self::Histogram => "histogram",
            Self::Strings => "strings",
            Self::Structure => "structure",
            Self::Field => "field",
            Self::Regions => "regions",
            Self::Details => "file details",
            Self::Messages => "messages",
            Self::Help => "help",
        }
    }

    /// The hint for keys. Action names in braces are replaced by their keys.
    pub(crate) const fn hint(self) -> &'static str {
        match self {
            Self::Inspector => {
                "↑↓ choose  Enter copies the value  {byte-order} byte order  Tab next  Esc back"
            }
            Self::Marks => "↑↓ choose  Enter goes there  {remove} removes  Tab next  Esc back",
            Self::Jumps => "↑↓ choose  Enter goes there  Tab next  Esc back",
            Self::Matches => {
                "↑↓ choose  Enter goes there  {remove} ends the search  :matches export  Esc back"
            }
            Self::Differences => {
                "↑↓ choose  Enter goes there  {copy} copies the list  {next-difference} {previous-difference} next  Tab next  Esc back"
            }
            Self::Changes => {
                "↑↓ choose  Enter goes to that state  {undo} {redo} undo, redo  {next-change} {previous-change} next  Tab next  Esc back"
            }
            Self::Jobs => {
                "↑↓ choose  {remove} cancels or removes  Enter copies the result  Esc back"
            }
            Self::Histogram => {
                "↑↓←→ choose  Enter goes to the next one  Tab next  Esc back  {quit} closes"
            }
            Self::Strings => {
                "↑↓ choose  Enter goes there  :strings 8  :strings utf16  {next-text} {previous-text} next  Esc back"
            }
            Self::Structure => {
                "↑↓ choose  ←→ close, open  Enter goes there  {follow-field} follows  {copy} copies  {next-field} {previous-field} next field  Tab next  Esc bytes"
            }
            Self::Field => {
                "{follow-field} follows  {copy} copies as JSON  :copy value  :copy path  ↑↓ scroll  ← tree  Esc back"
            }
            Self::Regions => {
                "↑↓ choose  Enter goes there  {next-region} {previous-region} next  Tab next  Esc back"
            }
            Self::Map => {
                "↑↓←→ choose  Enter goes there  {zoom-in} {zoom-out} zoom  {map-metric} next track  :map full reads all  Esc back"
            }
            Self::Messages => {
                "↑↓ choose  {copy} copies the message  Tab next  Esc back  {quit} closes"
            }
            Self::Details => "↑↓ scroll  Tab next  Esc back  {quit} closes",
            Self::Help => "typing filters  ↑↓ choose  Enter explains  Esc clears, then closes",
        }
    }

    /// The text shown for an empty list.
    pub(crate) const fn when_empty(self) -> &'static str {
        match self {
            Self::Marks => "no marks: {set-mark} sets one; no notes: :note TEXT makes one",
            Self::Matches => "no matches: {find} searches",
            Self::Strings => {
                "no strings so far: :strings 4 takes shorter ones, :strings utf16 others"
            }
            Self::Jobs => "no jobs: {find} searches, {sha256} makes a digest",
            Self::Jumps => "no jumps: {command} goes to a place, {jump-back} comes back",
            Self::Messages => "no messages so far",
            Self::Histogram => "nothing counted so far",
            Self::Inspector => "no bytes: {follow} waits for those that another program writes",
            Self::Details => "nothing is known of the file so far",
            Self::Structure => "looking for the format …",
            Self::Regions => "no regions: a process has them, --pid opens one",
            Self::Field => "no field here: {next-field} goes to the next one",
            Self::Map | Self::Help | Self::Differences | Self::Changes => "",
        }
    }
}

/// Whether lines of the pane can be selected.
pub(crate) const fn has_choice(pane: Pane) -> bool {
    matches!(
        pane,
        Pane::Inspector
            | Pane::Matches
            | Pane::Differences
            | Pane::Changes
            | Pane::Histogram
            | Pane::Strings
            | Pane::Structure
            | Pane::Regions
            | Pane::Marks
            | Pane::Jumps
            | Pane::Jobs
            | Pane::Messages
            | Pane::Help
    )
}

/// The open panes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Panes {
    /// Without help; the last one opened is at the end.
    pub(crate) open: Vec<Pane>,
    /// The selected line of each pane, or the first visible one if lines cannot be selected.
    lines: [usize; Pane::STACK.len() + 1],
    /// Whether the user has opened or closed the inspector. Until then the setting decides.
    pub(crate) is_inspector_chosen: bool,
}

impl Panes {
    pub(crate) fn is_open(&self, pane: Pane) -> bool {
        self.open.contains(&pane)
    }

    /// Whether an open pane needs room of its own.
    pub(crate) fn any(&self) -> bool {
        !self.open.is_empty()
    }

    /// Opens a pane as the last one.
    pub(crate) fn open(&mut self, pane: Pane) {
        self.close(pane);
        if pane != Pane::Help {
            self.open.push(pane);
        }
    }

    pub(crate) fn close(&mut self, pane: Pane) {
        self.open.retain(|&it| it != pane);
    }

    pub(crate) fn line(&self, pane: Pane) -> usize {
        self.lines.get(pane.index()).copied().unwrap_or(0)
    }

    pub(crate) fn choose(&mut self, pane: Pane, line: usize) {
        if let Some(slot) = self.lines.get_mut(pane.index()) {
            *slot = line;
        }
    }

    /// The open pane after this one in screen order; `None` stands for the bytes.
    pub(crate) fn after(&self, pane: Option<Pane>) -> Option<Pane> {
        let from = pane.map_or(0, |pane| pane.index() + 1);
        Pane::STACK.into_iter().skip(from).find(|&it| self.is_open(it))
    }

    pub(crate) fn before(&self, pane: Option<Pane>) -> Option<Pane> {
        let until = pane.map_or(Pane::STACK.len(), Pane::index);
        Pane::STACK.into_iter().take(until).rev().find(|&it| self.is_open(it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Panes {
        let mut panes = Panes::default();
        for pane in [Pane::Details, Pane::Inspector, Pane::Jumps, Pane::Marks] {
            panes.open(pane);
        }
        panes
    }

    #[test]
    fn tab_leads_through_the_open_panes_and_back_to_the_bytes() {
        let mut panes = all();
        panes.close(Pane::Marks);
        let mut way = Vec::new();
        let mut at = None;
        while let Some(next) = panes.after(at) {
            way.push(next);
            at = Some(next);
        }
        assert_eq!(way, [Pane::Inspector, Pane::Jumps, Pane::Details]);
        assert_eq!(panes.before(None), Some(Pane::Details));
        assert_eq!(panes.before(Some(Pane::Inspector)), None);
    }
}
