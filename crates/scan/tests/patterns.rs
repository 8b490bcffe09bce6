//! What the texts of patterns mean, and what is said of those that mean nothing.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use memmap_core::{Map, testing::Fake};
use memmap_scan::{Encoding, Match, Number, Pattern, PatternError, Scan};

fn found(pattern: &Pattern, bytes: &[u8]) -> Vec<(u64, u64)> {
    let map = Map::from_mapping(Fake::new(bytes));
    let pair = |found: Match| (found.offset, found.len);
    Scan::new(&map).find_iter(pattern).unwrap().map(pair).collect()
}

fn error<T: std::fmt::Debug>(result: Result<T, PatternError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn hexadecimal_patterns_mean_what_they_say() {
    let hex = |text| Pattern::hex(text).unwrap();
    let bytes = b"\xDE\xAD\x00\xE7\x01\xDE\xAD\x99\xEF\x02\x03\xDE\xAD\n\xE0\x02";
    assert_eq!(found(&hex("DE AD ?? E? (01|02 03)"), bytes), [(0, 5), (5, 6)]);
    assert_eq!(found(&hex("dead"), bytes), [(0, 2), (5, 2), (11, 2)]);
    assert_eq!(found(&hex("DE_AD 0A"), bytes), [(11, 3)]);
    assert_eq!(found(&hex("?F"), bytes), [(8, 1)]);
    assert_eq!(found(&hex("99"), bytes), [(7, 1)]);
    assert_eq!(found(&hex("01|02|((03))"), bytes), [(4, 1), (9, 1), (10, 1), (15, 1)]);
    assert_eq!((hex("(01|02 03)").min_len(), hex("(01|02 03)").max_len()), (1, Some(2)));
}

#[test]
fn bytes_are_taken_as_other_programs_print_them() {
    let bytes = b"-Hello";
    for text in [
        "4865",
        "48 65",
        "0x48 0x65",
        "0X48 0x65",
        "0x48, 0x65",
        "0x4865",
        r"\x48\x65",
        r"\x48 65",
        "48:65",
        "48-65",
        "48 : 65",
        "(0x48|ff):(\\x65|66)",
        "0x4? 0x?5",
    ] {
        assert_eq!(found(&Pattern::hex(text).unwrap(), bytes), [(1, 2)], "{text}");
    }
    for (text, expected) in [
        ("48::65", "column 4: `:` is not a hexadecimal digit; use 0-9, A-F or `?`"),
        (":48", "column 1: `:` is not a hexadecimal digit; use 0-9, A-F or `?`"),
        ("48-", "column 3: no byte follows this separator; add one, or remove it"),
        ("(48-|65)", "column 4: no byte follows this separator; add one, or remove it"),
        ("4:8", "column 2: `:` is not a hexadecimal digit; use 0-9, A-F or `?`"),
        ("0x", "column 3: a byte has two digits; add the second one, or `?`"),
        ("0x0x48", "column 4: `x` is not a hexadecimal digit; use 0-9, A-F or `?`"),
        (r"\48", "column 1: `\\\\` is not a hexadecimal digit; use 0-9, A-F or `?`"),
    ] {
        assert_eq!(error(Pattern::hex(text)), expected, "{text}");
    }
}

#[test]
fn any_of_several_patterns_is_found_and_the_first_counts() {
    let hex = Pattern::hex("6? 62").unwrap();
    let regex = Pattern::regex("(?m)^a+b?c").unwrap();
    let text = Pattern::text_in_any_case("XY", Encoding::Utf8).unwrap();
    let set = Pattern::byte_set(b"!?").unwrap();
    let number = Pattern::number("u16be=0x7A7A").unwrap();
    let any = Pattern::any([hex.clone(), regex.clone(), text, set, number]).unwrap();
    assert_eq!(found(&any, b"abc aac\naac xY? zzz"), [(0, 2), (8, 3), (12, 2), (14, 1), (16, 2)]);
    let any = Pattern::any([regex, hex]).unwrap();
    assert_eq!(found(&any, b"abc aac\naac"), [(0, 3), (8, 3)]);
}

#[test]
fn of_several_literals_it_is_said_which_was_found() {
    let all = ["ab", "a", "abc"].map(|text| Pattern::literal(text).unwrap());
    let any = Pattern::any(all).unwrap();
    let map = Map::from_mapping(Fake::new(b"abc a"));
    let which: Vec<_> = Scan::new(&map).find_iter(&any).unwrap().map(|found| found.index).collect();
    assert_eq!(which, [0, 1]);
    let only = Pattern::literal("aa").unwrap().overlapping(true);
    assert_eq!(found(&Pattern::any([only]).unwrap(), b"aaa"), [(0, 2)]);
}

#[test]
fn what_is_no_expression_is_none_of_several() {
    let a = Pattern::byte(b'a');
    for other in [
        Pattern::number("u16le=1..5").unwrap(),
        Pattern::number("u16le=1@2").unwrap(),
        Pattern::strings(4),
        Pattern::literals(["x", "y"]).unwrap(),
    ] {
        let said = error(Pattern::any([a.clone(), other]));
        assert_eq!(
            said,
            "column 2: this pattern cannot be combined with others; search for it alone"
        );
    }
    assert_eq!(error(Pattern::any([])).split(';').next(), Some("column 1: the pattern is empty"));
}

#[test]
fn errors_of_hexadecimal_patterns_point_at_the_column() {
    let hex = |text: &str| error(Pattern::hex(text));
    let all = [
        ("DE AG", "column 5: `G` is not a hexadecimal digit; use 0-9, A-F or `?`"),
        ("DE A", "column 5: a byte has two digits; add the second one, or `?`"),
        ("DE A BB", "column 5: a byte has two digits; add the second one, or `?`"),
        ("(01|02", "column 1: this bracket is not closed; add `)`"),
        ("01)", "column 3: this bracket is not opened; remove it"),
        ("", "column 1: the pattern has no bytes; write each as two hexadecimal digits"),
        ("é", "column 1: `\\u{e9}` is not a hexadecimal digit; use 0-9, A-F or `?`"),
    ];
    for (text, expected) in all {
        assert_eq!(hex(text), expected, "{text}");
    }
    assert!(hex(&"(".repeat(100_000)).starts_with("column 65: brackets are nested too deep"));
    assert!(Pattern::hex("01|").is_err());
}

#[test]
fn errors_of_expressions_point_at_the_column() {
    assert_eq!(error(Pattern::regex("a(b")), "column 2: unclosed group");
    assert_eq!(error(Pattern::regex("ab[z-a]")).split(':').next(), Some("column 4"));
    assert!(error(Pattern::regex(r"\pL{1000}{1000}")).starts_with("column "));
    assert_eq!(error(Pattern::literal("")).split(':').next(), Some("column 1"));
    assert!(Pattern::byte_set(b"").is_err());
    assert!(Pattern::literals(Vec::<&str>::new()).is_err());
    assert_eq!(Pattern::literals(["a", "", "b"]).unwrap_err().column(), 2);
}

#[test]
fn expressions_are_about_bytes_unless_they_say_otherwise() {
    let bytes = "aé€\u{1F600}z".as_bytes();
    assert_eq!(found(&Pattern::regex(r"\W").unwrap(), bytes).len(), 9);
    assert_eq!(found(&Pattern::regex(r"(?u)\W").unwrap(), bytes).len(), 2);
    assert_eq!(found(&Pattern::regex(r"(?u)\bé").unwrap(), "é€ xé€ é€".as_bytes()).len(), 2);
    assert_eq!(found(&Pattern::regex(r"\xFF").unwrap(), b"\xFF"), [(0, 1)]);
}

#[test]
fn texts_are_found_in_their_encoding_and_in_any_case() {
    let utf16 = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    };
    let little = utf16("Straße 😀", u16::to_le_bytes);
    let big = utf16("Straße 😀", u16::to_be_bytes);
    let text = |text, encoding| Pattern::text(text, encoding).unwrap();
    assert_eq!(found(&text("aße 😀", Encoding::Utf16Le), &little), [(6, 12)]);
    assert_eq!(found(&text("aße 😀", Encoding::Utf16Be), &big), [(6, 12)]);
    assert_eq!(found(&text("aße", Encoding::Latin1), b"Stra\xDFe"), [(3, 3)]);
    assert_eq!(found(&text("aße", Encoding::Utf8), "Straße".as_bytes()), [(3, 4)]);
    let any = |text, encoding| Pattern::text_in_any_case(text, encoding).unwrap();
    assert_eq!(found(&any("STRASSE", Encoding::Utf8), b"strasse StRaSsE"), [(0, 7), (8, 7)]);
    assert_eq!(found(&any("éA", Encoding::Utf8), "ÉaéaeA".as_bytes()), [(0, 3), (3, 3)]);
    assert_eq!(found(&any("éA", Encoding::Latin1), b"\xC9a\xE9A"), [(0, 2), (2, 2)]);
    assert_eq!(found(&any("k", Encoding::Utf8), "kK\u{212A}".as_bytes()), [(0, 1), (1, 1), (2, 3)]);
    assert_eq!(found(&any("ab", Encoding::Utf16Be), b"\0A\0b\0B"), [(0, 4)]);
    let error = Pattern::text("aé€", Encoding::Latin1).unwrap_err();
    assert_eq!(error.to_string(), "column 3: Latin-1 has no `\\u{20ac}`; use another encoding");
    assert!(Pattern::text_in_any_case("a€", Encoding::Latin1).is_err());
    assert!(Pattern::text("", Encoding::Utf8).is_err());
}

#[test]
fn numbers_of_every_type_are_found_by_value_range_and_tolerance() {
    let number = |text: &str| Pattern::number(text).unwrap();
    let one = |text: &str, bytes: &[u8]| {
        let mut all = vec![0xEE; 3];
        all.extend(bytes);
        all.push(0xEE);
        let expected = (3, u64::try_from(bytes.len()).unwrap());
        assert!(found(&number(text), &all).contains(&expected), "{text}");
    };
    one("u8=200", &[200]);
    one("i8=-56", &[200]);
    one("u16be=0x1_00", &[1, 0]);
    one("i32le=-2", &(-2_i32).to_le_bytes());
    one("i64be=-3..3", &(-3_i64).to_be_bytes());
    one("u128le=340282366920938463463374607431768211455", &[0xFF; 16]);
    one("i128be=-1", &[0xFF; 16]);
    one("u64le=5~2", &7_u64.to_le_bytes());
    one("f32be=0.1", &0.1_f32.to_be_bytes());
    one("f64le=3.14~0.01", &3.145_f64.to_le_bytes());
    one("f64le=1e300..=inf", &f64::INFINITY.to_le_bytes());
    one("f32le=0", &(-0.0_f32).to_le_bytes());
    assert_eq!(found(&number("f64le=-inf..inf"), &f64::NAN.to_le_bytes()), []);
    assert_eq!(found(&number("u16le=0@4"), &[0; 12]), [(0, 2), (4, 2), (8, 2)]);
}

#[test]
fn errors_of_numbers_point_at_the_column() {
    let all = [
        ("u32le", "column 6: there is no `=`; write a type and a value, such as `u32le=1000`"),
        ("x32le=1", "column 1: unknown type; use `u`, `i` or `f`, as in `u32le`"),
        ("u24le=1", "column 2: integers have 8, 16, 32, 64 or 128 bits, as in `u32le`"),
        ("f16le=1", "column 2: floats have 32 or 64 bits, as in `f64le`"),
        ("u32=1", "column 4: the byte order is missing or unknown; add `le` or `be`"),
        ("u8=256", "column 4: `256` is not an integer from 0 to 255"),
        ("i8le=-129", "column 6: `-129` is not an integer from -128 to 127"),
        ("u16le=1..x", "column 10: `x` is not an integer from 0 to 65535"),
        ("u16le=5..4", "column 10: the range ends before it starts; swap its ends"),
        ("u16le=5@0", "column 9: the alignment must be a positive number of bytes, as in `@4`"),
        ("f64le=nan", "column 7: `nan` is not a number that can be compared"),
    ];
    for (text, expected) in all {
        assert_eq!(error(text.parse::<Number>()), expected, "{text}");
        let error = Pattern::number(text).unwrap_err();
        assert_eq!(format!("column {}: {}", error.column(), error.what()), expected);
    }
}

#[test]
fn a_number_that_its_type_cannot_hold_is_not_taken_for_another_one() {
    for (text, expected) in [
        ("f32le=1e39", "column 7: `1e39` is too large for a 32-bit float, 3.4028235e38"),
        ("f32be=-1e39", "column 7: `-1e39` is too large for a 32-bit float"),
        ("f32le=1..1e39", "column 10: `1e39` is too large for a 32-bit float"),
        ("f32le=1~1e39", "column 9: `1e39` is too large for a 32-bit float"),
        ("f64le=1e309", "column 7: `1e309` is too large for a 64-bit float, 1.797"),
        ("f64be=-1e309..1", "column 7: `-1e309` is too large for a 64-bit float"),
        ("f32le=1e-60", "column 7: `1e-60` is too close to 0 for a 32-bit float, 1e-45"),
        ("f64le=-1e-400", "column 7: `-1e-400` is too close to 0 for a 64-bit float"),
        ("u16le=65536", "column 7: `65536` is not an integer from 0 to 65535"),
        ("i64be=0x8000000000000000", "column 7: `0x8000000000000000` is not an integer from -9"),
        ("u128le=340282366920938463463374607431768211456", "column 8: `34028236692093846346337"),
    ] {
        let said = error(text.parse::<Number>());
        assert!(said.starts_with(expected), "{text}: {said}");
    }
    for text in ["inf", "-inf", "+inf", "Infinity", "-INFINITY", "1..inf", "-0", "0e99", "1e-44"] {
        for kind in ["f32le", "f64be"] {
            format!("{kind}={text}").parse::<Number>().unwrap();
        }
    }
    // What is around a finite number is finite.
    let around = Pattern::number("f64le=1.7e308~1.7e308").unwrap();
    assert_eq!(found(&around, &f64::INFINITY.to_le_bytes()), []);
    assert_eq!(found(&around, &f64::MAX.to_le_bytes()), [(0, 8)]);
}

#[test]
fn many_literals_say_which_was_found() {
    let pattern = Pattern::literals(["foo", "foobar", "bar"]).unwrap();
    let map = Map::from_mapping(Fake::new(b"foobar bar"));
    let index = |found: Match| (found.offset, found.index);
    let all: Vec<_> = Scan::new(&map).find_iter(&pattern).unwrap().map(index).collect();
    assert_eq!(all, [(0, 0), (3, 2), (7, 2)]);
}
