//! Typing, deleting, pasting and undoing, against files that are not written to.

#[path = "edit/changes.rs"]
mod changes;
#[path = "edit/keys.rs"]
mod keys;
#[path = "edit/marks.rs"]
mod marks;
#[path = "edit/model.rs"]
mod model;
#[path = "edit/commands.rs"]
mod commands;
#[path = "edit/value.rs"]
mod value;
#[path = "edit/paste.rs"]
mod paste;
#[path = "edit/replace.rs"]
mod replace;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use lazyhex::testing::Stage;

use super::{OnDisk, demo};

/// A file that may be edited.
fn writable(file: &OnDisk, size: (u16, u16)) -> Stage {
    let mut stage = file.view(size);
    // After that, the message that edits are not protected goes with a key.
    stage.keys(":edit on\n").pass(std::time::Duration::from_secs(3));
    assert!(stage.screen().contains("writable"), "{}", stage.screen());
    stage
}

fn edit_demo(size: (u16, u16)) -> (OnDisk, Stage) {
    let file = OnDisk::new(&demo());
    let stage = writable(&file, size);
    (file, stage)
}

/// The row of the screen that shows an offset.
fn row(view: &Stage, offset: &str) -> String {
    let screen = view.screen();
    let found = screen.lines().find(|line| line.trim_matches('"').starts_with(offset));
    found.unwrap_or_else(|| panic!("no row {offset} in\n{screen}")).trim_matches('"').to_owned()
}

fn title(view: &Stage) -> String {
    let screen = view.screen();
    screen.lines().next().unwrap_or_default().trim_matches('"').trim().to_owned()
}

fn status(view: &Stage) -> String {
    let screen = view.screen();
    let lines: Vec<&str> = screen.lines().collect();
    lines[lines.len() - 2].trim_matches('"').trim().to_owned()
}

/// Bytes as they are on the screen.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
