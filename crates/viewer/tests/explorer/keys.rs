//! Counts, two-key commands, unused keys, and configured keys.

use std::fmt::Write as _;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use lazyhex::testing::Stage;
use memmap::{MemMap, RamMap};

use super::{demo_view, view};

#[test]
fn a_count_repeats_every_motion() {
    let mut view = demo_view((80, 24));
    for (keys, at) in [
        ("5l", 5),
        ("3h", 2),
        ("5j", 0x52),
        ("2k", 0x32),
        ("12l", 0x3e),
        ("10j", 0xde),
        ("0", 0xd0),
        ("3$", 0xff),
        ("2 ", 0xff + 2 * 17 * 16),
        ("100G", 100),
        ("G", 8191),
    ] {
        // With folding, repeated rows would be one row.
        assert_eq!(view.keys(":set folds off\n").keys(keys).at(), at, "{keys:?}");
    }
    view.keys(":0\n2").ctrl('d');
    assert_eq!(view.at(), 18 * 16);
    view.keys("2").ctrl('u');
    assert_eq!(view.at(), 0);
    let arrows = view.keys("7").press(KeyCode::Right).keys("2").press(KeyCode::Down);
    assert_eq!(arrows.at(), 0x27);
}

#[test]
fn a_count_goes_to_the_nth_landmark_in_one_jump() {
    let mut view = demo_view((80, 24));
    let mut places = vec![0];
    for _ in 0..5 {
        places.push(view.keys("w").at());
    }
    assert_eq!(view.keys(":0\n5w").at(), places[5]);
    assert_eq!(view.keys("2b").at(), places[3]);
    view.ctrl('o');
    assert_eq!(view.at(), places[5], "one jump for the count");
    view.ctrl('o');
    assert_eq!(view.at(), 0);
    // If fewer follow, the cursor stops at the last one, with a message.
    assert_eq!(view.keys("9]z").at(), 0x80);
    assert_eq!(view.footer(), "there is no next run of zeros after 1 of them");
}

#[test]
fn a_landmark_key_pressed_again_while_it_searches_goes_one_further() {
    let mut view = demo_view((80, 24));
    let mut places = vec![0];
    for _ in 0..5 {
        places.push(view.keys("w").at());
    }
    view.keys(":0\n").hold_jobs(true);
    assert_eq!(view.keys("ww2w").at(), 0, "none has ended");
    assert_eq!(view.hold_jobs(false).settle().at(), places[4]);
    // Another landmark, or the other direction, starts anew.
    view.hold_jobs(true).keys("wwb").hold_jobs(false).settle();
    assert_eq!(view.at(), places[3]);
}

#[test]
fn a_count_goes_to_the_nth_match_mark_nan_jump_and_tab() {
    let mut view = demo_view((80, 24));
    view.keys("/e\n");
    let mut places = vec![view.at()];
    for _ in 0..16 {
        places.push(view.keys("n").at());
    }
    view.keys("n");
    assert_eq!(view.at(), places[0]);
    assert_eq!((view.keys("5n").at(), view.footer().as_str()), (places[5], "match 6 of 17"));
    assert_eq!((view.keys("3N").at(), view.footer().as_str()), (places[2], "match 3 of 17"));
    let around = "match 2 of 17, from the start again";
    assert_eq!((view.keys("33n").at(), view.footer().as_str()), (places[1], around));
    let around = "match 16 of 17, from the end again";
    assert_eq!((view.keys("20N").at(), view.footer().as_str()), (places[15], around));
    assert_eq!(view.keys("999999999999n").footer(), "match 11 of 17, from the start again");

    view.keys(":16\nma:32\nmb:48\nmc:0\n");
    assert_eq!(view.keys("2]m").at(), 32);
    assert_eq!(view.keys("9]m").at(), 48);
    assert_eq!(view.keys("2[m").at(), 16);
    view.keys(":100\n:200\n:300\n3").ctrl('o');
    assert_eq!(view.at(), 16);
    view.keys("2").ctrl('p');
    assert_eq!(view.at(), 200);
}

#[test]
fn a_count_of_a_search_that_goes_on_waits_for_that_match() {
    let mut view = demo_view((80, 24));
    view.hold_jobs(true).keys("/e\n");
    while view.at() == 0 {
        view.step(0);
    }
    let first = view.at();
    view.keys("9n");
    assert!(
        view.at() > first || view.footer().starts_with("not searched yet"),
        "{}",
        view.footer()
    );
    view.hold_jobs(false).settle();
    let at = view.at();
    assert_eq!(view.keys("9N").at(), first);
    assert_eq!(view.keys("9n").at(), at);
}

#[test]
fn elements_and_lists_are_counted_too() {
    let mut view = demo_view((80, 24));
    view.keys(":type u4 shape=-1,3\n");
    for (keys, at) in [("2j", 24), ("4l", 40), ("5h", 20), ("7gg", 28), ("9G", 36), ("2k", 12)] {
        let keys = if keys == "7gg" { ":28\n" } else { keys };
        assert_eq!(view.keys(keys).at(), at, "{keys:?}");
    }
    view.keys(":untype\nma:1\nmb:2\nmc:3\nmdB");
    assert_eq!(view.keys("gg3j\n").at(), 3);
    assert_eq!(view.keys("2k\n").at(), 1);
    assert_eq!(view.keys("3G\n").at(), 2);
    assert_eq!(view.keys("99999999999999999999k\n").at(), 12);
}

#[test]
fn a_count_is_shown_and_dropped() {
    let mut view = demo_view((80, 24));
    assert_eq!(view.keys("12").footer(), "12  times: a motion such as j, w or ]h; Esc drops it");
    assert!(view.keys("]").footer().starts_with("12]  "), "{}", view.footer());
    assert_eq!(view.keys("\x1bj").at(), 16, "Esc drops both");
    assert_eq!(view.keys("5\x1bj").at(), 32);
    // A key without repetition ignores the count.
    assert_eq!(view.keys("5zj").at(), 48);
    assert_eq!(view.keys("5v3l").at(), 51);
    assert!(view.screen().contains("4 B selected"), "{}", view.screen());
    // In the prompt, digits are text, and the pending count is dropped.
    assert_eq!(view.keys("\x1b5:0x10\nj").at(), 0x20);
    view.keys("5").mouse_down(13, 3).mouse_up();
    assert_eq!(view.at(), 0x11);
    assert_eq!(view.keys("j").at(), 0x21);
    view.keys("5").paste("x");
    assert_eq!(view.keys("\x1bj").at(), 0x31);
}

#[test]
fn nothing_moves_down_from_the_last_row_even_if_that_is_folded() {
    let mut noise = super::demo();
    noise.truncate(4096);
    let last = [noise, vec![0; 4096]].concat();
    for bytes in [vec![0; 4096], vec![b'A'; 4096], last, vec![0; 5000]] {
        let end = u64::try_from(bytes.len()).unwrap() - 1;
        let mut view = super::view(RamMap::from_reader(&bytes[..]).unwrap().erase(), (80, 24));
        view.keys("vG");
        for keys in ["j", "3j", " ", "k"] {
            let at = view.keys(keys).at();
            assert_eq!(at == end, keys != "k", "{keys} at {at:#x}");
        }
    }
}

#[test]
fn absurd_counts_cost_no_time() {
    // A scan can only skip holes if the system reports them.
    let len = if cfg!(unix) { 1 << 40 } else { 1 << 24 };
    let file = tempfile::tempfile().unwrap();
    file.set_len(len).unwrap();
    let map = MemMap::options().open_file(&file).unwrap().erase();
    let mut view = view(map, (80, 24));
    // Without the fast path this would be 2^36 steps.
    view.keys(":set folds off\n");
    let last = len - 1;
    for (keys, at) in [
        ("999999999999j", last - 15),
        ("99999999999999999999999k", 0),
        ("99999999999999999999999l", last),
        ("9999999999999h", 0),
        ("99999999999999 ", last - 15),
        ("999999999999$", last),
        ("99999999999999999999G", last),
    ] {
        assert_eq!(view.keys(keys).at(), at, "{keys}");
    }
    view.keys("99999999999999999999").ctrl('u');
    view.keys("99999999999999999999w");
    view.keys("99999999999999999999]z99999999999999999999]b99999999999999999999+");
    let noise = RamMap::from_reader(&super::demo()[..]).unwrap().erase();
    let mut view = super::view(noise, (80, 24));
    assert_eq!(view.keys("99999999999999999999w").at(), view.keys("w").at());
}

#[test]
fn the_inspector_is_a_capital_i_and_i_says_so() {
    let mut view = demo_view((160, 50));
    view.keys(":set inspector off\ni");
    assert_eq!(
        view.footer(),
        "read-only: lazyhex -w or :edit on allows changes; the inspector is on I or F3"
    );
    assert!(!view.screen().contains("inspector @"), "{}", view.screen());
    assert!(view.keys("I").screen().contains("inspector @ 0x0"), "{}", view.screen());
    // Both Enter and y copy.
    assert_eq!(view.keys("\t\n").copies(), ["147"]);
    assert_eq!(view.keys("jy").copies(), ["-109"]);
    assert_eq!(view.keys("3y").copies(), ["-109"]);
    assert!(!view.press(KeyCode::F(3)).screen().contains("inspector @"), "{}", view.screen());
    // In the hex view, y is a prefix key.
    assert!(view.keys("y").copies().is_empty());
    assert_eq!(view.keys("h").copies(), ["93"]);
}

#[test]
fn the_first_byte_is_two_keys() {
    let mut view = demo_view((80, 24));
    view.keys("Gg");
    assert_eq!(view.at(), 8191);
    assert_eq!(view.keys("g").at(), 0);
    view.keys("G").key(KeyEvent::new(KeyCode::Home, KeyModifiers::CONTROL));
    assert_eq!(view.at(), 0);
    assert_eq!(view.keys("512gg").at(), 512);
    assert_eq!(view.keys("MG").keys("gg\n").at(), 0, "in panes too");
}

#[test]
fn a_key_that_means_nothing_says_so_and_names_the_nearest() {
    let mut view = demo_view((80, 24));
    for (keys, said) in [
        ("~", "~: R types over bytes"),
        ("]c", "read-only: lazyhex -w or :edit on allows changes; the inspector is on I or F3"),
        ("V", "V: v selects, here by bytes"),
        ("\\", "\\: / searches; Ctrl-t there changes to hex"),
        ("<", "E: nothing is compared here; :diff FILE compares with another file"),
        (";", ";: n goes to the next match"),
        ("X", "X does nothing; ? lists the keys"),
        ("\u{e9}", "\u{e9} does nothing; ? lists the keys"),
        ("]q", "]q does nothing; after ] come h, z, s, e, u, f, r, d, n, m, c, b"),
        ("gx", "gx does nothing; after g come g, d"),
        ("yq", "y q does nothing; after y come h, c, r, p, b, y"),
        ("\n", "Enter acts in a pane; : goes to a place"),
        ("x", "read-only: lazyhex -w or :edit on allows changes; the inspector is on I or F3"),
        ("}", "} moves along the outer axis of elements; t shows them"),
        (">", "E: there is no tour; lazyhex --demo begins with one. G goes to the last byte"),
        ("maBw", "w works in the bytes; Esc goes back to them"),
    ] {
        assert_eq!(view.keys(keys).footer(), said, "{keys:?}");
    }
    view.ctrl('x');
    assert_eq!(view.footer(), "Ctrl-x: q quits");
    view.press(KeyCode::F(13));
    assert_eq!(view.footer(), "F13 does nothing; ? lists the keys");
    // No message for keys that type nothing.
    view.keys("\u{1b}").press(KeyCode::CapsLock);
    assert!(!view.footer().contains("does nothing"), "{}", view.footer());
    assert_eq!((view.at(), view.exit()), (0, None));
}

#[test]
fn keys_of_the_configuration_count_and_are_shown() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config.toml");
    std::fs::write(&config, "[keys]\nx = \"inspector\"\nI = \"none\"\n\"]x\" = \"next-zeros\"\n")
        .unwrap();
    let mut view = Stage::with(lazyhex::testing::settings_of(&config), (80, 24), None);
    let map = RamMap::from_reader(&super::demo()[..]).unwrap().erase();
    view.open("demo.bin", map).begin();
    assert!(view.footer().contains("x inspector"), "{}", view.footer());
    assert_eq!(
        view.keys("i").footer(),
        "read-only: lazyhex -w or :edit on allows changes; the inspector is on x or F3"
    );
    assert_eq!(view.keys("I").footer(), "I does nothing; ? lists the keys");
    assert!(view.keys("x").screen().contains("inspector @ 0x0"), "{}", view.screen());
    assert_eq!(view.keys("]x").at(), 0x80);
    assert!(
        view.keys("gg]q").footer().ends_with("h, x, z, s, e, u, f, r, d, n, m, c, b"),
        "{}",
        view.footer()
    );
}

#[test]
fn a_prefix_shows_its_letters_and_no_byte_moves() {
    let mut screens = String::new();
    for (size, keys) in [
        ((80, 24), "]"),
        ((80, 24), "3["),
        ((80, 24), "y"),
        ((80, 24), "#"),
        ((80, 24), "g"),
        ((80, 24), "m"),
        ((80, 24), "ma:0x20\nmb'"),
        ((160, 50), "BI]"),
        ((40, 13), "]"),
        ((80, 11), "]"),
    ] {
        let mut view = demo_view(size);
        let (before, prefix) = keys.split_at(keys.len() - 1);
        let before = view.keys(before).screen();
        let after = view.keys(prefix).screen();
        // Only the rows of the strip and the message line change.
        let pairs = before.lines().zip(after.lines()).enumerate();
        let others: Vec<usize> = pairs.filter(|(_, (a, b))| a != b).map(|(y, _)| y).collect();
        let (first, last) = (others[0], usize::from(size.1) - 1);
        assert!(first + 6 >= last && others[others.len() - 1] == last, "{keys:?} {others:?}");
        writeln!(screens, "{}x{} {keys:?}", size.0, size.1).unwrap();
        for line in after.lines().skip(first.min(last - 1)) {
            writeln!(screens, "{line}").unwrap();
        }
        // Both Esc and an unused letter close it.
        let closed = view.keys("\x1b").screen();
        assert!(closed.lines().zip(before.lines()).take(last).all(|(a, b)| a == b), "{closed}");
        view.keys(prefix).press(KeyCode::F(12));
        assert!(!view.footer().contains("choose a letter"), "{}", view.footer());
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn the_mouse_on_the_strip_closes_it_and_means_nothing_below() {
    let mut view = demo_view((80, 24));
    view.keys("2]").mouse_down(13, 20).mouse_up();
    assert_eq!(view.at(), 0);
    assert!(!view.footer().contains("choose a letter"), "{}", view.footer());
    view.mouse_down(13, 17).mouse_up();
    assert_ne!(view.at(), 0);
}
