//! Handles Ctrl-C and other requests to end the program.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use memmap::Cancel;

use crate::terminal::job_control;

/// The exit code that a shell reports for a program ended by Ctrl-C.
const KILLED: i32 = 130;

/// Whether the program was asked to end.
///
/// During a scan, the first request cancels the scan, and the matches so far are printed. In all
/// other cases the program ends at once: on a second request, the output may be blocked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt {
    asked: Arc<AtomicBool>,
    running: Arc<Mutex<Option<Cancel>>>,
}

impl Interrupt {
    /// Installs the signal handler.
    pub(crate) fn listen() -> Self {
        let this = Self::default();
        let heard = this.clone();
        job_control::on_end(move || heard.ask());
        this
    }

    /// Sets the scan to cancel on the next interrupt.
    pub(crate) fn stops(&self, scan: Option<&Cancel>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = scan.cloned();
    }

    /// Whether a scan was interrupted.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    fn ask(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match running.as_ref() {
            Some(scan) if !self.asked.swap(true, Ordering::Relaxed) => scan.cancel(),
            // A blocked read or write cannot be cancelled otherwise.
            _ => process::exit(KILLED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_interrupt_stops_the_scan_that_runs() {
        let interrupt = Interrupt::default();
        let scan = Cancel::new();
        interrupt.stops(Some(&scan));
        assert!(!interrupt.is_asked() && !scan.is_cancelled());
        interrupt.clone().ask();
        assert!(interrupt.is_asked() && scan.is_cancelled());
    }
}
