//! Runs a scene in a separate process: in its own mount namespace, so that its mounts end with its
//! last process, and for a limited time.

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{self, Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::{Outcome, Scene};
use crate::shell::{self, Result};
use crate::stage::Stop;

/// The argument with which this program runs a single scene.
pub(super) const PLAY: &str = "--play";

/// Settings of the system that scenes change temporarily.
const SETTINGS: [&str; 1] = ["/proc/sys/fs/lease-break-time"];

/// The result of a scene, and how long it ran.
pub(super) struct Played {
    pub(super) outcome: Outcome,
    pub(super) text: String,
    pub(super) took: Duration,
}

/// Runs scenes with the programs in a directory.
pub(super) struct Runner {
    programs: PathBuf,
    is_isolated: bool,
}

impl Runner {
    /// Builds the programs of the scenes.
    pub(super) fn new() -> Result<Self> {
        let programs = shell::programs()?;
        let isolated = Command::new("unshare").args(["--mount", "true"]).output();
        let is_isolated = isolated.is_ok_and(|output| output.status.success());
        Ok(Self { programs, is_isolated })
    }

    /// Runs a scene until it ends or its time is up.
    pub(super) fn play(&self, scene: &Scene, time: Duration) -> Result<Played> {
        let before = SETTINGS.map(|path| fs::read_to_string(path).ok());
        let begun = Instant::now();
        let mut child = self.command(scene)?.spawn()?;
        // Held open: when it closes, the scene knows that its runner is gone.
        let alive = child.stdin.take();
        let said = hear(&mut child, time)?;
        let took = begun.elapsed();
        let id = child.id();
        let left = processes_of(id);
        shell::kill_group(id);
        // It has ended, unless the program `kill` is missing.
        child.kill().ok();
        let status = ended(&mut child)?;
        drop(alive);

        let (outcome, text) = match &said {
            None => (Outcome::Fail, format!("the scene did not end within {} s", time.as_secs())),
            Some(said) => Outcome::parse(said).unwrap_or_else(|| {
                (Outcome::Fail, format!("the scene ended without a result ({status}): {said}"))
            }),
        };
        let mut left = if said.is_some() { left } else { Vec::new() };
        left.extend(loop_devices_of(id));
        for (path, before) in SETTINGS.into_iter().zip(before) {
            // A scene that ended normally has reset them.
            let before = before
                .filter(|it| said.is_none() && fs::read_to_string(path).ok().as_ref() != Some(it));
            if let Some(error) = before.and_then(|before| fs::write(path, before).err()) {
                left.push(format!("{path}: {error}"));
            }
        }
        if let Err(error) = remove_scratch_of(id) {
            left.push(format!("its directory: {error}"));
        }
        if left.is_empty() || outcome == Outcome::Fail {
            return Ok(Played { outcome, text, took });
        }
        let text = format!("the scene left behind: {}; its result: {text}", left.join(", "));
        Ok(Played { outcome: Outcome::Fail, text, took })
    }

    /// A command that runs this program for one scene, as the leader of a process group.
    fn command(&self, scene: &Scene) -> Result<Command> {
        let own = env::current_exe()?;
        let mut command = if self.is_isolated {
            let mut command = Command::new("unshare");
            command.arg("--mount").arg(own);
            command
        } else {
            Command::new(own)
        };
        command.args(["torture", PLAY, scene.name]).env(shell::PROGRAMS, &self.programs);
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        Ok(command)
    }
}

/// The output of a scene; `None` if it takes too long.
fn hear(child: &mut Child, time: Duration) -> Result<Option<String>> {
    let output = child.stdout.take().ok_or("the scene has no output pipe")?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // A line ends the result: a process that the scene left behind may keep the pipe open.
        let mut said = String::new();
        for line in BufReader::new(output).lines().map_while(io::Result::ok) {
            said.push_str(&line);
            if Outcome::parse(&said).is_some() {
                break;
            }
            said.push('\n');
        }
        sender.send(said).ok();
    });
    let begun = Instant::now();
    let Ok(said) = receiver.recv_timeout(time) else { return Ok(None) };
    // The result is there; the scene cleans up before it ends.
    while child.try_wait()?.is_none() {
        if begun.elapsed() > time {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(Some(said))
}

/// How a killed scene ended. A scene that waits for a device that never answers does not end.
fn ended(child: &mut Child) -> io::Result<String> {
    for _ in 0..500 {
        if let Some(status) = child.try_wait()? {
            return Ok(status.to_string());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok("the scene cannot be killed".to_owned())
}

/// Runs a scene in this process, which does nothing else, and prints the result.
pub(super) fn play_here(scene: &Scene) -> Result {
    thread::spawn(|| {
        // The process that waits for the result holds the other end of this pipe.
        io::copy(&mut io::stdin(), &mut io::sink()).ok();
        shell::kill_group(process::id());
    });
    let play = scene.play;
    // On a thread, so that a scene that panics also drops what it has set up.
    let verdict = thread::spawn(play).join();
    let verdict = verdict.unwrap_or_else(|_panic| Err(Stop::Fail("the scene panicked".to_owned())));
    let (mut outcome, mut text) = match verdict {
        Ok(text) => (Outcome::Pass, text),
        Err(Stop::Fail(text)) => (Outcome::Fail, text),
        Err(Stop::Skip(text)) => (Outcome::Skip, text),
    };
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let own = format!("-{}/", process::id());
    if let Some(mount) = mounts.lines().find(|line| line.contains(&own)) {
        text = format!("the scene left a mount behind: {mount}; its result: {text}");
        outcome = Outcome::Fail;
    }
    Ok(writeln!(io::stdout(), "{}", outcome.line(&text))?)
}

/// The processes of a group, except its leader.
fn processes_of(group: u32) -> Vec<String> {
    let listed = Command::new("ps").args(["-e", "-o", "pgid=,pid=,args="]).output();
    let listed = listed.map(|output| output.stdout).unwrap_or_default();
    let listed = String::from_utf8_lossy(&listed);
    let [group_word, leader] = [group.to_string(), group.to_string()];
    let others = listed.lines().filter(|line| {
        let mut words = line.split_whitespace();
        words.next() == Some(&group_word) && words.next() != Some(&leader)
    });
    others.map(|line| format!("process {}", line.trim())).collect()
}

/// The loop devices of the images of a scene. The system releases them shortly after the unmount.
fn loop_devices_of(id: u32) -> Vec<String> {
    let own = format!("-{id}/");
    let mut devices = Vec::new();
    for _ in 0..200 {
        let mut command = Command::new("losetup");
        let listed =
            command.args(["--list", "--noheadings", "--output", "NAME,BACK-FILE"]).output();
        let listed = listed.map(|output| output.stdout).unwrap_or_default();
        let listed = String::from_utf8_lossy(&listed);
        devices = listed.lines().filter(|line| line.contains(&own)).map(str::to_owned).collect();
        if devices.is_empty() {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    devices
}

/// Removes the directories of a killed scene.
fn remove_scratch_of(id: u32) -> io::Result<()> {
    let own = format!("-{id}");
    for entry in fs::read_dir(env::temp_dir())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("memmap-") && name.ends_with(&own) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
