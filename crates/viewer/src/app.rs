//! The state of the view, and how messages change it. Nothing here reads, draws or waits.

use std::ops::Range;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEventKind};

use crate::keys;
use crate::number::Target;
use crate::theme::Theme;
use crate::viewport::{Layout, Page, Size};
use crate::widgets::help;

/// Rows a turn of the mouse wheel moves.
const WHEEL_ROWS: u64 = 3;

/// The longest text the prompt takes; no offset is longer.
const PROMPT_LEN_MAX: usize = 64;

/// What happens to the view.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse wheel was turned, down if positive.
    Wheel(i8),
    /// Text was pasted.
    Paste(String),
    /// The screen has another size.
    Resize(Size),
    /// The bytes that [`App::wanted`] asked for.
    Read(Page),
    /// The source was looked at again, and has so many bytes now.
    Refreshed(u64),
    /// The source could not be looked at again.
    RefreshFailed(String),
    /// A signal asks the program to end.
    Terminate,
}

impl Msg {
    /// What a terminal's event means, if anything.
    #[must_use]
    pub fn from_event(event: Event) -> Option<Self> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => Some(Self::Key(key)),
            Event::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollDown => Some(Self::Wheel(1)),
                MouseEventKind::ScrollUp => Some(Self::Wheel(-1)),
                _ => None,
            },
            Event::Paste(text) => Some(Self::Paste(text)),
            Event::Resize(width, height) => Some(Self::Resize(Size { width, height })),
            _ => None,
        }
    }
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Left,
    Right,
    Up,
    Down,
    HalfPageUp,
    HalfPageDown,
    PageUp,
    PageDown,
    RowStart,
    RowEnd,
    Start,
    End,
    OpenGoto,
    Refresh,
    ToggleHelp,
    Quit,
}

/// What the keyboard talks to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Focus {
    Bytes,
    /// The prompt after `:`, and what was wrong with its text at the last Enter.
    Goto {
        text: String,
        problem: Option<String>,
    },
    /// The help, scrolled down by so many lines.
    Help {
        line: u16,
    },
}

/// How the view ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "it ends because somebody wants it, or has to")]
pub enum Ending {
    /// By the user.
    Quit,
    /// By a signal.
    Terminated,
}

/// The view of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    pub(crate) name: String,
    pub(crate) len: u64,
    pub(crate) theme: Theme,
    pub(crate) size: Size,
    /// The byte under the cursor; 0 if there is none.
    pub(crate) cursor: u64,
    /// The first byte of the first row.
    pub(crate) top: u64,
    pub(crate) page: Page,
    pub(crate) focus: Focus,
    /// What went wrong last, until the next key.
    pub(crate) trouble: Option<String>,
    refresh: bool,
    ending: Option<Ending>,
}

impl App {
    /// A view of `len` bytes called `name`, with the cursor on the first one.
    #[must_use]
    pub fn new(name: &str, len: u64, theme: Theme, size: Size) -> Self {
        Self {
            name: name.to_owned(),
            len,
            theme,
            size,
            cursor: 0,
            top: 0,
            page: Page::default(),
            focus: Focus::Bytes,
            trouble: None,
            refresh: false,
            ending: None,
        }
    }

    /// Puts the cursor on a byte, or on the last one if there are fewer.
    pub fn go_to(&mut self, position: u64) {
        self.cursor = position.min(self.len.saturating_sub(1));
        self.top = self.layout().scrolled_to(self.cursor, self.top);
    }

    /// The byte under the cursor.
    #[must_use]
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// How the view ended, once it has.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// Whether the source is to be looked at again, once for each time that it was asked for.
    #[must_use]
    pub fn take_refresh(&mut self) -> bool {
        std::mem::take(&mut self.refresh)
    }

    /// The bytes on the screen, if they are to be read before it is drawn.
    #[must_use]
    pub fn wanted(&self) -> Option<Range<u64>> {
        let shown = self.shown();
        (shown != self.page.range()).then_some(shown)
    }

    /// The bytes on the screen.
    pub(crate) fn shown(&self) -> Range<u64> {
        self.layout().shown(self.top, self.len)
    }

    pub(crate) fn layout(&self) -> Layout {
        Layout::new(self.size, self.len)
    }

    /// Changes the state as a message says.
    pub fn update(&mut self, msg: Msg) {
        match msg {
            Msg::Key(key) => self.press(key),
            Msg::Wheel(turn) => self.wheel(turn),
            Msg::Paste(text) => self.type_text(&text),
            Msg::Resize(size) => {
                self.size = size;
                self.top = self.layout().scrolled_to(self.cursor, self.top);
            }
            Msg::Read(page) => self.page = page,
            Msg::Refreshed(len) => {
                self.len = len;
                self.page = Page::default();
                self.trouble = None;
                // Where bytes are left on the screen it stays where it is.
                if self.top >= len {
                    self.top = self.layout().last_top(len);
                }
                self.go_to(self.cursor);
            }
            Msg::RefreshFailed(why) => {
                self.page = Page::default();
                self.trouble = Some(why);
            }
            Msg::Terminate => self.ending = Some(Ending::Terminated),
        }
    }

    fn press(&mut self, key: KeyEvent) {
        self.trouble = None;
        match &mut self.focus {
            Focus::Goto { .. } => self.press_in_prompt(key),
            Focus::Bytes => {
                if let Some(action) = keys::action(key) {
                    self.act(action);
                }
            }
            Focus::Help { line } => match (keys::action(key), key.code) {
                (Some(Action::Down | Action::PageDown), _) => {
                    *line = help::last_line(self.size).min(line.saturating_add(1));
                }
                (Some(Action::Up | Action::PageUp), _) => *line = line.saturating_sub(1),
                (Some(Action::Quit | Action::ToggleHelp), _) | (_, KeyCode::Esc) => {
                    self.focus = Focus::Bytes;
                }
                _ => {}
            },
        }
    }

    fn act(&mut self, action: Action) {
        let layout = self.layout();
        let (row, page) = (layout.row_len(), layout.page_len());
        let half = row * u64::from(layout.rows.div_ceil(2));
        let row_start = layout.row_of(self.cursor);
        match action {
            Action::Left => self.go_to(self.cursor.saturating_sub(1)),
            Action::Right => self.go_to(self.cursor.saturating_add(1)),
            Action::Up => self.move_rows_up(row),
            Action::Down => self.move_rows_down(row),
            Action::HalfPageUp => self.turn_up(half),
            Action::HalfPageDown => self.turn_down(half),
            Action::PageUp => self.turn_up(page),
            Action::PageDown => self.turn_down(page),
            Action::RowStart => self.go_to(row_start),
            Action::RowEnd => self.go_to(row_start.saturating_add(row - 1)),
            Action::Start => self.go_to(0),
            Action::End => self.go_to(u64::MAX),
            Action::OpenGoto => {
                self.focus = Focus::Goto { text: String::new(), problem: None };
            }
            Action::Refresh => self.refresh = true,
            Action::ToggleHelp => self.focus = Focus::Help { line: 0 },
            Action::Quit => self.ending = Some(Ending::Quit),
        }
    }

    /// Up by whole rows; the column stays, and above the first row nothing happens.
    fn move_rows_up(&mut self, by: u64) {
        let column = self.cursor % self.layout().row_len();
        self.go_to(self.cursor.saturating_sub(by).max(column));
    }

    /// Down by whole rows; the column stays while the last row has it.
    fn move_rows_down(&mut self, by: u64) {
        let layout = self.layout();
        let last_row = layout.row_of(self.len.saturating_sub(1));
        let column = self.cursor % layout.row_len();
        let row = (self.cursor - column).saturating_add(by).min(last_row);
        self.go_to(row.saturating_add(column));
    }

    /// Moves screen and cursor together, so that the cursor stays where the eye is.
    fn turn_up(&mut self, by: u64) {
        self.top = self.top.saturating_sub(by);
        self.move_rows_up(by);
    }

    fn turn_down(&mut self, by: u64) {
        self.top = self.top.saturating_add(by).min(self.layout().last_top(self.len));
        self.move_rows_down(by);
    }

    /// Moves the screen; the cursor only as far as it must to stay on it.
    fn wheel(&mut self, turn: i8) {
        if let Focus::Help { line } = &mut self.focus {
            *line = line.saturating_add_signed(turn.into()).min(help::last_line(self.size));
            return;
        }
        let layout = self.layout();
        let row = layout.row_len();
        let by = row * WHEEL_ROWS * u64::from(turn.unsigned_abs());
        self.top = if turn < 0 {
            self.top.saturating_sub(by)
        } else {
            self.top.saturating_add(by).min(layout.last_top(self.len).max(self.top))
        };
        let column = self.cursor % row;
        let last_row = self.top.saturating_add(layout.page_len() - row);
        let within = layout.row_of(self.cursor).clamp(self.top, last_row);
        self.go_to(within.saturating_add(column));
    }

    fn press_in_prompt(&mut self, key: KeyEvent) {
        let Focus::Goto { text, problem } = &mut self.focus else { return };
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => match Target::parse(text)
                .map_err(|bad| bad.to_string())
                .and_then(|target| target.resolve(self.cursor, self.len))
            {
                Ok(position) => {
                    self.focus = Focus::Bytes;
                    self.jump(position);
                }
                Err(why) => *problem = Some(why),
            },
            KeyCode::Esc => self.focus = Focus::Bytes,
            KeyCode::Char('c') if ctrl => self.focus = Focus::Bytes,
            KeyCode::Char('u') if ctrl => {
                text.clear();
                *problem = None;
            }
            KeyCode::Backspace if text.is_empty() => self.focus = Focus::Bytes,
            KeyCode::Backspace => {
                text.pop();
                *problem = None;
            }
            KeyCode::Char(c) if !ctrl => self.type_text(c.encode_utf8(&mut [0; 4])),
            _ => {}
        }
    }

    /// Goes far: if the place is not on the screen, it comes to the middle.
    fn jump(&mut self, position: u64) {
        if !self.shown().contains(&position) {
            let layout = self.layout();
            let above = layout.row_len() * u64::from(layout.rows / 2);
            let top = layout.row_of(position).saturating_sub(above);
            self.top = top.min(layout.last_top(self.len));
        }
        self.go_to(position);
    }

    /// Types into the prompt; elsewhere pasted text means nothing.
    fn type_text(&mut self, typed: &str) {
        if let Focus::Goto { text, problem } = &mut self.focus {
            *problem = None;
            for c in typed.chars().filter(|c| !c.is_control()) {
                if text.len() + c.len_utf8() <= PROMPT_LEN_MAX {
                    text.push(c);
                }
            }
        }
    }
}
