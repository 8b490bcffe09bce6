//! Expressions: their syntax. The parser makes it, the schema resolves names of types and enums in it,
//! the tree evaluates it.

mod lexer;
mod parser;
mod show;

use std::sync::Arc;

use crate::names::Name;
use crate::schema::{EnumId, TypeId};

pub(crate) use parser::{parse, parse_arguments};

/// The longest expression, in bytes.
const MAX_TEXT: usize = 64 << 10;

/// How deep expressions may be in each other.
pub(crate) const MAX_DEPTH: usize = 128;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    Int(i128),
    /// An integer of more than 128 bits, as it was written.
    TooBig(Arc<str>),
    Float(f64),
    Bool(bool),
    Str(Arc<str>),
    /// A list of small integers, which is a byte array, or of anything.
    List(Vec<Self>),
    /// Text and values in turn, as in `f"{a} of {b}"`.
    Format(Vec<Self>),
    /// A field of the object that the expression stands in.
    Field(Name),
    Special(Special),
    Enum(Box<EnumRef>),
    Negate(Box<Self>),
    Invert(Box<Self>),
    Not(Box<Self>),
    Binary(Op, Box<Self>, Box<Self>),
    Compare(Cmp, Box<Self>, Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    If(Box<Self>, Box<Self>, Box<Self>),
    /// `a.b`: a field of an object, or a method without arguments.
    Member(Box<Self>, Name),
    /// `a.b(c)`.
    Call(Box<Self>, Name, Vec<Self>),
    Index(Box<Self>, Box<Self>),
    Cast(Box<Self>, Box<TypeName>),
    SizeOf {
        of: Box<TypeName>,
        bits: bool,
    },
}

/// A name that begins with `_`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    Root,
    Parent,
    Io,
    Index,
    /// `_`: the element just read, or the value that is checked.
    Item,
    SizeOf,
    IsLe,
}

/// An operator on two numbers, or `+` on two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Shl,
    Shr,
    And,
    Or,
    Xor,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cmp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// `animal::cat`, `pets::animal::cat`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EnumRef {
    pub(crate) path: Vec<String>,
    pub(crate) label: String,
    pub(crate) found: Option<(EnumId, i128)>,
}

/// The name of a type in `as<…>` and `sizeof<…>`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TypeName {
    pub(crate) path: Vec<String>,
    pub(crate) array: bool,
    pub(crate) found: Option<TypeId>,
}

/// A walk over an expression and those in it, by reference or to change them.
macro_rules! each {
    ($name:ident $(, $change:tt)?; $doc:literal) => {
        #[doc = $doc]
        pub(crate) fn $name(& $($change)? self, visit: &mut dyn FnMut(& $($change)? Self)) {
            visit(self);
            match self {
                Self::Int(_)
                | Self::TooBig(_)
                | Self::Float(_)
                | Self::Bool(_)
                | Self::Str(_)
                | Self::Field(_)
                | Self::Special(_)
                | Self::Enum(_)
                | Self::SizeOf { .. } => {}
                Self::List(items) | Self::Format(items) => {
                    for it in items {
                        it.$name(visit);
                    }
                }
                Self::Negate(a)
                | Self::Invert(a)
                | Self::Not(a)
                | Self::Member(a, _)
                | Self::Cast(a, _) => a.$name(visit),
                Self::Binary(_, a, b)
                | Self::Compare(_, a, b)
                | Self::And(a, b)
                | Self::Or(a, b)
                | Self::Index(a, b) => {
                    a.$name(visit);
                    b.$name(visit);
                }
                Self::If(a, b, c) => {
                    a.$name(visit);
                    b.$name(visit);
                    c.$name(visit);
                }
                Self::Call(a, _, arguments) => {
                    a.$name(visit);
                    for it in arguments {
                        it.$name(visit);
                    }
                }
            }
        }
    };
}

impl Expr {
    /// The place where an expression is asked for.
    pub(crate) const HERE: &'static Self = &Self::Special(Special::Io);

    each! { each; "Calls `visit` with this expression and all in it, the inner ones last." }
    each! { each_mut, mut; "The same with each expression to change." }

    /// The bytes of a list of literals of 0 to 255, which is a byte array.
    pub(crate) fn literal_bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::List(items) => items
                .iter()
                .map(|it| match it {
                    Self::Int(n) => u8::try_from(*n).ok(),
                    _ => None,
                })
                .collect(),
            _ => None,
        }
    }
}
