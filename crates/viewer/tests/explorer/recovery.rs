//! What an earlier session left is asked about before a file is shown.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use memmap::edit::journal::{
    JournalOptions, Record, SavingDigest, SavingPlan, SavingRange, SavingWay,
};
use memmap::edit::{Disk, EditedFile, Journal, Journals};
use memmap::{MemMap, Mode};

use super::saving::Edited;

/// Writes these ranges, of which a kill left the first `done` in the file.
fn cut_short(file: &Edited, ranges: &[(u64, &[u8])], done: usize) {
    let overlay = EditedFile::new(MemMap::open(&file.path, Mode::Read).unwrap());
    let journals = Journals::open(Disk, file.journals()).unwrap();
    let journal = journals.create_of(&overlay, JournalOptions::default()).unwrap();
    let mut bytes = file.bytes();
    let len = u64::try_from(bytes.len()).unwrap();
    let plan = SavingPlan { way: SavingWay::InPlace, old_len: len, new_len: len, state: 0 };
    let mut records = vec![Record::Plan(plan)];
    for (at, (start, new)) in ranges.iter().enumerate() {
        let place = usize::try_from(*start).unwrap();
        let old = &mut bytes[place..place + new.len()];
        records.push(Record::Range(SavingRange {
            start: *start,
            old: old.to_vec(),
            new: new.to_vec(),
        }));
        if at < done {
            old.copy_from_slice(new);
        }
    }
    let mut digest = SavingDigest::default();
    for record in &records {
        digest.add(record);
    }
    records.push(digest.planned());
    journal.append_now(&records).unwrap();
    fs::write(&file.path, bytes).unwrap();
}

/// Cuts the file to this length, which a kill left without an end, and the last byte before it not written.
fn cut_to(file: &Edited, new_len: u64) {
    let overlay = EditedFile::new(MemMap::open(&file.path, Mode::Read).unwrap());
    let journals = Journals::open(Disk, file.journals()).unwrap();
    let journal = journals.create_of(&overlay, JournalOptions::default()).unwrap();
    let mut bytes = file.bytes();
    let old_len = u64::try_from(bytes.len()).unwrap();
    let place = usize::try_from(new_len - 1).unwrap();
    let plan = SavingPlan { way: SavingWay::InPlace, old_len, new_len, state: 0 };
    let range =
        SavingRange { start: new_len - 1, old: bytes[place..].to_vec(), new: b"\xff".to_vec() };
    let mut records = vec![Record::Plan(plan), Record::Range(range)];
    let mut digest = SavingDigest::default();
    for record in &records {
        digest.add(record);
    }
    records.push(digest.planned());
    journal.append_now(&records).unwrap();
    bytes.truncate(place + 1);
    bytes[place] = 0xff;
    // One byte of the end is still the old one, so that something is left to do.
    bytes.push(file.bytes()[place + 1]);
    fs::write(&file.path, bytes).unwrap();
}

/// Leaves an edit that nobody saved.
fn leave_an_edit(path: &Path, journals: &Path) {
    let mut overlay = EditedFile::new(MemMap::open(path, Mode::Read).unwrap());
    let journals = Journals::open(Disk, journals).unwrap();
    let journal = Arc::new(journals.create_of(&overlay, JournalOptions::default()).unwrap());
    let recorder: Arc<Journal> = Arc::clone(&journal);
    overlay.record_to(recorder);
    overlay.overwrite(5, b"edit").unwrap();
    overlay.insert(0, b">>").unwrap();
    drop(overlay);
    Arc::into_inner(journal).unwrap().close().unwrap();
}

const RANGES: [(u64, &[u8]); 2] = [(0x10, b"new one"), (0x400, b"new two")];

/// The screen without the time.
fn without_time(screen: &str) -> String {
    let lines = screen.lines().map(|line| match line.find("On 2") {
        Some(at) => {
            format!("{}DAY{}", &line[..at + 3], &line[at + 3 + "2026-03-14 at 09:26:53".len()..])
        }
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_saving_that_was_cut_short_is_finished_or_taken_back() {
    for (keys, is_new) in [("j\ny", true), ("\ny", false)] {
        let file = Edited::new();
        let old = file.bytes();
        cut_short(&file, &RANGES, 1);
        let mixed = file.bytes();
        let mut view = file.open((80, 24));
        if is_new {
            insta::assert_snapshot!("saving did not finish", without_time(&view.screen()));
        }
        // Enter shows what is written, and Esc goes back.
        view.keys("j\n");
        let asked = "Finish saving (7 B are written to the file)?";
        assert!(view.screen().contains(asked), "{}", view.screen());
        view.keys("\x1bk");
        assert_eq!(file.bytes(), mixed);
        view.keys(keys);
        let mut new = old.clone();
        new[0x10..0x17].copy_from_slice(b"new one");
        new[0x400..0x407].copy_from_slice(b"new two");
        assert_eq!(file.bytes(), if is_new { new } else { old });
        let said = if is_new { "the saving is finished" } else { "the old bytes are back" };
        assert!(view.screen().contains("0000000"), "{}", view.screen());
        assert!(view.footer().contains(said), "{}", view.footer());
        drop(view);
        assert!(!file.open((80, 24)).screen().contains("did not finish"), "asked once");
    }
}

#[test]
fn esc_opens_read_only_and_the_question_comes_again() {
    let file = Edited::new();
    cut_short(&file, &RANGES, 1);
    let mixed = file.bytes();
    for keys in ["\x1b", "jjj\n"] {
        let mut view = file.open((80, 24));
        assert!(view.screen().contains("saving did not finish"));
        view.keys(keys);
        assert!(view.screen().contains("read-only"), "{}", view.screen());
    }
    assert_eq!(file.bytes(), mixed);
}

#[test]
fn what_is_whole_is_not_asked_about() {
    for done in [0, 2] {
        let file = Edited::new();
        cut_short(&file, &RANGES, done);
        let screen = file.open((80, 24)).screen();
        assert!(!screen.contains("did not finish") && screen.contains("read-only"), "{screen}");
    }
}

#[test]
fn what_another_program_wrote_since_is_not_touched() {
    let file = Edited::new();
    cut_short(&file, &RANGES, 1);
    let mut theirs = file.bytes();
    theirs[0x402] = b'?';
    fs::write(&file.path, &theirs).unwrap();
    let mut view = file.open((80, 24));
    insta::assert_snapshot!("another program wrote since", without_time(&view.screen()));
    view.keys("\ny");
    assert_eq!(file.bytes(), theirs);
}

#[test]
fn what_the_journal_has_is_compared_and_nothing_is_written() {
    let file = Edited::new();
    let old = file.bytes();
    cut_short(&file, &RANGES, 1);
    let mixed = file.bytes();
    let mut view = file.open((80, 24));
    view.keys("jj\n");
    insta::assert_snapshot!("compared with the old bytes", view.screen());
    view.keys("]d");
    assert_eq!(view.at(), 0x10);
    assert!(view.footer().contains("difference 1 of 1: 7 B"), "{}", view.footer());
    view.keys(":edit on\n");
    assert!(view.footer().contains("is decided first"), "{}", view.footer());
    // The question is there again, and so is what it can do.
    view.keys("q");
    assert!(view.screen().contains("saving did not finish"), "{}", view.screen());
    assert_eq!((file.bytes(), view.exit()), (mixed, None));
    view.keys("kk\ny");
    assert_eq!(file.bytes(), old);
}

#[test]
fn old_bytes_beyond_an_end_that_was_cut_are_compared() {
    let file = Edited::new();
    // The new version is shorter. Old ranges that are long stay in the journal.
    let big = Edited::new();
    fs::write(&big.path, vec![7; 200_000]).unwrap();
    for (file, new_len) in [(&file, 4000), (&big, 100_000)] {
        cut_to(file, new_len);
        let left = file.bytes();
        let mut view = file.open((160, 50));
        view.keys("jj\n]d");
        assert_eq!(view.at(), new_len - 1, "{}", view.screen());
        assert!(view.screen().contains("before saving"), "{}", view.screen());
        assert!(file.bytes() == left);
    }
}

#[test]
fn bytes_of_another_program_and_unsaved_edits_are_compared() {
    let file = Edited::new();
    cut_short(&file, &RANGES, 1);
    let mut theirs = file.bytes();
    theirs[0x402] = b'?';
    fs::write(&file.path, &theirs).unwrap();
    let mut view = file.open((80, 24));
    view.keys("\n]d]d");
    assert_eq!(view.at(), 0x402, "{}", view.screen());

    let file = Edited::new();
    leave_an_edit(&file.path, &file.journals());
    let mut view = file.open((80, 24));
    view.keys("jj\n");
    assert!(view.screen().contains("demo.bin with the edits"), "{}", view.screen());
    // Closed, the edits can still be taken.
    view.keys("qkk\n");
    assert_eq!(view.len(), 4098);
}

#[test]
fn unsaved_edits_are_taken_or_discarded() {
    let file = Edited::new();
    leave_an_edit(&file.path, &file.journals());
    let old = file.bytes();
    let mut view = file.open((80, 24));
    insta::assert_snapshot!("unsaved edits", without_time(&view.screen()));
    view.keys("\n");
    assert_eq!(view.len(), 4098);
    assert!(view.screen().contains("writable"), "{}", view.screen());
    assert!(view.screen().contains("3e 3e 00 01 02 03 04 65  64 69 74"), "{}", view.screen());
    view.keys(":q\n");
    assert!(view.footer().contains("2 edits are not saved"), "{}", view.footer());
    // Another one sees that the first goes on.
    let other = file.open((80, 24));
    assert!(other.footer().contains("open in another lazyhex (pid "), "{}", other.footer());
    drop(other);
    view.terminate();
    drop(view);
    let mut view = file.open((80, 24));
    view.keys("j\n");
    assert!(view.screen().contains("Discard the edits?"), "{}", view.screen());
    view.keys("y");
    assert!(view.footer().contains("discarded"), "{}", view.footer());
    drop(view);
    assert!(!file.open((80, 24)).screen().contains("unsaved"));
    assert_eq!(file.bytes(), old);
}

#[test]
fn edits_over_a_file_that_changed_are_conflicts() {
    let file = Edited::new();
    leave_an_edit(&file.path, &file.journals());
    let mut theirs = file.bytes();
    theirs[6] = 0x99;
    fs::write(&file.path, &theirs).unwrap();
    let mut view = file.open((80, 24));
    view.keys("\n:w\n");
    assert!(view.screen().contains("the file changed after you saw it"), "{}", view.screen());
    view.keys("\x1b");
    assert_eq!(file.bytes(), theirs);
}
