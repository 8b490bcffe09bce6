//! The wheels and source distributions that are published.
//!
//! `zig cc` links against the glibc of the oldest system that a wheel is for, whatever this machine has, and against
//! musl. maturin refuses a wheel that needs more than its name says.

use std::fs;
use std::process::Command;

use super::{Environment, PROJECTS, entries};
use crate::shell::{self, Result};

/// What links for other systems.
const TOOL: &str = "ziglang";

/// A system: rustc's name of it, and that of wheels.
const SYSTEMS: [(&str, &str); 2] = [
    ("x86_64-unknown-linux-gnu", "manylinux_2_28"),
    ("x86_64-unknown-linux-musl", "musllinux_1_2"),
];

/// Makes all of them in `target/python/dist`.
pub(super) fn make(environment: &Environment) -> Result {
    for (target, _) in SYSTEMS {
        require(target)?;
    }
    environment.pip(&[TOOL])?;
    let path = environment.path()?;
    let out = shell::root().join("target/python/dist");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    for project in PROJECTS {
        let maturin = |words: &[&str]| {
            let mut maturin = Command::new(environment.program("maturin"));
            maturin.args(words).arg("--out").arg(&out).env("PATH", &path);
            shell::succeed(maturin.current_dir(shell::root().join(project)))
        };
        println!("== maturin sdist {project}");
        maturin(&["sdist"])?;
        for (target, compatibility) in SYSTEMS {
            println!("== maturin build {project} {compatibility}");
            let how = ["build", "--release", "--locked", "--quiet", "--zig"];
            let what = ["--target", target, "--compatibility", compatibility];
            maturin(&[&how[..], &what].concat())?;
        }
    }
    let mut made = entries(&out)?;
    made.sort();
    for path in made {
        println!("{:>9} {}", fs::metadata(&path)?.len(), path.display());
    }
    Ok(())
}

/// Fails if the standard library for a target is not here.
fn require(target: &str) -> Result {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", target]).current_dir(shell::root());
    let output = rustc.output()?;
    let directory = String::from_utf8(output.stdout)?;
    if output.status.success() && fs::exists(directory.trim())? {
        return Ok(());
    }
    Err(format!("rustc has no {target}; `rustup target add {target}` installs it").into())
}
