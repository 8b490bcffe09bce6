//! The guided tour: what to press next, and whether it was done.

use crate::editor::context::ViewContext;
use crate::editor::demo::{NAN_AT, TEXT_AT};
use crate::view::panes::Pane;

/// A step of the tour.
struct Step {
    text: &'static str,
    /// Whether the step is done, given the cursor position at its start.
    is_done: fn(ViewContext<'_>, u64) -> bool,
}

const STEPS: &[Step] = &[
    Step {
        text: "A row shows an offset, the bytes there, and their characters. Press j or the down \
               arrow to go down.",
        is_done: |cx, before| cx.view.cursor != before,
    },
    Step {
        text: "Press I: the inspector shows the bytes at the cursor as numbers, times and text.",
        is_done: |cx, _| cx.view.panes.is_open(Pane::Inspector),
    },
    Step {
        text: "Type :0x40 and Enter. A place may also be $-1K or 50%, and :@u32 goes where the \
               number at the cursor points.",
        is_done: |cx, _| cx.view.cursor == TEXT_AT,
    },
    Step {
        text: "Press /, type bytes and press Enter: every match is found and counted, even in a \
               terabyte; n goes to the next one.",
        is_done: |cx, _| {
            cx.search().is_some_and(|search| search.is_over() && cx.view.waiting.is_none())
        },
    },
    Step {
        text: "Press w: it goes to the next byte of another class, as from a word to the blank \
               after it.",
        is_done: |cx, before| cx.view.cursor > before && cx.view.looking.is_none(),
    },
    Step {
        text: "Press v and then the right arrow a few times to select; y and h would copy that as hexadecimal.",
        is_done: |cx, _| cx.selection().is_some_and(|range| range.end - range.start > 2),
    },
    Step {
        text: "Press Esc to end the selection, then m and a: this byte is marked, and ' a returns.",
        is_done: |cx, _| cx.document.marks.at('a').is_some(),
    },
    Step {
        text: "Type :type f4 offset=0x200 shape=8,8 and Enter: the bytes become elements of an array.",
        is_done: |cx, _| cx.view.array.is_some(),
    },
    Step {
        text: "One of these floats is NaN, not a number. Press ] and n to find it.",
        is_done: |cx, _| cx.view.cursor == NAN_AT,
    },
    Step {
        text: "Press t: the same place as bytes. Ctrl-o goes back to where you jumped from.",
        is_done: |cx, _| cx.view.array.is_none(),
    },
    Step {
        text: "Type ] and z: the next zeros. Equal rows are folded into one; z unfolds them.",
        is_done: |cx, before| {
            cx.view.cursor > before && cx.view.looking.is_none() && cx.pending().is_none()
        },
    },
    Step {
        text: "Press ? for all keys, and Esc to close them.",
        is_done: |cx, _| cx.view.pane() == Some(Pane::Help),
    },
];

const END: &str = "That was the tour. q quits; lazyhex FILE opens a file of yours, of any size.";

/// Progress of the tour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tour {
    step: usize,
    /// Cursor position at the start of the step.
    before: u64,
}

impl Tour {
    /// Advances if the current step is done.
    pub(crate) fn look(&mut self, cx: ViewContext<'_>) {
        if STEPS.get(self.step).is_some_and(|step| (step.is_done)(cx, self.before)) {
            self.step += 1;
            self.before = cx.view.cursor;
        }
    }

    /// Skips the current step.
    pub(crate) fn skip(&mut self) {
        self.step = STEPS.len().min(self.step + 1);
    }

    /// The instructions of the current step, and its number.
    pub(crate) fn shown(&self) -> (String, &'static str) {
        match STEPS.get(self.step) {
            Some(step) => (format!(" {} of {} ", self.step + 1, STEPS.len()), step.text),
            None => (" tour ".to_owned(), END),
        }
    }
}
