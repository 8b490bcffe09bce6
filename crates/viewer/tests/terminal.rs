//! The real program on a real terminal (a pty): what it sends, and how it restores the terminal.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

#[path = "terminal/pipe.rs"]
mod pipe;

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use memmap::{Map, Result, plugin::Mapping};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

/// Time limit for the program on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(120);

/// The program on its own terminal.
struct Session {
    child: Child,
    master: OwnedFd,
    /// Held open, so that the terminal's state can be checked after the program has ended.
    slave: File,
    output: Receiver<Vec<u8>>,
    seen: Vec<u8>,
    screen: vt100::Parser,
    /// The temporary home directory, removed with the session.
    home: Option<tempfile::TempDir>,
}

impl Session {
    fn start(mut command: Command) -> Self {
        let master =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).unwrap();
        let end = || Stdio::from(slave.try_clone().unwrap());
        // The locale of whoever runs the tests does not count, but that of a test does.
        if command.get_envs().all(|(name, _)| name != "LC_ALL") {
            command.env("LC_ALL", "C.UTF-8");
        }
        let child = command
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .env("TERM", "xterm-256color")
            .env_remove("NO_COLOR")
            .spawn()
            .unwrap();

        let (sender, output) = channel();
        let mut reader = File::from(master.try_clone().unwrap());
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(len @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..len].to_vec()).is_err() {
                    break;
                }
            }
        });
        let screen = vt100::Parser::new(24, 80, 0);
        Self { child, master, slave, output, seen: Vec::new(), screen, home: None }
    }

    fn lazyhex(args: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut session = Self::lazyhex_at(home.path().to_str().unwrap(), args);
        session.home = Some(home);
        session
    }

    /// With this directory for state and configuration.
    fn lazyhex_at(home: &str, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
        command.args(args).env("XDG_STATE_HOME", home).env("XDG_CONFIG_HOME", home);
        // Do not overwrite the clipboard of the user who runs the tests.
        command.env_remove("WAYLAND_DISPLAY").env_remove("DISPLAY");
        Self::start(command)
    }

    /// Waits until the process is in this state: `T` is stopped.
    fn expect_state(&self, state: char) {
        let deadline = Instant::now() + PATIENCE;
        let path = format!("/proc/{}/stat", self.child.id());
        loop {
            let stat = std::fs::read_to_string(&path).unwrap();
            if stat.rsplit(") ").next().unwrap().starts_with(state) {
                return;
            }
            assert!(Instant::now() < deadline, "its state is not {state}: {stat}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn send(&self, keys: &str) {
        File::from(self.master.try_clone().unwrap()).write_all(keys.as_bytes()).unwrap();
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
    }

    fn is_raw(&self) -> bool {
        !tcgetattr(&self.slave).unwrap().local_modes.contains(LocalModes::ICANON)
    }

    /// Waits until the screen shows this text.
    fn expect_screen(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.screen.screen().contents().contains(text) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(more) => self.take(&more),
                Err(why) => panic!("{why}: no {text:?} in\n{}", self.screen.screen().contents()),
            }
        }
    }

    /// Processes output of the program.
    fn take(&mut self, more: &[u8]) {
        self.screen.process(more);
        self.seen.extend(more);
    }

    /// Waits until the program has sent this text since the last call.
    fn expect(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.seen.windows(text.len()).position(|window| window == text.as_bytes());
            if let Some(at) = found {
                self.seen.drain(..at + text.len());
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(more) => self.take(&more),
                Err(why) => {
                    let seen = String::from_utf8_lossy(&self.seen);
                    panic!("{why}: no {text:?} in {:?}", seen.chars().take(500).collect::<String>())
                }
            }
        }
    }

    /// Waits until no more output arrives, and checks that this text is not in it.
    fn expect_nothing_of(&mut self, text: &str) {
        while let Ok(more) = self.output.recv_timeout(Duration::from_millis(200)) {
            self.take(&more);
        }
        let found = self.seen.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!found, "{text:?} was sent");
    }

    /// Waits for the end, and checks that the terminal is restored.
    fn expect_exit(mut self, code: i32) {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        };
        assert_eq!(status.code(), Some(code), "{status}");
        assert!(!self.is_raw(), "the terminal is still raw");
    }
}

impl Drop for Session {
    /// Kills the program if the test has failed.
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

const ENTER_SCREEN: &str = "\x1b[?1049h";
const LEAVE_SCREEN: &str = "\x1b[?1049l";
const SHOW_CURSOR: &str = "\x1b[?25h";

fn file_of(len: u64) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(len).unwrap();
    file
}

#[test]
fn the_view_opens_moves_resizes_and_leaves_the_terminal_as_it_was() {
    let file = file_of(1 << 40);
    let mut session = Session::lazyhex(&[file.path().to_str().unwrap()]);
    session.expect(ENTER_SCREEN);
    session.expect("0000000100");
    session.send("G");
    session.expect("1099511627775");
    session.send(":50%\r");
    session.expect("50.00%");
    let size = Winsize { ws_row: 50, ws_col: 160, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&session.master, size).unwrap();
    session.signal(Signal::WINCH);
    session.expect("u128");
    assert!(session.is_raw());
    session.send("q");
    session.expect(LEAVE_SCREEN);
    session.expect(SHOW_CURSOR);
    session.expect_exit(0);
}

#[test]
fn a_signal_ends_the_view_and_restores_the_terminal() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let file = file_of(1000);
        let mut session = Session::lazyhex(&[file.path().to_str().unwrap()]);
        session.expect("00000100");
        session.signal(signal);
        session.expect(LEAVE_SCREEN);
        session.expect(SHOW_CURSOR);
        session.expect("ended by a signal");
        session.expect_exit(1);
    }
}

#[test]
fn a_file_that_cannot_be_opened_never_changes_the_terminal() {
    let mut session = Session::lazyhex(&["/nowhere/at all"]);
    session.expect("lazyhex: cannot open");
    assert!(!session.seen.contains(&0x1b));
    session.expect_exit(1);
}

#[test]
fn a_name_with_escape_sequences_is_shown_and_not_obeyed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("\x1b]0;owned\x07\x1b[5m");
    std::fs::write(&path, "x").unwrap();
    let mut session = Session::lazyhex(&[path.to_str().unwrap()]);
    session.expect(r"\u{1b}]0;owned\u{7}\u{1b}[5m");
    session.send("q");
    session.expect(LEAVE_SCREEN);
    session.expect_exit(0);
}

/// A map whose reads panic from an offset on.
#[derive(Debug)]
struct Panicking {
    from: u64,
}

impl Mapping for Panicking {
    fn len(&self) -> u64 {
        1 << 20
    }
    fn read_into(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        assert!(offset < self.from, "a bug in a plug-in");
        out.fill(0x41);
        Ok(())
    }
}

const PLAY_PANIC: &str = "LAZYHEX_TEST_PANIC_FROM";

/// Helper for the tests below: runs in a separate process on its own terminal.
#[test]
fn view_that_panics() {
    if let Some(from) = std::env::var_os(PLAY_PANIC) {
        let from = from.to_str().unwrap().parse().unwrap();
        let map = Map::from_mapping(Panicking { from }).erase();
        let source = lazyhex::Source::new(map, "panicking");
        lazyhex::view(source, lazyhex::Start::default()).unwrap();
    }
}

fn panicking_from(offset: &str) -> Session {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "view_that_panics", "--nocapture"]);
    command.env(PLAY_PANIC, offset).env("RUST_BACKTRACE", "0");
    Session::start(command)
}

#[test]
fn a_panic_while_bytes_are_read_is_why_they_are_missing() {
    let mut session = panicking_from("1000");
    session.expect("AAAAAAAAAAAAAAAA");
    session.send("G");
    session.expect_screen("?? ??");
    session.expect_screen("bug in lazyhex: a bug in a plug-in");
    session.send("gg");
    session.expect_screen("AAAAAAAAAAAAAAAA");
    session.send("q");
    session.expect(LEAVE_SCREEN);
    session.expect_exit(0);
}

#[test]
fn a_panic_before_the_first_frame_restores_the_terminal_too() {
    let mut session = panicking_from("0");
    session.expect(ENTER_SCREEN);
    session.expect(LEAVE_SCREEN);
    session.expect(SHOW_CURSOR);
    session.expect("a bug in a plug-in");
    session.expect_nothing_of(ENTER_SCREEN);
    session.expect_exit(101);
}

#[test]
fn a_file_cut_short_is_said_without_a_key_and_r_looks_again() {
    // Rows differ, as a folded row would keep its old content.
    let rows: Vec<u8> = (0..1 << 18).flat_map(u32::to_le_bytes).collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), rows).unwrap();
    let mut session = Session::lazyhex(&[file.path().to_str().unwrap()]);
    session.expect_screen("00000100");
    file.as_file().set_len(4096).unwrap();
    session.expect_screen("E: file cut to 4.00 KiB");
    session.expect_screen("4096 bytes");
    // The bytes up to the new end are still there, and keys work.
    session.send("G");
    session.expect_screen("0xfff = 4095");
    file.as_file().set_len(1 << 30).unwrap();
    session.send("r");
    session.expect_screen("1073741824 bytes");
    session.send("q");
    session.expect(LEAVE_SCREEN);
    session.expect_exit(0);
}

#[test]
fn a_view_that_refreshes_sees_the_file_grow_by_itself() {
    let file = file_of(1000);
    let mut session = Session::lazyhex(&["--refresh", "1", file.path().to_str().unwrap()]);
    session.expect_screen("1000 bytes");
    file.as_file().set_len(70_000).unwrap();
    session.expect_screen("70000 bytes");
    session.send("q");
    session.expect_exit(0);
}

#[test]
fn a_file_that_is_followed_is_seen_to_grow_to_change_and_to_be_another() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    std::fs::write(&path, b"first line\n").unwrap();
    let mut session = Session::lazyhex(&["--follow", path.to_str().unwrap()]);
    session.expect_screen("0xa = 10");
    let mut file = File::options().append(true).open(&path).unwrap();
    file.write_all(b"second line\n").unwrap();
    session.expect_screen("0x16 = 22");
    let other = dir.path().join("other");
    std::fs::write(&other, b"another file\n").unwrap();
    std::fs::rename(&other, &path).unwrap();
    session.expect_screen("generation 2");
    session.expect_screen("13 bytes");
    // A shorter replacement is not reported as truncated.
    std::fs::write(&other, b"a third\n").unwrap();
    std::fs::rename(&other, &path).unwrap();
    session.expect_screen("the file was replaced; this is number 3 with this name");
    session.expect_screen("8 bytes");
    std::fs::remove_file(&path).unwrap();
    session.expect_screen("showing the file as it was opened");
    session.send("q");
    session.expect_exit(0);
}

#[test]
fn files_open_as_tabs_and_one_of_them_twice() {
    let (one, other) = (file_of(1000), file_of(5000));
    let name = |file: &tempfile::NamedTempFile| file.path().to_str().unwrap().to_owned();
    let mut session = Session::lazyhex(&[&name(&one), &name(&other)]);
    session.expect_screen("1000 bytes");
    session.send("]b");
    session.expect_screen("5000 bytes");
    session.send("|G");
    session.expect_screen("0x1387 = 4999");
    session.expect_screen("0x0 = 0");
    session.send(&format!(":tab {}/nothing\r", name(&one)));
    session.expect_screen("E: cannot open");
    session.send("qq");
    session.expect_screen("1000 bytes");
    // The answer arrives from another thread, at the view that asked.
    session.send("D");
    session.expect_screen("a regular file");
    session.send("qq");
    session.expect(LEAVE_SCREEN);
    session.expect_exit(0);
}

#[test]
fn without_the_mouse_the_terminal_keeps_it() {
    let file = file_of(1000);
    let mut session = Session::lazyhex(&["--no-mouse", file.path().to_str().unwrap()]);
    session.expect("00000100");
    let took = |session: &Session| session.seen.windows(8).any(|it| it == b"\x1b[?1000h");
    assert!(!took(&session));
    session.send(":set mouse on\r");
    session.expect("\x1b[?1000h");
    session.send("q");
    session.expect_exit(0);
}

#[test]
fn keys_that_come_at_once_are_as_many() {
    let file = tempfile::NamedTempFile::new().unwrap();
    // The class changes at 1000, 2000 and 3000.
    let bytes: Vec<u8> = (0..4000).map(|at| if at / 1000 % 2 == 0 { b'a' } else { 0 }).collect();
    std::fs::write(file.path(), bytes).unwrap();
    let mut session = Session::lazyhex(&[file.path().to_str().unwrap()]);
    session.expect_screen("0x0 = 0");
    session.send("ww");
    session.expect_screen("0x7d0 = 2000");
    session.send("bw]z[z:1+1\r");
    session.expect_screen("0x2 = 2");
    session.send("q");
    session.expect_exit(0);
}

#[test]
fn a_locale_without_utf8_gets_a_screen_in_ascii() {
    let file = file_of(1000);
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
    command.arg(file.path()).env("LC_ALL", "C");
    command.env("XDG_STATE_HOME", home.path()).env("XDG_CONFIG_HOME", home.path());
    let mut session = Session::start(command);
    session.expect_screen("-- inspector @ 0x0 --");
    session.send("?");
    session.expect_screen("typing filters  Up/Down choose");
    session.expect_screen("Right l");
    assert!(session.seen.is_ascii(), "{}", String::from_utf8_lossy(&session.seen));
    session.send("?q");
    session.expect_exit(0);
}

#[test]
fn the_demo_needs_no_file_and_shows_what_to_do() {
    let mut session = Session::lazyhex(&["--demo"]);
    session.expect_screen("1 of 12");
    session.send("j");
    session.expect_screen("2 of 12");
    session.send("F");
    session.expect_screen("there is no file to follow");
    session.send("q");
    session.expect_exit(0);
}

#[test]
fn a_search_shows_how_far_it_is_and_ctrl_c_clears_that() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), vec![b'7'; 512 << 20]).unwrap();
    // The search cannot skip bytes, so it takes several times longer than the delay of the bar.
    let slow = r"\b7+8\b";
    let path = file.path().to_str().unwrap();
    let mut session = Session::lazyhex(&["find", "--threads", "1", "--regex", slow, path]);
    session.expect_screen("% ");
    session.expect_screen(" of 512.00 MiB");
    session.expect_screen(" left");
    session.signal(Signal::INT);
    session.expect_screen("interrupted after");
    assert!(!session.screen.screen().contents().contains(" left"), "the bar is gone");
    session.expect_exit(2);
}

#[test]
fn the_view_stops_and_goes_on_as_the_shell_says() {
    let file = file_of(1000);
    let mut session = Session::lazyhex(&[file.path().to_str().unwrap()]);
    session.expect("00000100");
    for way in ["key", "signal"] {
        if way == "key" {
            session.send("\x1a");
        } else {
            session.signal(Signal::TSTP);
        }
        session.expect(LEAVE_SCREEN);
        session.expect(SHOW_CURSOR);
        session.expect_state('T');
        assert!(!session.is_raw(), "{way}: the shell would find a raw terminal");
        session.signal(Signal::CONT);
        session.expect(ENTER_SCREEN);
        session.expect("0x0 = 0");
        assert!(session.is_raw());
    }
    session.send("q");
    session.expect(LEAVE_SCREEN);
    session.expect_exit(0);
}

#[test]
fn copies_go_to_the_clipboard_of_the_terminal() {
    let file = file_of(1000);
    std::fs::write(file.path(), b"\x7fELF rest").unwrap();
    let mut session = Session::lazyhex(&[file.path().to_str().unwrap()]);
    session.expect_screen("of 9 B");
    session.send("vlllyh");
    // `7f 45 4c 46`, in base64.
    session.expect("\x1b]52;c;N2YgNDUgNGMgNDY=\x1b\\");
    session.expect_screen("4 bytes copied as hex by OSC 52 (unconfirmed)");
    session.send("q");
    session.expect_exit(0);
}

#[test]
fn a_program_of_the_desktop_takes_the_copy_and_is_named() {
    let dir = tempfile::tempdir().unwrap();
    // A shell writes the script: a program started by another test could inherit this process's
    // descriptor and keep the script open for writing, so that it could not be executed.
    let write = r#"printf '#!/bin/sh\ncat >"${0%%/*}/copied"\n' >xclip && chmod 755 xclip"#;
    let status = Command::new("sh").args(["-c", write]).current_dir(dir.path()).status();
    assert!(status.unwrap().success());
    let file = file_of(1000);
    std::fs::write(file.path(), b"\x7fELF rest").unwrap();
    let path = format!("{}:{}", dir.path().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
    command.arg("--no-session").arg(file.path()).env("PATH", path).env("DISPLAY", ":0");
    command.env_remove("WAYLAND_DISPLAY");
    let mut session = Session::start(command);
    session.expect_screen("of 9 B");
    session.send("vlllyh");
    session.expect_screen("4 bytes copied as hex by xclip");
    assert_eq!(std::fs::read(dir.path().join("copied")).unwrap(), b"7f 45 4c 46");
    session.expect_nothing_of("\x1b]52;");
    session.send("q");
    session.expect_exit(0);
}

#[test]
fn marks_and_lines_are_remembered_unless_it_was_asked_not_to() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().to_str().unwrap();
    let file = file_of(100_000);
    let path = file.path().to_str().unwrap();
    let mut first = Session::lazyhex_at(home, &[path]);
    first.expect_screen("0x0 = 0");
    first.send(":0x1234\r");
    first.expect_screen("0x1234 = 4660");
    first.send("mx");
    first.expect_screen("mark x at 0x1234");
    first.send("q");
    first.expect_exit(0);

    let mut second = Session::lazyhex_at(home, &[path]);
    second.expect_screen("0x1234 = 4660");
    second.send("G");
    second.expect_screen("0x1869f = 99999");
    second.send("'x");
    second.expect_screen("0x1234 = 4660");
    second.send(":\x1b[A");
    second.expect_screen(":0x1234");
    second.send("\x15q\r");
    second.expect_exit(0);

    let mut third = Session::lazyhex_at(home, &["--no-session", path]);
    third.expect_screen("0x0 = 0");
    third.send("'x");
    third.expect_screen("there is no mark x");
    third.send("q");
    third.expect_exit(0);
}

#[test]
fn the_configuration_counts_and_what_is_wrong_with_it_is_said_once() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("lazyhex")).unwrap();
    std::fs::write(home.path().join("lazyhex/config.toml"), "columns = 4\nnonsense = 1\n").unwrap();
    let file = file_of(1000);
    std::fs::write(file.path(), (0..100).collect::<Vec<u8>>()).unwrap();
    let path = file.path().to_str().unwrap();
    let mut session = Session::lazyhex_at(home.path().to_str().unwrap(), &[path]);
    session.expect_screen("00000004  04 05 06 07");
    session.expect_screen("E: config.toml: there is no setting \"nonsense\"");
    session.send("l");
    session.expect_screen("0x1 = 1");
    session.send("q");
    session.expect_exit(0);
}

#[test]
fn descriptions_of_a_directory_are_found_by_the_view() {
    let dir = tempfile::tempdir().unwrap();
    let text = |id, title| {
        format!(
            "meta: {{id: {id}, title: {title}}}\nseq: [{{id: magic, contents: TOY1}}, {{id: rest, size-eos: true}}]\n"
        )
    };
    std::fs::write(dir.path().join("toy.ksy"), text("toy", "Records of a toy")).unwrap();
    std::fs::write(dir.path().join("other.ksy"), text("other", "Another")).unwrap();
    let file = file_of(1000);
    std::fs::write(file.path(), b"TOY1 and the rest").unwrap();
    let (path, formats) = (file.path().to_str().unwrap(), dir.path().to_str().unwrap());
    let mut session = Session::lazyhex(&[path, "--formats", formats]);
    session.expect_screen("Another");
    session.send(":format toy\r");
    session.expect_screen("Records of a toy");
    session.send("q");
    session.expect_exit(0);
    let mut session = Session::lazyhex(&["--formats", "no/such/directory", path]);
    session.expect_screen("there is no directory of this name");
    session.expect_exit(2);
}

#[test]
fn a_selection_is_written_to_a_new_file_and_never_over_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old");
    std::fs::write(&path, b"0123456789").unwrap();
    let new = dir.path().join("new");
    let mut session = Session::lazyhex(&[path.to_str().unwrap()]);
    session.expect_screen("0x0 = 0");
    session.send(&format!("lvll:write {}\r", new.display()));
    session.expect_screen("Enter to confirm");
    assert!(!new.exists());
    session.send("\r");
    session.expect_screen("3 bytes written to");
    assert_eq!(std::fs::read(&new).unwrap(), b"123");
    session.send(&format!(":write {}\r\r", path.display()));
    session.expect_screen("exists; only");
    session.send("q");
    session.expect_exit(0);
    assert_eq!(std::fs::read(&path).unwrap(), b"0123456789");
}

#[test]
fn a_storm_of_sizes_ends_with_the_last_one() {
    let file = file_of(1 << 40);
    let mut session = Session::lazyhex(&[file.path().to_str().unwrap()]);
    session.expect_screen("0x0 = 0");
    for width in (20..200).chain([100]) {
        let size = Winsize { ws_row: 24, ws_col: width, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&session.master, size).unwrap();
        session.signal(Signal::WINCH);
    }
    session.screen.screen_mut().set_size(24, 100);
    session.send("\x0cG");
    session.expect_screen("0xffffffffff = 1099511627775");
    session.send("q");
    session.expect_exit(0);
}

#[test]
fn a_search_goes_there_a_job_is_stopped_and_a_file_is_cut_under_both() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("big");
    let mut file = File::create(&path).unwrap();
    let block = b"nothing to be seen in here but words. ".repeat(1 << 15);
    for _ in 0..16 {
        file.write_all(&block).unwrap();
    }
    file.write_all(b"a needle").unwrap();
    file.set_len(8 << 30).unwrap();
    let needle = block.len() * 16 + 2;
    let mut session = Session::lazyhex(&["--no-session", path.to_str().unwrap()]);
    session.expect_screen("read-only");
    session.send("/needle\r");
    session.expect_screen("\"needle\": 1 match");
    session.expect_screen(&format!("{needle:#x} = {needle}"));
    // A digest of a large file takes a while.
    session.send("#s");
    session.expect_screen("^C stops");
    let asked = Instant::now();
    session.send("\x03");
    session.expect_screen("stopped: ");
    // Tests may run in parallel, so this is generous.
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    file.set_len(100).unwrap();
    session.expect_screen("E: file cut to 100 B");
    session.send("/nowhere\r");
    session.expect_screen("not found");
    session.send("#c");
    session.expect_screen("crc32 of all, 100 B: ");
    session.send("q");
    session.expect(LEAVE_SCREEN);
    session.expect(SHOW_CURSOR);
    session.expect_exit(0);
}

#[test]
fn edits_outlive_a_kill_and_what_is_saved_is_not_asked_about() {
    let home = tempfile::tempdir().unwrap();
    let file = file_of(4096);
    let (place, path) = (home.path().to_str().unwrap(), file.path().to_str().unwrap());
    let old = std::fs::read(path).unwrap();
    let kill = |mut session: Session| {
        session.signal(Signal::KILL);
        session.child.wait().unwrap();
    };
    let mut session = Session::lazyhex_at(place, &["-w", path]);
    session.expect_screen("writable");
    session.send(":fill 0x12..0x16 \"kept\"\r");
    session.expect_screen("filled 4 B");
    kill(session);
    // Another one takes them, and is killed with them.
    let mut session = Session::lazyhex_at(place, &[path]);
    session.expect_screen("unsaved edits");
    session.send("\r");
    session.expect_screen("writable");
    session.expect_screen("kept");
    kill(session);
    assert_eq!(std::fs::read(path).unwrap(), old);
    let mut list = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
    let listed = list.arg("--recover").env("XDG_STATE_HOME", home.path()).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("1 edit  edits not saved") && listed.contains(path), "{listed}");
    // A file that is opened to be edited is asked about all the same.
    let mut session = Session::lazyhex_at(place, &["-w", path]);
    session.expect_screen("lazyhex ended with 1 edit");
    session.send("\r");
    session.expect_screen("kept");
    kill(session);
    // The last one saves them, and is killed, too.
    let mut session = Session::lazyhex_at(place, &["--recover", path]);
    session.expect_screen("lazyhex ended with 1 edit");
    session.send("\r");
    session.expect_screen("writable");
    session.send(":w\r");
    session.expect_screen("1 range, 4 bytes, written in place");
    session.send("y");
    session.expect_screen("saved 1 range, 4 bytes");
    kill(session);
    assert_eq!(&std::fs::read(path).unwrap()[0x12..0x16], b"kept");
    let mut session = Session::lazyhex_at(place, &["-w", path]);
    session.expect_screen("writable");
    session.expect_screen("kept");
    session.send("q");
    session.expect_exit(0);
}
