//! `lazyhex find`, compared with grep and ripgrep.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::io::ioctl_fionread;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// How long a machine that is busy with other tests may take.
const PATIENCE: Duration = Duration::from_secs(120);

fn lazyhex(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
    command.args(args).stdin(Stdio::null()).env_remove("NO_COLOR");
    command
}

fn find(args: &[&str]) -> Output {
    lazyhex(&["find"]).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The output of a run with this exit code.
fn printed(args: &[&str], code: i32) -> String {
    let output = find(args);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout).to_owned()
}

/// A temporary directory.
struct Dir(tempfile::TempDir);

impl Dir {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Creates a file. Returns its path as an argument.
    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn hide_in(&self, text: &str) -> String {
        text.replace(self.0.path().to_str().unwrap(), "DIR")
    }
}

fn noise(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()[0]
    };
    (0..len).map(|_| next()).collect()
}

/// Files of various types. Long ones are truncated, as debug builds search them, too; one is long
/// enough for several threads.
fn files(dir: &Dir) -> Vec<String> {
    let beginning = |path: &Path| {
        let mut bytes = Vec::new();
        File::open(path).unwrap().take(300 << 10).read_to_end(&mut bytes).unwrap();
        bytes
    };
    let mut all = vec![
        dir.file("empty", []),
        dir.file("noise", noise(300 << 10)),
        dir.file("program", beginning(&std::env::current_exe().unwrap())),
        dir.file("one line", "abcabcabcab".repeat(20_000)),
        dir.file("lines", "1999-12-31 x\n2026-01-02 error\n\n\n2026-01-0".repeat(5_000)),
    ];
    let mut long = noise(100 << 10).repeat(45);
    long.extend(b"an error at the end of 2026-01-02, and \0\x01");
    all.push(dir.file("long", long));
    for (name, path) in [("tool", "/usr/bin/gdb"), ("shell", "/bin/sh")] {
        if Path::new(path).is_file() {
            all.push(dir.file(name, beginning(Path::new(path))));
        }
    }
    if let Some(page) = page_of_documentation() {
        all.push(dir.file("page", beginning(&page)));
    }
    all
}

/// A page of the Rust documentation, if it is installed.
fn page_of_documentation() -> Option<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output().ok()?;
    let root = Path::new(text(&output.stdout).trim()).join("share/doc/rust/html");
    let page = root.join("std/string/struct.String.html");
    page.is_file().then_some(page)
}

/// Returns what a tool prints, or `None` if it is not installed.
///
/// grep is required if the variable `LAZYHEX_REQUIRE_TOOLS` is set, as in continuous integration.
fn twin(tool: &str, args: &[&str], file: &str) -> Option<Vec<u8>> {
    match Command::new(tool).args(args).arg(file).env("LC_ALL", "C").output() {
        Ok(output) => {
            let code = output.status.code();
            assert!(
                code == Some(0) || code == Some(1),
                "{tool} {args:?}: {}",
                text(&output.stderr)
            );
            Some(output.stdout)
        }
        Err(error) => {
            let is_required = tool == "grep" && std::env::var_os("LAZYHEX_REQUIRE_TOOLS").is_some();
            assert!(!is_required, "{tool} is required: {error}");
            None
        }
    }
}

fn lines_of(bytes: &[u8]) -> usize {
    bytes.split(|&byte| byte == b'\n').count() - 1
}

/// Fails at the first line that differs.
fn assert_same(ours: &[u8], theirs: &[u8], what: &str) {
    if ours == theirs {
        return;
    }
    let lines = |bytes: &[u8]| {
        let lines = bytes.split(|&byte| byte == b'\n');
        lines.map(|line| line.escape_ascii().to_string()).collect::<Vec<_>>()
    };
    let (ours, theirs) = (lines(ours), lines(theirs));
    let at = ours.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
    panic!("{what}: line {at} is {:?}, not {:?}", ours.get(at), theirs.get(at));
}

fn assert_like_grep(ours: &[&str], grep: &[&str], pattern: &str, files: &[String]) {
    for file in files {
        let Some(theirs) = twin("grep", &[grep, &["-e", pattern]].concat(), file) else { return };
        let output = find(&[ours, &["-o", "--", pattern, file]].concat());
        let what = format!("{grep:?} {pattern:?} in {file}");
        assert_same(&output.stdout, &theirs, &what);
        let code = i32::from(theirs.is_empty());
        assert_eq!(output.status.code(), Some(code), "{what}: {}", text(&output.stderr));
        let count = find(&[ours, &["-c", "--", pattern, file]].concat());
        // The other files are too short for several threads.
        if file.ends_with("long") {
            let output = find(&[ours, &["-o", "--threads", "1", "--", pattern, file]].concat());
            assert!(output.stdout == theirs, "{what} by one thread");
        }
        let lines = lines_of(&theirs);
        assert_eq!(text(&count.stdout), format!("{lines}\n"), "{what}");
    }
}

#[test]
fn texts_are_found_where_grep_finds_them() {
    let dir = Dir::new();
    let files = files(&dir);
    for pattern in ["a", "error", "abcab", "ELF", "string", "\u{e4}", "is not in any of them"] {
        assert_like_grep(&[], &["-obUaF"], pattern, &files);
    }
    for pattern in ["Error", "std", "ABCA"] {
        assert_like_grep(&["-i"], &["-obUaiF"], pattern, &files);
    }
}

#[test]
fn expressions_match_what_grep_with_perls_expressions_matches() {
    let dir = Dir::new();
    let files = files(&dir);
    for pattern in [
        "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        r"[a-z]{3,8}[0-9]",
        r"\x00\x01",
        r"\x7fELF.\x01",
        r"(?:ab|abc)+",
        r"[\x80-\xff]{6}",
        r"\bstr\w+",
        "x*?e.",
    ] {
        assert_like_grep(&["--regex"], &["-obUaP"], pattern, &files);
    }
    assert_like_grep(&["--regex", "-i"], &["-obUaiP"], "e[r-s]{2}|elf", &files);
}

#[test]
fn expressions_match_what_ripgrep_matches() {
    let dir = Dir::new();
    for file in files(&dir) {
        for pattern in
            [r"\d{4}-\d\d-\d\d", r"\x00+\x01", r"[a-z]+[ \t]\w", r"(?i)error|elf", "a|abc"]
        {
            let args =
                ["-boa", "--no-unicode", "--no-config", "--color=never", "-N", "-e", pattern];
            let Some(theirs) = twin("rg", &args, &file) else { return };
            let output = find(&["--regex", "-o", pattern, &file]);
            assert_same(&output.stdout, &theirs, &format!("{pattern:?} in {file}"));
        }
    }
}

#[test]
fn names_stand_in_front_where_there_are_several_as_grep_has_it() {
    let dir = Dir::new();
    let (a, b) = (dir.file("a", "xx"), dir.file("b", "y"));
    for flags in ["-obUaF", "-cF"] {
        let args = [flags, "x", &a];
        if let Some(theirs) = twin("grep", &args, &b) {
            let ours = if flags == "-cF" { "-c" } else { "-o" };
            // grep counts lines.
            let theirs = text(&theirs).replace("/a:1\n", "/a:2\n");
            assert_eq!(printed(&[ours, "x", &a, &b], 0), theirs);
        }
    }
}

#[test]
fn rows_show_the_place_and_the_bytes() {
    let dir = Dir::new();
    let file =
        dir.file("f", b"one fish two fish\n2026-01-02\0\0\0\xff\x1b[2Jzz red fish blue fish");
    let other = dir.file("g", b"fishy");
    let mut all = String::new();
    for args in [
        &["fish", &file][..],
        &["fish", &file, &other],
        &["--color", "always", "fish blue fish", &file],
        &["--context", "20", "--regex", r"\d+-\d+", &file],
        &["--context", "0", "--color", "always", "red fish blue fish", &file],
        &["-C", "3", "--range", "32..48", "--regex", "(?s).", "-m", "1", &file],
    ] {
        all += &dir.hide_in(&[&args.join(" "), "\n", &printed(args, 0), "\n"].concat());
    }
    insta::assert_snapshot!(all.replace('\x1b', "␛"));
}

#[test]
fn each_match_and_each_file_is_an_object_of_json() {
    let dir = Dir::new();
    let file = dir.file("evil\x1b[2J\n\"", b"one fish two fish\xff");
    let missing = dir.0.path().join("missing");
    let output = find(&["--json", "-C", "2", "fish", &file, missing.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let lines = dir.hide_in(text(&output.stdout));
    let values: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(values.iter().all(|value| value["path"].as_str().unwrap().starts_with("DIR/")));
    assert_eq!(values.iter().filter(|value| value["type"] == "match").count(), 2);
    insta::assert_snapshot!(lines);
    let counted = printed(&["--json", "-c", "fish", &file], 0);
    assert_eq!(serde_json::from_str::<Value>(&counted).unwrap()["matches"], 2);
}

#[test]
fn what_is_wrong_with_a_pattern_is_said_with_its_column() {
    let dir = Dir::new();
    let file = dir.file("f", "x");
    let mut lines = String::new();
    for args in [
        &["", &file][..],
        &["--hex", "DE AD G0", &file],
        &["--hex", "DE A", &file],
        &["--hex", "DE (AD", &file],
        &["--regex", "a(b", &file],
        &["-i", "--regex", "a(b", &file],
        &["--regex", r"\q", &file],
        &["--number", "u32=1", &file],
        &["--number", "u8=256", &file],
        &["--number", "f64le=2..1", &file],
        &["--latin1", "na\u{ef}ve \u{20ac}", &file],
        &["-i", "--hex", "41", &file],
    ] {
        let output = find(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty());
        assert_eq!(lines_of(&output.stderr), 1, "{args:?}");
        lines += text(&output.stderr);
    }
    insta::assert_snapshot!(lines);
}

#[test]
fn wrong_usage_exits_with_two() {
    for args in [
        &["find"][..],
        &["find", "--hex", "--regex", "41", "x"],
        &["find", "-c", "-o", "x", "x"],
        &["find", "-o", "--json", "x", "x"],
        &["find", "-c", "-C", "4", "x", "x"],
        &["find", "-C", "1025K", "x", "x"],
        &["find", "--limit", "0", "x", "x"],
        &["find", "--threads", "0", "x", "x"],
        &["find", "--range", "5", "x", "x"],
        &["find", "--range", "7..5", "x", "x"],
        &["find", "--nonsense", "x", "x"],
        &["stat"],
        &["stat", "--min-string", "0", "x"],
    ] {
        let output = lazyhex(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
    let help = lazyhex(&["find", "--help"]).output().unwrap();
    assert!(text(&help.stdout).contains("--number u32le=1000"));
    assert!(text(&help.stdout).lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn exit_codes_are_those_of_grep() {
    let dir = Dir::new();
    let file = dir.file("f", "some bytes");
    let (missing, folder) = (format!("{file}/inside"), dir.0.path().to_str().unwrap().to_owned());
    printed(&["bytes", &file], 0);
    printed(&["nothing", &file], 1);
    printed(&["-c", "nothing", &file], 1);
    // The other files are still searched, in any order.
    for files in [[&missing, &folder, &file], [&file, &missing, &folder]] {
        let output = find(&["bytes", files[0], files[1], files[2]]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stdout).contains("|bytes|"));
        assert_eq!(text(&output.stderr).matches("lazyhex: cannot").count(), 2);
    }
    let output = find(&["--range", "11..", "x", &file]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("offset 11 is beyond the end"));
    printed(&["x", "/dev/null"], 1);
    assert_eq!(printed(&["-c", "--hex", "00", "--range", "..1000", "/dev/zero"], 0), "1000\n");
}

#[test]
fn a_part_of_a_file_is_searched_as_if_there_were_nothing_else() {
    let dir = Dir::new();
    let file = dir.file("f", "ab ab ab ab");
    for (range, count) in
        [("..", 4), ("1..", 3), ("..10", 3), ("3..5", 1), ("4..6", 0), ("6..6", 0), ("0..1T", 4)]
    {
        let code = i32::from(count == 0);
        let args = ["-c", "--range", range, "ab", &file];
        assert_eq!(printed(&args, code), format!("{count}\n"), "{range}");
    }
    assert_eq!(
        printed(&["-o", "--range", "3..8", "--regex", r"^ab|ab$", &file], 0),
        "3:ab\n6:ab\n"
    );
}

#[test]
fn numbers_encodings_and_overlaps_are_found() {
    let dir = Dir::new();
    let mut bytes = b"x".to_vec();
    bytes.extend(1000_u32.to_le_bytes());
    bytes.extend(2.55_f64.to_be_bytes());
    bytes.extend("Gr\u{fc}\u{df}e".encode_utf16().flat_map(u16::to_le_bytes));
    bytes.extend("Gr\u{fc}\u{df}e".encode_utf16().flat_map(u16::to_be_bytes));
    bytes.extend(b"Gr\xfc\xdfe aaaa");
    let file = dir.file("f", bytes);
    let offsets = |args: &[&str]| {
        let lines = printed(&[args, &["--json", &file]].concat(), 0);
        let values = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let matches = values.filter(|value| value["type"] == "match");
        matches.map(|value| value["offset"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(offsets(&["--number", "u32le=1000"]), [1]);
    assert_eq!(offsets(&["--number", "u32le=990..=1010"]), [1]);
    assert_eq!(offsets(&["--number", "f64be=2.4~0.2"]), [5]);
    assert_eq!(printed(&["-c", "--number", "u32le=1000@4", &file], 1), "0\n");
    assert_eq!(offsets(&["--utf16", "Gr\u{fc}\u{df}e"]), [13]);
    assert_eq!(offsets(&["--utf16le", "-i", "GR\u{dc}\u{df}E"]), [13]);
    assert_eq!(offsets(&["--utf16be", "Gr\u{fc}\u{df}e"]), [23]);
    assert_eq!(offsets(&["--latin1", "Gr\u{fc}\u{df}e"]), [33]);
    assert_eq!(offsets(&["aa"]), [39, 41]);
    assert_eq!(offsets(&["--overlapping", "aa"]), [39, 40, 41]);
    assert_eq!(offsets(&["--hex", "61 ?1 (20|61)"]), [39]);
}

#[test]
fn a_pattern_that_is_no_unicode_is_bytes() {
    use std::os::unix::ffi::OsStrExt;

    let dir = Dir::new();
    let file = dir.file("f", b"ab\xff\xfe\xff\xfe");
    let pattern = std::ffi::OsStr::from_bytes(b"\xff\xfe");
    let output = lazyhex(&["find", "-c"]).arg(pattern).arg(&file).output().unwrap();
    assert_eq!((text(&output.stdout), output.status.code()), ("2\n", Some(0)));
    let output = lazyhex(&["find", "--regex"]).arg(pattern).arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("not in UTF-8"));
}

#[test]
fn a_limit_ends_the_search_of_each_file() {
    let dir = Dir::new();
    let (a, b) = (dir.file("a", "x".repeat(9_000_000)), dir.file("b", "xx"));
    assert_eq!(printed(&["-o", "-m", "2", "x", &a], 0), "0:x\n1:x\n");
    let lines = dir.hide_in(&printed(&["-o", "--limit", "3", "x", &a, &b], 0));
    assert_eq!(lines, "DIR/a:0:x\nDIR/a:1:x\nDIR/a:2:x\nDIR/b:0:x\nDIR/b:1:x\n");
    assert_eq!(printed(&["-c", "-m", "100000", "x", &a], 0), "100000\n");
    let lines = printed(&["--json", "-c", "-m", "5", "x", &a], 0);
    let value: Value = serde_json::from_str(&lines).unwrap();
    assert_eq!((&value["matches"], &value["is_limited"]), (&5.into(), &true.into()));
    // At least up to the last match.
    assert!(value["searched"].as_u64() >= Some(5), "{value}");
    assert_eq!(value["is_interrupted"], false);
}

#[test]
fn any_of_several_patterns_is_found_as_grep_does() {
    let dir = Dir::new();
    let file = dir.file("file", "one -two three\nthree -two one\n");
    let several = ["-o", "-e", "-two", "-e", "three"];
    let lines = printed(&[&several[..], &[&file]].concat(), 0);
    assert_eq!(lines, "4:-two\n9:three\n15:three\n21:-two\n");
    if let Some(theirs) = twin("grep", &["-obUaF", "-e", "-two", "-e", "three"], &file) {
        assert_same(lines.as_bytes(), &theirs, "several");
    }
    assert_eq!(printed(&["-c", "-e", "one", &file, &file], 0).lines().count(), 2);
    let hex = ["--hex", "-o", "-e", "6F 6E", "--pattern", "(74 77|74 68) ??", &file];
    assert_eq!(printed(&hex, 0), "0:on\n5:two\n9:thr\n15:thr\n22:two\n26:on\n");
    let regex = ["--regex", "-i", "-c", "-e", "^ONE", "-e", "ONE$", "-e", "T[hw].", &file];
    assert_eq!(printed(&regex, 0), "5\n");
    // The first pattern wins if several match.
    assert_eq!(printed(&["-o", "-e", "thr", "-e", "three", &file], 0), "9:thr\n15:thr\n");
    let wrong = find(&["--regex", "-e", "a", "-e", "b(", &file]);
    assert_eq!(wrong.status.code(), Some(2));
    let said = text(&wrong.stderr);
    assert!(said.starts_with("lazyhex: in pattern 2, column 2: "), "{said}");
    let ranges = find(&["--number", "-e", "u8=1", "-e", "u8=3..5", &file]);
    let said = text(&ranges.stderr);
    assert_eq!(
        said,
        "lazyhex: of the patterns, number 2: this pattern cannot be combined with others; search for it alone\n"
    );
}

#[test]
fn a_match_longer_than_the_window_is_reported() {
    let dir = Dir::new();
    let file = dir.file("f", format!("<{}>", "x".repeat(200_000)));
    assert_eq!(printed(&["-c", "--regex", "<x+>", &file], 0), "1\n");
    let output = find(&["-c", "--regex", "<x+>", "--window", "1000", &file]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("give a larger --window"), "{}", text(&output.stderr));
    let output = find(&["--json", "-c", "--regex", "<x+>", "--window", "1000", &file]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(value["window_exceeded"].is_u64(), "{value}");
}

#[test]
fn a_long_match_is_printed_whole() {
    let dir = Dir::new();
    let long = "x".repeat(900_000);
    let file = dir.file("f", format!("<{long}>..<{long}>"));
    let lines = printed(&["-o", "--regex", "<x+>", &file], 0);
    assert!(lines == format!("0:<{long}>\n900004:<{long}>\n"));
    let lines = printed(&["-C", "0", "--regex", "<x+>", &file], 0);
    assert_eq!(lines.lines().count(), 2 * (2 + 4096 / 16), "rows show the start of it");
}

#[test]
fn zeros_are_found_in_holes_and_across_their_borders() {
    let dir = Dir::new();
    let path = dir.file("sparse", []);
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(1 << 40).unwrap();
    file.write_all_at(b"needle", 1 << 39).unwrap();
    assert_eq!(printed(&["-o", "needle", &path], 0), format!("{}:needle\n", 1_u64 << 39));
    let zeros = ((1_u64 << 40) - 6).to_string();
    assert_eq!(printed(&["-c", "--hex", "00", &path], 0), format!("{zeros}\n"));
    let pairs = (1_u64 << 38) + ((1_u64 << 39) - 6) / 2;
    assert_eq!(printed(&["-c", "--hex", "00 00", &path], 0), format!("{pairs}\n"));
    let found = printed(&["--json", "--hex", "00 00 6e ?? 65", &path], 0);
    assert!(found.contains(&format!("\"offset\":{},", (1_u64 << 39) - 2)), "{found}");
    let first = printed(&["-m", "1", "--hex", "00 00", &path], 0);
    assert!(first.starts_with("00000000  00 00"), "{first}");
}

#[test]
fn standard_input_is_searched_in_memory() {
    for files in [&[][..], &["-"]] {
        let mut command = lazyhex(&["find", "-o", "fish"]);
        let mut child =
            command.args(files).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"one fish two fish").unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((text(&output.stdout), output.status.code()), ("4:fish\n13:fish\n", Some(0)));
    }
    let dir = Dir::new();
    let file = dir.file("f", "fish");
    let output = lazyhex(&["find", "-c", "fish", "-", &file]).output().unwrap();
    assert_eq!(dir.hide_in(text(&output.stdout)), "(standard input):0\nDIR/f:1\n");
}

#[test]
fn names_are_printed_escaped() {
    let dir = Dir::new();
    let evil = dir.file("evil\x1b[2J\n", "fish");
    let output = find(&["-o", "fish", &evil, &evil]);
    assert!(!output.stdout.contains(&0x1b));
    assert_eq!(
        dir.hide_in(text(&output.stdout)).lines().next(),
        Some(r"DIR/evil\u{1b}[2J\n:0:fish")
    );
}

/// Starts the program without reading its output, so that it blocks in the middle of its work.
#[expect(clippy::zombie_processes, reason = "who gets it waits for it; a test that fails ends all")]
fn stuck(args: &[&str]) -> Child {
    let mut command = lazyhex(&["find"]);
    command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The first byte has arrived, so the scan is running. When no more arrives, the pipe is full.
    let stdout = child.stdout.as_mut().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    let mut waiting = 0;
    loop {
        std::thread::sleep(Duration::from_millis(200));
        let now = ioctl_fionread(&*stdout).unwrap();
        if now == std::mem::replace(&mut waiting, now) {
            return child;
        }
    }
}

/// A million matches, whose lines do not fit in a pipe, followed by other data.
fn dense(dir: &Dir) -> String {
    let mut bytes = "x".repeat(1 << 20);
    bytes += &".".repeat(31 << 20);
    dir.file("dense", bytes)
}

#[test]
fn ctrl_c_ends_with_what_was_found_and_says_how_far() {
    let dir = Dir::new();
    let file = dense(&dir);
    let child = stuck(&["-o", "x", &file]);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("interrupted after"), "{}", text(&output.stderr));
    let lines = text(&output.stdout);
    assert!(lines.ends_with(":x\n"), "the last line is whole");
    let count = lines.lines().count();
    assert!((100..1 << 20).contains(&count), "{count}");
    // One byte, the first digit of a match, was read before.
    let last: usize = lines.lines().last().unwrap().trim_end_matches(":x").parse().unwrap();
    assert_eq!(last + 1, count, "none is missing before the last one");
}

#[test]
fn a_second_ctrl_c_ends_at_once_whatever_blocks() {
    let dir = Dir::new();
    let file = dense(&dir);
    let mut child = stuck(&["-o", "x", &file]);
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        std::thread::sleep(Duration::from_millis(50));
        assert!(Instant::now() < deadline, "it does not end");
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_file_cut_short_meanwhile_is_searched_up_to_there() {
    let dir = Dir::new();
    let path = dense(&dir);
    for args in [&["-o", "x", &path][..], &["--json", "x", &path]] {
        dense(&dir);
        let child = stuck(args);
        File::options().write(true).open(&path).unwrap().set_len(24 << 20).unwrap();
        let output = child.wait_with_output().unwrap();
        let complaint = dir.hide_in(text(&output.stderr));
        assert_eq!(output.status.code(), Some(2), "{complaint}");
        assert!(
            complaint.contains("8.00 MiB from 0x1800000 on could not be searched"),
            "{complaint}"
        );
        let lines = lines_of(&output.stdout);
        let has_end = args[0] == "--json";
        assert_eq!(lines, (1 << 20) + usize::from(has_end), "everything before is found");
        if has_end {
            let last = text(&output.stdout).lines().last().unwrap();
            let value: Value = serde_json::from_str(last).unwrap();
            let gone = &value["unreadable"][0];
            assert_eq!((&gone["start"], &gone["end"]), (&(24 << 20).into(), &(32 << 20).into()));
        }
    }
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    let dir = Dir::new();
    let file = dense(&dir);
    let mut child = stuck(&["-o", "x", &file]);
    drop(child.stdout.take());
    let mut complaint = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
    assert_eq!((child.wait().unwrap().code(), complaint.as_str()), (Some(0), ""));
}

#[test]
fn a_search_without_results_notices_that_nobody_reads() {
    let dir = Dir::new();
    let path = dir.file("slow", []);
    // An expression without a literal prefix. Without cancellation, this would take minutes.
    fs::write(&path, noise(1 << 20).repeat(64)).unwrap();
    let slow = r"(?s)[\x00-\x7f](?:[0-9].?){60}[\x80-\xff]";
    let mut child = lazyhex(&["find", "--regex", slow, &path, &path, &path])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let begun = Instant::now();
    let code = child.wait().unwrap().code();
    assert!(code == Some(1) && begun.elapsed() < Duration::from_secs(60), "{code:?}");
}

fn stat_json(args: &[&str]) -> Value {
    let output = lazyhex(&["stat", "--json"]).args(args).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn sums_are_those_of_counting_byte_by_byte() {
    let dir = Dir::new();
    let mut bytes = noise(5 << 20);
    bytes[1_000_000..1_000_777].fill(7);
    bytes[3 << 20..(3 << 20) + 20].copy_from_slice(b"some text, and more\n");
    let file = dir.file("f", &bytes);
    for range in ["..", "999990..4000000", "5..6"] {
        let (start, end) = range.split_once("..").unwrap();
        let start = start.parse().unwrap_or(0);
        let part = &bytes[start..end.parse().unwrap_or(bytes.len())];
        let value = stat_json(&["--range", range, &file]);
        let mut counts = vec![0_u64; 256];
        for &byte in part {
            counts[usize::from(byte)] += 1;
        }
        assert_eq!(value["histogram"], Value::from(counts), "{range}");
        let is_text = |byte: &u8| *byte == b'\t' || (b' '..=b'~').contains(byte);
        let strings = part.split(|byte| !is_text(byte)).filter(|text| text.len() >= 4).count();
        assert_eq!(value["strings"]["count"], strings, "{range}");
        if part.len() > 1000 {
            let run = &value["longest_runs"][0];
            let expected = (&1_000_000.into(), &777.into(), &7.into());
            assert_eq!((&run["offset"], &run["length"], &run["byte"]), expected);
            assert!(value["entropy"].as_f64().unwrap() > 7.9);
        }
        let one = stat_json(&["--threads", "1", "--range", range, &file]);
        assert_eq!(one, value, "by one thread");
    }
}

#[test]
fn sums_as_text() {
    let dir = Dir::new();
    let words = "the quick brown fox\tjumps over\0\0\0\0\0\0the lazy dog\n".repeat(300);
    let (file, empty) = (dir.file("f\x1b", words), dir.file("empty", ""));
    let output = lazyhex(&["stat", &file, &empty]).env("LC_ALL", "C.UTF-8").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let sums = dir.hide_in(text(&output.stdout));
    assert!(sums.lines().all(|line| line.chars().count() <= 80), "{sums}");
    insta::assert_snapshot!(sums);
}

#[test]
fn a_terabyte_of_holes_is_summed_up_at_once() {
    let dir = Dir::new();
    let path = dir.file("sparse", []);
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(1 << 40).unwrap();
    file.write_all_at(b"a string", 1 << 39).unwrap();
    let value = stat_json(&[&path]);
    assert_eq!(value["histogram"][0], (1_u64 << 40) - 8);
    assert_eq!(value["holes"]["count"], 2);
    assert_eq!(value["strings"]["count"], 1);
    assert_eq!(value["longest_runs"][0]["length"], 1_u64 << 39);
    assert_eq!(value["entropy_of_pieces"]["values"].as_array().unwrap().len(), 64);
}

#[test]
fn what_cannot_be_summed_up_fails_and_the_others_are_summed_up() {
    let dir = Dir::new();
    let file = dir.file("f", "bytes");
    let missing = format!("{file}/inside");
    let output = lazyhex(&["stat", &missing, &file]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("  length         5 bytes\n"));
    assert!(text(&output.stderr).starts_with("lazyhex: cannot open "));
}
