//! Two files on a screen that has no room for two views: their rows take turns.

use super::{Pair, changed, numbers};

#[test]
fn rows_of_both_files_take_turns_on_a_narrow_screen() {
    let pair = Pair::new(&numbers(), &changed(&[3, 4, 0x20]));
    let mut stage = pair.view((40, 12));
    stage.keys(":set theme mono\n");
    insta::assert_snapshot!(stage.screen());
    // The cursor moves in both, and Tab goes to the other file.
    assert_eq!(stage.keys("j\t").cursors(), [8, 8]);
    let row = |stage: &lazyhex::testing::Stage, y: usize| {
        stage.screen().lines().nth(y).unwrap_or_default().to_owned()
    };
    assert!(row(&stage, 5).starts_with("\"B 0008 62 f3"), "{}", stage.screen());
    // A click means the byte that is drawn there, of that file.
    assert_eq!(stage.mouse_down(7, 1).mouse_up().at(), 0);
    assert_eq!(stage.mouse_down(10, 5).mouse_up().cursors(), [9, 9]);
    assert!(stage.footer().contains("]d [d differences"), "{}", stage.footer());
    // The list covers the rows.
    let screen = stage.keys("C").screen();
    assert!(screen.contains("differences: 2") && !screen.contains("\"B "), "{screen}");
    assert!(stage.keys("q]d").screen().contains("\"A 0020[88]cd"), "{}", stage.screen());
    // What may follow a key covers the lowest rows only.
    let screen = stage.keys("]").screen();
    assert!(screen.contains("\"B ") && screen.contains("── ]"), "{screen}");
    stage.keys("\x1b");
    assert!(stage.keys("?").screen().contains("help"), "{}", stage.screen());
    stage.keys("\x1b").resize(160, 24);
    assert!(!stage.screen().contains("\"A "), "{}", stage.screen());
}

#[test]
fn every_small_size_shows_the_row_of_the_cursor_in_both_files() {
    let pair = Pair::new(&numbers(), &changed(&[3, 4, 0x20]));
    let mut stage = pair.view((79, 24));
    stage.keys("z");
    for width in [20, 38, 40, 60, 79] {
        for height in 6..24 {
            stage.resize(width, height).keys("G");
            let screen = stage.screen();
            // The last bytes of both files are equal, and so are their lines.
            let of = |letter| -> Vec<&str> {
                let lines = screen.lines().map(|line| line.trim_matches('"'));
                lines.filter_map(|line| line.strip_prefix(letter)).collect()
            };
            let (first, second) = (of('A'), of('B'));
            assert_eq!(first, second, "{width}x{height}");
            let last = first.last().map(|line| line.trim_start_matches([' ', '0']));
            assert!(last.is_some_and(|it| it.starts_with("1ff")), "{width}x{height} {screen}");
            stage.keys("gg");
        }
    }
}
