//! `lazyhex diff`, against cmp where there is one.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs::{self, File};
use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn lazyhex(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
    command.arg("diff").args(args).stdin(Stdio::null()).env("LC_ALL", "C.UTF-8");
    command
}

fn diff(args: &[&str]) -> Output {
    lazyhex(args).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// What is printed, without an error, and the exit code.
fn printed(args: &[&str], code: i32) -> String {
    let output = diff(args);
    assert_eq!(text(&output.stderr), "");
    assert_eq!(output.status.code(), Some(code));
    text(&output.stdout).to_owned()
}

struct Dir(tempfile::TempDir);

impl Dir {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

const OLD: &str = "name=alpha;size=4096;mode=rw;owner=root;group=wheel;";
const NEW: &str = "name=alpha;size=8192;mode=rw;owner=root;comment=by hand;group=wheel;";

#[test]
fn each_difference_is_a_line_and_the_exit_code_is_that_of_cmp() {
    let dir = Dir::new();
    let (old, new) =
        (dir.file("old", "one fish, two fish"), dir.file("new", "one fisH, ten fish!"));
    assert_eq!(
        printed(&[&old, &new], 1),
        "0x00000007  1  68 → 48\n0x0000000b  2  77 6f → 65 6e\n0x00000012  1  only in new  21\n"
    );
    assert_eq!(printed(&[&old, &old], 0), "");
    assert_eq!(printed(&["-q", &old, &new], 1), "");
    assert_eq!(printed(&["--count", &old, &new], 1), "4\n");
    assert_eq!(printed(&["--limit", "1", &old, &new], 1), "0x00000007  1  68 → 48\n");
    assert_eq!(printed(&["--range", "..7", &old, &new], 0), "");
    assert_eq!(
        printed(&["--range", "0..3", "--range", "4..7", &old, &new], 1),
        "0x00000000  0x00000004  3  6f 6e 65 → 66 69 73\n"
    );
    let long = dir.file("long", [7; 100]);
    let empty = dir.file("empty", "");
    assert_eq!(
        printed(&[&long, &empty], 1),
        "0x00000000  100  only in long  07 07 07 07 07 07 07 07 …\n"
    );
    // Windows has no such variable.
    if cfg!(unix) {
        let output = lazyhex(&[&old, &new]).env("LC_ALL", "C").output().unwrap();
        assert!(text(&output.stdout).starts_with("0x00000007  1  68 -> 48\n"));
    }
}

/// More lines than are formatted at a time.
#[test]
fn a_long_list_is_that_of_a_plain_formatter() {
    let old: Vec<u8> =
        (0..400_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let mut new = old.clone();
    let (mut expected, mut at) = (Vec::new(), 0);
    let hex = |bytes: &[u8]| {
        let shown: Vec<String> = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("{}{}", shown.join(" "), if bytes.len() > 8 { " …" } else { "" })
    };
    while at < old.len() {
        let range = at..(at + 1 + at % 13).min(old.len());
        new[range.clone()].iter_mut().for_each(|byte| *byte ^= 0x55);
        let (was, is) = (hex(&old[range.clone()]), hex(&new[range.clone()]));
        expected.push(format!("0x{at:08x}  {}  {was} → {is}\n", range.len()));
        at = range.end + 17;
    }
    assert!(expected.len() > 3 * 4096);
    let dir = Dir::new();
    let (old, new) = (dir.file("old", old), dir.file("new", new));
    assert!(printed(&[&old, &new], 1) == expected.concat(), "the lists differ");
}

#[test]
fn what_was_inserted_is_found() {
    let dir = Dir::new();
    let (old, new) = (dir.file("old", OLD), dir.file("new", NEW));
    assert_eq!(
        printed(&["--aligned", &old, &new], 1),
        "0x00000010  0x00000010  4 → 4  34 30 39 36 → 38 31 39 32\n\
         0x00000028  0x00000028  0 → 16  only in new  63 6f 6d 6d 65 6e 74 3d …\n"
    );
    assert_eq!(printed(&["--aligned", "--count", &old, &new], 1), "20\n");
    assert_eq!(printed(&["--aligned", &new, &new], 0), "");
}

#[test]
fn json_has_an_object_for_each_difference_and_one_at_the_end() {
    let dir = Dir::new();
    let (old, new) = (dir.file("old", OLD), dir.file("new", NEW));
    let printed = printed(&["--aligned", "--json", &old, &new], 1);
    let objects: Vec<Value> =
        printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 3);
    assert_eq!(objects[0]["kind"], "changed");
    assert_eq!(objects[0]["a"]["bytes"], "34303936");
    assert_eq!(objects[1]["kind"], "only_in_b");
    assert_eq!((&objects[1]["b"]["offset"], &objects[1]["b"]["length"]), (&40.into(), &16.into()));
    let end = &objects[2];
    assert_eq!((&end["type"], &end["differences"]), (&"end".into(), &2.into()));
    assert_eq!((&end["a"]["path"], &end["bytes"]), (&old.into(), &20.into()));
    assert_eq!(
        (&end["is_interrupted"], &end["not_compared"]),
        (&false.into(), &Value::Array(vec![]))
    );
}

#[test]
fn standard_input_is_one_of_the_files() {
    let dir = Dir::new();
    let old = dir.file("old", OLD);
    let mut child = lazyhex(&["-q", "-", &old]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(OLD.as_bytes()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_cannot_be_compared_exits_with_two() {
    let dir = Dir::new();
    let old = dir.file("old", OLD);
    let missing = dir.0.path().join("missing").to_str().unwrap().to_owned();
    let directory = dir.0.path().to_str().unwrap().to_owned();
    for (args, said) in [
        (&[&*old, &*missing][..], "missing"),
        (&[&old, &directory], "directory"),
        (&["-", "-"], "both standard input"),
        (&[&old], "<B>"),
        (&["--range", "1..2", "--range", "1..2", "--range", "1..2", &old, &old], "at most twice"),
        (&["--range", "100..", &old, &old], "100"),
        (&["-q", "--json", &old, &old], "cannot be used with"),
    ] {
        let output = diff(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert_eq!(text(&output.stdout), "");
        assert!(text(&output.stderr).contains(said), "{args:?}: {}", text(&output.stderr));
    }
}

/// The places that `cmp -l` prints: offset, and both bytes.
#[cfg(unix)]
fn of_cmp(a: &str, b: &str) -> Option<Vec<(u64, u8, u8)>> {
    let output = Command::new("cmp").args(["-l", a, b]).output().ok()?;
    let lines = text(&output.stdout).lines();
    let parsed = lines.map(|line| {
        let mut words = line.split_whitespace();
        let mut next = |radix| u64::from_str_radix(words.next().unwrap(), radix).unwrap();
        let at = next(10) - 1;
        let mut byte = || u8::try_from(next(8)).unwrap();
        (at, byte(), byte())
    });
    Some(parsed.collect())
}

#[cfg(unix)]
#[test]
fn the_bytes_that_differ_are_those_of_cmp() {
    let dir = Dir::new();
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let bytes: Vec<u8> = (0..300_000).map(|_| u8::try_from(random(256)).unwrap()).collect();
    let mut pairs = vec![
        (bytes.clone(), bytes.clone()),
        (bytes.clone(), bytes.iter().map(|byte| byte ^ 0x55).collect()),
        (vec![0; 100_000], vec![0; 70_000]),
        (Vec::new(), bytes.clone()),
        (Vec::new(), Vec::new()),
    ];
    let mut rotated = bytes.clone();
    rotated.rotate_left(1);
    pairs.push((bytes.clone(), rotated));
    for edits in [1, 1000] {
        let mut edited = bytes.clone();
        for _ in 0..edits {
            edited[random(bytes.len())] ^= 1;
        }
        pairs.push((bytes.clone(), edited));
    }
    for (a_bytes, b_bytes) in pairs {
        let (a, b) = (dir.file("a", &a_bytes), dir.file("b", &b_bytes));
        let Some(expected) = of_cmp(&a, &b) else {
            assert!(std::env::var_os("LAZYHEX_REQUIRE_TOOLS").is_none(), "cmp is missing");
            return;
        };
        let output = diff(&["--json", &a, &b]);
        let mut found = Vec::new();
        for line in text(&output.stdout).lines() {
            let object: Value = serde_json::from_str(line).unwrap();
            if object["kind"] == "changed" {
                let (start, len) = (object["a"]["offset"].as_u64(), object["a"]["length"].as_u64());
                for at in start.unwrap()..start.unwrap() + len.unwrap() {
                    let index = usize::try_from(at).unwrap();
                    found.push((at, a_bytes[index], b_bytes[index]));
                }
            }
        }
        assert_eq!(found, expected);
        let code = i32::from(a_bytes != b_bytes);
        assert_eq!(output.status.code(), Some(code));
        let tail = a_bytes.len().abs_diff(b_bytes.len());
        assert_eq!(printed(&["-c", &a, &b], code), format!("{}\n", expected.len() + tail));
    }
}

#[test]
fn holes_of_both_files_are_not_read() {
    let dir = Dir::new();
    let path = |name: &str| dir.0.path().join(name);
    for name in ["a", "b"] {
        File::create(path(name)).unwrap().set_len(1 << 40).unwrap();
    }
    let (a, b) = (path("a"), path("b"));
    let (a, b) = (a.to_str().unwrap(), b.to_str().unwrap());
    if cfg!(target_os = "linux") {
        assert_eq!(printed(&[a, b], 0), "");
        assert_eq!(printed(&["--aligned", a, b], 0), "");
    }
}

/// Another process cuts a file short while it is compared: what is left is compared, the rest is reported.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_was_cut_short_is_compared_up_to_there() {
    let dir = Dir::new();
    let (a, b) = (dir.file("a", vec![1; 1 << 20]), dir.file("b", vec![1; 1 << 20]));
    // A pipe holds the comparison back: `a` is mapped before standard input ends.
    let mut child = lazyhex(&[&a, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let maps = format!("/proc/{}/maps", child.id());
    while !fs::read_to_string(&maps).unwrap().contains(&a) {
        std::thread::yield_now();
    }
    File::options().write(true).open(&a).unwrap().set_len(4096).unwrap();
    child.stdin.take().unwrap().write_all(&fs::read(&b).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout), "0x00001000  1044480  ?? not compared\n");
    assert!(
        text(&output.stderr).contains("1020.00 KiB from 0x1000 on were not compared"),
        "{output:?}"
    );
}

#[test]
fn a_patch_of_two_files_makes_the_second_of_the_first() {
    let dir = Dir::new();
    let lines = |text: &str| {
        let lines: Vec<String> = (0..500).map(|line| format!("{line} {text}\n")).collect();
        lines.concat()
    };
    let (old, new) = (dir.file("old", lines(OLD)), dir.file("new", lines(NEW)));
    for extension in ["ips", "bps", "bsdiff"] {
        let in_dir = |name: &str| dir.0.path().join(name).to_str().unwrap().to_owned();
        let (patch, made) =
            (in_dir(&format!("p.{extension}")), in_dir(&format!("made.{extension}")));
        assert_eq!(printed(&["--patch", &patch, &old, &new], 1), "");
        let applied = Command::new(env!("CARGO_BIN_EXE_lazyhex"))
            .args(["patch", &old, &patch, "-o", &made])
            .output()
            .unwrap();
        assert!(applied.status.success(), "{}", text(&applied.stderr));
        assert_eq!(fs::read(&made).unwrap(), fs::read(&new).unwrap());
        // A file that exists is kept.
        let before = fs::read(&patch).unwrap();
        let output = diff(&["--patch", &patch, &new, &old]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("exists"));
        assert_eq!(fs::read(&patch).unwrap(), before);
        // Two equal files have a patch, too.
        let same = in_dir(&format!("same.{extension}"));
        assert_eq!(printed(&["--patch", &same, &old, &old], 0), "");
    }
    let output = diff(&["--patch", "x.zip", &old, &new]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains(".ips"), "{}", text(&output.stderr));
    // The list of a BPS patch is that of the alignment, so it is small.
    let patch = fs::metadata(dir.0.path().join("p.bps")).unwrap();
    assert!(patch.len() < 500 * 36, "{}", patch.len());
}
