//! Notes: set, listed, shown, moved with edits, kept, and exchanged.

use std::fs;

use crossterm::event::KeyCode;
use lazyhex::testing::Stage;
use ratatui::style::{Color, Modifier};

use super::{OnDisk, SECOND, demo, demo_view};

/// A file that may be edited.
fn writable(file: &OnDisk) -> Stage {
    let mut stage = file.view((80, 24));
    stage.keys(":edit on\n").pass(3 * SECOND);
    assert!(stage.screen().contains("writable"), "{}", stage.screen());
    stage
}

/// The lines of the list of marks and notes.
fn listed(view: &mut Stage) -> Vec<String> {
    view.keys(":notes\n");
    let screen = view.screen();
    let lines = screen.lines().map(|line| line.trim_matches('"').trim().to_owned());
    let lines = lines.filter(|line| line.starts_with("() ")).collect();
    view.keys(":notes\n");
    lines
}

/// All messages, in one line.
fn said(view: &mut Stage) -> String {
    let screen = view.keys(":messages\n").screen();
    let lines = screen.lines().map(|line| line.trim_matches('"').trim());
    let all = lines.collect::<Vec<_>>().join(" ");
    view.keys(":messages\n");
    all
}

fn status(view: &Stage) -> String {
    let screen = view.screen();
    let lines: Vec<&str> = screen.lines().collect();
    lines[lines.len() - 2].trim_matches('"').trim().to_owned()
}

#[test]
fn a_range_is_noted_tinted_and_listed_beside_the_marks() {
    let mut view = demo_view((80, 24));
    view.keys(":set theme true\nma:note 0..5 the signature\n");
    assert_eq!(view.footer(), "note on 5 B at 0x0");
    view.keys(":8\nv3l:note colour=green the first number\n");
    view.keys(":0x20\n:note a byte\n").keys(":note 0x20..0x24 colour=cyan around it\n");
    assert!(status(&view).ends_with("note: a byte"), "{}", status(&view));
    let tint = |view: &Stage, x: u16, y: u16| view.buffer()[(x, y)].bg;
    // One band with the gaps between its bytes, and the characters; then another one.
    let blue = Color::Rgb(38, 48, 110);
    assert_eq!([10, 12, 22, 23].map(|x| tint(&view, x, 2)), [blue, blue, blue, blue]);
    assert_eq!([24, 60, 61].map(|x| tint(&view, x, 2)), [Color::Reset, blue, blue]);
    assert_eq!(tint(&view, 35, 2), Color::Rgb(0, 74, 54));
    // The innermost note of a byte counts.
    assert_eq!(tint(&view, 13, 4), Color::Rgb(14, 66, 92));
    assert_eq!(tint(&view, 10, 4), Color::Rgb(92, 68, 0));
    // The mark and the first note are one place; the keys for marks visit the others, too.
    assert_eq!([1, 2, 9].map(|count| view.keys(&format!("gg{count}]m")).at()), [8, 0x20, 0x20]);
    assert_eq!([view.keys("G[m").at(), view.keys("2[m").at()], [0x20, 0]);
    view.keys(":0x20\n");
    view.keys(":set theme mono\nB");
    insta::assert_snapshot!(view.screen());
    // Enter goes there, and x removes.
    assert_eq!(view.keys("jj\n").at(), 8);
    view.keys("kxq");
    assert_eq!(listed(&mut view).len(), 3);
    view.keys("gg:unnote\n");
    assert!(view.footer().contains("there is no note here"), "{}", view.footer());
    view.keys("\x1b:0x20\n:unnote\n");
    assert_eq!((view.footer(), listed(&mut view).len()), ("note removed".to_owned(), 2));
    assert_eq!(view.keys(":unnote all\n").footer(), "2 notes removed");
    view.keys(":unmark a\nB");
    assert!(
        view.screen().contains("no marks: m a…z sets one; no notes: :note TEXT makes one"),
        "{}",
        view.screen()
    );
}

#[test]
fn a_note_is_replaced_on_the_same_range_and_wrong_ones_are_refused() {
    let mut view = demo_view((80, 24));
    view.keys(":note 4..8 colour=green one\n").keys(":note 4..8 two\n");
    assert_eq!(view.footer(), "note on 4 B at 0x4 replaced");
    assert_eq!(listed(&mut view), ["() 0x4..0x8  0.04%  two"]);
    for (line, said) in [
        (":note\n", "a note needs a text"),
        (":note 4..8\n", "a note needs a text"),
        (":note 8..4 a\n", "a range is START..END, and not empty"),
        (":note 0..9000 a\n", "E: "),
        (":note 0x..4 a\n", "E: "),
        (":note colour=pink a\n", "colour= blue, yellow, green, magenta, cyan"),
        (":unnote some\n", "unnote alone, or unnote all"),
        (":notes export\n", "name the file"),
        (":notes save x\n", "notes alone, notes export FILE, or notes import FILE"),
    ] {
        view.keys(line);
        assert!(view.footer().contains(said), "{line:?}: {}", view.footer());
        view.keys("\x1b");
    }
    let long = format!(":note {}\n", "x".repeat(401));
    view.keys(&long);
    assert!(view.footer().contains("the text has 401 bytes"), "{}", view.footer());
    view.keys("\x1b");
    assert_eq!(listed(&mut view).len(), 1);
    // A text with dots in it, and the text alone on a noted byte.
    view.keys(":note see.. there\n");
    assert_eq!(listed(&mut view)[0], "() 0x0..0x1  0.00%  see.. there");
    assert_eq!(view.keys(":note\n").footer(), "note: see.. there");
}

#[test]
fn a_long_text_is_cut_in_the_list_and_whole_below_it() {
    let mut view = demo_view((80, 24));
    let text = "a text that is longer than what has room beside its place in the list of notes";
    view.keys(&format!(":note 0..4 {text}\n")).pass(3 * SECOND).keys("l");
    assert!(status(&view).contains("note: a text that is") && status(&view).ends_with('…'));
    view.keys("B");
    assert_eq!(view.footer(), text);
}

#[test]
fn notes_move_with_edits_vanish_with_their_bytes_and_come_back() {
    let file = OnDisk::new(&demo());
    let mut view = writable(&file);
    view.keys(":note 0x10..0x20 one\n:note 0x20..0x24 two\n");
    let places = |view: &mut Stage| -> Vec<String> {
        let lines = listed(view);
        lines.iter().map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect()
    };
    // Bytes before a note, at both of its ends, and in it.
    view.keys(":8\ni4142\x1b");
    assert_eq!(places(&mut view), ["0x12..0x22", "0x22..0x26"]);
    view.keys(":0x22\ni43\x1b");
    assert_eq!(places(&mut view), ["0x12..0x22", "0x23..0x27"]);
    view.keys(":0x14\ni44\x1b");
    assert_eq!(places(&mut view), ["0x12..0x23", "0x24..0x28"]);
    view.keys(":delete 0x24..0x28\n");
    assert_eq!(places(&mut view), ["0x12..0x23"]);
    view.keys("u");
    assert_eq!(places(&mut view), ["0x12..0x23", "0x24..0x28"]);
    view.keys("9u");
    assert_eq!(places(&mut view), ["0x10..0x20", "0x20..0x24"]);
    view.keys("9U");
    assert_eq!(places(&mut view), ["0x12..0x23"]);
    // Typing over a note leaves it where it is.
    view.keys(":0x12\nR00\x1b");
    assert!(view.keys("h").footer().is_empty() || status(&view).contains("note: one"));
    assert_eq!(places(&mut view), ["0x12..0x23"]);
    // Matches that are replaced move what comes after them.
    view.keys("9u:s/93/00 00 00/\n");
    assert_eq!(places(&mut view)[0], "0x12..0x22");
}

#[test]
fn notes_are_kept_for_the_file_that_is_opened_again() {
    let file = OnDisk::new(&demo());
    let session = file.path.with_file_name("session.json");
    let open = || {
        let mut stage = Stage::with(lazyhex::Settings::default(), (80, 24), Some(&session));
        let map = memmap::MemMap::open(&file.path, memmap::Mode::Read).unwrap();
        stage.open("demo.bin", map.erase()).begin();
        stage
    };
    let mut view = open();
    view.keys(":note 0x20..0x24 colour=green one\n:note 0x30..0x40 two\n:edit on\n");
    // What is deleted and not saved is still in the file.
    view.keys(":insert 010203\n:delete 0x33..0x43\n");
    assert_eq!(listed(&mut view), ["() 0x23..0x27  0.42%  one"]);
    view.terminate();
    let mut again = open();
    assert_eq!(listed(&mut again), ["() 0x20..0x24  0.39%  one", "() 0x30..0x40  0.58%  two"]);
    // The last one was blue, the next one is yellow.
    again.keys(":set theme true\ngg:note a\n").keys("l");
    assert_eq!(again.buffer()[(10, 2)].bg, Color::Rgb(92, 68, 0));
}

#[test]
fn a_file_that_is_cut_keeps_its_notes_beyond_the_end() {
    let file = OnDisk::new(&demo());
    let mut view = file.view((80, 24));
    view.keys(":note 0..4 one\n:note 0x1000..0x1010 two\nF");
    if !file.write(&demo()[..1024]) {
        return;
    }
    view.pass(SECOND);
    assert_eq!(view.footer(), "E: file cut to 1.00 KiB: 1 note is beyond its end");
    assert_eq!(
        listed(&mut view),
        ["() 0x0..0x4  0.00%  one", "() 0x1000..0x1010  beyond the end  two"]
    );
    view.keys("BG\n");
    assert!(view.at() < 1024);
}

#[test]
fn notes_are_exported_and_imported() {
    let file = OnDisk::new(&demo());
    let path = file.path.with_file_name("notes.json");
    let mut view = file.view((80, 24));
    let export = format!(":notes export {}\n", path.display());
    let import = format!(":notes import {}\n", path.display());
    view.keys(&export);
    assert!(view.footer().contains("there are no notes to export"), "{}", view.footer());
    view.keys("\x1b:note 0..4 colour=green one \"two\"\n:note 8..16 three\n");
    view.keys(&export);
    assert!(view.footer().contains("Write 2 notes to a new file? Enter"), "{}", view.footer());
    view.keys("\n");
    let all = said(&mut view);
    assert!(all.contains("2 notes written to "), "{all}");
    let written = fs::read_to_string(&path).unwrap();
    assert_eq!(written.lines().count(), 4);
    // A name that is taken needs a !.
    view.keys(&export).keys("\n");
    let all = said(&mut view);
    assert!(all.contains("exists; only new files are written"), "{all}");
    view.pass(3 * SECOND).keys(":unnote all\n:note 4..5 four\n");
    let replace = export.replace("export", "export!");
    view.keys(&replace);
    assert!(view.footer().contains("to this file, replacing it? Enter"), "{}", view.footer());
    view.keys("\n");
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 3);
    // What is imported is added, and replaces what has the same range.
    fs::write(&path, written.replace("three", "3")).unwrap();
    view.keys(":note 8..16 three\n").keys(&import);
    assert_eq!(view.footer(), "2 notes imported; 1 replaced older ones");
    assert_eq!(
        listed(&mut view),
        ["() 0x0..0x4  0.00%  one \"two\"", "() 0x4..0x5  0.04%  four", "() 0x8..0x10  0.09%  3"]
    );
    // The file that is shown is not written over.
    let shown = format!(":notes export! {}\n\n", file.path.display());
    view.keys(&shown);
    let all = said(&mut view);
    assert!(all.contains("is the file that is shown"), "{all}");
    assert_eq!(fs::read(&file.path).unwrap(), demo());
}

#[test]
fn what_is_wrong_in_a_list_is_said_with_its_line_and_nothing_is_imported() {
    let file = OnDisk::new(&demo());
    let path = file.path.with_file_name("n.json");
    let mut view = writable(&file);
    view.keys(":note 0..1 mine\n");
    let import = format!(":notes import {}\n", path.display());
    let good = "{\"offset\": 1, \"length\": 2, \"text\": \"a\"}";
    let with = |line: &str| format!("{{\"version\": 1, \"notes\": [\n{good},\n{line}\n]}}");
    for (text, said) in [
        (
            with("{\"offset\": 8191, \"length\": 2, \"text\": \"a\"}"),
            "line 3: the note ends at 0x2001, and",
        ),
        (with("{\"offset\": 1, \"length\": 2}"), "line 3: missing field `text`"),
        (
            with("{\"offset\": 1, \"length\": 2, \"text\": \"\\u0007\"}"),
            "line 3: the text has the control",
        ),
        (with(good) + "]", "line 4: trailing characters"),
        ("not json".to_owned(), "line 1: expected ident"),
    ] {
        fs::write(&path, text).unwrap();
        view.keys(&import);
        let all = self::said(&mut view);
        assert!(all.contains(said), "{said}: {all}");
        assert_eq!(listed(&mut view), ["() 0x0..0x1  0.00%  mine"]);
    }
    fs::write(&path, vec![b' '; (4 << 20) + 1]).unwrap();
    view.keys(&import);
    let all = said(&mut view);
    assert!(all.contains("4.00 MiB is too long for a list of notes"), "{all}");
    // All of them have to fit.
    let note = |at: usize| format!("{{\"offset\": {at}, \"length\": 1, \"text\": \"a\"}}");
    let all: Vec<String> = (1..=1000).map(note).collect();
    fs::write(&path, format!("{{\"version\": 1, \"notes\": [{}]}}", all.join(","))).unwrap();
    view.pass(3 * SECOND).keys(&import);
    assert_eq!(view.footer(), "E: not imported: a file has at most 1000 notes");
    assert_eq!(listed(&mut view).len(), 1);
    view.pass(3 * SECOND).keys(":unnote all\n").keys(&import);
    assert_eq!(view.footer(), "1000 notes imported");
    view.keys(":2000\n:note one more\n");
    assert_eq!(view.footer(), "E: not noted: a file has at most 1000 notes");
    // What the places are meant for may be others meanwhile.
    view.pass(3 * SECOND).hold_jobs(true).keys(&import).keys("x").hold_jobs(false).settle();
    assert_eq!(view.footer(), "E: not imported: the bytes were edited meanwhile");
}

#[test]
fn notes_stay_where_they_are_when_edits_are_forbidden_again() {
    let file = OnDisk::new(&demo());
    let mut view = writable(&file);
    view.keys("x:note 4..8 one\nu:edit off\n:edit on\n").keys(":insert 00\n");
    assert_eq!(listed(&mut view), ["() 0x6..0xa  0.07%  one"]);
    view.keys("u");
    assert_eq!(listed(&mut view), ["() 0x5..0x9  0.06%  one"]);
}

#[test]
fn a_list_that_is_shorter_than_the_chosen_line_is_harmless() {
    let mut view = demo_view((80, 24));
    view.keys(":note 0..1 a\n:note 1..2 b\nBG").keys("xxx");
    assert!(view.screen().contains("no marks: "), "{}", view.screen());
    view.keys("x\n").press(KeyCode::Enter);
    let underlined = view.buffer()[(10, 2)].modifier.contains(Modifier::UNDERLINED);
    assert!(!underlined);
}
