//! The configuration file, which has the initial settings.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{fs, io};

use etcetera::base_strategy::{self, BaseStrategy as _};
use toml::{Table, Value};

use crate::editor::session::user_directory;
use crate::editor::settings::{Setting, Settings};

/// The path of the configuration: `$XDG_CONFIG_HOME/lazyhex/config.toml`, by default in
/// `~/.config`, and on Windows in `%APPDATA%`.
pub(crate) fn place() -> Option<PathBuf> {
    let directory = user_directory("XDG_CONFIG_HOME", ".config", system_config)?;
    Some(directory.join("lazyhex").join("config.toml"))
}

/// The system's directory for configuration, if the variables are not set.
fn system_config() -> Option<PathBuf> {
    Some(base_strategy::choose_base_strategy().ok()?.config_dir())
}

/// Applies the user's configuration, if there is one, to the settings. Returns what is wrong with
/// it, if anything.
pub(crate) fn load(settings: Settings) -> (Settings, Option<String>) {
    let Some(place) = place() else { return (settings, None) };
    match fs::read_to_string(&place) {
        Ok(text) => {
            let (settings, problem) = parse(&text, settings);
            (settings, problem.map(|why| format!("config.toml: {why}")))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => (settings, None),
        Err(error) => (settings, Some(format!("config.toml: {error}"))),
    }
}

/// Applies a configuration to settings. The message has the first error and the number of others;
/// the valid lines take effect.
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
        let Some(setting) = Setting::named(key) else {
            problems.push(format!("there is no setting {key:?}"));
            continue;
        };
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Boolean(true) => "on".to_owned(),
            Value::Boolean(false) => "off".to_owned(),
            other => other.to_string(),
        };
        // The settings already have the theme that suits the terminal.
        if (setting, value.as_str()) == (Setting::Theme, "auto") {
            continue;
        }
        if let Err(why) = settings.set(setting, &value) {
            problems.push(why);
        }
    }
    let others = problems.len().saturating_sub(1);
    let first = problems.into_iter().next();
    let problem = first.map(|first| match others {
        0 => first,
        n => format!("{first}; and {n} more"),
    });
    (settings, problem)
}

/// The default configuration, with a comment for each setting.
pub(crate) fn default_text() -> String {
    let settings = Settings::default();
    let mut text = "# The settings of lazyhex's view, as they are without this file.\n".to_owned();
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
        let (settings, problem) = said("colour = 1\ncolumns = 4\ntheme = \"pink\"");
        assert_eq!(problem.unwrap(), "there is no setting \"colour\"; and 1 more");
        assert_eq!(settings.columns, Some(4));
        let (settings, problem) = said("columns = 4\nfolds = ");
        assert!(problem.unwrap().starts_with("line 2: "));
        assert_eq!(settings, Settings::default());
        assert!(said("columns = [1]").1.unwrap().contains("columns is auto, or 1 to 64"));
    }

    #[test]
    fn every_system_has_a_directory_of_its_own_for_configuration() {
        assert!(system_config().is_some_and(|it| it.is_absolute()));
    }
}
