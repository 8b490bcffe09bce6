//! Printing array elements: valid files and invalid requests.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fmt::Write as _;
use std::fs;
#[cfg(unix)]
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use memmap::array::npy::Header;
use memmap::array::{DType, Order};

fn lazyhex(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
    command.args(args).stdin(Stdio::null()).env_remove("NO_COLOR");
    command
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
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
        scope.spawn(move || stdin.write_all(input).ok());
        child.wait_with_output().unwrap()
    })
}

fn dtype(text: &str) -> DType {
    text.parse().unwrap()
}

/// A `.npy` file with this data, which may be shorter than the header says.
fn npy(dtype: DType, order: Order, shape: &[usize], data: &[u8]) -> Vec<u8> {
    let mut bytes = Header::new(dtype, order, shape).unwrap().to_bytes().unwrap();
    bytes.extend_from_slice(data);
    bytes
}

/// An archive of stored members like that of `numpy.savez`, without checksums.
fn npz(members: &[(&str, u16, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, method, data) in members {
        let len = u32::try_from(data.len()).unwrap().to_le_bytes();
        let name_len = u16::try_from(name.len()).unwrap().to_le_bytes();
        let mut common = vec![20, 0, 0, 0];
        common.extend(method.to_le_bytes());
        common.extend([0; 8]);
        common.extend([len, len].concat());
        common.extend([name_len, [0; 2]].concat());
        let at = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        directory
            .extend([b"PK\x01\x02\x14\0", &common[..], &[0; 10], &at, name.as_bytes()].concat());
        bytes.extend([b"PK\x03\x04", &common[..], name.as_bytes(), data].concat());
    }
    let count = u16::try_from(members.len()).unwrap().to_le_bytes();
    let (at, len) = (u32::try_from(bytes.len()).unwrap(), u32::try_from(directory.len()).unwrap());
    bytes.extend(directory);
    bytes.extend([b"PK\x05\x06\0\0\0\0", &count[..], &count[..]].concat());
    bytes.extend([len.to_le_bytes(), at.to_le_bytes()].concat());
    bytes.extend([0; 2]);
    bytes
}

/// A directory with files, and the collected output of all runs.
struct Files {
    dir: tempfile::TempDir,
    said: String,
}

impl Files {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(dir.path().join(name), bytes).unwrap();
        }
        Self { dir, said: String::new() }
    }

    fn run(&mut self, args: &[&str]) -> Output {
        let output = lazyhex(args).current_dir(self.dir.path()).output().unwrap();
        let code = output.status.code().unwrap();
        let real = self.dir.path().canonicalize().unwrap();
        // Escaped as in errors; on Windows without the verbatim prefix.
        let shown = format!("{:?}", real.join(""));
        let shown = shown.trim_matches('"').trim_start_matches(r"\\\\?\\");
        let errors = text(&output.stderr).replace(shown, "DIR/");
        let errors = errors.lines().next().map(|line| format!("{line}\n")).unwrap_or_default();
        let ending = if code == 0 { String::new() } else { format!("exit code {code}\n") };
        let (asked, printed) = (args.join(" "), text(&output.stdout));
        writeln!(self.said, "$ lazyhex {asked}\n{printed}{errors}{ending}").unwrap();
        output
    }
}

fn floats(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

#[test]
fn elements_print_a_line_for_each_row_with_offset_and_indices() {
    let numbers = floats(&[0.1, -2.5, 1e9, f32::NAN, 0.0, 1.0, 100.25, -1e-7, 3.0, 4.0, 5.0, 6.0]);
    let shorts: Vec<u8> = (250..262_u16).flat_map(u16::to_be_bytes).collect();
    let cube = dtype("u1");
    let record =
        DType::structure([("id", dtype("<i4")), ("name", dtype("<U2")), ("when", dtype("<M8[D]"))]);
    let mut rows = Vec::new();
    for (id, name, when) in [(1_i32, ['a', '\u{1b}'], 18_321_i64), (-1, ['é', '\0'], i64::MIN)] {
        rows.extend(id.to_le_bytes());
        rows.extend(name.iter().flat_map(|&c| u32::from(c).to_le_bytes()));
        rows.extend(when.to_le_bytes());
    }
    let mut files = Files::new(&[
        ("raw", &numbers),
        ("c.npy", &npy(dtype("<f4"), Order::C, &[3, 4], &numbers)),
        ("f.npy", &npy(dtype(">u2"), Order::Fortran, &[3, 4], &shorts)),
        (
            "cube.npy",
            &npy(cube, Order::C, &[2, 2, 3], b"\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\xff"),
        ),
        ("record.npy", &npy(record.unwrap(), Order::C, &[2], &rows)),
        ("one.npy", &npy(dtype("<i2"), Order::C, &[11], &shorts)),
        ("zero.npy", &npy(dtype("<f4"), Order::C, &[], &numbers)),
        ("empty.npy", &npy(dtype("<f4"), Order::C, &[3, 0], b"")),
        ("text.npy", &npy(dtype("S3"), Order::C, &[2, 2], b"a\0\0abc\x1b[2b\0c")),
    ]);
    for args in [
        &["dump", "--dtype", "f4", "--shape", "3,4", "raw"][..],
        &["dump", "--dtype", "<f4", "--shape", "(2, 3)", "--order", "F", "--skip", "4", "raw"],
        &["dump", "--dtype", "u1", "--stride", "20", "--skip", "0x3", "raw"],
        &["--dtype", "(2,)<u2", "--stride", "16", "raw"],
        &["dump", "--dtype", "<f8", "--length", "20", "raw"],
        &["dump", "--array", "c.npy"],
        &["--array", "--length", "20", "c.npy"],
        &["dump", "--array", "f.npy"],
        &["dump", "--array", "cube.npy"],
        &["dump", "--array", "record.npy"],
        &["dump", "--array", "one.npy"],
        &["dump", "--array", "zero.npy"],
        &["dump", "--array", "empty.npy"],
        &["dump", "--array", "text.npy"],
    ] {
        assert!(files.run(args).status.success(), "{}", files.said);
    }
    insta::assert_snapshot!(files.said);
}

#[test]
fn an_archive_is_a_list_of_arrays_and_each_is_printed_by_its_name() {
    let a = npy(dtype("<i2"), Order::C, &[2], &[1, 0, 2, 0]);
    let b = npy(dtype(">f4"), Order::Fortran, &[1, 2], &[0; 8]);
    let archive = npz(&[
        ("a.npy", 0, &a),
        ("long name.npy", 0, &b),
        ("w.npy", 8, &a),
        ("evil\x1b[2J", 0, b"text"),
        ("cut.npy", 0, &a[..a.len() - 1]),
    ]);
    let mut files =
        Files::new(&[("z.npz", &archive), ("none.npz", &npz(&[])), ("bad.npz", &archive[..90])]);
    for args in [
        &["dump", "--array", "z.npz"][..],
        &["dump", "--array", "none.npz"],
        &["dump", "--array", "bad.npz"],
        &["dump", "--member", "a", "z.npz"],
        &["dump", "--array", "--member", "long name", "z.npz"],
        &["dump", "--member", "w", "z.npz"],
        &["dump", "--member", "cut", "z.npz"],
        &["dump", "--member", "b", "z.npz"],
        &["dump", "--member", "a", "--skip", "1", "z.npz"],
        &["dump", "--array", "--length", "1", "z.npz"],
    ] {
        files.run(args);
    }
    insta::assert_snapshot!(files.said);
}

#[test]
fn what_is_lost_is_question_marks_and_the_dump_fails() {
    let numbers: Vec<u8> = (0..12_u16).flat_map(u16::to_le_bytes).collect();
    let mut files = Files::new(&[
        ("c.npy", &npy(dtype("<u2"), Order::C, &[4, 3], &numbers[..9])),
        ("f.npy", &npy(dtype("<u2"), Order::Fortran, &[4, 3], &numbers[..19])),
        ("long.npy", &npy(dtype("<u2"), Order::C, &[1 << 40], &numbers[..3])),
        ("row.npy", &npy(dtype("<u2"), Order::C, &[1, 1 << 40], &numbers[..4])),
        ("raw", &numbers[..9]),
    ]);
    for name in ["c.npy", "f.npy", "long.npy"] {
        assert_eq!(files.run(&["dump", "--array", name]).status.code(), Some(1));
    }
    assert_eq!(files.run(&["dump", "--dtype", "<u4", "raw"]).status.code(), Some(1));
    insta::assert_snapshot!(files.said);

    // A long line of unreadable elements is not printed completely.
    let row = files.run(&["dump", "--array", "row.npy"]);
    assert_eq!(row.status.code(), Some(1));
    assert!(text(&row.stdout).matches("??").count() < 100_000);
}

#[test]
fn wrong_questions_about_elements_are_refused() {
    let not = b"\x93NUMPY\x01\x00\x44\x00{'descr': '<f4', 'fortran_order': 1, 'shape': (3,), }              \n";
    let mut files = Files::new(&[("raw", &[7; 99]), ("bad.npy", not), ("cut.npy", &not[..9])]);
    for args in [
        &["dump", "--dtype", "f5", "raw"][..],
        &["dump", "--dtype", "f4, (2,x)i2", "raw"],
        &["dump", "--dtype", "O", "raw"],
        &["dump", "--dtype", "u1", "--shape", "3,x", "raw"],
        &["dump", "--dtype", "u1", "--shape", "3", "--order", "G", "raw"],
        &["dump", "--dtype", "f8", "--stride", "3", "raw"],
        &["dump", "--dtype", "u1", "--stride", "0", "raw"],
        &["dump", "--dtype", "V0", "raw"],
        &["dump", "--dtype", "u1", "--shape", "8P,8P", "raw"],
        &["dump", "--array", "--dtype", "u1", "raw"],
        &["dump", "--array", "--format", "xxd", "raw"],
        &["dump", "--dtype", "f4", "--shape", "100", "raw"],
        &["dump", "--dtype", "S2000000", "--shape", "0", "raw"],
        &["dump", "--dtype", "f4", "--skip", "100", "raw"],
        &["dump", "--array", "--skip", "100", "raw"],
        &["dump", "--array", "raw"],
        &["dump", "--array", "bad.npy"],
        &["dump", "--array", "cut.npy"],
        &["dump", "--array", "missing.npy"],
    ] {
        let output = files.run(args);
        assert!(output.stdout.is_empty() && !output.status.success(), "{args:?}");
        let said = text(&output.stderr);
        assert!(!said.chars().any(|c| c.is_control() && c != '\n'), "{said:?}");
    }
    for args in [&["dump", "--shape", "3", "raw"], &["dump", "--stride", "3", "raw"]] {
        assert_eq!(lazyhex(args).output().unwrap().status.code(), Some(2));
    }
    insta::assert_snapshot!(files.said);
}

#[test]
fn elements_are_read_from_a_pipe() {
    let file = npy(dtype("<u2"), Order::C, &[2, 2], &[1, 0, 2, 0, 3, 0, 4, 0]);
    let expected = "00000080  [0, :]  1  2\n00000082".replace("82", "84") + "  [1, :]  3  4\n";
    assert_eq!(text(&fed(&["dump", "--array"], &file).stdout), expected);
    let behind = [b"skipped".to_vec(), file.clone()].concat();
    let output = fed(&["dump", "--array", "--skip", "7", "-n", "6", "-"], &behind);
    assert_eq!(text(&output.stdout), "00000087  [0, :]  1  2\n0000008b  [1, :]  3\n");
    let archive = npz(&[("a.npy", 0, &file)]);
    assert_eq!(text(&fed(&["dump", "--member", "a", "-"], &archive).stdout).lines().count(), 2);
}

/// `yes` runs forever.
#[cfg(unix)]
#[test]
fn elements_are_read_from_a_pipe_without_an_end() {
    let mut endless = Command::new("yes").stdout(Stdio::piped()).spawn().unwrap();
    let stdin = Stdio::from(endless.stdout.take().unwrap());
    let mut command = lazyhex(&["dump", "--dtype", "S2", "--shape", "2", "--skip", "1"]);
    let output = command.stdin(stdin).output().unwrap();
    endless.kill().unwrap();
    endless.wait().unwrap();
    assert_eq!(text(&output.stdout), "00000001  [0]  b'\\ny'\n00000003  [1]  b'\\ny'\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_million_million_elements_start_at_once_and_end_when_nobody_listens() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sparse.npy");
    for (shape, order) in [
        (&[1 << 40][..], Order::C),
        (&[1 << 20, 1 << 20], Order::C),
        (&[1 << 36, 16], Order::Fortran),
        (&[1, 1 << 40], Order::C),
    ] {
        fs::write(&path, npy(dtype("<f4"), order, shape, b"")).unwrap();
        fs::OpenOptions::new().write(true).open(&path).unwrap().set_len((4 << 40) + 128).unwrap();
        let mut child = lazyhex(&["dump", "--array", path.to_str().unwrap()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 11];
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut first).unwrap();
        assert_eq!(&first, b"00000080  [");
        stdout.read_exact(&mut [0; 10_000]).unwrap();
        drop(stdout);
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn long_tables_are_whole_and_each_value_is_in_its_place() {
    let numbers: Vec<u8> =
        (0..30_000_i32).flat_map(|number| (number * number).to_le_bytes()).collect();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("raw");
    fs::write(&path, &numbers).unwrap();
    for shape in ["30000", "100,300", "3,10000", "1,30000", "30000,1", "10,30,100"] {
        let args = ["dump", "--dtype", "<i4", "--shape", shape, path.to_str().unwrap()];
        let output = lazyhex(&args).output().unwrap();
        let printed = text(&output.stdout);
        let values =
            printed.lines().flat_map(|line| line.split(']').nth(1).unwrap().split_whitespace());
        let expected = (0..30_000_i32).map(|number| (number * number).to_string());
        assert!(values.eq(expected), "{shape}");
        let step = numbers.len() / printed.lines().count();
        for (number, line) in printed.lines().enumerate() {
            assert!(line.starts_with(&format!("{:08x}  [", number * step)), "{line:.40}");
        }
    }
}

// Windows does not truncate a mapped file.
#[cfg(unix)]
#[test]
fn an_element_cut_short_while_it_is_mapped_is_lost_and_said_to_be() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, vec![1; 8 << 20]).unwrap();
    let mut child = lazyhex(&["dump", "--dtype", "S64", file.path().to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 100]).unwrap();
    file.as_file().set_len(4 << 20).unwrap();
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(rest.ends_with("00400000  [ 65536]  ??\n"), "{}", &rest[rest.len() - 100..]);
    let said = text(&output.stderr);
    assert!(said.contains("the file was truncated: byte 4194304 of the mapping"), "{said}");
}

#[test]
fn info_says_what_a_npy_file_holds() {
    let record = DType::structure((0..12).map(|at| (format!("field{at}"), DType::U1))).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let paths = [
        write("a.npy", &npy(dtype("<f4"), Order::Fortran, &[3, 4], &[0; 48])),
        write("record.npy", &npy(record, Order::C, &[1000], &[0; 48])),
        write("bad.npy", b"\x93NUMPY\x07\x00"),
        write("raw", b"no array"),
    ];
    let mut said = String::new();
    for path in &paths {
        let output = lazyhex(&["info", path]).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let explained = text(&output.stdout);
        assert!(explained.lines().skip(1).all(|line| line.chars().count() <= 80), "{explained}");
        let array = explained.find("\n  array  ").map_or("\n  none", |at| &explained[at..]);
        let name = Path::new(path).file_name().unwrap().to_str().unwrap();
        writeln!(said, "{name}:{}", array.trim_end()).unwrap();
        let output = lazyhex(&["info", "--json", path]).output().unwrap();
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        writeln!(said, "{}\n", value["array"]).unwrap();
    }
    insta::assert_snapshot!(said);
}
