//! Text of the clipboard and of the terminal, pasted as bytes.

use super::*;

#[test]
fn the_clipboard_is_pasted_in_each_form_over_bytes_or_between_them() {
    let (_file, mut view) = edit_demo((80, 24));
    view.set_clipboard(b"0xde, 0xad\nbe ef\n").keys(":paste hex\n");
    assert_eq!(view.footer(), "pasted over 4 B; :paste! inserts, u undoes");
    assert_eq!(row(&view, "00000000")[10..24], *"de ad be ef 4f");
    view.keys("u").set_clipboard(b"3q2+7w==").keys(":paste! base64\n");
    assert_eq!(view.footer(), "inserted 4 B; 8196 bytes (+4)");
    assert_eq!(row(&view, "00000000")[10..24], *"de ad be ef 93");
    view.keys("u").set_clipboard(b"hi\n").keys("l:paste text\n");
    assert_eq!(row(&view, "00000000")[10..24], *"93 68 69 0a 4f");
    // Each is one step, and can be made again.
    view.keys("4l.");
    assert_eq!(row(&view, "00000000")[25..33], *"68 69 0a");
    view.keys("2u");
    assert!(!title(&view).contains("[+]"), "{}", title(&view));
    // Over the selection, and up to the end of the file.
    view.keys("GvkG").set_clipboard(b"00 01 02").keys("\x1b:8190\n:paste hex\n");
    assert_eq!(view.footer(), "pasted over 2 of 3 bytes: the file ends here; :paste! inserts");
    assert_eq!(view.len(), 8192);
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_changes_nothing() {
    let (_file, mut view) = edit_demo((80, 24));
    for (text, form, said) in [
        (
            &b"de\nag"[..],
            "hex",
            "E: not pasted as hex: line 2, column 2: 'g' is not a hexadecimal digit",
        ),
        (b"de a", "hex", "E: not pasted as hex: line 1, column 5: a digit is missing"),
        (b"a?", "base64", "E: not pasted as base64: line 1, column 2: '?' is not base64"),
        (b"\xff", "text", "E: not pasted: the clipboard has no text"),
        (
            "\u{e9}".as_bytes(),
            "text",
            "E: not pasted as text: line 1, column 1: '\u{e9}' is not in the character",
        ),
        (b"", "hex", "E: not pasted as hex: there is nothing to paste"),
    ] {
        view.set_clipboard(text).keys(&format!(":paste {form}\n"));
        assert!(view.footer().starts_with(said), "{said}: {}", view.footer());
        view.pass(std::time::Duration::from_secs(3));
    }
    for (line, said) in [
        (":paste hex 0g\n", "line 1, column 2: 'g' is not a hexadecimal digit"),
        (":paste\n", "paste as hex, text, base64"),
        (":paste c\n", "paste as hex, text, base64"),
    ] {
        view.keys(line);
        assert!(view.footer().contains(said), "{line:?}: {}", view.footer());
        view.keys("\x1b");
    }
    assert!(!title(&view).contains("[+]"), "{}", title(&view));
    view.keys(":set table utf8\n").set_clipboard("\u{e9}".as_bytes()).keys(":paste text\n");
    assert_eq!(row(&view, "00000000")[10..18], *"c3 a9 45");
}

#[test]
fn without_a_program_the_terminal_pastes_into_the_prompt() {
    let (_file, mut view) = edit_demo((80, 24));
    view.keys(":paste hex\n");
    insta::assert_snapshot!(view.footer());
    // A terminal sends the end of a line as Enter does.
    view.paste("de\radg");
    assert!(view.footer().contains("E: line 2, column 3: 'g' is not"), "{}", view.footer());
    view.paste("de\rad");
    assert_eq!(view.footer(), "pasted over 2 B; :paste! inserts, u undoes");
    assert_eq!(row(&view, "00000000")[10..18], *"de ad 45");
    view.keys("u:paste! hex ").paste("0102");
    assert_eq!(view.footer(), "inserted 2 B; 8194 bytes (+2)");
    // What is typed goes on where it was, and so does a paste into another line.
    view.keys("u:paste hex 0").paste("1");
    assert_eq!(view.footer(), ":paste hex 01");
    view.keys("\n");
    assert_eq!(row(&view, "00000000")[10..15], *"01 44");
    assert_eq!(view.keys("u:paste hex\n\x1b").len(), 8192);
    assert!(!title(&view).contains("[+]"), "{}", title(&view));
}
