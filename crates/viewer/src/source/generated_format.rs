//! Formats whose headers are text: a description is generated from the header of each file, so that its
//! arrays are nodes of the tree as fields of other formats are.

mod ids;
mod npy;
mod safetensors;
mod values;

use memmap_structure::{Formats, Problem, ReadError, Schema, Source};
use thiserror::Error;

/// Why a file has no schema.
#[derive(Debug, Error)]
pub(crate) enum SchemaError {
    /// A description has mistakes.
    #[error("{}", lines(.0))]
    Description(Vec<Problem>),
    /// The header is damaged, too long, or describes what is not supported.
    #[error("the header is no valid {format} header: {problem}")]
    Header { format: &'static str, problem: String },
    #[error("the header is unreadable: {0}")]
    Unreadable(String),
    /// The source asked for it.
    #[error("cancelled")]
    Cancelled,
}

impl From<Vec<Problem>> for SchemaError {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Description(problems)
    }
}

impl From<ReadError> for SchemaError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unreadable(reason) => Self::Unreadable(reason),
            _ => Self::Cancelled,
        }
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A format with generated descriptions.
#[derive(Debug)]
struct Generated {
    name: &'static str,
    /// The description for any file of the format: it has the header, and the data as bytes.
    text: &'static str,
    /// The description for one file.
    describe: fn(&mut dyn Source) -> Result<String, SchemaError>,
}

const ALL: [Generated; 2] = [
    Generated { name: npy::NAME, text: npy::TEXT, describe: npy::describe },
    Generated { name: safetensors::NAME, text: safetensors::TEXT, describe: safetensors::describe },
];

/// The names of these formats.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|it| it.name)
}

/// The description of a format for any file.
pub(super) fn text(name: &str) -> Option<&'static str> {
    ALL.iter().find(|it| it.name == name).map(|it| it.text)
}

/// The schema of a format for one file, if it is a format with generated descriptions.
pub(super) fn schema(name: &str, bytes: &mut dyn Source) -> Option<Result<Schema, SchemaError>> {
    let format = ALL.iter().find(|it| it.name == name)?;
    Some((format.describe)(bytes).and_then(|text| Ok(Schema::load(name, &Only(name, text))?)))
}

/// A single description.
#[derive(Debug)]
struct Only<'a>(&'a str, String);

impl Formats for Only<'_> {
    fn text(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        Ok((name == self.0).then(|| self.1.as_bytes().to_vec()))
    }
}

/// The first `len` bytes, or all if there are fewer.
fn read_head(bytes: &mut dyn Source, len: usize) -> Result<Vec<u8>, SchemaError> {
    let available = usize::try_from(bytes.len()).unwrap_or(usize::MAX);
    let mut head = vec![0; len.min(available)];
    bytes.read(0, &mut head)?;
    Ok(head)
}
