//! Signals, including those ignored at startup, as by `nohup`.

use std::fs;
use std::io::Read;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::{dir, text};

/// Number of matches, whose lines do not fit in a pipe.
const MATCHES: usize = 200_000;

/// Starts a search that blocks on its output, with these signals ignored.
fn stuck(dir: &tempfile::TempDir, ignored: &str) -> Child {
    let script = format!("trap '' {ignored}; exec \"$0\" find -o x dense");
    let mut child = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_lazyhex")])
        .current_dir(dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The first byte has arrived, so the signal handler is installed.
    child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    child
}

#[test]
fn an_ignored_signal_ends_nothing() {
    let dir = dir(&[]);
    fs::write(dir.path().join("dense"), "x".repeat(MATCHES)).unwrap();
    for (ignored, signal) in [("HUP", Signal::HUP), ("INT", Signal::INT), ("TERM", Signal::TERM)] {
        let child = stuck(&dir, ignored);
        kill_process(Pid::from_child(&child), signal).unwrap();
        // Twice, as the second signal would end the program at once.
        kill_process(Pid::from_child(&child), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""), "{ignored}");
        assert_eq!(text(&output.stdout).lines().count(), MATCHES, "{ignored}");
    }
}

#[test]
fn the_others_are_heard_all_the_same() {
    let dir = dir(&[]);
    fs::write(dir.path().join("dense"), "x".repeat(MATCHES)).unwrap();
    for (ignored, signal) in [("HUP", Signal::INT), ("INT", Signal::HUP), ("HUP INT", Signal::TERM)]
    {
        let mut child = stuck(&dir, ignored);
        // Wherever it is blocked, a second signal ends it.
        while child.try_wait().unwrap().is_none() {
            kill_process(Pid::from_child(&child), signal).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let code = child.wait().unwrap().code();
        assert!(matches!(code, Some(2 | 130)), "{ignored}: {code:?}");
    }
}
