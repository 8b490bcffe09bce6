//! What the command line opens on a terminal (a pty).

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::dir;

/// How long a machine that is busy with other tests may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// The program on a terminal of 100 columns.
struct Terminal {
    child: Child,
    master: File,
    output: Receiver<Vec<u8>>,
    /// Everything the program has sent.
    sent: Vec<u8>,
    screen: vt100::Parser,
    /// Home directory of the session file.
    _home: tempfile::TempDir,
}

impl Terminal {
    fn new(dir: &tempfile::TempDir, args: &[&str], term: &str) -> Self {
        Self::with(dir, args, &[("TERM", term)])
    }

    /// Sets these variables; an empty value unsets one.
    fn with(dir: &tempfile::TempDir, args: &[&str], variables: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
        command
            .args(args)
            .current_dir(dir.path())
            .env("XDG_STATE_HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path())
            .env("LC_ALL", "C.UTF-8")
            .env_remove("TERM")
            .env_remove("COLORTERM")
            .env_remove("CLICOLOR_FORCE")
            .env_remove("NO_COLOR");
        command.envs(variables.iter().copied().filter(|(_, value)| !value.is_empty()));
        Self::start(command, home)
    }

    fn start(mut command: Command, home: tempfile::TempDir) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let size = Winsize { ws_row: 24, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).unwrap();
        let end = || Stdio::from(slave.try_clone().unwrap());
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        let master = File::from(master);
        let mut reader = master.try_clone().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(len @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..len].to_vec()).is_err() {
                    break;
                }
            }
        });
        let screen = vt100::Parser::new(24, 100, 0);
        Self { child, master, output, sent: Vec::new(), screen, _home: home }
    }

    /// Waits until the screen shows this text. Returns the whole screen.
    fn shows(&mut self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let shown = self.screen.screen().contents();
            if shown.contains(text) {
                return shown;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(more) => {
                    self.screen.process(&more);
                    self.sent.extend(more);
                }
                Err(why) => panic!("{why}: no {text:?} in\n{shown}"),
            }
        }
    }

    fn press(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    /// Quits the view. Returns the exit code.
    fn quit(mut self) -> Option<i32> {
        self.press(":qa\r");
        self.ends().1
    }

    /// Waits for the end. Returns everything sent, and the exit code.
    fn ends(&mut self) -> (String, Option<i32>) {
        let deadline = Instant::now() + PATIENCE;
        let code = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.code();
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        };
        while let Ok(more) = self.output.recv_timeout(Duration::from_millis(200)) {
            self.sent.extend(more);
        }
        (String::from_utf8_lossy(&self.sent).into_owned(), code)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

const XTERM: &str = "xterm-256color";

fn numbered() -> tempfile::TempDir {
    let bytes: Vec<u8> = (0..=255).cycle().take(4096).collect();
    dir(&[("file", &bytes), ("other", b"other bytes")])
}

#[test]
fn the_view_opens_where_the_command_line_says() {
    let dir = numbered();
    for (args, cursor) in [
        (&["-s", "0x400", "file"][..], "0x400 = 1024"),
        (&["--skip", "1.5K", "file"], "0x600 = 1536"),
        (&["+0x400", "file"], "0x400 = 1024"),
        (&["file", "+0x400"], "0x400 = 1024"),
        (&["file:0x400"], "0x400 = 1024"),
        (&["--skip", "-16", "file"], "0xff0 = 4080"),
        (&["file:-16"], "0xff0 = 4080"),
        (&["+4", "other", "file"], "0x4 = 4"),
    ] {
        let mut terminal = Terminal::new(&dir, args, XTERM);
        let shown = terminal.shows(cursor);
        assert!(shown.contains("q quit"), "{args:?} opens no view:\n{shown}");
        assert_eq!(terminal.quit(), Some(0), "{args:?}");
    }
    std::fs::copy(dir.path().join("other"), dir.path().join("file:0x400")).unwrap();
    let mut terminal = Terminal::new(&dir, &["file:0x400"], XTERM);
    terminal.shows("other bytes");
    assert_eq!(terminal.quit(), Some(0));
}

#[test]
fn what_can_be_opened_is_and_the_rest_is_said() {
    let dir = numbered();
    std::fs::create_dir(dir.path().join("subdir")).unwrap();
    let args = ["subdir", "file", "x", "other"];
    let mut terminal = Terminal::new(&dir, &args, XTERM);
    let shown = terminal.shows("left out: subdir (a directory), x (no such file)");
    assert!(shown.contains("file") && shown.contains("other"), "{shown}");
    assert_eq!(terminal.quit(), Some(0));

    // With one file left, there are no tabs, and its bytes are shown.
    let mut terminal = Terminal::new(&dir, &["x", "other"], XTERM);
    let shown = terminal.shows("left out: x (no such file)");
    assert!(shown.contains("other bytes"), "{shown}");
    assert_eq!(terminal.quit(), Some(0));

    let mut terminal = Terminal::new(&dir, &["x", "subdir"], XTERM);
    let (said, code) = terminal.ends();
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(said.matches("lazyhex: cannot open").count(), 2, "{said}");
    assert!(said.contains("is no such file") || said.contains(": no such file"), "{said}");
}

#[test]
fn the_end_of_several_files_is_no_place_to_open_them_at() {
    let dir = numbered();
    let mut terminal = Terminal::new(&dir, &["-s", "-4", "file", "other"], XTERM);
    let (said, code) = terminal.ends();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("the ends of several files are at several places"), "{said}");
}

#[test]
fn a_view_that_was_started_to_ignore_a_signal_ignores_it() {
    for (ignored, signal) in [("HUP", Signal::HUP), ("INT", Signal::INT)] {
        let dir = numbered();
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        let script = format!("trap '' {ignored}; exec \"$0\" --no-session file");
        command
            .args(["-c", &script, env!("CARGO_BIN_EXE_lazyhex")])
            .current_dir(dir.path())
            .env("XDG_CONFIG_HOME", home.path())
            .env("TERM", XTERM);
        let mut terminal = Terminal::start(command, home);
        terminal.shows("q quit");
        kill_process(Pid::from_child(&terminal.child), signal).unwrap();
        terminal.press(":0x123\r");
        terminal.shows("0x123 = 291");
        assert_eq!(terminal.quit(), Some(0), "{ignored}");
    }
}

#[test]
fn a_terminal_that_cannot_place_its_cursor_gets_the_dump() {
    let dir = numbered();
    for term in ["dumb", "unknown", ""] {
        let mut terminal = Terminal::new(&dir, &["other"], term);
        let (printed, code) = terminal.ends();
        assert_eq!(code, Some(0), "{term}: {printed}");
        assert!(printed.contains("|other bytes|\r\n0000000b\r\n"), "{term}: {printed}");
        assert!(!printed.contains('\x1b'), "{term}: {printed:?}");
        let mut terminal = Terminal::new(&dir, &["--demo"], term);
        let (said, code) = terminal.ends();
        assert_eq!(code, Some(2), "{term}: {said}");
        assert!(said.contains("--demo opens the view") && !said.contains('\x1b'), "{said:?}");
    }
    let output = super::lazyhex(&["--demo"]).output().unwrap();
    assert_eq!((output.status.code(), super::text(&output.stdout)), (Some(2), ""));
}

#[test]
fn colours_are_those_that_the_terminal_says_it_has() {
    let dir = numbered();
    for (variables, has_colours) in [
        (&[("TERM", "xterm")][..], true),
        (&[("TERM", "xterm-256color")], true),
        (&[("TERM", "vt100")], false),
        (&[("TERM", "vt220")], false),
        (&[("TERM", "xterm-mono")], false),
        (&[("TERM", "unknown")], false),
        (&[("TERM", "dumb")], false),
        (&[("TERM", "")], false),
        (&[("TERM", "vt100"), ("COLORTERM", "yes")], true),
        (&[("TERM", "vt100"), ("CLICOLOR_FORCE", "1")], true),
        (&[("TERM", "vt100"), ("CLICOLOR_FORCE", "0")], false),
        (&[("TERM", "xterm"), ("NO_COLOR", "1")], false),
        (&[("TERM", "xterm"), ("COLORTERM", "truecolor"), ("NO_COLOR", "1")], false),
        (&[("TERM", "xterm"), ("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
    ] {
        for args in [&["dump", "file"][..], &["find", "other", "other"]] {
            let (printed, code) = Terminal::with(&dir, args, variables).ends();
            assert_eq!(code, Some(0), "{printed}");
            assert_eq!(
                printed.contains("\x1b["),
                has_colours,
                "{variables:?} {args:?}: {printed:?}"
            );
            let args = [args, &["--color", "always"]].concat();
            assert!(Terminal::with(&dir, &args, variables).ends().0.contains("\x1b["));
            let args = [&args[..args.len() - 1], &["never"]].concat();
            assert!(!Terminal::with(&dir, &args, variables).ends().0.contains("\x1b["));
        }
    }
    // The same in the view: it moves the cursor, but sets no colours.
    for (term, has_colours) in [("vt100", false), (XTERM, true)] {
        let mut terminal = Terminal::new(&dir, &["file"], term);
        terminal.shows("q quit");
        let sent = String::from_utf8_lossy(&terminal.sent).into_owned();
        assert_eq!(sent.contains("\x1b[38;"), has_colours, "{term}: {sent:?}");
        assert_eq!(terminal.quit(), Some(0));
    }
}
