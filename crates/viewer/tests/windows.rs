//! The program on Windows: output is binary, without newline translation.
#![cfg(windows)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

fn lazyhex(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
    command.args(args).stdin(Stdio::null()).env_remove("NO_COLOR");
    command
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Output of `hexdump -C` for bytes without repeated rows.
fn canonical(bytes: &[u8]) -> String {
    let mut lines = String::new();
    for (row, bytes) in bytes.chunks(16).enumerate() {
        write!(lines, "{:08x} ", row * 16).unwrap();
        for at in 0..16 {
            let gap = if at == 8 { "  " } else { " " };
            match bytes.get(at) {
                Some(byte) => write!(lines, "{gap}{byte:02x}").unwrap(),
                None => write!(lines, "{gap}  ").unwrap(),
            }
        }
        let shown = |&byte: &u8| if (0x20..0x7F).contains(&byte) { char::from(byte) } else { '.' };
        writeln!(lines, "  |{}|", bytes.iter().map(shown).collect::<String>()).unwrap();
    }
    writeln!(lines, "{:08x}", bytes.len()).unwrap();
    lines
}

#[test]
fn a_dump_has_the_bytes_of_every_value_and_ends_its_lines_as_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("every value");
    let bytes: Vec<u8> = (0..=255_u8).cycle().take(70_001).collect();
    fs::write(&path, &bytes).unwrap();
    let output = lazyhex(&["dump", path.to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout) == canonical(&bytes));
}

#[test]
fn a_pipe_is_read_as_it_is() {
    // Bytes that text mode would translate or take for the end of the file.
    let bytes = b"\r\n\n\r\x1A\0\xFF after the end";
    let mut child = lazyhex(&["dump", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let Output { status, stdout, .. } = child.wait_with_output().unwrap();
    assert_eq!((status.code(), text(&stdout)), (Some(0), &*canonical(bytes)));
}

#[test]
fn a_failure_is_one_line_with_the_path_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing");
    let output = lazyhex(&["dump", missing.to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let line = text(&output.stderr);
    assert!(line.contains(&format!("{missing:?}")) && line.contains("check the path"), "{line}");
    assert_eq!(line.matches('\n').count(), 1, "{line}");
    assert_eq!(lazyhex(&["dump", "--nonsense"]).output().unwrap().status.code(), Some(2));
}

#[test]
fn a_file_is_explained() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, [7; 10_000]).unwrap();
    let output = lazyhex(&["info", path.to_str().unwrap()]).output().unwrap();
    let explained = text(&output.stdout);
    assert!(
        explained.contains("10000 bytes") && explained.contains("a regular file"),
        "{explained}"
    );
    let output = lazyhex(&["info", "--json", path.to_str().unwrap()]).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["length"], 10_000, "{json}");
}

#[test]
fn what_is_looked_for_is_found_and_said_by_the_exit_code() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    fs::write(&path, b"one\r\ntwo\r\nw\0i\0d\0e\0 two\r\n".repeat(1000)).unwrap();
    let find = |args: &[&str]| {
        let output = lazyhex(&["find"]).args(args).arg(&path).output().unwrap();
        (output.status.code(), text(&output.stdout).to_owned())
    };
    assert_eq!(find(&["-c", "two"]), (Some(0), "2000\n".to_owned()));
    assert_eq!(find(&["-c", "--utf16", "wide"]), (Some(0), "1000\n".to_owned()));
    assert_eq!(find(&["-c", "--regex", "[a-z]+\\r\\n"]), (Some(0), "3000\n".to_owned()));
    assert_eq!(find(&["-c", "--hex", "0d 0a"]), (Some(0), "3000\n".to_owned()));
    let (code, offsets) = find(&["-o", "--limit", "2", "two"]);
    assert_eq!((code, offsets.as_str()), (Some(0), "5:two\n19:two\n"));
    assert_eq!(find(&["three"]), (Some(1), String::new()));
    assert_eq!(find(&["--hex", "0"]).0, Some(2));
}

/// Windows does not set `HOME`.
#[test]
fn the_configuration_needs_no_home() {
    let dir = tempfile::tempdir().unwrap();
    let read_from = |variables: &[&str]| {
        let mut command = lazyhex(&["--print-config"]);
        command.env_remove("HOME").env_remove("XDG_CONFIG_HOME");
        for variable in variables {
            command.env(variable, dir.path().join(variable));
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let line = text(&output.stdout).lines().find(|line| line.contains("It is read from"));
        line.unwrap().to_owned()
    };
    let line_of = |parts: &[&str]| {
        let mut path = dir.path().to_owned();
        path.extend(parts);
        format!("# It is read from {path:?}.")
    };
    assert_eq!(read_from(&["APPDATA"]), line_of(&["APPDATA", "lazyhex", "config.toml"]));
    // The variables take precedence, as on other systems.
    let home = line_of(&["HOME", ".config", "lazyhex", "config.toml"]);
    assert_eq!(read_from(&["APPDATA", "HOME"]).replace('/', "\\\\"), home.replace('/', "\\\\"));
    let xdg = line_of(&["XDG_CONFIG_HOME", "lazyhex", "config.toml"]);
    assert_eq!(read_from(&["APPDATA", "HOME", "XDG_CONFIG_HOME"]), xdg);
}
