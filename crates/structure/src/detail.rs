//! All that is known of a node.

use crate::row::Row;

/// A node: its row, and what a row has no room for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Detail {
    /// Its row.
    pub row: Row,
    /// Its type with the order of its bytes: `u4 LE`, `section_type (u4 LE)`.
    pub type_name: String,
    /// What the description says of it.
    pub meaning: Option<String>,
    /// What the description says of its value, a member of an enum.
    pub member: Option<String>,
    /// Its first bytes.
    pub bytes: Vec<u8>,
    /// What its value refers to, with the first bytes of it.
    pub target: Option<(Row, Vec<u8>)>,
}
