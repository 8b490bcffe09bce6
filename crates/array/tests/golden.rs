//! What numpy says, held against what we say: the tables of `golden/*.py`, made anew with
//! `cd crates/array/tests/golden && python3 dtypes.py > dtypes.txt` and its like.

#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "golden/dtypes.rs"]
mod dtypes;
#[path = "golden/literal.rs"]
mod literal;
