//! Files that others write to while they are looked at.

use std::time::Duration;

use lazyhex::{Msg, Page};
use memmap::RamMap;
use ratatui::style::Modifier;

use super::View;

impl View {
    /// What the terminal loop does four times a second, at this time.
    fn look(&mut self, bytes: &[u8], tenths: u64) -> &mut Self {
        self.map = RamMap::from_reader(bytes).unwrap().erase();
        let len = self.map.len();
        self.app.update(Msg::Looked(len, Duration::from_millis(100 * tenths)));
        for range in self.app.shown() {
            let len = usize::try_from(range.end - range.start).unwrap();
            let bytes = self.map.read_at(range.start, len).unwrap();
            let bytes = bytes.into_iter().map(Some).collect();
            self.app.update(Msg::Reread(Page { start: range.start, bytes, problem: None }));
        }
        self.settle();
        self
    }

    fn underlined(&self) -> String {
        let terminal = self.terminal();
        let cells = terminal.backend().buffer().content.iter();
        cells
            .filter(|it| it.modifier.contains(Modifier::UNDERLINED))
            .map(ratatui::buffer::Cell::symbol)
            .collect()
    }
}

fn counted(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n % 251).to_le_bytes()[0]).collect()
}

#[test]
fn at_the_end_it_stays_at_the_end_and_elsewhere_it_says_what_came() {
    let mut view = View::new(RamMap::from_reader(&counted(1000)[..]).unwrap().erase(), (80, 24));
    assert_eq!(view.app.due(), None);
    assert!(view.keys("F").footer().starts_with("followed"), "{}", view.footer());
    assert_eq!(view.app.due(), Some(Duration::from_millis(250)));
    assert!(view.screen().contains("followed"), "{}", view.screen());
    view.keys("G").look(&counted(3000), 1);
    assert_eq!(view.at(), 2999);
    assert!(view.screen().contains("00000bb0"), "{}", view.screen());
    view.keys("k").look(&counted(4024), 2);
    assert_eq!((view.at(), view.footer().as_str()), (2983, "+1.00 KiB; G goes to the end"));
    view.look(&counted(5048), 3);
    assert_eq!(view.footer(), "+2.00 KiB; G goes to the end");
    view.keys("h").look(&counted(5049), 4);
    assert_eq!(view.footer(), "+1 B; G goes to the end");
    assert_eq!(view.underlined(), "");
    assert!(view.keys("F").footer().starts_with("not followed"), "{}", view.footer());
    assert_eq!(view.app.due(), None);
}

#[test]
fn what_is_cut_off_is_said_and_the_cursor_stays_within() {
    let mut view = View::new(RamMap::from_reader(&counted(5000)[..]).unwrap().erase(), (80, 24));
    view.keys(":follow\nG").look(&counted(2048), 1);
    assert_eq!((view.at(), view.footer().as_str()), (2047, "E: cut to 2.00 KiB"));
    view.look(&[], 2);
    assert_eq!((view.at(), view.footer().as_str()), (0, "E: cut to 0 B"));
    view.look(&counted(10), 3);
    assert_eq!(view.at(), 9, "an empty file is at its end");
}

#[test]
fn a_look_at_the_file_says_what_came_and_what_was_cut_off() {
    let mut view = View::new(RamMap::from_reader(&counted(5000)[..]).unwrap().erase(), (80, 24));
    view.keys("Gr").send(Msg::Refreshed(2048));
    assert_eq!((view.at(), view.footer().as_str()), (2047, "E: cut to 2.00 KiB"));
    view.keys("r").send(Msg::Refreshed(4096));
    assert_eq!((view.at(), view.footer().as_str()), (2047, "+2.00 KiB; G goes to the end"));
    view.keys("r").send(Msg::Refreshed(4096));
    assert!(view.footer().contains("move"), "{}", view.footer());
}

#[test]
fn bytes_that_become_others_are_underlined_for_two_seconds() {
    let mut bytes = counted(1000);
    let mut view = View::new(RamMap::from_reader(&bytes[..]).unwrap().erase(), (80, 24));
    view.keys("F").look(&bytes, 10);
    assert_eq!(view.underlined(), "");
    bytes[0x41] = b'x';
    bytes[999] = b'y';
    view.look(&bytes, 12);
    assert_eq!(view.underlined(), "78x", "the other one is not on the screen");
    view.look(&bytes, 31);
    assert_eq!(view.underlined(), "78x");
    view.look(&bytes, 32);
    assert_eq!(view.underlined(), "");
    view.keys(":type u1\n");
    bytes[0] = 200;
    view.look(&bytes, 40);
    assert!(view.underlined().contains("200"), "{:?}", view.underlined());
}

#[test]
fn rows_that_are_folded_open_where_one_of_them_changes() {
    let mut bytes = vec![0; 4096];
    let mut view = View::new(RamMap::from_reader(&bytes[..]).unwrap().erase(), (80, 24));
    assert!(view.screen().contains("* 3.98 KiB the same"), "{}", view.screen());
    bytes[3] = 7;
    view.keys("F").look(&bytes, 1);
    assert!(view.screen().contains("00 00 00 07"), "{}", view.screen());
    assert!(view.screen().contains("* 3.96 KiB the same"), "{}", view.screen());
    bytes.extend([0; 4096]);
    view.look(&bytes, 2);
    assert!(view.screen().contains("* 7.96 KiB the same"), "{}", view.screen());
}

#[test]
fn another_file_under_the_name_is_another_generation() {
    let mut view = View::new(RamMap::from_reader(&counted(100)[..]).unwrap().erase(), (80, 24));
    view.keys("F").send(Msg::Replaced).look(&counted(50), 1);
    assert!(view.screen().contains("demo.bin (generation 2)"), "{}", view.screen());
    view.send(Msg::Gone("no such file".to_owned()));
    assert_eq!(view.footer(), "E: no such file; what is shown is what was opened");
    view.keys("j").send(Msg::Gone("no such file".to_owned()));
    assert!(!view.footer().contains("no such file"), "it is said once");
    view.send(Msg::CannotFollow("there is no file".to_owned()));
    assert_eq!(view.app.due(), None);
}
