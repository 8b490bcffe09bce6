//! The scenes. A failure during the setup of a scene means that it cannot run here; after that,
//! every failure counts.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::process::Command;

use super::pattern::{self, PAGE};
use crate::shell;
use crate::stage::{Mounted, Scratch, Stop, Verdict, expect, need_root, tool};
use crate::talk::Talk;

const MIB: u64 = 1 << 20;

/// A device that fails: the image of a mounted ext4 disk is truncated. The pages in the part that
/// is gone cannot be read (EIO), the others can. Which pages of the file are lost is known from the
/// image, in which each page is recognised.
pub(super) fn failing_device() -> Verdict {
    const FILE_LEN: usize = 40 << 20;
    need_root()?;
    let probe = shell::example("memmap-rs", "probe")?;
    let scratch = Scratch::new("eio")?;
    let image = scratch.sparse("image", 64 * MIB)?;
    let make = ["-q", "-F", "-b", "4096", "-m", "0", "-O", "^has_journal"];
    tool(Command::new("mkfs.ext4").args(make).arg(&image))?;
    let file = pattern::bytes(FILE_LEN);
    {
        let disk = Mounted::image(scratch.path("disk"), &image, "ext4", "rw")?;
        let mut big = File::create_new(disk.path("big"))?;
        big.write_all(&file)?;
        big.sync_all()?;
    }
    // Mounted again, to empty the page cache. Read page by page, because the system fails a
    // whole read of which one page cannot be read.
    let disk = Mounted::image(scratch.path("disk"), &image, "ext4", "ro")?;
    disk.read_no_further()?;
    let talk = Talk::start(&mut Command::new(&probe), disk.path("big"))?;
    OpenOptions::new().write(true).open(&image)?.set_len(32 * MIB)?;
    let held = pattern::pages_in(&fs::read(&image)?, &file);
    let first = held.iter().position(|held| !held).unwrap_or(0) * PAGE;
    let lost_pages = held.iter().filter(|held| !**held).count();
    if first == 0 || lost_pages == held.len() {
        return Err(Stop::Skip(
            "the layout of the disk is such that no part of the file is lost".to_owned(),
        ));
    }

    let (some, all) = (scratch.path("some"), scratch.path("all"));
    let questions = format!(
        "some 0 {FILE_LEN} {}\nread 0 {first}\nread {first} 1\nrescue 0 {FILE_LEN} {}\n",
        some.display(),
        all.display()
    );
    let answer = talk.ask(&questions)?;
    expect(answer.status.success(), || format!("{}: {}", answer.status, answer.errors))?;
    let lines: Vec<&str> = answer.output.lines().collect();
    let io = format!("io offset={first} kind=Uncategorized code=5");
    expect(lines.first() == Some(&format!("got {first} {io}").as_str()), || {
        format!("page {} is the first lost page: {lines:?}", first / PAGE)
    })?;
    expect(lines[1..3] == ["ok", &io], || {
        format!("reads before it and of its first byte: {lines:?}")
    })?;
    expect(fs::read(&some)? == file[..first], || "wrong bytes were stored".to_owned())?;

    let mut rest = file;
    for (page, _) in rest.chunks_mut(PAGE).zip(&held).filter(|(_, held)| !**held) {
        page.fill(0);
    }
    let lens = lines.iter().filter_map(|line| line.strip_prefix("lost ")?.split(' ').nth(1));
    let lost_bytes: usize = lens.filter_map(|len| len.parse::<usize>().ok()).sum();
    expect(lost_bytes == lost_pages * PAGE, || format!("{lost_pages} pages are lost: {lines:?}"))?;
    expect(fs::read(&all)? == rest, || "the rest is not what was written".to_owned())?;
    Ok(format!(
        "of {} pages the device lost {lost_pages}, and so did we: EIO at offset {first}, everything \
         before it is right, and `rescue` gives all the others",
        held.len()
    ))
}

/// A hole that is *read*, on a full tmpfs, which has no page left to show zeros in.
pub(super) fn hole_in_full_tmpfs() -> Verdict {
    need_root()?;
    let probe = shell::example("memmap-rs", "probe")?;
    let plain = shell::example("memmap-guard", "plain")?;
    let scratch = Scratch::new("hole")?;
    let disk = Mounted::tmpfs(scratch.path("disk"), 4 * MIB)?;
    let hole = disk.path("hole");
    File::create_new(&hole)?.set_len(16 * MIB)?;
    let ballast = io::copy(&mut io::repeat(1), &mut File::create_new(disk.path("ballast"))?);
    expect(ballast.is_err(), || "the tmpfs does not become full".to_owned())?;

    let without = Talk::start(&mut Command::new(&plain), &hole)?.ask("\n")?;
    expect(!without.status.success(), || {
        "a plain mapping survived; was the tmpfs full?".to_owned()
    })?;
    let out = scratch.path("out");
    let questions = format!("some 0 {} {}\n", 16 * MIB, out.display());
    let answer = Talk::start(&mut Command::new(&probe), &hole)?.ask(&questions)?;
    expect(answer.output.trim_end() == format!("got {}", 16 * MIB), || {
        format!("{}: {}{}", answer.status, answer.output, answer.errors)
    })?;
    expect(fs::read(&out)?.iter().all(|&byte| byte == 0), || "not zeros".to_owned())?;
    Ok(format!(
        "16 MiB of zeros are read from a hole in a full tmpfs of 4 MiB, where a plain mapping ends \
         with {}",
        without.status
    ))
}

/// A file longer than its tmpfs is written through a mapping, and fills the whole tmpfs.
pub(super) fn full_tmpfs() -> Verdict {
    need_root()?;
    let scratch = Scratch::new("tmpfs")?;
    let disk = Mounted::tmpfs(scratch.path("disk"), 4 * MIB)?;
    let stored = fill(&disk, 16 * MIB)?;
    check_stored(&disk, stored)?;
    expect(stored == 4 << 20, || {
        format!("{stored} bytes were stored, but there is space for 4194304")
    })?;
    Ok("4194304 bytes were stored in a tmpfs of 4 MiB, and then `StorageFull` names the next"
        .to_owned())
}

pub(super) fn full_ext4() -> Verdict {
    full_disk("ext4", &["-q", "-F", "-m", "0"], 16)
}

pub(super) fn full_xfs() -> Verdict {
    full_disk("xfs", &["-q"], 320)
}

pub(super) fn full_btrfs() -> Verdict {
    full_disk("btrfs", &["-q"], 128)
}

/// A file as long as its disk, and so too long for it, is written through a mapping.
fn full_disk(kind: &str, make: &[&str], disk_mib: u64) -> Verdict {
    need_root()?;
    let len = disk_mib * MIB;
    let scratch = Scratch::new(kind)?;
    let image = scratch.sparse("image", len)?;
    tool(Command::new(format!("mkfs.{kind}")).args(make).arg(&image))?;
    let stored = fill(&Mounted::image(scratch.path("disk"), &image, kind, "rw")?, len)?;
    // Mounted again, so that the bytes come from the disk and not from memory.
    check_stored(&Mounted::image(scratch.path("disk"), &image, kind, "ro")?, stored)?;
    Ok(format!("{stored} bytes were stored on a disk of {len}; `StorageFull` names the next"))
}

/// Writes a sparse file of `len` bytes through the guard, and returns how many were stored.
fn fill(disk: &Mounted, len: u64) -> Verdict<usize> {
    let fill = shell::example("memmap-rs", "fill")?;
    let path = disk.path("file");
    File::create_new(&path)?.set_len(len)?;
    let output = Command::new(fill).arg(path).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    expect(output.status.success(), || format!("{}: {said}{errors}", output.status))?;
    // The error has the reason, and the first byte that was not stored.
    let stored = said.split_whitespace().nth(1).and_then(|stored| stored.parse().ok());
    let place = format!("byte {} of the mapping", stored.unwrap_or(0));
    expect(said.contains("storage full: ") && said.contains(&place), || said.to_string())?;
    stored.ok_or_else(|| Stop::Fail(format!("the answer is {said:?}")))
}

/// The stored bytes end at a page boundary, and are those that were written.
fn check_stored(disk: &Mounted, stored: usize) -> Verdict<()> {
    let found = fs::read(disk.path("file"))?;
    expect(stored > 0 && stored < found.len(), || format!("{stored} of {}", found.len()))?;
    expect(stored.is_multiple_of(PAGE), || format!("{stored} is not a page boundary"))?;
    expect(found[..stored] == pattern::bytes(stored), || "wrong bytes were stored".to_owned())?;
    expect(found[stored..].iter().all(|&byte| byte == 0), || "bytes after the end".to_owned())
}

/// The stress test of the library, for ten times as long.
pub(super) fn storm() -> Verdict {
    const SECONDS: &str = "30";
    // The same profile and features as the programs, so that little is built.
    const TEST: [&str; 9] = [
        "test",
        "--workspace",
        "--all-features",
        "--profile",
        "optimized",
        "--test",
        "storm",
        "--",
        "--nocapture",
    ];
    let output = shell::cargo(&TEST).env("MEMMAP_STORM_SECONDS", SECONDS).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    expect(output.status.success(), || {
        format!("{said}\n{}", String::from_utf8_lossy(&output.stderr))
    })?;
    let tally = said.lines().find(|line| line.contains("windows were read")).unwrap_or_default();
    Ok(format!("in {SECONDS} s and 8 threads {tally}, and no process died"))
}
