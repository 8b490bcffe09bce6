//! Colours. Meaning never rests on them alone: the digits and characters say the same.

use ratatui::style::{Color, Modifier, Style};

use crate::class::ByteClass;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
#[non_exhaustive]
pub enum ColorChoice {
    /// On a terminal, unless the environment variable `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl ColorChoice {
    /// Decides, given whether the output is a terminal.
    ///
    /// `NO_COLOR` counts if it is set and not empty (no-color.org); so does a terminal that calls
    /// itself `dumb`.
    #[must_use]
    pub fn theme(self, on_terminal: bool) -> Theme {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        match self {
            Self::Auto if on_terminal && !set("NO_COLOR") && !dumb() => Theme::Colour,
            Self::Always => Theme::Colour,
            Self::Auto | Self::Never => Theme::Mono,
        }
    }
}

/// Bars above and below: the only place with a background, so the eye finds the bytes.
pub(crate) const BAR: Style = Style::new().add_modifier(Modifier::REVERSED);

/// The byte under the cursor.
pub(crate) const CURSOR: Style =
    Style::new().add_modifier(Modifier::REVERSED.union(Modifier::BOLD));

/// How things look, in the view and in a dump. The sixteen colours follow the user's own scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "with colours, or without")]
pub enum Theme {
    /// The terminal's sixteen colours.
    Colour,
    /// Bold, dim and reverse only.
    Mono,
}

impl Theme {
    pub(crate) fn byte(self, class: ByteClass) -> Style {
        match (self, class) {
            (Self::Mono, ByteClass::Null) => Style::new().add_modifier(Modifier::DIM),
            (Self::Mono, _) => Style::new(),
            (Self::Colour, ByteClass::Null) => Style::new().fg(Color::DarkGray),
            (Self::Colour, ByteClass::Printable) => Style::new().fg(Color::Cyan),
            (Self::Colour, ByteClass::WhiteSpace) => Style::new().fg(Color::Green),
            (Self::Colour, ByteClass::OtherAscii) => Style::new().fg(Color::Magenta),
            (Self::Colour, ByteClass::High) => Style::new().fg(Color::Yellow),
        }
    }

    pub(crate) fn offset(self) -> Style {
        match self {
            Self::Colour => Style::new().fg(Color::DarkGray),
            Self::Mono => Style::new(),
        }
    }

    pub(crate) fn error(self) -> Style {
        match self {
            Self::Colour => Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
            Self::Mono => Style::new().add_modifier(Modifier::BOLD),
        }
    }

    /// The code that starts the colour of a class in a dump.
    pub(crate) const fn sgr(self, class: ByteClass) -> &'static [u8] {
        match (self, class) {
            (Self::Mono, _) => b"",
            (Self::Colour, ByteClass::Null) => b"\x1b[90m",
            (Self::Colour, ByteClass::Printable) => b"\x1b[36m",
            (Self::Colour, ByteClass::WhiteSpace) => b"\x1b[32m",
            (Self::Colour, ByteClass::OtherAscii) => b"\x1b[35m",
            (Self::Colour, ByteClass::High) => b"\x1b[33m",
        }
    }

    /// The code that ends a colour in a dump.
    pub(crate) const fn sgr_end(self) -> &'static [u8] {
        match self {
            Self::Mono => b"",
            Self::Colour => b"\x1b[0m",
        }
    }
}
