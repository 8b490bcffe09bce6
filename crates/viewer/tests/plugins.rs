//! lazyhex with a plug-in: every command opens its locations, and says what it cannot open.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::path::Path;
use std::process::{Command, Output};

/// Runs the fixture `host`, which is lazyhex with the scheme `repeat`.
fn host(args: &[&str]) -> Output {
    let programs = Path::new(env!("CARGO_BIN_EXE_lazyhex")).parent().unwrap();
    let host = programs.join("examples").join(format!("host{}", std::env::consts::EXE_SUFFIX));
    assert!(
        host.exists(),
        "run `cargo build -p lazyhex --example host`, which `cargo test` includes"
    );
    Command::new(host).args(args).output().unwrap()
}

fn printed(args: &[&str]) -> String {
    let output = host(args);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn refused(args: &[&str], code: i32) -> String {
    let output = host(args);
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn each_command_opens_a_location() {
    assert_eq!(
        printed(&["dump", "--skip", "3", "--length", "8", "repeat://abcde/100"]),
        "00000003  64 65 61 62 63 64 65 61                           |deabcdea|\n0000000b\n"
    );
    assert_eq!(printed(&["find", "--count", "eab", "repeat://abcde/100"]), "99\n");
    assert_eq!(printed(&["find", "-o", "-m", "1", "eab", "repeat://abcde/100"]), "4:eab\n");
    assert_eq!(
        printed(&["dump", "--dtype", "u1", "--shape", "3", "repeat://abcde/100"]),
        "00000000  [0]  97\n00000001  [1]  98\n00000002  [2]  99\n"
    );
    let stat = printed(&["stat", "repeat://abcde/100"]);
    assert!(stat.contains("500 bytes"), "{stat}");
    let info = printed(&["info", "repeat://abcde/100"]);
    let lines = "\"repeat://abcde/100\"\n  is             bytes that a plug-in provides\n  \
                 length         500 bytes\n";
    assert_eq!(info, lines);
    let json = printed(&["info", "--json", "repeat://abcde/100"]);
    let parts = ["\"path\":null", "\"location\":\"repeat://abcde/100\"", "\"kind\":\"plug-in\""];
    assert!(parts.iter().all(|part| json.contains(part)), "{json}");
    // Files are opened by their path and as a location.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, "0123456789").unwrap();
    let path = file.path().to_str().unwrap().replace('\\', "/");
    let location = format!("file://{}{path}", if path.starts_with('/') { "" } else { "/" });
    assert_eq!(printed(&["find", "-o", "345", &location]), "3:345\n");
    assert_eq!(printed(&["dump", &path]), printed(&["dump", &location]));
}

#[test]
fn what_cannot_be_opened_is_named_with_what_to_do() {
    // With the feature `remote` there are more.
    let known = ["file://, ", "pid://, ", "repeat://, "];
    for (command, code) in [(&["dump"][..], 1), (&["info"], 1), (&["stat"], 1), (&["find", "x"], 2)]
    {
        let said = refused(&[command, &["other://x"]].concat(), code);
        let begins =
            "lazyhex: cannot open \"other://x\": nothing opens \"other\" locations; use one of ";
        let ends = "or write \"./other:\" at the start of the path of a file\n";
        assert!(said.starts_with(begins) && said.ends_with(ends), "{said}");
        assert!(known.iter().all(|scheme| said.contains(scheme)), "{said}");
    }
    assert_eq!(
        refused(&["dump", "repeat://x"], 1),
        "lazyhex: cannot open \"repeat://x\": the repeat backend does not support this; use \
         repeat://TEXT/COUNT\n"
    );
    let beyond = refused(&["dump", "--skip", "501", "repeat://abcde/100"], 1);
    assert!(beyond.contains("\"repeat://abcde/100\": offset 501 is beyond the end"), "{beyond}");
}
