//! The scene of a file with fs-verity. It is skipped if the kernel has no fs-verity.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::process::Command;

use super::pattern::{self, PAGE};
use super::proofs::Holder;
use crate::stage::{Mounted, Scratch, Stop, Verdict, expect, need_root, tool};

const LEN: usize = 100_000;

/// The offset of the page that is changed on the disk.
const AT: u64 = 5 * 4096;

/// A file that its file system refuses to change is proved, and does not change. If its disk
/// changes, reading is an error.
pub(super) fn enabled() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("verity")?;
    let image = scratch.sparse("image", 64 << 20)?;
    // fs-verity needs blocks of the size of a page.
    let make = ["-q", "-F", "-b", "4096", "-O", "verity"];
    tool(Command::new("mkfs.ext4").args(make).arg(&image))?;
    let disk = Mounted::image(scratch.path("disk"), &image, "ext4", "rw")?;
    let path = disk.path("file");
    fs::write(&path, pattern::bytes(LEN))?;
    let mut holder = Holder::start(&path)?;
    let said = holder.ask("prove verity")?;
    expect(said.starts_with("refused it is not enabled"), || format!("not yet enabled: {said}"))?;
    holder.end()?;

    tool(Command::new("fsverity").arg("enable").arg(&path))?;
    let mut holder = Holder::proving(&path, "verity")?;
    let written = OpenOptions::new().write(true).open(&path);
    expect(written.is_err(), || "a file with verity opens for writing".to_owned())?;
    holder.insist("same", "same")?;
    holder.end()?;
    drop(disk);

    let bytes = fs::read(&image)?;
    let block = bytes.chunks(PAGE).position(|block| block.starts_with(&(!AT).to_le_bytes()));
    let block = block.ok_or_else(|| Stop::Fail("a page is not on the disk".to_owned()))?;
    let place = u64::try_from(block * PAGE + 100).unwrap_or(0);
    OpenOptions::new().write(true).open(&image)?.write_all_at(&[0], place)?;
    let disk = Mounted::image(scratch.path("disk"), &image, "ext4", "ro")?;
    disk.read_no_further()?;
    let mut holder = Holder::start(&disk.path("file"))?;
    holder.insist("prove verity", "proven verity")?;
    holder.insist(&format!("read 0 {AT}"), "ok")?;
    holder.insist(&format!("read 0 {LEN}"), &format!("io offset={AT} code=5"))?;
    holder.end()?;
    Ok(format!(
        "refused before `fsverity enable`, and proven after it; then nobody opens the file for \
         writing, and a byte that changes on the disk is EIO at offset {AT}"
    ))
}
