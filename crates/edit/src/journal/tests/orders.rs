//! Orders of saving, right and wrong, over the journal: the power is cut at each call. The wrong ones must
//! lose something, or the disk of tests is blind.

use std::ffi::OsStr;
use std::io;

use super::*;

/// In which order a file is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// No journal.
    Naive,
    /// The journal is written and not synced.
    JournalUnsynced,
    /// The end of the saving is recorded before the file is synced.
    DoneEarly,
    /// The file is not synced at all.
    FileUnsynced,
    /// The file gets longer, and only its bytes are synced.
    LengthUnsynced,
    /// The right one, in place.
    InPlace,
    /// The right one, in place, and the file gets longer.
    Longer,
    /// The new file is renamed before it is synced.
    RenamedUnsynced,
    /// The folder is not synced after the renaming.
    FolderUnsynced,
    /// The right one, beside the file.
    Rewrite,
}

use Order as Is;

const RANGES: [(usize, usize); 2] = [(10, 60), (130, 20)];

fn old() -> Vec<u8> {
    (0..200).collect()
}

fn new(order: Order) -> Vec<u8> {
    let mut bytes = old();
    for (start, len) in RANGES {
        bytes[start..start + len].fill(0xee);
    }
    if matches!(order, Is::Longer | Is::LengthUnsynced) {
        bytes.extend([0xdd; 80]);
    }
    bytes
}

/// The ranges that change, with old and new bytes.
fn ranges(order: Order) -> Vec<(usize, Vec<u8>, Vec<u8>)> {
    let (old, new) = (old(), new(order));
    let mut ranges: Vec<_> = RANGES
        .map(|(start, len)| {
            (start, old[start..start + len].to_vec(), new[start..start + len].to_vec())
        })
        .into();
    if new.len() > old.len() {
        ranges.push((old.len(), Vec::new(), new[old.len()..].to_vec()));
    }
    ranges
}

fn plan_of(order: Order) -> Vec<Record> {
    let way = match order {
        Is::RenamedUnsynced | Is::FolderUnsynced | Is::Rewrite => SavingWay::Rewrite,
        _ => SavingWay::InPlace,
    };
    let (old_len, new_len) = (widen(old().len()), widen(new(order).len()));
    let mut records = vec![Record::Plan(SavingPlan { way, old_len, new_len, state: 1 })];
    if way == SavingWay::InPlace {
        records.extend(
            ranges(order).into_iter().map(|(start, old, new)| {
                Record::Range(SavingRange { start: widen(start), old, new })
            }),
        );
    }
    let mut digest = SavingDigest::default();
    for record in &records {
        digest.add(record);
    }
    records.push(digest.planned());
    records
}

fn write(disk: &TestDisk, file: &TestFile, start: usize, bytes: &[u8]) -> io::Result<()> {
    assert_eq!(disk.write_at(file, bytes, widen(start))?, bytes.len());
    Ok(())
}

/// Saves, and sets `saved` when it would say so.
fn save(
    disk: &TestDisk,
    journal: &Journal<TestDisk>,
    order: Order,
    saved: &mut bool,
) -> Result<(), Box<dyn std::error::Error>> {
    if matches!(order, Is::RenamedUnsynced | Is::FolderUnsynced | Is::Rewrite) {
        journal.append_now(&plan_of(order))?;
        let folder = disk.folder(Path::new("/data"))?;
        let temporary = OsStr::new(".file.tmp");
        let name = temporary.as_encoded_bytes().to_vec();
        journal.append_now(&[Record::Rewriting(Rewriting { name, file: None })])?;
        let file = disk.create(&folder, temporary)?;
        write(disk, &file, 0, &new(order))?;
        if order != Is::RenamedUnsynced {
            disk.sync(&file, true)?;
        }
        disk.exchange(&folder, temporary, OsStr::new("file"))?;
        if order != Is::FolderUnsynced {
            disk.sync_folder(&folder)?;
        }
        journal.append_now(&[Record::Done])?;
        *saved = true;
        return Ok(());
    }
    match order {
        Is::Naive => {}
        Is::JournalUnsynced => {
            for record in &plan_of(order) {
                journal.append(record);
            }
            journal.write()?;
        }
        _ => drop(journal.append_now(&plan_of(order))?),
    }
    let file = disk.open(Path::new(FILE), true)?;
    for (start, _, new) in ranges(order) {
        write(disk, &file, start, &new)?;
    }
    if order == Is::DoneEarly {
        journal.append_now(&[Record::Done])?;
    }
    if order != Is::FileUnsynced {
        disk.sync(&file, order != Is::LengthUnsynced)?;
    }
    if !matches!(order, Is::Naive | Is::DoneEarly) {
        journal.append_now(&[Record::Done])?;
    }
    *saved = true;
    Ok(())
}

/// The bytes of the file after recovery forwards and back; `None`: nothing is to be recovered.
fn recovered(disk: &TestDisk) -> Option<(Vec<u8>, Vec<u8>)> {
    let (records, _) = read(disk, &paths(disk)[0]).unwrap();
    let mut summary = Summary::default();
    for record in &records {
        summary.add(record);
    }
    let plan = summary.saving.filter(|plan| plan.way == SavingWay::InPlace)?;
    let (mut forward, mut back) = (disk.read(FILE), disk.read(FILE));
    forward.resize(usize::try_from(plan.new_len).unwrap(), 0);
    back.resize(usize::try_from(plan.old_len).unwrap(), 0);
    for record in &records {
        if let Record::Range(SavingRange { start, old, new }) = record {
            let start = usize::try_from(*start).unwrap();
            forward[start..start + new.len()].copy_from_slice(new);
            back[start..start + old.len()].copy_from_slice(old);
        }
    }
    Some((forward, back))
}

/// The number of power cuts that were tried, and of those that lost something.
fn cuts(order: Order) -> (usize, usize) {
    let (mut tried, mut lost) = (0, 0);
    let mut stop = 0;
    loop {
        let disk = disk_of(64);
        disk.put(FILE, &old());
        let journal = start(&disk).unwrap();
        let first = disk.call_count();
        disk.stop_after(first + stop);
        let mut saved = false;
        let ended = save(&disk, &journal, order, &mut saved);
        for after in disk.crashes(500, 11) {
            tried += 1;
            let file = after.read(FILE);
            let is_right = match recovered(&after) {
                None if saved => file == new(order),
                None => file == old() || file == new(order),
                Some((forward, back)) => forward == new(order) && back == old(),
            };
            lost += usize::from(!is_right);
        }
        if ended.is_ok() {
            return (tried, lost);
        }
        stop += 1;
    }
}

#[test]
fn the_right_orders_lose_nothing() {
    for order in [Is::InPlace, Is::Longer, Is::Rewrite] {
        let (tried, lost) = cuts(order);
        assert!(tried > 30 && lost == 0, "{order:?}: {lost} of {tried}");
    }
}

#[test]
fn each_wrong_order_loses_something() {
    for order in [
        Is::Naive,
        Is::JournalUnsynced,
        Is::DoneEarly,
        Is::FileUnsynced,
        Is::LengthUnsynced,
        Is::RenamedUnsynced,
        Is::FolderUnsynced,
    ] {
        let (tried, lost) = cuts(order);
        assert!(lost > 0, "{order:?}: {lost} of {tried}");
    }
}

/// A saving whose sync failed and whose process was killed; then a recovery that finds only new bytes.
fn recovery_after_a_failed_sync(writes_anew: bool) -> usize {
    let killed = disk_of(64);
    killed.put(FILE, &old());
    let journal = start(&killed).unwrap();
    killed.fail(At::on(CallKind::Sync, FILE), DiskFault::Error(io::ErrorKind::Other), Times::Once);
    save(&killed, &journal, Is::InPlace, &mut false).unwrap_err();
    killed.kill();
    let next = killed.other_process();
    assert_eq!(next.read(FILE), new(Is::InPlace), "the cache has the new bytes");
    let name = paths(&next).remove(0);
    let journal =
        journals(&next).unwrap().resume(name.file_name().unwrap(), MANUAL, false).unwrap();
    if writes_anew {
        let file = next.open(Path::new(FILE), true).unwrap();
        for (start, _, new) in ranges(Is::InPlace) {
            write(&next, &file, start, &new).unwrap();
        }
        next.sync(&file, true).unwrap();
    }
    journal.append_now(&[Record::Done]).unwrap();
    next.crashes(500, 1).filter(|after| after.read(FILE) != new(Is::InPlace)).count()
}

#[test]
fn a_recovery_that_finds_only_new_bytes_has_to_write_them_anew() {
    assert!(recovery_after_a_failed_sync(false) > 0);
    assert_eq!(recovery_after_a_failed_sync(true), 0);
}
