//! What numpy says, held against what we say: the tables of `golden/*.py`, made anew with
//! `cd crates/array/tests/golden && python3 dtypes.py > dtypes.txt && python3 headers.py && python3 archives.py && python3 arrays.py`.

#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

#[path = "golden/archives.rs"]
mod archives;
#[path = "golden/arrays.rs"]
mod arrays;
#[path = "golden/dtypes.rs"]
mod dtypes;
#[path = "golden/headers.rs"]
mod headers;
#[path = "golden/literal.rs"]
mod literal;
