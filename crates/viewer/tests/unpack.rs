//! Packed files on the command line: shown packed, unless asked to unpack.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Samples of gzip and zstd, which unpack to the same text.
const LOG: &[u8] = include_bytes!("../../backend-unpack/tests/samples/log");
const GZIP: &[u8] = include_bytes!("../../backend-unpack/tests/samples/log.gz");
const ZSTD: &[u8] = include_bytes!("../../backend-unpack/tests/samples/seekable.zst");

fn lazyhex(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lazyhex"))
        .args(arguments)
        .current_dir(dir)
        .env("XDG_DATA_HOME", dir)
        .output()
        .unwrap()
}

fn printed(output: &Output) -> String {
    let code = output.status.code();
    assert_eq!(code, Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn complaint(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn samples() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in [("log", LOG), ("log.gz", GZIP), ("log.zst", ZSTD)] {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    dir
}

#[test]
fn every_command_reads_what_is_in_a_packed_file_and_none_does_unasked() {
    let dir = samples();
    let run = |arguments: &[&str]| lazyhex(dir.path(), arguments);
    let plain = printed(&run(&["dump", "log"]));
    assert_eq!(printed(&run(&["dump", "--unpack", "log.gz"])), plain);
    assert_eq!(printed(&run(&["dump", "unpack://log.zst"])), plain);
    assert!(printed(&run(&["dump", "log.gz"])).starts_with("00000000  1f 8b 08"));
    let last = printed(&run(&["dump", "--skip", "-16", "log"]));
    assert_eq!(printed(&run(&["dump", "--skip", "-16", "--unpack", "log.gz"])), last);

    let found = printed(&run(&["find", "-o", "index/7", "log"]));
    assert!(!found.is_empty());
    assert_eq!(printed(&run(&["find", "--unpack", "-o", "index/7", "log.gz"])), found);
    // The names in front of matches are those of the packed files.
    let both = printed(&run(&["find", "--unpack", "-c", "-e", "index/7", "log.gz", "log.zst"]));
    let count = found.lines().count();
    assert_eq!(both, format!("log.gz:{count}\nlog.zst:{count}\n"));
    assert_eq!(run(&["find", "index/7", "log.gz"]).status.code(), Some(1));

    let summed = printed(&run(&["stat", "--json", "--unpack", "log.zst"]));
    assert!(summed.contains("\"length\":6000"), "{summed}");
    assert_eq!(run(&["diff", "--unpack", "log.gz", "log.zst"]).status.code(), Some(0));
    assert_eq!(run(&["diff", "unpack://log.gz", "log"]).status.code(), Some(0));
    assert_eq!(run(&["diff", "log.gz", "log"]).status.code(), Some(1));
    let description = "meta: {id: head}\nseq: [{id: year, type: str, size: 4, encoding: ASCII}]\n";
    fs::write(dir.path().join("head.ksy"), description).unwrap();
    let year = printed(&run(&["get", "--unpack", "-f", "head.ksy", "log.gz", "year"]));
    assert!(year.contains("2024"), "{year}");
    let tree = printed(&run(&["tree", "--unpack", "-f", "head.ksy", "log.zst"]));
    assert!(tree.contains("2024"), "{tree}");
}

#[test]
fn info_says_what_unpacking_costs_without_doing_it() {
    let dir = samples();
    let info = |name| printed(&lazyhex(dir.path(), &["info", name]));
    let words = |name| info(name).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words("log.gz").contains("packed with gzip; `--unpack` unpacks all 1.24 KiB once"));
    let zstd = words("log.zst");
    assert!(zstd.contains("packed with zstd, 5.85 KiB unpacked; `--unpack` reads its seek table"));
    assert!(!info("log").contains("unpack"));
    let json = printed(&lazyhex(dir.path(), &["info", "--json", "log.zst"]));
    assert!(json.contains(r#""needs":"table","unpacked_length":6000,"with":"zstd""#), "{json}");
}

#[test]
fn a_damaged_file_shows_what_is_left_and_is_an_error() {
    let dir = samples();
    fs::write(dir.path().join("cut.gz"), &GZIP[..600]).unwrap();
    let output = lazyhex(dir.path(), &["dump", "--format", "plain", "--unpack", "cut.gz"]);
    assert_eq!(output.status.code(), Some(1));
    let start = LOG[..1000].iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let text = String::from_utf8(output.stdout.clone()).unwrap().replace('\n', "");
    assert!(text.starts_with(&start));
    assert!(
        complaint(&output).contains("the packed data ends too early (at byte 600"),
        "{output:?}"
    );
    let output = lazyhex(dir.path(), &["find", "--unpack", "-c", "GET", "cut.gz"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn what_cannot_be_unpacked_is_refused_with_what_to_do() {
    let dir = samples();
    let refused = |arguments: &[&str], code, words: &str| {
        let output = lazyhex(dir.path(), arguments);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert!(complaint(&output).contains(words), "{output:?}");
    };
    refused(&["dump", "--unpack", "log"], 1, "neither gzip nor zstd; open it without unpacking");
    refused(&["dump", "--unpack", "none.gz"], 1, "none.gz");
    refused(&["dump", "--unpack", "-"], 2, "`gzip -dc | lazyhex -`");
    refused(&["dump", "--unpack"], 2, "--unpack needs a file");
    refused(&["find", "--unpack", "x", "-"], 2, "--unpack needs a file");
    refused(&["diff", "--unpack", "log.gz", "log"], 2, "neither gzip nor zstd");
}
