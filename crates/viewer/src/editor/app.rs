//! The state of the view, and how messages change it. Nothing here reads, draws or waits: what has
//! to be done outside is said by [`App::wanted`] and [`App::take_tasks`].

use std::ops::Range;
use std::time::Duration;

use crossterm::event::{Event, KeyEvent, KeyEventKind, MouseButton, MouseEventKind};

use crate::analysis::data_inspector;
use crate::analysis::histogram::Histogram;
use crate::analysis::landmark::Hunt;
use crate::analysis::minimap::Minimap;
use crate::analysis::strings::Texts;
use crate::document::follow::Follow;
use crate::document::jobs::News;
use crate::document::marks::Marks;
use crate::editor::keymap;
use crate::editor::prompt::Prompt;
use crate::editor::session::Memory;
use crate::editor::settings::Settings;
use crate::editor::task::{Return, Task};
use crate::format::theme::Theme;
use crate::job::list::{JobId, Jobs};
use crate::layout::viewport::{Layout, Plan, Size};
use crate::search::results::Search;
use crate::source::npy_layout::Where;
use crate::source::page_cache::{Known, Page, Pieces, joined};
use crate::view::array::Typed;
use crate::view::jumplist::Journey;
use crate::view::panes::{Pane, Panes};
use crate::view::rows::{Folds, Rows};

/// What happens to the view.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse wheel was turned, down if positive.
    Wheel(i8),
    /// The mouse was pressed in a cell: column and line.
    Press(u16, u16),
    /// The pressed mouse was moved to a cell: column and line.
    Drag(u16, u16),
    /// The mouse was let go.
    Lift,
    /// The first frame is on the screen: what it did not wait for may begin.
    Shown,
    /// Text was pasted.
    Paste(String),
    /// The screen has another size.
    Resize(Size),
    /// Bytes that [`App::wanted`] asked for.
    Read(Page),
    /// The source was looked at again, and has so many bytes now.
    Refreshed(u64),
    /// The source could not be looked at again.
    RefreshFailed(String),
    /// What [`Task::Explain`] found, in lines.
    Explained(String),
    /// The file was looked at by itself: it has so many bytes, at this time from the start on.
    Looked(u64, Duration),
    /// Bytes that [`App::shown`] has, read again.
    Reread(Page),
    /// Another file has the name now.
    Replaced,
    /// The file cannot be looked at, as it is gone.
    Gone(String),
    /// There is nothing that could be followed.
    CannotFollow(String),
    /// The files whose names go on like this.
    Named(String, Vec<String>),
    /// What an [`Errand`](crate::Errand) came to.
    Went(Return),
    /// What a job says.
    News(JobId, News),
    /// What an earlier run remembered of this file.
    Restored(Memory),
    /// A task is done, and this is to be said of it; or why it is not.
    Done(Result<String, String>),
    /// A signal asks the program to stop for a while.
    Stop,
    /// The program goes on after it was stopped, and others may have used the terminal.
    Continued,
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
                MouseEventKind::Down(MouseButton::Left) => {
                    Some(Self::Press(mouse.column, mouse.row))
                }
                MouseEventKind::Drag(MouseButton::Left) => {
                    Some(Self::Drag(mouse.column, mouse.row))
                }
                MouseEventKind::Up(MouseButton::Left) => Some(Self::Lift),
                _ => None,
            },
            Event::Paste(text) => Some(Self::Paste(text)),
            Event::Resize(width, height) => Some(Self::Resize(Size { width, height })),
            _ => None,
        }
    }
}

/// What the keyboard talks to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is one, and it holds no other")]
pub(crate) enum Focus {
    Bytes,
    Pane(Pane),
    Prompt(Prompt),
}

/// What the mouse holds while it is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grip {
    /// The scroll bar.
    Bar,
    /// A byte.
    Byte(u64),
    /// The column of the map.
    MapColumn,
    /// The map in its pane.
    MapPane,
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

/// Bytes shown of the place that a prompt means.
pub(crate) const PREVIEW_LEN: u64 = 8;

/// Something to say, until the next key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notice {
    /// It went well.
    Done(String),
    /// It went wrong.
    Trouble(String),
}

/// The view of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    pub(crate) name: String,
    pub(crate) len: u64,
    pub(crate) settings: Settings,
    pub(crate) size: Size,
    /// The byte under the cursor; 0 if there is none.
    pub(crate) cursor: u64,
    /// The first byte of the first row.
    pub(crate) top: u64,
    pub(crate) pieces: Pieces,
    pub(crate) folds: Folds,
    pub(crate) focus: Focus,
    pub(crate) panes: Panes,
    pub(crate) marks: Marks,
    pub(crate) journey: Journey,
    /// The byte where the selection began; it reaches to the cursor.
    pub(crate) anchor: Option<u64>,
    /// Lines typed before, the last one at the end.
    pub(crate) history: Vec<String>,
    /// Whether the line in the prompt is to be done as soon as the bytes it speaks of are known.
    pub(crate) is_entered: bool,
    /// Keys that came since, for what comes of it.
    pub(crate) typed_ahead: Vec<KeyEvent>,
    /// The first keys of a command of several.
    pub(crate) prefix: Option<char>,
    /// What is looked for.
    pub(crate) hunt: Option<Hunt>,
    /// What is searched for, and what was found.
    pub(crate) search: Option<Search>,
    /// Where that is on the screen.
    pub(crate) lit: Vec<Range<u64>>,
    /// What is known of a file that others change.
    pub(crate) follow: Follow,
    /// The bytes as elements, while they are shown as that.
    pub(crate) typed: Option<Typed>,
    /// The last line that asked for elements, without its command.
    pub(crate) last_type: String,
    /// Where to look for what the file says of its elements.
    pub(crate) describing: Option<Where>,
    /// Work that goes on beside the view.
    pub(crate) jobs: Jobs,
    pub(crate) minimap: Minimap,
    /// How often each byte occurs, once that was asked.
    pub(crate) histogram: Option<Histogram>,
    /// The texts of the file, once they were asked for.
    pub(crate) texts: Option<Texts>,
    /// What is known of the file, once it was asked.
    pub(crate) explanation: Option<String>,
    pub(crate) notice: Option<Notice>,
    /// The length of the rows that `folds` are made of.
    folded_row_len: u64,
    pub(crate) grip: Option<Grip>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) ending: Option<Ending>,
}

impl App {
    /// A view of `len` bytes called `name`, with the cursor on the first one.
    #[must_use]
    pub fn new(name: &str, len: u64, theme: Theme, size: Size) -> Self {
        Self {
            name: name.to_owned(),
            len,
            settings: Settings { theme, ..Settings::default() },
            size,
            cursor: 0,
            top: 0,
            pieces: Pieces::default(),
            folds: Folds::default(),
            focus: Focus::Bytes,
            panes: Panes::default(),
            marks: Marks::default(),
            journey: Journey::default(),
            anchor: None,
            history: Vec::new(),
            is_entered: false,
            typed_ahead: Vec::new(),
            prefix: None,
            hunt: None,
            search: None,
            lit: Vec::new(),
            follow: Follow::default(),
            typed: None,
            last_type: "u1".to_owned(),
            describing: None,
            jobs: Jobs::default(),
            minimap: Minimap::default(),
            histogram: None,
            texts: None,
            explanation: None,
            notice: None,
            folded_row_len: 0,
            grip: None,
            tasks: Vec::new(),
            ending: None,
        }
    }

    /// The same, with these settings.
    #[must_use]
    pub fn with(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// A second view of the same bytes, with nothing going on in it.
    #[must_use]
    pub fn twin(&self) -> Self {
        let mut twin = Self {
            focus: Focus::Bytes,
            hunt: None,
            jobs: self.jobs.emptied(),
            describing: None,
            notice: None,
            is_entered: false,
            typed_ahead: Vec::new(),
            prefix: None,
            grip: None,
            tasks: Vec::new(),
            ending: None,
            ..self.clone()
        };
        twin.stop_hunting();
        // What still goes on is told to the other one alone.
        twin.search = twin.search.filter(|search| search.is_over);
        if twin.minimap.job.is_some() {
            twin.minimap = Minimap::default();
        }
        twin
    }

    /// A view of another source, with the choices and the history of this one.
    #[must_use]
    pub fn sibling(&self, name: &str, len: u64) -> Self {
        let mut sibling = Self::new(name, len, self.settings.theme, self.size);
        sibling.settings = self.settings.clone();
        sibling.history.clone_from(&self.history);
        sibling
    }

    /// Puts the cursor on a byte, or on the last one if there are fewer.
    pub fn go_to(&mut self, position: u64) {
        self.cursor = position.min(self.len.saturating_sub(1));
        self.scroll_to_cursor();
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

    /// What is to be done outside, in order, once for each time that it was asked for.
    #[must_use]
    pub fn take_tasks(&mut self) -> Vec<Task> {
        std::mem::take(&mut self.tasks)
    }

    /// The bytes to be read before the screen is drawn: ranges that do not touch, each to be
    /// answered by a [`Msg::Read`]. Then there may be more of them, as what was read decides what
    /// else is on the screen.
    #[must_use]
    pub fn wanted(&self) -> Vec<Range<u64>> {
        let mut needed = self.needed();
        needed.retain(|range| !self.pieces.cover(range));
        needed
    }

    /// All bytes that are on the screen, as they are or as what they mean.
    pub(crate) fn needed(&self) -> Vec<Range<u64>> {
        let folds = |row: &Range<u64>| self.rows().fold(row.start).is_some();
        let layout = self.layout();
        // What is looked for may be on the screen in part.
        let reach = self.reach();
        let around = |row: Range<u64>| {
            row.start.saturating_sub(reach)..row.end.saturating_add(reach).min(self.len)
        };
        let mut needed: Vec<Range<u64>> = if let Some(typed) = &self.typed {
            self.elements_on_screen(typed)
        } else {
            let shown = self.rows().from(self.top, layout.rows);
            shown.filter(|row| !folds(row)).map(around).collect()
        };
        needed.extend(self.selected_few());
        needed.extend(self.hits_needed());
        needed.extend(self.texts_needed());
        let end = self.cursor.saturating_add(data_inspector::REACH).min(self.len);
        needed.push(self.cursor..end);
        needed.extend(self.typed_needs());
        if let Some(place) = self.preview() {
            needed.push(place..place.saturating_add(PREVIEW_LEN).min(self.len));
        }
        joined(needed)
    }

    /// What is known of the byte under the cursor and of those after it.
    pub(crate) fn under_cursor(&self) -> Vec<Known> {
        self.pieces
            .bytes(self.cursor, data_inspector::REACH.min(self.len - self.cursor.min(self.len)))
    }

    pub(crate) fn layout(&self) -> Layout {
        let map = self.settings.map || self.panes.is_open(Pane::Map);
        let plan = Plan { panes: self.panes.any(), columns: self.settings.columns, map };
        Layout::new(self.size, self.len, plan)
    }

    pub(crate) fn rows(&self) -> Rows<'_> {
        Rows { row_len: self.layout().row_len(), len: self.len, folds: &self.folds }
    }

    /// The pane that has the keyboard.
    pub(crate) fn focused(&self) -> Option<Pane> {
        match self.focus {
            Focus::Pane(pane) => Some(pane),
            _ => None,
        }
    }

    /// Keeps what is shown valid after the geometry has changed.
    pub(crate) fn scroll_to_cursor(&mut self) {
        if self.typed.is_some() {
            return self.scroll_to_element();
        }
        let count = self.layout().rows;
        self.top = self.rows().scrolled_to(self.cursor, self.top, count);
    }

    /// Changes the state as a message says.
    pub fn update(&mut self, msg: Msg) {
        match msg {
            Msg::Key(key) => self.press(key),
            Msg::Wheel(turn) => self.wheel(turn),
            Msg::Press(x, y) => self.press_mouse(x, y),
            Msg::Drag(x, y) => self.drag_mouse(x, y),
            Msg::Lift => self.grip = None,
            Msg::Paste(text) => self.paste(&text),
            Msg::Resize(size) => {
                self.size = size;
                self.grip = None;
                self.reshaped();
            }
            Msg::Read(page) => {
                let needed = self.pieces.are_many().then(|| self.needed());
                self.pieces.take(page, needed.as_deref());
                self.enter_late();
            }
            Msg::Refreshed(len) => self.refreshed(len),
            Msg::RefreshFailed(why) => {
                self.pieces.clear();
                self.notice = Some(Notice::Trouble(why));
            }
            Msg::Looked(len, now) => self.looked(len, now),
            Msg::Reread(page) => self.reread(page),
            Msg::Replaced => self.replaced(),
            Msg::Gone(why) => self.gone(&why),
            Msg::CannotFollow(why) => {
                self.follow.every = None;
                self.trouble(why);
            }
            Msg::Named(part, names) => {
                if let Focus::Prompt(prompt) = &mut self.focus {
                    prompt.offer_names(&part, &names);
                }
            }
            Msg::Explained(text) => self.explanation = Some(text),
            Msg::Went(back) => self.went(back),
            Msg::News(id, news) => self.hear(id, news),
            Msg::Restored(memory) => self.restore(memory),
            Msg::Done(outcome) => {
                self.notice = Some(outcome.map_or_else(Notice::Trouble, Notice::Done));
            }
            Msg::Stop => self.tasks.push(Task::Suspend),
            Msg::Continued => self.tasks.push(Task::Redraw),
            Msg::Terminate => self.ending = Some(Ending::Terminated),
            Msg::Shown => {}
        }
        self.keep_map_current();
        self.look_around();
    }

    /// Keeps everything valid after rows have become longer, shorter, more or fewer.
    pub(crate) fn reshaped(&mut self) {
        if self.rows().row_len != self.folded_row_len {
            self.folded_row_len = self.rows().row_len;
            self.folds.clear();
        }
        self.scroll_to_cursor();
    }

    /// The selected bytes.
    pub(crate) fn selection(&self) -> Option<Range<u64>> {
        let anchor = self.anchor?.min(self.len.saturating_sub(1));
        let (first, last) = (anchor.min(self.cursor), anchor.max(self.cursor));
        (self.len > 0).then(|| first..self.unit(last).end)
    }

    /// What of this file is worth remembering until the next run.
    #[must_use]
    pub fn memory(&self) -> Memory {
        Memory {
            marks: self.marks.iter().collect(),
            places: self.journey.places(self.cursor).0,
            history: self.history.clone(),
            ..Memory::default()
        }
    }

    fn restore(&mut self, memory: Memory) {
        for (name, position) in memory.marks {
            // What was set since the start counts more.
            if self.marks.at(name).is_none() {
                self.marks.set(name, position);
            }
        }
        self.journey.restore(memory.places);
        let mut history = memory.history;
        history.append(&mut self.history);
        self.history = history;
    }

    fn refreshed(&mut self, len: u64) {
        self.pieces.clear();
        self.folds.clear();
        self.notice = None;
        if let Some(search) = &mut self.search {
            search.is_stale = true;
        }
        self.follow.forget();
        // Before anything worse that comes of it.
        if len < self.len {
            self.say_cut(len);
        } else if len > self.len {
            self.say_grown(len - self.len);
        }
        self.resize_to(len);
    }

    pub(crate) fn press(&mut self, key: KeyEvent) {
        self.notice = None;
        self.follow.grown = 0;
        if matches!(self.focus, Focus::Prompt(_)) {
            return self.press_in_prompt(key);
        }
        let prefix = self.prefix.take();
        if let Some(prefix @ ('m' | '\'')) = prefix {
            return self.mark_or_go(prefix, key);
        }
        let Some(action) = keymap::action(prefix, key) else { return };
        match self.focused() {
            Some(pane) => self.act_in_pane(pane, action),
            None => self.act(action),
        }
    }
}
