//! The type of an expression, from the types of its parts.

use super::members::parameter;
use super::ty::{Ty, member_names};
use super::{MAX_STEPS_DEEP, Types};
use crate::expr::{Cmp, Expr, Op, Special, TypeName};
use crate::names::Name;
use crate::schema::{Member, TypeId};

/// A type, or why the expression has none.
pub(super) type Inferred = Result<Ty, String>;

/// Where an expression stands.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    /// The type whose members are in scope.
    pub(super) owner: TypeId,
    /// What `_` is, in `repeat-until` and `valid`.
    pub(super) item: Option<Ty>,
}

impl Scene {
    pub(super) fn of(owner: TypeId) -> Self {
        Self { owner, item: None }
    }
}

impl Types<'_> {
    /// The type of an expression. Beyond a depth it is unknown: an expression may ask for an instance,
    /// whose own expression asks for another.
    pub(super) fn infer(&mut self, expr: &Expr, scene: &Scene) -> Inferred {
        if self.depth == MAX_STEPS_DEEP {
            return Ok(Ty::Unknown);
        }
        self.depth += 1;
        let found = self.infer_one(expr, scene);
        self.depth -= 1;
        found
    }

    fn infer_one(&mut self, expr: &Expr, scene: &Scene) -> Inferred {
        match expr {
            Expr::Int(_) | Expr::TooBig(_) => Ok(Ty::Int),
            Expr::Float(_) => Ok(Ty::Float),
            Expr::Bool(_) => Ok(Ty::Bool),
            Expr::Str(_) => Ok(Ty::Str),
            Expr::List(items) => self.literal(expr, items, scene),
            Expr::Format(parts) => self.format(parts, scene),
            Expr::Field(name) => self.field(scene.owner, *name),
            Expr::Special(special) => self.special(*special, scene),
            Expr::Enum(name) => Ok(name.found.map_or(Ty::Unknown, |(id, _)| Ty::Enum(id))),
            Expr::Negate(a) => {
                let found = self.infer(a, scene)?;
                if found == Ty::Unknown || found.is_number() {
                    return Ok(found);
                }
                Err(format!("`-` takes a number, found {}", self.describe(&found)))
            }
            Expr::Invert(a) => self.wanted(a, scene, &Ty::Int, "`~`"),
            Expr::Not(a) => self.wanted(a, scene, &Ty::Bool, "`not`"),
            Expr::And(a, b) => {
                self.wanted(a, scene, &Ty::Bool, "`and`")?;
                self.wanted(b, scene, &Ty::Bool, "`and`")
            }
            Expr::Or(a, b) => {
                self.wanted(a, scene, &Ty::Bool, "`or`")?;
                self.wanted(b, scene, &Ty::Bool, "`or`")
            }
            Expr::Binary(op, a, b) => {
                let (a, b) = (self.infer(a, scene)?, self.infer(b, scene)?);
                self.binary(*op, &a, &b)
            }
            Expr::Compare(how, a, b) => {
                let (a, b) = (self.infer(a, scene)?, self.infer(b, scene)?);
                self.compared(*how, &a, &b)?;
                Ok(Ty::Bool)
            }
            Expr::If(cond, yes, no) => self.choice(cond, yes, no, scene),
            Expr::Member(of, name) => self.member(of, *name, scene),
            Expr::Call(of, name, arguments) => self.call(of, *name, arguments, scene),
            Expr::Index(of, index) => self.element(of, index, scene),
            Expr::Cast(of, name) => {
                self.infer(of, scene)?;
                Ok(named(name))
            }
            Expr::SizeOf { of, .. } => self.size_of(of),
        }
    }

    /// Checks that a part has the type that an operator takes, which is what it results in as well.
    fn wanted(&mut self, expr: &Expr, scene: &Scene, wanted: &Ty, operator: &str) -> Inferred {
        let found = self.infer(expr, scene)?;
        if found.may_be(wanted) {
            return Ok(wanted.clone());
        }
        Err(format!("{operator} takes {}, found {}", self.describe(wanted), self.describe(&found)))
    }

    fn literal(&mut self, list: &Expr, items: &[Expr], scene: &Scene) -> Inferred {
        if items.is_empty() {
            return Ok(Ty::Unknown);
        }
        if list.literal_bytes().is_some() {
            return Ok(Ty::Bytes);
        }
        let mut of: Option<Ty> = None;
        for item in items {
            let found = self.infer(item, scene)?;
            of = Some(match of {
                Some(of) => of.common(&found).unwrap_or(Ty::Unknown),
                None => found,
            });
        }
        Ok(Ty::list(of.unwrap_or(Ty::Unknown)))
    }

    fn format(&mut self, parts: &[Expr], scene: &Scene) -> Inferred {
        for part in parts {
            let found = self.infer(part, scene)?;
            if matches!(found, Ty::Bytes | Ty::List(_) | Ty::Stream) || found.is_object() {
                return Err(format!("{} cannot be put into text", self.describe(&found)));
            }
        }
        Ok(Ty::Str)
    }

    fn special(&mut self, special: Special, scene: &Scene) -> Inferred {
        Ok(match special {
            Special::Root => self.root_of(scene.owner),
            Special::Parent => self.parent_of(scene.owner),
            Special::Io => Ty::Stream,
            Special::Index => Ty::Int,
            Special::Item => match &scene.item {
                Some(item) => item.clone(),
                None => {
                    return Err("`_` has a meaning only in `repeat-until` and `valid`".to_owned());
                }
            },
            Special::SizeOf => self.size_of_type(scene.owner)?,
            Special::IsLe => Ty::Bool,
        })
    }

    fn binary(&self, op: Op, a: &Ty, b: &Ty) -> Inferred {
        let arithmetic = matches!(op, Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Mod);
        Ok(match (a, b) {
            (Ty::Int, Ty::Int) => Ty::Int,
            (Ty::Str, Ty::Str) if op == Op::Add => Ty::Str,
            (a, b) if a.is_number() && b.is_number() && arithmetic => Ty::Float,
            (Ty::Unknown, it) | (it, Ty::Unknown) => match it {
                Ty::Unknown if !arithmetic => Ty::Int,
                Ty::Unknown | Ty::Int => Ty::Unknown,
                Ty::Float if arithmetic => Ty::Float,
                Ty::Str if op == Op::Add => Ty::Str,
                it => {
                    return Err(format!(
                        "`{}` cannot be applied to {}",
                        sign(op),
                        self.describe(it)
                    ));
                }
            },
            (a, b) => {
                let (a, b) = (self.describe(a), self.describe(b));
                return Err(format!("`{}` cannot be applied to {a} and {b}", sign(op)));
            }
        })
    }

    /// Checks that two values can be compared.
    pub(super) fn compared(&self, how: Cmp, a: &Ty, b: &Ty) -> Result<(), String> {
        if a.compares_with(b, how) {
            return Ok(());
        }
        let (left, right) = (self.describe(a), self.describe(b));
        if a.compares_with(b, Cmp::Eq) {
            return Err(format!("{left} can be compared with {right} only by `==` and `!=`"));
        }
        Err(format!("{left} cannot be compared with {right}"))
    }

    fn choice(&mut self, cond: &Expr, yes: &Expr, no: &Expr, scene: &Scene) -> Inferred {
        self.wanted(cond, scene, &Ty::Bool, "the condition before `?`")?;
        let (yes, no) = (self.infer(yes, scene)?, self.infer(no, scene)?);
        yes.common(&no).ok_or_else(|| {
            let (yes, no) = (self.describe(&yes), self.describe(&no));
            format!("`? :` results in {yes} or in {no}: they have no type in common")
        })
    }

    fn element(&mut self, of: &Expr, index: &Expr, scene: &Scene) -> Inferred {
        let of = self.infer(of, scene)?;
        let index = self.infer(index, scene)?;
        let found = match of {
            Ty::List(of) => *of,
            Ty::Bytes => Ty::Int,
            Ty::Unknown => Ty::Unknown,
            other => return Err(format!("{} has no elements", self.describe(&other))),
        };
        if !index.may_be(&Ty::Int) {
            return Err(format!("an index must be an integer, found {}", self.describe(&index)));
        }
        Ok(found)
    }

    fn member(&mut self, of: &Expr, name: Name, scene: &Scene) -> Inferred {
        let loader = self.loader;
        let text = loader.names.text(name);
        let found = self.infer(of, scene)?;
        if text == "_sizeof" {
            return self.size_of_value(of, &found, scene);
        }
        match found {
            Ty::Object(id) => match text {
                "_io" => Ok(Ty::Stream),
                "_parent" => Ok(self.parent_of(id)),
                "_root" => Ok(self.root_of(id)),
                _ => self.field(id, name),
            },
            Ty::AnyObject => match text {
                "_io" => Ok(Ty::Stream),
                "_parent" | "_root" => Ok(Ty::AnyObject),
                _ => Err(format!(
                    "the field {text:?} of an object whose type is not certain; say which with `.as<…>`"
                )),
            },
            other => self.method(&other, text, &[], scene),
        }
    }

    fn call(&mut self, of: &Expr, name: Name, arguments: &[Expr], scene: &Scene) -> Inferred {
        let loader = self.loader;
        let found = self.infer(of, scene)?;
        if !found.is_object() {
            return self.method(&found, loader.names.text(name), arguments, scene);
        }
        if arguments.is_empty() {
            return self.member(of, name, scene);
        }
        let text = loader.names.text(name);
        Err(format!("{} has fields, and no method {text:?}", self.describe(&found)))
    }

    /// The type of a field of an object.
    fn field(&mut self, of: TypeId, name: Name) -> Inferred {
        let loader = self.loader;
        let ty = &loader.types[of.0];
        match ty.members.get(&name) {
            Some(Member::Param(at)) => Ok(parameter(&ty.params[*at])),
            Some(Member::Seq(at)) => Ok(self.attribute(ty.seq[*at])),
            Some(Member::Instance(at)) => Ok(self.attribute(ty.instances[*at])),
            None => {
                let text = loader.names.text(name);
                let hint = self.hint(text, member_names(ty, &loader.names));
                Err(format!("unknown field {text:?} of {}{hint}", ty.path))
            }
        }
    }

    fn size_of(&self, of: &TypeName) -> Inferred {
        match (of.found, of.path.as_slice()) {
            (Some(id), _) => self.size_of_type(id),
            (None, [name])
                if matches!(builtin(name), Ty::Str | Ty::Bytes | Ty::Stream | Ty::AnyObject) =>
            {
                Err(format!("the size of {name} is not the same everywhere"))
            }
            _ => Ok(Ty::Int),
        }
    }

    fn size_of_type(&self, id: TypeId) -> Inferred {
        let ty = &self.loader.types[id.0];
        match ty.fixed_bits {
            Some(_) => Ok(Ty::Int),
            None => Err(format!("the size of {} depends on the file", ty.path)),
        }
    }

    /// `of._sizeof`: of a field, or of the type of an object.
    fn size_of_value(&mut self, of: &Expr, found: &Ty, scene: &Scene) -> Inferred {
        let loader = self.loader;
        let (owner, name) = match of {
            Expr::Field(name) => (Some(scene.owner), Some(*name)),
            Expr::Member(outer, name) => match self.infer(outer, scene)? {
                Ty::Object(id) => (Some(id), Some(*name)),
                _ => (None, None),
            },
            _ => (None, None),
        };
        let attr = owner.zip(name).and_then(|(owner, name)| {
            let ty = &loader.types[owner.0];
            match ty.members.get(&name)? {
                Member::Seq(at) => Some(&loader.attrs[ty.seq[*at].0]),
                Member::Instance(at) => Some(&loader.attrs[ty.instances[*at].0]),
                Member::Param(_) => None,
            }
        });
        match (attr, found) {
            (_, Ty::List(_)) => Ok(Ty::Int),
            (Some(attr), _) if attr.is_read() => match loader.body_bits(&attr.body) {
                Some(_) => Ok(Ty::Int),
                None => Err(format!(
                    "the size of `{}` depends on the file",
                    loader.names.text(attr.name)
                )),
            },
            (_, Ty::Object(id)) => self.size_of_type(*id),
            _ => Ok(Ty::Int),
        }
    }
}

/// The type that a name in `as<…>` stands for.
fn named(name: &TypeName) -> Ty {
    let one = match name.found {
        Some(id) => Ty::Object(id),
        None => match name.path.as_slice() {
            [name] => builtin(name),
            _ => Ty::Unknown,
        },
    };
    if name.array { Ty::list(one) } else { one }
}

/// A type of the language's own.
fn builtin(name: &str) -> Ty {
    match name {
        "str" | "strz" => Ty::Str,
        "bytes" => Ty::Bytes,
        "bool" | "b1" | "b1le" | "b1be" => Ty::Bool,
        "struct" => Ty::AnyObject,
        "io" => Ty::Stream,
        "f4" | "f8" | "f4le" | "f4be" | "f8le" | "f8be" => Ty::Float,
        _ if crate::schema::body::is_integer(name) => Ty::Int,
        _ => Ty::Unknown,
    }
}

fn sign(op: Op) -> &'static str {
    match op {
        Op::Add => "+",
        Op::Sub => "-",
        Op::Mul => "*",
        Op::Div => "/",
        Op::Mod => "%",
        Op::Shl => "<<",
        Op::Shr => ">>",
        Op::And => "&",
        Op::Or => "|",
        Op::Xor => "^",
    }
}
