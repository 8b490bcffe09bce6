//! Plans that are shown, saved, refused and decided, and edits that are not left by mistake.

use std::fs;
use std::path::PathBuf;

use crossterm::event::KeyCode;
use lazyhex::ExitReason;
use lazyhex::testing::{Stage, settings_with_journals};
use memmap::{MemMap, Mode};
use tempfile::TempDir;

/// A file, a folder for its journals, and a view that may edit it.
pub(crate) struct Edited {
    pub(crate) dir: TempDir,
    pub(crate) path: PathBuf,
}

impl Edited {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("demo.bin");
        let bytes: Vec<u8> = (0..4096_u32).map(|n| n.to_le_bytes()[0]).collect();
        fs::write(&path, bytes).unwrap();
        Self { dir, path }
    }

    pub(crate) fn journals(&self) -> PathBuf {
        self.dir.path().join("journals")
    }

    /// A view that is not asked anything yet.
    pub(crate) fn open(&self, size: (u16, u16)) -> Stage {
        let mut stage = Stage::with(settings_with_journals(&self.journals()), size, None);
        stage.open("demo.bin", MemMap::open(&self.path, Mode::Read).unwrap().erase()).begin();
        stage
    }

    /// One that may edit.
    pub(crate) fn view(&self, size: (u16, u16)) -> Stage {
        let mut stage = self.open(size);
        stage.keys(":edit on\n");
        stage
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }
}

#[test]
fn a_plan_is_shown_and_saved_after_a_yes() {
    let file = Edited::new();
    for size in [(80, 24), (160, 50), (60, 12)] {
        let mut view = file.view(size);
        assert!(view.screen().contains("writable"), "{}", view.screen());
        view.overwrite(0x12, &[0xb7]).overwrite(0x18, &[0xde, 0xad]);
        let before = file.bytes();
        view.keys(":w\n");
        insta::assert_snapshot!(format!("a plan at {}x{}", size.0, size.1), view.screen());
        // Enter is no yes.
        view.keys("\n\n\x1b");
        assert!(!view.screen().contains("Save?"));
        assert_eq!(file.bytes(), before);
        view.ctrl('s').keys("y");
        assert_eq!(view.footer(), "saved 2 ranges, 3 bytes; :undo restores the old bytes");
        assert_eq!((file.bytes()[0x12], &file.bytes()[0x18..0x1a]), (0xb7, &[0xde, 0xad][..]));
        assert!(!view.screen().contains("changed on disk"));
        view.keys(":w\n");
        assert_eq!(view.footer(), "nothing to save: there are no edits");
        view.keys("q");
        assert_eq!(view.exit(), Some(ExitReason::Quit));
        fs::write(&file.path, (0..4096_u32).map(|n| n.to_le_bytes()[0]).collect::<Vec<_>>())
            .unwrap();
    }
}

#[test]
fn a_range_says_the_field_that_it_is_in() {
    let file = Edited::new();
    let mut bytes = 0xa1b2_c3d4_u32.to_le_bytes().to_vec();
    bytes.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0]);
    fs::write(&file.path, &bytes).unwrap();
    for size in [(80, 24), (160, 50), (60, 12)] {
        let mut view = file.view(size);
        view.overwrite(4, &[3]).overwrite(0x10, &[0xff, 0, 1, 0, 2]).keys(":w\n");
        insta::assert_snapshot!(
            format!("a plan with fields at {}x{}", size.0, size.1),
            view.screen()
        );
        view.keys("\x1bq!");
    }
    // Without a format, and after another edit, there is no name.
    let mut view = file.view((80, 24));
    view.keys(":format off\n").overwrite(4, &[3]).keys(":w\n");
    assert!(view.screen().contains("Save?"), "{}", view.screen());
    assert!(!view.screen().contains("version_major"), "{}", view.screen());
}

#[test]
fn many_ranges_are_the_largest_and_all_of_them_when_asked() {
    let file = Edited::new();
    let mut view = file.view((80, 24));
    for at in 0..20 {
        view.overwrite(at * 100, &vec![0xff; usize::try_from(at).unwrap() + 1]);
    }
    view.keys(":w\n");
    assert!(view.screen().contains("… 12 more, 78 B; Enter lists them"), "{}", view.screen());
    view.keys("d");
    assert!(view.screen().contains("0x000000") && view.screen().contains("more lines"));
    view.keys("jjjj");
    assert!(!view.screen().contains("0x000000 "), "{}", view.screen());
    view.keys("y");
    assert_eq!(view.footer(), "saved 20 ranges, 210 bytes; :undo restores the old bytes");
}

#[test]
fn other_editors_that_have_the_file_open_are_said() {
    let file = Edited::new();
    let mut view = file.view((80, 24));
    fs::write(file.dir.path().join(".demo.bin.swp"), "b0").unwrap();
    fs::write(file.dir.path().join(".#demo.bin"), "").unwrap();
    view.overwrite(0x12, &[0xb7]).keys(":w\n");
    let screen = view.screen();
    assert!(screen.contains("! open in vim, or vim was killed: .demo.bin.swp"), "{screen}");
    assert!(screen.contains("! edited in emacs, or emacs was killed: .#demo.bin"), "{screen}");
    view.keys("y");
    assert_eq!(file.bytes()[0x12], 0xb7, "both are no reason to refuse");
}

#[test]
fn read_only_views_and_views_without_edits_save_nothing() {
    let file = Edited::new();
    let mut view = file.open((80, 24));
    view.keys(":w\n");
    assert_eq!(view.footer(), "E: the file is read-only: :edit on allows edits");
    view.keys(":edit on\n").overwrite(3, &[1]).keys(":edit off\n");
    assert!(view.footer().contains("1 edit is not saved: :w saves"), "{}", view.footer());
    view.keys("\x1b:w\ny:edit off\n");
    assert!(view.screen().contains("read-only"));
    assert_eq!(file.bytes()[3], 1);
}

#[test]
fn a_selection_or_all_bytes_become_a_new_file() {
    let file = Edited::new();
    let mut view = file.view((80, 24));
    view.overwrite(0, b"edited");
    let new = file.dir.path().join("new");
    view.keys(&format!(":w {}\n", new.display()));
    assert!(view.footer().contains("Write all 4096 bytes to a new file? Enter to confirm"));
    view.keys("\n");
    assert_eq!(&fs::read(&new).unwrap()[..6], b"edited");
    assert_eq!(file.bytes()[0], 0, "the file itself is not saved");
    view.keys(&format!(":w {}\n\n", new.display()));
    assert!(view.footer().contains("exists"), "{}", view.footer());
    fs::write(&new, b"old").unwrap();
    view.pass(super::SECOND * 3).keys(&format!(":w! {}\n", new.display()));
    assert!(view.footer().contains("to this file, replacing it?"), "{}", view.footer());
    view.keys("\n");
    assert_eq!(fs::read(&new).unwrap().len(), 4096);
    view.keys(&format!(":w! {}\n\n", file.path.display()));
    assert!(view.footer().contains("itself: :w saves it"), "{}", view.footer());
    view.pass(super::SECOND * 3);
    view.keys(&format!("\x1b:tab {}\n", file.path.display()));
    assert!(!view.footer().contains("another lazyhex"), "{}", view.footer());
    view.keys("q");
    let part = file.dir.path().join("part");
    view.keys("vlll").keys(&format!(":export {}\n\n", part.display()));
    assert_eq!(fs::read(&part).unwrap(), b"edit");
}

#[test]
fn what_another_program_wrote_is_decided_range_by_range() {
    let file = Edited::new();
    let mut view = file.view((80, 24));
    view.overwrite(0x120, &[0xde, 0xad, 0xbe, 0xef])
        .overwrite(0x3f0, &[0x40, 0])
        .overwrite(9, b"!");
    let mut theirs = file.bytes();
    theirs[0x121] = 0x78;
    theirs[0x3f0] = 0x99;
    fs::write(&file.path, &theirs).unwrap();
    view.keys(":w\n");
    insta::assert_snapshot!("conflicts", view.screen());
    view.keys("\x1b");
    assert_eq!(file.bytes(), theirs, "nothing was written");
    // Mine there, theirs here, and what is not in conflict.
    view.keys(":w\nmt");
    assert!(view.screen().contains("! 1 range of another program"), "{}", view.screen());
    view.keys("y");
    assert_eq!(view.footer(), "saved 2 ranges, 5 bytes; :undo restores the old bytes");
    let saved = file.bytes();
    assert_eq!(&saved[0x120..0x124], [0xde, 0xad, 0xbe, 0xef]);
    assert_eq!(&saved[0x3f0..0x3f2], [0x99, 0xf1]);
    assert_eq!(saved[9], b'!');
}

#[test]
fn all_of_theirs_leaves_nothing_to_save_and_enter_goes_to_the_place() {
    let file = Edited::new();
    let mut view = file.view((80, 24));
    view.overwrite(0x120, &[0xde, 0xad]);
    let mut theirs = file.bytes();
    theirs[0x121] = 0x78;
    fs::write(&file.path, &theirs).unwrap();
    view.keys(":w\n\n");
    assert_eq!(view.at(), 0x120);
    view.keys(":w\nT");
    assert!(
        view.screen().contains("nothing to write: the file has these bytes"),
        "{}",
        view.screen()
    );
    view.keys("y:q\n");
    assert_eq!(view.exit(), Some(ExitReason::Quit));
    assert_eq!(file.bytes(), theirs);
}

#[test]
fn edits_are_left_only_when_that_is_said() {
    let file = Edited::new();
    let mut view = file.view((80, 24));
    view.overwrite(0x12, &[0xb7]).overwrite(0x18, &[0xde]);
    view.keys(":q\n");
    assert_eq!(view.footer(), "E: 2 edits are not saved: :w saves, :q! leaves without them");
    view.pass(super::SECOND * 3).keys("q");
    insta::assert_snapshot!("leave", view.screen());
    view.keys("x\n\x1b");
    assert_eq!(view.exit(), None);
    // The plan first, and Esc stays.
    view.keys("qw");
    assert!(view.screen().contains("Save?"));
    view.keys("\x1b");
    assert_eq!(view.exit(), None);
    view.ctrl('c').keys("dy");
    assert_eq!(view.exit(), Some(ExitReason::Quit));
    assert_eq!((file.bytes()[0x12], file.bytes()[0x18]), (0xb7, 0xde));
    drop(view);

    for keys in ["q!", ":q!\n", ":qa!\n"] {
        let mut view = file.view((80, 24));
        view.overwrite(0, &[0xff]).keys(keys);
        assert_eq!(view.exit(), Some(ExitReason::Quit), "{keys}");
        assert_eq!(file.bytes()[0], 0);
        drop(view);
        assert!(!file.open((80, 24)).screen().contains("unsaved"), "they were discarded");
    }
    let mut view = file.view((80, 24));
    view.overwrite(0, &[0xff]).keys(":wq\ny");
    assert_eq!((view.exit(), file.bytes()[0]), (Some(ExitReason::Quit), 0xff));
}

#[test]
fn a_view_of_a_document_that_others_show_closes_without_a_question() {
    let file = Edited::new();
    let mut view = file.view((80, 24));
    view.overwrite(0, &[0xff]).keys(":split\nq");
    assert!(!view.screen().contains("leave?"));
    assert_eq!(view.open_count(), (1, 1));
    view.press(KeyCode::Char('q'));
    assert!(view.screen().contains("leave?"));
}

#[test]
fn a_saving_is_stopped_only_after_a_yes() {
    let file = Edited::new();
    let mut view = file.view((80, 24));
    view.overwrite(0, &[0xff]).keys(":w\n").hold_all_jobs().keys("y");
    assert_eq!(view.jobs(), ["save"]);
    view.keys("\x1b");
    assert!(view.footer().contains("stop saving?"), "{}", view.footer());
    view.keys("\x1bq");
    assert_eq!(view.exit(), None);
    view.keys("\x1b").ctrl('c');
    assert!(view.footer().contains("stop saving?"), "{}", view.footer());
    view.keys("y").finish(0);
    assert_eq!(view.footer(), "not saved; the file is as it was");
    assert_eq!(file.bytes()[0], 0);
    view.hold_jobs(false).keys(":w\ny");
    assert_eq!(file.bytes()[0], 0xff);
}

#[test]
fn a_signal_leaves_the_edits_in_the_journal() {
    let file = Edited::new();
    let mut view = file.view((80, 24));
    view.overwrite(0, &[0xff]).terminate();
    assert_eq!(view.exit(), Some(ExitReason::Terminated));
    drop(view);
    let mut view = file.open((80, 24));
    assert!(view.screen().contains("lazyhex ended with 1 edit"), "{}", view.screen());
    view.keys("\n:w\ny");
    assert_eq!(file.bytes()[0], 0xff);
}

#[test]
fn a_reload_keeps_the_edits() {
    let file = Edited::new();
    let mut view = file.view((80, 24));
    view.overwrite(0, &[0xff]).keys("r");
    let mut theirs = file.bytes();
    theirs[0x20] = 0xaa;
    fs::write(&file.path, &theirs).unwrap();
    view.focus().pass(super::SECOND * 2).keys("r");
    assert!(view.screen().contains("00000000  ff 01"), "{}", view.screen());
    assert!(view.screen().contains("00000020  aa 21"), "{}", view.screen());
}

#[test]
fn a_large_file_is_copied_beside_the_journal_and_saved() {
    let file = Edited::new();
    let other = file.dir.path().join("other");
    let more: Vec<u8> = (0..(4 << 20) + 5_u32).map(|n| n.to_be_bytes()[2]).collect();
    fs::write(&other, &more).unwrap();
    let mut view = file.view((80, 24));
    view.keys(&format!("ll:insert {}\n", other.display()));
    assert_eq!(view.footer(), "inserted 4.00 MiB; 4198405 bytes (+4194309)");
    // It is a copy: what becomes of the file is of no interest.
    fs::write(&other, b"changed").unwrap();
    view.keys(":w\ny");
    assert!(view.footer().starts_with("saved "), "{}", view.footer());
    let (bytes, end) = (file.bytes(), more.len() + 2);
    assert!(bytes[..2] == [0, 1] && bytes[2..end] == more && bytes[end..end + 2] == [2, 3]);
    view.keys("u");
    assert_eq!(view.len(), 4096);
}
