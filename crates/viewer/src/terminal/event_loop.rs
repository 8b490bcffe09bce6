//! The event loop: receives messages, performs effects and draws frames.

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::document::jobs::JobUpdate;
use crate::editor::effect::{Effect, ExitReason, SpoolOrder};
use crate::editor::message::Msg;
use crate::editor::status::TimeOfDay;
use crate::editor::{Editor, Time, session};
use crate::job::OnQuit;
use crate::job::executor::Executor;
use crate::job::list::JobId;
use crate::layout::viewport::Size;
use crate::source::handle::MayBlock;
use crate::source::spool::Phase;
use crate::terminal::mailbox::{Envelope, Mailbox};
use crate::terminal::page_reader::Reader;
use crate::update::update;

/// Minimum time between frames drawn for jobs. Keys are drawn at once.
const FRAME: Duration = Duration::from_millis(16);

/// Interval at which job progress is sampled.
const SAMPLE: Duration = Duration::from_millis(100);

/// Maximum time for handling messages before a frame, so that a busy job cannot delay it.
const TAKE_IN: Duration = Duration::from_millis(8);

/// How long a frame waits for bytes. Local files are usually read within this time, so that no
/// placeholder flickers; a dead network never blocks a key for longer. A key waits as long for a
/// landmark search, so that `ww` moves two landmarks.
const PATIENCE: Duration = Duration::from_millis(8);

/// How long to wait at exit for jobs that write files, and for others.
const WRITERS_PATIENCE: Duration = Duration::from_secs(2);
const OTHERS_PATIENCE: Duration = Duration::from_millis(50);

/// The terminal as the event loop uses it.
pub(crate) trait Terminal {
    /// Draws a frame.
    ///
    /// # Errors
    /// Terminal I/O errors.
    fn draw(&mut self, editor: &Editor) -> io::Result<()>;

    /// Copies a text to the clipboard. Returns the means, for the message.
    ///
    /// # Errors
    /// Terminal I/O errors.
    fn copy(&mut self, text: &[u8]) -> io::Result<String>;

    /// The text of the clipboard; `None` if no program here can read it.
    ///
    /// # Errors
    /// Those of the program.
    fn read_clipboard(&mut self) -> io::Result<Option<Vec<u8>>>;

    /// The size in cells.
    ///
    /// # Errors
    /// Terminal I/O errors.
    fn size(&self) -> io::Result<Size>;

    /// Restores the terminal, stops the process until it is continued, and sets the terminal up
    /// again.
    ///
    /// # Errors
    /// Terminal I/O errors.
    fn suspend(&mut self) -> io::Result<()>;

    /// Redraws every cell in the next frame.
    ///
    /// # Errors
    /// Terminal I/O errors.
    fn redraw(&mut self) -> io::Result<()>;

    /// Enables or disables mouse reporting.
    ///
    /// # Errors
    /// Terminal I/O errors.
    fn take_mouse(&mut self, mouse: bool) -> io::Result<()>;
}

/// A clock, which tests replace.
pub(crate) trait Clock {
    /// Time since the start of the program.
    fn now(&self) -> Time;

    /// Local time.
    fn time_of_day(&self) -> TimeOfDay;

    /// Seconds from universal to local time.
    fn utc_offset(&self) -> i64;
}

/// Whether to block if there are no messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Until a message arrives.
    ForSomething,
    /// Do not block.
    Never,
}

/// How urgently a new frame is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Dirty {
    Clean,
    /// For results of jobs.
    Soon,
    /// For input.
    Now,
}

/// The event loop and its four edges.
#[derive(Debug)]
pub(crate) struct EventLoop<T, X, R, C> {
    /// The state.
    pub editor: Editor,
    /// The terminal.
    pub terminal: T,
    /// Runs jobs.
    pub executor: X,
    /// Reads pages and polls files.
    pub reader: R,
    /// The clock.
    pub clock: C,
    /// Where other threads send messages.
    pub mailbox: Mailbox,
    inbox: Receiver<Envelope>,
    /// Input held back until pending replies have arrived.
    held: VecDeque<Envelope>,
    /// Jobs that have sent events. These are taken once per frame, so that a job with many results
    /// does not cause a read for each of them.
    woken: BTreeSet<JobId>,
    /// Path of the session file.
    session: Option<PathBuf>,
    dirty: Dirty,
    drawn: Time,
    sampled: Time,
}

impl<T: Terminal, X: Executor<JobUpdate>, R: Reader, C: Clock> EventLoop<T, X, R, C> {
    pub(crate) fn new(
        editor: Editor,
        (terminal, executor, reader, clock): (T, X, R, C),
        (mailbox, inbox): (Mailbox, Receiver<Envelope>),
        session: Option<PathBuf>,
    ) -> Self {
        let (dirty, held) = (Dirty::Now, VecDeque::new());
        let (drawn, sampled) = (Time::ZERO, Time::ZERO);
        Self {
            editor,
            terminal,
            executor,
            reader,
            clock,
            mailbox,
            inbox,
            held,
            woken: BTreeSet::new(),
            session,
            dirty,
            drawn,
            sampled,
        }
    }

    /// Draws the first frame, with bytes read on this thread. Work that the frame does not need
    /// starts after it.
    pub(crate) fn begin(
        &mut self,
        go_on: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.editor.utc_offset = self.clock.utc_offset();
        self.editor.settle();
        let mut later = Vec::new();
        loop {
            let effects = std::mem::take(&mut self.editor.effects);
            let (reads, others): (Vec<_>, Vec<_>) =
                effects.into_iter().partition(|effect| matches!(effect, Effect::Read(_)));
            later.extend(others);
            if reads.is_empty() {
                break;
            }
            for effect in reads {
                self.perform(effect)?;
            }
            while let Ok(Envelope::Msg(msg)) = self.inbox.try_recv() {
                let effects = update(&mut self.editor, self.clock.now(), msg);
                self.editor.effects.extend(effects);
            }
        }
        self.draw()?;
        go_on(self)?;
        for effect in later {
            self.perform(effect)?;
        }
        self.take(Msg::FirstFrame)
    }

    /// Waits for messages, handles them, and draws.
    ///
    /// # Errors
    /// Terminal I/O errors.
    pub(crate) fn tick(&mut self, wait: Wait) -> io::Result<Option<ExitReason>> {
        // A signal may have arrived while the first frame was drawn or bytes were awaited.
        if let Some(reason) = self.editor.exit_reason() {
            return Ok(Some(reason));
        }
        let mut next = self.receive(wait)?;
        let until = Instant::now() + TAKE_IN;
        while let Some(envelope) = next {
            self.take_envelope(envelope)?;
            let has_time = Instant::now() < until && self.editor.exit_reason().is_none();
            next = if has_time { self.next() } else { None };
        }
        if self.editor.due().is_some_and(|due| due <= self.clock.now()) {
            self.take(Msg::Tick)?;
        }
        self.sample()?;
        if let Some(reason) = self.editor.exit_reason() {
            return Ok(Some(reason));
        }
        let is_time = self.clock.now().saturating_sub(self.drawn) >= FRAME;
        if self.dirty == Dirty::Now || (self.dirty == Dirty::Soon && is_time) {
            for id in std::mem::take(&mut self.woken) {
                self.hear(id)?;
            }
            self.wait_for_bytes()?;
            self.draw()?;
        }
        Ok(None)
    }

    /// The next message that has not been handled.
    pub(crate) fn next(&mut self) -> Option<Envelope> {
        self.held.pop_front().or_else(|| self.inbox.try_recv().ok())
    }

    /// When to wake up even without a message.
    fn deadline(&self) -> Option<Time> {
        let frame = (self.dirty > Dirty::Clean).then(|| self.drawn + FRAME);
        let is_busy = self.editor.jobs.running().next().is_some();
        let sample = is_busy.then(|| self.sampled + SAMPLE);
        frame.into_iter().chain(sample).chain(self.editor.due()).min()
    }

    fn receive(&mut self, wait: Wait) -> io::Result<Option<Envelope>> {
        let next = self.next();
        if next.is_some() || wait == Wait::Never {
            return Ok(next);
        }
        let received = match self.deadline() {
            None => self.inbox.recv().map_err(|_gone| RecvTimeoutError::Disconnected),
            Some(deadline) => self.inbox.recv_timeout(deadline.saturating_sub(self.clock.now())),
        };
        match received {
            Ok(envelope) => Ok(Some(envelope)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => {
                self.take(Msg::Terminate)?;
                Ok(None)
            }
        }
    }

    fn take_envelope(&mut self, envelope: Envelope) -> io::Result<()> {
        match envelope {
            Envelope::Msg(msg @ Msg::Key(_)) => {
                self.wait_until(|editor| !editor.is_looking())?;
                self.take(msg)
            }
            Envelope::Msg(msg) => self.take(msg),
            Envelope::Wake(id) => {
                self.woken.insert(id);
                self.dirty = self.dirty.max(Dirty::Soon);
                Ok(())
            }
        }
    }

    /// Handles a message, and performs its effects.
    fn take(&mut self, msg: Msg) -> io::Result<()> {
        let dirty = match msg {
            // The frame has just been drawn.
            Msg::FirstFrame => Dirty::Clean,
            Msg::Job(..)
            | Msg::Progress(..)
            | Msg::Read { .. }
            | Msg::Polled(..)
            | Msg::Streamed(..)
            | Msg::Tick => Dirty::Soon,
            _ => Dirty::Now,
        };
        let effects = update(&mut self.editor, self.clock.now(), msg);
        if !self.editor.take_quiet() {
            self.dirty = self.dirty.max(dirty);
        }
        self.editor.messages.stamp(|| self.clock.time_of_day());
        for effect in effects {
            self.perform(effect)?;
        }
        Ok(())
    }

    /// Handles the events of a job.
    fn hear(&mut self, id: JobId) -> io::Result<()> {
        let Some(link) = self.executor.link(id) else { return Ok(()) };
        // Read the progress first: everything found up to there is then among the events.
        let progress = link.progress();
        let updates = link.drain();
        for update in updates {
            if update.is_end() {
                self.take(Msg::Progress(id, progress))?;
                self.executor.forget(id);
            }
            self.take(Msg::Job(id, update))?;
        }
        Ok(())
    }

    /// Samples the progress of jobs.
    fn sample(&mut self) -> io::Result<()> {
        let now = self.clock.now();
        if now.saturating_sub(self.sampled) < SAMPLE {
            return Ok(());
        }
        self.sampled = now;
        let running: Vec<JobId> = self.editor.jobs.running().map(|job| job.id).collect();
        for id in running {
            let progress = self.executor.link(id).map(|link| link.progress());
            // A job reports no progress until it knows its total.
            let is_news = self.editor.jobs.get(id).zip(progress).is_some_and(|(job, progress)| {
                progress.total > 0 && (job.done, job.total) != (progress.done, progress.total)
            });
            if let Some(progress) = progress.filter(|_| is_news) {
                self.hear(id)?;
                self.take(Msg::Progress(id, progress))?;
            }
        }
        Ok(())
    }

    /// Whether a message is waiting. Does not take it.
    pub(crate) fn has_message(&mut self) -> bool {
        if self.held.is_empty() {
            self.held.extend(self.inbox.try_recv());
        }
        !self.held.is_empty()
    }

    /// Whether a frame is due.
    pub(crate) fn is_dirty(&self) -> bool {
        self.dirty > Dirty::Clean
    }

    /// Lets the next frame be drawn without delay.
    pub(crate) fn forget_frame(&mut self) {
        if self.dirty == Dirty::Soon {
            self.dirty = Dirty::Now;
        }
    }

    fn wait_for_bytes(&mut self) -> io::Result<()> {
        let is_concurrent = self.executor.is_concurrent();
        self.wait_until(|editor| {
            editor.reading.is_empty() && !(is_concurrent && editor.is_asking())
        })
    }

    /// Handles replies and job events until the condition holds or `PATIENCE` runs out. Input is
    /// held back, in order.
    fn wait_until(&mut self, is_so: impl Fn(&Editor) -> bool) -> io::Result<()> {
        let until = Instant::now() + PATIENCE;
        // What is waited for may have arrived already.
        if !is_so(&self.editor) {
            for id in std::mem::take(&mut self.woken) {
                self.hear(id)?;
            }
        }
        while !is_so(&self.editor) {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(envelope) = self.inbox.recv_timeout(left) else { break };
            match envelope {
                Envelope::Msg(msg @ (Msg::Read { .. } | Msg::Polled(..) | Msg::Terminate)) => {
                    self.take(msg)?;
                }
                Envelope::Wake(id) => self.hear(id)?,
                input @ Envelope::Msg(_) => self.held.push_back(input),
            }
        }
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        self.terminal.draw(&self.editor)?;
        (self.drawn, self.dirty) = (self.clock.now(), Dirty::Clean);
        Ok(())
    }

    fn perform(&mut self, effect: Effect) -> io::Result<()> {
        match effect {
            Effect::Read(request) => self.reader.read(request, &self.mailbox),
            Effect::StartJob { id, source, spec } => {
                self.executor.spawn(spec.into_task(id, source, self.mailbox.wake()));
            }
            Effect::CancelJob(id) => {
                if let Some(link) = self.executor.link(id) {
                    link.cancel();
                }
            }
            Effect::Copy { text, what } => {
                let by = self.terminal.copy(&text)?;
                self.take(Msg::Copied(format!("{what} by {by}")))?;
            }
            Effect::ReadClipboard(request) => {
                let read = self.terminal.read_clipboard();
                self.take(Msg::ClipboardRead(request, read))?;
            }
            Effect::Poll(document, path) => self.reader.poll(document, path, &self.mailbox),
            Effect::LoadSession(document, file) => {
                if let Some(place) = &self.session {
                    self.take(Msg::SessionLoaded(document, session::load(place, &file)))?;
                }
            }
            Effect::SaveSession(file, memory) => {
                if let Some(place) = &self.session {
                    // An error could not be shown any more, and only convenience is lost.
                    session::save(place, &file, &memory).ok();
                }
            }
            Effect::ReadStream(document, spool, reader) => {
                self.reader.read_stream(document, spool, *reader, &self.mailbox);
            }
            Effect::Spool(spool, SpoolOrder::Stop) => spool.end(Phase::Stopped),
            Effect::Spool(spool, SpoolOrder::Limit(limit)) => spool.set_limit(limit),
            Effect::Close(document, source) => {
                self.reader.close(document);
                if let Some(spool) = source.spool() {
                    spool.end(Phase::Stopped);
                }
                source.close(MayBlock::on_this_thread()).map_err(io::Error::from)?;
            }
            Effect::Suspend => {
                self.terminal.suspend()?;
                self.take(Msg::Resize(self.terminal.size()?))?;
            }
            Effect::Redraw => self.terminal.redraw()?,
            Effect::Mouse(mouse) => self.terminal.take_mouse(mouse)?,
        }
        Ok(())
    }

    /// Restores the terminal, and waits briefly for the cancelled jobs.
    pub(crate) fn leave(self) {
        let Self { editor, terminal, mut executor, inbox, .. } = self;
        drop(terminal);
        let has_writer = editor.jobs.running().any(|job| job.on_quit == OnQuit::Ask);
        let patience = if has_writer { WRITERS_PATIENCE } else { OTHERS_PATIENCE };
        let until = Instant::now() + patience;
        let mut running: Vec<JobId> = editor.jobs.running().map(|job| job.id).collect();
        running.retain(|&id| executor.link(id).is_some());
        while !running.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(envelope) = inbox.recv_timeout(left) else { break };
            let Envelope::Wake(id) = envelope else { continue };
            let updates = executor.link(id).map(|link| link.drain()).unwrap_or_default();
            if updates.last().is_some_and(JobUpdate::is_end) {
                executor.forget(id);
                running.retain(|&it| it != id);
            }
        }
    }
}
