//! What is known of the object around.

use memmap_structure::Schema;

use super::{Shelf, loads, refused};

#[test]
fn a_parent_is_known_where_there_is_one() {
    let used = |seq: &str, more: &str| {
        format!(
            "
seq:
  - {{id: len, type: u1}}
{seq}
types:
  inner:
    seq:
      - {{id: c, size: _parent.len}}
{more}
"
        )
    };
    loads(&used("  - {id: a, type: inner}\n  - {id: b, type: inner, repeat: eos}", ""));
    let path = "/types/inner/seq/0/size";
    let certain = "the field \"len\" of an object whose type is not certain";
    refused(path, certain, &used("", ""));
    let twice = "  other:\n    seq:\n      - {id: a, type: inner}";
    refused(path, certain, &used("  - {id: a, type: inner}", twice));
    refused(path, certain, &used("  - {id: a, type: inner, parent: false}", ""));
    // What `parent` says counts, not where the field is.
    let said = "  other:\n    seq:\n      - {id: a, type: inner, parent: _root}";
    loads(&used("  - {id: a, type: inner}", said));
    let wrong = "  other:\n    seq:\n      - {id: a, type: inner, parent: 5}";
    refused(
        "/types/other/seq/0/parent",
        "expected an object, found an integer",
        &used("  - {id: a, type: inner}", wrong),
    );
    // A cast says which it is.
    let cast = "
seq:
  - {id: len, type: u1}
  - {id: a, type: one}
types:
  one:
    seq:
      - {id: x, type: inner}
  two:
    seq:
      - {id: x, type: inner}
  inner:
    seq:
      - {id: c, size: _parent.as<one>._root.len + _parent._parent.as<t>.len}
";
    loads(cast);
}

#[test]
fn a_parent_is_not_what_another_description_makes_of_it() {
    let outer = "meta: {id: outer, imports: [lib]}\nseq:\n  - {id: len, type: u1}\n  - {id: a, type: 'lib::part'}\n";
    let lib = "meta: {id: lib}\ntypes:\n  part:\n    seq:\n      - {id: c, size: _parent.len}\n";
    let problems = Schema::load("outer", &Shelf(&[("outer", outer), ("lib", lib)])).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!((&*problems[0].file, &*problems[0].path), ("lib", "/types/part/seq/0/size"));
}

#[test]
fn arguments_are_checked_across_descriptions() {
    let lib = "meta: {id: lib}\nparams:\n  - {id: n, type: u4}\ntypes:\n  part:\n    params:\n      - {id: loud, type: bool}\n";
    for (call, message) in
        [("lib", "takes 1 argument, 0 given"), ("'lib::part(1.5)'", "argument 1 is a float")]
    {
        let outer =
            format!("meta: {{id: outer, imports: [lib]}}\nseq:\n  - {{id: a, type: {call}}}\n");
        let problems =
            Schema::load("outer", &Shelf(&[("outer", &outer), ("lib", lib)])).unwrap_err();
        assert_eq!(problems.len(), 1);
        assert_eq!((&*problems[0].file, &*problems[0].path), ("outer", "/seq/0/type"));
        assert!(problems[0].message.contains(message), "{}", problems[0].message);
    }
}
