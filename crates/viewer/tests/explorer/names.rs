//! What a line speaks of that the state does not know: names of files, bytes elsewhere; and whose the
//! mouse is.

use crossterm::event::{KeyCode, KeyEvent};
use lazyhex::{Msg, Task};

use super::View;

fn named(part: &str, names: &[&str]) -> Msg {
    Msg::Named(part.to_owned(), names.iter().map(|&name| name.to_owned()).collect())
}

#[test]
fn names_of_files_are_completed_as_commands_are() {
    let mut view = View::demo((80, 24));
    view.keys(":tab lo\t");
    assert_eq!(view.tasks, [Task::Names("lo".to_owned())]);
    view.send(named("lo", &["log.1", "log.2", "logs/"]));
    assert!(view.footer().starts_with(":tab log  log.1 log.2 logs/"), "{}", view.footer());
    assert!(view.keys("\t\t").footer().starts_with(":tab log.2"), "{}", view.footer());
    view.keys("\x1b:write new\t").send(named("old", &["older"]));
    assert!(view.footer().starts_with(":write new"), "an answer to another question");
    view.send(named("new", &["new place/"]));
    assert!(view.footer().starts_with(":write new place/"), "{}", view.footer());
    view.keys("\x1b").send(named("new", &["newer"]));
    assert!(!view.footer().contains("newer"));
}

#[test]
fn the_mouse_is_given_back_to_the_terminal() {
    let mut view = View::demo((80, 24));
    view.keys(":set mouse off\n:set mouse\n");
    assert_eq!(view.tasks, [Task::Mouse(false)]);
    assert_eq!(view.footer(), "mouse is off");
}

#[test]
fn a_place_may_be_what_stands_at_another_place() {
    let mut view = View::demo((80, 24));
    // 12 is where the square of 1 times 977 stands: 0x3d1.
    assert_eq!(view.keys(":$\n:@u32(12)\n").at(), 0x3d1);
    view.keys(":@u16(8 + 4)-1");
    assert!(view.footer().contains("\u{2192} 0x3d0 = 976"), "{}", view.footer());
    // Enter comes before anything of it was read.
    view.keys("\x1b:$\n:");
    for c in "@u32(0x10)".chars() {
        view.app.update(Msg::Key(KeyEvent::from(KeyCode::Char(c))));
    }
    view.app.update(Msg::Key(KeyEvent::from(KeyCode::Enter)));
    assert_eq!(view.at(), 8191);
    view.settle();
    assert_eq!(view.at(), 3908);
    // What is typed behind that Enter is meant for the place, and after Esc for nothing.
    for (keys, at) in [("@u32(0x10)\nll", 3910), ("@u32(0x10)\nl\x1b", 8191)] {
        view.keys(":$\n:");
        for c in keys.chars() {
            let code = match c {
                '\n' => KeyCode::Enter,
                '\x1b' => KeyCode::Esc,
                c => KeyCode::Char(c),
            };
            view.app.update(Msg::Key(KeyEvent::from(code)));
        }
        view.settle();
        assert_eq!(view.at(), at, "{keys:?}");
    }
    assert_eq!(view.keys(":mark q @u8(12)+@u8(13)*256\n'q").at(), 0x3d1);
    view.keys(":type u1 offset=@u16(12)\n");
    assert!(view.screen().contains("@0x3d1"), "{}", view.screen());
    assert!(view.keys(":@u32(0x2000)\n").footer().contains("there is no u32 at 0x2000"));
}
