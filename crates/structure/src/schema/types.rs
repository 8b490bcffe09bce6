//! The types of all expressions, worked out when a description is loaded.
//!
//! What is wrong in a description is then found without a file that happens to reach it. Where a type
//! cannot be told, nothing is refused.

mod check;
mod infer;
mod members;
mod methods;
mod ty;

use super::load::Loader;
use super::reader::MAX_PROBLEMS;
use super::resolve::near;
use super::{Attr, AttrId, Place, Role, TypeId};
use crate::expr::Expr;
use crate::problem::Severity;

use ty::Ty;

/// How deep expressions, and those of the instances that they ask for, are followed.
const MAX_STEPS_DEEP: usize = 320;

/// For how many mistakes a name that is similar is looked for, which takes time with every one.
const MAX_HINTS: usize = 32;

/// What is known of the type of an instance, or of the object around one.
#[derive(Clone, Debug)]
enum Memo {
    New,
    /// What it asks for is worked out first.
    Waiting,
    /// It is being worked out.
    Busy,
    Done(Ty),
}

/// A use of a type: what is `_parent` in it.
#[derive(Clone, Copy, Debug)]
enum Use<'l> {
    /// A field of a type.
    Field(TypeId),
    /// `parent` says it, in a type.
    Said(&'l Expr, TypeId),
}

/// A mistake in a type of a file.
struct Mistake {
    file: usize,
    at: Place,
    path: String,
    message: String,
}

/// The types of the members of a description.
struct Types<'l> {
    loader: &'l Loader<'l>,
    /// Of calculated instances, by attribute.
    memo: Vec<Memo>,
    parents: Vec<Memo>,
    uses: Vec<Vec<Use<'l>>>,
    depth: usize,
    hints: usize,
    mistakes: Vec<Mistake>,
}

impl Loader<'_> {
    /// Checks the types of all expressions.
    pub(super) fn check_types(&mut self) {
        let mut types = Types::new(self);
        types.check();
        let mut mistakes = types.mistakes;
        mistakes.sort_by_key(|it| (it.file, it.at));
        for it in mistakes {
            self.file = it.file;
            self.problem(Severity::Error, it.at, &it.path, it.message);
        }
    }
}

impl Attr {
    /// Whether it is bytes of the file, and not calculated.
    fn is_read(&self) -> bool {
        !matches!(self.role, Role::Value(_))
    }
}

impl<'l> Types<'l> {
    fn new(loader: &'l Loader<'l>) -> Self {
        Self {
            loader,
            memo: vec![Memo::New; loader.attrs.len()],
            parents: vec![Memo::New; loader.types.len()],
            uses: vec![Vec::new(); loader.types.len()],
            depth: 0,
            hints: 0,
            mistakes: Vec::new(),
        }
    }

    fn check(&mut self) {
        let loader = self.loader;
        self.note_uses();
        for (number, ty) in loader.types.iter().enumerate() {
            self.check_type(TypeId(number), ty);
        }
        for (number, attr) in loader.attrs.iter().enumerate() {
            self.check_attr(AttrId(number), attr);
        }
    }

    fn problem(&mut self, owner: TypeId, at: Place, path: &str, message: String) {
        if self.mistakes.len() < MAX_PROBLEMS {
            let file = self.loader.types[owner.0].file;
            self.mistakes.push(Mistake { file, at, path: path.to_owned(), message });
        }
    }

    fn describe(&self, ty: &Ty) -> String {
        ty.describe(&self.loader.types, &self.loader.enums)
    }

    /// The name that was perhaps meant, as the end of a message.
    fn hint<'a>(&mut self, name: &str, known: impl Iterator<Item = &'a str>) -> String {
        if self.hints == MAX_HINTS {
            return String::new();
        }
        self.hints += 1;
        near(name, known).map_or_else(String::new, |it| format!("; did you mean {it:?}?"))
    }
}
