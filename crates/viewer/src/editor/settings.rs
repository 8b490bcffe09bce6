//! View settings: changed by `:set`, initialised by the configuration.

use thiserror::Error;

use std::path::PathBuf;

use crate::analysis::data_inspector::Order;
use crate::editor::keymap::Keymap;
use crate::format::charset::Charset;
use crate::format::parse_size::{BadNumber, parse_count};
use crate::format::theme::Theme;
use crate::layout::viewport::COLUMNS_MAX;
use crate::source::format_catalog::FormatCatalog;

/// The user's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Settings {
    pub(crate) theme: Theme,
    /// The theme that suits the terminal.
    pub(crate) auto_theme: Theme,
    /// Character set of the text column.
    pub(crate) table: Charset,
    /// Bytes per row; `None` is the largest power of two that fits.
    pub(crate) columns: Option<u16>,
    /// Bytes per page, for `page 12`.
    pub(crate) page_len: u64,
    /// The byte order shown first.
    pub(crate) order: Order,
    /// Whether to fold repeated rows.
    pub(crate) folds: bool,
    /// Whether to show the inspector at startup.
    pub(crate) inspector: InspectorShown,
    /// Whether to show the minimap column beside the scroll bar.
    pub(crate) map: bool,
    /// Whether to use the mouse. If not, the terminal selects text with it.
    pub(crate) mouse: bool,
    /// Which colours the bytes have.
    pub(crate) colour: ByteColours,
    /// Where descriptions of formats are.
    pub(crate) formats: FormatCatalog,
    /// Whether edits go to a journal.
    pub(crate) journal: bool,
    /// The folder of journals; `None`: there is no place for one.
    pub(crate) journals: Option<PathBuf>,
    /// Key bindings.
    pub(crate) keys: Keymap,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::Colour,
            auto_theme: Theme::Colour,
            table: Charset::default(),
            columns: None,
            page_len: 4096,
            order: Order::default(),
            folds: true,
            inspector: InspectorShown::default(),
            map: false,
            mouse: true,
            colour: ByteColours::default(),
            formats: FormatCatalog::default(),
            journal: true,
            journals: None,
            keys: Keymap::default(),
        }
    }
}

/// Whether the inspector is shown without being opened by the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum InspectorShown {
    /// A pane if panes fit beside the bytes; otherwise two lines below the bytes, if there is room.
    #[default]
    Auto,
    /// As a pane.
    On,
    /// Hidden.
    Off,
}

impl InspectorShown {
    const ALL: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("on", Self::On), ("off", Self::Off)];
}

/// Which colours the bytes have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ByteColours {
    /// By class; by field once the structure was opened.
    #[default]
    Auto,
    Class,
    Field,
}

impl ByteColours {
    const ALL: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("class", Self::Class), ("field", Self::Field)];
}

/// A setting that `:set` and the configuration can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    Colour,
    Columns,
    Endian,
    Folds,
    Inspector,
    Journal,
    Map,
    Mouse,
    Page,
    Charset,
    Theme,
}

impl Setting {
    pub(crate) const ALL: [Self; 11] = [
        Self::Colour,
        Self::Columns,
        Self::Endian,
        Self::Folds,
        Self::Inspector,
        Self::Journal,
        Self::Map,
        Self::Mouse,
        Self::Page,
        Self::Charset,
        Self::Theme,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Colour => "colour",
            Self::Columns => "columns",
            Self::Endian => "endian",
            Self::Folds => "folds",
            Self::Inspector => "inspector",
            Self::Journal => "journal",
            Self::Map => "map",
            Self::Mouse => "mouse",
            Self::Page => "page",
            Self::Charset => "table",
            Self::Theme => "theme",
        }
    }

    /// The comment in the default configuration.
    pub(crate) const fn help(self) -> &'static str {
        match self {
            Self::Colour => {
                "The colours of the bytes: by \"class\", by \"field\" where the format is known, or \"auto\": by\n\
                 # field once the structure was opened."
            }
            Self::Columns => "Bytes a row shows, 1 to 64; \"auto\" is the most that fit.",
            Self::Endian => "The byte order that comes first: \"le\" or \"be\".",
            Self::Folds => "Whether repeated rows are shown as one: \"on\" or \"off\".",
            Self::Inspector => {
                "The inspector from the start: \"on\" opens its pane, \"off\" shows nothing, \"auto\" opens\n\
                 # the pane beside the bytes from 120 columns up, else shows two lines below them."
            }
            Self::Journal => {
                "Whether edits go to a journal, so that a kill or a power cut does not lose them: \"on\" or \"off\"."
            }
            Self::Map => {
                "Whether a column beside the scroll bar shows what is where: \"on\" or \"off\"."
            }
            Self::Mouse => {
                "Whether the mouse moves the cursor (\"on\") or selects text for the terminal (\"off\")."
            }
            Self::Page => "Bytes of a page, as `:page 12` counts them: \"4K\", \"0x1000\".",
            Self::Charset => {
                "The characters beside the bytes: \"ascii\", \"latin1\", \"cp437\", \"ebcdic\",\n\
                 # \"utf8\" or \"braille\"."
            }
            Self::Theme => {
                "The colours: \"auto\", \"16\", \"256\", \"true\" or \"mono\". --color and NO_COLOR\n\
                 # override it."
            }
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.name() == name)
    }

    /// Which values it takes, in words.
    fn wants(self) -> String {
        match self {
            Self::Columns => format!("auto, or 1 to {COLUMNS_MAX}"),
            Self::Endian => "le or be".to_owned(),
            Self::Folds | Self::Journal | Self::Map | Self::Mouse => "on or off".to_owned(),
            Self::Inspector => "auto, on or off".to_owned(),
            Self::Colour => "auto, class or field".to_owned(),
            Self::Page => "1 or more".to_owned(),
            Self::Charset | Self::Theme => self.values().join(", "),
        }
    }

    /// The values offered as completions.
    pub(crate) fn values(self) -> Vec<&'static str> {
        match self {
            Self::Columns => vec!["auto", "4", "8", "16", "24", "32", "64"],
            Self::Endian => vec!["le", "be"],
            Self::Folds | Self::Journal | Self::Map | Self::Mouse => vec!["on", "off"],
            Self::Inspector => InspectorShown::ALL.map(|(name, _)| name).to_vec(),
            Self::Colour => ByteColours::ALL.map(|(name, _)| name).to_vec(),
            Self::Page => vec!["512", "4K", "8K", "16K", "1M"],
            Self::Charset => Charset::ALL.iter().map(|table| table.name()).collect(),
            Self::Theme => {
                let names = Theme::ALL.iter().map(|theme| theme.name());
                std::iter::once("auto").chain(names).collect()
            }
        }
    }
}

/// Why a value is invalid.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum SettingError {
    #[error("{} is {}, not {value:?}", .setting.name(), .setting.wants())]
    NotOne { setting: Setting, value: String },
    #[error(transparent)]
    NoCount(#[from] BadNumber),
}

impl Settings {
    /// The folder of journals, if edits go to one.
    pub(crate) fn journals(&self) -> Option<PathBuf> {
        self.journals.clone().filter(|_| self.journal)
    }

    /// The same settings with this theme.
    #[must_use]
    pub fn with_theme(mut self, theme: Theme) -> Self {
        self.theme = theme;
        self
    }

    /// Changes a setting.
    pub(crate) fn set(&mut self, setting: Setting, value: &str) -> Result<(), SettingError> {
        let not_one = || SettingError::NotOne { setting, value: value.to_owned() };
        match setting {
            Setting::Columns if value == "auto" => self.columns = None,
            Setting::Columns => {
                let columns = value.parse().ok().filter(|n| (1..=COLUMNS_MAX).contains(n));
                self.columns = Some(columns.ok_or_else(not_one)?);
            }
            Setting::Endian => match value {
                "le" => self.order = Order::Little,
                "be" => self.order = Order::Big,
                _ => return Err(not_one()),
            },
            Setting::Folds | Setting::Journal | Setting::Map | Setting::Mouse => {
                let is_on = match value {
                    "on" => true,
                    "off" => false,
                    _ => return Err(not_one()),
                };
                match setting {
                    Setting::Journal => self.journal = is_on,
                    Setting::Map => self.map = is_on,
                    Setting::Mouse => self.mouse = is_on,
                    _ => self.folds = is_on,
                }
            }
            Setting::Colour => {
                let found = ByteColours::ALL.iter().find(|(name, _)| *name == value);
                self.colour = found.ok_or_else(not_one)?.1;
            }
            Setting::Inspector => {
                let found = InspectorShown::ALL.iter().find(|(name, _)| *name == value);
                self.inspector = found.ok_or_else(not_one)?.1;
            }
            Setting::Page => {
                let len = parse_count(value)?;
                self.page_len = Some(len).filter(|&len| len > 0).ok_or_else(not_one)?;
            }
            Setting::Charset => {
                let found = Charset::ALL.into_iter().find(|table| table.name() == value);
                self.table = found.ok_or_else(not_one)?;
            }
            Setting::Theme if value == "auto" => self.theme = self.auto_theme,
            Setting::Theme => {
                let found = Theme::ALL.into_iter().find(|theme| theme.name() == value);
                self.theme = found.ok_or_else(not_one)?;
            }
        }
        Ok(())
    }

    /// The value of a setting, as written in the configuration.
    pub(crate) fn value(&self, setting: Setting) -> String {
        match setting {
            Setting::Columns => self.columns.map_or_else(|| "auto".to_owned(), |n| n.to_string()),
            Setting::Colour => {
                let found = ByteColours::ALL.iter().find(|(_, it)| *it == self.colour);
                found.map_or("", |(name, _)| name).to_owned()
            }
            Setting::Endian => self.order.name().to_lowercase(),
            Setting::Folds => if self.folds { "on" } else { "off" }.to_owned(),
            Setting::Inspector => {
                let found = InspectorShown::ALL.iter().find(|(_, it)| *it == self.inspector);
                found.map_or("", |(name, _)| name).to_owned()
            }
            Setting::Journal => if self.journal { "on" } else { "off" }.to_owned(),
            Setting::Map => if self.map { "on" } else { "off" }.to_owned(),
            Setting::Mouse => if self.mouse { "on" } else { "off" }.to_owned(),
            Setting::Page => self.page_len.to_string(),
            Setting::Charset => self.table.name().to_owned(),
            Setting::Theme => self.theme.name().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_that_is_offered_is_taken_and_told_again() {
        for setting in Setting::ALL {
            assert_eq!(Setting::named(setting.name()), Some(setting));
            for value in setting.values() {
                let mut settings = Settings::default();
                assert_eq!(settings.set(setting, value), Ok(()), "{setting:?} {value}");
                let told = settings.value(setting);
                let mut again = Settings::default();
                assert_eq!(again.set(setting, &told), Ok(()));
                assert_eq!(settings, again);
            }
        }
    }

    #[test]
    fn other_values_change_nothing_and_are_complained_of() {
        let mut settings = Settings::default();
        for (setting, value) in [
            (Setting::Columns, "0"),
            (Setting::Columns, "65"),
            (Setting::Endian, "middle"),
            (Setting::Folds, "yes"),
            (Setting::Journal, "maybe"),
            (Setting::Map, "maybe"),
            (Setting::Mouse, "yes"),
            (Setting::Page, "0"),
            (Setting::Page, "x"),
            (Setting::Charset, "klingon"),
            (Setting::Theme, "pink"),
        ] {
            let why = settings.set(setting, value).unwrap_err().to_string();
            assert!(why.contains(value), "{why}");
            assert_eq!(settings, Settings::default());
        }
    }
}
