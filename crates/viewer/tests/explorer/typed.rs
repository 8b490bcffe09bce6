//! The array view: arrays, records and motions.

use std::fmt::Write as _;
use std::time::Duration;

use crossterm::event::KeyCode;
use memmap::array::npy::Header;
use memmap::array::{DType, Order};
use memmap::{AnyMap, MemMap, RamMap};

use super::{OnDisk, SIZES, demo, demo_view, view};

fn memory(bytes: &[u8]) -> AnyMap {
    RamMap::from_reader(bytes).unwrap().erase()
}

/// 20 × 6 floats: a slope with a NaN and an infinity.
fn npy(order: Order) -> Vec<u8> {
    let mut bytes = Header::new(DType::F4, order, &[20, 6]).unwrap().to_bytes().unwrap();
    for n in 0..120_u8 {
        let value = match n {
            40 => f32::NAN,
            41 => f32::NEG_INFINITY,
            n => f32::from(n) / 7.0 - 5.0,
        };
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

/// Twelve records: an unsigned and a signed integer, a float and a name.
fn records() -> Vec<u8> {
    (0..12_u8)
        .flat_map(|n| {
            let mut bytes = u32::from(n).pow(5).to_le_bytes().to_vec();
            bytes.extend((i16::from(n) * -300).to_be_bytes());
            bytes.extend((f64::from(n) * 1e-3).to_le_bytes());
            bytes.extend([b'a' + n; 6]);
            bytes
        })
        .collect()
}

const RECORD: &str = ":type {id:u4,delta:>i2,ratio:f8,name:S6}\n";

fn at_every_size(map: impl Fn() -> AnyMap, keys: &str) -> String {
    let mut screens = String::new();
    for size in SIZES {
        let mut view = view(map(), size);
        view.keys(keys);
        writeln!(screens, "{}x{}\n{}", size.0, size.1, view.screen()).unwrap();
    }
    screens
}

#[test]
fn the_array_of_a_npy_file() {
    insta::assert_snapshot!(at_every_size(|| memory(&npy(Order::C)), "t:[7, 2]\n"));
}

#[test]
fn records_in_columns_with_their_names() {
    insta::assert_snapshot!(at_every_size(|| memory(&records()), &format!("{RECORD}jjll")));
}

#[test]
fn one_dimension_and_three() {
    let mut screens = at_every_size(|| memory(&demo()), ":type u4 offset=8\njjl");
    screens += &at_every_size(|| memory(&demo()), ":type >i2 shape=-1,5,4 offset=0x38\n}jj");
    insta::assert_snapshot!(screens);
}

#[test]
fn elements_beside_a_pane_and_selected() {
    let mut view = view(memory(&npy(Order::C)), (120, 16));
    view.keys("tI:[1,1]\nvjl");
    insta::assert_snapshot!(view.screen());
    view.keys("yh");
    let selected = 128 + 4 * 7..128 + 4 * 15;
    let copied = u64::try_from(view.copies()[0].len()).unwrap();
    assert_eq!(copied, 3 * (selected.end - selected.start) - 1);
}

#[test]
fn the_user_is_asked_for_a_type_where_the_file_says_nothing() {
    let mut view = demo_view((80, 24));
    assert!(view.keys("t").footer().starts_with(":type u1"), "{}", view.footer());
    view.keys("\n");
    assert!(view.screen().contains("[0] = 147"), "{}", view.screen());
    // The last type is proposed the next time.
    view.keys(":type >u2 offset=2\nt").keys("t");
    assert!(view.footer().starts_with(":type >u2 offset=2"), "{}", view.footer());
    let mut lines = String::new();
    for keys in [
        "\x1b:type \t",
        "\x1b:type >i\t",
        "\x1b:type u4 o\t",
        "\x1b:type klingon\n",
        "\x1b:type u4 shape=0\n",
        "\x1b:type u4 offset=$\n",
        "\x1b:type u4 offset='q\n",
        "\x1b:[3]\n",
        "\x1b:array x\n",
        "]n",
        ":type u1\n]n",
        "}",
        ":[8192]\n",
        "\x1b:[1,2]\n",
        "\x1b:[x]\n",
        "\x1b:[-1]\n",
    ] {
        view.pass(Duration::from_secs(2)).keys(keys);
        writeln!(lines, "{:<26} {}", format!("{keys:?}"), view.footer()).unwrap();
    }
    insta::assert_snapshot!(lines);
}

#[test]
fn the_cursor_is_the_same_byte_among_elements_and_bytes() {
    let mut view = view(memory(&npy(Order::C)), (80, 24));
    assert_eq!(view.keys(":200\nt").at(), 200);
    assert!(view.screen().contains("[3, 0] = "), "{}", view.screen());
    assert_eq!(view.keys("t").at(), 200);
    assert_eq!(view.keys("tjl").at(), 128 + 4 * 25);
    assert_eq!(view.keys("t").at(), 128 + 4 * 25);
    assert_eq!(view.keys("t0").at(), 128 + 4 * 24);
    assert_eq!(view.keys("h").at(), 128 + 4 * 23);
    assert_eq!(view.keys("l").at(), 128 + 4 * 24);
    assert_eq!(view.keys("$").at(), 128 + 4 * 29);
    assert_eq!(view.keys("G").at(), 128 + 4 * 119);
    assert_eq!(view.keys("jl").at(), 128 + 4 * 119);
    assert_eq!(view.keys("gg").at(), 128);
    assert_eq!(view.keys("kh").at(), 128);
    assert_eq!(view.keys(":[-1, -2]\n").at(), 128 + 4 * 118);
    assert_eq!(view.ctrl('o').at(), 128);
    assert_eq!(view.keys(":untype\n").at(), 128);
}

#[test]
fn columns_of_a_file_in_fortrans_order_are_read_where_they_lie() {
    let mut view = view(memory(&npy(Order::Fortran)), (80, 24));
    assert_eq!(view.keys("t:[2,3]\n").at(), 128 + 4 * 62);
    assert_eq!(view.keys("l").at(), 128 + 4 * 82);
    assert_eq!(view.keys("j").at(), 128 + 4 * 83);
    assert!(view.screen().contains("[3, 4] = 6.8571424"), "{}", view.screen());
}

#[test]
fn what_is_no_number_is_found_both_ways() {
    let mut view = view(memory(&npy(Order::C)), (80, 24));
    view.keys("t]n");
    assert_eq!(view.at(), 128 + 4 * 40);
    assert!(view.screen().contains("[6, 4] = nan"), "{}", view.screen());
    assert!(view.screen().contains("1 NaN"), "{}", view.screen());
    assert_eq!(view.keys("]n").footer(), "there is no next NaN");
    assert_eq!(view.keys("G[n").at(), 128 + 4 * 40);
    assert_eq!(view.keys("gg[n").footer(), "there is no previous NaN");
    assert_eq!(view.ctrl('o').at(), 128 + 4 * 40);
}

#[test]
fn a_million_times_a_million_elements_are_gone_through_as_bytes_are() {
    let file = tempfile::tempfile().unwrap();
    file.set_len(1 << 40).unwrap();
    // No repeated rows in the hex view.
    let counted: Vec<u8> = (0..=255).collect();
    std::io::Write::write_all(&mut &file, &counted).unwrap();
    let map = MemMap::options().open_file(&file).unwrap().erase();
    let mut view = view(map, (80, 10));
    view.keys(":type i1 shape=1000000,1000000\n:[-1,-1]\n");
    assert_eq!(view.at(), 1_000_000_000_000 - 1);
    assert!(view.screen().contains("[999999, 999999] = 0"), "{}", view.screen());
    view.hold_reads().keys("r");
    let missing = view.bytes_missing();
    assert!((1..1024).contains(&missing), "{missing}");
    view.release_reads();
    view.keys("ggjjj:type i1 shape=1000000,1000000 order=F\n:[500000,2]\n");
    assert_eq!(view.at(), 2_500_000);
    view.press(KeyCode::PageDown);
    assert_eq!(view.at(), 2_500_006);
    view.keys(":type u1\nG");
    assert_eq!(view.at(), (1 << 40) - 1);
}

#[test]
fn elements_beyond_the_end_are_not_made_up() {
    let mut bytes = npy(Order::C);
    bytes.truncate(128 + 4 * 50 + 2);
    let mut view = view(memory(&bytes), (80, 24));
    view.keys(":set inspector off\nt");
    let (footer, screen) = (view.footer(), view.screen());
    assert_eq!(footer, "E: 278 bytes of the array are missing at its end", "{screen}");
    assert!(screen.matches("??").count() > 40, "{screen}");
    view.keys(":[12, 0]\n");
    assert!(view.footer().contains("beyond the end"), "{}", view.footer());
    assert_eq!(view.keys("\x1bG").at(), 128 + 4 * 50 + 1);
    assert!(view.keys("j").footer().contains("beyond the end"), "{}", view.footer());
}

#[test]
fn a_file_that_grows_has_more_elements_and_one_that_shrinks_fewer() {
    let file = OnDisk::new(&records());
    let mut view = file.view((80, 24));
    view.keys(RECORD).keys("G");
    assert!(view.screen().contains("[11].id"), "{}", view.screen());
    if !file.write(&[records(), records()].concat()) {
        return;
    }
    view.keys("rG");
    assert!(view.screen().contains("[23].id"), "{}", view.screen());
    if !file.write(&records()[..50]) {
        return;
    }
    view.keys("r");
    assert!(view.screen().contains("[1].name"), "{}", view.screen());
    if !file.write(&records()[..10]) {
        return;
    }
    view.keys("r");
    assert!(view.footer().contains("there is not one element"), "{}", view.footer());
    assert_eq!(view.at(), 9);
}

#[test]
fn the_mouse_chooses_an_element_and_scrolls() {
    let mut view = view(memory(&npy(Order::C)), (80, 12));
    view.keys("t").mouse_down(40, 4).mouse_up();
    assert!(view.screen().contains("[2, 2] = "), "{}", view.screen());
    view.mouse_down(79, 9).mouse_up();
    assert!(view.screen().contains("[19, 2] = "), "{}", view.screen());
    view.scroll(-1).scroll(-1);
    assert!(view.screen().contains("\"[ 6, :]"), "{}", view.screen());
    view.mouse_down(20, 4).drag(40, 5).mouse_up();
    assert!(view.screen().contains("selected"), "{}", view.screen());
    view.resize(30, 6);
    assert!(view.screen().contains("= "), "{}", view.screen());
}
