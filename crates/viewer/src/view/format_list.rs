//! What a view shows of the list of formats.

use memmap_structure::Trail;

/// The list of formats that can be chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FormatList {
    /// Words that a format must contain.
    pub(crate) filter: String,
    /// The node that was chosen, if the list is shown in place of the fields of a known format.
    pub(crate) instead_of: Option<Trail>,
}
