//! Themes. Colour is never the only carrier of information: digits and characters show the same.

use memmap::scan::ByteClass;
use ratatui::style::{Color, Modifier, Style};

use crate::format::terminal_kind::TerminalKind;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
#[non_exhaustive]
pub enum ColorChoice {
    /// If the terminal has colours according to `TERM` or `COLORTERM`, unless `NO_COLOR` is set;
    /// and always if `CLICOLOR_FORCE` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl ColorChoice {
    /// Chooses the theme. `on_terminal` is whether the output is a terminal.
    ///
    /// A variable counts if it is set and not empty. `NO_COLOR` comes first (no-color.org), then
    /// `CLICOLOR_FORCE` unless it is 0 (bixense.com/clicolors), then the terminal's capabilities:
    /// `COLORTERM` means that it has colours, and `TERM` may name one that has none.
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

/// The bars above and below. Nothing else has a background, so that the bytes stand out.
pub(crate) const BAR: Style = Style::new().add_modifier(Modifier::REVERSED);

/// The byte under the cursor.
pub(crate) const CURSOR: Style =
    Style::new().add_modifier(Modifier::REVERSED.union(Modifier::BOLD));

/// Styles of the view and of a dump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each has an arm wherever it is used")]
pub enum Theme {
    /// The 16 ANSI colours, which follow the terminal's own scheme.
    Colour,
    /// Indexed colours of the 256-colour palette, safe for colour-blind users.
    Colour256,
    /// The same palette in 24-bit colour.
    TrueColour,
    /// Bold, dim and reverse video only.
    Mono,
}

/// A colour for each capability: 16 colours, 256 colours and 24-bit.
struct Hue {
    basic: Color,
    /// The SGR code of a dump in 16 colours.
    basic_sgr: &'static [u8],
    indexed: u8,
    indexed_sgr: &'static [u8],
    exact: (u8, u8, u8),
    exact_sgr: &'static [u8],
}

/// The palette of Okabe and Ito, which can be told apart with any common colour blindness.
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

/// A colour of fields for each capability.
#[derive(Clone, Copy)]
struct Tint {
    basic: Color,
    indexed: u8,
    exact: (u8, u8, u8),
}

const fn tint(basic: Color, indexed: u8, exact: (u8, u8, u8)) -> Tint {
    Tint { basic, indexed, exact }
}

const FIELD: Tint = tint(Color::Cyan, 74, (86, 180, 233));

/// The hues of fields, each in two tints. Red is for errors.
const FIELDS: [[Tint; 2]; 5] = [
    [FIELD, tint(Color::LightCyan, 117, (150, 212, 246))],
    [tint(Color::Yellow, 214, (230, 159, 0)), tint(Color::LightYellow, 222, (248, 205, 110))],
    [tint(Color::Green, 36, (0, 158, 115)), tint(Color::LightGreen, 79, (98, 206, 172))],
    [tint(Color::Magenta, 175, (204, 121, 167)), tint(Color::LightMagenta, 218, (232, 178, 208))],
    [tint(Color::Blue, 69, (104, 140, 230)), tint(Color::LightBlue, 111, (160, 186, 248))],
];

/// A selected byte.
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

    /// The richest theme that the environment announces; `Mono` stays as it is. The terminal itself
    /// is not queried, as that would mean waiting for an answer.
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

    /// A field. Neighbours have other hues, and fields of one parent take turns in two tints.
    pub(crate) fn field(self, hue: u64, is_second: bool) -> Style {
        let at = usize::try_from(hue % memmap::widen(FIELDS.len())).unwrap_or(0);
        let tints = FIELDS.get(at).map_or(FIELD, |tints| tints[usize::from(is_second)]);
        let (red, green, blue) = tints.exact;
        match self {
            Self::Mono => Style::new(),
            Self::Colour => Style::new().fg(tints.basic),
            Self::Colour256 => Style::new().fg(Color::Indexed(tints.indexed)),
            Self::TrueColour => Style::new().fg(Color::Rgb(red, green, blue)),
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

    /// Text in a bar that calls for attention.
    pub(crate) fn warning_in_bar(self) -> Style {
        match self {
            Self::Mono => BAR.add_modifier(Modifier::BOLD),
            _ => BAR.fg(Color::Yellow),
        }
    }

    /// A byte of a match: underlined, and with a background if there are colours.
    pub(crate) fn found(self, byte: Style) -> Style {
        let marked = byte.add_modifier(Modifier::UNDERLINED);
        match self {
            Self::Mono => marked,
            Self::Colour => marked.fg(Color::Black).bg(Color::Yellow),
            Self::Colour256 => marked.fg(Color::Indexed(16)).bg(Color::Indexed(220)),
            Self::TrueColour => marked.fg(Color::Rgb(0, 0, 0)).bg(Color::Rgb(240, 228, 66)),
        }
    }

    /// For text of low importance.
    pub(crate) fn faint(self) -> Style {
        match self {
            Self::Mono => Style::new().add_modifier(Modifier::DIM),
            _ => Style::new().fg(Color::DarkGray),
        }
    }

    /// A block of this colour; `None` without colours.
    pub(crate) fn block(self, [red, green, blue]: [u8; 3]) -> Option<Style> {
        match self {
            Self::Mono | Self::Colour => None,
            Self::TrueColour => Some(Style::new().fg(Color::Rgb(red, green, blue))),
            Self::Colour256 => {
                // The 6×6×6 colour cube.
                let step = |part: u8| part / 43;
                let index = 16 + 36 * step(red) + 6 * step(green) + step(blue);
                Some(Style::new().fg(Color::Indexed(index)))
            }
        }
    }

    /// The SGR code that starts the colour of a class.
    pub(crate) const fn sgr(self, class: ByteClass) -> &'static [u8] {
        let hue = hue(class);
        match self {
            Self::Mono => b"",
            Self::Colour => hue.basic_sgr,
            Self::Colour256 => hue.indexed_sgr,
            Self::TrueColour => hue.exact_sgr,
        }
    }

    /// The SGR code that ends a colour.
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
