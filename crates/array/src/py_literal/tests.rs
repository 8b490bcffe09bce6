use proptest::prelude::*;

use super::*;

fn value(text: &str) -> Value {
    parse(text, Dialect::Python3).unwrap().value
}

fn fails(text: &str) -> bool {
    parse(text, Dialect::Python3).is_err()
}

#[test]
fn brackets_with_a_comma_are_a_tuple_and_without_one_are_nothing() {
    let items = |text| match value(text) {
        Value::Tuple(items) => Some(items.len()),
        _ => None,
    };
    assert_eq!(value("(3)"), Value::Int(3));
    assert_eq!(value("((((3))))"), Value::Int(3));
    assert_eq!(["()", "(3,)", "(3, 4)", "(3, 4,)", "((),)"].map(items), [0, 1, 2, 2, 1].map(Some));
    assert!(["(,)", "(3 4)", "(3,,)", "(3", "3)", "(3]", "(3,)4"].into_iter().all(fails));
}

#[test]
fn numbers_are_those_of_python() {
    for (text, number) in [
        ("0", 0),
        ("-0", 0),
        ("00", 0),
        ("1_000", 1000),
        ("+ 5", 5),
        ("-5", -5),
        ("0x1F", 31),
        ("0b101", 5),
        ("0o17", 15),
        ("0x_1", 1),
        ("99999999999999999999", 99_999_999_999_999_999_999),
    ] {
        assert_eq!(value(text), Value::Int(number), "{text}");
    }
    for text in
        ["", "-", "--5", "007", "1__0", "1_", "_1", "0x", "0b2", "1.5", "1e3", "5j", "5L", "5a"]
    {
        assert!(fails(text), "{text}");
    }
    assert!(fails(&"9".repeat(60)));
}

#[test]
fn the_l_behind_a_number_is_python_2s() {
    for text in ["5L", "5 L", "(5L,)", "0x10L", "[1L, 2L]"] {
        assert!(parse(text, Dialect::Python2).is_ok(), "{text}");
        assert!(parse(text, Dialect::Python3).is_err(), "{text}");
    }
    for text in ["5l", "5LL", "L", "'5'L", "(5)L"] {
        assert!(parse(text, Dialect::Python2).is_err(), "{text}");
    }
}

#[test]
fn strings_are_those_of_python() {
    for (text, said) in [
        ("''", ""),
        ("\"it's\"", "it's"),
        ("'a' \"b\" u'c'", "abc"),
        ("r'\\n\\''", "\\n\\'"),
        ("'\\n\\t\\\\\\'\\\"'", "\n\t\\'\""),
        ("'\\x41\\u00e9\\U0001f600'", "A\u{e9}\u{1f600}"),
        ("'\\101\\0\\7z'", "A\0\u{7}z"),
        ("'\\q'", "\\q"),
        ("'a\\\nb'", "ab"),
        ("'''a'b\n''c'''", "a'b\n''c"),
    ] {
        assert_eq!(value(text), Value::Text(said.to_owned()), "{text}");
    }
    for text in [
        "'",
        "'a",
        "'a\nb'",
        "'''a''",
        "b'a'",
        "f'a'",
        "'\\x4'",
        "'\\ud800'",
        "'\\N{DASH}'",
        "'\0'",
    ] {
        assert!(fails(text), "{text}");
    }
}

#[test]
fn dictionaries_have_keys_and_values() {
    let Value::Dict(entries) = value("{'a': 5, 6: {}, 'a': None,}") else { panic!() };
    assert_eq!(entries.len(), 3);
    assert!(["{5}", "{5:}", "{:5}", "{**{}}", "{'a': 5 'b': 6}"].into_iter().all(fails));
}

#[test]
fn a_value_knows_where_it_stands() {
    let Value::List(items) = value(" [ 'a' , (5) # five\n, True ]") else { panic!() };
    let places: Vec<_> = items.iter().map(|item| (item.start, item.end)).collect();
    assert_eq!(places, [(3, 6), (9, 12), (22, 26)]);
}

#[test]
fn tuples_of_numbers_are_written_as_python_writes_them() {
    assert_eq!([&[][..], &[3], &[3, 4]].map(tuple), ["()", "(3,)", "(3, 4)"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_string_in_quotes_is_read_as_itself(text: String) {
        prop_assert_eq!(value(&quoted(&text)), Value::Text(text));
    }

    #[test]
    fn a_tuple_of_numbers_is_read_as_itself(numbers: Vec<u32>) {
        let numbers: Vec<_> = numbers.into_iter().map(|it| usize::try_from(it).unwrap()).collect();
        let Value::Tuple(items) = value(&tuple(&numbers)) else { panic!() };
        let read: Vec<_> = items.into_iter().map(|item| item.value).collect();
        let expected: Vec<_> =
            numbers.iter().map(|&it| Value::Int(i128::try_from(it).unwrap())).collect();
        prop_assert_eq!(read, expected);
    }
}
