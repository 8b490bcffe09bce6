//! Matches that are replaced one by one, after a question.

use proptest::prelude::*;

use super::*;

/// Three matches, at 0, 8 and 16.
const ONES: &[u8] = b"one two one two one";

#[test]
fn each_match_is_asked_about_and_those_accepted_are_one_step() {
    let file = OnDisk::new(ONES);
    let mut view = writable(&file, (80, 24));
    view.keys(":s/6f 6e 65/31/c\n");
    insta::assert_snapshot!(view.screen());
    assert_eq!(view.at(), 0);
    // Any other key asks again.
    view.keys("x");
    assert!(view.footer().starts_with("1 of 3: 6f 6e 65 → 31?"), "{}", view.footer());
    view.keys("y");
    assert_eq!((view.at(), view.len()), (8, 19));
    assert!(status(&view).contains("3 B selected"), "{}", status(&view));
    view.keys("n");
    assert!(view.footer().starts_with("3 of 3: "), "{}", view.footer());
    view.keys("y");
    assert_eq!(view.footer(), "2 matches replaced: 6f 6e 65 → 31; 15 bytes (-4)");
    assert_eq!(row(&view, "00000000")[10..37], *"31 20 74 77 6f 20 6f 6e  65");
    assert!(!status(&view).contains("selected"), "{}", status(&view));
    assert!(title(&view).contains("[+] 1 edit "), "{}", title(&view));
    view.keys("u");
    assert_eq!((view.len(), title(&view).contains("[+]")), (19, false));
}

#[test]
fn the_rest_is_replaced_or_left_alone() {
    let file = OnDisk::new(ONES);
    let mut view = writable(&file, (80, 24));
    let mut len_after = |keys: &str| {
        let len = view.keys(":s/6f 6e 65//gc\n").keys(keys).len();
        let said = view.footer();
        view.keys("9u");
        (len, said)
    };
    for (keys, len, said) in [
        ("a", 10, "3 matches replaced: 6f 6e 65 → nothing; 10 bytes (-9)"),
        ("na", 13, "2 matches replaced: 6f 6e 65 → nothing; 13 bytes (-6)"),
        ("l", 16, "1 match replaced: 6f 6e 65 → nothing; 16 bytes (-3)"),
        ("nl", 16, "1 match replaced: 6f 6e 65 → nothing; 16 bytes (-3)"),
        ("yq", 16, "1 match replaced: 6f 6e 65 → nothing; 16 bytes (-3)"),
        ("y\x1b", 16, "1 match replaced: 6f 6e 65 → nothing; 16 bytes (-3)"),
        ("q", 19, "nothing is replaced"),
        ("\x1b", 19, "nothing is replaced"),
        ("nnn", 19, "nothing is replaced"),
    ] {
        assert_eq!(len_after(keys), (len, said.to_owned()), "{keys:?}");
    }
    view.keys(":s/6f/30/x\n");
    assert!(view.footer().contains("write s/HEX/HEX/, or s/HEX/HEX/c"), "{}", view.footer());
    view.keys("\x1b:s/6f 6e/00/c\n").ctrl('c');
    assert_eq!((view.footer(), view.exit()), ("nothing is replaced".to_owned(), None));
    // In the selection only, and with the same matches as without the question.
    view.keys(":4\nv8l:s/6f ?? 65/00/c\n");
    assert!(view.footer().starts_with("1 of 1: "), "{}", view.footer());
    view.keys("q");
    assert_eq!(view.keys(":s/ff/00/c\n").footer(), "no match: nothing is replaced");
}

#[test]
fn what_is_pasted_or_begun_meanwhile_answers_nothing() {
    let file = OnDisk::new(ONES);
    let mut view = writable(&file, (80, 24));
    view.keys(":s/6f 6e 65/31/c\n").paste("yyy");
    assert!(view.footer().starts_with("1 of 3: "), "{}", view.footer());
    view.keys("q");
    view.hold_jobs(true).keys(":s/6f 6e 65/31/c\n").keys("/y").hold_jobs(false).settle();
    view.keys("yya\x1b").pass(std::time::Duration::from_secs(1));
    assert_eq!((view.len(), title(&view).contains("[+]")), (19, false));
    view.hold_jobs(true).keys(":s/6f 6e 65/31/c\n").keys("x").hold_jobs(false).settle();
    assert_eq!(view.footer(), "E: not replaced: the bytes were edited meanwhile");
}

#[test]
fn a_file_that_is_cut_or_grows_meanwhile_is_edited_all_the_same() {
    let mut long = ONES.to_vec();
    long.resize(100_000, b'.');
    long.extend(ONES);
    let file = OnDisk::new(&long);
    let mut view = writable(&file, (80, 24));
    for (keys, bytes) in [("y", &long[..4]), ("a", b""), ("l", &[&long[..], b"more"].concat())] {
        view.keys("F:s/6f 6e 65/31/c\n").keys("y");
        if !file.write(bytes) {
            return;
        }
        view.pass(super::super::SECOND).pass(super::super::SECOND).keys(keys).keys("\x1b");
        view.resize(40, 10).resize(80, 24);
        view.keys("9uF");
        assert_eq!(view.len(), 100_019);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn answers_do_what_they_do_to_a_vector(answers in "[yn]{0,3}[alq]?", new in "[0-9]{0,2}") {
        let file = OnDisk::new(&b"ab.".repeat(4));
        let mut view = writable(&file, (80, 24));
        view.keys(":set theme mono\n").keys(&format!(":s/61/{}/c\n", hex(new.as_bytes()))).keys(&answers).keys("\x1b");
        let mut expected = Vec::new();
        let mut answers = answers.chars();
        let (mut all, mut over) = (false, false);
        for _ in 0..4 {
            let answer = if all || over { None } else { answers.next() };
            let is_yes = all || matches!(answer, Some('y' | 'a' | 'l'));
            over |= !all && matches!(answer, None | Some('l' | 'q'));
            all |= answer == Some('a');
            expected.extend(if is_yes { new.as_bytes() } else { b"a" });
            expected.extend(b"b.");
        }
        prop_assert_eq!(view.len(), u64::try_from(expected.len()).unwrap());
        let shown: String = row(&view, "00000000")[60..].chars().take(expected.len()).collect();
        prop_assert_eq!(shown, String::from_utf8(expected).unwrap());
        view.keys("u");
        prop_assert_eq!(view.len(), 12);
    }
}
