//! Descriptions as long as they can be.

use super::{loads, refused};

#[test]
fn long_chains_and_deep_types_are_followed() {
    use std::fmt::Write as _;
    let count = 10_000;
    for asked in ["v", "_root.v"] {
        let mut text = String::from("\nseq:\n  - {id: c, size: v0}\ninstances:\n");
        for at in 0..count {
            writeln!(text, "  v{at}: {{value: '{asked}{} + 1'}}", at + 1).unwrap();
        }
        writeln!(text, "  v{count}: {{value: 1}}").unwrap();
        loads(&text);
    }
    let mut text = String::from("\nseq:\n  - {id: a, type: t0}\ntypes:\n");
    for at in 0..count {
        writeln!(text, "  t{at}: {{seq: [{{id: a, type: t{}, parent: _parent}}]}}", at + 1)
            .unwrap();
    }
    writeln!(text, "  t{count}: {{seq: [{{id: b, size: 1, if: _parent.a._io.eof}}]}}").unwrap();
    loads(&text);
    let mut text = String::from("\ninstances:\n  v0: {value: '[1000]'}\n");
    for at in 1..count {
        writeln!(text, "  v{at}: {{value: '[v{}]'}}", at - 1).unwrap();
    }
    loads(&text);
    // A mistake at the end of a chain is found.
    let mut text = String::from("\nseq:\n  - {id: c, size: v0}\ninstances:\n");
    for at in 0..count {
        writeln!(text, "  v{at}: {{value: 'v{}'}}", at + 1).unwrap();
    }
    writeln!(text, "  v{count}: {{value: 1.5}}").unwrap();
    refused("/seq/0/size", "expected an integer, found a float", &text);
}
