//! The two ways in which something is looked for.

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// To higher offsets.
    Forward,
    /// To lower offsets.
    Back,
}

impl Direction {
    pub(crate) const fn adjective(self) -> &'static str {
        match self {
            Self::Forward => "next",
            Self::Back => "previous",
        }
    }
}
