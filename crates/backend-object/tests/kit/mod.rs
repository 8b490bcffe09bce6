//! A server that does what a test tells it to.

#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    reason = "numbers of tests are small"
)]

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Do {
    /// Serves the object as it should.
    Serve,
    /// Serves without a look at conditions.
    IgnoreConditions,
    /// Answers this status, with this body.
    Status(u16, &'static str),
    /// Answers 200 with the whole object.
    Whole,
    /// Serves, and ends the connection after so many bytes of the body.
    Cut(usize),
    /// Serves in pieces of this length, with a pause before each.
    Slow(usize, Duration),
    /// Says another range than the one that was asked for.
    WrongRange,
    /// Redirects to this location.
    Redirect(String),
    /// Ends the connection without an answer.
    HangUp,
    /// Does not answer before the client is gone.
    Silence,
}

/// What was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) verb: String,
    pub(crate) target: String,
    pub(crate) range: Option<Range<u64>>,
    pub(crate) fields: Vec<(String, String)>,
}

impl Asked {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields.find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The object that is served.
#[derive(Debug, Clone, Default)]
pub(crate) struct Served {
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) etag: Option<String>,
    /// More fields of each answer.
    pub(crate) fields: Vec<(&'static str, String)>,
}

type Rule = Box<dyn FnMut(&Asked) -> Do + Send>;

struct State {
    served: Mutex<Served>,
    asked: Mutex<Vec<Asked>>,
    rule: Mutex<Rule>,
    is_dead: AtomicBool,
}

pub(crate) struct Server {
    address: SocketAddr,
    state: Arc<State>,
}

impl Server {
    /// Serves these bytes with the tag `"1"`.
    pub(crate) fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self::with(bytes, |_| Do::Serve)
    }

    /// Serves these bytes by a rule.
    pub(crate) fn with(
        bytes: impl Into<Arc<[u8]>>,
        rule: impl FnMut(&Asked) -> Do + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let served = Served { bytes: bytes.into(), etag: Some("\"1\"".into()), fields: Vec::new() };
        let state = Arc::new(State {
            served: Mutex::new(served),
            asked: Mutex::default(),
            rule: Mutex::new(Box::new(rule)),
            is_dead: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.is_dead.load(Ordering::SeqCst) {
                    break;
                }
                let state = Arc::clone(&shared);
                // A client that goes away is no matter.
                thread::spawn(move || stream.and_then(|stream| talk(&stream, &state)));
            }
        });
        Self { address, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/object", self.address)
    }

    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// Puts another object in the place of the one that is served.
    pub(crate) fn replace(&self, bytes: impl Into<Arc<[u8]>>, etag: &str) {
        let mut served = self.state.served.lock().unwrap();
        *served = Served { bytes: bytes.into(), etag: Some(etag.into()), fields: Vec::new() };
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Served)) {
        change(&mut self.state.served.lock().unwrap());
    }

    pub(crate) fn rule(&self, rule: impl FnMut(&Asked) -> Do + Send + 'static) {
        *self.state.rule.lock().unwrap() = Box::new(rule);
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap().clone()
    }

    pub(crate) fn requests(&self) -> usize {
        self.state.asked.lock().unwrap().len()
    }

    /// Keeps it running to the end of the process.
    pub(crate) fn keep(self) {
        static KEPT: Mutex<Vec<Server>> = Mutex::new(Vec::new());
        KEPT.lock().unwrap().push(self);
    }

    /// Ends it: nobody listens any more, and open connections end with their next request.
    pub(crate) fn kill(&self) {
        self.state.is_dead.store(true, Ordering::SeqCst);
        // Wakes the listener, which then goes away.
        drop(TcpStream::connect(self.address));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn talk(stream: &TcpStream, state: &State) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    while let Some(asked) = read_request(&mut reader)? {
        if state.is_dead.load(Ordering::SeqCst) {
            break;
        }
        state.asked.lock().unwrap().push(asked.clone());
        let what = (state.rule.lock().unwrap())(&asked);
        let served = state.served.lock().unwrap().clone();
        if !answer(stream, &asked, &what, &served)? {
            break;
        }
    }
    stream.shutdown(Shutdown::Both)
}

fn read_request(reader: &mut impl BufRead) -> std::io::Result<Option<Asked>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut words = lines[0].split(' ').map(str::to_owned);
    let (verb, target) = (words.next().unwrap(), words.next().unwrap());
    let fields = lines[1..].iter().filter_map(|line| line.split_once(": "));
    let fields: Vec<_> = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let range = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("range"));
    let range = range.and_then(|(_, value)| {
        let (first, last) = value.strip_prefix("bytes=")?.split_once('-')?;
        Some(first.parse().ok()?..last.parse::<u64>().ok()? + 1)
    });
    Ok(Some(Asked { verb, target, range, fields }))
}

/// Answers, and returns whether the connection stays open.
fn answer(
    mut stream: &TcpStream,
    asked: &Asked,
    what: &Do,
    served: &Served,
) -> std::io::Result<bool> {
    let total = served.bytes.len() as u64;
    let mut status = if asked.range.is_some() { 206 } else { 200 };
    let mut body: &[u8] = &served.bytes;
    let mut fields = String::new();
    if let Some(range) = &asked.range {
        let range = range.start..range.end.min(total);
        if range.start >= total {
            status = 416;
            body = &[];
            put(&mut fields, format_args!("Content-Range: bytes */{total}\r\n"));
        } else {
            body = &body[range.start as usize..range.end as usize];
            let off = u64::from(matches!(what, Do::WrongRange));
            let (first, last) = (range.start + off, range.end - 1 + off);
            put(&mut fields, format_args!("Content-Range: bytes {first}-{last}/{total}\r\n"));
        }
    }
    let is_other = asked.field("if-match").is_some_and(|it| Some(it) != served.etag.as_deref());
    match what {
        Do::Status(other, text) => (status, body) = (*other, text.as_bytes()),
        Do::Whole => (status, body, fields) = (200, &served.bytes, String::new()),
        Do::Redirect(to) => (status, body, fields) = (302, &[], format!("Location: {to}\r\n")),
        Do::HangUp => return Ok(false),
        Do::Silence => {
            stream.set_read_timeout(None)?;
            // Returns when the client closes.
            std::io::Read::read(&mut stream, &mut [0])?;
            return Ok(false);
        }
        Do::Serve | Do::Cut(_) | Do::Slow(..) | Do::WrongRange if is_other => {
            (status, body) = (412, b"it is another one");
        }
        _ => {}
    }
    if let Some(etag) = &served.etag {
        put(&mut fields, format_args!("ETag: {etag}\r\n"));
    }
    for (name, value) in &served.fields {
        put(&mut fields, format_args!("{name}: {value}\r\n"));
    }
    let len = body.len();
    write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: {len}\r\n{fields}\r\n")?;
    if asked.verb == "HEAD" {
        return Ok(true);
    }
    match what {
        Do::Cut(len) if *len < body.len() => {
            stream.write_all(&body[..*len])?;
            return Ok(false);
        }
        Do::Slow(len, pause) => {
            for piece in body.chunks(*len) {
                thread::sleep(*pause);
                stream.write_all(piece)?;
            }
        }
        _ => stream.write_all(body)?,
    }
    Ok(true)
}

fn put(fields: &mut String, line: std::fmt::Arguments<'_>) {
    use std::fmt::Write as _;
    fields.write_fmt(line).unwrap();
}

/// Bytes that differ from block to block, and by a seed.
pub(crate) fn sample(len: usize, seed: u32) -> Vec<u8> {
    let mut dice = Dice::new(u64::from(seed) + 1);
    let piece: Vec<u8> = (0..4096).map(|_| dice.below(256) as u8).collect();
    let mut bytes = Vec::with_capacity(len + piece.len());
    while bytes.len() < len {
        let number = bytes.len().to_le_bytes();
        bytes.extend_from_slice(&number);
        bytes.extend_from_slice(&piece);
    }
    bytes.truncate(len);
    bytes
}

/// Numbers that look random.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// One below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}
