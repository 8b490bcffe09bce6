//! Tests of data types.
