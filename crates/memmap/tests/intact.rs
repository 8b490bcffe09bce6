//! Does it leave the file intact? Every call of `intact/table.txt` is made, each in a process and a
//! directory of its own, and what fails must have changed nothing.
//!
//! The same table is run against numpy by `intact/numpy_table.py`; `cargo xtask numpy` puts both
//! next to each other, in docs/numpy.md.
#![cfg(all(unix, feature = "array"))]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]
#![expect(clippy::print_stdout, reason = "the process of a call answers on its output")]

#[path = "intact/table.rs"]
mod table;

#[path = "intact/world.rs"]
mod world;

#[path = "intact/call.rs"]
mod call;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};
use std::{env, io};

use table::Row;
use world::{NOBODY, World, changes, changes_beside};

/// Where a process finds the call it is to make, and the path to call with.
const CALL: &str = "MEMMAP_INTACT_CALL";
const PATH: &str = "MEMMAP_INTACT_PATH";

/// Where the outcomes are to be written, if anywhere: a line for each row.
const OUTCOMES: &str = "MEMMAP_INTACT_OUTCOMES";

/// The unit of `ulimit -f`.
const BLOCK_LEN: u64 = 512;

#[test]
fn whatever_fails_leaves_the_file_intact() {
    let mut outcomes = String::new();
    let mut wrong = Vec::new();
    for row in table::rows() {
        let outcome = match row.ours() {
            Some(call) => play(row, call),
            None => Ok(row.answer.to_owned()),
        };
        let outcome = outcome.unwrap_or_else(|why| {
            wrong.push(format!("{} | {}\n    {why}", row.before, row.call));
            why
        });
        writeln!(outcomes, "{} | {} | {outcome}", row.before, row.call).unwrap();
    }
    assert!(wrong.is_empty(), "{} rows are wrong:\n{}\n", wrong.len(), wrong.join("\n"));
    if let Some(path) = env::var_os(OUTCOMES) {
        fs::write(path, outcomes).unwrap();
    }
}

/// Makes a row's call; answers what came of it, or what is wrong with that.
fn play(row: Row, call: &str) -> Result<String, String> {
    let world = World::new(row.before);
    let before = world.snapshot();
    let output = match process(call, &world).output() {
        // The build directory may be closed to others.
        Err(error) if world.by_nobody && error.kind() == io::ErrorKind::PermissionDenied => {
            return Ok(format!("not run: {error}"));
        }
        output => output.unwrap(),
    };
    let after = world.snapshot();
    let (answer, text) = answer(&output);
    let found = match row.new_len() {
        Some(len) => {
            let begin = call::begin(call);
            changes_beside(&before, &after, &world.name(), len, begin.as_deref())
        }
        None => changes(&before, &after),
    };
    match found.as_slice() {
        [] if row.expects(&answer) => Ok(match row.new_len() {
            Some(len) => format!("{answer}, file of {len}"),
            None => answer,
        }),
        [] => Err(format!("{answer} instead of {}; {text}", row.answer)),
        found => Err(format!("{answer}, and {}; {text}", found.join(", "))),
    }
}

/// This test alone again, to make one call.
fn process(call: &str, world: &World) -> Command {
    let this = env::current_exe().unwrap();
    let mut command = match world.limit {
        Some(limit) => {
            let blocks = limit.div_euclid(BLOCK_LEN);
            let mut shell = Command::new("sh");
            let script = format!("ulimit -f {blocks}; exec \"$0\" \"$@\"");
            shell.arg("-c").arg(script).arg(this);
            shell
        }
        None => Command::new(this),
    };
    command.args(["--exact", "one_call", "--nocapture"]);
    command.env(CALL, call).env(PATH, &world.path);
    if world.by_nobody {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

#[test]
fn one_call() {
    if let (Ok(call), Some(path)) = (env::var(CALL), env::var_os(PATH)) {
        let (answer, text) = call::make(&call, Path::new(&path));
        println!("\nanswer: {answer}\ntext: {text}");
    }
}

/// What a process answered, and the text of its error.
fn answer(output: &Output) -> (String, String) {
    let said = String::from_utf8_lossy(&output.stdout);
    let line = |start| said.lines().find_map(|line| line.strip_prefix(start));
    match line("answer: ") {
        Some(answer) => (answer.to_owned(), line("text: ").unwrap_or_default().to_owned()),
        None => (output.status.to_string(), String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[test]
fn the_table_is_long_and_no_row_of_it_is_there_twice() {
    let rows = table::rows();
    let ours: Vec<_> = rows.iter().filter(|row| row.ours().is_some()).collect();
    assert!(ours.iter().filter(|row| row.fails()).count() >= 140, "{}", ours.len());
    assert!(ours.iter().filter(|row| !row.fails()).count() >= 15);
    let distinct: BTreeSet<_> = rows.iter().map(|row| (row.before, row.call)).collect();
    assert_eq!(distinct.len(), rows.len());
}

#[test]
fn the_page_has_every_call_and_what_came_of_it() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/numpy.md");
    let page = fs::read_to_string(page).unwrap();
    for row in table::rows() {
        let title = row.title();
        let line = page.lines().find(|line| line.starts_with(&title));
        let line = line.unwrap_or_else(|| panic!("run `cargo xtask numpy`: no {title}"));
        let (answer, _) = row.answer.split_once(", file ").unwrap_or((row.answer, ""));
        let said = answer.split('/').any(|answer| line.contains(answer));
        assert!(said, "run `cargo xtask numpy`: {answer} in {line}");
    }
}

type Damage = fn(&Path);

#[test]
fn a_file_that_is_not_intact_is_seen() {
    let damages: [(&str, Damage); 9] = [
        ("160 → 0 bytes", |path| drop(File::create(path).unwrap())),
        ("160 → 161 bytes", |path| {
            OpenOptions::new().append(true).open(path).unwrap().write_all(&[0]).unwrap();
        }),
        ("other content", |path| {
            let modified = path.metadata().unwrap().modified().unwrap();
            let mut file = OpenOptions::new().write(true).open(path).unwrap();
            file.write_all(&[0]).unwrap();
            file.set_modified(modified).unwrap();
        }),
        ("mode 644 → 600", |path| {
            fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
        }),
        ("another file", |path| {
            let copy = path.with_extension("copy");
            fs::copy(path, &copy).unwrap();
            fs::rename(copy, path).unwrap();
        }),
        ("time of change", |path| {
            let bytes = fs::read(path).unwrap();
            OpenOptions::new().write(true).open(path).unwrap().write_all(&bytes).unwrap();
        }),
        ("gone", |path| fs::remove_file(path).unwrap()),
        ("\"new\": created, 3 bytes", |path| fs::write(path.with_file_name("new"), "new").unwrap()),
        ("\"neighbour\": 40 → 2 bytes", |path| {
            fs::write(path.with_file_name("neighbour"), "no").unwrap();
        }),
    ];
    for (seen, damage) in damages {
        let world = World::new("file 160");
        fs::set_permissions(&world.path, Permissions::from_mode(0o644)).unwrap();
        let before = world.snapshot();
        assert_eq!(changes(&before, &world.snapshot()), [""; 0]);
        damage(&world.path);
        let found = changes(&before, &world.snapshot());
        assert!(found.iter().any(|it| it.contains(seen)), "{seen}: {found:?}");
    }
}

#[test]
fn what_a_call_was_to_change_is_looked_at_as_well() {
    let world = World::new("file 160");
    let before = world.snapshot();
    let beside =
        |len, begin| changes_beside(&before, &world.snapshot(), Path::new("data"), len, begin);
    assert_eq!(beside(160, None), [""; 0]);
    assert!(beside(160, Some(&[]))[0].contains("other content"));
    OpenOptions::new().write(true).open(&world.path).unwrap().set_len(200).unwrap();
    assert_eq!(beside(200, None), [""; 0]);
    assert!(beside(199, None)[0].contains("199 → 200 bytes"));
    fs::write(world.path.with_file_name("new"), "new").unwrap();
    assert!(beside(200, None)[0].contains("created"));
}
