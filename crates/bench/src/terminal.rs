//! A program in a terminal of ours, of which we read what it shows.

use std::fs::File;
use std::io::{Read, Write};
use std::iter;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::Result;

const SIZE: Winsize = Winsize { ws_col: 120, ws_row: 40, ws_xpixel: 0, ws_ypixel: 0 };

/// A running program, which ends with this value at the latest.
pub(crate) struct Terminal {
    ours: File,
    child: Child,
    begun: Instant,
    shown: Shown,
}

impl Terminal {
    /// Starts a program whose input and output are a new terminal. It is not the controlling one,
    /// which would ask for unsafe code between `fork` and `exec`.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        fcntl_setfd(&ours, FdFlags::CLOEXEC)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let theirs = rustix::fs::open(ptsname(&ours, Vec::new())?, flags, Mode::empty())?;
        tcsetwinsize(&theirs, SIZE)?;
        let (input, output) = (theirs.try_clone()?, theirs.try_clone()?);
        command.env("TERM", "xterm-256color").env_remove("LINES").env_remove("COLUMNS");
        command.stdin(input).stdout(output).stderr(theirs);

        let begun = Instant::now();
        let child = command.spawn()?;
        Ok(Self { ours: ours.into(), child, begun, shown: Shown::default() })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The time from the start until one of `texts` has been shown.
    pub(crate) fn wait_for(&mut self, texts: &[&str], patience: Duration) -> Result<Duration> {
        loop {
            let time = self.begun.elapsed();
            if texts.iter().any(|text| self.shown.text.contains(text)) {
                return Ok(time);
            }
            if time > patience {
                return Err(format!("no first screen within {patience:?}").into());
            }
            if !self.read(patience.saturating_sub(time))? {
                return Err("it ended before its first screen".into());
            }
        }
    }

    /// Types `keys` and waits for the program to end.
    pub(crate) fn leave(&mut self, keys: &str, patience: Duration) -> Result {
        let until = Instant::now() + patience;
        self.ours.write_all(keys.as_bytes())?;
        while self.child.try_wait()?.is_none() {
            if Instant::now() > until {
                return Err(format!("it did not leave within {patience:?} of `{keys}`").into());
            }
            if !self.read(Duration::from_millis(10))? {
                thread::sleep(Duration::from_millis(1)); // it has let go, and is about to end
            }
        }
        Ok(())
    }

    /// Waits for something to be shown; false if nothing ever will be.
    fn read(&mut self, patience: Duration) -> Result<bool> {
        let timeout = Timespec::try_from(patience)?;
        let mut polled = [PollFd::new(&self.ours, PollFlags::IN)];
        if poll(&mut polled, Some(&timeout))? == 0 {
            return Ok(true);
        }
        let mut buffer = [0; 1 << 14];
        match self.ours.read(&mut buffer) {
            // Linux answers EIO when the last program has closed the other side.
            Ok(0) | Err(_) => Ok(false),
            Ok(len) => {
                self.shown.add(buffer.get(..len).unwrap_or_default());
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

/// What a program has shown, in the order of its output: text, with a space wherever the cursor
/// went elsewhere. Colours do not part a text, and repetitions are spelt out.
#[derive(Default)]
struct Shown {
    text: String,
    within: Within,
}

/// ECMA-48's sequences, as far as they must be skipped.
#[derive(Default, Clone, Copy)]
enum Within {
    #[default]
    Text,
    Escape,
    /// With its last parameter, as far as it has come.
    Control(usize),
    /// A title or the like, up to BEL or the next escape.
    Title,
    /// A sequence of which one more byte follows.
    LastByte,
}

impl Shown {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.within = self.step(*byte);
        }
    }

    fn step(&mut self, byte: u8) -> Within {
        match (self.within, byte) {
            (_, 0x1B) => Within::Escape,
            (Within::Text, _) => self.show(if matches!(byte, b' '..=b'~') { byte } else { b' ' }),
            (Within::Escape, b']' | b'P' | b'X' | b'^' | b'_') => Within::Title,
            (Within::Escape, b' '..=b'/') => Within::LastByte,
            (Within::Control(number), b'0'..=b'9') => {
                let digit = usize::from(byte - b'0');
                Within::Control(number.saturating_mul(10).saturating_add(digit))
            }
            (Within::Control(_), b'm') => Within::Text,
            (Within::Control(times), b'b') => {
                let last = self.text.chars().last().unwrap_or(' ');
                self.text.extend(iter::repeat_n(last, times.min(1000)));
                Within::Text
            }
            (Within::Control(_), b'@'..=b'~') => self.show(b' '),
            (Within::Escape, b'[') | (Within::Control(_), _) => Within::Control(0),
            (Within::Title, _) if byte != 0x07 => Within::Title,
            (Within::Escape | Within::Title | Within::LastByte, _) => Within::Text,
        }
    }

    fn show(&mut self, byte: u8) -> Within {
        self.text.push(char::from(byte));
        Within::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(output: &str) -> String {
        let mut shown = Shown::default();
        shown.add(output.as_bytes());
        shown.text
    }

    #[test]
    fn colours_and_titles_do_not_part_a_text() {
        assert_eq!(shown("\x1b[2m0000\x1b[0;1m01\x1b]0;7\x070\x1b(B"), "0000010");
        assert_eq!(shown("00000\x1b]0;7\x1b\\10"), "0000010");
    }

    #[test]
    fn a_repetition_is_spelt_out() {
        assert_eq!(shown("0\x1b[4b10"), "0000010");
    }

    #[test]
    fn where_the_cursor_goes_elsewhere_a_text_ends() {
        assert_eq!(shown("00000\x1b[2;9H10"), "00000 10");
        assert_eq!(shown("00000\r\n10"), "00000  10");
    }

    #[test]
    fn what_a_program_shows_in_its_terminal_is_seen() {
        let mut terminal = Terminal::start(Command::new("stty").arg("size")).unwrap();
        terminal.wait_for(&["40 120"], Duration::from_secs(5)).unwrap();
    }

    #[test]
    fn a_program_that_ends_first_is_an_error() {
        let mut terminal = Terminal::start(&mut Command::new("true")).unwrap();
        assert!(terminal.wait_for(&["0000010"], Duration::from_secs(5)).is_err());
    }

    #[test]
    fn a_program_is_left_by_its_key() {
        let mut terminal = Terminal::start(Command::new("sh").args(["-c", "read key"])).unwrap();
        terminal.leave("q\n", Duration::from_secs(5)).unwrap();
    }
}
