//! `cargo xtask python`: builds the Python packages, and tests them in a virtual environment of their own.
//!
//! `setup` makes the environment, and fails where Python, or what is installed into it, cannot be had. `build` makes the
//! wheels of `memmap` and of `lazyhex` and installs them. `test` does that and runs pytest, `types` runs a type checker,
//! and `bench` measures. `wheels` makes what is published. `PYTHON` chooses the interpreter, `python3` by default;
//! arguments after `test` and `bench` are passed on.

mod wheels;

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{self, Result};

/// The projects that wheels are made of.
const PROJECTS: [&str; 2] = ["python", "python/lazyhex"];
/// What builds and tests them. Each is asked for only if it is missing.
const TOOLS: [&str; 7] = [
    "maturin>=1.9,<2",
    "pytest",
    "hypothesis",
    "numpy",
    "joblib",
    "dask[array]>=2024.1",
    "distributed",
];

pub(crate) fn run(arguments: &[String]) -> Result {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => test(&[]),
        ["setup"] => Environment::prepared().map(drop),
        ["build"] => build().map(drop),
        ["test", ref more @ ..] => test(more),
        ["types"] => types(),
        ["bench", ref more @ ..] => bench(more),
        ["wheels"] => wheels::make(&Environment::prepared()?),
        _ => {
            let usage = "usage: cargo xtask python [setup | build | test [PYTEST ARGUMENT…] | types | bench [TASK…] | wheels]";
            Err(usage.into())
        }
    }
}

/// A virtual environment below `target`.
struct Environment {
    directory: PathBuf,
}

impl Environment {
    /// Makes it for this interpreter, or takes the one that is there.
    fn prepared() -> Result<Self> {
        let python = env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let version =
            "import sys; assert sys.version_info >= (3, 11); print('%d.%d' % sys.version_info[:2])";
        let output = Command::new(&python).args(["-c", version]).output()?;
        if !output.status.success() {
            return Err(format!("{python} is not Python 3.11 or later; set PYTHON to one").into());
        }
        let version = String::from_utf8(output.stdout)?;
        let directory = shell::root().join("target/python").join(version.trim());
        let environment = Self { directory };
        if !environment.program("python").exists() {
            println!("== {}", environment.directory.display());
            let mut venv = Command::new(&python);
            shell::succeed(venv.args(["-m", "venv"]).arg(&environment.directory))?;
        }
        environment.pip(&TOOLS)?;
        Ok(environment)
    }

    /// A program of the environment.
    fn program(&self, name: &str) -> PathBuf {
        let windows = self.directory.join("Scripts");
        let directory = if windows.exists() { windows } else { self.directory.join("bin") };
        directory.join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// `PATH`, with the programs of the environment first.
    fn path(&self) -> Result<OsString> {
        let own = self.program("python").parent().map(Path::to_owned);
        let others = env::var_os("PATH").unwrap_or_default();
        Ok(env::join_paths(own.into_iter().chain(env::split_paths(&others)))?)
    }

    /// Installs packages.
    fn pip(&self, arguments: &[impl AsRef<OsStr>]) -> Result {
        let mut pip = Command::new(self.program("python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        shell::succeed(pip.args(arguments))
    }

    fn wheels(&self) -> PathBuf {
        self.directory.join("wheels")
    }
}

/// Builds the wheels and installs them.
fn build() -> Result<Environment> {
    let environment = Environment::prepared()?;
    let wheels = environment.wheels();
    // A wheel of another version would be installed as well.
    if wheels.exists() {
        fs::remove_dir_all(&wheels)?;
    }
    for project in PROJECTS {
        println!("== maturin build {project}");
        let mut maturin = Command::new(environment.program("maturin"));
        maturin.args(["build", "--release", "--locked", "--quiet", "--interpreter"]);
        maturin.arg(environment.program("python")).arg("--out").arg(&wheels);
        shell::succeed(maturin.current_dir(shell::root().join(project)))?;
    }
    let mut arguments: Vec<PathBuf> = ["--force-reinstall", "--no-deps"].map(PathBuf::from).into();
    arguments.extend(entries(&wheels)?);
    environment.pip(&arguments)?;
    Ok(environment)
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory)?;
    Ok(entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?)
}

/// Tests the stubs with a type checker, which reads all of numpy's and Dask's.
fn types() -> Result {
    Environment::prepared()?.pip(&["mypy"])?;
    test(&["test_types.py"])
}

/// Builds, and runs pytest over what is installed.
fn test(arguments: &[&str]) -> Result {
    let environment = build()?;
    println!("== pytest");
    let mut pytest = Command::new(environment.program("python"));
    pytest.args(["-m", "pytest", "--quiet"]).args(arguments);
    // The folder of the tests, so that `memmap` is what was installed, and not the sources beside them.
    shell::succeed(pytest.current_dir(shell::root().join("python/tests")))
}

/// Builds, and measures what is installed.
fn bench(arguments: &[&str]) -> Result {
    let environment = build()?;
    println!("== bench");
    let directory = shell::root().join("target/python/bench");
    fs::create_dir_all(&directory)?;
    let mut bench = Command::new(environment.program("python"));
    bench.arg(shell::root().join("python/bench/bench.py")).arg("--directory").arg(&directory);
    // Here `memmap` is what was installed, and not the sources.
    shell::succeed(bench.args(arguments).current_dir(&directory))
}
