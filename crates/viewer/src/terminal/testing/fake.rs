//! Fake edges of the event loop.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use ratatui::Terminal as Canvas;
use ratatui::backend::TestBackend;

use crate::document::DocumentId;
use crate::editor::effect::ReadRequest;
use crate::editor::message::Msg;
use crate::editor::status::TimeOfDay;
use crate::editor::{Editor, Time};
use crate::layout::viewport::Size;
use crate::source::file_stat::FileStat;
use crate::source::spool::Spool;
use crate::source::stream_reader::StreamReader;
use crate::terminal::event_loop::{Clock, Terminal};
use crate::terminal::mailbox::Mailbox;
use crate::terminal::page_reader::{self, Reader};

/// A terminal that records what was drawn and copied.
#[derive(Debug)]
pub(super) struct FakeTerminal {
    pub(super) canvas: Canvas<TestBackend>,
    pub(super) frames: usize,
    pub(super) copies: Vec<String>,
    /// What is pasted from the clipboard; `None` if there is no program that reads it.
    pub(super) clipboard: Option<Vec<u8>>,
    /// All changes of mouse reporting.
    pub(super) mouse: Vec<bool>,
}

pub(super) fn canvas(size: Size) -> Canvas<TestBackend> {
    let Ok(canvas) = Canvas::new(TestBackend::new(size.width, size.height));
    canvas
}

impl Terminal for FakeTerminal {
    fn draw(&mut self, editor: &Editor) -> io::Result<()> {
        // A new canvas, as a cell hidden by a wide character would keep its old content.
        self.canvas = canvas(editor.size);
        let Ok(_) = self.canvas.draw(|frame| editor.draw(frame));
        self.frames += 1;
        Ok(())
    }

    fn copy(&mut self, text: &[u8]) -> io::Result<String> {
        self.copies.push(String::from_utf8_lossy(text).into_owned());
        Ok("a test".to_owned())
    }

    fn read_clipboard(&mut self) -> io::Result<Option<Vec<u8>>> {
        Ok(self.clipboard.clone())
    }

    fn size(&self) -> io::Result<Size> {
        let area = self.canvas.backend().buffer().area;
        Ok(Size { width: area.width, height: area.height })
    }

    fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn redraw(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn take_mouse(&mut self, mouse: bool) -> io::Result<()> {
        self.mouse.push(mouse);
        Ok(())
    }
}

/// A clock that the test advances.
#[derive(Debug, Clone, Default)]
pub(super) struct FakeClock(pub(super) Rc<Cell<Time>>);

impl Clock for FakeClock {
    fn now(&self) -> Time {
        self.0.get()
    }

    /// The view starts at two o'clock.
    fn time_of_day(&self) -> TimeOfDay {
        TimeOfDay::from_midnight(14 * 3600 + self.0.get().as_secs())
    }

    fn utc_offset(&self) -> i64 {
        0
    }
}

/// Reads at once, or when the test releases it.
#[derive(Debug, Default)]
pub(super) struct FakeReader {
    pub(super) is_held: bool,
    pub(super) held: VecDeque<ReadRequest>,
    /// Number of ranges requested.
    pub(super) count: usize,
}

impl Reader for FakeReader {
    fn read(&mut self, request: ReadRequest, mailbox: &Mailbox) {
        self.count += 1;
        if self.is_held {
            self.held.push_back(request);
        } else {
            mailbox.send(page_reader::read(request));
        }
    }

    fn poll(&mut self, document: DocumentId, path: PathBuf, mailbox: &Mailbox) {
        mailbox.send(Msg::Polled(document, FileStat::of(&path)));
    }

    /// The test says what comes.
    fn read_stream(&mut self, _: DocumentId, _: Arc<Spool>, _: StreamReader, _: &Mailbox) {}

    fn close(&mut self, _: DocumentId) {}
}
