//! The scene of a FUSE file that is opened for direct I/O. The kernel refuses a shared mapping of
//! such a file. The same applies to virtiofs, GPFS and others.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::pattern::{self, PAGE};
use super::proofs::Holder;
use crate::fuse::{Contents, Fuse};
use crate::shell;
use crate::stage::{Scratch, Stop, Verdict, expect};
use crate::talk::Talk;

const NEEDLE: &[u8] = b"needle in a served file";

pub(super) fn opened_for_direct_io() -> Verdict {
    let probe = shell::example("memmap-rs", "probe")?;
    let scratch = Scratch::new("fuse-direct-io")?;
    let mut bytes = pattern::bytes(300_000);
    bytes[123_456..][..NEEDLE.len()].copy_from_slice(NEEDLE);
    let copies = scratch.path("copies");
    fs::create_dir(&copies)?;
    let contents = Contents { bytes: bytes.clone(), is_direct: true, ..Contents::default() };
    let fuse = Fuse::mount(scratch.path("mount"), contents)?;
    let file = fuse.file();
    fs::write(copies.join(file.file_name().unwrap_or_default()), &bytes)?;

    let mut opened = Vec::new();
    for mode in ["r", "r+", "c"] {
        let started = Talk::start(Command::new(&probe).arg(mode), &file);
        let talk = match started {
            Ok(talk) => talk,
            Err(error) if mode == "r+" => {
                let said = error.to_string();
                expect(!said.contains("os error"), || format!("mode r+ is refused with {said}"))?;
                opened.push((mode, false));
                continue;
            }
            Err(error) => return Err(Stop::Fail(format!("mode {mode}: {error}"))),
        };
        let out = scratch.path("out");
        let len = bytes.len();
        let answer = talk.ask(&format!("read 0 {len} {}\n", out.display()))?;
        expect(answer.status.success() && answer.output == "ok\n", || {
            format!("mode {mode}: {}, {}{}", answer.status, answer.output, answer.errors)
        })?;
        expect(fs::read(&out)? == bytes, || format!("mode {mode} reads wrong bytes"))?;
        opened.push((mode, true));
    }
    private_edits(&probe, &fuse, &bytes, &scratch)?;
    info_agrees(&file, &opened)?;
    same_as_of_a_copy(&file, &copies)?;
    let later = changed_by_the_server(&probe, &fuse, &scratch)?;
    let opened = opened
        .iter()
        .map(|(mode, is)| format!("{mode} {}", if *is { "opens" } else { "is refused" }));
    Ok(format!(
        "{}, `info` agrees, and `dump`, `find` and `stat` print the same for a copy; {later}",
        opened.collect::<Vec<_>>().join(", ")
    ))
}

/// In mode `c` the map sees its edits, and the server does not.
fn private_edits(probe: &Path, fuse: &Fuse, bytes: &[u8], scratch: &Scratch) -> Verdict<()> {
    let out = scratch.path("edited");
    let questions = format!("fill 5000 3\nread 4998 7 {}\n", out.display());
    let answer = Talk::start(Command::new(probe).arg("c"), fuse.file())?.ask(&questions)?;
    expect(answer.status.success() && answer.output == "ok\nok\n", || {
        format!("editing privately: {}, {}{}", answer.status, answer.output, answer.errors)
    })?;
    let edited = [&bytes[4998..5000], &[0xA5; 3], &bytes[5003..5005]].concat();
    expect(fs::read(&out)? == edited, || "private edits are not read back".to_owned())?;
    expect(*fuse.bytes() == bytes, || "private edits reached the server".to_owned())
}

/// `lazyhex info` reports for each mode whether opening succeeds.
fn info_agrees(file: &Path, opened: &[(&str, bool)]) -> Verdict<()> {
    let output = Command::new(shell::lazyhex()?).args(["info", "--json"]).arg(file).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let info: Value = serde_json::from_str(&said).map_err(|error| Stop::Fail(error.to_string()))?;
    for (mode, is_open) in opened {
        let modes = info["modes"].as_array().into_iter().flatten();
        let found = modes.filter(|it| it["mode"] == *mode).map(|it| &it["is_possible"]).next();
        expect(found == Some(&Value::Bool(*is_open)), || {
            format!("opening in mode {mode} is {is_open}, but `info` reports {}", info["modes"])
        })?;
    }
    Ok(())
}

/// The commands of `lazyhex` print the same for the file and for a copy of it.
fn same_as_of_a_copy(file: &Path, copies: &Path) -> Verdict<()> {
    let name = file.file_name().unwrap_or_default();
    let mount = file.parent().unwrap_or(file);
    for words in
        [&["dump"][..], &["dump", "-s", "123400", "-n", "200"], &["find", "needle"], &["stat"]]
    {
        let print = |directory: &Path| -> Verdict<(i32, String)> {
            let mut command = Command::new(shell::lazyhex()?);
            let output = command.args(words).arg(name).current_dir(directory).output()?;
            let said = [output.stdout, output.stderr].concat();
            let code = output.status.code().unwrap_or(-1);
            Ok((code, String::from_utf8_lossy(&said).into_owned()))
        };
        let (of_copy, of_served) = (print(copies)?, print(mount)?);
        let tail = |said: &str| said.lines().next_back().unwrap_or_default().to_owned();
        expect(of_copy.0 == 0 && of_copy == of_served, || {
            let ends = (tail(&of_served.1), tail(&of_copy.1));
            format!("`lazyhex {}` ends with {ends:?} for the file and a copy", words.join(" "))
        })?;
    }
    Ok(())
}

/// A live map after a change that the server makes without telling the kernel.
fn changed_by_the_server(probe: &Path, fuse: &Fuse, scratch: &Scratch) -> Verdict {
    let mut reader = Holder::of(&mut Command::new(probe), &fuse.file())?;
    let out = scratch.path("seen");
    let mut seen = |offset: usize| -> Verdict<u8> {
        reader.insist(&format!("read {offset} 1 {}", out.display()), "ok")?;
        Ok(fs::read(&out)?.first().copied().unwrap_or_default())
    };
    let old = seen(0)?;
    let new = !old;
    fuse.bytes()[0] = new;
    fuse.bytes()[20 * PAGE] = new;
    let (read_before, not_read_before) = (seen(0)?, seen(20 * PAGE)?);
    expect(read_before == old || read_before == new, || {
        format!("{read_before} was never in the file")
    })?;
    expect(not_read_before == new, || "a page is older than its first read".to_owned())?;
    let age = if read_before == new { "the new" } else { "the old" };
    Ok(format!("after the server changed the file, a page read before shows {age} bytes"))
}
