//! `lazyhex load`: dumps of other tools and of ours are read back, or refused with their line.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Loads a dump from standard input into `new`.
fn load(dir: &tempfile::TempDir, dump: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
    command.args(["load", "-", "-o", "new"]).current_dir(dir);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may end before it has read everything.
    child.stdin.take().unwrap().write_all(dump).ok();
    child.wait_with_output().unwrap()
}

/// The bytes that a dump makes.
fn loaded(dump: &[u8]) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let output = load(&dir, dump);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::read(dir.path().join("new")).unwrap()
}

/// Why a dump is refused. Nothing is left.
fn refused(dump: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let output = load(&dir, dump.as_bytes());
    assert_eq!(output.status.code(), Some(1), "{dump}");
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 0, "{dump}");
    String::from_utf8(output.stderr).unwrap()
}

/// Files that squeeze, end within a line, and have every byte.
fn files() -> Vec<Vec<u8>> {
    let noise = |len: u32| {
        (0..len).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect::<Vec<u8>>()
    };
    vec![
        vec![],
        b"a".to_vec(),
        noise(16),
        noise(1000),
        [noise(32), vec![0; 1000], noise(5)].concat(),
        [vec![0; 4096], noise(16), vec![0xff; 333], vec![0; 160]].concat(),
        b"| a || b |  *\n00000010: *  \x1b[0m".repeat(9),
    ]
}

#[test]
fn what_lazyhex_dumps_is_read_back() {
    for bytes in files() {
        for args in [
            &["-f", "canonical"][..],
            &["-f", "canonical", "-v", "--color", "always"],
            &["-f", "xxd"],
            &["-f", "xxd", "--columns", "7", "--group", "3", "--color", "always"],
            &["-f", "plain"],
            &["-f", "plain", "--columns", "0"],
        ] {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join("file"), &bytes).unwrap();
            let mut dump = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
            let dump = dump.arg("dump").args(args).arg("file").current_dir(&dir).output().unwrap();
            assert!(loaded(&dump.stdout) == bytes, "{args:?} {}", bytes.len());
        }
    }
}

#[test]
fn what_other_tools_dump_is_read_back() {
    for bytes in files() {
        for tool in [
            &["hexdump", "-C"][..],
            &["hexdump", "-v", "-C"],
            &["xxd"],
            &["xxd", "-u", "-c", "9", "-g", "4"],
            &["xxd", "-g", "0"],
            &["xxd", "-a"],
            &["xxd", "-p"],
            &["xxd", "-p", "-c", "0"],
            &["hexyl"],
            &["hexyl", "--no-squeezing"],
            &["hexyl", "--border", "ascii", "--color", "never"],
            &["hexyl", "--border", "none"],
        ] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(&bytes).unwrap();
            match Command::new(tool[0]).args(&tool[1..]).arg(file.path()).output() {
                Ok(dump) => assert!(loaded(&dump.stdout) == bytes, "{tool:?} {}", bytes.len()),
                Err(error) => assert!(
                    tool[0] == "hexyl" || std::env::var_os("LAZYHEX_REQUIRE_TOOLS").is_none(),
                    "{tool:?} is required: {error}"
                ),
            }
        }
    }
}

#[test]
fn a_dump_of_hexyl_is_read_where_there_is_no_hexyl() {
    let dump = "\
┌────────┬─────────────────────────┬─────────────────────────┬────────┬────────┐
│00000000│ 00 00 00 00 00 00 00 00 ┊ 00 00 00 00 00 00 00 00 │⋄⋄⋄⋄⋄⋄⋄⋄┊⋄⋄⋄⋄⋄⋄⋄⋄│
│*       │                         ┊                         │        ┊        │
│00000040│ 68 65 6c 6c 6f 20 7c ff ┊ 61                      │hello |×┊a       │
└────────┴─────────────────────────┴─────────────────────────┴────────┴────────┘
";
    assert_eq!(loaded(dump.as_bytes()), [&[0; 64][..], b"hello |\xffa"].concat());
    let one_panel = "\
┌────────┬─────────────────────────┬────────┐
│00000000│ 68 65 6c 6c 6f 20 77 6f │hello wo│
│00000008│ 72 6c 64                │rld     │
└────────┴─────────────────────────┴────────┘
";
    assert_eq!(loaded(one_panel.as_bytes()), b"hello world");
}

#[test]
fn bytes_go_where_the_addresses_say() {
    assert_eq!(loaded(b"00000004: 6162\n00000000: 63\n00000005: 64\n"), b"c\0\0\0ad");
    let repeated = b"00000000  61 62  |ab|\n*\n00000008  63  |c|\n00000009\n";
    assert_eq!(loaded(repeated), b"ababababc");
    assert_eq!(loaded(b"\n\n00000000: 61\n\n"), b"a");
}

#[cfg(unix)]
#[test]
fn what_is_left_out_and_what_repeats_zeros_is_a_hole() {
    use std::os::unix::fs::MetadataExt;

    let dir = tempfile::tempdir().unwrap();
    let zeros = "00 ".repeat(16);
    let dump = format!("00000000  {zeros} |................|\n*\n4000000000\n");
    assert!(load(&dir, dump.as_bytes()).status.success());
    let file = fs::metadata(dir.path().join("new")).unwrap();
    assert_eq!(file.len(), 1 << 38);
    assert!(file.blocks() < 100);
}

#[test]
fn what_cannot_be_read_is_an_error_with_its_line() {
    for (dump, said) in [
        ("hello\n", "line 1: \"hello\" cannot be read: it is not a line of"),
        (
            "00000000: 61\n\n0000001: 6x\n",
            "line 3: \"0000001: 6x\" cannot be read: \"6x\" is not a byte",
        ),
        (
            "00000000  61 62  |ab|\n00000002  63 64",
            "line 2: \"00000002  63 64\" cannot be read: it is cut",
        ),
        ("00000000  61 62  |ab|\n*\n", "line 3: \"\" cannot be read: the dump ends here"),
        (
            "00000000  61 62  |ab|\n*\n00000005\n",
            "line 3: \"00000005\" cannot be read: it is not a whole number",
        ),
        (
            "00000000  61 62  |ab|\n00000005\n",
            "line 2: \"00000005\" cannot be read: the lines before it end at 0x2",
        ),
        ("00000000: 61\nffffffffffffffff: 61\n", "cannot write"),
        ("6162\n636\n", "line 2: \"636\" cannot be read: \"6\" is not a byte"),
        ("00000000: 01101000 01100101  he\n", "xxd -b"),
        ("00000000: 6c6c6568 6f77206f  hello wo\n", "xxd -e"),
        (&format!("00000000: {}\n", "61".repeat(40_000)), "it is longer than 65536 bytes"),
    ] {
        let error = refused(dump);
        assert!(error.contains(said), "{error}");
        assert_eq!(error.matches('\n').count(), 1, "{error}");
    }
}

#[test]
fn a_file_that_exists_is_never_replaced_and_output_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("new"), "old").unwrap();
    let output = load(&dir, b"6162\n");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("exists; only new files are written"));
    assert_eq!(fs::read(dir.path().join("new")).unwrap(), b"old");
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
        command.arg("load").args(args).current_dir(&dir).output().unwrap()
    };
    assert_eq!(run(&["new"]).status.code(), Some(2));
    fs::write(dir.path().join("dump"), "00000000: 6869\n").unwrap();
    let output = run(&["dump", "-o", "-"]);
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(0), &b"hi"[..]));
}
