//! What is remembered from one run to the next: marks and jumps of each file, and lines typed. One
//! small file at the user's own place, and nothing beside the files that are looked at.

use std::io;
use std::path::{Path, PathBuf};
use std::{env, fs};

use memmap::{MemMap, Mode};
use serde_json::{Map, Value, json};

use crate::document::marks::Marks;
use crate::editor::prompt::HISTORY_MAX;

/// What is remembered of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    pub(crate) marks: Vec<(char, u64)>,
    pub(crate) places: Vec<u64>,
    pub(crate) history: Vec<String>,
}

/// The longest file that is read; ours is never that long.
const LEN_MAX: u64 = 1 << 20;

/// The most files that are remembered; those not opened for longest go first.
const FILES_MAX: usize = 200;

/// Where the state of programs of this user is: `$XDG_STATE_HOME/lazyhex/session.json`, usually in
/// `~/.local/state`.
#[must_use]
pub(crate) fn place() -> Option<PathBuf> {
    Some(user_directory("XDG_STATE_HOME", ".local/state")?.join("lazyhex/session.json"))
}

/// A directory of the XDG base directories: what the variable says, if that is absolute, or else
/// below the home directory.
pub(crate) fn user_directory(variable: &str, below_home: &str) -> Option<PathBuf> {
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    let said = env::var_os(variable).map(PathBuf::from).and_then(absolute);
    said.or_else(|| Some(absolute(env::var_os("HOME")?.into())?.join(below_home)))
}

/// What was remembered of `file`, if anything.
///
/// # Errors
/// What the system says, but that there is no such file; and what is no session is named.
pub(crate) fn load(session: &Path, file: &Path) -> io::Result<Memory> {
    Ok(State::read(session)?.map(|state| state.memory(&key(file))).unwrap_or_default())
}

/// Remembers this of `file`, beside what is remembered of others. The session is replaced in one
/// step, so that whoever reads it at the same time reads all of the old one or all of the new one.
///
/// # Errors
/// What the system says.
pub(crate) fn save(session: &Path, file: &Path, memory: &Memory) -> io::Result<()> {
    // What cannot be read is not worth keeping.
    let mut state = State::read(session).ok().flatten().unwrap_or_default();
    state.remember(&key(file), memory);
    let text = state.to_json().to_string();
    if let Some(directory) = session.parent() {
        fs::create_dir_all(directory)?;
    }
    let mut map = MemMap::options()
        .mode(Mode::Create)
        .len(memmap::widen(text.len()))
        .permissions(0o600)
        .open(session)?;
    map.write_at(0, text.as_bytes())?;
    map.close()?;
    Ok(())
}

/// The name under which a file is remembered: where it is in truth, whatever it was called.
fn key(file: &Path) -> String {
    fs::canonicalize(file).unwrap_or_else(|_unknown| file.to_owned()).to_string_lossy().into_owned()
}

/// The whole session. Files are in the order of their last use.
#[derive(Debug, Default)]
struct State {
    history: Vec<String>,
    files: Vec<FileState>,
}

/// What is remembered of one file: its path, its marks, its places.
type FileState = (String, Vec<(char, u64)>, Vec<u64>);

impl State {
    fn read(session: &Path) -> io::Result<Option<Self>> {
        let len = match fs::metadata(session) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if len > LEN_MAX {
            return Err(io::Error::other("it is longer than a session can be"));
        }
        let text = fs::read_to_string(session)?;
        let value: Value = serde_json::from_str(&text)?;
        Ok(Some(Self::from_json(&value)))
    }

    /// What it understands of a value; the rest is as if it were not there.
    fn from_json(value: &Value) -> Self {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let texts = |value: &Value| {
            list(value).iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        };
        let file = |value: &Value| {
            let marks = value["marks"].as_object().cloned().unwrap_or_default();
            let mark = |(name, at): (&String, &Value)| {
                let name = name.chars().next().filter(|&name| Marks::is_name(name))?;
                Some((name, at.as_u64()?))
            };
            let places = list(&value["places"]).iter().filter_map(Value::as_u64).collect();
            Some((
                value["path"].as_str()?.to_owned(),
                marks.iter().filter_map(mark).collect(),
                places,
            ))
        };
        Self {
            history: texts(&value["history"]),
            files: list(&value["files"]).iter().filter_map(file).collect(),
        }
    }

    fn to_json(&self) -> Value {
        let files = self.files.iter().map(|(path, marks, places)| {
            let marks: Map<String, Value> =
                marks.iter().map(|(name, at)| (name.to_string(), (*at).into())).collect();
            json!({ "path": path, "marks": marks, "places": places })
        });
        json!({ "version": 1, "history": self.history, "files": files.collect::<Vec<_>>() })
    }

    fn memory(&self, key: &str) -> Memory {
        let found = self.files.iter().find(|(path, ..)| path == key);
        let (marks, places) =
            found.map(|(_, marks, places)| (marks.clone(), places.clone())).unwrap_or_default();
        Memory { marks, places, history: self.history.clone() }
    }

    fn remember(&mut self, key: &str, memory: &Memory) {
        self.files.retain(|(path, ..)| path != key);
        self.files.push((key.to_owned(), memory.marks.clone(), memory.places.clone()));
        self.files.drain(..self.files.len().saturating_sub(FILES_MAX));
        // Another view may have added lines meanwhile.
        for line in &memory.history {
            self.history.retain(|old| old != line);
            self.history.push(line.clone());
        }
        self.history.drain(..self.history.len().saturating_sub(HISTORY_MAX));
        while memmap::widen(self.to_json().to_string().len()) > LEN_MAX && self.files.len() > 1 {
            self.files.drain(..self.files.len() / 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(mark: u64, line: &str) -> Memory {
        Memory {
            marks: vec![('a', mark), ('z', u64::MAX)],
            places: vec![1, 2, mark],
            history: vec![line.to_owned()],
        }
    }

    #[test]
    fn what_is_saved_is_loaded_for_the_same_file_and_lines_for_all() {
        let dir = tempfile::tempdir().unwrap();
        let session = dir.path().join("state/lazyhex/session.json");
        let file = |name: &str| dir.path().join(name);
        assert_eq!(load(&session, &file("one")).unwrap(), Memory::default());
        save(&session, &file("one"), &memory(7, "50%")).unwrap();
        save(&session, &file("two"), &memory(8, "0x10")).unwrap();
        let both = vec!["50%".to_owned(), "0x10".to_owned()];
        let one = load(&session, &file("one")).unwrap();
        assert_eq!(one, Memory { history: both.clone(), ..memory(7, "") });
        let other = load(&session, &file("three")).unwrap();
        assert_eq!(other, Memory { history: both, ..Memory::default() });
        let left: Vec<_> = fs::read_dir(session.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn what_is_no_session_is_an_error_to_read_and_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let session = dir.path().join("session.json");
        fs::write(&session, "{\"files\": [").unwrap();
        load(&session, Path::new("x")).unwrap_err();
        save(&session, Path::new("x"), &memory(7, "50%")).unwrap();
        assert_eq!(load(&session, Path::new("x")).unwrap(), memory(7, "50%"));
        for strange in ["[]", "{\"files\": {\"a\": 1}, \"history\": [1, null]}", "\"text\""] {
            fs::write(&session, strange).unwrap();
            assert_eq!(load(&session, Path::new("x")).unwrap(), Memory::default());
        }
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut state = State::default();
        for i in 0..1000_u32 {
            state.remember(&format!("/file/{i}"), &memory(7, &format!("line {i}")));
        }
        assert_eq!((state.files.len(), state.history.len()), (FILES_MAX, HISTORY_MAX));
        assert_eq!(state.files.last().unwrap().0, "/file/999");
        let many = Memory { places: vec![u64::MAX; 100], ..Memory::default() };
        for i in 0..200_u32 {
            state.remember(&format!("{}{i}", "/long".repeat(2000)), &many);
        }
        assert!(memmap::widen(state.to_json().to_string().len()) <= LEN_MAX);
    }
}
