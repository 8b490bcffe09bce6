//! Reads pages and polls files on their own threads, as a dead network file system may block
//! forever.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use crate::document::DocumentId;
use crate::editor::effect::ReadRequest;
use crate::editor::message::Msg;
use crate::job::executor::catch;
use crate::source;
use crate::source::file_stat::FileStat;
use crate::source::handle::MayBlock;
use crate::source::page_cache::Page;
use crate::source::spool::Spool;
use crate::source::stream_reader::StreamReader;
use crate::terminal::mailbox::Mailbox;
use crate::terminal::stream;

/// Reads for the view.
pub(crate) trait Reader {
    /// Reads a range. Answers with [`Msg::Read`].
    fn read(&mut self, request: ReadRequest, mailbox: &Mailbox);

    /// Queries a file's metadata. Answers with [`Msg::Polled`].
    fn poll(&mut self, document: DocumentId, path: PathBuf, mailbox: &Mailbox);

    /// Reads a stream into its spool. Answers with [`Msg::Streamed`].
    fn read_stream(
        &mut self,
        document: DocumentId,
        spool: Arc<Spool>,
        reader: StreamReader,
        mailbox: &Mailbox,
    );

    /// Releases a document, which is not read any more.
    fn close(&mut self, document: DocumentId);
}

/// One thread per document that reads, and one that polls.
#[derive(Debug, Default)]
pub(crate) struct PageReader {
    /// Until the first frame is drawn, pages are read on the calling thread.
    has_threads: bool,
    pages: BTreeMap<DocumentId, Sender<ReadRequest>>,
    polls: BTreeMap<DocumentId, Sender<PathBuf>>,
}

impl PageReader {
    /// Reads on threads from now on.
    pub(crate) fn use_threads(&mut self) {
        self.has_threads = true;
    }
}

impl Reader for PageReader {
    fn read(&mut self, request: ReadRequest, mailbox: &Mailbox) {
        if !self.has_threads {
            mailbox.send(read(request));
            return;
        }
        let Err(request) = send(&self.pages, request.document, request) else { return };
        let (sender, requests) = channel::<ReadRequest>();
        let answers = mailbox.clone();
        let started = thread::Builder::new().name("page reader".to_owned()).spawn(move || {
            while let Ok(request) = requests.recv() {
                if !answers.send(read_carefully(request)) {
                    break;
                }
            }
        });
        if started.is_ok() {
            let document = request.document;
            sender.send(request).ok();
            self.pages.insert(document, sender);
        } else {
            // If no thread can be started, read on this one: slow is better than never.
            mailbox.send(read(request));
        }
    }

    fn poll(&mut self, document: DocumentId, path: PathBuf, mailbox: &Mailbox) {
        let Err(path) = send(&self.polls, document, path) else { return };
        let (sender, paths) = channel::<PathBuf>();
        let answers = mailbox.clone();
        let started = thread::Builder::new().name("file watcher".to_owned()).spawn(move || {
            while let Ok(path) = paths.recv() {
                if !answers.send(Msg::Polled(document, FileStat::of(&path))) {
                    break;
                }
            }
        });
        if started.is_ok() {
            sender.send(path).ok();
            self.polls.insert(document, sender);
        }
    }

    fn read_stream(
        &mut self,
        document: DocumentId,
        spool: Arc<Spool>,
        reader: StreamReader,
        mailbox: &Mailbox,
    ) {
        stream::start(document, &spool, reader, mailbox);
    }

    fn close(&mut self, document: DocumentId) {
        self.pages.remove(&document);
        self.polls.remove(&document);
    }
}

/// Sends a request to the document's thread. Returns it if there is none.
fn send<T>(
    threads: &BTreeMap<DocumentId, Sender<T>>,
    document: DocumentId,
    request: T,
) -> Result<(), T> {
    match threads.get(&document) {
        Some(thread) => thread.send(request).map_err(|error| error.0),
        None => Err(request),
    }
}

/// Reads a range. A panic, as of a faulty back end, makes the bytes unreadable.
fn read_carefully(request: ReadRequest) -> Msg {
    let (document, generation, range) =
        (request.document, request.generation, request.range.clone());
    catch(|| read(request)).unwrap_or_else(|panicked| {
        let len = usize::try_from(range.end - range.start).unwrap_or(0);
        let page = Page {
            start: range.start,
            bytes: vec![None; len],
            problem: Some(panicked.into()),
            ..Page::default()
        };
        Msg::Read { document, generation, page }
    })
}

/// Reads a range on this thread.
pub(crate) fn read(request: ReadRequest) -> Msg {
    let ReadRequest { document, generation, source, range } = request;
    let page = source::read_page(source.mapping(MayBlock::on_this_thread()), range);
    Msg::Read { document, generation, page }
}
