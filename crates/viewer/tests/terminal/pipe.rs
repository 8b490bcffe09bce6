//! The view of what comes through a pipe.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{LEAVE_SCREEN, PATIENCE, Session};

/// A shell on a terminal of its own, from which the view reads keys. In the script, `$0` is the program, and the
/// temporary files are in a directory of their own.
fn shell(script: &str, dir: &Path) -> Session {
    // `setsid` makes the terminal on standard input the controlling one.
    let mut command = Command::new("setsid");
    command.args(["--ctty", "--wait", "sh", "-c", script, env!("CARGO_BIN_EXE_lazyhex")]);
    command.current_dir(dir).env("TMPDIR", dir.join("spool"));
    command.env("XDG_STATE_HOME", dir).env("XDG_CONFIG_HOME", dir);
    Session::start(command)
}

/// A directory with a pipe that has a name, and room for temporary files.
fn dir() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let made = Command::new("mkfifo").arg(dir.path().join("gate")).status().unwrap();
    assert!(made.success());
    fs::create_dir(dir.path().join("spool")).unwrap();
    dir
}

fn gate(dir: &tempfile::TempDir) -> File {
    File::options().write(true).open(dir.path().join("gate")).unwrap()
}

fn assert_nothing_is_left(dir: &tempfile::TempDir) {
    assert_eq!(fs::read_dir(dir.path().join("spool")).unwrap().count(), 0);
}

/// Writes until nobody reads any more.
fn write_to_the_end(writer: &mut File) {
    let error = loop {
        if let Err(error) = writer.write_all(b"and more\n") {
            break error;
        }
    };
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}

#[test]
fn a_pipe_is_shown_while_it_is_written_and_leaves_the_keyboard_to_the_view() {
    let dir = dir();
    let mut session = shell("{ printf piped; cat gate; } | \"$0\" -", dir.path());
    session.expect("standard input");
    session.expect_screen("pipe, 5 B so far");
    session.expect_screen("piped");
    let mut writer = gate(&dir);
    writer.write_all(b" more").unwrap();
    session.expect_screen("pipe, 10 B so far");
    session.expect_screen("piped more");
    session.send("F");
    session.expect_screen("following the end");
    drop(writer);
    session.expect_screen("pipe, 10 B, complete");
    assert_nothing_is_left(&dir);
    session.send("q");
    session.expect(LEAVE_SCREEN);
    session.expect_exit(0);
}

#[test]
fn a_pipe_with_a_name_opens_before_it_is_written_and_is_closed_when_the_view_is() {
    let dir = dir();
    let mut session = shell("\"$0\" -s 3 gate", dir.path());
    session.expect_screen("Nothing has come of the pipe yet.");
    let mut writer = gate(&dir);
    writer.write_all(b"first").unwrap();
    session.expect_screen("pipe, 5 B so far");
    // The offset of the command line has come.
    session.expect_screen("0x3 = 3");
    session.send("q");
    session.expect_exit(0);
    write_to_the_end(&mut writer);
    assert_nothing_is_left(&dir);
}

#[test]
fn esc_closes_the_pipe() {
    let dir = dir();
    let mut session = shell("{ yes; touch ended; } | \"$0\" -", dir.path());
    session.expect_screen("so far");
    session.send("\x1b");
    session.expect_screen("stopped");
    let deadline = Instant::now() + PATIENCE;
    while !dir.path().join("ended").exists() {
        assert!(Instant::now() < deadline, "its writer goes on");
        std::thread::sleep(Duration::from_millis(5));
    }
    session.send("q");
    session.expect_exit(0);
}

#[test]
fn nothing_is_left_of_a_view_that_is_killed() {
    let dir = dir();
    let mut session = shell("exec \"$0\" gate", dir.path());
    session.expect_screen("Nothing has come");
    let mut writer = gate(&dir);
    writer.write_all(&[b'x'; 4000]).unwrap();
    session.expect_screen("pipe, 3.90 KiB so far");
    session.signal(Signal::KILL);
    write_to_the_end(&mut writer);
    assert_nothing_is_left(&dir);
}

#[test]
fn a_temporary_file_that_cannot_be_made_is_an_error_that_says_what_to_do() {
    let dir = dir();
    fs::remove_dir(dir.path().join("spool")).unwrap();
    let mut session = shell("\"$0\" gate", dir.path());
    session.expect_screen("set TMPDIR");
    session.expect_exit(1);
}
