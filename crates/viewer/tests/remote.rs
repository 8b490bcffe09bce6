//! `lazyhex http://…`, with the feature `remote`, over a server that this test is.

#![cfg(feature = "remote")]
#![allow(clippy::unwrap_used, reason = "a test panics")]

#[path = "../../backend-object/tests/kit/mod.rs"]
mod kit;

use std::process::{Command, Output};

use kit::{Do, Server, sample};

const MIB: usize = 1 << 20;

fn lazyhex(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lazyhex")).args(arguments).output().unwrap()
}

/// The output of a call that succeeds.
fn text(arguments: &[&str]) -> String {
    let output = lazyhex(arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_object_is_dumped_searched_and_summed_up() {
    let mut bytes = sample(3 * MIB, 1);
    bytes[2 * MIB + 7..][..8].copy_from_slice(b"a needle");
    let server = Server::new(bytes);
    let url = server.url();
    let dump = text(&["dump", "-s", "0x200007", "-n", "8", &url]);
    assert!(dump.contains("|a needle|"), "{dump}");
    assert_eq!(server.requests(), 2);
    assert!(text(&["find", "a needle", &url]).starts_with("00200007 "));
    assert!(text(&["stat", &url]).contains("3.00 MiB"));
}

#[test]
fn info_says_what_pins_an_object_and_what_was_fetched() {
    let server = Server::new(sample(3 * MIB, 1));
    let info = text(&["info", &server.url()]);
    assert!(
        info.contains("pinned         by ETag \"1\", which another version may have too"),
        "{info}"
    );
    assert!(info.contains("fetched        1.00 MiB, by requests: 1"), "{info}");
    let json = text(&["info", "--json", &server.url()]);
    assert!(
        json.contains(
            r#""remote":{"fetched":1048576,"pinned_by":"etag","requests":1,"version":"\"1\""}"#
        ),
        "{json}"
    );
}

#[test]
fn what_a_server_refuses_is_said_without_secrets() {
    let server = Server::with(sample(MIB, 1), |_| Do::Status(403, "secret"));
    let url = format!("http://me:secret@{}/object?key=secret", server.host());
    let output = lazyhex(&["dump", &url]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("403 Forbidden") && !error.contains("secret"), "{error}");
    server.rule(|_| Do::Serve);
    server.change(|served| served.etag = None);
    let refused = lazyhex(&["dump", "-n", "4", &server.url()]);
    assert!(String::from_utf8(refused.stderr).unwrap().contains("#unpinned"));
    let allowed = text(&["dump", "-n", "4", &format!("{}#unpinned", server.url())]);
    assert!(allowed.starts_with("00000000 "), "{allowed}");
}
