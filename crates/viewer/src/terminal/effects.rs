//! Who does the work that a view asks for, on the bytes that it shows.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use memmap::{AnyMap, MemMap, Mode};

use crate::document::jobs::News;
use crate::document::path_completion;
use crate::document::write_range::Saving;
use crate::editor::app::{App, Msg};
use crate::editor::task::Task;
use crate::job::executor::Crew;
use crate::job::list::JobId;
use crate::source;
use crate::source::file_stat::Glimpse;
use crate::terminal::mailbox::Post;
use crate::terminal::tui::Screen;

/// How long work between two frames may take.
const SLICE: Duration = Duration::from_millis(8);

/// How often jobs are asked for their news.
pub(crate) const NEWS_EVERY: Duration = Duration::from_millis(4);

/// What does the work that the state asks for.
pub(crate) struct Desk {
    /// A job keeps the one that it was started on.
    pub(crate) map: Arc<AnyMap>,
    post: Post,
    saving: Option<Saving>,
    crew: Crew<News>,
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
    pub(crate) fn new(map: Arc<AnyMap>, post: Post) -> Self {
        let watch = Watch::new(map.path());
        Self { map, post, saving: None, crew: Crew::default(), watch }
    }

    /// Whether something is written, a little between two frames.
    pub(crate) fn is_saving(&self) -> bool {
        self.saving.is_some()
    }

    /// Whether the file is to be looked at that is looked at so often.
    pub(crate) fn is_due(&self, every: Duration) -> bool {
        self.watch.looked.elapsed() >= every
    }

    /// What the jobs have said since the last time.
    pub(crate) fn news(&mut self) -> Vec<(JobId, News)> {
        self.crew.collect().into_iter().map(|(id, said)| (id, said.into())).collect()
    }

    /// How long to wait for a message; without anything else to do, until there is one. A file is looked
    /// at while it is shown.
    pub(crate) fn patience(&self, app: &App, is_shown: bool) -> Option<Duration> {
        let frame = self.crew.is_busy().then_some(NEWS_EVERY);
        let look = app.due().filter(|_| is_shown);
        let look = look.map(|every| every.saturating_sub(self.watch.looked.elapsed()));
        frame.into_iter().chain(look).min()
    }

    pub(crate) fn perform(
        &mut self,
        task: Task,
        app: &mut App,
        screen: &mut Screen,
    ) -> io::Result<()> {
        match task {
            Task::LookAgain => self.look_again(app),
            Task::Explain => self.explain(),
            Task::Names(part) => {
                let names = path_completion::starting(&part);
                app.update(Msg::Named(part, names));
            }
            Task::Copy(range, form) => {
                let len = range.end - range.start;
                let page = source::rescue(&self.map, range);
                let bytes: Option<Vec<u8>> = page.bytes.into_iter().collect();
                let outcome = match bytes {
                    Some(bytes) => {
                        let how = screen.copy(&form.encode(&bytes))?;
                        let noun = if len == 1 { "byte" } else { "bytes" };
                        Ok(format!("{len} {noun} copied as {} by {how}", form.name()))
                    }
                    None => Err(format!("not copied: {}", page.problem.unwrap_or_default())),
                };
                app.update(Msg::Done(outcome));
            }
            Task::CopyText(text) => {
                let how = screen.copy(text.as_bytes())?;
                app.update(Msg::Done(Ok(format!("copied by {how}: {text}"))));
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
    pub(crate) fn leave(self) -> io::Result<()> {
        drop(self.crew);
        match Arc::into_inner(self.map) {
            Some(map) => map.close().map_err(io::Error::from),
            None => Ok(()),
        }
    }

    /// Does a little of what takes long.
    pub(crate) fn work(&mut self, app: &mut App) {
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
    pub(crate) fn follow(&mut self, app: &mut App) {
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
        }
        app.update(Msg::Looked(self.map.len(), self.watch.began.elapsed()));
        if is_other || !has_length {
            // After the length: a shorter file that is another one was not cut.
            self.remember(Some(now), app);
        }
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
