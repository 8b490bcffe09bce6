//! The one place of the view that reads bytes, draws, and waits for events.

use std::io::{self, BufWriter, Stdout, Write};
use std::ops::Range;
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use crossterm::cursor::Show;
use crossterm::event::{
    self, DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use memmap::{AnyMap, MemMap, Mode};
use ratatui::Terminal;
use ratatui::backend::{Backend, CrosstermBackend};

use crate::app::{App, Ending, Msg};
use crate::source::Source;
use crate::theme::Theme;
use crate::viewport::{Page, Size};

/// A frame is written at once: most of them fit this buffer.
const FRAME_LEN: usize = 64 << 10;

/// Shows a source until the user or a signal ends it, and looks at it again when asked or, if a time
/// is given, as often as that.
///
/// The first frame is drawn before anything is asked of the terminal and before any thread is
/// started but the one that waits for signals.
///
/// # Errors
/// Those of the terminal. What cannot be read of the source is shown, not returned.
pub fn view(
    source: Source,
    theme: Theme,
    start: u64,
    refresh: Option<Duration>,
) -> io::Result<Ending> {
    let Source { mut map, name, .. } = source;
    let (sender, messages) = mpsc::channel();
    let on_signal = sender.clone();
    // Before the terminal is changed, so that no signal finds it changed and nobody to restore it.
    // Where a handler exists already (the host's own), the host restores by dropping us.
    ctrlc::set_handler(move || {
        on_signal.send(Msg::Terminate).ok();
    })
    .ok();

    let mut screen = Screen::enter()?;
    let mut app = App::new(&name, map.len(), theme, screen.size()?);
    app.go_to(start);
    screen.draw(&mut app, &map)?;
    listen(sender)?;

    while app.ending().is_none() {
        let first = match refresh {
            None => messages.recv().map_err(RecvTimeoutError::from),
            Some(time) => messages.recv_timeout(time),
        };
        let mut next = match first {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => {
                look_again(&mut app, &mut map);
                None
            }
            Err(RecvTimeoutError::Disconnected) => break,
        };
        // Whatever has arrived meanwhile goes into the same frame, but in its order: what comes
        // after a look at the source is about what was seen then.
        while let Some(msg) = next {
            app.update(msg);
            if app.take_refresh() {
                look_again(&mut app, &mut map);
            }
            next = messages.try_recv().ok();
        }
        screen.draw(&mut app, &map)?;
    }
    drop(screen);
    map.close().map_err(io::Error::from)?;
    Ok(app.ending().unwrap_or(Ending::Quit))
}

/// Maps the file anew, which may be longer or shorter now, or another one under the same name. What
/// has no file is only read anew.
fn look_again(app: &mut App, map: &mut AnyMap) {
    let opened = match map.path() {
        Some(path) => MemMap::open(path, Mode::Read).map(|new| *map = new.erase()),
        None => Ok(()),
    };
    app.update(match opened {
        Ok(()) => Msg::Refreshed(map.len()),
        Err(error) => Msg::RefreshFailed(error.kind().to_string()),
    });
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

/// Reads what the screen shows, as far as it can be read.
fn read(map: &AnyMap, wanted: Range<u64>) -> Page {
    let mut buffer = vec![0; usize::try_from(wanted.end - wanted.start).unwrap_or(0)];
    let (lost, problem) = match map.rescue(wanted.start, &mut buffer) {
        Ok(lost) => {
            let problem = lost.first().map(|first| first.error.kind().to_string());
            (lost, problem)
        }
        Err(error) => {
            buffer.clear();
            (Vec::new(), Some(error.to_string()))
        }
    };
    let mut bytes: Vec<Option<u8>> = buffer.into_iter().map(Some).collect();
    for range in lost {
        let at = |position: u64| usize::try_from(position - wanted.start).unwrap_or(usize::MAX);
        let bad = at(range.offset)..at(range.offset + range.len);
        bytes.get_mut(bad).unwrap_or_default().fill(None);
    }
    Page { start: wanted.start, bytes, problem }
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
        let out = BufWriter::with_capacity(FRAME_LEN, Gate(io::stdout()));
        let mut terminal = Terminal::new(CrosstermBackend::new(out))?;
        ENTERED.store(true, Ordering::SeqCst);
        // At once, so that the commands which undo it can only come after it.
        let entered = enable_raw_mode().and_then(|()| {
            execute!(
                terminal.backend_mut(),
                EnterAlternateScreen,
                EnableMouseCapture,
                EnableBracketedPaste
            )
        });
        let screen = Self { terminal };
        entered.map(|()| screen)
    }

    fn size(&self) -> io::Result<Size> {
        let size = self.terminal.backend().size()?;
        Ok(Size { width: size.width, height: size.height })
    }

    fn draw(&mut self, app: &mut App, map: &AnyMap) -> io::Result<()> {
        if let Some(wanted) = app.wanted() {
            app.update(Msg::Read(read(map, wanted)));
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
        restore();
        previous(info);
    }));
}
