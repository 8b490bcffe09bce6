//! The configuration file, which sets the initial settings.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use etcetera::base_strategy::{self, BaseStrategy as _};
use thiserror::Error;
use toml::{Table, Value};

use crate::editor::keymap::table::bindings;
use crate::editor::keymap::{Keymap, KeymapError};
use crate::editor::session::user_directory;
use crate::editor::settings::{Setting, SettingError, Settings};

/// Name of the table of key bindings.
const KEYS: &str = "keys";

/// The comment on key bindings in the default configuration.
const KEYS_HELP: &str = "
# Key bindings, by the action names below. A key is \"x\", \"Ctrl-s\", \"Alt-x\", \"F5\" or \"PgUp\",
# and \"]x\" is two keys. \"none\" unbinds a key. Esc, Ctrl-c and the digits 1 to 9 keep their meaning.
# Keep this table at the end of the file.
#
# [keys]
# \"Ctrl-s\" = \"find\"
# \"q\" = \"none\"
#
# Names, the keys they have, and what they do:
";

/// Why a line of the configuration has no effect.
#[derive(Debug, Error)]
enum ConfigError {
    #[error("there is no setting {0:?}")]
    UnknownSetting(String),
    #[error(transparent)]
    Setting(#[from] SettingError),
    #[error("{KEYS} is a table: [{KEYS}], and then \"Ctrl-s\" = \"find\"")]
    KeysNotATable,
    #[error("{KEYS}: {key:?} is the name of an action, not {action}")]
    NotAnAction { key: String, action: Value },
    #[error("{KEYS}: {}", .0)]
    Key(#[from] KeymapError),
}

/// Path of the configuration file: `$XDG_CONFIG_HOME/lazyhex/config.toml`, by default in
/// `~/.config`, and in `%APPDATA%` on Windows.
pub(crate) fn place() -> Option<PathBuf> {
    let directory = user_directory("XDG_CONFIG_HOME", ".config", system_config)?;
    Some(directory.join("lazyhex").join("config.toml"))
}

/// The system's configuration directory, if the variables are not set.
fn system_config() -> Option<PathBuf> {
    Some(base_strategy::choose_base_strategy().ok()?.config_dir())
}

/// The user's directory of descriptions of formats: `$XDG_DATA_HOME/lazyhex/formats`, by default in
/// `~/.local/share`, and in `%APPDATA%` on Windows.
pub(crate) fn formats_place() -> Option<PathBuf> {
    let system = || Some(base_strategy::choose_base_strategy().ok()?.data_dir());
    let directory = user_directory("XDG_DATA_HOME", ".local/share", system)?;
    Some(directory.join("lazyhex").join("formats"))
}

/// Applies the user's configuration file, if there is one. Returns the errors in it, if any.
pub(crate) fn load(settings: Settings) -> (Settings, Option<String>) {
    match place() {
        Some(place) => read(&place, settings),
        None => (settings, None),
    }
}

/// The same for a file at this path.
pub(crate) fn read(place: &Path, settings: Settings) -> (Settings, Option<String>) {
    match fs::read_to_string(place) {
        Ok(text) => {
            let (settings, problem) = parse(&text, settings);
            (settings, problem.map(|why| format!("config.toml: {why}")))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => (settings, None),
        Err(error) => (settings, Some(format!("config.toml: {error}"))),
    }
}

/// Applies a configuration. The message has the first error and the number of others; valid lines
/// take effect anyway.
fn parse(text: &str, mut settings: Settings) -> (Settings, Option<String>) {
    let table = match text.parse::<Table>() {
        Ok(table) => table,
        Err(error) => {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let what = error.message().replace('\n', ", ");
            return (settings, Some(format!("line {line}: {what}")));
        }
    };
    let mut problems = Vec::new();
    for (key, value) in &table {
        if key == KEYS {
            problems.extend(bind(value, &mut settings.keys));
            continue;
        }
        let Some(setting) = Setting::named(key) else {
            problems.push(ConfigError::UnknownSetting(key.clone()));
            continue;
        };
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Boolean(true) => "on".to_owned(),
            Value::Boolean(false) => "off".to_owned(),
            other => other.to_string(),
        };
        if let Err(why) = settings.set(setting, &value) {
            problems.push(why.into());
        }
    }
    let others = problems.len().saturating_sub(1);
    let first = problems.into_iter().next();
    let problem = first.map(|first| match others {
        0 => first.to_string(),
        n => format!("{first}; and {n} more"),
    });
    (settings, problem)
}

/// Binds the keys of a table. Returns its errors.
fn bind(value: &Value, keys: &mut Keymap) -> Vec<ConfigError> {
    let Value::Table(table) = value else {
        return vec![ConfigError::KeysNotATable];
    };
    let bind = |(key, action): (&String, &Value)| {
        let Value::String(action) = action else {
            return Some(ConfigError::NotAnAction { key: key.clone(), action: action.clone() });
        };
        keys.bind(key, action).err().map(ConfigError::from)
    };
    table.iter().filter_map(bind).collect()
}

/// The default configuration, with a comment for each setting.
pub(crate) fn default_text() -> String {
    let settings = Settings::default();
    let mut text = "# The default settings of lazyhex's view.\n".to_owned();
    if let Some(place) = place() {
        // Writing to a string cannot fail.
        writeln!(text, "# It is read from {place:?}.").ok();
    }
    for setting in Setting::ALL {
        let value = match setting {
            Setting::Theme => "auto".to_owned(),
            _ => settings.value(setting),
        };
        writeln!(text, "\n# {}\n{} = \"{value}\"", setting.help(), setting.name()).ok();
    }
    text += KEYS_HELP;
    for binding in bindings() {
        let keys = settings.keys.labels(binding.action).join(" ");
        let name = binding.name;
        writeln!(text, "#   {name:<21} {keys:<21} {}", binding.help).ok();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_text_is_the_default() {
        let text = default_text();
        assert_eq!(parse(&text, Settings::default()), (Settings::default(), None), "{text}");
        assert!(Setting::ALL.iter().all(|it| text.contains(&format!("\n{} = ", it.name()))));
    }

    #[test]
    fn values_are_taken_as_people_write_them() {
        let (settings, problem) = parse(
            "columns = 8\nfolds = false\npage = \"8K\"\nendian = \"be\"",
            Settings::default(),
        );
        assert_eq!(problem, None);
        let value = |setting| settings.value(setting);
        assert_eq!(value(Setting::Columns), "8");
        assert_eq!(value(Setting::Folds), "off");
        assert_eq!(value(Setting::Page), "8192");
        assert_eq!(value(Setting::Endian), "be");
    }

    #[test]
    fn what_is_wrong_is_said_once_and_the_rest_counts() {
        let said = |text| parse(text, Settings::default());
        let (settings, problem) = said("colours = 1\ncolumns = 4\ntheme = \"pink\"");
        assert_eq!(problem.unwrap(), "there is no setting \"colours\"; and 1 more");
        assert_eq!(settings.columns, Some(4));
        let (settings, problem) = said("columns = 4\nfolds = ");
        assert!(problem.unwrap().starts_with("line 2: "));
        assert_eq!(settings, Settings::default());
        assert!(said("columns = [1]").1.unwrap().contains("columns is auto, or 1 to 64"));
    }

    #[test]
    fn keys_are_bound_and_what_is_wrong_with_them_is_said() {
        let said = |text| parse(text, Settings::default());
        let (settings, problem) = said("columns = 4\n[keys]\n\"Ctrl-s\" = \"find\"\nx = \"none\"");
        assert_eq!((problem, settings.columns), (None, Some(4)));
        assert_eq!(settings.keys.fill("{find}"), "Ctrl-s");
        for (text, why) in [
            ("keys = 1", "keys is a table: [keys], and then \"Ctrl-s\" = \"find\""),
            ("[keys]\nx = 1", "keys: \"x\" is the name of an action, not 1"),
            (
                "[keys]\nx = \"frob\"",
                "keys: there is no action \"frob\" for the key \"x\"; lazyhex --print-config lists \
                 them all",
            ),
            (
                "[keys]\nEsc = \"quit\"",
                "keys: the key \"Esc\" cannot be bound: Esc and Ctrl-c cancel, and digits count",
            ),
            (
                "[keys]\nC-s = \"find\"\nCtrl-s = \"quit\"",
                "keys: the key \"Ctrl-s\" is bound twice",
            ),
        ] {
            assert_eq!(said(text).1.as_deref(), Some(why));
        }
        let (settings, problem) = said("[keys]\nfoo = \"quit\"\nbar = \"quit\"\nX = \"quit\"");
        assert!(
            problem.is_some_and(|why| why.starts_with("keys: \"bar\" is not a key")
                && why.ends_with("; and 1 more"))
        );
        assert_eq!(settings.keys.fill("{quit}"), "X");
    }

    #[test]
    fn the_example_of_keys_is_one() {
        let lines = KEYS_HELP.lines().skip_while(|line| *line != "# [keys]");
        let example: Vec<&str> =
            lines.take_while(|line| *line != "#").map(|line| &line[2..]).collect();
        let (settings, problem) = parse(&example.join("\n"), Settings::default());
        assert_eq!(problem, None);
        assert_eq!(settings.keys.fill("{find} {quit}"), "Ctrl-s (no key)");
        assert!(bindings().all(|it| default_text().contains(&format!("#   {} ", it.name))));
    }

    #[test]
    fn every_system_has_a_directory_of_its_own_for_configuration() {
        assert!(system_config().is_some_and(|it| it.is_absolute()));
    }
}
