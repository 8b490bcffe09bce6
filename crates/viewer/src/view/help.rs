//! What the help shows of itself.

/// What was asked of the help since it was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HelpState {
    /// The letters that entries must have, while they are typed.
    pub(crate) filter: Option<String>,
    /// Whether the paragraph of the chosen entry stands in place of the list.
    pub(crate) is_explained: bool,
}
