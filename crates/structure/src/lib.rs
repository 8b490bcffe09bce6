//! Descriptions of binary formats, read lazily: a tree of named fields over a file of any size.
//!
//! A description is in the language of [Kaitai Struct](https://doc.kaitai.io/user_guide.html) (`.ksy`). A
//! [`Schema`] is a description that was loaded, with what it imports; a [`Tree`] reads a [`Source`] by it, and
//! only what is asked for.
//!
//! ```
//! use std::sync::Arc;
//! use memmap_structure::{Answer, Formats, Schema, Tree};
//!
//! struct Mine;
//!
//! impl Formats for Mine {
//!     fn text(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
//!         let text = "
//! meta:
//!   id: records
//!   endian: le
//! seq:
//!   - id: count
//!     type: u2
//!   - id: values
//!     type: u4
//!     repeat: expr
//!     repeat-expr: count
//! ";
//!         Ok((name == "records").then(|| text.as_bytes().to_vec()))
//!     }
//! }
//!
//! let schema = Schema::load("records", &Mine).expect("no mistakes");
//! let file: &[u8] = &[2, 0, 7, 0, 0, 0, 9, 0, 0, 0];
//! let mut tree = Tree::new(Arc::new(schema), Box::new(file));
//! assert_eq!(tree.ask("values[1] + 1"), Ok(Answer::Int(10)));
//! assert_eq!(tree.ask("values.size"), Ok(Answer::Int(2)));
//! ```
//!
//! **Lazily** means: to lay a field out is to find where it begins and ends, which needs its size and not its
//! bytes. A body is read when it is looked at, an element of a list when it is asked for, an instance never before.
//! A mistake in a file belongs to the node that has it ([`Fault`]); its siblings are read all the same.
//!
//! **A request is bounded**, by [`Limits`]: it ends with [`Stop::Budget`], or with [`Stop::Cancelled`] when the source
//! says so, and the same request asked again goes on from what it had found.
//!
//! The crate does no I/O and knows no maps: bytes come from a [`Source`], descriptions from [`Formats`]. Those
//! that come with it are [`Builtin`].

#![forbid(unsafe_code)]

mod problem;
mod yaml;
mod names;
mod expr;
mod schema;
mod source;
mod fault;
mod value;
mod answer;
mod detail;
mod row;
mod outline;
mod text;
mod tree;
mod signature;
mod builtin;
#[cfg(feature = "testing")]
pub mod testing;

pub use answer::Answer;
pub use builtin::Builtin;
pub use detail::Detail;
pub use fault::{Fault, FaultKind, Stop, Trouble};
pub use outline::Outline;
pub use problem::{Place, Problem, Severity};
pub use row::{Row, RowState, Span, Trail};
pub use schema::{Formats, Schema};
pub use signature::{Signature, recognise};
pub use source::{ReadError, Source};
pub use tree::{FieldSpan, Limits, Rows, Tree};
