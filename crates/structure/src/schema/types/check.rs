//! What each place of a description takes.

use super::Types;
use super::infer::Scene;
use super::members::{self, of_kind};
use super::methods::arguments_text;
use super::ty::Ty;
use crate::expr::Cmp;
use crate::schema::{
    Attr, AttrId, Endian, Kind, Located, Parent, Process, Repeat, Role, Switch, Type, TypeId, User,
    Valid,
};

impl Types<'_> {
    /// The type of an expression; its mistake is noted.
    fn of(&mut self, located: &Located, scene: &Scene) -> Ty {
        match self.infer(&located.expr, scene) {
            Ok(found) => found,
            Err(message) => {
                self.problem(scene.owner, located.at, &located.path, message);
                Ty::Unknown
            }
        }
    }

    /// Checks that an expression has a type.
    fn must_be(&mut self, located: &Located, scene: &Scene, wanted: &Ty) {
        let found = self.of(located, scene);
        if !found.may_be(wanted) {
            let message =
                format!("expected {}, found {}", self.describe(wanted), self.describe(&found));
            self.problem(scene.owner, located.at, &located.path, message);
        }
    }

    /// Checks that an expression can be compared with a value.
    fn must_compare(&mut self, with: &Ty, located: &Located, scene: &Scene) {
        let found = self.of(located, scene);
        if let Err(message) = self.compared(Cmp::Eq, with, &found) {
            self.problem(scene.owner, located.at, &located.path, message);
        }
    }

    pub(super) fn check_type(&mut self, id: TypeId, ty: &Type) {
        let scene = Scene::of(id);
        if let Endian::Switch { on, cases, .. } = &ty.endian {
            let on = self.of(on, &scene);
            for (key, _) in cases {
                self.must_compare(&on, key, &scene);
            }
        }
        if let Some(text) = &ty.to_string {
            self.must_be(text, &scene, &Ty::Str);
        }
        for param in &ty.params {
            let Some(name) = &param.enumeration else { continue };
            let plain = members::of_parameter(&param.kind);
            // One bit, which is a boolean without an enum, is a number with one.
            if !matches!(plain, Ty::Unknown | Ty::Int | Ty::Bool) {
                let message = format!(
                    "an enum names integers, and the parameter is {}",
                    self.describe(&plain)
                );
                self.problem(id, name.at, &name.path, message);
            }
        }
    }

    pub(super) fn check_attr(&mut self, id: AttrId, attr: &Attr) {
        let scene = Scene::of(attr.owner);
        // The mistakes of a calculated instance are noted with its type.
        self.attribute(id);
        let one = members::one(attr);
        if let Some(it) = &attr.cond {
            self.must_be(it, &scene, &Ty::Bool);
        }
        if let Some(it) = &attr.pos {
            self.must_be(it, &scene, &Ty::Int);
        }
        if let Some(it) = &attr.io {
            self.must_be(it, &scene, &Ty::Stream);
        }
        if let Some(it) = &attr.body.size {
            self.must_be(it, &scene, &Ty::Int);
        }
        let with_item = Scene { owner: attr.owner, item: Some(one.clone()) };
        match &attr.repeat {
            Repeat::No | Repeat::Eos => {}
            Repeat::Count(it) => self.must_be(it, &scene, &Ty::Int),
            Repeat::Until(it) => self.must_be(it, &with_item, &Ty::Bool),
        }
        self.check_process(attr, &scene);
        if let Parent::Other(it) = &attr.body.parent {
            let found = self.of(it, &scene);
            if found != Ty::Unknown && !found.is_object() {
                let message = format!("expected an object, found {}", self.describe(&found));
                self.problem(attr.owner, it.at, &it.path, message);
            }
        }
        self.check_enum(attr);
        match &attr.body.kind {
            Kind::User(user) => self.check_arguments(user, &scene),
            Kind::Switch(switch) => self.check_switch(switch, &scene),
            _ => {}
        }
        if let Some(valid) = &attr.valid {
            self.check_valid(valid, attr, &one, &with_item);
        }
    }

    fn check_process(&mut self, attr: &Attr, scene: &Scene) {
        match &attr.body.process {
            Some(Process::Xor(key)) => {
                let found = self.of(key, scene);
                if !matches!(found, Ty::Unknown | Ty::Int | Ty::Bytes) {
                    let message = format!(
                        "the key of `xor` is an integer or bytes, found {}",
                        self.describe(&found)
                    );
                    self.problem(attr.owner, key.at, &key.path, message);
                }
            }
            Some(Process::Rotate { by, .. }) => self.must_be(by, scene, &Ty::Int),
            Some(Process::Other { arguments, .. }) => {
                for argument in arguments {
                    self.of(argument, scene);
                }
            }
            Some(Process::Zlib) | None => {}
        }
    }

    /// An enum names integers alone.
    fn check_enum(&mut self, attr: &Attr) {
        let (Some(name), false) = (&attr.body.enumeration, matches!(attr.role, Role::Value(_)))
        else {
            return;
        };
        let named = |kind: &Kind| match kind {
            // One bit is a boolean, but with an enum it is a number.
            Kind::Bits { .. } => Ty::Int,
            other => of_kind(other),
        };
        let found = match &attr.body.kind {
            Kind::Switch(switch) => {
                let mut cases = switch.cases.iter().map(|it| named(&it.kind));
                cases.find(|it| !it.may_be(&Ty::Int)).unwrap_or(Ty::Int)
            }
            other => named(other),
        };
        if !found.may_be(&Ty::Int) {
            let message =
                format!("an enum names integers, and the field is {}", self.describe(&found));
            self.problem(attr.owner, name.at, &name.path, message);
        }
    }

    fn check_switch(&mut self, switch: &Switch, scene: &Scene) {
        let on = self.of(&switch.on, scene);
        for case in &switch.cases {
            if let Some(key) = &case.key {
                self.must_compare(&on, key, scene);
            }
            if let Kind::User(user) = &case.kind {
                self.check_arguments(user, scene);
            }
        }
    }

    /// Checks how many arguments a type is given, and of what types.
    fn check_arguments(&mut self, user: &User, scene: &Scene) {
        let loader = self.loader;
        let found: Vec<Ty> = user.arguments.iter().map(|it| self.of(it, scene)).collect();
        let Some(id) = user.found else { return };
        let ty = &loader.types[id.0];
        if ty.params.len() != found.len() {
            let (wanted, given) = (arguments_text(ty.params.len()), found.len());
            let message = format!("the type {} takes {wanted}, {given} given", ty.path);
            self.problem(scene.owner, user.at, &user.path, message);
            return;
        }
        for (place, (param, found)) in ty.params.iter().zip(&found).enumerate() {
            let wanted = members::parameter(param);
            if !found.fits(&wanted) {
                let (number, name) = (place + 1, loader.names.text(param.name));
                let (wanted, found) = (self.describe(&wanted), self.describe(found));
                let message = format!(
                    "argument {number} is {found}; the parameter `{name}` of {} is {wanted}",
                    ty.path
                );
                self.problem(scene.owner, user.at, &user.path, message);
            }
        }
    }

    fn check_valid(&mut self, valid: &Valid, attr: &Attr, one: &Ty, scene: &Scene) {
        match valid {
            Valid::Equal(it) => self.must_compare(one, it, scene),
            Valid::Range { min, max } => {
                for it in min.iter().chain(max) {
                    self.must_compare(one, it, scene);
                }
            }
            Valid::AnyOf(items) => {
                for it in items {
                    self.must_compare(one, it, scene);
                }
            }
            Valid::Expr(it) => self.must_be(it, scene, &Ty::Bool),
            Valid::InEnum => {
                if !matches!(one, Ty::Enum(_) | Ty::Unknown) {
                    let message =
                        format!("`in-enum` goes with `enum`; this is {}", self.describe(one));
                    self.problem(
                        attr.owner,
                        attr.at,
                        &format!("{}/valid/in-enum", attr.path),
                        message,
                    );
                }
            }
        }
    }
}
