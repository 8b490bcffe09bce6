use proptest::prelude::*;

use super::*;
use crate::document::anchor::Anchor;
use crate::source::page_cache::Page;

fn known(start: u64, bytes: &[Option<u8>]) -> Page {
    Page { start, bytes: bytes.to_vec(), problem: None, ..Page::default() }
}

fn go(text: &str, cursor: u64, len: u64) -> Result<u64, String> {
    let mut marks = Marks::default();
    marks.set('a', Anchor::new(0x100, memmap::edit::State::FIRST));
    let mut pages = PageCache::default();
    pages.take(known(cursor, &[1, 2, 3, 4].map(Some)), None);
    pages.take(known(cursor.saturating_add(0x1000), &[Some(7), Some(1), None]), None);
    let context = AddressContext {
        cursor,
        len,
        marks: &marks,
        page_len: 4096,
        pages: &pages,
        matched: (cursor == 8).then_some(0x20),
        selected: (cursor == 8).then_some(0x30),
        regions: &Regions::default(),
    };
    context.place(text).map_err(|bad| bad.to_string())
}

#[test]
fn places_are_absolute_relative_or_a_share() {
    assert_eq!(go("0x200", 7, 1 << 40), Ok(0x200));
    assert_eq!(go("+0x10", 7, 100), Ok(23));
    assert_eq!(go(" - 7 ", 7, 100), Ok(0));
    assert_eq!(go("50%", 7, 1 << 40), Ok(1 << 39));
    assert_eq!(go("12.5 %", 7, 1000), Ok(125));
    assert_eq!(go("0%", 7, 1000), Ok(0));
    assert_eq!(go("100%", 7, 1000), Ok(999));
    assert_eq!(go("100%", 0, u64::MAX), Ok(u64::MAX - 1));
    assert_eq!(go(".5%", 0, 1000), Ok(5));
    assert_eq!(go("+10%", 100, 1000), Ok(200));
}

#[test]
fn places_are_computed() {
    assert_eq!(go("0x1f00+4K", 0, 1 << 20), Ok(0x2f00));
    assert_eq!(go("$-1M", 0, 1 << 30), Ok((1 << 30) - (1 << 20)));
    assert_eq!((go("$", 0, 100), go("$-1", 0, 100)), (Ok(99), Ok(99)));
    assert_eq!((go("$-100", 0, 100), go("0+$*1", 0, 100)), (Ok(0), Ok(99)));
    assert!(go("$+1", 0, 100).is_err() && go("$-101", 0, 100).is_err());
    assert_eq!(go("page 12", 0, 1 << 20), Ok(12 * 4096));
    assert_eq!(go("page 12 + 5", 0, 1 << 20), Ok(12 * 4096 + 5));
    assert_eq!(go("'a", 0, 1 << 20), Ok(0x100));
    assert_eq!(go("'a+2*(8-3)", 0, 1 << 20), Ok(0x10a));
    assert_eq!(go(". - 1", 8, 100), Ok(7));
    assert_eq!(go("2+3*4", 0, 100), Ok(14));
    assert_eq!(go("-2*3", 10, 100), Ok(4));
    assert_eq!(go("10 + -2", 0, 100), Ok(8));
    assert_eq!(go("1T*4-4T+1", 0, 100), Ok(1));
    assert_eq!(go("1.5K+4kB-4KiB", 0, 10_000), Ok(1536 + 4000 - 4096));
}

#[test]
fn operators_bind_as_in_c() {
    for (text, place) in [
        ("100/7", 14),
        ("100 % 7", 2),
        ("100%7", 2),
        ("100%(5+2)", 2),
        ("1<<10", 1024),
        ("1K>>2", 256),
        ("0xff & 0x3c", 0x3c),
        ("0x80|0x7", 0x87),
        ("1 + 2 << 3", 24),
        ("1 << 2 + 1", 8),
        ("6 & 3 << 1", 6),
        ("1 | 6 & 4", 5),
        ("7 - 2 * 3 / 2", 4),
        ("100 / 7 * 7", 98),
        ("8 | 1 + 2", 11),
        ("(1|2)*4", 12),
        ("0x1237 & -16", 0x1230),
        ("$ % 16", 100 * 1024 * 1024 % 16),
        ("$/2", 50 << 20),
        (". % 5", 3),
        ("+4 << 1", 24),
        ("+1 & -4", 8),
        ("-8 | 3", 3),
        ("'a % 100", 56),
        ("page 3:16", 3 * 4096 + 16),
        ("page 3 : 0x10 + 1", 3 * 4096 + 17),
        ("page (1+1):(2*3)", 2 * 4096 + 6),
        ("match", 0x20),
        ("match + 4", 0x24),
        ("sel", 0x30),
        ("sel & -32", 0x20),
        ("match % 7", 4),
        ("@u8 << 4", 16),
    ] {
        assert_eq!(go(text, 8, 100 << 20), Ok(place), "{text}");
    }
    // Without a right operand, `%` is a percentage.
    for (text, place) in [
        ("50%", 500),
        ("50 %", 500),
        ("50%-1", 499),
        ("50% + 5", 505),
        ("10%*2", 200),
        ("50%/2", 250),
        ("(50%)", 500),
        ("50% % 7", 3),
        ("50%|1", 501),
        ("+10%", 108),
    ] {
        assert_eq!(go(text, 8, 1000), Ok(place), "{text}");
    }
}

#[test]
fn the_value_under_the_cursor_is_an_address() {
    assert_eq!(go("@u8", 0, 1 << 40), Ok(1));
    assert_eq!(go("@u16", 0, 1 << 40), Ok(0x0201));
    assert_eq!(go("@u32be", 0, 1 << 40), Ok(0x0102_0304));
    assert_eq!(go("@u32le + 1", 0, 1 << 40), Ok(0x0403_0202));
    assert_eq!(go("@u64", 0, 7).unwrap_err(), "at 1: there is no u64 under the cursor");
    assert_eq!(go("@u16(0x1000)+1", 0, 1 << 20), Ok(0x108));
    assert_eq!(go("@u8(@u16be(2) - 0x304 + 4K)", 0, 1 << 20), Ok(7));
    assert_eq!(go("@u32(4K)", 0, 1 << 20).unwrap_err(), "at 1: the bytes there are not read yet");
    assert_eq!(go("@u16(4K+1)", 0, 1 << 20).unwrap_err(), "at 1: there is no u16 at 0x1001");
    assert_eq!(go("@u16(98+1)", 0, 100).unwrap_err(), "at 1: there is no u16 at 0x63");
    assert_eq!(go("@u8(-1)", 0, 100).unwrap_err(), "at 1: that is before the start");
    assert_eq!(go("1+@u8(1", 0, 100).unwrap_err(), "at 8: a ) is missing");
    assert!(go("@i32", 0, 100).unwrap_err().starts_with("at 1: a type was expected"));
}

#[test]
fn places_outside_say_where_the_limits_are() {
    assert_eq!(
        go("100", 0, 100).unwrap_err(),
        "that is beyond the end; the last byte is 0x63 = 99"
    );
    assert!(go("+1", 99, 100).is_err() && go("+18446744073709551615", 99, 100).is_err());
    assert_eq!(go("-8", 7, 100).unwrap_err(), "that is before the start; at most -0x7 from here");
    assert!(go("0", 0, 0).is_err() && go("50%", 0, 0).is_err());
    assert_eq!(go("0", 0, 0).unwrap_err(), "there is no byte to go to");
}

#[test]
fn what_is_wrong_is_said_with_its_column() {
    for (text, complaint) in [
        ("", "at 1: the expression is incomplete"),
        ("1+", "at 3: the expression is incomplete"),
        ("(1", "at 3: a ) is missing"),
        ("1)", "at 2: an operator (+ - * / % << >> & |) or the end was expected"),
        ("2 3", "at 3: an operator (+ - * / % << >> & |) or the end was expected"),
        ("1+x", "at 3: \"x\" is neither a place nor a command"),
        ("'b", "at 1: there is no mark b; m b sets it"),
        ("'B", "at 1: a mark is a letter from a to z"),
        ("101%", "at 1: a percentage is 0% to 100%"),
        ("100.0000001%", "at 1: a percentage is 0% to 100%"),
        ("0xg", "at 1: \"0xg\" is not a number; try 4096, 0x1000 or 4K"),
        ("1.3K", "at 1: 1.3K is not a whole number of bytes"),
        ("1.3", "at 1: 1.3 is not a whole number of bytes"),
        ("1.5Q", "at 1: \"1.5Q\" is not a number; try 4096, 0x1000 or 4K"),
        ("99999999999999999999", "at 1: 99999999999999999999 is too large"),
        ("%", "at 1: a number, $, 'a, page, match, sel or ( was expected"),
        ("match", "at 1: no match is known at the cursor or after it; / searches"),
        ("1+sel", "at 3: nothing is selected; v begins a selection"),
        ("7/0", "at 2: division by zero"),
        ("$ % (3-3)", "at 3: division by zero"),
        ("1<<64", "at 2: the shift count must be 0 to 63"),
        ("1>>-1", "at 2: the shift count must be 0 to 63"),
        ("1P<<63<<63", "at 7: that is too large"),
        ("1<2", "at 2: an operator (+ - * / % << >> & |) or the end was expected"),
        ("$%", "at 3: the expression is incomplete"),
        ("1&", "at 3: the expression is incomplete"),
        ("12.5%7", "at 1: 12.5 is not a whole number of bytes"),
        ("page 1:", "at 8: the expression is incomplete"),
        ("16000P*16000P*16000P*16000P", "at 7: that is too large"),
    ] {
        assert_eq!(go(text, 0, 1 << 40).unwrap_err(), complaint, "{text:?}");
    }
    let deep = "(".repeat(100) + "1" + &")".repeat(100);
    assert_eq!(go(&deep, 0, 100).unwrap_err(), "at 33: parentheses are nested too deeply");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics_and_what_is_found_exists(text in "[-0-9x+*()$.'a@u%K page:/<>&|]{0,24}", len: u64, cursor: u64) {
        if let Ok(place) = go(&text, cursor, len) {
            prop_assert!(place < len);
        }
    }
}
