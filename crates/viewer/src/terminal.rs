//! The one place of the view that reads bytes, draws, and waits for events.

use std::io::{self, BufWriter, Stdout, Write};
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
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
use crate::names;
use crate::post::{Letter, Post};
use crate::saving::Saving;
use crate::session::{self, Memory};
use crate::settings::Settings;
use crate::source::{self, Input, Source, Wanted};
use crate::stop;
use crate::task::Task;
use crate::typed::Request;
use crate::viewport::Size;
use crate::watch::Glimpse;
use crate::work::News;
use crate::workspace::{Order, Place, ViewId, Workspace};

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
    /// Whether there is a tour through what keys do.
    pub tour: bool,
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
    view_all(vec![source], start)
}

/// The same of several sources, each in a tab of its own; the first one is shown.
///
/// # Errors
/// Those of the terminal.
pub fn view_all(sources: Vec<Source>, start: Start) -> io::Result<Ending> {
    let (post, letters) = Post::new();
    let on_signal = post.clone();
    // Before the terminal is changed, so that no signal finds it changed and nobody to restore it.
    // Where a handler exists already (the host's own), the host restores by dropping us.
    ctrlc::set_handler(move || {
        on_signal.send(Msg::Terminate);
    })
    .ok();

    let screen = Screen::enter(start.settings.mouse)?;
    let workspace = Workspace::new(screen.size()?);
    let workspace = if start.tour { workspace.with_tour() } else { workspace };
    let (drawn, is_news) = (Instant::now(), false);
    let mut room =
        Room { workspace, desks: Vec::new(), screen, post, session: None, drawn, is_news };
    for source in sources {
        let app = beginning(&source, &start, room.screen.size()?);
        room.open(source, app, Place::Tab);
    }
    room.workspace.show_first();
    room.workspace.settle();
    room.draw()?;
    for id in room.workspace.ids() {
        room.workspace.update(Some(id), Msg::Shown);
    }
    stop::on_stop(room.post.clone());
    listen(room.post.clone())?;
    if start.session.is_some() {
        room.session = start.session;
        room.remember();
        room.draw()?;
    }
    room.obey()?;
    while room.workspace.ending().is_none() {
        room.turn(&letters)?;
    }
    room.leave()
}

/// The view that a source begins with.
fn beginning(source: &Source, start: &Start, size: Size) -> App {
    let theme = start.settings.theme;
    let mut app =
        App::new(&source.name, source.map.len(), theme, size).with(start.settings.clone());
    app.go_to(start.offset);
    match &start.elements {
        Some(Elements::Asked(request, offset)) => app.begin_with(request.clone(), *offset),
        Some(Elements::Described(member)) => app.begin_described(member.clone()),
        None => {}
    }
    if let Some(notice) = &start.notice {
        app.update(Msg::Done(Err(notice.clone())));
    }
    app.follow(start.refresh);
    app
}

/// The views, those who do their work, and what they share.
struct Room {
    workspace: Workspace,
    desks: Vec<(ViewId, Desk)>,
    screen: Screen,
    post: Post,
    session: Option<PathBuf>,
    /// When the last frame was drawn, and whether there is news that is not in it.
    drawn: Instant,
    is_news: bool,
}

impl Room {
    /// Waits for something to happen, does what it asks for, and draws.
    fn turn(&mut self, letters: &Receiver<Letter>) -> io::Result<()> {
        let is_busy = self.desks.iter().any(|(id, desk)| {
            let has_errand = |app: &App| app.errand().is_some();
            desk.saving.is_some() || self.workspace.app(*id).is_some_and(has_errand)
        });
        let shown = self.workspace.shown();
        let wishes = self
            .desks
            .iter()
            .filter_map(|(id, desk)| desk.patience(self.workspace.app(*id)?, shown.contains(id)));
        // News that is not drawn yet has a frame to come, if nothing else has.
        let wishes = wishes.chain(self.is_news.then_some(NEWS_EVERY));
        let patience = if is_busy { Some(Duration::ZERO) } else { wishes.min() };
        let first = match patience {
            None => letters.recv().map_err(RecvTimeoutError::from),
            Some(time) => letters.recv_timeout(time),
        };
        let mut has_changed = is_busy || first.is_ok();
        let mut next = match first {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                self.workspace.update(None, Msg::Terminate);
                return Ok(());
            }
        };
        if next.is_none() {
            for (id, desk) in self.desks.iter_mut().filter(|(id, _)| shown.contains(id)) {
                let Some(app) = self.workspace.app_mut(*id) else { continue };
                if app.due().is_some_and(|every| desk.watch.looked.elapsed() >= every) {
                    desk.follow(app);
                    has_changed = true;
                }
            }
        }
        // Whatever has arrived meanwhile goes into the same frame, but in its order: what comes
        // after a look at the source is about what was seen then.
        while let Some(Letter { to, msg }) = next {
            self.workspace.update(to, msg);
            self.obey()?;
            next = letters.try_recv().ok();
        }
        self.is_news |= self.hear()?;
        has_changed |= self.is_news && self.drawn.elapsed() >= FRAME;
        if self.workspace.ending().is_none() && has_changed {
            for (id, desk) in &mut self.desks {
                if let Some(app) = self.workspace.app_mut(*id) {
                    desk.work(app);
                }
            }
            self.workspace.settle();
            self.draw()?;
            (self.drawn, self.is_news) = (Instant::now(), false);
        }
        Ok(())
    }

    /// Takes what the jobs have said. Whether that was anything.
    fn hear(&mut self) -> io::Result<bool> {
        let mut is_any = false;
        for (id, desk) in &mut self.desks {
            for (job, news) in desk.crew.collect() {
                is_any = true;
                if let Some(app) = self.workspace.app_mut(*id) {
                    app.update(Msg::News(job, news));
                }
            }
        }
        if is_any {
            self.workspace.settle();
            self.obey()?;
        }
        Ok(is_any)
    }

    /// Does what the views ask for, until they ask for nothing more.
    fn obey(&mut self) -> io::Result<()> {
        loop {
            let orders = self.workspace.take_orders();
            if orders.is_empty() {
                return Ok(());
            }
            for order in orders {
                self.perform(order)?;
            }
            self.workspace.settle();
        }
    }

    fn perform(&mut self, order: Order) -> io::Result<()> {
        match order {
            Order::Do(_, Task::Suspend) => {
                restore();
                stop::stop_here();
                self.screen.come_back()?;
                self.workspace.update(None, Msg::Resize(self.screen.size()?));
            }
            Order::Do(_, Task::Redraw) => self.screen.forget()?,
            Order::Do(_, Task::Mouse(mouse)) => self.screen.take_mouse(mouse)?,
            Order::Do(id, task) => {
                let desk = self.desks.iter_mut().find(|(of, _)| *of == id);
                if let (Some((_, desk)), Some(app)) = (desk, self.workspace.app_mut(id)) {
                    desk.perform(task, app, &mut self.screen)?;
                }
            }
            Order::Open(from, path, place) => {
                let Some(asking) = self.workspace.app_mut(from) else { return Ok(()) };
                match Input::of(Some(&path)).open(Wanted::default()) {
                    Ok(source) => {
                        let app = asking.sibling(&source.name, source.map.len());
                        let id = self.open(source, app, place);
                        self.recall(id);
                        self.workspace.update(Some(id), Msg::Shown);
                    }
                    Err(error) => asking.update(Msg::Done(Err(error.to_string()))),
                }
            }
            Order::Twin { of, twin } => {
                let map = self.desks.iter().find(|(id, _)| *id == of).map(|(_, desk)| &desk.map);
                if let Some(map) = map.map(Arc::clone) {
                    self.desks.push((twin, Desk::new(map, self.post.to(twin))));
                    self.workspace.update(Some(twin), Msg::Shown);
                }
            }
            Order::Close(id, memory) => {
                if let Some(at) = self.desks.iter().position(|(of, _)| *of == id) {
                    let (_, desk) = self.desks.remove(at);
                    self.save(&desk, &memory);
                    desk.leave()?;
                }
            }
        }
        Ok(())
    }

    fn open(&mut self, source: Source, app: App, place: Place) -> ViewId {
        let id = self.workspace.open(app, place);
        self.desks.push((id, Desk::new(Arc::new(source.map), self.post.to(id))));
        id
    }

    /// Tells every view what an earlier run remembered of its file.
    fn remember(&mut self) {
        for id in self.workspace.ids() {
            self.recall(id);
        }
    }

    fn recall(&mut self, id: ViewId) {
        let desk = self.desks.iter().find(|(of, _)| *of == id);
        let Some(file) = desk.and_then(|(_, desk)| desk.map.path().map(Path::to_owned)) else {
            return;
        };
        let Some(session) = &self.session else { return };
        let msg = match session::load(session, &file) {
            Ok(memory) => Msg::Restored(memory),
            Err(error) => Msg::Done(Err(format!("cannot read {session:?}: {error}"))),
        };
        self.workspace.update(Some(id), msg);
    }

    /// A view that has ended has nobody to tell, and nothing was lost that was shown.
    fn save(&self, desk: &Desk, memory: &Memory) {
        if let Some((session, file)) = self.session.as_deref().zip(desk.map.path()) {
            session::save(session, file, memory).ok();
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        for id in self.workspace.shown() {
            let desk = self.desks.iter().find(|(of, _)| *of == id);
            let (Some((_, desk)), Some(app)) = (desk, self.workspace.app_mut(id)) else { continue };
            for _ in 0..ROUNDS {
                let wanted = app.wanted();
                if wanted.is_empty() {
                    break;
                }
                for range in wanted {
                    app.update(Msg::Read(source::rescue(&desk.map, range)));
                }
            }
        }
        self.screen.draw(&self.workspace)
    }

    /// Gives the terminal back, and remembers what is worth it.
    fn leave(self) -> io::Result<Ending> {
        let Self { workspace, desks, screen, session, .. } = self;
        drop(screen);
        for (id, desk) in &desks {
            let file = session.as_deref().zip(desk.map.path());
            if let (Some((session, file)), Some(app)) = (file, workspace.app(*id)) {
                session::save(session, file, &app.memory()).ok();
            }
        }
        for (_, desk) in desks {
            desk.leave()?;
        }
        Ok(workspace.ending().unwrap_or(Ending::Quit))
    }
}

/// What does the work that the state asks for.
struct Desk {
    /// A job keeps the one that it was started on.
    map: Arc<AnyMap>,
    post: Post,
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
    fn new(map: Arc<AnyMap>, post: Post) -> Self {
        let watch = Watch::new(map.path());
        Self { map, post, saving: None, crew: Crew::default(), watch }
    }

    /// How long to wait for a message; without anything else to do, until there is one. A file is looked
    /// at while it is shown.
    fn patience(&self, app: &App, is_shown: bool) -> Option<Duration> {
        let frame = self.crew.is_busy().then_some(NEWS_EVERY);
        let look = app.due().filter(|_| is_shown);
        let look = look.map(|every| every.saturating_sub(self.watch.looked.elapsed()));
        frame.into_iter().chain(look).min()
    }

    fn perform(&mut self, task: Task, app: &mut App, screen: &mut Screen) -> io::Result<()> {
        match task {
            Task::LookAgain => self.look_again(app),
            Task::Explain => self.explain(),
            Task::Names(part) => {
                let names = names::starting(&part);
                app.update(Msg::Named(part, names));
            }
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
            // These are about more than one view, and done by the room.
            Task::Suspend | Task::Redraw | Task::Mouse(_) | Task::Window(_) => {}
        }
        Ok(())
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
        let post = self.post.clone();
        let Some(path) = self.map.path().map(Path::to_owned) else {
            let text = "there is no file: the bytes are in memory";
            post.send(Msg::Explained(text.to_owned()));
            return;
        };
        let explained = thread::Builder::new().name("map doctor".to_owned()).spawn(move || {
            let text = memmap::explain(path)
                .map_or_else(|error| error.to_string(), |explanation| explanation.to_string());
            post.send(Msg::Explained(text));
        });
        if let Err(error) = explained {
            self.post.send(Msg::Explained(format!("cannot look at the file: {error}")));
        }
    }
}

/// Turns the terminal's events into messages, on a thread that ends with the program.
fn listen(post: Post) -> io::Result<()> {
    thread::Builder::new().name("terminal events".to_owned()).spawn(move || {
        let post = LastWord(post);
        // A terminal that is gone says so by an error.
        while let Ok(event) = event::read() {
            let msg = Msg::from_event(event);
            if msg.is_some_and(|msg| !post.0.send(msg)) {
                break;
            }
        }
    })?;
    Ok(())
}

/// Ends the view when nobody listens to the user any more, for whatever reason: a view that
/// cannot be left is worse than one that ends.
struct LastWord(Post);

impl Drop for LastWord {
    fn drop(&mut self) {
        self.0.send(Msg::Terminate);
    }
}

/// The terminal while it is ours. Dropping it gives it back as it was, once, whatever happened.
struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Gate>>>,
    has_mouse: bool,
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
    fn enter(mouse: bool) -> io::Result<Self> {
        // Without this, crossterm under NO_COLOR turns each colour into a reset of everything,
        // reverse video included. Our monochrome theme sets no colour in the first place.
        crossterm::style::force_color_output(true);
        restore_on_panic();
        let mut screen = Self { terminal: Self::terminal()?, has_mouse: mouse };
        screen.take_over().map(|()| screen)
    }

    fn take_over(&mut self) -> io::Result<()> {
        ENTERED.store(true, Ordering::SeqCst);
        // At once, so that the commands which undo it can only come after it.
        enable_raw_mode()?;
        execute!(self.terminal.backend_mut(), EnterAlternateScreen, EnableBracketedPaste, Hide)?;
        self.take_mouse(self.has_mouse)
    }

    /// Takes the mouse from the terminal, or gives it back.
    fn take_mouse(&mut self, mouse: bool) -> io::Result<()> {
        self.has_mouse = mouse;
        let out = self.terminal.backend_mut();
        if mouse { execute!(out, EnableMouseCapture) } else { execute!(out, DisableMouseCapture) }
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

    fn draw(&mut self, workspace: &Workspace) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| workspace.draw(frame))?;
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
