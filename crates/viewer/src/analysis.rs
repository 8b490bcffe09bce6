//! Analyses of the data: values by type, byte histogram, strings, digests, landmarks, repeating
//! rows, residency, the minimap and differences.

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
pub(crate) mod difference_list;
pub(crate) mod not_compared;
pub(crate) mod difference_lines;
pub(crate) mod copy_differences;
pub(crate) mod write_patch;
pub(crate) mod comparison;
pub(crate) mod equal_stretches;
pub(crate) mod alignment;
