//! Runs a program in a pseudoterminal and reads its screen.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::Result;

/// The columns and lines of a terminal.
pub(crate) type Size = (u16, u16);

/// A running program, which is killed when this value is dropped.
pub(crate) struct Terminal {
    ours: File,
    child: Child,
    /// When the program was started, or keys were last sent.
    begun: Instant,
    screen: vt100::Parser,
}

impl Terminal {
    /// Starts a program whose input and output are a new terminal. It is not the controlling
    /// terminal, because that needs unsafe code between `fork` and `exec`.
    pub(crate) fn start(command: &mut Command, (columns, lines): Size) -> Result<Self> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        fcntl_setfd(&ours, FdFlags::CLOEXEC)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let theirs = rustix::fs::open(ptsname(&ours, Vec::new())?, flags, Mode::empty())?;
        let size = Winsize { ws_col: columns, ws_row: lines, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&theirs, size)?;
        let (input, output) = (theirs.try_clone()?, theirs.try_clone()?);
        // This terminal has no control sequence that repeats a character, which vt100 does not
        // know.
        command.env("TERM", "screen-256color").env_remove("LINES").env_remove("COLUMNS");
        command.stdin(input).stdout(output).stderr(theirs);

        let begun = Instant::now();
        let child = command.spawn()?;
        Ok(Self { ours: ours.into(), child, begun, screen: vt100::Parser::new(lines, columns, 0) })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The text on the screen.
    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Sends keys, and starts to measure time.
    pub(crate) fn send(&mut self, keys: &str) -> Result {
        self.begun = Instant::now();
        Ok(self.ours.write_all(keys.as_bytes())?)
    }

    /// Waits until the screen is as wanted, and returns the time since the start of the program or
    /// since keys were last sent.
    pub(crate) fn wait_until(
        &mut self,
        is_wanted: impl Fn(&str) -> bool,
        timeout: Duration,
    ) -> Result<Duration> {
        let mut time = self.begun.elapsed();
        loop {
            if is_wanted(&self.text()) {
                return Ok(time);
            }
            if time > timeout {
                return Err(format!("the screen was not as expected within {timeout:?}").into());
            }
            let is_open = self.read(timeout.saturating_sub(time), &mut time)?;
            if !is_open {
                return Err("the program ended before its screen was as expected".into());
            }
        }
    }

    /// Reads output for this long.
    pub(crate) fn read_for(&mut self, time: Duration) -> Result {
        let until = Instant::now() + time;
        let mut at = time;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || !self.read(left, &mut at)? {
                return Ok(());
            }
        }
    }

    /// Sends `keys` and waits for the program to end.
    pub(crate) fn quit(&mut self, keys: &str, timeout: Duration) -> Result {
        self.send(keys)?;
        let mut time = Duration::ZERO;
        while self.child.try_wait()?.is_none() {
            if self.begun.elapsed() > timeout {
                return Err(
                    format!("the program did not end within {timeout:?} of `{keys}`").into()
                );
            }
            if !self.read(Duration::from_millis(10), &mut time)? {
                thread::sleep(Duration::from_millis(1)); // it has closed the terminal and is about to end
            }
        }
        Ok(())
    }

    /// Waits for output, and stores in `time` when it came. Returns false if the program has closed
    /// the terminal.
    fn read(&mut self, timeout: Duration, time: &mut Duration) -> Result<bool> {
        let timeout = Timespec::try_from(timeout)?;
        let mut polled = [PollFd::new(&self.ours, PollFlags::IN)];
        if poll(&mut polled, Some(&timeout))? == 0 {
            *time = self.begun.elapsed();
            return Ok(true);
        }
        let mut buffer = [0; 1 << 14];
        let read = self.ours.read(&mut buffer);
        // Before the output is parsed, which is not the work of the program.
        *time = self.begun.elapsed();
        match read {
            // Linux returns EIO after the last program has closed the other side.
            Ok(0) | Err(_) => Ok(false),
            Ok(len) => {
                self.screen.process(buffer.get(..len).unwrap_or_default());
                Ok(true)
            }
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Either fails only if the program has ended.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = (120, 40);
    const TIMEOUT: Duration = Duration::from_secs(5);

    #[test]
    fn the_screen_of_a_program_is_read() {
        let mut terminal = Terminal::start(Command::new("stty").arg("size"), SIZE).unwrap();
        terminal.wait_until(|text| text.contains("40 120"), TIMEOUT).unwrap();
    }

    #[test]
    fn a_program_that_ends_first_is_an_error() {
        let mut terminal = Terminal::start(&mut Command::new("true"), SIZE).unwrap();
        assert!(terminal.wait_until(|text| text.contains("0000010"), TIMEOUT).is_err());
    }

    #[test]
    fn keys_are_answered() {
        let mut cat = Command::new("sh");
        let mut terminal =
            Terminal::start(cat.args(["-c", "read word; echo =$word="]), SIZE).unwrap();
        terminal.read_for(Duration::from_millis(1)).unwrap();
        terminal.send("word\n").unwrap();
        terminal.wait_until(|text| text.contains("=word="), TIMEOUT).unwrap();
    }

    #[test]
    fn a_program_is_quit_by_its_key() {
        let mut terminal =
            Terminal::start(Command::new("sh").args(["-c", "read key"]), SIZE).unwrap();
        terminal.quit("q\n", TIMEOUT).unwrap();
    }
}
