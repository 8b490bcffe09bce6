//! Writes the manual pages and completions into a directory; run by `cargo xtask dist`.
#![expect(clippy::print_stdout, reason = "a program speaks on its output")]

#[path = "dist/files.rs"]
mod files;

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let directory =
        env::args_os().nth(1).map_or_else(|| PathBuf::from("target/dist"), PathBuf::from);
    for (path, bytes) in files::files()? {
        let path = directory.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, bytes)?;
        println!("{}", path.display());
    }
    Ok(())
}
