//! What operators and methods take.

use memmap_structure::Schema;

use super::{Shelf, field, loads, refused, value};

#[test]
fn operators_take_what_they_are_made_for() {
    refused("/instances/v/value", "`not` takes a boolean, found an integer", &value("not 5"));
    refused(
        "/instances/v/value",
        "`and` takes a boolean, found an integer",
        &value("n == 1 and n"),
    );
    refused("/instances/v/value", "`or` takes a boolean, found text", &value("s or true"));
    refused("/instances/v/value", "`~` takes an integer, found a float", &value("~1.5"));
    refused("/instances/v/value", "`-` takes a number, found text", &value("-s"));
    refused("/instances/v/value", "`+` cannot be applied to an integer and text", &value("n + s"));
    refused("/instances/v/value", "`-` cannot be applied to text and text", &value("s - s"));
    refused(
        "/instances/v/value",
        "`<<` cannot be applied to a float and an integer",
        &value("1.5 << n"),
    );
    refused(
        "/instances/v/value",
        "`+` cannot be applied to a value of the enum color",
        &value("e + 1"),
    );
    refused("/instances/v/value", "the condition before `?` takes a boolean", &value("n ? 1 : 2"));
    refused("/instances/v/value", "no type in common", &value("n > 0 ? 1 : s"));
    refused("/instances/v/value", "an integer has no elements", &value("n[0]"));
    refused("/instances/v/value", "an index must be an integer, found text", &value("b[s]"));
    refused("/instances/v/value", "bytes cannot be put into text", &value("f\"{b}\""));
    for fine in [
        "n + 1.5",
        "s + s",
        "-n",
        "~n & 0xff",
        "n > 0 ? 1 : 2.5",
        "b[n]",
        "f\"{n} {s} {e}\"",
        "[n, 2][0]",
    ] {
        loads(&value(fine));
    }
}

#[test]
fn only_values_of_one_sort_are_compared() {
    refused("/seq/4/if", "color cannot be compared with an integer", &field("if", "e == 1"));
    refused(
        "/seq/4/if",
        "color cannot be compared with a value of the enum shape",
        &field("if", "e == shape::round"),
    );
    refused("/seq/4/if", "only by `==` and `!=`", &field("if", "e < color::red"));
    refused("/seq/4/if", "an integer cannot be compared with text", &field("if", "n == '1'"));
    refused("/seq/4/if", "bytes cannot be compared with text", &field("if", "b == s"));
    for fine in
        ["e == color::red", "n < 1.5", "s == 'a'", "b != [1, 2, 3, 4]", "s < 'b'", "e.to_i == 1"]
    {
        loads(&field("if", fine));
    }
}

#[test]
fn methods_are_known_and_take_their_arguments() {
    refused(
        "/instances/v/value",
        "bytes has no method \"sise\"; did you mean \"size\"?",
        &value("b.sise"),
    );
    refused("/instances/v/value", "an integer has no method \"size\"", &value("n.size"));
    refused("/instances/v/value", "text has no method \"upper\"", &value("s.upper()"));
    refused("/instances/v/value", "a stream has no method \"seek\"", &value("_io.seek(3)"));
    refused(
        "/instances/v/value",
        "takes 1 argument, the name of an encoding; 0 given",
        &value("b.to_s()"),
    );
    refused("/instances/v/value", "as a literal text", &value("b.to_s(s)"));
    refused(
        "/instances/v/value",
        "`substring` takes 2 arguments, 1 given",
        &value("s.substring(1)"),
    );
    refused(
        "/instances/v/value",
        "argument 1 of `to_i` must be an integer",
        &value("s.to_i('16')"),
    );
    for fine in [
        "b.to_s('UTF-8').length",
        "s.to_i(16)",
        "s.substring(0, n).reverse",
        "_io.pos + _io.size",
        "b.last + b.max",
    ] {
        loads(&value(fine));
    }
}

#[test]
fn fields_are_known() {
    refused("/seq/4/if", "unknown field \"m\" of t", &field("if", "m > 1"));
    let inner = "
seq:
  - {id: head, type: header}
  - {id: body, size: head.len_bdy}
types:
  header:
    seq:
      - {id: len_body, type: u4}
";
    refused(
        "/seq/1/size",
        "unknown field \"len_bdy\" of t::header; did you mean \"len_body\"?",
        inner,
    );
    let root = "
seq:
  - {id: a, type: inner}
types:
  inner:
    seq:
      - {id: b, size: _root.c}
";
    refused("/types/inner/seq/0/size", "unknown field \"c\" of t", root);
    // The fields of an element of a list.
    let list = "
seq:
  - {id: a, type: inner, repeat: expr, repeat-expr: 3}
  - {id: c, size: 'a[0].len + a.last.lem'}
types:
  inner:
    seq:
      - {id: len, type: u4}
";
    refused("/seq/1/size", "unknown field \"lem\" of t::inner", list);
    refused("/seq/4/if", "`_` has a meaning only", &field("if", "_ == 1"));
}

#[test]
fn an_instance_is_what_its_expression_is() {
    let chain = "
seq:
  - {id: c, size: v}
instances:
  v: {value: w}
  w: {value: u}
  u: {value: '\"text\"'}
";
    refused("/seq/0/size", "expected an integer, found text", chain);
    // One mistake is reported once, where it is.
    let one = "
seq:
  - {id: c, size: v}
  - {id: d, size: v + w}
instances:
  w: {value: v * 2}
  v: {value: zebra}
";
    refused("/instances/v/value", "unknown field \"zebra\"", one);
    // One that asks for itself is a matter of the file that is read.
    loads("\nseq:\n  - {id: c, size: v}\ninstances:\n  v: {value: w + 1}\n  w: {value: v + 1}\n");
}

#[test]
fn only_fixed_sizes_are_asked_for() {
    let all = |expr: &str| {
        format!(
            "
seq:
  - {{id: n, type: u1}}
  - {{id: body, size: n}}
  - {{id: fixed, type: pair}}
types:
  pair: {{seq: [{{id: a, type: u2}}, {{id: b, type: u2}}]}}
instances:
  v:
    value: {expr}
"
        )
    };
    refused("/instances/v/value", "the size of t depends on the file", &all("_sizeof"));
    refused("/instances/v/value", "the size of `body` depends on the file", &all("body._sizeof"));
    refused("/instances/v/value", "the size of t depends on the file", &all("sizeof<t>"));
    refused(
        "/instances/v/value",
        "the size of str is not the same everywhere",
        &all("sizeof<str>"),
    );
    for fine in [
        "fixed._sizeof",
        "sizeof<pair>",
        "bitsizeof<b12>",
        "n._sizeof + sizeof<u4>",
        "fixed.a._sizeof",
    ] {
        loads(&all(fine));
    }
}

#[test]
fn operators_in_a_row_make_an_expression_deep() {
    // 60 brackets, and in each 60 additions on the left of it.
    let deep = (0..60).fold("1".to_owned(), |inner, _| format!("({inner}){}", " + 1".repeat(60)));
    refused(
        "/instances/v/value",
        "an expression deeper than 128",
        &format!("\ninstances:\n  v:\n    value: {deep}\n"),
    );
    loads(&format!("\ninstances:\n  v:\n    value: 1{}\n", " + 1".repeat(100)));
}

#[test]
fn what_is_not_known_is_not_refused() {
    loads("\nparams:\n  - {id: p, type: any}\nseq:\n  - {id: a, size: p.x.y + p.z(1)}\n");
    loads("\nseq:\n  - {id: a, size: 4}\ninstances:\n  v: {value: '[].as<u1[]>.max'}\n");
    let opaque = "meta: {id: t, ks-opaque-types: true}\nseq:\n  - {id: a, type: stranger}\n  - {id: b, size: a.len}\n";
    assert!(Schema::load("t", &Shelf(&[("t", opaque)])).is_ok());
}
