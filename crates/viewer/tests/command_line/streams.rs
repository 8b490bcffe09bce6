//! Several files as one stream, and start offsets in it.

use std::fs;
use std::os::unix::fs::FileExt;
use std::process::Command;

use super::{dir, lazyhex, shell, text};

/// Files that end within rows and at row boundaries, with repetitions across file boundaries.
fn files() -> tempfile::TempDir {
    let noise: Vec<u8> =
        (0..70_000_u32).map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes()[2]).collect();
    dir(&[
        ("a", b"hello world 12345"),
        ("b", b"more bytes\0\0"),
        ("empty", b""),
        ("row", b"0123456789abcdef"),
        ("zeros", &[0; 100]),
        ("more zeros", &[0; 61]),
        ("noise", &noise),
    ])
}

/// The output and exit code of a tool; `None` if it is not installed.
///
/// The tool is required if the variable `LAZYHEX_REQUIRE_TOOLS` is set, as in continuous integration.
fn twin(dir: &tempfile::TempDir, tool: &str, args: &[&str]) -> Option<(Vec<u8>, Option<i32>)> {
    match Command::new(tool).args(args).current_dir(dir.path()).output() {
        Ok(output) => Some((output.stdout, output.status.code())),
        Err(error) => {
            let is_required = std::env::var_os("LAZYHEX_REQUIRE_TOOLS").is_some();
            assert!(!is_required, "{tool} is required: {error}");
            None
        }
    }
}

const TOGETHER: [&[&str]; 8] = [
    &["a", "b"],
    &["a", "empty", "b", "a"],
    &["empty", "empty"],
    &["empty", "row", "row", "row", "b"],
    &["zeros", "more zeros", "a", "zeros"],
    &["noise", "a", "noise"],
    &["a", "missing", "b"],
    &["directory", "a", "missing/inside", "zeros", "directory"],
];

#[test]
fn several_files_are_one_stream_as_hexdump_has_it() {
    let dir = files();
    std::fs::create_dir(dir.path().join("directory")).unwrap();
    for names in TOGETHER {
        for options in [
            &[][..],
            &["-s", "20"],
            &["-n", "25"],
            &["-s", "15", "-n", "5"],
            &["-v"],
            &["-n", "70020"],
        ] {
            let args = [&["dump"], options, names].concat();
            let ours = lazyhex(&args).current_dir(dir.path()).output().unwrap();
            let args = [&["-C"], options, names].concat();
            let Some((theirs, code)) = twin(&dir, "hexdump", &args) else { return };
            if options.contains(&"-s") && names == ["empty", "empty"] {
                // Here, a start past the end is an error.
                assert_eq!((ours.status.code(), text(&ours.stdout)), (Some(1), ""));
                continue;
            }
            if options.contains(&"-s") && names.contains(&"directory") {
                // hexdump treats a skipped directory like a file of its length.
                continue;
            }
            assert_eq!(text(&ours.stdout), text(&theirs), "{args:?}");
            assert_eq!(ours.status.code(), code, "{args:?}");
            let complaints =
                names.iter().filter(|it| it.contains("directory") || it.contains("missing"));
            if !options.contains(&"-n") {
                assert_eq!(text(&ours.stderr).lines().count(), complaints.count(), "{args:?}");
            }
        }
    }
}

#[test]
fn in_every_format_several_files_are_printed_as_all_their_bytes_in_one() {
    let dir = files();
    let names = ["a", "zeros", "empty", "b", "noise", "row", "more zeros"];
    let all: Vec<u8> =
        names.iter().flat_map(|name| std::fs::read(dir.path().join(name)).unwrap()).collect();
    std::fs::write(dir.path().join("all"), &all).unwrap();
    for format in ["canonical", "xxd", "plain"] {
        for options in [
            &[][..],
            &["-s", "18"],
            &["-s", "200", "-n", "69900"],
            &["-s", "-100"],
            &["-s", "-69000", "-n", "1.5K"],
            &["--color", "always", "-s", "-80"],
        ] {
            let print = |names: &[&str]| {
                let args = [&["dump", "-f", format], options, names].concat();
                let output = lazyhex(&args).current_dir(dir.path()).output().unwrap();
                assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
                output.stdout
            };
            assert!(print(&names) == print(&["all"]), "{format} {options:?}");
        }
    }
    // No input file is overwritten, even if it is the last argument.
    for name in names {
        let before = std::fs::read(dir.path().join(name)).unwrap();
        let output =
            lazyhex(&["dump", "-f", "xxd", "all", name]).current_dir(dir.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(std::fs::read(dir.path().join(name)).unwrap(), before);
    }
}

#[test]
fn pipes_and_devices_are_parts_of_a_stream() {
    let dir = files();
    let printed = |script: &str| {
        let output = shell(script, &dir);
        assert_eq!(output.status.code(), Some(0), "{script}: {}", text(&output.stderr));
        text(&output.stdout).to_owned()
    };
    assert_eq!(printed("echo -n xyz | lazyhex dump -f plain b - b -n 16"), {
        "6D6F726520627974657300007 8797A6D".replace(' ', "").to_lowercase() + "\n"
    });
    assert_eq!(printed("lazyhex dump -f plain -s 15 -n 4 a /dev/zero"), "34350000\n");
    assert_eq!(printed("echo -n xyz | lazyhex dump -f plain -s -4 a -"), "3578797a\n");
    assert_eq!(printed("lazyhex -f plain a b | head -c 4"), "6865");
}

#[test]
fn a_start_beyond_all_files_is_an_error() {
    let dir = files();
    for (args, why) in [
        ("-s 30 a b", "offset 30 is beyond the end of the file, which has 29 bytes"),
        ("-s 18 a", "offset 18 is beyond the end of the file, which has 17 bytes"),
        ("-s -30 a b", "30 bytes before its end is before its start, as it has 29 bytes"),
        ("-s -18 a", "18 bytes before its end is before its start, as it has 17 bytes"),
        ("a:18", "offset 18 is beyond the end"),
    ] {
        let output = shell(&format!("lazyhex dump {args}"), &dir);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), ""), "{args}");
        assert!(text(&output.stderr).contains(why), "{args}: {}", text(&output.stderr));
    }
    let output = shell("lazyhex find --range -18.. x a", &dir);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("18 bytes before its end is before its start"));
}

#[test]
fn every_way_to_say_where_to_start_means_the_same() {
    let dir = files();
    for name in ["a:4", "+4", "a"] {
        let other = format!("{name}:0x2");
        std::fs::write(dir.path().join(other), "a real name").unwrap();
    }
    let printed = |args: &str| {
        let output = shell(&format!("lazyhex {args}"), &dir);
        assert_eq!(output.status.code(), Some(0), "{args}: {}", text(&output.stderr));
        text(&output.stdout).to_owned()
    };
    let from_five = printed("dump -s 5 a");
    for args in [
        "dump --skip 0x5 a",
        "dump --skip=5 a",
        "dump -s -12 a",
        "dump -s-12 a",
        "dump --skip=-12 a",
        "dump a:5",
        "dump a:0x5",
        "dump a:-12",
        "dump +0x5 a",
        "dump a +5",
        "+5B a",
        "a:5",
        "dump -s -0xc a",
        "dump - +5 <a",
        "dump -s -12 - <a",
        "-s -12 <a",
    ] {
        assert_eq!(printed(args), from_five, "{args}");
    }
    assert_eq!(printed("dump -n 4 -s -0.5K noise"), printed("dump -n 4 -s 69488 noise"));
    // The name of an existing file takes precedence.
    assert!(printed("dump a:0x2").contains("|a real name|"));
    assert!(printed("dump +4:0x2").contains("|a real name|"));
    std::fs::write(dir.path().join("+7"), "another real name").unwrap();
    assert!(printed("dump +7").contains("|another real nam|"));
    let size = ["u1", "-s", "-3", "a"];
    assert_eq!(printed(&format!("--dtype {}", size.join(" "))).lines().count(), 3);
    assert_eq!(printed("--dtype u1 --shape 2 -s -3 a").lines().count(), 2);
    assert_eq!(printed("find -o --range -5.. --regex '\\d' a"), "12:1\n13:2\n14:3\n15:4\n16:5\n");
    assert_eq!(printed("find -c --range 1..-1 --regex '(?s).' - <a"), "15\n");
    assert_eq!(printed("find -c --range -5..-1 --regex '(?s).' a"), "4\n");
    assert!(printed("stat --range -4.. a").contains("0xd..0x11, 4 bytes"));

    for (args, why) in [
        ("dump -s 1 a:5", "give only one start offset"),
        ("dump +1 +2 a", "give only one start offset"),
        ("dump +1 a:5", "give only one start offset"),
        ("dump a:5 b", "FILE:OFFSET takes a single file"),
        ("dump -s -x a", "is not a number"),
        ("--dtype u1 a b", "elements are printed from a single file"),
    ] {
        let output = shell(&format!("lazyhex {args}"), &dir);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), ""), "{args}");
        assert!(text(&output.stderr).contains(why), "{args}: {}", text(&output.stderr));
    }
    let output = shell("lazyhex dump none:5", &dir);
    assert!(text(&output.stderr).contains("none:5\": no such file"));
}

#[test]
fn every_option_takes_the_same_sizes() {
    let dir = files();
    let noise = std::fs::metadata(dir.path().join("noise")).unwrap().len();
    for (size, bytes) in
        [("4KiB", 4096), ("4K", 4096), ("4kB", 4000), ("1.5K", 1536), ("1000B", 1000)]
    {
        for (args, expected) in [
            (format!("dump -f plain -s {size} noise"), noise - bytes),
            (format!("dump -f plain -n {size} noise"), bytes),
            (format!("dump -f plain noise:{size}"), noise - bytes),
            (format!("dump -f plain +{size} noise"), noise - bytes),
        ] {
            let output = shell(&format!("lazyhex {args} | tr -d '\\n' | wc -c"), &dir);
            assert_eq!(text(&output.stdout).trim(), (2 * expected).to_string(), "{args}");
        }
        for args in [
            format!("find -c --hex ?? --range {size}..65K noise"),
            format!("find -c --hex ?? --range ..{size} noise"),
            format!("find -c --regex '[a-z]+$' --window {size} a"),
            format!("find -C {size} hello a"),
            format!("stat --range {size}.. noise"),
            format!("--dtype u1 --stride {size} noise"),
            format!("--dtype u1 --shape {size} noise"),
        ] {
            let output = shell(&format!("lazyhex {args}"), &dir);
            assert!(output.stderr.is_empty(), "{args}: {}", text(&output.stderr));
        }
    }
    for size in ["1.3", "0.0001K"] {
        for args in [
            format!("dump -s {size} noise"),
            format!("dump -s -{size} noise"),
            format!("dump -n {size} noise"),
            format!("find x --range {size}.. noise"),
            format!("find x --window {size} noise"),
            format!("find x -C {size} noise"),
            format!("stat --range ..{size} noise"),
            format!("--dtype u1 --stride {size} noise"),
        ] {
            let output = shell(&format!("lazyhex {args}"), &dir);
            assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), ""), "{args}");
            assert!(text(&output.stderr).contains("is not a whole number"), "{args}");
        }
    }
}

#[test]
fn a_hole_is_passed_over() {
    let dir = dir(&[]);
    let path = dir.path().join("sparse");
    let file = fs::File::create(&path).unwrap();
    // Longer than could be read in a test.
    file.set_len(15 << 40).unwrap();
    file.write_all_at(b"one", 7 << 40).unwrap();
    file.write_all_at(b"end", (15 << 40) - 3).unwrap();
    let output = shell("lazyhex dump -s 5 sparse", &dir);
    let rows = "00000005  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n\
                *\n\
                6fffffffff5  00 00 00 00 00 00 00 00  00 00 00 6f 6e 65 00 00  |...........one..|\n\
                70000000005  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n\
                *\n\
                efffffffff5  00 00 00 00 00 00 00 00  65 6e 64                 |........end|\n\
                f0000000000\n";
    assert_eq!((text(&output.stdout), text(&output.stderr)), (rows, ""));
}
