//! Plays `docs/tour.md`: runs its commands, presses its keys, and compares the screens with those
//! of the real program on a terminal (a pty). Commands in the prose are run, too, and must succeed.
//!
//! With `LAZYHEX_TOUR=write`, the page is rewritten with the actual screens.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

#[path = "tour/page.rs"]
mod page;
#[path = "tour/stage.rs"]
mod stage;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use page::{Block, Page};
use stage::{Shell, Stage};

fn path_of_the_page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/tour.md")
}

fn has_numpy() -> bool {
    let asked = Command::new("python3").args(["-c", "import numpy"]).output();
    asked.is_ok_and(|output| output.status.success())
}

#[test]
fn the_tour_shows_what_the_viewer_shows() {
    let path = path_of_the_page();
    let text = fs::read_to_string(&path).unwrap();
    let is_written = env::var("LAZYHEX_TOUR").is_ok_and(|how| how == "write");
    let has_numpy = has_numpy();
    let needs_numpy = is_written || env::var_os("MEMMAP_NUMPY").is_some();
    assert!(has_numpy || !needs_numpy, "python3 has no numpy, and is to have it");

    let scratch = tempfile::tempdir().unwrap();
    let shell = Shell::new(scratch.path());
    let mut page = Page::parse(&text);
    let mut stage: Option<Stage> = None;
    let mut is_left_out = false;
    let (mut screens, mut commands) = (0, 0);
    for block in &mut page.blocks {
        match block {
            Block::Prose(line) if line.starts_with("## ") => is_left_out = false,
            _ if is_left_out => {}
            Block::Prose(line) => {
                assert!(
                    line.matches('`').count() % 2 == 0,
                    "code goes on in the next line: {line}"
                );
                for command in page::commands(line) {
                    shell.run(&format!("{command} > /dev/null"));
                    commands += 1;
                }
            }
            Block::Shell(script) if script.contains("numpy") && !has_numpy => is_left_out = true,
            Block::Shell(script) => match script.strip_prefix("lazyhex ") {
                Some(arguments) => stage = Some(Stage::open(&shell, arguments)),
                None => shell.run(script),
            },
            Block::Keys(keys) => stage.as_mut().unwrap().press(keys),
            Block::Screen(size, shown) => {
                let stage = stage.as_mut().unwrap();
                stage.resize(*size);
                if is_written {
                    *shown = stage.settled();
                } else if let Err(instead) = stage.expect(shown) {
                    panic!(
                        "docs/tour.md is stale (`cargo xtask screens` writes it anew). It says\n\
                         {shown}\nand there is\n{instead}"
                    );
                }
                screens += 1;
            }
        }
    }
    assert!(screens >= 8, "the tour shows {screens} screens");
    assert!(commands >= 3, "the tour names {commands} commands");
    if is_written {
        fs::write(path, page.to_string()).unwrap();
    }
}
