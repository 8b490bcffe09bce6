//! The real event loop with fake edges, for tests: the terminal is a buffer, the clock is moved by
//! the test, reads can be held back, and jobs run step by step.

mod fake;
mod stream;

use std::path::Path;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use fake::{FakeClock, FakeReader, FakeTerminal, canvas};
use memmap::AnyMap;
use memmap::plugin::Schemes;
use ratatui::buffer::Buffer;

use crate::document::details::Details;
use crate::document::jobs::JobUpdate;
use crate::document::saving::recovery;
use crate::editor::Editor;
use crate::editor::effect::ExitReason;
use crate::editor::message::Msg;
use crate::editor::settings::Settings;
use crate::editor::tabs::OpenIn;
use crate::job::list::JobId;
use crate::job::outbox::Progress;
use crate::job::step::StepExecutor;
use crate::layout::viewport::Size;
use crate::source::file_stat::FileStat;
use crate::source::handle::SourceHandle;
use crate::source::{ReadOptions, SourceArg};
use crate::terminal::event_loop::{EventLoop, Wait};
use crate::terminal::mailbox::Mailbox;
use crate::terminal::page_reader::{self};
use crate::update;

/// Which jobs run only when stepped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nothing,
    /// All except those that extend repeated rows.
    Most,
    Everything,
}

type Loop = EventLoop<FakeTerminal, StepExecutor<JobUpdate>, FakeReader, FakeClock>;

/// A view without a terminal and without real time.
#[derive(Debug)]
pub struct Stage {
    event_loop: Loop,
    clock: FakeClock,
    holds: Holds,
    exit: Option<ExitReason>,
}

impl Stage {
    /// A stage without open files.
    #[must_use]
    pub fn new((width, height): (u16, u16)) -> Self {
        Self::with(Settings::default(), (width, height), None)
    }

    /// The same with these settings and a session file.
    #[must_use]
    pub fn with(settings: Settings, (width, height): (u16, u16), session: Option<&Path>) -> Self {
        let size = Size { width, height };
        let clock = FakeClock::default();
        let terminal = FakeTerminal {
            canvas: canvas(size),
            frames: 0,
            copies: Vec::new(),
            clipboard: None,
            mouse: Vec::new(),
        };
        let edges = (terminal, StepExecutor::default(), FakeReader::default(), clock.clone());
        let editor = Editor::new(settings, size, update::commands());
        let session = session.map(Path::to_owned);
        let event_loop = EventLoop::new(editor, edges, Mailbox::new(), session);
        Self { event_loop, clock, holds: Holds::Nothing, exit: None }
    }

    /// Starts the tour.
    pub fn begin_tour(&mut self) {
        self.event_loop.editor.tour = Some(crate::editor::tour::Tour::default());
    }

    /// Opens a location by its scheme, as it will be opened again.
    ///
    /// # Panics
    /// If it cannot be opened.
    pub fn open_location(&mut self, location: &str, schemes: Schemes) -> &mut Self {
        let source =
            match SourceArg::of(Some(Path::new(location)), &schemes).open(ReadOptions::default()) {
                Ok(source) => source,
                Err(error) => unreachable!("the test's scheme opens it: {error}"),
            };
        self.event_loop.executor.schemes = schemes;
        let name = source.name.clone();
        self.open_source(&name, SourceHandle::of(source))
    }

    /// Opens a map in a new tab.
    pub fn open(&mut self, name: &str, map: AnyMap) -> &mut Self {
        self.open_source(name, SourceHandle::new(map))
    }

    fn open_source(&mut self, name: &str, source: SourceHandle) -> &mut Self {
        let stat = source.path().and_then(|path| FileStat::of(path).ok());
        let editor = &mut self.event_loop.editor;
        let found = match (editor.settings.journals(), source.path()) {
            (Some(folder), Some(path)) => recovery::look(&folder, path, false),
            _ => Ok(None),
        };
        let view = editor.open(name.to_owned(), source, stat, OpenIn::Tab);
        editor.found_journal_in(view, found);
        self.event_loop.editor.show_first();
        self
    }

    /// Overwrites bytes, as if they were typed.
    ///
    /// # Panics
    /// If the focused file may not be edited, or ends before.
    pub fn overwrite(&mut self, at: u64, bytes: &[u8]) -> &mut Self {
        let editor = &mut self.event_loop.editor;
        let view = editor.focus().and_then(|id| editor.views.get(&id));
        let document = view.and_then(|view| editor.documents.get_mut(&view.document));
        let edited = document.is_some_and(|document| {
            let editing = document.editing.as_mut();
            let edited = editing.is_some_and(|it| it.overlay.overwrite(at, bytes).is_ok());
            document.show_edits(false);
            edited
        });
        assert!(edited, "it may be edited");
        let id = editor.focus().and_then(|id| editor.views.get(&id)).map(|view| view.document);
        if let Some(id) = id {
            editor.read_again(id);
        }
        self.send(Msg::Continued)
    }

    /// Draws the first frame.
    ///
    /// # Panics
    /// If drawing fails.
    pub fn begin(&mut self) -> &mut Self {
        assert!(self.event_loop.begin(|_| Ok(())).is_ok(), "a fake terminal takes everything");
        self.settle()
    }

    /// Handles messages, runs jobs that are not held, and draws, until nothing is left to do.
    ///
    /// # Panics
    /// If this does not end.
    pub fn settle(&mut self) -> &mut Self {
        for round in 0.. {
            assert!(round < 1000, "it never comes to rest: {:?}", self.jobs());
            let free = self.free_jobs();
            for &id in &free {
                self.event_loop.executor.finish(id);
            }
            let before = self.event_loop.terminal.frames;
            self.tick();
            if self.exit.is_some() {
                break;
            }
            let is_idle = self.event_loop.terminal.frames == before
                && !self.event_loop.is_dirty()
                && !self.event_loop.has_message();
            if is_idle && self.free_jobs().is_empty() {
                break;
            }
        }
        self
    }

    /// Running jobs that are not held.
    fn free_jobs(&self) -> Vec<JobId> {
        let documents = self.event_loop.editor.documents.values();
        let extending = documents.filter_map(|it| it.extending.as_ref()).map(|it| it.job);
        match self.holds {
            Holds::Nothing => self.event_loop.executor.ids(),
            Holds::Most => extending.collect(),
            Holds::Everything => Vec::new(),
        }
    }

    fn tick(&mut self) {
        // Make a frame for jobs due.
        self.event_loop.forget_frame();
        match self.event_loop.tick(Wait::Never) {
            Ok(exit) => self.exit = self.exit.or(exit),
            Err(error) => unreachable!("a fake terminal takes everything: {error}"),
        }
    }

    fn send(&mut self, msg: Msg) -> &mut Self {
        self.event_loop.mailbox.send(msg);
        self.settle()
    }

    /// Presses a key.
    pub fn key(&mut self, key: KeyEvent) -> &mut Self {
        self.send(Msg::Key(key))
    }

    /// Presses keys: `\n` is Enter, `\t` Tab, `\x1b` Esc.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for c in keys.chars() {
            self.press(code(c));
        }
        self
    }

    /// Presses all keys before any of them is handled.
    pub fn keys_at_once(&mut self, keys: &str) -> &mut Self {
        for c in keys.chars() {
            self.event_loop.mailbox.send(Msg::Key(KeyEvent::from(code(c))));
        }
        self.settle()
    }

    /// Presses a key without Ctrl or Alt.
    pub fn press(&mut self, code: KeyCode) -> &mut Self {
        self.key(KeyEvent::from(code))
    }

    /// Presses a key with Ctrl.
    pub fn ctrl(&mut self, c: char) -> &mut Self {
        self.key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL))
    }

    /// Pastes a text.
    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.send(Msg::Paste(text.to_owned()))
    }

    /// Suspends and continues the program, like another process would.
    pub fn suspend(&mut self) -> &mut Self {
        self.send(Msg::Suspend)
    }

    /// Turns the mouse wheel; positive is down.
    pub fn scroll(&mut self, turn: i8) -> &mut Self {
        self.send(Msg::Scroll(turn))
    }

    /// Presses a mouse button in a cell.
    pub fn mouse_down(&mut self, x: u16, y: u16) -> &mut Self {
        self.send(Msg::MouseDown(x, y))
    }

    /// Drags the mouse to a cell.
    pub fn drag(&mut self, x: u16, y: u16) -> &mut Self {
        self.send(Msg::Drag(x, y))
    }

    /// Releases the mouse button.
    pub fn mouse_up(&mut self) -> &mut Self {
        self.send(Msg::MouseUp)
    }

    /// Resizes the terminal.
    pub fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.send(Msg::Resize(Size { width, height }))
    }

    /// Sends the signal to quit.
    pub fn terminate(&mut self) -> &mut Self {
        self.send(Msg::Terminate)
    }

    /// Gives the terminal the focus.
    pub fn focus(&mut self) -> &mut Self {
        self.send(Msg::FocusGained)
    }

    /// Advances the clock.
    pub fn pass(&mut self, time: Duration) -> &mut Self {
        self.clock.0.set(self.clock.0.get() + time);
        self.settle()
    }

    /// Whether jobs run only when stepped.
    pub fn hold_jobs(&mut self, is_held: bool) -> &mut Self {
        self.holds = if is_held { Holds::Most } else { Holds::Nothing };
        self
    }

    /// Holds all jobs, including those that extend repeated rows.
    pub fn hold_all_jobs(&mut self) -> &mut Self {
        self.holds = Holds::Everything;
        self
    }

    /// The number of the running job that was started last.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn job(&self) -> usize {
        self.event_loop.executor.ids().len().checked_sub(1).unwrap_or_else(|| no_job())
    }

    fn id(&self, job: usize) -> JobId {
        let ids = self.event_loop.executor.ids();
        ids.get(job).copied().unwrap_or_else(|| no_job())
    }

    /// Runs a job to its next checkpoint without a frame.
    ///
    /// # Panics
    /// If there is no such job.
    pub fn step_within_a_frame(&mut self, job: usize) -> &mut Self {
        let id = self.id(job);
        self.event_loop.executor.step(id);
        assert!(self.event_loop.tick(Wait::Never).is_ok(), "a fake terminal takes everything");
        self
    }

    /// Runs a job to its next checkpoint.
    pub fn step(&mut self, job: usize) -> &mut Self {
        let id = self.id(job);
        self.event_loop.executor.step(id);
        self.settle()
    }

    /// Runs a job to its end.
    pub fn finish(&mut self, job: usize) -> &mut Self {
        let id = self.id(job);
        self.event_loop.executor.finish(id);
        self.settle()
    }

    /// Reports a progress for a job, whatever it has done.
    pub fn progress(&mut self, job: usize, done: u64, total: u64) -> &mut Self {
        let (id, progress) = (self.id(job), Progress { done, total });
        self.event_loop.executor.tell(id, progress);
        self.send(Msg::Progress(id, progress))
    }

    /// Titles of the running jobs, the newest last.
    #[must_use]
    pub fn jobs(&self) -> Vec<String> {
        let jobs = &self.event_loop.editor.jobs;
        jobs.running().map(|job| job.title.clone()).collect()
    }

    /// Sets the file details to a fixed text.
    pub fn explain(&mut self, text: &str) -> &mut Self {
        for document in self.event_loop.editor.documents.values_mut() {
            if let Some(details) = &mut document.analyses.details {
                details.value = Details(Some(text.to_owned()));
            }
        }
        self.send(Msg::Continued)
    }

    /// Holds reads back from now on.
    pub fn hold_reads(&mut self) -> &mut Self {
        self.event_loop.reader.is_held = true;
        self
    }

    /// Performs the reads held back, and stops holding them.
    pub fn release_reads(&mut self) -> &mut Self {
        self.event_loop.reader.is_held = false;
        for request in std::mem::take(&mut self.event_loop.reader.held) {
            self.event_loop.mailbox.send(page_reader::read(request));
        }
        self.settle()
    }

    /// Number of ranges requested so far.
    #[must_use]
    pub fn reads(&self) -> usize {
        self.event_loop.reader.count
    }

    /// Number of bytes requested but not read yet.
    #[must_use]
    pub fn bytes_missing(&self) -> u64 {
        self.event_loop.reader.held.iter().map(|it| it.range.end - it.range.start).sum()
    }

    /// The text of the screen.
    #[must_use]
    pub fn screen(&self) -> String {
        self.event_loop.terminal.canvas.backend().to_string()
    }

    /// The cells of the screen.
    #[must_use]
    pub fn buffer(&self) -> &Buffer {
        self.event_loop.terminal.canvas.backend().buffer()
    }

    /// Number of frames drawn.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.event_loop.terminal.frames
    }

    /// The last line of the screen.
    #[must_use]
    pub fn footer(&self) -> String {
        let screen = self.screen();
        screen.lines().last().unwrap_or_default().trim_matches('"').trim().to_owned()
    }

    /// The texts copied since the last call.
    pub fn copies(&mut self) -> Vec<String> {
        std::mem::take(&mut self.event_loop.terminal.copies)
    }

    /// Puts bytes into the clipboard, which a program reads from now on.
    pub fn set_clipboard(&mut self, bytes: &[u8]) -> &mut Self {
        self.event_loop.terminal.clipboard = Some(bytes.to_vec());
        self
    }

    /// All changes of mouse reporting.
    #[must_use]
    pub fn mouse(&self) -> &[bool] {
        &self.event_loop.terminal.mouse
    }

    /// Whether the strip of keys or commands is visible.
    #[must_use]
    pub fn has_strip(&self) -> bool {
        let editor = &self.event_loop.editor;
        let layout = editor.focus().and_then(|id| editor.layouts.get(&id));
        layout.is_some_and(|layout| layout.strip.is_some())
    }

    /// Cursor offset of the focused view.
    #[must_use]
    pub fn at(&self) -> u64 {
        let editor = &self.event_loop.editor;
        editor.focus().and_then(|id| editor.views.get(&id)).map_or(0, |view| view.cursor)
    }

    /// Cursor offsets of all views, in the order of the tabs.
    #[must_use]
    pub fn cursors(&self) -> Vec<u64> {
        let editor = &self.event_loop.editor;
        let views = editor.tabs.iter().flat_map(|tab| &tab.views);
        views.filter_map(|id| editor.views.get(id)).map(|view| view.cursor).collect()
    }

    /// Number of open documents, and of views.
    #[must_use]
    pub fn open_count(&self) -> (usize, usize) {
        let editor = &self.event_loop.editor;
        (editor.documents.len(), editor.views.len())
    }

    /// Length of the focused view's document.
    #[must_use]
    pub fn len(&self) -> u64 {
        let editor = &self.event_loop.editor;
        let view = editor.focus().and_then(|id| editor.views.get(&id));
        let document = view.and_then(|view| editor.documents.get(&view.document));
        document.map_or(0, |document| document.len)
    }

    /// Whether the document is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Why the program ended, if it has.
    #[must_use]
    pub fn exit(&self) -> Option<ExitReason> {
        self.exit
    }
}

fn code(c: char) -> KeyCode {
    match c {
        '\n' => KeyCode::Enter,
        '\t' => KeyCode::Tab,
        '\x1b' => KeyCode::Esc,
        c => KeyCode::Char(c),
    }
}

fn no_job() -> ! {
    unreachable!("no job runs")
}
