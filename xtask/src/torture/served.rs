//! Scenes of a FUSE file whose server fails, stops answering, or changes the file.

use std::fs::{self, File};
use std::ops::Range;
use std::process::Command;

use super::pattern::{self, PAGE};
use super::proofs::Holder;
use crate::fuse::{Contents, Fuse};
use crate::shell;
use crate::stage::{LoopDevice, Scratch, Verdict, expect, need_root};
use crate::talk::Talk;

const LEN: usize = 25 * PAGE + 100;

pub(super) fn failing_server() -> Verdict {
    failing(false)
}

pub(super) fn failing_direct_server() -> Verdict {
    failing(true)
}

/// A server that cannot read two pages of the file.
fn failing(is_direct: bool) -> Verdict {
    const LOST: Range<usize> = 6 * PAGE..8 * PAGE;
    let probe = shell::example("memmap-rs", "probe")?;
    let scratch = Scratch::new("fuse-eio")?;
    let contents = Contents { bytes: pattern::bytes(LEN), is_direct, lost: LOST };
    let fuse = Fuse::mount(scratch.path("mount"), contents)?;
    let out = scratch.path("out");
    let before = LOST.start;
    let questions = format!(
        "read 0 {before}\nread 0 {LEN}\nread {} 1\nrescue 0 {LEN} {}\n",
        LOST.end - 1,
        out.display()
    );
    let answer = Talk::start(&mut Command::new(&probe), fuse.file())?.ask(&questions)?;
    expect(answer.status.success(), || format!("{}, {}", answer.status, answer.errors))?;
    let eio = |at: usize| format!("io offset={at} kind=Uncategorized code=5");
    let lines: Vec<&str> = answer.output.lines().collect();
    let (errors, lost) = (lines.get(..3), lines.get(3..).unwrap_or_default());
    expect(errors == Some(&["ok", &eio(before), &eio(LOST.end - 1)]), || format!("{lines:?}"))?;
    let lens = lost.iter().filter_map(|line| line.strip_prefix("lost ")?.split(' ').nth(1));
    let lost_len: usize = lens.filter_map(|len| len.parse::<usize>().ok()).sum();
    expect(lost_len == LOST.len(), || format!("{} bytes are lost: {lines:?}", LOST.len()))?;
    let mut rest = pattern::bytes(LEN);
    rest[LOST].fill(0);
    expect(fs::read(&out)? == rest, || "`rescue` returns wrong bytes".to_owned())?;
    Ok(format!(
        "a server that answers EIO is an `Io` error at byte {before} exactly, and `rescue` gives all \
         bytes but the {} lost ones",
        LOST.len()
    ))
}

/// A block device with a range that cannot be read: a loop device over the file of such a server.
pub(super) fn failing_block_device() -> Verdict {
    const LEN: usize = 26 * PAGE;
    const LOST: Range<usize> = 6 * PAGE..8 * PAGE;
    need_root()?;
    let scratch = Scratch::new("device-eio")?;
    let contents = Contents { bytes: pattern::bytes(LEN), is_direct: false, lost: LOST };
    let fuse = Fuse::mount(scratch.path("mount"), contents)?;
    let device = LoopDevice::over(&fuse.file())?;
    let lazyhex = shell::lazyhex()?;
    let run =
        |arguments: &[&str]| Command::new(&lazyhex).args(arguments).arg(device.path()).output();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let rest = pattern::bytes(LEN);
    let row = |at: usize| {
        let bytes: Vec<String> = rest[at..at + 8].iter().map(|it| format!("{it:02x}")).collect();
        format!("{at:08x}  {}", bytes.join(" "))
    };
    // The rows before the range, and those after it.
    let before = run(&["dump"])?;
    let (rows, errors) = (text(before.stdout), text(before.stderr));
    expect(!before.status.success() && errors.contains(&format!("byte {} ", LOST.start)), || {
        format!("dump: {}, {errors}", before.status)
    })?;
    let after = text(run(&["dump", "--skip", &LOST.end.to_string()])?.stdout);
    for (at, rows) in [(0, &rows), (LOST.start - 16, &rows), (LOST.end, &after), (LEN - 16, &after)]
    {
        expect(rows.contains(&row(at)), || format!("no row {}: {rows}", row(at)))?;
    }
    expect(!rows.contains(&format!("\n{:08x}  ", LOST.start)), || {
        format!("a row of lost bytes: {rows}")
    })?;
    // A needle after the range is found, and the range is named.
    let last = rest[LEN - 8..].iter().map(|it| format!("{it:02x}")).collect::<Vec<_>>().concat();
    let found = run(&["find", "--hex", &last])?;
    let (said, errors) = (text(found.stdout), text(found.stderr));
    expect(said.contains(&format!("{:08x}", LEN - 8)) && !errors.is_empty(), || {
        format!("find: {}, {said}{errors}", found.status)
    })?;
    Ok(format!(
        "of a device with {} bytes that cannot be read, `dump` prints the others, up to the range and after it, and \
         `find` searches both: {}",
        LOST.len(),
        errors.trim()
    ))
}

pub(super) fn dead_server() -> Verdict {
    dead(false)
}

pub(super) fn dead_direct_server() -> Verdict {
    dead(true)
}

/// A server that stops answering, and whose connection is then aborted.
fn dead(is_direct: bool) -> Verdict {
    let program = shell::example("memmap-rs", "probe")?;
    let scratch = Scratch::new("fuse-dead")?;
    let contents = Contents { bytes: pattern::bytes(LEN), is_direct, ..Contents::default() };
    let fuse = Fuse::mount(scratch.path("mount"), contents)?;
    let mut probe = Holder::of(&mut Command::new(&program), &fuse.file())?;
    probe.insist(&format!("read 0 {PAGE}"), "ok")?;
    fuse.hold_reads();
    probe.tell(&format!("read {} {PAGE}", 2 * PAGE))?;
    fuse.wait_for_read()?;
    expect(probe.is_running()?, || "the program ended instead of waiting".to_owned())?;
    fuse.abort()?;
    let said = probe.hear()?;
    expect(said.starts_with(&format!("io offset={} ", 2 * PAGE)), || {
        format!("after the connection is aborted: {said:?}")
    })?;
    let (status, errors) = probe.end()?;
    expect(status.success(), || format!("{status}, {errors}"))?;
    Ok(format!(
        "a read waits while the server does not answer; after the connection is aborted it is `{said}`"
    ))
}

/// A server that gives the inode number of a removed file to another one, as file servers do.
pub(super) fn reused_number() -> Verdict {
    let mut said = Vec::new();
    for is_direct in [false, true] {
        let program = shell::example("memmap-rs", "probe")?;
        let scratch = Scratch::new("fuse-number")?;
        let contents = Contents { bytes: pattern::bytes(LEN), is_direct, ..Contents::default() };
        let fuse = Fuse::mount(scratch.path("mount"), contents)?;
        let mut probe = Holder::of(&mut Command::new(&program), &fuse.file())?;
        probe.insist(&format!("read 0 {PAGE}"), "ok")?;
        fuse.replace(vec![0xFF; LEN]);
        let answer = probe.ask(&format!("read {} {PAGE}", 9 * PAGE))?;
        expect(answer.starts_with(&format!("io offset={} ", 9 * PAGE)), || {
            format!("the bytes of the other file are read: {answer}")
        })?;
        said.push(answer);
        let (status, errors) = probe.end()?;
        expect(status.success(), || format!("{status}, {errors}"))?;
    }
    Ok(format!(
        "a file with the name and the inode number of the mapped file is not read in its place: `{}`",
        said.join("`, `")
    ))
}

/// A server can change its file without the kernel's knowledge, so nothing proves that it does not.
pub(super) fn no_proof_on_fuse() -> Verdict {
    let scratch = Scratch::new("lease-fuse")?;
    let contents = Contents { bytes: pattern::bytes(LEN), ..Contents::default() };
    let fuse = Fuse::mount(scratch.path("mount"), contents)?;
    let mut holder = Holder::start(&fuse.file())?;
    let mut refusals = Vec::new();
    for proof in ["lease", "verity", "reflink"] {
        let said = holder.ask(&format!("prove {proof}"))?;
        expect(said.starts_with("refused "), || format!("prove {proof}: {said}"))?;
        refusals.push(format!("{proof} `{said}`"));
    }
    holder.insist("same", "same")?;
    fuse.bytes()[PAGE..PAGE + 8].fill(0xFF);
    // Opening the file makes the kernel drop its pages.
    drop(File::open(fuse.file())?);
    holder.insist("same", &format!("other {PAGE}"))?;
    holder.insist("prove snapshot", "proven snapshot")?;
    Ok(format!(
        "{}; rightly, because the server then changes a mapped byte; a snapshot is made",
        refusals.join(", ")
    ))
}
