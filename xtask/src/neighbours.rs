//! `cargo xtask neighbours`: other crates over memmap. Runs docs/neighbours.md and docs/async.md, compares what is
//! served with what is sent, and cuts files short that parsers have mapped.
//!
//! `--cut` only cuts files, and writes what happened to docs/faults.md, which is otherwise compared with it.
//! `--gib` only serves, 1 GiB.

use std::fmt::Write;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{self, Result};
use crate::stage::Scratch;
use crate::talk::{Answer, Talk};

const MANIFEST: &str = "neighbours/Cargo.toml";
const PAGE: &str = "docs/faults.md";
/// What surrounds the part of the page that is written here.
const BEGIN: &str = "<!-- `cargo xtask neighbours --cut` wrote this: -->\n";
const END: &str = "<!-- end -->\n";

const PARSERS: [&str; 5] = ["goblin", "safetensors", "arrow", "rkyv", "csv"];
/// How the file is given to the parser, and what that is called.
const WAYS: [(&str, &str); 5] = [
    ("memmap2", "memmap2"),
    ("abort", "borrow, `Abort`"),
    ("zeros", "borrow, `Zeros`"),
    ("touched", "borrow, touched before the cut"),
    ("read", "copy"),
];
/// These parsers take a reader.
const READERS: [&str; 2] = ["arrow", "csv"];
const CUT_LEN: u64 = 100_000;

pub(crate) fn run(arguments: &[String]) -> Result {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => {
            shell::succeed(&mut cargo("test", &["--quiet"]))?;
            serve(64)?;
            cut(false)
        }
        ["--cut"] => cut(true),
        ["--gib"] => serve(1024),
        _ => Err("usage: cargo xtask neighbours [--cut | --gib]".into()),
    }
}

/// Cargo for the package of the neighbours, with the versions that its lock file names.
fn cargo(verb: &str, arguments: &[&str]) -> Command {
    let mut command = shell::cargo(&[verb, "--locked", "--manifest-path", MANIFEST]);
    command.args(arguments);
    command
}

fn serve(mib: u32) -> Result {
    shell::succeed(cargo("run", &["--quiet", "--bin", "serve", "--"]).arg(mib.to_string()))
}

/// Cuts a file short under each parser, and writes to the page what happened, or compares.
fn cut(is_written: bool) -> Result {
    let found = scenes()?;
    print!("{found}");
    let path = shell::root().join(PAGE);
    let page = fs::read_to_string(&path)?;
    let wanted = with_part(&page, &format!("```text\n{found}```\n"))
        .ok_or_else(|| format!("{PAGE} lacks `{}` or `{}`", BEGIN.trim(), END.trim()))?;
    if wanted == page {
        return Ok(());
    }
    if !is_written {
        return Err(
            format!("{PAGE} is stale; `cargo xtask neighbours --cut` writes it anew").into()
        );
    }
    fs::write(path, wanted)?;
    println!("wrote {PAGE}");
    Ok(())
}

/// A page with another part between the markers.
fn with_part(page: &str, part: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{part}{END}{after}"))
}

fn scenes() -> Result<String> {
    let scratch = Scratch::new("neighbours")?;
    shell::succeed(&mut cargo("build", &["--quiet", "--bin", "parse"]))?;
    let program = target()?.join("debug/parse");
    let mut text = format!("A file of 1 MiB is mapped, cut to {CUT_LEN} bytes, and parsed.\n");
    for parser in PARSERS {
        write!(text, "\n{parser}\n")?;
        let path = scratch.path(parser);
        for (way, name) in WAYS {
            shell::succeed(Command::new(&program).args(["make", parser]).arg(&path))?;
            let talk = Talk::start(Command::new(&program).args([way, parser]), &path)?;
            OpenOptions::new().write(true).open(&path)?.set_len(CUT_LEN)?;
            let name = if way == "read" && READERS.contains(&parser) { "read" } else { name };
            writeln!(text, "  {name}: {}", told(&talk.ask("\n")?, &path))?;
        }
    }
    Ok(text)
}

/// What became of a program: what it said, and by what it was ended, unless it says so itself. The signal of a lost
/// page depends on who brings pages.
fn told(answer: &Answer, path: &Path) -> String {
    let said = answer.output.lines().chain(answer.errors.lines()).map(str::trim);
    let said = said.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n    ");
    let directory = path.parent().unwrap_or(path).join("").display().to_string();
    let said = said.replace(&directory, "");
    match answer.status.success() {
        true => said,
        false if said.is_empty() => answer.status.to_string(),
        false => format!("ended\n    {said}"),
    }
}

/// The directory that the package of the neighbours is built in.
fn target() -> Result<PathBuf> {
    let output = cargo("metadata", &["--format-version", "1", "--no-deps"]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    Ok(metadata["target_directory"].as_str().ok_or("cargo names no target directory")?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_part_between_the_markers_changes() {
        let page = format!("one\n{BEGIN}old\n{END}two\n");
        assert_eq!(with_part(&page, "new\n"), Some(format!("one\n{BEGIN}new\n{END}two\n")));
        assert_eq!(with_part("one\n", "new\n"), None);
        let kept = fs::read_to_string(shell::root().join(PAGE)).unwrap();
        assert!(with_part(&kept, "").is_some());
    }
}
