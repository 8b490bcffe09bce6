//! Random keys against a vector of bytes.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Act {
    Go(u16),
    Overwrite(Vec<u8>),
    Insert(Vec<u8>),
    Append(Vec<u8>),
    /// Typed text, of which some is taken back.
    TakenBack(Vec<u8>, u8, bool),
    Delete(u8),
    Rows(u8),
    Copy(u8),
    Paste(bool),
    Fill(u8, u8),
    Repeat,
    Undo(u8),
    Redo(u8),
    Mark,
}

fn act() -> impl Strategy<Value = Act> {
    let bytes = || prop::collection::vec(any::<u8>(), 1..9);
    prop_oneof![
        6 => any::<u16>().prop_map(Act::Go),
        3 => bytes().prop_map(Act::Overwrite),
        3 => bytes().prop_map(Act::Insert),
        1 => bytes().prop_map(Act::Append),
        2 => (bytes(), 0..9_u8, any::<bool>()).prop_map(|(new, back, over)| Act::TakenBack(new, back, over)),
        3 => (1..40_u8).prop_map(Act::Delete),
        1 => (1..3_u8).prop_map(Act::Rows),
        1 => (1..9_u8).prop_map(Act::Copy),
        2 => any::<bool>().prop_map(Act::Paste),
        1 => (1..40_u8, any::<u8>()).prop_map(|(len, byte)| Act::Fill(len, byte)),
        1 => Just(Act::Repeat),
        4 => (1..4_u8).prop_map(Act::Undo),
        2 => (1..4_u8).prop_map(Act::Redo),
        1 => Just(Act::Mark),
    ]
}

/// The digits of bytes.
fn digits(bytes: &[u8]) -> String {
    hex(bytes).replace(' ', "")
}

/// All bytes, as the inspector's neighbour shows them: read from the screen.
fn shown(view: &mut Stage) -> Vec<u8> {
    let at = view.at();
    view.keys("gg");
    let mut bytes = Vec::new();
    while bytes.len() < usize::try_from(view.len()).unwrap() {
        let screen = view.screen();
        for line in screen.lines() {
            let line = line.trim_matches('"');
            let Ok(offset) = usize::from_str_radix(line.get(..8).unwrap_or("x"), 16) else {
                continue;
            };
            if offset != bytes.len() {
                continue;
            }
            let digits = line.get(9..59).unwrap_or_default().replace(['<', '>'], " ");
            bytes.extend(
                digits.split_whitespace().map(|pair| u8::from_str_radix(pair, 16).unwrap()),
            );
        }
        view.keys(" ");
    }
    if !bytes.is_empty() {
        view.keys(&format!(":{at}\n"));
    }
    bytes
}

#[derive(Default)]
struct Model {
    /// Each state, what it came from, and where redo goes.
    states: Vec<(Vec<u8>, usize, Option<usize>)>,
    now: usize,
    copied: Vec<u8>,
    last: Option<(bool, Act)>,
}

impl Model {
    fn bytes(&self) -> &[u8] {
        &self.states[self.now].0
    }

    fn push(&mut self, at: usize, removed: usize, new: &[u8]) {
        if removed == 0 && new.is_empty() {
            return;
        }
        let mut bytes = self.bytes().to_vec();
        bytes.splice(at..at + removed, new.iter().copied());
        self.states.push((bytes, self.now, None));
        self.states[self.now].2 = Some(self.states.len() - 1);
        self.now = self.states.len() - 1;
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each act")]
    fn act(&mut self, view: &mut Stage, act: &Act, is_again: bool) {
        let at = usize::try_from(view.at()).unwrap();
        let len = self.bytes().len();
        let keys = |view: &mut Stage, keys: String| {
            view.keys(if is_again { "." } else { &keys });
        };
        match act {
            Act::Go(_) if len == 0 => {}
            Act::Go(to) => drop(view.keys(&format!(":{}\n", usize::from(*to) % len))),
            Act::Overwrite(new) if !is_again => {
                let new = &new[..new.len().min(len - at)];
                view.keys(&format!("R{}\x1b", digits(new)));
                self.push(at, new.len(), new);
                if !new.is_empty() {
                    self.last = Some((true, Act::Overwrite(new.to_vec())));
                }
            }
            Act::Overwrite(new) => {
                view.keys(".");
                if at + new.len() <= len {
                    self.push(at, new.len(), new);
                }
            }
            Act::Insert(new) => {
                keys(view, format!("i{}\x1b", digits(new)));
                self.push(at, 0, new);
            }
            Act::Append(new) => {
                view.keys(&format!("A{}\x1b", digits(new)));
                self.push(len, 0, new);
            }
            Act::TakenBack(new, back, over) => {
                let room = if *over { len - at } else { usize::MAX };
                let new = &new[..new.len().min(room)];
                view.keys(if *over { "R" } else { "i" }).keys(&digits(new));
                let kept = new.len().saturating_sub(usize::from(*back));
                for _ in kept..new.len() {
                    view.press(KeyCode::Backspace);
                }
                view.keys("\x1b");
                if let (0, Some(first)) = (kept, new.first()) {
                    // What was taken back as a whole was undone: its first digit can be redone.
                    let low = if *over { self.bytes()[at] & 0x0f } else { 0 };
                    self.push(at, usize::from(*over), &[first & 0xf0 | low]);
                    self.now = self.states[self.now].1;
                }
                let kept = &new[..kept];
                self.push(at, if *over { kept.len() } else { 0 }, kept);
                self.last = None;
            }
            Act::Delete(count) => {
                let count = usize::from(*count).min(len - at);
                keys(view, format!("{}x", if is_again { 1 } else { count.max(1) }));
                self.push(at, count, &[]);
            }
            Act::Rows(rows) => {
                keys(view, format!("{rows}dd"));
                let start = at / 16 * 16;
                self.push(start, (usize::from(*rows) * 16).min(len - start), &[]);
            }
            Act::Copy(count) => {
                let count = usize::from(*count).min(len - at);
                if count > 0 {
                    view.keys("v")
                        .keys(&"l".repeat(count - 1))
                        .keys("yh\x1b")
                        .keys(&format!(":{at}\n"));
                    self.copied = self.bytes()[at..at + count].to_vec();
                }
            }
            Act::Paste(is_inserted) => {
                let copied = self.copied.clone();
                keys(view, (if *is_inserted { "P" } else { "p" }).to_owned());
                let over = if *is_inserted { 0 } else { copied.len().min(len - at) };
                let new = if *is_inserted { &copied[..] } else { &copied[..over] };
                self.push(at, over, new);
            }
            Act::Fill(count, byte) => {
                let count = usize::from(*count).min(len - at);
                if count > 0 {
                    view.keys(&format!(":fill {at}..{} {byte:02x}\n", at + count));
                    self.push(at, count, &vec![*byte; count]);
                }
            }
            Act::Repeat => {
                if let Some((true, act)) = self.last.take() {
                    self.act(view, &act, true);
                    self.last = Some((true, act));
                }
            }
            Act::Undo(count) => {
                view.keys(&format!("{count}u"));
                for _ in 0..*count {
                    self.now = self.states[self.now].1;
                }
            }
            Act::Redo(count) => {
                view.keys(&format!("{count}U"));
                for _ in 0..*count {
                    self.now = self.states[self.now].2.unwrap_or(self.now);
                }
            }
            Act::Mark => drop(view.keys("ma")),
        }
        if !is_again && matches!(act, Act::Insert(_) | Act::Rows(_)) {
            self.last = Some((true, act.clone()));
        }
        if matches!(act, Act::Delete(_) | Act::Paste(_) | Act::Append(_)) {
            self.last = None;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn random_keys_do_what_they_do_to_a_vector(acts in prop::collection::vec(act(), 1..30), len in 0..200_usize) {
        let bytes: Vec<u8> = (0..len).map(|at| u8::try_from(at).unwrap()).collect();
        let file = OnDisk::new(&bytes);
        let mut view = writable(&file, (80, 24));
        view.keys(":set folds off\n:set theme mono\n");
        let mut model = Model { states: vec![(bytes.clone(), 0, None)], ..Model::default() };
        for act in &acts {
            model.act(&mut view, act, false);
            prop_assert_eq!(shown(&mut view), model.bytes(), "after {:?}", act);
        }
        view.keys("999u");
        prop_assert_eq!(&shown(&mut view), &bytes);
        prop_assert!(!title(&view).contains("[+]"), "{}", title(&view));
        prop_assert_eq!(std::fs::read(&file.path).unwrap(), bytes);
    }
}
