//! Names of files in the line, and whose the mouse is.

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
