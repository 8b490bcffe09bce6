//! What is said below the view until the next key.

/// Something to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Status {
    /// It went well.
    Info(String),
    /// It went wrong.
    Error(String),
}
