//! Runs each scene in a process of its own, and compares how it ended with what is expected.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

use crate::scenes;

/// The variable that names the scene for this process.
const SCENE: &str = "MEMMAP_GUARD_SCENE";

/// How a process ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The scene ran to its end.
    Well,
    /// A handler of the scene ended it with this code.
    Code(i32),
    /// This signal ended it.
    Signal(i32),
}

pub(crate) struct Scene {
    pub(crate) name: &'static str,
    pub(crate) play: fn(),
    pub(crate) end: End,
    /// A part of what the process prints: if it is killed, that it reached the point.
    pub(crate) says: &'static str,
    /// All that it prints to standard error, if that matters.
    pub(crate) complains: Option<&'static str>,
}

/// Runs the scene that the variable names, or all scenes (whose names contain the argument).
pub(crate) fn main() {
    let all = scenes::all();
    if let Ok(name) = std::env::var(SCENE) {
        let scene = all.iter().find(|scene| scene.name == name).unwrap();
        unsafe {
            // No core dump of a process that ends on purpose, and no scene that hangs.
            libc::setrlimit(libc::RLIMIT_CORE, &libc::rlimit { rlim_cur: 0, rlim_max: 0 });
            libc::alarm(30);
        }
        return (scene.play)();
    }
    let filter = std::env::args().nth(1).filter(|argument| !argument.starts_with('-'));
    let mut failed = false;
    for scene in &all {
        if filter.as_ref().is_none_or(|filter| scene.name.contains(filter)) {
            let output = Command::new(std::env::current_exe().unwrap())
                .env(SCENE, scene.name)
                .output()
                .unwrap();
            let result = check(scene, &output);
            failed |= result.is_err();
            let result = result.err().map_or_else(|| "ok".into(), |why| format!("FAILED: {why}"));
            println!("scene {} ... {result}", scene.name);
        }
    }
    assert!(!failed, "some scenes failed");
}

fn check(scene: &Scene, output: &Output) -> Result<(), String> {
    let complained = String::from_utf8_lossy(&output.stderr);
    let said = [&output.stdout[..], &output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let end = match (output.status.code(), output.status.signal()) {
        (Some(0), _) => End::Well,
        (Some(code), _) => End::Code(code),
        (None, signal) => End::Signal(signal.unwrap()),
    };
    let complains_so = scene.complains.is_none_or(|expected| complained == expected);
    if end == scene.end && said.contains(scene.says) && complains_so {
        return Ok(());
    }
    let Scene { end: expected, says, complains, .. } = scene;
    let expected = format!("{expected:?}, saying {says:?} and as errors {complains:?}");
    Err(format!("not {expected}, but {end:?}, saying:\n{said}"))
}
