//! Scenes of a page that stays pinned for writing after its writer has unmapped and closed the
//! file: a read into that mapping (`crates/guard/examples/pin.rs`) waits for a FUSE server. The
//! kernel counts no writer then, so it grants a lease, and the page changes when the server
//! answers.

use std::fs::{self, File};
use std::process::Command;

use super::pattern::{self, PAGE};
use super::proofs::Holder;
use crate::fuse::{Contents, Fuse};
use crate::shell;
use crate::stage::{Mounted, Scratch, Verdict, expect, need_root, tool};

const MIB: u64 = 1 << 20;

pub(super) fn on_ext4() -> Verdict {
    pinned_on("ext4", &["-q", "-F", "-m", "0"], 32)
}

pub(super) fn on_xfs() -> Verdict {
    pinned_on("xfs", &["-q"], 320)
}

pub(super) fn on_btrfs() -> Verdict {
    pinned_on("btrfs", &["-q"], 128)
}

fn pinned_on(kind: &str, make: &[&str], disk_mib: u64) -> Verdict {
    const LEN: usize = 64 << 10;
    const REFUSED: &str = "a page is in use";
    need_root()?;
    let scratch = Scratch::new(&format!("pinned-{kind}"))?;
    let image = scratch.sparse("image", disk_mib * MIB)?;
    tool(Command::new(format!("mkfs.{kind}")).args(make).arg(&image))?;
    let disk = Mounted::image(scratch.path("disk"), &image, kind, "rw")?;
    let path = disk.path("file");
    let write_anew = || -> Verdict<()> {
        fs::write(&path, pattern::bytes(LEN))?;
        Ok(File::open(&path)?.sync_all()?)
    };
    write_anew()?;
    // Bytes that cannot be mistaken for those of the file.
    let contents = Contents { bytes: vec![0xEE; PAGE], is_direct: true, ..Contents::default() };
    let fuse = Fuse::mount(scratch.path("slow"), contents)?;
    fuse.hold_reads();
    let pin = shell::example("memmap-guard", "pin")?;
    let mut writer = Holder::of(Command::new(pin).arg(fuse.file()), &path)?;
    fuse.wait_for_read()?;
    writer.insist("unmap", "unmapped")?;

    let mut holder = Holder::start(&path)?;
    let while_pinned = holder.ask("prove lease")?;
    fuse.release_reads()?;
    writer.insist("wait", &format!("read {PAGE}"))?;
    let after = holder.ask("same")?;
    expect(while_pinned.starts_with("refused") && while_pinned.contains(REFUSED), || {
        format!("with a page pinned for writing: `{while_pinned}`; after it was written: `{after}`")
    })?;
    expect(after == "other 0", || format!("the pinned page was not written: `{after}`"))?;
    holder.end()?;
    writer.end()?;

    write_anew()?;
    let mut holder = Holder::proving(&path, "lease")?;
    holder.insist("same", "same")?;
    Ok(format!("`{while_pinned}`; after the page is written and unpinned, a lease is granted"))
}
