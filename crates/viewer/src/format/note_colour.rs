//! The colours of notes: a background for their bytes.

use ratatui::style::{Color, Style};
use serde::{Deserialize, Serialize};

use super::theme::Theme;

/// The colour of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum NoteColour {
    #[default]
    Blue,
    Yellow,
    Green,
    Magenta,
    Cyan,
}

impl NoteColour {
    /// All, in the order in which new notes take turns.
    pub(crate) const ALL: [Self; 5] =
        [Self::Blue, Self::Yellow, Self::Green, Self::Magenta, Self::Cyan];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Yellow => "yellow",
            Self::Green => "green",
            Self::Magenta => "magenta",
            Self::Cyan => "cyan",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// The one after it.
    pub(crate) fn next(self) -> Self {
        let after = Self::ALL.into_iter().skip_while(|&it| it != self).nth(1);
        after.unwrap_or_default()
    }

    /// For each capability: one of 16 colours, of 256, and exactly. The last two are dark, so that the colours of
    /// bytes can be read on them.
    const fn shades(self) -> (Color, u8, (u8, u8, u8)) {
        match self {
            Self::Blue => (Color::Blue, 18, (38, 48, 110)),
            Self::Yellow => (Color::Yellow, 58, (92, 68, 0)),
            Self::Green => (Color::Green, 22, (0, 74, 54)),
            Self::Magenta => (Color::Magenta, 53, (90, 40, 68)),
            Self::Cyan => (Color::Cyan, 24, (14, 66, 92)),
        }
    }

    /// The style of a byte of the note.
    pub(crate) fn tint(self, theme: Theme, byte: Style) -> Style {
        let (basic, indexed, (red, green, blue)) = self.shades();
        match theme {
            Theme::Mono => byte,
            Theme::Colour => byte.fg(Color::Black).bg(basic),
            Theme::Colour256 => byte.bg(Color::Indexed(indexed)),
            Theme::TrueColour => byte.bg(Color::Rgb(red, green, blue)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_has_its_turn_and_a_tint_of_its_own() {
        let mut turn = NoteColour::default();
        for colour in NoteColour::ALL {
            assert_eq!(turn, colour);
            assert_eq!(NoteColour::named(colour.name()), Some(colour));
            turn = turn.next();
        }
        assert_eq!(turn, NoteColour::default());
        for theme in Theme::ALL {
            for (i, colour) in NoteColour::ALL.iter().enumerate() {
                for other in &NoteColour::ALL[i + 1..] {
                    let tints = [colour, other].map(|it| it.tint(theme, Style::new()));
                    assert_eq!(tints[0] == tints[1], theme == Theme::Mono, "{theme:?}");
                }
            }
        }
    }
}
