//! The rows of `table.txt`, which says what its words mean.

const TABLE: &str = include_str!("table.txt");

/// A row: three columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// What is there.
    pub(crate) before: &'static str,
    /// What is called.
    pub(crate) call: &'static str,
    /// What the answer is to be.
    pub(crate) answer: &'static str,
}

impl Row {
    /// What is asked of memmap, if it can be.
    pub(crate) fn ours(self) -> Option<&'static str> {
        match self.call.split_once(" => ") {
            Some((_, ours)) => Some(ours),
            None => (!self.call.starts_with("numpy:")).then_some(self.call),
        }
    }

    /// How docs/numpy.md calls it.
    pub(crate) fn title(self) -> String {
        let call = self.call.strip_prefix("numpy: ").unwrap_or(self.call);
        let call = call.split_once(" => ").map_or(call, |(numpys, _)| numpys.trim());
        format!("| {}: `{call}` |", self.before)
    }

    /// Whether `answer` is what the row says, or one of what it says.
    pub(crate) fn expects(self, answer: &str) -> bool {
        let (expected, _) = self.answer.split_once(", file ").unwrap_or((self.answer, ""));
        expected.split('/').any(|it| it == answer)
    }

    /// Whether the call is to fail.
    pub(crate) fn fails(self) -> bool {
        !self.answer.starts_with("ok ")
    }

    /// How long the file is to be after a call that changes it.
    pub(crate) fn new_len(self) -> Option<u64> {
        self.answer.split_once(", file ").map(|(_, len)| number(len))
    }
}

pub(crate) fn rows() -> Vec<Row> {
    TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(row).collect()
}

fn row(line: &'static str) -> Row {
    let columns: Vec<&str> = line.split('|').map(str::trim).collect();
    let &[before, call, answer] = columns.as_slice() else { panic!("not three columns: {line}") };
    Row { before, call, answer }
}

/// `160`, or `2^63`.
pub(crate) fn number(word: &str) -> u64 {
    let number = match word.split_once('^') {
        Some(("2", power)) => power.parse().ok().and_then(|power| 1_u64.checked_shl(power)),
        _ => word.parse().ok(),
    };
    number.unwrap_or_else(|| panic!("{word:?} is no number"))
}
