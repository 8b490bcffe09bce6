//! `lazyhex patch`: what it writes, what it refuses, and that nothing is left behind.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use lazyhex::testing::make_patch;

/// A directory with a file, its target, and a patch of each format between them.
struct Place {
    dir: tempfile::TempDir,
}

const SOURCE: &[u8] = b"The quick brown fox jumps over the lazy dog.\n";
const TARGET: &[u8] = b"The quick brown cat jumps over the lazy dog, twice.\n";
const FORMATS: [&str; 3] = ["ips", "bps", "bsdiff"];

impl Place {
    fn new() -> Self {
        let place = Self { dir: tempfile::tempdir().unwrap() };
        place.put("file", SOURCE);
        for format in FORMATS {
            let name = format!("a.{format}");
            place.put(&name, &make_patch(&name, SOURCE, TARGET).unwrap());
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// The names of all files, sorted.
    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.dir.path()).unwrap();
        let mut names: Vec<String> =
            names.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
        command.arg("patch").args(args).current_dir(self.dir.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What a run with this exit code says.
    fn said(&self, args: &[&str], code: i32) -> String {
        let output = self.run(args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
        assert!(output.stdout.is_empty());
        said
    }
}

#[test]
fn a_patch_makes_a_new_file_and_changes_no_other() {
    let place = Place::new();
    for format in FORMATS {
        let (patch, new) = (format!("a.{format}"), format!("new.{format}"));
        let said = place.said(&["file", &patch, "-o", &new], 0);
        assert_eq!(place.bytes(&new), TARGET, "{format}");
        let has_checksum = format == "bps";
        assert_eq!(said.contains("no checksum"), !has_checksum, "{said}");
    }
    assert_eq!(place.bytes("file"), SOURCE);
    assert_eq!(
        place.names(),
        ["a.bps", "a.bsdiff", "a.ips", "file", "new.bps", "new.bsdiff", "new.ips"]
    );
}

#[test]
fn a_file_that_exists_is_never_replaced() {
    let place = Place::new();
    for out in ["file", "a.bps"] {
        let before = place.bytes(out);
        let said = place.said(&["file", "a.bps", "-o", out], 1);
        assert!(said.contains("exists; only new files are written"), "{said}");
        assert_eq!(place.bytes(out), before);
    }
    assert_eq!(place.names(), ["a.bps", "a.bsdiff", "a.ips", "file"]);
}

#[test]
fn a_patch_for_another_file_is_refused_and_nothing_is_left() {
    let place = Place::new();
    place.put("other", &SOURCE.to_ascii_uppercase());
    let said = place.said(&["other", "a.bps", "-o", "new"], 1);
    assert!(said.contains("the CRC-32 of the source is"), "{said}");
    place.put("longer", &[SOURCE, b"x"].concat());
    let said = place.said(&["longer", "a.bps", "-o", "new"], 1);
    assert!(said.contains("for a file of 45 bytes, and this one has 46"), "{said}");
    let said = place.said(&["a.bps", "file", "-o", "new"], 1);
    assert!(said.contains("it is not a patch: it begins with \"The quic\""), "{said}");
    let mut damaged = place.bytes("a.bps");
    damaged[10] ^= 1;
    place.put("damaged", &damaged);
    let said = place.said(&["file", "damaged", "-o", "new"], 1);
    assert!(said.contains("the CRC-32 of the patch is"), "{said}");
    assert_eq!(place.names(), ["a.bps", "a.bsdiff", "a.ips", "damaged", "file", "longer", "other"]);
}

#[test]
fn a_target_that_is_not_the_right_one_gets_no_name() {
    let place = Place::new();
    let mut patch = place.bytes("a.bps");
    let end = patch.len() - 4;
    patch[end - 1] ^= 1;
    let checksum = crc32fast::hash(&patch[..end]);
    patch[end..].copy_from_slice(&checksum.to_le_bytes());
    place.put("a.bps", &patch);
    let said = place.said(&["file", "a.bps", "-o", "new"], 1);
    assert!(said.contains("the CRC-32 of the target is"), "{said}");
    assert_eq!(place.names(), ["a.bps", "a.bsdiff", "a.ips", "file"]);
}

#[test]
fn standard_input_and_output_are_a_dash() {
    let place = Place::new();
    let output = place.run(&["file", "a.bps", "-o", "-"]);
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(0), TARGET));
    for args in [["-", "a.bps", "-o", "-"], ["file", "-", "-o", "-"]] {
        let input = if args[0] == "-" { SOURCE.to_vec() } else { place.bytes("a.ips") };
        let mut command = place.command(&args);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(&input).unwrap();
        assert_eq!(child.wait_with_output().unwrap().stdout, TARGET, "{args:?}");
    }
    let said = place.said(&["-", "-", "-o", "new"], 2);
    assert!(said.contains("either the file or the patch"), "{said}");
    let said = place.said(&["-", "a.bps"], 2);
    assert!(said.contains("cannot be changed in place; -o OUT"), "{said}");
}

#[test]
fn an_empty_file_is_a_source_and_a_target() {
    let place = Place::new();
    place.put("empty", b"");
    for format in FORMATS {
        for (name, source, target) in [("grow", &b""[..], SOURCE), ("empty", SOURCE, b"")] {
            let patch = format!("{name}.{format}");
            place.put(&patch, &make_patch(&patch, source, target).unwrap());
            let file = if source.is_empty() { "empty" } else { "file" };
            let new = format!("new.{patch}");
            place.said(&[file, &patch, "-o", &new], 0);
            assert_eq!(place.bytes(&new), target);
        }
    }
}

#[test]
fn a_patch_for_an_enormous_file_writes_nothing() {
    let place = Place::new();
    // One byte, and 2^60 copies of it: lengths and checksums are right.
    let number = |mut number: u64, out: &mut Vec<u8>| loop {
        let low = (number & 0x7f).to_le_bytes()[0];
        number >>= 7;
        if number == 0 {
            return out.push(low | 0x80);
        }
        out.push(low);
        number -= 1;
    };
    let len = 1_u64 << 60;
    let mut patch = b"BPS1".to_vec();
    for it in [0, len, 0, 1] {
        number(it, &mut patch);
    }
    patch.push(b'x');
    number((len - 2) << 2 | 3, &mut patch);
    number(0, &mut patch);
    patch.extend([0; 8]);
    patch.extend(crc32fast::hash(&patch).to_le_bytes());
    place.put("huge", &patch);
    place.put("empty", b"");
    let said = place.said(&["empty", "huge", "-o", "new"], 1);
    assert!(said.starts_with("lazyhex: cannot create \"new\": "), "{said}");
    assert_eq!(place.names(), ["a.bps", "a.bsdiff", "a.ips", "empty", "file", "huge"]);
}
