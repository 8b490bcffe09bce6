//! Completion of the prompt, and selection from the list.

use super::{Prompt, PromptEvent, Purpose};
use crate::editor::command::{Candidate, Commands, Listing};

impl Prompt {
    /// The line was changed: deselects the completion.
    pub(super) fn forget_choice(&mut self) {
        if self.chosen.take().is_some() || self.has_names {
            self.listed = None;
        }
        (self.is_completing, self.has_names) = (false, false);
    }

    /// Computes the completions, unless they are up to date.
    pub(crate) fn list(&mut self, commands: &Commands) {
        if self.purpose != Purpose::Command || self.chosen.is_some() || self.has_names {
            return;
        }
        let text = self.text();
        if self.listed.as_deref() != Some(text.as_str()) {
            self.listing = Listing::of(&text, commands);
            self.listed = Some(text);
        }
    }

    /// Up and down select from the list. Up moves into the history if the line is empty, comes from
    /// the history, or has no completions.
    pub(super) fn choose_or_browse(&mut self, by: isize, history: &[String]) {
        let is_up_in_empty = by < 0 && self.text.is_empty() && self.chosen.is_none();
        if self.browsing.is_some() || is_up_in_empty || self.listing.candidates.is_empty() {
            return self.browse(-by, history);
        }
        let count = self.listing.candidates.len();
        let next = match self.chosen {
            None if by > 0 => Some(0),
            None => Some(count - 1),
            Some(at) => at.checked_add_signed(by).filter(|&next| next < count),
        };
        self.choose(next);
    }

    /// Puts a completion into the line; `None` restores the typed text.
    pub(crate) fn choose(&mut self, next: Option<usize>) {
        if self.chosen.is_none() {
            self.input = self.text();
        }
        let line = next.and_then(|at| self.listing.candidates.get(at)).map(|it| it.line.clone());
        self.chosen = next.filter(|_| line.is_some());
        self.is_completing = true;
        self.problem = None;
        self.confirmed = None;
        let input = std::mem::take(&mut self.input);
        self.replace(line.as_ref().unwrap_or(&input));
        self.input = input;
    }

    /// Completes to the longest common prefix, then cycles through the completions.
    pub(super) fn complete(&mut self, by: isize) -> PromptEvent {
        if self.purpose != Purpose::Command {
            return PromptEvent::More;
        }
        self.is_completing = true;
        let text = self.text();
        let part = self.listing.file_at.and_then(|at| text.get(at..));
        if let Some(part) = part.filter(|_| self.chosen.is_none() && !self.has_names) {
            return PromptEvent::Names(part.to_owned());
        }
        if self.chosen.is_none() && self.extend(" ") {
            return PromptEvent::More;
        }
        let count = self.listing.candidates.len();
        let next = match self.chosen {
            _ if count == 0 => return PromptEvent::More,
            None if by > 0 => 0,
            None => count - 1,
            Some(at) => (at + count).saturating_add_signed(by) % count,
        };
        self.choose(Some(next));
        PromptEvent::More
    }

    /// Extends the line to the longest common prefix. If there is only one completion, appends
    /// `end`. Returns whether the line has changed.
    fn extend(&mut self, end: &str) -> bool {
        let text = self.text();
        let candidates = &self.listing.candidates;
        let lines = || candidates.iter().map(|it| &it.line).filter(|line| line.starts_with(&text));
        let Some(shared) = shared_start(lines()) else { return false };
        let whole = if lines().count() == 1 { shared + end } else { shared };
        let is_more = whole.chars().count() > self.text.len();
        if is_more {
            self.replace(&whole);
        }
        is_more
    }

    /// Takes file name completions, if `part` is still at the end of the line.
    pub(crate) fn offer_names(&mut self, part: &str, names: &[String]) {
        let text = self.text();
        let Some((before, now)) = self.listing.file_at.and_then(|at| text.split_at_checked(at))
        else {
            return;
        };
        if now == part && self.chosen.is_none() {
            let lines = names.iter().map(|name| Candidate::plain(format!("{before}{name}")));
            self.listing.candidates = lines.collect();
            self.extend("");
            // A single name is inserted right away. If it is a directory, completion can continue
            // in it.
            self.has_names = names.len() > 1;
            if !self.has_names {
                self.listed = None;
            }
        }
    }
}

fn shared_start<'a>(mut all: impl Iterator<Item = &'a String>) -> Option<String> {
    let mut shared = all.next()?.clone();
    for other in all {
        while !other.starts_with(&shared) {
            shared.pop();
        }
    }
    Some(shared)
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::*;
    use crate::editor::command::CommandInfo;

    const COMMANDS: &Commands = &[
        &CommandInfo::new(&["map"], "", "what is where"),
        &CommandInfo::new(&["mark"], "a…z", "a letter for a place"),
        &CommandInfo::new(&["marks"], "", "all letters"),
        &CommandInfo::new(&["quit", "q"], "", "leave"),
        &CommandInfo::new(&["tab"], "FILE", "a file").files_after(&["tab "]),
        &CommandInfo::new(&["unmark"], "a…z", "take a letter away"),
    ];

    fn typed(prompt: &mut Prompt, keys: &[KeyCode]) -> String {
        let history = ["0x10".to_owned(), "50%".to_owned()];
        for &code in keys {
            prompt.press(KeyEvent::new(code, KeyModifiers::NONE), &history);
            prompt.list(COMMANDS);
        }
        prompt.text()
    }

    fn prompt(text: &str) -> Prompt {
        let mut prompt = Prompt::new(Purpose::Command);
        prompt.insert(text);
        prompt.list(COMMANDS);
        prompt
    }

    #[test]
    fn tab_completes_as_far_as_it_is_clear_and_then_goes_through_what_is_listed() {
        use KeyCode::{BackTab, Tab};
        let mut line = prompt("mar");
        assert_eq!(typed(&mut line, &[Tab]), "mark");
        assert_eq!(typed(&mut line, &[Tab, Tab]), "marks");
        assert_eq!(typed(&mut line, &[Tab]), "unmark");
        assert_eq!(typed(&mut line, &[Tab]), "mark");
        assert_eq!(typed(&mut line, &[BackTab]), "unmark");
        assert_eq!(typed(&mut prompt("qu"), &[Tab]), "quit ");
        assert_eq!(typed(&mut prompt("0x"), &[Tab]), "0x");
        // If no name matches, the descriptions are searched.
        assert_eq!(typed(&mut prompt("leav"), &[Tab]), "quit");
    }

    #[test]
    fn up_and_down_choose_and_lead_back_to_what_was_typed() {
        use KeyCode::{Char, Down, Up};
        let mut line = prompt("mar");
        assert_eq!(typed(&mut line, &[Down]), "mark");
        assert_eq!(typed(&mut line, &[Down, Down]), "unmark");
        assert_eq!((typed(&mut line, &[Down]).as_str(), line.chosen), ("mar", None));
        assert_eq!(typed(&mut line, &[Up]), "unmark");
        assert_eq!(typed(&mut line, &[Up, Up, Up]), "mar");
        // Typing accepts the selection, and updates the list.
        assert_eq!(typed(&mut line, &[Down, Char('s')]), "marks");
        assert_eq!((line.chosen, line.listing.candidates.len()), (None, 1));
        // In an empty line, up browses the history, and down selects the first command.
        let mut line = prompt("");
        assert_eq!(typed(&mut line, &[Up, Up]), "0x10");
        assert_eq!(typed(&mut line, &[Down, Down]), "");
        assert_eq!(typed(&mut line, &[Down]), "map");
        // Ctrl-p and Ctrl-n always browse the history.
        let ctrl = |c| KeyEvent::new(Char(c), KeyModifiers::CONTROL);
        let history = ["0x10".to_owned(), "50%".to_owned()];
        let mut line = prompt("mar");
        line.press(ctrl('p'), &history);
        line.press(ctrl('p'), &history);
        assert_eq!(line.text(), "0x10");
        line.press(ctrl('n'), &history);
        line.press(ctrl('n'), &history);
        assert_eq!(line.text(), "mar");
    }

    #[test]
    fn names_of_files_are_gone_through_and_the_only_one_is_written() {
        use KeyCode::{Char, Tab};
        let press = |line: &mut Prompt| line.press(KeyEvent::new(Tab, KeyModifiers::NONE), &[]);
        let mut line = prompt("tab a");
        assert_eq!(press(&mut line), PromptEvent::Names("a".to_owned()));
        line.offer_names("a", &["ab1".to_owned(), "ab2".to_owned()]);
        line.list(COMMANDS);
        assert_eq!(line.text(), "tab ab");
        assert_eq!(typed(&mut line, &[Tab, Tab]), "tab ab2");
        assert_eq!(typed(&mut line, &[Char('x')]), "tab ab2x");
        assert_eq!(press(&mut line), PromptEvent::Names("ab2x".to_owned()));
        line.offer_names("ab2x", &["ab2x/".to_owned()]);
        line.list(COMMANDS);
        assert_eq!(line.text(), "tab ab2x/");
        assert_eq!(press(&mut line), PromptEvent::Names("ab2x/".to_owned()));
        // An answer for a text that has changed is ignored.
        line.offer_names("ab", &["abc".to_owned()]);
        assert_eq!(line.text(), "tab ab2x/");
    }
}
