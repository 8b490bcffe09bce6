//! Files of this system are edited and saved; programs that save are killed, and what they left is recovered.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test speaks by panicking")]
#![expect(clippy::print_stderr, reason = "what is skipped is said")]

#[path = "kit/child.rs"]
mod child;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use memmap::edit::journal::{JournalOptions, Standing};
use memmap::edit::{
    Check, Conflict, Direction, Disk, EditedFile, Journals, SaveError, State, UnfinishedFile, Way,
};
use memmap::{MemMap, Mode, Progress};

use child::{Child, say};

fn journals(beside: &Path) -> Journals {
    let folder = beside.parent().unwrap().parent().unwrap().join("journals");
    Journals::open(Disk, folder).unwrap()
}

fn open(path: &Path) -> EditedFile {
    EditedFile::new(MemMap::open(path, Mode::Read).unwrap())
}

fn all(edited: &EditedFile) -> Vec<u8> {
    edited.view().read_at(0, usize::try_from(edited.len()).unwrap()).unwrap()
}

/// A folder with a file, and the file in a folder of its own, as the journals stand beside that.
fn place(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, bytes).unwrap();
    let nested = dir.path().join("files");
    fs::create_dir(&nested).unwrap();
    let moved = nested.join("file");
    fs::rename(&path, &moved).unwrap();
    (dir, moved)
}

#[test]
fn a_file_is_saved_in_place_and_anew() {
    let old: Vec<u8> = (0..100_000_u32).map(|at| at.to_le_bytes()[0]).collect();
    for way in [Way::InPlace, Way::Rewrite] {
        let (_dir, path) = place(&old);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let inode = fs::metadata(&path).unwrap().ino();
        let mut edited = open(&path);
        let journal = journals(&path).create_of(&edited, JournalOptions::default()).unwrap();
        let first = edited.view();
        edited.overwrite(50_000, b"new").unwrap();
        edited.insert(0, b"head").unwrap();
        edited.delete(70_000..).unwrap();
        let expected = all(&edited);
        edited.save().way(way).journal(journal).run(&Progress::new()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), expected);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o640);
        assert_eq!(fs::metadata(&path).unwrap().ino() == inode, way == Way::InPlace);
        assert_eq!(all(&edited), expected);
        assert_eq!(first.read_at(0, old.len()).unwrap(), old);
        edited.go_to(State::FIRST).unwrap();
        assert_eq!(all(&edited), old);
        edited.save().run(&Progress::new()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), old);
        let names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(names.len(), 1, "{names:?}");
    }
}

#[test]
fn what_a_mapped_write_changed_is_a_conflict() {
    let (_dir, path) = place(&[0; 8192]);
    let mut edited = open(&path);
    edited.overwrite(5000, b"mine").unwrap();
    let mut theirs = MemMap::open(&path, Mode::ReadWrite).unwrap();
    theirs.write_at(5002, b"!").unwrap();
    let error = edited.save().run(&Progress::new()).unwrap_err();
    let SaveError::Conflicts(conflicts) = error else { panic!("{error}") };
    let [Conflict { range, now, .. }] = &conflicts[..] else { panic!("{conflicts:?}") };
    assert_eq!((range.clone(), &now[..]), (5000..5004, &[0, 0, b'!', 0][..]));
    edited.save().overwrite(&conflicts[0]).run(&Progress::new()).unwrap();
    assert_eq!(&theirs.read_at(4999, 6).unwrap(), b"\0mine\0");
}

#[test]
fn a_second_name_and_a_running_program_are_saved_in_place() {
    let (dir, path) = place(&fs::read("/bin/true").unwrap());
    let other = dir.path().join("other name");
    fs::hard_link(&path, &other).unwrap();
    let mut edited = open(&path);
    edited.insert(3, b"longer").unwrap();
    edited.save().run(&Progress::new()).unwrap();
    assert_eq!(fs::read(&other).unwrap(), all(&edited));
    let beside = edited.save().way(Way::Rewrite).plan(&Progress::new());
    assert!(matches!(beside, Err(SaveError::CannotRewrite { .. })), "{beside:?}");
}

/// A program that runs, and is ended with this value.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn a_program_that_runs_is_rewritten() {
    let (_dir, path) = place(&fs::read("/bin/sleep").unwrap());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let _running = Running(std::process::Command::new(&path).arg("600").spawn().unwrap());
    let opened = fs::OpenOptions::new().write(true).open(&path);
    if opened.is_ok() {
        eprintln!("this kernel lets running programs be written to: the rewrite is not tried");
        return;
    }
    let inode = fs::metadata(&path).unwrap().ino();
    let mut edited = open(&path);
    let old = all(&edited);
    let last = edited.len() - 1;
    edited.overwrite(last, b"!").unwrap();
    let journal = journals(&path).create_of(&edited, JournalOptions::default()).unwrap();
    let in_place = edited.save().way(Way::InPlace).plan(&Progress::new());
    assert!(matches!(in_place, Err(SaveError::InUse { .. })), "{in_place:?}");
    let plan = edited.save().journal(journal).plan(&Progress::new()).unwrap();
    assert_eq!(plan.way(), Way::Rewrite);
    assert!(plan.checks().contains(&Check::Running), "{:?}", plan.checks());
    let saved = plan.run(&Progress::new()).unwrap();
    edited.saved(saved);
    assert_eq!(fs::read(&path).unwrap(), all(&edited));
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o755);
    assert_ne!(fs::metadata(&path).unwrap().ino(), inode);
    // The new file is not run, and is saved in place. The old one is still there for undo.
    edited.undo();
    assert_eq!(all(&edited), old);
    edited.save().way(Way::InPlace).run(&Progress::new()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), old);
}

#[test]
fn a_name_as_long_as_a_name_can_be_is_written_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("n".repeat(255));
    fs::write(&path, b"bytes").unwrap();
    let mut edited = open(&path);
    edited.insert(0, b"more ").unwrap();
    edited.save().way(Way::Rewrite).run(&Progress::new()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"more bytes");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

/// Ranges of a generation: over the borders of sectors and pages, and at the end.
const RANGES: [(u64, usize); 6] =
    [(10, 3), (500, 40), (4000, 300), (9000, 5000), (40_000, 1), (65_400, 136)];
const LEN: usize = 65_536;

/// Saves generations, one after the other, until it is killed.
fn save_generations(path: &Path, way: Way) -> ! {
    let mut edited = open(path);
    let journal = Arc::new(journals(path).create_of(&edited, JournalOptions::default()).unwrap());
    let recorder: Arc<memmap::edit::Journal> = Arc::clone(&journal);
    edited.record_to(recorder);
    let mut generation = edited.view().read_at(RANGES[0].0, 1).unwrap()[0];
    say("begun");
    loop {
        generation = generation.wrapping_add(1);
        let edits = edited.group(|edited| {
            RANGES.iter().try_for_each(|&(at, len)| edited.overwrite(at, &vec![generation; len]))
        });
        edits.unwrap();
        edited.save().way(way).journal(Arc::clone(&journal)).run(&Progress::new()).unwrap();
        say(&generation.to_string());
    }
}

/// The generation of a file, if all of it is of one.
fn generation(path: &Path) -> Option<u8> {
    let bytes = fs::read(path).unwrap();
    assert_eq!(bytes.len(), LEN);
    let first = bytes[10];
    let is_one = RANGES.iter().all(|&(at, len)| {
        let at = usize::try_from(at).unwrap();
        bytes[at..at + len].iter().all(|&byte| byte == first)
    });
    is_one.then_some(first)
}

/// Kills savers, as often as the variable `KILLS` says; 60 times by default.
fn kill_savers(test: &str, way: Way) {
    if let Some((_, path)) = child::part() {
        save_generations(&path, way);
    }
    let kills: u64 = std::env::var("KILLS").map_or(60, |kills| kills.parse().unwrap());
    let (_dir, path) = place(&vec![0; LEN]);
    let (mut unfinished, mut whole) = (0, 0);
    // How long a saving took: on a busy machine a kill in its first instants meets none.
    let mut took = Duration::from_millis(6);
    for kill in 0..kills {
        let mut child = Child::start(test, "save", &path);
        assert_eq!(child.line(), "begun");
        if kill % 4 > 0 {
            let began = Instant::now();
            child.line();
            took = began.elapsed();
        }
        // Spread over a saving, without a pattern.
        let part = u32::try_from(kill.wrapping_mul(0x9e37_79b9) % 1024).unwrap();
        thread::sleep(took * part / 1024);
        child.kill();
        let folder = journals(&path);
        for listed in folder.of(&path.canonicalize().unwrap()).unwrap() {
            if listed.standing != Standing::UnfinishedSaving {
                continue;
            }
            unfinished += 1;
            let saving = UnfinishedFile::open(
                &folder,
                &listed.name,
                &path,
                JournalOptions::default(),
                false,
            )
            .unwrap();
            let direction = if kill % 2 == 0 { Direction::Forward } else { Direction::Back };
            saving.run(direction).unwrap();
        }
        assert!(generation(&path).is_some(), "kill {kill}: old and new are mixed");
        whole += 1;
    }
    assert_eq!(whole, kills);
    assert!(unfinished > 0, "no kill came during a saving");
    let names = fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(names, 1, "a file was left beside");
}

#[test]
fn a_killed_saving_in_place_is_finished_or_taken_back() {
    kill_savers("a_killed_saving_in_place_is_finished_or_taken_back", Way::InPlace);
}

#[test]
fn a_killed_rewrite_leaves_the_old_file_or_the_new_one() {
    kill_savers("a_killed_rewrite_leaves_the_old_file_or_the_new_one", Way::Rewrite);
}

#[test]
fn edits_that_were_not_saved_outlive_a_kill() {
    const TEST: &str = "edits_that_were_not_saved_outlive_a_kill";
    if let Some((_, path)) = child::part() {
        let mut edited = open(&path);
        let journal =
            Arc::new(journals(&path).create_of(&edited, JournalOptions::default()).unwrap());
        let recorder: Arc<memmap::edit::Journal> = Arc::clone(&journal);
        edited.record_to(recorder);
        edited.insert(5, b"inserted").unwrap();
        edited.overwrite(0, b"N").unwrap();
        edited.undo();
        edited.delete(20..).unwrap();
        journal.write().unwrap();
        say("typed");
        thread::sleep(Duration::from_secs(600));
    }
    let (_dir, path) = place(b"0123456789abcdefghij");
    let mut child = Child::start(TEST, "type", &path);
    assert_eq!(child.line(), "typed");
    child.kill();
    let folder = journals(&path);
    let listed = folder.of(&path.canonicalize().unwrap()).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].standing, Standing::Unsaved);
    let map = MemMap::open(&path, Mode::Read).unwrap();
    let mut edited = EditedFile::replay(map, &folder, &listed[0].name).unwrap();
    assert_eq!(all(&edited), b"01234inserted56789ab");
    edited.undo();
    assert_eq!(all(&edited), b"01234inserted56789abcdefghij");
    edited.redo();
    edited.save().run(&Progress::new()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"01234inserted56789ab");
}
