//! A plug-in: an object on a web server as a mapping, read with range requests.
//!
//! `cargo run -p memmap-rs --example plugin_http_range` starts a small server, opens an object of a gigabyte
//! on it, and reads a few bytes. Then the object is replaced, and the next read is an error that says so.
//! A real plug-in would use an HTTP crate, keep its connection, and read ahead; the two traits are the same.

#![expect(clippy::print_stdout, reason = "the output of a program")]

use std::error::Error as StdError;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use memmap::plugin::{Identity, Mapping, Op, Opener, Origin, Request, check};
use memmap::{Error, ErrorKind, MapOptions, Result};

/// Opens `http://HOST/PATH`.
#[derive(Debug)]
pub struct Http;

/// A range of an object, in one version of it.
#[derive(Debug)]
pub struct Object {
    host: String,
    path: String,
    etag: String,
    start: u64,
    len: u64,
}

impl Opener for Http {
    type Source = str;
    type Mapping = Object;

    fn origin(&self, url: &str) -> Origin {
        url.into()
    }

    fn open(&self, url: &str, request: &Request) -> Result<Object> {
        request.require_read_only()?;
        let failed = |source| Error::new(Op::Open, ErrorKind::Os(source));
        let rest = url.strip_prefix("http://").ok_or_else(|| {
            Error::unsupported(Op::Open, "http", "this location; use http://HOST/PATH")
        })?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let head = ask(host, &format!("HEAD /{path}"), "").map_err(failed)?;
        match head.status {
            200 => {}
            404 => return Err(Error::new(Op::Open, ErrorKind::NotFound)),
            status => return Err(failed(answered(status))),
        }
        let len = head.field("content-length").and_then(|len| len.parse().ok());
        // A weak ETag is not one version of the bytes.
        let etag = head.field("etag").filter(|etag| !etag.starts_with("W/"));
        let (Some(len), Some(etag)) = (len, etag) else {
            let what = "a server that does not say lengths and strong ETags";
            return Err(Error::unsupported(Op::Open, "http", what));
        };
        let range = request.range(len)?; // the offset and the length that were asked for, checked
        Ok(Object {
            host: host.into(),
            path: path.into(),
            etag: etag.into(),
            start: range.start,
            len: range.end - range.start,
        })
    }
}

impl Mapping for Object {
    fn len(&self) -> u64 {
        self.len
    }

    fn identity(&self) -> Option<Identity> {
        Some(self.etag.as_str().into())
    }

    fn name(&self) -> &'static str {
        "http"
    }

    /// Does not ask a server byte by byte.
    fn next_readable(&self, offset: u64) -> u64 {
        offset.saturating_add(BLOCK_LEN)
    }

    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        check(offset, out.len(), self.len)?;
        if out.is_empty() {
            return Ok(());
        }
        let failed = |source| Error::io(Op::Read, offset, source);
        let first = self.start + offset;
        let last = first + u64::try_from(out.len()).unwrap_or(u64::MAX) - 1;
        // A server that has another version answers 412, or ignores the condition and names that version.
        let fields = format!("If-Match: {}\r\nRange: bytes={first}-{last}\r\n", self.etag);
        let mut answer =
            ask(&self.host, &format!("GET /{}", self.path), &fields).map_err(failed)?;
        match (answer.status, answer.field("etag")) {
            (206, Some(now)) if now == self.etag => answer.body.read_exact(out).map_err(failed),
            (200, Some(now)) if now == self.etag => {
                Err(Error::unsupported(Op::Read, "http", "a server that ignores ranges"))
            }
            (200 | 206 | 412, now) => {
                let (was, now) = (self.etag.as_str().into(), now.map(Identity::from));
                Err(Error::replaced(Op::Read, offset, was, now))
            }
            (status, _) => Err(failed(answered(status))),
        }
    }
}

/// Bytes after a failed one that are not tried.
const BLOCK_LEN: u64 = 64 << 10;

/// How long a server may say nothing.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most that the head of an answer may have, in bytes.
const HEAD_MAX: u64 = 64 << 10;

fn answered(status: u16) -> io::Error {
    io::Error::other(format!("the server answered {status}"))
}

/// The answer of a server.
struct Answer {
    status: u16,
    fields: Vec<(String, String)>,
    body: BufReader<TcpStream>,
}

impl Answer {
    fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// One request, on a connection of its own.
fn ask(host: &str, method_and_path: &str, fields: &str) -> io::Result<Answer> {
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let mut stream =
        if has_port { TcpStream::connect(host)? } else { TcpStream::connect((host, 80))? };
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "{method_and_path} HTTP/1.1\r\nHost: {host}\r\n{fields}Connection: close\r\n\r\n"
    )?;
    let (mut body, mut line, mut fields) = (BufReader::new(stream), String::new(), Vec::new());
    let mut head = body.by_ref().take(HEAD_MAX);
    head.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or(io::ErrorKind::InvalidData)?;
    loop {
        line.clear();
        if head.read_line(&mut line)? <= 2 {
            return Ok(Answer { status, fields, body });
        }
        if let Some((key, value)) = line.trim_end().split_once(':') {
            fields.push((key.to_owned(), value.trim().to_owned()));
        }
    }
}

fn main() -> std::result::Result<(), Box<dyn StdError>> {
    let object = Arc::new(Mutex::new(Stored { version: 1, bytes: Bytes::Counted(1 << 30) }));
    let url = serve(Arc::clone(&object))?;
    println!("{}", show(&url, &object)?.join("\n"));
    Ok(())
}

/// Reads an object, and reads it again after it was replaced.
fn show(url: &str, object: &Mutex<Stored>) -> std::result::Result<Vec<String>, Box<dyn StdError>> {
    let map = MapOptions::new(Http).offset(512).open(url)?;
    let mut lines = vec![
        format!("{} bytes from byte {} on", map.len(), map.offset()),
        format!("8 bytes in the middle: {:?}", map.read_at(1 << 29, 8)?),
    ];
    let seen = map.identity().ok_or("a version")?;
    object.lock().unwrap_or_else(PoisonError::into_inner).version = 2;
    let hidden = |error: &Error| error.to_string().replace(url, "URL");
    match map.read_at(0, 8) {
        Ok(bytes) => lines.push(format!("bytes of another version: {bytes:?}")),
        Err(error) => lines.push(hidden(&error)),
    }
    match MapOptions::new(Http).identity(seen).open(url) {
        Ok(_) => lines.push("opened another version".to_owned()),
        Err(error) => lines.push(hidden(&error)),
    }
    Ok(lines)
}

/// What the server has, in its present version.
struct Stored {
    version: u32,
    bytes: Bytes,
}

enum Bytes {
    /// This many bytes, each the lowest byte of its offset.
    Counted(u64),
    #[cfg_attr(not(test), expect(dead_code, reason = "the laws choose the bytes"))]
    These(Vec<u8>),
}

impl Bytes {
    fn len(&self) -> u64 {
        match self {
            Self::Counted(len) => *len,
            Self::These(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        }
    }

    fn range(&self, first: u64, last: u64) -> Vec<u8> {
        match self {
            Self::Counted(_) => (first..=last).map(|offset| offset.to_le_bytes()[0]).collect(),
            Self::These(bytes) => {
                let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
                bytes.get(place(first)..=place(last)).unwrap_or_default().to_vec()
            }
        }
    }
}

/// A server of one object. It ends with the program.
fn serve(object: Arc<Mutex<Stored>>) -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/object", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that goes away ends its connection, and nothing else.
            answer(stream, &object).ok();
        }
    });
    Ok(url)
}

fn answer(mut stream: TcpStream, object: &Mutex<Stored>) -> io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let (mut expected, mut range) = (None, None);
    for line in lines {
        let line = line?;
        match line.split_once(": ") {
            Some(("If-Match", etag)) => expected = Some(etag.to_owned()),
            Some(("Range", asked)) => {
                let ends = asked.strip_prefix("bytes=").and_then(|ends| ends.split_once('-'));
                range =
                    ends.and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
            }
            Some(_) => {}
            None => break,
        }
    }
    let object = object.lock().unwrap_or_else(PoisonError::into_inner);
    let etag = format!("\"{}\"", object.version);
    let head = format!("ETag: {etag}\r\nConnection: close\r\n");
    if expected.is_some_and(|expected| expected != etag) {
        return write!(stream, "HTTP/1.1 412 Precondition Failed\r\n{head}\r\n");
    }
    match range {
        Some((first, last)) if !request.starts_with("HEAD") => {
            let bytes = object.bytes.range(first, last);
            let len = bytes.len();
            let head = format!("{head}Content-Length: {len}\r\n");
            write!(stream, "HTTP/1.1 206 Partial Content\r\n{head}\r\n")?;
            stream.write_all(&bytes)
        }
        _ => {
            let len = object.bytes.len();
            write!(stream, "HTTP/1.1 200 OK\r\n{head}Content-Length: {len}\r\n\r\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The source of a law: an object with these bytes on a server of its own.
    fn object(bytes: &[u8]) -> (Http, String) {
        let stored = Stored { version: 1, bytes: Bytes::These(bytes.to_vec()) };
        (Http, serve(Arc::new(Mutex::new(stored))).expect("a server"))
    }

    memmap_conformance::conformance!(mod an_object_keeps_the_laws, object, [read, read_only, open]);

    #[test]
    fn a_replaced_object_is_noticed() {
        let object = Arc::new(Mutex::new(Stored { version: 1, bytes: Bytes::Counted(1 << 30) }));
        let url = serve(Arc::clone(&object)).expect("a server");
        let lines = show(&url, &object).expect("an object");
        let replaced = "it was replaced: version \"1\" was expected, and version \"2\" is there now; \
                        open it again to read the current version";
        assert_eq!(
            lines,
            [
                "1073741312 bytes from byte 512 on".to_owned(),
                "8 bytes in the middle: [0, 1, 2, 3, 4, 5, 6, 7]".to_owned(),
                format!("cannot read \"URL\": {replaced}"),
                format!("cannot open \"URL\": {replaced}"),
            ]
        );
    }

    #[test]
    fn what_is_not_there_is_not_found_or_refused() {
        let error = MapOptions::new(Http).open("ftp://x/y").expect_err("another scheme");
        assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error}");
        let error = MapOptions::new(Http).open("http://127.0.0.1:1/x").expect_err("no server");
        assert!(error.to_string().starts_with("cannot open \"http://127.0.0.1:1/x\": "), "{error}");
    }
}
