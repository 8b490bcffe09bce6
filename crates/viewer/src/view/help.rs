//! The state of the help pane.

/// The state of the help pane since it was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HelpState {
    /// The words that entries must contain; `None` if there is no filter line.
    pub(crate) filter: Option<String>,
    /// Whether the explanation of the chosen entry is shown instead of the list.
    pub(crate) is_explained: bool,
}
