//! The stage of the tour: a directory with a shell, and the program on a terminal.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, iter};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

const PATIENCE: Duration = Duration::from_secs(120);
/// The first output after a key arrives within this time, even on a busy machine.
const ANSWER: Duration = Duration::from_millis(700);
/// The output of a key is complete after this time without output.
const GLANCE: Duration = Duration::from_millis(80);
/// A screen is recorded after this time without changes.
const QUIET: Duration = Duration::from_secs(2);

/// The directory of the tour. Its commands find the `lazyhex` under test.
pub(crate) struct Shell {
    dir: PathBuf,
}

impl Shell {
    pub(crate) fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Runs a script, and panics if a command fails.
    pub(crate) fn run(&self, script: &str) {
        let output = self.command(&format!("set -e\n{script}")).output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}{complaint}");
    }

    fn command(&self, script: &str) -> Command {
        let own = Path::new(env!("CARGO_BIN_EXE_lazyhex")).parent().unwrap().to_owned();
        let others = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(iter::once(own).chain(env::split_paths(&others))).unwrap();
        let mut command = Command::new("sh");
        command
            .args(["-c", script])
            .current_dir(&self.dir)
            .env("PATH", path)
            .env("XDG_STATE_HOME", self.dir.join(".state"))
            .env("XDG_CONFIG_HOME", self.dir.join(".config"))
            .env("TERM", "xterm-256color")
            .env("LC_ALL", "C.UTF-8")
            .env_remove("NO_COLOR")
            // Do not overwrite the clipboard of the user who runs the tests.
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("DISPLAY");
        command
    }
}

/// The view on a terminal.
pub(crate) struct Stage {
    child: Child,
    master: OwnedFd,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    size: (u16, u16),
}

impl Stage {
    pub(crate) fn open(shell: &Shell, arguments: &str) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let size = (80, 24);
        tcsetwinsize(&master, winsize(size)).unwrap();
        let end = || Stdio::from(slave.try_clone().unwrap());
        let mut command = shell.command(&format!("exec lazyhex {arguments}"));
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();

        let (sender, output) = channel();
        let mut reader = File::from(master.try_clone().unwrap());
        thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(len @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..len].to_vec()).is_err() {
                    break;
                }
            }
        });
        let mut stage = Self { child, master, output, screen: vt100::Parser::new(24, 80, 0), size };
        // Keys sent before the terminal is in raw mode would be taken by the line discipline.
        stage.until(|shown| shown.contains("offset")).unwrap();
        stage
    }

    /// Presses keys: characters, or named keys as `<Name>`. Waits for the output of each key, like
    /// a person would: the scroll position depends on the screen before.
    pub(crate) fn press(&mut self, keys: &str) {
        let mut rest = keys.trim_end_matches('\n');
        while let Some(first) = rest.chars().next() {
            let named = rest.strip_prefix('<').and_then(|name| name.split_once('>'));
            let (bytes, after) = match named {
                Some((name, after)) => (named_key(name), after),
                None => rest.split_at(first.len_utf8()),
            };
            self.master().write_all(bytes.as_bytes()).unwrap();
            let mut patience = ANSWER;
            while let Ok(more) = self.output.recv_timeout(patience) {
                self.screen.process(&more);
                patience = GLANCE;
            }
            rest = after;
        }
    }

    fn master(&self) -> File {
        File::from(self.master.try_clone().unwrap())
    }

    pub(crate) fn resize(&mut self, size: (u16, u16)) {
        if self.size == size {
            return;
        }
        self.size = size;
        self.screen.screen_mut().set_size(size.1, size.0);
        tcsetwinsize(&self.master, winsize(size)).unwrap();
        kill_process(Pid::from_child(&self.child), Signal::WINCH).unwrap();
    }

    /// Waits until the screen shows this text. Otherwise returns what it shows.
    pub(crate) fn expect(&mut self, text: &str) -> Result<(), String> {
        self.until(|shown| shown == text)
    }

    /// The screen after it has stopped changing.
    pub(crate) fn settled(&mut self) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut shown = self.shown();
        let mut since = Instant::now();
        while since.elapsed() < QUIET {
            assert!(Instant::now() < deadline, "the screen is never at rest:\n{shown}");
            if let Ok(more) = self.output.recv_timeout(QUIET / 4) {
                self.screen.process(&more);
            }
            let now = self.shown();
            if now != shown {
                (shown, since) = (now, Instant::now());
            }
        }
        shown
    }

    fn until(&mut self, is_there: impl Fn(&str) -> bool) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let shown = self.shown();
            if is_there(&shown) {
                return Ok(());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(more) => self.screen.process(&more),
                Err(_) => return Err(shown),
            }
        }
    }

    /// The lines of the screen, without trailing blanks.
    fn shown(&self) -> String {
        let mut shown = String::new();
        for row in self.screen.screen().rows(0, self.size.0) {
            shown.push_str(row.trim_end());
            shown.push('\n');
        }
        shown
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn winsize((columns, rows): (u16, u16)) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}

fn named_key(name: &str) -> &'static str {
    match name {
        "Enter" => "\r",
        "Esc" => "\x1b",
        "Tab" => "\t",
        "PgUp" => "\x1b[5~",
        "Alt-r" => "\x1br",
        "Alt-u" => "\x1bu",
        _ => panic!("the tour knows no key <{name}>"),
    }
}
