//! Search: queries, the search job, and the matches found so far.

pub(crate) mod direction;
pub(crate) mod notation;
pub(crate) mod query;
pub(crate) mod match_list;
pub(crate) mod found;
pub(crate) mod incremental;
pub(crate) mod job;
pub(crate) mod results;
pub(crate) mod resume;
pub(crate) mod substitute;
pub(crate) mod context;
pub(crate) mod export;
