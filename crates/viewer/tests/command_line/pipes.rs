//! What comes through a pipe is shown, searched and summed up as it comes.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::thread;

use super::{dir, lazyhex, shell, text};

/// The program with its standard input and output.
fn piped(args: &[&str]) -> (Child, ChildStdin, BufReader<ChildStdout>) {
    let mut command = lazyhex(args);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    (child, input, BufReader::new(output))
}

fn line(output: &mut impl BufRead) -> String {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line
}

/// Writes for as long as somebody reads.
fn write_for_ever(mut input: ChildStdin) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let block = b"y\n".repeat(32 << 10);
        while input.write_all(&block).is_ok() {}
    })
}

#[test]
fn a_row_is_printed_when_its_bytes_have_come() {
    let (mut child, mut input, mut output) = piped(&["dump", "-"]);
    for (sent, row) in [
        (&b"abcdefghijklmnopq"[..], "00000000  61 62 63 64 65 66 67 68  69 6a"),
        (b"rstuvwxyz0123456 and", "00000010  71 72 73 74 75 76 77 78  79 7a"),
    ] {
        input.write_all(sent).unwrap();
        let line = line(&mut output);
        assert!(line.starts_with(row), "{line}");
    }
    drop(input);
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("00000025\n"), "{rest}");
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_stream_without_an_end_is_left_when_there_is_enough() {
    let (mut child, input, mut output) = piped(&["dump"]);
    let writer = write_for_ever(input);
    assert!(line(&mut output).starts_with("00000000  79 0a 79 0a"));
    assert_eq!(line(&mut output), "*\n");
    drop(output);
    child.wait().unwrap();
    writer.join().unwrap();

    for args in [&["find", "-m", "2", "y", "-"][..], &["find", "-o", "-m", "2", "y"]] {
        let (mut child, input, mut output) = piped(args);
        let writer = write_for_ever(input);
        let mut lines = String::new();
        output.read_to_string(&mut lines).unwrap();
        assert_eq!(lines.lines().count(), 2, "{lines}");
        assert!(child.wait().unwrap().success());
        writer.join().unwrap();
    }
    // Nothing reads these to their end.
    let dir = dir(&[]);
    let output = shell("lazyhex dump -n 3 /dev/zero; lazyhex find -om 1 --hex 00 /dev/zero", &dir);
    let rows =
        "00000000  00 00 00                                          |...|\n00000003\n0:\0\n";
    assert_eq!((text(&output.stdout), text(&output.stderr)), (rows, ""));
}

#[test]
fn a_match_is_printed_when_its_bytes_have_come() {
    let (mut child, mut input, mut output) = piped(&["find", "-o", "needle", "-"]);
    for (sent, found) in
        [(&b"a needle, "[..], "2:needle\n"), (b"a need", ""), (b"le", "12:needle\n")]
    {
        input.write_all(sent).unwrap();
        if !found.is_empty() {
            assert_eq!(line(&mut output), found);
        }
    }
    drop(input);
    assert_eq!(line(&mut output), "");
    assert!(child.wait().unwrap().success());
}

/// Some text, some zeros, and what differs everywhere.
fn bytes() -> Vec<u8> {
    let mut bytes: Vec<u8> =
        (0..700_000_u32).map(|i| (i.wrapping_mul(i) >> 7).to_le_bytes()[0]).collect();
    bytes[100_000..300_000].fill(0);
    bytes[400_000..400_011].copy_from_slice(b"a\nneedle in");
    bytes[699_994..].copy_from_slice(b"needle");
    bytes
}

#[test]
fn a_pipe_gives_what_the_file_gives() {
    let bytes = bytes();
    let dir = dir(&[("f", &bytes), ("few", &bytes[..9000])]);
    for command in [
        "dump",
        "dump -s 1000 -n 777",
        "dump -s -20",
        "dump -n 0",
        "dump --format json -s 9 -n 100",
        "dump -s 1M",
        "find needle",
        "find --json needle -C 20",
        "find -C 40 needle",
        "find -o --range 400003.. needle",
        "find --range ..400005 needle",
        "find --range=-10.. needle",
        "find -c --hex 00",
        "find -c --hex '00 ?? 00'",
        "find -o --regex 'need.{0,3}'",
        "find nowhere",
        "stat --json --range 8..",
        "stat --range=-8..",
    ] {
        // The pieces of a summary have other lengths, unless there are few.
        let f = if command.starts_with("stat") { "few" } else { "f" };
        let there = shell(&format!("lazyhex {command} {f}; echo $?"), &dir);
        let piped = shell(&format!("cat {f} | lazyhex {command} -; echo $?"), &dir);
        let redirected = shell(&format!("lazyhex {command} - < {f}; echo $?"), &dir);
        // Only what has a name says it.
        let plain = |text: &str| text.replace("(standard input)", f);
        for other in [piped, redirected] {
            let wanted = plain(text(&there.stdout));
            assert_eq!(plain(text(&other.stdout)), wanted, "{command}");
        }
    }
}

#[test]
fn a_file_as_standard_input_begins_where_it_was_left() {
    let dir = dir(&[("f", b"0123456789")]);
    let script = "{ dd bs=4 count=1 status=none > out; lazyhex find -o '[5-9]+' --regex -; } < f";
    assert_eq!(text(&shell(script, &dir).stdout), "1:56789\n");
    assert_eq!(fs::read(dir.path().join("out")).unwrap(), b"0123");
}

#[test]
fn several_inputs_are_one_dump_wherever_they_come_from() {
    let dir = dir(&[("a", b"0123456"), ("b", b"789abcdefghijklmn")]);
    let whole = shell("cat a b a > all; lazyhex dump -s 3 -n 25 all", &dir);
    let parts = shell("cat b | lazyhex dump -s 3 -n 25 a - a", &dir);
    assert_eq!(text(&parts.stdout), text(&whole.stdout));
    let skipped =
        shell("cat a | lazyhex dump -s 9 - b; cat a b > two; lazyhex dump -s 9 two", &dir);
    let (first, second) = text(&skipped.stdout).split_at(skipped.stdout.len() / 2);
    assert_eq!(first, second);
}

/// A header, much that is zero, and a few bytes after what the header tells of.
fn array_of(len: usize) -> Vec<u8> {
    let text = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({len},), }}");
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend(format!("{text:<117}\n").bytes());
    bytes.resize(bytes.len() + len, 0);
    bytes.extend(b"the last bytes");
    bytes
}

#[test]
fn what_needs_more_than_memory_is_kept_in_a_temporary_file() {
    let dir = dir(&[("array", &array_of(3 << 20))]);
    fs::create_dir(dir.path().join("spool")).unwrap();
    for command in [
        "dump -s -20",
        "dump -s -2M -n 40",
        "find --range=-10.. bytes",
        "find --embedded",
        "tree --depth 1",
        "tree --json --depth 1",
        "stat --range=-8..",
    ] {
        let there = shell(&format!("lazyhex {command} array"), &dir);
        let piped = shell(&format!("export TMPDIR=spool; cat array | lazyhex {command} -"), &dir);
        let plain = |text: &str| text.replace("(standard input)", "array");
        assert_eq!(plain(text(&piped.stdout)), plain(text(&there.stdout)), "{command}");
        assert!(there.status.success() && piped.status.success(), "{command}: {piped:?}");
    }
    let equal = shell("cat array | lazyhex diff - array", &dir);
    assert!(equal.status.success(), "{equal:?}");
    assert_eq!(fs::read_dir(dir.path().join("spool")).unwrap().count(), 0);
    // What is short needs none.
    let script = "export TMPDIR=missing; head -c 1000 array | lazyhex tree --depth 0 -; \
                  cat array | lazyhex tree -";
    let output = shell(script, &dir);
    assert!(text(&output.stdout).starts_with("0x0"), "{output:?}");
    assert!(text(&output.stderr).contains("set TMPDIR to a folder for it"), "{output:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_pipe_is_longer_than_the_memory() {
    let dir = dir(&[("array", &array_of(72 << 20))]);
    for (command, said) in [
        ("dump -s -14 -", "the last bytes"),
        ("tree --depth 1 -", "75,497,472 elements"),
        ("find --embedded -", "npy"),
        ("diff --count - array", "0\n"),
    ] {
        // 60 MB of memory that is not of a file.
        let output = shell(&format!("ulimit -d 60000; cat array | lazyhex {command}"), &dir);
        assert!(text(&output.stdout).contains(said), "{command}: {output:?}");
        assert!(output.status.success(), "{command}: {output:?}");
    }
}
