//! Sets up and restores the terminal.

use std::io::{self, BufWriter, Stdout, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::backend::{Backend, CrosstermBackend};

use crate::editor::Editor;
use crate::format::locale::Locale;
use crate::job::executor::is_caught;
use crate::layout::viewport::Size;
use crate::terminal::clipboard::Clipboard;
use crate::terminal::event_loop::Terminal;
use crate::terminal::job_control;
use crate::ui::ascii::to_ascii;

/// Frames are written in one go; most fit in this buffer.
const FRAME_LEN: usize = 64 << 10;

/// The terminal while the view uses it. Dropping it restores the previous state, at most once.
pub(crate) struct Tui {
    terminal: ratatui::Terminal<CrosstermBackend<BufWriter<Gate>>>,
    has_mouse: bool,
    /// Whether characters beyond ASCII are shown.
    is_utf8: bool,
    clipboard: Clipboard,
}

/// Standard output until the terminal is restored. Output still buffered then, as after a panic
/// within a frame, is discarded.
struct Gate(Stdout);

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if ENTERED.load(Ordering::SeqCst) { self.0.write(bytes) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Whether the terminal must be restored. A global, so that the panic hook can reach it.
static ENTERED: AtomicBool = AtomicBool::new(false);

impl Tui {
    pub(crate) fn enter(mouse: bool) -> io::Result<Self> {
        // Otherwise, under NO_COLOR, crossterm would turn each colour into a full reset, including
        // reverse video. The monochrome theme sets no colours anyway.
        crossterm::style::force_color_output(true);
        restore_on_panic();
        let mut screen = Self {
            terminal: Self::terminal()?,
            has_mouse: mouse,
            is_utf8: Locale::of_environment().is_utf8,
            clipboard: Clipboard::new(),
        };
        screen.take_over().map(|()| screen)
    }

    fn take_over(&mut self) -> io::Result<()> {
        ENTERED.store(true, Ordering::SeqCst);
        // Executed at once, not queued, so that the commands that undo this cannot come first.
        enable_raw_mode()?;
        execute!(
            self.terminal.backend_mut(),
            EnterAlternateScreen,
            EnableBracketedPaste,
            EnableFocusChange,
            Hide
        )?;
        self.take_mouse(self.has_mouse)
    }

    pub(crate) fn window_size(&self) -> io::Result<Size> {
        let size = self.terminal.backend().size()?;
        Ok(Size { width: size.width, height: size.height })
    }

    fn terminal() -> io::Result<ratatui::Terminal<CrosstermBackend<BufWriter<Gate>>>> {
        let out = BufWriter::with_capacity(FRAME_LEN, Gate(io::stdout()));
        ratatui::Terminal::new(CrosstermBackend::new(out))
    }
}

impl Terminal for Tui {
    fn draw(&mut self, editor: &Editor) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| {
            editor.draw(frame);
            if !self.is_utf8 {
                to_ascii(frame.buffer_mut());
            }
        })?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    fn copy(&mut self, text: &[u8]) -> io::Result<String> {
        let out = self.terminal.backend_mut();
        let osc52 = |bytes: &[u8]| execute!(out, CopyToClipboard::to_clipboard_from(bytes));
        Ok(self.clipboard.copy(text, osc52)?.to_string())
    }

    fn read_clipboard(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.clipboard.read()
    }

    fn size(&self) -> io::Result<Size> {
        self.window_size()
    }

    fn suspend(&mut self) -> io::Result<()> {
        restore();
        job_control::stop_here();
        self.take_over()?;
        self.redraw()
    }

    /// `Terminal::clear` would query the cursor position and wait for an answer, which arrives
    /// between the keys.
    fn redraw(&mut self) -> io::Result<()> {
        self.terminal = Self::terminal()?;
        execute!(self.terminal.backend_mut(), Clear(ClearType::All))
    }

    fn take_mouse(&mut self, mouse: bool) -> io::Result<()> {
        self.has_mouse = mouse;
        let out = self.terminal.backend_mut();
        if mouse { execute!(out, EnableMouseCapture) } else { execute!(out, DisableMouseCapture) }
    }
}

impl Drop for Tui {
    fn drop(&mut self) {
        restore();
    }
}

/// Restores the terminal, unless that was done already.
pub(crate) fn restore() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    // Errors are ignored: if the terminal takes no more output, there is nothing left to do.
    execute!(
        out,
        EndSynchronizedUpdate,
        DisableFocusChange,
        DisableBracketedPaste,
        DisableMouseCapture,
        LeaveAlternateScreen,
        Show
    )
    .ok();
    out.flush().ok();
    disable_raw_mode().ok();
}

/// Restores the terminal before a panic prints its message, which would otherwise vanish with the
/// alternate screen.
fn restore_on_panic() {
    static HOOKED: AtomicBool = AtomicBool::new(false);
    if HOOKED.swap(true, Ordering::SeqCst) {
        return;
    }
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        // A job's panic is reported as the job's error.
        if is_caught() {
            return;
        }
        restore();
        previous(info);
    }));
}
