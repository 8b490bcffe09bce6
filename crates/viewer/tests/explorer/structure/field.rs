//! The pane of one field, and what is copied of a field.

use crossterm::event::KeyCode;
use lazyhex::testing::Stage;

use super::{Described, chosen, gpt, pane, ram, view};

const DESCRIBED: &str = "
meta: {id: own, endian: be}
seq:
  - {id: kind, type: u2, enum: kind, doc: 'Says what\n\n  follows.'}
  - {id: ofs_body, type: u4}
  - {id: name, type: str, size: 90, encoding: ASCII}
  - {id: flag, type: b1}
  - {id: lost, type: str, size: 500, encoding: ASCII}
instances:
  body: {pos: ofs_body, size: 4, type: part}
  sum: {value: ofs_body + 1}
types:
  part: {seq: [{id: number, type: u4le}], doc: A part.}
enums:
  kind: {1: {id: log, doc: Lines of text.}, 2: sample}
";

fn file() -> Vec<u8> {
    let mut bytes = vec![0, 1, 0, 0, 0, 2];
    bytes.extend([b'n'; 90]);
    bytes.push(0x80);
    bytes.extend([b'x'; 9]);
    bytes
}

/// The lines of the pane.
fn field(view: &Stage) -> Vec<String> {
    let screen = view.screen();
    let lines: Vec<&str> = screen.lines().map(|line| line.trim_matches('"')).collect();
    let title = lines.iter().position(|line| line.contains(" field ")).unwrap();
    let inside = |line: &str| line.rsplit('│').next().unwrap_or_default().trim().to_owned();
    let end = lines.len() - 2;
    lines[title + 1..end].iter().map(|line| inside(line)).filter(|it| !it.is_empty()).collect()
}

fn line(view: &Stage, label: &str) -> String {
    let lines = field(view);
    let found = lines.iter().find_map(|line| line.strip_prefix(label));
    found.unwrap_or_else(|| panic!("{label} in {lines:?}")).trim().to_owned()
}

#[test]
fn the_chosen_field_stands_in_full_below_the_tree() {
    let described = Described::new(DESCRIBED);
    let mut view = view(ram(&file()), (160, 50));
    described.choose(&mut view);
    assert!(chosen(&view).contains("kind"), "{}", view.screen());
    assert_eq!(line(&view, "kind"), "log (1)");
    assert_eq!(line(&view, "type"), "kind (u2 BE)");
    assert_eq!(line(&view, "place"), "0x0, 2 B");
    assert_eq!(line(&view, "bytes"), "00 01");
    assert_eq!(line(&view, "path"), "kind");
    assert_eq!(line(&view, "meaning"), "Says what follows.");
    assert_eq!(line(&view, "member"), "Lines of text.");
    assert!(line(&view, "read so far").ends_with("of 106 B"), "{:?}", field(&view));
    view.keys("j");
    assert_eq!(line(&view, "ofs_body"), "0x2 = 2");
    assert_eq!(line(&view, "type"), "u4 BE");
    assert_eq!(line(&view, "target"), "body, 4 B at 0x2: 00 00 00 02");
    view.keys("j");
    // Text is whole, and of bytes stand the first.
    assert!(field(&view).concat().matches('n').count() > 90, "{:?}", field(&view));
    assert!(line(&view, "bytes").ends_with("6e …"), "{:?}", field(&view));
    view.keys("j");
    assert_eq!(line(&view, "place"), "0x60, bit 0");
    view.keys("j");
    assert!(line(&view, "error").contains("9 left"), "{:?}", field(&view));
    view.keys("jj");
    assert_eq!(line(&view, "sum"), "0x3 = 3");
    assert_eq!(line(&view, "place"), "calculated");
    // In the bytes it is the field at the cursor.
    view.keys("\x1b:4\n");
    assert_eq!(line(&view, "ofs_body"), "0x2 = 2");
    // It closes with the tree.
    view.keys("T");
    assert!(!view.screen().contains(" field "), "{}", view.screen());
}

#[test]
fn where_there_is_room_for_one_pane_a_field_takes_the_place_of_the_tree() {
    for size in [(80, 24), (40, 12)] {
        let mut view = view(ram(&gpt::sample()), size);
        view.keys("Tjjj").press(KeyCode::Right).keys("jjj");
        let before = (chosen(&view), pane(&view));
        assert!(before.0.contains("len_header"), "{before:?}");
        view.press(KeyCode::Right);
        assert_eq!(line(&view, "len_header"), "0x5c = 92");
        assert_eq!(line(&view, "path"), "header.len_header");
        view.press(KeyCode::Left);
        assert_eq!((chosen(&view), pane(&view)), before);
        view.press(KeyCode::Right).keys("\x1b");
        assert_eq!((chosen(&view), pane(&view)), before);
        view.press(KeyCode::Right).keys("y");
        assert!(view.copies()[0].contains("\"path\":\"header.len_header\""), "{:?}", view.copies());
        view.keys("\n");
        assert_eq!(view.at(), 0x20c);
        assert_eq!(view.keys(":field\n:field\n").at(), 0x20c);
    }
}

#[test]
fn path_and_value_are_copied_of_the_chosen_field_and_of_the_one_at_the_cursor() {
    let described = Described::new(DESCRIBED);
    let mut view = view(ram(&file()), (80, 24));
    described.choose(&mut view);
    view.keys("j:copy path\n");
    assert!(view.footer().starts_with("copied: ofs_body"), "{}", view.footer());
    view.keys(":copy value\n:field name\n:copy value\n");
    view.keys("\tj:copy value\n:field body\n:copy path\n:copy value\n");
    assert!(view.footer().starts_with("E: it has no value of its own"), "{}", view.footer());
    let name = "n".repeat(90);
    assert_eq!(view.copies(), ["ofs_body", "2", &name, "true", "body"]);
    // Without the tree it is the field at the cursor.
    view.keys("T").keys("T:0\n:copy value\n:copy path\n");
    assert_eq!(view.copies(), ["log", "kind"]);
}
