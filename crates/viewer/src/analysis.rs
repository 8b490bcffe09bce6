//! What is found out about bytes: their values as types, how often each occurs, strings, digests, the
//! next landmark, rows that repeat, and the map of the whole.

pub(crate) mod data_inspector;
pub(crate) mod entropy;
pub(crate) mod histogram;
pub(crate) mod strings;
pub(crate) mod digest;
pub(crate) mod landmark;
pub(crate) mod find_nan;
pub(crate) mod repeat_rows;
pub(crate) mod folds;
pub(crate) mod minimap;
pub(crate) mod residency;
