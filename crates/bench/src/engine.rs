//! Engines: ours, and rivals that may not be installed.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Result;
use crate::numpy;
use crate::options::Options;

/// A participant in a task.
pub(crate) struct Engine {
    /// `library/method`, or the command line of a rival.
    pub(crate) name: &'static str,
    /// Our engine that this one is compared with.
    pub(crate) against: &'static str,
    pub(crate) runs: Runs,
}

pub(crate) enum Runs {
    /// By code of this program.
    Inside,
    /// By lazyhex, with these arguments before the file.
    Lazyhex(&'static [&'static str]),
    /// By the named program, with these arguments before the file; and how to install it.
    Program(&'static str, &'static [&'static str], &'static str),
    /// By a loop in Python.
    Numpy,
}

const NO_NUMPY: &str = "not installed (apt install python3-numpy)";

/// An engine that is a program, with its path.
pub(crate) struct Found {
    pub(crate) engine: &'static Engine,
    program: PathBuf,
    arguments: &'static [&'static str],
}

impl Engine {
    pub(crate) fn is_ours(&self) -> bool {
        self.name == self.against
    }

    /// Whether the engine can run here, in words.
    pub(crate) fn availability(&self) -> String {
        match self.runs {
            Runs::Inside => "in this program".to_owned(),
            Runs::Lazyhex(_) => "built on demand".to_owned(),
            Runs::Numpy => numpy::version().unwrap_or_else(|| NO_NUMPY.to_owned()),
            Runs::Program(name, _, _) if on_path(name).is_some() => "installed".to_owned(),
            Runs::Program(_, _, install) => format!("not installed ({install})"),
        }
    }
}

impl Found {
    pub(crate) fn command(&self, file: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(self.arguments).arg(file);
        command
    }
}

/// Returns the wanted engines that are programs. A rival that is not installed is reported and left
/// out; lazyhex must build.
pub(crate) fn find(engines: &'static [Engine], options: &Options) -> Result<Vec<Found>> {
    let mut lazyhex = options.lazyhex.clone();
    let mut all = Vec::new();
    for engine in engines.iter().filter(|engine| options.wants(engine.name)) {
        let (program, arguments) = match engine.runs {
            Runs::Inside | Runs::Numpy => continue,
            Runs::Lazyhex(arguments) => {
                let program = lazyhex.take().map_or_else(build_lazyhex, Ok)?;
                lazyhex = Some(program.clone());
                (Some(program), arguments)
            }
            Runs::Program(name, arguments, _) => (on_path(name), arguments),
        };
        match program {
            Some(program) => all.push(Found { engine, program, arguments }),
            None => println!("{}: {}", engine.name, engine.availability()),
        }
    }
    Ok(all)
}

/// Returns the wanted engines that need no program, or only numpy. A missing numpy is reported.
pub(crate) fn ready(engines: &'static [Engine], options: &Options) -> Vec<&'static Engine> {
    let is_ready = |engine: &&Engine| match engine.runs {
        Runs::Inside => true,
        Runs::Numpy => {
            let version = numpy::version();
            println!("{}: {}", engine.name, version.as_deref().unwrap_or(NO_NUMPY));
            version.is_some()
        }
        Runs::Lazyhex(_) | Runs::Program(..) => false,
    };
    engines.iter().filter(|engine| options.wants(engine.name)).filter(is_ready).collect()
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(program)).find(|file| file.is_file())
}

/// Builds lazyhex from the working tree.
fn build_lazyhex() -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--release", "-p", "lazyhex", "--message-format=json-render-diagnostics"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()?;
    let messages = String::from_utf8_lossy(&output.stdout);
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| Some(PathBuf::from(message["executable"].as_str()?)))
        .find(|path| path.file_stem() == Some(OsStr::new("lazyhex")))
        .ok_or_else(|| "lazyhex cannot be built; `--lazyhex PATH` uses another one".into())
}
