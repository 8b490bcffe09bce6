use std::time::Duration;

use super::*;

#[test]
fn digits_take_effect_at_once_first_the_high_half_then_the_low() {
    let (file, mut view) = edit_demo((80, 24));
    view.keys(":set theme mono\n");
    assert_eq!(row(&view, "00000000")[..36], *"00000000  93 44 45 4d 4f 01 00 00  0");
    view.keys("R");
    assert!(status(&view).starts_with("OVERWRITE hex  0x0 = 0"), "{}", status(&view));
    view.keys("d");
    assert_eq!(
        (row(&view, "00000000")[..17].to_owned(), view.at()),
        ("00000000 <d3>44 4".to_owned(), 0)
    );
    view.keys("e");
    assert_eq!(
        (row(&view, "00000000")[..17].to_owned(), view.at()),
        ("00000000 <de>44 4".to_owned(), 1)
    );
    view.keys("ad");
    assert_eq!(row(&view, "00000000")[..19], *"00000000 <de ad>45 ");
    assert!(
        title(&view).starts_with("demo.bin [+] 1 edit  writable  8192 bytes"),
        "{}",
        title(&view)
    );
    view.keys("\x1b");
    assert!(status(&view).starts_with("0x2 = 2"), "{}", status(&view));
    // The run is one step.
    assert_eq!(view.keys("u").footer(), "undone: 1 edit; 8192 bytes");
    assert_eq!(row(&view, "00000000")[..17], *"00000000  93 44 4");
    assert_eq!(view.at(), 0);
    assert!(!title(&view).contains("[+]"), "{}", title(&view));
    view.ctrl('r');
    assert_eq!(row(&view, "00000000")[..17], *"00000000 <de ad>4");
    view.keys("uU");
    assert_eq!(row(&view, "00000000")[..17], *"00000000 <de ad>4");
    assert_eq!(view.keys("U").footer(), "there is nothing to redo");
    assert_eq!(view.keys("9u").footer(), "undone: 1 edit; 8192 bytes");
    assert_eq!(view.keys("u").footer(), "there is nothing to undo");
    assert_eq!(std::fs::read(&file.path).unwrap(), demo(), "nothing is written");
}

#[test]
fn text_is_typed_in_the_other_column_and_in_the_table_of_characters() {
    let (_file, mut view) = edit_demo((80, 24));
    view.keys(":set table latin1\nR\t");
    assert!(status(&view).starts_with("OVERWRITE text"), "{}", status(&view));
    view.keys("Zé");
    assert_eq!(row(&view, "00000000")[10..18], *"5a e9 45");
    assert_eq!(view.keys("ł").footer(), "'ł' is not in latin1; Tab types hex, Esc ends typing");
    assert_eq!(view.at(), 2, "refused, not obeyed");
    // Tab ends the run, too.
    view.keys("\tff\x1b");
    assert!(title(&view).contains("[+] 2 edits"), "{}", title(&view));
    view.keys("u");
    assert_eq!(row(&view, "00000000")[10..18], *"5a e9 45");
    assert_eq!(
        view.keys("R").keys("q").footer(),
        "'q' is no hex digit; Tab types text, Esc ends typing"
    );
    assert!(view.press(KeyCode::F(2)).footer().contains("types nothing"), "{}", view.footer());
    assert!(view.keys("\n").footer().contains("types nothing"), "{}", view.footer());
    assert!(status(&view).starts_with("OVERWRITE"));
    view.ctrl('c');
    assert!(!status(&view).contains("OVERWRITE"));
    view.keys(":set table utf8\nA\té✓\x1b");
    assert_eq!((view.len(), view.at()), (8192 + 5, 8192 + 4));
}

#[test]
fn bytes_are_inserted_before_after_and_at_the_end() {
    let (_file, mut view) = edit_demo((80, 24));
    view.keys("2l").keys("i");
    assert!(status(&view).starts_with("INSERT hex  0x2"), "{}", status(&view));
    view.keys("f");
    assert_eq!(row(&view, "00000000")[10..24], *"93 44 f0 45 4d");
    view.keys("eab\x1b");
    assert_eq!(
        (row(&view, "00000000")[10..27].to_owned(), view.at()),
        ("93 44 fe ab 45 4d".to_owned(), 4)
    );
    assert!(title(&view).contains("8194 bytes (+2)"), "{}", title(&view));
    assert!(status(&view).contains("on disk at 0x2"), "{}", status(&view));
    view.keys("0").keys("a").keys("01\x1b");
    assert_eq!(row(&view, "00000000")[10..22], *"93 01 44 fe ");
    view.keys("A");
    assert!(
        status(&view).starts_with("INSERT hex  0x2003, after the last byte"),
        "{}",
        status(&view)
    );
    view.keys("7\x1b");
    assert_eq!((view.len(), view.at()), (8196, 8195));
    assert!(row(&view, "00002000").starts_with("00002000  "), "{}", view.screen());
    // Insert changes what is typed.
    view.keys("gg").press(KeyCode::Insert).keys("1").press(KeyCode::Insert);
    assert!(status(&view).starts_with("INSERT hex"), "{}", status(&view));
    view.keys("9");
    assert_eq!(row(&view, "00000000")[10..18], *"90 13 01");
    view.keys("\x1b5u");
    assert_eq!(row(&view, "00000000")[10..18], *"93 44 45");
    assert_eq!(view.len(), 8192);
}

#[test]
fn backspace_takes_back_what_was_typed() {
    let (_file, mut view) = edit_demo((80, 24));
    view.keys("lR12345");
    assert_eq!(row(&view, "00000000")[10..24], *"93 12 34 5d 4f");
    view.press(KeyCode::Backspace);
    assert_eq!(
        (row(&view, "00000000")[10..24].to_owned(), view.at()),
        ("93 12 34 4d 4f".to_owned(), 3)
    );
    view.press(KeyCode::Backspace);
    assert_eq!(
        (row(&view, "00000000")[10..24].to_owned(), view.at()),
        ("93 12 45 4d 4f".to_owned(), 2)
    );
    view.keys("ff").press(KeyCode::Backspace).press(KeyCode::Backspace);
    assert_eq!(row(&view, "00000000")[10..24], *"93 44 45 4d 4f");
    assert!(!title(&view).contains("[+]"), "{}", title(&view));
    // Before what was typed, it only moves.
    view.press(KeyCode::Backspace);
    assert_eq!(
        (view.at(), row(&view, "00000000")[10..24].to_owned()),
        (0, "93 44 45 4d 4f".to_owned())
    );
    view.press(KeyCode::Backspace);
    assert_eq!(view.at(), 0);
    view.keys("\x1bi1234");
    assert_eq!((view.len(), view.at()), (8194, 2));
    view.press(KeyCode::Backspace).keys("5");
    assert_eq!(
        (view.len(), row(&view, "00000000")[10..21].to_owned()),
        (8194, "12 50 93 44".to_owned())
    );
    for _ in 0..3 {
        view.press(KeyCode::Backspace);
    }
    assert_eq!((view.len(), view.at()), (8192, 0));
    // At the end, too.
    view.keys("\x1bA1").press(KeyCode::Backspace).keys("22").press(KeyCode::Backspace);
    assert_eq!(view.len(), 8192);
    assert!(status(&view).contains("after the last byte"), "{}", status(&view));
}

#[test]
fn a_run_ends_by_motion_a_pause_and_the_mouse() {
    let (_file, mut view) = edit_demo((80, 24));
    view.keys("R11").press(KeyCode::Right).keys("22");
    view.pass(Duration::from_secs(3)).keys("33");
    view.mouse_down(10, 3).mouse_up();
    assert_eq!(view.at(), 16);
    view.keys("44").pass(Duration::from_secs(1)).keys("55");
    assert!(title(&view).contains("[+] 4 edits"), "{}", title(&view));
    assert_eq!(row(&view, "00000000")[10..24], *"11 44 22 33 4f");
    assert_eq!(row(&view, "00000010")[10..15], *"44 55");
    view.keys("\x1bu");
    assert_eq!((view.at(), row(&view, "00000010")[10..15].to_owned()), (16, hex(&demo()[16..18])));
    // Arrows stay in the mode, and a half of a byte is a byte.
    view.keys("ggR1")
        .press(KeyCode::Right)
        .keys("2")
        .press(KeyCode::Down)
        .press(KeyCode::Home)
        .keys("3");
    assert_eq!(row(&view, "00000000")[10..15], *"11 24");
    assert_eq!(row(&view, "00000010")[10..12], *"34");
}

#[test]
fn over_the_end_nothing_is_typed_and_a_byte_of_a_file_of_none_is_inserted() {
    let file = OnDisk::new(b"ab");
    let mut view = writable(&file, (80, 24));
    view.keys("GR3334");
    assert_eq!(view.footer(), "the file ends here; Insert changes to inserting");
    assert_eq!(row(&view, "00000000")[10..16], *"61 33 ");
    view.keys("\x1bggd$");
    assert_eq!((view.len(), view.footer()), (0, "deleted 2 B; 0 bytes (-2)".to_owned()));
    assert!(view.screen().contains("i   inserts the first byte"), "{}", view.screen());
    assert_eq!(view.keys("R").footer(), "there is no byte to type over; i inserts the first one");
    assert_eq!(view.keys("x").footer(), "there is no byte to delete");
    view.keys("i4142\x1b");
    assert_eq!((view.len(), row(&view, "00000000")[10..15].to_owned()), (2, "41 42".to_owned()));
    view.keys("9u");
    assert_eq!(row(&view, "00000000")[10..15], *"61 62");
}

#[test]
fn bytes_are_deleted_by_selection_motion_and_row() {
    let (_file, mut view) = edit_demo((80, 24));
    assert_eq!(view.keys("x").footer(), "deleted 1 B; 8191 bytes (-1)");
    view.keys("u3x");
    assert_eq!((view.len(), row(&view, "00000000")[10..15].to_owned()), (8189, "4d 4f".to_owned()));
    view.keys("u").keys("l").keys("v3l").press(KeyCode::Delete);
    assert_eq!(
        (view.len(), view.at(), row(&view, "00000000")[10..15].to_owned()),
        (8188, 1, "93 01".to_owned())
    );
    // What is first afterwards.
    for (keys, len, at, first) in [
        ("ggdd", 8176, 0, 16),
        ("gg3dd", 8144, 0, 48),
        ("gg4ldd", 8176, 0, 16),
        ("ggdj", 8160, 0, 32),
        ("ggjdk", 8160, 0, 32),
        ("gg4ld0", 8188, 0, 4),
        ("gg4ld$", 8180, 4, 0),
        ("ggdl", 8191, 0, 1),
        ("ggldh", 8191, 0, 1),
        ("gg1jdG", 16, 15, 0),
    ] {
        view.keys("99u").keys(keys);
        let first = hex(&demo()[first..first + 2]);
        let shown = row(&view, "00000000")[10..15].to_owned();
        assert_eq!((view.len(), view.at(), shown), (len, at, first), "{keys}");
    }
    assert!(view.keys("99udq").footer().starts_with("dq does nothing"), "{}", view.footer());
    assert_eq!(view.keys("dw").footer(), "dw does nothing; after d come d");
}

#[test]
fn what_was_copied_is_pasted_over_or_inserted_and_dot_repeats() {
    let (_file, mut view) = edit_demo((80, 24));
    assert_eq!(view.keys("p").footer(), "nothing was copied here so far; y copies");
    view.keys("v3lyh\x1b4l").keys("p");
    assert_eq!(view.footer(), "pasted over 4 B; P inserts, u undoes");
    assert_eq!((view.len(), view.at()), (8192, 7));
    assert_eq!(row(&view, "00000000")[31..48], *"93  44 45 4d 00 d");
    view.keys("j.");
    assert_eq!(row(&view, "00000010")[31..43], *"93  44 45 4d");
    assert_eq!(view.keys("ggP").footer(), "inserted 4 B; 8196 bytes (+4)");
    assert_eq!(row(&view, "00000000")[10..27], *"93 44 45 4d 93 44");
    view.keys("2.");
    assert_eq!(view.len(), 8204);
    view.keys("G").keys("p");
    assert_eq!(view.footer(), "pasted over 1 of 4 bytes: the file ends here; P inserts");
    view.keys("99u").keys("ggR4142\x1b3l.");
    assert_eq!(row(&view, "00000000")[10..33], *"41 42 45 4d 4f 41 42 00");
    view.keys("99u").keys("ggxj.");
    assert_eq!((view.len(), view.at()), (8190, 16));
    view.keys("99u").keys("ggdd.");
    assert_eq!(view.len(), 8160);
    view.keys("99u").keys("ggi4142\x1b.");
    assert_eq!(row(&view, "00000000")[10..24], *"41 42 41 42 93");
}

#[test]
fn on_a_file_that_is_read_only_every_key_says_how_to_allow_it() {
    let file = OnDisk::new(&demo());
    let mut view = file.view((80, 24));
    let said = "read-only: lazyhex -w or :edit on allows changes; the inspector is on I or F3";
    for key in ["i", "a", "A", "R", "x", "d", "p", "P", ".", "u", "U", "]c", "[c"] {
        assert_eq!(view.keys(key).footer(), said, "{key}");
        view.keys("\x1b");
    }
    for key in [KeyCode::Insert, KeyCode::Delete] {
        assert_eq!(view.press(key).footer(), said);
    }
    assert_eq!(view.ctrl('r').footer(), said);
    assert_eq!(view.at(), 0);
    view.keys(":edit on\n:type u2\nx");
    assert_eq!(view.footer(), "bytes are edited in the hex view: t");
    assert_eq!(view.len(), 8192);
}

#[test]
fn keys_that_type_over_bytes_which_are_not_read_wait_for_them() {
    let (_file, mut view) = edit_demo((80, 24));
    view.keys("]z").hold_reads().keys("G").keys("R41\x1b");
    assert_eq!(view.footer(), "waiting for the bytes here to be read  Ctrl-c ends typing");
    assert!(!title(&view).contains("[+]"), "nothing is typed blindly: {}", title(&view));
    view.release_reads();
    assert!(title(&view).contains("[+] 1 edit"), "{}", title(&view));
    assert!(status(&view).contains("41 65 'A'"), "{}", status(&view));
    view.keys("u").keys("gg").hold_reads().keys("]zR41").ctrl('c');
    assert!(!status(&view).contains("OVERWRITE"), "{}", status(&view));
}

#[test]
fn pasted_text_is_typed() {
    let (_file, mut view) = edit_demo((80, 24));
    view.keys("R").paste("de ad\nBEEF");
    assert_eq!(
        (row(&view, "00000000")[10..21].to_owned(), view.at()),
        ("de ad be ef".to_owned(), 4)
    );
    assert_eq!(view.paste("xyz").footer(), "what was pasted cannot be typed as hex");
    view.keys("\t").paste("xyz").keys("\x1bu");
    assert_eq!(row(&view, "00000000")[10..24], *"de ad be ef 4f");
}

#[test]
fn other_keys_of_the_terminal_work_while_typing() {
    let (_file, mut view) = edit_demo((80, 24));
    view.keys("R").key(KeyEvent::new(KeyCode::Char('l'), KeyModifiers::CONTROL));
    view.resize(100, 30).keys("41");
    assert!(status(&view).starts_with("OVERWRITE hex"), "{}", status(&view));
    // The other view takes the keys as they are.
    view.keys("\x1b|").keys("R");
    view.mouse_down(10, 5).mouse_up();
    view.keys("j");
    assert!(!view.screen().contains("OVERWRITE"), "{}", view.screen());
}
