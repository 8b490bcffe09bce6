//! `lazyhex tree`, `get`, `formats` and `find --embedded`.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const DESCRIPTION: &str = "
meta:
  id: toy
  title: Toy
  endian: le
  encoding: UTF-8
  file-extension: toy
seq:
  - id: magic
    contents: TOY1
  - id: count
    type: u2
  - id: records
    type: record
    repeat: expr
    repeat-expr: count
instances:
  far:
    pos: _io.size - 8
    type: u8
  huge:
    value: far * 4
  nan:
    value: 0.0 / 0.0
  level_of_first:
    value: records[0].level
types:
  record:
    -webide-representation: '{text}'
    seq:
      - id: level
        type: u1
        enum: level
      - id: len
        type: u1
      - id: text
        size: len
        type: str
      - id: packed
        size: 4
        process: xor(0xff)
        type: inner
  inner:
    seq:
      - id: n
        type: u4
enums:
  level:
    1: low
    2: high
";

/// Two records, and a number of 64 bits at the end.
fn file() -> Vec<u8> {
    let mut bytes = b"TOY1\x02\0".to_vec();
    bytes.extend_from_slice(b"\x02\x03abc\xfe\xff\xff\xff");
    bytes.extend_from_slice(b"\x07\x02\xff\x1b\xfd\xff\xff\xff");
    bytes.extend_from_slice(&0x4000_0000_0000_0001_u64.to_le_bytes());
    bytes
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::create_dir(place.0.path().join("formats")).unwrap();
        place.write("formats/toy.ksy", DESCRIPTION.as_bytes());
        place.write("a.toy", &file());
        place
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.path().join(name), bytes).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command.env("XDG_DATA_HOME", self.0.path().join("data")).env("HOME", self.0.path());
        command.output().unwrap()
    }

    fn printed(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn told(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn a_tree_is_printed_with_offsets_and_sizes() {
    let place = Place::new();
    let tree = place.printed(&["tree", "--formats", "formats", "a.toy"], 0);
    let lines: Vec<&str> = tree.lines().collect();
    assert_eq!(lines[0], "0x000000         31  toy");
    assert_eq!(lines[1], "0x000000          4    magic  54 4f 59 31");
    assert!(lines.contains(&"0x000006          9      [0]  abc"), "{tree}");
    assert!(lines.contains(&"0x000006          1        level  high (2)"), "{tree}");
    assert!(lines.contains(&"     [0]          4          n  1"), "{tree}");
    assert!(lines.contains(&"                       nan  NaN"), "{tree}");
    let shallow = place.printed(&["tree", "--formats", "formats", "--depth", "1", "a.toy"], 0);
    assert!(!shallow.contains("[0]"), "{shallow}");
    // The format is recognised by its magic, also where the name says nothing.
    place.write("plain", &file());
    assert_eq!(place.printed(&["tree", "--formats", "formats", "plain"], 0), tree);
}

#[test]
fn control_characters_of_a_file_do_not_reach_the_terminal() {
    let place = Place::new();
    let tree = place.printed(&["tree", "-f", "formats/toy.ksy", "a.toy"], 0);
    assert!(tree.contains(r#"text  "\xff\u{1b}" (invalid text)"#), "{tree}");
    assert!(!tree.contains('\u{1b}'));
    assert!(tree.contains("7 (not in toy::level)"), "{tree}");
}

#[test]
fn json_is_one_object_a_node() {
    let place = Place::new();
    let text = place.printed(&["tree", "--json", "-f", "formats/toy.ksy", "a.toy"], 0);
    let rows: Vec<Value> = text.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let find = |path: &str| {
        rows.iter().find(|it| it["path"] == path).unwrap_or_else(|| panic!("{path}: {text}"))
    };
    assert_eq!(find("magic")["hex"], "544f5931");
    assert_eq!((&find("count")["start"], &find("count")["len"]), (&4.into(), &2.into()));
    assert_eq!(find("records[0].level")["value"], serde_json::json!({"value": 2, "name": "high"}));
    assert_eq!(find("records[1].level")["value"], serde_json::json!({"value": 7, "name": null}));
    assert_eq!(find("records[0].packed.n")["in"], "records[0].packed");
    assert_eq!(find("far")["text"], "4611686018427387905");
    assert_eq!(find("huge")["text"], "18446744073709551620");
    assert_eq!(find("nan")["value"], Value::Null);
    assert_eq!(find("nan")["text"], "NaN");
    assert_eq!(find("records[1].text")["hex"], "ff1b");
    assert!(rows.iter().all(|it| it["state"] == "read"), "{text}");
}

#[test]
fn get_prints_a_value_and_writes_bytes() {
    let place = Place::new();
    let get =
        |expression: &str| place.printed(&["get", "-f", "formats/toy.ksy", "a.toy", expression], 0);
    assert_eq!(get("count"), "2\n");
    assert_eq!(get("records[0].text"), "abc\n");
    assert_eq!(get("level_of_first"), "high\n");
    assert_eq!(get("records[1].len + 40"), "42\n");
    assert!(get("records[0]").contains("text  \"abc\""));
    let raw = place.run(&["get", "--raw", "-f", "formats/toy.ksy", "a.toy", "records[1].packed"]);
    assert_eq!(raw.stdout, b"\xfd\xff\xff\xff");
    let raw = place.run(&["get", "--raw", "-f", "formats/toy.ksy", "a.toy", "records[1].packed.n"]);
    assert_eq!(raw.stdout, b"\x02\0\0\0");
    let whole = place.run(&["get", "--raw", "-f", "formats/toy.ksy", "a.toy", ""]);
    assert_eq!(whole.stdout, file());
    let told = place.told(&["get", "-f", "formats/toy.ksy", "a.toy", "records[0].levl"], 2);
    assert_eq!(told, "lazyhex: unknown field \"levl\" of toy::record; did you mean \"level\"?\n");
    let told = place.told(&["get", "-f", "formats/toy.ksy", "a.toy", "count +"], 2);
    assert!(told.contains("where a value was expected"), "{told}");
    let told = place.told(&["get", "-f", "formats/toy.ksy", "a.toy", "records[7].len"], 2);
    assert!(told.contains("element 7 of a list of 2"), "{told}");
}

#[test]
fn a_mistake_is_shown_where_it_is_and_the_rest_is_read() {
    let place = Place::new();
    let mut cut = file();
    cut.truncate(18);
    place.write("cut.toy", &cut);
    let tree = place.printed(&["tree", "-f", "formats/toy.ksy", "cut.toy"], 2);
    assert!(tree.contains("text  \"abc\""), "{tree}");
    assert!(tree.contains("2 bytes at 0x11, 1 left"), "{tree}");
    assert!(tree.contains("far"), "{tree}");
    // The element that has the mistake is one row, and so is its field.
    assert_eq!(tree.matches("[1]").count(), 1, "{tree}");
    // Strictly, the first mistake ends it, with its path.
    let told = place.told(&["tree", "--strict", "-f", "formats/toy.ksy", "cut.toy"], 2);
    assert_eq!(told, "lazyhex: records[1].text: 2 bytes at 0x11, 1 left\n");
}

#[test]
fn a_description_with_mistakes_is_refused_with_their_places() {
    let place = Place::new();
    place.write("bad.ksy", DESCRIPTION.replace("size: len\n", "size: lne\n").as_bytes());
    let told = place.told(&["tree", "-f", "bad.ksy", "a.toy"], 2);
    assert!(told.starts_with("lazyhex: bad.ksy:"), "{told}");
    assert!(told.contains("/types/record/seq/2/size:"), "{told}");
    assert!(told.contains("did you mean"), "{told}");
    let told = place.told(&["tree", "-f", "nothing", "a.toy"], 2);
    let wanted = "lazyhex: nothing.ksy: there is no description of this name; `lazyhex formats` lists the formats\n";
    assert_eq!(told, wanted);
    for command in ["tree a.toy", "get a.toy count", "formats", "find --embedded a.toy"] {
        let words: Vec<&str> = command.split(' ').chain(["--formats", "nowhere"]).collect();
        let told = place.told(&words, 2);
        assert!(told.contains("'nowhere'"), "{told}");
        assert!(told.contains("there is no directory of this name"), "{told}");
    }
    let told = place.told(&["tree", "a.toy"], 1);
    assert!(told.contains("the format of a.toy is not recognised"), "{told}");
    place.told(&["tree", "-f", "formats/toy.ksy", "missing"], 2);
    place.told(&["tree"], 2);
}

#[test]
fn formats_are_listed() {
    let place = Place::new();
    let list = place.printed(&["formats", "--formats", "formats"], 0);
    assert!(
        list.lines().any(|it| it.starts_with("toy ") && it.contains("Toy  (magic .toy)")),
        "{list}"
    );
    assert!(list.lines().any(|it| it.starts_with("png ")), "{list}");
    // The user's directory is searched without being named.
    fs::create_dir_all(place.0.path().join("data/lazyhex/formats")).unwrap();
    place.write(
        "data/lazyhex/formats/mine.ksy",
        DESCRIPTION.replace("id: toy", "id: mine").as_bytes(),
    );
    assert!(place.printed(&["formats"], 0).lines().any(|it| it.starts_with("mine ")));
}

#[test]
fn files_inside_of_a_file_are_found() {
    let place = Place::new();
    let mut outer = vec![0xaa; 5000];
    outer.extend_from_slice(&file());
    outer.extend_from_slice(b"TOY1 is only a word here");
    place.write("outer", &outer);
    let found = place.printed(&["find", "--embedded", "--formats", "formats", "outer"], 0);
    assert_eq!(found, "0x00001388  toy         Toy\n");
    let json = place.printed(&["find", "--embedded", "--json", "--formats", "formats", "outer"], 0);
    let rows: Vec<Value> = json.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert_eq!((&rows[0]["offset"], &rows[0]["format"]), (&5000.into(), &"toy".into()));
    assert_eq!(rows[1]["type"], "end");
    place.printed(&["find", "--embedded", "outer"], 1);
}
