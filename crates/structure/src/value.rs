//! Values of fields and of expressions.

use std::sync::Arc;

use crate::schema::EnumId;
use crate::tree::{NodeId, StreamId};

/// A value inside of a tree.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// Of a field that is absent.
    Null,
    Int(i128),
    Float(f64),
    Bool(bool),
    Str(Arc<str>),
    Bytes(Arc<[u8]>),
    Enum(EnumId, i128),
    Object(NodeId),
    List(NodeId),
    /// A list that was calculated.
    Array(Arc<[Self]>),
    /// A stream, and the object that it was reached through.
    Stream(StreamId, NodeId),
}

impl Value {
    /// What it is, for messages.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Null => "an absent field",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Bool(_) => "a boolean",
            Self::Str(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Enum(..) => "a member of an enum",
            Self::Object(_) => "an object",
            Self::List(_) | Self::Array(_) => "a list",
            Self::Stream(..) => "a stream",
        }
    }
}
