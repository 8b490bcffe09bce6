//! Limits on a process: each is named before anything is changed.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]
#![expect(clippy::print_stdout, reason = "it says what this machine cannot do")]

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use memmap::{
    AnyMap, Error, ErrorKind, MapOptions, MemMap, Mode, Progress, RamMap, explain::LimitKind,
    plugin::Op,
};
use memmap_core::testing::Fake;
use rustix::process::{Resource, Rlimit, setrlimit};

#[path = "kit/stage.rs"]
mod stage;

use stage::{alone, stage};

fn names_in(dir: &Path) -> Vec<String> {
    let names = fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

fn making(len: u64) -> MapOptions {
    MemMap::options().mode(Mode::Create).len(len)
}

const TOO_LONG: &str = "a_file_longer_than_this_user_may_have_is_an_error_and_leaves_nothing";

#[test]
fn a_file_longer_than_this_user_may_have_is_an_error_and_leaves_nothing() {
    let Some(dir) = stage() else {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), [7; 100]).unwrap();
        alone(TOO_LONG, dir.path());
        assert_eq!(names_in(dir.path()), ["file"]);
        assert_eq!(fs::read(dir.path().join("file")).unwrap(), [7; 100]);
        return;
    };
    let path = dir.join("file");
    let live = MemMap::options().mode(Mode::CopyOnWrite).open(&path).unwrap();
    let ram = RamMap::new(4097).unwrap();
    let plug_in: AnyMap = AnyMap::from_mapping(Box::new(Fake::new(&[1; 4097])));
    let limit = Rlimit { current: Some(4096), maximum: Some(4096) };
    setrlimit(Resource::Fsize, limit).unwrap();

    let too_long = |error: Error| {
        let ErrorKind::FileTooLarge { len: 4097, limit } = *error.kind() else {
            panic!("{error:?}")
        };
        assert_eq!((limit, error.op()), (Some(4096), Op::Create));
    };
    for path in [path.clone(), dir.join("new")] {
        too_long(ram.replace_file(&path, &Progress::new()).unwrap_err());
        too_long(plug_in.replace_file(&path, &Progress::new()).unwrap_err());
        too_long(making(4097).open(&path).unwrap_err());
        too_long(making(4097).in_place(true).open(&path).unwrap_err());
        too_long(making(4097).in_place(true).sparse(true).open(&path).unwrap_err());
    }
    // What fits is written.
    live.replace_file(dir.join("copy"), &Progress::new()).unwrap();
    RamMap::new(4096).unwrap().replace_file(dir.join("copy"), &Progress::new()).unwrap();
    fs::remove_file(dir.join("copy")).unwrap();
}

const MANY_FILES: &str = "the_limit_on_open_files_is_named_with_its_number";

#[test]
fn the_limit_on_open_files_is_named_with_its_number() {
    let Some(dir) = stage() else {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), [7; 100]).unwrap();
        alone(MANY_FILES, dir.path());
        assert_eq!(names_in(dir.path()), ["file"]);
        return;
    };
    let path = dir.join("file");
    drop(MemMap::open(&path, Mode::Read).unwrap());
    setrlimit(Resource::Nofile, Rlimit { current: Some(40), maximum: Some(40) }).unwrap();
    let mut held = Vec::new();
    while let Ok(file) = File::open(&path) {
        held.push(file);
        assert!(held.len() < 100);
    }
    let too_many = |error: Error| {
        let ErrorKind::LimitReached { which, max, .. } = *error.kind() else { panic!("{error:?}") };
        assert_eq!((which, max), (LimitKind::OpenFiles, Some(40)));
        assert!(error.to_string().contains("raise the limit (`ulimit -n`)"), "{error}");
    };
    for mode in Mode::ALL {
        too_many(MemMap::options().mode(mode).len(9).open(&path).unwrap_err());
    }
    too_many(making(9).open(dir.join("new")).unwrap_err());
    too_many(RamMap::new(9).unwrap().replace_file(dir.join("new"), &Progress::new()).unwrap_err());
    let explanation = memmap::explain(&path).unwrap();
    let refusal = explanation.verdict(Mode::Read).unwrap().refusal().unwrap();
    assert!(matches!(refusal.kind(), ErrorKind::LimitReached { .. }), "{explanation}");
}

const MANY_MAPPINGS: &str = "locking_that_would_be_a_mapping_too_many_says_so";

#[test]
fn locking_that_would_be_a_mapping_too_many_says_so() {
    const PAGE: u64 = 4096;
    let Some(dir) = stage() else {
        let max = fs::read_to_string("/proc/sys/vm/max_map_count").unwrap();
        let is_bound = Command::new("sh").args(["-c", "ulimit -l"]).output().unwrap().stdout
            != b"unlimited\n"
            && !rustix::process::geteuid().is_root();
        if max.trim().parse::<u64>().unwrap() > 100_000 || is_bound {
            println!("skipped: there may be many mappings, or few locked bytes");
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        File::create(dir.path().join("file")).unwrap().set_len(400 << 20).unwrap();
        alone(MANY_MAPPINGS, dir.path());
        return;
    };
    let live = MemMap::open(dir.join("file"), Mode::Read).unwrap();
    let ram = RamMap::new(PAGE * 8).unwrap();
    let mut at = 0;
    // Each page that is locked by itself is one more mapping, and what is between them too.
    let error = loop {
        match live.lock_in_ram(at..=at) {
            Ok(()) => at += 2 * PAGE,
            Err(error) => break error,
        }
    };
    let other = ram.lock_in_ram(3 * PAGE..=3 * PAGE).unwrap_err();
    for error in [error, other] {
        let ErrorKind::LimitReached { which, max, .. } = *error.kind() else { panic!("{error:?}") };
        assert_eq!(which, LimitKind::Mappings);
        let said = fs::read_to_string("/proc/sys/vm/max_map_count").unwrap();
        assert_eq!(max, said.trim().parse().ok());
    }
}

#[test]
fn locking_what_is_gone_says_that_it_is_gone() {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(100_000).unwrap();
    let map = MemMap::open(file.path(), Mode::Read).unwrap();
    file.as_file().set_len(10_000).unwrap();
    let error = map.lock_in_ram(..).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Truncated { now: 10_000, .. }), "{error:?}");
    assert_eq!(error.op(), Op::Prefault);
}
