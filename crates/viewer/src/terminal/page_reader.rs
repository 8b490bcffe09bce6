//! Reads the bytes that are shown, and looks at files from outside: on threads of their own, as a dead
//! network file system may let them wait for ever.

use std::collections::BTreeMap;
use std::path::PathBuf;
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
use crate::terminal::mailbox::Mailbox;

/// What reads for the view.
pub(crate) trait Reader {
    /// Reads bytes, and answers with [`Msg::Read`].
    fn read(&mut self, request: ReadRequest, mailbox: &Mailbox);

    /// Looks at a file from outside, and answers with [`Msg::Polled`].
    fn poll(&mut self, document: DocumentId, path: PathBuf, mailbox: &Mailbox);

    /// Nothing more is asked of a document.
    fn close(&mut self, document: DocumentId);
}

/// A thread for the bytes of each document, and one that looks at it from outside.
#[derive(Debug, Default)]
pub(crate) struct PageReader {
    /// Before the first frame there are no threads: bytes are read in place.
    has_threads: bool,
    pages: BTreeMap<DocumentId, Sender<ReadRequest>>,
    polls: BTreeMap<DocumentId, Sender<PathBuf>>,
}

impl PageReader {
    /// From now on bytes are read on threads.
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
            // Without a thread it is read here: slow is better than never.
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

    fn close(&mut self, document: DocumentId) {
        self.pages.remove(&document);
        self.polls.remove(&document);
    }
}

/// Gives a request to the thread that is there for it, or back if there is none.
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

/// Reads bytes, which cannot be read where that panics: a plug-in may have a bug.
fn read_carefully(request: ReadRequest) -> Msg {
    let (document, generation, range) =
        (request.document, request.generation, request.range.clone());
    catch(|| read(request)).unwrap_or_else(|panicked| {
        let len = usize::try_from(range.end - range.start).unwrap_or(0);
        let page =
            Page { start: range.start, bytes: vec![None; len], problem: Some(panicked.into()) };
        Msg::Read { document, generation, page }
    })
}

/// Reads bytes on this thread.
pub(crate) fn read(request: ReadRequest) -> Msg {
    let ReadRequest { document, generation, source, range } = request;
    let page = source::rescue(source.mapping(MayBlock::on_this_thread()), range);
    Msg::Read { document, generation, page }
}
