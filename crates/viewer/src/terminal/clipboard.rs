//! The clipboard: a desktop program if there is one, the terminal otherwise.
//!
//! A terminal takes a copy through the escape sequence OSC 52, but does not confirm it. Whether the
//! copy succeeded is unknown: tmux, for example, ignores the sequence by default. A program reports
//! an exit status. What is in the clipboard is read by a program alone: terminals that answer are rare, and those that
//! do not would have to be waited for.

mod read;

use std::cell::OnceCell;
use std::env;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may run before it is killed. The view blocks meanwhile.
const PATIENCE: Duration = Duration::from_secs(1);

/// Interval at which a running program is polled.
const POLL_EVERY: Duration = Duration::from_millis(2);

/// Copies bytes to the clipboard.
#[derive(Debug)]
pub(crate) struct Clipboard {
    /// Looked up at the first copy, so that searching `PATH` does not delay the first frame.
    program: OnceCell<Option<Program>>,
    patience: Duration,
}

/// How bytes were copied, displayed after "by".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// By a program, which ended successfully.
    Program(&'static str),
    /// By the terminal: there is no program, or `failed` did not work.
    Terminal { failed: Option<&'static str> },
}

impl fmt::Display for How {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(name) => out.write_str(name),
            Self::Terminal { failed: None } => out.write_str("OSC 52 (unconfirmed)"),
            Self::Terminal { failed: Some(name) } => {
                write!(out, "OSC 52 (unconfirmed; {name} failed)")
            }
        }
    }
}

impl Clipboard {
    pub(crate) const fn new() -> Self {
        Self { program: OnceCell::new(), patience: PATIENCE }
    }

    /// Copies bytes. `osc52` sends them to the terminal.
    ///
    /// # Errors
    /// If `osc52` was needed and failed.
    pub(crate) fn copy(
        &mut self,
        bytes: &[u8],
        mut osc52: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<How> {
        let found = || Program::find(env::consts::OS, |name| env::var_os(name));
        let program = self.program.get_or_init(found).as_ref();
        let program = program.filter(|program| program.takes(bytes));
        if let Some(program) = program
            && program.run(bytes, self.patience).is_ok()
        {
            return Ok(How::Program(program.name));
        }
        osc52(bytes)?;
        Ok(How::Terminal { failed: program.map(|program| program.name) })
    }
}

/// A program that copies its input to the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Program {
    name: &'static str,
    path: PathBuf,
    arguments: &'static [&'static str],
}

/// Clipboard programs and their arguments, with the environment in which each works.
const PROGRAMS: [(Needs, &str, &[&str]); 5] = [
    // Without a type, it would run another program to guess one.
    (Needs::Variable("WAYLAND_DISPLAY"), "wl-copy", &["--type", "text/plain"]),
    (Needs::Variable("DISPLAY"), "xclip", &["-in", "-selection", "clipboard"]),
    (Needs::Variable("DISPLAY"), "xsel", &["--input", "--clipboard"]),
    (Needs::System("macos"), "pbcopy", &[]),
    (Needs::System("windows"), CLIP, &[]),
];

const CLIP: &str = "clip.exe";

#[derive(Debug, Clone, Copy)]
enum Needs {
    Variable(&'static str),
    System(&'static str),
}

impl Program {
    /// The first program that works in this session and is in `PATH`.
    fn find(system: &str, variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        Self::find_in(&PROGRAMS, system, variable)
    }

    /// The same among these.
    fn find_in(
        programs: &[(Needs, &'static str, &'static [&'static str])],
        system: &str,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Option<Self> {
        let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let suits = |needs| match needs {
            Needs::Variable(name) => is_set(name),
            Needs::System(name) => name == system,
        };
        let path = variable("PATH")?;
        // A relative directory in `PATH` could run a program that lies next to the viewed files.
        let directories: Vec<PathBuf> =
            env::split_paths(&path).filter(|directory| directory.is_absolute()).collect();
        programs.iter().filter(|(needs, ..)| suits(*needs)).find_map(|&(_, name, arguments)| {
            let path = directories.iter().map(|it| it.join(name)).find(|path| path.is_file())?;
            Some(Self { name, path, arguments })
        })
    }

    /// `clip.exe` decodes its input with the console's code page, which is only reliable for ASCII.
    fn takes(&self, bytes: &[u8]) -> bool {
        self.name != CLIP || bytes.is_ascii()
    }

    /// Passes bytes to the program, and waits for it to end. Programs that keep serving the
    /// clipboard fork a child, which is not waited for.
    fn run(&self, bytes: &[u8], patience: Duration) -> io::Result<()> {
        let deadline = Instant::now() + patience;
        let mut command = Command::new(&self.path);
        command.args(self.arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        detach(&mut command);
        let mut child = command.spawn()?;
        // On its own thread: a program that does not read would block this one.
        let input = child.stdin.take();
        let bytes = bytes.to_vec();
        let writer = thread::Builder::new()
            .name("clipboard".to_owned())
            .spawn(move || input.map_or(Ok(()), |mut input| input.write_all(&bytes)));
        let ended = writer.and_then(|writer| {
            wait(&mut child, deadline)?;
            // A program that did not read all its input has copied something else, even if it
            // succeeded. A child that keeps the pipe open without reading blocks the writer.
            while !writer.is_finished() {
                pause(deadline)?;
            }
            writer.join().map_err(|_panic| io::Error::other("the writer panicked"))?
        });
        if ended.is_err() {
            child.kill().ok();
            // Reap the killed process on another thread, so that the view does not wait for it.
            thread::Builder::new().name("clipboard".to_owned()).spawn(move || child.wait()).ok();
        }
        ended
    }
}

/// Moves the program to its own process group, as it may have to serve the clipboard longer than
/// the view runs: SIGHUP of a closed terminal and SIGTSTP of Ctrl-Z must not reach it.
#[cfg(unix)]
fn detach(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;

    command.process_group(0);
}

#[cfg(not(unix))]
const fn detach(_: &mut Command) {}

/// Waits until a program succeeds.
fn wait(child: &mut Child, deadline: Instant) -> io::Result<()> {
    loop {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(io::Error::other(status.to_string())),
            None => pause(deadline)?,
        }
    }
}

fn pause(deadline: Instant) -> io::Result<()> {
    if Instant::now() >= deadline {
        return Err(io::ErrorKind::TimedOut.into());
    }
    thread::sleep(POLL_EVERY);
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

    use std::fs;
    use std::path::Path;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// Installs scripts in a directory. A shell writes them: if this process held them open for
    /// writing, a program started by another test could inherit the descriptor, and executing the
    /// script would fail with "text file busy".
    fn install(directory: &Path, names: &[&str], script: &str) {
        let write = "for name; do printf '#!/bin/sh\\n%s\\n' \"$0\" >\"$name\" && chmod 755 \"$name\"; done";
        let mut shell = Command::new("sh");
        let status = shell.args(["-ec", write, script]).args(names).current_dir(directory).status();
        assert!(status.unwrap().success());
    }

    fn found(system: &str, variables: &[(&str, &str)]) -> Option<Program> {
        Program::find(system, |name| {
            let variable = variables.iter().find(|(it, _)| *it == name);
            variable.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_program_is_the_one_of_the_session() {
        let all = tempfile::tempdir().unwrap();
        install(all.path(), &["wl-copy", "xclip", "xsel", "pbcopy", "clip.exe"], "");
        let few = tempfile::tempdir().unwrap();
        install(few.path(), &["xsel"], "");
        let (all, few) = (all.path().to_str().unwrap(), few.path().to_str().unwrap());
        let both = format!("/no/such/directory:{few}:{all}");
        let (wayland, x) = (("WAYLAND_DISPLAY", "wayland-0"), ("DISPLAY", ":0"));
        for (system, variables, expected) in [
            ("linux", vec![("PATH", all), wayland, x], Some("wl-copy")),
            ("linux", vec![("PATH", all), x], Some("xclip")),
            ("linux", vec![("PATH", few), x], Some("xsel")),
            ("linux", vec![("PATH", &*both), x], Some("xclip")),
            ("linux", vec![("PATH", few), wayland, x], Some("xsel")),
            ("linux", vec![("PATH", few), wayland], None),
            ("linux", vec![("PATH", all), ("WAYLAND_DISPLAY", ""), ("DISPLAY", "")], None),
            ("linux", vec![("PATH", all)], None),
            ("linux", vec![x], None),
            ("macos", vec![("PATH", all)], Some("pbcopy")),
            ("macos", vec![("PATH", all), x], Some("xclip")),
            ("windows", vec![("PATH", all)], Some("clip.exe")),
            ("windows", vec![("PATH", few)], None),
        ] {
            let name = found(system, &variables).map(|program| program.name);
            assert_eq!(name, expected, "{system} {variables:?}");
        }
    }

    #[test]
    fn programs_beside_the_files_that_are_viewed_are_not_run() {
        let here = env::current_dir().unwrap();
        let directory = tempfile::tempdir_in(&here).unwrap();
        install(directory.path(), &["xclip"], "");
        let name = directory.path().file_name().unwrap().to_str().unwrap();
        assert!(Path::new(name).join("xclip").is_file());
        for path in [name, "", ".", &format!("{name}:")] {
            assert_eq!(found("linux", &[("PATH", path), ("DISPLAY", ":0")]), None, "{path:?}");
        }
    }

    /// A clipboard that uses this script.
    fn clipboard(directory: &Path, name: &'static str, script: &str) -> Clipboard {
        install(directory, &[name], script);
        let program = Program { name, path: directory.join(name), arguments: &["-in", "a b"] };
        with(Some(program))
    }

    fn with(program: Option<Program>) -> Clipboard {
        Clipboard { program: OnceCell::from(program), patience: LONG }
    }

    fn never(_: &[u8]) -> io::Result<()> {
        panic!("the terminal was asked")
    }

    #[test]
    fn a_program_gets_the_bytes_and_its_arguments() {
        let dir = tempfile::tempdir().unwrap();
        // A shell would split the last argument.
        let script = "cd \"${0%/*}\"; echo \"$#:$1:$2\" >said; cat >got";
        let mut clipboard = clipboard(dir.path(), "xclip", script);
        // More than fits in a pipe.
        let bytes: Vec<u8> = (0..1_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        assert_eq!(clipboard.copy(&bytes, never).unwrap(), How::Program("xclip"));
        assert!(fs::read(dir.path().join("got")).unwrap() == bytes);
        assert_eq!(fs::read_to_string(dir.path().join("said")).unwrap(), "2:-in:a b\n");
        assert_eq!(clipboard.copy(b"", never).unwrap(), How::Program("xclip"));
        assert_eq!(fs::read(dir.path().join("got")).unwrap(), b"");
    }

    #[test]
    fn nobody_waits_for_the_child_that_keeps_the_clipboard() {
        let dir = tempfile::tempdir().unwrap();
        // Runs until the test removes its directory.
        let script = "cat >/dev/null; cd \"${0%/*}\"
            (while [ -e \"$PWD/xclip\" ]; do sleep 0.1; done) </dev/null &";
        let mut clipboard = clipboard(dir.path(), "xclip", script);
        assert_eq!(clipboard.copy(b"bytes", never).unwrap(), How::Program("xclip"));
    }

    #[test]
    fn signals_of_the_terminal_do_not_reach_the_program() {
        let dir = tempfile::tempdir().unwrap();
        // Succeeds if it is a process group leader.
        let mut clipboard = clipboard(dir.path(), "xclip", "cat >/dev/null; kill -0 -$$");
        assert_eq!(clipboard.copy(b"bytes", |_| Ok(())).unwrap(), How::Program("xclip"));
    }

    #[test]
    fn what_a_program_fails_to_copy_goes_to_the_terminal() {
        let dir = tempfile::tempdir().unwrap();
        let long = vec![b'x'; 1_000_000];
        for (script, bytes) in [
            ("cat >/dev/null; exit 1", &b"bytes"[..]),
            ("kill -9 $$", b"bytes"),
            // Succeeds without reading all input.
            ("exit 0", &long),
        ] {
            let mut clipboard = clipboard(dir.path(), "wl-copy", script);
            let mut sent = Vec::new();
            let how = clipboard.copy(bytes, |bytes| {
                sent = bytes.to_vec();
                Ok(())
            });
            assert_eq!(how.unwrap(), How::Terminal { failed: Some("wl-copy") }, "{script}");
            assert!(sent == bytes);
        }
        fs::remove_file(dir.path().join("wl-copy")).unwrap();
        let path = dir.path().join("wl-copy");
        let gone = Program { name: "wl-copy", path, arguments: &[] };
        let mut clipboard = with(Some(gone));
        let how = clipboard.copy(b"bytes", |_| Ok(())).unwrap();
        assert_eq!(how, How::Terminal { failed: Some("wl-copy") });
    }

    #[test]
    fn a_program_that_hangs_is_killed() {
        let dir = tempfile::tempdir().unwrap();
        let (pid, path) = (dir.path().join("pid"), dir.path().join("xsel"));
        install(dir.path(), &["xsel"], "cd \"${0%/*}\"; echo $$ >new; mv new pid; exec sleep 600");
        let program = Program { name: "xsel", path, arguments: &[] };
        let long = vec![b'x'; 1_000_000];
        // With a writer that ends at once, and with one that blocks.
        for bytes in [&b"bytes"[..], &long] {
            let mut patience = Duration::from_millis(100);
            let pid = loop {
                let error = program.run(bytes, patience).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::TimedOut);
                match fs::read_to_string(&pid) {
                    Ok(pid) => break pid,
                    // Killed before the script started.
                    Err(_) => patience *= 2,
                }
            };
            fs::remove_file(dir.path().join("pid")).unwrap();
            let is_there = || {
                let mut shell = Command::new("sh");
                shell.args(["-c", "kill -0 $0 2>/dev/null", pid.trim()]).status().unwrap().success()
            };
            while is_there() {
                thread::sleep(POLL_EVERY);
            }
        }
    }

    #[test]
    fn without_a_program_the_terminal_is_asked_and_its_error_is_told() {
        let mut clipboard = with(None);
        let how = clipboard.copy(b"bytes", |bytes| {
            assert_eq!(bytes, b"bytes");
            Ok(())
        });
        assert_eq!(how.unwrap(), How::Terminal { failed: None });
        let error = clipboard.copy(b"bytes", |_| Err(io::ErrorKind::BrokenPipe.into()));
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn clip_gets_only_what_every_code_page_has() {
        let dir = tempfile::tempdir().unwrap();
        let mut clip = clipboard(dir.path(), CLIP, "cat >/dev/null");
        assert_eq!(clip.copy(b"ASCII", never).unwrap(), How::Program(CLIP));
        let how = clip.copy("é".as_bytes(), |_| Ok(())).unwrap();
        assert_eq!(how, How::Terminal { failed: None });
        let mut xclip = clipboard(dir.path(), "xclip", "cat >/dev/null");
        assert_eq!(xclip.copy(&[0xff, 0], never).unwrap(), How::Program("xclip"));
    }

    #[test]
    fn what_it_says_is_what_happened() {
        for (how, text) in [
            (How::Program("wl-copy"), "wl-copy"),
            (How::Terminal { failed: None }, "OSC 52 (unconfirmed)"),
            (How::Terminal { failed: Some("xclip") }, "OSC 52 (unconfirmed; xclip failed)"),
        ] {
            assert_eq!(how.to_string(), text);
        }
    }

    fn read(directory: &Path, script: &str, patience: Duration) -> io::Result<Option<Vec<u8>>> {
        install(directory, &["xclip"], script);
        let clipboard = Clipboard { patience, ..with(None) };
        clipboard.read_by("linux", |name| match name {
            "PATH" => Some(directory.into()),
            "DISPLAY" => Some(":0".into()),
            _ => None,
        })
    }

    #[test]
    fn what_a_program_prints_is_the_text() {
        let dir = tempfile::tempdir().unwrap();
        let read = |script| read(dir.path(), script, LONG);
        assert_eq!(read("printf 'de ad'").unwrap(), Some(b"de ad".to_vec()));
        assert_eq!(read("echo \"$*\"").unwrap(), Some(b"-out -selection clipboard\n".to_vec()));
        let error = read("printf half; exit 1").unwrap_err().to_string();
        assert!(error.starts_with("xclip: "), "{error}");
        let long = read("exec head -c 17000000 /dev/zero").unwrap_err().to_string();
        assert_eq!(long, "xclip: it has more than 16 MiB");
        let error = self::read(dir.path(), "exec sleep 600", Duration::from_millis(100));
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn without_a_program_there_is_no_text() {
        let clipboard = with(None);
        assert_eq!(clipboard.read_by("linux", |_| None).unwrap(), None);
        assert_eq!(clipboard.read_by("windows", |_| Some("/bin".into())).unwrap(), None);
    }
}
