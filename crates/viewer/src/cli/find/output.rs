//! Coordinates standard output with the progress bar on standard error.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use memmap::{Cancel, Progress};

use crate::cli::stdout_pipe;
use crate::cli::stdout_pipe::BATCH_LEN;
use crate::format::terminal_kind::TerminalKind;
use crate::format::units::in_units;
use crate::say;

/// Interval at which results are printed and the bar is drawn.
const TICK: Duration = Duration::from_millis(100);

/// The bar appears after this time.
const BAR_AFTER: Duration = Duration::from_millis(500);

/// Moves to the start of the line and clears it.
const CLEAR: &str = "\r\x1b[K";

/// The buffered output, and the progress bar below it.
#[derive(Debug)]
pub(crate) struct Screen {
    /// Matches not written yet. Ends with a whole line, or within a long match.
    pub(crate) text: Vec<u8>,
    failure: Option<io::Error>,
    running: Option<Running>,
    shows_bar: bool,
    is_bar_drawn: bool,
}

/// The running scan, or several scans in sequence.
#[derive(Debug)]
struct Running {
    name: Option<String>,
    /// Total length of all parts, in bytes; `None` for a stream.
    total: Option<u64>,
    progress: Arc<Progress>,
    stop: Cancel,
    begun: Instant,
}

/// Locks the screen. A poisoned lock is usable, as every method leaves the screen in a valid state.
pub(crate) fn locked(screen: &Mutex<Screen>) -> MutexGuard<'_, Screen> {
    screen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work`, and updates the screen meanwhile.
pub(crate) fn watched<T>(screen: &Mutex<Screen>, work: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        // Dropped when the work is done, or panics.
        let (_working, done) = channel::<()>();
        scope.spawn(move || {
            while done.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                locked(screen).tick();
            }
        });
        work()
    })
}

impl Screen {
    pub(crate) fn new() -> Self {
        let is_dumb = TerminalKind::of_environment() == TerminalKind::Dumb;
        Self {
            text: Vec::with_capacity(2 * BATCH_LEN),
            failure: None,
            running: None,
            shows_bar: io::stderr().is_terminal() && !is_dumb,
            is_bar_drawn: false,
        }
    }

    /// Starts the progress of scans with this many bytes. `stop` is cancelled if the output cannot
    /// be written.
    pub(crate) fn begin(
        &mut self,
        name: Option<&String>,
        total: Option<u64>,
        progress: &Arc<Progress>,
        stop: &Cancel,
    ) {
        self.running = Some(Running {
            name: name.cloned(),
            total,
            progress: Arc::clone(progress),
            stop: stop.clone(),
            begun: Instant::now(),
        });
    }

    /// The scan has ended: writes everything, and removes the bar.
    pub(crate) fn end(&mut self) {
        self.write();
        self.clear_bar();
        self.running = None;
    }

    /// Writes the buffer if it is large enough to be worth a system call.
    pub(crate) fn write_if_much(&mut self) {
        if self.text.len() >= BATCH_LEN {
            self.write();
        }
    }

    /// Prints a message to standard error, below the results so far.
    pub(crate) fn complain(&mut self, what: &str) {
        self.write();
        self.clear_bar();
        say(&format!("lazyhex: {what}\n"));
    }

    pub(crate) const fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// The error that occurred when writing results.
    pub(crate) const fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    fn write(&mut self) {
        if !self.text.is_empty() && self.failure.is_none() {
            self.clear_bar();
            let mut stdout = io::stdout().lock();
            let written = stdout.write_all(&self.text).and_then(|()| stdout.flush());
            if let Err(error) = written {
                self.fail(error);
            }
        }
        self.text.clear();
    }

    fn fail(&mut self, error: io::Error) {
        self.failure.get_or_insert(error);
        if let Some(running) = &self.running {
            running.stop.cancel();
        }
    }

    fn tick(&mut self) {
        if self.text.is_empty() && self.running.is_some() && stdout_pipe::is_closed() {
            self.fail(io::ErrorKind::BrokenPipe.into());
        }
        self.write();
        let Some(running) = self.running.as_ref().filter(|_| self.shows_bar) else { return };
        let time = running.begun.elapsed();
        if time < BAR_AFTER {
            return;
        }
        let width = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
        let progress = &running.progress;
        let line = bar(
            running.name.as_deref(),
            (progress.done(), running.total, progress.found()),
            time,
            width.saturating_sub(1),
        );
        say(&format!("{CLEAR}{line}"));
        self.is_bar_drawn = true;
    }

    fn clear_bar(&mut self) {
        if std::mem::take(&mut self.is_bar_drawn) {
            say(CLEAR);
        }
    }
}

/// ` 43%  1.72 of 4.00 GiB  12 found  5.31 GiB/s  1:04 left  NAME`, truncated to the width.
fn bar(
    name: Option<&str>,
    (done, total, matches): (u64, Option<u64>, u64),
    time: Duration,
    width: usize,
) -> String {
    let millis = time.as_millis().max(1);
    let rate = u64::try_from(u128::from(done) * 1000 / millis).unwrap_or(u64::MAX);
    let mut fields = match total {
        Some(total) => {
            let share = u128::from(done) * 100 / u128::from(total.max(1));
            vec![format!("{share:3}%"), format!("{} of {}", in_units(done), in_units(total))]
        }
        None => vec![format!("{} so far", in_units(done))],
    };
    if matches > 0 {
        fields.push(format!("{matches} found"));
    }
    match total.map(|total| total.saturating_sub(done).checked_div(rate)) {
        Some(Some(seconds)) => {
            fields.push(format!("{}/s", in_units(rate)));
            fields.push(format!("{}:{:02} left", seconds / 60, seconds % 60));
        }
        Some(None) => {}
        None => fields.push(format!("{}/s", in_units(rate))),
    }
    fields.extend(name.map(str::to_owned));
    let line = fields.join("  ");
    line.chars().take(width).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_says_how_far_how_fast_and_how_long() {
        let seconds = Duration::from_secs;
        assert_eq!(
            bar(None, (1 << 30, Some(4 << 30), 0), seconds(2), 79),
            " 25%  1.00 GiB of 4.00 GiB  512.00 MiB/s  0:06 left"
        );
        let line = bar(Some("a name"), (3 << 20, Some(1 << 40), 12), seconds(1), 79);
        assert_eq!(line, "  0%  3.00 MiB of 1.00 TiB  12 found  3.00 MiB/s  5825:24 left  a name");
        assert_eq!(
            bar(None, (3 << 20, None, 1), seconds(2), 79),
            "3.00 MiB so far  1 found  1.50 MiB/s"
        );
        assert_eq!(bar(Some("x"), (0, Some(0), 0), seconds(0), 79), "  0%  0 B of 0 B  x");
        assert_eq!(bar(None, (u64::MAX, Some(u64::MAX), u64::MAX), seconds(9), 10), "100%  15.9");
        assert_eq!(bar(Some("größe"), (5, Some(5), 0), seconds(1), 1000).lines().count(), 1);
    }
}
