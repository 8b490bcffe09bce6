//! A node as it is shown.

use std::sync::Arc;

use crate::answer::Answer;
use crate::fault::Fault;

/// A node: what it is called, where it lies, and what is known of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// How many rows are above it: nodes and, in the rows of a view, the groups of long lists.
    pub depth: usize,
    /// Its place in the tree.
    pub trail: Trail,
    /// Its path: `header.section_headers[3].name`. The root's is empty.
    pub path: String,
    /// Its own name: `name`, or `[3]`.
    pub name: String,
    /// Its type, as the description writes it: `u4`, `section_header`, `str[]`.
    pub type_name: String,
    /// Where it lies. A value that was calculated lies nowhere.
    pub span: Option<Span>,
    /// Its value as text, without control characters.
    pub text: String,
    /// The value. Of more bytes than [`Tree::set_value_bytes`](crate::Tree::set_value_bytes) says it has
    /// the first.
    pub value: Option<Answer>,
    /// The bytes of a text that is not valid in its encoding.
    pub raw: Option<Vec<u8>>,
    /// The path of what its value refers to: of another node, or of the instance whose offset it is.
    pub target: Option<String>,
    /// What is wrong with it.
    pub fault: Option<Arc<Fault>>,
    /// What is known of it.
    pub state: RowState,
    /// Whether it can be opened.
    pub has_children: bool,
}

/// Where a node lies.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Span {
    /// The path of the node whose `process` made the bytes, if they are not those of the file.
    pub inside: Option<String>,
    /// The first byte.
    pub start: u64,
    /// How many bytes, unless its end is not known yet.
    pub len: Option<u64>,
    /// Its first bit, the highest of a byte being 0, and how many bits it has, if it is no whole bytes.
    pub bits: Option<(u8, u8)>,
}

/// What is known of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowState {
    /// Its value was read.
    Read,
    /// Nobody has looked at its bytes.
    Unread,
    /// Its bytes cannot be read.
    Unreadable,
    /// It has a mistake.
    Failed,
    /// A mistake before it keeps it from being found.
    NotReached,
    /// A list whose end was not reached.
    More,
}

impl RowState {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Unread => "unread",
            Self::Unreadable => "unreadable",
            Self::Failed => "failed",
            Self::NotReached => "not reached",
            Self::More => "more",
        }
    }
}

/// The way to a node from the root. It stays the same when the tree is made again.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Trail(pub(crate) Vec<Step>);

/// One step of a [`Trail`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Step {
    /// A field, by its place in `seq`.
    Field(usize),
    /// An instance, by its place in `instances`.
    Instance(usize),
    /// An element of a list.
    Element(u64),
    /// A row of a view for elements of a list, by the first of them and the end that it may grow to. It is the
    /// last step of a way.
    Group { start: u64, end: u64 },
}

impl Trail {
    /// The way to the root.
    pub fn root() -> Self {
        Self::default()
    }

    /// The way to the node above, unless this is the root. That of a group is the list.
    pub fn parent(&self) -> Option<Self> {
        let (_, above) = self.0.split_last()?;
        Some(Self(above.to_vec()))
    }

    /// How many nodes are above.
    pub fn depth(&self) -> usize {
        self.0.len()
    }

    /// Whether this leads to a node below another, or to that one.
    pub fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The way to an element of the list that this leads to.
    #[must_use]
    pub fn element(&self, index: u64) -> Self {
        self.join(Step::Element(index))
    }

    /// Whether this leads to an element of a list.
    pub fn is_element(&self) -> bool {
        matches!(self.0.last(), Some(Step::Element(_)))
    }

    /// Whether this leads to a group of elements, which long lists fold into.
    pub fn is_group(&self) -> bool {
        matches!(self.0.last(), Some(Step::Group { .. }))
    }

    /// The way to the first element of the group that this leads to.
    pub fn first_of_group(&self) -> Option<Self> {
        match self.0.split_last()? {
            (Step::Group { start, .. }, list) => Some(Self(list.to_vec()).element(*start)),
            _ => None,
        }
    }

    /// The way to the innermost list that this leads into.
    pub fn list(&self) -> Option<Self> {
        let inner = |it: &Step| matches!(it, Step::Element(_) | Step::Group { .. });
        let at = self.0.iter().rposition(inner)?;
        Some(Self(self.0.get(..at)?.to_vec()))
    }

    /// The place of each node on the way among its siblings, from the top. Fields are before instances.
    pub fn places(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().map(|step| match *step {
            Step::Field(at) => u64::try_from(at).unwrap_or(u64::MAX),
            Step::Instance(at) => u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1 << 32),
            Step::Element(at) | Step::Group { start: at, .. } => at,
        })
    }

    pub(crate) fn join(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}
