//! What a tree answers to those who ask it.

/// The value of an expression.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// Of a field that is absent.
    Absent,
    /// An integer.
    Int(i128),
    /// A float.
    Float(f64),
    /// A boolean.
    Bool(bool),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A member of an enum: its number, and its name if it has one.
    Enum(i128, Option<String>),
    /// An object, by its path.
    Object(String),
    /// A list, by its path, and how many elements of it are known.
    List(String, u64),
    /// A list that was calculated.
    Values(Vec<Self>),
    /// A stream of so many bytes.
    Stream(u64),
}
