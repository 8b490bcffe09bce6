//! The fields of a file: which format it has, and the tree of its fields.
//!
//! The tree is in a [`SharedTree`], and only jobs read it: each is one request, and goes on from what
//! earlier ones have found. What is drawn is their answers.

pub(crate) mod shared_tree;
pub(crate) mod model;
pub(crate) mod format_job;
pub(crate) mod sticky;
pub(crate) mod top_fields;
pub(crate) mod read_fields;
pub(crate) mod find_field;
pub(crate) mod walk_list;
pub(crate) mod value_text;
pub(crate) mod copy_node;
pub(crate) mod json;
