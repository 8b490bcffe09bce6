//! `cargo xtask screens`: updates the pictures and the tour of the documentation from what the
//! viewer shows.
//!
//! `--check` writes nothing, and fails if they differ from what the viewer shows.

use std::fs;

use crate::shell::{self, Result};
use crate::stage::Scratch;

const PICTURES: &str = "docs/screens";

pub(crate) fn run(arguments: &[String]) -> Result {
    match arguments {
        [] => {
            draw(PICTURES)?;
            play(true)?;
            println!("wrote docs/tour.md");
            // A second run must show the same.
            play(false)
        }
        [only] if only == "--check" => {
            let scratch = Scratch::new("screens")?;
            let drawn = scratch.path("drawn");
            draw(&drawn.to_string_lossy())?;
            for entry in fs::read_dir(&drawn)? {
                let entry = entry?;
                let kept = shell::root().join(PICTURES).join(entry.file_name());
                if fs::read(kept).ok() != Some(fs::read(entry.path())?) {
                    let name = entry.file_name();
                    return Err(format!(
                        "{PICTURES}/{} is out of date; `cargo xtask screens` updates it",
                        name.display()
                    )
                    .into());
                }
            }
            play(false)
        }
        _ => Err("usage: cargo xtask screens [--check]".into()),
    }
}

fn draw(directory: &str) -> Result {
    const DRAW: [&str; 7] = ["run", "--quiet", "-p", "lazyhex", "--example", "screens", "--"];
    shell::succeed(shell::cargo(&DRAW).arg(directory))
}

/// Plays the tour, and either writes what is shown into it or compares.
fn play(is_written: bool) -> Result {
    let mut tests = shell::cargo(&["test", "--quiet", "-p", "lazyhex", "--test", "tour"]);
    if is_written {
        tests.env("LAZYHEX_TOUR", "write");
    }
    shell::succeed(&mut tests)
}
