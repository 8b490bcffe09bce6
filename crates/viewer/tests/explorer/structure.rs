//! The fields of a file: recognition, the tree, colours, and what happens when bytes are lost or change.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;

use crossterm::event::KeyCode;
use lazyhex::testing::Stage;
use memmap::{AnyMap, Map, MemMap, Mode, RamMap};
use memmap_core::testing::{Fake, Fault};
use ratatui::style::{Modifier, Style};
use tempfile::TempDir;

use super::{OnDisk, SIZES, demo_view, view};

#[path = "structure/choosing.rs"]
mod choosing;
#[path = "structure/field.rs"]
mod field;
#[path = "structure/folding.rs"]
mod folding;
#[path = "structure/joining.rs"]
mod joining;
#[path = "structure/growing.rs"]
mod growing;

#[expect(dead_code, reason = "the tests of formats use the rest")]
#[path = "../../../structure/tests/samples/gpt.rs"]
mod gpt;
#[expect(dead_code, reason = "the tests of formats use the rest")]
#[path = "../../../structure/tests/samples/pcap.rs"]
mod pcap;
#[expect(dead_code, reason = "the tests of formats use the rest")]
#[path = "../../../structure/tests/samples/sqlite.rs"]
mod sqlite;

fn ram(bytes: &[u8]) -> AnyMap {
    RamMap::from_reader(bytes).unwrap().erase()
}

/// The lines of the pane, without its title.
fn pane(view: &Stage) -> Vec<String> {
    let screen = view.screen();
    let lines: Vec<&str> = screen.lines().map(|line| line.trim_matches('"')).collect();
    let title = lines.iter().position(|line| line.contains(" structure")).unwrap();
    let column = lines[title].find('│').map_or(0, |at| at + '│'.len_utf8());
    let inside = |line: &str| line.get(column..).unwrap_or_default().trim_end().to_owned();
    let below = lines.iter().position(|line| line.contains("── field "));
    let end = below.unwrap_or(lines.len() - 2);
    lines[title + 1..end].iter().map(|line| inside(line)).filter(|it| !it.is_empty()).collect()
}

/// The title of the pane.
fn title(view: &Stage) -> String {
    let screen = view.screen();
    screen.lines().find(|line| line.contains(" structure")).unwrap_or_default().to_owned()
}

/// The row that is chosen.
fn chosen(view: &Stage) -> String {
    let buffer = view.buffer();
    let is_reverse = |style: Style| style.add_modifier.contains(Modifier::REVERSED);
    let height = buffer.area.height;
    let rows = (2..height - 2).filter(|&y| {
        let cell = buffer.cell((buffer.area.width - 1, y)).unwrap();
        is_reverse(cell.style())
    });
    let text = |y| -> String {
        (0..buffer.area.width).map(|x| buffer.cell((x, y)).unwrap().symbol()).collect()
    };
    rows.map(text)
        .filter(|it: &String| !it.contains(" structure"))
        .collect::<String>()
        .trim()
        .to_owned()
}

/// A description in a directory of its own.
struct Described {
    directory: TempDir,
}

impl Described {
    fn new(text: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("own.ksy"), text).unwrap();
        Self { directory }
    }

    /// Reads the file of a view by it, and opens the pane.
    fn choose(&self, view: &mut Stage) {
        let path = self.directory.path().join("own.ksy");
        view.keys(&format!(":format {}\n", path.display())).keys("T");
    }
}

#[test]
fn the_format_is_recognised_after_the_first_frame_and_stands_in_the_title() {
    let mut view = Stage::new((80, 24));
    view.hold_all_jobs().open("disk", ram(&gpt::sample())).begin();
    assert_eq!(view.frames(), 1);
    assert!(view.jobs().contains(&"format of the file".to_owned()), "{:?}", view.jobs());
    assert!(!view.screen().contains("GUID"), "{}", view.screen());
    view.finish(0);
    assert!(view.screen().contains("131072 bytes  GUID partition table"), "{}", view.screen());
    // Its magic comes before the extension of the name.
    let mut view = Stage::new((80, 24));
    view.open("odd.pcap", ram(&sqlite::sample())).begin();
    assert!(view.screen().contains("SQLite database"), "{}", view.screen());
    view.keys("T");
    assert!(title(&view).contains("structure: sqlite"), "{}", view.screen());
}

#[test]
fn the_fields_stand_where_there_is_room() {
    let mut screens = String::new();
    for size in SIZES {
        let mut view = view(ram(&gpt::sample()), size);
        view.keys("Tjjj").press(KeyCode::Right).keys("jjj");
        writeln!(screens, "{}x{}\n{}", size.0, size.1, view.screen()).unwrap();
    }
    insta::assert_snapshot!(screens);
}

#[test]
fn nodes_open_and_close_and_enter_goes_to_their_bytes() {
    let mut view = view(ram(&gpt::sample()), (80, 24));
    view.keys("T");
    assert!(chosen(&view).starts_with("▸ protective_mbr"), "{}", chosen(&view));
    view.press(KeyCode::Right).press(KeyCode::Right);
    assert!(chosen(&view).starts_with("boot_code"), "{}", chosen(&view));
    view.keys("jjjj");
    assert!(chosen(&view).starts_with("signature"), "{}", chosen(&view));
    assert_eq!(view.keys("\n").at(), 510);
    assert!(view.screen().contains("gpt › protective_mbr › signature"), "{}", view.screen());
    // The keyboard is in the bytes; the tree moves along, as far as it is open.
    view.keys("[f");
    assert_eq!(view.at(), 506);
    assert!(view.screen().contains("partition_records[3] › size_in_lba"), "{}", view.screen());
    assert!(view.screen().contains("▌   ▸ partition_records"), "{}", view.screen());
    view.keys("]f");
    assert_eq!(view.at(), 510);
    view.keys("\t");
    assert!(chosen(&view).starts_with("signature"), "{}", chosen(&view));
    view.press(KeyCode::Left);
    assert!(chosen(&view).starts_with("▾ protective_mbr"), "{}", chosen(&view));
    view.press(KeyCode::Left);
    assert!(chosen(&view).starts_with("▸ protective_mbr"), "{}", chosen(&view));
    assert_eq!(view.keys("\x1b").at(), 510);
}

#[test]
fn fields_are_found_by_their_path_and_ctrl_o_comes_back() {
    let mut view = view(ram(&sqlite::sample()), (160, 50));
    view.keys(":field pages[3].b_tree.num_cells\n");
    assert_eq!(view.at(), 3 * 512 + 3);
    let screen = view.screen();
    assert!(screen.contains("sqlite › pages[3] › b_tree › num_cells"), "{screen}");
    assert!(
        screen.lines().any(|line| line.contains('▌') && line.contains("num_cells")),
        "{screen}"
    );
    assert_eq!(view.ctrl('o').at(), 0);
    view.keys(":field nothing.here\n");
    assert!(view.footer().starts_with("E: "), "{}", view.footer());
    // The breadcrumb may be typed as it is shown.
    view.keys(":field sqlite.header.write_version\n");
    assert_eq!(view.at(), 18);
}

const REFERENCE: &str = "
meta: {id: own, endian: le}
seq:
  - {id: head, type: head}
  - {id: items, type: item, repeat: expr, repeat-expr: 4}
types:
  head: {seq: [{id: len, type: u2}, {id: rest, size: 2}]}
  item:
    seq: [{id: number, type: u4}]
    instances:
      first: {value: '_root.items[0]'}
";

#[test]
fn a_value_that_refers_to_a_node_is_followed_and_another_is_chosen() {
    let described = Described::new(REFERENCE);
    let mut view = view(ram(&[7; 20]), (160, 50));
    described.choose(&mut view);
    view.keys("\x1b:field items[2].first\n");
    // A value was calculated: it has no bytes, and the cursor stays.
    assert_eq!(view.at(), 0);
    view.keys("\t\t");
    assert!(chosen(&view).contains("first"), "{}", view.screen());
    assert!(chosen(&view).contains("→ items[0]"), "{}", chosen(&view));
    view.keys("gd");
    assert_eq!(view.at(), 4, "{}", view.screen());
    assert!(chosen(&view).contains("[0]"), "{}", chosen(&view));
    // In the bytes Enter chooses the field of the cursor.
    view.keys("\x1b:12\n\n");
    assert_eq!(view.at(), 12);
    assert!(view.screen().contains("▌       number"), "{}", view.screen());
    assert_eq!(view.ctrl('o').at(), 4);
}

const SCATTERED: &str = "
meta: {id: own, endian: le}
seq: [{id: items, type: item, repeat: expr, repeat-expr: 3}]
types:
  item:
    seq: [{id: ofs, type: u4}]
    instances:
      body: {pos: ofs, size: 4, type: part}
  part: {seq: [{id: number, type: u4}]}
";

#[test]
fn what_an_element_points_to_is_known_once_it_was_looked_at() {
    let described = Described::new(SCATTERED);
    let mut bytes: Vec<u8> = [32_u32, 40, 48].iter().flat_map(|it| it.to_le_bytes()).collect();
    bytes.resize(64, 9);
    let mut view = view(ram(&bytes), (80, 24));
    described.choose(&mut view);
    view.keys(":field items[1].body\n");
    assert_eq!(view.at(), 40);
    assert!(view.screen().contains("own › items[1] › body › number"), "{}", view.screen());
    view.keys(":48\n");
    assert!(!view.screen().contains("own ›"), "nobody has asked for it: {}", view.screen());
}

#[test]
fn an_offset_leads_to_what_is_read_there() {
    let described = Described::new(SCATTERED);
    let mut bytes: Vec<u8> = [32_u32, 40, 48].iter().flat_map(|it| it.to_le_bytes()).collect();
    bytes.resize(64, 9);
    let mut view = view(ram(&bytes), (80, 24));
    described.choose(&mut view);
    view.keys(":field items[1].ofs\n\t");
    assert!(chosen(&view).contains("0x28 → body"), "{}", view.screen());
    assert_eq!(view.keys("gd").at(), 40);
    assert!(chosen(&view).contains("body"), "{}", view.screen());
    // And from the bytes.
    assert_eq!(view.keys("\x1b").ctrl('o').at(), 4);
    assert_eq!(view.keys(":8\n\n").at(), 48);
}

#[test]
fn a_node_is_copied_as_json() {
    let mut view = view(ram(&gpt::sample()), (80, 24));
    view.keys("Tjjj").press(KeyCode::Right).keys("jj");
    assert!(chosen(&view).contains("revision"), "{}", chosen(&view));
    view.keys("y");
    let copies = view.copies();
    let lines: Vec<serde_json::Value> =
        copies[0].lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["path"], "header.revision", "{lines:?}");
    assert!(lines.iter().any(|it| it["path"] == "header.revision.major" && it["value"] == 1));
    assert!(view.footer().contains("header.revision copied as JSON"), "{}", view.footer());
}

#[test]
fn a_list_of_a_thousand_million_elements_is_scrolled_without_reading_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("long");
    File::create(&path).unwrap().set_len(1_000_000_000).unwrap();
    let text = "meta: {id: own}\nseq: [{id: items, type: item, repeat: eos}]\n\
                types: {item: {seq: [{id: byte, type: u1}]}}";
    let described = Described::new(text);
    let mut view = view(MemMap::open(&path, Mode::Read).unwrap().erase(), (80, 24));
    described.choose(&mut view);
    assert!(pane(&view)[1].contains("1,000,000,000 elements"), "{:?}", pane(&view));
    view.press(KeyCode::Right);
    let lines = pane(&view);
    assert!(lines[2].contains("▸ [0…99999999]") && lines[2].contains("100,000,000"), "{lines:?}");
    assert!(lines[3].starts_with("    ▸ [100000000…]"), "a name that is too long: {lines:?}");
    assert!(title(&view).contains("4.00 KiB read"), "{}", title(&view));
    view.keys("jG");
    assert!(chosen(&view).contains("[999999999]"), "{}", view.screen());
    view.press(KeyCode::Right);
    assert!(chosen(&view).contains("▾ [999999999]"), "{}", view.screen());
    view.press(KeyCode::PageUp).press(KeyCode::PageUp);
    assert!(title(&view).contains("4.00 KiB read"), "{}", title(&view));
    view.keys(":field items[500000000]\n");
    assert_eq!(view.at(), 500_000_000);
    assert!(title(&view).contains("8.00 KiB read"), "{}", title(&view));
}

const BLOCKS: &str = "
meta: {id: own, endian: le}
seq: [{id: blocks, type: block, size: 4096, repeat: expr, repeat-expr: 4}]
types:
  block: {seq: [{id: number, type: u4}, {id: rest, size: 16}]}
";

#[test]
fn what_cannot_be_read_is_said_and_hides_nothing_else() {
    let described = Described::new(BLOCKS);
    let fake = Fake::new(&[1; 4 * 4096]).with(Fault::Read { at: 4096, kind: io::ErrorKind::Other });
    let mut view = view(Map::from_mapping(fake).erase(), (160, 50));
    described.choose(&mut view);
    for at in ["0", "1", "2"] {
        view.keys(&format!(":field blocks[{at}].number\n"));
    }
    let lines = pane(&view);
    let values: Vec<&String> = lines.iter().filter(|line| line.contains("number")).collect();
    assert_eq!(values.len(), 3, "{lines:?}");
    assert!(values[0].contains("16843009") && values[2].contains("16843009"), "{lines:?}");
    assert!(values[1].contains("?? "), "{lines:?}");
    assert_eq!(lines.iter().filter(|line| line.contains("rest")).count(), 3, "{lines:?}");
}

/// A description whose elements must be walked, and a file with many of them.
const WALKED: &str = "
meta: {id: own, endian: le}
seq: [{id: items, type: item, repeat: eos}]
types:
  item: {seq: [{id: len, type: u2}, {id: body, size: len}]}
";

fn many(count: usize) -> Vec<u8> {
    let item = [&1998_u16.to_le_bytes()[..], &[7; 1998]].concat();
    item.repeat(count)
}

#[test]
fn a_long_list_is_walked_to_its_end_and_esc_stops() {
    let described = Described::new(WALKED);
    let mut view = view(ram(&many(2000)), (80, 24));
    described.choose(&mut view);
    view.press(KeyCode::Right).keys("jj");
    assert!(pane(&view)[1].contains("≥ "), "{:?}", pane(&view));
    // Enough rows for the screen are known, and not more.
    assert!(title(&view).contains("8.00 KiB read"), "{}", title(&view));
    view.hold_jobs(true).keys("G");
    let job = view.job();
    view.finish(job);
    assert_eq!(view.jobs(), ["elements of items"]);
    let job = view.job();
    view.step(job).step(job);
    view.keys("\x1b").finish(job);
    view.hold_jobs(false).settle();
    assert_eq!(view.footer(), "stopped: elements of items");
    assert!(pane(&view)[1].contains("≥ 2"), "what is known stays: {:?}", pane(&view));
    view.keys("G");
    assert_eq!(view.footer(), "elements of items: 2,000 elements");
    assert!(chosen(&view).contains("[1999]"), "{}", view.screen());
    view.keys("gg");
    assert!(pane(&view)[1].contains(" 2,000 elements"), "{:?}", pane(&view));
}

#[test]
fn a_mistake_in_a_description_is_said_with_its_place_and_costs_no_bytes() {
    let text =
        "meta: {id: own}\nseq:\n  - id: len_body\n    type: u1\n  - id: body\n    size: len_bdy\n";
    let described = Described::new(text);
    let mut view = demo_view((100, 30));
    described.choose(&mut view);
    let lines = pane(&view).join("\n");
    assert!(lines.contains("E: own.ksy:6:11: /seq/1/size: unknown field \"len_bdy\""), "{lines}");
    assert!(lines.contains("did you mean \"len_body\"?"), "{lines}");
    assert!(title(&view).contains("shown without structure"), "{}", title(&view));
    assert!(view.screen().contains("93 44 45 4d"), "{}", view.screen());
    // Below stand the formats that are known.
    assert!(lines.contains("class"), "{lines}");
    view.keys(":format nonsense\n");
    assert!(view.screen().contains("nonsense"), "{}", view.screen());
}

/// The colours of the first bytes.
fn colours(view: &Stage, count: u16) -> Vec<Option<ratatui::style::Color>> {
    let column = |i: u16| 10 + 3 * i + i / 8;
    (0..count).map(|i| view.buffer().cell((column(i), 2)).unwrap().style().fg).collect()
}

#[test]
fn bytes_have_the_colours_of_their_fields_once_the_structure_was_opened() {
    let mut view = view(ram(&sqlite::sample()), (80, 24));
    view.keys("j");
    let by_class = colours(&view, 16);
    view.keys("T\x1b");
    let by_field = colours(&view, 16);
    assert_ne!(by_class, by_field);
    assert!(by_field.iter().all(|it| *it == by_field[0]), "the magic is one field");
    view.keys(":set colour class\n");
    assert_eq!(colours(&view, 16), by_class);
    view.keys(":set colour field\n");
    assert_eq!(colours(&view, 16), by_field);
    // The field at the cursor is underlined: the size of pages, two bytes.
    let cells = view.buffer().content.iter();
    let marked = cells.filter(|it| it.modifier.contains(Modifier::UNDERLINED));
    assert_eq!(marked.count(), 6, "digits and characters");
    // Without colours a mark stands before each field.
    view.keys(":set theme mono\n");
    let screen = view.screen();
    assert!(screen.contains("00000010 |02 00|01|01|00|40|20|20 |00 00 00 "), "{screen}");
}

#[test]
fn the_newest_wish_wins_and_one_job_waits_at_most() {
    let mut view = view(ram(&sqlite::sample()), (80, 24));
    view.keys("T").hold_jobs(true);
    view.keys("jjjj");
    assert_eq!(view.jobs(), [""; 0], "the rows are known");
    view.keys("kkkk").press(KeyCode::Right).press(KeyCode::Down).press(KeyCode::Down);
    assert_eq!(view.jobs(), ["fields of the file"]);
    view.hold_jobs(false).settle();
    assert!(view.jobs().is_empty());
    assert!(pane(&view).iter().any(|line| line.contains('▾')), "{:?}", pane(&view));
}

#[test]
fn the_map_shows_the_fields_of_the_root() {
    let mut view = view(ram(&gpt::sample()), (100, 40));
    view.keys("Mo");
    let lines: Vec<String> = view.screen().lines().map(str::to_owned).collect();
    let title = lines.iter().position(|line| line.contains(" map: ")).unwrap();
    let legend = &lines[title + 1];
    assert!(legend.contains("protective_mbr") && legend.contains("  d "), "{legend}");
    // Of a cell that several fields are in, it is the one that has most of it.
    assert!(
        lines[title + 2..].iter().any(|line| line.contains("ddd backup_header")),
        "{}",
        view.screen()
    );
    view.keys("o");
    assert!(!view.screen().contains("a protective_mbr"), "{}", view.screen());
    // Without a format there is nothing of the kind to show.
    view.keys("\x1b:format off\n\to");
    assert!(!view.screen().contains("no field is known"), "{}", view.screen());
}

#[test]
fn a_screen_that_is_too_small_for_both_shows_the_fields_alone() {
    let mut view = view(ram(&gpt::sample()), (40, 12));
    view.keys("T");
    let lines = pane(&view);
    assert!(lines.iter().any(|line| line.contains("▸ protective")), "{lines:?}");
    view.keys("\n");
    assert!(!view.screen().contains("structure"), "{}", view.screen());
}

#[test]
fn the_nodes_that_the_first_row_is_in_stay_at_the_top() {
    let described = Described::new(SCATTERED_DEEP);
    let mut view = view(ram(&[1; 4000]), (80, 60));
    described.choose(&mut view);
    view.keys(":field groups[7].items[3].ofs\n\t");
    assert!(pane(&view).len() >= 12, "there is room for all: {}", view.screen());
    // Down and up again, each row has what it is in above it, and is itself in sight.
    let depth = |line: &str| (line.chars().take_while(|c| " ▌▸▾".contains(*c)).count() - 2) / 2;
    for key in ["j"; 60].iter().chain(&["k"; 90]) {
        view.keys(key);
        let lines = pane(&view);
        assert!(!chosen(&view).is_empty(), "{}", view.screen());
        assert!(depth(&lines[0]) <= 1, "{key}: {lines:#?}");
        assert!(lines.windows(2).all(|it| depth(&it[1]) <= depth(&it[0]) + 1), "{lines:#?}");
    }
    // A click on one chooses it.
    view.keys("\x1b:field groups[7].items[3].ofs\n\tjjjj");
    let line = view.screen().lines().position(|line| line.contains("▾ groups")).unwrap();
    view.mouse_down(5, u16::try_from(line).unwrap());
    assert!(chosen(&view).starts_with("▾ groups"), "{}", view.screen());
}

const SCATTERED_DEEP: &str = "
meta: {id: own, endian: le}
seq: [{id: groups, type: group, repeat: expr, repeat-expr: 20}]
types:
  group:
    seq: [{id: items, type: item, repeat: expr, repeat-expr: 5}]
  item: {seq: [{id: ofs, type: u4}, {id: rest, type: u4}]}
";
