use super::*;

/// Where a mark is.
fn mark(view: &mut Stage, name: char) -> u64 {
    view.keys(&format!("'{name}")).at()
}

#[test]
fn marks_move_with_edits_and_come_back_on_undo() {
    let (_file, mut view) = edit_demo((80, 24));
    view.keys(":0x10\nma:0x20\nmb:0x30\nmc");
    view.keys(":0x18\ni4142\x1b");
    assert_eq!(['a', 'b', 'c'].map(|name| mark(&mut view, name)), [0x10, 0x22, 0x32]);
    view.keys(":delete 0x20..0x30\n");
    assert_eq!(['a', 'b', 'c'].map(|name| mark(&mut view, name)), [0x10, 0x20, 0x22]);
    view.keys("u");
    assert_eq!(['a', 'b', 'c'].map(|name| mark(&mut view, name)), [0x10, 0x22, 0x32]);
    view.keys("u");
    assert_eq!(['a', 'b', 'c'].map(|name| mark(&mut view, name)), [0x10, 0x20, 0x30]);
    view.keys("2U");
    assert_eq!(['a', 'b', 'c'].map(|name| mark(&mut view, name)), [0x10, 0x20, 0x22]);
    // A mark that is set in a version belongs to it.
    view.keys(":0x40\nmd").keys("2u");
    assert_eq!(mark(&mut view, 'd'), 0x4e);
    assert!(view.keys("B").screen().contains("d  0x4e"), "{}", view.screen());
}

#[test]
fn a_mark_set_while_a_run_went_on_belongs_to_what_was_typed() {
    let (_file, mut view) = edit_demo((80, 24));
    view.keys("i41\x1b").keys(":0x21\nma").keys("ggi4243\x1b");
    assert_eq!(mark(&mut view, 'a'), 0x23);
    view.keys("2u");
    assert_eq!(mark(&mut view, 'a'), 0x20);
    view.keys("2U");
    assert_eq!(mark(&mut view, 'a'), 0x23);
}

#[test]
fn jumps_selections_and_other_views_move_too() {
    let (_file, mut view) = edit_demo((120, 40));
    view.keys("|").keys(":0x50\nvl");
    let other = view.cursors();
    view.keys("\t:0x100\n:0x200\ngg").keys("P");
    view.keys("yh").keys("P");
    let by = 1;
    assert_eq!(view.cursors(), [0, other[1] + by]);
    view.ctrl('o');
    assert_eq!(view.at(), 0x200 + by);
    view.ctrl('o');
    assert_eq!(view.at(), 0x100 + by);
    view.keys("u");
    assert_eq!(view.cursors()[1], other[1]);
    view.keys("\t");
    assert!(status(&view).contains("2 B selected"), "{}", status(&view));
}

#[test]
fn the_length_and_the_place_on_disk_are_shown_where_they_differ() {
    let (_file, mut view) = edit_demo((80, 24));
    view.keys(":0x20\ni7631\x1b:0x1f\n");
    assert!(!status(&view).contains("on disk"), "{}", status(&view));
    view.keys("l");
    assert!(!status(&view).contains("on disk"), "an inserted byte is nowhere: {}", status(&view));
    view.keys("2l");
    assert!(status(&view).contains("on disk at 0x20"), "{}", status(&view));
    assert!(title(&view).contains("8194 bytes (+2)"), "{}", title(&view));
}

#[test]
fn changes_are_visited_in_both_directions() {
    let (_file, mut view) = edit_demo((80, 24));
    assert_eq!(view.keys("]c").footer(), "no edits yet");
    view.keys(":0x20\nR4142\x1b:0x22\ni43\x1b:0x1000\nx:0x1fff\nR00\x1bgg");
    let next = |view: &mut Stage, keys: &str| view.keys(keys).at();
    // What touches is one change, and a deletion is where it was.
    assert_eq!(
        ["]c", "]c", "]c", "[c", "[c"].map(|keys| next(&mut view, keys)),
        [0x20, 0x1000, 0x1fff, 0x1000, 0x20]
    );
    assert_eq!(view.keys("]c[c[c").footer(), "E: there is no previous change");
    assert_eq!(view.at(), 0x20);
    view.keys("gg");
    assert_eq!(next(&mut view, "9]c"), 0x1fff);
    assert_eq!(view.keys("]c").footer(), "E: there is no next change");
    view.keys("2").ctrl('o');
    assert_eq!(view.at(), 0x20);
}

#[test]
fn edited_bytes_stand_out_with_and_without_colours() {
    use ratatui::style::Modifier;
    let (_file, mut view) = edit_demo((80, 24));
    view.keys(":set theme 16\nlR4142\x1b2l");
    let style = |view: &Stage, x: u16| view.buffer()[(x, 2)].modifier;
    let marked = Modifier::BOLD | Modifier::UNDERLINED;
    assert!(style(&view, 13).contains(marked) && style(&view, 17).contains(marked));
    assert!(!style(&view, 10).intersects(marked) && !style(&view, 19).intersects(marked));
    assert_eq!(row(&view, "00000000")[9..22], *" 93 41 42 4d ");
    view.keys(":set theme mono\n");
    assert_eq!(row(&view, "00000000")[9..22], *" 93<41 42>4d ");
    view.keys(":0x18\ni31323334\x1b").keys(":set columns 8\n");
    assert!(row(&view, "00000018")[9..].starts_with("<31 32 33 34>"), "{}", view.screen());
}

#[test]
fn matches_keep_to_their_bytes_and_say_which_were_edited() {
    let file = OnDisk::new(b"one..two..one..two..one..one..");
    let mut view = writable(&file, (80, 24));
    view.keys("/one\n");
    let next = |view: &mut Stage| view.keys("n").at();
    assert_eq!([next(&mut view), next(&mut view), next(&mut view)], [10, 20, 25]);
    view.keys("ggi2e2e2e\x1b:23\nR4f\x1bgg");
    // 3 bytes were inserted before the first one, and the third one is no more what it was.
    assert_eq!(next(&mut view), 3);
    assert_eq!(view.footer(), "match 1 of 4 (as the file was; / Enter searches again)");
    assert!(status(&view).contains("match 1 of 4"), "{}", status(&view));
    assert_eq!(next(&mut view), 13);
    assert_eq!(next(&mut view), 23);
    assert_eq!(
        view.footer(),
        "match 3 of 4, edited since (as the file was; / Enter searches again)"
    );
    assert_eq!([next(&mut view), view.keys("N").at()], [28, 23]);
    view.keys("H");
    assert!(
        view.screen().contains("0x00000017") && view.screen().contains("edited: One"),
        "{}",
        view.screen()
    );
    assert_eq!(view.keys("G\n").at(), 28);
    view.keys("q9u:0\n");
    assert_eq!([next(&mut view), next(&mut view), next(&mut view)], [10, 20, 25]);
}

#[test]
fn the_session_has_places_of_the_file_that_is_opened_again() {
    let file = OnDisk::new(&demo());
    let session = file.path.with_file_name("session.json");
    let open = || {
        let mut stage = Stage::with(lazyhex::Settings::default(), (80, 24), Some(&session));
        let map = memmap::MemMap::open(&file.path, memmap::Mode::Read).unwrap();
        stage.open("demo.bin", map.erase()).begin();
        stage
    };
    let mut view = open();
    view.keys(":edit on\n:0x20\nmaggi01020304\x1b:0x44\n").terminate();
    let mut again = open();
    assert_eq!(again.at(), 0x40);
    assert_eq!(mark(&mut again, 'a'), 0x20);
}
