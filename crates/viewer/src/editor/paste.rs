//! What is to be pasted, and how.

use crate::format::parse_pasted::PasteFormat;
use crate::view::ViewId;

/// A text is to be pasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PasteRequest {
    pub(crate) view: ViewId,
    pub(crate) form: PasteFormat,
    /// Whether it is put between bytes, not over them.
    pub(crate) inserts: bool,
}

impl PasteRequest {
    /// The command, before its text.
    pub(crate) fn line(self) -> String {
        format!("paste{} {} ", if self.inserts { "!" } else { "" }, self.form.name())
    }

    /// The request of a command whose text is still to come.
    pub(crate) fn of_line(line: &str, view: ViewId) -> Option<Self> {
        let rest = line.trim_start().strip_prefix("paste")?;
        let (inserts, rest) = match rest.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let form = PasteFormat::named(rest.strip_prefix(' ')?.trim())?;
        Some(Self { view, form, inserts })
    }
}
