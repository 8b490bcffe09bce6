//! The view as a whole: what waits for events, has the work done that they ask for, and draws.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event;

use crate::editor::app::{App, Ending, Msg};
use crate::editor::session::{self, Memory};
use crate::editor::settings::Settings;
use crate::editor::task::Task;
use crate::editor::workspace::{Order, Place, ViewId, Workspace};
use crate::layout::viewport::Size;
use crate::source::{self, Input, Source, Wanted};
use crate::terminal::effects::{Desk, NEWS_EVERY};
use crate::terminal::job_control;
use crate::terminal::mailbox::{Letter, Post};
use crate::terminal::tui::{self, Screen};
use crate::view::array::Request;

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
    job_control::on_end(move || {
        on_signal.send(Msg::Terminate);
    });

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
    job_control::on_stop(room.post.clone());
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
            desk.is_saving() || self.workspace.app(*id).is_some_and(has_errand)
        });
        let shown = self.workspace.shown();
        let wishes = self
            .desks
            .iter()
            .filter_map(|(id, desk)| desk.patience(self.workspace.app(*id)?, shown.contains(id)));
        // News that is not drawn yet has a frame to come.
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
                if app.due().is_some_and(|every| desk.is_due(every)) {
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
            for (job, news) in desk.news() {
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
                tui::restore();
                job_control::stop_here();
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
