//! Types and enums by name, from where they stand: outwards, then among the descriptions.

use super::{Enum, EnumId, File, Schema, Type, TypeId};
use crate::expr::Expr;

/// What names can be found in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lookup<'a> {
    pub(super) types: &'a [Type],
    pub(super) enums: &'a [Enum],
    pub(super) files: &'a [File],
}

impl Lookup<'_> {
    /// The type of a path, seen from a type.
    pub(super) fn find_type(self, path: &[String], from: TypeId) -> Option<TypeId> {
        let mut around = Some(from);
        while let Some(id) = around {
            if let Some(found) = self.descend(id, path) {
                return Some(found);
            }
            around = self.types[id.0].outer;
        }
        let (first, rest) = path.split_first()?;
        self.descend(self.top(first)?, rest)
    }

    /// The enum of a path, whose last part is its name.
    pub(super) fn find_enum(self, path: &[String], from: TypeId) -> Option<EnumId> {
        let (name, types) = path.split_last()?;
        let within = |id: TypeId| {
            let at = self.descend(id, types)?;
            self.types[at.0].enums.get(name).copied()
        };
        let mut around = Some(from);
        while let Some(id) = around {
            if let Some(found) = within(id) {
                return Some(found);
            }
            around = self.types[id.0].outer;
        }
        let (first, rest) = types.split_first()?;
        let at = self.descend(self.top(first)?, rest)?;
        self.types[at.0].enums.get(name).copied()
    }

    fn top(self, name: &str) -> Option<TypeId> {
        self.files.iter().filter_map(|it| it.top).find(|it| self.types[it.0].path == name)
    }

    fn descend(self, from: TypeId, path: &[String]) -> Option<TypeId> {
        path.iter().try_fold(from, |at, name| self.types[at.0].types.get(name).copied())
    }
}

impl Schema {
    /// Resolves the names of types and enums in an expression that was not part of the description.
    /// Those that are not found stay unresolved.
    pub(crate) fn resolve_names(&self, expr: &mut Expr, from: TypeId) {
        let lookup = Lookup { types: &self.types, enums: &self.enums, files: &self.files };
        expr.each_mut(&mut |it| match it {
            Expr::Enum(name) => {
                let id = lookup.find_enum(&name.path, from);
                name.found = id.and_then(|id| Some((id, lookup.enums[id.0].number(&name.label)?)));
            }
            Expr::Cast(_, name) | Expr::SizeOf { of: name, .. } => {
                name.found = lookup.find_type(&name.path, from);
            }
            _ => {}
        });
    }
}
