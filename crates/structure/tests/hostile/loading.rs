//! What is refused before any file is read.

use std::cell::RefCell;
use std::fmt::Write as _;

use memmap_structure::{Formats, Problem, Schema};

use super::{META, attack, common};

#[track_caller]
fn refused(text: &str) -> Vec<Problem> {
    match Schema::load("it", &common::Text(&[("it", text)])) {
        Ok(_) => panic!("it was not refused"),
        Err(problems) => problems,
    }
}

#[track_caller]
fn wrong(rest: &str, path: &str, words: &str) {
    let problems = refused(&format!("{META}{rest}"));
    let found = problems
        .iter()
        .any(|it| it.path == path && it.message.contains(words) && it.place.is_some());
    assert!(found, "{path}, {words}: {problems:#?}");
}

#[test]
fn expressions_of_thousands_of_brackets() {
    attack(|| {
        for (name, value) in [
            ("x", format!("{}1{}", "(".repeat(3000), ")".repeat(3000))),
            ("y", format!("{}true", "not ".repeat(3000))),
            ("z", format!("{}3", "1 ? 2 : ".repeat(3000))),
            ("s", format!("1{}", " + 1".repeat(3000))),
            ("i", format!("[0]{}", "[0]".repeat(3000))),
            ("m", format!("_root{}", "._root".repeat(3000))),
            ("n", format!("{}1", "-".repeat(3000))),
        ] {
            let text = format!("instances:\n  {name}:\n    value: {value:?}\n");
            wrong(&text, &format!("/instances/{name}/value"), "128");
        }
    });
}

#[test]
fn an_expression_longer_than_64_kib() {
    attack(|| {
        let list = vec!["1"; 40_000].join(",");
        wrong(&format!("instances:\n  x:\n    value: \"[{list}]\"\n"), "/instances/x/value", "");
    });
}

#[test]
fn a_type_that_is_in_itself_and_reads_nothing() {
    attack(|| {
        let text = "seq:\n  - id: a\n    type: t\ntypes:\n  t:\n    seq:\n      - id: t\n        type: t\n";
        wrong(text, "/types/t", "contains itself");
        let text = "seq:\n  - id: a\n    type: t\ntypes:\n  t:\n    seq:\n      - id: u\n        type: u\n  u:\n    seq:\n      - id: t\n        type: t\n";
        let problems = refused(&format!("{META}{text}"));
        assert!(problems.iter().all(|it| it.path.starts_with("/types/")), "{problems:?}");
    });
}

/// Formats that note what was asked for.
struct Noting<'a>(&'a str, RefCell<Vec<String>>);

impl Formats for Noting<'_> {
    fn text(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        self.1.borrow_mut().push(name.to_owned());
        Ok((name == "it").then(|| self.0.as_bytes().to_vec()))
    }
}

#[test]
fn imports_that_lead_out_of_the_formats() {
    let names = [
        "../../../../etc/passwd",
        "/proc/self/environ",
        "/dev/zero",
        "a\\0b",
        "a/../../b",
        "..",
        "./../x",
    ];
    for name in names {
        let text = format!("meta:\n  id: it\n  imports:\n    - \"{name}\"\n");
        let formats = Noting(&text, RefCell::default());
        let problems = Schema::load("it", &formats).expect_err(name);
        assert_eq!(problems[0].path, "/meta/imports/0", "{problems:?}");
        let asked = formats.1.into_inner();
        let outside =
            asked.iter().find(|it| it.contains("..") || it.starts_with('/') || it.contains('\0'));
        assert_eq!(outside, None, "{name}");
    }
}

#[test]
fn more_imports_than_files() {
    /// Each description imports the next.
    struct Chain;
    impl Formats for Chain {
        fn text(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
            let next = name[1..].parse::<u32>().map_err(|it| it.to_string())? + 1;
            Ok(Some(format!("meta:\n  id: {name}\n  imports:\n    - f{next}\n").into_bytes()))
        }
    }
    attack(|| {
        let problems = Schema::load("f0", &Chain).expect_err("refused");
        assert!(problems.iter().any(|it| it.message.contains("256")), "{problems:?}");
    });
}

#[test]
fn imports_in_a_circle_work() {
    attack(|| {
        let one = "meta:\n  id: it\n  imports:\n    - two\n    - it\nseq:\n  - id: x\n    type: u1\n  - id: y\n    type: two\n";
        let two = "meta:\n  id: two\n  imports:\n    - it\nseq:\n  - id: x\n    type: u1\n";
        let shelf = [("it", one), ("two", two)];
        let schema =
            Schema::load("it", &common::Text(&shelf)).expect("circles of imports are fine");
        let mut tree =
            memmap_structure::Tree::new(std::sync::Arc::new(schema), Box::new(vec![1, 2]));
        assert_eq!(super::int(&mut tree, "y.x"), 2);
    });
}

#[test]
fn aliases_anchors_tags_and_second_documents() {
    attack(|| {
        let mut bomb = String::from("meta:\n  id: it\n  x0: &x0 [a,a,a,a,a,a,a,a,a,a]\n");
        for at in 1..10 {
            let list = vec![format!("*x{}", at - 1); 10].join(",");
            let _ = writeln!(bomb, "  x{at}: &x{at} [{list}]");
        }
        let second = format!("{META}---\n{META}");
        for text in [&bomb, "meta: !!map\n  id: it\n", &second, "meta:\n  <<: {id: it}\n"] {
            let problems = refused(text);
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(problems[0].place.is_some(), "{problems:?}");
        }
    });
}

#[test]
fn yaml_deeper_than_64() {
    attack(|| {
        let repeated = |it: &str| it.repeat(100_000);
        let texts = [
            repeated("- "),
            repeated("? "),
            repeated("["),
            repeated("{a: "),
            (0..300).fold(String::new(), |text, it| {
                text + &" ".repeat(it)
                    + "a:
"
            }),
            format!("{META}doc: {}", repeated("[")),
        ];
        for text in texts {
            let problems = refused(&text);
            let head: String = text.chars().take(20).collect();
            assert!(problems.iter().any(|it| it.place.is_some()), "{head}: {problems:?}");
        }
    });
}

#[test]
fn the_same_key_twice() {
    let seq = "seq:\n  - id: a\n    type: u1\n";
    let problems = refused(&format!("{META}{seq}{seq}"));
    assert!(
        problems
            .iter()
            .any(|it| it.place.is_some_and(|it| it.line == 8) && it.message.contains('5')),
        "{problems:?}"
    );
    let problems = refused(&format!("{META}enums:\n  e:\n    1: one\n    0x1: uno\n"));
    assert!(problems[0].message.ends_with("7:5 and 8:5"), "{problems:?}");
}

#[test]
fn descriptions_of_more_than_4_mib() {
    attack(|| {
        let problems = refused(&format!("{META}doc: \"{}\"\n", "x".repeat(5 << 20)));
        assert!(problems[0].message.contains("at most 4194304"), "{problems:?}");
        assert!(!refused("\u{fe}\u{0}").is_empty());
    });
}

#[test]
fn descriptions_of_more_than_4_mib_with_what_they_import() {
    /// Each description has 1 MiB and imports the next.
    struct Chain;
    impl Formats for Chain {
        fn text(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
            let next = name[1..].parse::<u32>().map_err(|it| it.to_string())? + 1;
            let doc = "x".repeat(1 << 20);
            Ok(Some(
                format!("meta:\n  id: {name}\n  imports:\n    - f{next}\ndoc: {doc}\n")
                    .into_bytes(),
            ))
        }
    }
    attack(|| {
        let problems = Schema::load("f0", &Chain).expect_err("refused");
        assert!(problems[0].message.contains("at most 4194304"), "{problems:?}");
    });
}

/// What is said so often that it fills a description, and how many values it has each time. `#` is a number.
const FILLERS: [(&str, &str, usize); 11] = [
    ("seq:\n", "- type: u1\n", 3),
    ("seq:\n", "- {size: 1, if: true, process: xor(7), valid: [1]}\n", 11),
    ("seq:\n", "- type: a(b,b,b,b,b,b,b,b,b,b,b,b,b,b,b)\n", 3),
    ("seq:\n", "- {size: (}\n", 3),
    ("seq:\n", "- x\n", 1),
    ("instances:\n", "  i#: {value: 1}\n", 4),
    ("types:\n", "  t#: {}\n", 2),
    ("enums:\n  e:\n", "    #: e#\n", 2),
    ("params:\n", "- id: p#\n", 3),
    ("doc-ref:\n", "- x\n", 1),
    (
        "seq:\n- id: a\n  type: u1\n  valid:\n   any-of:\n",
        "    - '[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]'\n",
        1,
    ),
];

#[test]
fn descriptions_of_as_much_as_there_may_be() {
    for (head, filler, values) in FILLERS {
        attack(move || {
            let mut text = format!("{META}{head}");
            for at in 0..(1 << 17) / values - 16 {
                if text.len() + 2 * filler.len() < 4 << 20 {
                    text.push_str(&filler.replace('#', &at.to_string()));
                }
            }
            if let Err(problems) = Schema::load("it", &common::Text(&[("it", &text)])) {
                assert!(problems.len() <= 1000, "{}", problems.len());
                let message = &problems[0].message;
                assert!(!message.contains("at most"), "{filler}: {message}");
            }
        });
    }
}

#[test]
fn descriptions_of_more_values_than_there_may_be() {
    attack(|| {
        let problems = refused(&format!("{META}seq:\n{}", "- type: u1\n".repeat(50_000)));
        assert!(problems[0].message.contains("at most 131072 values"), "{problems:?}");
        assert_eq!(problems[0].place.map(|it| it.line > 40_000), Some(true));
    });
}

#[test]
fn text_that_is_not_utf_8() {
    struct Latin;
    impl Formats for Latin {
        fn text(&self, _: &str) -> Result<Option<Vec<u8>>, String> {
            Ok(Some(b"meta:\n  id: it\n  title: \"\xe9\"\n".to_vec()))
        }
    }
    let problems = Schema::load("it", &Latin).expect_err("refused");
    assert!(problems[0].message.contains("UTF-8"), "{problems:?}");
}

#[test]
fn bits_of_no_width_and_terminators_of_nothing() {
    for width in ["b0", "b65", "b18446744073709551616", "b99999999999999999999999999999999"] {
        wrong(&format!("seq:\n  - id: a\n    type: {width}\n"), "/seq/0/type", "");
    }
    wrong("seq:\n  - id: d\n    terminator: []\n", "/seq/0/terminator", "");
}

#[test]
fn elements_of_no_bytes_to_the_end() {
    let text = "seq:\n  - id: items\n    type: nothing\n    repeat: eos\ntypes:\n  nothing: {}\n";
    wrong(text, "/seq/0", "");
    wrong("seq:\n  - id: raw\n    size: 0\n    repeat: eos\n", "/seq/0", "");
}

#[test]
fn names_that_are_none() {
    for name in ["a\\e[2J", "b.c[0]", "_root", "A", "1a", "", "a-b", "ä"] {
        wrong(&format!("seq:\n  - id: \"{name}\"\n    type: u1\n"), "/seq/0/id", "");
        let problems = refused(&format!("{META}instances:\n  \"{name}\":\n    value: 1\n"));
        let shown = problems.iter().map(ToString::to_string).collect::<String>();
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }
}
