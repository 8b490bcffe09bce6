//! `structure`: names the fields of a file. Rivals read the whole file first.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::NamedTempFile;

use crate::Result;
use crate::drain::drain;
use crate::engine::{self, Engine, Found, Runs};
use crate::input::Input;
use crate::options::Options;
use crate::report::{self, Work, size};
use crate::rounds::{self, Contestant};

use super::Task;

const FORMATS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../structure/formats");
const WRITER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/structured.py");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/kaitai.js");
const INSTALL: &str = "npm install kaitai-struct-compiler kaitai-struct js-yaml, and NODE_PATH";

const ELF: &str = "lazyhex/elf";
const ELF_JSON: &str = "lazyhex/elf, json";
const PCAP: &str = "lazyhex/pcap";
const ONE: &str = "lazyhex/elf, one field";
const PNG: &str = "lazyhex/png";
const ZIP: &str = "lazyhex/zip";
const SQLITE: &str = "lazyhex/sqlite";

static ENGINES: [Engine; 16] = [
    ours(ELF, &["tree", "--format", "elf", "--depth", "3"]),
    ours(ELF_JSON, &["tree", "--json", "--format", "elf", "--depth", "3"]),
    ours(ONE, &["tree", "--format", "elf", "--depth", "1"]),
    ours(PCAP, &["tree", "--format", "pcap", "--depth", "2"]),
    rival("fq/elf", ELF, Runs::Program("fq", &["-d", "elf", "d"], "apt install fq")),
    rival("fq/pcap", PCAP, Runs::Program("fq", &["-d", "pcap", "d"], "apt install fq")),
    rival("kaitai js/elf", ELF, Runs::Program("node", &[SCRIPT, FORMATS, "elf", "3"], INSTALL)),
    rival("kaitai js/pcap", PCAP, Runs::Program("node", &[SCRIPT, FORMATS, "pcap", "2"], INSTALL)),
    ours(PNG, &["tree", "--format", "png", "--depth", "3"]),
    rival("fq/png", PNG, Runs::Program("fq", &["-d", "png", "d"], "apt install fq")),
    rival("kaitai js/png", PNG, Runs::Program("node", &[SCRIPT, FORMATS, "png", "3"], INSTALL)),
    ours(ZIP, &["tree", "--format", "zip", "--depth", "3"]),
    rival("fq/zip", ZIP, Runs::Program("fq", &["-d", "zip", "d"], "apt install fq")),
    rival("kaitai js/zip", ZIP, Runs::Program("node", &[SCRIPT, FORMATS, "zip", "3"], INSTALL)),
    // fq does not know databases.
    ours(SQLITE, &["tree", "--format", "sqlite", "--depth", "4"]),
    rival(
        "kaitai js/sqlite",
        SQLITE,
        Runs::Program("node", &[SCRIPT, FORMATS, "sqlite", "4"], INSTALL),
    ),
];

const fn ours(name: &'static str, arguments: &'static [&'static str]) -> Engine {
    Engine { name, against: name, runs: Runs::Lazyhex(arguments) }
}

const fn rival(name: &'static str, against: &'static str, runs: Runs) -> Engine {
    Engine { name, against, runs }
}

pub(crate) const TASK: Task = Task {
    name: "structure",
    about: "the fields of an executable, a capture, an image, an archive and a database",
    engines: &ENGINES,
    run,
};

fn run(options: &Options) -> Result {
    let found = engine::find(&ENGINES, options)?;
    let len = options.size.unwrap_or(100 << 20);
    for what in ["elf", "pcap", "png", "zip", "sqlite"] {
        let its: Vec<&Found> = found.iter().filter(|it| it.engine.name.contains(what)).collect();
        if its.is_empty() {
            continue;
        }
        let input = match what {
            "elf" => executable(len)?,
            "pcap" => capture(len)?,
            _ => written(what, len)?,
        };
        check_same_values(&its, input.path())?;
        let contestants = its
            .iter()
            .map(|found| Contestant {
                engine: found.engine,
                run: Box::new(|| drain(&mut found.command(input.path()), |_| {})),
            })
            .collect();
        let records = rounds::run(options.rounds, contestants)?;
        let data = format!("{what} of {}, page cache warm", size(input.len()?));
        report::publish(options, (TASK.name, &data), Work::Unmeasured, &records)?;
    }
    Ok(())
}

/// This program, and zeros after it.
fn executable(len: u64) -> Result<Input> {
    let input = Input::executable()?;
    OpenOptions::new().write(true).open(input.path())?.set_len(len)?;
    input.read_once()
}

/// A capture of packets of 1 KiB.
fn capture(len: u64) -> Result<Input> {
    let file = NamedTempFile::new()?;
    let mut writer = BufWriter::new(file.as_file());
    let word = |it: u32| it.to_le_bytes();
    writer.write_all(
        &[word(0xa1b2_c3d4), [2, 0, 4, 0], [0; 4], [0; 4], word(65_535), word(101)].concat(),
    )?;
    for packet in 0..u32::try_from(len / 1040)? {
        writer.write_all(
            &[word(packet), word(packet % 1_000_000), word(1024), word(1024)].concat(),
        )?;
        writer.write_all(&[0x60; 1024])?;
    }
    writer.flush()?;
    drop(writer);
    Input::of(file).read_once()
}

/// A file that Python writes: chunks or members of 8 and 10 KB, or rows of 200 bytes.
fn written(format: &str, len: u64) -> Result<Input> {
    let file = NamedTempFile::new()?;
    let mut python = Command::new("python3");
    let status = python.args([WRITER, format, &len.to_string()]).arg(file.path()).status()?;
    if !status.success() {
        return Err(format!("{WRITER}: {status}").into());
    }
    Input::of(file).read_once()
}

/// Fails if a field has another integer in Kaitai's own runtime.
fn check_same_values(found: &[&Found], path: &Path) -> Result {
    for theirs in found.iter().filter(|it| it.engine.name.starts_with("kaitai")) {
        let Some(ours) = found.iter().find(|it| it.engine.name == theirs.engine.against) else {
            continue;
        };
        let mut command = ours.command(path);
        let ours = values(command.arg("--json"))?;
        let output = theirs.command(path).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        let mut same = 0_u64;
        for line in String::from_utf8(output.stdout)?.lines() {
            let Some((path, value)) = line.rsplit_once('=') else { continue };
            match ours.get(path) {
                Some(ours) if ours == value => same += 1,
                // Numbers beyond 2^53 are not exact there.
                Some(_) if value.len() > 15 => {}
                Some(ours) => {
                    return Err(format!("{path} is {value} there, and {ours} here").into());
                }
                None => {}
            }
        }
        println!("{}: {same} integers are the same", theirs.engine.name);
    }
    Ok(())
}

/// The integers of our tree, by path.
fn values(command: &mut Command) -> Result<HashMap<String, String>> {
    let output = command.output()?;
    let mut all = HashMap::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let row: Value = serde_json::from_str(line)?;
        let value = row["value"].get("value").unwrap_or_else(|| &row["value"]);
        if let (Some(path), Value::Number(number)) = (row["path"].as_str(), value) {
            all.insert(path.to_owned(), number.to_string());
        }
    }
    Ok(all)
}
