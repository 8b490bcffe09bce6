//! The view on a terminal, from first frame to exit.

use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crossterm::event;
use memmap::edit::journal::Limits;
use memmap::edit::{Disk, Journals};
use memmap::plugin::Schemes;

use crate::document::saving::recovery;
use crate::editor::effect::ExitReason;
use crate::editor::message::Msg;
use crate::editor::settings::Settings;
use crate::editor::status::TimeOfDay;
use crate::editor::tabs::OpenIn;
use crate::editor::{Editor, Time};
use crate::job::executor::ThreadExecutor;
use crate::source::Source;
use crate::source::file_stat::FileStat;
use crate::source::handle::SourceHandle;
use crate::terminal::event_loop::{Clock, EventLoop, Wait};
use crate::terminal::job_control;
use crate::terminal::mailbox::Mailbox;
use crate::terminal::page_reader::PageReader;
use crate::terminal::tui::Tui;
use crate::update;
use crate::view::ViewId;
use crate::view::array::Request;

/// Options for opening a view.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Start {
    /// The user's settings.
    pub settings: Settings,
    /// Initial cursor offset; `None` is the first byte that can be read.
    pub offset: Option<u64>,
    /// Polling interval for following the file; `None` does not follow it.
    pub refresh: Option<Duration>,
    /// Path of the session file; `None` neither loads nor saves a session.
    pub session: Option<PathBuf>,
    /// A message to show at the start.
    pub notice: Option<String>,
    /// Array elements to show instead of bytes.
    pub elements: Option<Elements>,
    /// Whether to compare the first source with the second one.
    pub diff: bool,
    /// Whether to allow edits.
    pub writable: bool,
    /// Whether to ask about discarded edits, too.
    pub recover: bool,
    /// Whether to start the guided tour.
    pub tour: bool,
    /// What opens locations that are not files.
    pub schemes: Schemes,
}

/// Array elements to show at the start.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the user says what they are, or the file does")]
pub enum Elements {
    /// As requested, from this offset on.
    Asked(Request, u64),
    /// As described by the file. In an archive, selects the array of this name.
    Described(Option<String>),
}

/// The time since the program started.
#[derive(Debug)]
struct SystemClock(Instant);

impl Clock for SystemClock {
    fn now(&self) -> Time {
        self.0.elapsed()
    }

    fn time_of_day(&self) -> TimeOfDay {
        let time = jiff::ZonedDateTime::now().time();
        let part = |n: i8| u8::try_from(n).unwrap_or(0);
        TimeOfDay(part(time.hour()), part(time.minute()), part(time.second()))
    }

    fn utc_offset(&self) -> i64 {
        jiff::ZonedDateTime::now().offset().seconds().into()
    }
}

/// Shows a source until the user quits or a signal arrives.
///
/// The first frame is drawn before the terminal is queried and before any thread is started, except
/// the one that waits for signals.
///
/// # Errors
/// Terminal I/O errors. Unreadable bytes are shown as such, and are not an error.
pub fn view(source: Source, start: Start) -> io::Result<ExitReason> {
    view_all(vec![source], start)
}

/// The same for several sources, each in its own tab. The first one is shown.
///
/// # Errors
/// Terminal I/O errors.
pub fn view_all(sources: Vec<Source>, start: Start) -> io::Result<ExitReason> {
    let clock = SystemClock(Instant::now());
    let (mailbox, inbox) = Mailbox::new();
    let on_signal = mailbox.clone();
    // Installed before the terminal is set up, so that a signal cannot leave it in raw mode. If the
    // host has a handler already, it restores the terminal by dropping the view.
    job_control::on_end(move || {
        on_signal.send(Msg::Terminate);
    });

    let screen = Tui::enter(start.settings.mouse)?;
    let editor = Editor::new(start.settings.clone(), screen.window_size()?, update::commands());
    let mut editor = if start.tour { editor.with_tour() } else { editor };
    for (number, mut source) in sources.into_iter().enumerate() {
        let (name, reader) = (source.name.clone(), source.reader.take());
        let source = SourceHandle::of(source);
        let seen = source.path().and_then(|path| FileStat::of(path).ok());
        let place = if start.diff && number == 1 {
            OpenIn::Compared { is_aligned: false }
        } else {
            OpenIn::Tab
        };
        let found = match (start.settings.journals(), source.path()) {
            (Some(folder), Some(path)) => recovery::look(&folder, path, start.recover),
            _ => Ok(None),
        };
        let id = editor.open(name, source, seen, place);
        editor.found_journal_in(id, found);
        if let Some(reader) = reader {
            editor.read_stream(id, reader);
        }
        begin(&mut editor, id, &start);
    }
    editor.show_first();
    if let Some(notice) = &start.notice {
        editor.complain(notice.clone());
    }
    let executor = ThreadExecutor::new(start.schemes);
    let edges = (screen, executor, PageReader::default(), clock);
    let mut event_loop = EventLoop::new(editor, edges, (mailbox, inbox), start.session);
    event_loop.begin(|event_loop| {
        event_loop.reader.use_threads();
        job_control::on_stop(event_loop.mailbox.clone());
        tidy(event_loop.editor.settings.journals())?;
        listen(event_loop.mailbox.clone())
    })?;
    loop {
        if let Some(reason) = event_loop.tick(Wait::ForSomething)? {
            event_loop.leave();
            return Ok(reason);
        }
    }
}

/// Removes old journals, on a thread of its own: nobody waits for it.
fn tidy(folder: Option<PathBuf>) -> io::Result<()> {
    let Some(folder) = folder.filter(|it| it.is_dir()) else { return Ok(()) };
    thread::Builder::new().name("journals".to_owned()).spawn(move || {
        // What cannot be removed is in nobody's way.
        if let Ok(journals) = Journals::open(Disk, folder) {
            journals.tidy(Limits::default(), SystemTime::now()).ok();
        }
    })?;
    Ok(())
}

/// Moves a view to its initial offset.
fn begin(editor: &mut Editor, id: ViewId, start: &Start) {
    let Some(mut cx) = editor.view(id) else { return };
    let len = cx.document.len;
    if let Some(stream) = &mut cx.document.stream {
        // The end is far away until it has come.
        stream.goal = start.offset.filter(|&offset| offset > 0 && offset < u64::MAX);
    } else if let Some(offset) = start.offset {
        cx.go_to(offset);
    }
    let is_stream = cx.document.stream.is_some();
    if let Some(offset) = start.offset.filter(|&offset| offset > len && !is_stream) {
        cx.complain(format!("offset {offset:#x} is beyond the end; the file has {len} bytes"));
    }
    match &start.elements {
        Some(Elements::Asked(request, offset)) => cx.begin_with(request.clone(), *offset),
        Some(Elements::Described(member)) => cx.describe(member.clone()),
        None => {}
    }
    cx.follow(start.refresh);
    if start.writable {
        cx.allow_edits();
    }
}

/// Converts terminal events into messages, on a thread that runs until the program ends.
fn listen(mailbox: Mailbox) -> io::Result<()> {
    thread::Builder::new().name("terminal events".to_owned()).spawn(move || {
        let mailbox = LastWord(mailbox);
        // If the terminal is gone, reading returns an error.
        while let Ok(event) = event::read() {
            let msg = Msg::from_event(event);
            if msg.is_some_and(|msg| !mailbox.0.send(msg)) {
                break;
            }
        }
    })?;
    Ok(())
}

/// Ends the view when the input thread ends for any reason: a view that cannot be quit is worse
/// than one that ends.
struct LastWord(Mailbox);

impl Drop for LastWord {
    fn drop(&mut self) {
        self.0.send(Msg::Terminate);
    }
}
