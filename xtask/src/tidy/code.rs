//! The code of a source file, without comments and without the contents of literals.

/// Code, with the line breaks of the file. Comments and literals are blank.
pub(super) struct Code(String);

impl Code {
    pub(super) fn of(mut text: &str) -> Self {
        let mut code = String::new();
        while let Some(first) = text.chars().next() {
            let len = silent_len(text);
            let (silent, rest) = text.split_at(len.max(first.len_utf8()));
            if len == 0 {
                code.push(first);
            } else {
                code.extend(silent.chars().map(|c| if c == '\n' { c } else { ' ' }));
            }
            text = rest;
        }
        Self(code)
    }

    pub(super) fn contains(&self, fragment: &str) -> bool {
        self.0.contains(fragment)
    }

    /// The number of the first line that contains this word.
    pub(super) fn line_of_word(&self, word: &str) -> Option<usize> {
        self.line_where(|line| has_word(line, word))
    }

    /// The number of the first line that contains this fragment.
    pub(super) fn line_of(&self, fragment: &str) -> Option<usize> {
        self.line_where(|line| line.contains(fragment))
    }

    fn line_where(&self, found: impl Fn(&str) -> bool) -> Option<usize> {
        (1..).zip(self.0.lines()).find(|(_, line)| found(line)).map(|(number, _)| number)
    }

    /// The first name after each `root::`, with its line. For a group in braces, the first name of
    /// each path.
    pub(super) fn names_after(&self, root: &str) -> Vec<(usize, &str)> {
        let path = format!("{root}::");
        let mut found = Vec::new();
        for (at, _) in self.0.match_indices(&path) {
            let (before, rest) = self.0.split_at(at);
            if before.ends_with(is_of_word) {
                continue;
            }
            let after = rest.strip_prefix(&path).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let Some(group) = after.strip_prefix('{') else {
                found.push((line, word(after)));
                continue;
            };
            let line_at = |at| line + group.split_at(at).0.matches('\n').count();
            found.extend(names(group).into_iter().map(|(at, name)| (line_at(at), name)));
        }
        found
    }

    /// The contents of the brackets of each `cfg(…)`, `cfg!(…)` and `cfg_attr(…)`, with the line.
    pub(super) fn conditions(&self) -> impl Iterator<Item = (usize, &str)> {
        self.0.match_indices("cfg").filter_map(|(at, name)| {
            let (before, rest) = self.0.split_at(at);
            let rest = rest.strip_prefix(name)?;
            let rest =
                rest.strip_prefix("_attr").or_else(|| rest.strip_prefix('!')).unwrap_or(rest);
            let inside = rest.strip_prefix('(')?;
            Some((before.lines().count().max(1), inside.split_at(closing(inside)).0))
        })
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The word that `text` begins with.
fn word(text: &str) -> &str {
    text.split(|c| !is_of_word(c)).next().unwrap_or_default()
}

/// The first name of each path in a group, up to the closing brace, with its offset.
fn names(group: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut open = 0_usize;
    let mut is_new = true;
    for (at, c) in group.char_indices() {
        match c {
            '{' => open += 1,
            '}' if open == 0 => break,
            '}' => open -= 1,
            ',' if open == 0 => is_new = true,
            c if is_new && is_of_word(c) => {
                found.push((at, word(group.split_at(at).1)));
                is_new = false;
            }
            _ => {}
        }
    }
    found
}

/// Whether `text` contains `word` as a whole word.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    text.split(|c| !is_of_word(c)).any(|it| it == word)
}

/// The offset of the bracket that closes an open one.
fn closing(inside: &str) -> usize {
    let mut open = 1_usize;
    for (at, c) in inside.char_indices() {
        match c {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return at;
        }
    }
    inside.len()
}

/// The length of the comment or literal that `text` begins with; 0 if it begins with code.
fn silent_len(text: &str) -> usize {
    let to = |end: &str| text.find(end).unwrap_or(text.len());
    if text.starts_with("//") {
        return to("\n");
    }
    if text.starts_with("/*") {
        return block_comment_len(text);
    }
    if text.starts_with('"') {
        return quoted_len(text, '"');
    }
    if let Some(raw) = text.strip_prefix('r') {
        let quote = raw.trim_start_matches('#');
        let hashes = raw.split_at(raw.len() - quote.len()).0;
        if let Some(inside) = quote.strip_prefix('"') {
            let end = format!("\"{hashes}");
            let inside_len = inside.find(&end).map_or(inside.len(), |at| at + end.len());
            return text.len() - inside.len() + inside_len;
        }
    }
    let mut chars = text.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some('\''), Some('\\'), _) => quoted_len(text, '\''),
        (Some('\''), Some(c), Some('\'')) => 2 + c.len_utf8(),
        _ => 0, // a lifetime starts like a character
    }
}

fn quoted_len(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !is_escaped {
            return at + 1;
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    text.len()
}

/// Block comments nest.
fn block_comment_len(text: &str) -> usize {
    let mut open = 0_usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let step = if rest.starts_with("/*") {
            open += 1;
            2
        } else if rest.starts_with("*/") {
            open -= 1;
            2
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        at += step;
        if open == 0 {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_not_code() {
        let silent = [
            "// word",
            "/// word",
            "/* a /* word */ word */",
            "\"a \\\" word\"",
            "r#\"a \" word\"#",
            "br\"\\\" , 'a', b\"word\"",
            "'\\'', \"word\"",
            "'\"', \"word\"",
        ];
        for text in silent {
            assert_eq!(Code::of(text).line_of_word("word"), None, "{text}");
            let after = format!("{text}\nx::word()");
            assert_eq!(Code::of(&after).line_of_word("word"), Some(2), "{text}");
        }
    }

    #[test]
    fn a_lifetime_is_code_and_so_is_what_follows() {
        assert_eq!(Code::of("fn f<'a>(x: &'a word)").line_of_word("word"), Some(1));
    }

    #[test]
    fn a_word_is_whole() {
        assert!(Code::of("unsafe_code").line_of_word("unsafe").is_none());
        assert!(Code::of("{unsafe{}}").line_of_word("unsafe").is_some());
    }

    #[test]
    fn names_after_a_root_are_found_also_in_groups() {
        let code = Code::of("use a::b;\nuse a::{c::{d, e}, f,\n g::h};\na::i::j(b_a::k)\n");
        let found = code.names_after("a");
        assert_eq!(found, [(1, "b"), (2, "c"), (2, "f"), (3, "g"), (4, "i")]);
    }

    #[test]
    fn conditions_are_found_in_each_of_their_forms() {
        let code = Code::of("#[cfg(a)]\n#[cfg_attr(any(b, c), d)]\nif cfg!(e) {}\nfn cfg() {}");
        let found: Vec<_> = code.conditions().collect();
        assert_eq!(found, [(1, "a"), (2, "any(b, c), d"), (3, "e"), (4, "")]);
    }
}
