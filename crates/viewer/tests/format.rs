//! The dump formats, compared with a simple reference implementation and with the real tools.
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use lazyhex::{Format, Formatter, Squeezing, Theme};
use proptest::prelude::*;

const FORMATS: [Format; 3] = [Format::Canonical, Format::Xxd, Format::Plain];

/// The reference implementation of a dump.
fn naive(format: Format, squeezing: Squeezing, bytes: &[u8], start: u64) -> String {
    let mut out = String::new();
    let mut previous: Option<&[u8]> = None;
    let mut starred = false;
    let mut address = start;
    for row in bytes.chunks(format.row_len()) {
        let repeated = previous == Some(row) && row.len() == 16;
        if format == Format::Canonical && squeezing == Squeezing::On && repeated {
            if !starred {
                out += "*\n";
            }
            starred = true;
        } else {
            starred = false;
            let text: String =
                row.iter().map(|&b| if (32..127).contains(&b) { b.into() } else { '.' }).collect();
            let digits: Vec<String> = row.iter().map(|b| format!("{b:02x}")).collect();
            match format {
                Format::Canonical => {
                    let (left, right) = digits.split_at(digits.len().min(8));
                    let (left, right) = (left.join(" "), right.join(" "));
                    writeln!(out, "{address:08x}  {left:23}  {right:23}  |{text}|").unwrap();
                }
                Format::Xxd => {
                    let pairs: Vec<String> = digits.chunks(2).map(<[String]>::concat).collect();
                    writeln!(out, "{address:08x}: {:39}  {text}", pairs.join(" ")).unwrap();
                }
                _ => writeln!(out, "{}", digits.concat()).unwrap(),
            }
        }
        previous = Some(row);
        address += memmap::widen(row.len());
    }
    if format == Format::Canonical && address != 0 {
        writeln!(out, "{address:08x}").unwrap();
    }
    out
}

/// The output of the formatter for pieces of this many rows.
fn ours(
    format: Format,
    squeezing: Squeezing,
    theme: Theme,
    bytes: &[u8],
    start: u64,
    rows: usize,
) -> String {
    let mut formatter = Formatter::new(format, squeezing, theme, start);
    let mut out = Vec::new();
    for piece in bytes.chunks(rows * format.row_len()) {
        formatter.append(piece, &mut out);
    }
    formatter.append_end(&mut out);
    String::from_utf8(out).unwrap()
}

fn without_colours(text: &str) -> String {
    let mut plain = String::new();
    for (i, part) in text.split("\x1b[").enumerate() {
        plain += if i == 0 { part } else { part.split_once('m').unwrap().1 };
    }
    plain
}

/// Bytes as in real files: runs, repeated rows and noise.
fn haystack() -> impl Strategy<Value = Vec<u8>> {
    let run = prop_oneof![
        (any::<u8>(), 0..200_usize).prop_map(|(byte, len)| vec![byte; len]),
        prop::collection::vec(any::<u8>(), 0..200),
        (prop::collection::vec(any::<u8>(), 16), 0..5_usize).prop_map(|(row, n)| row.repeat(n)),
    ];
    prop::collection::vec(run, 0..8).prop_map(|runs| runs.concat())
}

fn start() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(0),
        any::<u32>().prop_map(u64::from),
        // Around the addresses that need more digits.
        (0..500_u64).prop_map(|below| (1 << 32) - below),
        (0..500_u64).prop_map(|below| (1 << 36) - below),
        (0..u64::MAX - (1 << 20)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_format_prints_what_the_naive_twin_prints(
        bytes in haystack(), start in start(), rows in 1..20_usize, format in 0..3_usize,
    ) {
        let format = FORMATS[format];
        for squeezing in [Squeezing::On, Squeezing::Off] {
            let expected = naive(format, squeezing, &bytes, start);
            prop_assert_eq!(&ours(format, squeezing, Theme::Mono, &bytes, start, rows), &expected);
            let coloured = ours(format, squeezing, Theme::Colour, &bytes, start, rows);
            prop_assert_eq!(without_colours(&coloured), expected);
        }
    }
}

#[test]
fn colours_are_written_only_where_they_change() {
    let line = ours(Format::Canonical, Squeezing::On, Theme::Colour, b"ab\0\0 \x80", 0, 1);
    insta::assert_snapshot!(line.replace('\x1b', "␛"));
}

/// The output of a tool, or `None` if it is not installed.
///
/// It is required if the variable `LAZYHEX_REQUIRE_TOOLS` is set, as in continuous integration.
fn twin(tool: &str, args: &[&str], path: &std::path::Path) -> Option<Vec<u8>> {
    let run = Command::new(tool).args(args).arg(path).env("LC_ALL", "C").output();
    match run {
        Ok(output) => {
            assert!(output.status.success(), "{tool} failed");
            Some(output.stdout)
        }
        Err(error) => {
            assert!(
                std::env::var_os("LAZYHEX_REQUIRE_TOOLS").is_none(),
                "{tool} is required: {error}"
            );
            None
        }
    }
}

#[test]
fn dumps_are_those_of_hexdump_and_xxd_to_the_byte() {
    let dir = tempfile::tempdir().unwrap();
    let noise: Vec<u8> = {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.to_be_bytes()[0]
        };
        (0..300_000).map(|_| next()).collect()
    };
    let elf = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let zeros = vec![0; 1 << 20];
    let files: [(&str, &[u8]); 9] = [
        ("empty", &[]),
        ("one", &[0x41]),
        ("fifteen", &noise[..15]),
        ("sixteen", &noise[..16]),
        ("seventeen", &noise[..17]),
        ("zeros", &zeros),
        ("zeros and a rest", &zeros[..1000]),
        ("program", &elf[..300_000]),
        ("noise", &noise),
    ];
    // Offset and length, which both tools support.
    let parts = [
        (None, None),
        (Some(7), None),
        (None, Some(33)),
        (Some(16), Some(0)),
        (Some(3), Some(999_999)),
    ];
    for (name, bytes) in files {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        for (skip, length) in parts {
            if skip.is_some_and(|skip| skip > bytes.len()) {
                continue;
            }
            let skip_text = skip.unwrap_or(0).to_string();
            let length_text = length.unwrap_or(bytes.len()).to_string();
            for (format, tool, fixed, length_flag) in [
                ("canonical", "hexdump", vec!["-C"], "-n"),
                ("xxd", "xxd", vec![], "-l"),
                ("plain", "xxd", vec!["-p"], "-l"),
            ] {
                let mut args = fixed;
                args.extend(["-s", &skip_text]);
                // xxd takes a length of 0 as no limit.
                if length.is_some() && !(tool == "xxd" && length == Some(0)) {
                    args.extend([length_flag, &length_text]);
                }
                if tool == "xxd" && length == Some(0) {
                    continue;
                }
                let Some(expected) = twin(tool, &args, &path) else { continue };
                let mut ours = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
                ours.args(["dump", "--format", format, "--skip", &skip_text]);
                if length.is_some() {
                    ours.args(["--length", &length_text]);
                }
                let output = ours.arg(&path).stdin(Stdio::null()).output().unwrap();
                assert!(output.status.success());
                assert!(output.stdout == expected, "{name} as {format}, {skip:?} {length:?}");
            }
        }
    }
}

#[test]
fn each_shape_of_a_line_is_that_of_xxd_to_the_byte() {
    let dir = tempfile::tempdir().unwrap();
    let noise: Vec<u8> =
        (0..5000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    for (name, len) in [("empty", 0), ("1-one.bin", 1), ("some", 23), ("many", 5000)] {
        let path = dir.path().join(name);
        std::fs::write(&path, &noise[..len]).unwrap();
        for (ours, theirs) in [
            (&["-f", "bits"][..], &["-b"][..]),
            (&["-f", "bits", "--columns", "5", "--group", "3"], &["-b", "-c", "5", "-g", "3"]),
            (&["-f", "bits", "--group", "0"], &["-b", "-g", "0"]),
            (&["-f", "xxd", "--columns", "5"], &["-c", "5"]),
            (&["-f", "xxd", "--columns", "256", "--group", "7"], &["-c", "256", "-g", "7"]),
            (&["-f", "xxd", "--group", "1"], &["-g", "1"]),
            (&["-f", "xxd", "--group", "0"], &["-g", "0"]),
            (&["-f", "xxd", "--group", "99"], &["-g", "99"]),
            (&["-f", "xxd", "--endian", "big"], &[]),
            (&["-f", "xxd", "--endian", "little"], &["-e"]),
            (
                &["-f", "xxd", "--endian", "little", "--group", "8", "--columns", "24"],
                &["-e", "-g", "8", "-c", "24"],
            ),
            (&["-f", "plain", "--columns", "7"], &["-p", "-c", "7"]),
            (&["-f", "plain", "--columns", "0"], &["-p", "-c", "0"]),
            (&["-f", "c"], &["-i"]),
            (&["-f", "c", "--columns", "5"], &["-i", "-c", "5"]),
        ] {
            // xxd writes a line break even if there are no bytes.
            if len == 0 && theirs.contains(&"-p") {
                continue;
            }
            let Some(expected) = twin("xxd", theirs, &path) else { continue };
            let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
            command.arg("dump").args(ours).arg(&path).stdin(Stdio::null());
            let output = command.output().unwrap();
            assert!(output.status.success(), "{ours:?}");
            let (printed, expected) =
                (String::from_utf8(output.stdout).unwrap(), String::from_utf8(expected).unwrap());
            assert_eq!(printed, expected, "{name}: {ours:?}");
        }
    }
}

#[test]
fn a_shape_that_a_format_does_not_have_is_refused() {
    for (args, said) in [
        (&["--columns", "8"][..], "--columns is not for --format canonical"),
        (&["-f", "plain", "--group", "2"], "--group is for --format xxd and bits"),
        (&["-f", "bits", "--endian", "little"], "--endian is for --format xxd"),
        (&["-f", "xxd", "--columns", "257"], "--columns is between 1 and 256"),
        (&["-f", "bits", "--columns", "0"], "--columns is between 1 and 256"),
        (&["-f", "json", "--columns", "0"], "--columns is 1 or more"),
        (&["-f", "xxd", "--endian", "little", "--columns", "5"], "--columns a multiple of it"),
        (&["-f", "xxd", "--endian", "little", "--group", "3"], "--group is a power of two"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
        let output =
            command.arg("dump").args(args).arg(env!("CARGO_BIN_EXE_lazyhex")).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {text}");
        assert!(text.contains(said) && output.stdout.is_empty(), "{args:?}: {text}");
    }
}

#[test]
fn python_and_json_read_what_was_dumped() {
    let dir = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = (0..=255).chain(0..100).collect();
    std::fs::write(dir.path().join("a-file"), &bytes).unwrap();
    let dump = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lazyhex"));
        let output =
            command.arg("dump").args(args).arg("a-file").current_dir(&dir).output().unwrap();
        assert!(output.status.success(), "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    for columns in ["1", "16", "89"] {
        let json: Vec<u8> =
            serde_json::from_str(&dump(&["-f", "json", "--columns", columns])).unwrap();
        assert!(json == bytes);
        let python = dump(&["-f", "python", "--columns", columns]);
        let check = format!("{python}assert a_file == bytes([*range(256), *range(100)])\n");
        // Where there is no Python, JSON is checked alone.
        if let Ok(output) = Command::new("python3").args(["-c", &check]).output() {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
    assert_eq!(dump(&["-f", "json", "--length", "0"]), "[\n]\n");
}
