//! Ctrl-C, and what else asks the program to end.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use memmap::scan::CancelToken;

use crate::terminal::job_control;

/// What a shell reports of a program that Ctrl-C ended.
const KILLED: i32 = 130;

/// Whether the user, or the system, wants us to end.
///
/// While a scan runs, it is stopped, and what it found is printed. Otherwise nothing is half done, and
/// the program ends at once; so it does when asked again, as the output may be what blocks it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt {
    asked: Arc<AtomicBool>,
    running: Arc<Mutex<Option<CancelToken>>>,
}

impl Interrupt {
    /// Begins to listen.
    pub(crate) fn listen() -> Self {
        let this = Self::default();
        let heard = this.clone();
        job_control::on_end(move || heard.ask());
        this
    }

    /// What an interrupt stops from now on.
    pub(crate) fn stops(&self, token: Option<&CancelToken>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = token.cloned();
    }

    /// Whether a scan was interrupted.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    fn ask(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match running.as_ref() {
            Some(token) if !self.asked.swap(true, Ordering::Relaxed) => token.cancel(),
            // Nobody else can end it: a read or a write may block.
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
        let token = CancelToken::new();
        interrupt.stops(Some(&token));
        assert!(!interrupt.is_asked() && !token.is_cancelled());
        interrupt.clone().ask();
        assert!(interrupt.is_asked() && token.is_cancelled());
    }
}
