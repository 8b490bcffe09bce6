//! `lazyhex patch` without `-o`: what it does to the file, what it refuses, and that nothing is lost.
//!
//! Windows cuts no file that is mapped, and says of none who has it open, so that both differ there.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]
#![expect(clippy::print_stderr, reason = "what is skipped is said")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use lazyhex::testing::make_patch;

/// A directory with a file, and a folder for the journals.
struct Place {
    dir: tempfile::TempDir,
}

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n * 7 + n / 256).to_le_bytes()[0]).collect()
}

impl Place {
    fn new() -> Self {
        let place = Self { dir: tempfile::tempdir().unwrap() };
        place.put("file", &bytes(5000));
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

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
        command.arg("patch").args(args).current_dir(self.dir.path()).stdin(Stdio::null());
        command
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CONFIG_HOME", self.path("config"));
        command
    }

    /// What a run that succeeds prints.
    fn done(&self, args: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.command(args).output().unwrap();
        assert!(status.success(), "{args:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    /// What a run with this exit code says.
    fn refused(&self, args: &[&str], code: i32) -> String {
        let output = self.command(args).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
        if code == 1 {
            assert_eq!(said.lines().count(), 1, "{said}");
        }
        said
    }

    /// The number of journals.
    fn journals(&self) -> usize {
        fs::read_dir(self.path("state/lazyhex/journal")).map_or(0, Iterator::count)
    }
}

/// What `dd conv=notrunc` makes of a file, if it did it.
#[cfg(unix)]
fn dd(input: &Path, output: &Path, seek: u64) -> bool {
    let [from, to] =
        [("if", input), ("of", output)].map(|(name, path)| format!("{name}={}", path.display()));
    let mut command = Command::new("dd");
    command.args([&from, &to, "bs=1", "conv=notrunc", &format!("seek={seek}")]);
    command.stderr(Stdio::null()).status().unwrap().success()
}

#[cfg(unix)]
#[test]
fn a_file_is_what_dd_makes_of_it() {
    let place = Place::new();
    place.put("small", &[0xde, 0xad, 0xbe]);
    place.put("large", &bytes(9000));
    for (at, from) in [
        (0_u64, "small"),
        (512, "small"),
        (4998, "small"),
        (5000, "small"),
        (8192, "small"),
        (0, "large"),
        (100, "large"),
    ] {
        place.put("file", &bytes(5000));
        place.put("reference", &bytes(5000));
        place.done(&["file", "--at", &at.to_string(), "--from", from]);
        assert!(dd(&place.path(from), &place.path("reference"), at));
        assert_eq!(place.bytes("file"), place.bytes("reference"), "{at} {from}");
    }
}

#[test]
fn bytes_are_overwritten_filled_inserted_and_deleted() {
    let place = Place::new();
    let mut expected = bytes(5000);
    let printed = place.done(&["file", "--at", "0x200", "--bytes", "de ad"]);
    assert_eq!(
        printed,
        "file: 1 range, 2 bytes, written in place; the length stays 5000\nsaved 1 range, 2 bytes\n"
    );
    expected[0x200..0x202].copy_from_slice(&[0xde, 0xad]);
    assert_eq!(place.bytes("file"), expected);

    place.done(&["file", "--at", "-16", "--fill", "0x0102", "--len", "7"]);
    expected[4984..4991].copy_from_slice(&[1, 2, 1, 2, 1, 2, 1]);
    place.done(&["file", "--at", "10", "--bytes", "ff", "--insert"]);
    expected.insert(10, 0xff);
    place.done(&["file", "--at", "20", "--delete", "1K"]);
    expected.drain(20..20 + 1024);
    place.done(&["file", "--at", "0", "--fill", "00", "--len", "300", "--insert"]);
    expected.splice(0..0, [0; 300]);
    assert_eq!(place.bytes("file"), expected);
}

#[test]
fn standard_input_and_what_has_no_room_in_memory_are_taken_from_a_copy() {
    let place = Place::new();
    let new = File::create(place.path("sparse")).unwrap();
    new.set_len(17 << 20).unwrap();
    place.done(&["file", "--at", "2", "--from", "sparse", "--insert"]);
    let bytes_now = place.bytes("file");
    assert_eq!(bytes_now.len(), (17 << 20) + 5000);
    assert_eq!(bytes_now[..2], bytes(5000)[..2]);
    assert_eq!(bytes_now[(17 << 20) + 2..], bytes(5000)[2..]);
    assert!(bytes_now[2..(17 << 20) + 2].iter().all(|&byte| byte == 0));
    place.put("input", b"typed");
    let mut command = place.command(&["sparse", "--at", "7", "--from", "-"]);
    let status = command.stdin(File::open(place.path("input")).unwrap()).status().unwrap();
    assert!(status.success());
    assert_eq!(place.bytes("sparse")[..13], *b"\0\0\0\0\0\0\0typed\0");
}

#[test]
fn a_plan_is_printed_and_nothing_is_written() {
    let place = Place::new();
    let modified = || fs::metadata(place.path("file")).unwrap().modified().unwrap();
    let before = modified();
    let printed = place.done(&["file", "--at", "3", "--bytes", "ab cd", "--dry-run"]);
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(
        lines[..4],
        [
            "file: 1 range, 2 bytes, written in place; the length stays 5000",
            "  0x3       2 B  15 1c → ab cd",
            "✓ the same file: name, device and inode, length",
            "✓ the old bytes read again: unchanged since they were seen",
        ]
    );
    assert_eq!(lines.last(), Some(&"nothing was written"));
    let printed = place.done(&["file", "--at", "3", "--bytes", "ab", "--dry-run", "--no-journal"]);
    assert!(printed.contains("! there is no journal"), "{printed}");
    assert_eq!((place.bytes("file"), modified()), (bytes(5000), before));
    assert_eq!(place.journals(), 0);
}

#[test]
fn other_editors_that_have_the_file_open_are_said() {
    let place = Place::new();
    place.put(".file.swp", b"");
    std::os::unix::fs::symlink("me@host.42", place.path(".#file")).unwrap();
    let lines = [
        "! open in vim, or vim was killed: .file.swp is beside it\n",
        "! edited in emacs (me@host.42), or emacs was killed: .#file is beside it\n",
    ];
    for args in [
        &["file", "--at", "3", "--bytes", "ff", "--dry-run"][..],
        &["file", "--at", "3", "--bytes", "ff"],
    ] {
        let said = place.done(args);
        assert!(lines.iter().all(|line| said.contains(line)), "{said}");
    }
}

#[test]
fn a_journal_is_kept_of_what_was_written_unless_it_is_not_wanted() {
    let place = Place::new();
    let printed = place.done(&["file", "--at", "3", "--bytes", "15"]);
    assert!(printed.contains("nothing to save"), "{printed}");
    assert_eq!(place.journals(), 0, "the bytes were there");
    place.done(&["file", "--at", "3", "--bytes", "ab", "--no-journal"]);
    assert_eq!(place.journals(), 0);
    fs::create_dir_all(place.path("config/lazyhex")).unwrap();
    place.put("config/lazyhex/config.toml", b"journal = false\n");
    let printed = place.done(&["file", "--at", "3", "--bytes", "ac"]);
    assert!(printed.contains("! there is no journal"), "{printed}");
    assert_eq!(place.journals(), 0);
    fs::remove_dir_all(place.path("config")).unwrap();
    place.done(&["file", "--at", "3", "--bytes", "ad"]);
    assert_eq!(place.journals(), 1);
    assert_eq!(place.bytes("file")[3], 0xad);
}

#[test]
fn a_patch_of_each_format_is_applied_in_place() {
    let place = Place::new();
    let source = bytes(70_000);
    let mut longer = source.clone();
    longer[5] = 1;
    longer[66_000..68_000].fill(0xee);
    longer.extend(bytes(100_000));
    let shorter = [&source[..100], b"!", &source[101..40_000]].concat();
    for format in ["ips", "bps", "bsdiff"] {
        for target in [&longer, &shorter, &source] {
            let name = format!("a.{format}");
            place.put(&name, &make_patch(&name, &source, target).unwrap());
            place.put("file", &source);
            place.done(&["file", &name]);
            assert!(place.bytes("file") == **target, "{format}");
        }
    }
    place.put("file", &source);
    place.put("a.bps", &make_patch("a.bps", &source, &longer).unwrap());
    let printed = place.done(&["file", "a.bps", "--dry-run"]);
    assert!(printed.contains("becomes 170000, and was 70000"), "{printed}");
    place.put("file", &source[1..]);
    let said = place.refused(&["file", "a.bps"], 1);
    assert!(said.contains("for a file of 70000 bytes"), "{said}");
    assert!(place.bytes("file") == source[1..]);
    assert_eq!(place.refused(&["file", "file"], 1).lines().count(), 1);
}

#[test]
fn what_cannot_be_done_is_one_line_and_changes_nothing() {
    let place = Place::new();
    place.put("text", b"words");
    for (args, code, why) in [
        (&["nothing", "--at", "0", "--bytes", "00"][..], 1, "no such file"),
        (&["file", "--at", "-6000", "--bytes", "00"], 1, "use an offset of at least -5000"),
        (&["file", "--at", "4999", "--delete", "2"], 1, "cannot delete 2 bytes at 0x1387"),
        (&["file", "--at", "0", "--from", "nothing"], 1, "no such file"),
        (&["file", "text"], 1, "not a patch"),
        (&["file"], 2, "required"),
        (&["file", "--bytes", "00"], 2, "--at"),
        (&["file", "--at", "0", "--bytes", "0"], 2, "odd number of digits"),
        (&["file", "--at", "0", "--fill", "00"], 2, "--len"),
        (&["file", "--at", "0", "--delete", "1", "--insert"], 2, "required"),
        (&["file", "--at", "0", "--bytes", "00", "--delete", "1"], 2, "cannot be used with"),
        (&["file", "--at", "0", "--bytes", "00", "-o", "new"], 2, "cannot be used with"),
        (&["-", "--at", "0", "--bytes", "00"], 2, "standard input cannot be changed"),
    ] {
        let said = place.refused(args, code);
        assert!(said.contains(why), "{args:?}: {said}");
    }
    assert_eq!(place.bytes("file"), bytes(5000));
    assert_eq!(place.journals(), 0);
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_to_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    fs::set_permissions(place.path("file"), fs::Permissions::from_mode(0o444)).unwrap();
    if File::options().write(true).open(place.path("file")).is_ok() {
        eprintln!("skipped: this user may write to every file");
        return;
    }
    let said = place.refused(&["file", "--at", "0", "--bytes", "ff"], 1);
    assert!(said.contains("cannot open for writing"), "{said}");
    assert_eq!((place.bytes("file"), place.journals()), (bytes(5000), 0));
}

#[cfg(unix)]
#[test]
fn a_file_that_another_program_saves_is_refused() {
    let place = Place::new();
    let file = File::options().write(true).open(place.path("file")).unwrap();
    file.try_lock().unwrap();
    let said = place.refused(&["file", "--at", "0", "--bytes", "ff"], 1);
    assert!(said.contains("is in use: another program saves it, or has it locked"), "{said}");
    assert_eq!((place.bytes("file"), place.journals()), (bytes(5000), 0));
}

/// A loop device, which is detached when it is dropped.
#[cfg(unix)]
struct Loop(String);

#[cfg(unix)]
impl Loop {
    /// `None` where this user, or this system, has none.
    fn over(file: &Path) -> Option<Self> {
        let made = Command::new("losetup").args(["-f", "--show"]).arg(file).output().ok()?;
        let name = String::from_utf8(made.stdout).ok()?.trim().to_owned();
        (made.status.success() && File::open(&name).is_ok()).then_some(Self(name))
    }
}

#[cfg(unix)]
impl Drop for Loop {
    fn drop(&mut self) {
        Command::new("losetup").args(["-d", &self.0]).status().ok();
    }
}

#[cfg(unix)]
#[test]
fn a_device_is_what_dd_makes_of_it_up_to_its_last_byte_and_refused_beyond() {
    let place = Place::new();
    place.put("image", &bytes(64 << 10));
    place.put("reference", &bytes(64 << 10));
    let Some(device) = Loop::over(&place.path("image")) else {
        eprintln!("skipped: this user has no loop devices");
        return;
    };
    let name = device.0.as_str();
    let said = place.refused(&[name, "--at", "0", "--bytes", "ff"], 1);
    assert!(said.contains("is a device") && said.contains("--write-device allows it"), "{said}");
    // The image is a disk while a loop device uses it.
    let said = place.refused(&["image", "--at", "0", "--bytes", "ff"], 1);
    assert!(said.contains("is in use: loop device"), "{said}");
    place.put("new", &[0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6]);
    for at in [0_u64, 511, 65_024, 65_530] {
        place.done(&[name, "--at", &at.to_string(), "--from", "new", "--write-device"]);
        assert!(dd(&place.path("new"), &place.path("reference"), at));
        assert_eq!(fs::read(name).unwrap(), place.bytes("reference"), "{at}");
    }
    // `dd` writes three bytes there, and fails then.
    for (at, change) in [("65533", "--bytes"), ("65536", "--bytes"), ("100", "--delete")] {
        let new = if change == "--delete" { "1" } else { "0102030405" };
        let said = place.refused(&[name, "--at", at, change, new, "--write-device"], 1);
        assert!(said.contains("a device keeps its length"), "{said}");
    }
    assert_eq!(fs::read(name).unwrap(), place.bytes("reference"));
    drop(device);
    assert_eq!(place.bytes("image"), place.bytes("reference"));
}
