//! The list of formats: where none is recognised, and where another one is wanted.

use crossterm::event::KeyCode;

use super::{Described, chosen, gpt, pane, pcap, ram, title, view};

#[test]
fn where_nothing_is_recognised_formats_can_be_chosen() {
    let mut bytes = vec![0x5b; 12];
    bytes.extend(pcap::sample());
    let mut view = view(ram(&bytes), (100, 24));
    assert!(!view.screen().contains("no format"), "{}", view.screen());
    view.keys("T");
    assert!(view.screen().contains("no format"), "{}", view.screen());
    assert!(title(&view).contains("no format recognised"), "{}", title(&view));
    let lines = pane(&view);
    assert_eq!(lines[0], " No description matches the first bytes. Choose one:");
    let found = "magic d4 c3 b2 a1 found at 0xc, not at 0x0";
    assert!(lines[1].contains("pcap") && lines[1].contains(found), "{lines:?}");
    assert!(lines.last().unwrap().contains("more; typing filters"), "{lines:?}");
    view.keys("\n");
    assert!(title(&view).contains("structure: pcap @ 0xc"), "{}", view.screen());
    assert!(view.screen().contains("(libpcap) @ 0xc"), "{}", view.screen());
    // Offsets are those of the file.
    assert!(pane(&view)[1].contains("0x00000c"), "{:?}", pane(&view));
    view.keys(":format off\n");
    assert!(view.screen().contains("no format"), "{}", view.screen());
    view.keys(":format pcap @ 12\n");
    assert!(view.screen().contains("(libpcap) @ 0xc"), "{}", view.screen());
    view.keys(":format\n");
    assert_eq!(view.footer(), "format is pcap @ 0xc: Packet capture (libpcap)");
}

#[test]
fn typing_filters_the_formats_and_esc_takes_back() {
    let mut view = view(ram(&[0x5b; 500]), (100, 30));
    view.keys("T");
    let all = pane(&view);
    view.keys("packet");
    let lines = pane(&view);
    assert!(lines[0].starts_with(" formats with: packet_   2 of "), "{lines:?}");
    assert!(lines[1].contains("pcap ") && lines[2].contains("pcapng"), "{lines:?}");
    assert_eq!(lines.len(), 3, "{lines:?}");
    view.press(KeyCode::Down);
    assert!(chosen(&view).starts_with("pcapng"), "{}", chosen(&view));
    // Each word counts, in the name or in the title, and the first one is chosen anew.
    view.keys(" lib");
    assert!(pane(&view)[0].contains("packet lib_   1 of "), "{:?}", pane(&view));
    assert!(chosen(&view).starts_with("pcap "), "{}", chosen(&view));
    view.keys("zz");
    assert!(pane(&view)[1].contains("no format has these words"), "{:?}", pane(&view));
    view.press(KeyCode::Backspace).press(KeyCode::Backspace);
    assert!(pane(&view)[0].contains("1 of"), "{:?}", pane(&view));
    view.keys("\x1b");
    assert_eq!(pane(&view), all);
    // Now it leaves the pane, and a letter is a key again.
    view.keys("\x1bl");
    assert_eq!(view.at(), 1);
    // Digits filter, too, and Enter applies.
    view.keys("TT9660\n");
    assert!(title(&view).contains("iso9660"), "{}", title(&view));
}

#[test]
fn keys_keep_their_meaning_while_the_format_is_looked_for() {
    let mut view = lazyhex::testing::Stage::new((80, 24));
    view.hold_all_jobs().open("disk", ram(&gpt::sample())).begin();
    view.keys("TM").hold_jobs(false).settle();
    assert!(view.screen().contains(" map: all"), "{}", view.screen());
}

#[test]
fn another_format_is_chosen_in_place_of_a_known_one_or_not() {
    let mut view = view(ram(&gpt::sample()), (100, 30));
    view.keys("Tjj");
    let before = (chosen(&view), pane(&view));
    view.keys(":format\n");
    assert_eq!(view.footer(), "format is gpt: GUID partition table");
    assert!(pane(&view)[0].contains("Choose another format"), "{:?}", pane(&view));
    assert!(title(&view).contains("Esc keeps this format"), "{}", title(&view));
    view.keys("\x1b");
    assert_eq!((chosen(&view), pane(&view)), before);
    view.keys(":format\nmbr\n");
    assert!(title(&view).contains("structure: mbr"), "{}", title(&view));
    assert!(pane(&view)[1].contains("boot"), "{:?}", pane(&view));
}

#[test]
fn mistakes_stand_above_the_list_and_the_first_format_is_chosen() {
    let described = Described::new("meta: {id: own}\nseq: [{id: a, size: b}]\n");
    for size in [(100, 40), (80, 24), (40, 12)] {
        let mut view = view(ram(&gpt::sample()), size);
        described.choose(&mut view);
        let lines = pane(&view);
        assert!(lines[0].contains("E: "), "{lines:?}");
        assert!(chosen(&view).starts_with("gpt"), "{}", view.screen());
        view.keys("guid\n");
        assert!(title(&view).contains("structure: gpt"), "{}", view.screen());
    }
}
