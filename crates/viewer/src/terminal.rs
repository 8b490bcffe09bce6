//! The one place of the view that reads bytes, draws, and waits for events.

use std::io::{self, BufWriter, Stdout, Write};
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    self, DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use memmap::{AnyMap, MemMap, Mode};
use ratatui::Terminal;
use ratatui::backend::{Backend, CrosstermBackend};

use crate::app::{App, Ending, Msg};
use crate::crew::{self, Crew};
use crate::saving::Saving;
use crate::session;
use crate::settings::Settings;
use crate::source::{self, Source};
use crate::stop;
use crate::task::Task;
use crate::typed::Request;
use crate::viewport::Size;
use crate::watch::Glimpse;
use crate::work::News;

/// A frame is written at once: most of them fit this buffer.
const FRAME_LEN: usize = 64 << 10;

/// How long work between two frames may take.
const SLICE: Duration = Duration::from_millis(8);

/// How often jobs are asked for their news.
const NEWS_EVERY: Duration = Duration::from_millis(4);

/// How long a frame stays that was drawn for news: keys have theirs at once.
const FRAME: Duration = Duration::from_millis(16);

/// How often bytes are asked for before a frame: what was read decides what else is on the screen.
const ROUNDS: usize = 4;

/// How a view begins.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Start {
    /// The choices of the user.
    pub settings: Settings,
    /// The byte under the cursor.
    pub offset: u64,
    /// How often the source is looked at again by itself.
    pub refresh: Option<Duration>,
    /// The file that remembers marks and lines from one view to the next; none remembers nothing.
    pub session: Option<PathBuf>,
    /// Something to say at once.
    pub notice: Option<String>,
    /// The elements to show, instead of bytes.
    pub elements: Option<Elements>,
}

/// What elements a view begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the user says what they are, or the file does")]
pub enum Elements {
    /// These, from this offset on.
    Asked(Request, u64),
    /// Those that the file describes; of an archive, the array of this name.
    Described(Option<String>),
}

/// Shows a source until the user or a signal ends it, and looks at it again when asked or, if a time
/// is given, as often as that.
///
/// The first frame is drawn before anything is asked of the terminal and before any thread is
/// started but the one that waits for signals.
///
/// # Errors
/// Those of the terminal. What cannot be read of the source is shown, not returned.
pub fn view(source: Source, start: Start) -> io::Result<Ending> {
    let Source { map, name, .. } = source;
    let (sender, messages) = mpsc::channel();
    let on_signal = sender.clone();
    // Before the terminal is changed, so that no signal finds it changed and nobody to restore it.
    // Where a handler exists already (the host's own), the host restores by dropping us.
    ctrlc::set_handler(move || {
        on_signal.send(Msg::Terminate).ok();
    })
    .ok();

    let mut screen = Screen::enter()?;
    let theme = start.settings.theme;
    let mut app = App::new(&name, map.len(), theme, screen.size()?).with(start.settings);
    app.go_to(start.offset);
    match start.elements {
        Some(Elements::Asked(request, offset)) => app.begin_with(request, offset),
        Some(Elements::Described(member)) => app.begin_described(member),
        None => {}
    }
    if let Some(notice) = start.notice {
        app.update(Msg::Done(Err(notice)));
    }
    app.follow(start.refresh);
    let watch = Watch::new(map.path());
    let mut desk = Desk { map: Arc::new(map), sender, saving: None, crew: Crew::default(), watch };
    screen.draw(&mut app, &desk.map)?;
    stop::on_stop(desk.sender.clone());
    listen(desk.sender.clone())?;
    let session = start.session.zip(desk.map.path().map(Path::to_owned));
    if let Some((session, file)) = &session {
        app.update(remembered(session, file));
        screen.draw(&mut app, &desk.map)?;
    }

    let (mut drawn, mut is_news) = (Instant::now(), false);
    while app.ending().is_none() {
        let is_busy = desk.saving.is_some() || app.errand().is_some();
        let first = match desk.patience(&app, is_busy, is_news) {
            None => messages.recv().map_err(RecvTimeoutError::from),
            Some(time) => messages.recv_timeout(time),
        };
        let mut has_changed = is_busy || first.is_ok();
        let mut next = match first {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        if next.is_none() && app.due().is_some_and(|every| desk.watch.looked.elapsed() >= every) {
            desk.follow(&mut app);
            has_changed = true;
        }
        // Whatever has arrived meanwhile goes into the same frame, but in its order: what comes
        // after a look at the source is about what was seen then.
        while let Some(msg) = next {
            app.update(msg);
            for task in app.take_tasks() {
                desk.perform(task, &mut app, &mut screen)?;
            }
            next = messages.try_recv().ok();
        }
        is_news |= desk.hear(&mut app, &mut screen)?;
        has_changed |= is_news && drawn.elapsed() >= FRAME;
        if app.ending().is_none() && has_changed {
            (drawn, is_news) = (Instant::now(), false);
            desk.work(&mut app);
            screen.draw(&mut app, &desk.map)?;
        }
    }
    drop(screen);
    if let Some((session, file)) = &session {
        // A view that has ended has nobody to tell, and nothing was lost that was shown.
        session::save(session, file, &app.memory()).ok();
    }
    desk.leave()?;
    Ok(app.ending().unwrap_or(Ending::Quit))
}

fn remembered(session: &Path, file: &Path) -> Msg {
    match session::load(session, file) {
        Ok(memory) => Msg::Restored(memory),
        Err(error) => Msg::Done(Err(format!("cannot read {session:?}: {error}"))),
    }
}

/// What does the work that the state asks for.
struct Desk {
    /// A job keeps the one that it was started on.
    map: Arc<AnyMap>,
    sender: Sender<Msg>,
    saving: Option<Saving>,
    crew: Crew,
    watch: Watch,
}

/// When the file was looked at, and what was seen.
struct Watch {
    began: Instant,
    looked: Instant,
    seen: Option<Glimpse>,
}

impl Watch {
    fn new(path: Option<&Path>) -> Self {
        let now = Instant::now();
        let seen = path.and_then(|path| Glimpse::of(path).ok());
        Self { began: now, looked: now, seen }
    }
}

impl Desk {
    /// How long to wait for a message; without anything else to do, until there is one.
    fn patience(&self, app: &App, is_busy: bool, is_news: bool) -> Option<Duration> {
        // News that is not drawn yet has a frame to come, if nothing else has.
        let frame = (is_news || self.crew.is_busy()).then_some(NEWS_EVERY);
        let look = app.due().map(|every| every.saturating_sub(self.watch.looked.elapsed()));
        match (frame, look) {
            _ if is_busy => Some(Duration::ZERO),
            (Some(frame), Some(look)) => Some(frame.min(look)),
            (frame, look) => frame.or(look),
        }
    }

    fn perform(&mut self, task: Task, app: &mut App, screen: &mut Screen) -> io::Result<()> {
        match task {
            Task::LookAgain => self.look_again(app),
            Task::Explain => self.explain(),
            Task::Copy(range, form) => {
                let len = range.end - range.start;
                let page = source::rescue(&self.map, range);
                let bytes: Option<Vec<u8>> = page.bytes.into_iter().collect();
                let outcome = match bytes {
                    Some(bytes) => {
                        screen.copy(&form.encode(&bytes))?;
                        let noun = if len == 1 { "byte" } else { "bytes" };
                        Ok(format!("{len} {noun} copied as {}", form.name()))
                    }
                    None => Err(format!("not copied: {}", page.problem.unwrap_or_default())),
                };
                app.update(Msg::Done(outcome));
            }
            Task::CopyText(text) => {
                screen.copy(text.as_bytes())?;
                app.update(Msg::Done(Ok(format!("copied: {text}"))));
            }
            Task::Write(range, path) => match Saving::new(range, path) {
                Ok(saving) => self.saving = Some(saving),
                Err(why) => app.update(Msg::Done(Err(why))),
            },
            Task::Start(id, work) => {
                if let Err(why) = self.crew.start(id, work, Arc::clone(&self.map)) {
                    app.update(Msg::News(id, News::Ended(Err(why))));
                }
            }
            Task::Cancel(id) => self.crew.cancel(id),
            Task::Suspend => {
                restore();
                stop::stop_here();
                screen.come_back()?;
                app.update(Msg::Resize(screen.size()?));
            }
            Task::Redraw => screen.forget()?,
        }
        Ok(())
    }

    /// Takes what the jobs have said. Whether that was anything.
    fn hear(&mut self, app: &mut App, screen: &mut Screen) -> io::Result<bool> {
        let news = self.crew.collect();
        let is_any = !news.is_empty();
        for (id, news) in news {
            app.update(Msg::News(id, news));
            for task in app.take_tasks() {
                self.perform(task, app, screen)?;
            }
        }
        Ok(is_any)
    }

    /// Stops the jobs and closes the map. A job that has not stopped yet holds it a little longer, and
    /// ends with the program.
    fn leave(self) -> io::Result<()> {
        drop(self.crew);
        match Arc::into_inner(self.map) {
            Some(map) => map.close().map_err(io::Error::from),
            None => Ok(()),
        }
    }

    /// Does a little of what takes long.
    fn work(&mut self, app: &mut App) {
        let deadline = Instant::now() + SLICE;
        if let Some(saving) = &mut self.saving {
            let outcome = saving.slice(&self.map, deadline);
            let done = match outcome {
                Ok(None) => Ok(saving.progress()),
                Ok(Some(text)) => {
                    self.saving = None;
                    Ok(text)
                }
                Err(why) => {
                    self.saving = None;
                    Err(why)
                }
            };
            app.update(Msg::Done(done));
        }
        if let Some(errand) = app.errand() {
            app.update(Msg::Went(errand.run(&self.map, deadline)));
        }
    }

    /// Maps the file anew, which may be longer or shorter now, or another one under the same name.
    /// What has no file is only read anew.
    fn look_again(&mut self, app: &mut App) {
        let Some(path) = self.map.path().map(Path::to_owned) else {
            return app.update(Msg::Refreshed(self.map.len()));
        };
        let now = Glimpse::of(&path).ok();
        match MemMap::open(path, Mode::Read) {
            Ok(new) => {
                self.map = Arc::new(new.erase());
                app.update(Msg::Refreshed(self.map.len()));
                self.remember(now, app);
            }
            Err(error) => app.update(Msg::RefreshFailed(error.kind().to_string())),
        }
    }

    /// Says so if what is seen now is another file than before.
    fn remember(&mut self, now: Option<Glimpse>, app: &mut App) {
        let before = std::mem::replace(&mut self.watch.seen, now);
        let pair = before.as_ref().zip(self.watch.seen.as_ref());
        if pair.is_some_and(|(before, now)| before.is_other(now)) {
            app.update(Msg::Replaced);
        }
    }

    /// Looks whether the file has become longer, shorter or another one, and reads what is on the screen
    /// anew: as little as that takes.
    fn follow(&mut self, app: &mut App) {
        self.watch.looked = Instant::now();
        let Some(path) = self.map.path().map(Path::to_owned) else {
            let why = "there is no file to follow: the bytes are in memory";
            return app.update(Msg::CannotFollow(why.to_owned()));
        };
        let now = match Glimpse::of(&path) {
            Ok(now) => now,
            Err(error) => return app.update(Msg::Gone(error.to_string())),
        };
        let is_other = self.watch.seen.as_ref().is_some_and(|before| before.is_other(&now));
        let has_length = self.watch.seen.as_ref().is_some_and(|before| before.len == now.len);
        if is_other || !has_length {
            match MemMap::open(path, Mode::Read) {
                Ok(new) => self.map = Arc::new(new.erase()),
                Err(error) => return app.update(Msg::Gone(error.kind().to_string())),
            }
            self.remember(Some(now), app);
        }
        app.update(Msg::Looked(self.map.len(), self.watch.began.elapsed()));
        for range in app.shown() {
            app.update(Msg::Reread(source::rescue(&self.map, range)));
        }
    }

    /// On a thread of its own, as counting what is stored and in memory may take a second or two.
    fn explain(&self) {
        let sender = self.sender.clone();
        let Some(path) = self.map.path().map(Path::to_owned) else {
            let text = "there is no file: the bytes are in memory";
            sender.send(Msg::Explained(text.to_owned())).ok();
            return;
        };
        let explained = thread::Builder::new().name("map doctor".to_owned()).spawn(move || {
            let text = memmap::explain(path)
                .map_or_else(|error| error.to_string(), |explanation| explanation.to_string());
            sender.send(Msg::Explained(text)).ok();
        });
        if let Err(error) = explained {
            self.sender.send(Msg::Explained(format!("cannot look at the file: {error}"))).ok();
        }
    }
}

/// Turns the terminal's events into messages, on a thread that ends with the program.
fn listen(sender: Sender<Msg>) -> io::Result<()> {
    thread::Builder::new().name("terminal events".to_owned()).spawn(move || {
        let sender = LastWord(sender);
        // A terminal that is gone says so by an error.
        while let Ok(event) = event::read() {
            let msg = Msg::from_event(event);
            if msg.is_some_and(|msg| sender.0.send(msg).is_err()) {
                break;
            }
        }
    })?;
    Ok(())
}

/// Ends the view when nobody listens to the user any more, for whatever reason: a view that
/// cannot be left is worse than one that ends.
struct LastWord(Sender<Msg>);

impl Drop for LastWord {
    fn drop(&mut self) {
        self.0.send(Msg::Terminate).ok();
    }
}

/// The terminal while it is ours. Dropping it gives it back as it was, once, whatever happened.
struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Gate>>>,
}

/// Standard output while the terminal is ours. What is still buffered when it was given back, as
/// after a panic within a frame, goes nowhere.
struct Gate(Stdout);

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if ENTERED.load(Ordering::SeqCst) { self.0.write(bytes) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Whether the terminal is to be restored. Global, as the terminal is: a panic hook has no owner.
static ENTERED: AtomicBool = AtomicBool::new(false);

impl Screen {
    fn enter() -> io::Result<Self> {
        // Without this, crossterm under NO_COLOR turns each colour into a reset of everything,
        // reverse video included. Our monochrome theme sets no colour in the first place.
        crossterm::style::force_color_output(true);
        restore_on_panic();
        let mut screen = Self { terminal: Self::terminal()? };
        screen.take_over().map(|()| screen)
    }

    fn take_over(&mut self) -> io::Result<()> {
        ENTERED.store(true, Ordering::SeqCst);
        // At once, so that the commands which undo it can only come after it.
        enable_raw_mode()?;
        execute!(
            self.terminal.backend_mut(),
            EnterAlternateScreen,
            EnableMouseCapture,
            EnableBracketedPaste,
            Hide
        )
    }

    fn size(&self) -> io::Result<Size> {
        let size = self.terminal.backend().size()?;
        Ok(Size { width: size.width, height: size.height })
    }

    /// Puts bytes on the clipboard of the terminal, wherever that runs: OSC 52.
    fn copy(&mut self, bytes: &[u8]) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        write!(out, "\x1b]52;c;{}\x07", STANDARD.encode(bytes))?;
        Write::flush(out)
    }

    /// Takes the terminal again, whatever was done to it meanwhile.
    fn come_back(&mut self) -> io::Result<()> {
        self.take_over()?;
        self.forget()
    }

    /// Draws every cell in the next frame. (`Terminal::clear` would ask the terminal where its cursor
    /// is and wait for the answer, which comes in among the keys.)
    fn forget(&mut self) -> io::Result<()> {
        self.terminal = Self::terminal()?;
        execute!(self.terminal.backend_mut(), Clear(ClearType::All))
    }

    fn terminal() -> io::Result<Terminal<CrosstermBackend<BufWriter<Gate>>>> {
        let out = BufWriter::with_capacity(FRAME_LEN, Gate(io::stdout()));
        Terminal::new(CrosstermBackend::new(out))
    }

    fn draw(&mut self, app: &mut App, map: &AnyMap) -> io::Result<()> {
        for _ in 0..ROUNDS {
            let wanted = app.wanted();
            if wanted.is_empty() {
                break;
            }
            for range in wanted {
                app.update(Msg::Read(source::rescue(map, range)));
            }
        }
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| app.draw(frame))?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back, unless that was done.
fn restore() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    // Nothing can be done about a terminal that takes no more.
    execute!(
        out,
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        DisableMouseCapture,
        LeaveAlternateScreen,
        Show
    )
    .ok();
    out.flush().ok();
    disable_raw_mode().ok();
}

/// Gives the terminal back before a panic prints its message, which otherwise would go to the
/// screen that is then left.
fn restore_on_panic() {
    static HOOKED: AtomicBool = AtomicBool::new(false);
    if HOOKED.swap(true, Ordering::SeqCst) {
        return;
    }
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        // A job's panic is how that job ended, and no more.
        if crew::is_here() {
            return;
        }
        restore();
        previous(info);
    }));
}
