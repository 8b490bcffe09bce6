//! Commands that change bytes, and undo.

use super::*;

#[test]
fn ranges_are_filled_and_deleted_by_command() {
    let (_file, mut view) = edit_demo((80, 24));
    for (line, said) in [
        (":fill 00\n", "nothing is selected; v begins a selection"),
        (":fill 0..4 0\n", "write bytes as hex digits, as de ad, or as \"text\""),
        (":fill 4..4 00\n", "a range is START..END, and not empty"),
        (":delete\n", "nothing is selected; v begins a selection"),
        (":delete 8\n", "a range is START..END"),
        (":insert\n", "write bytes as hex digits"),
        (":s/00\n", "write s/HEX/HEX/"),
        (":s//00/\n", "write s/HEX/HEX/"),
        (":s/zz/00/\n", "zz"),
        (":undo x\n", "a number, or a time as 30s, 10m, 2h"),
    ] {
        view.keys(line);
        assert!(view.footer().contains(said), "{line:?}: {}", view.footer());
        view.keys("\x1b");
    }
    assert_eq!(view.keys(":fill 1..5 deadbe\n").footer(), "filled 4 B");
    assert_eq!(row(&view, "00000000")[10..27], *"93 de ad be de 01");
    view.keys("u02lv2l:fill \"z\"\n");
    assert_eq!(row(&view, "00000000")[10..24], *"93 44 7a 7a 7a");
    assert_eq!(view.keys("u:delete ..0x10\n").footer(), "deleted 16 B; 8176 bytes (-16)");
    assert_eq!(view.keys("u:delete 0x10..\n").footer(), "deleted 7.98 KiB; 16 bytes (-8176)");
    assert_eq!(view.keys("u:fill 8000..8192 ff\n").footer(), "filled 192 B");
    assert!(view.keys("u:fill 8000..8193 ff\n").footer().contains("E: "), "{}", view.footer());
    view.keys("\x1b");
    assert_eq!(view.keys("gg:insert 01 02\n").footer(), "inserted 2 B; 8194 bytes (+2)");
    view.keys("u:insert \"hi\"\n");
    assert_eq!(row(&view, "00000000")[10..18], *"68 69 93");
}

#[test]
fn a_file_is_inserted_if_it_is_not_too_long() {
    let (_file, mut view) = edit_demo((80, 24));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("part");
    std::fs::write(&path, b"xyz").unwrap();
    let line = format!(":insert {}\n", path.display());
    assert_eq!(view.keys("l").keys(&line).footer(), "inserted 3 B; 8195 bytes (+3)");
    assert_eq!(row(&view, "00000000")[10..24], *"93 78 79 7a 44");
    std::fs::write(&path, vec![1; (4 << 20) + 1]).unwrap();
    view.keys(&line);
    assert_eq!(
        view.footer(),
        "E: not inserted: 4.00 MiB, and at most 4.00 MiB are without a journal"
    );
    std::fs::write(&path, b"").unwrap();
    assert_eq!(
        view.keys("\x1b").pass(std::time::Duration::from_secs(3)).keys(&line).footer(),
        "the file is empty: nothing is inserted"
    );
    std::fs::remove_file(&path).unwrap();
    assert!(view.keys(&line).footer().starts_with("E: "), "{}", view.footer());
    assert_eq!(view.len(), 8195);
    // What it was meant for may be another place meanwhile.
    std::fs::write(&path, b"xyz").unwrap();
    view.hold_jobs(true).keys(&line).keys("x").hold_jobs(false).settle();
    assert_eq!(
        (view.len(), view.footer()),
        (8194, "E: not inserted: the bytes were edited meanwhile".to_owned())
    );
}

#[test]
fn all_matches_are_replaced_as_one_step() {
    let file = OnDisk::new(b"one two one two one");
    let mut view = writable(&file, (80, 24));
    assert_eq!(
        view.keys(":s/6f 6e 65/31/\n").footer(),
        "3 matches replaced: 6f 6e 65 → 31; 13 bytes (-6)"
    );
    assert_eq!(row(&view, "00000000")[10..18], *"31 20 74");
    assert!(title(&view).contains("[+] 1 edit "), "{}", title(&view));
    view.keys("u");
    assert_eq!(view.len(), 19);
    // In the selection only; with any digit; and with nothing in its place.
    assert_eq!(
        view.keys(":4\nv8l:s/6f ?? 65/00 00 00/\n").footer(),
        "1 match replaced: 6f 6e 65 → 00 00 00; 19 bytes"
    );
    assert_eq!(view.at(), 8);
    view.keys("u:s/20//\n");
    assert_eq!(
        (view.len(), view.footer()),
        (15, "4 matches replaced: 20 → nothing; 15 bytes (-4)".to_owned())
    );
    assert_eq!(view.keys("u:s/ff ff/00/\n").footer(), "no match: nothing is replaced");
    view.hold_jobs(true).keys(":s/6f/4f/\n").keys("x").hold_jobs(false).settle();
    assert_eq!(view.footer(), "E: not replaced: the bytes were edited meanwhile");
}

#[test]
fn undo_and_redo_are_commands_too() {
    let (_file, mut view) = edit_demo((80, 24));
    view.keys(":undo\n");
    assert_eq!(view.footer(), "there is nothing to undo");
    view.keys("xxxx:undo 3\n");
    assert_eq!((view.len(), view.footer()), (8191, "undone: 3 edits; 8191 bytes (-1)".to_owned()));
    view.keys(":redo 2\n");
    assert_eq!(view.len(), 8189);
    // All were made within an hour.
    assert_eq!(view.keys(":undo 1h\n").footer(), "gone back by 3 edits; 8192 bytes");
    view.keys(":redo 99\n");
    assert_eq!(view.len(), 8188);
    assert_eq!(view.keys("r").footer(), "read again; the edits are kept");
    assert_eq!((view.len(), title(&view).contains("[+] 4 edits")), (8188, true));
}

#[test]
fn commands_are_refused_on_a_file_that_is_read_only() {
    let file = OnDisk::new(&demo());
    let mut view = file.view((80, 24));
    for line in
        [":fill 0..1 00\n", ":delete 0..1\n", ":insert 00\n", ":s/00/01/\n", ":paste hex 00\n"]
    {
        view.keys(line);
        assert!(view.footer().contains("read-only: :edit on allows changes"), "{}", view.footer());
        view.keys("\x1b");
    }
    assert!(view.keys(":undo\n").footer().starts_with("read-only: "), "{}", view.footer());
}

#[test]
fn edits_are_compared_with_the_file_on_disk() {
    let (_file, mut view) = edit_demo((160, 24));
    view.keys(":diff\n");
    assert!(view.footer().contains("name the file to compare with"), "{}", view.footer());
    view.keys("\x1b:0x18\nRdead\x1b:diff\n");
    assert!(
        title(&view).contains("demo.bin ↔ demo.bin on disk  same offsets  1 range"),
        "{}",
        title(&view)
    );
    // The first one is what is shown, and goes on to be edited.
    view.keys(":0x40\n").keys("R00\x1b");
    assert!(title(&view).contains("2 ranges"), "{}", title(&view));
    let (_file, mut view) = edit_demo((160, 24));
    view.keys("i0102\x1b:diff\n");
    assert!(title(&view).contains("aligned"), "{}", title(&view));
}
