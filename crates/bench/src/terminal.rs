//! A program in a terminal of ours, of which we read what it shows.

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

/// Columns and lines.
pub(crate) type Size = (u16, u16);

/// A running program, which ends with this value at the latest.
pub(crate) struct Terminal {
    ours: File,
    child: Child,
    /// The start of the program, or the keys typed last.
    begun: Instant,
    screen: vt100::Parser,
}

impl Terminal {
    /// Starts a program whose input and output are a new terminal. It is not the controlling one,
    /// which would ask for unsafe code between `fork` and `exec`.
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
        // A terminal without the control sequence that repeats a character.
        command.env("TERM", "screen-256color").env_remove("LINES").env_remove("COLUMNS");
        command.stdin(input).stdout(output).stderr(theirs);

        let begun = Instant::now();
        let child = command.spawn()?;
        Ok(Self { ours: ours.into(), child, begun, screen: vt100::Parser::new(lines, columns, 0) })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// All that is on the screen.
    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Types something, from which on time is counted.
    pub(crate) fn send(&mut self, keys: &str) -> Result {
        self.begun = Instant::now();
        Ok(self.ours.write_all(keys.as_bytes())?)
    }

    /// The time from the start, or from what was typed last, until the screen is as wanted.
    pub(crate) fn wait_until(
        &mut self,
        is_wanted: impl Fn(&str) -> bool,
        patience: Duration,
    ) -> Result<Duration> {
        let mut time = self.begun.elapsed();
        loop {
            if is_wanted(&self.text()) {
                return Ok(time);
            }
            if time > patience {
                return Err(format!("not what was awaited within {patience:?}").into());
            }
            let is_open = self.read(patience.saturating_sub(time), &mut time)?;
            if !is_open {
                return Err("it ended before it showed what was awaited".into());
            }
        }
    }

    /// Shows what comes for so long.
    pub(crate) fn rest(&mut self, time: Duration) -> Result {
        let until = Instant::now() + time;
        let mut at = time;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || !self.read(left, &mut at)? {
                return Ok(());
            }
        }
    }

    /// Types `keys` and waits for the program to end.
    pub(crate) fn leave(&mut self, keys: &str, patience: Duration) -> Result {
        self.send(keys)?;
        let mut time = Duration::ZERO;
        while self.child.try_wait()?.is_none() {
            if self.begun.elapsed() > patience {
                return Err(format!("it did not leave within {patience:?} of `{keys}`").into());
            }
            if !self.read(Duration::from_millis(10), &mut time)? {
                thread::sleep(Duration::from_millis(1)); // it has let go, and is about to end
            }
        }
        Ok(())
    }

    /// Waits for something to be shown, and notes when that came; false if nothing ever will be.
    fn read(&mut self, patience: Duration, time: &mut Duration) -> Result<bool> {
        let timeout = Timespec::try_from(patience)?;
        let mut polled = [PollFd::new(&self.ours, PollFlags::IN)];
        if poll(&mut polled, Some(&timeout))? == 0 {
            *time = self.begun.elapsed();
            return Ok(true);
        }
        let mut buffer = [0; 1 << 14];
        let read = self.ours.read(&mut buffer);
        // Before it is made a screen of, which is our work and not the program's.
        *time = self.begun.elapsed();
        match read {
            // Linux answers EIO when the last program has closed the other side.
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
        // Either fails only if it has ended, which is what we want.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = (120, 40);
    const PATIENCE: Duration = Duration::from_secs(5);

    #[test]
    fn what_a_program_shows_in_its_terminal_is_seen() {
        let mut terminal = Terminal::start(Command::new("stty").arg("size"), SIZE).unwrap();
        terminal.wait_until(|text| text.contains("40 120"), PATIENCE).unwrap();
    }

    #[test]
    fn a_program_that_ends_first_is_an_error() {
        let mut terminal = Terminal::start(&mut Command::new("true"), SIZE).unwrap();
        assert!(terminal.wait_until(|text| text.contains("0000010"), PATIENCE).is_err());
    }

    #[test]
    fn what_is_typed_is_answered() {
        let mut cat = Command::new("sh");
        let mut terminal =
            Terminal::start(cat.args(["-c", "read word; echo =$word="]), SIZE).unwrap();
        terminal.rest(Duration::from_millis(1)).unwrap();
        terminal.send("word\n").unwrap();
        terminal.wait_until(|text| text.contains("=word="), PATIENCE).unwrap();
    }

    #[test]
    fn a_program_is_left_by_its_key() {
        let mut terminal =
            Terminal::start(Command::new("sh").args(["-c", "read key"]), SIZE).unwrap();
        terminal.leave("q\n", PATIENCE).unwrap();
    }
}
