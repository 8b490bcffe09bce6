//! Scenes of processes that run out of descriptors, mappings and addresses, and of maps whose file
//! lost its name before it was truncated. The limits are those of a child process.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Output};

use super::pattern::{self, PAGE};
use super::proofs::Holder;
use crate::shell;
use crate::stage::{Scratch, Stop, Verdict, expect, need_root, tool};

/// A command that runs a program with a limit of `ulimit`, such as `-n 256`.
fn limited(limit: &str, program: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit {limit}; exec \"$0\" \"$@\"")]).arg(program);
    command
}

/// Makes a directory of `count` files, as the example `many` expects them.
fn many_files(scratch: &Scratch, count: u64) -> io::Result<std::path::PathBuf> {
    let directory = scratch.path("files");
    fs::create_dir(&directory)?;
    for number in 0..count {
        fs::write(directory.join(number.to_string()), (!number).to_le_bytes())?;
    }
    Ok(directory)
}

// ---- descriptors -------------------------------------------------------------------------------

/// A process has many more maps than it may have descriptors.
pub(super) fn of_descriptors() -> Verdict {
    const COUNT: u64 = 5000;
    let many = shell::example("memmap-rs", "many")?;
    let scratch = Scratch::new("many-maps")?;
    let files = many_files(&scratch, COUNT)?;
    let mut holder = Holder::of(&mut limited("-n 256", &many), &files)?;
    let opened = holder.ask(&format!("open {COUNT}"))?;
    expect(opened == format!("opened {COUNT}"), || format!("with 256 descriptors: {opened}"))?;
    holder.insist("same", &format!("same {COUNT}"))?;
    Ok(format!("with 256 descriptors {COUNT} files are mapped, and each is read correctly"))
}

/// A process without a free descriptor cannot open a file, gets an error that names the limit, and
/// loses nothing.
pub(super) fn no_descriptor() -> Verdict {
    let many = shell::example("memmap-rs", "many")?;
    let scratch = Scratch::new("no-descriptor")?;
    let files = many_files(&scratch, 30)?;
    let mut holder = Holder::of(&mut limited("-n 64", &many), &files)?;
    holder.insist("open 10", "opened 10")?;
    let took = holder.ask("take")?;
    let refused = holder.ask("open 1")?;
    holder.insist("same", "same 10")?;
    holder.ask("give")?;
    holder.insist("open 20", "opened 20")?;
    holder.insist("same", "same 30")?;
    let has_limit = refused.contains("64");
    let has_name = ["descriptor", "open files"].iter().any(|name| refused.contains(name));
    expect(refused.starts_with("opened 0 ") && has_limit && has_name, || {
        format!("after {took}, of 64 descriptors, the error does not name the limit: {refused}")
    })?;
    Ok(format!(
        "without a descriptor: `{refused}`; the maps are read correctly, and others open later"
    ))
}

// ---- mappings ----------------------------------------------------------------------------------

/// A process with as many mappings as it may have. Files that it opens now are read by system
/// calls, or into memory if that is requested.
pub(super) fn of_mappings() -> Verdict {
    const COUNT: u64 = 50;
    let most = fs::read_to_string("/proc/sys/vm/max_map_count")?;
    let most: u64 = most.trim().parse().unwrap_or(u64::MAX);
    if most > 1_000_000 {
        return Err(Stop::Skip(format!("vm.max_map_count is {most}, which is too many to use up")));
    }
    let many = shell::example("memmap-rs", "many")?;
    let scratch = Scratch::new("many-mappings")?;
    let files = many_files(&scratch, 1 + COUNT)?;
    let page = u64::try_from(PAGE).unwrap_or(0);
    let split = scratch.sparse("split", (most + 2) * page)?;
    let mut failures = Vec::new();
    for way in [None, Some("fallback")] {
        let mut holder = Holder::of(Command::new(&many).args(way), &files)?;
        holder.insist("open 1", "opened 1")?;
        let said = holder.ask(&format!("split {}", split.display()))?;
        let count: u64 = said.rsplit(' ').next().and_then(|it| it.parse().ok()).unwrap_or(0);
        expect(0 < count && count <= most / 2, || format!("of {most} mappings: {said}"))?;
        let opened = holder.ask(&format!("open {COUNT}"))?;
        let same = holder.ask("same")?;
        let (status, errors) = holder.end()?;
        let is_right = opened == format!("opened {COUNT}") && same == format!("same {}", COUNT + 1);
        if !is_right || !status.success() {
            let way = way.unwrap_or("no fallback");
            failures.push(format!("with {way}: {opened}; {same}; {status} {errors}"));
        }
    }
    expect(failures.is_empty(), || {
        format!("when all {most} mappings are in use, {}", failures.join(", and "))
    })?;
    Ok(format!(
        "when all {most} mappings are in use, {COUNT} more files open, and each is read correctly"
    ))
}

// ---- addresses ---------------------------------------------------------------------------------

/// A file that is longer than the address space that a process has left.
pub(super) fn of_addresses() -> Verdict {
    const LEN: u64 = 4 << 30;
    const LIMIT: &str = "-v 2000000";
    let (probe, lazyhex) = (shell::example("memmap-rs", "probe")?, shell::lazyhex()?);
    let scratch = Scratch::new("no-address-space")?;
    let path = scratch.sparse("file", LEN)?;
    let ends = [(0, pattern::bytes(PAGE)), (LEN - 4096, b"needle".repeat(PAGE / 6))];
    let file = File::options().write(true).open(&path)?;
    ends.iter().try_for_each(|(offset, bytes)| file.write_all_at(bytes, *offset))?;

    let mut failures = Vec::new();
    match Holder::of(&mut limited(LIMIT, &probe), &path) {
        Err(Stop::Fail(text)) => failures.push(text),
        Err(stop) => return Err(stop),
        Ok(mut holder) => {
            for (offset, bytes) in &ends {
                let out = scratch.path("out");
                let said =
                    holder.ask(&format!("read {offset} {} {}", bytes.len(), out.display()))?;
                if said != "ok" || fs::read(&out)? != *bytes {
                    failures.push(format!("byte {offset} reads {said:?} or wrong bytes"));
                }
            }
            let (status, errors) = holder.end()?;
            expect(status.success(), || format!("{status}: {errors}"))?;
        }
    }
    let last = (LEN - 4096).to_string();
    for words in
        [&["dump", "-n", "4096"][..], &["dump", "-s", &last], &["find", "needle"], &["stat"]]
    {
        let run = |mut command: Command| -> io::Result<Output> {
            command.args(words).arg(&path).output()
        };
        let (free, bound) = (run(Command::new(&lazyhex))?, run(limited(LIMIT, &lazyhex))?);
        if free.stdout != bound.stdout || !bound.status.success() {
            let errors = String::from_utf8_lossy(&bound.stderr).trim().to_owned();
            let words = words.first().copied().unwrap_or_default();
            failures.push(format!("`lazyhex {words}`: {}, {errors}", bound.status));
        }
    }
    expect(failures.is_empty(), || {
        format!("a file of 4 GiB under `ulimit {LIMIT}`: {}", failures.join("; "))
    })?;
    Ok(format!(
        "under `ulimit {LIMIT}` a file of 4 GiB is read at both ends, and `lazyhex dump`, `find` and \
         `stat` print what they print without a limit"
    ))
}

// ---- names -------------------------------------------------------------------------------------

/// A map does not need the name of its file. Without a name, reading what was cut off is an error
/// too.
pub(super) fn deleted_and_cut() -> Verdict {
    const LEN: usize = 16 * PAGE;
    const CUT: usize = 5 * PAGE + 100;
    need_root()?;
    let scratch = Scratch::new("deleted-and-cut")?;
    let probe = scratch.path("probe");
    fs::copy(shell::example("memmap-rs", "probe")?, &probe)?;
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    tool(Command::new("setpriv").args(nobody).arg("true"))?;
    let mut seen = Vec::new();
    for user in ["root", "nobody"] {
        for deed in ["renamed", "deleted"] {
            let (path, other) = (scratch.path("file"), scratch.path("other"));
            fs::write(&path, pattern::bytes(LEN))?;
            let file = File::options().write(true).open(&path)?;
            let mut command = if user == "root" {
                Command::new(&probe)
            } else {
                let mut command = Command::new("setpriv");
                command.args(nobody).arg(&probe);
                command
            };
            let mut holder = Holder::of(&mut command, &path)?;
            if deed == "renamed" {
                fs::rename(&path, &other)?;
            } else {
                fs::remove_file(&path)?;
            }
            // Another file that takes the name is not the mapped file.
            fs::write(&path, vec![0xEE; LEN])?;
            file.set_len(u64::try_from(CUT).unwrap_or(0))?;
            holder.insist(&format!("read 0 {CUT}"), "ok")?;
            // The hardware knows pages only, so the rest of the last page reads as zeros.
            let said = holder.ask(&format!("read 0 {LEN}"))?;
            let (status, errors) = holder.end()?;
            let case = format!("as {user}, {deed} and cut");
            expect(status.success() && !said.is_empty(), || format!("{case}: {status}, {errors}"))?;
            let first = CUT.next_multiple_of(PAGE);
            let places = [format!("offset={first}"), format!("offset: {first}")];
            expect(places.iter().any(|place| said.contains(place)), || {
                format!("{case}: {said}; {errors}")
            })?;
            seen.push(format!("{case}: `{said}`"));
            fs::remove_file(&path)?;
        }
    }
    Ok(seen.join(", "))
}
