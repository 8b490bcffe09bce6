//! What a terminal can do, as far as `TERM` says. It is asked for nothing: that would have to be waited for.

use std::env;

/// What `TERM` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TerminalKind {
    /// It cannot place its cursor.
    Dumb,
    /// It has no colours.
    Mono,
    Colour,
}

/// Terminals that terminfo gives no colours, and what is before a `-` in their names.
const MONO: [&str; 22] = [
    "vt52", "vt100", "vt101", "vt102", "vt125", "vt131", "vt132", "vt200", "vt220", "vt240",
    "vt320", "vt340", "vt400", "vt420", "vt510", "vt520", "adm3a", "sun", "wy50", "wy60", "wyse50",
    "wyse60",
];

impl TerminalKind {
    /// That of the terminal of this process.
    pub(crate) fn of_environment() -> Self {
        match env::var_os("TERM") {
            // Its terminals have no names.
            None if env::consts::FAMILY == "windows" => Self::Colour,
            // A name that is not UTF-8 was set on purpose: the terminal is taken for a full one.
            Some(name) => name.to_str().map_or(Self::Colour, Self::of),
            None => Self::Dumb,
        }
    }

    /// Of one with this name.
    fn of(name: &str) -> Self {
        let (kind, variant) = name.split_once('-').unwrap_or((name, ""));
        match kind {
            "" | "dumb" | "unknown" => Self::Dumb,
            _ if name.contains("color") => Self::Colour,
            _ if MONO.contains(&kind)
                || variant.split('-').any(|it| matches!(it, "m" | "mono")) =>
            {
                Self::Mono
            }
            _ => Self::Colour,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_terminals_can_do() {
        for (names, kind) in [
            (&["", "dumb", "unknown", "dumb-emacs-ansi"][..], TerminalKind::Dumb),
            (
                &["vt100", "vt100-am", "vt220", "vt320-w", "xterm-mono", "linux-m"],
                TerminalKind::Mono,
            ),
            (
                &[
                    "xterm",
                    "xterm-256color",
                    "linux",
                    "screen.xterm-256color",
                    "tmux-direct",
                    "ansi",
                ],
                TerminalKind::Colour,
            ),
            (&["vt100-color", "vt525", "rxvt-unicode", "alacritty", "foot"], TerminalKind::Colour),
        ] {
            for name in names {
                assert_eq!(TerminalKind::of(name), kind, "{name}");
            }
        }
    }
}
