//! What each place of a description takes.

use super::{field, loads, refused};

#[test]
fn conditions_are_booleans() {
    refused("/seq/4/if", "expected a boolean, found an integer", &field("if", "n"));
    let until = "\nseq:\n  - {id: a, type: u1, repeat: until, repeat-until: _ + 1}\n";
    refused("/seq/0/repeat-until", "expected a boolean, found an integer", until);
    loads("\nseq:\n  - {id: a, type: u1, repeat: until, repeat-until: _ == 0 or a.size > 3}\n");
    let valid = "\nseq:\n  - {id: a, type: u1, valid: {expr: _ + 1}}\n";
    refused("/seq/0/valid/expr", "expected a boolean, found an integer", valid);
    loads("\nseq:\n  - {id: a, type: b1}\n  - {id: c, size: 1, if: a}\n");
    let if_instance = "\ninstances:\n  v: {value: 1, if: 2.5}\n";
    refused("/instances/v/if", "expected a boolean, found a float", if_instance);
}

#[test]
fn sizes_counts_and_positions_are_integers() {
    let size = "\nseq:\n  - {id: s, type: strz}\n  - {id: b, size: s}\n";
    refused("/seq/1/size", "expected an integer, found text", size);
    let count =
        "\nseq:\n  - {id: b, size: 2}\n  - {id: c, type: u1, repeat: expr, repeat-expr: b}\n";
    refused("/seq/1/repeat-expr", "expected an integer, found bytes", count);
    let pos = "\ninstances:\n  i: {pos: 1.5, type: u1}\n";
    refused("/instances/i/pos", "expected an integer, found a float", pos);
    let io = "\ninstances:\n  i: {pos: 1, io: _root, type: u1}\n";
    refused("/instances/i/io", "expected a stream, found an object of type t", io);
    loads("\ninstances:\n  i: {pos: _io.size - 1, io: _root._io, type: u1}\n");
    refused("/to-string", "expected text, found an integer", "\nto-string: 1 + 2\n");
    loads("\nseq:\n  - {id: s, type: strz}\nto-string: s + '!'\n");
}

#[test]
fn valid_compares_with_the_field() {
    refused("/seq/4/valid", "an integer cannot be compared with text", &field("valid", "'a'"));
    let eq = "\nseq:\n  - {id: a, type: strz, valid: {eq: 5}}\n";
    refused("/seq/0/valid/eq", "text cannot be compared with an integer", eq);
    let min = "\nseq:\n  - {id: a, type: u1, valid: {min: 1, max: '\"z\"'}}\n";
    refused("/seq/0/valid/max", "an integer cannot be compared with text", min);
    let any = "\nseq:\n  - {id: a, type: u1, valid: {any-of: [1, 2, \"'x'\"]}}\n";
    refused("/seq/0/valid/any-of/2", "an integer cannot be compared with text", any);
    // Each element is checked, not the list.
    refused(
        "/seq/0/valid",
        "an integer cannot be compared with a list",
        "\nseq:\n  - {id: a, type: u2, repeat: eos, valid: '[1000, 2000]'}\n",
    );
    loads("\nseq:\n  - {id: a, type: u2, repeat: eos, valid: {expr: _ < 7}}\n");
    let in_enum = "\nseq:\n  - {id: a, type: u1, valid: {in-enum: true}}\n";
    refused("/seq/0/valid/in-enum", "goes with `enum`", in_enum);
}

#[test]
fn the_cases_of_a_switch_compare_with_it() {
    let switch = |key: &str| {
        format!(
            "
seq:
  - {{id: n, type: u1}}
  - id: x
    type:
      switch-on: n
      cases:
        {key}: u4
        _: u2
"
        )
    };
    refused(
        "/seq/1/type/cases/Str(one)",
        "an integer cannot be compared with text",
        &switch("'\"one\"'"),
    );
    refused("/seq/1/type/cases/Name(identifier(m))", "unknown field \"m\"", &switch("m"));
    let named = "EnumByLabel(identifier(color),identifier(red),typeId(false,List(),false))";
    let colors = format!("{}enums:\n  color: {{0: red}}\n", switch("'color::red'"));
    refused(&format!("/seq/1/type/cases/{named}"), "cannot be compared with", &colors);
    loads(&switch("1"));
    loads(&switch("n + 1"));
    let on = "\nseq:\n  - id: x\n    type: {switch-on: y, cases: {1: u1}}\n";
    refused("/seq/0/type/switch-on", "unknown field \"y\"", on);
}

#[test]
fn a_switch_is_what_its_cases_have_in_common() {
    let switch = |second: &str, size: &str| {
        format!(
            "
seq:
  - {{id: n, type: u1}}
  - id: x
    {size}
    type: {{switch-on: n, cases: {{1: one, 2: {second}}}}}
  - {{id: y, size: x.len}}
types:
  one: {{seq: [{{id: len, type: u1}}]}}
  two: {{seq: [{{id: len, type: u1}}]}}
"
        )
    };
    loads(&switch("one", ""));
    refused("/seq/2/size", "say which with `.as<…>`", &switch("two", ""));
    // Where no case fits it stays bytes, so that nothing is certain.
    loads(&switch("two", "size: 4"));
    loads(&switch("u4", ""));
}

#[test]
fn an_enum_names_integers() {
    let enums = "enums:\n  color: {0: red}\n";
    let value = format!("\ninstances:\n  v: {{value: 1.5, enum: color}}\n{enums}");
    refused("/instances/v/enum", "an enum names integers", &value);
    let seq = format!("\nseq:\n  - {{id: a, type: strz, enum: color}}\n{enums}");
    refused("/seq/0/enum", "an enum names integers", &seq);
    let param = format!("\nparams:\n  - {{id: a, type: str, enum: color}}\n{enums}");
    refused("/params/0/enum", "an enum names integers", &param);
    // One bit with an enum is a number.
    loads(&format!(
        "\nseq:\n  - {{id: a, type: b1, enum: color}}\n  - {{id: c, size: 1, if: 'a == color::red'}}\n{enums}"
    ));
}

#[test]
fn types_take_their_arguments() {
    let call = |arguments: &str| {
        format!(
            "
seq:
  - {{id: n, type: u1}}
  - {{id: x, type: 'inner{arguments}'}}
types:
  inner:
    params:
      - {{id: len, type: u4}}
      - {{id: loud, type: bool}}
      - {{id: of, type: t}}
    seq:
      - {{id: c, size: len}}
"
        )
    };
    refused("/seq/1/type", "takes 3 arguments, 0 given", &call(""));
    refused("/seq/1/type", "takes 3 arguments, 4 given", &call("(1, true, _root, 2)"));
    refused(
        "/seq/1/type",
        "argument 1 is text; the parameter `len` of t::inner is an integer",
        &call("(\"a\", true, _root)"),
    );
    refused("/seq/1/type", "argument 2 is an integer", &call("(1, 1, _root)"));
    refused("/seq/1/type", "argument 3 is a stream", &call("(1, n == 2, _io)"));
    refused("/seq/1/type", "unknown field \"m\"", &call("(m, true, _root)"));
    refused("/seq/1/type", "where a value was expected", &call("(1, true, )"));
    loads(&call("(n + 1, n > 3, _root)"));
}
