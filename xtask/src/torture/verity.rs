//! The scene of a file with fs-verity, which no kernel is asked for: it is skipped where there is none.

use std::fs::{self, OpenOptions};
use std::process::Command;

use super::pattern;
use super::proofs::Holder;
use crate::stage::{Mounted, Scratch, Verdict, expect, need_root, tool};

const LEN: usize = 100_000;

/// A file that its file system refuses to change is proved so, and stays.
pub(super) fn enabled() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("verity")?;
    let image = scratch.sparse("image", 64 << 20)?;
    // fs-verity wants blocks that are as long as a page.
    let make = ["-q", "-F", "-b", "4096", "-O", "verity"];
    tool(Command::new("mkfs.ext4").args(make).arg(&image))?;
    let disk = Mounted::image(scratch.path("disk"), &image, "ext4", "rw")?;
    let path = disk.path("file");
    fs::write(&path, pattern::bytes(LEN))?;
    let mut holder = Holder::start(&path)?;
    let said = holder.ask("prove verity")?;
    expect(said.starts_with("refused it is not turned on"), || format!("not yet enabled: {said}"))?;
    drop(holder);

    tool(Command::new("fsverity").arg("enable").arg(&path))?;
    let mut holder = Holder::proving(&path, "verity")?;
    let written = OpenOptions::new().write(true).open(&path);
    expect(written.is_err(), || "a file with verity opens for writing".to_owned())?;
    fs::remove_file(&path)?;
    holder.insist("same", "same")?;
    Ok("refused before `fsverity enable`, and proven after it; then nobody opens the file for \
        writing, and its bytes stay when it is deleted"
        .to_owned())
}
