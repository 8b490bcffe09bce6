//! What is known of a value before a file is read.

use crate::expr::Cmp;
use crate::names::Names;
use crate::schema::{Enum, EnumId, Type, TypeId};

/// How deep lists of lists are told apart.
const MAX_LISTS: usize = 8;

/// The type of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ty {
    /// It cannot be told, so that nothing is refused.
    Unknown,
    Int,
    Float,
    Bool,
    Str,
    Bytes,
    Enum(EnumId),
    Object(TypeId),
    /// An object of which no field is known.
    AnyObject,
    Stream,
    /// At most [`MAX_LISTS`] in each other, so that nothing that walks them overflows.
    List(Box<Self>),
}

impl Ty {
    /// A list of some type.
    pub(super) fn list(of: Self) -> Self {
        let mut inner = &of;
        let mut depth = 1;
        while let Self::List(next) = inner {
            inner = next;
            depth += 1;
        }
        if depth > MAX_LISTS { Self::Unknown } else { Self::List(Box::new(of)) }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Float)
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_) | Self::AnyObject)
    }

    /// Whether it is, or may be, what another stands for.
    pub(super) fn may_be(&self, wanted: &Self) -> bool {
        matches!(self, Self::Unknown) || self == wanted
    }

    /// The type of a value that has one of two types. `None` if they have nothing in common.
    pub(super) fn common(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (a, b) if a == b => a.clone(),
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (a, b) if a.is_number() && b.is_number() => Self::Float,
            (a, b) if a.is_object() && b.is_object() => Self::AnyObject,
            (Self::List(a), Self::List(b)) => Self::list(a.common(b).unwrap_or(Self::Unknown)),
            (Self::List(of), Self::Bytes) | (Self::Bytes, Self::List(of)) => {
                Self::list(of.common(&Self::Int)?)
            }
            _ => return None,
        })
    }

    /// Whether two values can be compared.
    pub(super) fn compares_with(&self, other: &Self, how: Cmp) -> bool {
        let same_only = matches!(how, Cmp::Eq | Cmp::Ne);
        match (self, other) {
            (Self::Unknown, _)
            | (_, Self::Unknown)
            | (Self::Bool, Self::Bool)
            | (Self::Str, Self::Str)
            | (Self::Bytes, Self::Bytes) => true,
            (a, b) if a.is_number() && b.is_number() => true,
            (Self::Enum(a), Self::Enum(b)) => a == b && same_only,
            (Self::List(a), Self::List(b)) => same_only && a.compares_with(b, how),
            (Self::List(of), Self::Bytes) | (Self::Bytes, Self::List(of)) => {
                same_only && of.compares_with(&Self::Int, how)
            }
            (a, b) => same_only && a.is_object() && b.is_object(),
        }
    }

    /// Whether a value of this type can be the argument for a parameter of another.
    pub(super) fn fits(&self, parameter: &Self) -> bool {
        match (self, parameter) {
            (Self::Unknown, _) | (_, Self::Unknown) => true,
            (a, b) if a == b => true,
            (Self::Int, Self::Float) => true,
            (Self::List(a), Self::List(b)) => a.fits(b),
            (Self::Bytes, Self::List(of)) => Self::Int.fits(of),
            (a, Self::AnyObject) | (Self::AnyObject, a) => a.is_object(),
            _ => false,
        }
    }

    /// What it is, for messages.
    pub(super) fn describe(&self, types: &[Type], enums: &[Enum]) -> String {
        match self {
            Self::Unknown => "a value of unknown type".to_owned(),
            Self::Int => "an integer".to_owned(),
            Self::Float => "a float".to_owned(),
            Self::Bool => "a boolean".to_owned(),
            Self::Str => "text".to_owned(),
            Self::Bytes => "bytes".to_owned(),
            Self::Enum(id) => {
                format!("a value of the enum {}", enums.get(id.0).map_or("", |it| &it.name))
            }
            Self::Object(id) => {
                format!("an object of type {}", types.get(id.0).map_or("", |it| &it.path))
            }
            Self::AnyObject => "an object of no certain type".to_owned(),
            Self::Stream => "a stream".to_owned(),
            Self::List(of) if **of == Self::Unknown => "a list".to_owned(),
            Self::List(of) => format!("a list, each element {}", of.describe(types, enums)),
        }
    }
}

/// The names of the members of a type, for hints.
pub(super) fn member_names<'a>(ty: &'a Type, names: &'a Names) -> impl Iterator<Item = &'a str> {
    ty.members.keys().map(|it| names.text(*it))
}
