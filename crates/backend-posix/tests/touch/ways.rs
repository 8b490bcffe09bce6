//! A process for each way to bring pages.

use std::env;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::sandbox::{self, Refusal};

/// How pages are brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// By userfaultfd(2), and a thread.
    Thread,
    /// By guard markers, and a signal.
    Markers,
    /// By no access, and a signal.
    NoAccess,
}

/// In a process of its own: its way, and its path.
const WAY: &str = "MEMMAP_TEST_WAY";
const PATH: &str = "MEMMAP_TEST_PATH";

impl Way {
    pub(crate) const ALL: [Self; 3] = [Self::Thread, Self::Markers, Self::NoAccess];

    /// What a sandbox refuses, so that this way is the first one that is open.
    fn refused(self) -> &'static [Refusal] {
        match self {
            Self::Thread => &[],
            Self::Markers => &[Refusal::Userfaultfd],
            Self::NoAccess => &[Refusal::Userfaultfd, Refusal::Markers],
        }
    }

    /// Panics unless pages of this process, which has a map, are brought in this way.
    pub(crate) fn is_taken(self) {
        let names = fs::read_dir("/proc/self/task").unwrap().flatten();
        let names = names.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
        let has_thread = names.into_iter().any(|name| name.trim() == "memmap-touch");
        assert_eq!(has_thread, self == Self::Thread, "{self:?}");
    }
}

/// Runs `deed` with a way and a path, in a process of its own for each way: the test of this name once more. How it
/// ended is for `judge`.
pub(crate) fn each(test: &str, path: &Path, deed: fn(Way, &Path), judge: impl Fn(Way, &Ended)) {
    if let Some((way, path)) = own() {
        sandbox::enter(way.refused());
        deed(way, &path);
        return;
    }
    for way in Way::ALL {
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture", "--test-threads=1"])
            .env(WAY, format!("{way:?}"))
            .env(PATH, path)
            .output()
            .unwrap();
        let ran = String::from_utf8_lossy(&output.stdout).contains("running 1 test");
        assert!(ran, "{output:?}");
        judge(way, &Ended { way, output });
    }
}

/// Each of them is to end well.
pub(crate) fn each_ends_well(test: &str, path: &Path, deed: fn(Way, &Path)) {
    each(test, path, deed, |_, ended| ended.well());
}

/// The way and the path of this process, if it is one of those.
fn own() -> Option<(Way, PathBuf)> {
    let (name, path) = (env::var(WAY).ok()?, env::var_os(PATH)?);
    // SAFETY: it takes a number. It ends a process that hangs.
    unsafe { libc::alarm(120) };
    let no_core = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: reads a local variable.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const no_core) };
    Some((Way::ALL.into_iter().find(|way| format!("{way:?}") == name)?, path.into()))
}

/// How a process ended.
pub(crate) struct Ended {
    way: Way,
    output: Output,
}

impl Ended {
    #[track_caller]
    pub(crate) fn well(&self) {
        assert!(self.output.status.success(), "{:?}: {}", self.way, self.said());
    }

    /// Ended by a signal, after it said this on its error output.
    #[track_caller]
    pub(crate) fn by(&self, signal: i32, saying: &str) {
        assert_eq!(self.output.status.signal(), Some(signal), "{:?}: {}", self.way, self.said());
        assert!(self.said().contains(saying), "{:?}: {}", self.way, self.said());
    }

    #[track_caller]
    pub(crate) fn with(&self, code: i32) {
        assert_eq!(self.output.status.code(), Some(code), "{:?}: {}", self.way, self.said());
    }

    fn said(&self) -> String {
        format!("{:?}", self.output).replace("\\n", "\n")
    }
}

/// Ends this process at once, and well: without the drop of what has lost its descriptors.
pub(crate) fn end_here(code: i32) -> ! {
    // SAFETY: it ends this process, and no other.
    unsafe { libc::_exit(code) }
}
