//! Machine-readable output, and errors of standard input and output.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use serde_json::Value;

use super::{dir, lazyhex, shell, text};

#[test]
fn a_path_that_json_cannot_hold_is_said_with_all_its_bytes() {
    let dir = dir(&[]);
    let strange = dir.path().join(OsStr::from_bytes(b"f\xff\xfe"));
    if fs::write(&strange, "fish").is_err() {
        // Some file systems reject this name.
        return;
    }
    let missing = dir.path().join(OsStr::from_bytes(b"gone\xff"));
    for (args, lines) in [
        (&["find", "--json", "fish"][..], 3),
        (&["find", "--json", "-c", "fish"], 2),
        (&["info", "--json"], 1),
        (&["stat", "--json"], 1),
    ] {
        // File names without a directory, so that their bytes are known.
        let output = lazyhex(args)
            .arg(strange.file_name().unwrap())
            .arg(missing.file_name().unwrap())
            .current_dir(dir.path())
            .output()
            .unwrap();
        let values: Vec<Value> =
            text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(values.len(), lines, "{args:?}");
        for value in values {
            let path = value["path"].as_str().unwrap();
            assert!(path.contains('\u{fffd}'), "{value}");
            assert_eq!(value["path_is_lossy"], true, "{value}");
            let bytes = value["path_bytes"].as_str().unwrap();
            if args[0] != "info" {
                assert_eq!(bytes, if path.starts_with('f') { "Zv/+" } else { "Z29uZf8=" });
            }
        }
    }
    let output = lazyhex(&["find", "--json", "fish", "/dev/null"]).output().unwrap();
    assert!(!text(&output.stdout).contains("path_bytes"), "a path that is whole has no other");
}

/// Commands that print without reading standard input.
const PRINTERS: [(&str, i32); 12] = [
    ("--help", 1),
    ("-h", 1),
    ("--version", 1),
    ("--print-config", 1),
    ("dump --help", 1),
    ("dump --version", 1),
    ("find --help", 2),
    ("find --version", 2),
    ("stat --help", 1),
    ("stat --version", 1),
    ("info --help", 1),
    ("info --version", 1),
];

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_printed_is_a_failure() {
    let dir = dir(&[]);
    for (args, code) in PRINTERS {
        let output = shell(&format!("lazyhex {args} >/dev/full"), &dir);
        assert_eq!(output.status.code(), Some(code), "{args}");
        let said = text(&output.stderr);
        assert!(said.starts_with("lazyhex: cannot write: No space left"), "{args}: {said}");
        assert_eq!(said.lines().count(), 1, "{args}: {said}");
    }
}

#[test]
fn what_nobody_reads_any_more_is_none() {
    for (args, _) in PRINTERS {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let args: Vec<&str> = args.split(' ').collect();
        let output = lazyhex(&args).stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn a_standard_input_that_is_closed_is_not_an_empty_one() {
    let dir = dir(&[("a", b"bytes")]);
    for (args, code) in [
        ("-", 1),
        ("", 1),
        ("dump", 1),
        ("dump -", 1),
        ("dump -f plain -s 3 -", 1),
        ("--array -", 1),
        ("--dtype u1 -", 1),
        ("stat -", 1),
        ("find x", 2),
        ("find x -", 2),
        ("find --json x -", 2),
    ] {
        let output = shell(&format!("lazyhex {args} <&-"), &dir);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args}: {said}");
        assert!(
            said.starts_with("lazyhex: cannot read: standard input is closed"),
            "{args}: {said}"
        );
        assert_eq!(said.lines().count(), 1, "{args}: {said}");
        let empty = shell(&format!("lazyhex {args} </dev/null"), &dir);
        assert!(!text(&empty.stderr).contains("closed"), "{args}: {}", text(&empty.stderr));
    }
    // A closed standard input is no error if it is not read.
    for (args, code) in [("dump a", 0), ("find byte a", 0), ("stat a", 0), ("info a", 0)] {
        assert_eq!(shell(&format!("lazyhex {args} <&-"), &dir).status.code(), Some(code), "{args}");
    }
}

#[test]
fn a_match_that_never_comes_is_not_said_to_be_too_long() {
    let letters = "a".repeat(2_000_000);
    let zeros = vec![0; 2_000_000];
    let dir = dir(&[("letters", letters.as_bytes()), ("zeros", &zeros)]);
    std::fs::File::create(dir.path().join("hole")).unwrap().set_len(1 << 36).unwrap();
    std::fs::write(dir.path().join("cut"), letters.clone() + "b").unwrap();
    for (pattern, file) in [
        ("a+b", "letters"),
        ("[a-z]+9", "letters"),
        (".*zzz", "letters"),
        ("(?s)a.*?b", "letters"),
        (".*zzz", "zeros"),
        (r"\x00+\x01", "zeros"),
        (r"\x00+\x01", "hole"),
        ("(?s)a.*b", "hole"),
        (r"(?s)\x00.*x", "hole"),
    ] {
        let args = ["find", "--json", "--regex", pattern, file];
        let output = lazyhex(&args).current_dir(dir.path()).output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), ""), "{pattern} {file}");
        let end: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&end["matches"], &end["window_exceeded"]), (&0.into(), &Value::Null));
    }
    // A match that was cut short is still reported.
    for pattern in ["a+b", "(?s)a.*?b", "a+"] {
        let args = ["find", "-c", "--regex", pattern, "cut"];
        let output = lazyhex(&args).current_dir(dir.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{pattern}");
        let said = text(&output.stderr);
        assert!(
            said.contains("cut: the match at 0x0 is longer than the window of 1.00 MiB"),
            "{said}"
        );
    }
}

#[test]
fn characters_are_those_of_the_locale() {
    let dir = dir(&[]);
    let bytes: Vec<u8> =
        (0..256 << 10).map(|i: u32| i.to_le_bytes()[usize::from(i > 100_000)]).collect();
    fs::write(dir.path().join("bytes"), bytes).unwrap();
    for (variables, is_ascii) in [
        (&[("LC_ALL", "C")][..], true),
        (&[("LC_ALL", "POSIX"), ("LANG", "C.UTF-8")], true),
        (&[("LC_ALL", ""), ("LC_CTYPE", "de_DE.ISO-8859-1"), ("LANG", "C.UTF-8")], true),
        (&[("LC_ALL", "C.UTF-8"), ("LANG", "C")], false),
        (&[("LANG", "en_US.utf8")], false),
        (&[], false),
    ] {
        let mut command = lazyhex(&["stat", "bytes"]);
        for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
            command.env_remove(name);
        }
        let output =
            command.envs(variables.iter().copied()).current_dir(dir.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let sums = text(&output.stdout);
        assert_eq!(sums.is_ascii(), is_ascii, "{variables:?}: {sums}");
        assert!(sums.contains("in 64 pieces"), "{sums}");
    }
}
