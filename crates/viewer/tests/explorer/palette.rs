//! The palette: the commands listed by the prompt.

use std::fmt::Write as _;

use crossterm::event::KeyCode;
use lazyhex::testing::Stage;

use super::demo_view;

/// The rows of the strip, starting with its title.
fn strip(view: &Stage) -> Vec<String> {
    let screen = view.screen();
    let rows: Vec<&str> = screen.lines().map(|row| row.trim_matches('"').trim_end()).collect();
    let is_title = |row: &&str| {
        ["── commands ", "── arguments ", "── files "].iter().any(|title| row.starts_with(title))
    };
    let Some(from) = rows.iter().position(is_title) else { return Vec::new() };
    rows[from..rows.len() - 2].iter().map(|&row| row.to_owned()).collect()
}

#[test]
fn the_prompt_lists_commands_by_name_and_description_with_their_keys() {
    let mut screens = String::new();
    for (size, keys) in [
        ((80, 24), ":"),
        ((80, 24), ":ma"),
        ((80, 24), ":clipboard"),
        ((80, 24), ":sha"),
        ((80, 24), ":set t"),
        ((80, 24), ":goto 0x40"),
        ((80, 20), ":s"),
        ((40, 14), ":s"),
        ((160, 50), ":s"),
    ] {
        let mut view = demo_view(size);
        view.keys(keys);
        writeln!(screens, "{}x{} {keys:?}", size.0, size.1).unwrap();
        for row in strip(&view) {
            writeln!(screens, "{row}").unwrap();
        }
        writeln!(screens, "{}", view.footer()).unwrap();
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn places_are_accepted_as_before_and_hide_nothing() {
    let mut view = demo_view((80, 24));
    view.keys(":0x40");
    assert!(strip(&view).is_empty(), "{}", view.screen());
    assert!(view.footer().contains("\u{2192} 0x40 = 64"), "{}", view.footer());
    assert_eq!(view.keys("\n").at(), 0x40);
    // The address argument of a command is evaluated, too.
    view.keys(":mark q 0x10+2");
    assert!(view.footer().contains("\u{2192} 0x12 = 18"), "{}", view.footer());
    assert!(strip(&view)[1].contains(":mark a…z [PLACE]"), "{}", view.screen());
    assert!(strip(view.keys("\x1b/ma")).is_empty());
    view.keys("\x1b").ctrl('g');
    assert!(strip(&view).is_empty());
}

#[test]
fn what_is_chosen_stands_in_the_prompt_and_enter_runs_what_stands_there() {
    let mut view = demo_view((80, 24));
    view.keys(":mar").press(KeyCode::Down).press(KeyCode::Down);
    assert_eq!(view.footer(), ":marks");
    assert!(strip(&view)[2].starts_with(" ▌ :marks"), "{}", view.screen());
    view.press(KeyCode::Up);
    assert_eq!(view.footer(), ":mark");
    view.press(KeyCode::Up);
    assert_eq!(view.footer(), ":mar");
    // A listed command is not run unless it is selected.
    assert!(view.keys("\n").footer().contains("E: there is no command \"mar\""));
    view.keys("\t\t\t\n");
    assert!(view.screen().contains("no marks: m a…z sets one"), "{}", view.screen());
    // A click selects a command, but does not run it.
    let mut view = demo_view((80, 24));
    view.keys(":mar").mouse_down(10, 20).mouse_up();
    assert_eq!((view.footer().as_str(), view.at()), (":marks", 0));
}

#[test]
fn the_list_scrolls_with_what_is_chosen() {
    let mut view = demo_view((80, 24));
    view.keys(":");
    let first = strip(&view)[1].clone();
    for _ in 0..6 {
        view.press(KeyCode::Down);
    }
    let rows = strip(&view);
    assert!(rows.len() == 5 && rows[4].starts_with(" ▌ :"), "{rows:?}");
    assert_ne!(rows[1], first);
    view.press(KeyCode::BackTab).press(KeyCode::BackTab);
    assert!(strip(&view).iter().any(|row| row.starts_with(" ▌ :")));
}

#[test]
fn the_history_stays_within_reach() {
    let mut view = demo_view((80, 24));
    view.keys(":0x10\n:0x20\n:");
    assert!(view.press(KeyCode::Up).footer().starts_with(":0x20"), "{}", view.footer());
    assert!(view.press(KeyCode::Up).footer().starts_with(":0x10"), "{}", view.footer());
    view.keys("\x1b:ma").ctrl('p');
    assert!(view.footer().starts_with(":0x20"), "{}", view.footer());
    view.ctrl('n');
    assert_eq!(view.footer(), ":ma");
    assert!(!strip(&view).is_empty());
}

#[test]
fn below_12_rows_tab_shows_them_in_the_line() {
    let mut view = demo_view((80, 11));
    assert_eq!(view.keys(":set t").footer(), ":set t");
    assert_eq!(view.keys("\t").footer(), ":set table  table theme");
    assert!(strip(&view).is_empty());
}

#[test]
fn commands_say_what_they_do_not_take() {
    let mut view = demo_view((80, 24));
    for (line, said) in [
        ("frobnicate", "E: there is no command \"frobnicate\"; Tab lists the commands"),
        ("q now", "E: `!`, or nothing"),
        ("copy", "E: copy as hex, c, rust, python, base64, raw"),
        ("set", "E: set colour, columns, endian, folds, inspector, journal, map, mouse, "),
        ("hash md5", "E: hash crc32, sha256, blake3"),
        ("mark A", "E: a mark is a letter from a to z"),
        ("wq now", "E: :wq takes no argument, not \"now\""),
        ("write", "E: the file is read-only: :edit on allows edits"),
        ("export", "E: name the file to write to"),
        ("hits x", "E: matches alone, or matches export FILE"),
        ("map x", "E: map alone, or map full"),
        ("unmark q", "E: there is no mark q"),
        ("unmark q r", "E: one mark at a time"),
        ("follow soon", "E: on, off, or a number of seconds, not \"soon\""),
        ("find", "E: say what to find"),
        ("find -r (", "E: "),
        ("type f4 offset=zz", "E: offset: "),
    ] {
        view.keys(&format!("\x1b:{line}\n"));
        assert!(view.footer().contains(said), "{line}: {}", view.footer());
    }
}
