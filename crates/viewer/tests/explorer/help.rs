//! The help: pages, the filter, and what an entry means at length.

use crossterm::event::KeyCode;

use super::demo_view;
use lazyhex::testing::Stage;

/// The lines inside of the frame, without what is beside it.
fn lines(view: &Stage) -> Vec<String> {
    let of_row = |row: &str| {
        let (_, rest) = row.split_once('│')?;
        let (inside, _) = rest.split_once('│')?;
        Some(inside.trim_end().to_owned())
    };
    let screen = view.screen();
    screen.lines().filter_map(of_row).filter(|line| !line.is_empty()).collect()
}

#[test]
fn typing_leaves_entries_that_have_the_letters_below_their_titles() {
    let mut view = demo_view((80, 24));
    view.keys("?entropy");
    assert_eq!(
        lines(&view),
        [
            " / entropy▏                                                  2 of 167",
            " Go to",
            "   ]e                   next change of entropy: low, medium or high",
            "   [e                   previous change of entropy",
        ]
    );
    // Every word counts, and a capital letter is a key.
    view.keys(" prev");
    assert_eq!(lines(&view).last().unwrap(), "   [e                   previous change of entropy");
    assert_eq!(lines(&view).len(), 3);
    view.keys("\x1b/I");
    assert!(
        lines(&view)[1..].iter().all(|line| line.starts_with(' ') && !line.contains("  :set "))
    );
    assert!(lines(&view).iter().any(|line| line.starts_with("   I F3")), "{}", view.screen());
    view.keys("\x1b/:spl");
    assert_eq!(lines(&view)[1..], [" Commands", "   :split [FILE]        two views, or one again"]);
    view.keys("zzz");
    assert_eq!(lines(&view)[1..], [" no entry matches; Esc clears the filter"]);
}

#[test]
fn esc_clears_the_filter_and_then_closes() {
    let mut view = demo_view((80, 24));
    let all = view.keys("?").screen();
    view.keys("/map");
    assert!(view.screen().contains("/ map▏"));
    view.press(KeyCode::Backspace);
    assert!(view.screen().contains("/ ma▏"));
    assert_eq!(view.keys("\x1b").screen(), all);
    // Without letters, Backspace goes the same way.
    view.keys("/");
    assert!(view.screen().contains("/ ▏"));
    view.press(KeyCode::Backspace);
    assert_eq!(view.screen(), all);
    assert!(!view.keys("\x1b").screen().contains("┌ help"));
    // It opens without the letters of the time before.
    view.keys("?mark").keys("\x1b\x1b");
    assert_eq!(view.keys("?").screen(), all);
}

#[test]
fn what_is_typed_filters_and_other_keys_move() {
    let mut view = demo_view((80, 24));
    view.keys("?quit");
    assert!(view.screen().contains("/ quit▏"), "{}", view.screen());
    view.keys("\x1b");
    // Space pages until something is typed, arrows and pages always move.
    let first = view.screen();
    view.keys(" ");
    assert!(view.screen().contains("page 2 of"), "{}", view.screen());
    view.press(KeyCode::PageUp);
    assert_eq!(view.screen(), first);
    view.keys("/key");
    let filtered = view.screen();
    view.press(KeyCode::Down).press(KeyCode::Up);
    assert_eq!(view.screen(), filtered);
    view.keys("\x1b?");
    assert!(!view.screen().contains("┌ help"));
    // The end of a long line is shown, and the number of entries.
    view.keys("?").keys(&"x".repeat(200)).keys("y");
    assert!(view.screen().contains("xxxy▏"), "{}", view.screen());
    assert!(view.screen().contains("0 of 167"), "{}", view.screen());
}

#[test]
fn every_entry_is_on_one_of_the_pages() {
    for (width, height) in [(24, 12), (40, 11), (80, 24), (120, 24), (160, 50)] {
        let mut view = demo_view((width, height));
        view.keys("?");
        let mut seen = String::new();
        let pages = |view: &Stage| {
            let screen = view.screen();
            let (_, rest) = screen.split_once("└ page ").unwrap();
            let words: Vec<usize> =
                rest.split(' ').step_by(2).map_while(|it| it.parse().ok()).collect();
            (words[0], words[1])
        };
        let count = pages(&view).1;
        for page in 1..=count {
            assert_eq!(pages(&view), (page, count), "{width}x{height}");
            seen += &lines(&view).join("\n");
            seen += "\n";
            view.press(KeyCode::PageDown);
        }
        for label in ["]h", "Ctrl-z", ":write :w", ":matches :hits", "wheel"] {
            assert!(seen.contains(label), "{width}x{height}: {label}");
        }
    }
}

#[test]
fn a_click_chooses_an_entry_and_outside_it_closes() {
    let mut view = demo_view((80, 24));
    view.keys("?").mouse_down(20, 3).mouse_up().keys("\n");
    assert_eq!(lines(&view)[0], " → l", "{}", view.screen());
    view.keys("\x1b").mouse_down(1, 3).mouse_up();
    assert!(!view.screen().contains("┌ help"));
}

#[test]
fn enter_explains_the_chosen_entry() {
    let mut view = demo_view((80, 24));
    view.keys("?next hole\n");
    assert_eq!(
        lines(&view)[1..],
        [
            " ]h",
            "   next hole of the file",
            "   A hole takes no space on the disk and reads as zeros. Where the",
            "   file system reports its holes, going to the next one reads",
            "   nothing.",
            "   in [keys]  next-hole",
        ],
        "{}",
        view.screen()
    );
    view.keys("\x1b\x1b").keys("/follow").press(KeyCode::Down);
    view.keys("\n");
    assert!(lines(&view).iter().any(|line| line == "   key        F"), "{}", view.screen());
    // The second Enter goes back to the list, with the same entry chosen.
    view.keys("\n");
    assert!(lines(&view).iter().any(|line| line.starts_with("   :follow")), "{}", view.screen());
}

#[test]
fn a_wide_screen_has_two_columns() {
    let mut view = demo_view((160, 50));
    insta::assert_snapshot!(view.keys("?").screen());
    view.keys("/mark");
    insta::assert_snapshot!("a_wide_screen_filtered", view.screen());
}

#[test]
fn no_title_stands_alone_at_the_end_of_a_column() {
    for height in (6..60).step_by(5) {
        for width in [40, 80, 130] {
            let mut view = demo_view((width, height));
            view.keys("?");
            let titles = [
                "Move", "Go to", "Search", "Panes", "Copy", "View", "Mouse", "Commands", "Colours",
            ];
            for _ in 0..12 {
                let inside = lines(&view);
                let last = inside.last().map_or("", |line| line.trim());
                assert!(!titles.contains(&last), "{width}x{height}:\n{}", view.screen());
                view.press(KeyCode::PageDown);
            }
        }
    }
}
