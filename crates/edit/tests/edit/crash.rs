//! Power cuts and kills at every call of a saving and of a recovery.

use std::io;
use std::path::Path;

use memmap_core::Progress;
use memmap_core::disk::Disk;
use memmap_core::testing::{TestDisk, TestMap};
use memmap_edit::journal::{self, JournalOptions, Journals};
use memmap_edit::{Direction, Overlay, Unfinished, Way};

use crate::saving::{PATH, journal, open};

const LEN: usize = 1800;

fn old() -> Vec<u8> {
    (0..LEN).map(|at| (at % 251) as u8).collect()
}

/// What is edited. Each has ranges over the border of a sector.
#[derive(Debug, Clone, Copy)]
enum Case {
    SameLength,
    Longer,
    Shorter,
    Empty,
}

const CASES: [Case; 4] = [Case::SameLength, Case::Longer, Case::Shorter, Case::Empty];

fn edit(overlay: &mut Overlay<TestMap>, case: Case) {
    let done = overlay.group(|overlay| match case {
        Case::SameLength => {
            overlay.overwrite(500, &[0xaa; 30])?;
            overlay.overwrite(1700, b"!")
        }
        Case::Longer => {
            overlay.overwrite(3, b"!")?;
            overlay.insert(1030, &[0xbb; 700])
        }
        Case::Shorter => overlay.delete(1000..1600),
        Case::Empty => overlay.delete(..),
    });
    done.expect("within");
}

fn disk() -> TestDisk {
    let disk = TestDisk::new(512);
    disk.put_folder("/files");
    disk.put_folder("/journals");
    disk.put(PATH, &old());
    disk
}

fn bytes_after(case: Case) -> Vec<u8> {
    let mut overlay = open(&disk());
    edit(&mut overlay, case);
    overlay.view().read_at(0, overlay.len() as usize).expect("readable")
}

/// What was found after a cut.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Found {
    Old,
    New,
    /// The journal has both, and each direction leads where it says.
    Recoverable,
    Lost,
}

fn options() -> JournalOptions {
    JournalOptions { has_thread: false, ..JournalOptions::default() }
}

/// The unfinished saving that the next start finds.
fn unfinished(disk: &TestDisk) -> Option<Unfinished<TestMap>> {
    let journals = Journals::open(disk.clone(), "/journals/of").ok()?;
    let listed = journals.of(Path::new(PATH)).ok()?;
    let found = listed.iter().find(|it| it.standing == journal::Standing::UnfinishedSaving)?;
    Some(
        Unfinished::open(&journals, &found.name, Path::new(PATH), options(), false)
            .expect("it can be opened"),
    )
}

/// What the next start makes of a disk. `fresh` makes the same disk again.
fn find(fresh: &dyn Fn() -> TestDisk, old: &[u8], new: &[u8], cut_again: bool) -> Found {
    let disk = fresh();
    if !disk.exists(PATH) {
        return Found::Lost;
    }
    let Some(saving) = unfinished(&disk) else {
        let now = disk.read(PATH);
        return match () {
            () if now == old => Found::Old,
            () if now == new => Found::New,
            () => Found::Lost,
        };
    };
    drop(saving);
    for (direction, wanted) in [(Direction::Forward, new), (Direction::Back, old)] {
        let disk = fresh();
        let saving = unfinished(&disk).expect("as before");
        let way = saving.plan().way;
        let from = disk.call_count();
        if let Err(error) = saving.run(direction) {
            panic!("{direction:?}: {error}");
        }
        let now = disk.read(PATH);
        // A rewrite has one end: the file that has the name.
        let is_right = match way {
            journal::SavingWay::InPlace => now == wanted,
            journal::SavingWay::Rewrite => now == old || now == new,
        };
        if !is_right || disk.list("/files") != ["file"] || disk.crash(&[]).read(PATH) != now {
            return Found::Lost;
        }
        if !cut_again {
            continue;
        }
        for stop in from..disk.call_count() {
            let again = fresh();
            let saving = unfinished(&again).expect("as before");
            again.stop_after(stop);
            saving.run(direction).expect_err("it was stopped");
            for after in again.crashes(8, stop as u64) {
                if let Some(saving) = unfinished(&after) {
                    saving.run(direction).expect("it begins again");
                }
                let now = after.read(PATH);
                let is_right = match way {
                    journal::SavingWay::InPlace => now == wanted,
                    journal::SavingWay::Rewrite => now == old || now == new,
                };
                if !is_right {
                    return Found::Lost;
                }
            }
        }
    }
    Found::Recoverable
}

/// Stops a program at each of its calls, cuts the power in each way, and counts what was found. The program
/// returns whether it said that all is saved.
fn matrix(
    case: Case,
    cuts: usize,
    program: &dyn Fn(&TestDisk) -> (bool, usize),
) -> std::collections::HashMap<String, usize> {
    let (old, new) = (old(), bytes_after(case));
    let probe = disk();
    let (_, from) = program(&probe);
    let mut found = std::collections::HashMap::new();
    for stop in from..=probe.call_count() {
        let stopped = || {
            let disk = disk();
            disk.stop_after(stop);
            let (said, _) = program(&disk);
            (disk, said)
        };
        let (disk, said) = stopped();
        for (index, after) in disk.crashes(cuts, stop as u64).enumerate() {
            // After a cut all that is there is durable, so that this is a copy.
            let fresh = || after.crash(&[]);
            let mut what = find(&fresh, &old, &new, index == 0);
            if said && what != Found::New {
                what = Found::Lost;
            }
            *found.entry(format!("{what:?}")).or_default() += 1;
        }
        // A kill alone.
        let fresh = || stopped().0.other_process();
        let what = find(&fresh, &old, &new, false);
        *found.entry(format!("{what:?}")).or_default() += 1;
    }
    found
}

fn save(disk: &TestDisk, case: Case, way: Way) -> (bool, usize) {
    let mut overlay = open(disk);
    edit(&mut overlay, case);
    // The journal exists since the file was opened; where making it is cut, nothing was saved yet.
    let journals = Journals::open(disk.clone(), "/journals/of");
    let facts = disk.look(Path::new(PATH));
    let (Ok(journals), Ok(facts)) = (journals, facts) else { return (false, 0) };
    let Ok(made) = journals.create(Path::new(PATH), &facts, options()) else { return (false, 0) };
    let from = disk.call_count();
    let saved = overlay.save().way(way).journal(made).run(&Progress::new());
    (saved.is_ok(), from)
}

#[test]
fn no_power_cut_loses_old_and_new() {
    // Without an exchange of names nothing is removed after the rename, and no later sync makes it durable.
    for (way, exchanges) in [(Way::InPlace, true), (Way::Rewrite, true), (Way::Rewrite, false)] {
        for case in CASES {
            let found = matrix(case, 24, &|disk| {
                disk.set_exchanges(exchanges);
                save(disk, case, way)
            });
            assert_eq!(found.get("Lost"), None, "{way:?} {case:?}: {found:?}");
            assert!(found.contains_key("Recoverable"), "{way:?} {case:?}: {found:?}");
            assert!(
                found.contains_key("New") && found.contains_key("Old"),
                "{way:?} {case:?}: {found:?}"
            );
        }
    }
}

/// Wrong orders lose: else the matrix would not see it.
#[test]
fn the_matrix_notices_what_wrong_orders_lose() {
    let new = bytes_after(Case::SameLength);
    let naive = |disk: &TestDisk| -> io::Result<()> {
        let file = disk.open(Path::new(PATH), true)?;
        disk.write_at(&file, &new, 0)?;
        disk.sync(&file, true)
    };
    let found = matrix(Case::SameLength, 24, &|disk| (naive(disk).is_ok(), 0));
    assert!(found.contains_key("Lost"), "{found:?}");

    let without_sync = |disk: &TestDisk| -> io::Result<()> {
        let folder = disk.folder(Path::new("/files"))?;
        let file = disk.create(&folder, "new".as_ref())?;
        disk.write_at(&file, &new, 0)?;
        disk.rename(&folder, "new".as_ref(), "file".as_ref())?;
        disk.sync_folder(&folder)
    };
    let found = matrix(Case::SameLength, 24, &|disk| (without_sync(disk).is_ok(), 0));
    assert!(found.contains_key("Lost"), "{found:?}");

    let done_early = |disk: &TestDisk| -> io::Result<()> {
        let folder = disk.folder(Path::new("/files"))?;
        let file = disk.create(&folder, "new".as_ref())?;
        disk.write_at(&file, &new, 0)?;
        disk.sync(&file, true)?;
        disk.rename(&folder, "new".as_ref(), "file".as_ref())
    };
    let found = matrix(Case::SameLength, 24, &|disk| (done_early(disk).is_ok(), 0));
    assert!(found.contains_key("Lost"), "said to be saved before the folder was synced: {found:?}");
}

#[test]
fn recovery_touches_nothing_that_another_program_wrote_since() {
    let disk = disk();
    let mut overlay = open(&disk);
    edit(&mut overlay, Case::SameLength);
    let made = journal(&disk);
    let probe = {
        let disk = self::disk();
        let mut overlay = open(&disk);
        edit(&mut overlay, Case::SameLength);
        let made = journal(&disk);
        overlay.save().journal(made).run(&Progress::new()).expect("saved");
        disk.calls()
    };
    let first_write = probe
        .iter()
        .find(|call| call.on == PATH && call.kind == memmap_core::testing::CallKind::Write);
    disk.stop_after(first_write.expect("it writes").number + 1);
    overlay.save().journal(made).run(&Progress::new()).expect_err("killed");
    let next = disk.other_process();
    next.write(PATH, 505, b"theirs");
    let before = next.read(PATH);
    let saving = unfinished(&next).expect("cut short");
    assert!(
        matches!(saving.standing(), memmap_edit::Standing::Changed(_)),
        "{:?}",
        saving.standing()
    );
    saving.run(Direction::Back).expect_err("nothing is known of these bytes");
    assert_eq!(next.read(PATH), before);
    // And not to another file of that name.
    next.replace(PATH, &old());
    let saving = unfinished(&next).expect("cut short");
    assert_eq!(saving.standing(), &memmap_edit::Standing::OtherFile);
    saving.run(Direction::Forward).expect_err("it is another file");
    assert_eq!(next.read(PATH), old());
}

/// After a failed sync the cache shows the new bytes and takes them for written. If the program is killed then,
/// the next one finds that all is new, and has to write it all the same.
#[test]
fn bytes_of_a_failed_sync_are_written_again() {
    use memmap_core::testing::{At, CallKind, DiskFault, Times};
    for case in CASES {
        for direction in [Direction::Forward, Direction::Back] {
            let disk = disk();
            let mut overlay = open(&disk);
            edit(&mut overlay, case);
            let made = journal(&disk);
            disk.fail(
                At::on(CallKind::Sync, PATH),
                DiskFault::Error(io::ErrorKind::Other),
                Times::Once,
            );
            overlay.save().journal(made).run(&Progress::new()).expect_err("it was not synced");
            disk.kill();
            let next = disk.other_process();
            let saving = unfinished(&next).expect("unfinished");
            saving.run(direction).expect("it can be written");
            let wanted = if direction == Direction::Forward { bytes_after(case) } else { old() };
            assert_eq!(next.read(PATH), wanted, "{case:?} {direction:?}");
            assert_eq!(next.crash(&[]).read(PATH), wanted, "{case:?} {direction:?}: not durable");
        }
    }
}
