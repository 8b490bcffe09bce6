//! Completion of file names.

use std::fs;
use std::path::Path;

use crate::job::context::JobContext;
use crate::job::error::JobError;
use crate::job::{Job, Never, Priority};
use crate::source::printable;

/// Maximum number of completions.
const NAMES_MAX: usize = 256;

/// Lists the files whose paths start with the typed text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct PathCompletionsJob {
    pub(crate) input: String,
}

impl Job for PathCompletionsJob {
    type Event = Never;
    /// The typed text, and its completions.
    type Output = (String, Vec<String>);

    fn priority(&self) -> Priority {
        Priority::Visible
    }

    fn title(&self) -> String {
        "names of files".to_owned()
    }

    fn run(self, _: &JobContext<'_, Never>) -> Result<(String, Vec<String>), JobError> {
        let names = starting(&self.input);
        Ok((self.input, names))
    }
}

/// The completions of a path, sorted; directories end with a slash. A directory that cannot be
/// listed has none, and names that do not fit on a line are left out.
fn starting(input: &str) -> Vec<String> {
    let (directory, part) = match input.rfind(std::path::is_separator) {
        Some(at) => input.split_at(at + 1),
        None => ("", input),
    };
    let listed =
        fs::read_dir(if directory.is_empty() { Path::new(".") } else { Path::new(directory) });
    let names = listed.into_iter().flatten().flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let is_typed = name.starts_with(part) && (part.starts_with('.') || !name.starts_with('.'));
        let is_plain = printable(name.as_ref()) == name;
        let slash = if entry.path().is_dir() { "/" } else { "" };
        (is_typed && is_plain).then(|| format!("{directory}{name}{slash}"))
    });
    let mut names: Vec<String> = names.take(NAMES_MAX).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_on_as_they_were_typed() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["log.1", "log.2", ".hidden", "other"] {
            fs::write(dir.path().join(name), b"").unwrap();
        }
        // Some file systems reject this name.
        fs::write(dir.path().join("evil\u{1b}[2J"), b"").ok();
        fs::create_dir(dir.path().join("logs")).unwrap();
        let at = |part: &str| {
            let input = format!("{}/{part}", dir.path().display());
            let names = starting(&input).into_iter();
            names.map(|name| name.rsplit_once('/').unwrap().1.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(at("log"), ["log.1", "log.2", ""], "a directory ends with a slash");
        assert_eq!(at(".h"), [".hidden"]);
        assert_eq!(at(""), ["log.1", "log.2", "", "other"]);
        assert!(starting("/nowhere/at/all").is_empty());
    }
}
