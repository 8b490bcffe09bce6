//! How bytes, values and results are shown, and that all of them can be read in full.

use std::time::Duration;

use crossterm::event::KeyCode;
use lazyhex::testing::Stage;
use memmap::RamMap;

use super::{OnDisk, demo_view, view};

/// Rows of the screen, without quotes.
fn rows(view: &Stage) -> Vec<String> {
    view.screen().lines().map(|line| line.trim_matches('"').to_owned()).collect()
}

/// A view in UTF-8.
fn utf8(bytes: &[u8], size: (u16, u16)) -> Stage {
    let mut view = view(RamMap::from_reader(bytes).unwrap().erase(), size);
    view.keys(":set table utf8\n");
    view
}

/// The text column of some rows, on a screen with 16 bytes per row.
fn characters(view: &Stage, from: usize, count: usize) -> Vec<String> {
    let text = |row: &String| row.chars().skip(60).take(16).collect::<String>();
    rows(view).iter().skip(from).take(count).map(text).collect()
}

#[test]
fn a_character_that_crosses_the_end_of_a_row_is_shown_whole() {
    for c in ['ä', '€', '𝄞'] {
        for before in 17 - c.len_utf8()..16 {
            let text = "x".repeat(before) + &String::from(c) + &"y".repeat(24);
            let mut it = utf8(text.as_bytes(), (80, 24));
            let (first, after) =
                ("x".repeat(before) + &String::from(c), before + c.len_utf8() - 16);
            let blanks = |text: String| format!("{text:<16}");
            let second = " ".repeat(after) + &"y".repeat(16 - after);
            assert_eq!(characters(&it, 2, 2), [blanks(first), second.clone()], "{c} at {before}");
            // The row with the character's first byte is just outside the screen.
            let mut long: Vec<u8> = (0..4096_usize).map(|n| b"abcdefg"[n / 16 % 7]).collect();
            long[2032..][..text.len()].copy_from_slice(text.as_bytes());
            it = utf8(&long, (80, 24));
            it.keys("z:2048\n");
            let mut steps = 0..100;
            while !rows(&it)[2].starts_with("00000800") {
                assert!(steps.next().is_some(), "{}", it.screen());
                it.keys("j");
            }
            assert_eq!(characters(&it, 2, 1), [second], "{c} at {before}");
        }
    }
}

#[test]
fn a_wide_character_at_the_end_of_a_row_is_shown_where_the_screen_has_a_cell_for_it() {
    let text = "x".repeat(15) + "漢" + &"y".repeat(20);
    let it = utf8(text.as_bytes(), (80, 24));
    assert!(rows(&it)[2].contains("xxx漢"), "{}", it.screen());
    assert_eq!(characters(&it, 3, 1), ["  yyyyyyyyyyyyyy"]);
}

#[test]
fn what_is_no_character_is_a_dot_on_both_rows() {
    let mut bytes = vec![b'x'; 40];
    bytes[15..18].copy_from_slice(b"\xe2\x82x");
    let it = utf8(&bytes, (80, 24));
    assert_eq!(characters(&it, 2, 2), ["xxxxxxxxxxxxxxx·", "·xxxxxxxxxxxxxxx"]);
}

#[test]
fn both_columns_of_the_inspector_say_their_byte_order() {
    for (width, place) in [(160, 0), (160, 0x1000), (120, 0), (200, 0x1fff)] {
        let mut it = demo_view((width, 50));
        it.keys(&format!(":{place}\n"));
        if !it.screen().contains("inspector @") {
            it.keys("I");
        }
        let title = rows(&it).into_iter().find(|row| row.contains("inspector @")).unwrap();
        let (le, be) = (title.find(" LE ").unwrap(), title.find("BE").unwrap());
        assert!(le < be, "{title}");
    }
}

#[test]
fn a_digest_is_shown_whole_below_the_bytes_and_among_the_jobs() {
    const DIGEST: &str = "ff8ccf27b80d6ba2c0c3c4fd7c3b5bd3c17b0e3f1a0d4f4c5e0fb7ac7b8d3f11";
    for width in [80, 100, 160] {
        let mut it = demo_view((width, 24));
        it.keys("#s");
        let whole = |text: &str| {
            let is_hex = |word: &str| {
                word.len() == DIGEST.len() && u128::from_str_radix(&word[..32], 16).is_ok()
            };
            text.split(' ').any(is_hex)
        };
        assert!(whole(&it.footer()), "{}", it.footer());
        it.keys("K");
        let jobs: Vec<String> = rows(&it).into_iter().filter(|row| row.contains('✓')).collect();
        assert!(jobs.iter().any(|row| whole(row)), "{}", it.screen());
    }
}

#[test]
fn messages_are_listed_with_their_times_and_copied() {
    let mut it = demo_view((80, 24));
    it.keys("ma").pass(Duration::from_secs(61)).keys("'q");
    assert!(it.footer().starts_with("E: there is no mark q"), "{}", it.footer());
    it.pass(Duration::from_secs(2)).keys("#s:messages\n");
    insta::assert_snapshot!(it.screen());
    it.keys("y");
    let copies = it.copies();
    assert!(copies[0].starts_with("sha256 of all, 8.00 KiB: "), "{copies:?}");
    assert_eq!(copies[0].len(), "sha256 of all, 8.00 KiB: ".len() + 64);
    // The copy itself adds a message, but the selection stays.
    it.keys("ggy");
    assert_eq!(it.copies(), ["mark a at 0x0"]);
    assert!(it.footer().starts_with("copied the message"), "{}", it.footer());
}

#[test]
fn an_error_is_read_before_the_next_key_wipes_it() {
    let mut it = demo_view((80, 24));
    it.keys("'qj");
    assert!(it.footer().starts_with("E: there is no mark q"), "{}", it.footer());
    it.pass(Duration::from_millis(1900)).keys("j");
    assert!(it.footer().starts_with("E: there is no mark q"), "{}", it.footer());
    it.pass(Duration::from_millis(100)).keys("j");
    assert!(!it.footer().contains("E: "), "{}", it.footer());
    it.keys("maj");
    assert!(!it.footer().contains("mark a"), "{}", it.footer());
}

#[test]
fn a_message_that_does_not_fit_says_where_all_of_it_is() {
    let mut it = demo_view((60, 24));
    it.keys(":tab /there/is/no/such/directory/and/no/such/file/in/it\n");
    assert!(it.footer().ends_with("… :messages"), "{}", it.footer());
    it.keys("\x1b:messages\n");
    // Line breaks depend on the length of the temporary path.
    let whole = it.screen().replace(['"', '\n'], " ");
    let words: Vec<&str> = whole.split_whitespace().collect();
    assert!(words.join(" ").contains("no such file; check the path"), "{}", it.screen());
}

#[test]
fn the_first_frame_has_the_inspector() {
    for size in [(80, 24), (80, 19), (160, 50), (40, 12), (64, 24)] {
        let mut it = Stage::new(size);
        it.hold_reads().open("demo.bin", RamMap::from_reader(&super::demo()[..]).unwrap().erase());
        it.begin();
        let before = rows(&it)
            .iter()
            .take(12)
            .map(|row| row.chars().take(4).collect())
            .collect::<Vec<String>>();
        it.release_reads();
        insta::assert_snapshot!(format!("the_first_frame_at_{}x{}", size.0, size.1), it.screen());
        let after = rows(&it)
            .iter()
            .take(12)
            .map(|row| row.chars().take(4).collect())
            .collect::<Vec<String>>();
        assert_eq!(before[2], after[2], "bytes stay where they are");
    }
}

#[test]
fn the_inspector_is_a_pane_where_there_is_room_until_the_user_says_otherwise() {
    let mut it = demo_view((160, 50));
    assert!(it.screen().contains("│ u8        147"), "{}", it.screen());
    // On a narrow screen the inspector has two lines; on a wide one it is a pane again.
    it.resize(80, 24);
    assert!(it.screen().contains(" u8 147  u16 "), "{}", it.screen());
    it.resize(160, 50);
    assert!(it.screen().contains("│ u8        147"), "{}", it.screen());
    it.press(KeyCode::F(3));
    assert!(it.screen().contains(" u8 147  u16 "), "{}", it.screen());
    it.resize(80, 24).resize(160, 50);
    assert!(!it.screen().contains("│ u8        147"), "it was closed: {}", it.screen());
    for (value, pane, strip) in [("on", true, false), ("off", false, false), ("auto", false, true)]
    {
        it.resize(80, 24).keys(&format!(":set inspector {value}\n"));
        assert_eq!(it.screen().contains(" bits      1001 0011"), pane, "{value}: {}", it.screen());
        assert_eq!(it.screen().contains(" u8 147  u16 "), strip, "{value}: {}", it.screen());
    }
}

#[test]
fn hints_are_whole_and_those_that_matter_most_come_first() {
    for width in 20..120 {
        let it = demo_view((width, 24));
        let all = "/ search  : go to, command  I inspector  v select  ? help  q quit";
        let footer = it.footer();
        let rest = all.strip_prefix(footer.as_str()).unwrap_or_else(|| panic!("{footer}"));
        assert!(rest.is_empty() || rest.starts_with("  "), "{footer}");
    }
}

#[test]
fn repeated_rows_say_what_they_repeat() {
    let mut bytes = vec![0; 4096];
    bytes.resize(8192, 0x55);
    let it = view(RamMap::from_reader(&bytes[..]).unwrap().erase(), (80, 24));
    assert!(it.screen().contains("* 3.98 KiB of zeros"), "{}", it.screen());
    assert!(it.screen().contains("* 3.98 KiB of the row above"), "{}", it.screen());
}

#[test]
fn a_screen_that_is_too_small_says_what_is_needed() {
    for size in [(19, 10), (30, 3), (12, 4), (1, 1)] {
        let mut it = demo_view(size);
        let said: Vec<String> = rows(&it).iter().map(|row| row.trim().to_owned()).collect();
        let said = said.join(" ").trim_end().to_owned();
        let whole = "terminal too small: 20×4 needed";
        assert!(said == whole || size.0 == 1 && whole.starts_with(&said), "{}", it.screen());
        it.keys("jj").resize(20, 4);
        assert!(it.at() > 0 && it.screen().contains("0000"), "{}", it.screen());
    }
}

#[test]
fn an_empty_file_says_how_to_wait_for_bytes() {
    let file = OnDisk::new(b"");
    let it = file.view((80, 24));
    insta::assert_snapshot!(it.screen());
}

#[test]
fn a_pane_with_nothing_in_it_says_what_would_fill_it() {
    for (key, said) in [
        ('B', "no marks: m a…z sets one"),
        ('H', "no matches: / searches"),
        ('K', "no jobs: / searches"),
    ] {
        let mut it = demo_view((80, 24));
        it.press(KeyCode::Char(key));
        assert!(it.screen().contains(said), "{}", it.screen());
    }
}
