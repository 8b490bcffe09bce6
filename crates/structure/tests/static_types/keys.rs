//! Keys that an attribute has or lacks.

use super::{loads, refused};

/// A field `x` with some keys.
fn field(keys: &str) -> String {
    format!("\nseq:\n  - {{id: x, {keys}}}\n")
}

#[test]
fn numbers_have_no_size() {
    refused("/seq/0/size", "unknown key found", &field("type: u4, size: 4"));
    refused("/seq/0/encoding", "unknown key found", &field("type: f4, encoding: UTF-8"));
    refused("/seq/0/process", "unknown key found", &field("type: b4, process: zlib"));
    refused("/seq/0/contents", "unknown key found", &field("type: str, size: 4, contents: abcd"));
    refused("/seq/0/pos", "unknown key found", &field("type: u4, pos: 4"));
    loads("\ninstances:\n  x: {type: u4, pos: 4, -note: none}\n");
}

#[test]
fn a_size_is_said_once() {
    refused("/seq/0", "must be specified", &field("type: str"));
    refused("/seq/0", "only one of 'size' and 'size-eos'", &field("size: 4, size-eos: true"));
    // A size that cannot be read is not missing.
    refused("/seq/0/size", "where `)` was expected", &field("size: (1 + 2"));
}

#[test]
fn a_repetition_has_what_it_needs() {
    refused(
        "/seq/0/repeat",
        "requires a `repeat-until`",
        &field("size: 4, repeat: until, repeat-expr: 3"),
    );
    refused(
        "/seq/0/repeat-expr",
        "unknown key found",
        &field("size: 4, repeat: eos, repeat-expr: 3"),
    );
    let both = "size: 4, repeat: until, repeat-until: 'true', repeat-expr: 3";
    refused("/seq/0/repeat-expr", "unknown key found", &field(both));
}

#[test]
fn what_is_mandatory_is_missed() {
    refused("/seq/0/type", "`cases`", &field("type: {switch-on: 1}"));
    refused("/seq/0/process", "needs an argument", &field("size: 4, process: xor"));
    refused("/seq/0/contents", "expected text or a list", &field("contents: 123"));
    refused("/params/0", "`id`", "\nparams:\n  - {type: u4}\n");
    refused("/params/0/size", "unknown key found", "\nparams:\n  - {id: a, size: 4}\n");
}
