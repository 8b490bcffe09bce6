//! Colours. Meaning never rests on them alone: the digits and characters say the same.

use ratatui::style::{Color, Modifier, Style};

use crate::format::byte_class::ByteClass;
use crate::format::terminal_kind::TerminalKind;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
#[non_exhaustive]
pub enum ColorChoice {
    /// On a terminal that has colours, as `TERM` or `COLORTERM` says, unless `NO_COLOR` is set; and wherever
    /// `CLICOLOR_FORCE` is set
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
    /// A variable counts that is set and not empty. `NO_COLOR` counts most (no-color.org), then
    /// `CLICOLOR_FORCE` unless it is 0 (bixense.com/clicolors), and then what the terminal has:
    /// `COLORTERM` says that it has colours, and `TERM` whether it is one of those that have none.
    #[must_use]
    pub fn theme(self, on_terminal: bool) -> Theme {
        let is_set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let kind = TerminalKind::of_environment();
        let has_colours = match self {
            Self::Auto if is_set("NO_COLOR").is_some() => false,
            Self::Auto if is_set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
            Self::Auto => {
                on_terminal && (kind == TerminalKind::Colour || is_set("COLORTERM").is_some())
            }
            Self::Always => true,
            Self::Never => false,
        };
        if has_colours { Theme::Colour } else { Theme::Mono }
    }
}

/// Bars above and below: the only place with a background, so the eye finds the bytes.
pub(crate) const BAR: Style = Style::new().add_modifier(Modifier::REVERSED);

/// The byte under the cursor.
pub(crate) const CURSOR: Style =
    Style::new().add_modifier(Modifier::REVERSED.union(Modifier::BOLD));

/// How things look, in the view and in a dump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each has an arm wherever it is used")]
pub enum Theme {
    /// The terminal's sixteen colours, which follow the user's own scheme.
    Colour,
    /// Colours of the 256 that most terminals have, told apart by every kind of eye.
    Colour256,
    /// The same, exactly: for terminals with 24 bits a colour.
    TrueColour,
    /// Bold, dim and reverse only.
    Mono,
}

/// A colour in each of the ways that terminals have: of sixteen, of 256, and exactly.
struct Hue {
    basic: Color,
    /// What a dump writes for it, of sixteen.
    basic_sgr: &'static [u8],
    indexed: u8,
    indexed_sgr: &'static [u8],
    exact: (u8, u8, u8),
    exact_sgr: &'static [u8],
}

/// The colours of Okabe and Ito, which those who see no red or no green tell apart too.
const fn hue(class: ByteClass) -> Hue {
    match class {
        ByteClass::Null => Hue {
            basic: Color::DarkGray,
            basic_sgr: b"\x1b[90m",
            indexed: 242,
            indexed_sgr: b"\x1b[38;5;242m",
            exact: (108, 108, 108),
            exact_sgr: b"\x1b[38;2;108;108;108m",
        },
        ByteClass::Printable => Hue {
            basic: Color::Cyan,
            basic_sgr: b"\x1b[36m",
            indexed: 74,
            indexed_sgr: b"\x1b[38;5;74m",
            exact: (86, 180, 233),
            exact_sgr: b"\x1b[38;2;86;180;233m",
        },
        ByteClass::WhiteSpace => Hue {
            basic: Color::Green,
            basic_sgr: b"\x1b[32m",
            indexed: 36,
            indexed_sgr: b"\x1b[38;5;36m",
            exact: (0, 158, 115),
            exact_sgr: b"\x1b[38;2;0;158;115m",
        },
        ByteClass::OtherAscii => Hue {
            basic: Color::Magenta,
            basic_sgr: b"\x1b[35m",
            indexed: 175,
            indexed_sgr: b"\x1b[38;5;175m",
            exact: (204, 121, 167),
            exact_sgr: b"\x1b[38;2;204;121;167m",
        },
        ByteClass::High => Hue {
            basic: Color::Yellow,
            basic_sgr: b"\x1b[33m",
            indexed: 214,
            indexed_sgr: b"\x1b[38;5;214m",
            exact: (230, 159, 0),
            exact_sgr: b"\x1b[38;2;230;159;0m",
        },
    }
}

/// The selected bytes.
pub(crate) const SELECTED: Style =
    Style::new().add_modifier(Modifier::REVERSED.union(Modifier::DIM));

impl Theme {
    pub(crate) const ALL: [Self; 4] = [Self::Colour, Self::Colour256, Self::TrueColour, Self::Mono];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Colour => "16",
            Self::Colour256 => "256",
            Self::TrueColour => "true",
            Self::Mono => "mono",
        }
    }

    /// The richest one that the terminal says it has; `Mono` stays what it is. Only the environment
    /// is asked: a question to the terminal would have to be waited for.
    pub(crate) fn as_rich_as_the_terminal(self) -> Self {
        let has = |name, part: &[&str]| {
            std::env::var(name).is_ok_and(|value| part.iter().any(|part| value.contains(part)))
        };
        match self {
            Self::Mono => Self::Mono,
            _ if has("COLORTERM", &["truecolor", "24bit"]) => Self::TrueColour,
            _ if has("TERM", &["256color", "direct"]) => Self::Colour256,
            _ => Self::Colour,
        }
    }

    pub(crate) fn byte(self, class: ByteClass) -> Style {
        let hue = hue(class);
        let (red, green, blue) = hue.exact;
        match (self, class) {
            (Self::Mono, ByteClass::Null) => Style::new().add_modifier(Modifier::DIM),
            (Self::Mono, _) => Style::new(),
            (Self::Colour, _) => Style::new().fg(hue.basic),
            (Self::Colour256, _) => Style::new().fg(Color::Indexed(hue.indexed)),
            (Self::TrueColour, _) => Style::new().fg(Color::Rgb(red, green, blue)),
        }
    }

    pub(crate) fn offset(self) -> Style {
        match self {
            Self::Mono => Style::new(),
            _ => Style::new().fg(Color::DarkGray),
        }
    }

    pub(crate) fn error(self) -> Style {
        match self {
            Self::Mono => Style::new().add_modifier(Modifier::BOLD),
            _ => Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
        }
    }

    /// A byte that was searched for: underlined, and on a ground of its own where there are colours.
    pub(crate) fn found(self, byte: Style) -> Style {
        let marked = byte.add_modifier(Modifier::UNDERLINED);
        match self {
            Self::Mono => marked,
            Self::Colour => marked.fg(Color::Black).bg(Color::Yellow),
            Self::Colour256 => marked.fg(Color::Indexed(16)).bg(Color::Indexed(220)),
            Self::TrueColour => marked.fg(Color::Rgb(0, 0, 0)).bg(Color::Rgb(240, 228, 66)),
        }
    }

    /// What is there, and hardly meant.
    pub(crate) fn faint(self) -> Style {
        match self {
            Self::Mono => Style::new().add_modifier(Modifier::DIM),
            _ => Style::new().fg(Color::DarkGray),
        }
    }

    /// The style of a block of a colour; without colours there is none.
    pub(crate) fn block(self, [red, green, blue]: [u8; 3]) -> Option<Style> {
        match self {
            Self::Mono | Self::Colour => None,
            Self::TrueColour => Some(Style::new().fg(Color::Rgb(red, green, blue))),
            Self::Colour256 => {
                // The cube of six steps a colour.
                let step = |part: u8| part / 43;
                let index = 16 + 36 * step(red) + 6 * step(green) + step(blue);
                Some(Style::new().fg(Color::Indexed(index)))
            }
        }
    }

    /// The code that starts the colour of a class in a dump.
    pub(crate) const fn sgr(self, class: ByteClass) -> &'static [u8] {
        let hue = hue(class);
        match self {
            Self::Mono => b"",
            Self::Colour => hue.basic_sgr,
            Self::Colour256 => hue.indexed_sgr,
            Self::TrueColour => hue.exact_sgr,
        }
    }

    /// The code that ends a colour in a dump.
    pub(crate) const fn sgr_end(self) -> &'static [u8] {
        match self {
            Self::Mono => b"",
            _ => b"\x1b[0m",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_with_colours_tells_the_classes_apart() {
        for theme in Theme::ALL.into_iter().filter(|&theme| theme != Theme::Mono) {
            for (i, &class) in ByteClass::ALL.iter().enumerate() {
                for &other in &ByteClass::ALL[i + 1..] {
                    assert_ne!(theme.byte(class), theme.byte(other), "{theme:?}");
                    assert_ne!(theme.sgr(class), theme.sgr(other), "{theme:?}");
                }
            }
        }
    }

    #[test]
    fn a_block_is_the_nearest_colour_of_the_cube() {
        let indexed = |rgb| Theme::Colour256.block(rgb).and_then(|style| style.fg);
        assert_eq!(indexed([0, 0, 0]), Some(Color::Indexed(16)));
        assert_eq!(indexed([255, 255, 255]), Some(Color::Indexed(231)));
        assert_eq!(Theme::Mono.block([1, 2, 3]), None);
    }
}
