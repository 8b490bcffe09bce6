//! Reads the clipboard with a program of the desktop.

use std::env;
use std::ffi::OsString;
use std::io::{self, Read as _};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use super::{Clipboard, Needs, Program, detach, pause, wait};

/// The longest text that is taken.
const LEN_MAX: u64 = 16 << 20;

/// Programs that print the clipboard, with the environment in which each works. Windows has none that is there in
/// time.
const READERS: [(Needs, &str, &[&str]); 4] = [
    (Needs::Variable("WAYLAND_DISPLAY"), "wl-paste", &["--no-newline", "--type", "text"]),
    (Needs::Variable("DISPLAY"), "xclip", &["-out", "-selection", "clipboard"]),
    (Needs::Variable("DISPLAY"), "xsel", &["--output", "--clipboard"]),
    (Needs::System("macos"), "pbpaste", &[]),
];

impl Clipboard {
    /// The text of the clipboard; `None` if there is no program that reads it.
    ///
    /// # Errors
    /// The program failed, was too slow, or has more than 16 MiB.
    pub(crate) fn read(&self) -> io::Result<Option<Vec<u8>>> {
        self.read_by(env::consts::OS, |name| env::var_os(name))
    }

    /// The same on this system, with these variables.
    pub(super) fn read_by(
        &self,
        system: &str,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> io::Result<Option<Vec<u8>>> {
        let Some(program) = Program::find_in(&READERS, system, variable) else { return Ok(None) };
        let deadline = Instant::now() + self.patience;
        let mut command = Command::new(&program.path);
        command.args(program.arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        detach(&mut command);
        let mut child = command.spawn()?;
        // On its own thread: a program that neither writes nor ends would block this one.
        let output = child.stdout.take();
        let reader = thread::Builder::new().name("clipboard".to_owned()).spawn(move || {
            let mut bytes = Vec::new();
            let output = output.map(|output| output.take(LEN_MAX + 1));
            output.map_or(Ok(0), |mut output| output.read_to_end(&mut bytes)).map(|_| bytes)
        });
        let read = reader.and_then(|reader| {
            while !reader.is_finished() {
                pause(deadline)?;
            }
            let bytes =
                reader.join().map_err(|_panic| io::Error::other("the reader panicked"))??;
            if memmap::widen(bytes.len()) > LEN_MAX {
                return Err(io::Error::other("it has more than 16 MiB"));
            }
            wait(&mut child, deadline)?;
            Ok(bytes)
        });
        if read.is_err() {
            child.kill().ok();
            thread::Builder::new().name("clipboard".to_owned()).spawn(move || child.wait()).ok();
        }
        let name = program.name;
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{name}: {error}"));
        read.map(Some).map_err(named)
    }
}
