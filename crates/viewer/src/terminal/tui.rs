//! The terminal while it is the view's.

use std::io::{self, BufWriter, Stdout, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::Terminal;
use ratatui::backend::{Backend, CrosstermBackend};

use crate::editor::workspace::Workspace;
use crate::job::executor;
use crate::layout::viewport::Size;
use crate::terminal::clipboard::{Clipboard, How};

/// A frame is written at once: most of them fit this buffer.
const FRAME_LEN: usize = 64 << 10;

/// The terminal while it is ours. Dropping it gives it back as it was, once, whatever happened.
pub(crate) struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Gate>>>,
    has_mouse: bool,
    clipboard: Clipboard,
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
    pub(crate) fn enter(mouse: bool) -> io::Result<Self> {
        // Without this, crossterm under NO_COLOR turns each colour into a reset of everything,
        // reverse video included. Our monochrome theme sets no colour in the first place.
        crossterm::style::force_color_output(true);
        restore_on_panic();
        let mut screen =
            Self { terminal: Self::terminal()?, has_mouse: mouse, clipboard: Clipboard::new() };
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
    pub(crate) fn take_mouse(&mut self, mouse: bool) -> io::Result<()> {
        self.has_mouse = mouse;
        let out = self.terminal.backend_mut();
        if mouse { execute!(out, EnableMouseCapture) } else { execute!(out, DisableMouseCapture) }
    }

    pub(crate) fn size(&self) -> io::Result<Size> {
        let size = self.terminal.backend().size()?;
        Ok(Size { width: size.width, height: size.height })
    }

    /// Puts bytes on the clipboard, and says how.
    pub(crate) fn copy(&mut self, bytes: &[u8]) -> io::Result<How> {
        let out = self.terminal.backend_mut();
        self.clipboard.copy(bytes, |bytes| execute!(out, CopyToClipboard::to_clipboard_from(bytes)))
    }

    /// Takes the terminal again, whatever was done to it meanwhile.
    pub(crate) fn come_back(&mut self) -> io::Result<()> {
        self.take_over()?;
        self.forget()
    }

    /// Draws every cell in the next frame. (`Terminal::clear` would ask the terminal where its cursor
    /// is and wait for the answer, which comes in among the keys.)
    pub(crate) fn forget(&mut self) -> io::Result<()> {
        self.terminal = Self::terminal()?;
        execute!(self.terminal.backend_mut(), Clear(ClearType::All))
    }

    fn terminal() -> io::Result<Terminal<CrosstermBackend<BufWriter<Gate>>>> {
        let out = BufWriter::with_capacity(FRAME_LEN, Gate(io::stdout()));
        Terminal::new(CrosstermBackend::new(out))
    }

    pub(crate) fn draw(&mut self, workspace: &Workspace) -> io::Result<()> {
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
pub(crate) fn restore() {
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
        if executor::is_here() {
            return;
        }
        restore();
        previous(info);
    }));
}
