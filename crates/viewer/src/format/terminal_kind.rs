//! Terminal capabilities according to `TERM`. The terminal is not queried, as that would mean
//! waiting for an answer.

use std::env;

/// Capabilities of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TerminalKind {
    /// It has no cursor addressing.
    Dumb,
    /// It has no colours.
    Mono,
    Colour,
}

/// Terminals without colours in terminfo. A name also matches with a suffix after `-`.
const MONO: [&str; 22] = [
    "vt52", "vt100", "vt101", "vt102", "vt125", "vt131", "vt132", "vt200", "vt220", "vt240",
    "vt320", "vt340", "vt400", "vt420", "vt510", "vt520", "adm3a", "sun", "wy50", "wy60", "wyse50",
    "wyse60",
];

impl TerminalKind {
    /// The terminal of this process.
    pub(crate) fn of_environment() -> Self {
        match env::var_os("TERM") {
            // Windows has no `TERM`.
            None if env::consts::FAMILY == "windows" => Self::Colour,
            // A name that is not UTF-8 was set on purpose; assume a full terminal.
            Some(name) => name.to_str().map_or(Self::Colour, Self::of),
            None => Self::Dumb,
        }
    }

    /// The capabilities of a terminal with this name.
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
