//! Descriptions, checked once: types, their attributes and enums, with every name resolved.

mod attribute;
mod body;
mod chars;
mod enums;
mod files;
mod fixed;
mod load;
mod lookup;
mod meta;
mod reader;
mod resolve;
mod style;
mod types;
mod targets;
mod uniform;

use std::collections::HashMap;
use std::sync::Arc;

use crate::expr::Expr;
use crate::names::{Name, Names};
use crate::problem::{Place, Problem};

pub(crate) use chars::Chars;
pub use files::Formats;
pub(crate) use resolve::near;

/// The number of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TypeId(pub(crate) usize);

/// The number of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct AttrId(pub(crate) usize);

/// The number of an enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct EnumId(pub(crate) usize);

/// A description and all that it imports.
///
/// Load one with [`load`](Self::load). It holds no file, and any number of trees may share it.
#[derive(Clone, Debug)]
pub struct Schema {
    pub(crate) names: Names,
    pub(crate) types: Vec<Type>,
    pub(crate) attrs: Vec<Attr>,
    pub(crate) enums: Vec<Enum>,
    pub(crate) files: Vec<File>,
    pub(crate) root: TypeId,
    pub(crate) warnings: Vec<Problem>,
}

/// A description: the type on its top, and what its `meta` says.
#[derive(Clone, Debug, Default)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) top: Option<TypeId>,
    pub(crate) title: Option<String>,
    pub(crate) extensions: Vec<String>,
    /// Alternatives, each of places and the bytes that must stand there.
    pub(crate) magics: Vec<Vec<(u64, Vec<u8>)>>,
    pub(crate) imports: Vec<usize>,
    /// Whether types that are not found are left to others.
    pub(crate) opaque: bool,
}

/// A type.
#[derive(Clone, Debug)]
pub(crate) struct Type {
    /// Its name, with the names of the types around it: `elf::section_header`.
    pub(crate) path: String,
    /// Its place in the tree of the description, for messages: empty on top, else `/types/a/types/b`.
    pub(crate) place_path: String,
    pub(crate) at: Place,
    pub(crate) file: usize,
    pub(crate) outer: Option<TypeId>,
    pub(crate) endian: Endian,
    pub(crate) bit_order: Option<Order>,
    pub(crate) encoding: Option<String>,
    pub(crate) params: Vec<Param>,
    pub(crate) seq: Vec<AttrId>,
    pub(crate) instances: Vec<AttrId>,
    pub(crate) members: HashMap<Name, Member>,
    pub(crate) types: HashMap<String, TypeId>,
    pub(crate) enums: HashMap<String, EnumId>,
    pub(crate) to_string: Option<Located>,
    pub(crate) show: Option<Show>,
    pub(crate) doc: Option<String>,
    /// The size in bits, if it is the same for every object.
    pub(crate) fixed_bits: Option<u64>,
    /// Whether its end is found in a few steps: no list in it must be walked.
    pub(crate) is_short: bool,
}

/// An expression, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Located {
    pub(crate) expr: Expr,
    pub(crate) text: Arc<str>,
    pub(crate) at: Place,
    pub(crate) path: Arc<str>,
}

/// A member of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Member {
    Param(usize),
    /// The place in `seq`.
    Seq(usize),
    /// The place in `instances`.
    Instance(usize),
}

/// A parameter of a type.
#[derive(Clone, Debug)]
pub(crate) struct Param {
    pub(crate) name: Name,
    pub(crate) kind: ParamType,
    pub(crate) enumeration: Option<EnumName>,
    pub(crate) path: String,
    pub(crate) at: Place,
}

/// What a parameter takes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ParamType {
    Bytes,
    Int,
    Float,
    Bool,
    Str,
    Struct,
    Io,
    Any,
    User(String, Option<TypeId>),
    List(Box<Self>),
}

/// The order of bytes or bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Le,
    Be,
}

/// The order of bytes that a type's numbers have, unless they say another.
#[derive(Clone, Debug)]
pub(crate) enum Endian {
    /// None is said.
    Missing,
    /// That of the object around it, which is decided at run time.
    Inherit,
    Known(Order),
    /// Decided for each object.
    Switch {
        on: Box<Located>,
        cases: Vec<(Located, Option<Order>)>,
        other: Option<Order>,
    },
}

/// An attribute of a type, or an instance.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each says one thing, and all mix")]
pub(crate) struct Attr {
    pub(crate) name: Name,
    /// Whether the description gives it no id.
    pub(crate) unnamed: bool,
    pub(crate) owner: TypeId,
    pub(crate) role: Role,
    pub(crate) cond: Option<Located>,
    pub(crate) repeat: Repeat,
    pub(crate) pos: Option<Located>,
    pub(crate) io: Option<Located>,
    pub(crate) body: Body,
    pub(crate) valid: Option<Valid>,
    /// Whether it gives up what is left of a byte before it.
    pub(crate) align: bool,
    /// Whether each element of the repetition has the same `size`.
    pub(crate) uniform: bool,
    /// Whether what an element is depends on elements before it.
    pub(crate) is_chained: bool,
    /// Whether an instance depends on where it is asked.
    pub(crate) moves: bool,
    /// The place among the instances of its type of the one that is read at this offset.
    pub(crate) target: Option<usize>,
    pub(crate) doc: Option<String>,
    pub(crate) original_id: Option<String>,
    pub(crate) show: Option<Show>,
    pub(crate) lens: Option<Lens>,
    pub(crate) path: String,
    pub(crate) at: Place,
}

/// Where an attribute stands.
#[derive(Clone, Debug)]
pub(crate) enum Role {
    /// The place in `seq`.
    Seq(usize),
    /// An instance that is read from the file.
    Instance,
    /// An instance that is calculated.
    Value(Box<Located>),
}

/// How often an attribute stands there.
#[derive(Clone, Debug)]
pub(crate) enum Repeat {
    No,
    Eos,
    Count(Box<Located>),
    Until(Box<Located>),
}

/// What the bytes of an attribute are.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the language, and all mix")]
pub(crate) struct Body {
    pub(crate) size: Option<Located>,
    pub(crate) size_eos: bool,
    pub(crate) terminator: Option<Arc<[u8]>>,
    pub(crate) include: bool,
    pub(crate) consume: bool,
    pub(crate) eos_error: bool,
    pub(crate) pad_right: Option<u8>,
    pub(crate) process: Option<Process>,
    pub(crate) contents: Option<Arc<[u8]>>,
    pub(crate) kind: Kind,
    pub(crate) enumeration: Option<EnumName>,
    pub(crate) parent: Parent,
}

/// An enum by name.
#[derive(Clone, Debug)]
pub(crate) struct EnumName {
    pub(crate) text: String,
    pub(crate) at: Place,
    pub(crate) path: String,
    pub(crate) found: Option<EnumId>,
}

/// What `_parent` of an object is.
#[derive(Clone, Debug)]
pub(crate) enum Parent {
    /// The object that it is a field of.
    Owner,
    None,
    Other(Box<Located>),
}

/// What bytes are taken for.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Bytes,
    Str(Chars),
    /// A number of 1, 2, 4 or 8 bytes.
    Int {
        signed: bool,
        width: u8,
        order: Option<Order>,
    },
    /// A number of 4 or 8 bytes.
    Float {
        width: u8,
        order: Option<Order>,
    },
    Bits {
        width: u8,
        order: Order,
    },
    User(User),
    Switch(Box<Switch>),
}

impl Kind {
    /// The expressions of a type: its arguments, and what a switch decides by.
    fn expressions(&self) -> Vec<&Located> {
        match self {
            Self::User(user) => user.arguments.iter().collect(),
            Self::Switch(switch) => {
                let keys =
                    switch.cases.iter().flat_map(|it| it.key.iter().chain(it.kind.expressions()));
                std::iter::once(&switch.on).chain(keys).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// A type of the description, and its arguments.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) name: Vec<String>,
    pub(crate) arguments: Vec<Located>,
    pub(crate) at: Place,
    pub(crate) path: Arc<str>,
    /// `None` until resolved, and for an opaque type.
    pub(crate) found: Option<TypeId>,
}

/// A choice among types.
#[derive(Clone, Debug)]
pub(crate) struct Switch {
    pub(crate) on: Located,
    pub(crate) cases: Vec<Case>,
    /// The places of the cases whose keys are literals.
    pub(crate) table: HashMap<Key, usize>,
    /// The places of the others.
    pub(crate) computed: Vec<usize>,
    pub(crate) other: Option<usize>,
}

/// A literal key of a case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Int(i128),
    Str(Arc<str>),
    Bool(bool),
}

/// One of the types that a switch chooses from.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) key: Option<Located>,
    pub(crate) kind: Kind,
    /// The terminator of `strz`.
    pub(crate) terminator: Option<Arc<[u8]>>,
}

/// What is done to bytes before they are read.
#[derive(Clone, Debug)]
pub(crate) enum Process {
    Zlib,
    Xor(Located),
    Rotate {
        left: bool,
        by: Located,
    },
    /// One that is not known here, by name.
    Other {
        name: String,
        arguments: Vec<Located>,
    },
}

/// What a value must be.
#[derive(Clone, Debug)]
pub(crate) enum Valid {
    Equal(Located),
    Range { min: Option<Located>, max: Option<Located> },
    AnyOf(Vec<Located>),
    InEnum,
    Expr(Located),
}

/// An enum.
#[derive(Clone, Debug)]
pub(crate) struct Enum {
    pub(crate) name: String,
    pub(crate) outer: TypeId,
    /// Sorted by number.
    pub(crate) entries: Vec<(i128, Arc<str>)>,
    /// What is said of members, by number.
    pub(crate) docs: HashMap<i128, String>,
    /// The numbers by name.
    pub(crate) numbers: HashMap<Arc<str>, i128>,
}

impl Enum {
    /// The name of a number.
    pub(crate) fn label(&self, number: i128) -> Option<&Arc<str>> {
        let at = self.entries.binary_search_by_key(&number, |it| it.0).ok()?;
        self.entries.get(at).map(|it| &it.1)
    }

    /// The number of a name.
    pub(crate) fn number(&self, label: &str) -> Option<i128> {
        self.numbers.get(label).copied()
    }
}

/// How a collapsed row is shown: text and `{expression:format}` in turn.
#[derive(Clone, Debug)]
pub(crate) struct Show {
    pub(crate) parts: Vec<ShowPart>,
}

/// A part of a [`Show`].
#[derive(Clone, Debug)]
pub(crate) enum ShowPart {
    Text(String),
    Value { expr: Expr, format: Option<String> },
}

/// How a number or bytes are shown besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lens {
    Time32,
    Time64,
    FileTime,
    Dos,
    Mac,
    /// Sixteen bytes in the order that they are written in.
    Uuid,
    /// Sixteen bytes whose first three groups are little-endian.
    Guid,
    Ipv4,
    Octal,
}

impl Schema {
    pub(crate) fn ty(&self, id: TypeId) -> &Type {
        &self.types[id.0]
    }

    pub(crate) fn attr(&self, id: AttrId) -> &Attr {
        &self.attrs[id.0]
    }

    pub(crate) fn enumeration(&self, id: EnumId) -> &Enum {
        &self.enums[id.0]
    }

    /// What is not as the style guide of descriptions has it.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// The id of the description.
    pub fn id(&self) -> &str {
        &self.ty(self.root).path
    }

    /// The title of the format, if the description has one.
    pub fn title(&self) -> Option<&str> {
        self.files.first()?.title.as_deref()
    }
}
