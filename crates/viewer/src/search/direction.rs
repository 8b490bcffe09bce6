//! Search direction.

/// Search direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Toward higher offsets.
    Forward,
    /// Toward lower offsets.
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
