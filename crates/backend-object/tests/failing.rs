//! Servers that fail, lie, and go away.

#![allow(clippy::as_conversions, clippy::unwrap_used, reason = "numbers of tests are small")]

mod kit;

use std::time::Duration;

use kit::{Do, Server, sample};
use memmap_core::{Error, ErrorKind, Map, MapOptions, Result};
use memmap_object::{Object, Objects};

const MIB: usize = 1 << 20;

fn open(server: &Server) -> Result<Map<Object>> {
    open_url(&server.url())
}

/// With little patience, as these servers need none.
fn open_url(url: &str) -> Result<Map<Object>> {
    MapOptions::new(Objects::new().patience(Duration::from_secs(4))).open(url)
}

/// The first time one thing, and from then on it serves.
fn once(what: Do) -> impl FnMut(&kit::Asked) -> Do + Send + 'static {
    let mut first = Some(what);
    move |_| first.take().unwrap_or(Do::Serve)
}

#[test]
fn what_fails_once_is_asked_for_again() {
    let bytes = sample(2 * MIB, 1);
    for what in [Do::Status(503, "later"), Do::Status(429, "slow down"), Do::HangUp, Do::Cut(1000)]
    {
        let server = Server::new(bytes.clone());
        let map = open(&server).unwrap();
        server.rule(once(what.clone()));
        assert_eq!(map.read_at(MIB as u64, 9).unwrap(), bytes[MIB..MIB + 9], "{what:?}");
        assert_eq!(server.requests(), 3, "{what:?}");
        assert_eq!(map.remote().unwrap().requests, 3);
    }
}

#[test]
fn a_slow_server_is_waited_for_and_a_silent_one_is_not() {
    let bytes = sample(MIB, 1);
    let server = Server::with(bytes.clone(), |_| Do::Slow(MIB / 8, Duration::from_millis(30)));
    assert_eq!(open(&server).unwrap().read_at(0, MIB).unwrap(), bytes);

    let server = Server::with(bytes, |_| Do::Silence);
    let hasty = Objects::new().patience(Duration::from_millis(200));
    let error = MapOptions::new(hasty).open(server.url()).unwrap_err();
    assert!(error.to_string().contains("nothing came within"), "{error}");
}

#[test]
fn the_answer_of_a_server_is_in_the_error() {
    for (status, text) in [
        (403, "the server answered 403 Forbidden"),
        (401, "the server answered 401 Unauthorized"),
        (404, "no such object"),
        (405, "405 Method Not Allowed"),
        (500, "500 Internal Server Error"),
    ] {
        let server = Server::with(sample(MIB, 1), move |_| Do::Status(status, "a secret"));
        let error = open(&server).unwrap_err().to_string();
        assert!(error.contains(text) && !error.contains("secret"), "{error}");
    }
}

#[test]
fn a_server_that_does_not_serve_ranges_is_no_download() {
    let server = Server::with(sample(8 * MIB, 1), |_| Do::Whole);
    let error = open(&server).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unsupported { .. }), "{error}");
    assert!(error.to_string().contains("it does not serve ranges"), "{error}");

    let server = Server::new(sample(8 * MIB, 1));
    let map = open(&server).unwrap();
    server.rule(|_| Do::Whole);
    let error = map.read_at(4 * MIB as u64, 5).unwrap_err();
    assert!(error.to_string().contains("it does not serve ranges"), "{error}");
    assert_eq!(map.remote().unwrap().fetched, MIB as u64);
}

#[test]
fn a_range_that_was_not_asked_for_is_an_error() {
    let server = Server::new(sample(4 * MIB, 1));
    let map = open(&server).unwrap();
    server.rule(|_| Do::WrongRange);
    let error = map.read_at(2 * MIB as u64, 5).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
    assert!(error.to_string().contains("got 2097153..3145729"), "{error}");
}

#[test]
fn a_body_that_always_breaks_off_is_an_error_of_its_block() {
    let bytes = sample(4 * MIB, 1);
    let server = Server::new(bytes.clone());
    let map = open(&server).unwrap();
    server.rule(|asked| {
        let is_bad = asked.range.as_ref().is_some_and(|range| range.end > 2 * MIB as u64);
        if is_bad { Do::Cut(10) } else { Do::Serve }
    });
    let mut out = vec![0; 3 * MIB];
    let partial = map.read_some(0, &mut out).unwrap();
    assert_eq!(partial.len, 2 * MIB);
    assert!(out[..2 * MIB] == bytes[..2 * MIB]);
    assert!(partial.stopped.is_some());
}

#[test]
fn redirections_are_followed_and_not_forever() {
    let bytes = sample(2 * MIB, 1);
    let there = Server::new(bytes.clone());
    let to = there.url();
    let server = Server::with([], move |_| Do::Redirect(to.clone()));
    let map = open(&server).unwrap();
    assert_eq!(map.read_at(MIB as u64, 9).unwrap(), bytes[MIB..MIB + 9]);
    assert!(there.asked().iter().skip(1).all(|asked| asked.field("if-match") == Some("\"1\"")));

    let server = Server::with([], |_| Do::Redirect("/object?secret".into()));
    let error = open(&server).unwrap_err().to_string();
    assert!(error.contains("redirect") && !error.contains("secret"), "{error}");
}

#[test]
fn a_server_that_is_killed_leaves_what_came_and_a_list_of_what_did_not() {
    let bytes = sample(9 * MIB, 1);
    let server = Server::new(bytes.clone());
    let map = open(&server).unwrap();
    map.read_at(4 * MIB as u64, 9).unwrap();
    server.kill();
    let mut out = vec![0xff; 9 * MIB];
    let lost = map.rescue(0, &mut out).unwrap();
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for range in lost.iter().map(|it| it.range.clone()) {
        match ranges.last_mut() {
            Some(before) if before.1 == range.start => before.1 = range.end,
            _ => ranges.push((range.start, range.end)),
        }
    }
    let mib = MIB as u64;
    assert_eq!(ranges, [(mib, 4 * mib), (5 * mib, 9 * mib)]);
    assert!(out[..MIB] == bytes[..MIB] && out[4 * MIB..5 * MIB] == bytes[4 * MIB..5 * MIB]);
    assert!(out[MIB..4 * MIB].iter().all(|&byte| byte == 0));
}

#[test]
fn no_secret_is_in_an_error_or_in_debug() {
    let server = Server::with(sample(MIB, 1), |_| Do::Status(403, "secret"));
    let url = format!("http://user:secret@{}/object?signature=secret", server.host());
    let error = open_url(&url).unwrap_err();
    let asked = server.asked().remove(0);
    assert_eq!(asked.target, "/object?signature=secret");
    assert_eq!(asked.field("authorization"), Some("Basic dXNlcjpzZWNyZXQ="));
    let text = |error: &Error| format!("{error} {error:?}");
    assert!(text(&error).contains(&server.host()) && !text(&error).contains("secret"), "{error:?}");

    server.rule(|_| Do::Serve);
    let map = open_url(&url).unwrap();
    assert!(!format!("{map:?} {:?} {:?}", map.origin(), map.remote()).contains("secret"));
    server.kill();
    let url = format!("http://user:secret@{}/x?secret", server.host());
    let error = open_url(&url).unwrap_err();
    assert!(!text(&error).contains("secret"), "{error:?}");
    for wrong in ["http://user:secret@/x?secret", "s3://user:secret@bucket/key", "http://[secret"] {
        let error = open_url(wrong).unwrap_err();
        assert!(wrong.starts_with("http://[") || !text(&error).contains("secret"), "{error:?}");
    }
}
