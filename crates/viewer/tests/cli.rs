//! The program's output and exit codes.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

#[path = "cli/dist.rs"]
mod dist;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn lazyhex(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
    command.args(args).stdin(Stdio::null()).env_remove("NO_COLOR");
    command
}

/// Runs the program with this standard input.
fn fed(args: &[&str], input: &[u8]) -> Output {
    let mut child = lazyhex(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output().unwrap()
    })
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Copies the program with `cp`. If this process wrote the copy, a child forked by another test
/// could hold it open for writing, and executing it would fail.
fn copy_program(to: &Path) {
    assert!(
        Command::new("cp").arg(env!("CARGO_BIN_EXE_lazyhex")).arg(to).status().unwrap().success()
    );
}

/// The single error line of a failed run, without the test's directory.
fn complaint(mut command: Command, code: i32, dir: &Path) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
    assert!(output.stdout.is_empty(), "something was printed before the failure");
    let line = text(&output.stderr).replace(dir.to_str().unwrap(), "DIR");
    assert_eq!(line.matches('\n').count(), 1, "not one line: {line}");
    line
}

#[test]
fn an_output_longer_than_this_user_may_have_is_a_failure_and_not_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = (0..=250).cycle().take(100_000).collect();
    fs::write(dir.path().join("file"), bytes).unwrap();
    let script = "ulimit -f 8; exec \"$0\" dump file >out";
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_lazyhex")])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = text(&output.stderr);
    assert!(said.starts_with("lazyhex: ") && said.contains("File too large"), "{said}");
}

#[test]
fn every_failure_is_one_line_that_says_what_to_do() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    let path = |name: &str| dir.join(name).to_str().unwrap().to_owned();
    fs::write(path("small"), [7; 100]).unwrap();
    fs::write(path("evil\x1b[2J\n"), []).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();

    let mut lines = String::new();
    for args in [
        vec!["dump", &path("missing")],
        vec!["dump", &path("small/inside")],
        vec!["dump", dir.to_str().unwrap()],
        vec!["dump", &path("socket")],
        vec!["dump", "--skip", "101", &path("small")],
        vec!["dump", "--skip", "0xffffffffffffffff", &path("small")],
        vec!["dump", &path("evil\x1b[2J\n/inside")],
    ] {
        lines += &complaint(lazyhex(&args), 1, dir);
    }
    insta::assert_snapshot!(lines);
}

#[test]
fn a_file_without_permission_is_refused() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
    let secret = dir.join("secret");
    fs::write(&secret, "secret").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
    // Root may read everything, so if the test runs as root, the program runs as another user.
    let program = dir.join("lazyhex");
    copy_program(&program);
    let mut command = Command::new(&program);
    command.arg("dump").arg(&secret).stdin(Stdio::null());
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    insta::assert_snapshot!(complaint(command, 1, dir));
}

#[test]
fn wrong_usage_exits_with_two() {
    for args in [
        vec!["--nonsense"],
        vec!["dump", "--format", "octal", "x"],
        vec!["dump", "--skip", "1.5", "x"],
        vec!["dump", "--length", "-1", "x"],
        vec!["dump", "--color", "sometimes", "x"],
        vec!["dump", "--dtype", "u1", "x", "y"],
    ] {
        let output = lazyhex(&args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
    let output = lazyhex(&["dump", "--skip", "4Q", "x"]).output().unwrap();
    assert!(text(&output.stderr).contains("try 4096, 0x1000 or 4K"));
    for args in [
        ["--refresh", "0.2"],
        ["--refresh", "0"],
        ["find", "--threads=0"],
        ["find", "-m0"],
        ["stat", "--min-string=0"],
        ["stat", "--threads=two"],
    ] {
        let output = lazyhex(&args).arg("x").output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = text(&output.stderr);
        assert!(said.contains(": it is a whole number, 1 or more\n"), "{said}");
    }
}

#[test]
fn help_and_version_need_no_terminal() {
    for args in [["--help"], ["--version"]] {
        let output = lazyhex(&args).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains("lazyhex"));
    }
}

#[test]
fn a_pipe_is_read_into_memory() {
    let bytes: Vec<u8> = (0..200_000_u32).map(|i| i.to_le_bytes()[1]).collect();
    for args in [&["dump", "-"][..], &["dump"], &["-"], &[]] {
        let output = fed(&[args, &["-f", "plain"]].concat(), &bytes);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let digits: String = text(&output.stdout).lines().collect();
        assert_eq!(digits.len(), 400_000);
        assert!(digits.starts_with("0000") && digits.ends_with(&format!("{:02x}", bytes[199_999])));
    }
}

#[test]
fn of_a_pipe_only_what_is_needed_is_read() {
    // `yes` runs forever.
    let mut endless = Command::new("yes").stdout(Stdio::piped()).spawn().unwrap();
    let stdin = Stdio::from(endless.stdout.take().unwrap());
    let output =
        lazyhex(&["dump", "-f", "plain", "-s", "1", "-n", "3"]).stdin(stdin).output().unwrap();
    endless.kill().unwrap();
    endless.wait().unwrap();
    assert_eq!(text(&output.stdout), "0a790a\n");
}

#[test]
fn what_cannot_be_mapped_is_read_where_it_has_an_end() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let writer = std::thread::spawn({
        let fifo = fifo.clone();
        move || fs::write(fifo, "through a pipe").unwrap()
    });
    let output = lazyhex(&["dump", "-f", "plain", fifo.to_str().unwrap()]).output().unwrap();
    writer.join().unwrap();
    assert_eq!(text(&output.stdout), "7468726f75676820612070697065\n");

    let output = lazyhex(&["dump", "-f", "plain", "-n", "4", "/dev/zero"]).output().unwrap();
    assert_eq!(text(&output.stdout), "00000000\n");
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_the_kernel_makes_up_are_read() {
    let output = lazyhex(&["dump", "-f", "plain", "-n", "5", "/proc/version"]).output().unwrap();
    assert_eq!(text(&output.stdout), "4c696e7578\n", "{}", text(&output.stderr));
    for path in ["/sys/devices/system/cpu/online", "/proc/self/cmdline"] {
        let output = lazyhex(&["dump", "-f", "plain", path]).output().unwrap();
        assert!(output.status.success() && !output.stdout.is_empty(), "{path}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_of_the_kernel_without_an_end_worth_waiting_for_wants_a_length() {
    let error = complaint(lazyhex(&["dump", "/proc/self/pagemap"]), 1, Path::new("DIR"));
    assert!(error.contains("a file of /proc") && error.contains("--length"), "{error}");
}

#[test]
fn a_pipe_is_skipped_into_without_keeping_what_is_skipped() {
    let bytes: Vec<u8> = (0..=255).collect();
    let output = fed(&["dump", "-s", "250"], &bytes);
    assert_eq!(
        text(&output.stdout),
        "000000fa  fa fb fc fd fe ff                                 |......|\n00000100\n"
    );
    let output = fed(&["dump", "-s", "257"], &bytes);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("offset 257 is beyond the end"));
}

#[test]
fn repeated_lines_are_printed_in_full_when_asked() {
    let zeros = [0; 64];
    let lines = |args: &[&str]| text(&fed(args, &zeros).stdout).lines().count();
    assert_eq!(lines(&["dump", "-"]), 3);
    assert_eq!(lines(&["dump", "-v", "-"]), 5);
    assert_eq!(lines(&["dump", "--no-squeeze", "-"]), 5);
}

#[test]
fn what_is_quoted_of_the_arguments_cannot_disturb_a_terminal() {
    for (args, code) in [(&["x", "\x1b]0;owned\x07"][..], 1), (&["--skip", "\x1b[31m1", "x"], 2)] {
        let output = lazyhex(args).output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        let said = text(&output.stderr);
        assert!(!said.chars().any(|c| c.is_control() && c != '\n'), "{said:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_failure_that_cannot_be_told_is_still_a_failure() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = lazyhex(&["dump", "/nowhere"]).stderr(full).status().unwrap();
    assert_eq!(status.code(), Some(1));
}

#[cfg(target_os = "linux")]
#[test]
fn a_dump_of_nothing_but_zeros_speaks_at_once_and_notices_that_nobody_listens() {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(1 << 43).unwrap();
    let mut child =
        lazyhex(&["dump", file.path().to_str().unwrap()]).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 81];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    assert!(first.ends_with(b"|\n*\n"));
    drop(stdout);
    // Otherwise, eight tebibytes would take half an hour.
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_dump_of_a_file_cut_short_prints_what_is_left_and_fails() {
    // The file is truncated after it was opened: the pipe is full until then, so the dump is
    // blocked.
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, vec![0x41; 64 << 20]).unwrap();
    let mut child = lazyhex(&["dump", "-f", "plain", file.path().to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 100]).unwrap();
    file.as_file().set_len(32 << 20).unwrap();
    let mut rest = Vec::new();
    stdout.read_to_end(&mut rest).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("the file was truncated: byte 33554432 of the mapping"));
    let digits = 100 + rest.len();
    // 61 characters per 30 bytes; the last line has the remaining 2 bytes.
    assert_eq!(digits, (32 << 20) / 30 * 61 + 5);
}

#[test]
fn a_closed_pipe_ends_a_dump_quietly() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large");
    fs::write(&path, vec![1; 8 << 20]).unwrap();
    let mut child = lazyhex(&["dump", "-v", path.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    assert_eq!(text(&first), "00000000  ");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = lazyhex(&["dump", env!("CARGO_BIN_EXE_lazyhex")]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).starts_with("lazyhex: cannot write: "));
}

/// The output of `lazyhex info` without directory names, and its exit code.
fn info(args: &[&str]) -> (String, Option<i32>) {
    let output = lazyhex(&[&["info"], args].concat()).output().unwrap();
    (text(&output.stdout).to_owned(), output.status.code())
}

#[cfg(target_os = "linux")]
#[test]
fn a_sparse_file_is_explained_with_its_holes() {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(1 << 40).unwrap();
    let path = file.path().to_str().unwrap();
    let (text, code) = info(&[path]);
    assert_eq!(code, Some(0));
    assert!(text.starts_with(&format!("{path:?}\n  is             a regular file\n")), "{text}");
    for line in [
        "  length         1099511627776 bytes (1 TiB)\n",
        "  stored         0 bytes\n",
        "  holes          1099511627776 bytes (1 TiB)\n",
        "  in memory      0 bytes\n",
        "  file system    ",
        "  maps in mode   r, r+, w+",
        "  a page         ",
        "  mappings       ",
        "  locked memory  ",
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
    assert!(text.lines().skip(1).all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn what_cannot_be_mapped_is_explained_and_not_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for (path, is) in [
        (dir.path(), "a directory"),
        (&fifo, "a pipe"),
        (Path::new("/dev/null"), "a character device"),
        #[cfg(target_os = "linux")]
        (Path::new("/proc/self/maps"), "a file of /proc"),
    ] {
        let (text, code) = info(&[path.to_str().unwrap()]);
        assert_eq!(code, Some(0));
        assert!(text.contains(&format!("  is             {is}\n")), "{text}");
        assert!(text.contains(&format!("  not in mode    r, r+, w+, c: it is {is}")), "{text}");
        assert!(!text.contains("  length  ") && !text.contains("maps in mode"), "{text}");
    }
}

#[test]
fn what_cannot_be_looked_at_fails_and_the_others_are_explained() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("a"), [7; 100]).unwrap();
    fs::write(path("b"), []).unwrap();
    let output = lazyhex(&["info", &path("a"), &path("missing"), &path("b")]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let explained = text(&output.stdout);
    assert_eq!(explained.matches("  is             a regular file\n").count(), 2, "{explained}");
    assert_eq!(explained.matches("\n\n").count(), 1, "{explained}");
    let complaint = text(&output.stderr).replace(dir.path().to_str().unwrap(), "DIR");
    assert_eq!(
        complaint,
        "lazyhex: cannot look at \"DIR/missing\": no such file; check the path\n"
    );
}

#[test]
fn names_are_explained_escaped() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("evil\x1b[2J\n");
    fs::write(&path, "bytes").unwrap();
    let (text, code) = info(&[path.to_str().unwrap()]);
    assert_eq!(code, Some(0));
    assert!(text.lines().next().unwrap().ends_with(r#"/evil\u{1b}[2J\n""#), "{text}");
    assert!(!text.contains('\x1b'));
}

#[test]
fn each_file_is_an_object_of_json_on_a_line_of_its_own() {
    use std::os::unix::ffi::OsStrExt;

    let dir = tempfile::tempdir().unwrap();
    let evil = dir.path().join("evil\x1b[2J\n\"");
    fs::write(&evil, [7; 100]).unwrap();
    let output = lazyhex(&["info", "--json"]).arg(&evil).arg(dir.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let values: Vec<serde_json::Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(values.len(), 2);
    assert_eq!(values[0]["path"].as_str(), evil.to_str());
    assert_eq!(values[0]["path_is_lossy"], false);
    assert_eq!((&values[0]["kind"], &values[0]["length"]), (&"regular".into(), &100.into()));
    assert_eq!(values[0]["modes"].as_array().unwrap().len(), 4);
    assert_eq!(values[0]["modes"][0]["is_possible"], true);
    assert_eq!(values[1]["kind"], "directory");
    let error = values[1]["modes"][2]["error"].as_str().unwrap();
    assert!(error.starts_with("cannot create ") && error.contains("a directory"), "{error}");

    // Some file systems reject this name.
    let strange = dir.path().join(std::ffi::OsStr::from_bytes(b"\xff"));
    if fs::write(&strange, []).is_ok() {
        let output = lazyhex(&["info", "--json"]).arg(&strange).output().unwrap();
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(value["path"].as_str().unwrap().ends_with('\u{fffd}'));
        assert_eq!(value["path_is_lossy"], true);
    }
}

#[test]
fn a_file_without_permission_is_explained() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
    let secret = dir.join("secret");
    fs::write(&secret, "secret").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
    let program = dir.join("lazyhex");
    copy_program(&program);
    let mut command = Command::new(&program);
    command.arg("info").arg(&secret).stdin(Stdio::null());
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let explained = text(&output.stdout);
    assert!(explained.contains("  length         6 bytes\n"), "{explained}");
    let refused = "  not in mode    r, r+, w+, c: permission denied";
    assert!(explained.contains(refused), "{explained}");
}

#[test]
fn info_has_options_of_its_own() {
    for args in
        [&["info"][..], &["info", "--skip", "1", "x"], &["--json", "x"], &["info", "--json"]]
    {
        let output = lazyhex(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
    let output = lazyhex(&["info", "--help"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("lazyhex info [--json] FILE..."));
    let output = lazyhex(&["--help"]).output().unwrap();
    assert!(text(&output.stdout).contains("lazyhex info"));
}

#[test]
fn addresses_grow_beyond_four_gibibytes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sparse");
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    let path = path.to_str().unwrap();
    let output = lazyhex(&["dump", "-s", "0xffff_ffe8", "-n", "40", path]).output().unwrap();
    insta::assert_snapshot!(text(&output.stdout));
    let output = lazyhex(&["dump", "-f", "xxd", "-s", "1023G", "-n", "16", path]).output().unwrap();
    assert!(text(&output.stdout).starts_with("ffc0000000: 0000 "));
}

#[test]
fn colours_are_asked_for_or_not_written() {
    let args = ["dump", "-n", "16", env!("CARGO_BIN_EXE_lazyhex")];
    let colourful = |extra: &[&str], no_color: &str| {
        let output = lazyhex(&[&args, extra].concat()).env("NO_COLOR", no_color).output().unwrap();
        output.stdout.contains(&0x1b)
    };
    assert!(!colourful(&[], ""), "a pipe gets no colours by itself");
    assert!(!colourful(&["--color", "never"], ""));
    assert!(colourful(&["--color", "always"], ""));
    assert!(colourful(&["--color", "always"], "1"), "what is asked for counts more");
}

#[test]
fn the_configuration_is_printed_as_it_is_without_one() {
    let output = lazyhex(&["--print-config"]).env("XDG_CONFIG_HOME", "/nowhere").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(text(&output.stdout));
}
