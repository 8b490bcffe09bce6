//! What is shown of a document, and where: the open panes, places to jump back to, rows, and elements.

pub(crate) mod panes;
pub(crate) mod jumplist;
pub(crate) mod rows;
pub(crate) mod array;
