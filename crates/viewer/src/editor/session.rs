//! The session: saved state of each file, and the history. It is one small file in the user's state
//! directory; nothing is written next to the viewed files.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use etcetera::base_strategy::{self, BaseStrategy as _};
use memmap::edit::{owner_of, this_process};
use memmap::{MemMap, Mode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::document::marks::Marks;
use crate::editor::prompt::HISTORY_MAX;
use crate::format::note_list::NoteEntry;

/// Saved state of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SessionEntry {
    pub(crate) marks: Vec<(char, u64)>,
    pub(crate) notes: Vec<NoteEntry>,
    pub(crate) places: Vec<u64>,
    pub(crate) history: Vec<String>,
    /// Offset of the cursor.
    pub(crate) cursor: Option<u64>,
    /// Offset of the first row on the screen.
    pub(crate) top: Option<u64>,
}

/// Why a session cannot be read.
#[derive(Debug, Error)]
pub(crate) enum SessionError {
    #[error("cannot read {place:?}: {error}")]
    Read { place: PathBuf, error: io::Error },
    #[error("cannot read {0:?}: the session file is too long")]
    TooLong(PathBuf),
}

/// Maximum length of a session file. lazyhex never writes a longer one.
const LEN_MAX: u64 = 1 << 20;

/// Maximum number of files; the least recently opened are dropped first.
const FILES_MAX: usize = 200;

/// Path of the session file: `$XDG_STATE_HOME/lazyhex/session.json`, by default in
/// `~/.local/state`, and in `%LOCALAPPDATA%` on Windows.
#[must_use]
pub(crate) fn place() -> Option<PathBuf> {
    let directory = user_directory("XDG_STATE_HOME", ".local/state", system_state)?;
    Some(directory.join("lazyhex").join("session.json"))
}

/// The folder of journals: `$XDG_STATE_HOME/lazyhex/journal`, as the session file. If that belongs to another
/// user, as under sudo, it is in the home directory of the user that the program acts for, so that nobody
/// finds files of root at home.
#[must_use]
pub(crate) fn journals_place() -> Option<PathBuf> {
    let directory = user_directory("XDG_STATE_HOME", ".local/state", system_state)?;
    let directory = of_this_user(directory, this_process().user, Path::new("/etc/passwd"));
    Some(directory.join("lazyhex").join("journal"))
}

/// The directory, or that of the user with this number if it belongs to another one.
fn of_this_user(directory: PathBuf, user: u32, users: &Path) -> PathBuf {
    let owner = directory.ancestors().find_map(|it| owner_of(it).ok()).flatten();
    if owner.is_none_or(|owner| owner == user) {
        return directory;
    }
    let users = fs::read_to_string(users).unwrap_or_default();
    let home = users.lines().find_map(|line| {
        // name:password:user:group:comment:home:shell
        let fields: Vec<&str> = line.split(':').collect();
        let is_it = fields.get(2).and_then(|it| it.parse().ok()) == Some(user);
        fields.get(5).filter(|home| is_it && Path::new(home).is_absolute()).map(PathBuf::from)
    });
    home.map_or(directory, |home| home.join(".local/state"))
}

/// A user directory: `$variable`, or `below_home` in `$HOME`, or the system's default.
pub(crate) fn user_directory(
    variable: &str,
    below_home: &str,
    system: impl FnOnce() -> Option<PathBuf>,
) -> Option<PathBuf> {
    directory_of(|name| env::var_os(name), variable, below_home, system)
}

/// Relative paths are ignored, as the XDG specification demands: their meaning would depend on the
/// working directory.
fn directory_of(
    variables: impl Fn(&str) -> Option<OsString>,
    variable: &str,
    below_home: &str,
    system: impl FnOnce() -> Option<PathBuf>,
) -> Option<PathBuf> {
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    let path_in = |name| variables(name).map(PathBuf::from).and_then(absolute);
    path_in(variable)
        .or_else(|| Some(path_in("HOME")?.join(below_home)))
        .or_else(|| system().and_then(absolute))
}

/// The system's state directory, if the variables are not set: in the home directory of the user
/// database on Unix, `%LOCALAPPDATA%` on Windows.
fn system_state() -> Option<PathBuf> {
    let directories = base_strategy::choose_base_strategy().ok()?;
    // Windows has no state directory. The cache directory is not synchronized between machines, and
    // neither should paths be.
    Some(directories.state_dir().unwrap_or_else(|| directories.cache_dir()))
}

/// Loads the saved state of `file`, if there is any.
///
/// # Errors
/// Fails if the session exists and cannot be read, or is not JSON.
pub(crate) fn load(session: &Path, file: &Path) -> Result<SessionEntry, SessionError> {
    Ok(State::read(session)?.map(|state| state.memory(&key(file))).unwrap_or_default())
}

/// Saves the state of `file`, and keeps that of other files. The session file is replaced
/// atomically, so that readers see either the old or the new one.
///
/// # Errors
/// Fails if the session cannot be written.
pub(crate) fn save(session: &Path, file: &Path, memory: &SessionEntry) -> io::Result<()> {
    // An unreadable session is overwritten.
    let mut state = State::read(session).ok().flatten().unwrap_or_default();
    state.remember(&key(file), memory);
    let text = serde_json::to_string(&state)?;
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

/// The key of a file: its canonical path, so that all its names share one entry.
fn key(file: &Path) -> String {
    fs::canonicalize(file).unwrap_or_else(|_unknown| file.to_owned()).to_string_lossy().into_owned()
}

/// The session as stored. Later versions may add keys; values that this version does not understand
/// are ignored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default)]
struct State {
    #[serde(deserialize_with = "or_default")]
    version: u32,
    #[serde(deserialize_with = "elements")]
    history: Vec<String>,
    /// By ascending time of last use.
    #[serde(deserialize_with = "elements")]
    files: Vec<FileState>,
}

impl Default for State {
    fn default() -> Self {
        Self { version: VERSION, history: Vec::new(), files: Vec::new() }
    }
}

/// Version of the format. It is incremented only for changes that older versions cannot read.
const VERSION: u32 = 1;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct FileState {
    path: String,
    #[serde(default, deserialize_with = "entries")]
    marks: BTreeMap<char, u64>,
    #[serde(default, deserialize_with = "elements", skip_serializing_if = "Vec::is_empty")]
    notes: Vec<NoteEntry>,
    #[serde(default, deserialize_with = "elements")]
    places: Vec<u64>,
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Option::is_none")]
    cursor: Option<u64>,
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Option::is_none")]
    top: Option<u64>,
}

/// The value, or the default if it has the wrong type.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// The list elements of the right type.
fn elements<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let Value::Array(values) = Value::deserialize(deserializer)? else { return Ok(Vec::new()) };
    Ok(values.into_iter().filter_map(|value| serde_json::from_value(value).ok()).collect())
}

/// The object entries that are valid marks.
fn entries<'de, D>(deserializer: D) -> Result<BTreeMap<char, u64>, D::Error>
where
    D: Deserializer<'de>,
{
    let Value::Object(values) = Value::deserialize(deserializer)? else {
        return Ok(BTreeMap::new());
    };
    let mark = |(name, at): (String, Value)| {
        let name = name.parse().ok().filter(|&name| Marks::is_name(name))?;
        Some((name, at.as_u64()?))
    };
    Ok(values.into_iter().filter_map(mark).collect())
}

impl State {
    fn read(session: &Path) -> Result<Option<Self>, SessionError> {
        let failed = |error| SessionError::Read { place: session.to_owned(), error };
        let len = match fs::metadata(session) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if len > LEN_MAX {
            return Err(SessionError::TooLong(session.to_owned()));
        }
        let text = fs::read_to_string(session).map_err(failed)?;
        let value: Value = serde_json::from_str(&text).map_err(|error| failed(error.into()))?;
        Ok(Some(serde_json::from_value(value).unwrap_or_default()))
    }

    fn memory(&self, key: &str) -> SessionEntry {
        let file = self.files.iter().find(|file| file.path == key).cloned().unwrap_or_default();
        SessionEntry {
            marks: file.marks.into_iter().collect(),
            notes: file.notes,
            places: file.places,
            history: self.history.clone(),
            cursor: file.cursor,
            top: file.top,
        }
    }

    fn remember(&mut self, key: &str, memory: &SessionEntry) {
        self.version = VERSION;
        self.files.retain(|file| file.path != key);
        self.files.push(FileState {
            path: key.to_owned(),
            marks: memory.marks.iter().copied().collect(),
            notes: memory.notes.clone(),
            places: memory.places.clone(),
            cursor: memory.cursor,
            top: memory.top,
        });
        self.files.drain(..self.files.len().saturating_sub(FILES_MAX));
        // Another instance may have added lines since this one loaded the session.
        for line in &memory.history {
            self.history.retain(|old| old != line);
            self.history.push(line.clone());
        }
        self.history.drain(..self.history.len().saturating_sub(HISTORY_MAX));
        while self.len() > LEN_MAX && self.files.len() > 1 {
            self.files.drain(..self.files.len() / 2);
        }
    }

    fn len(&self) -> u64 {
        serde_json::to_string(self).map_or(0, |text| memmap::widen(text.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::note_colour::NoteColour;
    use crate::format::note_list::{NOTES_MAX, TEXT_MAX};

    fn memory(mark: u64, line: &str) -> SessionEntry {
        SessionEntry {
            marks: vec![('a', mark), ('z', u64::MAX)],
            notes: vec![NoteEntry {
                offset: mark,
                length: 4,
                colour: NoteColour::Green,
                text: line.to_owned(),
            }],
            places: vec![1, 2, mark],
            history: vec![line.to_owned()],
            cursor: Some(mark),
            top: None,
        }
    }

    #[test]
    fn journals_are_at_home_at_the_user_that_the_program_acts_for() {
        let dir = tempfile::tempdir().unwrap();
        let users = dir.path().join("passwd");
        let text = "root:x:0:0:root:/root:/bin/sh\nann:x:4242:4242::/home/ann:/bin/sh\n";
        fs::write(&users, text).unwrap();
        let state = dir.path().join("not/there/yet");
        assert_eq!(of_this_user(state.clone(), this_process().user, &users), state);
        assert_eq!(of_this_user(state.clone(), 4243, &users), state, "a user that is not listed");
        if owner_of(dir.path()).ok().flatten().is_some() {
            let home = PathBuf::from("/home/ann/.local/state");
            assert_eq!(of_this_user(state, 4242, &users), home);
        }
    }

    #[test]
    fn what_is_saved_is_loaded_for_the_same_file_and_lines_for_all() {
        let dir = tempfile::tempdir().unwrap();
        let session = dir.path().join("state/lazyhex/session.json");
        let file = |name: &str| dir.path().join(name);
        assert_eq!(load(&session, &file("one")).unwrap(), SessionEntry::default());
        save(&session, &file("one"), &memory(7, "50%")).unwrap();
        save(&session, &file("two"), &memory(8, "0x10")).unwrap();
        let both = vec!["50%".to_owned(), "0x10".to_owned()];
        let one = load(&session, &file("one")).unwrap();
        assert_eq!(one, SessionEntry { history: both.clone(), ..memory(7, "50%") });
        let other = load(&session, &file("three")).unwrap();
        assert_eq!(other, SessionEntry { history: both, ..SessionEntry::default() });
        let left: Vec<_> = fs::read_dir(session.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn what_is_no_session_is_an_error_to_read_and_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let session = dir.path().join("session.json");
        fs::write(&session, "{\"files\": [").unwrap();
        let why = load(&session, Path::new("x")).unwrap_err().to_string();
        assert!(why.starts_with(&format!("cannot read {session:?}: EOF while parsing")), "{why}");
        fs::write(&session, " ".repeat(usize::try_from(LEN_MAX + 1).unwrap())).unwrap();
        assert_eq!(
            load(&session, Path::new("x")).unwrap_err().to_string(),
            format!("cannot read {session:?}: the session file is too long")
        );
        save(&session, Path::new("x"), &memory(7, "50%")).unwrap();
        assert_eq!(load(&session, Path::new("x")).unwrap(), memory(7, "50%"));
        for strange in ["[]", "{\"files\": {\"a\": 1}, \"history\": [1, null]}", "\"text\""] {
            fs::write(&session, strange).unwrap();
            assert_eq!(load(&session, Path::new("x")).unwrap(), SessionEntry::default());
        }
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut state = State::default();
        for i in 0..1000_u32 {
            state.remember(&format!("/file/{i}"), &memory(7, &format!("line {i}")));
        }
        assert_eq!((state.files.len(), state.history.len()), (FILES_MAX, HISTORY_MAX));
        assert_eq!(state.files.last().unwrap().path, "/file/999");
        let many = SessionEntry { places: vec![u64::MAX; 100], ..SessionEntry::default() };
        for i in 0..200_u32 {
            state.remember(&format!("{}{i}", "/long".repeat(2000)), &many);
        }
        assert!(state.len() <= LEN_MAX);
        // Quotation marks take two bytes each.
        let note = NoteEntry {
            offset: u64::MAX / 2,
            length: u64::MAX / 2,
            colour: NoteColour::Magenta,
            text: "\"".repeat(TEXT_MAX),
        };
        let noted = SessionEntry { notes: vec![note; NOTES_MAX], ..memory(7, "") };
        state.remember("/noted", &noted);
        assert!(state.len() <= LEN_MAX);
        assert_eq!(state.memory("/noted").notes.len(), NOTES_MAX);
    }

    #[test]
    fn a_session_of_another_version_keeps_what_is_understood() {
        let dir = tempfile::tempdir().unwrap();
        let session = dir.path().join("session.json");
        let memory_of = |text: &str| {
            fs::write(&session, text).unwrap();
            load(&session, Path::new("/no/such/file")).unwrap()
        };
        // As written by versions without `cursor` and `top`.
        let older = r#"{"files":[{"marks":{"a":7},"path":"/no/such/file","places":[1,2]}],
            "history":["50%"],"version":1}"#;
        let expected = SessionEntry {
            marks: vec![('a', 7)],
            places: vec![1, 2],
            history: vec!["50%".to_owned()],
            ..SessionEntry::default()
        };
        assert_eq!(memory_of(older), expected);
        // As a later version might write it.
        let newer = r#"{"version":"2.0","theme":"dark","history":["50%",{"line":"x"}],"files":[
            null,{"place":"/no/path"},
            {"path":"/no/such/file","marks":{"a":7,"b":-1,"A":1,"aa":2,"é":3},"places":[1,"x",2],
             "notes":[1,{"offset":1},
              {"offset":1,"length":2,"text":"a","by":"x"},{"offset":1,"length":2,"text":"a"}],
             "cursor":{"line":1},"top":"0x10","folds":[]}]}"#;
        let note =
            NoteEntry { offset: 1, length: 2, colour: NoteColour::Blue, text: "a".to_owned() };
        assert_eq!(memory_of(newer), SessionEntry { notes: vec![note], ..expected });
        for strange in ["marks", "notes", "places", "cursor", "top"] {
            let text = format!(r#"{{"files":[{{"path":"/no/such/file","{strange}":[[]]}}]}}"#);
            assert_eq!(memory_of(&text), SessionEntry::default(), "{strange}");
        }
    }

    #[test]
    fn cursor_and_top_are_saved() {
        let dir = tempfile::tempdir().unwrap();
        let session = dir.path().join("session.json");
        let saved =
            SessionEntry { cursor: Some(0), top: Some(u64::MAX), ..SessionEntry::default() };
        save(&session, Path::new("x"), &saved).unwrap();
        assert_eq!(load(&session, Path::new("x")).unwrap(), saved);
    }

    #[test]
    fn directories_are_absolute_and_the_variables_come_first() {
        let root = env::current_dir().unwrap();
        let path = |name: &str| root.join(name);
        let directory = |xdg: Option<PathBuf>, home: Option<PathBuf>, system: Option<PathBuf>| {
            let variables = |name: &str| match name {
                "XDG_STATE_HOME" => xdg.clone().map(OsString::from),
                "HOME" => home.clone().map(OsString::from),
                _ => None,
            };
            directory_of(variables, "XDG_STATE_HOME", ".local/state", || system)
        };
        let below_home = path("home").join(".local/state");
        let relative = || Some(PathBuf::from("relative"));
        for (xdg, home, system, expected) in [
            (Some(path("xdg")), Some(path("home")), Some(path("system")), Some(path("xdg"))),
            (relative(), Some(path("home")), Some(path("system")), Some(below_home.clone())),
            (Some(PathBuf::new()), Some(path("home")), None, Some(below_home)),
            (Some(path("xdg")), None, None, Some(path("xdg"))),
            (None, relative(), Some(path("system")), Some(path("system"))),
            (None, None, Some(path("system")), Some(path("system"))),
            (None, None, relative(), None),
            (None, None, None, None),
        ] {
            let found = directory(xdg.clone(), home.clone(), system.clone());
            assert_eq!(found, expected, "{xdg:?} {home:?} {system:?}");
        }
    }

    #[test]
    fn every_system_has_a_directory_of_its_own_for_state() {
        assert!(system_state().is_some_and(|it| it.is_absolute()));
    }
}
