//! The keys that change bytes.

use crossterm::event::KeyCode;

use super::{after, bind, char, ctrl, key};
use crate::editor::keymap::{Action, Binding, EditKey};
use crate::search::direction::Direction;

pub(super) const EDITS: &[Binding] = &[
    bind(
        "overwrite",
        &[char('R', "R"), key(KeyCode::Insert, "Ins")],
        Action::Edit(EditKey::Overwrite),
        "type over bytes; Tab changes the column",
    )
    .detail(
        "Works once lazyhex -w or :edit on allows changes. Each digit takes effect at once: first \
         the high half of a byte, then the low one. Tab types text in the current table of \
         characters. Backspace restores what was typed over, arrows move, Esc ends typing. What \
         was typed without a pause is one step of undo. Nothing is written before :write.",
    ),
    bind(
        "insert",
        &[char('i', "i")],
        Action::Edit(EditKey::Insert),
        "insert bytes before the cursor",
    ),
    bind(
        "insert-after",
        &[char('a', "a")],
        Action::Edit(EditKey::InsertAfter),
        "insert bytes after the cursor",
    ),
    bind(
        "insert-at-end",
        &[char('A', "A")],
        Action::Edit(EditKey::InsertAtEnd),
        "insert bytes at the end of the file",
    ),
    bind(
        "delete-row",
        &[after('d', 'd', "dd")],
        Action::Edit(EditKey::DeleteRows),
        "delete a row; d$ deletes up to its end",
    )
    .short("row")
    .detail(
        "d and one of h j k l 0 $ G deletes up to where that key goes. x deletes the selection, or \
         the byte under the cursor.",
    ),
    bind(
        "paste-over",
        &[char('p', "p")],
        Action::Edit(EditKey::PasteOver),
        "paste over bytes; the length stays",
    )
    .detail("Pastes what y copied in lazyhex. P inserts it."),
    bind(
        "paste-insert",
        &[char('P', "P")],
        Action::Edit(EditKey::PasteInsert),
        "insert what y copied",
    ),
    bind("repeat", &[char('.', ".")], Action::Edit(EditKey::Repeat), "do the last edit again here"),
    bind("undo", &[char('u', "u")], Action::Edit(EditKey::Undo), "undo; 3u undoes three edits")
        .detail(
            "An edit after an undo begins a branch; the pane of changes has all states, and Enter \
             there goes to one. :undo 10m undoes the edits of the ten minutes before the last one.",
        ),
    bind(
        "redo",
        &[ctrl(KeyCode::Char('r'), "Ctrl-r"), char('U', "U")],
        Action::Edit(EditKey::Redo),
        "redo",
    ),
    bind(
        "next-change",
        &[after(']', 'c', "]c")],
        Action::Change(Direction::Forward),
        "next change that is not saved",
    )
    .short("change"),
    bind(
        "previous-change",
        &[after('[', 'c', "[c")],
        Action::Change(Direction::Back),
        "previous change that is not saved",
    )
    .short("change"),
];
